"""Stretches of days – day, week, month, quarter, year, any range – and what they are compared with.

Pure. A day is ``YYYY-MM-DD`` in the hall's zone; a stretch has its first day and the one past it.
"""

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from hall import days
from hall.refusals import NotValid

KINDS = {"day": "日", "week": "周", "month": "月", "quarter": "季", "year": "年", "range": "起止"}
# A computer whose battery is empty begins in 1970, and what happened then is on record too.
FIRST_YEAR, LAST_YEAR = 1970, 2099
LONGEST_DAYS = 3_700
NAMES = {
    "day": re.compile(r"(\d{4})-(\d{2})-(\d{2})"),
    "week": re.compile(r"(\d{4})-W(\d{2})"),
    "month": re.compile(r"(\d{4})-(\d{2})"),
    "quarter": re.compile(r"(\d{4})-Q([1-4])"),
    "year": re.compile(r"(\d{4})"),
    "range": re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})"),
}


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days from ``first`` up to before ``past``; ``whole_months`` may be read from months."""

    first: str
    past: str
    whole_months: bool = True

    def by_days(self) -> "Stretch":
        """Return the same days, to be read one by one."""
        return replace(self, whole_months=False)

    @property
    def months(self) -> tuple[str, str]:
        """The whole months in it: the first one and the one past the last."""
        begins = (
            self.first[:7] if self.first.endswith("-01") else days.month_before(self.first[:7], -1)
        )
        ends = self.past[:7]
        return (begins, ends) if self.whole_months and begins < ends else ("", "")

    @property
    def days_of_months(self) -> tuple[str, str]:
        """The days of those months."""
        begins, ends = self.months
        return (f"{begins}-01", f"{ends}-01") if begins else ("", "")

    @property
    def before(self) -> tuple[str, str]:
        """The days before the whole months; all days when there are none."""
        return (self.first, self.days_of_months[0] or self.past)

    @property
    def after(self) -> tuple[str, str]:
        """The days after the whole months."""
        return (self.days_of_months[1], self.past) if self.months[0] else ("", "")


@dataclass(frozen=True, slots=True)
class Period:
    """A period that somebody asked for by its kind and name."""

    kind: str
    name: str
    first: str
    past: str

    @property
    def stretch(self) -> Stretch:
        """Its days."""
        return Stretch(self.first, self.past)

    @property
    def last(self) -> str:
        """Its last day."""
        return days.day_before(self.past)

    @property
    def how_many_days(self) -> int:
        """How many calendar days it has."""
        return (date.fromisoformat(self.past) - date.fromisoformat(self.first)).days

    @property
    def words(self) -> str:
        """How it is called: 2026年11月, 2026年第3季度, 2026年第47周."""
        year = f"{int(self.first[:4])}年"
        month = f"{int(self.first[5:7])}月"
        match self.kind:
            case "day":
                return f"{year}{month}{int(self.first[8:])}日"
            case "week":
                return f"{self.name[:4]}年第{int(self.name[6:])}周"
            case "month":
                return f"{year}{month}"
            case "quarter":
                return f"{year}第{self.name[6]}季度"
            case "year":
                return year
        return f"{self.first} 至 {self.last}"


def period(kind: str, name: str) -> Period:
    """Return a period: ``month`` 2026-11, ``week`` 2026-W47, ``range`` 2026-11-01..2026-11-15 …

    Raises NotValid with a sentence for whatever is not one.
    """
    form = NAMES.get(kind)
    found = form.fullmatch(name) if form else None
    if found is None:
        raise _not_a_period()
    try:
        first, past = _days(kind, found)
    except ValueError:
        raise _not_a_period() from None
    if not FIRST_YEAR <= int(first[:4]) <= int(past[:4]) <= LAST_YEAR + 1:
        raise _not_a_period()
    if first >= past:
        raise NotValid("bad_period", "起始日期须不晚于截止日期。")
    if (date.fromisoformat(past) - date.fromisoformat(first)).days > LONGEST_DAYS:
        raise NotValid("bad_period", "一次最多统计十年。")
    return Period(kind, name, first, past)


def _days(kind: str, found: re.Match[str]) -> tuple[str, str]:
    if kind == "range":
        return date.fromisoformat(found[1]).isoformat(), days.next_day(found[2])
    numbers = [int(each) for each in found.groups()]
    match kind:
        case "day":
            first = date.fromisoformat(found[0])
            past = first + timedelta(days=1)
        case "week":
            first = date.fromisocalendar(numbers[0], numbers[1], 1)
            past = first + timedelta(weeks=1)
        case "month":
            first = date(numbers[0], numbers[1], 1)
            past = _months_on(first, 1)
        case "quarter":
            first = date(numbers[0], numbers[1] * 3 - 2, 1)
            past = _months_on(first, 3)
        case _:
            first = date(numbers[0], 1, 1)
            past = date(numbers[0] + 1, 1, 1)
    return first.isoformat(), past.isoformat()


def _months_on(first: date, how_many: int) -> date:
    count = first.year * 12 + first.month - 1 + how_many
    return date(count // 12, count % 12 + 1, 1)


def _not_a_period() -> NotValid:
    return NotValid(
        "bad_period",
        "时段须写作 2026-11-20（日）、2026-W47（周）、2026-11（月）、2026-Q4（季）、2026（年）"
        "或 2026-11-01..2026-11-15（起止）。",
    )


def of_day(kind: str, day: str) -> Period:
    """Return the day, week, month, quarter or year in which a day lies."""
    when = date.fromisoformat(day)
    year, week, _ = when.isocalendar()
    name = {
        "day": day,
        "week": f"{year:04d}-W{week:02d}",
        "month": day[:7],
        "quarter": f"{day[:4]}-Q{(when.month + 2) // 3}",
        "year": day[:4],
    }
    return period(kind, name[kind])


def period_before(this: Period) -> Period:
    """Return the period before (环比): the one that ends where this begins, as long as this."""
    if this.kind == "range":
        first = days.day_before(this.first, this.how_many_days)
        return period("range", f"{first}..{days.day_before(this.first)}")
    return of_day(this.kind, days.day_before(this.first))


def year_before(this: Period) -> Period:
    """Return the same period a year ago (同比): the week of the same number; 29 February: the 28th.

    A week 53 that the year before does not have is compared with its week 52.
    """
    match this.kind:
        case "week":
            year, week = int(this.name[:4]) - 1, int(this.name[6:])
            weeks = date(year, 12, 28).isocalendar().week
            return period("week", f"{year:04d}-W{min(week, weeks):02d}")
        case "range":
            return period("range", f"{_year_back(this.first)}..{_year_back(this.last)}")
    return of_day(this.kind, _year_back(this.first))


def as_far_as(this: Period, base: Period, today: str) -> Period:
    """Return of a base the days that answer to those this period has had by today (同期).

    1 to 22 November is compared with 1 to 22 October, Monday to Wednesday with those of the other
    week. A period that has ended, and a single day, keeps the whole base.
    """
    if this.kind == "day" or not this.first <= today < this.last:
        return base
    past = days.next_day(_answering(this, base, today))
    if past >= base.past:
        return base
    return period("range", f"{base.first}..{days.day_before(past)}")


def _answering(this: Period, base: Period, today: str) -> str:
    """Return the day of a base that stands where today stands; a shorter month's last day."""
    when, first, begins = (date.fromisoformat(each) for each in (today, this.first, base.first))
    if this.kind in ("week", "range"):
        return (begins + (when - first)).isoformat()
    month = _months_on(begins, (when.year - first.year) * 12 + when.month - first.month)
    last = _months_on(month, 1) - timedelta(days=1)
    return month.replace(day=min(when.day, last.day)).isoformat()


def _year_back(day: str) -> str:
    when = date.fromisoformat(day)
    fits = (when.month, when.day) != (2, 29)
    return when.replace(year=when.year - 1, day=when.day if fits else 28).isoformat()
