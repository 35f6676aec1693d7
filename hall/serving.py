"""The verbs of serving: start, finish, miss, hold, resume, transfer, and the next service."""

from typing import Any

from hall import days, services
from hall.days import Instant
from hall.events import (
    ServiceFinished,
    ServiceHeld,
    ServiceResumed,
    ServiceStarted,
    TicketMissed,
    TicketTransferred,
)
from hall.refusals import NotAllowed, NotValid
from hall.tickets import Hold, Outcome, State, Ticket, Visit, VisitState, check_may_become
from hall.verbs import Verbs, check_reason, still
from hall.windows import check_may_call, known_window

CASE_NUMBER_LENGTH = 50


class Serving(Verbs):
    """What happens at a window."""

    def start(self, window: int) -> Ticket:
        """Begin the service: the citizen stands at the window."""
        with self.store.transaction():
            visit, ticket, now = *self._active(window), self.clock()
            if ticket.state is not State.CALLED:
                raise NotAllowed("not_called", f"{ticket.number} 号已经开始办理。")
            changed = self._change(ticket, State.SERVING, now)
            self.store.start_visit(visit.id, now)
            seq = self._note_visit("service_started", visit, now)
            self._emit(
                ServiceStarted(seq, now, self._zones(ticket, window), changed, window, visit.id)
            )
        return changed

    def finish(self, window: int, outcome: str, case_number: str | None = None) -> Ticket:
        """End the service with an outcome; from now on it may be rated."""
        result, case = _how_it_ended(outcome, case_number)
        with self.store.transaction():
            visit, ticket, now = *self._active(window), self.clock()
            changed = self._change(ticket, State.DONE, now)
            self._finish_visit(visit, changed, result, case, now)
        return changed

    def _finish_visit(
        self, visit: Visit, ticket: Ticket, result: Outcome, case: str | None, now: Instant
    ) -> None:
        self.store.end_visit(visit, VisitState.DONE, now, result.value, case)
        self.screens.pace.forget(visit.service)
        seq = self._note_visit("service_finished", visit, now, outcome=result.value)
        zones = self._zones(ticket, visit.window)
        self._emit(
            ServiceFinished(
                seq, now, zones, ticket, visit.window, visit.id, visit.clerk, result.value
            )
        )

    def next_service(
        self, window: int, service: str, outcome: str, case_number: str | None = None
    ) -> Ticket:
        """End one service and begin another for the same citizen, without a second ticket."""
        result, case = _how_it_ended(outcome, case_number)
        with self.store.transaction():
            visit, ticket, now = *self._active(window), self.clock()
            services.known_service(self._catalogue.service.get(service), service)
            if service not in self._catalogue.window[window].services:
                raise NotAllowed("not_served_here", f"{window} 号窗口不办理这项业务，请转办。")
            check_may_become(ticket, State.DONE)
            self._finish_visit(visit, ticket, result, case, now)
            changed = still(
                self.store.take_back(ticket, State.SERVING, window, service, ticket.misses), ticket
            )
            follows = self.store.add_visit(
                changed,
                window,
                visit.clerk,
                now,
                waited=None,
                basis="same_visit",
                state=VisitState.SERVING,
            )
            seq = self.store.note(
                now,
                "service_added",
                ticket=ticket.id,
                visit=follows,
                window=window,
                who=visit.clerk or "",
                detail={"service": service},
            )
            zones = self._zones(changed, window)
            self._emit(ServiceStarted(seq, now, zones, changed, window, follows))
        return changed

    def miss(self, window: int) -> Ticket:
        """Mark the called ticket as missed: nobody came."""
        with self.store.transaction():
            visit, ticket, now = *self._active(window), self.clock()
            check_may_become(ticket, State.MISSED)
            changed = still(self.store.miss_ticket(ticket, max(now, ticket.taken_at)), ticket)
            self.store.end_visit(visit, VisitState.MISSED, now)
            seq = self._note_visit("ticket_missed", visit, now, misses=changed.misses)
            self._emit(
                TicketMissed(seq, now, self._zones(ticket, window), changed, window, visit.id)
            )
        return changed

    # -- hold -----------------------------------------------------------------------------------

    def hold(self, window: int, kind: str) -> Ticket:
        """Lay the service aside; the window is free, and the hold has a clock of its own."""
        how = Hold.from_text(kind)
        with self.store.transaction():
            visit, ticket, now = *self._active(window), self.clock()
            changed = self._change(ticket, State.HELD, now)
            self.store.hold_visit(visit.id, how.value, now)
            seq = self._note_visit("service_held", visit, now, kind=how.value)
            self._emit(
                ServiceHeld(seq, now, self._zones(ticket, window), changed, window, visit.id)
            )
        return changed

    def resume(self, window: int, ticket_id: int) -> Ticket:
        """Go on with what this window holds."""
        with self.store.transaction():
            known_window(self._catalogue, window)
            check_may_call(self.store.window_now(window))
            if busy := self.store.active_visit(window):
                number = self.ticket(busy.ticket).number
                raise NotAllowed("window_busy", f"{window} 号窗口正在为 {number} 号服务。")
            ticket, now = self.ticket(ticket_id), self.clock()
            visit = self.store.last_visit_of(ticket_id)
            if visit is None or visit.state is not VisitState.HELD or visit.window != window:
                raise NotAllowed("not_held_here", f"{ticket.number} 号没有挂起在 {window} 号窗口。")
            changed = self._change(ticket, State.SERVING, now)
            self.store.resume_visit(visit.id, now)
            seq = self._note_visit("service_resumed", visit, now)
            self._emit(
                ServiceResumed(seq, now, self._zones(ticket, window), changed, window, visit.id)
            )
        return changed

    def hold_limit(self, kind: str) -> Instant:
        """Return how long a hold of a kind may last, in milliseconds."""
        rules = self.config.queue
        minutes = {
            Hold.WITH_FILE: rules.hold_with_file_minutes,
            Hold.WITHOUT_FILE: rules.hold_without_file_minutes,
            Hold.FOR_SOMEBODY: rules.hold_for_somebody_minutes,
        }
        return minutes[Hold(kind)] * days.MINUTE

    # -- transfer -------------------------------------------------------------------------------

    def transfer(
        self,
        window: int,
        *,
        reason: str,
        service: str | None = None,
        to_window: int | None = None,
        wrong_item: bool = False,
    ) -> Ticket:
        """Send the ticket on, at its original arrival and with its history.

        To a service, or to a window (then only that one calls it); a wrong item goes to its right
        line as if it had been taken there.
        """
        told = check_reason(reason, "转办")
        with self.store.transaction():
            visit, ticket, now = *self._active(window), self.clock()
            check_may_become(ticket, State.WAITING)
            goes_to = self._destination(window, ticket, service, to_window)
            via = "" if wrong_item and to_window is None else "transfer"
            self.store.end_visit(visit, VisitState.TRANSFERRED, now)
            changed = still(
                self.store.put_back(
                    ticket,
                    service=goes_to,
                    via=via,
                    after=None,
                    turn=0,
                    own_window=to_window,
                    misses=ticket.misses,
                ),
                ticket,
            )
            detail: dict[str, Any] = {"from": ticket.service, "to": goes_to, "reason": told}
            detail |= {"window": to_window} if to_window else {}
            detail |= {"wrong_item": True} if wrong_item else {}
            seq = self._note_visit("ticket_transferred", visit, now, **detail)
            here = self._zones(ticket, window)
            there = tuple(each for each in self._zones(changed, None) if each not in here)
            self._emit(TicketTransferred(seq, now, here + there, changed, window, visit.id))
        return changed

    def _destination(
        self, window: int, ticket: Ticket, service: str | None, to_window: int | None
    ) -> str:
        if (service is None) == (to_window is None):
            raise NotValid("bad_transfer", "请写明转到哪项业务或哪个窗口，二者选一。")
        if service is not None:
            wanted = services.known_service(self._catalogue.service.get(service), service)
            if service == ticket.service:
                raise NotValid("same_service", f"{ticket.number} 号已经是这项业务，请另选。")
            windows = self.store.windows_for(service)
            if refusal := services.not_attended(wanted, windows, self.store.any_window_open):
                raise refusal
            return service
        assert to_window is not None
        there = known_window(self._catalogue, to_window)
        if to_window == window:
            raise NotValid("same_window", "号已经在本窗口，请另选窗口。")
        if self.store.window_now(to_window).state == "closed":
            raise NotAllowed("window_not_open", f"{to_window} 号窗口未开启，请另选窗口。")
        if ticket.service in there.services or not there.services:
            return ticket.service
        return there.services[0]


def _how_it_ended(outcome: str, case_number: str | None) -> tuple[Outcome, str | None]:
    result = Outcome.from_text(outcome)
    case = (case_number or "").strip() or None
    if case and len(case) > CASE_NUMBER_LENGTH:
        raise NotValid("case_number_too_long", f"办件编号最多 {CASE_NUMBER_LENGTH} 个字符。")
    return result, case
