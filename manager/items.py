"""Departments, zones, services, windows and people: lists, forms, retiring instead of deleting."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from hall.catalogue import Person
from hall.changes import name_of
from hall.refusals import NotAllowed, NotFound
from hall.register import BadCatalogue
from manager.forms import (
    ABOUT,
    KINDS,
    LAST_ADMINISTRATOR,
    SHEET_OF,
    columns_on_form,
    empty,
    form,
    is_last_administrator,
    read,
    shown,
)
from manager.history import history_of
from manager.kinds import kinds
from manager.sheets import KEYS, PERSON_WORDS, Sheet
from manager.telling import in_words
from manager.who import by, frame, given, is_administrator, say, see_other
from web.access import NotForYou, allow
from web.current import register

blueprint = Blueprint("items", __name__, url_prefix="/catalogue")

_ROLES = {code: word for word, code in PERSON_WORDS.items()}
_RETIRE_WORDS = {
    "departments": "从列表里撤下，历史统计保留。仍有业务或窗口属于它时不能停用。",
    "zones": "从列表里撤下，历史统计保留。仍有窗口属于它时不能停用。",
    "services": "取号机不再给号，历史统计保留。",
    "windows": "不再呼叫，也不在屏上出现，历史统计保留。",
    "people": "不能再登录，历史统计保留。",
    "special_days": "这一天按平常的时间开放。",
    "matters": "不再列在业务下面，历史保留。",
}
ADDRESS = "<any(departments, zones, services, windows, people, special_days, matters):kind>"


def sheet_for(kind: str, *, to_edit: bool) -> Sheet:
    """Return the description of a kind; refuse who may not edit it."""
    if to_edit and not may_edit(kind):
        raise NotForYou("not_allowed", "人员由系统管理员维护，请用系统管理员的工号登录。")
    return SHEET_OF[kind]


def may_edit(kind: str) -> bool:
    """Return whether who is signed in may change things of a kind."""
    return kind != "people" or is_administrator()


def item_of(sheet: Sheet, key: str) -> Any:
    """Return the thing with a key, as the address writes it."""
    name = KEYS[sheet.field]
    for each in getattr(register().catalogue(), sheet.field):
        if str(getattr(each, name)) == key:
            return each
    raise NotFound("unknown_item", f"没有{sheet.title}“{key}”，可能已被停用。请返回列表查看。")


@blueprint.get("")
@allow("manager")
def catalogue() -> ResponseReturnValue:
    """Show what the hall consists of."""
    return render_template(
        "manager/catalogue.html",
        kinds=kinds(),
        device_count=sum(each.active for each in register().catalogue().devices),
        **frame("catalogue"),
    )


@blueprint.get(f"/{ADDRESS}")
@allow("manager")
def listing(kind: str) -> ResponseReturnValue:
    """Show all things of a kind, the retired ones last."""
    sheet = sheet_for(kind, to_edit=False)
    things = sorted(
        getattr(register().catalogue(), kind), key=lambda each: not getattr(each, "active", True)
    )
    columns = [each for each in sheet.columns if each.field not in ("photo", "phone", "name_en")]
    return render_template(
        "manager/list.html",
        kinds=kinds(),
        sheet=sheet,
        about=ABOUT[kind],
        may_edit=may_edit(kind),
        columns=[
            {
                "heading": each.heading,
                "field": each.field,
                "number": each.is_number,
            }
            for each in columns
        ],
        rows=[
            {
                "key": getattr(each, KEYS[kind]),
                "word": name_of(each),
                "active": getattr(each, "active", True),
                "cells": [_cell(each, column.field) for column in columns],
            }
            for each in things
        ],
        **frame("catalogue"),
    )


# Fields that hold codes, and where the names behind them are.
_NAMED = {
    "department": "department",
    "zone": "zone",
    "service": "service",
    "services": "service",
    "helping": "service",
}
_SPARED = ("quota_morning", "quota_afternoon", "promised_days", "statutory_days")


def _cell(item: Any, field: str) -> str | int:
    value = getattr(item, field)
    if field in _NAMED and value:
        return _names(field, value)
    match field, value:
        case _, None:
            return ""
        case "kind" | "ways", _:
            return in_words(SHEET_OF["matters"], field, value)
        case "open", bool():
            return "开放" if value else "休息"
        case _, bool():
            return "是" if value else ""
        case _, 0 if field in _SPARED:
            return ""
        case "role", _:
            return _ROLES[value]
        case _, int():
            return value
    return str(value) if value else ""


def _names(field: str, value: str | tuple[str, ...]) -> str:
    known = getattr(register().catalogue(), _NAMED[field])
    codes = value if isinstance(value, tuple) else (value,)
    return "、".join(known[each].name if each in known else each for each in codes)


@blueprint.route(f"/{ADDRESS}/new", methods=["GET", "POST"])
@allow("manager")
def adding(kind: str) -> ResponseReturnValue:
    """Show the empty form; take the filled one."""
    sheet = sheet_for(kind, to_edit=True)
    return _form(sheet, None)


@blueprint.route(f"/{ADDRESS}/<path:key>", methods=["GET", "POST"])
@allow("manager")
def editing(kind: str, key: str) -> ResponseReturnValue:
    """Show a thing's form; take the changed one."""
    sheet = sheet_for(kind, to_edit=True)
    return _form(sheet, item_of(sheet, key))


