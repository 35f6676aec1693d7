"""Whatever people do in whatever order, the queue keeps its promises.

``make machine`` runs 20,000 sequences, ``make test`` five hundred; either fails when it ran fewer.
"""

import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from halls import MovedClock, Rooms, open_rooms
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from thrift import thrifty

import rating.proof
from hall import proof
from hall.days import DAY, HOUR, SECOND
from hall.refusals import NotAllowed
from hall.store import Store
from hall.tickets import ENDED, Hold, State

SEQUENCES = 500
STEPS = 50
# Power cuts are copies of the file: what the disk does is tests/test_killed_under_load.py's.
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
WINDOWS = (1, 2, 4)
SERVICES = ("marriage", "estate", "advice")

ran: Counter[str] = Counter()
windows = st.sampled_from(WINDOWS)
services = st.sampled_from(SERVICES)
picks = st.integers(0, 60)


class TheQueue(RuleBasedStateMachine):
    """A hall of three windows in which anything happens."""

    template: Path

    @initialize()
    def opens(self) -> None:
        """Open a fresh hall, a copy of one that was made once."""
        self.folder = Path(tempfile.mkdtemp(prefix="machine-", dir=MEMORY))
        self.restarts = 0
        self.clock = MovedClock()
        shutil.copy(self.template, self.folder / "0.db")
        self.rooms = self._open()
        # what was acknowledged: ticket -> (number, state), visits finished and rated, taps
        self.tickets: dict[int, State] = {}
        self.numbers: dict[int, tuple[str, str]] = {}
        self.taps: dict[str, int] = {}
        self.finished: set[int] = set()
        self.rated: set[int] = set()
        ran["sequences"] += 1
        for service in ("marriage", "estate", "advice", "marriage"):
            self.take(service, len(self.taps), None)

    def _open(self) -> Rooms:
        return open_rooms(
            self.folder / f"{self.restarts}.db",
            self.clock,
            hall={"always_open": True},
            queue={"stop_when_too_long": False},
        )

    def teardown(self) -> None:
        """Close the hall; its file must be whole."""
        if not hasattr(self, "rooms"):
            return
        try:
            assert proof.problems(self.rooms.store) == []
            assert rating.proof.problems(self.rooms.book) == []
        finally:
            self.rooms.store.close()
            shutil.rmtree(self.folder)

    # -- doing ----------------------------------------------------------------------------------

    def _try(self, act: Callable[[], Any]) -> Any:
        """Do something; what is refused leaves no trace."""
        ran["steps"] += 1
        before = self.rooms.desk.rev()
        try:
            return act()
        except NotAllowed as refused:
            ran[f"refused {refused.code}"] += 1
        assert self.rooms.desk.rev() == before, "a refusal changed something"
        return None

    def _see(self, ticket: Any) -> None:
        """Remember what was acknowledged of a ticket."""
        if ticket is not None:
            self.tickets[ticket.id] = ticket.state

    def _active(self, window: int) -> Any:
        return self.rooms.store.active_visit(window)

    def _busy(self, which: int, state: str | None = None) -> int:
        """Return a window that is busy, three times of four; else any, to be refused."""
        busy = [
            window
            for window, _, _, _, now, _ in self.rooms.store.active_visits()
            if state in (None, now)
        ]
        some = sorted(busy) if busy and which % 4 else WINDOWS
        return some[which % len(some)]

    def _one_of(self, which: int, state: State) -> int:
        """Return a ticket in a state, three times of four; else any."""
        such = sorted(each for each, now in self.tickets.items() if now is state)
        some = such if such and which % 4 else sorted(self.tickets)
        return some[which % len(some)]

    @rule(service=services, number=st.integers(0, 40), phone=st.sampled_from([None, "13800138000"]))
    def take(self, service: str, number: int, phone: str | None) -> None:
        """Somebody takes a ticket, perhaps with a tap that was seen before."""
        tap = f"tap-of-{number:04d}"
        issued = self._try(lambda: self.rooms.desk.issue(service, tap, phone=phone))
        if issued is None:
            return
        if tap in self.taps:
            assert issued.ticket.id == self.taps[tap], "one tap gave two tickets"
            assert not issued.fresh
            return
        assert issued.fresh
        assert issued.ticket.id not in self.tickets
        self.taps[tap] = issued.ticket.id
        self.numbers[issued.ticket.id] = (issued.ticket.day, issued.ticket.number)
        self._see(issued.ticket)
        ran["taken"] += 1

    @precondition(lambda self: State.WAITING in self.tickets.values())
    @rule(window=windows)
    def call(self, window: int) -> None:
        """A clerk calls whoever is next."""
        called = self._try(lambda: self.rooms.desk.call_next(window))
        if called:
            assert self.tickets[called.ticket.id] is State.WAITING, "called who did not wait"
            self._see(called.ticket)
            ran["called"] += 1

    @precondition(lambda self: State.WAITING in self.tickets.values())
    @rule(window=windows)
    def serve(self, window: int) -> None:
        """A clerk calls whoever is next, who comes at once."""
        self.call(window)
        if self._active(window):
            self._see(self._try(lambda: self.rooms.desk.start(window)))

    @precondition(lambda self: self.rooms.desk.rev() % 3 == 0)
    @rule(window=windows, which=picks)
    def call_this(self, window: int, which: int) -> None:
        """A clerk calls one ticket before its turn."""
        if self.tickets:
            ticket = self._one_of(which, State.WAITING)
            called = self._try(lambda: self.rooms.desk.call_this(window, ticket, "有急事"))
            if called:
                assert self.tickets[ticket] is State.WAITING
                self._see(called.ticket)

    @precondition(lambda self: State.CALLED in self.tickets.values())
    @rule(which=picks)
    def recall(self, which: int) -> None:
        """A clerk repeats the call."""
        window = self._busy(which, "called")
        self._try(lambda: self.rooms.desk.recall(window))

    @precondition(lambda self: State.CALLED in self.tickets.values())
    @rule(which=picks)
    def start(self, which: int) -> None:
        """The citizen stands at the window."""
        window = self._busy(which, "called")
        self._see(self._try(lambda: self.rooms.desk.start(window)))

    @precondition(lambda self: State.SERVING in self.tickets.values())
    @rule(which=picks)
    def finish(self, which: int) -> None:
        """The service ends."""
        window = self._busy(which, "serving")
        visit = self._active(window)
        ticket = self._try(lambda: self.rooms.desk.finish(window, "completed"))
        if ticket:
            self.finished.add(visit.id)
            self._see(ticket)
            ran["finished"] += 1

    @precondition(lambda self: State.SERVING in self.tickets.values())
    @rule(which=picks, service=services)
    def next_service(self, which: int, service: str) -> None:
        """The citizen has a second thing to do at the same window."""
        window = self._busy(which, "serving")
        visit = self._active(window)
        ticket = self._try(lambda: self.rooms.desk.next_service(window, service, "completed"))
        if ticket:
            self.finished.add(visit.id)
            self._see(ticket)

    @precondition(lambda self: State.CALLED in self.tickets.values())
    @rule(which=picks)
    def miss(self, which: int) -> None:
        """Nobody came."""
        window = self._busy(which, "called")
        ticket = self._try(lambda: self.rooms.desk.miss(window))
        self._see(ticket)
        ran["missed"] += ticket is not None

    @precondition(lambda self: bool({State.MISSED, State.HELD} & {*self.tickets.values()}))
    @rule(which=picks)
    def come_back(self, which: int) -> None:
        """Somebody types a number at the kiosk to come back."""
        if self.numbers:
            ticket = self._one_of(which, State.MISSED if which % 3 else State.HELD)
            back = self._try(lambda: self.rooms.desk.come_back(self.numbers[ticket][1]))
            if back:
                assert back.ticket.state is State.WAITING
                self._see(back.ticket)
                ran["came back"] += 1

    @precondition(lambda self: State.SERVING in self.tickets.values())
    @rule(which=picks, kind=st.sampled_from(list(Hold)))
    def hold(self, which: int, kind: Hold) -> None:
        """The service is laid aside."""
        window = self._busy(which, "serving")
        ticket = self._try(lambda: self.rooms.desk.hold(window, kind.value))
        self._see(ticket)
        ran["held"] += ticket is not None

    @precondition(lambda self: State.HELD in self.tickets.values())
    @rule(window=windows)
    def resume(self, window: int) -> None:
        """A window goes on with what lies there."""
        lying = {each: self.rooms.store.held_visits(each) for each in WINDOWS}
        window = window if lying[window] else max(WINDOWS, key=lambda each: len(lying[each]))
        for visit in lying[window][:1]:
            ticket = self._try(lambda ticket=visit.ticket: self.rooms.desk.resume(window, ticket))  # type: ignore[misc]
            self._see(ticket)
            ran["resumed"] += ticket is not None

    @precondition(lambda self: bool({State.CALLED, State.SERVING} & {*self.tickets.values()}))
    @rule(which=picks, service=services, wrong_item=st.booleans())
    def transfer(self, which: int, service: str, wrong_item: bool) -> None:
        """A clerk sends a ticket on to another service."""
        window = self._busy(which)
        ticket = self._try(
            lambda: self.rooms.desk.transfer(
                window, service=service, reason="转办", wrong_item=wrong_item
            )
        )
        self._see(ticket)
        ran["transferred"] += ticket is not None

    @precondition(lambda self: bool({State.CALLED, State.SERVING} & {*self.tickets.values()}))
    @rule(which=picks, to_window=windows)
    def transfer_to_window(self, which: int, to_window: int) -> None:
        """A clerk sends a ticket on to a colleague."""
        window = self._busy(which)
        self._see(
            self._try(lambda: self.rooms.desk.transfer(window, to_window=to_window, reason="转办"))
        )

    @precondition(lambda self: self.rooms.desk.rev() > 12)
    @rule(window=windows)
    def undo(self, window: int) -> None:
        """A clerk takes the last step back."""
        ticket = self._try(lambda: self.rooms.desk.undo(window))
        self._see(ticket)
        ran["undone"] += ticket is not None

    @precondition(lambda self: self.rooms.desk.rev() % 3 == 1)
    @rule(which=picks)
    def cancel(self, which: int) -> None:
        """Somebody gives a ticket back."""
        if self.tickets:
            ticket = self._one_of(which, State.WAITING)
            self._see(self._try(lambda: self.rooms.desk.cancel(ticket)))

    @rule(which=picks, service=services)
    def change_line(self, which: int, service: str) -> None:
        """The help desk moves somebody to another line."""
        if self.tickets:
            ticket = self._one_of(which, State.WAITING)
            moved = self._try(
                lambda: self.rooms.desk.change_line(ticket, service, "取错了", by="9001")
            )
            if moved:
                self._see(moved.ticket)

    @rule(window=windows, act=st.sampled_from(["open", "open", "open", "pause", "close"]))
    def staff(self, window: int, act: str) -> None:
        """A clerk comes, rests or goes."""
        desk = self.rooms.desk
        acts: dict[str, Callable[[], Any]] = {
            "open": lambda: desk.open(window),
            "pause": lambda: desk.pause(window, "暂时离开"),
            "close": lambda: desk.close(window),
        }
        self._try(acts[act])

    @precondition(lambda self: bool(self.finished))
    @rule(which=picks, level=st.sampled_from(["very_satisfied", "dissatisfied"]))
    def rate(self, which: int, level: str) -> None:
        """Somebody rates any visit there ever was."""
        visits = [each for (each,) in self.rooms.store.rows("select id from visit order by id")]
        if visits:
            unrated = sorted(self.finished - self.rated)
            some = unrated if unrated and which % 4 else visits
            visit = some[which % len(some)]
            rated = self._try(lambda: self.rooms.book.rate(visit, level, "evaluator"))
            if rated:
                assert visit in self.finished, "rated what was not finished"
                assert visit not in self.rated, "rated twice"
                self.rated.add(visit)
                ran["rated"] += 1

    @rule(by=st.sampled_from([SECOND, SECOND, 11 * SECOND, -SECOND, HOUR, -HOUR, DAY, -DAY]))
    def clock_jumps(self, by: int) -> None:
        """The machine's clock is set forwards or backwards."""
        self.clock.instant += by
        ran["jumps"] += 1

    @rule()
    def tick(self) -> None:
        """A second passes: days end."""
        ran["steps"] += 1
        self.rooms.desk.tick()
        self.rooms.book.tick()
        self._days_may_have_ended()

    @precondition(lambda self: self.rooms.desk.rev() % 4 == 0)
    @rule()
    def crash(self) -> None:
        """The power fails: what is on the disk is all there is."""
        old = self.folder / f"{self.restarts}.db"
        self.restarts += 1
        for end in ("", "-wal"):
            if Path(f"{old}{end}").exists():
                shutil.copy(f"{old}{end}", self.folder / f"{self.restarts}.db{end}")
        crashed, self.rooms = self.rooms, self._open()
        crashed.store.close()
        ran["crashes"] += 1
        ran["steps"] += 1

    def _days_may_have_ended(self) -> None:
        for ticket, state in self.tickets.items():
            if state in (State.WAITING, State.HELD):
                now = self.rooms.desk.ticket(ticket)
                if now.state is State.EXPIRED:
                    assert now.day < (self.rooms.store.last_day() or "")
                    self.tickets[ticket] = State.EXPIRED

    # -- what always holds ----------------------------------------------------------------------

    @invariant()
    def acknowledged_is_stored(self) -> None:
        """Every ticket is in the state that was last acknowledged, or its day has ended."""
        if not hasattr(self, "rooms"):
            return
        self._days_may_have_ended()
        stored = dict(self.rooms.store.rows("select id, state from ticket"))
        assert stored == {ticket: state.value for ticket, state in self.tickets.items()}

    @invariant()
    def numbers_are_given_once(self) -> None:
        """No number is given twice on a day."""
        if hasattr(self, "rooms"):
            assert len(set(self.numbers.values())) == len(self.numbers)

    @invariant()
    def a_window_has_one_ticket_and_a_ticket_one_window(self) -> None:
        """What is called or served is at exactly one window."""
        if not hasattr(self, "rooms"):
            return
        active = self.rooms.store.active_visits()
        assert len({each[0] for each in active}) == len(active)
        at_windows = sorted(each[1] for each in active)
        busy = (State.CALLED, State.SERVING)
        assert at_windows == sorted(t for t, state in self.tickets.items() if state in busy)

    @invariant()
    def waiting_is_taken_less_called_less_ended(self) -> None:
        """The line is what was taken and is neither at a window, laid aside nor at its end."""
        if not hasattr(self, "rooms"):
            return
        states = Counter(self.tickets.values())
        ended = sum(states[each] for each in ENDED)
        at_windows = states[State.CALLED] + states[State.SERVING] + states[State.HELD]
        waiting = sum(self.rooms.store.waiting().values())
        assert waiting == len(self.tickets) - at_windows - ended

    @invariant()
    def the_board_is_a_function_of_the_file(self) -> None:
        """A stranger who opens the file shows the same board."""
        if not hasattr(self, "rooms") or self.rooms.desk.rev() % 7:
            return
        here = self.rooms
        stranger = Store(here.store.path, readonly=True)
        try:
            own = type(here.desk)(
                stranger, type(here.register)(stranger, self.clock), here.desk.config, self.clock
            )
            for zone in ("1F", "2F"):
                assert own.board(zone) == here.desk.board(zone)
        finally:
            stranger.close()

    @invariant()
    def a_rating_is_of_a_finished_service_and_there_is_one(self) -> None:
        """What was rated is what was acknowledged as rated."""
        if hasattr(self, "rooms"):
            stored = [each for (each,) in self.rooms.store.rows("select visit from rating")]
            assert sorted(stored) == sorted(self.rated)


