"""Departments, zones, services, windows and people: lists, forms, retiring instead of deleting."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from hall.catalogue import Person
from hall.changes import name_of
from hall.refusals import NotAllowed, NotFound
from hall.register import BadCatalogue
from manager.cells import PERSON_WORDS
from manager.columns import Sheet
from manager.forms import (
    ABOUT,
    KINDS,
    SHEET_OF,
    Given,
    columns_on_form,
    empty,
    form,
    read,
    shown,
)
from manager.history import history_of
from manager.kinds import kinds
from manager.meanwhile import BASE, Differing, differing, joined, packed, unpacked
from manager.sheets import KEYS
from manager.telling import in_words
from manager.who import by, frame, given, keeps_hall, keeps_people, say, see_other
from web import auditing
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
KEPT_BY_SECURITY = "人员、角色和密码由安全管理员管理，请用安全管理员的工号登录。"
ADDRESS = "<any(departments, zones, services, windows, people, special_days, matters):kind>"


def sheet_for(kind: str, *, to_edit: bool) -> Sheet:
    """Return the description of a kind; refuse who may not see it, or not edit it."""
    if kind == "people":
        if to_edit and not keeps_people():
            raise NotForYou("not_allowed", KEPT_BY_SECURITY)
    elif not keeps_hall():
        raise NotForYou("not_allowed", "大厅数据由管理人员维护，安全管理员只管人员和密码。")
    return SHEET_OF[kind]


def may_edit(kind: str) -> bool:
    """Return whether who is signed in may change things of a kind."""
    return keeps_people() if kind == "people" else keeps_hall()


def editor(kind: str) -> str:
    """Return who edits a kind, as the journal writes it."""
    return by("security" if kind == "people" else "manager")


def place_of(kind: str) -> str:
    """Return where a kind's pages stand in the bar."""
    return "people" if kind == "people" and keeps_people() else "catalogue"


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
@allow("manager", "security")
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
        **frame(place_of(kind)),
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
@allow("manager", "security")
def adding(kind: str) -> ResponseReturnValue:
    """Show the empty form; take the filled one."""
    sheet = sheet_for(kind, to_edit=True)
    return _form(sheet, None)


@blueprint.route(f"/{ADDRESS}/<path:key>", methods=["GET", "POST"])
@allow("manager", "security")
def editing(kind: str, key: str) -> ResponseReturnValue:
    """Show a thing's form; take the changed one."""
    sheet = sheet_for(kind, to_edit=True)
    return _form(sheet, item_of(sheet, key))


def _form(sheet: Sheet, old: Any) -> ResponseReturnValue:
    if request.method != "POST":
        return _page(sheet, old, shown(sheet, old) if old else empty(sheet), {})
    typed = given()
    item, errors = read(sheet, register().catalogue(), typed, old)
    if item is not None and old and (found := others_changes(sheet, typed, old)):
        return _page(sheet, old, *said_meanwhile(sheet, old, typed, found)), 409
    if item is not None:
        _say_role(old, item)
        try:
            register().save(item, editor(sheet.field))
        except BadCatalogue as refusal:
            errors = {each.column: each.message for each in refusal.problems}
        except NotAllowed as refusal:  # what would mix the three administrators
            auditing.refused(refusal.code)
            errors = {"role": refusal.message}
        else:
            say(f"{sheet.title}“{name_of(item)}”已{'保存' if old else '添加'}。")
            return see_other(f"/manager/catalogue/{sheet.field}")
    opened_with = "".join(typed.get(BASE, ()))
    page = _page(sheet, old, typed | _key_of(sheet, old), errors, opened_with=opened_with)
    return page, 422


def _key_of(sheet: Sheet, old: Any) -> dict[str, list[str]]:
    """Return the key of a known thing, which its form shows and does not send."""
    return {KEYS[sheet.field]: [str(getattr(old, KEYS[sheet.field]))]} if old else {}


def others_changes(sheet: Sheet, typed: Given, old: Any) -> list[Differing]:
    """Return what somebody else saved since a form was opened; nothing if it does not say when."""
    base = unpacked("".join(typed.get(BASE, ())))
    on_form = [each.field for each in columns_on_form(sheet) if each.field != KEYS[sheet.field]]
    return differing(base, typed, shown(sheet, old), on_form) if base is not None else []


