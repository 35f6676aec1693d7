"""The ticket kiosk: its page, its menu, one ticket a tap, and then the paper."""

import time
from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Annotated, Any, ClassVar, cast

import qrcode
from apiflask import APIBlueprint
from flask import Response, current_app, g, jsonify, render_template, request
from PIL import Image
from pydantic import BaseModel, ConfigDict, Field
from qrcode.image.svg import SvgPathImage

from booking.rules import Appointment
from hall import days
from hall.desk import Followed, Issued
from hall.refusals import NotAllowed
from hall.services import hall_is_closed
from kiosk.menu import menu
from kiosk.printing import Condition, Drawing, Job
from kiosk.slip import DOTS_OF_PAPER, SlipFacts, slip, window_list
from kiosk.slips import Slips
from province.pages import on_slip
from web.access import allow
from web.aside import in_thread
from web.current import book, config, desk, printers, register, rooms

blueprint = APIBlueprint("kiosk", __name__, template_folder="templates", enable_openapi=False)

# Who took a ticket stands before the kiosk; later a slip and its signed link are the help desk's.
AT_THE_KIOSK = 10 * days.MINUTE
# At one kiosk; who looks for a number of their own does not need so many.
WRONG_MOST, WRONG_WITHIN = 30, 5 * days.MINUTE
Code = Annotated[str, Field(min_length=1, max_length=80)]


class TakeTicket(BaseModel):
    """A citizen's touch; the same ``tap`` again gives the same ticket."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)
    service: Code
    tap: Code
    language: Annotated[str, Field(max_length=8)] = "zh"
    phone: Annotated[str | None, Field(max_length=20)] = None
    id_number: Annotated[str | None, Field(max_length=30)] = None
    appointment: Annotated[str | None, Field(max_length=20)] = None


class Entered(BaseModel):
    """What was typed or scanned: an appointment's code, an ID number, a ticket's number or QR."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)
    text: Annotated[str, Field(max_length=300)]


class Reprint(BaseModel):
    """A touch of 重新打印小票."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)
    tap: Code


@blueprint.get("/kiosk")
@allow("kiosk")
def page() -> str:
    """Show the kiosk."""
    shown = config().kiosk.model_dump()
    return render_template("kiosk/kiosk.html", page=shown)


@blueprint.get("/kiosk/menu.json")
@allow("kiosk")
def menu_now() -> Response:
    """Say what can be taken now, how long its line is, and whether slips come out."""
    hall, now, zone = register().hall(), rooms().clock(), config().hall.zone
    closed = hall_is_closed(desk().calendar(), now)
    return jsonify(
        hall={"name": hall.name, "name_en": config().hall.name_en, "demo": hall.demo},
        greeting=_greeting(),
        now=days.iso(now, zone),
        paper=_paper_state(),
        entries=_entries(),
        **menu(register().catalogue(), desk().services_now(), closed),
    )


@blueprint.post("/kiosk/tickets")
@allow("kiosk")
@blueprint.input(TakeTicket)
def take_ticket(json_data: TakeTicket) -> tuple[Response, int]:
    """Take a ticket and print it; a tap that is known has its ticket and its slip already."""
    began = time.monotonic()
    issued = rooms().together.run(_giving(json_data))
    job = _slips().print_once(issued.ticket.id, _printer(), lambda: _drawing(issued, copy=False))
    job.wait(max(0.0, began + config().paper.wait_seconds - time.monotonic()))
    return jsonify(_taken(issued) | _paper(job)), 201 if issued.fresh else 200


def _greeting() -> dict[str, str]:
    """Return the hall's own words beside the common services, empty for the usual ones."""
    place, catalogue = "kiosk_greeting", register().catalogue()
    return {"zh": catalogue.words(place), "en": catalogue.words_en(place)}


