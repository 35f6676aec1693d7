"""The evaluator at the window, and the page behind the QR code of a slip."""

from typing import Any

from apiflask import APIBlueprint
from flask import Response, abort, g, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from hall.refusals import NotAllowed, NotFound, NotValid
from province.pages import origin
from rating.channel import asked_at, closing_words, idle_at
from rating.levels import LEVELS, Channel, Level, keypad_of
from web.access import NotForYou, allow, signed_in
from web.current import book, config, desk, modes, register
from web.errors import status_of, wants_json

blueprint = APIBlueprint("rating", __name__, template_folder="templates", enable_openapi=False)

POLL_STATES = ("waiting", "called", "serving", "missed")


# -- the evaluator -----------------------------------------------------------------------------


@blueprint.get("/evaluator")
@allow("evaluator")
def own_evaluator() -> ResponseReturnValue:
    """Go to the evaluator of this device's window."""
    return redirect(f"/evaluator/{g.principal.window}")


@blueprint.get("/evaluator/<int:no>")
@allow("evaluator")
def evaluator(no: int) -> ResponseReturnValue:
    """Show the evaluator of a window."""
    if config().province.mode == "page":
        g.frames = origin(config().province.page_url)
    return render_template("rating/evaluator.html", page=evaluator_state(no))


@blueprint.get("/evaluator/<int:no>/state.json")
@allow("evaluator")
def state(no: int) -> ResponseReturnValue:
    """Return what the evaluator of a window shows."""
    return jsonify(evaluator_state(no))


@blueprint.get("/evaluator/<int:no>/photo/<staff_number>")
@allow("evaluator")
def photo(no: int, staff_number: str) -> Response:
    """Return the photograph of the clerk who sits at this window now, and nobody else's."""
    clerk = desk().window_desk(no)["clerk"]
    if clerk is None or clerk["staff_number"] != staff_number:
        abort(404)
    picture = register().photos.picture(staff_number)
    if picture is None:
        abort(404)
    answer = Response(picture, mimetype="image/jpeg")
    answer.headers["Cache-Control"] = "private, max-age=300"
    return answer


def evaluator_state(no: int) -> dict[str, Any]:
    """Return all an evaluator needs to begin with: the window, the asking, the levels."""
    settings = config().rating
    return {
        **idle_at(book(), no),
        "ask": asked_at(book(), no),
        "ask_seconds": config().ask_seconds,
        "mode": config().province.mode,
        "qr_text": config().province.qr_text,
        "text_length": settings.text_length,
        "levels": _with_keys(no),
    }


def _with_keys(no: int) -> list[dict[str, Any]]:
    """Return the levels with the number keys of a window's keypad."""
    settings = config().rating
    keys = keypad_of(no, settings.keypad, settings.keypads)
    return [{**each, "key": keys[Level(each["level"])]} for each in levels()]


def levels() -> list[dict[str, Any]]:
    """Return the five levels with their words and reasons, best first."""
    return [
        {
            "level": level.value,
            "name": level.chinese,
            "tags": [
                {"code": tag.code, "text": tag.text, "first": tag.first}
                for tag in book().tags(level)
            ],
        }
        for level in LEVELS
    ]


# -- the link on the slip ----------------------------------------------------------------------


@blueprint.get("/r/<token>")
def follow(token: str) -> ResponseReturnValue:
    """Show how the ticket of a link stands; after the service, how to rate it."""
    try:
        return _link_page(token, book().followed(token))
    except NotFound as refusal:
        return _no_such_link(refusal)


@blueprint.get("/r/<token>/state.json")
def follow_state(token: str) -> ResponseReturnValue:
    """Return how the ticket of a link stands; 304 while nothing has changed for its owner."""
    answer = jsonify(_shown(book().followed(token)))
    answer.add_etag()
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer.make_conditional(request)


@blueprint.post("/r/<token>")
def rate(token: str) -> ResponseReturnValue:
    """Rate the service of a link, once."""
    citizens_only()
    given = given_by_citizen()
    try:
        rating = book().rate_by_link(token, **given, channel=_channel())
    except NotAllowed as refusal:
        if wants_json():
            raise
        return _refused(token, refusal, given)
    if wants_json():
        return jsonify(id=rating.id), 201
    return _link_page(token, book().followed(token), thanks=True), 201


