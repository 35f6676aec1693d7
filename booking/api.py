"""Appointments for other programs: slots, booking, cancelling, another system's appointments."""

from datetime import datetime
from typing import Any

from apiflask import APIBlueprint
from flask import Response, json

from booking.models import (
    AppointmentOut,
    BookSlot,
    Cancel,
    ForeignRow,
    Import,
    ImportedOut,
    SlotsOut,
    SlotsQuery,
)
from booking.taking_over import Foreign, Imported
from hall import days
from hall.days import Instant
from hall.refusals import NotValid
from web.access import allow
from web.current import bookings, config, rooms

blueprint = APIBlueprint("appointments", __name__, url_prefix="/api/v1/appointments", tag="hall")


@blueprint.get("/slots")
@blueprint.output(SlotsOut)
@blueprint.doc(responses=[404, 409, 422])
@allow("program")
@blueprint.input(SlotsQuery, location="query")
def slots(query_data: SlotsQuery) -> Response:
    """List a day's slots with their room, and the days that may be booked."""
    zone, offered = config().hall.zone, bookings().days_of(query_data.service)
    day = query_data.day or next((each for each, free in offered.items() if free), None)
    found = bookings().free_slots(query_data.service, day) if day else ()
    return _json(
        {
            "service": query_data.service,
            "day": day,
            "slots": [
                {
                    "slot_at": days.iso(each.at, zone),
                    "slot_ends": days.iso(each.ends, zone),
                    "quota": each.quota,
                    "free": each.free,
                }
                for each in found
            ],
            "days": [{"day": each, "free": free} for each, free in offered.items()],
        }
    )


@blueprint.post("")
@blueprint.output(AppointmentOut, status_code=201)
@blueprint.doc(responses=[200, 404, 409, 422])
@allow("program")
@blueprint.input(BookSlot)
def book(json_data: BookSlot) -> Response:
    """Book a slot for a person; the same tap again answers 200 with the same appointment."""
    slot_at = instant(json_data.slot_at)
    booking = rooms().together.run(
        lambda: bookings().book(
            json_data.service,
            slot_at,
            json_data.tap,
            id_number=json_data.id_number,
            name=json_data.name,
            phone=json_data.phone,
            source="program",
        )
    )
    return _json(bookings().told(booking.appointment), 201 if booking.fresh else 200)


@blueprint.get("/<code>")
@blueprint.output(AppointmentOut)
@blueprint.doc(responses=[404])
@allow("program", "kiosk")
def appointment(code: str) -> Response:
    """Show the appointment of a code."""
    return _json(bookings().told(bookings().appointment(code)))


@blueprint.post("/<code>/cancel")
@blueprint.output(AppointmentOut)
@blueprint.doc(responses=[404, 409, 422])
@allow("program")
@blueprint.input(Cancel)
def cancel(code: str, json_data: Cancel) -> Response:
    """Give a slot back; cancelling twice is cancelling once."""
    tail = json_data.phone_tail
    given_back = rooms().together.run(
        lambda: bookings().cancel(code, phone_tail=tail, by="program")
    )
    return _json(bookings().told(given_back))


@blueprint.post("/import")
@blueprint.output(ImportedOut)
@blueprint.doc(responses=[422])
@allow("program")
@blueprint.input(Import)
def import_rows(json_data: Import) -> Response:
    """Take over another system's appointments; each row is answered by itself, in order."""
    read = [_foreign(each) for each in json_data.rows]
    rows = [each for each in read if isinstance(each, Foreign)]
    done = iter(rooms().together.run(lambda: bookings().import_from(json_data.source, rows)))
    return _json([_result(next(done) if isinstance(each, Foreign) else each) for each in read])


def _foreign(row: ForeignRow) -> Foreign | Imported:
    """Return a row as the hall reads it; one whose times cannot be read is refused by itself."""
    try:
        return _read(row)
    except NotValid as refusal:
        return Imported(row.foreign_id, None, refusal)


def _read(row: ForeignRow) -> Foreign:
    return Foreign(
        foreign_id=row.foreign_id,
        service=row.service,
        slot_at=instant(row.slot_at),
        slot_ends=instant(row.slot_ends) if row.slot_ends else None,
        id_number=row.id_number,
        name=row.name,
        phone=row.phone,
        cancelled=row.cancelled,
    )


def _result(done: Imported) -> dict[str, Any]:
    made, refusal = done.booking, done.refusal
    return {
        "foreign_id": done.foreign_id,
        "code": made.appointment.code if made else None,
        "state": made.appointment.state.value if made else None,
        "fresh": bool(made and made.fresh),
        "refused": {"code": refusal.code, "message": refusal.message} if refusal else None,
    }


def instant(text: str) -> Instant:
    """Return the instant of an ISO 8601 text; without an offset it is the hall's time."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=config().hall.zone)
        return int(moment.timestamp() * 1000)
    except (ValueError, OverflowError):
        raise NotValid("bad_time", "时间须写作 2026-11-23T09:00:00+08:00 的样子。") from None


def _json(shown: Any, status: int = 200) -> Response:
    return Response(json.dumps(shown), status, content_type="application/json")
