"""All SQL of the queue: one section a table."""

import json
from typing import Any

from hall.days import Instant
from hall.file import HallFile
from hall.tickets import State, Ticket, Visit
from hall.windows import WindowNow

TICKET_COLUMNS = """id, day, number, prefix, sequence, service, state, taken_at, language, phone,
    source, window, called_at, ended_at, ahead_at_taking"""
VISIT_COLUMNS = """id, ticket, day, service, window, clerk, called_at, shown_at, recalls,
    started_at, ended_at, outcome, case_number, state"""


class Store(HallFile):
    """The tables of the queue."""

    # -- business_day and counter ---------------------------------------------------------------

    def last_day(self) -> str | None:
        """Return the newest business day that was opened."""
        day: str | None = self.row("select max(day) from business_day")[0]
        return day

    def open_day(self, day: str, at: Instant) -> None:
        """Open a business day."""
        self.connection.execute(
            "insert into business_day (day, opened_at) values (?, ?)", (day, at)
        )

    def next_sequence(self, day: str, prefix: str) -> int:
        """Return the next number of a prefix on a day; each is given once."""
        (last,) = self.connection.execute(
            """
            insert into counter (day, prefix, last) values (?, ?, 1)
            on conflict (day, prefix) do update set last = last + 1
            returning last
            """,
            (day, prefix),
        ).fetchone()
        return int(last)

    # -- ticket ---------------------------------------------------------------------------------

    def add_ticket(self, ticket: Ticket, tap: str, device: int | None) -> Ticket:
        """Store a new ticket and return it with its id."""
        values = (ticket.day, ticket.number, ticket.prefix, ticket.sequence, ticket.service)
        cursor = self.connection.execute(
            """
            insert into ticket (day, number, prefix, sequence, service, state, taken_at, language,
                phone, source, ahead_at_taking, tap, device)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            (
                *values,
                ticket.state.value,
                ticket.taken_at,
                ticket.language,
                ticket.phone,
                ticket.source,
                ticket.ahead_at_taking,
                tap,
                device,
            ),
        )
        return self._ticket_with_id(ticket, int(cursor.lastrowid or 0))

    @staticmethod
    def _ticket_with_id(ticket: Ticket, number: int) -> Ticket:
        return Ticket(
            number,
            ticket.day,
            ticket.number,
            ticket.prefix,
            ticket.sequence,
            ticket.service,
            ticket.state,
            ticket.taken_at,
            ticket.language,
            ticket.phone,
            ticket.source,
            ticket.window,
            ticket.called_at,
            ticket.ended_at,
            ticket.ahead_at_taking,
        )

    def ticket(self, number: int) -> Ticket | None:
        """Return a ticket by its id."""
        return _ticket(self.row(f"select {TICKET_COLUMNS} from ticket where id = ?", (number,)))

    def ticket_from_tap(self, tap: str) -> Ticket | None:
        """Return the ticket that a tap has already given."""
        return _ticket(self.row(f"select {TICKET_COLUMNS} from ticket where tap = ?", (tap,)))

    def waits_already(self, phone: str, service: str) -> str | None:
        """Return the number with which a phone already waits for a service."""
        found = self.row(
            "select number from ticket where state = 'waiting' and phone = ? and service = ?",
            (phone, service),
        )
        return found[0] if found else None

    def first_in_lines(self, window: int) -> list[Ticket]:
        """Return the first waiting ticket of each service of a window.

        Arrival is the order of ids: a clock that steps back lets nobody in before the others.
        """
        found = self.rows(
            f"""
            select {TICKET_COLUMNS} from ticket where id in (
                select (
                    select min(id) from ticket
                    where state = 'waiting' and service = window_service.service
                )
                from window_service where window = ?
            )
            """,
            (window,),
        )
        return [ticket for each in found if (ticket := _ticket(each))]

    def line_of_window(self, window: int, most: int) -> list[Ticket]:
        """Return the first waiting tickets a window may call, by arrival."""
        found = self.rows(
            f"""
            select {TICKET_COLUMNS} from ticket
            where state = 'waiting'
                and service in (select service from window_service where window = ?)
            order by id limit ?
            """,
            (window, most),
        )
        return [ticket for each in found if (ticket := _ticket(each))]

    def waiting(self) -> dict[str, int]:
        """Return how many wait for each service."""
        return dict(
            self.rows(
                "select service, count(*) from ticket where state = 'waiting' group by service"
            )
        )

    def waiting_for(self, service: str) -> int:
        """Return how many wait for one service."""
        (waiting,) = self.row(
            "select count(*) from ticket where state = 'waiting' and service = ?", (service,)
        )
        return int(waiting)

    def people_ahead(self, ticket: Ticket) -> int:
        """Return how many wait before a ticket for the same service."""
        (ahead,) = self.row(
            "select count(*) from ticket where state = 'waiting' and service = ? and id < ?",
            (ticket.service, ticket.id),
        )
        return int(ahead)

    def call_ticket(self, ticket: int, window: int, at: Instant) -> Ticket | None:
        """Turn a ticket that still waits into a called one; None when it waits no more."""
        return _ticket(
            self.connection.execute(
                f"""
                update ticket set state = 'called', window = ?, called_at = coalesce(called_at, ?)
                where id = ? and state = 'waiting'
                returning {TICKET_COLUMNS}
                """,
                (window, at, ticket),
            ).fetchone()
        )

    def change_ticket(
        self, ticket: int, was: State, becomes: State, ended_at: Instant | None
    ) -> Ticket | None:
        """Change a ticket's state if it is still what was read; None when it is not."""
        return _ticket(
            self.connection.execute(
                f"""
                update ticket set state = ?, ended_at = ? where id = ? and state = ?
                returning {TICKET_COLUMNS}
                """,
                (becomes.value, ended_at, ticket, was.value),
            ).fetchone()
        )

    def expire_waiting(self, before_day: str, at: Instant) -> list[Ticket]:
        """End the tickets that still wait from earlier days and return them."""
        found = self.connection.execute(
            f"""
            update ticket set state = 'expired', ended_at = ? where state = 'waiting' and day < ?
            returning {TICKET_COLUMNS}
            """,
            (at, before_day),
        ).fetchall()
        return [ticket for each in found if (ticket := _ticket(each))]

    # -- visit ----------------------------------------------------------------------------------

    def add_visit(
        self, ticket: Ticket, window: int, clerk: str | None, at: Instant, reason: str
    ) -> int:
        """Store the visit that a call begins; the wait is kept with a ticket's first call."""
        cursor = self.connection.execute(
            """
            insert into visit (ticket, day, service, window, clerk, reason, called_at, shown_at,
                waited, state)
            values (:ticket, :day, :service, :window, :clerk, :reason, :at, :at,
                case when exists (select 1 from visit where ticket = :ticket) then null
                     else max(0, :at - :taken_at) end,
                'called')
            """,
            {
                "ticket": ticket.id,
                "day": ticket.day,
                "service": ticket.service,
                "window": window,
                "clerk": clerk,
                "reason": reason,
                "at": at,
                "taken_at": ticket.taken_at,
            },
        )
        return int(cursor.lastrowid or 0)

    def visit(self, number: int) -> Visit | None:
        """Return a visit by its id."""
        return _visit(self.row(f"select {VISIT_COLUMNS} from visit where id = ?", (number,)))

    def active_visit(self, window: int) -> Visit | None:
        """Return what a window is busy with."""
        return _visit(
            self.row(
                f"select {VISIT_COLUMNS} from visit where window = ? and ended_at is null",
                (window,),
            )
        )

    def active_visits(self) -> list[tuple[int, int, str, str, str]]:
        """Return window, ticket, number, service and state of all that windows are busy with."""
        return self.rows(
            """
            select visit.window, ticket.id, ticket.number, visit.service, visit.state
            from visit join ticket on ticket.id = visit.ticket
            where visit.ended_at is null
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

    def end_visit(
        self,
        visit: Visit,
        becomes: State,
        at: Instant,
        outcome: str | None = None,
        case_number: str | None = None,
    ) -> bool:
        """End a visit that is still what was read; False when it is not."""
        return bool(
            self.connection.execute(
                """
                update visit set state = ?, ended_at = max(?, coalesce(started_at, called_at)),
                    outcome = ?, case_number = ?
                where id = ? and state = ?
                """,
                (becomes.value, at, outcome, case_number, visit.id, visit.state.value),
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
            where visit.day = ? and window.zone = ?
            order by visit.shown_at desc, visit.id desc
            limit ?
            """,
            (day, zone, most),
        )

    def recent_minutes(self, service: str, since: Instant, most: int) -> list[float]:
        """Return the lengths in minutes of a service's newest finished visits."""
        found = self.rows(
            """
            select (ended_at - started_at) / 60000.0 from visit
            where state = 'done' and service = ? and ended_at >= ?
            order by ended_at desc limit ?
            """,
            (service, since, most),
        )
        return [minutes for (minutes,) in found]

    # -- window_now -----------------------------------------------------------------------------

    def window_now(self, no: int) -> WindowNow:
        """Return what a window is doing; one never opened is closed."""
        found = self.row(
            "select no, state, clerk, pause_reason, since from window_now where no = ?", (no,)
        )
        return WindowNow(*found) if found else WindowNow(no, "closed", None, "", 0)

    def windows_now(self) -> dict[int, WindowNow]:
        """Return what all windows are doing."""
        found = self.rows("select no, state, clerk, pause_reason, since from window_now")
        return {each[0]: WindowNow(*each) for each in found}

    def windows_for(self, service: str) -> list[tuple[int, str, bool]]:
        """Return number, state and whether it is busy of each window that serves a service."""
        found = self.rows(
            """
            select window_service.window, coalesce(window_now.state, 'closed'),
                exists (
                    select 1 from visit
                    where visit.window = window_service.window and visit.ended_at is null
                )
            from window_service
            join window on window.no = window_service.window and window.active = 1
            left join window_now on window_now.no = window_service.window
            where window_service.service = ?
            order by window_service.window
            """,
            (service,),
        )
        return [(no, state, bool(busy)) for no, state, busy in found]

    def any_window_open(self) -> bool:
        """Return whether some window is open or paused."""
        return bool(self.row("select exists (select 1 from window_now where state != 'closed')")[0])

    def change_window(self, now: WindowNow) -> None:
        """Store what a window is doing."""
        self.connection.execute(
            """
            insert into window_now (no, state, clerk, pause_reason, since) values (?, ?, ?, ?, ?)
            on conflict (no) do update set state = excluded.state, clerk = excluded.clerk,
                pause_reason = excluded.pause_reason, since = excluded.since
            """,
            (now.no, now.state, now.clerk, now.pause_reason, now.since),
        )

    # -- journal --------------------------------------------------------------------------------

    def note(
        self,
        at: Instant,
        event: str,
        *,
        ticket: int | None = None,
        visit: int | None = None,
        window: int | None = None,
        who: str = "",
        detail: dict[str, Any] | None = None,
    ) -> int:
        """Write a row of the journal and return its seq."""
        cursor = self.connection.execute(
            """
            insert into journal (at, event, ticket, visit, window, who, detail)
            values (?, ?, ?, ?, ?, ?, ?)
            """,
            (
                at,
                event,
                ticket,
                visit,
                window,
                who,
                json.dumps(detail, ensure_ascii=False) if detail else "",
            ),
        )
        return int(cursor.lastrowid or 0)

    def last_seq(self) -> int:
        """Return the newest row of the journal, 0 for none."""
        return int(self.row("select coalesce(max(seq), 0) from journal")[0])


def _ticket(row: Any) -> Ticket | None:
    if row is None:
        return None
    return Ticket(*(*row[:6], State(row[6]), *row[7:]))


def _visit(row: Any) -> Visit | None:
    if row is None:
        return None
    return Visit(*(*row[:13], State(row[13])))
