"""How the bulletin says its figures: 1,234 · 96.36% · 9.24; pure."""

from collections.abc import Mapping
from typing import Any

from figures.columns import COLUMN
from reports.facts import Cell

NONE = "—"
# How the bulletin calls some of them.
CALLED = {
    "rated": "主动评价量（有效评价）",
    "rating_rate": "主动评价率",
    "rectified": "差评整改率",
    "in_time": "差评按期整改率",
    "contacted": "实名差评及时联系率",
    "revisited": "实名差评回访率",
    "voided": "作废评价",
    "defaults": "默认评价",
    "average_wait_minutes": "平均等候时长",
    "average_service_minutes": "平均办理时长",
    "wait_over_target": "等候超时率",
    "complaints_on_time": "投诉按时回复率",
}
SHORT = {
    "rated": "有效评价",
    "score_of_ten": "十分制",
    "rectified": "整改率",
    "rating_rate": "评价率",
}


def said(code: str, value: Any) -> str:
    """Return a figure in the bulletin's form: 1,234 · 96.36% · 9.24 · 12.3; — for none."""
    if value is None:
        return NONE
    match COLUMN[code].kind:
        case "rate":
            return NONE if value["percent"] is None else f"{value['percent']:.2f}%"
        case "minutes":
            return f"{value:.1f}"
        case "score":
            return f"{value:.2f}"
    return f"{value:,}"


def of_said(value: Any) -> str:
    """Return what a rate is made of: 53/55; nothing for what is no rate."""
    if not isinstance(value, Mapping):
        return ""
    return f"{value['numerator']:,}/{value['denominator']:,}"


def change_said(base: Mapping[str, Any], code: str) -> str:
    """Return a change against another period as a text, — without a base."""
    change = base["change"].get(code)
    return change["text"].replace(" %", "%") if change else NONE


def name_of(code: str) -> str:
    """Return how a figure is called."""
    name = CALLED.get(code, COLUMN[code].name)
    return f"{name}（分钟）" if COLUMN[code].kind == "minutes" else name


def short_name(code: str) -> str:
    """Return how a figure is called above a narrow column."""
    return SHORT.get(code, name_of(code))


def figure(code: str, row: Mapping[str, Any]) -> Cell:
    """Return a figure as a cell."""
    return Cell(said(code, row[code]), of_said(row[code]))


def word(text: object, *, tight: bool = False, long: bool = False) -> Cell:
    """Return a text as a cell."""
    return Cell(str(text), number=False, tight=tight, long=long)


def month_words(month: str) -> str:
    """Return ``2026年11月``."""
    return f"{int(month[:4])}年{int(month[5:7])}月"


def day_words(day: str) -> str:
    """Return ``2026年11月22日``."""
    return f"{month_words(day[:7])}{int(day[8:10])}日"
