"""What the pages of bad ratings show: rows, a case in words, what may be done with it."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from cases import conditions, life, limits, rights
from cases.cases import Cases
from cases.forms import FORMS, Form
from cases.life import As, Case, State, Verb
from cases.limits import Colour
from cases.rights import Actor
from hall import days
from hall.catalogue import Catalogue
from hall.days import Instant
from hall.identity import masked_text
from hall.refusals import NotAllowed
from rating.levels import Level
from web.access import signed_in, with_role

ROLES = ("handler", "inspector", "leader", "manager")
ROLE_WORDS = {
    "handler": "承办人",
    "inspector": "督查",
    "leader": "分管领导",
    "manager": "大厅负责人",
    "administrator": "管理员",
}
CHANNELS = {
    "evaluator": "评价器",
    "qr": "二维码",
    "paper": "纸质",
    "sms": "短信",
    "phone": "电话",
    "import": "导入",
}
COLOUR_WORDS = {Colour.RED: "红灯", Colour.YELLOW: "黄灯", Colour.NONE: ""}
IN_WEEK = "一二三四五六日"


def actors(cases: Cases) -> list[Actor]:
    """Return everybody in this browser who has something to do with bad ratings; people first."""
    here = with_role(signed_in(), ROLES)
    people = [cases.actor(str(each.id)) for each in here if each.kind == "person"]
    return people + [cases.actor(f"device:{each.id}") for each in here if each.kind == "device"]


def who_may(here: Iterable[Actor], case: Case, verb: Verb) -> Actor | None:
    """Return who of this browser may do something with a case."""
    return next((each for each in here if rights.may_step(each, case, verb)), None)


def who_may_look(here: Iterable[Actor], case: Case) -> Actor | None:
    """Return who of this browser may see how the rater is reached."""
    return next((each for each in here if rights.may_look(each, case)), None)


# -- lists -------------------------------------------------------------------------------------


def tabs(here: list[Actor], cases: Cases) -> list[dict[str, Any]]:
    """Return the lists somebody has, each with its cases."""
    own = [each for each in here if each.role == "handler"]
    others = [each for each in here if each.role != "handler"]
    unit = "" if others else (own[0].department or "" if own else "")
    everything = cases.open_cases(unit=unit)
    found: list[dict[str, Any]] = []

    def add(name: str, word: str, listed: list[Case]) -> None:
        found.append({"name": name, "word": word, "cases": listed, "count": len(listed)})

    if own:
        mine = {each.id for each in own}
        units = {each.department for each in own}
        add("mine", "我承办的", [each for each in everything if each.handler in mine])
        add("unit", "本单位", [each for each in everything if each.unit in units])
    if any(each.role == "inspector" for each in others):
        judged = (State.APPEALED, State.REVISITING)
        add("outside", "待复核回访", [each for each in everything if each.state in judged])
    if any(each.role in ("manager", "administrator") for each in others):
        loose = [each for each in everything if each.state is State.RECEIVED]
        add("unassigned", "待分派", loose)
    if others:
        add("all", "全部在办", everything)
    found.append(
        {
            "name": "closed",
            "word": "已办结",
            "cases": None,
            "count": cases.count_closed(unit),
            "unit": unit,
        }
    )
    return found


def row(case: Case, cases: Cases, catalogue: Catalogue) -> dict[str, Any]:
    """Return a case as lists show it."""
    window = catalogue.window.get(case.window)
    unit = catalogue.department.get(case.unit)
    colour = cases.colour(case)
    now, workdays = cases.clock(), cases.workdays()
    return {
        "id": case.id,
        "level": Level(case.level).chinese,
        "worst": case.level == Level.VERY_DISSATISFIED,
        "text": masked_text(case.text) or case.tags,
        "tags": case.tags,
        "real_name": bool(case.real_name),
        "number": case.number,
        "window": f"{case.window}号　{window.name}"
        if window and window.name
        else f"{case.window}号窗口",
        "service": catalogue.service[case.service].name,
        "unit": unit.name if unit else case.unit,
        "handler": name_of(case.handler, catalogue) if case.handler else "",
        "rated": when(case.rated_at, cases),
        "state": life.IN_CHINESE[case.state],
        "closed": case.state is State.CLOSED,
        "ended": _ended(case),
        "colour": "" if colour is Colour.NONE else colour.value,
        "colour_word": COLOUR_WORDS[colour],
        "left": limits.left_said(case.state, case.limit_at, now, workdays),
        "limit": until(case.limit_at, cases) if case.limit_at else "",
        "order": case.limit_at or "",
        "closed_at": when(case.closed_at, cases) if case.closed_at else "",
    }


def _ended(case: Case) -> str:
    if case.void_kind:
        return f"{conditions.VOIDS[case.void_kind]}作废"
    return "已解释" if case.kind == "explained" else "已整改"


def when(at: Instant, cases: Cases) -> str:
    """Return an instant as pages say it: 11-20 10:05."""
    return f"{days.local(at, cases.zone):%m-%d %H:%M}"


def until(limit: Instant, cases: Cases) -> str:
    """Return the last minute of a limit: 11-27 周五 17:00, or only the day when it ends it."""
    at: datetime = days.local(limit - 1, cases.zone)
    said = f"{at:%m-%d} 周{IN_WEEK[at.weekday()]}"
    ends_day = days.local(limit, cases.zone).strftime("%H:%M") == "00:00"
    return said if ends_day else f"{said} {days.local(limit, cases.zone):%H:%M}"


def name_of(who: str, catalogue: Catalogue) -> str:
    """Return who acted, by name and role."""
    if not who:
        return "系统"
    person = catalogue.person.get(who)
    if person is None:
        return "大厅管理端"
    role = ROLE_WORDS.get(person.role, "")
    return f"{person.name}（{role}）" if role else person.name


# -- one case ----------------------------------------------------------------------------------


def whole(case: Case, cases: Cases, catalogue: Catalogue, *, full: bool = False) -> dict[str, Any]:
    """Return all that the page of a case shows, but how the rater is reached.

    Unless ``full``, the telephone and ID numbers within texts are masked.
    """
    told: Callable[[str], str] = str if full else masked_text
    clerk = catalogue.person.get(case.clerk or "")
    asked = [each for each in cases.extensions(case.id) if each.decided_at is None]
    appeal = cases.appeal_of(case.id)
    return row(case, cases, catalogue) | {
        "clerk": clerk.name if clerk else "未登记",
        "channel": CHANNELS.get(case.channel, case.channel),
        "case_number": case.case_number,
        "said": told(case.text),
        "contacted": when(case.contacted_at, cases) if case.contacted_at else "",
        "contact_limit": until(case.contact_limit, cases) if case.contact_limit else "",
        "cause": told(case.cause),
        "plan": told(case.plan),
        "reply": told(case.reply),
        "public": case.public,
        "published": bool(case.published),
        "appeal": appeal and {"kind": conditions.VOIDS[appeal.kind], "reason": told(appeal.reason)},
        "again": told(_again(case, cases)),
        "paused": _paused(case),
        "asked": asked[-1] if asked else None,
        "history": [
            {
                "at": when(each.at, cases),
                "who": name_of(each.who, catalogue),
                "done": life.DONE_IN_CHINESE[Verb(each.verb)],
                "note": told(each.note),
                "becomes": life.IN_CHINESE[State(each.becomes)]
                if each.was != each.becomes or each.verb == Verb.RECEIVE
                else "",
            }
            for each in reversed(cases.history(case.id))
        ],
    }


def _again(case: Case, cases: Cases) -> str:
    """Return how somebody rated once more, in words: 满意（11-22 20:34）：好多了."""
    rating = cases.rated_again(case)
    if rating is None:
        return ""
    told = f"{rating.level.chinese}（{when(rating.at, cases)}）"
    return f"{told}：{rating.text}" if rating.text else told


def _paused(case: Case) -> str:
    if case.paused_left is None or case.state is not State.APPEALED:
        return ""
    was = life.IN_CHINESE[State(case.came_from)]
    if case.paused_left < 0:
        return f"“{was}”的时限在申诉前已超期。"
    return f"“{was}”的时限已暂停，复核后还剩 {case.paused_left} 个工作日。"


def offered(case: Case, here: list[Actor], cases: Cases) -> list[dict[str, Any]]:
    """Return the forms that somebody of this browser may send now, the usual one first."""
    catalogue = cases.register.catalogue()
    found = []
    for form in FORMS:
        actor = who_may(here, case, form.verb)
        if actor is not None and _makes_sense(case, form.verb, cases):
            found.append(_shown(form, case, actor, cases, catalogue))
    # who has been reached may be called again, but that is not what comes next
    called = case.contacted_at is not None
    return sorted(found, key=lambda each: called and each["verb"] == Verb.CONTACT)


def _shown(
    form: Form, case: Case, actor: Actor, cases: Cases, catalogue: Catalogue
) -> dict[str, Any]:
    in_charge = As.MANAGER in rights.capacities(actor, case)
    people = [
        (each.staff_number, f"{each.name}　{catalogue.department[each.department or ''].name}")
        for each in cases.handlers(case, "" if in_charge else case.unit)
    ]
    last = (
        cases.last_day_of_extension(case)
        if form.verb is Verb.ASK_EXTENSION and case.limit_at
        else ""
    )
    return {
        "form": form,
        "verb": form.verb.value,
        "people": people,
        "hint": f"最晚延到 {last}，每件只能延期一次。" if last else form.hint,
    }


def _makes_sense(case: Case, verb: Verb, cases: Cases) -> bool:
    """Return whether an act the table knows would not be refused for a plain reason."""
    now, workdays, limits = cases.clock(), cases.workdays(), cases.limits
    asked = any(each.decided_at is None for each in cases.extensions(case.id))
    try:
        if verb in (Verb.RECTIFY, Verb.EXPLAIN, Verb.APPEAL):
            conditions.check_contacted(case, limits)
        if verb is Verb.APPEAL:
            conditions.check_appeal(case, now, workdays, limits)
        if verb is Verb.SEND_BACK:
            conditions.check_misrouted(case, now, limits)
    except NotAllowed:
        return False
    match verb:
        case Verb.CONTACT:
            return bool(case.real_name)
        case Verb.EXTEND | Verb.REFUSE_EXTENSION:
            return asked
        case Verb.ASK_EXTENSION:
            in_time = case.limit_at is not None and now < case.limit_at
            return not asked and not case.extended and in_time
    return True
