"""Ratings that staff type in: who may type, who may confirm, what a form says; pure.

Staff cannot rate. The one exception has a form number or a source, a typist, and a second person
who confirms; neither is the clerk who was rated (rating-rules, "Who rates what").
"""

from dataclasses import dataclass

from hall.days import Instant
from hall.refusals import NotAllowed, NotValid
from rating.levels import TYPED, Channel, Level

TYPISTS = ("guide", "manager", "administrator")
# Whoever works at a window or answers for its unit confirms nothing.
CONFIRMERS = ("guide", "manager", "administrator", "inspector", "leader")
NUMBER_LENGTH, REASON_LENGTH = 40, 100
NUMBER_WORDS = {
    Channel.PAPER: "评价表编号",
    Channel.PHONE: "来电时间或工单号",
    Channel.BOX: "意见箱编号",
}


@dataclass(frozen=True, slots=True)
class Form:
    """What a form says; ``number`` is the form's number, or where a call or a note came from."""

    channel: Channel
    number: str
    level: Level
    tags: tuple[str, ...] = ()
    text: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A form as it was typed in, and what became of it."""

    id: int
    visit: int
    form: Form
    typed_by: str
    typed_at: Instant
    confirmed_by: str | None = None
    confirmed_at: Instant | None = None
    withdrawn_by: str | None = None
    withdrawn_at: Instant | None = None
    reason: str = ""
    rating: int | None = None

    @property
    def is_pending(self) -> bool:
        """Whether it still waits for a second person."""
        return self.confirmed_at is None and self.withdrawn_at is None


def typed_channel(channel: Channel) -> Channel:
    """Return a channel whose ratings staff type in, or refuse any other."""
    if channel not in TYPED:
        words = "、".join(each.chinese for each in TYPED)
        raise NotValid("not_typed", f"这里只录入{words}的评价，其他渠道由群众自己评价。")
    return channel


def check_number(channel: Channel, text: str) -> str:
    """Return the cleaned number or source of a form, or refuse none and a long one."""
    number, word = text.strip(), NUMBER_WORDS[channel]
    if not number:
        raise NotValid("number_missing", f"请填写{word}。")
    if len(number) > NUMBER_LENGTH:
        raise NotValid("number_too_long", f"{word}最多 {NUMBER_LENGTH} 个字。")
    return number


def check_reason(text: str) -> str:
    """Return why a form is withdrawn, or refuse no reason and a long one."""
    reason = text.strip()
    if not reason:
        raise NotValid("reason_missing", "请写明退回的原因。")
    if len(reason) > REASON_LENGTH:
        raise NotValid("reason_too_long", f"原因最多 {REASON_LENGTH} 个字。")
    return reason


def check_typist(person: str, role: str, rated: str | None) -> None:
    """Refuse to type in: a role that may not, and the clerk whom the form rates."""
    if role not in TYPISTS:
        raise NotAllowed("not_a_typist", "只有导办员和管理人员可以录入，窗口人员不能。")
    if person == rated:
        raise NotAllowed("own_rating", "不能录入对自己的评价，请由他人录入。")


def check_confirmer(person: str, role: str, typist: str, rated: str | None) -> None:
    """Refuse to confirm: a role that may not, the typist, and the clerk whom the form rates."""
    if role not in CONFIRMERS:
        raise NotAllowed("not_a_confirmer", "窗口人员和承办人不能确认评价，请由他人确认。")
    if person == typist:
        raise NotAllowed("same_person", "录入人不能自己确认，请由第二人确认。")
    if person == rated:
        raise NotAllowed("own_rating", "不能确认对自己的评价，请由他人确认。")


def needs_second(channel: Channel, confirm_hotline: bool) -> bool:
    """Return whether a form counts only once a second person has confirmed it; paper always."""
    return channel is Channel.PAPER or confirm_hotline
