"""class Book – the verbs of 好差评: read, decide, save, note; after the commit, tell.

They stand in rooms of their own – ``asking``, ``giving``, ``by_link`` – on one ground, ``verbs``;
here is what time brings, and what ratings add up to.
"""

from typing import Any

from hall import days
from hall.refusals import NotValid
from rating import months
from rating.asking import Inviting
from rating.by_link import ByLink
from rating.months import Month
from rating.periods import Period, period


class Book(Inviting, ByLink):
    """The one place where ratings are made."""

    def tick(self) -> None:
        """Keep as "asked, timed out" what nobody answered; add a day that is over to its month.

        Keys rotated elsewhere are learnt of, too.
        """
        self._see_new_keys()
        self._end_askings()
        self.tallies.close_days(days.day_of(self.clock(), self.desk.zone))

    def last_service(self, window: int) -> dict[str, Any] | None:
        """Return a window's last service and what became of its rating, never the level."""
        visit = self.store.last_done_at(window)
        if visit is None:
            return None
        return {
            "visit": visit.id,
            "number": self.desk.ticket(visit.ticket).number,
            "service_name": self.register.catalogue().service[visit.service].name,
            "ended_at": days.iso(visit.ended_at or 0, self.desk.zone),
            "rating": self.ratings.outcome_of(visit.id),
        }

    # -- the month ------------------------------------------------------------------------------

    def month(self, name: str, by: str = "window") -> Month:
        """Return a month's table (``YYYY-MM``) by window, department, clerk or service."""
        months.check_scope(by)
        if not days.is_month(name):
            raise NotValid("bad_month", "月份须写作 2026-11 的样子。")
        when = period("month", name)
        tallies = self.tallies.table(by, when.stretch)
        return months.month(name, by, tallies, self.register.catalogue(), self._uncalled(when))

    def _uncalled(self, when: Period) -> dict[str, int]:
        """Return the hall's tickets: taken, and ended without a call."""
        bounds = (days.first_instant(day, self.desk.zone) for day in (when.first, when.past))
        cancelled, expired, *_ = self.tallies.unserved("hall", *bounds).get("", (0, 0))
        taken = self.tallies.taken("hall", when.stretch).get("", 0)
        return {"taken": taken, "cancelled": cancelled, "expired": expired}

    def day(self, name: str) -> dict[str, Any]:
        """Return the hall's totals of one day (``YYYY-MM-DD``)."""
        when = period("day", name)
        total = self.tallies.table("hall", when.stretch).get("", months.Tally())
        return months.row("", name, total) | self._uncalled(when)
