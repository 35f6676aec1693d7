"""How a window's month becomes points, and who stands before whom in a class; pure.

Points are hundredths, rounded half up part by part: the score is the sum of what is printed. Full
points stand only where nothing is missing, and none only where there is nothing, as with rates.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from hall.refusals import NotValid

WITHOUT_CLASS = "未分类"
CLASSES = ("综合", "专业", "单一")
TENTHS = 10


class Part(StrEnum):
    """What a score is made of."""

    SATISFACTION = "satisfaction"
    WAITING = "waiting"
    RECTIFICATION = "rectification"
    COMPLAINTS = "complaints"
    INSPECTION = "inspection"


IN_CHINESE = {
    Part.SATISFACTION: "满意率",
    Part.WAITING: "等候",
    Part.RECTIFICATION: "按期整改",
    Part.COMPLAINTS: "投诉",
    Part.INSPECTION: "巡查与考勤",
}


class Mark(StrEnum):
    """How the first and the last of a class are called."""

    BEST = "best"
    WORST = "worst"
    NONE = ""


MARKS = {Mark.BEST: "最美窗口", Mark.WORST: "最差窗口", Mark.NONE: ""}


@dataclass(frozen=True, slots=True)
class Terms:
    """By what a month is ranked: the settings of ``[ranking]``; the weights add up to 100."""

    satisfaction: int = 40
    waiting: int = 20
    rectification: int = 15
    complaints: int = 15
    inspection: int = 10
    complaint_costs: int = 5
    least_services: int = 30
    least_ratings: int = 10

    def weight(self, part: Part) -> int:
        """Return how many points a part can bring."""
        return int(getattr(self, part.value))


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a window's month; ``waited`` in milliseconds.

    ``given`` is what the inspector gave, in tenths of a point of ``given_of``; None for nothing
    written down, which leaves all points.
    """

    window: int
    name: str
    department: str
    category: str = ""
    served: int = 0
    rated: int = 0
    bad: int = 0
    called: int = 0
    waited: int = 0
    waited_long: int = 0
    due: int = 0
    in_time: int = 0
    complaints: int = 0
    given: int | None = None
    given_of: int = 10


@dataclass(frozen=True, slots=True)
class Scored:
    """A window with its points of each part, and its place; 0 is none."""

    facts: Facts
    points: Mapping[Part, int]
    rank: int = 0
    mark: Mark = Mark.NONE

    @property
    def score(self) -> int:
        """The score, in hundredths of a point."""
        return sum(self.points.values())


@dataclass(frozen=True, slots=True)
class Apart:
    """A window that is not ranked, and why."""

    facts: Facts
    reason: str


@dataclass(frozen=True, slots=True)
class Class:
    """The windows of one class: those that are ranked, the best first, and those that are not."""

    name: str
    ranked: tuple[Scored, ...]
    apart: tuple[Apart, ...]


# -- points ------------------------------------------------------------------------------------


def share_of(part: Part, facts: Facts, terms: Terms) -> tuple[int, int]:
    """Return numerator and denominator of the share of its weight that a part brings.

    A denominator of 0 is nothing to judge by: no bad rating to answer, nobody called.
    """
    match part:
        case Part.SATISFACTION:
            return facts.rated - facts.bad, facts.rated
        case Part.WAITING:
            return facts.called - facts.waited_long, facts.called
        case Part.RECTIFICATION:
            return facts.in_time, facts.due
        case Part.COMPLAINTS:
            left = terms.complaints - terms.complaint_costs * facts.complaints
            return max(0, left), terms.complaints
    if facts.given is None:
        return 0, 0
    return facts.given, facts.given_of * TENTHS


def points(numerator: int, denominator: int, weight: int) -> int:
    """Return a share of a weight in hundredths of a point, half up; all of it of nothing."""
    full = weight * 100
    if denominator == 0 or not full:
        return full
    rounded = (2 * full * numerator + denominator) // (2 * denominator)
    if rounded >= full and numerator != denominator:
        return full - 1
    return 1 if rounded == 0 and numerator else rounded


def scored(facts: Facts, terms: Terms) -> Scored:
    """Return a window with its points."""
    return Scored(
        facts,
        {part: points(*share_of(part, facts, terms), terms.weight(part)) for part in Part},
    )


# -- places ------------------------------------------------------------------------------------


def why_apart(facts: Facts, terms: Terms) -> str:
    """Return why a window is not ranked, nothing for one that is."""
    found = []
    if facts.served < terms.least_services:
        found.append(f"办件 {facts.served} 件，少于 {terms.least_services} 件")
    if facts.rated < terms.least_ratings:
        found.append(f"有效评价 {facts.rated} 条，少于 {terms.least_ratings} 条")
    return "；".join(found)


def stands(each: Scored) -> tuple[int, int, int, Fraction]:
    """Return by what one stands before another: score, R, B, mean wait; the smaller the better."""
    facts = each.facts
    wait = Fraction(facts.waited, facts.called) if facts.called else Fraction(0)
    return (-each.score, -facts.rated, facts.bad, wait)


def ranked(facts: Iterable[Facts], terms: Terms) -> tuple[Scored, ...]:
    """Return windows of one class in their order; equals share a rank, and the next is left out."""
    order = sorted(
        (scored(each, terms) for each in facts), key=lambda each: (stands(each), each.facts.window)
    )
    found: list[Scored] = []
    for place, each in enumerate(order, start=1):
        equal = found and stands(found[-1]) == stands(each)
        rank = found[-1].rank if equal else place
        found.append(Scored(each.facts, each.points, rank))
    last = found[-1].rank if found else 0
    return tuple(Scored(each.facts, each.points, each.rank, _mark(each, last)) for each in found)


def _mark(each: Scored, last: int) -> Mark:
    """Return what a window is called; where all are equal, nobody is."""
    if last == 1:
        return Mark.NONE
    return {1: Mark.BEST, last: Mark.WORST}.get(each.rank, Mark.NONE)


def classes(facts: Iterable[Facts], terms: Terms) -> tuple[Class, ...]:
    """Return the classes of a month: 综合, 专业, 单一, then others by name, 未分类 at the end."""
    by_name: dict[str, list[Facts]] = {}
    for each in sorted(facts, key=lambda each: each.window):
        by_name.setdefault(class_of(each), []).append(each)
    return tuple(
        Class(
            name,
            ranked((each for each in by_name[name] if not why_apart(each, terms)), terms),
            tuple(Apart(each, why) for each in by_name[name] if (why := why_apart(each, terms))),
        )
        for name in sorted(by_name, key=_order)
    )


def class_of(facts: Facts) -> str:
    """Return the class within which a window is compared."""
    return facts.category or WITHOUT_CLASS


def _order(name: str) -> tuple[int, str]:
    if name in CLASSES:
        return CLASSES.index(name), ""
    return (len(CLASSES) + (name == WITHOUT_CLASS), name)


# -- what an inspector gives -------------------------------------------------------------------


def read_points(text: str, weight: int) -> int:
    """Return tenths of a point from ``9`` or ``8.5``, or refuse what is none of 0 to ``weight``."""
    whole, dot, part = text.strip().partition(".")
    digits = whole.isascii() and whole.isdigit() and len(whole) <= 3
    if digits and (not dot or (part.isascii() and part.isdigit() and len(part) == 1)):
        given = int(whole) * TENTHS + int(part or 0)
        if given <= weight * TENTHS:
            return given
    raise NotValid("bad_points", f"得分须为 0 至 {weight} 之间的数，最多一位小数，如 8.5。")
