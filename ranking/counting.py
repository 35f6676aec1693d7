"""What is known of every window's month: the tally, the cases, the complaints, the inspector."""

from collections import Counter
from collections.abc import Iterable

from cases.figures import Fact
from hall import days
from hall.catalogue import Catalogue, Window
from hall.days import Instant
from ranking.rules import Facts
from ranking.store import Concern, Given, RankingStore
from rating.book import Book
from rating.levels import Level
from rating.months import Tally
from rating.periods import period


def facts_of(book: Book, month: str, now: Instant) -> list[Facts]:
    """Return a month of every window that is in use, or was that month, by number.

    Also on a book that only reads.
    """
    tables, catalogue = RankingStore(book.store), book.register.catalogue()
    first, past = days.month_bounds(month, book.desk.zone)
    tallies = book.tallies.table("window", period("month", month).stretch)
    answered = _answered(tables.bad_ratings(first, past), now)
    complained = Counter(each.window for each in tables.concerns(first, past))
    points = tables.points(month)
    return [
        _facts(
            *(window, catalogue, tallies.get(str(window.no), Tally())),
            *(answered.get(window.no, (0, 0)), complained[window.no], points.get(window.no)),
        )
        for window in sorted(catalogue.windows, key=lambda each: each.no)
        if window.active or str(window.no) in tallies
    ]


def _facts(
    window: Window,
    catalogue: Catalogue,
    tally: Tally,
    answered: tuple[int, int],
    complaints: int,
    given: Given | None,
) -> Facts:
    unit = catalogue.department.get(window.department)
    due, in_time = answered
    return Facts(
        window=window.no,
        name=name_of(window),
        department=unit.name if unit else window.department,
        category=window.category,
        served=tally.served,
        rated=tally.rated(),
        bad=tally.rated(Level.DISSATISFIED, Level.VERY_DISSATISFIED),
        called=tally.called,
        waited=tally.waited,
        waited_long=tally.waited_long,
        due=due,
        in_time=in_time,
        complaints=complaints,
        **({"given": given.given, "given_of": given.given_of} if given else {}),
    )


def name_of(window: Window) -> str:
    """Return how a window is called among many of one name: 12号 综合窗口."""
    return window.numbered_name


def _answered(bad: Iterable[tuple[int, Fact]], now: Instant) -> dict[int, tuple[int, int]]:
    """Return by window how many bad ratings were due to be answered, and how many in time."""
    found: dict[int, tuple[int, int]] = {}
    for window, fact in bad:
        if not fact.voided and fact.answer_is_due(now):
            due, in_time = found.get(window, (0, 0))
            found[window] = (due + 1, in_time + fact.answered_in_time)
    return found


def suggested(concern: Concern, catalogue: Catalogue) -> int | None:
    """Return the window of the clerk whom a complaint names, None when it names none."""
    accused = concern.accused.strip()
    found = {each.window for each in catalogue.people if accused and each.name == accused}
    return found.pop() if len(found) == 1 else None
