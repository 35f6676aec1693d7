"""What a bulletin is made of, and the shapes it is made into; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reports.wording import Words


@dataclass(frozen=True, slots=True)
class Bad:
    """A bad rating as it may be published: nothing of who gave it, and none of its words."""

    day: str
    service: str
    window: str
    unit: str
    level: str
    reasons: str
    outcome: str


@dataclass(frozen=True)
class Facts:
    """All that a bulletin is made of; tables as ``figures`` has them, a ranking as it is frozen."""

    hall: str
    month: str
    today: str
    totals: Mapping[str, Any]
    before: Mapping[str, Any]
    year_ago: Mapping[str, Any]
    departments: Sequence[Mapping[str, Any]]
    windows: Sequence[Mapping[str, Any]]
    channels: Sequence[Mapping[str, Any]]
    series: Sequence[tuple[str, Mapping[str, Any]]]
    pipeline: Sequence[tuple[str, str, int]]
    bad: Sequence[Bad]
    ranking: Mapping[str, Any] | None
    words: Words = field(default_factory=Words)
    demo: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell: a text, and small beside it what it is made of.

    A ``tight`` one is never broken, a ``long`` one takes more room than the rest.
    """

    text: str
    small: str = ""
    number: bool = True
    tight: bool = False
    long: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table with its caption; ``wide`` ones are set smaller."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    total: Sequence[Cell] = ()
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A numbered part: a heading, paragraphs, charts above their tables, and small print."""

    title: str
    paragraphs: Sequence[str] = ()
    chart: str = ""
    chart_caption: str = ""
    grids: Sequence[Grid] = ()
    notes: Sequence[str] = ()
    annex: bool = False
