"""How long windows were open, within the hall's hours and at all; pure.

A window is open from the journal's ``window_open`` up to its next change; a pause is not open.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby

from hall.calendar import Span
from hall.days import Instant

OPEN = "window_open"


@dataclass(frozen=True, slots=True)
class Change:
    """A window opened, paused or closed, and who sat there; in the journal's order."""

    window: int
    at: Instant
    event: str
    who: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A time in which a window was open, with who sat there."""

    window: int
    who: str
    begins: Instant
    ends: Instant


def opened(changes: Iterable[Change], first: Instant, past: Instant) -> Iterator[Opened]:
    """Yield when windows were open from ``first`` up to before ``past``.

    ``changes`` are ordered by window; each window's may begin with the last one before ``first``.
    """
    for window, its in groupby(changes, lambda each: each.window):
        own = list(its)
        for place, each in enumerate(own):
            ends = own[place + 1].at if place + 1 < len(own) else past
            begins, ends = max(each.at, first), min(ends, past)
            if each.event == OPEN and begins < ends:
                yield Opened(window, each.who, begins, ends)


class Hours:
    """The hall's hours over a period, up to now: how much of them lies in a time."""

    def __init__(self, spans: Iterable[Span], until: Instant) -> None:
        cut = [(begins, min(ends, until)) for begins, ends in spans if begins < until]
        self._begins: Sequence[Instant] = [begins for begins, _ in cut]
        self._spans = cut
        lengths = (ends - begins for begins, ends in cut)
        self._before = [0, *accumulate(lengths)]

    @property
    def total(self) -> int:
        """All of them in milliseconds."""
        return self._before[-1]

    def up_to(self, at: Instant) -> int:
        """Return how many milliseconds of them lie before an instant."""
        place = bisect_right(self._begins, at) - 1
        if place < 0:
            return 0
        begins, ends = self._spans[place]
        return self._before[place] + min(at, ends) - begins

    def within(self, begins: Instant, ends: Instant) -> int:
        """Return how many milliseconds of them lie in a time."""
        return self.up_to(ends) - self.up_to(begins)
