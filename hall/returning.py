"""The verbs of coming back after a miss or a hold, at the kiosk or with the help desk's word."""

from hall import line
from hall.days import Instant
from hall.events import TicketReturned
from hall.refusals import NotAllowed
from hall.taking import Issued, Taking
from hall.tickets import IN_CHINESE, State, Ticket, VisitState, check_may_become
from hall.verbs import check_reason, still


class Returning(Taking):
    """Who was missed or held waits again."""

    def come_back(self, number: str, *, by: str = "kiosk") -> Issued:
        """Let who was missed or held wait again, at the kiosk, as the hall's policy has it.

        Who already waits is told so again: every request may come twice.
        """
        with self.store.transaction():
            ticket, now = self.ticket_today(number), self.clock()
            if ticket.state is State.MISSED and (
                refused := self.return_policy.refusal(ticket, now)
            ):
                raise refused
            return self._issued(self._put_back(ticket, now, by, ""), fresh=True)

    def bring_back(self, ticket_id: int, reason: str, *, by: str) -> Issued:
        """Let the help desk bring somebody back, whatever the policy says, with a reason."""
        told = check_reason(reason, "返回队列")
        with self.store.transaction():
            ticket, now = self.ticket(ticket_id), self.clock()
            if ticket.day != self._today(now):
                raise NotAllowed("not_today", f"{ticket.number} 号不是今天的号，请重新取号。")
            return self._issued(self._put_back(ticket, now, by, told), fresh=True)

    def _put_back(self, ticket: Ticket, now: Instant, by: str, reason: str) -> Ticket:
        if ticket.state is State.WAITING:
            return ticket
        if ticket.state not in (State.MISSED, State.HELD):
            raise NotAllowed(
                "not_returnable", f"{ticket.number} 号{IN_CHINESE[ticket.state]}，无需返回。"
            )
        check_may_become(ticket, State.WAITING)
        own_window = self._leave_hold(ticket, now) if ticket.state is State.HELD else None
        after = ticket.after if own_window else self._behind(ticket)
        turn = self.store.last_seq() + 1
        changed = self.store.put_back(
            ticket,
            service=ticket.service,
            via="hold" if own_window else "return",
            after=after,
            turn=ticket.turn if own_window else turn,
            own_window=own_window,
            misses=ticket.misses,
        )
        waiting = still(changed, ticket)
        detail = {"reason": reason} if reason else None
        self._note_ticket(TicketReturned, "ticket_returned", waiting, now, who=by, detail=detail)
        return waiting

    def _leave_hold(self, ticket: Ticket, now: Instant) -> int:
        visit = self.store.last_visit_of(ticket.id)
        assert visit is not None
        self.store.end_visit(visit, VisitState.RETURNED, now)
        return visit.window

    def _behind(self, ticket: Ticket) -> int:
        rules = self.config.queue
        places = rules.return_after_places if rules.returns == "after_places" else None
        waiting = self.store.places_in_line(ticket.service)
        return line.place_after(waiting, places, ticket.after or ticket.id)
