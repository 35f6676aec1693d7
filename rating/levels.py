"""The five levels, their words and scores, and the channels; pure.

Levels are stored by name, never as a bare digit: published interfaces use opposite digits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from hall.refusals import NotValid


class Level(StrEnum):
    """How satisfied a citizen was."""

    VERY_SATISFIED = "very_satisfied"
    SATISFIED = "satisfied"
    BASICALLY_SATISFIED = "basically_satisfied"
    DISSATISFIED = "dissatisfied"
    VERY_DISSATISFIED = "very_dissatisfied"

    @property
    def chinese(self) -> str:
        """Return the word under the face."""
        return WORDS[self]

    @property
    def is_bad(self) -> bool:
        """Whether it is a 差评."""
        return self in (Level.DISSATISFIED, Level.VERY_DISSATISFIED)


LEVELS = tuple(Level)
WORDS = {
    Level.VERY_SATISFIED: "非常满意",
    Level.SATISFIED: "满意",
    Level.BASICALLY_SATISFIED: "基本满意",
    Level.DISSATISFIED: "不满意",
    Level.VERY_DISSATISFIED: "非常不满意",
}
SCORES = {level: 5 - place for place, level in enumerate(LEVELS)}
# The evaluator's number keys, as the page says: 1 非常满意 … 5 非常不满意.
LEVEL_OF_KEY = {str(place): level for place, level in enumerate(LEVELS, 1)}


class Channel(StrEnum):
    """Where a rating came in."""

    EVALUATOR = "evaluator"
    QR = "qr"
    PAPER = "paper"
    SMS = "sms"
    PHONE = "phone"
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class Tag:
    """A reason that may be given with a level; ``first`` ones are shown at once."""

    version: int
    level: Level
    code: str
    first: bool
    text: str


def level_of(text: str) -> Level:
    """Return the level of its name; NotValid for anything else, a bare digit above all."""
    try:
        return Level(text)
    except ValueError:
        names = "、".join(f"{level.value}（{level.chinese}）" for level in LEVELS)
        raise NotValid("unknown_level", f"评价等级须为以下之一：{names}。") from None


def channel_of(text: str) -> Channel:
    """Return the channel of its name; NotValid for anything else."""
    try:
        return Channel(text)
    except ValueError:
        raise NotValid("unknown_channel", f"评价渠道须为 {'、'.join(Channel)} 之一。") from None


def tags_given(offered: Sequence[Tag], codes: Sequence[str]) -> list[Tag]:
    """Return the tags of the codes a rating was given with; NotValid for one not offered."""
    known = {tag.code: tag for tag in offered}
    if strangers := [code for code in codes if code not in known]:
        raise NotValid("unknown_tag", f"评价标签“{strangers[0][:20]}”不属于所选等级。")
    return [known[code] for code in dict.fromkeys(codes)]
