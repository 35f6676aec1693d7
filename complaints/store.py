"""All SQL of the complaints, on the connection of the queue's store."""

from dataclasses import dataclass
from typing import Any

from complaints.life import Complaint, Kind, Source, State
from complaints.migrations import migrations
from hall.days import Instant
from hall.store import Store

COLUMNS = """id, source, kind, order_number, title, complainant, phone, accused_unit, accused,
    content, at, registered_at, accept_due_at, due_at, unit, handler, state, accepted_at, reply,
    replied_at, extended_to, extension_reason, ended_at"""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was done of a complaint: when, what, by whom, and in what words."""

    at: Instant
    what: str
    who: str
    told: str


class ComplaintTables:
    """The tables of the complaints."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.run = store.connection.execute
        store.take_steps(migrations)

    # -- complaint ------------------------------------------------------------------------------

    def add(self, made: Complaint, tap: str | None) -> Complaint:
        """Store a new complaint and return it with its id."""
        return _complaint(
            self.run(
                f"""
                insert into complaint (source, kind, order_number, title, complainant, phone,
                    accused_unit, accused, content, at, registered_at, accept_due_at, due_at,
                    state, tap)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'received', ?)
                returning {COLUMNS}
                """,
                (
                    made.source.value,
                    made.kind.value,
                    made.order_number,
                    made.title,
                    made.complainant,
                    made.phone,
                    made.accused_unit,
                    made.accused,
                    made.content,
                    made.at,
                    made.registered_at,
                    made.accept_due_at,
                    made.due_at,
                    tap,
                ),
            ).fetchone()
        )

    def change(self, was: Complaint, new: Complaint) -> Complaint | None:
        """Store what became of a complaint; None when it is not any more what was read."""
        found = self.run(
            f"""
            update complaint set unit = ?, handler = ?, state = ?, accepted_at = ?, reply = ?,
                replied_at = ?, extended_to = ?, extension_reason = ?, ended_at = ?
            where id = ? and state = ? and unit is ? and extended_to is ?
            returning {COLUMNS}
            """,
            (
                new.unit,
                new.handler,
                new.state.value,
                new.accepted_at,
                new.reply,
                new.replied_at,
                new.extended_to,
                new.extension_reason,
                new.ended_at,
                was.id,
                was.state.value,
                was.unit,
                was.extended_to,
            ),
        ).fetchone()
        return _complaint(found) if found else None

    def complaint(self, number: int) -> Complaint | None:
        """Return a complaint by its id."""
        return self._one("id = ?", number)

    def of_tap(self, tap: str) -> Complaint | None:
        """Return the complaint that a form has already registered."""
        return self._one("tap = ?", tap)

    def of_order(self, order_number: str) -> Complaint | None:
        """Return the complaint of an order."""
        return self._one("order_number = ?", order_number)

    def known_orders(self, order_numbers: list[str]) -> set[str]:
        """Return which of some orders are registered already."""
        marks = ", ".join("?" for _ in order_numbers)
        found = self.store.rows(
            f"select order_number from complaint where order_number in ({marks})",
            order_numbers,
        )
        return {number for (number,) in found}

    def between(
        self, first: Instant, past: Instant, unit: str | None = None, source: str | None = None
    ) -> list[Complaint]:
        """Return what came in from ``first`` up to before ``past``, the newest first."""
        found = self.store.rows(
            f"""
            select {COLUMNS} from complaint
            where at >= :first and at < :past
                and (:unit is null or unit = :unit) and (:source is null or source = :source)
            order by at desc, id desc
            """,
            {"first": first, "past": past, "unit": unit, "source": source},
        )
        return [_complaint(each) for each in found]

    def _one(self, condition: str, *values: Any) -> Complaint | None:
        found = self.store.row(f"select {COLUMNS} from complaint where {condition}", values)
        return _complaint(found) if found else None

    # -- complaint_step -------------------------------------------------------------------------

    def add_step(self, complaint: int, step: Step) -> None:
        """Write down what was done of a complaint."""
        self.run(
            "insert into complaint_step (complaint, at, what, who, told) values (?, ?, ?, ?, ?)",
            (complaint, step.at, step.what, step.who, step.told),
        )

    def steps(self, complaint: int) -> list[Step]:
        """Return all that was done of a complaint, in its order."""
        found = self.store.rows(
            "select at, what, who, told from complaint_step where complaint = ? order by id",
            (complaint,),
        )
        return [Step(*each) for each in found]


def _complaint(row: Any) -> Complaint:
    typed = (row[0], Source(row[1]), Kind(row[2]), *row[3:16], State(row[16]), *row[17:])
    return Complaint(*typed)
