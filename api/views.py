"""The contract: every route reads the body, asks the desk or the book, and answers."""

from collections.abc import Callable, Mapping
from typing import Any

from apiflask import APIBlueprint
from flask import Response, g, json, request

from api import shapes
from api.models import (
    BoardOut,
    BoardQuery,
    Call,
    CallOut,
    Finish,
    HoldService,
    MonthOut,
    MonthQuery,
    Nothing,
    OpenWindow,
    Pause,
    Rate,
    RatingOut,
    Resume,
    ServicesOut,
    TakeTicket,
    TicketOut,
    Transfer,
    WindowOut,
    WindowsOut,
)
from hall import days
from hall.desk import Followed, Issued
from hall.refusals import NotAllowed, NotFound, NotValid
from hall.tickets import Ticket
from rating.levels import channel_of, may_send
from web import reading
from web.access import ROLES, NotForYou, allow
from web.aside import in_process
from web.current import book, config, desk, live, register, rooms

blueprint = APIBlueprint("api", __name__, url_prefix="/api/v1", tag="hall")
ANY = ROLES


# -- tickets -----------------------------------------------------------------------------------


@blueprint.post("/tickets")
@blueprint.output(TicketOut, status_code=201)
@blueprint.doc(responses=[200, 409, 422])
@allow("kiosk", "program")
@blueprint.input(TakeTicket)
def take_ticket(json_data: TakeTicket) -> Response:
    """Take a ticket; the same tap again answers 200 with the same ticket."""
    source, device = g.principal.role, int(g.principal.id)
    if json_data.appointment is not None:
        issued = rooms().bookings.check_in(
            json_data.appointment,
            json_data.tap,
            service=json_data.service,
            language=json_data.language,
            source=source,
            device=device,
        )
        return _json(_ticket(issued), 201 if issued.fresh else 200)
    issued = rooms().together.run(
        lambda: desk().issue(
            json_data.service,
            json_data.tap,
            language=json_data.language,
            phone=json_data.phone,
            id_number=json_data.id_number,
            source=source,
            device=device,
        )
    )
    return _json(_ticket(issued), 201 if issued.fresh else 200)


@blueprint.get("/tickets/<int:ticket>")
@blueprint.output(TicketOut)
@blueprint.doc(responses=[404])
@allow("kiosk", "program")
def ticket(ticket: int) -> Response:
    """Show how a ticket stands."""
    return _json(_ticket(desk().follow_ticket(ticket)))


# -- windows -----------------------------------------------------------------------------------


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
    return _json(shapes.call(called), 201)


@blueprint.post("/windows/<int:no>/recall")
@blueprint.output(TicketOut)
@blueprint.doc(responses=[409, 422])
@allow("window")
@blueprint.input(Nothing)
def recall(no: int, json_data: Nothing) -> Response:  # noqa: ARG001 - an empty body is checked too
    """Repeat the call."""
    return _done(lambda: desk().recall(no))


@blueprint.post("/windows/<int:no>/start")
@blueprint.output(TicketOut)
@blueprint.doc(responses=[409, 422])
@allow("window")
@blueprint.input(Nothing)
def start(no: int, json_data: Nothing) -> Response:  # noqa: ARG001 - an empty body is checked too
    """Begin the service."""
    return _done(lambda: desk().start(no))


@blueprint.post("/windows/<int:no>/finish")
@blueprint.output(TicketOut)
@blueprint.doc(responses=[409, 422])
@allow("window")
@blueprint.input(Finish)
def finish(no: int, json_data: Finish) -> Response:
    """End the service with its outcome."""
    return _done(lambda: desk().finish(no, json_data.outcome, json_data.case_number))


@blueprint.post("/windows/<int:no>/miss")
@blueprint.output(TicketOut)
@blueprint.doc(responses=[409, 422])
@allow("window")
@blueprint.input(Nothing)
def miss(no: int, json_data: Nothing) -> Response:  # noqa: ARG001 - an empty body is checked too
    """Say that nobody came."""
    return _done(lambda: desk().miss(no))


@blueprint.post("/windows/<int:no>/hold")
@blueprint.output(TicketOut)
@blueprint.doc(responses=[409, 422])
@allow("window")
@blueprint.input(HoldService)
def hold(no: int, json_data: HoldService) -> Response:
    """Lay the service aside and free the window."""
    return _done(lambda: desk().hold(no, json_data.kind))


@blueprint.post("/windows/<int:no>/resume")
@blueprint.output(TicketOut)
@blueprint.doc(responses=[409, 422])
@allow("window")
@blueprint.input(Resume)
def resume(no: int, json_data: Resume) -> Response:
    """Go on with a held service."""
    return _done(lambda: desk().resume(no, json_data.ticket))


