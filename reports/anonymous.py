"""What an assessor is given of visits, ratings and complaints: no name, number or contact; pure.

Who and what is told apart by pseudonyms – keyed hashes, the same in every sheet and every export
of the hall, that nobody turns back without its key.
"""

import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hall.catalogue import Catalogue
from hall.days import SECOND, Instant, local
from hall.tickets import VISIT_IN_CHINESE, Outcome, VisitState
from rating.levels import LEVELS, Channel, Level

HASH_LENGTH = 16
Cell = str | int | datetime
# Numbers are written in words too, so that a machine does not find them.
SPOKEN = re.compile(r"[零〇○一二三四五六七八九幺两壹贰叁肆伍陆柒捌玖]{5,}")
ADDRESS = re.compile(r"[\w.+-]+@[\w.-]+")

# Headings with the width of their column in a sheet.
VISITS = {
    "办件代号": 18,
    "取号代号": 18,
    "业务日": 11,
    "业务编码": 12,
    "业务": 20,
    "部门": 20,
    "窗口": 7,
    "区域": 12,
    "人员代号": 18,
    "取号时间": 16,
    "叫号时间": 16,
    "开始办理": 16,
    "结束时间": 16,
    "等候秒数": 10,
    "办理秒数": 10,
    "挂起秒数": 10,
    "重呼次数": 10,
    "预约取号": 10,
    "状态": 10,
    "办理结果": 10,
}
RATINGS = {
    "评价代号": 18,
    "办件代号": 18,
    "评价次数": 10,
    "等级": 12,
    "分值": 7,
    "原因标签": 32,
    "渠道": 12,
    "评价时间": 16,
    "业务编码": 12,
    "业务": 20,
    "部门": 20,
    "窗口": 7,
    "人员代号": 18,
    "实名": 7,
    "效力": 8,
    "文字评价": 40,
}
COMPLAINTS = {
    "投诉代号": 18,
    "来源": 12,
    "类别": 10,
    "承办单位": 20,
    "投诉时间": 16,
    "受理时间": 16,
    "回复时间": 16,
    "承诺时限": 16,
    "延期时限": 16,
    "办结时间": 16,
    "状态": 10,
    "投诉标题": 28,
    "投诉内容": 44,
    "反馈信息": 44,
}


class VisitFact(NamedTuple):
    """One visit as the store reads it; times in epoch ms, lengths in ms."""

    id: int
    ticket: int
    day: str
    service: str
    window: int
    clerk: str | None
    taken_at: Instant
    called_at: Instant
    started_at: Instant | None
    ended_at: Instant
    waited: int | None
    held: int
    recalls: int
    booked: int
    state: str
    outcome: str | None


class RatingFact(NamedTuple):
    """One rating as the store reads it; ``tags`` are the texts, one a piece."""

    id: int
    visit: int
    nth: int
    level: str
    tags: Sequence[str]
    channel: str
    at: Instant
    service: str
    window: int
    clerk: str | None
    real_name: int
    voided: int
    by_default: int
    text: str


class ComplaintFact(NamedTuple):
    """One complaint as the store reads it, in words where it has them."""

    id: int
    source: str
    kind: str
    unit: str | None
    at: Instant
    accepted_at: Instant | None
    replied_at: Instant | None
    due_at: Instant
    extended_to: Instant | None
    ended_at: Instant | None
    state: str
    title: str
    content: str
    reply: str


def masked(text: str) -> str:
    """Return a text without digits, numbers in words and addresses: a star for each of them."""
    told = ADDRESS.sub(lambda found: "*" * len(found[0]), text)
    told = SPOKEN.sub(lambda found: "*" * len(found[0]), told)
    return "".join("*" if _is_digit(each) else each for each in told)


def _is_digit(character: str) -> bool:
    """Return whether it is a digit of any script, ① and ½ too, but no Chinese character like 一."""
    is_han = "\u4e00" <= character <= "\u9fff"
    return character.isnumeric() and not is_han


@dataclass(frozen=True)
class Anonymous:
    """Turns facts into rows; ``words`` says whether free text goes along, its digits masked."""

    key: bytes
    catalogue: Catalogue
    zone: ZoneInfo
    words: bool = False
    sources: Mapping[str, str] | None = None
    kinds: Mapping[str, str] | None = None
    states: Mapping[str, str] | None = None

    def pseudonym(self, kind: str, number: object) -> str:
        """Return what stands for somebody or something; empty for nobody."""
        if number in (None, ""):
            return ""
        whole = hmac.new(self.key, f"{kind}:{number}".encode(), sha256).hexdigest()
        return whole[:HASH_LENGTH]

    def visit(self, fact: VisitFact) -> list[Cell]:
        """Return the row of a visit, under VISITS."""
        window = self.catalogue.window.get(fact.window)
        began = fact.started_at
        served = fact.ended_at - began - fact.held if began is not None else None
        return [
            self.pseudonym("visit", fact.id),
            self.pseudonym("ticket", fact.ticket),
            fact.day,
            fact.service,
            *self._service(fact.service),
            fact.window,
            window.zone if window else "",
            self.pseudonym("clerk", fact.clerk),
            *(self._time(at) for at in (fact.taken_at, fact.called_at, began, fact.ended_at)),
            _seconds(fact.waited),
            _seconds(served),
            _seconds(fact.held),
            fact.recalls,
            "是" if fact.booked else "否",
            VISIT_IN_CHINESE[VisitState(fact.state)],
            Outcome(fact.outcome).chinese if fact.outcome else "",
        ]

    def rating(self, fact: RatingFact) -> list[Cell]:
        """Return the row of a rating, under RATINGS."""
        level = Level(fact.level)
        return [
            self.pseudonym("rating", fact.id),
            self.pseudonym("visit", fact.visit),
            fact.nth,
            level.chinese,
            len(LEVELS) - LEVELS.index(level),
            "、".join(fact.tags),
            Channel(fact.channel).chinese,
            self._time(fact.at),
            fact.service,
            *self._service(fact.service),
            fact.window,
            self.pseudonym("clerk", fact.clerk),
            "是" if fact.real_name else "否",
            "作废" if fact.voided else "默认" if fact.by_default else "有效",
            self._words(fact.text),
        ]

    def complaint(self, fact: ComplaintFact) -> list[Cell]:
        """Return the row of a complaint, under COMPLAINTS."""
        unit = self.catalogue.department.get(fact.unit or "")
        times = (
            *(fact.at, fact.accepted_at, fact.replied_at),
            *(fact.due_at, fact.extended_to, fact.ended_at),
        )
        return [
            self.pseudonym("complaint", fact.id),
            (self.sources or {}).get(fact.source, fact.source),
            (self.kinds or {}).get(fact.kind, fact.kind),
            unit.name if unit else fact.unit or "",
            *(self._time(at) for at in times),
            (self.states or {}).get(fact.state, fact.state),
            *(self._words(text) for text in (fact.title, fact.content, fact.reply)),
        ]

    def _service(self, code: str) -> tuple[str, str]:
        service = self.catalogue.service.get(code)
        department = self.catalogue.department.get(service.department if service else "")
        return service.name if service else code, department.name if department else ""

    def _words(self, text: str) -> str:
        return masked(text) if self.words else ""

    def _time(self, at: Instant | None) -> datetime | str:
        """Return an instant to the minute, as a sheet keeps it: without a zone."""
        if at is None:
            return ""
        return local(at, self.zone).replace(second=0, microsecond=0, tzinfo=None)


def _seconds(length: int | None) -> int | str:
    return "" if length is None else (length + SECOND // 2) // SECOND
