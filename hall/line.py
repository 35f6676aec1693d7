"""Whose turn it is and why, and how long the others will wait; pure.

The order (queue-rules 5): first what is the window's own (returned to it, sent to it); then by
priority class; pinned with a reason; transferred here; appointments whose slot has begun; then by
arrival. Services a window only helps with come after all it prefers. Nobody starves: after so many
calls in a row that jumped the line, the next is the first of the line.
"""

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from heapq import heapreplace
from typing import NamedTuple

from hall.days import MINUTE, Instant
from hall.priorities import CLASSES, rank

# A recent pace tells more than the catalogue's usual one, but three visits are still chance.
VISITS_FOR_A_PACE = 5


class Basis(IntEnum):
    """What put somebody before the others; the smaller goes first."""

    OWN = 0
    PRIORITY = 1
    PINNED = 2
    TRANSFERRED = 3
    APPOINTMENT = 4
    ARRIVAL = 5
    FAIRNESS = 6
    CHOSEN = 7


class InLine(NamedTuple):
    """What the choice needs to know of a waiting ticket.

    ``after`` is the ticket behind which it stands, its own id for who never left the line.
    """

    id: int
    number: str
    service: str
    after: int
    turn: int = 0
    priority: str = ""
    pinned: str = ""
    own_window: int | None = None
    via: str = ""
    slot_at: Instant | None = None

    @property
    def place(self) -> tuple[int, int]:
        """Return where it stands in the line."""
        return self.after, self.turn


@dataclass(frozen=True, slots=True)
class AtWindow:
    """Who chooses: a window, what it only helps with, and what the hall grants."""

    no: int
    helping: Collection[str] = ()
    granted: Sequence[str] = tuple(CLASSES)
    jumps_in_a_row: int = 3


@dataclass(frozen=True, slots=True)
class Choice:
    """Who is called, what put them first, before whom, and the sentence that says so."""

    ticket: InLine
    basis: Basis
    jumped: bool
    why: str


def choose(
    waiting: Iterable[InLine], window: AtWindow, now: Instant, jumped_in_a_row: int = 0
) -> Choice | None:
    """Return who is called next to a window, and why; None when nobody waits for it."""
    may_come = [each for each in waiting if each.own_window in (None, window.no)]
    preferred = [
        each
        for each in may_come
        if each.service not in window.helping or each.own_window is not None
    ]
    candidates = preferred or may_come
    if not candidates:
        return None
    first = min(candidates, key=lambda each: each.place)
    if jumped_in_a_row >= window.jumps_in_a_row:
        why = f"连续 {jumped_in_a_row} 次优先呼叫后，按取号先后叫一位"
        return Choice(first, Basis.FAIRNESS, jumped=False, why=why)
    chosen = min(candidates, key=lambda each: _order(each, window, now))
    basis = basis_of(chosen, window.no, now)
    jumped = chosen.id != first.id
    return Choice(chosen, basis, jumped, _explain(chosen, basis, first if jumped else None))


def in_order(waiting: Iterable[InLine], window: AtWindow, now: Instant) -> list[InLine]:
    """Return who waits for a window as it would call them, were nobody to come or go."""
    return sorted(
        waiting,
        key=lambda each: (
            each.service in window.helping and each.own_window is None,
            _order(each, window, now),
        ),
    )


def basis_of(ticket: InLine, window: int, now: Instant) -> Basis:
    """Return what puts a waiting ticket before the others at a window."""
    if ticket.own_window == window:
        return Basis.OWN
    if ticket.via == "return":  # who missed the call has lost the way past the others
        return Basis.ARRIVAL
    if ticket.priority:
        return Basis.PRIORITY
    if ticket.pinned:
        return Basis.PINNED
    if ticket.via == "transfer":
        return Basis.TRANSFERRED
    if ticket.slot_at is not None and ticket.slot_at <= now:
        return Basis.APPOINTMENT
    return Basis.ARRIVAL


def _order(ticket: InLine, window: AtWindow, now: Instant) -> tuple[Basis, int, tuple[int, int]]:
    basis = basis_of(ticket, window.no, now)
    within = 0
    if basis is Basis.PRIORITY:
        within = rank(ticket.priority, window.granted)
    elif basis is Basis.APPOINTMENT:
        within = ticket.slot_at or 0
    return basis, within, ticket.place


BASIS_WORDS = {
    Basis.OWN: "回到本窗口",
    Basis.PRIORITY: "优先",
    Basis.PINNED: "置顶",
    Basis.TRANSFERRED: "由其他窗口转来",
    Basis.APPOINTMENT: "预约时段已到",
    Basis.ARRIVAL: "取号先后",
    Basis.FAIRNESS: "公平保障",
    Basis.CHOSEN: "指定呼叫",
}