@blueprint.post("/windows/<int:no>/transfer")
@blueprint.output(TicketOut)
@blueprint.doc(responses=[409, 422])
@allow("window")
@blueprint.input(Transfer)
def transfer(no: int, json_data: Transfer) -> Response:
    """Send the ticket on to another service or window, at its original arrival."""
    return _done(
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
    return _done(lambda: desk().undo(no))


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
@allow(*ANY)
def windows() -> Response:
    """List all windows and what they are doing."""
    return _json(desk().windows_now())


@blueprint.get("/services")
@blueprint.output(ServicesOut)
@allow(*ANY)
def services() -> Response:
    """List all services and their lines."""
    return _json(desk().services_now())


# -- the board ---------------------------------------------------------------------------------


@blueprint.get("/board")
@blueprint.output(BoardOut)
@blueprint.doc(responses=[304])
@allow("display")
@blueprint.input(BoardQuery, location="query")
def board(query_data: BoardQuery) -> Response:
    """Show a zone's whole board; 304 while it is what the asker has."""
    zone = _zone_of(query_data.zone)
    answer = Response(content_type="application/json")
    answer.headers["Cache-Control"] = "no-cache"
    etag = f"{desk().rev()}-{rooms().clock() // days.MINUTE}-{zone.encode().hex()}"
    answer.set_etag(etag)
    if etag not in request.if_none_match:
        answer.data = json.dumps(live().board(zone))
    answer.make_conditional(request)
    return answer


def _zone_of(asked: str | None) -> str:
    bound = g.principal.zone
    if bound and asked and asked != bound:
        raise NotForYou("not_allowed", f"这台设备只显示分区“{bound}”。")
    zone = asked or bound
    if zone is None:
        raise NotValid("no_zone", "请说明要看哪个分区，如 ?zone=F1。")
    if zone not in register().catalogue().zone:
        raise NotFound("unknown_zone", f"没有分区“{zone}”。")
    return str(zone)


# -- ratings -----------------------------------------------------------------------------------


@blueprint.post("/ratings")
@blueprint.output(RatingOut, status_code=201)
@blueprint.doc(responses=[409, 422])
@allow("evaluator", "program")
@blueprint.input(Rate)
def rate(json_data: Rate) -> Response:
    """Keep what the person served says; an evaluator speaks for its own window only."""
    who = g.principal
    if channel_of(json_data.channel) not in may_send(who.role):
        raise NotAllowed("other_channel", "这个密钥不能送来这个渠道的评价。")
    rating = book().rate(
        json_data.visit,
        json_data.level,
        json_data.channel,
        tags=tuple(json_data.tags),
        text=json_data.text,
        contact=json_data.contact,
        window=who.window if who.role == "evaluator" else None,
        device=int(who.id),
    )
    return _json({"id": rating.id}, 201)


# -- months ------------------------------------------------------------------------------------


@blueprint.get("/months/<month>")
@blueprint.output(MonthOut)
@blueprint.doc(responses=[422])
@allow("manager", "program")
@blueprint.input(MonthQuery, location="query")
def month(month: str, query_data: MonthQuery) -> Response:
    """Show a month's table."""
    return _json(reading.month(month, query_data.by))


@blueprint.get("/months/<month>/export.csv")
@blueprint.doc(responses={200: "CSV, UTF-8 with BOM"})
@allow("manager", "program")
@blueprint.input(MonthQuery, location="query")
def month_csv(month: str, query_data: MonthQuery) -> Response:
    """Export a month's table as CSV."""
    return _export(reading.month(month, query_data.by), "csv")


@blueprint.get("/months/<month>/export.xlsx")
@blueprint.doc(responses={200: "XLSX workbook"})
@allow("manager", "program")
@blueprint.input(MonthQuery, location="query")
def month_xlsx(month: str, query_data: MonthQuery) -> Response:
    """Export a month's table as an XLSX workbook."""
    return _export(reading.month(month, query_data.by), "xlsx")


# -- how things are answered -------------------------------------------------------------------


def with_keys(document: Any) -> Any:
    """Return the OpenAPI document with what holds for every route: a key, and who is refused."""
    document["security"] = [{"key": []}]
    refusal = {"schema": {"$ref": "#/components/schemas/HTTPError"}}
    for methods in document["paths"].values():
        for operation in methods.values():
            for status, what in (("401", "No key, or one that is revoked"), ("403", "Not for you")):
                answer = {"description": what, "content": {"application/json": refusal}}
                operation["responses"].setdefault(status, answer)
    return document


def _json(shown: Any, status: int = 200) -> Response:
    # as a whole answer: APIFlask would check and copy every field of it once more
    return Response(json.dumps(shown), status, content_type="application/json")


def _ticket(found: Issued | Followed) -> dict[str, Any]:
    base = config().hall.public_url or f"{request.scheme}://{request.host}"
    return shapes.ticket(found, base + book().link(found.ticket.id), config().hall.zone)


def _done(verb: Callable[[], Ticket]) -> Response:
    """Carry out a window's verb, which shares its commit with others, and show the ticket."""
    return _json(_ticket(desk().follow_ticket(rooms().together.run(verb).id)))


def _window(no: int) -> Response:
    return _json(next(each for each in desk().windows_now() if each["no"] == no))


def _clerk_who_opens(asked: str | None) -> str | None:
    """Return who opens a window: a clerk only in their own name."""
    me: str | None = g.principal.clerk
    if me is not None and asked not in (None, me):
        raise NotForYou("not_allowed", "窗口人员只能以自己的工号开启窗口。")
    return asked or me


def _export(table: Mapping[str, Any], kind: str) -> Response:
    asked = {"month": table, "heading": _heading()}
    made = in_process("rating.export", kind, given=json.dumps(asked).encode())
    answer = Response(made, content_type=EXPORT_TYPES[kind])
    name = f"month-{table['month']}-{table['by']}.{kind}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _heading() -> dict[str, Any]:
    hall = register().hall()
    return {
        "hall": hall.name,
        "made_at": days.iso(rooms().clock(), config().hall.zone),
        "made_by": g.principal.name,
        "demo": hall.demo,
    }


EXPORT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
