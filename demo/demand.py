"""When the citizens of the demo hall come, and when its windows are open; pure.

A county hall's working day: people wait before the door, the late morning is full, lunch is thin,
the afternoon weaker. Whatever the hour at which somebody starts the demo, the hall is at work.
"""

import math
from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time
from itertools import accumulate
from random import Random
from zoneinfo import ZoneInfo

from hall import days
from hall.catalogue import Catalogue
from hall.days import HOUR, MINUTE, SECOND, Instant

# From that time of day on, this share of the mean hour's citizens come (an hour of 1.0 is mean).
PROFILE = (
    (time(8, 52), 1.1),
    (time(9, 15), 1.6),
    (time(9, 45), 2.4),
    (time(10, 45), 1.5),
    (time(11, 30), 0.7),
    (time(12, 0), 0.15),
    (time(13, 25), 1.0),
    (time(14, 0), 1.5),
    (time(15, 30), 1.0),
    (time(16, 20), 0.5),
    (time(16, 55), 0.0),
)
OPENS, LUNCH, BACK, CLOSES = time(8, 55), time(12, 0), time(13, 30), time(17, 30)
# Mondays are full, Fridays are not.
WEEKDAYS = (1.16, 1.06, 1.0, 0.98, 0.86)
WORKING_DAYS = 5
# Two months of any calendar then hold over 20,000 finished visits (a test counts).
CITIZENS_A_DAY = 540
# What a service brings that is not in demo/county.py, because somebody edited the workbook.
USUAL_SHARE = 3.0
# The hall is shown full: beyond the usual hours so many mean hours' citizens come in an hour, and
# more of them in the time just before somebody looks.
OFF_HOURS = 1.4
RUSH = 1.6
RUSH_LASTS = 45 * MINUTE
NIGHT_SHIFT = 150 * MINUTE
CROWD = 60
# While somebody looks, no hour has fewer mean hours' citizens than this: the lines stay alive.
LIVELY = 2.1


@dataclass(frozen=True, slots=True)
class Arrival:
    """A citizen who comes for a service."""

    at: Instant
    service: str


@dataclass(frozen=True, slots=True)
class DayPlan:
    """A day of the hall: when windows open, rest and close.

    ``usual`` days have the profile's citizens; ``extra`` ones come between two instants, so many
    mean hours' worth in an hour; ``shown`` is the day on which somebody looks.
    """

    day: str
    opens: Instant
    lunch: tuple[Instant, Instant] | None
    closes: Instant
    usual: bool = True
    extra: tuple[tuple[Instant, Instant, float], ...] = ()
    shown: bool = False


def is_working_day(day: str) -> bool:
    """Return whether a day is Monday to Friday; holidays are left out of this demonstration."""
    return date.fromisoformat(day).weekday() < WORKING_DAYS


def usual_plan(day: str, zone: ZoneInfo) -> DayPlan | None:
    """Return a past day's plan, None for a weekend."""
    if not is_working_day(day):
        return None
    opens, lunch, back, closes = (
        days.instant_of(day, at, zone) for at in (OPENS, LUNCH, BACK, CLOSES)
    )
    return DayPlan(day, opens, (lunch, back), closes)


