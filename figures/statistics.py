"""What was counted in, every figure of a row out; pure (manual of statistics).

Counts add up, and so do the numerators and denominators of rates: the totals are the sum of the
rows. Waits are the exception: their percentiles are those of the whole.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from figures.columns import COLUMNS, Column, Within
from hall.days import MINUTE
from hall.shares import rate
from rating.levels import LEVELS, Channel, Level
from rating.months import Tally, tenths_of_a_minute
from rating.periods import Period


@dataclass(frozen=True, slots=True)
class Waits:
    """The waits of a scope in milliseconds: P50, P90 (nearest rank) and the longest."""

    p50: int
    p90: int
    longest: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What was counted of one row: the tally, counts beside it by name, and the waits."""

    tally: Tally = field(default_factory=Tally)
    counts: Mapping[str, int] = field(default_factory=Counter)
    waits: Waits | None = None

    def __add__(self, other: "Facts") -> "Facts":
        return Facts(self.tally + other.tally, Counter(self.counts) + Counter(other.counts))

    def __getitem__(self, name: str) -> int:
        return self.counts.get(name, 0)


@dataclass(frozen=True, slots=True)
class Table:
    """A period's table: a row for each part of a scope, their totals, and both comparisons.

    ``before`` and ``year_ago`` are the totals of those periods, with ``period`` (its words) and
    ``change`` by column: a dict with ``value`` and ``text``, or None without a base.
    """

    period: Period
    by: str
    within: Within
    rows: Sequence[dict[str, Any]]
    totals: dict[str, Any]
    before: dict[str, Any]
    year_ago: dict[str, Any]


# -- a row -------------------------------------------------------------------------------------

GOOD = (Level.VERY_SATISFIED, Level.SATISFIED, Level.BASICALLY_SATISFIED)
BAD = (Level.DISSATISFIED, Level.VERY_DISSATISFIED)
Read = Callable[[Facts], Any]


def _share(numerator: Callable[[Facts], int], denominator: Callable[[Facts], int]) -> Read:
    return lambda facts: rate(numerator(facts), denominator(facts))


def _counted(name: str) -> Callable[[Facts], int]:
    return lambda facts: facts[name]


def _tallied(name: str) -> Callable[[Facts], int]:
    return lambda facts: int(getattr(facts.tally, name))


def _levels(*levels: Level) -> Callable[[Facts], int]:
    return lambda facts: facts.tally.rated(*levels)


def _pair(name: str) -> Read:
    return _share(_counted(name), _counted(f"{name}_due"))


def _wait(name: str) -> Read:
    def read(facts: Facts) -> float | None:
        if facts.waits is None:
            return None
        return tenths_of_a_minute(getattr(facts.waits, name), 1)

    return read


