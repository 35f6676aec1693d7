"""Tallies in, a Month out: the statistics of the manual; pure.

Formulas: queue figures by end of service, rating figures by time of rating; every rate with its
numerator and denominator; rounded half up, 100.00 and 0.00 only where they are exact.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from hall.catalogue import Catalogue
from hall.days import MINUTE
from hall.refusals import NotValid
from hall.shares import hundredths as hundredths
from hall.shares import rate as rate
from rating.levels import LEVELS, Level

SCOPES = ("window", "department", "clerk", "service")


@dataclass(frozen=True, slots=True)
class Tally:
    """What is counted in a period, for a window, a clerk, a service …; times in milliseconds.

    In the order of the tally's columns.
    """

    called: int = 0
    served: int = 0
    missed: int = 0
    waited: int = 0
    waited_long: int = 0
    service_time: int = 0
    asked: int = 0
    timed_out: int = 0
    never_asked: int = 0
    accepted: int = 0
    completed: int = 0
    very_satisfied: int = 0
    satisfied: int = 0
    basically_satisfied: int = 0
    dissatisfied: int = 0
    very_dissatisfied: int = 0
    voided: int = 0
    defaults: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*(getattr(self, name) + getattr(other, name) for name in COUNTED))

    def rated(self, *levels: Level) -> int:
        """Return how many valid ratings have one of the levels; of any level without a name."""
        return sum(int(getattr(self, level.value)) for level in levels or LEVELS)


COUNTED = tuple(each.name for each in fields(Tally))


def tenths_of_a_minute(total: int, count: int) -> float | None:
    """Return the mean of a sum of milliseconds in minutes, half up to one decimal."""
    if count == 0:
        return None
    unit = MINUTE // 10
    return ((2 * total + count * unit) // (2 * count * unit)) / 10


def row(key: str, name: str, tally: Tally) -> dict[str, Any]:
    """Return one line of the table: all figures of one tally."""
    rated = tally.rated()
    content = tally.rated(Level.VERY_SATISFIED, Level.SATISFIED, Level.BASICALLY_SATISFIED)
    score = sum(tally.rated(level) * (5 - place) for place, level in enumerate(LEVELS))
    return {
        "key": key,
        "name": name,
        "called": tally.called,
        "served": tally.served,
        "missed": tally.missed,
        "rated": rated,
        "levels": {level.value: tally.rated(level) for level in LEVELS},
        "bad": tally.rated(Level.DISSATISFIED, Level.VERY_DISSATISFIED),
        "satisfaction": rate(content, rated),
        "rating_rate": rate(rated, tally.served),
        "score": None if not rated else ((200 * score + rated) // (2 * rated)) / 100,
        "asked": tally.asked,
        "timed_out": tally.timed_out,
        "never_asked": tally.never_asked,
        "voided": tally.voided,
        "defaults": tally.defaults,
        "average_wait_minutes": tenths_of_a_minute(tally.waited, tally.called),
        "wait_over_target": rate(tally.waited_long, tally.called),
        "average_service_minutes": tenths_of_a_minute(tally.service_time, tally.served),
    }


@dataclass(frozen=True, slots=True)
class Month:
    """A month's table; ``taken``, ``cancelled`` and ``expired`` are the hall's, not a window's."""

    month: str
    by: str
    rows: Sequence[dict[str, Any]]
    totals: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Return the month as the contract has it."""
        return {
            "month": self.month,
            "by": self.by,
            "rows": list(self.rows),
            "totals": dict(self.totals),
        }


def check_scope(by: str) -> str:
    """Return the scope, or refuse one that no table is made for."""
    if by not in SCOPES:
        raise NotValid("unknown_scope", f"by 须为 {'、'.join(SCOPES)} 之一。")
    return by


def month(
    name: str,
    by: str,
    tallies: Mapping[str, Tally],
    catalogue: Catalogue,
    uncalled: Mapping[str, int],
) -> Month:
    """Return the table by window, department, clerk or service; everything in use has a row."""
    sums = {key: Tally() for key in _in_use(by, catalogue)} | dict(tallies)
    total = sum(tallies.values(), Tally())
    rows = [row(key, _name(by, key, catalogue), tally) for key, tally in sums.items()]
    order = {key: place for place, key in enumerate(catalogue.keys(by))}
    rows.sort(key=lambda each: (order.get(each["key"], len(order)), each["key"]))
    for each in rows:
        each["department"] = catalogue.department_of(by, each["key"])
    totals = row("", "合计", total) | dict(uncalled)
    return Month(name, by, rows, totals)


def _in_use(by: str, catalogue: Catalogue) -> Iterable[str]:
    match by:
        case "window":
            return [str(each.no) for each in catalogue.windows if each.active]
        case "department":
            return [each.code for each in catalogue.departments]
        case "clerk":
            people = catalogue.people
            return [each.staff_number for each in people if each.active and each.role == "clerk"]
    return [each.code for each in catalogue.services if each.active]


def _name(by: str, key: str, catalogue: Catalogue) -> str:
    match by:
        case "window":
            window = catalogue.window.get(int(key))
            return window.shown_name if window else f"{key}号窗口"
        case "department":
            department = catalogue.department.get(key)
            return department.name if department else key or "—"
        case "clerk":
            person = catalogue.person.get(key)
            return person.name if person else key or "未登录"
    service = catalogue.service.get(key)
    return service.name if service else key
