"""A complaint as it is written down, and what is wrong with it, field by field; pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from complaints.life import KINDS, REPLY_LENGTH, SOURCES, Kind, Source
from hall import days
from hall.days import Instant
from hall.refusals import NotValid

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
# What cannot be the time of a complaint: typed into the wrong century.
EARLIEST_YEAR = 2000


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


class BadComplaint(NotValid):
    """A complaint that cannot be registered; ``mistakes`` has a sentence for each field."""

    def __init__(self, mistakes: Mapping[str, str]) -> None:
        first = next(iter(mistakes.values()))
        super().__init__("bad_complaint", f"没有登记：{first}")
        self.mistakes = dict(mistakes)


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
