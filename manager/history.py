"""What was changed in the hall's data: all of it, newest first, and beside each thing its own."""

from typing import Any
from urllib.parse import quote

from flask import Blueprint, render_template, request

from hall import days
from hall.changes import ACTS, WAYS, Change
from manager.forms import KINDS
from manager.kinds import kinds
from manager.telling import SHEET_OF_KIND, sheet_of_kind, told
from manager.who import frame
from web.access import allow
from web.current import config, register

blueprint = Blueprint("history", __name__, url_prefix="/catalogue")

A_PAGE = 100
OF_ONE = 20
LONGEST_WORDS = 60


@blueprint.get("/history")
@allow("manager")
def page() -> str:
    """Show the changes of a kind, of a thing, or all."""
    kind = request.args.get("kind", "")
    kind = kind if kind in SHEET_OF_KIND else ""
    key, words = request.args.get("key", ""), request.args.get("words", "").strip()
    before = request.args.get("before", 0, type=int)
    found = register().history.changes(kind, key, words[:LONGEST_WORDS], before, A_PAGE + 1)
    return render_template(
        "manager/history.html",
        kinds=kinds(),
        rows=[_shown(each) for each in found[:A_PAGE]],
        older=found[A_PAGE - 1].id if len(found) > A_PAGE else 0,
        choices=[(code, sheet_of_kind(code).title) for code in SHEET_OF_KIND],
        kind=kind,
        key=key,
        words=words,
        newest=not before,
        **frame("catalogue"),
    )


def history_of(kind: str, key: str = "") -> list[dict[str, Any]]:
    """Return the newest changes of one thing, or of a kind, as its own page shows them."""
    return [_shown(each) for each in register().history.changes(kind, key, most=OF_ONE)]


def _shown(change: Change) -> dict[str, Any]:
    sheet = sheet_of_kind(change.kind)
    return {
        "at": days.iso(change.at, config().hall.zone)[:19].replace("T", " "),
        "who": _who(change.who),
        "way": WAYS[change.way],
        "act": change.act,
        "act_word": ACTS[change.act],
        "title": sheet.title,
        "name": change.name,
        "key": change.key,
        "address": _address(change),
        "fields": told(sheet, change.fields),
    }


def _address(change: Change) -> str:
    """Return the page on which a thing stands now."""
    if change.kind in KINDS.values() and change.kind != "device":
        return f"/manager/catalogue/{SHEET_OF_KIND[change.kind]}/{quote(change.key)}"
    places = {"device": f"/manager/devices/{quote(change.key)}", "plan": "/manager/slots"}
    return places.get(change.kind, "/manager/catalogue/texts")


def _who(said: str) -> str:
    """Return who changed something: a name where it is still known."""
    catalogue = register().catalogue()
    kind, _, number = said.partition(":")
    if kind == "device" and number.isdecimal():
        name = next((each.name for each in catalogue.devices if each.id == int(number)), "")
        return f"{name}（设备 {number}）" if name else said
    person = catalogue.person.get(said)
    return f"{person.name}（{said}）" if person else said or "命令行"
