"""The pages of personal data: the rules and what they removed, one person's wish, receipts."""

import logging
from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, current_app, render_template, request
from flask.typing import ResponseReturnValue

from hall import days, identity
from hall.days import Instant
from hall.refusals import NotAllowed
from privacy import handover, rules
from privacy.privacy import LOOKS, Found, Standing, wish_of
from privacy.receipts import Receipt, Record, Wish, check_reason
from privacy.rules import ELSEWHERE, RULE
from reports import paper
from web import auditing
from web.access import allow, signed_in, with_role
from web.aside import WorkFailed
from web.current import config, privacy, register, rooms
from web.errors import status_of
from web.files import attachment
from web.office import by, frame, say, see_other
from web.printing import printed
from web.reading import ask_privacy
from web.views import own_path

blueprint = Blueprint("privacy", __name__, url_prefix="/privacy", template_folder="templates")

SEES = ("manager", "security", "audit")
SERVES = ("manager", "security")
REVEALS = ("handler", "inspector", "leader", "manager")
NAMES = ("姓名", "协助取号人")
log = logging.getLogger("privacy")
FIELDS = ("phone", "id_number", "name", "reason")


def _when(at: Instant | None) -> str:
    return "" if at is None else f"{days.local(at, config().hall.zone):%Y-%m-%d %H:%M}"


def _name(who: str) -> str:
    person = register().catalogue().person.get(who)
    return person.name if person else {"hall": "系统"}.get(who, who)


# -- the rules ---------------------------------------------------------------------------------


@blueprint.get("")
@allow(*SEES)
def overview() -> ResponseReturnValue:
    """Show which data goes when, what was removed, and who looked at whom."""
    return render_template(
        "privacy/rules.html",
        rows=[_row(each) for each in ask_privacy(lambda room: room.standings())],
        elsewhere=ELSEWHERE,
        recent=[
            {"day": run.day, "title": RULE[run.rule].title, "removed": run.removed}
            for run in privacy().recent()
            if run.rule in RULE
        ],
        looks=[
            {
                "at": _when(each.at),
                "who": _name(each.who),
                "what": f"{LOOKS.get(each.kind, each.kind)} {each.record or ''}".strip(),
                "reason": identity.masked_text(each.reason),
            }
            for each in privacy().looks()
        ],
        run_at=f"{config().privacy.run_at:%H:%M}",
        waits=privacy().waits(),
        tab="rules",
        may_serve=bool(with_role(signed_in(), SERVES)),
        **frame("privacy", SEES),
    )


def _row(each: Standing) -> dict[str, Any]:
    rule = each.rule
    return {
        "title": rule.title,
        "whose": rule.whose,
        "since": rule.since,
        "kept": rules.kept_said(rule, config()),
        "setting": rules.setting_said(rule),
        "happens": rule.happens,
        "basis": rule.basis,
        "last": each.last.day if each.last else "",
        "running": bool(each.last and each.last.ended_at is None),
        "last_removed": each.last.removed if each.last else 0,
        "removed": each.removed,
        "held": each.held,
        "next_on": each.next_on,
    }


# -- one person --------------------------------------------------------------------------------


@blueprint.get("/person")
@allow(*SERVES)
def person() -> ResponseReturnValue:
    """Show the form that asks whose data is sought."""
    return _person_page({})


def _person_page(
    typed: dict[str, str], refusal: NotAllowed | None = None, found: Found | None = None
) -> Response:
    shown = render_template(
        "privacy/person.html",
        typed=typed,
        refusal=refusal,
        found=_shown(found) if found else None,
        receipts=[_receipt(each) for each in privacy().receipts()],
        tab="person",
        **frame("privacy", SERVES),
    )
    return _answer(shown, refusal)


@blueprint.post("/person")
@allow(*SERVES)
def seek() -> ResponseReturnValue:
    """Show what is held of a person; the reason is kept before anything is shown."""
    typed = _typed()
    try:
        wish = _wish(typed)
        privacy().sought(wish, typed["reason"], by(*SERVES))
    except NotAllowed as refusal:
        return _person_page(typed, refusal)
    auditing.say(wish.said, typed["reason"])
    return _person_page(typed, found=_found(wish))


@blueprint.post("/person/copy")
@allow(*SERVES)
def copy() -> ResponseReturnValue:
    """Send a person's data as a file to hand over: readable, and for programs."""
    typed = _typed()
    try:
        wish = _wish(typed)
        privacy().handed_over(wish, typed["reason"], by(*SERVES))
    except NotAllowed as refusal:
        return _person_page(typed, refusal)
    auditing.say(wish.said, typed["reason"])
    found, made_at = _found(wish), _when(rooms().clock())
    page = render_template(
        "privacy/handover.html",
        hall=register().hall(),
        made_at=made_at,
        found=found,
        records=[_full(each) for each in found.records],
        asked=wish.said,
        elsewhere=ELSEWHERE,
        rows=[(each, rules.kept_said(each, config())) for each in rules.RULES],
    )
    hall, zone = register().hall(), config().hall.zone
    content = handover.packed(found.records, wish.said, hall.name, made_at, _pages(page), zone)
    name, plain = handover.file_names(made_at[:10], demo=hall.demo)
    return attachment(content, "application/zip", name, plain)