def said_meanwhile(
    sheet: Sheet, old: Any, typed: Given, found: Sequence[Differing]
) -> tuple[dict[str, list[str]], dict[str, str], str, dict[str, Any]]:
    """Return a form's texts, no errors, no refusal, and what the other changed, in words."""
    kind, key = KINDS[sheet.field], str(getattr(old, KEYS[sheet.field]))
    texts = {name: texts for name, texts in joined(typed, found).items() if name != BASE}
    return texts | _key_of(sheet, old), {}, "", meanwhile_in_words(sheet, kind, key, found)


def meanwhile_in_words(
    sheet: Sheet, kind: str, key: str, found: Sequence[Differing]
) -> dict[str, Any]:
    """Return who changed what while a form was open, as ``meanwhile.html`` shows it."""
    last = next(iter(history_of(kind, key)), {"who": "", "at": ""})
    return {
        "who": last["who"],
        "at": last["at"],
        "rows": [
            {
                "field": each.field,
                "heading": sheet.heading_of(each.field),
                "theirs": _said(sheet, each.field, each.theirs),
                "ours": _said(sheet, each.field, each.ours),
                "keeps_ours": each.keeps_ours,
            }
            for each in found
        ],
    }


def _said(sheet: Sheet, field: str, texts: tuple[str, ...]) -> str:
    """Return the texts of a field as people read them: names for codes, words for a box."""
    column = next(each for each in sheet.columns if each.field == field)
    if column.choices == ("是", "否"):
        return "是" if texts else "否"
    if field in _NAMED and texts:
        return _names(field, texts)
    return in_words(sheet, field, texts)


def _say_role(old: Any, item: Any) -> None:
    """Let the audit log tell from which role to which."""
    if isinstance(item, Person) and (old is None or old.role != item.role):
        was = _ROLES[old.role] if old else "无"
        auditing.say(f"工号 {item.staff_number}", f"角色 {was} → {_ROLES[item.role]}")


def edit_page(sheet: Sheet, item: Any, errors: dict[str, str]) -> str:
    """Show a thing's form as it stands, with what was refused beside it."""
    return _page(sheet, item, shown(sheet, item), errors)


def _page(
    sheet: Sheet,
    old: Any,
    texts: dict[str, list[str]],
    errors: dict[str, str],
    refused: str = "",
    meanwhile: dict[str, Any] | None = None,
    opened_with: str = "",
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
        meanwhile=meanwhile,
        # a form with mistakes in it was still opened when it was
        opened_with=opened_with or (packed(shown(sheet, old)) if old else ""),
        retire_words=_RETIRE_WORDS[sheet.field],
        history=history_of(KINDS[sheet.field], key) if key else [],
        kind=KINDS[sheet.field],
        photo=getattr(old, "photo", ""),
        has_password=bool(sheet.field == "people" and key and register().password_hash(key)),
        **frame(place_of(sheet.field)),
    )


@blueprint.post(f"/{ADDRESS}/<path:key>/retire")
@allow("manager", "security")
def retire(kind: str, key: str) -> ResponseReturnValue:
    """Take a thing out of use; its history stays."""
    sheet = sheet_for(kind, to_edit=True)
    item = item_of(sheet, key)
    try:
        register().retire(KINDS[kind], getattr(item, KEYS[kind]), editor(kind))
    except NotAllowed as refusal:
        auditing.refused(refusal.code)
        return _page(sheet, item, shown(sheet, item), {}, refusal.message), 409
    say(f"{sheet.title}“{name_of(item)}”已停用。")
    return see_other(f"/manager/catalogue/{kind}")


@blueprint.post(f"/{ADDRESS}/<path:key>/restore")
@allow("manager", "security")
def restore(kind: str, key: str) -> ResponseReturnValue:
    """Bring a retired service, window or person back into use."""
    sheet = sheet_for(kind, to_edit=True)
    item = item_of(sheet, key)
    register().save(replace(item, active=True), editor(kind))
    say(f"{sheet.title}“{name_of(item)}”已恢复使用。")
    return see_other(f"/manager/catalogue/{kind}")
