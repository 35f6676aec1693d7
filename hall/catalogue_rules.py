"""Everything that can be wrong with what a hall consists of, told by row and column; pure."""

import re
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from typing import Any

from hall.catalogue import DEVICE_ROLES, PERSON_ROLES, Catalogue, Matter, Problem, Window
from hall.days import wall_spans
from hall.matters import KINDS, MOST_DAYS, PROMISED, WAYS
from hall.texts import PLACES

PHONE = re.compile(r"1[0-9]{10}")
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")
PREFIX = re.compile(r"[A-Z]{1,2}")
HIGHEST_WINDOW = 999
HIGHEST_QUOTA = 9999
WEEKDAYS = re.compile(r"[1-7]{0,7}")
# How many characters fit where the text is shown; an address of a printer may be long.
LONGEST = {
    "name_en": 120,
    "post": 40,
    "printer": 200,
    "category": 20,
    "note": 40,
}
SUGGESTED_MOST = 3
# Half of its letters in common has any code with many others: nonesuch is no yongshui.
ALIKE = 0.6


def problems(catalogue: Catalogue) -> list[Problem]:
    """Return everything that is wrong with a catalogue, all at once."""
    return [
        *_twice("departments", "code", [each.code for each in catalogue.departments]),
        *_twice("zones", "code", [each.code for each in catalogue.zones]),
        *_twice("services", "code", [each.code for each in catalogue.services]),
        *_twice("windows", "no", [each.no for each in catalogue.windows]),
        *_twice("people", "staff_number", [each.staff_number for each in catalogue.people]),
        *_in_departments(catalogue),
        *_in_zones(catalogue),
        *_in_services(catalogue),
        *_in_windows(catalogue),
        *_in_people(catalogue),
        *_in_devices(catalogue),
        *_twice("special_days", "day", [each.day for each in catalogue.special_days]),
        *_in_special_days(catalogue),
        *_twice("matters", "code", [each.code for each in catalogue.matters]),
        *_in_matters(catalogue),
        *_in_texts(catalogue),
    ]


def _twice(sheet: str, column: str, keys: Sequence[Hashable]) -> Iterator[Problem]:
    often = {key for key, count in Counter(keys).items() if count > 1}
    for row, key in enumerate(keys):
        if key in often and key in keys[:row]:
            yield Problem(sheet, row, column, f"“{key}”重复，每个编码只能出现一次。")


def _bad_text(sheet: str, row: int, column: str, text: str, most: int) -> Iterator[Problem]:
    if not text.strip():
        yield Problem(sheet, row, column, "不能为空。")
    elif len(text) > most:
        yield Problem(sheet, row, column, f"最多 {most} 个字，现有 {len(text)} 个。")


def _bad_code(sheet: str, row: int, column: str, code: str) -> Iterator[Problem]:
    if not CODE.fullmatch(code):
        yield Problem(
            sheet, row, column, f"“{code}”不是编码：用字母、数字、点、横线，最多 40 个字符。"
        )


def _too_long(sheet: str, row: int, each: Any) -> Iterator[Problem]:
    for column, most in LONGEST.items():
        text = getattr(each, column, "")
        if len(text) > most:
            message = f"最多 {most} 个字，现有 {len(text)} 个。"
            yield Problem(sheet, row, column, message)


def _unknown(what: str, key: str, names: Mapping[str, str]) -> str:
    """Return that nothing is called so, and what may have been meant."""
    likely = get_close_matches(key, [*names, *names.values()], SUGGESTED_MOST, ALIKE)
    codes = dict.fromkeys(
        code for each in likely for code, name in names.items() if each in (code, name)
    )
    meant = "、".join(f"{code}（{names[code]}）" for code in codes)
    told = f"可能是：{meant}。" if meant else f"请写已有的{what}的代码或名称。"
    return f"没有{what}“{key}”。{told}"


def _no_department(catalogue: Catalogue, code: str) -> str:
    return _unknown("部门", code, {each.code: each.name for each in catalogue.departments})


def _no_zone(catalogue: Catalogue, code: str) -> str:
    return _unknown("分区", code, {each.code: each.name for each in catalogue.zones})


def _no_service(catalogue: Catalogue, code: str) -> str:
    return _unknown("业务", code, {each.code: each.name for each in catalogue.services})