def _pages(page: str) -> dict[str, str | bytes]:
    """Return the copy as HTML, and as PDF where the server has a Chromium that prints it."""
    if paper.engine() is None:
        return {"html": page}
    try:
        return {"html": page, "pdf": printed(page)}
    except WorkFailed as trouble:  # whoever asked gets the copy all the same
        log.warning("copy_not_printed: %s", trouble)
        return {"html": page}


@blueprint.post("/person/confirm")
@allow(*SERVES)
def confirm() -> ResponseReturnValue:
    """Show what would be erased and what would stay, before anything is."""
    typed = _typed()
    try:
        wish = _wish(typed)
        why = check_reason(typed["reason"], "申请的事由")
    except NotAllowed as refusal:
        return _person_page(typed, refusal)
    auditing.say(wish.said, why)
    return _confirm_page(typed, _found(wish), str(uuid4()))


def _confirm_page(
    typed: dict[str, str], found: Found, tap: str, refusal: NotAllowed | None = None
) -> Response:
    shown = render_template(
        "privacy/confirm.html",
        typed=typed,
        tap=tap,
        refusal=refusal,
        found=_shown(found),
        tab="person",
        **frame("privacy", SERVES),
    )
    return _answer(shown, refusal)


@blueprint.post("/person/erase")
@allow(*SERVES)
def erase() -> ResponseReturnValue:
    """Erase what may be erased of a person, and show the receipt; the same form is once."""
    typed, tap = _typed(), request.form.get("tap", "")
    try:
        found = _found(_wish(typed))
    except NotAllowed as refusal:
        return _person_page(typed, refusal)
    try:
        handover.check_identified(request.form.get("identified", ""))
        receipt = rooms().together.run(lambda: _erased(found, typed["reason"], tap))
    except NotAllowed as refusal:
        return _confirm_page(typed, found, tap, refusal)
    say(f"已删除 {len(receipt.erased)} 条记录里的个人信息，回执 {receipt.number}。")
    return see_other(f"/privacy/receipts/{receipt.number}")


def _erased(found: Found, reason: str, tap: str) -> Receipt:
    receipt = privacy().erase(found, reason, by(*SERVES), tap)
    # in the verb: the row of the audit log is written with it
    auditing.say(f"回执 {receipt.number}", f"删除 {len(receipt.erased)} 条")
    return receipt


@blueprint.get("/receipts/<number>")
@allow(*SEES)
def one_receipt(number: str) -> ResponseReturnValue:
    """Show a receipt: on the screen, and on paper for who asked."""
    return render_template(
        "privacy/receipt.html",
        receipt=_receipt(privacy().receipt(number)),
        tab="person",
        **frame("privacy", SEES),
    )


def _answer(page: str, refusal: NotAllowed | None) -> Response:
    """Return a page that no browser keeps; 4xx when something was refused."""
    answer = current_app.make_response((page, status_of(refusal) if refusal else 200))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _typed() -> dict[str, str]:
    return {name: request.form.get(name, "").strip() for name in FIELDS}


def _wish(typed: dict[str, str]) -> Wish:
    return wish_of(typed["phone"], typed["id_number"], typed["name"])


def _found(wish: Wish) -> Found:
    return ask_privacy(lambda room: room.find(wish))


def _shown(found: Found) -> dict[str, Any]:
    return {
        "asked": found.wish.said,
        "records": [_masked(each) for each in found.records],
        "erasable": [_masked(each) for each in found.erasable],
        "staying": found.staying,
        "sent": sorted({each for record in found.records for each in record.sent}),
    }


def _full(record: Record) -> dict[str, Any]:
    return {
        "title": record.title,
        "at": _when(record.at),
        "told": record.told,
        "sent": "、".join(record.sent),
        "stays": record.stays,
        "rest": record.rest,
    }


def _masked(record: Record) -> dict[str, Any]:
    told = [
        (label, identity.masked(text) if label in NAMES else identity.masked_text(text))
        for label, text in record.told
    ]
    return _full(record) | {"told": told}


def _receipt(found: Receipt) -> dict[str, Any]:
    return {
        "number": found.number,
        "at": _when(found.at),
        "who": _name(found.who),
        "reason": identity.masked_text(found.reason),
        "asked": found.asked,
        "count": len(found.erased),
        "erased": handover.counted(found.erased),
        "kept": found.kept,
    }


# -- looks -------------------------------------------------------------------------------------


@blueprint.post("/hide/<kind>/<int:number>")
@allow(*REVEALS)
def hide(kind: str, number: int) -> ResponseReturnValue:
    """Hide again what somebody sees in full, and go back to the record."""
    privacy().close(kind, number, by(*REVEALS))
    return see_other(own_path(request.form.get("back", "")) or "/")