def run(sequences: int) -> Counter[str]:
    """Run so many sequences and return what happened in them; fails when there were fewer."""
    ran.clear()
    with tempfile.TemporaryDirectory() as folder:
        TheQueue.template = Path(folder) / "template.db"
        rooms = open_rooms(TheQueue.template, MovedClock(), hall={"always_open": True})
        for window in WINDOWS:
            rooms.desk.open(window)
        rooms.store.close()
        machine = TheQueue.TestCase
        machine.settings = settings(
            max_examples=sequences,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )
        machine("runTest").runTest()
    assert ran["sequences"] >= sequences, f"only {ran['sequences']} of {sequences} sequences ran"
    assert ran["steps"] >= sequences * STEPS // 4, f"only {ran['steps']} steps ran"
    return +ran


@pytest.mark.timeout(300)
def test_whatever_happens_the_queue_keeps_its_promises() -> None:
    happened = run(SEQUENCES)
    for what in (
        "taken",
        "called",
        "finished",
        "missed",
        "came back",
        "held",
        "resumed",
        "transferred",
        "undone",
        "rated",
        "jumps",
        "crashes",
    ):
        assert happened[what] >= SEQUENCES // 50, f"{what} happened only {happened[what]} times"


if __name__ == "__main__":
    asked = int(sys.argv[1]) if len(sys.argv) > 1 else SEQUENCES
    with thrifty():  # a new file for each sequence: its migrations were a third of the time
        happened = run(asked)
    for name, number in sorted(happened.items(), key=lambda each: -each[1]):
        sys.stdout.write(f"{number:9,}  {name}{os.linesep}")
