"""The life of a bad rating: its states, what is done with it, and the table of both; pure.

The table is the manual's (rating-rules, "A bad rating's life"). A case begins with the rating and
ends closed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from hall.days import Instant
from hall.refusals import NotFound


class State(StrEnum):
    """Where a case stands in its life."""

    RECEIVED = "received"
    ASSIGNED = "assigned"
    VERIFYING = "verifying"
    RECTIFYING = "rectifying"
    EXPLAINED = "explained"
    APPEALED = "appealed"
    VOIDED = "voided"
    ANSWERED = "answered"
    REVISITING = "revisiting"
    CLOSED = "closed"


IN_CHINESE = {
    State.RECEIVED: "待分派",
    State.ASSIGNED: "待受理",
    State.VERIFYING: "核实中",
    State.RECTIFYING: "整改中",
    State.EXPLAINED: "解释说明",
    State.APPEALED: "申诉复核",
    State.VOIDED: "已作废",
    State.ANSWERED: "已答复",
    State.REVISITING: "待回访",
    State.CLOSED: "已办结",
}
IN_HAND = (State.ASSIGNED, State.VERIFYING, State.RECTIFYING, State.EXPLAINED)


class Verb(StrEnum):
    """What is done with a case."""

    RECEIVE = "receive"
    ASSIGN = "assign"
    ACCEPT = "accept"
    SEND_BACK = "send_back"
    HAND_OVER = "hand_over"
    LOOK = "look"
    CONTACT = "contact"
    RECTIFY = "rectify"
    EXPLAIN = "explain"
    APPEAL = "appeal"
    UPHOLD = "uphold"
    DISMISS = "dismiss"
    ASK_EXTENSION = "ask_extension"
    EXTEND = "extend"
    REFUSE_EXTENSION = "refuse_extension"
    ANSWER = "answer"
    BEGIN_REVISIT = "begin_revisit"
    REVISIT = "revisit"
    REWORK = "rework"
    VOID = "void"
    CLOSE = "close"


DONE_IN_CHINESE = {
    Verb.RECEIVE: "收到差评",
    Verb.ASSIGN: "分派",
    Verb.ACCEPT: "受理",
    Verb.SEND_BACK: "退回改派",
    Verb.HAND_OVER: "移交",
    Verb.LOOK: "查看联系方式",
    Verb.CONTACT: "联系评价人",
    Verb.RECTIFY: "认定整改",
    Verb.EXPLAIN: "认定解释说明",
    Verb.APPEAL: "申诉",
    Verb.UPHOLD: "申诉成立",
    Verb.DISMISS: "申诉不成立",
    Verb.ASK_EXTENSION: "申请延期",
    Verb.EXTEND: "批准延期",
    Verb.REFUSE_EXTENSION: "不批准延期",
    Verb.ANSWER: "答复",
    Verb.BEGIN_REVISIT: "转回访",
    Verb.REVISIT: "回访",
    Verb.REWORK: "回访不满意，再次整改",
    Verb.VOID: "评价作废",
    Verb.CLOSE: "办结",
}


class As(StrEnum):
    """In what capacity somebody acts on a case."""

    HALL = "hall"  # by itself, with the event before it
    HANDLER = "handler"
    MANAGER = "manager"
    APPROVER = "approver"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the table: from where, what, to where, in which capacities."""

    was: State
    verb: Verb
    becomes: State
    who: tuple[As, ...]


def _staying(verb: Verb, states: Iterable[State], *who: As) -> tuple[Step, ...]:
    return tuple(Step(state, verb, state, who) for state in states)


