"""The public answers to bad ratings: where, what it was about, what was said; nobody's name."""

from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from cases.words import personal_data
from hall import days
from hall.catalogue import Catalogue
from hall.days import Instant
from ranking.counting import name_of
from ranking.store import RankingStore, Shown

MOST = 500
MONTHS_MOST = 36
# What a citizen wrote may be no more than "等了很久"; from so many characters on it is quoted.
QUOTATION = 12
# Names of two characters are words as well (方圆, 白桦): only those of the case itself count.
WHOLE_NAME = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """What everybody may read of a bad rating; ``rated`` is a month, never a day."""

    window: str
    department: str
    tags: str
    answer: str
    rated: str


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of a month; ``withheld`` counts those in which somebody might be known."""

    month: str
    shown: tuple[Answer, ...] = ()
    withheld: tuple[int, ...] = ()


def of_month(tables: RankingStore, catalogue: Catalogue, month: str, zone: ZoneInfo) -> Answers:
    """Return the answers published in a month, the newest first."""
    found = tables.answers(*days.month_bounds(month, zone), MOST)
    staff = [each.name for each in catalogue.people if len(each.name) >= WHOLE_NAME]
    personal = {each.case for each in found if tells_of_somebody(each, staff)}
    return Answers(
        month,
        tuple(_answer(each, catalogue, zone) for each in found if each.case not in personal),
        tuple(each.case for each in found if each.case in personal),
    )


def months(tables: RankingStore, zone: ZoneInfo) -> list[str]:
    """Return the months in which answers were published, without gaps, the newest first."""
    newest, oldest = tables.newest_answer(), tables.oldest_answer()
    if newest is None or oldest is None:
        return []
    found, first = [_month(newest, zone)], _month(oldest, zone)
    while found[-1] > first and len(found) < MONTHS_MOST:
        found.append(days.month_before(found[-1]))
    return found


def tells_of_somebody(shown: Shown, staff: Iterable[str] = ()) -> bool:
    """Return whether an answer names somebody, a ticket, or says what the citizen wrote.

    It was looked at when it was written; this is the second look, before everybody may read it.
    """
    quoted = shown.text if len(shown.text.strip()) >= QUOTATION else ""
    own = (shown.clerk, shown.handler, shown.contact, shown.number, shown.case_number, quoted)
    return bool(personal_data(f"{shown.public}\n{shown.tags}", (*own, *staff)))


def _answer(shown: Shown, catalogue: Catalogue, zone: ZoneInfo) -> Answer:
    window, unit = catalogue.window.get(shown.window), catalogue.department.get(shown.unit)
    return Answer(
        name_of(window) if window else f"{shown.window}号窗口",
        unit.name if unit else shown.unit,
        shown.tags,
        shown.public,
        _month(shown.rated_at, zone),
    )


def _month(at: Instant, zone: ZoneInfo) -> str:
    return days.day_of(at, zone)[:7]
