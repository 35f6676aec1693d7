"""All SQL of the queue: one section a table."""

import json
from collections.abc import Sequence
from typing import Any

from hall.days import Instant
from hall.file import HallFile
from hall.line import Attending, InLine
from hall.tickets import State, Ticket, Visit, VisitState
from hall.windows import WindowNow

TICKET_COLUMNS = """id, day, number, prefix, sequence, service, state, taken_at, language, phone,
    source, window, called_at, ended_at, ahead_at_taking, after, turn, priority, pinned, own_window,
    via, slot_at, appointment, misses, person, holder, helper"""
VISIT_COLUMNS = """id, ticket, day, service, window, clerk, called_at, shown_at, recalls,
    started_at, ended_at, outcome, case_number, state, basis, why, held_at, held, hold_kind"""
LINE_COLUMNS = """id, number, service, coalesce(after, id), turn, priority, pinned, own_window, via,
    slot_at"""
# What may put somebody before others; the text is the partial index's own, or it is not used.
SPECIAL = """(priority != '' or pinned != '' or own_window is not null or via != ''
        or slot_at is not null)"""
# Seven a visit: a look into a dict and an encoder made once take a quarter of their usual time.
STATES = {each.value: each for each in State}
VISIT_STATES = {each.value: each for each in VisitState}
in_json = json.JSONEncoder(ensure_ascii=False).encode


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

    def is_day_closed(self, day: str) -> bool:
        """Return whether a business day has ended."""
        found = self.row("select closed_at is not null from business_day where day = ?", (day,))
        return bool(found and found[0])

    def close_day(self, day: str, at: Instant) -> bool:
        """End a business day; False when it has ended before."""
        return bool(
            self.connection.execute(
                "update business_day set closed_at = ? where day = ? and closed_at is null",
                (at, day),
            ).rowcount
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
        return _ticket(self.row(f"select {TICKET_COLUMNS} from ticket where id = ?", (number,)))

    def ticket_from_tap(self, tap: str) -> Ticket | None:
        """Return the ticket that a tap has already given."""
        return _ticket(self.row(f"select {TICKET_COLUMNS} from ticket where tap = ?", (tap,)))

    def ticket_of_day(self, day: str, number: str) -> Ticket | None:
        """Return a day's ticket by what is printed on it."""
        return _ticket(
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
        return [ticket for each in found if (ticket := _ticket(each))]

    def newest_in_state(self, day: str, state: State, most: int) -> list[Ticket]:
        """Return a day's tickets in a state, what ended last first."""
        found = self.rows(
            f"""
            select {TICKET_COLUMNS} from ticket
            where day = ? and state = ? order by ended_at desc, id desc limit ?
            """,
            (day, state.value, most),
        )
        return [ticket for each in found if (ticket := _ticket(each))]

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

    def may_be_called(self, window: int) -> list[InLine]:
        """Return who may come next to a window: the first of each line, and all who may jump it.

        Arrival is the order of ids: a clock that steps back lets nobody in before the others.
        """
        found = self.rows(
            f"""
            select {LINE_COLUMNS} from ticket where id in (
                select (
                    select id from ticket
                    where state = 'waiting' and service = window_service.service
                        and own_window is null
                    order by coalesce(after, id), turn limit 1
                )
                from window_service where window = :window
            )
            union
            select {LINE_COLUMNS} from ticket
            where state = 'waiting' and {SPECIAL}
                and service in (select service from window_service where window = :window)
            union
            select {LINE_COLUMNS} from ticket where state = 'waiting' and own_window = :window
            """,
            {"window": window},
        )
        return [InLine(*each) for each in found]

    def first_at(self, window: int, most: int) -> list[InLine]:
        """Return the first who wait for a window, in the order of their places."""
        found = self.rows(
            f"""
            select {LINE_COLUMNS} from ticket
            where state = 'waiting' and (own_window is null or own_window = :window)
                and service in (select service from window_service where window = :window)
            order by coalesce(after, id), turn limit :most
            """,
            {"window": window, "most": most},
        )
        return [InLine(*each) for each in found]

    def places_in_line(self, service: str) -> list[tuple[int, int]]:
        """Return the places of all who wait for a service, in order."""
        return self.rows(
            """
            select coalesce(after, id), turn from ticket
            where state = 'waiting' and service = ? order by coalesce(after, id), turn
            """,
            (service,),
        )

    def tickets_by_id(self, numbers: Sequence[int]) -> list[Ticket]:
        """Return tickets in the order of the given ids."""
        holes = ", ".join("?" * len(numbers))
        found = self.rows(
            f"select {TICKET_COLUMNS} from ticket where id in ({holes})", list(numbers)
        )
        known = {each[0]: ticket for each in found if (ticket := _ticket(each))}
        return [known[number] for number in numbers if number in known]

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
            """
            select count(*) from ticket
            where state = 'waiting' and service = ?
                and (coalesce(after, id), turn) < (coalesce(?, ?), ?)
            """,
            (ticket.service, ticket.after, ticket.id, ticket.turn),
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
        return _ticket(
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
        return _ticket(
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
        return _ticket(
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
        return _ticket(
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
        return [ticket for each in found if (ticket := _ticket(each))]

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
        return [ticket for each in found if (ticket := _ticket(each))]

    def forget_people(self, before_day: str) -> int:
        """Remove what stands for a person from the tickets of earlier days."""
        return self.connection.execute(
            "update ticket set person = null where person is not null and day < ?", (before_day,)
        ).rowcount

    def forget_phones(self, before_day: str) -> int:
        """Remove the phone numbers from tickets of days before one."""
        return self.connection.execute(
            "update ticket set phone = null where phone is not null and day < ?", (before_day,)
        ).rowcount

    # -- visit ----------------------------------------------------------------------------------

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

    # -- window_now -----------------------------------------------------------------------------

    def window_now(self, no: int) -> WindowNow:
        """Return what a window is doing; one never opened is closed."""
        found = self.row(
            """
            select no, state, clerk, pause_reason, since, session, stands_in_for
            from window_now where no = ?
            """,
            (no,),
        )
        return WindowNow(*found) if found else WindowNow(no, "closed", None, "", 0)

    def windows_now(self) -> dict[int, WindowNow]:
        """Return what all windows are doing."""
        found = self.rows(
            "select no, state, clerk, pause_reason, since, session, stands_in_for from window_now"
        )
        return {each[0]: WindowNow(*each) for each in found}

    def windows_for(self, service: str) -> list[Attending]:
        """Return the windows that serve a service, by number."""
        found = self.rows(
            """
            select window_service.window, coalesce(window_now.state, 'closed'), visit.called_at,
                visit.service
            from window_service
            join window on window.no = window_service.window and window.active = 1
            left join window_now on window_now.no = window_service.window
            left join visit on visit.window = window_service.window
                and visit.state in ('called', 'serving')
            where window_service.service = ?
            order by window_service.window
            """,
            (service,),
        )
        return [Attending(*each) for each in found]

    def any_window_open(self) -> bool:
        """Return whether some window is open or paused."""
        return bool(self.row("select exists (select 1 from window_now where state != 'closed')")[0])

    def change_window(self, now: WindowNow) -> None:
        """Store what a window is doing."""
        self.connection.execute(
            """
            insert into window_now (no, state, clerk, pause_reason, since, session, stands_in_for)
            values (?, ?, ?, ?, ?, ?, ?)
            on conflict (no) do update set state = excluded.state, clerk = excluded.clerk,
                pause_reason = excluded.pause_reason, since = excluded.since,
                session = excluded.session, stands_in_for = excluded.stands_in_for
            """,
            (
                *(now.no, now.state, now.clerk, now.pause_reason, now.since, now.session),
                now.stands_in_for,
            ),
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
                in_json(detail) if detail else "",
            ),
        )
        return int(cursor.lastrowid or 0)

    def steps_of(self, ticket: int) -> list[tuple[int, Instant, str, int | None, str, str]]:
        """Return seq, time, event, window, who and detail of all that happened to a ticket."""
        return self.rows(
            """
            select seq, at, event, window, who, detail from journal where ticket = ? order by seq
            """,
            (ticket,),
        )

    def last_seq(self) -> int:
        """Return the newest row of the journal, 0 for none."""
        return int(self.row("select coalesce(max(seq), 0) from journal")[0])


def _ticket(row: Any) -> Ticket | None:
    if row is None:
        return None
    return Ticket._make((*row[:6], STATES[row[6]], *row[7:]))


def _visit(row: Any) -> Visit | None:
    if row is None:
        return None
    return Visit._make((*row[:13], VISIT_STATES[row[13]], *row[14:]))
