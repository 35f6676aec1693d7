"""The five levels, their words and scores, and the channels; pure.

Levels are stored by name, never as a bare digit: published interfaces use opposite digits.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hall.codes import Code
from hall.refusals import NotValid


class Level(Code):
    """How satisfied a citizen was."""

    VERY_SATISFIED = "very_satisfied", "非常满意"
    SATISFIED = "satisfied", "满意"
    BASICALLY_SATISFIED = "basically_satisfied", "基本满意"
    DISSATISFIED = "dissatisfied", "不满意"
    VERY_DISSATISFIED = "very_dissatisfied", "非常不满意"

    @property
    def is_bad(self) -> bool:
        """Whether it is a 差评."""
        return self in (Level.DISSATISFIED, Level.VERY_DISSATISFIED)


LEVELS = tuple(Level)
SCORES = {level: 5 - place for place, level in enumerate(LEVELS)}
# The evaluator's number keys as most pads count them: 1 非常满意 … 5 非常不满意.
KEYPAD = "12345"
LEVEL_OF_KEY = dict(zip(KEYPAD, LEVELS, strict=True))
# Published interfaces (``satisfaction``) count the other way round.
LEVEL_OF_DIGIT = dict(zip("54321", LEVELS, strict=True))


class Channel(Code):
    """Where a rating came in."""

    EVALUATOR = "evaluator", "评价器"
    QR = "qr", "小票二维码"
    PAPER = "paper", "纸质评价表"
    SMS = "sms", "短信链接"
    PHONE = "phone", "电话"
    IMPORT = "import", "系统导入"
    WINDOW_QR = "window_qr", "窗口二维码"
    BOX = "box", "意见箱"


# Typed in by staff: a second person answers for it, so no program and no page gives these.
TYPED = (Channel.PAPER, Channel.PHONE, Channel.BOX)


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


def may_send(role: str) -> tuple[Channel, ...]:
    """Return the channels whose ratings a device may bring: an evaluator its own alone.

    A program brings what citizens said to another system, but no paper: that needs two people.
    """
    if role == "evaluator":
        return (Channel.EVALUATOR,)
    return tuple(each for each in Channel if each is not Channel.PAPER)


def keypad_of(window: int, keypad: str, own: Sequence[str]) -> dict[Level, str]:
    """Return the key of each level at a window: its own order (``3=54321``), else the hall's."""
    orders = dict(each.split("=") for each in own)
    return dict(zip(LEVELS, orders.get(str(window), keypad), strict=True))


def level_said(text: str) -> Level:
    """Return the level of its name, its Chinese word or its interface digit (5 非常满意 … 1).

    For files of other systems only; NotValid (``unknown_level``) for anything else.
    """
    words = {level.chinese: level for level in Level}
    found = words.get(text) or LEVEL_OF_DIGIT.get(text)
    if found is not None:
        return found
    try:
        return Level(text)
    except ValueError:
        known = "、".join(words)
        said = f"没有评价等级“{text[:20]}”，请写{known}，或接口数字 5 到 1。"
        raise NotValid("unknown_level", said) from None


def channel_said(text: str) -> Channel:
    """Return the channel of its name or its Chinese word; ``import`` for none; NotValid else."""
    words = {channel.chinese: channel for channel in Channel}
    return words.get(text) or channel_of(text or Channel.IMPORT)


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