def _giving(asked: TakeTicket) -> Callable[[], Issued]:
    """Return what gives the ticket: for an appointment the check-in is the ticket."""
    said: dict[str, Any] = {
        "language": asked.language,
        "source": "kiosk",
        "device": int(g.principal.id),
    }
    if asked.appointment is not None:
        check_in = rooms().bookings.check_in
        return partial(check_in, asked.appointment, asked.tap, service=asked.service, **said)
    whose: dict[str, Any] = {"phone": asked.phone, "id_number": asked.id_number}
    return partial(desk().issue, asked.service, asked.tap, **whose, **said)


@blueprint.post("/kiosk/appointments")
@allow("kiosk")
@blueprint.input(Entered)
def appointments(json_data: Entered) -> Response:
    """Find appointments by code or ID number, each with why it cannot be checked in now."""
    limits, here = rooms().limits, g.principal.id
    limits.check("kiosk", here, WRONG_MOST, WRONG_WITHIN)
    try:
        found = rooms().bookings.find(json_data.text)
    except NotAllowed:
        limits.count("kiosk", here, WRONG_WITHIN)
        raise
    return jsonify([_appointment(each) for each in found])


@blueprint.post("/kiosk/returns")
@allow("kiosk")
@blueprint.input(Entered)
def come_back(json_data: Entered) -> Response:
    """Let who was missed wait again, by the number on the slip or its QR code."""
    text = json_data.text.strip()
    number = _number_of_slip(text.rpartition("/r/")[2]) if "/r/" in text else text
    issued = rooms().together.run(lambda: desk().come_back(number, by="kiosk"))
    return jsonify(_taken(issued))


def _number_of_slip(token: str) -> str:
    ticket = desk().ticket(book().links.ticket_of(token))
    if ticket.day != days.day_of(rooms().clock(), config().hall.zone):
        raise NotAllowed("not_today", f"{ticket.number} 号不是今天的号，请重新取号。")
    return ticket.number


@blueprint.get("/kiosk/tickets/<int:ticket>/paper")
@allow("kiosk")
def paper(ticket: int) -> Response:
    """Say what became of a slip."""
    return jsonify(_paper(_slips().of(ticket)))


@blueprint.post("/kiosk/tickets/<int:ticket>/reprint")
@allow("kiosk")
@blueprint.input(Reprint)
def reprint(ticket: int, json_data: Reprint) -> Response:
    """Print a ticket's slip once more, marked as a copy."""
    began, followed = time.monotonic(), _at_the_kiosk(ticket)
    job = _slips().print_again(
        ticket,
        json_data.tap,
        _printer(),
        lambda: _drawing(followed, copy=True),
        where=g.principal.name,
    )
    job.wait(max(0.0, began + config().paper.wait_seconds - time.monotonic()))
    return jsonify(_paper(job))


@blueprint.get("/kiosk/tickets/<int:ticket>/slip.png")
@allow("kiosk")
def slip_picture(ticket: int) -> Response:
    """Show the slip as it is printed."""
    drawing = cast(Callable[[int], Image.Image], _drawing(_at_the_kiosk(ticket), copy=False))
    return Response(in_thread(_png, drawing, _dots()), mimetype="image/png")


@blueprint.get("/kiosk/tickets/<int:ticket>/qr.svg")
@allow("kiosk")
def qr_code(ticket: int) -> Response:
    """Show the way to follow a ticket, for a phone held before the screen."""
    link = _track_url(_at_the_kiosk(ticket).ticket.id)
    return Response(in_thread(_svg, link), mimetype="image/svg+xml")


# -- what is said about a ticket ---------------------------------------------------------------


def _entries() -> list[str]:
    """Return which ways to come in there are besides taking a ticket."""
    ways = {
        "appointment": rooms().bookings.in_use(),
        "return": config().queue.returns in ("after_places", "end_of_line"),
    }
    return [way for way, is_open in ways.items() if is_open]


def _appointment(found: Appointment) -> dict[str, Any]:
    told = rooms().bookings.told(found)
    refusal = rooms().bookings.not_admitted(found)
    shown = ("code", "service", "service_name", "slot_at", "slot_ends", "holder", "number")
    return {
        **{name: told[name] for name in shown},
        "service_name_en": register().catalogue().service[found.service].name_en,
        "refusal": {"code": refusal.code, "message": refusal.message} if refusal else None,
    }


