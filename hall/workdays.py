"""Limits in working days and hours, as the rules of the trade count them; pure.

A limit in days ends with the last working day: the day on which it begins is not counted (民法典
第二百零一条), so what comes on Friday with one working day ends on Monday at midnight. Working days
are those of the official calendar, its make-up workdays among them; the hall's own days stand above
it (``hall.calendar``), but a hall that is open on Sundays has no shorter limits.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from hall import days
from hall.calendar import FRIDAY, Calendar, Span, is_announced_workday
from hall.days import HOUR, Instant

# So far is looked ahead for hours; no holiday is longer.
DAYS_LOOKED_AHEAD = 60


def is_working_day(day: str) -> bool:
    """Return whether a day counts: as announced, else Monday to Friday."""
    announced = is_announced_workday(day)
    return date.fromisoformat(day).isoweekday() <= FRIDAY if announced is None else announced


@dataclass(frozen=True, slots=True)
class Workdays:
    """Which days count in a hall's zone, and between which hours somebody works on them."""

    zone: ZoneInfo
    counts: Callable[[str], bool] = is_working_day
    spans: Callable[[str], Sequence[Span]] | None = None

    @classmethod
    def of(cls, calendar: Calendar) -> "Workdays":
        """Return a hall's working days: the official ones, but for the hall's own."""

        def counts(day: str) -> bool:
            own = calendar.special.get(day)
            return own.open if own else is_working_day(day)

        return cls(calendar.zone, counts, calendar.spans)

    def end_of(self, day: str) -> Instant:
        """Return the instant at which a day is over."""
        return days.first_instant(days.next_day(day), self.zone)

    def after_days(self, begins: Instant, how_many: int) -> Instant:
        """Return when so many working days after the day of an instant are over."""
        day = days.day_of(begins, self.zone)
        for _ in range(how_many):
            day = self._next(day)
        return self.end_of(day)

    def after_hours(self, begins: Instant, hours: float) -> Instant:
        """Return when so many working hours have passed; a day without hours counts as none."""
        left, day = round(hours * HOUR), days.day_of(begins, self.zone)
        for _ in range(DAYS_LOOKED_AHEAD):
            for opens, closes in self._hours(day):
                here = max(begins, opens)
                if here < closes:
                    if here + left <= closes:
                        return here + left
                    left -= closes - here
            day = days.next_day(day)
        raise ValueError(f"no {hours} working hours within {DAYS_LOOKED_AHEAD} days")

    def a_day_before(self, limit: Instant) -> Instant:
        """Return the instant one working day before a limit: from then on it is yellow."""
        day = days.day_of(limit - 1, self.zone)
        back = days.day_before(day)
        while not self.counts(back):
            back = days.day_before(back)
        return limit - (self.end_of(day) - self.end_of(back))

    def between(self, begins: Instant, ends: Instant) -> int:
        """Return how many working days after the day of one instant, up to the day of another."""
        day, last = days.day_of(begins, self.zone), days.day_of(ends, self.zone)
        found = 0
        while (day := days.next_day(day)) <= last:
            found += self.counts(day)
        return found

    def _next(self, day: str) -> str:
        day = days.next_day(day)
        while not self.counts(day):
            day = days.next_day(day)
        return day

    def _hours(self, day: str) -> Sequence[Span]:
        if not self.counts(day):
            return ()
        if self.spans is None:
            return ((days.first_instant(day, self.zone), self.end_of(day)),)
        return self.spans(day)
