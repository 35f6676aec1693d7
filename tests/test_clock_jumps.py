"""The machine's clock is set forwards and backwards while the hall works; days are stored rows."""

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from halls import SHANGHAI, MovedClock, Rooms, open_rooms

from hall import proof
from hall.days import DAY, HOUR, SECOND
from hall.refusals import NotAllowed
from hall.tickets import State

WORKERS = 6
ROUNDS = 60
EXPECTED = {"nobody_waiting", "nothing_called", "window_busy", "recalled_too_soon"}


def a_hall(path: Path, clock: MovedClock) -> Rooms:
    rooms = open_rooms(path / "hall.db", clock, hall={"always_open": True})
    for window in (1, 2, 4):
        rooms.desk.open(window)
    return rooms


class Load:
    """People who take tickets and clerks who serve, each on a connection of their own."""

    def __init__(self, path: Path, clock: MovedClock) -> None:
        self.path = path
        self.clock = clock
        self.given: list[tuple[str, str]] = []
        self.wrong: list[BaseException] = []
        self.started = threading.Event()

    def citizen(self, who: int) -> None:
        rooms = a_hall(self.path, self.clock)
        for tap in range(ROUNDS):
            issued = rooms.desk.issue("marriage", f"tap-{who:03d}-{tap:05d}")
            self.given.append((issued.ticket.day, issued.ticket.number))
            self.started.set()  # the day has been opened: now the clock may jump
        rooms.store.close()

    def clerk(self, window: int) -> None:
        rooms = a_hall(self.path, self.clock)
        desk = rooms.desk
        acts: list[Callable[[], Any]] = [
            lambda: desk.call_next(window),
            lambda: desk.start(window),
            lambda: desk.finish(window, "completed"),
            desk.tick,
        ]
        for turn in range(ROUNDS):
            try:
                acts[turn % len(acts)]()
            except NotAllowed as refused:
                if refused.code not in EXPECTED:
                    raise
        rooms.store.close()

    def run(self, meanwhile: Callable[[], None]) -> None:
        """Let all work at once, and do something meanwhile."""
        works = [lambda who=who: self.citizen(who) for who in range(WORKERS)]
        works += [lambda window=window: self.clerk(window) for window in (1, 2, 4)]
        threads = [threading.Thread(target=self._kept, args=(work,)) for work in works]
        for thread in threads:
            thread.start()
        self.started.wait(10)
        meanwhile()
        for thread in threads:
            thread.join(60)

    def _kept(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as wrong:  # noqa: BLE001 - told by the test's own thread
            self.wrong.append(wrong)


def check_the_record(rooms: Rooms, load: Load) -> None:
    assert load.wrong == []
    assert len(load.given) == WORKERS * ROUNDS
    assert len(set(load.given)) == len(load.given), "a number was given twice on a day"
    days = [day for (day,) in rooms.store.rows("select day from ticket order by id")]
    assert days == sorted(days), "a day was reopened"
    assert proof.problems(rooms.store) == []


@pytest.mark.parametrize("jump", [-SECOND, -HOUR, -DAY, DAY], ids=["-1 s", "-1 h", "-1 d", "+1 d"])
def test_the_clock_jumps_under_load(tmp_path: Path, jump: int) -> None:
    clock = MovedClock()
    rooms = a_hall(tmp_path, clock)
    load = Load(tmp_path, clock)

    def jumps() -> None:
        clock.instant += jump

    load.run(jumps)
    check_the_record(rooms, load)
    today = rooms.store.last_day()
    assert today == ("2026-11-21" if jump == DAY else "2026-11-20")
    rooms.store.close()


def test_midnight_passes_with_requests_in_flight(tmp_path: Path) -> None:
    clock = MovedClock(int(datetime(2026, 11, 20, 23, 59, 59, tzinfo=SHANGHAI).timestamp() * 1000))
    rooms = a_hall(tmp_path, clock)
    waits, called = rooms.take(), rooms.take()
    rooms.desk.call_this(4, called, "本日最后一位")
    load = Load(tmp_path, clock)

    def strikes_twelve() -> None:
        clock.instant += SECOND

    load.run(strikes_twelve)
    check_the_record(rooms, load)
    days = {day for day, _ in load.given}
    assert "2026-11-21" in days
    first = rooms.store.row("select min(number) from ticket where day = '2026-11-21'")
    assert first == ("A001",)
    assert rooms.desk.ticket(waits).state in (State.EXPIRED, State.DONE, State.CALLED)
    left = rooms.store.rows(
        "select number from ticket where day = '2026-11-20' and state = 'waiting'"
    )
    assert left == [], "who waited yesterday still waits"
    rooms.store.close()
