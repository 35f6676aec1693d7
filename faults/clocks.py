"""The clock is set wrong, midnight strikes in the crowd, days are 23 and 25 hours long.

``python -m faults clocks``; ``tests/test_clocks.py`` is its short form. Three proofs: 500 jumps of
the clock while a hall works; 50 midnights, each with 1,000 requests in flight on a real server; the
same life in four time zones, over the days on which two of them change their clocks.
"""

import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from datetime import time as wall_time
from pathlib import Path
from random import Random

from halls import MovedClock, Rooms, open_rooms

import rating.proof
from bench import crowd
from bench.crowd import Ask, Person
from faults.shifted import Shifted
from faults.zones import LIVED, WINDOWS, ZONES, differences, of_one_day_each
from hall import proof
from hall.days import DAY, HOUR, MINUTE, SECOND
from hall.refusals import NotAllowed
from hall.store import Store
from web.access import Door, Principal
from web.limits import Limits, TooOften

JUMPS = 500
NIGHTS = 50
IN_FLIGHT = 1_000
ACTS_BETWEEN = 6
# 1970 is what a machine with an empty battery says
BATTERY = "to 1970"
STEPS = {
    "-1 s": -SECOND,
    "-1 h": -HOUR,
    "-1 d": -DAY,
    "+1 d": DAY,
    "+1 month": 30 * DAY,
    "NTP": 0,
    BATTERY: 0,
}
SERVICES = ("marriage", "estate", "advice")
MOST_TRIES = 5


# -- jumps -------------------------------------------------------------------------------------


@dataclass
class Jumping:
    """A hall that works while its clock jumps; ``true`` is what a right clock would say."""

    rooms: Rooms
    chance: Random
    true: int = 0
    wrong: list[str] = field(default_factory=list)
    acts: int = 0
    refused: int = 0
    rated: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.true = self.rooms.clock()
        for window in WINDOWS:
            self.rooms.desk.open(window)
        # the day is opened by its first ticket
        self.rooms.take()
        self.door = Door(self.rooms.register, self.rooms.clock)
        self.limits = Limits(self.rooms.clock)
        self.left = self._signed_in("1001")
        self.door.sign_out(self.left)

    def _signed_in(self, number: str) -> Principal:
        person = self.door.person(number, None)
        assert person is not None
        told = self.door.newly(person)
        found = self.door.known(["person", number, told.mark, self.rooms.clock(), None])
        assert found is not None
        return found

    def jump(self, kind: str) -> None:
        """Set the clock wrong, work, set it right, work; then look at everything."""
        clock, stays = self.rooms.clock, self._signed_in("9001")
        first = self.rooms.store.last_day() or ""
        if kind == "NTP":  # slewed back in small steps while people act
            for _ in range(ACTS_BETWEEN):
                clock.instant -= 300
                self.act()
        else:
            clock.instant = 0 if kind == BATTERY else clock.instant + STEPS[kind]
            for _ in range(ACTS_BETWEEN):
                clock.instant += self.chance.randint(0, 40_000)
                self.act()
        self._look(kind, first, stays)
        if self.chance.random() < 0.8:
            self.true += self.chance.randint(1, 10) * MINUTE
            clock.instant = self.true
        self.true = max(self.true, clock.instant)
        for _ in range(ACTS_BETWEEN):
            clock.instant += self.chance.randint(0, 40_000)
            self.act()
        self._look(f"after {kind}", first, None)

    def act(self) -> None:
        """Do something that people do."""
        rooms, window = self.rooms, self.chance.choice(WINDOWS)
        desk = rooms.desk
        acts = (
            lambda: rooms.take(self.chance.choice(SERVICES)),
            lambda: rooms.take(self.chance.choice(SERVICES)),
            lambda: desk.call_next(window),
            lambda: desk.start(window),
            lambda: self._rate(desk.finish(window, "completed")),
            lambda: desk.recall(window),
            lambda: desk.miss(window),
            lambda: desk.open(window),
            desk.tick,
            rooms.book.tick,
        )
        self.acts += 1
        try:
            self.chance.choice(acts)()
        except NotAllowed:
            self.refused += 1

    def _rate(self, _finished: object) -> None:
        told = self.rooms.store.row("select max(id) from visit where state = 'done'")
        assert told is not None
        self.rooms.book.rate(told[0], "satisfied", "evaluator")
        self.rated.append(told[0])

    def _look(self, kind: str, first: str, stays: Principal | None) -> None:
        store, said = self.rooms.store, self.wrong.append
        for problem in [*proof.problems(store), *rating.proof.problems(self.rooms.book)]:
            said(f"{kind}: {problem}")
        if (store.last_day() or "") < first:
            said(f"{kind}: a day was reopened")
        figures = self.rooms.book.day(store.last_day() or first)
        averages = [figures[f"average_{each}_minutes"] for each in ("wait", "service")]
        if any(each is not None and each < 0 for each in averages):
            said(f"{kind}: people waited or were served for less than no time: {averages}")
        waits = [each["expected_wait_minutes"] for each in self.rooms.desk.services_now()]
        if any(each is not None and each < 0 for each in waits):
            said(f"{kind}: a wait of less than no time is expected")
        if self.door.still_in(self.left):
            said(f"{kind}: who signed out is in again")
        if stays and self.door.seconds_left(stays) not in range(24 * 3600 + 1):
            left = self.door.seconds_left(stays)
            if not self.door.end(stays):
                said(f"{kind}: a sign-in lasts for {left} s")
        self._try_too_often(kind)
        if self.rated:
            self._rate_again(kind)

    def _try_too_often(self, kind: str) -> None:
        who = f"{kind} {self.acts}"
        for _ in range(MOST_TRIES):
            self.limits.check("try", who, MOST_TRIES, MINUTE)
            self.limits.count("try", who, MINUTE)
        try:
            self.limits.check("try", who, MOST_TRIES, MINUTE)
        except TooOften:
            return
        self.wrong.append(f"{kind}: one may try more than {MOST_TRIES} times")

    def _rate_again(self, kind: str) -> None:
        try:
            self.rooms.book.rate(self.rated[-1], "dissatisfied", "evaluator")
        except NotAllowed:
            return
        self.wrong.append(f"{kind}: a service was rated twice at the evaluator")


