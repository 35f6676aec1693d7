"""Ratings that staff type in: paper forms, the hotline, the opinion box; confirmed by a second."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from apiflask import APIBlueprint
from flask import render_template, request
from flask.typing import ResponseReturnValue

from hall import days
from hall.identity import masked_text
from hall.refusals import NotAllowed, NotFound
from rating.forms import CONFIRMERS, NUMBER_WORDS, Entry, Form, needs_second
from rating.levels import TYPED, channel_of, level_of
from rating.second import TYPIST_ROLES, is_person, second_person, typist
from rating.views import given_by_citizen, levels
from web.access import allow
from web.current import book, config, entries, register, rooms
from web.errors import status_of
from web.office import frame, say, see_other

blueprint = APIBlueprint("entry", __name__, template_folder="templates", enable_openapi=False)

ENDED_SHOWN = 20
FIELD_OF = {
    "number_missing": "number",
    "number_too_long": "number",
    "number_taken": "number",
    "unknown_ticket": "ticket",
    "not_rateable": "ticket",
    "already_rated": "ticket",
    "form_pending": "ticket",
    "too_late": "ticket",
    "unknown_level": "level",
    "text_too_long": "text",
    "contact_too_long": "contact",
}


@blueprint.get("/ratings/entry")
@allow(*TYPIST_ROLES)
def page() -> ResponseReturnValue:
    """Show the form, what waits for a second person, and what became of the last ones."""
    return _page({"channel": TYPED[0].value, "day": _today()})


def _today() -> str:
    return days.day_of(rooms().clock(), config().hall.zone)


def _page(typed: dict[str, Any], refusal: NotAllowed | None = None) -> str:
    return render_template(
        "rating/entry.html",
        typed=typed,
        refusal=refusal,
        wrong=FIELD_OF.get(refusal.code, "") if refusal else "",
        tap=request.form.get("tap") or str(uuid4()),
        channels=[(each.value, each.chinese, NUMBER_WORDS[each]) for each in TYPED],
        levels=levels(),
        today=_today(),
        text_length=config().rating.text_length,
        second_for_all=needs_second(TYPED[1], config().rating.confirm_hotline),
        person=is_person(),
        pending=[_told(each) for each in entries().pending()],
        ended=[_told(each) for each in entries().ended(ENDED_SHOWN)],
        tab="entry",
        **frame("ratings", TYPIST_ROLES),
    )


@blueprint.post("/ratings/entry")
@allow(*TYPIST_ROLES)
def type_in() -> ResponseReturnValue:
    """Keep a form; what is wrong comes back with what was typed."""
    form, said = request.form, given_by_citizen()
    typed = {
        **said,
        **{name: form.get(name, "").strip() for name in ("channel", "number", "day", "ticket")},
    }
    try:
        by = typist()
        told = Form(
            channel_of(typed["channel"]),
            typed["number"],
            level_of(said["level"]),
            tuple(said["tags"]),
            said["text"],
            said["contact"],
        )
        tap = form.get("tap", "")
        entry = rooms().together.run(
            lambda: entries().type_in(typed["day"], typed["ticket"], told, tap, by=by)
        )
    except NotAllowed as refusal:
        return _page(typed, refusal), status_of(refusal)
    waits = "已录入，等待第二人确认。" if entry.is_pending else "已录入并生效。"
    say(f"{told.channel.chinese} {told.number} {waits}")
    return see_other("/ratings/entry")


@blueprint.get("/ratings/entry/<int:number>")
@allow(*TYPIST_ROLES)
def one(number: int) -> ResponseReturnValue:
    """Show a form whole, to be compared with the paper and confirmed or sent back."""
    return _one(number)


def _one(number: int, refusal: NotAllowed | None = None, act: str = "") -> str:
    return render_template(
        "rating/entry_one.html",
        entry=_told(entries().entry(number)),
        refusal=refusal,
        act=act,
        staff_number=request.form.get("staff_number", "")[:40],
        reason=request.form.get("reason", "")[:200],
        person=is_person(),
        confirmers=_confirmers(),
        tab="entry",
        **frame("ratings", TYPIST_ROLES),
    )


def _confirmers() -> bool:
    """Return whether the hall has two people at all who may type and confirm."""
    people = register().catalogue().people
    return sum(each.active and each.role in CONFIRMERS for each in people) > 1


@blueprint.post("/ratings/entry/<int:number>/confirm")
@allow(*TYPIST_ROLES)
def confirm(number: int) -> ResponseReturnValue:
    """Let a form count, in the name of a second person who gives number and password here."""

    def verb() -> str:
        by = second_person()
        entry = rooms().together.run(lambda: entries().confirm(number, by=by))
        return f"{entry.form.channel.chinese} {entry.form.number} 已确认，评价生效。"

    return _act(number, "confirm", verb)


@blueprint.post("/ratings/entry/<int:number>/withdraw")
@allow(*TYPIST_ROLES)
def withdraw(number: int) -> ResponseReturnValue:
    """Send a mistyped form back, with a reason."""

    def verb() -> str:
        by, reason = typist(), request.form.get("reason", "")
        entry = rooms().together.run(lambda: entries().withdraw(number, reason, by=by))
        return f"{entry.form.channel.chinese} {entry.form.number} 已退回，可以重新录入。"

    return _act(number, "withdraw", verb)


def _act(number: int, act: str, verb: Callable[[], str]) -> ResponseReturnValue:
    try:
        say(verb())
    except NotFound:
        raise
    except NotAllowed as refusal:
        return _one(number, refusal, act), status_of(refusal)
    return see_other("/ratings/entry")


def _told(entry: Entry) -> dict[str, Any]:
    """Return a form in words."""
    form, zone = entry.form, config().hall.zone
    visit = entries().visit(entry.visit)
    texts = {tag.code: tag.text for tag in book().tags_ever(form.level)}
    people = register().catalogue().person
    names = {None: ""} | {number: person.name for number, person in people.items()}
    window = register().catalogue().window[visit.window]

    def at(instant: days.Instant | None) -> str:
        return f"{days.local(instant, zone):%m-%d %H:%M}" if instant else ""

    return {
        "id": entry.id,
        "channel": form.channel.chinese,
        "number_word": NUMBER_WORDS[form.channel],
        "number": form.number,
        "level": form.level.chinese,
        "tags": [texts.get(code, code) for code in form.tags],
        # who confirms compares each character with the paper; afterwards nobody has to
        "text": form.text if entry.is_pending else masked_text(form.text),
        "contact": form.contact,
        "day": visit.day,
        "ticket": book().desk.ticket(visit.ticket).number,
        "service": register().catalogue().service[visit.service].name,
        "window": window.numbered_name,
        "typed_by": names.get(entry.typed_by, entry.typed_by),
        "typed_at": at(entry.typed_at),
        "confirmed_by": names.get(entry.confirmed_by, entry.confirmed_by),
        "confirmed_at": at(entry.confirmed_at),
        "withdrawn_by": names.get(entry.withdrawn_by, entry.withdrawn_by),
        "withdrawn_at": at(entry.withdrawn_at),
        "reason": entry.reason,
        "is_pending": entry.is_pending,
    }
