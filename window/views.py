"""The window's page and its state; the verbs are the API's, the page calls them with its cookie."""

from typing import Any

from apiflask import APIBlueprint
from flask import g, jsonify, render_template
from flask.typing import ResponseReturnValue

from hall.tickets import Outcome
from web.access import allow
from web.current import book, config, desk
from window.channel import desk_of

blueprint = APIBlueprint("window", __name__, template_folder="templates", enable_openapi=False)

# Shown outside the window, so in the citizen's words; the clerk may write another.
PAUSE_REASONS = ("临时离开", "用餐休息", "开会", "设备故障", "交接班")


@blueprint.get("/window/<int:no>")
@allow("window")
def page(no: int) -> ResponseReturnValue:
    """Show the clerk's page of a window."""
    queue = config().queue
    known = {
        "desk": desk_of(desk(), book(), no),
        "recalls_most": queue.recalls_most,
        "wait_target_minutes": queue.wait_target_minutes,
    }
    return render_template(
        "window/window.html",
        page=known,
        outcomes=list(Outcome),
        pause_reasons=PAUSE_REASONS,
        person=g.principal.kind == "person",
    )


@blueprint.get("/window/<int:no>/state.json")
@allow("window")
def state(no: int) -> ResponseReturnValue:
    """Return what the page shows."""
    shown: dict[str, Any] = desk_of(desk(), book(), no)
    return jsonify(shown)
