"""What the help desk changes for somebody who waits: the line, a priority, a pin."""

from hall import priorities, services
from hall.events import TicketMoved
from hall.refusals import NotAllowed
from hall.taking import Issued, Taking
from hall.tickets import IN_CHINESE, State, Ticket
from hall.verbs import check_reason, still


class Favouring(Taking):
    """Waiting tickets, as the help desk sets them right."""

    def change_line(self, ticket_id: int, service: str, reason: str, *, by: str) -> Issued:
        """Move a waiting ticket to the line of another service, at its original arrival."""
        told = check_reason(reason, "更换业务")
        with self.store.transaction():
            ticket, now = self._waiting(ticket_id), self.clock()
            wanted = services.known_service(self._catalogue.service.get(service), service)
            windows = self.store.windows_for(service)
            if refusal := services.not_attended(wanted, windows, self.store.any_window_open):
                raise refusal
            was = self._zones(ticket, None)
            changed = self.store.put_back(
                ticket,
                service=service,
                via="" if ticket.via == "transfer" else ticket.via,
                after=ticket.after,
                turn=ticket.turn,
                own_window=None,
                misses=ticket.misses,
            )
            moved = still(changed, ticket)
            detail = {"from": ticket.service, "to": service, "reason": told}
            self._note_ticket(
                TicketMoved, "ticket_moved", moved, now, who=by, detail=detail, zones=was
            )
            return self._issued(moved, fresh=True)

    def favour(
        self, ticket_id: int, *, priority: str = "", basis: str = "", pin: str = "", by: str
    ) -> Ticket:
        """Give a waiting ticket a priority class with its basis, or pin it with a reason."""
        seen = priorities.check_priority(priority, basis, self.config.queue.priority_classes)
        pinned = check_reason(pin, "置顶") if pin or not priority else ""
        with self.store.transaction():
            ticket, now = self._waiting(ticket_id), self.clock()
            changed = self.store.favour(
                ticket.id, priority or ticket.priority, pinned or ticket.pinned
            )
            favoured = still(changed, ticket)
            detail = {"priority": priority, "basis": seen, "pinned": pinned}
            told = {name: said for name, said in detail.items() if said}
            self._note_ticket(TicketMoved, "ticket_favoured", favoured, now, who=by, detail=told)
        return favoured

    def unfavour(self, ticket_id: int, reason: str, *, by: str) -> Ticket:
        """Let a ticket that was preferred or pinned by mistake wait in its line again."""
        told = check_reason(reason, "取消优先")
        with self.store.transaction():
            ticket, now = self._waiting(ticket_id), self.clock()
            if not (ticket.priority or ticket.pinned):
                raise NotAllowed("not_favoured", f"{ticket.number} 号没有优先或置顶，无需取消。")
            plain = still(self.store.favour(ticket.id, "", ""), ticket)
            detail = {"reason": told}
            self._note_ticket(TicketMoved, "ticket_unfavoured", plain, now, who=by, detail=detail)
        return plain

    def _waiting(self, ticket_id: int) -> Ticket:
        ticket = self.ticket(ticket_id)
        if ticket.state is not State.WAITING:
            raise NotAllowed(
                "not_waiting", f"{ticket.number} 号{IN_CHINESE[ticket.state]}，已经不在等候。"
            )
        return ticket
