"""The doors of the hall: landing page, a device's key, the way out, health."""

import re
from typing import Any

from apiflask import APIBlueprint
from flask import Response, jsonify, redirect, render_template, request

from web import access
from web.current import register, rooms
from web.limits import LOCAL
from web.principals import NotForYou, NotSignedIn, Principal

blueprint = APIBlueprint("web", __name__, template_folder="templates", enable_openapi=False)

# A window's number; Python reads no number of thousands of digits.
NUMBER = re.compile(r"[0-9]{1,9}")
OF_A_PROXY = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Via")
PAGE_NAMES = {
    "kiosk": "取号机",
    "display": "大屏",
    "window": "窗口",
    "evaluator": "评价器",
    "manager": "管理",
    "guide": "咨询台",
    "handler": "差评承办",
    "inspector": "督查",
    "leader": "领导",
    "security": "安全管理",
    "audit": "审计",
}


@blueprint.get("/")
def landing() -> str:
    """Show where whoever is signed in here may go; in a demonstration, all pages."""
    mine = [(f"{_role_name(each)}　{each.name}", home_of(each)) for each in access.signed_in()]
    return render_template("home.html", pages=mine, demo_links=rooms().demo_links)


@blueprint.get("/enter")
def enter_page() -> str:
    """Show the page whose script takes the key from behind the # and posts it."""
    return render_template("enter.html")


@blueprint.post("/enter")
def enter() -> Response:
    """Let a device in by its key and say where it belongs."""
    asked = request.get_json(silent=True)
    asked = asked if isinstance(asked, dict) else {}
    found = rooms().door.of_key(str(asked.get("key", "")))
    if found is None:
        raise NotSignedIn("bad_key", "密钥不对或已停用，请向管理员要新的密钥。")
    access.come_in(found)
    return jsonify(to=own_path(asked.get("to")) or home_of(found), role=found.role)


@blueprint.post("/sign-out")
def sign_out() -> Any:
    """Let whoever is signed in here go; with a role, a window or a kind only those."""
    told = request.get_json(silent=True)
    given = request.form or (told if isinstance(told, dict) else {})
    window = str(given.get("window", ""))
    no = int(window) if NUMBER.fullmatch(window) else None
    access.go_out(str(given.get("role", "")), no, str(given.get("kind", "")))
    rooms().sockets.cut_void()
    return redirect("/sign-in", 303)


@blueprint.get("/signed-in")
@access.allow(*access.ROLES)
def still_signed_in() -> Response:
    """Say in how many seconds whoever is here will be signed out; ``?acted`` if they type."""
    door, here = rooms().door, access.signed_in()
    for who in here if "acted" in request.args else ():
        door.acted(who)
    left = [each for who in here if (each := door.seconds_left(who)) is not None]
    return jsonify(seconds=min(left, default=None))


@blueprint.get("/alive")
def alive() -> tuple[str, int]:
    """Say nothing but that the hall answers: cut-off pages ask before they connect again."""
    return "", 204


@blueprint.get("/healthz")
def health() -> Response:
    """Say that the hall answers and its file can be read."""
    _only_from_here()
    return jsonify(status="ok", rev=rooms().desk.rev())


@blueprint.get("/metrics")
def metrics() -> Response:
    """Return the figures Prometheus asks for."""
    _only_from_here()
    from web.metrics import CONTENT_TYPE

    return Response(rooms().metrics.text(), content_type=CONTENT_TYPE)


def _only_from_here() -> None:
    # what a proxy on this machine passes on comes from elsewhere
    passed_on = any(name in request.headers for name in OF_A_PROXY)
    if passed_on or not (request.remote_addr or "").startswith(LOCAL):
        raise NotForYou("not_allowed", "这个地址只对本机开放。")


# -- where a role belongs ----------------------------------------------------------------------


HOMES = {
    "kiosk": "/kiosk",
    "guide": "/helpdesk",
    "handler": "/cases",
    "inspector": "/cases",
    "leader": "/cases/red",
    "manager": "/manager",
    "administrator": "/manager",
    "security": "/manager/catalogue/people",
    "audit": "/audit",
}


def home_of(who: Principal) -> str:
    """Return the page a role works on."""
    match who.role:
        case "display":
            zones = register().catalogue().zones
            zone = who.zone or (zones[0].code if zones else "")
            return f"/display?zone={zone}"
        case "window" | "clerk":
            return f"/window/{who.window}"
        case "evaluator":
            return f"/evaluator/{who.window}"
    return HOMES.get(who.role, "/")


def own_path(asked: Any) -> str | None:
    """Return an address of this hall, None for anything that leads elsewhere."""
    if not isinstance(asked, str) or not asked.startswith("/") or "\\" in asked:
        return None
    # a browser drops tabs and line ends from an address: /<tab>/elsewhere would lead elsewhere
    return None if asked.startswith("//") or not asked.isprintable() else asked


def _role_name(who: Principal) -> str:
    for role, name in PAGE_NAMES.items():
        if who.acts_as(role):
            return name
    return "程序"
