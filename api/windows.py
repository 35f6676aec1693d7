"""The contract's windows: every route reads the body, asks the desk, and answers."""

from apiflask import APIBlueprint
from flask import Response, g

from api import shapes
from api.answers import as_json, carried_out
from api.models import (
    Call,
    CallOut,
    Finish,
    HoldService,
    Nothing,
    OpenWindow,
    Pause,
    Resume,
    TicketOut,
    Transfer,
    WindowOut,
    WindowsOut,
)
from web.access import ROLES, NotForYou, allow
from web.current import desk, rooms

blueprint = APIBlueprint("api_windows", __name__, url_prefix="/api/v1", tag="hall")


# -- calls and services ------------------------------------------------------------------------


@blueprint.post("/windows/<int:no>/calls")
@blueprint.output(CallOut, status_code=201)
@blueprint.doc(responses=[409, 422])
@allow("window")
@blueprint.input(Call)
def call(no: int, json_data: Call) -> Response:
    """Call whoever is next, or one ticket with a reason."""
    by = g.principal.clerk
    ticket, reason = json_data.ticket, json_data.reason
    called = rooms().together.run(
        lambda: (
            desk().call_next(no, by=by)
            if ticket is None
            else desk().call_this(no, ticket, reason, by=by)
        )
    )
    return as_json(shapes.call(called), 201)


@blueprint.post("/windows/<int:no>/recall")
@blueprint.output(TicketOut)
@blueprint.doc(responses=[409, 422])
@allow("window")
@blueprint.input(Nothing)
def recall(no: int, json_data: Nothing) -> Response:  # noqa: ARG001 - an empty body is checked too
    """Repeat the call."""
    return carried_out(lambda: desk().recall(no))


@blueprint.post("/windows/<int:no>/start")
@blueprint.output(TicketOut)
@blueprint.doc(responses=[409, 422])
@allow("window")
@blueprint.input(Nothing)
def start(no: int, json_data: Nothing) -> Response:  # noqa: ARG001 - an empty body is checked too
    """Begin the service."""
    return carried_out(lambda: desk().start(no))


@blueprint.post("/windows/<int:no>/finish")
@blueprint.output(TicketOut)
@blueprint.doc(responses=[409, 422])
@allow("window")
@blueprint.input(Finish)
def finish(no: int, json_data: Finish) -> Response:
    """End the service with its outcome."""
    return carried_out(lambda: desk().finish(no, json_data.outcome, json_data.case_number))


@blueprint.post("/windows/<int:no>/miss")
@blueprint.output(TicketOut)
@blueprint.doc(responses=[409, 422])
@allow("window")
@blueprint.input(Nothing)
def miss(no: int, json_data: Nothing) -> Response:  # noqa: ARG001 - an empty body is checked too
    """Say that nobody came."""
    return carried_out(lambda: desk().miss(no))


@blueprint.post("/windows/<int:no>/hold")
@blueprint.output(TicketOut)
@blueprint.doc(responses=[409, 422])
@allow("window")
@blueprint.input(HoldService)
def hold(no: int, json_data: HoldService) -> Response:
    """Lay the service aside and free the window."""
    return carried_out(lambda: desk().hold(no, json_data.kind))


@blueprint.post("/windows/<int:no>/resume")
@blueprint.output(TicketOut)
@blueprint.doc(responses=[409, 422])
@allow("window")
@blueprint.input(Resume)
def resume(no: int, json_data: Resume) -> Response:
    """Go on with a held service."""
    return carried_out(lambda: desk().resume(no, json_data.ticket))


@blueprint.post("/windows/<int:no>/transfer")
@blueprint.output(TicketOut)
@blueprint.doc(responses=[409, 422])
@allow("window")
@blueprint.input(Transfer)
def transfer(no: int, json_data: Transfer) -> Response:
    """Send the ticket on to another service or window, at its original arrival."""
    return carried_out(
        lambda: desk().transfer(
            no,
            reason=json_data.reason,
            service=json_data.service,
            to_window=json_data.window,
            wrong_item=json_data.wrong_item,
        )
    )


@blueprint.post("/windows/<int:no>/undo")
@blueprint.output(TicketOut)
@blueprint.doc(responses=[409, 422])
@allow("window")
@blueprint.input(Nothing)
def undo(no: int, json_data: Nothing) -> Response:  # noqa: ARG001 - an empty body is checked too
    """Take back the window's last call, miss, transfer or hold, within seconds."""
    return carried_out(lambda: desk().undo(no))


# -- who sits there ----------------------------------------------------------------------------


@blueprint.post("/windows/<int:no>/open")
@blueprint.output(WindowOut)
@blueprint.doc(responses=[409, 422])
@allow("window")
@blueprint.input(OpenWindow)
def open_window(no: int, json_data: OpenWindow) -> Response:
    """Open the window for the clerk who sits there."""
    desk().open(no, _clerk_who_opens(json_data.clerk))
    return _window(no)


@blueprint.post("/windows/<int:no>/pause")
@blueprint.output(WindowOut)
@blueprint.doc(responses=[409, 422])
@allow("window")
@blueprint.input(Pause)
def pause(no: int, json_data: Pause) -> Response:
    """Pause the window, with a reason shown outside."""
    desk().pause(no, json_data.reason)
    return _window(no)


@blueprint.post("/windows/<int:no>/close")
@blueprint.output(WindowOut)
@blueprint.doc(responses=[409, 422])
@allow("window")
@blueprint.input(Nothing)
def close(no: int, json_data: Nothing) -> Response:  # noqa: ARG001 - an empty body is checked too
    """Close the window."""
    desk().close(no)
    return _window(no)


@blueprint.get("/windows")
@blueprint.output(WindowsOut)
@allow(*ROLES)
def windows() -> Response:
    """List all windows and what they are doing."""
    return as_json(desk().windows_now())


def _window(no: int) -> Response:
    return as_json(next(each for each in desk().windows_now() if each["no"] == no))


def _clerk_who_opens(asked: str | None) -> str | None:
    """Return who opens a window: a clerk only in their own name."""
    me: str | None = g.principal.clerk
    if me is not None and asked not in (None, me):
        raise NotForYou("not_allowed", "窗口人员只能以自己的工号开启窗口。")
    return asked or me
