"""What has happened to a ranking, in the past tense; frozen."""

from dataclasses import dataclass

from hall.events import Event
from ranking.life import Ranking, Verb


@dataclass(frozen=True, slots=True)
class RankingMoved(Event):
    """A ranking was drafted, signed, returned, replaced or published."""

    ranking: Ranking
    verb: Verb
