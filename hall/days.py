"""Instants, days and wall times; pure but for ``now``, the one clock of the house.

An instant is an ``int``: UTC epoch milliseconds. A day is ``YYYY-MM-DD`` in the hall's zone.
"""

import re
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall_time
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

Instant = int
Clock = Callable[[], Instant]
WallSpan = tuple[wall_time, wall_time]

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
MONTH = re.compile(r"(19[7-9][0-9]|2[01][0-9]{2})-(0[1-9]|1[0-2])")


def now() -> Instant:
    """Return the machine's time."""
    return time.time_ns() // 1_000_000


def local(instant: Instant, zone: ZoneInfo) -> datetime:
    """Return the instant as the hall's wall time."""
    return datetime.fromtimestamp(instant / 1000, UTC).astimezone(zone)


@lru_cache(maxsize=64)  # an act asks for the day of its own instant five times
def day_of(instant: Instant, zone: ZoneInfo) -> str:
    """Return the hall's calendar day of an instant."""
    return local(instant, zone).date().isoformat()


def iso(instant: Instant, zone: ZoneInfo) -> str:
    """Return the instant as ISO 8601 with the hall's offset, to the second."""
    return local(instant, zone).isoformat(timespec="seconds")


def instant_of(day: str, at: wall_time, zone: ZoneInfo) -> Instant:
    """Return the instant of a wall time on a day."""
    moment = datetime.combine(date.fromisoformat(day), at, zone)
    return int(moment.timestamp() * 1000)


def first_instant(day: str, zone: ZoneInfo) -> Instant:
    """Return the instant at which a day begins in the hall's zone."""
    return instant_of(day, wall_time(0), zone)


def next_day(day: str) -> str:
    """Return the calendar day after a day."""
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def day_before(day: str, back: int = 1) -> str:
    """Return the calendar day that lies ``back`` days before a day."""
    return (date.fromisoformat(day) - timedelta(days=back)).isoformat()


def is_month(text: str) -> bool:
    """Return whether a text is a month, ``2026-11``.

    From 1970 on: a computer whose battery is empty begins there, and what it did is on record.
    """
    return bool(MONTH.fullmatch(text))


def _first_of(month: str) -> date:
    if len(month) != len("2026-11"):
        raise ValueError(month)
    return date.fromisoformat(f"{month}-01")


def month_bounds(month: str, zone: ZoneInfo) -> tuple[Instant, Instant]:
    """Return the first instant of a month (``YYYY-MM``) and of the next; ValueError if not one."""
    first = _first_of(month)
    following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    return first_instant(first.isoformat(), zone), first_instant(following.isoformat(), zone)


def month_before(month: str, back: int = 1) -> str:
    """Return the month that lies ``back`` months before ``YYYY-MM``."""
    first = _first_of(month)
    count = first.year * 12 + first.month - 1 - back
    return f"{count // 12:04d}-{count % 12 + 1:02d}"


def business_day(instant: Instant, zone: ZoneInfo, last_opened: str | None) -> str:
    """Return the business day an act belongs to: the calendar day, but never one before the last.

    A clock that steps back reopens nothing (queue-rules 2).
    """
    today = day_of(instant, zone)
    return max(today, last_opened) if last_opened else today


def wall_spans(text: str) -> tuple[WallSpan, ...]:
    """Return the spans of ``08:30-12:00,13:30-17:00``; ValueError when it says something else."""
    spans = []
    for part in filter(None, (each.strip() for each in text.replace("，", ",").split(","))):
        begins, _, ends = part.partition("-")
        span = wall_time.fromisoformat(begins.strip()), wall_time.fromisoformat(ends.strip())
        if span[0] >= span[1]:
            raise ValueError(part)
        spans.append(span)
    for before, after in pairwise(spans):
        if before[1] > after[0]:
            raise ValueError(text)
    return tuple(spans)
