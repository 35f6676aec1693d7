"""How the contract's routes answer: whole JSON bodies, tickets with their link."""

from collections.abc import Callable
from typing import Any

from flask import Response, json, request

from api import shapes
from hall.desk import Followed, Issued
from hall.tickets import Ticket
from web.current import book, config, desk, rooms


def as_json(shown: Any, status: int = 200) -> Response:
    """Answer with JSON."""
    # as a whole answer: APIFlask would check and copy every field of it once more
    return Response(json.dumps(shown), status, content_type="application/json")


def as_ticket(found: Issued | Followed) -> dict[str, Any]:
    """Return a ticket as programs are told of it, with the link its owner follows it by."""
    base = config().hall.public_url or f"{request.scheme}://{request.host}"
    return shapes.ticket(found, base + book().link(found.ticket.id), config().hall.zone)


def carried_out(verb: Callable[[], Ticket]) -> Response:
    """Carry out a window's verb, which shares its commit with others, and show the ticket."""
    return as_json(as_ticket(desk().placed(rooms().together.run(verb))))
