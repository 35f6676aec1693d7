"""Slips of the help desk: printed where somebody chose, or shown on the screen."""

from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import Any

from flask import current_app, request, session
from PIL import Image

from hall import days
from hall.catalogue import Device
from hall.tickets import State, Ticket
from kiosk.slip import DOTS_OF_PAPER, SlipFacts, slip, window_list
from province.pages import on_slip
from web.aside import in_thread
from web.current import book, config, desk, printers, register

CHOSEN = "helpdesk-printer"


@dataclass(frozen=True, slots=True)
class Choice:
    """A printer that may be chosen: the device it stands at, and why it would not print now."""

    id: int
    name: str
    trouble: str
    chosen: bool


def choices() -> list[Choice]:
    """Return the devices with a printer, with what is wrong with each."""
    known, mine = printers().states(), chosen()
    return [
        Choice(
            each.id or 0,
            each.name,
            "" if (state := known.get(each.printer.strip())) is None else state.trouble,
            mine is not None and each.id == mine.id,
        )
        for each in _with_printer()
    ]


def _with_printer() -> list[Device]:
    return [each for each in register().catalogue().devices if each.active and each.printer.strip()]


def chosen() -> Device | None:
    """Return the device whose printer this browser uses; None shows slips on the screen."""
    number = session.get(CHOSEN)
    return next((each for each in _with_printer() if each.id == number), None)


def choose(number: int | None) -> Device | None:
    """Use the printer of a device from now on, or none."""
    session[CHOSEN] = number
    return chosen()


def print_first(ticket: Ticket, notice: str = "") -> Any:
    """Print a new ticket's slip where this browser prints; None when it goes to the screen."""
    device = chosen()
    if device is None:
        return None
    job = _slips().print_once(
        ticket.id, device.printer, lambda: partial(slip, _facts(ticket, copy=False, notice=notice))
    )
    job.wait(config().paper.wait_seconds)
    return job


def print_again(ticket: Ticket, tap: str) -> Any:
    """Print a slip marked 补打; None when it goes to the screen."""
    device = chosen()
    if device is None:
        return None
    job = _slips().print_again(
        ticket.id, tap, device.printer, lambda: partial(slip, _facts(ticket, copy=True))
    )
    job.wait(config().paper.wait_seconds)
    return job


def newest(ticket: int) -> Any:
    """Return a ticket's newest slip, None when this server has printed none."""
    return _slips().of(ticket)


def picture(ticket: Ticket, *, copy: bool) -> bytes:
    """Return a slip as a PNG picture, as it would be printed."""
    facts = _facts(ticket, copy=copy)
    return in_thread(_png, facts, DOTS_OF_PAPER[config().paper.width_mm])


def _png(facts: SlipFacts, dots: int) -> bytes:
    drawn: Image.Image = slip(facts, dots)
    file = BytesIO()
    drawn.save(file, "PNG")
    return file.getvalue()


def _slips() -> Any:
    # untyped, as in web.current: the slips belong to the kiosk's room
    return current_app.extensions["slips"]


def _facts(ticket: Ticket, *, copy: bool, notice: str = "") -> SlipFacts:
    hall, catalogue = register().hall(), register().catalogue()
    service = catalogue.service[ticket.service]
    followed = desk().follow_ticket(ticket.id)
    english = ticket.language == "en"
    base = config().hall.public_url or request.host_url.rstrip("/")
    province = config().province
    address, scan_for = on_slip(
        province.mode,
        (province.qr_url, province.qr_text),
        base + book().link(ticket.id),
        english=english,
    )
    return SlipFacts(
        hall=(english and config().hall.name_en) or hall.name,
        number=ticket.number,
        service=(english and service.name_en) or service.name,
        windows=window_list(followed.windows, ticket.language),
        people_ahead=followed.people_ahead,
        expected_wait=followed.expected_wait if ticket.state is State.WAITING else None,
        taken_at=days.iso(ticket.taken_at, config().hall.zone)[:16].replace("T", " "),
        track_url=address,
        scan_for=scan_for,
        missed_note=desk().return_policy.beforehand(ticket.language),
        masked_name=ticket.holder,
        notice=notice,
        demo=hall.demo,
        copy=copy,
        language=ticket.language,
        foot=catalogue.words_en("slip_foot") if english else catalogue.words("slip_foot"),
    )
