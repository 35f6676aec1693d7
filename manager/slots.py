"""Appointments as managers see them: how the next days fill, and how slots are cut."""

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from booking.plans import Plan, check_day
from booking.rules import State
from booking.words import IN_WEEK, day_said
from hall.refusals import NotAllowed, NotValid
from manager.history import history_of
from manager.meanwhile import BASE, Differing, differing, packed, unpacked
from manager.who import by, frame, given, say, see_other
from web.access import allow
from web.current import bookings, config, register, rooms
from web.errors import status_of

blueprint = Blueprint("slots", __name__, url_prefix="/slots")
NOTHING_TYPED = {"service": [""], "weekday": [], "day": [""], "minutes": ["30"], "quota": ["3"]}


@blueprint.get("")
@allow("manager")
def listing() -> str:
    """Show how many are expected, the plans, and the form for one."""
    return _page(NOTHING_TYPED)


@blueprint.post("")
@allow("manager")
def save() -> ResponseReturnValue:
    """Cut a service's weekdays, or one date, into slots."""
    typed, who = NOTHING_TYPED | given(), by()
    try:
        plans = _plans(typed)
        if found := _others_changes(typed, plans):
            return _page(typed, meanwhile=_in_words(found)), 409
        rooms().together.run(lambda: [bookings().save_plan(**each, by=who) for each in plans])
    except NotAllowed as refusal:
        return _page(typed, refusal, opened_with="".join(typed.get(BASE, ()))), status_of(refusal)
    say(f"“{_name(typed['service'][0])}”的放号计划已保存。已经约好的不变。")
    return see_other("/manager/slots")


@blueprint.post("/remove")
@allow("manager")
def remove() -> ResponseReturnValue:
    """Offer no more slots by some plans."""
    chosen = [int(each) for each in request.form.getlist("plan") if each.isdecimal()]
    known = {each.id for each in bookings().plans()}
    for number in chosen:
        if number in known:  # whoever sends it twice has what they wanted
            bookings().remove_plan(number, by())
    say("放号计划已删除。已经约好的不变。")
    return see_other("/manager/slots")


def _plans(typed: dict[str, list[str]]) -> list[dict[str, Any]]:
    """Return what a form says: a plan for each weekday that is ticked, or one for its date."""
    day = typed["day"][0].strip()
    told = {
        "service": typed["service"][0],
        "slot_minutes": _whole(typed["minutes"][0], "每段时长"),
        "quota": _whole(typed["quota"][0], "每段人数"),
    }
    if day:
        return [{**told, "day": check_day(day)}]
    weekdays = [int(each) for each in typed["weekday"] if each in list("1234567")]
    if not weekdays:
        raise NotValid("bad_plan_day", "请勾选星期几，或写明一个日期。")
    return [{**told, "weekday": each} for each in weekdays]


def _standing() -> dict[str, list[str]]:
    """Return how each service's weekdays and days are cut, as a form is opened with it."""
    return {
        f"{each.service} {each.day or each.weekday}": [_cut(each.slot_minutes, each.quota)]
        for each in bookings().plans()
    }


def _cut(minutes: int, quota: int) -> str:
    return f"每段 {minutes} 分钟，{quota} 人"


def _others_changes(typed: dict[str, list[str]], plans: list[dict[str, Any]]) -> list[Differing]:
    """Return which of the days a form names somebody else has cut anew since it was opened."""
    wanted = {
        f"{each['service']} {each.get('day') or each['weekday']}": [
            _cut(each["slot_minutes"], each["quota"])
        ]
        for each in plans
    }
    base = unpacked("".join(typed.get(BASE, ())))
    return differing(base, wanted, _standing(), wanted) if base is not None else []


def _in_words(found: list[Differing]) -> dict[str, Any]:
    """Return who cut which days anew while the page was open, as ``meanwhile.html`` shows it."""
    last = next(iter(history_of("plan")), {"who": "", "at": ""})
    rows = []
    for each in found:
        service, _, day = each.field.partition(" ")
        when = f"周{IN_WEEK[int(day) - 1]}" if day.isdecimal() else day_said(day)
        rows.append(
            {
                "field": "minutes",
                "heading": f"{_name(service)} {when}",
                "theirs": " ".join(each.theirs) or "已删除，不放号",
                "ours": " ".join(each.ours),
                "keeps_ours": True,
            }
        )
    return {"who": last["who"], "at": last["at"], "rows": rows}


def _whole(text: str, name: str) -> int:
    if not text.strip().isdecimal():
        raise NotValid("bad_number", f"{name}须为整数。")
    return int(text)


def _page(
    typed: dict[str, list[str]],
    refusal: NotAllowed | None = None,
    *,
    meanwhile: dict[str, Any] | None = None,
    opened_with: str = "",
) -> str:
    catalogue = register().catalogue()
    return render_template(
        "manager/slots.html",
        expected=[{"day": day_said(day), **counts} for day, counts in bookings().counts().items()],
        states=[state.value for state in State],
        plans=_rows(bookings().plans()),
        services=[(each.code, each.name) for each in catalogue.services if each.active],
        week=list(enumerate(IN_WEEK, start=1)),
        public_url=config().hall.public_url,
        typed=typed,
        refusal=refusal,
        meanwhile=meanwhile,
        opened_with=opened_with or packed(_standing()),
        **frame("slots"),
    )


def _rows(plans: list[Plan]) -> list[dict[str, Any]]:
    """Return the plans as the table has them: weekdays that are cut alike stand in one row."""
    alike: dict[tuple[str, str | None, int, int], list[Plan]] = {}
    for plan in plans:
        key = (plan.service, plan.day, plan.slot_minutes, plan.quota)
        alike.setdefault(key, []).append(plan)
    return [
        {
            "service": _name(service),
            "when": day_said(day) if day else _weekdays([each.weekday or 0 for each in some]),
            "minutes": minutes,
            "quota": quota,
            "ids": [each.id for each in some],
        }
        for (service, day, minutes, quota), some in alike.items()
    ]


def _weekdays(numbers: list[int]) -> str:
    """Return weekdays as people say them: 周一至周五, 周一、周三."""
    first, last = numbers[0], numbers[-1]
    if len(numbers) > 2 and numbers == list(range(first, last + 1)):
        return f"周{IN_WEEK[first - 1]}至周{IN_WEEK[last - 1]}"
    return "、".join(f"周{IN_WEEK[each - 1]}" for each in numbers)


def _name(service: str) -> str:
    found = register().catalogue().service.get(service)
    return found.name if found else service
