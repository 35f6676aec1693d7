"""The life of a bad rating: its states, who may do what, its limits, what is said of it; pure.

The table is the manual's (rating-rules, "A bad rating's life"). A case begins with the rating and
ends closed; nobody who was rated has a hand in it, and nobody of the unit judges it.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from hall import days
from hall.catalogue import Person
from hall.days import HOUR, MINUTE, Instant
from hall.refusals import NotAllowed, NotFound, NotValid
from hall.workdays import Workdays

NOTE_LENGTH, ANSWER_LENGTH = 500, 1000


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
class Limits:
    """The limits of the settings ``[cases]``: working days and hours, and how often."""

    assign_hours: int = 2
    misrouted_hours: int = 24
    contact_days: int = 1
    contact_tries: int = 3
    verify_days: int = 2
    simple_days: int = 1
    rectify_days: int = 5
    extended_days: int = 15
    explain_days: int = 5
    appeal_within_days: int = 3
    appeal_days: int = 5
    revisit_days: int = 5
    revisit_tries: int = 3
    revisit_on_days: int = 2


@dataclass(frozen=True, slots=True)
class Case:
    """A bad rating and how it is dealt with; up to ``real_name`` frozen when it was received.

    ``step`` is the last of its history. ``limit_at`` is that of its present state; ``paused_left``
    working days are kept while an appeal is decided, -1 if the limit had passed.
    """

    id: int
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
    received_at: Instant
    contact_limit: Instant | None
    unit: str
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


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person of the hall, or a manager's device (``person`` False)."""

    id: str
    role: str
    department: str | None = None
    person: bool = True

    @classmethod
    def of(cls, person: Person) -> "Actor":
        """Return somebody as cases know them."""
        return cls(person.staff_number, person.role, person.department)


def known(case: Case | None) -> Case:
    """Return the case, or refuse that there is none."""
    if case is None:
        raise NotFound("unknown_case", "没有这件差评。")
    return case


# -- who may -----------------------------------------------------------------------------------


def capacities(actor: Actor, case: Case) -> frozenset[As]:
    """Return in what capacities somebody may act on a case; the rated clerk in none."""
    if actor.id == case.clerk:
        return frozenset()
    found = set()
    in_charge = actor.role in ("manager", "administrator")
    if actor.role == "handler" and actor.department == case.unit:
        found.add(As.HANDLER)
    if in_charge:
        found.add(As.MANAGER)
    if in_charge or actor.role == "leader":
        found.add(As.APPROVER)
    if is_outside(actor, case):
        found.add(As.OUTSIDE)
    return frozenset(found)


def is_outside(actor: Actor, case: Case) -> bool:
    """Return whether somebody may judge a unit: its inspector, or a head of another department."""
    if not actor.person or actor.id == case.handler:
        return False
    heads = ("leader", "manager", "administrator")
    return actor.role == "inspector" or (actor.role in heads and actor.department != case.unit)


def may_see(actor: Actor, case: Case) -> bool:
    """Return whether a case is shown to somebody: handlers see those of their own unit."""
    if actor.id == case.clerk:
        return False
    return actor.role != "handler" or actor.department == case.unit


def may_look(actor: Actor, case: Case) -> bool:
    """Return whether somebody may see how to reach the rater: who deals with the case now."""
    if not case.real_name or not may_step(actor, case, Verb.LOOK):
        return False
    return case.state is State.REVISITING or actor.id == case.handler


def may_step(actor: Actor, case: Case, verb: Verb) -> bool:
    """Return whether the table lets somebody do this now."""
    mine = capacities(actor, case)
    return any(mine.intersection(each.who) for each in _steps(case, verb))


def _steps(case: Case, verb: Verb) -> list[Step]:
    return [each for each in STEPS if each.was is case.state and each.verb is verb]


