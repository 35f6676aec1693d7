"""The reviewers' page of ratings that look odd: reasons, numbers, the ratings, remarks."""

from typing import Any
from uuid import uuid4

from apiflask import APIBlueprint
from flask import render_template, request
from flask.typing import ResponseReturnValue

from hall import days
from hall.identity import masked_text
from hall.refusals import NotAllowed, NotValid
from rating.levels import channel_of
from rating.oddities import Given, Verdict, seconds_after
from rating.reviewing import NOTE_LENGTH, Reviewed, Reviews
from web import office, reading
from web.access import allow
from web.current import book, config, register, reviews, rooms
from web.errors import status_of
from web.office import say, see_other

blueprint = APIBlueprint("oddities", __name__, template_folder="templates", enable_openapi=False)

REVIEWERS = ("inspector", "leader", "manager")
MONTHS_OFFERED = 13
RATINGS_SHOWN = 60


@blueprint.get("/ratings/oddities")
@allow(*REVIEWERS)
def page() -> ResponseReturnValue:
    """Show what looks odd in a month."""
    return _page(_month(request.args.get("month", "")))


def _today() -> str:
    return days.day_of(rooms().clock(), config().hall.zone)


def _month(asked: str) -> str:
    try:
        days.month_bounds(asked, config().hall.zone)
    except (ValueError, OverflowError):
        return _today()[:7]
    return asked


def _page(month: str, refusal: NotAllowed | None = None) -> str:
    this = _today()[:7]
    offered = {days.month_before(this, back) for back in range(MONTHS_OFFERED)} | {month}
    told = reading.ask_book(lambda book: Reviews(book).month(month))
    return render_template(
        "rating/oddities.html",
        month=month,
        month_words=_words(month),
        months=[(each, _words(each)) for each in sorted(offered, reverse=True)],
        found=[_shown(each) for each in told if each.finding],
        gone=[_remarks(each) for each in told if not each.finding],
        terms=reviews().terms,
        verdicts={each.value: each.chinese for each in Verdict},
        note_length=NOTE_LENGTH,
        refusal=refusal,
        refused_key=request.form.get("key", ""),
        typed=request.form,
        **office.frame("oddities", REVIEWERS),
    )


def _words(month: str) -> str:
    return f"{int(month[:4])}年{int(month[5:7])}月"


def _time(at: int, form: str) -> str:
    return days.local(at, config().hall.zone).strftime(form)


def _shown(reviewed: Reviewed) -> dict[str, Any]:
    finding = reviewed.finding
    assert finding is not None
    return {
        "key": finding.key,
        "kind": finding.kind.chinese,
        "day": finding.day,
        "windows": "、".join(map(str, finding.windows)),
        "reason": finding.reason,
        "count": len(finding.ratings),
        "voided": sum(each.voided for each in finding.ratings),
        "ratings": [_rating(each) for each in finding.ratings[:RATINGS_SHOWN]],
        "tap": str(uuid4()),
        **_remarks(reviewed),
    }


def _rating(each: Given) -> dict[str, Any]:
    person = register().catalogue().person.get(each.clerk or "")
    return {
        "id": each.id,
        "number": each.number,
        "at": _time(each.at, "%m-%d %H:%M:%S"),
        "after": f"{seconds_after(each):.1f}",
        "window": each.window,
        "clerk": person.name if person else each.clerk or "未登录",
        "channel": each.channel.chinese,
        "level": each.level.chinese,
        "voided": each.voided,
    }


def _remarks(reviewed: Reviewed) -> dict[str, Any]:
    people = register().catalogue().person
    return {
        "was": reviewed.remarks[-1].reason if reviewed.remarks else "",
        "remarks": [
            {
                "verdict": each.verdict.chinese,
                "badge": "serving" if each.verdict == "checked" else "called",
                "note": each.note,
                "who": people[each.by].name if each.by in people else each.by,
                "at": _time(each.at, "%Y-%m-%d %H:%M"),
            }
            for each in reviewed.remarks
        ],
    }


@blueprint.get("/ratings/<int:number>")
@allow(*REVIEWERS)
def one(number: int) -> ResponseReturnValue:
    """Show a rating as it was given, without who gave it; it cannot be changed here."""
    found, catalogue = book().rating(number), register().catalogue()
    visit = rooms().store.visit(found.visit)
    assert visit is not None
    person = catalogue.person.get(visit.clerk or "")
    given = "%Y-%m-%d %H:%M:%S"
    told = [
        ("等级", found.level.chinese),
        ("标签", "、".join(found.tags)),
        ("文字", masked_text(found.text)),
        ("渠道", channel_of(found.channel).chinese),
        ("评价时间", _time(found.at, given)),
        ("办完时间", _time(visit.ended_at, given) if visit.ended_at else ""),
        ("号票", rooms().desk.ticket(visit.ticket).number),
        ("窗口", catalogue.window[found.window].numbered_name),
        ("业务", catalogue.service[visit.service].name),
        ("人员", person.name if person else visit.clerk or "未登录"),
        ("次数", "追评" if found.nth == 2 else "首次评价"),
        ("作废时间", _time(found.voided_at, given) if found.voided_at else ""),
    ]
    return render_template(
        "rating/one.html",
        number=found.id,
        level=found.level.chinese,
        voided=found.voided_at is not None,
        told=[(label, text) for label, text in told if text],
        month=_time(found.at, "%Y-%m"),
        **office.frame("oddities", REVIEWERS),
    )


@blueprint.post("/ratings/oddities")
@allow(*REVIEWERS)
def remark() -> ResponseReturnValue:
    """Write a remark beside a finding; the ratings stay as they are."""
    form = request.form
    month, key = form.get("month", ""), form.get("key", "")
    finding = reading.ask_book(lambda book: Reviews(book).finding(month, key))
    told = (form.get("verdict", ""), form.get("note", ""), form.get("tap", ""))
    try:
        reviews().remark(month, finding, *told, office.by(*REVIEWERS))
    except NotValid as refusal:
        return _page(month, refusal), status_of(refusal)
    say("已写下意见。评价没有改动。")
    return see_other(f"/ratings/oddities?month={month}")
