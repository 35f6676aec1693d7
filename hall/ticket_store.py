"""All SQL of the tickets, one by one."""

from collections.abc import Sequence
from typing import Any

from hall.days import Instant
from hall.file import HallFile
from hall.tickets import State, Ticket

TICKET_COLUMNS = """id, day, number, prefix, sequence, service, state, taken_at, language, phone,
    source, window, called_at, ended_at, ahead_at_taking, after, turn, priority, pinned, own_window,
    via, slot_at, appointment, misses, person, holder, helper"""
# Three a visit: a look into a dict takes a quarter of the enum's usual time.
STATES = {each.value: each for each in State}


class Tickets(HallFile):
    """The table of tickets."""

    def add_ticket(self, ticket: Ticket, tap: str, device: int | None, wait: int | None) -> Ticket:
        """Store a new ticket and return it with its id; ``wait`` is what was promised, in min."""
        cursor = self.connection.execute(
            """
            insert into ticket (day, number, prefix, sequence, service, state, taken_at, language,
                phone, source, ahead_at_taking, tap, device, wait_at_taking)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            (
                ticket.day,
                ticket.number,
                ticket.prefix,
                ticket.sequence,
                ticket.service,
                ticket.state.value,
                ticket.taken_at,
                ticket.language,
                ticket.phone,
                ticket.source,
                ticket.ahead_at_taking,
                tap,
                device,
                wait,
            ),
        )
        stored = ticket._replace(id=int(cursor.lastrowid or 0))
        # four of five tickets have none of it, and a kiosk's tap is measured
        if stored.person or stored.priority or stored.appointment or stored.helper or stored.holder:
            self._add_particulars(stored)
        return stored

    def _add_particulars(self, ticket: Ticket) -> None:
        self.connection.execute(
            """
            update ticket set priority = ?, slot_at = ?, appointment = ?, person = ?, holder = ?,
                helper = ?
            where id = ?
            """,
            (
                ticket.priority,
                ticket.slot_at,
                ticket.appointment,
                ticket.person,
                ticket.holder,
                ticket.helper,
                ticket.id,
            ),
        )

    def ticket(self, number: int) -> Ticket | None:
        """Return a ticket by its id."""
        return ticket_of(self.row(f"select {TICKET_COLUMNS} from ticket where id = ?", (number,)))

    def ticket_from_tap(self, tap: str) -> Ticket | None:
        """Return the ticket that a tap has already given."""
        return ticket_of(self.row(f"select {TICKET_COLUMNS} from ticket where tap = ?", (tap,)))

    def ticket_of_day(self, day: str, number: str) -> Ticket | None:
        """Return a day's ticket by what is printed on it."""
        return ticket_of(
            self.row(
                f"""
                select {TICKET_COLUMNS} from ticket
                where day = ? and prefix = rtrim(?, '0123456789') and number = ?
                """,
                (day, number, number),
            )
        )

    def tickets_like(self, day: str, number: str, phone_end: str, most: int) -> list[Ticket]:
        """Return a day's tickets by the beginning of a number or the end of a phone number."""
        found = self.rows(
            f"""
            select {TICKET_COLUMNS} from ticket
            where day = ? and (number like ? || '%' or (? != '' and phone like '%' || ?))
            order by id desc limit ?
            """,
            (day, number or "-", phone_end, phone_end, most),
        )
        return [ticket for each in found if (ticket := ticket_of(each))]

    def newest_in_state(self, day: str, state: State, most: int) -> list[Ticket]:
        """Return a day's tickets in a state, what ended last first."""
        found = self.rows(
            f"""
            select {TICKET_COLUMNS} from ticket
            where day = ? and state = ? order by ended_at desc, id desc limit ?
            """,
            (day, state.value, most),
        )
        return [ticket for each in found if (ticket := ticket_of(each))]

    def waits_already(self, column: str, value: str, service: str) -> str | None:
        """Return the number with which a ``phone`` or ``person`` already waits for a service."""
        assert column in ("phone", "person")
        found = self.row(
            f"select number from ticket where state = 'waiting' and {column} = ? and service = ?",
            (value, service),
        )
        return found[0] if found else None

    def taken_between(self, service: str, begins: Instant, ends: Instant) -> int:
        """Return how many tickets of a service were taken in a time, appointments apart."""
        (taken,) = self.row(
            """
            select count(*) from ticket
            where taken_at >= ? and taken_at < ? and service = ? and appointment is null
            """,
            (begins, ends, service),
        )
        return int(taken)

    def tickets_by_id(self, numbers: Sequence[int]) -> list[Ticket]:
        """Return tickets in the order of the given ids."""
        holes = ", ".join("?" * len(numbers))
        found = self.rows(
            f"select {TICKET_COLUMNS} from ticket where id in ({holes})", list(numbers)
        )
        known = {each[0]: ticket for each in found if (ticket := ticket_of(each))}
        return [known[number] for number in numbers if number in known]

    def call_ticket(self, ticket: Ticket, window: int, at: Instant) -> Ticket | None:
        """Turn a ticket that still waits into a called one; None when it waits no more."""
        first = at if ticket.called_at is None else ticket.called_at
        changed = self.connection.execute(
            """
            update ticket set state = 'called', window = ?, called_at = ?
            where id = ? and state = 'waiting'
            """,
            (window, first, ticket.id),
        ).rowcount
        if not changed:
            return None
        return ticket._replace(state=State.CALLED, window=window, called_at=first)

    def change_ticket(
        self, ticket: Ticket, becomes: State, ended_at: Instant | None
    ) -> Ticket | None:
        """Change a ticket's state if it is still what was read; None when it is not."""
        # twice a visit: 27 columns returned would take as long as the change itself
        changed = self.connection.execute(
            "update ticket set state = ?, ended_at = ? where id = ? and state = ?",
            (becomes.value, ended_at, ticket.id, ticket.state.value),
        ).rowcount
        return ticket._replace(state=becomes, ended_at=ended_at) if changed else None

    def miss_ticket(self, ticket: Ticket, at: Instant) -> Ticket | None:
        """Count a miss of a ticket that is still called; None when it is not."""
        return ticket_of(
            self.connection.execute(
                f"""
                update ticket set state = 'missed', ended_at = ?, misses = misses + 1
                where id = ? and state = 'called'
                returning {TICKET_COLUMNS}
                """,
                (at, ticket.id),
            ).fetchone()
        )

    def put_back(
        self,
        ticket: Ticket,
        *,
        service: str,
        via: str,
        after: int | None,
        turn: int,
        own_window: int | None,
        misses: int,
    ) -> Ticket | None:
        """Let a ticket wait (again), if it is still as it was read; None when it is not."""
        return ticket_of(
            self.connection.execute(
                f"""
                update ticket set state = 'waiting', service = ?, via = ?, after = ?, turn = ?,
                    own_window = ?, misses = ?, ended_at = null, window = null
                where id = ? and state = ?
                returning {TICKET_COLUMNS}
                """,
                (service, via, after, turn, own_window, misses, ticket.id, ticket.state.value),
            ).fetchone()
        )

    def take_back(
        self, ticket: Ticket, becomes: State, window: int | None, service: str, misses: int
    ) -> Ticket | None:
        """Undo the last step of a ticket that is still as it was read; None when it is not."""
        return ticket_of(
            self.connection.execute(
                f"""
                update ticket set state = ?, window = ?, service = ?, misses = ?, ended_at = null,
                    called_at = (
                        select min(called_at) from visit
                        where ticket = ticket.id and state != 'undone'
                    ),
                    own_window = case when ? = 'waiting' then own_window end
                where id = ? and state = ?
                returning {TICKET_COLUMNS}
                """,
                (
                    *(becomes.value, window, service, misses, becomes.value),
                    *(ticket.id, ticket.state.value),
                ),
            ).fetchone()
        )

    def favour(self, ticket: int, priority: str, pinned: str) -> Ticket | None:
        """Change what puts a waiting ticket before others; None when it waits no more."""
        return ticket_of(
            self.connection.execute(
                f"""
                update ticket set priority = ?, pinned = ?, via = ''
                where id = ? and state = 'waiting' returning {TICKET_COLUMNS}
                """,
                (priority, pinned, ticket),
            ).fetchone()
        )

    def release_own(self, window: int) -> list[Ticket]:
        """Let every window call what was kept for one that closes; return those tickets."""
        found = self.connection.execute(
            f"""
            update ticket set own_window = null,
                via = case when via = '' then 'transfer' else via end
            where state = 'waiting' and own_window = ?
                and exists (
                    select 1 from window_service where service = ticket.service and window != ?
                )
            returning {TICKET_COLUMNS}
            """,
            (window, window),
        ).fetchall()
        return [ticket for each in found if (ticket := ticket_of(each))]

    def expire_open(self, until_day: str, at: Instant) -> list[Ticket]:
        """End what waits or is held from days up to one, and return the tickets."""
        self.connection.execute(
            """
            update visit set state = 'expired', held = held + max(0, ? - held_at), held_at = null,
                ended_at = max(?, started_at)
            where state = 'held' and day <= ?
            """,
            (at, at, until_day),
        )
        found = self.connection.execute(
            f"""
            update ticket set state = 'expired', ended_at = max(?, taken_at)
            where state in ('waiting', 'held') and day <= ?
            returning {TICKET_COLUMNS}
            """,
            (at, until_day),
        ).fetchall()
        return [ticket for each in found if (ticket := ticket_of(each))]

    def forget_people(self, before_day: str) -> int:
        """Remove what stands for a person from the tickets of earlier days."""
        return self.connection.execute(
            "update ticket set person = null where person is not null and day < ?", (before_day,)
        ).rowcount


def ticket_of(row: Any) -> Ticket | None:
    """Return the ticket of a row of TICKET_COLUMNS, None of none."""
    if row is None:
        return None
    return Ticket._make((*row[:6], STATES[row[6]], *row[7:]))