def _in_departments(catalogue: Catalogue) -> Iterator[Problem]:
    for row, each in enumerate(catalogue.departments):
        yield from _bad_code("departments", row, "code", each.code)
        yield from _bad_text("departments", row, "name", each.name, 60)
        yield from _too_long("departments", row, each)


def _in_zones(catalogue: Catalogue) -> Iterator[Problem]:
    for row, each in enumerate(catalogue.zones):
        yield from _bad_code("zones", row, "code", each.code)
        yield from _bad_text("zones", row, "name", each.name, 40)
        yield from _too_long("zones", row, each)


def _in_services(catalogue: Catalogue) -> Iterator[Problem]:
    for row, each in enumerate(catalogue.services):
        yield from _bad_code("services", row, "code", each.code)
        yield from _bad_text("services", row, "name", each.name, 60)
        yield from _too_long("services", row, each)
        if not PREFIX.fullmatch(each.prefix):
            yield Problem("services", row, "prefix", "号码前缀须为一个或两个大写字母。")
        if each.active and each.department not in catalogue.department:
            yield Problem("services", row, "department", _no_department(catalogue, each.department))
        for column in ("target_minutes", "usual_minutes"):
            if not 1 <= getattr(each, column) <= 600:
                yield Problem("services", row, column, "分钟数须在 1 到 600 之间。")
        for column in ("quota_morning", "quota_afternoon"):
            if not 0 <= getattr(each, column) <= HIGHEST_QUOTA:
                yield Problem("services", row, column, f"限号须在 0 到 {HIGHEST_QUOTA} 之间。")
        if not WEEKDAYS.fullmatch(each.open_weekdays):
            yield Problem("services", row, "open_weekdays", "写星期几的数字，如 135；周一是 1。")
        yield from _bad_hours("services", row, "open_hours", each.open_hours)


def _bad_hours(sheet: str, row: int, column: str, text: str) -> Iterator[Problem]:
    try:
        wall_spans(text)
    except ValueError:
        yield Problem(sheet, row, column, "时间须写作 08:30-12:00,13:30-17:00 的样子。")


def _in_windows(catalogue: Catalogue) -> Iterator[Problem]:
    for row, each in enumerate(catalogue.windows):
        if not 1 <= each.no <= HIGHEST_WINDOW:
            yield Problem("windows", row, "no", f"窗口号须在 1 到 {HIGHEST_WINDOW} 之间。")
        if len(each.name) > 40:
            yield Problem("windows", row, "name", f"最多 40 个字，现有 {len(each.name)} 个。")
        yield from _too_long("windows", row, each)
        if each.active and each.zone not in catalogue.zone:
            yield Problem("windows", row, "zone", _no_zone(catalogue, each.zone))
        if each.active and each.department not in catalogue.department:
            yield Problem("windows", row, "department", _no_department(catalogue, each.department))
        yield from _bad_services(catalogue, row, each)


def _bad_services(catalogue: Catalogue, row: int, each: Window) -> Iterator[Problem]:
    for code in each.services:
        if code not in catalogue.service:
            yield Problem("windows", row, "services", _no_service(catalogue, code))
    if len(set(each.services)) < len(each.services):
        yield Problem("windows", row, "services", "同一业务写了两次。")
    for code in each.helping:
        if code not in each.services:
            yield Problem("windows", row, "helping", f"协办的“{code}”须同时列在业务里。")


def _in_people(catalogue: Catalogue) -> Iterator[Problem]:
    for row, each in enumerate(catalogue.people):
        yield from _bad_code("people", row, "staff_number", each.staff_number)
        yield from _bad_text("people", row, "name", each.name, 40)
        yield from _too_long("people", row, each)
        if each.role not in PERSON_ROLES:
            yield Problem("people", row, "role", f"角色须为 {'、'.join(PERSON_ROLES)} 之一。")
        if each.department is not None and each.department not in catalogue.department:
            yield Problem("people", row, "department", _no_department(catalogue, each.department))
        if each.window is not None and each.window not in catalogue.window:
            yield Problem("people", row, "window", f"没有 {each.window} 号窗口。")
        if each.phone and not PHONE.fullmatch(each.phone):
            yield Problem("people", row, "phone", "手机号码须为 11 位数字。")


