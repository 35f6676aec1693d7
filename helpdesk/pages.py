"""What the help desk's pages are made of, read at one moment."""

from typing import Any
from uuid import uuid4

from flask import render_template, request

from hall.priorities import CLASSES
from hall.refusals import NotAllowed
from hall.tickets import Ticket
from helpdesk import paper, told
from helpdesk.glance import glance
from helpdesk.who import acting, manages, said
from kiosk.slip import window_list
from web.current import config, desk, register, rooms


def in_short(ticket: Ticket) -> dict[str, Any]:
    """Return a ticket as a line of a list."""
    return told.in_short(ticket, register().catalogue(), config().hall.zone)


def page(template: str, **more: Any) -> str:
    """Return a page with what stands around every one: the search, the glance, the printer."""
    zone = config().hall.zone
    shown = {
        "text": "",
        "tap": str(uuid4()),
        "signed_in": acting(),
        "manages": manages(),
        "said": said(),
        "glance": glance_now(),
        "now": told.clock(rooms().clock(), zone),
        "day_ended": desk().is_day_ended(),
        "printers": paper.choices(),
        "printer": paper.chosen(),
        "here": request.path if request.method == "GET" else "/helpdesk",
        "refused": None,
    }
    return render_template(template, **{**shown, **more})


def glance_now() -> dict[str, Any]:
    """Return the hall's figures as they are now."""
    return glance(desk().services_now(), desk().windows_now())


def ticket_now(number: int) -> dict[str, Any]:
    """Return what a page that shows a ticket asks about it."""
    story = desk().story(number)
    return {
        "seen": story.seen,
        "ahead": story.people_ahead,
        "wait": story.expected_wait,
        "minutes": told.minutes(told.since(story.ticket, story.visits), rooms().clock()),
    }


def dossier_of(number: int, refused: NotAllowed | None = None, act: str = "") -> str:
    """Return a ticket's page, with what an act was refused with beside it."""
    story, catalogue, zone = desk().story(number), register().catalogue(), config().hall.zone
    ticket, at = story.ticket, rooms().clock()
    job = paper.newest(number)
    return page(
        "helpdesk/ticket.html",
        text=ticket.number,
        ticket=ticket,
        short=in_short(ticket),
        story=story,
        windows=window_list(story.windows),
        place=told.place(ticket, story.visits, catalogue),
        since=told.clock(told.since(ticket, story.visits), zone),
        minutes=told.minutes(told.since(ticket, story.visits), at),
        slot=told.clock(ticket.slot_at, zone),
        source=told.SOURCES.get(ticket.source, ticket.source),
        classes=CLASSES,
        granted=config().queue.priority_classes,
        acts=told.acts_of(ticket, desk().newest_day()),
        visits=[told.visit_row(each, catalogue, zone) for each in story.visits],
        steps=[
            told.step_row(each.event, each.at, each.who, each.detail, catalogue, zone)
            for each in story.steps
            if each.event in told.STEPS
        ],
        job=job,
        slip=request.args.get("slip", "") if job is None else "",
        services=services_to_choose(),
        typed=request.form,
        refused=refused,
        refused_act=act,
    )


def services_to_choose() -> list[dict[str, Any]]:
    """Return the services in the hall's order, with what the picker finds them by."""
    place = {each.code: at for at, each in enumerate(register().catalogue().services)}
    return sorted(glance_now()["services"], key=lambda each: place[each["code"]])
