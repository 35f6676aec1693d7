"""What a cell of the hall's workbook says: texts, codes, days, times and words; pure.

A workbook is typed by many hands: full-width digits, a date where a text was meant and any dash are
understood, and what cannot be is said by BadCellError.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any

from hall.matters import KINDS, WAYS
from hall.texts import PLACES

PERSON_WORDS = {
    "窗口人员": "clerk",
    "导办员": "guide",
    "差评承办人": "handler",
    "督查人员": "inspector",
    "分管领导": "leader",
    "管理人员": "manager",
    "系统管理员": "administrator",
    "安全管理员": "security",
    "审计管理员": "audit",
}
DEVICE_WORDS = {
    "取号机": "kiosk",
    "显示屏": "display",
    "窗口终端": "window",
    "评价器": "evaluator",
    "管理终端": "manager",
    "接口程序": "program",
}
MATTER_WORDS = {word: code for code, word in KINDS.items()}
WAY_WORDS = {word: code for code, word in WAYS.items()}
PLACE_WORDS = {place.name: code for code, place in PLACES.items()}
YES_NO_WORDS = {"是": True, "否": False}
ALSO_YES_NO = {"true": True, "false": False, "1": True, "0": False, "y": True, "n": False}
BETWEEN_CODES = re.compile(r"[\s,，、;；|]+")
DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
# Mondays are called 周一 as often as 1, and a time is typed with whatever dash is at hand.
WEEKDAY_WORDS = str.maketrans("一二三四五六日天", "12345677", "周星期、,;和 ")
DASHES = str.maketrans("–—~至", "----", " ")
# Office writes characters that XML cannot hold, such as a carriage return, as _x000D_.
ESCAPED = re.compile(r"_x00[01][0-9A-Fa-f]_")

Value = Any  # what a cell holds: None, str, int, float, bool or one of the datetime types


class BadCellError(ValueError):
    """What is wrong with a cell, as a Chinese sentence."""


def as_text(value: Value) -> str:
    """Return a cell as trimmed text; a whole number is read as its digits (1001, not 1001.0)."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, (datetime, date, time)):
        raise BadCellError("被当成了日期或时间。请把单元格格式改为“文本”后重新填写。")
    if isinstance(value, float):
        if not value.is_integer():
            raise BadCellError(f"“{value}”带小数，请填写文字或整数。")
        value = int(value)
    shown = ESCAPED.sub(" ", str(value))
    return "".join(" " if unicodedata.category(each) == "Cc" else each for each in shown).strip()


def as_code(value: Value) -> str:
    """Return a code; full-width letters and digits become plain ones."""
    return unicodedata.normalize("NFKC", as_text(value)).strip()


def as_day(value: Value) -> str:
    """Return a day as YYYY-MM-DD; a cell that Excel took for a date is one."""
    if isinstance(value, datetime | date):
        return value.strftime("%Y-%m-%d")
    text = as_code(value)
    if not (found := DAY.fullmatch(text)):
        raise BadCellError(f"“{text}”不是日期，须写作 2026-10-01。")
    year, month, day = found.groups()
    return f"{year}-{month:0>2}-{day:0>2}"


def as_weekdays(value: Value) -> str:
    """Return weekdays as digits, 1 is Monday; 周一、周三 is understood too."""
    return as_code(value).translate(WEEKDAY_WORDS)


def as_hours(value: Value) -> str:
    """Return times of day such as 09:00-12:00,13:30-17:00, whatever dashes and commas were used."""
    spans = re.sub(r"\b(\d):", r"0\1:", as_code(value).translate(DASHES))
    return ",".join(filter(None, re.split(r"[,;、；]", spans)))


def as_prefix(value: Value) -> str:
    """Return a number's prefix in capitals."""
    return as_code(value).upper()


def as_whole(value: Value) -> int:
    """Return a whole number, also when it was typed as text or in full-width digits."""
    text = as_code(value)
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        raise BadCellError(f"“{text}”不是整数。")
    return int(text)


def as_whole_or_none(value: Value) -> int | None:
    """Return a whole number, or None for an empty cell."""
    return None if as_text(value) == "" else as_whole(value)


def as_code_or_none(value: Value) -> str | None:
    """Return a code, or None for an empty cell."""
    return as_code(value) or None


def as_yes_no(value: Value) -> bool:
    """Return 是 or 否 as a bool; true/false, 1/0 and y/n are understood too."""
    text = as_code(value).lower()
    if text in YES_NO_WORDS:
        return YES_NO_WORDS[text]
    if text in ALSO_YES_NO:
        return ALSO_YES_NO[text]
    raise BadCellError(f"“{text}”须为“是”或“否”。")


def as_codes(value: Value) -> tuple[str, ...]:
    """Return the codes of a cell in their order; commas, 、, ; and spaces stand between them."""
    return tuple(each for each in BETWEEN_CODES.split(as_code(value)) if each)


def word_of(words: Mapping[str, str]) -> Callable[[Value], str]:
    """Return a reader of one of a few words, which takes the program's code as well."""

    def as_word(value: Value) -> str:
        text = as_code(value)
        if text in words:
            return words[text]
        if text.lower() in words.values():
            return text.lower()
        raise BadCellError(f"“{text}”须为以下之一：{'、'.join(words)}。")

    return as_word


def as_ways(value: Value) -> tuple[str, ...]:
    """Return the ways of applying that a cell names in words or codes."""
    said = [each for each in BETWEEN_CODES.split(as_code(value)) if each]
    for each in said:
        if each not in WAY_WORDS and each not in WAYS:
            raise BadCellError(f"“{each}”不是办理形式，可写：{'、'.join(WAY_WORDS)}。")
    return tuple(WAY_WORDS.get(each, each) for each in said)
