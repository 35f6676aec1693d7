"""The staff's pages of complaints: the register, a new one, and one with what may be done of it."""

from collections import Counter
from functools import partial
from typing import Any
from uuid import uuid4

from apiflask import APIBlueprint
from flask import Response, current_app, render_template, request
from flask.typing import ResponseReturnValue

from complaints import drafting, life, limits, lists, words
from complaints.drafting import IN_FORM, Draft
from complaints.finding import Wanted
from complaints.life import KINDS, OPEN, SOURCES, STATES, Complaint, Source, State
from complaints.limits import Colour
from complaints.pages import (
    APPROVES,
    HANDLES,
    REGISTERS,
    REVEALS,
    SEES,
    WATCHES,
    by,
    frame,
    months,
    own_unit,
    row_of,
    shown_at,
)
from hall import days
from hall.identity import masked_phone, masked_text
from hall.refusals import NotAllowed, NotFound
from web import revealing
from web.access import allow
from web.current import complaints, config, register, rooms
from web.errors import status_of
from web.office import say, see_other

blueprint = APIBlueprint(
    "complaints",
    __name__,
    url_prefix="/complaints",
    template_folder="templates",
    enable_openapi=False,
)
blueprint.register_blueprint(lists.blueprint)

SHOWN_MOST = 500
REVEALED = "complaint"
STEPS = {
    "registered": "登记",
    "assigned": "分派",
    "accepted": "受理",
    "extended": "批准延期",
    "replied": "回复",
    "closed": "办结",
    "withdrawn": "撤回",
    "revealed": "查看投诉人信息",
}


# -- the register ------------------------------------------------------------------------------


@blueprint.get("")
@allow(*SEES)
def listed() -> ResponseReturnValue:
    """Show the complaints: without a wish those that are open, the nearest limit first."""
    own = own_unit()
    asked = {name: request.args.get(name, "") for name in ("unit", "source", "state", "month")}
    if not request.args:
        asked["state"] = "open"
    month = asked["month"] if days.is_month(asked["month"]) else ""
    found = complaints().find(
        Wanted(month, own or asked["unit"] or None, asked["source"] or None, asked["state"] or None)
    )
    if asked["state"] == "open":
        found.sort(key=lambda each: limits.next_limit(each.complaint) or 0)
    counted = Counter(each.colour for each in found)
    return render_template(
        "complaints/list.html",
        rows=[row_of(each) for each in found[:SHOWN_MOST]],
        total=len(found),
        counted={each.value: counted[each] for each in Colour},
        answered=sum(each.complaint.replied_at is not None for each in found),
        asked=asked,
        own=own,
        months=months(month),
        states={"open": "未回复（全部）"} | {each.value: word for each, word in STATES.items()},
        **frame(),
    )


# -- a new one ---------------------------------------------------------------------------------


@blueprint.get("/new")
@allow(*REGISTERS)
def new() -> ResponseReturnValue:
    """Show an empty form; it carries a tap, so that it may come twice."""
    return _form({"source": Source.WINDOW.value, "kind": "complaint"}, {}, str(uuid4()))


@blueprint.post("/new")
@allow(*REGISTERS)
def add() -> ResponseReturnValue:
    """Register a complaint, or show every mistake beside its field."""
    typed = {name: value.strip() for name, value in request.form.items()}
    draft, wrong = _draft_typed(typed)
    if found := complaints().mistakes(draft) | wrong:
        return _form(typed, found, typed.get("tap", "")), 422
    try:
        kept = complaints().register_one(draft, typed.get("tap", ""), by())
    except NotAllowed as refusal:
        field = "order_number" if refusal.code == "order_known" else "title"
        return _form(typed, {field: refusal.message}, str(uuid4())), status_of(refusal)
    say(f"已登记 {kept.number}。")
    return see_other(f"/complaints/{kept.id}")


def _draft_typed(typed: dict[str, str]) -> tuple[Draft, dict[str, str]]:
    wrong: dict[str, str] = {}
    zone = config().hall.zone
    instants: dict[str, int | None] = {"at": rooms().clock(), "order_due": None}
    readers = {"at": words.read_instant, "order_due": words.last_instant}
    for field, read in readers.items():
        if text := typed.get(field, ""):
            try:
                instants[field] = read(text, zone)
            except (ValueError, OverflowError):
                wrong[field] = f"{IN_FORM[field]}须写作 2026-11-02 09:30 的样子。"
    told = {
        name: typed.get(name, "")
        for name in ("source", "kind", "title", "complainant", "phone", "accused_unit", "accused")
    }
    more = {name: typed.get(name, "") for name in ("content", "unit", "order_number")}
    if told["source"] != Source.ORDER:
        instants["order_due"], more["order_number"] = None, ""
        wrong.pop("order_due", None)
    # the fields are read by name from one table; mypy sees the union of their types
    return Draft(**told, **more, **instants), wrong  # type: ignore[arg-type]


def _form(typed: dict[str, str], wrong: dict[str, str], tap: str) -> str:
    terms = complaints().terms
    return render_template(
        "complaints/new.html",
        typed=typed,
        wrong=wrong,
        tap=tap,
        labels=IN_FORM,
        lengths=drafting.LENGTHS,
        terms=terms,
        now=shown_at(rooms().clock()),
        **frame(),
    )


# -- one complaint -----------------------------------------------------------------------------


@blueprint.get("/<int:number>")
@allow(*SEES)
def one(number: int) -> ResponseReturnValue:
    """Show a complaint, what was done of it, and what may be done now."""
    return _one(number)


