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
from typing import Any
from zoneinfo import ZoneInfo

from halls import MovedClock, Rooms, open_rooms

import rating.proof
from bench import crowd
from bench.crowd import Ask, Person
from faults.shifted import Shifted
from hall import days, proof
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
WINDOWS = (1, 2, 4)
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


def of_one_day_each(store: Store, zone: ZoneInfo) -> list[str]:
    """Return what is wrong with days and numbers: the day is the instant's, numbers 1 to n."""
    wrong = []
    for number, day, at in store.rows("select id, day, taken_at from ticket"):
        if days.day_of(at, zone) != day:
            wrong.append(f"ticket {number} of {days.iso(at, zone)} counts for {day}")
    gaps = store.rows("""
        select day, prefix, count(*), min(sequence), max(sequence) from ticket
        group by day, prefix having min(sequence) != 1 or max(sequence) != count(*)
    """)
    return [*wrong[:5], *(f"numbers with gaps: {each}" for each in gaps)]


# -- zones -------------------------------------------------------------------------------------

ZONES = ("Asia/Shanghai", "Asia/Urumqi", "America/New_York", "Europe/London")
# The days on which New York and London change their clocks, their neighbours, borders of months.
LIVED = (
    *("2026-02-28", "2026-03-01", "2026-03-07", "2026-03-08", "2026-03-09", "2026-03-29"),
    *("2026-03-31", "2026-04-01", "2026-10-25", "2026-10-31", "2026-11-01", "2026-11-02"),
    *("2026-12-31", "2027-01-01"),
)
HOURS_OF = {
    ("America/New_York", "2026-03-08"): 23,
    ("America/New_York", "2026-11-01"): 25,
    ("Europe/London", "2026-03-29"): 23,
    ("Europe/London", "2026-10-25"): 25,
}
MONTHS = ("2026-02", "2026-03", "2026-04", "2026-10", "2026-11", "2026-12", "2027-01")


def live(folder: Path, name: str) -> tuple[dict[str, Any], list[str]]:
    """Live the same wall-clock life in a zone; return its figures, and what is wrong."""
    zone, clock = ZoneInfo(name), MovedClock()
    clock.instant = days.first_instant(LIVED[0], zone)
    rooms = open_rooms(
        folder / f"{name.replace('/', '-')}.db",
        clock,
        hall={"always_open": True, "timezone": name},
    )
    rooms.store.connection.execute("pragma synchronous = off")
    try:
        for day in LIVED:
            _live_a_day(rooms, zone, day)
        clock.instant = days.first_instant("2027-01-02", zone)
        rooms.desk.tick()
        rooms.book.tick()
        figures = {day: rooms.book.day(day) for day in LIVED}
        figures |= {month: rooms.book.month(month, "department").to_json() for month in MONTHS}
        wrong = [*proof.problems(rooms.store), *rating.proof.problems(rooms.book)]
        wrong += [*of_one_day_each(rooms.store, zone), *wrong_lengths(name)]
    finally:
        rooms.store.close()
    return figures, [f"{name}: {each}" for each in wrong]


def _live_a_day(rooms: Rooms, zone: ZoneInfo, day: str) -> None:
    """One person just after midnight, four in the morning, one who is late and expires."""
    rooms.clock.instant = days.instant_of(day, wall_time(0, 0, 30), zone)
    rooms.desk.tick()
    for window in WINDOWS:
        rooms.desk.open(window)
    rooms.take("marriage")
    rooms.serve(1, 3)
    rooms.clock.instant = days.instant_of(day, wall_time(9), zone)
    for number in range(4):
        rooms.take("estate" if number % 2 else "marriage")
        rooms.clock.move(minutes=2)
    for window, level in ((1, "very_satisfied"), (4, "satisfied"), (4, "dissatisfied")):
        visit = rooms.serve(window, 7)
        rooms.book.rate(visit, level, "evaluator")
    rooms.clock.instant = days.instant_of(day, wall_time(23, 59, 59), zone)
    rooms.take("advice")
    rooms.desk.tick()


def wrong_lengths(name: str) -> list[str]:
    """Return the days and months that are not as long as the zone's are, minute by minute."""
    zone, wrong = ZoneInfo(name), []
    for day in LIVED:
        begins = days.first_instant(day, zone)
        past = days.first_instant(days.next_day(day), zone)
        hours = HOURS_OF.get((name, day), 24)
        if past - begins != hours * HOUR:
            wrong.append(f"{day} has {(past - begins) / HOUR:.1f} h, not {hours}")
        steps = range(begins, past, 15 * MINUTE)
        if {days.day_of(at, zone) for at in (*steps, past - 1)} != {day}:
            wrong.append(f"not every instant of {day} is on that day")
        if days.day_of(begins - 1, zone) != days.day_before(day):
            wrong.append(f"the instant before {day} is not on the day before")
    for month in MONTHS:
        first, past = days.month_bounds(month, zone)
        told = (days.iso(first, zone)[:10], days.iso(past - 1, zone)[:7])
        if told != (f"{month}-01", month):
            wrong.append(f"{month} is {told}")
    return wrong


def differences(folder: Path) -> list[str]:
    """Return what the same life comes to differently in another zone, and what is wrong in each."""
    expected, wrong = live(folder, ZONES[0])
    for name in ZONES[1:]:
        figures, own = live(folder, name)
        wrong += own
        wrong += [f"{name}: {each} differs" for each in expected if figures[each] != expected[each]]
    return wrong


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