def plan_of_today(now: Instant, zone: ZoneInfo) -> DayPlan:
    """Return the plan of the day on which the demo starts: at ``now`` the hall is full.

    In the middle of a shift it is the usual day. At noon nobody goes to lunch, in the evening the
    windows stay open, and at night or on a Sunday they opened two and a half hours ago.
    """
    day = days.day_of(now, zone)
    usual = usual_plan(day, zone)
    extra: tuple[tuple[Instant, Instant, float], ...]
    if usual is None or usual.lunch is None or now < usual.opens + HOUR // 2:
        opens = max(days.first_instant(day, zone), now - NIGHT_SHIFT)
        extra = ((opens, now, OFF_HOURS), (max(opens, now - RUSH_LASTS), now, RUSH))
        return DayPlan(day, opens, None, now + HOUR, usual=False, extra=extra, shown=True)
    lunch, closes = usual.lunch, max(usual.closes, now + HOUR)
    rush = (max(usual.opens, now - RUSH_LASTS), now, RUSH)
    noon, evening = lunch[0] - HOUR // 2, usual.closes - HOUR
    if noon <= now < lunch[1] + HOUR // 2:
        extra = ((noon, now, OFF_HOURS), rush)
        return DayPlan(day, usual.opens, None, closes, extra=extra, shown=True)
    extra = ((evening, now, OFF_HOURS), rush) if now > evening else (rush,)
    return DayPlan(day, usual.opens, lunch, closes, extra=extra, shown=True)


class Demand:
    """Who comes on a day."""

    def __init__(self, catalogue: Catalogue, shares: dict[str, float], zone: ZoneInfo) -> None:
        self.zone = zone
        self.services = [
            each.code for each in catalogue.services if catalogue.windows_of[each.code]
        ]
        # A sum of its own for each service; ``choices`` would add them up again at every citizen.
        self.sums = list(accumulate(shares.get(code, USUAL_SHARE) for code in self.services))

    def service(self, chance: Random) -> str:
        """Return what a citizen comes for."""
        return self.services[bisect(self.sums, chance.random() * self.sums[-1])]

    def of(self, plan: DayPlan, until: Instant, chance: Random) -> list[Arrival]:
        """Return a day's citizens up to ``until``, in the order they come."""
        came = [*self._usual(plan, chance), *self._extra(plan, chance)]
        return sorted(
            (each for each in came if each.at <= until), key=lambda each: (each.at, each.service)
        )

    def _usual(self, plan: DayPlan, chance: Random) -> Iterator[Arrival]:
        if not plan.usual:
            return
        mean = CITIZENS_A_DAY * WEEKDAYS[date.fromisoformat(plan.day).weekday()]
        how_many = round(chance.gauss(mean, math.sqrt(mean) * 1.5))
        begins = [days.instant_of(plan.day, at, self.zone) for at, _ in PROFILE]
        weights = [
            share * (end - begin)
            for (_, share), begin, end in zip(PROFILE, begins, begins[1:], strict=False)
        ]
        sums = list(accumulate(weights))
        for _ in range(how_many):
            part = bisect(sums, chance.random() * sums[-1])
            yield Arrival(chance.randrange(begins[part], begins[part + 1]), self.service(chance))

    def _extra(self, plan: DayPlan, chance: Random) -> Iterator[Arrival]:
        for begin, end, share in plan.extra:
            for _ in range(round((end - begin) / HOUR * mean_hour() * share)):
                yield Arrival(chance.randrange(begin, end), self.service(chance))
        if plan.shown and not plan.usual:
            # The hall has just opened: many stood before the door.
            for _ in range(CROWD):
                yield Arrival(plan.opens + chance.randrange(90 * SECOND), self.service(chance))


def share_at(now: Instant, zone: ZoneInfo) -> float:
    """Return how many mean hours' citizens come in an hour while somebody looks."""
    at = days.local(now, zone)
    begun = [share for begins, share in PROFILE if begins <= at.time()]
    usual = begun[-1] if begun and is_working_day(at.date().isoformat()) else 0.0
    return max(usual, LIVELY)


def mean_hour() -> float:
    """Return how many citizens a mean hour of a working day has."""
    return CITIZENS_A_DAY / _hours_of(PROFILE)


def _hours_of(profile: Sequence[tuple[time, float]]) -> float:
    """Return how many mean hours a day of the profile has."""
    minutes = [at.hour * 60 + at.minute for at, _ in profile]
    return sum(
        share * (end - begin) / 60
        for (_, share), begin, end in zip(profile, minutes, minutes[1:], strict=False)
    )
