"""The same life in four time zones, over the days on which two of them change their clocks."""

from datetime import time as wall_time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from halls import MovedClock, Rooms, open_rooms

import rating.proof
from hall import days, proof
from hall.days import HOUR, MINUTE
from hall.store import Store

WINDOWS = (1, 2, 4)
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
