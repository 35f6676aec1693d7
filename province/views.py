"""The page of what goes up to the province, and its static QR code."""

from io import BytesIO
from typing import Any

import qrcode
from apiflask import APIBlueprint
from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from qrcode.image.svg import SvgPathImage

from hall import days
from hall.days import Instant
from hall.refusals import NotAllowed
from province.record import Trouble
from rating.levels import Level
from web.access import allow
from web.current import config, connector, modes, register, rooms
from web.errors import status_of
from web.office import by, frame, say, see_other

blueprint = APIBlueprint("province", __name__, template_folder="templates", enable_openapi=False)

STATES = {"pending": "待上报", "failed": "将重试", "sent": "已上报", "dead": "已放弃"}
MODES = {
    "own": "本系统的评价页",
    "page": "评价器打开省平台的页面",
    "qr": "省平台的静态二维码",
}
KINDS = {"rating": "评价", "void": "作废"}


@blueprint.get("/province")
@allow("manager")
def standing() -> str:
    """Show what went up, what waits, what failed and why."""
    return _page()


@blueprint.post("/province/rows/<int:row>/again")
@allow("manager")
def send_again(row: int) -> ResponseReturnValue:
    """Send one row again."""
    known = connector().send_again(row, by=by("manager"))
    say("已安排重新上报。" if known else "这条不用重发：已经在上报或已送达。")
    return see_other("/province")


@blueprint.post("/province/again")
@allow("manager")
def send_all_again() -> ResponseReturnValue:
    """Send again all that failed or were given up."""
    how_many = connector().send_all_again(by=by("manager"))
    say(f"{how_many} 条已安排重新上报。" if how_many else "没有需要重发的。")
    return see_other("/province")


@blueprint.post("/province/replay")
@allow("manager")
def replay() -> ResponseReturnValue:
    """Tell some days again, under the same keys."""
    first, last = request.form.get("first", "").strip(), request.form.get("last", "").strip()
    try:
        how_many = connector().replay(first, last, by=by("manager"))
    except NotAllowed as refusal:
        return _page(refusal, first, last), status_of(refusal)
    say(f"{first} 至 {last} 的 {how_many} 条已安排重新上报；省平台已有的不会重复。")
    return see_other("/province")


@blueprint.get("/province/qr.svg")
@allow("evaluator", "manager")
def qr_code() -> Response:
    """Return the province's static QR code, as it is set."""
    if not config().province.qr_url:
        abort(404)
    code = qrcode.QRCode(border=2, mask_pattern=2)  # weighing all eight masks costs 11 ms
    code.add_data(config().province.qr_url)
    picture = BytesIO()
    code.make_image(image_factory=SvgPathImage).save(picture)
    return Response(picture.getvalue(), mimetype="image/svg+xml")


def _page(refusal: NotAllowed | None = None, first: str = "", last: str = "") -> str:
    now, zone = rooms().clock(), config().hall.zone
    today = days.day_of(now, zone)
    told = connector().standing()
    asked = modes().asked(today[:7])
    return render_template(
        "province/standing.html",
        told=told,
        states=STATES,
        mode=config().province.mode,
        mode_words=MODES[config().province.mode],
        asked=sum(asked.values()),
        settings=config().province,
        last_sent=_moment(told.last_sent_at) if told.last_sent_at else "",
        rows=[_shown(each) for each in told.trouble],
        first=first or today,
        last=last or today,
        today=today,
        refusal=refusal,
        **frame("province", ("manager",)),
    )


def _shown(row: Trouble) -> dict[str, Any]:
    """Return a row as the table has it."""
    services = register().catalogue().service
    service = services[row.service].name if row.service in services else row.service
    return {
        "id": row.id,
        "what": KINDS[row.kind],
        "state": row.state,
        "state_words": STATES[row.state],
        "number": row.number,
        "service": service,
        "window": row.window,
        "level": Level(row.level).chinese,
        "bad": Level(row.level).is_bad,
        "rated_at": _moment(row.rated_at),
        "next_at": _moment(row.next_at) if row.state == "failed" else "",
        "tries": row.tries,
        "error": row.last_error,
    }


def _moment(at: Instant) -> str:
    return days.local(at, config().hall.zone).strftime("%m-%d %H:%M")
