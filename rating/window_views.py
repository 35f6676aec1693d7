"""The code that stands at a window: a phone finds its visit and rates it; without a sign-in."""

from io import BytesIO
from typing import Any

import qrcode
from apiflask import APIBlueprint
from flask import Response, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from qrcode.image.svg import SvgPathImage

from hall.catalogue import Window
from hall.days import MINUTE
from hall.refusals import NotAllowed, NotFound, NotValid
from rating.channel import closing_words
from rating.views import citizens_only, given_by_citizen, levels
from web.access import allow
from web.aside import in_thread
from web.current import at_window, config, register, rooms
from web.errors import status_of, wants_json
from web.limits import address
from web.office import frame

blueprint = APIBlueprint(
    "window_rating", __name__, template_folder="templates", enable_openapi=False
)

# As for appointments: a mobile network shows thousands of phones as one address.
WRONG_NUMBERS, FOUND, LOOKING = 30, 120, 10 * MINUTE
# The last four digits of a phone number are ten thousand: nobody may try them through.
WRONG_TAILS, TAILS_WITHIN = 5, 60 * MINUTE


# -- the phone ---------------------------------------------------------------------------------


@blueprint.get("/w/<int:no>")
def find(no: int) -> ResponseReturnValue:
    """Ask for the number, and how the phone given at taking ends."""
    return _find_page(_window(no))


@blueprint.post("/w/<int:no>")
def found(no: int) -> ResponseReturnValue:
    """Lead whoever knows a visit of this window to its rating."""
    window, form = _window(no), request.form
    number, tail = form.get("number", ""), form.get("tail")
    try:
        citizens_only()
        given = at_window().by_number(no, number) if tail is None else _by_phone(no, number, tail)
        _count("window found", FOUND)
    except NotAllowed as refusal:
        if refusal.code == "not_yours":
            rooms().limits.count("window", address(), LOOKING)
        return _find_page(window, refusal), status_of(refusal)
    return redirect(f"/w/{no}/{given}", 303)


def _count(what: str, most: int) -> None:
    limits, who = rooms().limits, address()
    limits.check(what, who, most, LOOKING)
    limits.count(what, who, LOOKING)


def _by_phone(no: int, number: str, tail: str) -> str:
    """Return the pass of who knows number and phone; who knows neither is soon asked to rest."""
    limits, tried = rooms().limits, f"{no} {number.strip().upper()[:20]}"
    limits.check("window", address(), WRONG_NUMBERS, LOOKING)
    limits.check("window tail", tried, WRONG_TAILS, TAILS_WITHIN)
    try:
        return at_window().by_phone(no, number, tail)
    except NotFound:
        limits.count("window tail", tried, TAILS_WITHIN)
        raise


@blueprint.get("/w/<int:no>/<given>")
def form(no: int, given: str) -> ResponseReturnValue:
    """Show the rating of a found visit."""
    window = _window(no)
    try:
        return _form_page(no, given)
    except NotFound as refusal:
        return _find_page(window, refusal), 404


@blueprint.post("/w/<int:no>/<given>")
def rate(no: int, given: str) -> ResponseReturnValue:
    """Rate a found visit, once."""
    citizens_only()
    said = given_by_citizen()
    said.pop("visit", None)
    try:
        rating = at_window().rate(no, given, **said)
    except NotAllowed as refusal:
        if wants_json():
            raise
        if isinstance(refusal, NotFound):
            return _find_page(_window(no), refusal), 404
        told = refusal.message
        if isinstance(refusal, NotValid) and not said["level"]:
            told = "请先选择一个评价等级，再提交。"
        return _form_page(no, given, told=told, given_form=said), status_of(refusal)
    if wants_json():
        return jsonify(id=rating.id), 201
    return _form_page(no, given, thanks=True), 201


def _window(no: int) -> Window:
    window = register().catalogue().window.get(no)
    if window is None or not window.active:
        raise NotFound("unknown_window", "没有这个窗口，请核对二维码。")
    return window


def _find_page(window: Window, refusal: NotAllowed | None = None) -> str:
    asked = request.form
    return render_template(
        "rating/window.html",
        window=window,
        offered=at_window().offered(window.no),
        number=asked.get("number", "") if "tail" in asked else "",
        told=refusal.message if refusal else "",
        elsewhere=config().province.mode != "own",
    )


def _form_page(no: int, given: str, **more: Any) -> str:
    return render_template(
        "rating/window_form.html",
        **{
            "shown": at_window().shown(no, given),
            "levels": levels(),
            "text_length": config().rating.text_length,
            "closing_words": closing_words(register()),
            "action": f"/w/{no}/{given}",
            "told": "",
            "thanks": False,
            "given_form": {},
            **more,
        },
    )


# -- the sheets to print -----------------------------------------------------------------------


@blueprint.get("/manager/windows-qr")
@allow("manager")
def sheets() -> str:
    """Show the code of every window, a sheet of A4 each on paper."""
    wanted = request.args.get("no", type=int)
    windows = [each for each in register().catalogue().windows if each.active]
    return render_template(
        "rating/window_sheets.html",
        windows=windows,
        wanted=wanted,
        shown=[each for each in windows if wanted is None or each.no == wanted],
        public_url=_public_url(),
        tab="windows",
        **frame("ratings"),
    )


@blueprint.get("/manager/windows-qr/<int:no>.svg")
@allow("manager")
def code(no: int) -> Response:
    """Show the code of a window; it says the address that phones can open."""
    window, url = _window(no), _public_url()
    if not url:
        raise NotAllowed("no_public_url", "还没有设置手机能打开的地址（hall.public_url）。")
    picture = in_thread(_svg, f"{url}/w/{window.no}")
    return Response(picture, mimetype="image/svg+xml")


def _public_url() -> str:
    """Return the address that phones can open; a demonstration's is where somebody looks at it."""
    here = request.host_url.rstrip("/") if register().hall().demo else ""
    return config().hall.public_url or here


def _svg(text: str) -> bytes:
    made = qrcode.QRCode(border=2, error_correction=qrcode.ERROR_CORRECT_M)
    made.add_data(text)
    file = BytesIO()
    made.make_image(image_factory=SvgPathImage).save(file)
    return file.getvalue()
