"""The contract: every route reads the body, asks the desk or the book, and answers.

Windows and months have rooms of their own.
"""

from typing import Any

from apiflask import APIBlueprint
from flask import Response, g, json, request

from api.answers import as_json, as_ticket
from api.models import BoardOut, BoardQuery, Rate, RatingOut, ServicesOut, TakeTicket, TicketOut
from hall import days
from hall.refusals import NotAllowed, NotFound, NotValid
from rating.levels import channel_of, may_send
from web.access import ROLES, NotForYou, allow
from web.current import book, desk, live, register, rooms

blueprint = APIBlueprint("api", __name__, url_prefix="/api/v1", tag="hall")


# -- tickets -----------------------------------------------------------------------------------


@blueprint.post("/tickets")
@blueprint.output(TicketOut, status_code=201)
@blueprint.doc(responses=[200, 404, 409, 422])
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
        return as_json(as_ticket(issued), 201 if issued.fresh else 200)
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
    return as_json(as_ticket(issued), 201 if issued.fresh else 200)


@blueprint.get("/tickets/<int:ticket>")
@blueprint.output(TicketOut)
@blueprint.doc(responses=[404])
@allow("kiosk", "program")
def ticket(ticket: int) -> Response:
    """Show how a ticket stands."""
    return as_json(as_ticket(desk().follow_ticket(ticket)))


# -- services and the board --------------------------------------------------------------------


@blueprint.get("/services")
@blueprint.output(ServicesOut)
@allow(*ROLES)
def services() -> Response:
    """List all services and their lines."""
    return as_json(desk().services_now())


@blueprint.get("/board")
@blueprint.output(BoardOut)
@blueprint.doc(responses=[304, 404, 422])
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
    return as_json({"id": rating.id}, 201)


# -- what holds for all ------------------------------------------------------------------------


def with_keys(document: Any) -> Any:
    """Return the OpenAPI document with what holds for every route: a key, and who is refused."""
    document["security"] = [{"key": []}]
    refusal = {"schema": {"$ref": "#/components/schemas/HTTPError"}}
    for path, methods in document["paths"].items():
        for operation in methods.values():
            for status, what in _refusals(path, operation):
                answer = {"description": what, "content": {"application/json": refusal}}
                operation["responses"].setdefault(status, answer)
    return document


def _refusals(path: str, operation: Any) -> list[tuple[str, str]]:
    """Return how any route of this kind may be refused before it looks at what is asked."""
    told = [("401", "No key, or one that is revoked"), ("403", "Not for you")]
    if "{" in path:
        told.append(("404", "There is none"))
    if "requestBody" in operation:
        told += [("413", "More than 64 KB"), ("415", "Not JSON")]
    return told
