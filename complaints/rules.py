"""A complaint's fields, life, limits and outcome, and the units' shares of replies; pure.

The fields and their lengths are those of GB/T 39046-2020, table 10 (办事互动).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from hall import days
from hall.days import MINUTE, SECOND, Instant
from hall.refusals import NotAllowed, NotFound, NotValid
from hall.shares import rate
from hall.workdays import Workdays

REPLY_LENGTH = 500
REASON_LENGTH = 200
LONGEST_OVERDUE = 999  # 超期天数 n..3
# The longest a field may be, in characters.
LENGTHS = {
    "title": 200,
    "complainant": 30,
    "accused_unit": 100,
    "accused": 30,
    "content": 1000,
    "order_number": 40,
}
IN_FORM = {
    "source": "投诉来源",
    "kind": "类别",
    "order_number": "工单号",
    "title": "投诉标题",
    "complainant": "投诉人",
    "phone": "联系电话",
    "accused_unit": "被投诉单位",
    "accused": "被投诉人",
    "content": "投诉内容",
    "at": "投诉时间",
    "unit": "承办单位",
    "order_due": "工单时限",
    "accepted_at": "承办时间",
    "reply": "反馈信息",
    "replied_at": "反馈时间",
}
ORDER_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
PHONE = re.compile(r"\+?[0-9][0-9-]{3,18}[0-9]")
WRITTEN = re.compile(
    r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[ T]+(\d{1,2})[:：](\d{2})(?:[:：](\d{2}))?)?"
)
AS_IN_THE_STANDARD = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)")
# What cannot be the time of a complaint: typed into the wrong century.
EARLIEST_YEAR = 2000


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


class Outcome(StrEnum):
    """What a complaint counts as: replied on time, late, unanswered past its limit, not due yet."""

    ON_TIME = "on_time"
    LATE = "late"
    UNANSWERED = "unanswered"
    PENDING = "pending"
    WITHDRAWN = "withdrawn"


class Colour(StrEnum):
    """How near a limit is: yellow from one working day before it, red once it has passed."""

    NONE = "none"
    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


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
OUTCOMES = {
    Outcome.ON_TIME: "按时",
    Outcome.LATE: "逾期",
    Outcome.UNANSWERED: "未回复",
    Outcome.PENDING: "未到期",
    Outcome.WITHDRAWN: "已撤回",
}
COLOURS = {
    Colour.NONE: "",
    Colour.GREEN: "未临期",
    Colour.YELLOW: "即将到期",
    Colour.RED: "已超期",
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
class Draft:
    """A complaint as it is written down; ``unit`` is the code of who shall handle it, or empty.

    An order 12345 may carry its own limit ``order_due``, and what has been done of it already.
    """

    source: str = ""
    kind: str = Kind.COMPLAINT.value
    order_number: str = ""
    title: str = ""
    complainant: str = ""
    phone: str = ""
    accused_unit: str = ""
    accused: str = ""
    content: str = ""
    at: Instant | None = None
    unit: str = ""
    order_due: Instant | None = None
    handler: str = ""
    accepted_at: Instant | None = None
    reply: str = ""
    replied_at: Instant | None = None


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


@dataclass(frozen=True, slots=True)
class Terms:
    """How many working days there are: the settings of ``[complaints]``."""

    accept_days: int = 1
    complaint_days: int = 15
    consultation_days: int = 5
    extension_days: int = 5


class BadComplaint(NotValid):
    """A complaint that cannot be registered; ``mistakes`` has a sentence for each field."""

    def __init__(self, mistakes: Mapping[str, str]) -> None:
        first = next(iter(mistakes.values()))
        super().__init__("bad_complaint", f"没有登记：{first}")
        self.mistakes = dict(mistakes)


# -- writing one down --------------------------------------------------------------------------


def mistakes(draft: Draft, now: Instant, units: Iterable[str], zone: ZoneInfo) -> dict[str, str]:
    """Return what is wrong with a draft, a sentence for each field; empty when it can be kept."""
    found = _too_long(draft) | _missing(draft)
    if draft.source not in tuple(Source):
        found["source"] = f"投诉来源须为 {'、'.join(SOURCES.values())} 之一。"
    if draft.kind not in tuple(Kind):
        found["kind"] = f"类别须为 {'、'.join(KINDS.values())} 之一。"
    if draft.phone and not PHONE.fullmatch(draft.phone):
        found["phone"] = "联系电话须为 5 至 20 位数字，可以含“-”。"
    if draft.order_number and not ORDER_NUMBER.fullmatch(draft.order_number):
        found["order_number"] = "工单号须为字母和数字，最多 40 位。"
    if draft.unit and draft.unit not in set(units):
        found["unit"] = f"没有单位“{draft.unit[:20]}”，请从大厅的部门里选择。"
    return found | _bad_times(draft, now, zone)


def _too_long(draft: Draft) -> dict[str, str]:
    longest = {**LENGTHS, "reply": REPLY_LENGTH}
    return {
        field: f"{IN_FORM[field]}最多 {most} 个字，现有 {len(getattr(draft, field))} 个。"
        for field, most in longest.items()
        if len(getattr(draft, field)) > most
    }


def _missing(draft: Draft) -> dict[str, str]:
    needed = ["title", "content"] + ["order_number"] * (draft.source == Source.ORDER)
    return {
        field: f"{IN_FORM[field]}不能为空。"
        for field in needed
        if not getattr(draft, field).strip()
    }


def _bad_times(draft: Draft, now: Instant, zone: ZoneInfo) -> dict[str, str]:
    found = {}
    if draft.at is None:
        found["at"] = "投诉时间不能为空。"
    elif draft.at > now:
        found["at"] = "投诉时间不能晚于现在。"
    elif days.local(draft.at, zone).year < EARLIEST_YEAR:
        found["at"] = "投诉时间的年份不对，请核对。"
    if draft.order_due is not None and draft.order_due <= (draft.at or 0):
        found["order_due"] = "工单时限须晚于投诉时间。"
    return found | _bad_history(draft, now)


def _bad_history(draft: Draft, now: Instant) -> dict[str, str]:
    """Return what is wrong with what a list says was done of an order."""
    found = {}
    accepted, replied = draft.accepted_at, draft.replied_at
    for field, at in (("accepted_at", accepted), ("replied_at", replied)):
        if at is not None and not (draft.at or 0) <= at <= now:
            found[field] = f"{IN_FORM[field]}须在投诉时间之后、现在之前。"
    if replied is not None and accepted is not None and replied < accepted:
        found["replied_at"] = "反馈时间不能早于承办时间。"
    if (replied is None) != (not draft.reply.strip()):
        field = "replied_at" if replied is None else "reply"
        found[field] = "反馈信息和反馈时间须同时填写，或都不填。"
    if (replied is not None or accepted is not None) and not draft.unit:
        found["unit"] = "已经承办或回复的工单须写明承办单位。"
    return found


def accept_due(registered_at: Instant, terms: Terms, workdays: Workdays) -> Instant:
    """Return until when a complaint is to be accepted by a unit."""
    return workdays.after_days(registered_at, terms.accept_days) - 1


def reply_due(draft: Draft, at: Instant, terms: Terms, workdays: Workdays) -> Instant:
    """Return until when a reply is in time: the order's own limit before the kind's."""
    if draft.order_due is not None:
        return draft.order_due
    how_many = terms.complaint_days if draft.kind == Kind.COMPLAINT else terms.consultation_days
    return workdays.after_days(at, how_many) - 1


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


def extended(complaint: Complaint, now: Instant, terms: Terms, workdays: Workdays) -> Instant:
    """Return the limit after the one extension; an extension after the limit would hide it."""
    if complaint.state not in OPEN:
        raise NotAllowed("wrong_state", f"{complaint.number} {STATES[complaint.state]}，不用延期。")
    if complaint.extended_to is not None:
        raise NotAllowed("extended_already", "已经延期过一次，不能再延。")
    if now > complaint.due_at:
        raise NotAllowed("limit_passed", "时限已过，不能再延期；请尽快回复。")
    return workdays.after_days(complaint.due_at, terms.extension_days) - 1


def may_handle(complaint: Complaint, name: str, department: str | None) -> NotAllowed | None:
    """Return why a handler of a department may not touch a complaint, None if they may."""
    if complaint.unit is None or complaint.unit != department:
        return NotAllowed("other_unit", "这件投诉不由您的单位承办。")
    if complaint.accused and complaint.accused.strip() == name:
        return NotAllowed("accused_self", "被投诉人不能承办针对自己的投诉，请由其他人办理。")
    return None


# -- what it counts as -------------------------------------------------------------------------


def outcome(complaint: Complaint, now: Instant) -> Outcome:
    """Return what a complaint counts as at an instant.

    One that is withdrawn after its limit stays unanswered: taking it back heals nothing.
    """
    if complaint.replied_at is not None:
        return Outcome.ON_TIME if complaint.replied_at <= complaint.limit else Outcome.LATE
    until = complaint.ended_at if complaint.state is State.WITHDRAWN else now
    if until is not None and until > complaint.limit:
        return Outcome.UNANSWERED
    return Outcome.WITHDRAWN if complaint.state is State.WITHDRAWN else Outcome.PENDING


def next_limit(complaint: Complaint) -> Instant | None:
    """Return the limit a unit has to keep next, None when nothing is to be done any more."""
    if complaint.state not in OPEN:
        return None
    if complaint.state is State.ACCEPTED:
        return complaint.limit
    return min(complaint.accept_due_at, complaint.limit)


def colour(complaint: Complaint, now: Instant, workdays: Workdays) -> Colour:
    """Return how near the next limit of a complaint is."""
    limit = next_limit(complaint)
    if limit is None:
        return Colour.NONE
    if now > limit:
        return Colour.RED
    return Colour.YELLOW if now >= workdays.a_day_before(limit + 1) else Colour.GREEN


def days_over(complaint: Complaint, now: Instant, workdays: Workdays) -> int:
    """Return 超期天数: working days past the limit, a begun one counts; 0 for one in time."""
    if outcome(complaint, now) not in (Outcome.LATE, Outcome.UNANSWERED):
        return 0
    until = complaint.replied_at or complaint.ended_at or now
    return min(LONGEST_OVERDUE, max(1, workdays.between(complaint.limit, until)))


# -- the table of the units --------------------------------------------------------------------


def units_table(
    complaints: Iterable[Complaint], now: Instant, units: Mapping[str, str]
) -> dict[str, Any]:
    """Return 件数, 按时, 逾期, 未回复, 未到期 and 按时回复率 of each unit, and of all.

    The rate is 按时 ÷ 应回复, where 应回复 is 按时 + 逾期 + 未回复. Every unit has a row, in
    the order of ``units`` (code to name); what belongs to none stands last.
    """
    counts: dict[str, dict[Outcome, int]] = {code: dict.fromkeys(Outcome, 0) for code in units}
    for each in complaints:
        own = counts.setdefault(each.unit or "", dict.fromkeys(Outcome, 0))
        own[outcome(each, now)] += 1
    rows = [
        {"unit": code, "name": units.get(code, code) if code else "尚未分派", **_counted(own)}
        for code, own in sorted(counts.items(), key=lambda each: not each[0])
    ]
    total = {each: sum(own[each] for own in counts.values()) for each in Outcome}
    return {"rows": rows, "totals": {"unit": "", "name": "合计", **_counted(total)}}


def _counted(own: Mapping[Outcome, int]) -> dict[str, Any]:
    due = own[Outcome.ON_TIME] + own[Outcome.LATE] + own[Outcome.UNANSWERED]
    return {
        "count": sum(own.values()),
        **{each.value: own[each] for each in Outcome},
        "due": due,
        "rate": rate(own[Outcome.ON_TIME], due),
    }


# -- as people say it --------------------------------------------------------------------------


def masked_name(name: str) -> str:
    """Return how much of a complainant's name a list shows: 张*; 匿名 for none."""
    told = name.strip()
    return f"{told[0]}*" if told else "匿名"


