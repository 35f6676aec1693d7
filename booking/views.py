"""The phone's pages: choose service, day and slot, say who comes, keep the code or give it back."""

from collections.abc import Iterable
from datetime import datetime
from io import BytesIO
from typing import Any
from uuid import uuid4

import qrcode
from apiflask import APIBlueprint
from flask import Response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from qrcode.image.svg import SvgPathImage

from booking import rules, words
from booking.plans import Slot
from booking.rules import Appointment
from hall import days
from hall.days import MINUTE, Instant
from hall.refusals import NotAllowed, NotFound, NotValid
from web.aside import in_thread
from web.current import book as ratings
from web.current import bookings, config, register, rooms
from web.errors import status_of
from web.limits import address

blueprint = APIBlueprint("booking", __name__, template_folder="templates", enable_openapi=False)

# A mobile network shows thousands of phones as one address. At thirty wrong codes in ten minutes it
# takes an address 24 years to meet one of ten thousand appointments, and it shows a masked name.
WRONG_CODES, BOOKINGS, LOOKING = 30, 60, 10 * MINUTE
# The last four digits of a phone number are ten thousand: nobody may try them through.
WRONG_TAILS, TAILS_WITHIN = 5, 60 * MINUTE
FIELD_OF = {
    "bad_id_number": "id_number",
    "bad_phone": "phone",
    "name_missing": "name",
    "name_too_long": "name",
}
TAIL_REFUSED = ("wrong_phone", "too_often")
FIELDS = ("name", "id_number", "phone")


# -- choosing ----------------------------------------------------------------------------------


@blueprint.get("/book")
def choose() -> ResponseReturnValue:
    """Show the services, then a service's days and slots, then the form."""
    asked = request.args
    if code := asked.get("code", "").strip():
        return _look_up(code)
    if not (service := asked.get("service", "")):
        return _services()
    try:
        if slot := asked.get("slot", ""):
            return _form(service, _slot_at(slot), {}, {})
        return _slots(service, asked.get("day", ""))
    except NotAllowed as refusal:
        return _services(refusal)


def _look_up(code: str) -> ResponseReturnValue:
    try:
        found = _of_code(code)
    except NotFound as refusal:
        return _services(refusal, code=code)
    return redirect(f"/book/{found.code}", 303)


def _services(refusal: NotAllowed | None = None, code: str = "") -> ResponseReturnValue:
    catalogue, offered = register().catalogue(), bookings().services()
    departments = [
        {
            "name": department.name,
            "services": [each for each in offered if each.department == department.code],
        }
        for department in catalogue.departments
    ]
    shown = render_template(
        "booking/services.html",
        departments=[each for each in departments if each["services"]],
        refusal=refusal,
        code=code,
        step=1,
    )
    return shown, status_of(refusal) if refusal else 200


def _slots(service: str, day: str, refusal: NotAllowed | None = None) -> ResponseReturnValue:
    offered = bookings().days_of(service)
    first = next((each for each, free in offered.items() if free), next(iter(offered), ""))
    chosen = day if day in offered else first
    slots = bookings().free_slots(service, chosen) if chosen else ()
    return render_template(
        "booking/slots.html",
        service=register().catalogue().service[service],
        days=[
            {
                "day": each,
                "said": words.day_said(each),
                "weekday": words.day_said(each)[-3:-1],
                "short": f"{int(each[5:7])}/{int(each[8:])}",
                "free": free,
            }
            for each, free in offered.items()
        ],
        chosen=chosen,
        halves=_halves(slots),
        refusal=refusal,
        step=2,
    )


