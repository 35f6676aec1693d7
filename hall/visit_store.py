"""All SQL of the visits."""

from typing import Any

from hall.days import Instant
from hall.file import HallFile
from hall.ticket_store import TICKET_COLUMNS, ticket_of
from hall.tickets import Ticket, Visit, VisitState

VISIT_COLUMNS = """id, ticket, day, service, window, clerk, called_at, shown_at, recalls,
    started_at, ended_at, outcome, case_number, state, basis, why, held_at, held, hold_kind"""
VISIT_WIDTH = len(Visit._fields)


def _of(table: str, columns: str) -> str:
    return ", ".join(f"{table}.{each.strip()}" for each in columns.split(","))


ACTIVE = f"""
    select {_of("visit", VISIT_COLUMNS)}, {_of("ticket", TICKET_COLUMNS)}
    from visit join ticket on ticket.id = visit.ticket
    where visit.window = ? and visit.state in ('called', 'serving')
"""
VISIT_STATES = {each.value: each for each in VisitState}


class Visits(HallFile):
    """The table of visits: each is one service at one window."""

    def add_visit(
        self,
        ticket: Ticket,
        window: int,
        clerk: str | None,
        at: Instant,
        *,
        waited: Instant | None,
        reason: str = "",
        basis: str = "arrival",
        why: str = "",
        jumped: bool = False,
        state: VisitState = VisitState.CALLED,
    ) -> int:
        """Store the visit that a call begins; the wait is kept with a ticket's first call."""
        cursor = self.connection.execute(
            """
            insert into visit (ticket, day, service, window, clerk, reason, basis, why, jumped,
                called_at, shown_at, waited, state, started_at)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            (
                *(ticket.id, ticket.day, ticket.service, window, clerk, reason, basis, why),
                *(jumped, at, at, waited, state.value),
                at if state is VisitState.SERVING else None,
            ),
        )
        return int(cursor.lastrowid or 0)

    def visit(self, number: int) -> Visit | None:
        """Return a visit by its id."""
        return _visit(self.row(f"select {VISIT_COLUMNS} from visit where id = ?", (number,)))

    def active_visit(self, window: int) -> Visit | None:
        """Return what a window is busy with."""
        return _visit(
            self.row(
                f"""
                select {VISIT_COLUMNS} from visit
                where window = ? and state in ('called', 'serving')
                """,
                (window,),
            )
        )

    def active(self, window: int) -> tuple[Visit, Ticket] | None:
        """Return what a window is busy with, and whose ticket that is."""
        found = self.row(ACTIVE, (window,))
        if found is None:
            return None
        visit, ticket = _visit(found[:VISIT_WIDTH]), ticket_of(found[VISIT_WIDTH:])
        assert visit is not None
        assert ticket is not None
        return visit, ticket

    def held_visits(self, window: int) -> list[Visit]:
        """Return what lies at a window, the longest first."""
        found = self.rows(
            f"""
            select {VISIT_COLUMNS} from visit where state = 'held' and window = ? order by held_at
            """,
            (window,),
        )
        return [visit for each in found if (visit := _visit(each))]

    def newest_ended(self, window: int) -> Visit | None:
        """Return what ended last at a window."""
        return _visit(
            self.row(
                f"""
                select {VISIT_COLUMNS} from visit
                where window = ? and ended_at is not null order by ended_at desc, id desc limit 1
                """,
                (window,),
            )
        )

    def jumps(self, window: int, day: str, most: int) -> list[bool]:
        """Return whether a window's newest calls of a day jumped the line, newest first."""
        return [
            bool(jumped)
            for (jumped,) in self.rows(
                """
                select jumped from visit
                where window = ? and ended_at is not null and day = ? and state != 'undone'
                order by ended_at desc, id desc limit ?
                """,
                (window, day, most),
            )
        ]

    def active_visits(self) -> list[tuple[int, int, str, str, str, Instant]]:
        """Return window, ticket, number, service, state and call of what windows are busy with."""
        return self.rows(
            """
            select visit.window, ticket.id, ticket.number, visit.service, visit.state,
                visit.called_at
            from visit join ticket on ticket.id = visit.ticket
            where visit.state in ('called', 'serving')
            """
        )

    def last_visit_of(self, ticket: int) -> Visit | None:
        """Return a ticket's newest visit."""
        return _visit(
            self.row(
                f"select {VISIT_COLUMNS} from visit where ticket = ? order by id desc limit 1",
                (ticket,),
            )
        )

    def first_received(self, ticket: int) -> tuple[int, str | None] | None:
        """Return window and clerk of the first service that began: the first receiver."""
        found = self.row(
            """
            select window, clerk from visit
            where ticket = ? and started_at is not null order by id limit 1
            """,
            (ticket,),
        )
        return (found[0], found[1]) if found else None

    def visits_of(self, ticket: int) -> list[Visit]:
        """Return a ticket's visits in their order."""
        found = self.rows(
            f"select {VISIT_COLUMNS} from visit where ticket = ? order by id", (ticket,)
        )
        return [visit for each in found if (visit := _visit(each))]

    def last_done_at(self, window: int) -> Visit | None:
        """Return the newest finished visit of a window."""
        return _visit(
            self.row(
                f"""
                select {VISIT_COLUMNS} from visit
                where window = ? and ended_at is not null and state = 'done'
                order by ended_at desc limit 1
                """,
                (window,),
            )
        )

    def repeat_call(self, visit: int, at: Instant) -> int | None:
        """Count a recall of a visit that is still called; None when it is not."""
        found = self.connection.execute(
            """
            update visit set recalls = recalls + 1, shown_at = max(shown_at + 1, ?)
            where id = ? and state = 'called' returning recalls
            """,
            (at, visit),
        ).fetchone()
        return found[0] if found else None

    def start_visit(self, visit: int, at: Instant) -> bool:
        """Begin a visit that is called; False when it is not."""
        return bool(
            self.connection.execute(
                """
                update visit set state = 'serving', started_at = max(?, called_at)
                where id = ? and state = 'called'
                """,
                (at, visit),
            ).rowcount
        )

    def hold_visit(self, visit: int, kind: str, at: Instant) -> bool:
        """Lay a visit that is being served aside; False when it is not."""
        return bool(
            self.connection.execute(
                """
                update visit set state = 'held', hold_kind = ?, held_at = max(?, started_at)
                where id = ? and state = 'serving'
                """,
                (kind, at, visit),
            ).rowcount
        )

    def resume_visit(self, visit: int, at: Instant) -> bool:
        """Go on with a visit that was held; False when it is not."""
        return bool(
            self.connection.execute(
                """
                update visit set state = 'serving', held = held + max(0, ? - held_at),
                    held_at = null
                where id = ? and state = 'held'
                """,
                (at, visit),
            ).rowcount
        )

    def reopen_visit(self, visit: Visit, becomes: VisitState) -> bool:
        """Take back the end of a visit; False when it is no more what was read."""
        return bool(
            self.connection.execute(
                "update visit set state = ?, ended_at = null where id = ? and state = ?",
                (becomes.value, visit.id, visit.state.value),
            ).rowcount
        )

    def end_visit(
        self,
        visit: Visit,
        becomes: VisitState,
        at: Instant,
        outcome: str | None = None,
        case_number: str | None = None,
    ) -> bool:
        """End a visit that is still what was read; False when it is not."""
        return bool(
            self.connection.execute(
                """
                update visit set state = :becomes, outcome = :outcome, case_number = :case_number,
                    ended_at = max(:at, coalesce(started_at, called_at)),
                    held = held + coalesce(max(0, :at - held_at), 0), held_at = null,
                    waited = case when :becomes = 'undone' then null else waited end
                where id = :visit and state = :was
                """,
                {
                    "becomes": becomes.value,
                    "outcome": outcome,
                    "case_number": case_number,
                    "at": at,
                    "visit": visit.id,
                    "was": visit.state.value,
                },
            ).rowcount
        )

    def calls_in_zone(self, zone: str, day: str, most: int) -> list[tuple[Any, ...]]:
        """Return id, number, window, shown_at, language, recalls of a zone's newest calls."""
        return self.rows(
            """
            select visit.id, ticket.number, visit.window, visit.shown_at, ticket.language,
                visit.recalls, visit.state
            from visit
            join ticket on ticket.id = visit.ticket
            join window on window.no = visit.window
            where visit.day = ? and window.zone = ? and visit.state != 'undone'
            order by visit.shown_at desc, visit.id desc
            limit ?
            """,
            (day, zone, most),
        )

    def recent_minutes(self, service: str, since: Instant, most: int) -> list[float]:
        """Return how many minutes a window was busy with each of a service's newest visits."""
        found = self.rows(
            """
            select (ended_at - called_at - held) / 60000.0 from visit
            where state = 'done' and service = ? and ended_at >= ?
            order by ended_at desc, id desc limit ?
            """,
            (service, since, most),
        )
        return [minutes for (minutes,) in found]


def _visit(row: Any) -> Visit | None:
    if row is None:
        return None
    return Visit._make((*row[:13], VISIT_STATES[row[13]], *row[14:]))
