"""The hall's workbook as tables: which column of which sheet is which field; pure.

One list a sheet says heading, field, kind, whether it must be there, and what it is good for;
reading, writing and the 说明 sheet all follow it, so that they cannot come apart.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from datetime import date, datetime, time
from typing import Any

from hall import catalogue_rules as rules
from hall.catalogue import (
    Catalogue,
    Department,
    Device,
    HallText,
    Matter,
    Person,
    Problem,
    Service,
    SpecialDay,
    Window,
    Zone,
)
from hall.matters import KINDS, WAYS
from hall.texts import PLACES
from manager.plans import PlanRow

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
CATEGORIES = ("综合", "专业", "单一")
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


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, its field, how a cell is read, and what to write into it."""

    heading: str
    field: str
    read: Callable[[Value], object]
    meaning: str
    width: int = 12
    required: bool = False
    choices: tuple[str, ...] | str = ()  # words, or the name of the sheet whose codes may be chosen
    refers: str = ""  # the sheet whose names may stand for codes
    several: tuple[str, ...] = ()  # words of which a cell may hold more than one
    suggests: tuple[str, ...] = ()  # words that may be written, or others

    @property
    def is_number(self) -> bool:
        """Whether it holds whole numbers."""
        return self.read in (as_whole, as_whole_or_none)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its title, the catalogue's tuple it holds, the class of a row, its columns."""

    title: str
    field: str
    row: type
    columns: tuple[Column, ...]
    # an older workbook without this sheet is read all the same, and says nothing about its rows
    may_be_missing: bool = False

    @property
    def defaults(self) -> dict[str, object]:
        """What a field holds when its cell is empty; a required field has none."""
        return {each.name: each.default for each in fields(self.row) if each.default is not MISSING}

    def heading_of(self, field: str) -> str:
        """Return the heading over a field."""
        return next(each.heading for each in self.columns if each.field == field)


def _yes_no(heading: str, field: str, meaning: str) -> Column:
    return Column(heading, field, as_yes_no, meaning, 8, choices=tuple(YES_NO_WORDS))


SORT = Column("顺序", "sort", as_whole, "页面上的先后，小的在前；留空则按行的先后。", 8)
ACTIVE = _yes_no("启用", "active", "“否”表示停用但保留历史；留空为“是”。")
NAME_EN = Column("英文名称", "name_en", as_text, "取号机英文界面显示的名称。", 44)


def _code(meaning: str) -> Column:
    return Column("代码", "code", as_code, meaning, 14, required=True)


