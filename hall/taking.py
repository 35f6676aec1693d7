"""The verbs of taking and keeping a ticket: issue, follow, find, cancel."""

import re
from dataclasses import dataclass, replace
from datetime import date

from hall import days, identity, line, priorities, services
from hall.catalogue import Service
from hall.days import Instant
from hall.events import TicketCancelled, TicketTaken
from hall.line import Attending, Wait
from hall.refusals import NotAllowed, NotFound, NotValid
from hall.services import Stopping
from hall.tickets import Assisted, Booked, State, Ticket, Visit, number
from hall.verbs import Verbs

NAME_LENGTH = 20
FOUND_MOST = 20
PHONE_END = 4
NUMBER = re.compile(r"[A-Z]{0,3}[0-9]{0,15}")
NOBODY = Assisted()


@dataclass(frozen=True, slots=True)
class Issued:
    """A ticket and what its owner is told; ``fresh`` is False for a tap that came again."""

    ticket: Ticket
    people_ahead: int
    expected_wait: int | None
    fresh: bool
    notice: str = ""
    wait_range: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Followed:
    """How a ticket stands now; ``windows`` may call it, ``visit`` is its newest."""

    ticket: Ticket
    people_ahead: int
    expected_wait: int | None
    windows: tuple[int, ...]
    visit: Visit | None
    wait_range: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class _Wish:
    """What somebody asks for, with everything that may bear on it."""

    service: Service
    language: str
    phone: str | None
    person: str | None
    booked: Booked | None
    assisted: Assisted
    source: str
    device: int | None


