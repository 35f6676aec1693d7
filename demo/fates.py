"""What becomes of a visit in the living demonstration, and what a window does next; pure.

A fate is drawn from the visit's own id: asked again, after a restart too, it is the same.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from random import Random

from hall.days import MINUTE, SECOND, Instant
from hall.tickets import Visit, VisitState
from hall.windows import WindowNow

OUTCOMES = ("completed", "accepted", "consulted", "collected", "other")
OUTCOME_SHARES = (46, 34, 14, 4, 2)
# Who comes late hears the call repeated; who does not come within three repeats is missed.
COMES_WITHIN = 40 * SECOND
RECALL_AFTER = 25 * SECOND
NEVER_COMES = 0.025
SPREAD = 0.5  # of the logarithm of a visit's length
FILING = (15, 120)  # seconds a clerk needs between two citizens
RESTS = 0.03  # after a visit
REST = (5, 15)  # minutes
# Nobody is called in the second in which the kiosk gives the slip.
REACTION = 4 * SECOND
# A look at a window asks for two fates, and drawing them anew was half of a tick.
REMEMBERED = 512


@dataclass(frozen=True, slots=True)
class Fate:
    """A visit's way: when the citizen comes to the window, how long it lasts, what follows."""

    walk: Instant
    never_comes: bool
    recalled: bool
    given_up: Instant
    lasts: Instant
    outcome: str
    filed: bool
    filing: Instant
    rests: bool


class Step(StrEnum):
    """What a clerk does next."""

    CALL = "call"
    RECALL = "recall"
    START = "start"
    MISS = "miss"
    FINISH = "finish"
    PAUSE = "pause"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Scene:
    """A window as the store has it: its visit, the last that ended, when the next in line came."""

    doing: WindowNow
    active: Visit | None = None
    last: Visit | None = None
    came_at: Instant | None = None


@lru_cache(maxsize=REMEMBERED)
def ways_of(clerk: str, seed: int) -> tuple[float, float]:
    """Return a clerk's pace (1.2 takes a fifth longer than usual) and kindness (about ±1)."""
    ways = Random(f"{seed}/{clerk}")
    return ways.uniform(0.8, 1.25), ways.gauss(0.2, 0.8)


def length(chance: Random, minutes: float) -> Instant:
    """Return how long a visit lasts that takes so many minutes in the mean."""
    middle = math.log(minutes) - SPREAD**2 / 2
    return round(max(1.0, chance.lognormvariate(middle, SPREAD)) * MINUTE)


@lru_cache(maxsize=REMEMBERED)
def fate_of(seed: str, minutes: float) -> Fate:
    """Return the fate of a visit that takes so many minutes in the mean."""
    chance = Random(seed)
    walk = round(chance.triangular(6, COMES_WITHIN / SECOND, 12) * SECOND)
    outcome = chance.choices(OUTCOMES, OUTCOME_SHARES)[0]
    return Fate(
        walk=walk,
        never_comes=chance.random() < NEVER_COMES,
        recalled=walk > RECALL_AFTER and chance.random() < 0.6,
        given_up=round(chance.uniform(20, 45) * SECOND),
        lasts=length(chance, minutes),
        outcome=outcome,
        filed=outcome in ("completed", "accepted") and chance.random() < 0.8,
        filing=round(chance.uniform(*FILING) * SECOND),
        rests=chance.random() < RESTS,
    )


def next_step(scene: Scene, fate: Callable[[Visit], Fate], now: Instant) -> Step | None:
    """Return what a window's clerk does now, None for nothing yet."""
    visit = scene.active
    if visit is not None and visit.state is VisitState.CALLED:
        return _while_called(visit, fate(visit), now)
    if visit is not None:
        begun = visit.started_at or visit.called_at
        return Step.FINISH if now >= begun + visit.held + fate(visit).lasts else None
    if scene.doing.state == "paused":
        return Step.OPEN if now >= scene.doing.since + _rest(scene.doing) else None
    return _while_free(scene, fate, now) if scene.doing.state == "open" else None


def _while_called(visit: Visit, fate: Fate, now: Instant) -> Step | None:
    if not fate.never_comes and now >= visit.called_at + fate.walk:
        return Step.START
    if not visit.recalls and (fate.never_comes or fate.recalled):
        return Step.RECALL if now >= visit.called_at + RECALL_AFTER else None
    waits_for = visit.shown_at + fate.given_up
    return Step.MISS if fate.never_comes and now >= waits_for else None


def _while_free(scene: Scene, fate: Callable[[Visit], Fate], now: Instant) -> Step | None:
    free_at = scene.doing.since
    if scene.last is not None and scene.last.ended_at is not None:
        after = fate(scene.last)
        if after.rests and scene.doing.since < scene.last.ended_at <= now:
            return Step.PAUSE
        free_at = max(free_at, scene.last.ended_at + after.filing)
    if scene.came_at is None:
        return None
    return Step.CALL if now >= max(free_at, scene.came_at + REACTION) else None


def _rest(doing: WindowNow) -> Instant:
    return round(Random(f"{doing.no}/{doing.since}").uniform(*REST) * MINUTE)