SHEETS = (
    Sheet(
        "部门",
        "departments",
        Department,
        (
            _code("部门的唯一代码：字母、数字、点、横线。"),
            Column("名称", "name", as_text, "部门全称。", 34, required=True),
            NAME_EN,
            SORT,
        ),
    ),
    Sheet(
        "楼层分区",
        "zones",
        Zone,
        (
            _code("分区的唯一代码，如 1F-A。同一分区的显示屏内容相同。"),
            Column("名称", "name", as_text, "分区名称，如 一楼A区。", 20, required=True),
            NAME_EN,
            SORT,
        ),
    ),
    Sheet(
        "业务",
        "services",
        Service,
        (
            _code("业务的唯一代码。"),
            Column("名称", "name", as_text, "取号机和显示屏上的名称。", 34, required=True),
            NAME_EN,
            Column(
                "号码前缀",
                "prefix",
                as_prefix,
                "一个或两个大写字母；同一前缀的业务共用当天的流水号。",
                10,
                required=True,
            ),
            Column(
                "部门",
                "department",
                as_code,
                "办理部门的代码（也可写全称）。",
                14,
                required=True,
                choices="部门",
                refers="departments",
            ),
            _yes_no("常办", "common", "“是”则出现在取号机首页“常办”；留空为“否”。"),
            ACTIVE,
            SORT,
            Column("等候目标分钟", "target_minutes", as_whole, "等候超过它算超时，默认 30。", 14),
            Column("通常办理分钟", "usual_minutes", as_whole, "一次办理通常多久，默认 8。", 14),
            Column(
                "办理星期",
                "open_weekdays",
                as_weekdays,
                "只在星期几办理，写数字，周一是 1，如 135；留空随大厅。",
                10,
            ),
            Column(
                "办理时间",
                "open_hours",
                as_hours,
                "只在什么时间办理，如 09:00-11:30；几段之间用逗号隔开；留空随大厅。",
                24,
            ),
            Column("上午限号", "quota_morning", as_whole, "上午最多几个号，0 为不限。", 10),
            Column("下午限号", "quota_afternoon", as_whole, "下午最多几个号，0 为不限。", 10),
        ),
    ),
    Sheet(
        "窗口",
        "windows",
        Window,
        (
            Column("窗口号", "no", as_whole, "窗口上方的号码，1 到 999。", 8, required=True),
            Column("名称", "name", as_text, "窗口名称，如 综合窗口；可以留空。", 24),
            Column(
                "楼层分区",
                "zone",
                as_code,
                "所在分区的代码（也可写名称）。",
                12,
                required=True,
                choices="楼层分区",
                refers="zones",
            ),
            Column(
                "部门",
                "department",
                as_code,
                "派驻部门的代码（也可写全称）。",
                14,
                required=True,
                choices="部门",
                refers="departments",
            ),
            Column(
                "业务",
                "services",
                as_codes,
                "办理的业务代码（也可写名称），优先的写在前，用逗号或空格隔开。",
                70,
                refers="services",
            ),
            Column(
                "协办业务",
                "helping",
                as_codes,
                "上列业务中只协助办理的：其他业务没有人等候时才叫；可以留空。",
                40,
                refers="services",
            ),
            ACTIVE,
            Column(
                "类别",
                "category",
                as_text,
                "评比时只与同一类别的窗口比较，如 综合、专业、单一；也可以写别的，留空则不分类。",
                10,
                suggests=CATEGORIES,
            ),
        ),
    ),
    Sheet(
        "人员",
        "people",
        Person,
        (
            Column("工号", "staff_number", as_code, "登录用的工号。", 10, required=True),
            Column("姓名", "name", as_text, "姓名。", 22, required=True),
            Column(
                "角色",
                "role",
                word_of(PERSON_WORDS),
                "窗口人员、导办员（咨询台）、管理人员等；管理员有系统、安全、审计三种。",
                12,
                required=True,
                choices=tuple(PERSON_WORDS),
            ),
            Column("职务", "post", as_text, "评价器上显示的岗位。", 16),
            Column(
                "部门",
                "department",
                as_code_or_none,
                "所属部门的代码（也可写全称），可以留空。",
                14,
                choices="部门",
                refers="departments",
            ),
            Column("窗口号", "window", as_whole_or_none, "平时值守的窗口，可以留空。", 8),
            ACTIVE,
            Column(
                "手机", "phone", as_text, "工作人员的手机号码，只用来找出异常评价，可以留空。", 14
            ),
        ),
    ),
    Sheet(
        "设备",
        "devices",
        Device,
        (
            Column("编号", "id", as_whole_or_none, "系统给出的编号；新设备留空。", 8),
            Column(
                "类型",
                "role",
                word_of(DEVICE_WORDS),
                "、".join(DEVICE_WORDS) + "之一。",
                12,
                required=True,
                choices=tuple(DEVICE_WORDS),
            ),
            Column("名称", "name", as_text, "设备名称，如 一楼1号取号机。", 26, required=True),
            Column("窗口号", "window", as_whole_or_none, "窗口终端和评价器所在的窗口。", 8),
            Column(
                "楼层分区",
                "zone",
                as_code_or_none,
                "显示屏、取号机所在的分区（代码或名称）。",
                12,
                choices="楼层分区",
                refers="zones",
            ),
            Column(
                "打印机",
                "printer",
                as_text,
                "取号机的网络打印机，如 tcp://192.168.1.50:9100?paper=80；没有则留空。",
                40,
            ),
            ACTIVE,
        ),
    ),
    Sheet(
        "特殊日期",
        "special_days",
        SpecialDay,
        (
            Column("日期", "day", as_day, "哪一天，如 2026-10-01。", 14, required=True),
            replace(
                _yes_no("开放", "open", "“是”为这天开放，“否”为这天休息；留空为“否”。"), width=10
            ),
            Column(
                "办理时间",
                "hours",
                as_hours,
                "这天的时间，如 09:00-12:00；留空随大厅平常的时间。",
                24,
            ),
            Column("说明", "note", as_text, "群众看到的原因，如 调休上班、系统升级。", 30),
        ),
        may_be_missing=True,
    ),
    Sheet(
        "事项",
        "matters",
        Matter,
        (
            _code("事项的唯一编码，如实施清单上的编码。"),
            Column("名称", "name", as_text, "事项全称。", 44, required=True),
            Column(
                "业务",
                "service",
                as_code,
                "在哪项业务取号办理：业务代码（也可写名称）。",
                16,
                required=True,
                choices="业务",
                refers="services",
            ),
            Column(
                "办理类型",
                "kind",
                word_of(MATTER_WORDS),
                "即办件（当场办结）或承诺件。",
                10,
                required=True,
                choices=tuple(MATTER_WORDS),
            ),
            Column(
                "承诺工作日",
                "promised_days",
                as_whole,
                "承诺办结的工作日数；即办件写 0 或留空。",
                12,
            ),
            Column(
                "法定工作日",
                "statutory_days",
                as_whole,
                "法定办结的工作日数；没有规定则写 0 或留空。",
                12,
            ),
            Column(
                "办理形式",
                "ways",
                as_ways,
                "、".join(WAY_WORDS) + "，可写几个，用逗号隔开；留空为窗口办理。",
                34,
                several=tuple(WAY_WORDS),
            ),
            ACTIVE,
            SORT,
        ),
        may_be_missing=True,
    ),
    Sheet(
        "文字",
        "texts",
        HallText,
        (
            Column(
                "位置",
                "place",
                word_of(PLACE_WORDS),
                "；".join(
                    f"{each.name}：{each.about}最多 {each.most} 个字" for each in PLACES.values()
                )
                + "。",
                18,
                required=True,
                choices=tuple(PLACE_WORDS),
            ),
            Column(
                "楼层分区",
                "zone",
                as_code,
                "只有大屏提示可以分区写；留空为整个大厅。",
                12,
                choices="楼层分区",
                refers="zones",
            ),
            Column(
                "文字",
                "text",
                as_text,
                "显示的文字。没有写到的位置用系统通常的文字。",
                44,
                required=True,
            ),
            Column("英文", "text_en", as_text, "英文界面显示的文字，可以留空。", 44),
        ),
        may_be_missing=True,
    ),
)

