"""What has happened to ratings, in the past tense; frozen."""

from dataclasses import dataclass

from hall.events import Event


@dataclass(frozen=True, slots=True)
class AtEvaluator(Event):
    """Something at a window's evaluator."""

    window: int
    visit: int


@dataclass(frozen=True, slots=True)
class RatingAsked(AtEvaluator):
    """An evaluator asks."""


@dataclass(frozen=True, slots=True)
class AskTimedOut(AtEvaluator):
    """Nobody answered."""


@dataclass(frozen=True, slots=True)
class ServiceRated(AtEvaluator):
    """A citizen rated; screens learn that, never the level."""

    rating: int
    channel: str


@dataclass(frozen=True, slots=True)
class RatingVoided(AtEvaluator):
    """A rating was voided: mistaken 误评 or malicious 恶意."""

    rating: int
    kind: str


@dataclass(frozen=True, slots=True)
class SecondInvited(AtEvaluator):
    """What was rated badly has been put right; the citizen may rate once more."""
