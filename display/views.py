"""The hall's screens: a page for a zone; what it shows comes over the socket."""

from apiflask import APIBlueprint
from flask import Response, render_template, request

from hall.refusals import NotFound
from hall.windows import known_window
from web.access import allow, signed_in
from web.current import config, desk, register
from web.principals import choose

blueprint = APIBlueprint("display", __name__, template_folder="templates", enable_openapi=False)


@blueprint.get("/display")
@allow("display")
def page() -> str:
    """Show the screen of a zone; ``voice=1`` makes it the one that speaks there."""
    zones = register().catalogue().zone
    asked = request.args.get("zone")
    wanted = choose(signed_in(), ("display",), zone=asked).zone or asked or next(iter(zones), "")
    if wanted and wanted not in zones:
        raise NotFound("unknown_zone", f"没有分区“{wanted[:40]}”，请核对大屏的地址。")
    speaks = config().display
    facts = {
        "zone": wanted,
        "voice": request.args.get("voice") == "1",
        "times": speaks.speak_times,
        "within_seconds": speaks.speak_within_seconds,
    }
    name = zones[wanted].name if wanted and len(zones) > 1 else ""
    return render_template("display/display.html", page=facts, zone_name=name)


@blueprint.get("/display/window/<int:no>/photo")
@allow("display")
def photo(no: int) -> Response:
    """Return the photograph of the clerk who sits at a window now, nothing (204) without one."""
    clerk = desk().window_desk(no)["clerk"]
    picture = register().photos.picture(clerk["staff_number"]) if clerk else None
    if picture is None:
        return Response(status=204)
    answer = Response(picture, mimetype="image/jpeg")
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/display/window/<int:no>")
@allow("display")
def sign(no: int) -> str:
    """Show the sign above a window: whom it serves, or why it does not."""
    catalogue = register().catalogue()
    window = known_window(catalogue, no)
    names = [catalogue.service[code].name for code in window.services if code in catalogue.service]
    own_name = window.name if window.name != f"{no}号窗口" else ""
    return render_template(
        "display/sign.html",
        page={"zone": window.zone, "window": no},
        no=no,
        window_name=own_name,
        services=names,
    )