def jump_about(folder: Path, jumps: int, seed: int = 0) -> Jumping:
    """Let a hall work through so many jumps."""
    rooms = open_rooms(
        folder / "hall.db",
        MovedClock(),
        hall={"always_open": True},
        queue={"stop_when_too_long": False},
    )
    rooms.store.connection.execute("pragma synchronous = off")
    jumping = Jumping(rooms, Random(seed))
    try:
        for number in range(jumps):
            jumping.jump(list(STEPS)[number % len(STEPS)])
    finally:
        rooms.store.close()
    return jumping


# -- midnights ---------------------------------------------------------------------------------


def comes(kiosk: str, night: int, number: int) -> Person:
    """One person takes one ticket."""
    body = {"service": SERVICES[number % 3], "tap": f"night-{night:03d}-{number:05d}"}
    answer = yield Ask("ticket", "/api/v1/tickets", kiosk, body)
    assert answer.status == 201, answer


def strike_twelve(hall: Shifted, nights: int, in_flight: int) -> tuple[int, list[str]]:
    """Send a crowd before each midnight; return the nights that split it, and what is wrong."""
    kiosk, split = hall.key("kiosk"), 0
    begins = datetime.combine(datetime.now(hall.zone).date(), wall_time(0), hall.zone)
    took = 0.4
    for night in range(1, nights + 1):
        midnight = int((begins + timedelta(days=night)).timestamp() * 1000)
        hall.set_clock(midnight - int(500 * took))
        before = hall.clock()
        crowd.run(hall.port, [comes(kiosk, night, number) for number in range(in_flight)])
        took = max(0.05, (hall.clock() - before) / 1000)
        split += hall.tickets_on(midnight - 1) > 0 and hall.tickets_on(midnight) > 0
    store = Store(hall.database, readonly=True)
    try:
        wrong = [*proof.problems(store), *of_one_day_each(store, hall.zone)]
        (count,) = store.row("select count(*) from ticket") or (0,)
    finally:
        store.close()
    if count != nights * in_flight:
        wrong.append(f"{nights * in_flight} asked, {count} tickets")
    return split, wrong


def main(jumps: int = JUMPS) -> bool:
    """Prove all three; ``jumps`` of the clock, a tenth as many midnights."""
    nights = max(1, jumps // 10)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        jumping = jump_about(folder, jumps)
        for each in jumping.wrong[:20]:
            print(f"  {each}")
        print(
            f"  {jumps} jumps, {jumping.acts:,} acts ({jumping.refused:,} refused): "
            f"{len(jumping.wrong)} wrong",
            flush=True,
        )
        with Shifted.serving(folder / "shifted") as hall:
            split, late = strike_twelve(hall, nights, IN_FLIGHT)
        for each in late[:20]:
            print(f"  {each}")
        print(
            f"  {nights} midnights x {IN_FLIGHT:,} requests in flight, {split} of them split "
            f"between two days: {len(late)} wrong",
            flush=True,
        )
        zones = differences(folder)
        for each in zones[:20]:
            print(f"  {each}")
    held = not (jumping.wrong or late or zones) and split >= nights // 2
    print(
        f"{'ok' if held else 'FAILED'}: {jumps} jumps, {nights} midnights, {len(ZONES)} zones "
        f"x {len(LIVED)} days: {len(jumping.wrong)} + {len(late)} + {len(zones)} wrong"
    )
    return held