OPEN = tuple(state for state in State if state not in (State.VOIDED, State.CLOSED))
STEPS = (
    Step(State.RECEIVED, Verb.ASSIGN, State.ASSIGNED, (As.HALL, As.MANAGER)),
    Step(State.ASSIGNED, Verb.ACCEPT, State.VERIFYING, (As.HANDLER,)),
    Step(State.ASSIGNED, Verb.SEND_BACK, State.RECEIVED, (As.HANDLER,)),
    Step(State.VERIFYING, Verb.SEND_BACK, State.RECEIVED, (As.HANDLER,)),
    *_staying(Verb.HAND_OVER, IN_HAND, As.HANDLER, As.MANAGER),
    *_staying(Verb.LOOK, (*IN_HAND, State.ANSWERED), As.HANDLER),
    *_staying(Verb.LOOK, (State.REVISITING,), As.OUTSIDE),
    *_staying(Verb.CONTACT, IN_HAND[1:], As.HANDLER),
    Step(State.VERIFYING, Verb.RECTIFY, State.RECTIFYING, (As.HANDLER,)),
    Step(State.VERIFYING, Verb.EXPLAIN, State.EXPLAINED, (As.HANDLER,)),
    Step(State.VERIFYING, Verb.APPEAL, State.APPEALED, (As.HANDLER,)),
    # "the rectification clock pauses": within its three days a unit may appeal while it rectifies
    Step(State.RECTIFYING, Verb.APPEAL, State.APPEALED, (As.HANDLER,)),
    Step(State.APPEALED, Verb.UPHOLD, State.VOIDED, (As.OUTSIDE,)),
    Step(State.APPEALED, Verb.DISMISS, State.VERIFYING, (As.OUTSIDE,)),
    Step(State.APPEALED, Verb.DISMISS, State.RECTIFYING, (As.OUTSIDE,)),
    *_staying(Verb.ASK_EXTENSION, (State.RECTIFYING,), As.HANDLER),
    *_staying(Verb.EXTEND, (State.RECTIFYING,), As.APPROVER),
    *_staying(Verb.REFUSE_EXTENSION, (State.RECTIFYING,), As.APPROVER),
    Step(State.RECTIFYING, Verb.ANSWER, State.ANSWERED, (As.HANDLER,)),
    Step(State.EXPLAINED, Verb.ANSWER, State.ANSWERED, (As.HANDLER,)),
    Step(State.ANSWERED, Verb.BEGIN_REVISIT, State.REVISITING, (As.HALL,)),
    Step(State.ANSWERED, Verb.CLOSE, State.CLOSED, (As.MANAGER, As.OUTSIDE)),
    *_staying(Verb.REVISIT, (State.REVISITING,), As.OUTSIDE),
    Step(State.REVISITING, Verb.CLOSE, State.CLOSED, (As.HALL,)),
    Step(State.REVISITING, Verb.REWORK, State.RECTIFYING, (As.HALL,)),
    *(Step(state, Verb.VOID, State.VOIDED, (As.HALL,)) for state in OPEN),
    Step(State.VOIDED, Verb.CLOSE, State.CLOSED, (As.HALL,)),
)
MAY_BECOME = {
    state: frozenset(each.becomes for each in STEPS if each.was is state and each.becomes != state)
    for state in State
}


@dataclass(frozen=True, slots=True)
class Bad:
    """A bad rating as it was given, with the unit of its window."""

    rating: int
    visit: int
    number: str
    service: str
    case_number: str
    level: str
    tags: str
    text: str
    channel: str
    rated_at: Instant
    window: int
    clerk: str | None
    real_name: int
    unit: str


@dataclass(frozen=True, slots=True)
class Case(Bad):
    """A bad rating and how it is dealt with; the rating is as it was received but for ``unit``.

    ``step`` is the last of its history. ``limit_at`` is that of its present state; ``paused_left``
    working days are kept while an appeal is decided, -1 if the limit had passed.
    """

    id: int
    received_at: Instant
    contact_limit: Instant | None
    handler: str | None
    state: State
    step: int
    since: Instant
    limit_at: Instant | None
    assigned_at: Instant | None = None
    contacted_at: Instant | None = None
    kind: str = ""
    cause: str = ""
    plan: str = ""
    granted: int = 0
    extended: int = 0
    appealed: int = 0
    reworked: int = 0
    came_from: str = ""
    paused_left: int | None = None
    paused_limit: Instant | None = None
    answered_at: Instant | None = None
    answer_limit: Instant | None = None
    reply: str = ""
    public: str = ""
    void_kind: str = ""
    revisited_at: Instant | None = None
    published: int = 0
    closed_at: Instant | None = None
    red_told: Instant | None = None


def known(case: Case | None) -> Case:
    """Return the case, or refuse that there is none."""
    if case is None:
        raise NotFound("unknown_case", "没有这件差评。")
    return case
