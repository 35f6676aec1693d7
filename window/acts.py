"""What the clerk's page does. Every act may come twice: an answer that got lost is asked for again.

An act names the visit that the clerk saw. Was it done to that visit already, the answer is how the
window stands now; is another citizen there by now, it is refused. Nothing between the look and the
verb gives way to another request, so both see the same moment.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, cast

from apiflask import APIBlueprint
from flask import Response, g, jsonify, request

from hall.refusals import NotAllowed
from hall.tickets import VisitState
from web.access import allow
from web.current import book, desk
from web.principals import NotForYou
from window.bodies import (
    AskAgain,
    Call,
    Finish,
    HoldService,
    Meant,
    NextService,
    Nothing,
    OpenWindow,
    Pause,
    Recall,
    Resume,
    Session,
    Transfer,
    Undo,
)
from window.channel import desk_of

P = ParamSpec("P")
SESSION = "X-Window-Session"

blueprint = APIBlueprint("window_acts", __name__, url_prefix="/window", enable_openapi=False)


def act(view: Callable[P, None]) -> Callable[P, Response]:
    """Let only the page that holds the window act; answer with all that the page then shows."""

    @wraps(view)
    def acted(*args: P.args, **kwargs: P.kwargs) -> Response:
        no = cast(int, kwargs["no"])
        if session := request.headers.get(SESSION):
            desk().check_holds(no, session)
        view(*args, **kwargs)
        return _shown(no)

    return acted


def _shown(no: int) -> Response:
    return jsonify(desk_of(desk(), book(), no))


# -- what an act means -------------------------------------------------------------------------


def _active(no: int) -> dict[str, Any] | None:
    active: dict[str, Any] | None = desk().window_desk(no)["active"]
    return active


def _to_do(no: int, meant: Meant, *becomes: VisitState) -> bool:
    """Return whether an act is still to be done to the visit it means.

    False when it has been; NotAllowed ``another_ticket`` when the window is busy otherwise.
    """
    active = _active(no)
    if active is not None and active["visit"] == meant.visit:
        return active["state"] not in becomes
    last = desk().follow_ticket(meant.ticket).visit
    if last is not None and last.id == meant.visit and last.state in becomes:
        return False
    now = f"现在是 {active['number']} 号" if active else "现在没有正在办理的号"
    raise NotAllowed("another_ticket", f"{no}号窗口{now}，与页面上的不同。请看清后再操作。")


# -- calling -----------------------------------------------------------------------------------


@blueprint.post("/<int:no>/call")
@allow("window")
@blueprint.input(Call)
@act
def call(no: int, json_data: Call) -> None:
    """Call whoever is next, or one ticket with a reason."""
    by = g.principal.clerk
    if json_data.ticket is None:
        desk().call_next(no, by=by)
        return
    active = _active(no)
    if active is None or active["ticket"] != json_data.ticket:
        desk().call_this(no, json_data.ticket, json_data.reason, by=by)


@blueprint.post("/<int:no>/recall")
@allow("window")
@blueprint.input(Recall)
@act
def recall(no: int, json_data: Recall) -> None:
    """Repeat the call."""
    if _to_do(no, json_data) and (_active(no) or {})["recalls"] <= json_data.recalls:
        desk().recall(no)


@blueprint.post("/<int:no>/undo")
@allow("window")
@blueprint.input(Undo)
@act
def undo(no: int, json_data: Undo) -> None:
    """Take the last step back: the one that the clerk saw, never the one before it."""
    if desk().window_desk(no)["undo_until"] != json_data.until:
        raise NotAllowed("nothing_to_undo", "这一步已经撤销，或已不能撤销。请看当前状态。")
    desk().undo(no)


# -- serving -----------------------------------------------------------------------------------


@blueprint.post("/<int:no>/start")
@allow("window")
@blueprint.input(Meant)
@act
def start(no: int, json_data: Meant) -> None:
    """Begin the service."""
    if _to_do(no, json_data, VisitState.SERVING):
        desk().start(no)


@blueprint.post("/<int:no>/miss")
@allow("window")
@blueprint.input(Meant)
@act
def miss(no: int, json_data: Meant) -> None:
    """Say that nobody came."""
    if _to_do(no, json_data, VisitState.MISSED):
        desk().miss(no)


@blueprint.post("/<int:no>/finish")
@allow("window")
@blueprint.input(Finish)
@act
def finish(no: int, json_data: Finish) -> None:
    """End the service with its outcome; the evaluator asks."""
    if _to_do(no, json_data, VisitState.DONE):
        desk().finish(no, json_data.outcome, json_data.case_number)


@blueprint.post("/<int:no>/next-service")
@allow("window")
@blueprint.input(NextService)
@act
def next_service(no: int, json_data: NextService) -> None:
    """End one service and begin another for the same citizen."""
    active = _active(no) or {}
    follows = active.get("ticket") == json_data.ticket and active["visit"] > json_data.visit
    if follows and active["service"] == json_data.service:
        return
    if _to_do(no, json_data):
        desk().next_service(no, json_data.service, json_data.outcome, json_data.case_number)


@blueprint.post("/<int:no>/hold")
@allow("window")
@blueprint.input(HoldService)
@act
def hold(no: int, json_data: HoldService) -> None:
    """Lay the service aside and free the window."""
    if _to_do(no, json_data, VisitState.HELD):
        desk().hold(no, json_data.kind)


@blueprint.post("/<int:no>/resume")
@allow("window")
@blueprint.input(Resume)
@act
def resume(no: int, json_data: Resume) -> None:
    """Go on with a held service."""
    active = _active(no)
    if active is None or active["ticket"] != json_data.ticket:
        desk().resume(no, json_data.ticket)


@blueprint.post("/<int:no>/transfer")
@allow("window")
@blueprint.input(Transfer)
@act
def transfer(no: int, json_data: Transfer) -> None:
    """Send the ticket on, to another service or window."""
    if _to_do(no, json_data, VisitState.TRANSFERRED):
        desk().transfer(
            no,
            reason=json_data.reason,
            service=json_data.service,
            to_window=json_data.to_window,
            wrong_item=json_data.wrong_item,
        )


@blueprint.post("/<int:no>/ask-again")
@allow("window")
@blueprint.input(AskAgain)
@act
def ask_again(no: int, json_data: AskAgain) -> None:
    """Invite the citizen who has just been served to rate, once more."""
    book().ask_again(json_data.visit, no, by=g.principal.clerk or "")


# -- the window and who sits there -------------------------------------------------------------


@blueprint.post("/<int:no>/session")
@allow("window")
@blueprint.input(Session)
def hold_window(no: int, json_data: Session) -> Response:
    """Let this page hold the window; another page loses it only once a person has confirmed."""
    by = g.principal.clerk or ""
    desk().hold_window(no, json_data.session, by=by, take_over=json_data.take_over)
    return _shown(no)


@blueprint.post("/<int:no>/open")
@allow("window")
@blueprint.input(OpenWindow)
@act
def open_window(no: int, json_data: OpenWindow) -> None:
    """Open the window for whoever sits there, and hold it for this page."""
    clerk = _clerk_who_opens(json_data.clerk)
    if session := request.headers.get(SESSION):
        desk().hold_window(no, session, by=g.principal.clerk or "")
    desk().open(no, clerk)


def _clerk_who_opens(asked: str | None) -> str | None:
    """Return who opens a window: a clerk only in their own name."""
    me: str | None = g.principal.clerk
    if me is not None and asked not in (None, me):
        raise NotForYou("not_allowed", "窗口人员只能以自己的工号开启窗口。")
    return asked or me


@blueprint.post("/<int:no>/pause")
@allow("window")
@blueprint.input(Pause)
@act
def pause(no: int, json_data: Pause) -> None:
    """Pause the window, with a reason shown outside."""
    desk().pause(no, json_data.reason)


@blueprint.post("/<int:no>/close")
@allow("window")
@blueprint.input(Nothing)
@act
def close(no: int, json_data: Nothing) -> None:  # noqa: ARG001 - an empty body is checked too
    """Close the window; no page holds it then."""
    desk().close(no)
