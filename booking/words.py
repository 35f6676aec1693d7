"""Days, times and telephone numbers of appointments as people say them; pure."""

from datetime import date
from zoneinfo import ZoneInfo

from hall import days
from hall.days import Instant

IN_WEEK = "一二三四五六日"


def day_said(day: str) -> str:
    """Return a day as people say it: 11月23日（周一）."""
    when = date.fromisoformat(day)
    return f"{when.month}月{when.day}日（周{IN_WEEK[when.weekday()]}）"


def times_said(at: Instant, ends: Instant, zone: ZoneInfo) -> str:
    """Return a slot's times: 09:00–09:30."""
    return f"{days.local(at, zone):%H:%M}–{days.local(ends, zone):%H:%M}"


def slot_said(at: Instant, ends: Instant, zone: ZoneInfo) -> str:
    """Return a slot with its day: 11月23日（周一）09:00–09:30."""
    return f"{day_said(days.day_of(at, zone))}{times_said(at, ends, zone)}"


def masked_phone(phone: str | None) -> str:
    """Return how much of a phone number is shown: how it ends is what its owner proves."""
    if not phone:
        return ""
    return phone[:3] + "*" * (len(phone) - 3) if len(phone) >= 11 else "*" * len(phone)