def masked_phone(phone: str) -> str:
    """Return how much of a telephone number a list shows: its last four digits."""
    return "*" * max(0, len(phone) - 4) + phone[-4:] if len(phone) > 4 else "*" * len(phone)


def limit_said(limit: Instant, zone: ZoneInfo) -> str:
    """Return a limit as people say it: a day, and the time of one that ends within the day."""
    ends = days.local(limit, zone)
    whole_day = (ends.hour, ends.minute) == (23, 59)
    return f"{ends:%Y-%m-%d}" if whole_day else f"{ends:%Y-%m-%d %H:%M}"


def read_instant(text: str, zone: ZoneInfo) -> Instant:
    """Return the instant of 2026-11-02, 2026-11-02 09:30(:15) or 20261102T093015.

    The last is how GB/T 39046 writes it. Raises ValueError for anything else.
    """
    found = WRITTEN.fullmatch(text.strip()) or AS_IN_THE_STANDARD.fullmatch(text.strip())
    if found is None:
        raise ValueError(text)
    parts = [int(each or 0) for each in found.groups()]
    # mypy cannot count the parts, which the pattern above has matched
    return int(datetime(*parts, tzinfo=zone).timestamp() * 1000)  # type: ignore[arg-type,misc]


def last_instant(text: str, zone: ZoneInfo) -> Instant:
    """Return the last instant that keeps a limit: of the day, minute or second it names."""
    at = read_instant(text, zone)
    found = WRITTEN.fullmatch(text.strip())
    if found and found[4] is None:
        return days.first_instant(days.next_day(days.day_of(at, zone)), zone) - 1
    return at + (MINUTE if found and found[6] is None else SECOND) - 1
