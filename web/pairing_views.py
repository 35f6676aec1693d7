"""``/pair``: a browser shows a short code and becomes a device as soon as a manager types it."""

import re
from typing import Any

from apiflask import APIBlueprint
from flask import Response, jsonify, render_template, request, session

from hall.days import MINUTE
from hall.refusals import NotFound
from web import access
from web.auditing import say, where
from web.browsers import browser_word
from web.current import config, rooms
from web.limits import address
from web.pairing import Waiting
from web.principals import DEVICE_ROLES
from web.qr import qr
from web.views import PAGE_NAMES, home_of, own_path

blueprint = APIBlueprint("pair", __name__, url_prefix="/pair", enable_openapi=False)

KEPT = "pairing"
# A page asks for a code every ten minutes; forty screens may do so from behind one address.
CODES_MOST, CODES_WITHIN = 200, 10 * MINUTE
SCREEN = re.compile(r"\d{2,5}×\d{2,5}")
WHY = {"revoked": "这台设备的登录已停用或换发。请管理员用下面的配对码重新登记。"}


@blueprint.get("")
def page() -> str:
    """Show the page whose script asks for a code and waits."""
    here = [each for each in access.signed_in() if each.role in DEVICE_ROLES]
    return render_template(
        "pair.html",
        why=WHY.get(request.args.get("why", ""), ""),
        here=[(PAGE_NAMES.get(each.role, "程序"), each.name, home_of(each)) for each in here],
        next=own_path(request.args.get("next")) or "",
    )


@blueprint.post("/code")
def code() -> Response:
    """Give this browser a code, the same one while it is good."""
    found = _waiting()
    if found is None or found.device is not None:
        limits, who = rooms().limits, address()
        limits.check("pairing", who, CODES_MOST, CODES_WITHIN)
        limits.count("pairing", who, CODES_WITHIN)
        told = request.get_json(silent=True)
        screen = str(told.get("screen", "")) if isinstance(told, dict) else ""
        found = rooms().pairings.begin(
            where(),
            browser_word(request.headers.get("User-Agent", "")),
            screen if SCREEN.fullmatch(screen) else "",
        )
        session[KEPT] = found.token
    base = config().hall.public_url or request.host_url.rstrip("/")
    return jsonify(
        code=found.shown,
        check=found.check,
        seconds=rooms().pairings.seconds_left(found),
        # the code alone opens nothing: a manager must be signed in, and compares the number
        qr=qr(f"{base}/manager/devices/pair?code={found.code}"),
    )


@blueprint.get("/state.json")
def state() -> Response:
    """Say whether this browser still waits, was paired, or has to ask for a new code."""
    found = _waiting()
    if found is None:
        return jsonify(state="gone", seconds=0)
    state = "waiting" if found.device is None else "paired"
    return jsonify(state=state, seconds=rooms().pairings.seconds_left(found))


@blueprint.post("/enter")
def enter() -> Response:
    """Let this browser in as the device it has become, and say where it belongs."""
    found = _waiting()
    device = rooms().door.device(found.device) if found and found.device else None
    if device is None:
        raise NotFound("not_paired", "还没有配对，或配对码已经过期。页面会换一个新的配对码。")
    access.come_in(device)
    session.pop(KEPT, None)
    say(target=f"设备 {device.id}")
    home, asked = home_of(device), _next()
    same_page = asked and asked.partition("?")[0] == home.partition("?")[0]
    return jsonify(to=asked if same_page else home, name=device.name)


def _waiting() -> Waiting | None:
    return rooms().pairings.of_token(str(session.get(KEPT, "")))


def _next() -> str:
    told: Any = request.get_json(silent=True)
    return own_path(told.get("next")) or "" if isinstance(told, dict) else ""
