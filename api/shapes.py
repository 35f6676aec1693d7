"""How tickets and calls are written for programs; pure."""

from typing import Any
from zoneinfo import ZoneInfo

from hall import days
from hall.desk import Called, Followed, Issued


def ticket(found: Issued | Followed, track_url: str, zone: ZoneInfo) -> dict[str, Any]:
    """Return a ticket with how it stands."""
    each = found.ticket
    return {
        "id": each.id,
        "number": each.number,
        "service": each.service,
        "state": each.state.value,
        "people_ahead": found.people_ahead,
        "expected_wait_minutes": found.expected_wait,
        "taken_at": days.iso(each.taken_at, zone),
        "track_url": track_url,
    }


def call(called: Called) -> dict[str, Any]:
    """Return a call with the ids a program goes on with."""
    return {
        "call": called.call,
        "visit": called.visit,
        "ticket": called.ticket.id,
        "number": called.ticket.number,
        "service": called.ticket.service,
        "window": called.window,
    }
