"""Changes in people's words: headings and values as they stand on the forms; pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from manager.columns import Sheet
from manager.sheets import EVERY_SHEET, IN_FULL, PLANS

NOTHING = "（空）"
ACTIVE = "启用"
MORE_HEADINGS = {"photo": "照片", "active": ACTIVE}
SHEET_OF_KIND = {
    "department": "departments",
    "zone": "zones",
    "service": "services",
    "window": "windows",
    "person": "people",
    "device": "devices",
    "special_day": "special_days",
    "matter": "matters",
    "text": "texts",
    "plan": PLANS.field,
}
SHEETS_BY_FIELD = {each.field: each for each in EVERY_SHEET}


def sheet_of_kind(kind: str) -> Sheet:
    """Return the sheet on which things of a kind stand."""
    return SHEETS_BY_FIELD[SHEET_OF_KIND[kind]]


def told(sheet: Sheet, fields: Mapping[str, Sequence[Any]]) -> list[tuple[str, str, str]]:
    """Return each changed field as heading, old and new value in words."""
    headings = {each.field: each.heading for each in sheet.columns} | MORE_HEADINGS
    return [
        (headings.get(name, name), in_words(sheet, name, old), in_words(sheet, name, new))
        for name, (old, new) in fields.items()
    ]


def in_words(sheet: Sheet, name: str, value: Any) -> str:
    """Return a value as people read it; codes of departments and services stay codes."""
    column = next((each for each in sheet.columns if each.field == name), None)
    coded = (column.several or column.choices) if column else ()
    words = {IN_FULL[each]: each for each in coded if each in IN_FULL}
    match value:
        case None | "" | [] | ():
            return NOTHING
        case bool():
            return "是" if value else "否"
        case list() | tuple():
            return "、".join(words.get(each, str(each)) for each in value)
        case str():
            return words.get(value, value)
    return str(value)
