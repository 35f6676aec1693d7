"""The doors of the hall: landing page, a device's key, a person's sign-in, health."""

from typing import Any
from urllib.parse import urlencode

from apiflask import APIBlueprint
from flask import Response, jsonify, redirect, render_template, request, session

from hall.refusals import NotAllowed, NotValid
from web import access, passwords
from web.current import register, rooms
from web.errors import wants_json
from web.principals import NotForYou, NotSignedIn, Principal

blueprint = APIBlueprint("web", __name__, template_folder="templates", enable_openapi=False)

LOCAL = ("127.", "::1", "::ffff:127.")
REFUSED = "sign-in-refused"
LONGEST_TYPED = 40
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


@blueprint.get("/sign-in")
def sign_in_page() -> str:
    """Show the form a person signs in with; after a refusal, why, and what was typed."""
    windows = [each for each in register().catalogue().windows if each.active]
    return render_template(
        "sign_in.html",
        refused=session.pop(REFUSED, {}),
        windows=sorted(windows, key=lambda each: each.no),
        next=own_path(request.args.get("next")) or "",
    )


@blueprint.post("/sign-in")
def sign_in() -> Any:
    """Let a person in by staff number and password."""
    try:
        who = _person(
            request.form.get("staff_number", "").strip(),
            request.form.get("password", ""),
            request.form.get("window", "").strip(),
        )
    except NotAllowed as refusal:
        if wants_json():
            raise
        return _ask_again(refusal)
    access.come_in(who)
    return redirect(own_path(request.form.get("next")) or home_of(who), 303)


@blueprint.post("/sign-out")
def sign_out() -> Any:
    """Let whoever is signed in here go; with a role or window only those."""
    given = request.form or request.get_json(silent=True) or {}
    window = str(given.get("window", ""))
    access.go_out(str(given.get("role", "")), int(window) if window.isdecimal() else None)
    rooms().sockets.cut_void()
    return redirect("/sign-in", 303)


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
    if not (request.remote_addr or "").startswith(LOCAL):
        raise NotForYou("not_allowed", "这个地址只对本机开放。")


# -- who a person is ---------------------------------------------------------------------------


def _person(staff_number: str, password: str, window: str) -> Principal:
    kept = register().password_hash(staff_number) if staff_number else None
    right = passwords.is_right(kept, password)
    person = register().person(staff_number) if right else None
    if person is None:
        raise NotSignedIn("wrong_password", "工号或密码不对，请重新输入。")
    place = _window_of(window, person.window) if person.role == "clerk" else None
    found = rooms().door.person(staff_number, place)
    assert found is not None
    return found


def _window_of(wanted: str, own: int | None) -> int:
    """Return the window a clerk sits at: the one chosen, else their own."""
    if not wanted and own is not None:
        return own
    windows = register().catalogue().window
    if not wanted.isdecimal() or int(wanted) not in windows or not windows[int(wanted)].active:
        raise NotValid("window_missing", "请选择今天所在的窗口。")
    return int(wanted)


def _ask_again(refusal: NotAllowed) -> Any:
    """Lead back to the form: a page that answers a POST is in the way of the Back button."""
    typed = {name: request.form.get(name, "") for name in ("staff_number", "window")}
    kept = {name: text[:LONGEST_TYPED] for name, text in typed.items()}
    session[REFUSED] = {"message": refusal.message, **kept}
    wanted = own_path(request.form.get("next"))
    return redirect("/sign-in" + (f"?{urlencode({'next': wanted})}" if wanted else ""), 303)


# -- where a role belongs ----------------------------------------------------------------------


def home_of(who: Principal) -> str:
    """Return the page a role works on."""
    match who.role:
        case "kiosk":
            return "/kiosk"
        case "display":
            zones = register().catalogue().zones
            zone = who.zone or (zones[0].code if zones else "")
            return f"/display?zone={zone}"
        case "window" | "clerk":
            return f"/window/{who.window}"
        case "evaluator":
            return f"/evaluator/{who.window}"
        case "guide":
            return "/helpdesk"
        case "handler" | "inspector":
            return "/cases"
        case "leader":
            return "/cases/red"
        case "manager" | "administrator":
            return "/manager"
    return "/"


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