def _score(times: int) -> Read:
    def read(facts: Facts) -> float | None:
        rated = facts.tally.rated()
        if not rated:
            return None
        points = sum(facts.tally.rated(level) * (5 - at) for at, level in enumerate(LEVELS))
        return ((200 * times * points + rated) // (2 * rated)) / 100

    return read


READ: dict[str, Read] = {
    "taken": _counted("taken"),
    "called": _tallied("called"),
    "served": _tallied("served"),
    "missed": _counted("missed_for_good"),
    "uncalled": _counted("uncalled"),
    "missed_rate": _share(_counted("ever_missed"), _tallied("called")),
    "abandoned_rate": _share(
        lambda facts: facts["missed_for_good"] + facts["uncalled"], _counted("taken")
    ),
    "appointment_rate": _pair("arrived"),
    "average_wait_minutes": lambda facts: tenths_of_a_minute(
        facts.tally.waited, facts.tally.called
    ),
    "wait_p50": _wait("p50"),
    "wait_p90": _wait("p90"),
    "wait_longest": _wait("longest"),
    "wait_over_target": _share(_tallied("waited_long"), _tallied("called")),
    "average_service_minutes": lambda facts: tenths_of_a_minute(
        facts.tally.service_time, facts.tally.served
    ),
    "on_the_spot": _share(
        _tallied("completed"), lambda facts: facts.tally.accepted + facts.tally.completed
    ),
    "open_rate": _share(_counted("open_in_hours"), _counted("scheduled")),
    "utilisation": _share(_counted("service_time"), _counted("open_time")),
    "evaluator_coverage": _share(_counted("evaluated"), _counted("opened")),
    "rated": _levels(),
    **{level.value: _levels(level) for level in LEVELS},
    "bad": _levels(*BAD),
    "satisfaction": _share(_levels(*GOOD), _levels()),
    "satisfaction_strict": _share(_levels(*GOOD[:2]), _levels()),
    "very_satisfied_rate": _share(_levels(GOOD[0]), _levels()),
    "bad_rate": _share(_levels(*BAD), _levels()),
    "score": _score(1),
    "score_of_ten": _score(2),
    "rating_rate": _share(_levels(), _tallied("served")),
    "voided": _tallied("voided"),
    "void_share": _share(
        _tallied("voided"), lambda facts: facts.tally.rated() + facts.tally.voided
    ),
    "defaults": _tallied("defaults"),
    "asked": _tallied("asked"),
    "timed_out": _tallied("timed_out"),
    "never_asked": _tallied("never_asked"),
    **{
        f"channel_{channel.value}": _share(_counted(f"channel_{channel.value}"), _levels())
        for channel in Channel
    },
    "contacted": _pair("contacted"),
    "rectified": _pair("rectified"),
    "in_time": _pair("in_time"),
    "revisited": _pair("revisited"),
    "complaints_on_time": _pair("complaints_on_time"),
}


def figures(facts: Facts, by: str, within: Within = ()) -> dict[str, Any]:
    """Return every figure of one row; None, or a rate of nothing, for what a scope has not."""
    return {
        each.code: READ[each.code](facts) if each.exists(by, within) else _unknown(each)
        for each in COLUMNS
    }


def _unknown(column: Column) -> Any:
    return rate(0, 0) if column.kind == "rate" else None


def total(rows: Iterable[Facts], waits: Waits | None) -> Facts:
    """Return the sum of the rows with the waits of the whole."""
    summed = sum(rows, Facts())
    return Facts(summed.tally, summed.counts, waits)


# -- compared ----------------------------------------------------------------------------------


def changes(this: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """Return by how much each figure has changed (同比, 环比); None without a base.

    Rates in percentage points of what is shown, scores in points; counts and minutes relative.
    """
    return {each.code: _change(each, this[each.code], base[each.code]) for each in COLUMNS}


def _change(column: Column, this: Any, base: Any) -> dict[str, Any] | None:
    match column.kind:
        case "rate":
            return _difference(this["percent"], base["percent"], "个百分点")
        case "score":
            return _difference(this, base, "分")
        case "minutes":
            # tenths of a minute are whole numbers again
            return _relative(*(None if each is None else round(each * 10) for each in (this, base)))
    return _relative(this, base)


def _difference(this: float | None, base: float | None, unit: str) -> dict[str, Any] | None:
    if this is None or base is None:
        return None
    return _said(round(this * 100) - round(base * 100), unit)


def _relative(this: int | None, base: int | None) -> dict[str, Any] | None:
    if this is None or not base:
        return None
    more = this - base
    part = (20_000 * abs(more) + base) // (2 * base)
    return _said(part if more >= 0 else -part, "%")


def _said(part: int, unit: str) -> dict[str, Any]:
    sign = "+" if part > 0 else "−" if part < 0 else ""
    whole = abs(part)
    return {"value": part / 100, "text": f"{sign}{whole // 100}.{whole % 100:02d} {unit}"}


def share_of_time(share: Mapping[str, Any]) -> tuple[int, int]:
    """Return numerator and denominator of a rate of times in whole minutes, half up."""
    numerator, denominator = (
        (2 * share[part] + MINUTE) // (2 * MINUTE) for part in ("numerator", "denominator")
    )
    return numerator, denominator