def citizens_only() -> None:
    """Refuse a rating from a browser in which staff or a device of the hall is signed in.

    In a demonstration one browser plays everybody, the citizen too.
    """
    if signed_in() and not register().hall().demo:
        raise NotForYou("staff_cannot_rate", "工作人员和大厅设备不能评价，请用群众自己的手机打开。")


def _channel() -> Channel:
    """Return the channel of a link: a text message's says so, a slip's says nothing."""
    return Channel.SMS if request.args.get("c") == Channel.SMS else Channel.QR


def given_by_citizen() -> dict[str, Any]:
    """Return what a form says; the reasons of the chosen level only, others were hidden."""
    if request.is_json:
        return _given_by_program(request.get_json())
    form = request.form
    level = form.get("level", "")
    return {
        "level": level,
        "tags": form.getlist(f"tags-{level}"),
        # A browser sends each line's end as two characters; people count one.
        "text": form.get("text", "").replace("\r\n", "\n"),
        "contact": form.get("contact", ""),
        "visit": form.get("visit", type=int),
    }


def _given_by_program(body: Any) -> dict[str, Any]:
    """Return what a program says in JSON, in the words of the contract."""
    said = body if isinstance(body, dict) else {}
    given = {name: said.get(name, "") for name in ("level", "text", "contact")}
    tags = said.get("tags", [])
    if not all(isinstance(each, str) for each in (*given.values(), *_listed(tags))):
        raise NotValid("bad_input", "level、text、contact 须为文字，tags 须为文字的列表。")
    visit = said.get("visit")
    if visit is not None and (isinstance(visit, bool) or not isinstance(visit, int)):
        raise NotValid("bad_input", "visit 须为数字。")
    return {**given, "tags": tags, "visit": visit}


def _listed(tags: Any) -> list[Any]:
    return tags if isinstance(tags, list) else [None]


def _refused(token: str, refusal: NotAllowed, given: dict[str, Any]) -> ResponseReturnValue:
    """Show a refusal on the page as it stands, with what had been written."""
    try:
        followed = book().followed(token)
    except NotFound as no_link:
        return _no_such_link(no_link)
    told = refusal.message
    if isinstance(refusal, NotValid) and not given["level"]:
        told = "请先选择一个评价等级，再提交。"
    return _link_page(token, followed, told=told, given=given), status_of(refusal)


def _no_such_link(refusal: NotFound) -> ResponseReturnValue:
    return render_template("rating/no_link.html", told=refusal.message), 404


def _shown(followed: dict[str, Any]) -> dict[str, Any]:
    """Return what the phone may know: that it was rated, not how – a slip may lie on the floor."""
    known = {key: value for key, value in followed.items() if key != "rev"}
    return {**known, "rated": followed["rated"] is not None}


def _link_page(
    token: str,
    followed: dict[str, Any],
    *,
    told: str = "",
    given: dict[str, Any] | None = None,
    thanks: bool = False,
) -> str:
    shown = _shown(followed)
    return render_template(
        "rating/link.html",
        token=token,
        ticket=shown,
        watch=spans(shown["windows"]),
        polls=shown["state"] in POLL_STATES,
        levels=levels() if shown["can_rate"] else [],
        text_length=config().rating.text_length,
        closing_words=closing_words(register()),
        elsewhere=modes().address_of(shown["visit"]) if shown["visit"] else "",
        told=told,
        given=given or {},
        thanks=thanks,
        via="?c=sms" if _channel() is Channel.SMS else "",
    )


def spans(numbers: list[int]) -> str:
    """Return window numbers as people read them: 1–3、5."""
    told: list[list[int]] = []
    for number in sorted(numbers):
        if told and number == told[-1][1] + 1:
            told[-1][1] = number
        else:
            told.append([number, number])
    return "、".join(
        str(first) if first == last else f"{first}{'、' if last == first + 1 else '–'}{last}"
        for first, last in told
    )
