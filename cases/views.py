"""The pages of bad ratings: the to-do list, a case with its history, the leader's red list."""

from collections.abc import Callable
from uuid import uuid4

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from cases import life, pages, rights
from cases.cases import Cases
from cases.forms import FORM_OF
from cases.life import Case, Verb
from cases.limits import Colour
from cases.rights import Actor
from hall import days
from hall.refusals import NotAllowed, NotFound
from web.access import allow
from web.current import cases, config, privacy, register, rooms
from web.errors import status_of
from web.office import frame, say, see_other
from web.principals import NotForYou
from web.revealing import open_to

blueprint = Blueprint("cases", __name__, url_prefix="/cases", template_folder="templates")

LOOKED = "case"
MONTHS_SHOWN = 12
HEADS = ("leader", "manager")
Act = Callable[[Cases, int, dict[str, str]], Case]


# -- lists -------------------------------------------------------------------------------------


@blueprint.get("")
@allow(*pages.ROLES)
def listing() -> str:
    """Show what is to be done, the most urgent first, and the rates of a month."""
    here, room = pages.actors(cases()), cases()
    tabs = pages.tabs(here, room)
    asked = [each for each in tabs if each["name"] == request.args.get("list")]
    # who asks for no list sees the first with something to do
    to_do = [each for each in tabs if each["cases"]]
    chosen = (asked or to_do or tabs)[0]
    listed = chosen["cases"]
    if listed is None:
        listed = room.closed_cases(chosen["unit"])
    this_month = days.day_of(room.clock(), room.zone)[:7]
    months = [days.month_before(this_month, back) for back in range(MONTHS_SHOWN)]
    month = request.args.get("month", "")
    month = month if month in months else this_month
    catalogue, unit = register().catalogue(), tabs[-1]["unit"]
    return render_template(
        "cases/list.html",
        tabs=tabs,
        chosen=chosen,
        rows=[pages.row(each, room, catalogue) for each in listed],
        figures=room.figures(month, unit),
        unit=catalogue.department[unit].name if unit in catalogue.department else "",
        month=month,
        months=[(each, f"{each[:4]}年{int(each[5:])}月") for each in months],
        red_list=any(each.role in (*HEADS, "administrator") for each in here),
        **frame("cases", pages.ROLES),
    )


@blueprint.get("/red")
@allow(*HEADS)
def red() -> str:
    """Show what is late, and the extensions that wait for a decision."""
    room, catalogue = cases(), register().catalogue()
    opened = room.open_cases()
    late = [each for each in opened if room.colour(each) is Colour.RED]
    soon = [each for each in opened if room.colour(each) is Colour.YELLOW]
    asked = [
        {
            **pages.row(room.case(each.case), room, catalogue),
            "until": each.until,
            "reason": each.reason,
            "by": pages.name_of(each.asked_by, catalogue),
            "asked_at": pages.when(each.asked_at, room),
            "taps": (str(uuid4()), str(uuid4())),
        }
        for each in room.extensions()
    ]
    return render_template(
        "cases/red.html",
        late=[pages.row(each, room, catalogue) for each in late],
        soon=len(soon),
        asked=asked,
        **frame("cases", pages.ROLES),
    )


@blueprint.get("/alerts.json")
@allow(*pages.ROLES)
def alerts() -> ResponseReturnValue:
    """Tell how many cases nobody has taken up; the staff's pages ask every five seconds."""
    here = pages.actors(cases())
    units = [each.department or "" for each in here if each.role == "handler"]
    only = units[0] if units and len(units) == len(here) else ""
    return jsonify(cases().alerts(only))


# -- a case ------------------------------------------------------------------------------------


@blueprint.get("/<int:number>")
@allow(*pages.ROLES)
def case(number: int) -> str:
    """Show a case with its history, and what may be done with it."""
    return _page(number)


