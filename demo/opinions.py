"""What the citizens of the demo hall say of the service; pure.

Six in ten answer. How content they are follows from the clerk and from the wait; the texts are
invented.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from hall.days import HOUR, MINUTE, SECOND, Instant
from rating.levels import LEVELS, Level, Tag

ANSWERS = 0.6
AT_EVALUATOR = 0.86
# Of a hundred who answer after a short wait at an average window.
SHARES = (76.0, 18.0, 4.6, 0.7, 0.35)
PATIENT_MINUTES = 15
TEXTS: dict[Level, tuple[str, ...]] = {
    Level.VERY_SATISFIED: (
        "工作人员很耐心，一次就办好了。",
        "态度好，速度快，点赞！",
        "材料没带齐，帮我在网上查到了，谢谢。",
        "帮老人填表，很感动。",
        "十分钟就办完了，比想象的快。",
    ),
    Level.SATISFIED: (
        "总体不错。",
        "办得挺快，就是停车不方便。",
        "服务好，等的时间稍长。",
        "流程清楚。",
    ),
    Level.BASICALLY_SATISFIED: (
        "排队有点久。",
        "希望能多开一个窗口。",
        "材料要求可以写得再清楚一点。",
    ),
    Level.DISSATISFIED: (
        "等了快一个小时才叫到我。",
        "跑了两趟，第一次没有说清楚要带什么。",
        "复印件要了两次，能不能共享？",
        "网上说可以办，到了窗口又说不行。",
    ),
    Level.VERY_DISSATISFIED: (
        "中午不办公，白跑一趟。",
        "工作人员一直看手机，爱答不理。",
        "让我去三个窗口，最后又回到这里。",
        "指南上没有写的材料也要。",
    ),
}
WRITES = {
    Level.VERY_SATISFIED: 0.03,
    Level.SATISFIED: 0.04,
    Level.BASICALLY_SATISFIED: 0.15,
    Level.DISSATISFIED: 0.5,
    Level.VERY_DISSATISFIED: 0.6,
}


@dataclass(frozen=True, slots=True)
class Opinion:
    """A citizen's rating, given ``after`` the service ended, at the evaluator or by phone."""

    level: Level
    tags: tuple[str, ...]
    text: str
    at_evaluator: bool
    after: Instant


class Opinions:
    """How citizens answer."""

    def __init__(self, tags: Sequence[Tag]) -> None:
        self.tags = {
            level: (
                [tag.code for tag in tags if tag.level is level and tag.first],
                [tag.code for tag in tags if tag.level is level and not tag.first],
            )
            for level in LEVELS
        }

    def of(self, chance: Random, kindness: float, waited: Instant) -> Opinion | None:
        """Return what a citizen says, None for silence; a kind clerk (about ±1) is liked."""
        if chance.random() >= ANSWERS + 0.05 * kindness:
            return None
        level = _level(chance, kindness, waited)
        at_evaluator = chance.random() < AT_EVALUATOR
        text = ""
        # Nobody types at the window: words come from the phone, more of them from the angry.
        if not at_evaluator and chance.random() < 4 * WRITES[level]:
            text = chance.choice(TEXTS[level])
        return Opinion(
            level, self._tags(chance, level), text, at_evaluator, _after(chance, at_evaluator)
        )

    def _tags(self, chance: Random, level: Level) -> tuple[str, ...]:
        first, more = self.tags[level]
        chosen = [code for code in first if chance.random() < (0.45 if level.is_bad else 0.2)]
        chosen += [code for code in more if chance.random() < (0.12 if level.is_bad else 0.03)]
        return tuple(chosen[:3])


def contact_of(opinion: Opinion, number: int) -> str:
    """Return the made-up phone that half of those leave who rate badly."""
    bad = Level(opinion.level).is_bad
    return f"1380000{number % 10_000:04d}" if bad and number % 2 else ""


def _level(chance: Random, kindness: float, waited: Instant) -> Level:
    patience_lost = max(0.0, waited / MINUTE - PATIENT_MINUTES) / 30
    worse = math.exp(0.9 * patience_lost - 0.4 * kindness)
    # Each step down becomes as much likelier as the citizen is less content.
    weights = [share * worse**place for place, share in enumerate(SHARES)]
    return chance.choices(LEVELS, weights)[0]


def _after(chance: Random, at_evaluator: bool) -> Instant:
    if at_evaluator:
        return round(chance.triangular(2.5, 26, 6) * SECOND)
    return round(min(chance.lognormvariate(math.log(35), 1.4) * MINUTE, 100 * HOUR))