def _in_devices(catalogue: Catalogue) -> Iterator[Problem]:
    for row, each in enumerate(catalogue.devices):
        yield from _bad_text("devices", row, "name", each.name, 60)
        yield from _too_long("devices", row, each)
        if each.role not in DEVICE_ROLES:
            yield Problem("devices", row, "role", f"角色须为 {'、'.join(DEVICE_ROLES)} 之一。")
        if each.window is not None and each.window not in catalogue.window:
            yield Problem("devices", row, "window", f"没有 {each.window} 号窗口。")
        if each.role == "evaluator" and each.window is None:
            yield Problem("devices", row, "window", "评价器只评价自己的窗口，须写明窗口号。")
        if each.zone is not None and each.zone not in catalogue.zone:
            yield Problem("devices", row, "zone", _no_zone(catalogue, each.zone))


def _in_special_days(catalogue: Catalogue) -> Iterator[Problem]:
    for row, each in enumerate(catalogue.special_days):
        try:
            date.fromisoformat(each.day)
        except ValueError:
            yield Problem("special_days", row, "day", f"“{each.day}”不是日期，须写作 2026-10-01。")
        yield from _bad_hours("special_days", row, "hours", each.hours)
        yield from _too_long("special_days", row, each)


def _in_matters(catalogue: Catalogue) -> Iterator[Problem]:
    for row, each in enumerate(catalogue.matters):
        yield from _bad_code("matters", row, "code", each.code)
        yield from _bad_text("matters", row, "name", each.name, 100)
        if each.active and each.service not in catalogue.service:
            yield Problem("matters", row, "service", _no_service(catalogue, each.service))
        if each.kind not in KINDS:
            message = f"办理类型须为 {'、'.join(KINDS.values())} 之一。"
            yield Problem("matters", row, "kind", message)
        yield from _bad_ways(row, each)
        yield from _bad_days(row, each)


def _bad_ways(row: int, each: Matter) -> Iterator[Problem]:
    if unknown := [way for way in each.ways if way not in WAYS]:
        message = f"没有办理形式“{unknown[0]}”，可写：{'、'.join(WAYS.values())}。"
        yield Problem("matters", row, "ways", message)
    if len(set(each.ways)) < len(each.ways):
        yield Problem("matters", row, "ways", "同一办理形式写了两次。")


def _bad_days(row: int, each: Matter) -> Iterator[Problem]:
    for column in ("promised_days", "statutory_days"):
        if not 0 <= getattr(each, column) <= MOST_DAYS:
            yield Problem("matters", row, column, f"工作日数须在 0 到 {MOST_DAYS} 之间。")
            return
    if each.kind == PROMISED and each.promised_days == 0:
        yield Problem("matters", row, "promised_days", "承诺件须写明承诺办结的工作日数。")
    elif each.kind in KINDS and each.kind != PROMISED and each.promised_days:
        yield Problem("matters", row, "promised_days", "即办件当场办结，承诺工作日须为 0。")
    elif each.statutory_days and each.promised_days > each.statutory_days:
        message = f"不能超过法定的 {each.statutory_days} 个工作日。"
        yield Problem("matters", row, "promised_days", message)


def _in_texts(catalogue: Catalogue) -> Iterator[Problem]:
    keys = [each.key for each in catalogue.texts]
    for row, each in enumerate(catalogue.texts):
        place = PLACES.get(each.place)
        if place is None:
            names = "、".join(found.name for found in PLACES.values())
            yield Problem("texts", row, "place", f"没有位置“{each.place}”，可写：{names}。")
            continue
        if each.key in keys[:row]:
            yield Problem("texts", row, "place", f"“{place.name}”在同一分区写了两次。")
        if each.text_en and not each.text:
            yield Problem("texts", row, "text", "只有英文，请先写中文。")
        if len(each.text) > place.most:
            message = f"最多 {place.most} 个字，现有 {len(each.text)} 个。"
            yield Problem("texts", row, "text", message)
        if len(each.text_en) > place.most_en:
            told = f"最多 {place.most_en} 个字符，现有 {len(each.text_en)} 个。"
            message = told if place.most_en else f"“{place.name}”只有中文。"
            yield Problem("texts", row, "text_en", message)
        if each.zone and not place.by_zone:
            yield Problem("texts", row, "zone", f"“{place.name}”不分楼层分区，请留空。")
        elif each.zone and each.zone not in catalogue.zone:
            yield Problem("texts", row, "zone", _no_zone(catalogue, each.zone))
