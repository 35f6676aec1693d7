"""What all verbs of the queue share: the business day, the journal's words."""

import logging
from typing import Any

from hall import days
from hall.calendar import Calendar
from hall.catalogue import Catalogue
from hall.config import Config
from hall.days import Clock, Instant
from hall.events import TicketEvent, TicketExpired
from hall.missing import ReturnPolicy
from hall.refusals import NotAllowed, NotFound, NotValid
from hall.register import Register
from hall.screens import Screens
from hall.store import Store
from hall.teller import Teller
from hall.tickets import State, Ticket, Visit, check_may_become
from hall.windows import known_window

REASON_LENGTH = 200
log = logging.getLogger("hall.desk")


class Verbs(Teller):
    """The ground on which the verbs stand."""

    def __init__(self, store: Store, register: Register, config: Config, clock: Clock) -> None:
        super().__init__(store, log)
        self.register = register
        self.config = config
        self.clock = clock
        self.zone = config.hall.zone
        self.screens = Screens(store, register, config, clock)
        queue = config.queue
        self.return_policy = ReturnPolicy(
            *(queue.returns, queue.return_after_places, queue.return_within_minutes),
            queue.misses_most,
        )
        register.followers.append(self._tell)

    # -- what is known --------------------------------------------------------------------------

    @property
    def _catalogue(self) -> Catalogue:
        return self.register.catalogue()

    def calendar(self) -> Calendar:
        """Return when the hall and its services are open."""
        return self.screens.calendar()

    def ticket(self, number: int) -> Ticket:
        """Return a ticket by its id."""
        ticket = self.store.ticket(number)
        if ticket is None:
            raise NotFound("unknown_ticket", "没有这张号票。")
        return ticket

    def _active(self, window: int) -> tuple[Visit, Ticket]:
        known_window(self._catalogue, window)
        active = self.store.active(window)
        if active is None:
            raise NotAllowed("nothing_called", f"{window} 号窗口没有正在呼叫或办理的号。")
        return active

    def _today(self, now: Instant) -> str:
        last = self.store.last_day()
        day = days.business_day(now, self.zone, last)
        if day != last:
            self.store.open_day(day, now)
            self.store.note(now, "day_opened", detail={"day": day})
            if last is not None:
                self._expire(last, now)
            self.store.forget_people(day)
        return day

    def _expire(self, until_day: str, now: Instant) -> None:
        for ticket in self.store.expire_open(until_day, now):
            self._note_ticket(TicketExpired, "ticket_expired", ticket, now)

    # -- changing -------------------------------------------------------------------------------

    def _change(self, ticket: Ticket, becomes: State, now: Instant) -> Ticket:
        check_may_become(ticket, becomes)
        ends = becomes not in (State.SERVING, State.HELD)
        ended_at = max(now, ticket.taken_at) if ends else None
        return still(self.store.change_ticket(ticket, becomes, ended_at), ticket)

    # -- the journal's words --------------------------------------------------------------------

    def _note_ticket(
        self,
        kind: type[TicketEvent],
        event: str,
        ticket: Ticket,
        now: Instant,
        who: str = "",
        detail: dict[str, Any] | None = None,
        zones: tuple[str, ...] = (),
    ) -> None:
        seq = self.store.note(now, event, ticket=ticket.id, who=who, detail=detail)
        own = self._zones(ticket, None)
        more = tuple(zone for zone in zones if zone not in own)
        self._emit(kind(seq, now, own + more, ticket))

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
        catalogue = self._catalogue
        zones = catalogue.zones_of.get(ticket.service, ())
        for no in (window, ticket.own_window):
            if no is not None and (zone := catalogue.window[no].zone) not in zones:
                zones = (*zones, zone)
        return zones


def still(changed: Ticket | None, ticket: Ticket) -> Ticket:
    """Return a ticket as it was changed, or refuse what somebody else changed meanwhile."""
    if changed is None:
        raise NotAllowed("changed_meanwhile", f"{ticket.number} 号刚刚有变化，请再看一次。")
    return changed


def check_reason(reason: str, what: str) -> str:
    """Return the reason for ``what``, or refuse none and one that is too long."""
    told = reason.strip()
    if not told:
        raise NotValid("reason_missing", f"{what}须写明原因。")
    if len(told) > REASON_LENGTH:
        raise NotValid("reason_too_long", f"原因最多 {REASON_LENGTH} 个字。")
    return told
