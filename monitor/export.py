"""Alarms as rows of GB/T 39046-2020 table 11 (电子监察); pure."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from hall import days
from hall.catalogue import Catalogue
from hall.days import Instant
from hall.standard_table import StandardTable
from monitor.course import Alarm
from monitor.rules import KINDS
from monitor.sight import minutes_of

# The headings of the standard in its order, then the hall's own; each with its width in a sheet.
COLUMNS = {
    "办件编号": 18,
    "督办内容": 44,
    "机构名称": 24,
    "事项类型代码": 13,
    "督办发出时间": 17,
    "监察编号": 18,
    "监察规则编号": 16,
    "监察预警类型代码": 17,
    "状态产生时间": 17,
    "监察结果描述": 44,
    "责任部门": 18,
    "告警": 18,
    "级别": 8,
    "窗口": 7,
    "业务": 16,
    "转红时间": 17,
    "确认人": 10,
    "确认时间": 17,
    "处置说明": 36,
    "上报对象": 16,
    "解除时间": 17,
    "持续分钟": 9,
}
TABLE = StandardTable(
    "电子监察", COLUMNS, numbers=("监察预警类型代码", "窗口", "持续分钟"), standing=2
)
LONGEST_SAID, LONGEST_UNIT = 1000, 100


def table11(
    alarms: Iterable[Alarm], catalogue: Catalogue, hall: str, zone: ZoneInfo
) -> list[list[Any]]:
    """Return alarms as rows of the file; the code of a matter's kind is not known to the hall."""
    return [_row(each, catalogue, hall, zone) for each in alarms]


def inspection_number(alarm: Alarm) -> str:
    """Return 监察编号 (an..20): JC, the day, and the alarm's number."""
    return f"JC{alarm.day.replace('-', '')}{alarm.id:06d}"


def rule_number(alarm: Alarm) -> str:
    """Return 监察规则编号 (an..20): the kind and the version of its rule."""
    return f"{alarm.kind.value.upper()}-V{alarm.rule_version}"


def _row(alarm: Alarm, catalogue: Catalogue, hall: str, zone: ZoneInfo) -> list[Any]:
    unit = catalogue.department.get(alarm.department)
    service = catalogue.service.get(alarm.service or "")
    people = catalogue.person
    until = alarm.cleared_at
    lasted: int | str = minutes_of(until - alarm.began_at) if until is not None else ""
    return [
        f"{alarm.day.replace('-', '')}{alarm.number}" if alarm.number else "",
        alarm.said[:LONGEST_SAID],
        hall,
        "",
        _time(alarm.escalated_at, zone),
        inspection_number(alarm),
        rule_number(alarm),
        alarm.level.code,
        _time(alarm.began_at, zone),
        outcome(alarm, catalogue, zone)[:LONGEST_SAID],
        (unit.name if unit else "")[:LONGEST_UNIT],
        KINDS[alarm.kind].name,
        alarm.level.chinese,
        alarm.window if alarm.window is not None else "",
        service.name if service else "",
        _time(alarm.red_at, zone),
        _named(alarm.acknowledged_by, people),
        _time(alarm.acknowledged_at, zone),
        alarm.words,
        "、".join(_named(each, people) for each in alarm.escalated_to.split("、") if each),
        _time(until, zone),
        lasted,
    ]


def _named(number: str, people: dict[str, Any]) -> str:
    return people[number].name if number in people else number


def outcome(alarm: Alarm, catalogue: Catalogue, zone: ZoneInfo) -> str:
    """Return in a sentence what became of an alarm."""
    told = []
    if alarm.escalated_at is not None:
        told.append((alarm.escalated_at, "无人确认，上报分管领导"))
    if alarm.acknowledged_at is not None:
        who, words = _named(alarm.acknowledged_by, catalogue.person), alarm.words
        told.append((alarm.acknowledged_at, f"{who}确认：{words}" if words else f"{who}确认"))
    if alarm.cleared_at is not None:
        told.append((alarm.cleared_at, "解除"))
    in_order = sorted(told, key=lambda each: each[0])
    return "；".join(f"{_clock(at, zone)} {what}" for at, what in in_order) or "未解除，无人确认"


def _clock(at: Instant, zone: ZoneInfo) -> str:
    return f"{days.local(at, zone):%m-%d %H:%M}"


def _time(at: Instant | None, zone: ZoneInfo) -> str:
    """Return an instant as the standard writes it: YYYYMMDDThhmmss."""
    return f"{days.local(at, zone):%Y%m%dT%H%M%S}" if at is not None else ""