@blueprint.post("/<int:number>/<verb>")
@allow(*pages.ROLES)
def act(number: int, verb: str) -> ResponseReturnValue:
    """Do something with a case; what is refused comes back with what was typed."""
    does = ACTS.get(verb)
    if does is None:
        raise NotFound("unknown_verb", "没有这项操作。")
    wanted, here = Verb(verb), pages.actors(cases())
    found = _seen(number, here)
    finder = pages.who_may_look(here, found) if wanted is Verb.LOOK else None
    who = finder or pages.who_may(here, found, wanted) or here[0]
    how = {"by": who.id, "tap": request.form.get("tap", "")}
    try:
        rooms().together.run(lambda: does(cases(), number, how))
    except NotAllowed as refusal:
        return _page(number, refusal, verb), status_of(refusal)
    if wanted is not Verb.LOOK:
        say(f"{number} 号差评：已{_said(wanted)}。")
    back = "/cases/red" if request.form.get("back") == "red" else f"/cases/{number}"
    return see_other(back)


def _said(verb: Verb) -> str:
    return FORM_OF[verb].button if verb in FORM_OF else life.DONE_IN_CHINESE[verb]


def _seen(number: int, here: list[Actor]) -> Case:
    found = cases().case(number)
    if not any(rights.may_see(each, found) for each in here):
        raise NotForYou("not_yours", "这件差评由其他单位承办。")
    return found


def _page(number: int, refusal: NotAllowed | None = None, tried: str = "") -> str:
    here = pages.actors(cases())
    found = _seen(number, here)
    looker = open_to(LOOKED, number, (each.id for each in here if rights.may_look(each, found)))
    contact = cases().contact_of(number, by=looker) if looker else ""
    forms = pages.offered(found, here, cases())
    return render_template(
        "cases/case.html",
        case=pages.whole(found, cases(), register().catalogue(), full=bool(looker)),
        forms=forms,
        opened=tried or (forms[0]["verb"] if forms else ""),
        contact=contact,
        looker=looker,
        reveal_minutes=config().privacy.reveal_minutes,
        may_look=pages.who_may_look(here, found) is not None,
        typed=request.form,
        refusal=refusal,
        tried=tried,
        tap=str(uuid4()),
        **frame("cases", pages.ROLES),
    )


def _text(name: str) -> str:
    return request.form.get(name, "").strip()


def _publish() -> bool:
    return bool(request.form.get("publish"))


def _look(room: Cases, number: int, how: dict[str, str]) -> Case:
    looked = room.look(number, _text("reason"), **how)
    privacy().look(LOOKED, number, _text("reason"), how["by"])
    return looked


def _contact(room: Cases, number: int, how: dict[str, str]) -> Case:
    """Write down a try, and hide the number again: it has been called."""
    tried = room.contact(number, _text("way"), _text("outcome"), _text("note"), **how)
    privacy().close(LOOKED, number, how["by"])
    return tried


ACTS: dict[str, Act] = {
    "assign": lambda room, no, how: room.assign(no, _text("to"), **how),
    "accept": lambda room, no, how: room.accept(no, **how),
    "send_back": lambda room, no, how: room.send_back(no, _text("reason"), **how),
    "hand_over": lambda room, no, how: room.hand_over(no, _text("to"), _text("reason"), **how),
    "look": _look,
    "contact": _contact,
    "rectify": lambda room, no, how: room.rectify(
        no, _text("kind"), _text("cause"), _text("plan"), _text("due"), **how
    ),
    "explain": lambda room, no, how: room.explain(no, _text("cause"), **how),
    "appeal": lambda room, no, how: room.appeal(no, _text("kind"), _text("reason"), **how),
    "uphold": lambda room, no, how: room.decide_appeal(no, _text("note"), uphold=True, **how),
    "dismiss": lambda room, no, how: room.decide_appeal(no, _text("note"), uphold=False, **how),
    "ask_extension": lambda room, no, how: room.ask_extension(
        no, _text("until"), _text("reason"), **how
    ),
    "extend": lambda room, no, how: room.decide_extension(no, _text("note"), approve=True, **how),
    "refuse_extension": lambda room, no, how: room.decide_extension(
        no, _text("note"), approve=False, **how
    ),
    "answer": lambda room, no, how: room.answer(no, _text("reply"), _text("public"), **how),
    "revisit": lambda room, no, how: room.revisit(
        no, _text("outcome"), _text("note"), publish=_publish(), **how
    ),
    "close": lambda room, no, how: room.close(no, publish=_publish(), **how),
}