def because(ticket: InLine, basis: Basis) -> str:
    """Return in words what puts a ticket where it is."""
    if basis is Basis.PRIORITY:
        return f"优先（{CLASSES.get(ticket.priority, ticket.priority)}）"
    return f"置顶（{ticket.pinned}）" if basis is Basis.PINNED else BASIS_WORDS[basis]


def _explain(ticket: InLine, basis: Basis, before: InLine | None) -> str:
    told = because(ticket, basis)
    return f"先于 {before.number}，因为：{told}" if before else told


def place_after(line: Sequence[tuple[int, int]], places: int | None, own: int) -> int:
    """Return the ticket behind which somebody stands who comes back to a line.

    ``line`` holds the places of all who wait in it, in order; ``places`` is how many of them go
    first, None all. Nobody is ever put before the own arrival.
    """
    ahead = line if places is None else line[:places]
    return max([own, *(after for after, _ in ahead)])


# One more than this ahead, and the rest is reckoned as a flow: a day has no so long a wait.
RECKONED_ONE_BY_ONE = 60
# Who is at a window longer than usual is as good as done, but not quite.
STILL_AT_LEAST = 0.4
# Visits differ in length by half of it; four waits in five lie within the range told.
SPREAD = 0.5
WITHIN = 1.28


@dataclass(frozen=True, slots=True)
class Wait:
    """An expected wait in whole minutes, and the range in which four of five lie."""

    minutes: int
    least: int
    most: int


def wait_words(minutes: int, around: tuple[int, int] | None) -> str:
    """Return the minutes as people are told them: 8–14, or 6 where nobody can say at least."""
    return f"{around[0]}–{around[1]}" if around and around[0] else str(minutes)


def minutes_per_visit(recent: Sequence[float], usual: float) -> float:
    """Return a service's length of a visit in minutes: its recent mean, leaning on the usual one.

    With few recent visits the usual length stands in for the missing ones.
    """
    missing = max(0, VISITS_FOR_A_PACE - len(recent))
    return (sum(recent) + missing * usual) / (len(recent) + missing)


class Attending(NamedTuple):
    """A window that serves a service: since when it is busy, and with which service."""

    no: int
    state: str
    busy_since: Instant | None = None
    busy_with: str | None = None


def free_in(
    windows: Sequence[Attending], minutes_of: Callable[[str], float], now: Instant
) -> list[float]:
    """Return in how many minutes each open window is free."""
    return [
        _rest(minutes_of(each.busy_with), (now - each.busy_since) / MINUTE)
        if each.busy_since is not None and each.busy_with is not None
        else 0.0
        for each in windows
        if each.state == "open"
    ]


def _rest(usual: float, passed: float) -> float:
    return max(usual - passed, STILL_AT_LEAST * usual)


def expected_wait(people_ahead: float, minutes: float, free: Sequence[float]) -> Wait | None:
    """Return how long somebody waits; None while no window is open for the service.

    Each of those ahead takes the window that is free first, for ``minutes``; then it is the
    citizen's turn. ``people_ahead`` may be a fraction: of those who wait for other services at the
    same windows only a share comes before.
    """
    if not free:
        return None
    windows = sorted(free)
    one_by_one = min(round(people_ahead), RECKONED_ONE_BY_ONE)
    for _ in range(one_by_one):
        heapreplace(windows, windows[0] + minutes)
    told = windows[0]
    if people_ahead > RECKONED_ONE_BY_ONE:
        told += (people_ahead - RECKONED_ONE_BY_ONE) * minutes / len(free)
    if not told:
        return Wait(0, 0, 0)
    in_turn = max(1.0, told / minutes)
    spread = WITHIN * SPREAD * minutes * math.sqrt(in_turn) / math.sqrt(len(free))
    least, most = max(0.0, told - spread), told + spread
    return Wait(math.ceil(told), math.floor(least), math.ceil(most))


def shares(
    service: str, windows: Mapping[str, Collection[int]], served: Mapping[int, Collection[str]]
) -> tuple[tuple[str, float], ...]:
    """Return the other services at a service's windows, and how much of each falls there.

    ``windows`` are the open windows of each service, ``served`` the services of each open window.
    Who waits for another service that three windows serve, of which one is mine, stands before me
    with a third.
    """
    mine: dict[str, float] = {}
    for no in windows[service]:
        for other in served[no]:
            if other != service:
                mine[other] = mine.get(other, 0.0) + 1 / len(windows[other])
    return tuple(mine.items())