def _halves(slots: Iterable[Slot]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return a day's slots as pages show them, morning and afternoon apart."""
    halves: dict[str, list[dict[str, Any]]] = {"上午": [], "下午": []}
    calendar, zone = rooms().desk.calendar(), config().hall.zone
    for slot in slots:
        half = "上午" if calendar.is_before_noon(slot.at) else "下午"
        halves[half].append(
            {
                "at": f"{days.local(slot.at, zone):%Y-%m-%dT%H:%M}",
                "times": words.times_said(slot.at, slot.ends, zone),
                "free": slot.free,
            }
        )
    return [(half, shown) for half, shown in halves.items() if shown]


# -- booking -----------------------------------------------------------------------------------


def _form(
    service: str, slot_at: Instant, typed: dict[str, str], wrong: dict[str, str], told: str = ""
) -> str:
    """Return the form; where the chosen slot has no room any more, with those that have."""
    day = days.day_of(slot_at, config().hall.zone)
    slots = bookings().free_slots(service, day)
    free = [each for each in slots if each.free]
    chosen = next((each for each in free if each.at == slot_at), None)
    if chosen is None and not typed:
        raise NotAllowed("slot_full", "这个时段没有空位了，请选择其他时段。")
    return render_template(
        "booking/form.html",
        service=register().catalogue().service[service],
        day=day,
        day_said=words.day_said(day),
        slot=_shown(chosen) if chosen else None,
        others=[_shown(each) for each in free],
        terms=bookings().terms,
        phone_days=config().appointments.keep_phone_days,
        tap=str(uuid4()),
        typed=typed,
        wrong=wrong,
        told=told,
        step=3,
    )


def _shown(slot: Slot) -> dict[str, str]:
    zone = config().hall.zone
    return {
        "at": f"{days.local(slot.at, zone):%Y-%m-%dT%H:%M}",
        "times": words.times_said(slot.at, slot.ends, zone),
    }


@blueprint.post("/book")
def book() -> ResponseReturnValue:
    """Book the slot; what is wrong comes back with what was typed."""
    rooms().limits.check("book", address(), BOOKINGS, LOOKING)
    rooms().limits.count("book", address(), LOOKING)
    form = request.form
    service, tap = form.get("service", ""), form.get("tap", "")
    typed = {field: form.get(field, "").strip() for field in FIELDS}
    slot_at = _slot_at(form.get("slot", ""))
    try:
        booking = rooms().together.run(lambda: bookings().book(service, slot_at, tap, **typed))
    except NotAllowed as refusal:
        return _refused(refusal, service, slot_at, typed)
    return redirect(f"/book/{booking.appointment.code}", 303)


def _refused(
    refusal: NotAllowed, service: str, slot_at: Instant, typed: dict[str, str]
) -> ResponseReturnValue:
    field = FIELD_OF.get(refusal.code)
    wrong = {field: refusal.message} if field else {}
    told = "" if field else refusal.message
    try:
        return _form(service, slot_at, typed, wrong, told), status_of(refusal)
    except NotAllowed as worse:
        return _services(worse)


def _slot_at(text: str) -> Instant:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise NotValid("no_such_slot", "没有这个时段，请重新选择。") from None
    return int(moment.replace(tzinfo=config().hall.zone).timestamp() * 1000)


# -- the appointment ---------------------------------------------------------------------------


@blueprint.get("/book/<code>")
def appointment(code: str) -> ResponseReturnValue:
    """Show an appointment with its code, or the number it has become."""
    try:
        return _page(_of_code(code))
    except NotFound as refusal:
        return _services(refusal)


@blueprint.get("/book/<code>/qr.svg")
def qr_code(code: str) -> Response:
    """Show a code as the kiosk's scanner reads it."""
    read = rules.read_code(code)
    if read is None:
        raise NotFound("unknown_appointment", "没有找到这个预约。")
    return Response(in_thread(_svg, read), mimetype="image/svg+xml")


@blueprint.post("/book/<code>/cancel")
def cancel(code: str) -> ResponseReturnValue:
    """Give the slot back, for who knows how the phone number ends."""
    try:
        found = _of_code(code)
    except NotFound as refusal:
        return _services(refusal)
    limits, tail = rooms().limits, request.form.get("phone_tail", "")
    try:
        limits.check("tail", found.code, WRONG_TAILS, TAILS_WITHIN)
        rooms().together.run(lambda: bookings().cancel(found.code, phone_tail=tail))
    except NotAllowed as refusal:
        if refusal.code == "wrong_phone":
            limits.count("tail", found.code, TAILS_WITHIN)
        return _page(found, refusal), status_of(refusal)
    return redirect(f"/book/{found.code}", 303)


def _of_code(code: str) -> Appointment:
    """Return the appointment of a code; who knows none is soon asked to rest."""
    limits, who = rooms().limits, address()
    limits.check("code", who, WRONG_CODES, LOOKING)
    try:
        return bookings().appointment(code)
    except NotFound:
        limits.count("code", who, LOOKING)
        raise


def _page(found: Appointment, refusal: NotAllowed | None = None) -> str:
    zone, terms = config().hall.zone, bookings().terms
    opens = bookings().admitted_from(found)
    wrong_tail = refusal.message if refusal and refusal.code in TAIL_REFUSED else ""
    until = rules.given_up_at(found.slot_at, found.slot_ends, terms)
    return render_template(
        "booking/appointment.html",
        told=bookings().told(found),
        day_said=words.day_said(found.day),
        times=words.times_said(found.slot_at, found.slot_ends, zone),
        opens=f"{days.local(opens, zone):%H:%M}",
        until=f"{days.local(until, zone):%H:%M}",
        terms=terms,
        may_cancel=bookings().not_cancellable(found) is None and bool(found.phone),
        follow=ratings().link(found.ticket) if found.ticket else "",
        refusal=None if wrong_tail else refusal,
        wrong_tail=wrong_tail,
    )


def _svg(code: str) -> bytes:
    made = qrcode.QRCode(border=2, error_correction=qrcode.ERROR_CORRECT_M)
    made.add_data(code)
    file = BytesIO()
    made.make_image(image_factory=SvgPathImage).save(file)
    return file.getvalue()