def _taken(issued: Issued) -> dict[str, Any]:
    ticket = issued.ticket
    return {
        "id": ticket.id,
        "number": ticket.number,
        "service": ticket.service,
        "service_name": register().catalogue().service[ticket.service].name,
        "windows": list(desk().follow_ticket(ticket.id).windows),
        "people_ahead": issued.people_ahead,
        "expected_wait_minutes": issued.expected_wait,
        "expected_wait_range": issued.wait_range,
        "notice": issued.notice,
        "taken_at": days.iso(ticket.taken_at, config().hall.zone),
        "track_url": _track_url(ticket.id),
        "slip_url": f"/kiosk/tickets/{ticket.id}/slip.png",
    }


def _track_url(ticket: int) -> str:
    base = config().hall.public_url or request.host_url.rstrip("/")
    return base + book().link(ticket)


def _at_the_kiosk(ticket: int) -> Followed:
    followed = desk().follow_ticket(ticket)
    if rooms().clock() - followed.ticket.taken_at > AT_THE_KIOSK:
        raise NotAllowed("taken_long_ago", "这张号票取得较早，请到咨询台查询或补打小票。")
    return followed


# -- paper -------------------------------------------------------------------------------------


def _slips() -> Slips:
    return cast(Slips, current_app.extensions["slips"])


def _printer() -> str:
    device = register().device(int(g.principal.id))
    return device.printer if device else ""


def _dots() -> int:
    return DOTS_OF_PAPER[config().paper.width_mm]


def _paper(job: Job | None) -> dict[str, str]:
    if job is None:
        return {"paper": "failed", "paper_message": "不能确定小票是否已打出，可重新打印。"}
    state = "none" if job.code == "no_printer" else job.outcome
    return {"paper": state, "paper_message": job.message}


def _paper_state() -> str:
    """Return ``ok``, ``trouble`` or ``none``; a printer nobody has asked yet is thought well of."""
    address = _printer().strip()
    if not address:
        return "none"
    state = printers().states().get(address)
    if state is None or state.prints or state.condition is Condition.UNKNOWN:
        return "ok"
    return "trouble"


def _drawing(found: Issued | Followed, *, copy: bool) -> Drawing:
    """Return what draws a slip off the loop, once the printer's width is known."""
    ticket, hall = found.ticket, register().hall()
    english = ticket.language == "en"
    catalogue = register().catalogue()
    service = catalogue.service[ticket.service]
    windows = desk().follow_ticket(ticket.id).windows
    province = config().province
    address, scan_for = on_slip(
        province.mode, (province.qr_url, province.qr_text), _track_url(ticket.id), english=english
    )
    facts = SlipFacts(
        hall=(english and config().hall.name_en) or hall.name,
        number=ticket.number,
        service=(english and service.name_en) or service.name,
        windows=window_list(windows, ticket.language),
        people_ahead=found.people_ahead,
        expected_wait=found.expected_wait,
        wait_range=found.wait_range,
        taken_at=days.iso(ticket.taken_at, config().hall.zone)[:16].replace("T", " "),
        track_url=address,
        scan_for=scan_for,
        missed_note=desk().return_policy.beforehand(ticket.language),
        masked_name=ticket.holder,
        notice="" if english or not isinstance(found, Issued) else found.notice,
        demo=hall.demo,
        copy=copy,
        language=ticket.language,
        foot=catalogue.words_en("slip_foot") if english else catalogue.words("slip_foot"),
    )
    return partial(slip, facts)


def _png(drawing: Callable[[int], Image.Image], dots: int) -> bytes:
    file = BytesIO()
    drawing(dots).save(file, "PNG")
    return file.getvalue()


def _svg(link: str) -> bytes:
    code = qrcode.QRCode(border=2, mask_pattern=2)  # weighing all eight masks costs 11 ms
    code.add_data(link)
    file = BytesIO()
    code.make_image(image_factory=SvgPathImage).save(file)
    return file.getvalue()