def check_step(actor: Actor, case: Case, verb: Verb) -> None:
    """Refuse what the table does not know from here (``not_now``) or not of them (``not_yours``).

    The rated clerk is told ``own_rating``.
    """
    done = DONE_IN_CHINESE[verb]
    if actor.id == case.clerk:
        raise NotAllowed("own_rating", "被评价人不能办理对自己的差评。")
    if not _steps(case, verb):
        raise NotAllowed("not_now", f"这件差评现在是“{IN_CHINESE[case.state]}”，不能“{done}”。")
    if not may_step(actor, case, verb):
        raise NotAllowed("not_yours", _why_not_yours(verb, done))


def _why_not_yours(verb: Verb, done: str) -> str:
    if any(As.OUTSIDE in each.who for each in STEPS if each.verb is verb):
        return f"“{done}”须由承办单位以外的人办理（督查人员，或其他部门的负责人）。"
    if any(As.APPROVER in each.who for each in STEPS if each.verb is verb):
        return f"“{done}”须由分管领导或大厅负责人办理。"
    return f"“{done}”须由承办单位的差评承办人办理。"


def check_handler(person: Person | None, case: Case) -> Person:
    """Return who shall deal with a case, or refuse who is no handler or the rated clerk."""
    if person is None or not person.active or person.role != "handler":
        raise NotValid("no_handler", "请选择一位差评承办人。")
    if person.department is None:
        raise NotValid("no_handler", f"{person.name} 没有写明所属部门，不能承办。")
    if person.staff_number == case.clerk:
        raise NotAllowed("own_rating", "被评价人不能承办对自己的差评。")
    return person


def first_handler(people: Iterable[Person], case: Case, busy: dict[str, int]) -> Person | None:
    """Return the unit's handler with the fewest open cases, None when it has none."""
    fit = [
        each
        for each in people
        if each.active
        and each.role == "handler"
        and each.department == case.unit
        and each.staff_number != case.clerk
    ]
    return min(
        fit, key=lambda each: (busy.get(each.staff_number, 0), each.staff_number), default=None
    )


# -- limits ------------------------------------------------------------------------------------


def working_hours(began: Instant, hours: float, workdays: Workdays) -> Instant:
    """Return when so many working hours have passed; a hall without hours has until tomorrow."""
    try:
        return workdays.after_hours(began, hours)
    except ValueError:
        return workdays.after_days(began, 1)


def limit_of(
    state: State,
    began: Instant,
    workdays: Workdays,
    limits: Limits,
    *,
    contact_limit: Instant | None = None,
    granted: int = 0,
) -> Instant | None:
    """Return by when a state must be left, None where nobody hurries.

    ``contact_limit`` is that of a real-name rater nobody has reached yet; ``granted`` are the
    working days of a rectification.
    """
    match state:
        case State.RECEIVED | State.ASSIGNED:
            return working_hours(began, limits.assign_hours, workdays)
        case State.VERIFYING:
            return contact_limit or workdays.after_days(began, limits.verify_days)
        case State.RECTIFYING:
            return workdays.after_days(began, granted or limits.rectify_days)
        case State.EXPLAINED:
            return workdays.after_days(began, limits.explain_days)
        case State.APPEALED:
            return workdays.after_days(began, limits.appeal_days)
        case State.REVISITING:
            return workdays.after_days(began, limits.revisit_days)
    return None


def days_left(limit: Instant, now: Instant, workdays: Workdays) -> int:
    """Return how many working days remain after today, -1 when the limit has passed."""
    return -1 if now >= limit else workdays.between(now, limit - 1)


def resumed(left: int, limit: Instant, now: Instant, workdays: Workdays) -> Instant:
    """Return a paused limit as it goes on: the same working days; what had passed has passed."""
    return limit if left < 0 else workdays.after_days(now, left)


def longest_extension(case: Case, workdays: Workdays, limits: Limits) -> str:
    """Return the last day to which a rectification may be extended: so many days in all."""
    assert case.limit_at is not None
    more = max(0, limits.extended_days - case.granted)
    return days.day_of(workdays.after_days(case.limit_at - 1, more) - 1, workdays.zone)


class Colour(StrEnum):
    """How near a limit is."""

    NONE = "none"
    YELLOW = "yellow"
    RED = "red"


