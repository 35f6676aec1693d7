"""What the pages of the staff share: who acts, whose name the journal gets, the frame around."""

from collections.abc import Iterable
from typing import Any

from flask import g, redirect, request, session
from werkzeug.wrappers import Response

from web.access import signed_in, with_role

SAID = "office-said"
# The pages of the staff, each with the roles that may see it.
PLACES = (
    ("month", "/manager", "月度统计", ("manager",)),
    ("trend", "/manager/trend", "走势", ("manager",)),
    ("ratings", "/ratings/entry", "评价录入", ("guide", "manager")),
    ("slots", "/manager/slots", "预约", ("manager",)),
    ("cases", "/cases", "差评", ("handler", "inspector", "leader", "manager")),
    ("oddities", "/ratings/oddities", "异常评价", ("inspector", "leader", "manager")),
    ("complaints", "/complaints", "投诉", ("guide", "handler", "inspector", "leader", "manager")),
    ("catalogue", "/manager/catalogue", "大厅数据", ("manager",)),
    ("devices", "/manager/devices", "设备", ("manager",)),
    ("province", "/province", "省平台", ("manager",)),
)


def acting(*roles: str) -> Any:
    """Return the one of some roles whose name goes into the journal: a person before a key."""
    here = with_role(signed_in(), roles)
    return min(here, key=lambda each: each.kind != "person", default=g.principal)


def by(*roles: str) -> str:
    """Return who of some roles acts, as the journal writes it."""
    who = acting(*roles)
    return str(who.id) if who.kind == "person" else f"device:{who.id}"


def say(sentence: str) -> None:
    """Keep a sentence for the next page: what was just done."""
    session[SAID] = sentence


def frame(place: str, roles: Iterable[str] = ()) -> dict[str, Any]:
    """Return what every page of the staff shows around its content."""
    here = signed_in()
    return {
        "place": place,
        "places": [
            {"name": name, "address": address, "word": word}
            for name, address, word, roles in PLACES
            if with_role(here, roles)
        ],
        "signed_in_name": acting(*roles).name,
        "said": session.pop(SAID, ""),
    }


def see_other(address: str) -> Response:
    """Send the browser to another page after a POST, so that a reload repeats nothing."""
    return redirect(address, 303)


def given() -> dict[str, list[str]]:
    """Return the form as lists of texts."""
    return {name: request.form.getlist(name) for name in request.form}
