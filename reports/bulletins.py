"""class Bulletins – a month's bulletin: its figures read, what a manager writes above it kept."""

from dataclasses import replace
from typing import Any

from cases.life import IN_CHINESE as CASE_STATES
from cases.life import State as CaseState
from figures.figures import Figures
from hall import days
from hall.config import Config
from hall.days import Clock
from hall.desk import Desk
from hall.refusals import NotAllowed, NotFound
from hall.register import Register
from hall.store import Store
from ranking import frozen
from ranking.rankings import Rankings
from rating import periods
from rating.book import Book
from rating.levels import Level
from reports import bulletin
from reports.bulletin import Bulletin
from reports.facts import Bad, Facts
from reports.said import month_words
from reports.store import Records, Reports
from reports.wording import Words

SERIES_MONTHS = 12
VOIDED = {"mistaken": "认定为误评，已作废", "malicious": "认定为恶意评价，已作废"}


class Bulletins:
    """The one place where bulletins are made."""

    def __init__(
        self, store: Store, register: Register, desk: Desk, book: Book, config: Config, clock: Clock
    ) -> None:
        self.store = store
        self.register = register
        self.zone = config.hall.zone
        self.clock = clock
        self.tables = Reports(store)
        self.records = Records(store)
        self.figures = Figures(store, register, desk, book, config, clock)
        self.rankings = Rankings(store, register, desk, book, config, clock)

    def bulletin(self, month: str) -> Bulletin:
        """Return a month's bulletin (``YYYY-MM``); NotValid for what is no month."""
        when = periods.period("month", month)
        today = days.day_of(self.clock(), self.zone)
        if when.first > today:
            raise NotAllowed("not_begun", f"{month_words(month)}还没有开始，没有可通报的内容。")
        windows = self.figures.table(when, "window")
        whole = self.figures.table(when, "hall")
        hall = self.register.hall()
        return bulletin.bulletin(
            Facts(
                hall.name,
                month,
                today,
                whole.totals,
                whole.before,
                whole.year_ago,
                self.figures.table(when, "department").rows,
                windows.rows,
                self.figures.channels(when),
                self._series(month),
                self.figures.pipeline(when),
                self._bad(month),
                self._ranking(month),
                self.words(month),
                hall.demo,
            )
        )

    def _series(self, month: str) -> list[tuple[str, dict[str, Any]]]:
        first = days.month_before(month, SERIES_MONTHS - 1)
        past = days.month_before(month, -1)
        year = periods.period("range", f"{first}-01..{days.day_before(f'{past}-01')}")
        found = self.figures.series(year, "month")
        while len(found) > 1 and not (found[0][1]["served"] or found[0][1]["rated"]):
            found.pop(0)
        return found

    def _bad(self, month: str) -> list[Bad]:
        return [
            self._published(*row)
            for row in self.records.bad_ratings(*days.month_bounds(month, self.zone))
        ]

    def _published(
        self,
        at: int,
        service: str,
        window: int,
        unit: str,
        level: str,
        tags: str,
        state: str,
        void_kind: str,
        answered_at: int | None,
        public: str,
    ) -> Bad:
        catalogue = self.register.catalogue()
        known = catalogue.service.get(service)
        department = catalogue.department.get(unit)
        outcome = VOIDED.get(void_kind, CASE_STATES[CaseState(state)])
        if answered_at is not None and not void_kind:
            answered = days.local(answered_at, self.zone)
            outcome += f"，{answered.month}月{answered.day}日答复"
        return Bad(
            days.day_of(at, self.zone),
            known.name if known else service,
            f"{window}号",
            department.name if department else unit,
            Level(level).chinese,
            tags,
            f"{outcome}。{public}" if public else f"{outcome}。",
        )

    def _ranking(self, month: str) -> dict[str, Any] | None:
        try:
            return frozen.read(self.rankings.published(month).snapshot)
        except NotFound:
            return None

    # -- what stands above it -------------------------------------------------------------------

    def words(self, month: str) -> Words:
        """Return what a manager has written above a month's bulletin."""
        return self.tables.words(month) or Words()

    def keep(self, month: str, words: Words, by: str) -> Words:
        """Keep it; the same twice is kept once."""
        periods.period("month", month)
        with self.store.transaction():
            was = self.tables.words(month)
            if was is not None and was.says(words):
                return was
            now = self.clock()
            self.tables.save_words(month, words, by, now)
            detail = {"month": month, "document": words.document, "issue": words.issue}
            self.store.note(now, "bulletin_worded", who=by, detail=detail)
        return replace(words, at=now)

    def note_printed(self, month: str, by: str) -> None:
        """Note that somebody took a bulletin out as a PDF."""
        self.store.note(self.clock(), "bulletin_printed", who=by, detail={"month": month})
