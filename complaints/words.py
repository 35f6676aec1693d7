"""Names, telephones, limits and instants of complaints, as people write and read them; pure."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from hall import days
from hall.days import MINUTE, SECOND, Instant

WRITTEN = re.compile(
    r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[ T]+(\d{1,2})[:：](\d{2})(?:[:：](\d{2}))?)?"
)
AS_IN_THE_STANDARD = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)")


def masked_name(name: str) -> str:
    """Return how much of a complainant's name a list shows: 张*; 匿名 for none."""
    told = name.strip()
    return f"{told[0]}*" if told else "匿名"


def limit_said(limit: Instant, zone: ZoneInfo) -> str:
    """Return a limit as people say it: a day, and the time of one that ends within the day."""
    ends = days.local(limit, zone)
    whole_day = (ends.hour, ends.minute) == (23, 59)
    return f"{ends:%Y-%m-%d}" if whole_day else f"{ends:%Y-%m-%d %H:%M}"


def read_instant(text: str, zone: ZoneInfo) -> Instant:
    """Return the instant of 2026-11-02, 2026-11-02 09:30(:15) or 20261102T093015.

    The last is how GB/T 39046 writes it. Raises ValueError for anything else.
    """
    found = WRITTEN.fullmatch(text.strip()) or AS_IN_THE_STANDARD.fullmatch(text.strip())
    if found is None:
        raise ValueError(text)
    parts = [int(each or 0) for each in found.groups()]
    # mypy cannot count the parts, which the pattern above has matched
    # mypy cannot count how many numbers the pattern found
    return int(datetime(*parts, tzinfo=zone).timestamp() * 1000)  # type: ignore[arg-type,misc]


def last_instant(text: str, zone: ZoneInfo) -> Instant:
    """Return the last instant that keeps a limit: of the day, minute or second it names."""
    at = read_instant(text, zone)
    found = WRITTEN.fullmatch(text.strip())
    if found and found[4] is None:
        return days.first_instant(days.next_day(days.day_of(at, zone)), zone) - 1
    return at + (MINUTE if found and found[6] is None else SECOND) - 1
