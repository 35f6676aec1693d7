"""class Cases – the verbs of a bad rating's life: read, decide, save, note; then tell.

A case opens in the transaction of its rating. Every act is a step of a history that is only added
to; a form that comes twice (the same ``tap``) acts once. The verbs stand in rooms of their own –
``opening``, ``assigning``, ``reaching``, ``rectifying``, ``appealing``, ``revisiting`` – on one
ground, ``verbs``; here is what is looked up, and what time brings.
"""

from typing import Any

from cases import limits
from cases.appealing import Appealing
from cases.events import CaseRed
from cases.figures import figures
from cases.history_store import Appeal, Extension
from cases.life import Case
from cases.limits import Colour
from cases.opening import Opening
from cases.reaching import Reaching
from cases.rectifying import Rectifying
from cases.revisiting import Revisiting
from hall import days
from hall.catalogue import Person
from hall.config import Config
from hall.days import Clock
from hall.desk import Desk
from hall.refusals import NotValid
from hall.register import Register
from hall.store import Store
from rating.book import Book
from rating.store import Rating


class Cases(Opening, Reaching, Rectifying, Appealing, Revisiting):
    """The one place where bad ratings are followed up."""

    def __init__(
        self, store: Store, register: Register, desk: Desk, book: Book, config: Config, clock: Clock
    ) -> None:
        super().__init__(store, register, desk, book, config, clock)
        book.along(self._hear)
        if not store.readonly:
            self._open_older()

    # -- looking --------------------------------------------------------------------------------

    def of_rating(self, rating: int) -> Case | None:
        """Return the case of a rating, None for one that has none."""
        return self.cases.of_rating(rating)

    def appeal_of(self, number: int) -> Appeal | None:
        """Return the appeal of a case."""
        return self.cases.appeal(number)

    def rated_again(self, case: Case) -> Rating | None:
        """Return how the citizen rated once more after the rectification."""
        again = self.book.ratings.second_of(case.visit)
        return again if again is not None and again.id != case.rating else None

    def extensions(self, number: int | None = None) -> list[Extension]:
        """Return the extensions of a case, or all that wait for a decision."""
        return self.cases.extensions(number)

    def open_cases(self, handler: str = "", unit: str = "") -> list[Case]:
        """Return the open cases, the most urgent first."""
        return self.cases.open_of(handler, unit)

    def closed_cases(self, unit: str = "") -> list[Case]:
        """Return the closed cases, the newest first."""
        return self.cases.closed_of(unit)

    def count_closed(self, unit: str = "") -> int:
        """Return how many cases are closed."""
        return self.cases.count_closed(unit)

    def handlers(self, case: Case, unit: str = "") -> list[Person]:
        """Return who may be given a case, by department; the rated clerk never."""
        found = [
            each
            for each in self.register.catalogue().people
            if each.active
            and each.role == "handler"
            and each.department is not None
            and each.staff_number not in (case.clerk, case.handler)
            and unit in ("", each.department)
        ]
        return sorted(found, key=lambda each: (each.department != case.unit, each.staff_number))

    def colour(self, case: Case) -> Colour:
        """Return how near the limit of a case is."""
        return limits.colour_of(
            case.state, case.since, case.limit_at, self.clock(), self.workdays(), self.limits
        )

    def last_day_of_extension(self, case: Case) -> str:
        """Return the last day to which a rectification may be extended."""
        return limits.longest_extension(case, self.workdays(), self.limits)

    def figures(self, month: str, unit: str = "") -> dict[str, Any]:
        """Return the counts and rates of a month (``YYYY-MM``), of a unit where one is named."""
        if not days.is_month(month):
            raise NotValid("bad_month", "月份须写作 2026-11 的样子。")
        first, past = days.month_bounds(month, self.zone)
        return figures(self.cases.facts(first, past, unit), self.clock())

    def alerts(self, unit: str = "") -> dict[str, Any]:
        """Return how many cases nobody has taken up, the newest of them, and how many are red."""
        fresh, newest, red = self.cases.alerts(self.clock(), unit)
        return {"fresh": fresh, "newest": newest, "red": red}

    # -- time alone -----------------------------------------------------------------------------

    def tick(self) -> None:
        """Tell, once each, of limits that have passed."""
        if not self.cases.newly_red(self.clock()):
            return
        with self.store.transaction():
            now = self.clock()
            for case in self.cases.newly_red(now):
                assert case.limit_at is not None
                self.cases.told_red(case.id, case.limit_at)
                detail = {"case": case.id, "rating": case.rating, "state": case.state.value}
                seq = self.store.note(now, "case_red", window=case.window, detail=detail)
                self._emit(CaseRed(seq, now, (), case))
