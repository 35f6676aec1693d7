"""The window's page and what it asks about: its state, who is next and why, where to send one."""

from typing import Any

from apiflask import APIBlueprint
from flask import g, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from hall import days
from hall.tickets import Hold, Outcome
from web.access import allow
from web.current import book, config, desk, register
from window import acts
from window.channel import desk_of

blueprint = APIBlueprint("window", __name__, template_folder="templates", enable_openapi=False)
blueprint.register_blueprint(acts.blueprint)


@blueprint.get("/window/<int:no>")
@allow("window")
def page(no: int) -> ResponseReturnValue:
    """Show the clerk's page of a window; ``small=1`` is the one beside another system."""
    small = request.args.get("small") == "1"
    known = {"desk": desk_of(desk(), book(), no), "small": small, **rules(), **who()}
    return render_template("window/window.html", page=known)


def rules() -> dict[str, Any]:
    """Return what the hall has set for its windows."""
    queue = config().queue
    return {
        "recalls_most": queue.recalls_most,
        "undo_seconds": queue.undo_seconds,
        "wait_target_minutes": queue.wait_target_minutes,
        "pause_reasons": queue.pause_reasons,
        "lock_minutes": config().security.window_lock_minutes,
        "outcomes": [{"value": each.value, "name": each.chinese} for each in Outcome],
        "holds": [
            {
                "value": each.value,
                "name": each.chinese,
                "minutes": desk().hold_limit(each) // days.MINUTE,
            }
            for each in Hold
        ],
    }


def who() -> dict[str, Any]:
    """Return who signed in here: a clerk acts in their own name, a device in its clerk's."""
    me = register().person(g.principal.clerk) if g.principal.clerk else None
    return {"me": {"staff_number": me.staff_number, "name": me.name} if me else None}


@blueprint.get("/window/<int:no>/state.json")
@allow("window")
def state(no: int) -> ResponseReturnValue:
    """Return what the page shows."""
    shown: dict[str, Any] = desk_of(desk(), book(), no)
    return jsonify(shown)


@blueprint.get("/window/<int:no>/next.json")
@allow("window")
def who_is_next(no: int) -> ResponseReturnValue:
    """Say who would be called next, and why; ``next`` is null when nobody would."""
    choice = desk().explain(no)
    if choice is None:
        return jsonify(next=None)
    service = register().catalogue().service[choice.ticket.service]
    return jsonify(
        next={
            "ticket": choice.ticket.id,
            "number": choice.ticket.number,
            "service_name": service.name,
            "jumped": choice.jumped,
            "why": choice.why,
        }
    )


@blueprint.get("/window/<int:no>/places.json")
@allow("window")
def places(no: int) -> ResponseReturnValue:
    """List where a ticket may be sent: services that are attended, windows that are not closed."""
    return jsonify(
        services=[
            {
                "code": each["code"],
                "name": each["name"],
                "department": each["department_name"],
                "waiting": each["waiting"],
                "attended": each["expected_wait_minutes"] is not None,
            }
            for each in desk().services_now()
        ],
        windows=[
            {
                "no": each["no"],
                "name": each["name"],
                "state": each["state"],
                "clerk": each["clerk"],
                "waiting": each["waiting"],
            }
            for each in desk().windows_now()
            if each["no"] != no and each["state"] != "closed"
        ],
    )
