"""One thing of the hall as a form: its fields, what was typed, and what is wrong with it; pure.

The fields follow the same list of columns as the workbook, so a column that is added there is on
the form too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from hall.catalogue import Catalogue, Window
from hall.catalogue_rules import problems
from hall.changes import name_of
from manager.cells import BadCellError, as_codes, as_day
from manager.columns import Column, Sheet
from manager.sheets import IN_FULL, KEYS, SHEETS

SHEET_OF = {each.field: each for each in SHEETS}
KINDS = {
    "departments": "department",
    "zones": "zone",
    "services": "service",
    "windows": "window",
    "people": "person",
    "devices": "device",
    "special_days": "special_day",
    "matters": "matter",
}
ABOUT = {
    "departments": "派人进驻大厅的单位。",
    "zones": "共用显示屏和叫号声音的一层或一片。",
    "services": "群众来办的事，取号机按它给号。",
    "matters": "业务下的一件件事：办理类型、承诺和法定的时限、办理形式。",
    "windows": "窗口人员在哪里办、办哪些业务。",
    "people": "在大厅登录的每一个人，和他们能做的事。",
    "special_days": "与平常不同的日子：休息，或换了时间开放。",
}
# Where the workbook speaks of cells, the form speaks of choices.
_HINTS = {
    ("services", "department"): "由哪个部门办理。",
    ("services", "common"): "出现在取号机首页“常办”里。",
    ("services", "target_minutes"): "等候超过它算超时。",
    ("services", "usual_minutes"): "估算等候时间用，办得多了以实际为准。",
    ("windows", "zone"): "叫号显示在这个分区的屏上。",
    ("windows", "department"): "统计时算在哪个部门。",
    ("windows", "name"): "如 综合窗口；留空则显示“3号窗口”。",
    ("windows", "category"): "评比时只与同一类别的窗口比较；可以写别的，留空则不分类。",
    ("matters", "service"): "在哪项业务取号办理。",
    ("matters", "promised_days"): "承诺件须写明；即办件当场办结，写 0。",
    ("matters", "statutory_days"): "法律法规规定的时限；没有规定写 0。",
    ("matters", "ways"): "可以选几种。",
    ("people", "department"): "可以不选。",
    ("people", "window"): "平时值守的窗口，可以不选。",
    ("people", "role"): (
        "管理人员看统计、管设备；系统管理员还管导入；安全管理员只管人员和密码；"
        "审计管理员只看审计记录。"
    ),
    ("special_days", "open"): "不勾选为这天休息。",
    ("devices", "role"): "决定它能打开哪些页面。",
    ("devices", "window"): "窗口终端和评价器必须选。",
    ("devices", "zone"): "显示屏、取号机所在的分区。",
    ("devices", "printer"): "如 tcp://192.168.1.50:9100?paper=80；没有打印机则留空。",
    ("*", "sort"): "页面上的先后，小的在前。",
}
# Not on the form: retiring is an act of its own, the number of a device is the hall's to give,
# and a photograph is a file.
_NOT_ON_FORMS = {"active", "id", "photo"}

Given = Mapping[str, Sequence[str]]
Kind = Literal[
    "text", "number", "date", "choice", "check", "ordered", "marks", "several", "suggested"
]


@dataclass(frozen=True, slots=True)
class Field:
    """What a page needs to show one field."""

    name: str
    label: str
    kind: Kind
    hint: str
    required: bool
    value: str
    values: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    fixed: bool = False

    @property
    def words(self) -> dict[str, str]:
        """Return what stands for each value that may be chosen."""
        return dict(self.options)


def columns_on_form(sheet: Sheet) -> list[Column]:
    """Return the columns of a sheet that a person fills in."""
    return [each for each in sheet.columns if each.field not in _NOT_ON_FORMS]


def form(sheet: Sheet, catalogue: Catalogue, given: Given, *, new: bool) -> list[Field]:
    """Return the fields of a form with what is given in them; the key of a known thing is fixed."""
    return [
        _field(sheet, column, catalogue, given, fixed=not new and column.field == KEYS[sheet.field])
        for column in columns_on_form(sheet)
    ]


def _field(
    sheet: Sheet, column: Column, catalogue: Catalogue, given: Given, *, fixed: bool
) -> Field:
    values = tuple(given.get(column.field, ()))
    hint = _HINTS.get((sheet.field, column.field)) or _HINTS.get(("*", column.field))
    return Field(
        name=column.field,
        label=column.heading,
        kind=_kind(column),
        hint=hint or ("" if column.meaning == f"{column.heading}。" else column.meaning),
        required=column.required,
        value=values[0] if values else "",
        values=values,
        options=_options(column, catalogue),
        fixed=fixed,
    )


def _kind(column: Column) -> Kind:
    if column.choices == ("是", "否"):
        return "check"
    if column.field == "helping":
        return "marks"
    if column.read is as_codes:
        return "ordered"
    if column.several:
        return "several"
    if column.suggests:
        return "suggested"
    if column.choices or column.field == "window":
        return "choice"
    if column.read is as_day:
        return "date"
    return "number" if column.is_number else "text"


def _options(column: Column, catalogue: Catalogue) -> tuple[tuple[str, str], ...]:
    if column.field == "window":
        return tuple((str(each.no), window_word(each)) for each in catalogue.windows if each.active)
    if column.refers:
        return tuple(
            (each.code, f"{each.name}（{each.code}）")
            for each in getattr(catalogue, column.refers)
            if getattr(each, "active", True)
        )
    if column.suggests:
        known = {each.category for each in catalogue.windows if each.category}
        return tuple((word, word) for word in dict.fromkeys((*column.suggests, *sorted(known))))
    words = column.several or column.choices
    return tuple((IN_FULL[word], word) for word in words if word in IN_FULL)


def window_word(window: Window) -> str:
    """Return a window as people speak of it: 3号 综合窗口."""
    return window.numbered_name


def shown(sheet: Sheet, item: Any) -> dict[str, list[str]]:
    """Return a thing as the texts of its form."""
    return {column.field: _texts(getattr(item, column.field)) for column in sheet.columns}


def empty(sheet: Sheet) -> dict[str, list[str]]:
    """Return the texts of a form for a new thing."""
    return {name: _texts(value) for name, value in sheet.defaults.items()}


def _texts(value: object) -> list[str]:
    match value:
        case None:
            return [""]
        case bool():
            return ["是" if value else "否"]
        case tuple():
            return [str(each) for each in value]
        case _:
            return [str(value)]


def read(
    sheet: Sheet, catalogue: Catalogue, given: Given, old: Any = None
) -> tuple[Any, dict[str, str]]:
    """Return the thing that was typed, and what is wrong by field; with errors, no thing.

    What is not on the form stays as it is in ``old``.
    """
    values, errors = _typed(sheet, given, old)
    item = sheet.row(**values) if old is None else replace(old, **values)
    # the rules are asked even when a field could not be read: all that is wrong is said at once
    errors = _broken_rules(sheet, catalogue, item, new=old is None) | errors
    in_order = [each.field for each in sheet.columns]
    errors = dict(sorted(errors.items(), key=lambda each: in_order.index(each[0])))
    return (None if errors else item), errors


def _typed(sheet: Sheet, given: Given, old: Any) -> tuple[dict[str, object], dict[str, str]]:
    values: dict[str, object] = {} if old is not None else _needed(sheet)
    errors: dict[str, str] = {}
    for column in columns_on_form(sheet):
        if old is not None and column.field == KEYS[sheet.field]:
            continue
        text = " ".join(given.get(column.field, ()))
        if not text.strip() and _kind(column) == "check":
            text = "否"
        try:
            values[column.field] = _value(sheet, column, text)
        except BadCellError as trouble:
            errors[column.field] = str(trouble)
    return values, errors


def _needed(sheet: Sheet) -> dict[str, object]:
    defaults = sheet.defaults
    unread = {"no": 0, "day": "2000-01-01"}
    return {
        each.name: defaults.get(each.name, unread.get(each.name, "")) for each in fields(sheet.row)
    }


def _value(sheet: Sheet, column: Column, text: str) -> object:
    if text.strip():
        return column.read(text)
    if column.required:
        word = "选择" if _kind(column) == "choice" else "填写"
        raise BadCellError(f"请{word}{column.heading}。")
    return sheet.defaults[column.field] if column.field in sheet.defaults else column.read("")


def _broken_rules(sheet: Sheet, catalogue: Catalogue, item: Any, *, new: bool) -> dict[str, str]:
    name = KEYS[sheet.field]
    key = getattr(item, name)
    rows = list(getattr(catalogue, sheet.field))
    places = [at for at, each in enumerate(rows) if key is not None and getattr(each, name) == key]
    if new and places:
        heading = sheet.heading_of(name)
        return {name: f"{heading}“{key}”已经有了（{name_of(rows[places[0]])}），请换一个。"}
    at = places[0] if places else len(rows)
    rows[at : at + 1] = [item]
    changed = replace(catalogue, **{sheet.field: tuple(rows)})
    found = [each for each in problems(changed) if (each.sheet, each.row) == (sheet.field, at)]
    return {each.column: each.message for each in found}
