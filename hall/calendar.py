"""When the hall and each service are open: weekdays, holidays, own days, lunch; pure.

A span is a half-open pair of instants. Holidays and make-up workdays are those the State Council
announces (the package ``chinesecalendar``); for a year not announced yet the weekdays decide. The
hall's own days (``SpecialDay``) stand above both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from hall import days
from hall.catalogue import Service, SpecialDay
from hall.days import Instant, WallSpan, wall_spans

Span = tuple[Instant, Instant]
DAYS_LOOKED_AHEAD = 40
IN_WEEK = "一二三四五六日"
KEPT_DAYS = 512
FRIDAY = 5


@dataclass(frozen=True, slots=True)
class OpeningRules:
    """When a hall is open in general; ``weekdays`` are digits, 1 is Monday."""

    opens: time
    closes: time
    lunch: str = ""
    weekdays: str = "12345"
    holidays: bool = True
    always_open: bool = False


@lru_cache(KEPT_DAYS)
def is_announced_workday(day: str) -> bool | None:
    """Return whether the State Council made a day a workday; None for a year not announced."""
    import chinese_calendar  # its tables are asked for only by halls that keep holidays

    try:
        return bool(chinese_calendar.is_workday(date.fromisoformat(day)))
    except NotImplementedError:
        return None


@lru_cache(KEPT_DAYS)
def holiday_name(day: str) -> str:
    """Return the holiday's Chinese name, empty for an ordinary day."""
    import chinese_calendar

    try:
        off, name = chinese_calendar.get_holiday_detail(date.fromisoformat(day))
    except NotImplementedError:
        return ""
    return HOLIDAYS.get(str(name), "") if off and name else ""


HOLIDAYS = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
}


class Calendar:
    """The hall's opening times."""

    def __init__(
        self, rules: OpeningRules, zone: ZoneInfo, special: Mapping[str, SpecialDay]
    ) -> None:
        self.rules = rules
        self.zone = zone
        self.special = special
        lunch = wall_spans(rules.lunch)
        edges = [rules.opens, *(edge for span in lunch for edge in span), rules.closes]
        self._usual = tuple(zip(edges[::2], edges[1::2], strict=True))
        self._spans: dict[tuple[str, str, str], tuple[Span, ...]] = {}

    def is_workday(self, day: str) -> bool:
        """Return whether the hall works on a day."""
        if self.rules.always_open:
            return True
        if own := self.special.get(day):
            return own.open
        weekday = date.fromisoformat(day).isoweekday()
        in_week = str(weekday) in self.rules.weekdays
        announced = is_announced_workday(day) if self.rules.holidays else None
        if announced is None:
            return in_week
        if weekday > FRIDAY:  # worked when it makes up for a holiday, or by a hall of seven days
            return announced or (in_week and not holiday_name(day))
        return announced and in_week

    def spans(self, day: str, service: Service | None = None) -> tuple[Span, ...]:
        """Return when the hall, or a service in it, is open on a day, in order."""
        weekdays, hours = (service.open_weekdays, service.open_hours) if service else ("", "")
        known = self._spans.get((day, weekdays, hours))
        if known is None:
            if len(self._spans) > KEPT_DAYS:
                self._spans.clear()
            known = self._spans[day, weekdays, hours] = self._read(day, weekdays, hours)
        return known

    def _read(self, day: str, weekdays: str, hours: str) -> tuple[Span, ...]:
        if not self.is_workday(day):
            return ()
        if weekdays and str(date.fromisoformat(day).isoweekday()) not in weekdays:
            return ()
        own = self.special.get(day)
        if self.rules.always_open:
            whole: tuple[Span, ...] = (
                (
                    days.first_instant(day, self.zone),
                    days.first_instant(days.next_day(day), self.zone),
                ),
            )
        else:
            whole = self._at(day, wall_spans(own.hours) if own and own.hours else self._usual)
        return _both(whole, self._at(day, wall_spans(hours))) if hours else whole

    def _at(self, day: str, walls: tuple[WallSpan, ...]) -> tuple[Span, ...]:
        return tuple(
            (
                days.instant_of(day, begins, self.zone),
                days.instant_of(day, ends, self.zone),
            )
            for begins, ends in walls
        )

    def open_at(self, now: Instant, service: Service | None = None) -> Span | None:
        """Return the open span an instant lies in, None while closed."""
        day = days.day_of(now, self.zone)
        return next((span for span in self.spans(day, service) if span[0] <= now < span[1]), None)

    def next_opening(self, now: Instant, service: Service | None = None) -> Instant | None:
        """Return when the hall or a service opens next, None within the weeks ahead."""
        first = date.fromisoformat(days.day_of(now, self.zone))
        for ahead in range(DAYS_LOOKED_AHEAD):
            day = (first + timedelta(days=ahead)).isoformat()
            for begins, _ in self.spans(day, service):
                if begins > now:
                    return begins
        return None

    def last_closing(self, day: str) -> Instant | None:
        """Return when the hall closes for the day, None on a day it does not open."""
        spans = self.spans(day)
        return spans[-1][1] if spans else None

    def open_between(self, begins: Instant, ends: Instant) -> Instant:
        """Return how many milliseconds of a time the hall was open; closed minutes are no wait."""
        if ends <= begins:
            return 0
        if self.rules.always_open:
            return ends - begins
        total, day = 0, days.day_of(begins, self.zone)
        while days.first_instant(day, self.zone) < ends:
            total += sum(
                max(0, min(ends, closes) - max(begins, opens)) for opens, closes in self.spans(day)
            )
            day = days.next_day(day)
        return total

    def noon(self, day: str) -> Instant:
        """Return where a day's halves meet: when lunch begins, or twelve."""
        lunch = wall_spans(self.rules.lunch)
        return days.instant_of(day, lunch[0][0] if lunch else time(12), self.zone)

    def is_before_noon(self, now: Instant) -> bool:
        """Return whether an instant lies in the first half of its day."""
        return now < self.noon(days.day_of(now, self.zone))

    def said(self, instant: Instant, now: Instant) -> str:
        """Return an instant as people say it: 今天 13:30, 明天 08:30, 11月24日（周二）08:30."""
        when, today = days.local(instant, self.zone), days.local(now, self.zone).date()
        ahead = (when.date() - today).days
        near = {0: "今天", 1: "明天"}.get(ahead)
        day = near or f"{when.month}月{when.day}日（周{IN_WEEK[when.weekday()]}）"
        return f"{day} {when:%H:%M}"


def _both(some: tuple[Span, ...], others: tuple[Span, ...]) -> tuple[Span, ...]:
    """Return where both are open."""
    return tuple(
        (max(a[0], b[0]), min(a[1], b[1]))
        for a in some
        for b in others
        if max(a[0], b[0]) < min(a[1], b[1])
    )