# The appointments' own: no part of the catalogue, and in its workbook all the same.
PLANS = Sheet(
    "预约放号",
    "plans",
    PlanRow,
    (
        Column(
            "业务",
            "service",
            as_code,
            "放号的业务代码（也可写名称）。",
            16,
            required=True,
            choices="业务",
            refers="services",
        ),
        Column(
            "星期",
            "weekdays",
            as_weekdays,
            "每逢星期几这样放号，写数字，周一是 1，如 12345；写了日期则留空。",
            10,
        ),
        Column("日期", "day", as_day, "只有这一天这样放号，代替当天的星期计划。", 14),
        Column("每段分钟", "slot_minutes", as_whole, "一个时段多长，5 到 480。", 10, required=True),
        Column("每段人数", "quota", as_whole, "一个时段几个人，0 为不放号。", 10, required=True),
    ),
    may_be_missing=True,
)
EVERY_SHEET = (*SHEETS, PLANS)
# What tells the rows of a sheet from one another.
KEYS = {
    "departments": "code",
    "zones": "code",
    "services": "code",
    "windows": "no",
    "people": "staff_number",
    "devices": "id",
    "special_days": "day",
    "matters": "code",
    "texts": "key",
}

IN_FULL = {**PERSON_WORDS, **DEVICE_WORDS, **MATTER_WORDS, **WAY_WORDS, **PLACE_WORDS}


def problems(catalogue: Catalogue) -> list[Problem]:
    """Return what is wrong with a workbook's hall, strictly: retired rows must be right as well.

    In the hall itself a retired window may name a department that has left; read from a workbook
    such a row could not be stored in a hall that never had that department.
    """
    services = tuple(replace(each, active=True) for each in catalogue.services)
    windows = tuple(replace(each, active=True) for each in catalogue.windows)
    found = rules.problems(replace(catalogue, services=services, windows=windows))
    ids = [each.id for each in catalogue.devices]
    found += [
        Problem("devices", row, "id", f"编号 {each} 重复；新设备请留空。")
        for row, each in enumerate(ids)
        if each is not None and each in ids[:row]
    ]
    return found