def colour_of(
    state: State,
    began: Instant,
    limit: Instant | None,
    now: Instant,
    workdays: Workdays,
    limits: Limits,
) -> Colour:
    """Return yellow one working day before a limit (after half its hours), red once it passed."""
    if limit is None or state is State.CLOSED:
        return Colour.NONE
    if now >= limit:
        return Colour.RED
    if state in (State.RECEIVED, State.ASSIGNED):
        yellow = working_hours(began, limits.assign_hours / 2, workdays)
    else:
        yellow = workdays.a_day_before(limit)
    return Colour.YELLOW if now >= yellow else Colour.NONE


def left_said(state: State, limit: Instant | None, now: Instant, workdays: Workdays) -> str:
    """Return how long there still is, in words: 还剩 3 个工作日, 今天截止, 超期 2 个工作日."""
    if limit is None or state is State.CLOSED:
        return "不计时限"
    if now >= limit:
        late = workdays.between(limit - 1, now)
        return f"超期 {late} 个工作日" if late else "已超期"
    if days.day_of(now, workdays.zone) == days.day_of(limit - 1, workdays.zone):
        minutes = -(-(limit - now) // MINUTE)
        if state not in (State.RECEIVED, State.ASSIGNED):
            return "今天截止"
        hours = f"{minutes // 60} 小时 " if minutes >= 60 else ""
        return f"还剩 {hours}{minutes % 60} 分"
    left = workdays.between(now, limit - 1)
    return f"还剩 {left} 个工作日"


# -- contact, appeal, revisit ------------------------------------------------------------------

REACHED, NO_ANSWER, WRONG_NUMBER = "reached", "no_answer", "wrong_number"
CONTACTS = {REACHED: "已联系上", NO_ANSWER: "无人接听", WRONG_NUMBER: "号码有误"}
WAYS = {"phone": "电话", "sms": "短信", "visit": "当面", "other": "其他"}
SATISFIED, DISSATISFIED = "satisfied", "dissatisfied"
TRIES = {SATISFIED: "对处理满意", DISSATISFIED: "仍不满意", NO_ANSWER: "无人接听"}
KINDS = {"simple": "简单问题，当即整改", "complex": "复杂问题，限期整改"}
VOIDS = {"mistaken": "误评", "malicious": "恶意评价"}


def is_contacted(outcomes: Sequence[str], limits: Limits) -> bool:
    """Return whether a rater was reached, or has been tried often enough."""
    return REACHED in outcomes or len(outcomes) >= limits.contact_tries


def check_contacted(case: Case, limits: Limits) -> None:
    """Refuse to go on with a real-name rating whose rater nobody has tried to reach."""
    if case.real_name and case.contacted_at is None:
        raise NotAllowed(
            "not_contacted",
            f"这是实名差评：须先联系评价人并记录；联系不上的，至少联系 {limits.contact_tries} 次。",
        )


def check_misrouted(case: Case, now: Instant, limits: Limits) -> None:
    """Refuse to send a case back that has lain here too long."""
    if case.assigned_at is None or now - case.assigned_at > limits.misrouted_hours * HOUR:
        raise NotAllowed("too_late", f"分派后 {limits.misrouted_hours} 小时内才能退回改派。")


def check_appeal(case: Case, now: Instant, workdays: Workdays, limits: Limits) -> None:
    """Refuse a second appeal, and one after its three working days."""
    if case.appealed:
        raise NotAllowed("appealed_before", "每件差评只能申诉一次。")
    if now >= workdays.after_days(case.received_at, limits.appeal_within_days):
        raise NotAllowed("too_late", f"收到差评后 {limits.appeal_within_days} 个工作日内才能申诉。")


def check_extension(
    case: Case, until: str, now: Instant, workdays: Workdays, limits: Limits
) -> str:
    """Return the day up to which a rectification shall last, or refuse it.

    Once, before the limit, and never more than fifteen working days in all.
    """
    if case.extended:
        raise NotAllowed("extended_before", "每件差评只能延期一次。")
    if case.limit_at is None or now >= case.limit_at:
        raise NotAllowed("too_late", "整改期限已过，不能再申请延期。")
    day = read_day(until)
    last, today = longest_extension(case, workdays, limits), workdays.end_of(day)
    if today <= case.limit_at:
        raise NotValid("bad_day", "新的期限须晚于现在的期限。")
    if day > last:
        raise NotValid(
            "too_long", f"整改连同延期最多 {limits.extended_days} 个工作日，最晚到 {last}。"
        )
    return day


def days_granted(kind: str, due: str, now: Instant, workdays: Workdays, limits: Limits) -> int:
    """Return the working days of a rectification: of a simple one, or up to the due day."""
    if kind not in KINDS:
        raise NotValid("unknown_kind", "请选择是简单问题还是复杂问题。")
    if kind == "simple":
        return limits.simple_days
    if not due:
        return limits.rectify_days
    day = read_day(due)
    if workdays.end_of(day) > workdays.after_days(now, limits.rectify_days):
        raise NotValid("bad_day", f"计划完成日期最晚在 {limits.rectify_days} 个工作日内。")
    granted = workdays.between(now, workdays.end_of(day) - 1)
    if granted < 1:
        raise NotValid("bad_day", "计划完成日期须在今天之后，并且是工作日。")
    return granted


def read_day(text: str) -> str:
    """Return a day somebody typed, or refuse what is none."""
    day = text.strip()
    try:
        days.next_day(day)
    except ValueError:
        raise NotValid("bad_day", "日期须写作 2026-11-30 的样子。") from None
    return day


def after_try(tries: Sequence[tuple[str, str]], reworked: bool, limits: Limits) -> Verb:
    """Return what follows the last of some revisits, each a day and an outcome.

    Satisfied: closed. Not: put right once more, then closed. Nobody answers: closed after three
    tries on two days.
    """
    _, outcome = tries[-1]
    if outcome == DISSATISFIED:
        return Verb.CLOSE if reworked else Verb.REWORK
    if outcome == SATISFIED:
        return Verb.CLOSE
    on_days = len({day for day, _ in tries})
    enough = len(tries) >= limits.revisit_tries and on_days >= limits.revisit_on_days
    return Verb.CLOSE if enough else Verb.REVISIT


# -- what is written ---------------------------------------------------------------------------


def check_words(text: str, what: str, most: int = NOTE_LENGTH) -> str:
    """Return what somebody wrote, or refuse nothing and too much."""
    said = text.strip()
    if not said:
        raise NotValid("words_missing", f"请写明{what}。")
    if len(said) > most:
        raise NotValid("words_too_long", f"{what}最多 {most} 个字，现有 {len(said)} 个。")
    return said


def check_one_of(value: str, known_ones: dict[str, Any], what: str) -> str:
    """Return one of the known values, or refuse another."""
    if value not in known_ones:
        raise NotValid("unknown_choice", f"请选择{what}：{'、'.join(known_ones.values())}。")
    return value


A_DATE = re.compile(r"\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}日?")
LONG_NUMBER = re.compile(r"(?:\d[\s\-–—()]{0,2}){7,}[\dXx]?")
E_MAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")


def personal_data(text: str, names: Iterable[str] = ()) -> str:
    """Return what is personal in a public answer, as a word; nothing when it is clean.

    ``names`` are those of the people concerned, and how the rater left word of themselves.
    """
    plain = unicodedata.normalize("NFKC", text)
    if E_MAIL.search(plain):
        return "电子邮箱"
    if LONG_NUMBER.search(A_DATE.sub("，", plain)):
        return "电话或证件号码"
    for name in names:
        told = unicodedata.normalize("NFKC", name).strip()
        if len(told) > 1 and told in plain:
            return f"“{told}”"
    return ""


def check_public(text: str, names: Iterable[str]) -> str:
    """Return the public answer, or refuse it with what must go."""
    said = check_words(text, "公开答复", ANSWER_LENGTH)
    if found := personal_data(said, names):
        raise NotValid("personal_data", f"公开答复里有{found}，请改去个人信息后再提交。")
    return said
