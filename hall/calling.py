"""The verbs of calling: next, this one, again; why this one; and taking the last step back."""

from dataclasses import dataclass

from hall import days, line, undo
from hall.days import Instant
from hall.events import CallRepeated, StepUndone, TicketCalled
from hall.line import AtWindow, Basis, Choice
from hall.refusals import NotAllowed
from hall.tickets import State, Ticket, Visit, VisitState, check_may_become
from hall.verbs import Verbs, check_reason, still
from hall.windows import WindowNow, check_may_call, known_window


@dataclass(frozen=True, slots=True)
class Called:
    """A call: ids of the call and of the visit it began, the ticket, the window, and why."""

    call: int
    visit: int
    ticket: Ticket
    window: int
    why: str = ""


class Calling(Verbs):
    """Who comes to a window."""

    def call_next(self, window: int, *, by: str | None = None) -> Called:
        """Call whoever is next to a window; ``nobody_waiting`` when nobody is."""
        with self.store.transaction():
            at = self._check_free(window)
            choice = self._choose(window)
            if choice is None:
                raise NotAllowed("nobody_waiting", "现在没有人在等候。")
            return self._call(self.ticket(choice.ticket.id), at, choice, "", by)

    def _choose(self, window: int) -> Choice | None:
        now, rules = self.clock(), self.config.queue
        known = self._catalogue.window[window]
        at = AtWindow(window, known.helping, rules.priority_classes, rules.jumps_in_a_row)
        waiting = self.store.may_be_called(window)
        choice = line.choose(waiting, at, now)
        if choice is None or not choice.jumped:
            return choice
        newest = self.store.jumps(window, self.store.last_day() or "", rules.jumps_in_a_row)
        in_a_row = newest.index(False) if False in newest else len(newest)
        return line.choose(waiting, at, now, in_a_row)

    def explain(self, window: int) -> Choice | None:
        """Return who would be called next to a window, and why."""
        known_window(self._catalogue, window)
        return self._choose(window)

    def call_this(
        self, window: int, ticket_id: int, reason: str, *, by: str | None = None
    ) -> Called:
        """Call one ticket before its turn, with a reason that is kept."""
        told = check_reason(reason, "指定呼叫")
        with self.store.transaction():
            at = self._check_free(window)
            ticket = self.ticket(ticket_id)
            check_may_become(ticket, State.CALLED)
            if ticket.state is not State.WAITING:
                raise NotAllowed("not_waiting", f"{ticket.number} 号已经不在等候。")
            served = self._catalogue.window[window].services
            if ticket.service not in served and ticket.own_window != window:
                raise NotAllowed(
                    "not_served_here", f"{window} 号窗口不办理 {ticket.number} 号的业务。"
                )
            return self._call(ticket, at, None, told, by)

    def _check_free(self, window: int) -> WindowNow:
        known_window(self._catalogue, window)
        window_now = self.store.window_now(window)
        check_may_call(window_now)
        if busy := self.store.active_visit(window):
            number = self.ticket(busy.ticket).number
            raise NotAllowed(
                "window_busy", f"{window} 号窗口还在为 {number} 号服务，请先办完或标记过号。"
            )
        return window_now

    def _call(
        self, ticket: Ticket, at: WindowNow, choice: Choice | None, reason: str, by: str | None
    ) -> Called:
        now, window, clerk = self.clock(), at.no, at.clerk
        called = self.store.call_ticket(ticket, window, now)
        if called is None:
            raise NotAllowed("not_waiting", f"{ticket.number} 号已经不在等候。")
        first = ticket.called_at is None
        why = choice.why if choice else f"指定呼叫：{reason}"
        visit = self.store.add_visit(
            called,
            window,
            clerk,
            now,
            waited=self.calendar().open_between(ticket.taken_at, now) if first else None,
            reason=reason,
            basis=(choice.basis if choice else Basis.CHOSEN).name.lower(),
            why=why if choice is None or choice.basis is not Basis.ARRIVAL else "",
            jumped=choice.jumped if choice else True,
        )
        seq = self.store.note(
            now,
            "ticket_called",
            ticket=ticket.id,
            visit=visit,
            window=window,
            who=by or clerk or "",
            detail={"reason": reason} if reason else None,
        )
        self._emit(
            TicketCalled(seq, now, self._zones(called, window), called, window, visit, visit)
        )
        return Called(visit, visit, called, window, why)

    def recall(self, window: int) -> Ticket:
        """Repeat a window's call, so many times and so far apart as the hall allows."""
        with self.store.transaction():
            visit, ticket, now = *self._active(window), self.clock()
            if visit.state is not VisitState.CALLED:
                raise NotAllowed("not_called", f"{ticket.number} 号已经开始办理，无需重呼。")
            self._check_may_recall(visit, now)
            recalls = self.store.repeat_call(visit.id, now)
            assert recalls is not None
            seq = self._note_visit("call_repeated", visit, now)
            zones = self._zones(ticket, window)
            self._emit(CallRepeated(seq, now, zones, ticket, window, visit.id, visit.id, recalls))
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

    # -- undo -----------------------------------------------------------------------------------

    def undo(self, window: int) -> Ticket:
        """Take back a window's last call, miss, transfer or hold, within seconds of it."""
        with self.store.transaction():
            known_window(self._catalogue, window)
            now = self.clock()
            visit = self._undoable(window, now)
            if visit is None:
                raise NotAllowed(
                    "nothing_to_undo",
                    f"没有可撤销的操作：只能在 {self.config.queue.undo_seconds} 秒内撤销。",
                )
            ticket = self.ticket(visit.ticket)
            restored = self._restore(visit, ticket, now)
            seq = self._note_visit("step_undone", visit, now, step=visit.state.value)
            zones = self._zones(restored, window)
            before = tuple(each for each in self._zones(ticket, None) if each not in zones)
            self._emit(StepUndone(seq, now, zones + before, restored, window, visit.id))
        return restored

    def _undoable(self, window: int, now: Instant) -> Visit | None:
        visit = undo.undoable(
            self.store.active_visit(window),
            self.store.held_visits(window)[-1:],
            self.store.newest_ended(window),
        )
        if visit is None:
            return None
        within = self.config.queue.undo_seconds * days.SECOND
        return visit if 0 <= now - undo.last_step(visit) <= within else None

    def _restore(self, visit: Visit, ticket: Ticket, now: Instant) -> Ticket:
        """Put visit and ticket back to what they were before the last step."""
        before = VisitState.SERVING if visit.started_at is not None else VisitState.CALLED
        match visit.state:
            case VisitState.CALLED:
                self.store.end_visit(visit, VisitState.UNDONE, now)
                becomes, window, misses = State.WAITING, None, ticket.misses
            case VisitState.HELD:
                self.store.resume_visit(visit.id, now)
                becomes, window, misses = State.SERVING, visit.window, ticket.misses
            case _:
                expected = State.MISSED if visit.state is VisitState.MISSED else State.WAITING
                newest = self.store.last_visit_of(ticket.id)
                if ticket.state is not expected or newest is None or newest.id != visit.id:
                    raise NotAllowed(
                        "changed_meanwhile", f"{ticket.number} 号之后又有变化，不能再撤销。"
                    )
                self.store.reopen_visit(visit, before)
                missed = visit.state is VisitState.MISSED
                becomes, window = State(before.value), visit.window
                misses = ticket.misses - missed
        changed = self.store.take_back(ticket, becomes, window, visit.service, misses)
        return still(changed, ticket)
