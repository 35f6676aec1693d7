"""All SQL of the appointments, on the connection of the queue's store."""

from typing import Any

from booking.migrations import migrations
from booking.plans import Plan
from booking.rules import Appointment, State
from hall.days import Instant
from hall.store import Store

COLUMNS = """id, code, service, day, slot_at, slot_ends, person, day_person, holder, phone, state,
    source, foreign_id, made_at, ended_at, ticket"""


class Appointments:
    """The tables of the appointments."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.run = store.connection.execute
        store.take_steps(migrations)

    # -- slot_plan ------------------------------------------------------------------------------

    def plans(self, service: str | None = None) -> list[Plan]:
        """Return the plans of a service, or all: weekdays first, then dates."""
        found = self.store.rows(
            """
            select id, service, weekday, day, slot_minutes, quota from slot_plan
            where :service is null or service = :service
            order by service, weekday is null, weekday, day
            """,
            {"service": service},
        )
        return [Plan(*each) for each in found]

    def save_plan(self, plan: Plan) -> int:
        """Store a plan in place of the one for the same days, and return its id."""
        on = "weekday" if plan.day is None else "day"
        (number,) = self.run(
            f"""
            insert into slot_plan (service, weekday, day, slot_minutes, quota)
            values (?, ?, ?, ?, ?)
            on conflict (service, {on}) do update set slot_minutes = excluded.slot_minutes,
                quota = excluded.quota
            returning id
            """,
            (plan.service, plan.weekday, plan.day, plan.slot_minutes, plan.quota),
        ).fetchone()
        return int(number)

    def remove_plan(self, number: int) -> bool:
        """Forget a plan; False when there is none."""
        return bool(self.run("delete from slot_plan where id = ?", (number,)).rowcount)

    # -- appointment ----------------------------------------------------------------------------

    def add(self, made: Appointment, tap: str | None) -> Appointment:
        """Store a new appointment and return it with its id."""
        return _appointment(
            self.run(
                f"""
                insert into appointment (code, service, day, slot_at, slot_ends, person,
                    day_person, holder, phone, state, source, foreign_id, made_at, tap)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?, 'booked', ?, ?, ?, ?)
                returning {COLUMNS}
                """,
                (
                    made.code,
                    made.service,
                    made.day,
                    made.slot_at,
                    made.slot_ends,
                    made.person,
                    made.day_person,
                    made.holder,
                    made.phone,
                    made.source,
                    made.foreign_id,
                    made.made_at,
                    tap,
                ),
            ).fetchone()
        )

    def of_code(self, code: str) -> Appointment | None:
        """Return the appointment of a code."""
        return self._one("code = ?", code)

    def of_tap(self, tap: str) -> Appointment | None:
        """Return the appointment that a tap has already made."""
        return self._one("tap = ?", tap)

    def of_foreign(self, source: str, foreign_id: str) -> Appointment | None:
        """Return the appointment that another system knows by an id of its own."""
        return self._one("source = ? and foreign_id = ?", source, foreign_id)

    def standing(self, person: str, day: str, service: str) -> Appointment | None:
        """Return the appointment a person has on a day for a service."""
        condition = "person = ? and day = ? and service = ? and state in ('booked', 'arrived')"
        return self._one(condition, person, day, service)

    def from_day(self, person: str, day: str, most: int) -> list[Appointment]:
        """Return a person's appointments from a day on that were not cancelled, by their slots."""
        found = self.store.rows(
            f"""
            select {COLUMNS} from appointment
            where person = ? and day >= ? and state != 'cancelled'
            order by slot_at limit ?
            """,
            (person, day, most),
        )
        return [_appointment(each) for each in found]

    def any_from(self, day: str) -> bool:
        """Return whether there is a plan, or an appointment on a day or later."""
        found = self.store.row(
            """
            select exists (select 1 from slot_plan)
                or exists (select 1 from appointment where day >= ? and state = 'booked')
            """,
            (day,),
        )
        return bool(found[0])

    def begun_between(self, service: str, first: Instant, past: Instant) -> list[Instant]:
        """Return when the slots begin that are not free, from ``first`` up to before ``past``."""
        found = self.store.rows(
            """
            select slot_at from appointment
            where service = ? and slot_at >= ? and slot_at < ? and state != 'cancelled'
            """,
            (service, first, past),
        )
        return [at for (at,) in found]

    def no_shows(self, person: str) -> list[tuple[Instant, Instant]]:
        """Return begin and end of the slots a person did not come for."""
        return self.store.rows(
            "select slot_at, slot_ends from appointment where person = ? and state = 'no_show'",
            (person,),
        )

    def begun(self, before: Instant) -> list[Appointment]:
        """Return the appointments that are booked for a slot which began before an instant."""
        found = self.store.rows(
            f"""
            select {COLUMNS} from appointment where state = 'booked' and slot_at < ?
            order by slot_at, id
            """,
            (before,),
        )
        return [_appointment(each) for each in found]

    def change(
        self, number: int, becomes: State, at: Instant, ticket: int | None = None
    ) -> Appointment | None:
        """End an appointment that is still booked; None when it is not."""
        found = self.run(
            f"""
            update appointment set state = ?, ended_at = ?, ticket = ?
            where id = ? and state = 'booked'
            returning {COLUMNS}
            """,
            (becomes.value, at, ticket, number),
        ).fetchone()
        return _appointment(found) if found else None

    def say_whose(self, ticket: int, person: str) -> None:
        """Let the queue know whose ticket it is, so that nobody takes a second one beside it."""
        self.run("update ticket set person = ? where id = ? and person is null", (person, ticket))

    def counts(self, day: str) -> dict[str, int]:
        """Return how many appointments of a day stand in each state."""
        return dict(
            self.store.rows(
                "select state, count(*) from appointment where day = ? group by state", (day,)
            )
        )

    def _one(self, condition: str, *values: Any) -> Appointment | None:
        found = self.store.row(f"select {COLUMNS} from appointment where {condition}", values)
        return _appointment(found) if found else None


def _appointment(row: Any) -> Appointment:
    return Appointment(*(*row[:10], State(row[10]), *row[11:]))
