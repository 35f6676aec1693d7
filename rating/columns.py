"""The columns of the month's table: one list for the screen, the CSV and the workbook; pure.

A figure that is listed here once cannot differ between what a manager sees and what is exported.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from rating.levels import LEVELS

Row = Mapping[str, Any]
Month = Mapping[str, Any]
Kind = Literal["text", "count", "numerator", "denominator", "percent", "minutes"]

NO_BASE = "—"
"""What a rate shows whose denominator is zero."""

SCOPES = {"window": "窗口", "department": "部门", "clerk": "人员", "service": "业务"}
"""What a month can be listed by, and the word for it."""

KEY_TITLES = {
    "window": "窗口号",
    "department": "部门编码",
    "clerk": "工号",
    "service": "业务编码",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its group heading, its own heading, and how to read it from a row."""

    name: str
    group: str
    title: str
    kind: Kind
    read: Callable[[Row], Any]


def _count(name: str, group: str, title: str) -> Column:
    return Column(name, group, title, "count", lambda row: row.get(name) or 0)


def _share(name: str, group: str, numerator: str, denominator: str) -> tuple[Column, ...]:
    """Return the three columns of a rate: no percentage stands without what it is made of."""
    return (
        Column(
            f"{name}_numerator", group, numerator, "numerator", lambda row: row[name]["numerator"]
        ),
        Column(
            f"{name}_denominator",
            group,
            denominator,
            "denominator",
            lambda row: row[name]["denominator"],
        ),
        Column(name, group, group, "percent", lambda row: row[name]["percent"]),
    )


def _level(name: str, title: str) -> Column:
    return Column(name, "有效评价（件）", title, "count", lambda row: row["levels"][name])


def columns_of(by: str) -> tuple[Column, ...]:
    """Return the columns of a month listed by window, department, clerk or service."""
    return (
        _text("key", by, KEY_TITLES[by]),
        _text("name", by, "姓名" if by == "clerk" else "名称"),
        *(() if by == "department" else (_text("department", by, "部门"),)),
        *_FIGURES,
    )


def _text(name: str, by: str, title: str) -> Column:
    return Column(name, SCOPES[by], title, "text", lambda row: row.get(name, ""))


def on_screen(by: str) -> list[Column]:
    """Return the columns a screen shows: numerator and denominator stand beside their percentage.

    People know a window and a clerk by number, but no code of a service or department.
    """
    hidden = {"numerator", "denominator"}
    names = {"department"} if by in ("window", "clerk") else {"department", "key"}
    return [each for each in columns_of(by) if each.kind not in hidden and each.name not in names]


_FIGURES = (
    _count("called", "业务量（件）", "呼叫"),
    _count("served", "业务量（件）", "办件"),
    _count("missed", "业务量（件）", "过号"),
    *(_level(level.value, level.chinese) for level in LEVELS),
    _count("rated", "有效评价（件）", "合计"),
    *_share("satisfaction", "满意率", "满意件数", "有效评价"),
    *_share("rating_rate", "评价率", "有效评价", "办件"),
    Column(
        "average_wait_minutes",
        "平均（分钟）",
        "等候",
        "minutes",
        lambda row: row["average_wait_minutes"],
    ),
    Column(
        "average_service_minutes",
        "平均（分钟）",
        "办理",
        "minutes",
        lambda row: row["average_service_minutes"],
    ),
    # asked in vain and unrated to this day: who answers by phone afterwards is counted as rated
    _count("timed_out", "另列（件）", "超时未评"),
    _count("never_asked", "另列（件）", "未邀评"),
    _count("voided", "另列（件）", "作废评价"),
    _count("defaults", "另列（件）", "默认评价"),
)


def groups(columns: Sequence[Column]) -> list[tuple[str, list[Column]]]:
    """Return the columns under their group headings, in order."""
    found: list[tuple[str, list[Column]]] = []
    for column in columns:
        if not found or found[-1][0] != column.group:
            found.append((column.group, []))
        found[-1][1].append(column)
    return found


def period(month: str) -> tuple[date, date]:
    """Return the first and the last day of ``YYYY-MM``."""
    year, number = (int(part) for part in month.split("-"))
    first = date(year, number, 1)
    after = date(year + number // 12, number % 12 + 1, 1)
    return first, after - timedelta(days=1)


def period_words(month: str, today: str) -> str:
    """Return the days a month covers and, told the day, up to when a running one is counted."""
    first, last = period(month)
    text = f"统计期间：{_day_words(first)}至{_day_words(last)}"
    if today and first.isoformat() > today:
        return f"{text}，尚未开始"
    return f"{text}，截至今日" if today and last.isoformat() >= today else text


def _day_words(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