def _form(sheet: Sheet, old: Any) -> ResponseReturnValue:
    if request.method != "POST":
        return _page(sheet, old, shown(sheet, old) if old else empty(sheet), {})
    typed = given()
    item, errors = read(sheet, register().catalogue(), typed, old)
    if item is not None:
        try:
            register().save(item, by())
        except BadCatalogue as refusal:
            errors = {each.column: each.message for each in refusal.problems}
        else:
            say(f"{sheet.title}“{name_of(item)}”已{'保存' if old else '添加'}。")
            return see_other(f"/manager/catalogue/{sheet.field}")
    key = {KEYS[sheet.field]: [str(getattr(old, KEYS[sheet.field]))]} if old else {}
    return _page(sheet, old, typed | key, errors), 422


def edit_page(sheet: Sheet, item: Any, errors: dict[str, str]) -> str:
    """Show a thing's form as it stands, with what was refused beside it."""
    return _page(sheet, item, shown(sheet, item), errors)


def _page(
    sheet: Sheet,
    old: Any,
    texts: dict[str, list[str]],
    errors: dict[str, str],
    refused: str = "",
) -> str:
    key = str(getattr(old, KEYS[sheet.field])) if old else ""
    return render_template(
        "manager/edit.html",
        kinds=kinds(),
        sheet=sheet,
        key=key,
        heading=name_of(old) if old else f"添加{sheet.title}",
        active=getattr(old, "active", True),
        fields=form(sheet, register().catalogue(), texts, new=old is None),
        labels={each.field: each.heading for each in columns_on_form(sheet)} | {"photo": "照片"},
        errors=errors,
        refused=refused,
        retire_words=_RETIRE_WORDS[sheet.field],
        history=history_of(KINDS[sheet.field], key) if key else [],
        kind=KINDS[sheet.field],
        photo=getattr(old, "photo", ""),
        has_password=bool(sheet.field == "people" and key and register().password_hash(key)),
        **frame("catalogue"),
    )


@blueprint.post(f"/{ADDRESS}/<path:key>/retire")
@allow("manager")
def retire(kind: str, key: str) -> ResponseReturnValue:
    """Take a thing out of use; its history stays."""
    sheet = sheet_for(kind, to_edit=True)
    item = item_of(sheet, key)
    try:
        _check_may_go(item)
        register().retire(KINDS[kind], getattr(item, KEYS[kind]), by())
    except NotAllowed as refusal:
        return _page(sheet, item, shown(sheet, item), {}, refusal.message), 409
    say(f"{sheet.title}“{name_of(item)}”已停用。")
    return see_other(f"/manager/catalogue/{kind}")


def _check_may_go(item: Any) -> None:
    if isinstance(item, Person) and is_last_administrator(register().catalogue(), item):
        raise NotAllowed("last_administrator", LAST_ADMINISTRATOR)


@blueprint.post(f"/{ADDRESS}/<path:key>/restore")
@allow("manager")
def restore(kind: str, key: str) -> ResponseReturnValue:
    """Bring a retired service, window or person back into use."""
    sheet = sheet_for(kind, to_edit=True)
    item = item_of(sheet, key)
    register().save(replace(item, active=True), by())
    say(f"{sheet.title}“{name_of(item)}”已恢复使用。")
    return see_other(f"/manager/catalogue/{kind}")