def _one(number: int, refusal: NotAllowed | None = None, act: str = "") -> Response:
    found = complaints().complaint(number)
    complaints().check_sees(found, by())
    revealed = revealing.is_open(REVEALED, number, by())
    people = register().catalogue().person
    steps = [
        {
            "at": shown_at(each.at),
            "what": STEPS.get(each.what, each.what),
            "who": people[each.who].name if each.who in people else each.who,
            "told": each.told if revealed else masked_text(each.told),
        }
        for each in complaints().steps(number)
    ]
    shown = render_template(
        "complaints/one.html",
        row=row_of(complaints().told(found), full=revealed),
        about=found,
        content=found.content if revealed else masked_text(found.content),
        reply=found.reply if revealed else masked_text(found.reply),
        reveal_minutes=config().privacy.reveal_minutes,
        fields=_fields(found, full=revealed),
        revealed=revealed,
        steps=steps,
        acts=_acts(found),
        refusal=refusal,
        act=act,
        typed=request.form,
        reply_length=life.REPLY_LENGTH,
        reason_length=life.REASON_LENGTH,
        extension_days=complaints().terms.extension_days,
        **frame(),
    )
    answer = current_app.make_response((shown, status_of(refusal) if refusal else 200))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _fields(about: Complaint, *, full: bool) -> list[tuple[str, str]]:
    """Return what is known of a complaint, labels and texts, in the standard's order."""
    zone = config().hall.zone
    name = about.complainant or "匿名"
    whose = name if full else words.masked_name(about.complainant)
    phone = about.phone if full else masked_phone(about.phone)
    told = [
        ("投诉人", whose),
        ("联系电话", phone or "未留"),
        ("被投诉单位", about.accused_unit),
        ("被投诉人", about.accused),
        ("投诉来源", SOURCES[about.source]),
        ("工单号", about.order_number or ""),
        ("类别", KINDS[about.kind]),
        ("投诉时间", shown_at(about.at)),
        ("承办单位", complaints().units().get(about.unit or "", about.unit or "尚未分派")),
        ("承办人", about.handler),
        ("承办时间", shown_at(about.accepted_at)),
        ("受理时限", words.limit_said(about.accept_due_at, zone)),
        ("承诺时限", words.limit_said(about.due_at, zone)),
        ("延期时限", words.limit_said(about.extended_to, zone) if about.extended_to else ""),
        ("延期原因", about.extension_reason),
        ("反馈时间", shown_at(about.replied_at)),
    ]
    return [(label, text) for label, text in told if text]


def _acts(about: Complaint) -> set[str]:
    """Return the acts that the life of a complaint has now."""
    acts = set()
    if about.state in OPEN:
        acts |= {"assign", "withdraw"}
        if about.extended_to is None and rooms().clock() <= about.due_at:
            acts.add("extend")
    if about.state is State.ASSIGNED:
        acts.add("accept")
    if about.state in (State.ASSIGNED, State.ACCEPTED):
        acts.add("reply")
    if about.state is State.REPLIED:
        acts.add("close")
    return acts


def _done(number: int, act: str, said: str, do: Any) -> ResponseReturnValue:
    """Do an act and go back to the complaint; a refusal is told beside the act's form."""
    found = complaints().complaint(number)
    complaints().check_sees(found, by())
    try:
        do()
    except NotFound:
        raise
    except NotAllowed as refusal:
        return _one(number, refusal, act)
    if said:
        say(said)
    return see_other(f"/complaints/{number}")


def _typed(name: str) -> str:
    return request.form.get(name, "")


@blueprint.post("/<int:number>/assign")
@allow(*REGISTERS)
def assign(number: int) -> ResponseReturnValue:
    """Hand a complaint to a unit."""

    def do() -> None:
        complaints().assign(number, _typed("unit"), _typed("reason"), by())

    return _done(number, "assign", "已分派。", do)


@blueprint.post("/<int:number>/accept")
@allow(*HANDLES)
def accept(number: int) -> ResponseReturnValue:
    """Begin to work on a complaint."""
    return _done(number, "accept", "已受理。", lambda: complaints().accept(number, by()))


@blueprint.post("/<int:number>/reply")
@allow(*HANDLES)
def reply(number: int) -> ResponseReturnValue:
    """Answer a complaint."""

    def do() -> None:
        complaints().reply(number, _typed("reply"), by())

    return _done(number, "reply", "已回复。", do)


@blueprint.post("/<int:number>/extend")
@allow(*APPROVES)
def extend(number: int) -> ResponseReturnValue:
    """Move a complaint's limit, once."""

    def do() -> None:
        complaints().extend(number, _typed("reason"), by())

    return _done(number, "extend", "已延期。", do)


@blueprint.post("/<int:number>/withdraw")
@allow(*REGISTERS)
def withdraw(number: int) -> ResponseReturnValue:
    """Keep that the citizen has taken a complaint back."""

    def do() -> None:
        complaints().withdraw(number, _typed("reason"), by())

    return _done(number, "withdraw", "已登记撤回。", do)


@blueprint.post("/<int:number>/close")
@allow(*WATCHES)
def close(number: int) -> ResponseReturnValue:
    """Close a complaint that was answered."""
    return _done(number, "close", "已办结。", lambda: complaints().close(number, by()))


@blueprint.post("/<int:number>/reveal")
@allow(*REVEALS)
def reveal(number: int) -> ResponseReturnValue:
    """Show who complained, in full, for some minutes; the reason is kept before."""

    def do() -> None:
        reason, who = _typed("reason"), by()
        kept = partial(complaints().reveal, number, reason, who)
        revealing.reveal(REVEALED, number, reason, who, kept)

    return _done(number, "reveal", "", do)
