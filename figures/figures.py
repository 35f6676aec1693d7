"""class Figures – every statistic of the list, read from the tally and the records.

It writes nothing. Meant for a store that only reads (``web.reading.ask_figures``); on the hall's
own it brings the indexes up to date.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from cases.figures import figures as figures_of_cases
from cases.life import IN_CHINESE as CASE_STATES
from complaints.limits import Outcome, outcome
from complaints.store import ComplaintTables
from figures import choosing, places, statistics
from figures.columns import COLUMN, Within, check_column, check_scope
from figures.drill_store import Drill
from figures.opening import Hours, opened
from figures.statistics import Facts, Table
from figures.store import FigureStore
from hall import days
from hall.calendar import Span
from hall.config import Config
from hall.days import Clock, Instant
from hall.desk import Desk
from hall.refusals import NotValid
from hall.register import Register
from hall.shares import rate
from hall.store import Store
from rating import periods
from rating.book import Book
from rating.levels import LEVELS, Channel, Level
from rating.months import Tally, tenths_of_a_minute
from rating.periods import Period

MOST_STEPS = 400
HOURS_OF_A_DAY = 24
TAGS_MOST = 20
PROPER = {Outcome.ON_TIME, Outcome.LATE, Outcome.UNANSWERED}
Counts = dict[str, Counter[str]]
TOTALS: dict[str, Any] = {"key": "", "name": "合计", "department": ""}


class Figures:
    """The one place where statistics are read."""

    def __init__(
        self, store: Store, register: Register, desk: Desk, book: Book, config: Config, clock: Clock
    ) -> None:
        self.register = register
        self.desk = desk
        self.tallies = book.tallies
        self.zone = config.hall.zone
        self.clock = clock
        self.figures = FigureStore(store)
        self.drill = Drill(store)
        self.complaints = ComplaintTables(store)

    # -- tables ---------------------------------------------------------------------------------

    def table(self, period: Period, by: str, within: Within = ()) -> Table:
        """Return a period's table for a scope, within others: ``(("department", "MZ"),)``."""
        check_scope(by)
        catalogue = self.register.catalogue()
        found = self._facts(period, by, within)
        keys = {*found, *places.in_use(by, catalogue, within)}
        rows = [
            {
                "key": key,
                "name": places.name(by, key, catalogue),
                "department": catalogue.department_of(by, key),
                **statistics.figures(found.get(key, Facts()), by, within),
            }
            for key in places.in_order(by, keys, catalogue)
        ]
        waits = self.figures.waits("hall", *self._bounds(period), within).get("")
        total = statistics.total(found.values(), waits)
        totals = TOTALS | statistics.figures(total, by, within)
        before, year_ago = choosing.compared(period, days.day_of(self.clock(), self.zone))
        return Table(
            period,
            by,
            within,
            rows,
            totals,
            self._compared(totals, before, by, within),
            self._compared(totals, year_ago, by, within),
        )

    def _compared(
        self, totals: dict[str, Any], base: Period | None, by: str, within: Within
    ) -> dict[str, Any]:
        total = self._facts(base, "hall", within).get("", Facts()) if base else Facts()
        then = statistics.figures(total, by, within)
        change = statistics.changes(totals, then)
        words = base.words if base else "—"
        return {**TOTALS, **then, "period": words, "name": words, "change": change}

    def series(
        self, period: Period, unit: str, by: str = "hall", key: str = ""
    ) -> list[tuple[str, dict[str, Any]]]:
        """Return the row of a key in each day, week or month of a period, up to today.

        NotValid for another unit, and for more steps than a chart can show.
        """
        check_scope(by)
        within: Within = () if by == "hall" else ((by, key),)
        found = []
        for step in self._steps(period, unit):
            facts = self._facts(step, by, within).get(key, Facts())
            found.append((step.name, statistics.figures(facts, by)))
        return found

    def _steps(self, period: Period, unit: str) -> list[Period]:
        if unit not in ("day", "week", "month"):
            raise NotValid("unknown_unit", "走势须按日（day）、周（week）或月（month）。")
        last = min(period.last, days.day_of(self.clock(), self.zone))
        found: list[Period] = []
        day = period.first
        while day <= last:
            if len(found) == MOST_STEPS:
                raise NotValid("too_many_steps", f"走势最多 {MOST_STEPS} 个点，请按更长的单位看。")
            found.append(periods.of_day(unit, day))
            day = found[-1].past
        return found

    # -- what the dashboard shows ---------------------------------------------------------------

    def heat(self, period: Period) -> dict[tuple[int, int], dict[str, Any]]:
        """Return calls, mean wait and P90 in minutes by weekday (1 is Monday) and hour."""
        return {
            (hour // HOURS_OF_A_DAY + 1, hour % HOURS_OF_A_DAY): {
                "called": called,
                "average_wait_minutes": tenths_of_a_minute(waited, called),
                "p90": tenths_of_a_minute(p90, 1),
            }
            for hour, called, waited, p90 in self.figures.heat(*self._bounds(period))
        }

    def channels(self, period: Period) -> list[dict[str, Any]]:
        """Return valid ratings by channel: code, name, levels by code, rated and its share."""
        found = self.tallies.table("channel", period.stretch)
        rated = sum(tally.rated() for tally in found.values())
        return [
            {
                "key": channel.value,
                "name": channel.chinese,
                "rated": found.get(channel.value, Tally()).rated(),
                "levels": {
                    level.value: found.get(channel.value, Tally()).rated(level) for level in LEVELS
                },
                "share": rate(found.get(channel.value, Tally()).rated(), rated),
            }
            for channel in Channel
        ]

    def tags(self, period: Period, most: int = TAGS_MOST) -> list[tuple[str, Level, int]]:
        """Return how often each tag was given with which level, the most frequent first."""
        found = self.figures.tags(*self._bounds(period))[:most]
        return [(text, Level(level), count) for text, level, count in found]

    def pipeline(self, period: Period) -> list[tuple[str, str, int]]:
        """Return the bad ratings of a period by what has become of them: code, word, count."""
        found = self.figures.pipeline(*self._bounds(period))
        return [
            (state.value, word, found.get(state.value, 0)) for state, word in CASE_STATES.items()
        ]

    # -- the tickets behind a number ------------------------------------------------------------

    def tickets(
        self,
        period: Period,
        by: str,
        key: str,
        column: str,
        limit: int,
        offset: int = 0,
        within: Within = (),
    ) -> list[dict[str, Any]]:
        """Return the tickets behind a number, the newest first; names are masked.

        A rate shows the tickets of its numerator, a mean those it is the mean of.
        """
        where = self._scope(by, key, within)
        check_column(column)
        if not COLUMN[column].exists(by, within):
            return []
        return self.drill.tickets(column, *self._bounds(period), self.clock(), where, limit, offset)

    def count_tickets(
        self, period: Period, by: str, key: str, column: str, within: Within = ()
    ) -> int:
        """Return how many tickets stand behind a number."""
        where = self._scope(by, key, within)
        check_column(column)
        if not COLUMN[column].exists(by, within):
            return 0
        return self.drill.count(column, *self._bounds(period), self.clock(), where)

    def _scope(self, by: str, key: str, within: Within) -> Within:
        check_scope(by)
        return within if by == "hall" else (*within, (by, key))

    # -- what is counted ------------------------------------------------------------------------

    def _bounds(self, period: Period) -> tuple[Instant, Instant]:
        first, past = (days.first_instant(day, self.zone) for day in (period.first, period.past))
        return first, past

    def _facts(self, period: Period, by: str, within: Within) -> dict[str, Facts]:
        tallies = self.tallies.table(by, period.stretch, within)
        waits = self.figures.waits(by, *self._bounds(period), within)
        counts: Counts = {}
        for name, key, many in self._counts(period, by, within):
            counts.setdefault(key or "", Counter())[name] += many
        return {
            key: Facts(tallies.get(key, Tally()), counts.get(key, Counter()), waits.get(key))
            for key in {*tallies, *waits, *counts}
        }

    def _counts(self, period: Period, by: str, within: Within) -> Iterator[tuple[str, str, int]]:
        """Yield name, key and number of what is counted beside the tally, where it exists."""
        bounds = self._bounds(period)
        for (key, channel), rated in self.figures.channels(by, period, within).items():
            yield f"channel_{channel}", key, rated
        for name, for_good in (("ever_missed", False), ("missed_for_good", True)):
            found = self.figures.missed(by, *bounds, within, for_good=for_good)
            yield from ((name, key, many) for key, many in found.items())
        if COLUMN["taken"].exists(by, within):
            yield from self._taken(period, by, within)
        if COLUMN["utilisation"].exists(by, within):
            yield from self._open(period, by, within)
        for key, facts in self.figures.cases(by, *bounds, within).items():
            rates = figures_of_cases(facts, self.clock())
            for name in ("contacted", "rectified", "in_time", "revisited"):
                yield name, key, rates[name]["numerator"]
                yield f"{name}_due", key, rates[name]["denominator"]
        if COLUMN["complaints_on_time"].exists(by, within):
            yield from self._complaints(bounds, by, within)

    def _taken(self, period: Period, by: str, within: Within) -> Iterator[tuple[str, str, int]]:
        bounds = self._bounds(period)
        for key, many in self.figures.taken(by, period, within).items():
            yield "taken", key, many
        for key, many in self.figures.uncalled(by, *bounds, within).items():
            yield "uncalled", key, many
        booked = self.figures.appointments(by, *bounds, self.clock(), within)
        for key, (arrived, due) in booked.items():
            yield "arrived", key, arrived
            yield "arrived_due", key, due

    def _open(self, period: Period, by: str, within: Within) -> Iterator[tuple[str, str, int]]:
        """Yield the times of the windows that lie within the scopes; a department's are its own."""
        catalogue = self.register.catalogue()
        clerk = dict(within).get("clerk")
        first, past = self._bounds(period)
        now = min(past, self.clock())
        windows = {each.no: each for each in places.windows(catalogue, within)}
        hours = self._hours(period, now)

        def key(window: int, who: str) -> str:
            its = windows[window]
            return {
                "hall": "",
                "window": str(window),
                "zone": its.zone,
                "department": its.department,
                "clerk": who,
            }[by]

        seen: set[int] = set()
        for each in opened(self.figures.changes(first, past), first, now):
            its = windows.get(each.window)
            if its is None or clerk not in (None, each.who):
                continue
            place = key(each.window, each.who)
            yield "open_time", place, each.ends - each.begins
            if its.active:
                yield "open_in_hours", place, hours.within(each.begins, each.ends)
            if by != "clerk" and each.window not in seen:
                seen.add(each.window)
                yield "opened", place, 1
                yield "evaluated", place, int(each.window in catalogue.evaluated)
        if by != "clerk":
            for window, its in windows.items():
                yield "scheduled", key(window, ""), hours.total if its.active else 0
        for window, who, served in self.figures.service_times(period):
            if window in windows and clerk in (None, who):
                yield "service_time", key(window, who), served

    def _hours(self, period: Period, now: Instant) -> Hours:
        calendar = self.desk.calendar()
        began = self.figures.first_change()
        if began is None:
            return Hours((), now)
        last = min(period.last, days.day_of(now, self.zone))
        spans: list[Span] = []
        day = max(period.first, days.day_of(began, self.zone))
        while day <= last:
            spans += calendar.spans(day)
            day = days.next_day(day)
        return Hours(spans, now)

    def _complaints(
        self, bounds: tuple[Instant, Instant], by: str, within: Within
    ) -> Iterator[tuple[str, str, int]]:
        unit = dict(within).get("department")
        now = self.clock()
        for each in self.complaints.between(*bounds, unit):
            found = outcome(each, now)
            key = "" if by == "hall" else each.unit or ""
            if found in PROPER:
                yield "complaints_on_time", key, int(found is Outcome.ON_TIME)
                yield "complaints_on_time_due", key, 1