class Taking(Verbs):
    """Tickets, until they are called."""

    def issue(
        self,
        service: str,
        tap: str,
        *,
        language: str = "zh",
        phone: str | None = None,
        id_number: str | None = None,
        booked: Booked | None = None,
        assisted: Assisted = NOBODY,
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
            wanted = services.known_service(self._catalogue.service.get(service), service)
            day = self._today(now)
            if id_number is not None or assisted is not NOBODY:
                id_number, assisted = self._checked(id_number, assisted, day)
            person = self._person(id_number, day) if id_number else None
            wish = _Wish(wanted, language, phone, person, booked, assisted, source, device)
            return self._give(wish, tap, day, now)

    def _give(self, wish: _Wish, tap: str, day: str, now: Instant) -> Issued:
        wanted = wish.service
        windows = self.store.windows_for(wanted.code)
        ahead = self.store.waiting_for(wanted.code)
        wait = self._expected_wait(wanted, ahead, windows, now)
        self._check_may_take(wish, windows, wait, day, now)
        ticket = self._add_ticket(wish, tap, day, now, ahead, wait)
        told = wish.assisted
        detail = {"priority": told.priority, "basis": told.basis, "override": told.override}
        self._note_ticket(
            TicketTaken,
            "ticket_taken",
            ticket,
            now,
            who=told.by or wish.source,
            detail={name: said for name, said in detail.items() if said} or None,
        )
        return self._as_issued(ticket, wanted, ahead, wait, now)

    def _as_issued(
        self, ticket: Ticket, service: Service, ahead: int, wait: Wait | None, now: Instant
    ) -> Issued:
        notice = services.closing_notice(self.calendar(), service, now, self._stopping)
        minutes, around = _told(wait)
        return Issued(ticket, ahead, minutes, fresh=True, notice=notice, wait_range=around)

    @property
    def _stopping(self) -> Stopping:
        rules = self.config.queue
        return Stopping(
            rules.stop_before_minutes, rules.stop_when_too_long, rules.warn_before_minutes
        )

    def _checked(
        self, id_number: str | None, assisted: Assisted, day: str
    ) -> tuple[str | None, Assisted]:
        rules = self.config.queue
        whose = identity.check_id_number(id_number) if id_number else None
        basis = priorities.check_priority(assisted.priority, assisted.basis, rules.priority_classes)
        for name in (assisted.helper, assisted.holder):
            if len(name) > NAME_LENGTH:
                raise NotValid("name_too_long", f"姓名最多 {NAME_LENGTH} 个字。")
        told = replace(assisted, basis=basis, holder=identity.masked(assisted.holder))
        if not told.priority:
            by_age = priorities.by_age(whose, date.fromisoformat(day), rules.priority_age)
            told = replace(told, priority=by_age, basis="身份证年龄" if by_age else "")
        return whose, told

    def _person(self, id_number: str, day: str) -> str:
        return identity.person_hash(self.register.secret("person"), id_number, day)

    def _check_may_take(
        self,
        wish: _Wish,
        windows: list[Attending],
        wait: Wait | None,
        day: str,
        now: Instant,
    ) -> None:
        calendar, service = self.calendar(), wish.service
        refusal = services.hall_is_closed(calendar, now) or services.service_is_closed(
            calendar, service, now
        )
        if refusal is None and self.store.is_day_closed(day):
            refusal = NotAllowed("day_ended", "今天的业务已经结束，请下一工作日再来取号。")
        refusal = refusal or services.not_attended(service, windows, self.store.any_window_open)
        # appointments have their own quota; staff may override with a reason (queue-rules 4)
        if refusal is None and wish.booked is None and not wish.assisted.override.strip():
            refusal = services.taking_stops(
                calendar, service, now, wait.minutes if wait else None, self._stopping
            )
            refusal = refusal or self._quota_used(service, day, now)
        if refusal:
            raise refusal
        self._check_waits_once(wish)

    def _quota_used(self, service: Service, day: str, now: Instant) -> NotAllowed | None:
        if not (service.quota_morning or service.quota_afternoon):
            return None
        calendar = self.calendar()
        morning = calendar.is_before_noon(now)
        begins, noon = days.first_instant(day, self.zone), calendar.noon(day)
        taken = self.store.taken_between(
            service.code, begins if morning else noon, noon if morning else now + 1
        )
        return services.quota_used(service, morning, taken)

    def _check_waits_once(self, wish: _Wish) -> None:
        if not self.config.queue.once_per_service:
            return
        for column, value, whose in (
            ("person", wish.person, "您"),
            ("phone", wish.phone, "这个手机号码"),
        ):
            if value and (waits := self.store.waits_already(column, value, wish.service.code)):
                raise NotAllowed(
                    "already_waiting",
                    f"{whose}已经取了“{wish.service.name}”的 {waits} 号，正在等候，无需再取。",
                )

    def _add_ticket(
        self, wish: _Wish, tap: str, day: str, now: Instant, ahead: int, wait: Wait | None
    ) -> Ticket:
        service, booked, told = wish.service, wish.booked, wish.assisted
        prefix = self._prefix(service, booked, told.priority)
        sequence = self.store.next_sequence(day, prefix)
        ticket = Ticket(
            id=0,
            day=day,
            number=number(prefix, sequence),
            prefix=prefix,
            sequence=sequence,
            service=service.code,
            state=State.WAITING,
            taken_at=now,
            language=wish.language,
            phone=wish.phone,
            source=wish.source,
            window=None,
            called_at=None,
            ended_at=None,
            ahead_at_taking=ahead,
            priority=told.priority,
            slot_at=booked.slot_at if booked else None,
            appointment=booked.appointment if booked else None,
            person=wish.person,
            holder=booked.holder if booked else told.holder,
            helper=told.helper.strip(),
        )
        return self.store.add_ticket(ticket, tap, wish.device, wait.minutes if wait else None)

    def _prefix(self, service: Service, booked: Booked | None, priority: str) -> str:
        rules = self.config.queue
        if booked and rules.mark_appointments:
            return f"Y{service.prefix}"
        return f"V{service.prefix}" if priority and rules.mark_priority else service.prefix

    def _issued(self, ticket: Ticket, *, fresh: bool) -> Issued:
        followed = self._followed(ticket)
        return Issued(
            ticket,
            followed.people_ahead,
            followed.expected_wait,
            fresh,
            wait_range=followed.wait_range,
        )

    def _expected_wait(
        self,
        service: Service,
        ahead: int,
        windows: list[Attending],
        now: Instant,
    ) -> Wait | None:
        minutes = self.screens.minutes(service, now)
        services = self._catalogue.service
        free = line.free_in(windows, lambda code: self.screens.minutes(services[code], now), now)
        beside = 0.0
        if ahead or min(free, default=0.0):  # an idle window means that nobody waits beside either
            for other, share in self.screens.shares.of(service.code):
                if waiting := self.store.waiting_for(other):
                    length = self.screens.minutes(services[other], now)
                    beside += share * waiting * length / minutes
        return line.expected_wait(ahead + beside, minutes, free)

    # -- following ------------------------------------------------------------------------------

    def follow_ticket(self, number: int) -> Followed:
        """Return how a ticket stands now."""
        return self._followed(self.ticket(number))

    def placed(self, ticket: Ticket) -> Issued:
        """Return a ticket as a verb left it, with its place in line; only who waits has one."""
        if ticket.state is State.WAITING:
            return self._issued(ticket, fresh=False)
        return Issued(ticket, 0, None, fresh=False)

    def _followed(self, ticket: Ticket) -> Followed:
        visit = self.store.last_visit_of(ticket.id)
        service = self._catalogue.service[ticket.service]
        windows = self.store.windows_for(ticket.service)
        ahead, wait = 0, None
        if ticket.state is State.WAITING:
            ahead = self.store.people_ahead(ticket)
            wait = self._expected_wait(service, ahead, windows, self.clock())
        watch = tuple(each.no for each in windows if each.state != "closed")
        minutes, around = _told(wait)
        watch = watch or tuple(each.no for each in windows)
        return Followed(ticket, ahead, minutes, watch, visit, around)

    def find(self, text: str) -> list[Ticket]:
        """Return today's tickets by number, or by the last four digits of a phone number."""
        wanted = text.strip().upper()
        if not wanted or not NUMBER.fullmatch(wanted):
            return []
        day = self.store.last_day() or ""
        phone_end = wanted if wanted.isdigit() and len(wanted) == PHONE_END else ""
        return self.store.tickets_like(day, wanted, phone_end, FOUND_MOST)

    def ticket_today(self, number: str) -> Ticket:
        """Return today's ticket by what is printed on it."""
        day = self.store.last_day() or ""
        ticket = self.store.ticket_of_day(day, number.strip().upper())
        if ticket is None:
            raise NotFound(
                "unknown_ticket", f"今天没有 {number.strip()[:12]} 号，请核对小票上的号码。"
            )
        return ticket

    # -- giving up ------------------------------------------------------------------------------

    def cancel(self, number: int, *, by: str = "") -> Ticket:
        """Give a waiting ticket back."""
        with self.store.transaction():
            ticket, now = self.ticket(number), self.clock()
            changed = self._change(ticket, State.CANCELLED, now)
            self._note_ticket(TicketCancelled, "ticket_cancelled", changed, now, who=by)
        return changed


def _told(wait: Wait | None) -> tuple[int | None, tuple[int, int] | None]:
    return (wait.minutes, (wait.least, wait.most)) if wait else (None, None)
