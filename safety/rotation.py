"""When a backup is due, and which old ones stay; days and hours are the hall's own."""

from collections.abc import Hashable, Iterable
from datetime import datetime, time, timedelta

VERIFY_AFTER = timedelta(days=7)
# A failed night is tried again; a full disk is not filled every second.
AGAIN_AFTER = timedelta(minutes=10)
# What was due at two is late when the next day opens.
LATE_AFTER = timedelta(hours=26)


def is_due(now: datetime, at: time, last: datetime) -> bool:
    """Return whether the last ``at`` that has passed came after ``last``."""
    today = datetime.combine(now.date(), at)
    newest = today if today <= now else today - timedelta(days=1)
    return last < newest


def may_try(now: datetime, failed: datetime | None) -> bool:
    """Return whether enough time has passed since a failure; a clock set back does not wait."""
    return failed is None or not failed <= now < failed + AGAIN_AFTER


def wants_rules(now: datetime, verified: datetime | None) -> bool:
    """Return whether this backup is held against the hall's rules too: once a week."""
    # an hour less: nights do not take equally long
    return verified is None or now >= verified + VERIFY_AFTER - timedelta(hours=1)


def kept(made: Iterable[datetime], daily: int, weekly: int, monthly: int) -> set[datetime]:
    """Return which backups stay: the newest of each of the last days, weeks, months that have one.

    The newest of all always stays.
    """
    newest_first = sorted(made, reverse=True)
    stay = set(newest_first[:1])
    for count, span in ((daily, _day), (weekly, _week), (monthly, _month)):
        seen: dict[Hashable, datetime] = {}
        for each in newest_first:
            seen.setdefault(span(each), each)
        stay |= set(list(seen.values())[:count])
    return stay


def _day(at: datetime) -> Hashable:
    return at.date()


def _week(at: datetime) -> Hashable:
    return at.isocalendar()[:2]


def _month(at: datetime) -> Hashable:
    return at.year, at.month
