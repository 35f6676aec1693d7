"""class Desk – the verbs of the queue: read, decide, save, note; after the commit, tell."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hall import days, line, services
from hall.catalogue import Service
from hall.config import Config
from hall.days import Clock, Instant
from hall.events import (
    CallRepeated,
    Event,
    ServiceFinished,
    ServiceStarted,
    SlipNoted,
    TicketCalled,
    TicketCancelled,
    TicketExpired,
    TicketMissed,
    TicketTaken,
    WindowChanged,
)
from hall.refusals import NotAllowed, NotFound, NotValid
from hall.register import Register
from hall.screens import Screens
from hall.store import Store
from hall.tickets import Outcome, State, Ticket, Visit, check_may_become, number
from hall.windows import WindowNow, check_may_call, check_pause_reason, known_window

Follower = Callable[[Event], None]
CASE_NUMBER_LENGTH = 50
REASON_LENGTH = 200
log = logging.getLogger("hall.desk")


@dataclass(frozen=True, slots=True)
class Issued:
    """A ticket and what its owner is told; ``fresh`` is False for a tap that came again."""

    ticket: Ticket
    people_ahead: int
    expected_wait: int | None
    fresh: bool


@dataclass(frozen=True, slots=True)
class Called:
    """A call: ids of the call and of the visit it began, the ticket and the window."""

    call: int
    visit: int
    ticket: Ticket
    window: int


@dataclass(frozen=True, slots=True)
class Followed:
    """How a ticket stands now; ``windows`` may call it, ``visit`` is its newest."""

    ticket: Ticket
    people_ahead: int
    expected_wait: int | None
    windows: tuple[int, ...]
    visit: Visit | None


class Desk:
    """The one place where the queue changes."""

    def __init__(self, store: Store, register: Register, config: Config, clock: Clock) -> None:
        self.store = store
        self.register = register
        self.config = config
        self.clock = clock
        self.zone = config.hall.zone
        self.screens = Screens(store, register, config, clock)
        self._along: list[Follower] = []
        self._followers: list[Follower] = []
        register.followers.append(self._tell)

    # -- who listens ----------------------------------------------------------------------------

    def along(self, follower: Follower) -> None:
        """Let ``follower`` write what belongs to an event into the event's own transaction."""
        self._along.append(follower)

    def follow(self, follower: Follower) -> None:
        """Let ``follower`` know of events once they are safe; a failing one is logged."""
        self._followers.append(follower)

    def _note(self, event: Event) -> None:
        for follower in self._along:
            follower(event)
        if self._followers:
            self.store.after_commit(lambda: self._tell(event))

    def _tell(self, event: Event) -> None:
        for follower in self._followers:
            try:
                follower(event)
            except Exception:  # what is committed stands, whoever fails to hear of it
                log.exception("a follower failed on %s", type(event).__name__)

    # -- taking ---------------------------------------------------------------------------------

    def issue(
        self,
        service: str,
        tap: str,
        *,
        language: str = "zh",
        phone: str | None = None,
        source: str = "kiosk",
        device: int | None = None,
    ) -> Issued:
        """Give a ticket for a service; the same tap gets the same ticket.

        Raises NotFound, NotValid or NotAllowed (queue-rules 1) with nothing changed.
        """
        services.check_tap(tap)
        services.check_phone(phone)
        services.check_language(language)
        with self.store.transaction():
            if known := self.store.ticket_from_tap(tap):
                return self._issued(known, fresh=False)
            now = self.clock()
            wanted = services.known_service(self.register.catalogue().service.get(service), service)
            windows = self.store.windows_for(service)
            self._check_may_take(wanted, windows, phone, now)
            ahead = self.store.waiting_for(service)
            ticket = self._add_ticket(wanted, tap, now, language, phone, source, device, ahead)
            self._note_ticket(TicketTaken, "ticket_taken", ticket, now, who=source)
        return Issued(ticket, ahead, self._expected_wait(wanted, ahead, windows, now), fresh=True)

    def _check_may_take(
        self,
        service: Service,
        windows: list[tuple[int, str, bool]],
        phone: str | None,
        now: Instant,
    ) -> None:
        refusal = services.hall_is_closed(
            self.config.hall.hours, now, self.zone
        ) or services.not_attended(service, windows, self.store.any_window_open())
        if refusal:
            raise refusal
        if phone and (waits := self.store.waits_already(phone, service.code)):
            raise NotAllowed(
                "already_waiting",
                f"这个手机号码已经取了“{service.name}”的 {waits} 号，正在等候，无需再取。",
            )

    def _add_ticket(
        self,
        service: Service,
        tap: str,
        now: Instant,
        language: str,
        phone: str | None,
        source: str,
        device: int | None,
        ahead: int,
    ) -> Ticket:
        day = self._today(now)
        sequence = self.store.next_sequence(day, service.prefix)
        ticket = Ticket(
            id=0,
            day=day,
            number=number(service.prefix, sequence),
            prefix=service.prefix,
            sequence=sequence,
            service=service.code,
            state=State.WAITING,
            taken_at=now,
            language=language,
            phone=phone,
            source=source,
            window=None,
            called_at=None,
            ended_at=None,
            ahead_at_taking=ahead,
        )
        return self.store.add_ticket(ticket, tap, device)

    def _issued(self, ticket: Ticket, *, fresh: bool) -> Issued:
        followed = self._followed(ticket)
        return Issued(ticket, followed.people_ahead, followed.expected_wait, fresh)

    def _expected_wait(
        self, service: Service, ahead: int, windows: list[tuple[int, str, bool]], now: Instant
    ) -> int | None:
        minutes = self.screens.pace.minutes(service.code, service.usual_minutes, now)
        return line.expected_wait(ahead, minutes, line.attendance(windows))

    def ticket(self, number: int) -> Ticket:
        """Return a ticket by its id."""
        ticket = self.store.ticket(number)
        if ticket is None:
            raise NotFound("unknown_ticket", "没有这张号票。")
        return ticket

    def follow_ticket(self, number: int) -> Followed:
        """Return how a ticket stands now."""
        return self._followed(self.ticket(number))

    def _followed(self, ticket: Ticket) -> Followed:
        visit = self.store.last_visit_of(ticket.id)
        service = self.register.catalogue().service[ticket.service]
        windows = self.store.windows_for(ticket.service)
        ahead, wait = 0, None
        if ticket.state is State.WAITING:
            ahead = self.store.people_ahead(ticket)
            wait = self._expected_wait(service, ahead, windows, self.clock())
        watch = tuple(no for no, state, _ in windows if state != "closed")
        return Followed(ticket, ahead, wait, watch or tuple(no for no, _, _ in windows), visit)

    def cancel(self, number: int) -> Ticket:
        """Give a waiting ticket back."""
        with self.store.transaction():
            ticket, now = self.ticket(number), self.clock()
            changed = self._change(ticket, State.CANCELLED, now)
            self._note_ticket(TicketCancelled, "ticket_cancelled", changed, now)
        return changed

    # -- calling --------------------------------------------------------------------------------

    def call_next(self, window: int, *, by: str | None = None) -> Called:
        """Call whoever is next to a window; ``nobody_waiting`` when nobody is."""
        with self.store.transaction():
            now = self._check_free(window)
            ticket = line.next_in_line(self.store.first_in_lines(window))
            if ticket is None:
                raise NotAllowed("nobody_waiting", "现在没有人在等候。")
            return self._call(ticket, now, "", by)

    def call_this(
        self, window: int, ticket_id: int, reason: str, *, by: str | None = None
    ) -> Called:
        """Call one ticket before its turn, with a reason that is kept."""
        told = reason.strip()
        if not told:
            raise NotValid("reason_missing", "指定呼叫须写明原因。")
        if len(told) > REASON_LENGTH:
            raise NotValid("reason_too_long", f"原因最多 {REASON_LENGTH} 个字。")
        with self.store.transaction():
            now = self._check_free(window)
            ticket = self.ticket(ticket_id)
            check_may_become(ticket, State.CALLED)
            if ticket.service not in self.register.catalogue().window[window].services:
                raise NotAllowed(
                    "not_served_here", f"{window} 号窗口不办理 {ticket.number} 号的业务。"
                )
            return self._call(ticket, now, told, by)

    def _check_free(self, window: int) -> WindowNow:
        known_window(self.register.catalogue(), window)
        window_now = self.store.window_now(window)
        check_may_call(window_now)
        if busy := self.store.active_visit(window):
            number = self.ticket(busy.ticket).number
            raise NotAllowed(
                "window_busy", f"{window} 号窗口还在为 {number} 号服务，请先办完或标记过号。"
            )
        return window_now

    def _call(self, ticket: Ticket, at: WindowNow, reason: str, by: str | None) -> Called:
        now, window, clerk = self.clock(), at.no, at.clerk
        called = self.store.call_ticket(ticket.id, window, now)
        if called is None:
            raise NotAllowed("not_waiting", f"{ticket.number} 号已经不在等候。")
        visit = self.store.add_visit(called, window, clerk, now, reason)
        seq = self.store.note(
            now,
            "ticket_called",
            ticket=ticket.id,
            visit=visit,
            window=window,
            who=by or clerk or "",
            detail={"reason": reason} if reason else None,
        )
        self._note(
            TicketCalled(seq, now, self._zones(called, window), called, window, visit, visit)
        )
        return Called(visit, visit, called, window)

    def recall(self, window: int) -> Ticket:
        """Repeat a window's call, so many times and so far apart as the hall allows."""
        with self.store.transaction():
            visit, ticket, now = *self._active(window), self.clock()
            if visit.state is not State.CALLED:
                raise NotAllowed("not_called", f"{ticket.number} 号已经开始办理，无需重呼。")
            self._check_may_recall(visit, now)
            recalls = self.store.repeat_call(visit.id, now)
            assert recalls is not None
            seq = self._note_visit("call_repeated", visit, now)
            self._note(
                CallRepeated(
                    seq,
                    now,
                    self._zones(ticket, window),
                    ticket,
                    window,
                    visit.id,
                    visit.id,
                    recalls,
                )
            )
        return ticket

    def _check_may_recall(self, visit: Visit, now: Instant) -> None:
        rules = self.config.queue
        if visit.recalls >= rules.recalls_most:
            raise NotAllowed(
                "recalled_enough", f"已重呼 {visit.recalls} 次，达到上限；无人应答请标记过号。"
            )
        apart = rules.recall_apart_seconds * days.SECOND - (now - visit.shown_at)
        if visit.recalls and 0 < apart <= rules.recall_apart_seconds * days.SECOND:
            raise NotAllowed("recalled_too_soon", f"请在 {-(-apart // days.SECOND)} 秒后再次重呼。")

    # -- serving --------------------------------------------------------------------------------

    def start(self, window: int) -> Ticket:
        """Begin the service: the citizen stands at the window."""
        with self.store.transaction():
            visit, ticket, now = *self._active(window), self.clock()
            changed = self._change(ticket, State.SERVING, now)
            self.store.start_visit(visit.id, now)
            seq = self._note_visit("service_started", visit, now)
            self._note(
                ServiceStarted(seq, now, self._zones(ticket, window), changed, window, visit.id)
            )
        return changed

    def finish(self, window: int, outcome: str, case_number: str | None = None) -> Ticket:
        """End the service with an outcome; from now on it may be rated."""
        result = Outcome.from_text(outcome)
        case = (case_number or "").strip() or None
        if case and len(case) > CASE_NUMBER_LENGTH:
            raise NotValid("case_number_too_long", f"办件编号最多 {CASE_NUMBER_LENGTH} 个字符。")
        with self.store.transaction():
            visit, ticket, now = *self._active(window), self.clock()
            changed = self._change(ticket, State.DONE, now)
            self.store.end_visit(visit, State.DONE, now, result.value, case)
            seq = self._note_visit("service_finished", visit, now, outcome=result.value)
            self._note(
                ServiceFinished(
                    seq,
                    now,
                    self._zones(ticket, window),
                    changed,
                    window,
                    visit.id,
                    visit.clerk,
                    result.value,
                )
            )
        return changed

    def miss(self, window: int) -> Ticket:
        """Mark the called ticket as missed: nobody came."""
        with self.store.transaction():
            visit, ticket, now = *self._active(window), self.clock()
            changed = self._change(ticket, State.MISSED, now)
            self.store.end_visit(visit, State.MISSED, now)
            seq = self._note_visit("ticket_missed", visit, now)
            self._note(
                TicketMissed(seq, now, self._zones(ticket, window), changed, window, visit.id)
            )
        return changed

    def _active(self, window: int) -> tuple[Visit, Ticket]:
        known_window(self.register.catalogue(), window)
        visit = self.store.active_visit(window)
        if visit is None:
            raise NotAllowed("nothing_called", f"{window} 号窗口没有正在呼叫或办理的号。")
        return visit, self.ticket(visit.ticket)

    def _change(self, ticket: Ticket, becomes: State, now: Instant) -> Ticket:
        check_may_become(ticket, becomes)
        ended_at = None if becomes is State.SERVING else max(now, ticket.taken_at)
        changed = self.store.change_ticket(ticket.id, ticket.state, becomes, ended_at)
        if changed is None:
            raise NotAllowed("changed_meanwhile", f"{ticket.number} 号刚刚有变化，请再看一次。")
        return changed

    # -- windows --------------------------------------------------------------------------------

    def open(self, window: int, clerk: str | None = None) -> WindowNow:
        """Open a window with a clerk; without one, the clerk assigned to it, or who sits there."""
        with self.store.transaction():
            known_window(self.register.catalogue(), window)
            was = self.store.window_now(window)
            who = clerk or was.clerk or self._assigned_clerk(window)
            if who is not None and self.register.person(who) is None:
                raise NotFound("unknown_clerk", f"没有工号“{who[:40]}”。")
            if who != was.clerk and self.store.active_visit(window):
                raise NotAllowed("window_busy", f"{window} 号窗口正在办理，办完后才能换人。")
            return self._change_window(WindowNow(window, "open", who, "", self.clock()), was)

    def _assigned_clerk(self, window: int) -> str | None:
        person = self.register.catalogue().clerk_of.get(window)
        return person.staff_number if person else None

    def pause(self, window: int, reason: str) -> WindowNow:
        """Pause a window; the reason is shown outside."""
        told = check_pause_reason(reason)
        with self.store.transaction():
            known_window(self.register.catalogue(), window)
            was = self.store.window_now(window)
            if was.state == "closed":
                raise NotAllowed("window_not_open", f"{window} 号窗口未开启，不能暂停。")
            return self._change_window(
                WindowNow(window, "paused", was.clerk, told, self.clock()), was
            )

    def close(self, window: int) -> WindowNow:
        """Close a window that serves nobody."""
        with self.store.transaction():
            known_window(self.register.catalogue(), window)
            if visit := self.store.active_visit(window):
                number = self.ticket(visit.ticket).number
                raise NotAllowed(
                    "window_busy", f"{number} 号还在办理，办完或标记过号后再关闭窗口。"
                )
            was = self.store.window_now(window)
            return self._change_window(WindowNow(window, "closed", None, "", self.clock()), was)

    def _change_window(self, now: WindowNow, was: WindowNow) -> WindowNow:
        if (now.state, now.clerk, now.pause_reason) == (was.state, was.clerk, was.pause_reason):
            return was
        self.store.change_window(now)
        seq = self.store.note(
            now.since,
            f"window_{now.state}",
            window=now.no,
            who=now.clerk or was.clerk or "",
            detail={"reason": now.pause_reason} if now.pause_reason else None,
        )
        catalogue = self.register.catalogue()
        served = [catalogue.zones_of[code] for code in catalogue.window[now.no].services]
        zones = {catalogue.window[now.no].zone, *(zone for zones in served for zone in zones)}
        self._note(WindowChanged(seq, now.since, tuple(sorted(zones)), now.no))
        return now

    # -- what time and paper bring --------------------------------------------------------------

    def tick(self) -> None:
        """Do what time alone makes happen: open the business day, end what earlier days left."""
        now = self.clock()
        last = self.store.last_day()
        if last is None or days.business_day(now, self.zone, last) != last:
            with self.store.transaction():
                self._today(now)

    def _today(self, now: Instant) -> str:
        last = self.store.last_day()
        day = days.business_day(now, self.zone, last)
        if day != last:
            self.store.open_day(day, now)
            self.store.note(now, "day_opened", detail={"day": day})
            for ticket in self.store.expire_waiting(day, now):
                self._note_ticket(TicketExpired, "ticket_expired", ticket, now)
        return day

    def note_slip(self, ticket_id: int, outcome: str, detail: str = "") -> None:
        """Keep what became of a ticket's slip."""
        with self.store.transaction():
            ticket, now = self.ticket(ticket_id), self.clock()
            seq = self.store.note(
                now,
                f"slip_{outcome}",
                ticket=ticket_id,
                detail={"detail": detail} if detail else None,
            )
            self._note(SlipNoted(seq, now, (), ticket, outcome, detail))

    # -- the journal's words --------------------------------------------------------------------

    def _note_ticket(
        self,
        kind: type[TicketTaken | TicketCancelled | TicketExpired],
        event: str,
        ticket: Ticket,
        now: Instant,
        who: str = "",
    ) -> None:
        seq = self.store.note(now, event, ticket=ticket.id, who=who)
        self._note(kind(seq, now, self._zones(ticket, None), ticket))

    def _note_visit(self, event: str, visit: Visit, now: Instant, **detail: Any) -> int:
        return self.store.note(
            now,
            event,
            ticket=visit.ticket,
            visit=visit.id,
            window=visit.window,
            who=visit.clerk or "",
            detail=detail or None,
        )

    def _zones(self, ticket: Ticket, window: int | None) -> tuple[str, ...]:
        catalogue = self.register.catalogue()
        zones = catalogue.zones_of.get(ticket.service, ())
        if window is None:
            return zones
        zone = catalogue.window[window].zone
        return zones if zone in zones else (*zones, zone)

    # -- what is shown --------------------------------------------------------------------------

    def rev(self) -> int:
        """Return the newest row of the journal: what every screen's ``rev`` counts in."""
        return self.store.last_seq()

    def board(self, zone: str) -> dict[str, Any]:
        """Return a zone's whole board, as the contract has it."""
        if zone not in self.register.catalogue().zone:
            raise NotFound("unknown_zone", f"没有分区“{zone[:40]}”。")
        return self.screens.board(zone)

    def windows_now(self) -> list[dict[str, Any]]:
        """Return all windows as the contract lists them."""
        return self.screens.windows_now()

    def services_now(self) -> list[dict[str, Any]]:
        """Return all services as the contract lists them."""
        return self.screens.services_now()

    def window_desk(self, no: int) -> dict[str, Any]:
        """Return what a window's clerk sees."""
        return self.screens.window_desk(no)
