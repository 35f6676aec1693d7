"""A complaint's fields and life, and who may touch it; pure.

The fields and their lengths are those of GB/T 39046-2020, table 10 (办事互动).
"""

from dataclasses import dataclass
from enum import StrEnum

from hall.days import Instant
from hall.refusals import NotAllowed, NotFound, NotValid

REPLY_LENGTH = 500
REASON_LENGTH = 200


class Source(StrEnum):
    """Where a complaint came in."""

    WINDOW = "window"
    BOX = "box"
    PHONE = "phone"
    LETTER = "letter"
    ORDER = "order"


class Kind(StrEnum):
    """What is wanted: the limit depends on it."""

    COMPLAINT = "complaint"
    CONSULTATION = "consultation"
    SUGGESTION = "suggestion"


class State(StrEnum):
    """Where a complaint stands in its life."""

    RECEIVED = "received"
    ASSIGNED = "assigned"
    ACCEPTED = "accepted"
    REPLIED = "replied"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


SOURCES = {
    Source.WINDOW: "投诉窗口",
    Source.BOX: "意见箱",
    Source.PHONE: "电话",
    Source.LETTER: "来信",
    Source.ORDER: "12345 工单",
}
KINDS = {
    Kind.COMPLAINT: "投诉",
    Kind.CONSULTATION: "咨询",
    Kind.SUGGESTION: "意见建议",
}
STATES = {
    State.RECEIVED: "待分派",
    State.ASSIGNED: "待受理",
    State.ACCEPTED: "办理中",
    State.REPLIED: "已回复",
    State.CLOSED: "已办结",
    State.WITHDRAWN: "已撤回",
}
MAY_BECOME: dict[State, frozenset[State]] = {
    State.RECEIVED: frozenset({State.ASSIGNED, State.WITHDRAWN}),
    State.ASSIGNED: frozenset({State.ASSIGNED, State.ACCEPTED, State.WITHDRAWN}),
    State.ACCEPTED: frozenset({State.ASSIGNED, State.REPLIED, State.WITHDRAWN}),
    State.REPLIED: frozenset({State.CLOSED}),
    State.CLOSED: frozenset(),
    State.WITHDRAWN: frozenset(),
}
OPEN = frozenset({State.RECEIVED, State.ASSIGNED, State.ACCEPTED})


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint of the register; limits are the last instants at which an act is in time."""

    id: int
    source: Source
    kind: Kind
    order_number: str | None
    title: str
    complainant: str
    phone: str
    accused_unit: str
    accused: str
    content: str
    at: Instant
    registered_at: Instant
    accept_due_at: Instant
    due_at: Instant
    unit: str | None
    handler: str
    state: State
    accepted_at: Instant | None = None
    reply: str = ""
    replied_at: Instant | None = None
    extended_to: Instant | None = None
    extension_reason: str = ""
    ended_at: Instant | None = None

    @property
    def number(self) -> str:
        """Return the number of the register, as staff say it."""
        return f"TS{self.id:06d}"

    @property
    def limit(self) -> Instant:
        """Return until when a reply is in time."""
        return self.due_at if self.extended_to is None else self.extended_to


# -- what may be done --------------------------------------------------------------------------


def known(complaint: Complaint | None) -> Complaint:
    """Return a complaint, or refuse an id that belongs to none."""
    if complaint is None:
        raise NotFound("unknown_complaint", "没有这件投诉。")
    return complaint


def check_may_become(complaint: Complaint, becomes: State) -> None:
    """Refuse a step that the life of a complaint does not have."""
    if becomes not in MAY_BECOME[complaint.state]:
        now_is = STATES[complaint.state]
        raise NotAllowed(
            "wrong_state", f"{complaint.number} {now_is}，不能改为“{STATES[becomes]}”。"
        )


def check_text(text: str, longest: int, what: str) -> str:
    """Return a text without spaces at its ends, or refuse none and one that is too long."""
    told = text.strip()
    if not told:
        raise NotValid("text_missing", f"请填写{what}。")
    if len(told) > longest:
        raise NotValid("text_too_long", f"{what}最多 {longest} 个字，现有 {len(told)} 个。")
    return told


def may_handle(complaint: Complaint, name: str, department: str | None) -> NotAllowed | None:
    """Return why a handler of a department may not touch a complaint, None if they may."""
    if complaint.unit is None or complaint.unit != department:
        return NotAllowed("other_unit", "这件投诉不由您的单位承办。")
    if complaint.accused and complaint.accused.strip() == name:
        return NotAllowed("accused_self", "被投诉人不能承办针对自己的投诉，请由其他人办理。")
    return None
