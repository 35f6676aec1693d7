"""The staff's pages of the ranking: a month by class, what inspectors write, a version."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from hall import days
from hall.refusals import NotAllowed, NotFound
from ranking import counting, frozen, life, pages
from ranking.life import Ranking
from ranking.rules import Facts
from web.access import allow
from web.current import rankings, register, rooms
from web.errors import status_of
from web.office import by, frame, say, see_other
from web.reading import ask_book

blueprint = Blueprint("ranking", __name__, url_prefix="/ranking", template_folder="templates")

VIEWERS = ("inspector", "leader", "manager")
MONTHS_OFFERED = 25


# -- a month -----------------------------------------------------------------------------------


@blueprint.get("")
@allow(*VIEWERS)
def month() -> ResponseReturnValue:
    """Show a month: what is drafted or published of it, else what today's records give."""
    return _month(_asked())


def _asked() -> str:
    asked = request.args.get("month", "")
    return life.check_month(asked) if asked else days.month_before(rankings().this_month())


def _month(name: str, refusal: NotAllowed | None = None) -> str:
    room = rankings()
    today, versions = _today(name), room.versions(name)
    ranking = room.under_way(name) or (versions[0] if versions else None)
    content = frozen.read(ranking.snapshot) if ranking else None
    returned = room.last_returned(name)
    return render_template(
        "ranking/month.html",
        content=content or pages.preview(today, room.terms),
        ranking=ranking and pages.whole(ranking, room, register().catalogue()),
        differences=pages.told(content, today),
        versions=[pages.row(each, room) for each in versions],
        returned=returned and pages.whole(returned, room, register().catalogue()),
        over=name < room.this_month(),
        missing=pages.missing(room, name, today),
        withheld=room.answers(name).withheld,
        refusal=refusal,
        typed=request.form,
        tap=str(uuid4()),
        **_head("", name),
        **frame("ranking", VIEWERS),
    )


def _today(name: str) -> list[Facts]:
    now = rooms().clock()
    return ask_book(lambda book: counting.facts_of(book, name, now))


def _head(page: str, name: str) -> dict[str, Any]:
    """Return what the pages of a month share: which it is, which others there are, who may what."""
    this = rankings().this_month()
    offered = {days.month_before(this, back) for back in range(MONTHS_OFFERED)} | {name}
    return {
        "page": page,
        "month": name,
        "month_words": life.month_words(name),
        "months": [(each, life.month_words(each)) for each in sorted(offered, reverse=True)],
        "before": days.month_before(name),
        "after": days.month_before(name, -1) if name < this else "",
        "may": pages.may(),
    }


@blueprint.post("/<month>/draft")
@allow("manager")
def draft(month: str) -> ResponseReturnValue:
    """Freeze a month's figures as a draft."""
    life.check_month(month)
    how = {"by": by("manager"), "tap": request.form.get("tap", "")}
    return _done(
        month,
        lambda: rankings().draft(month, request.form.get("reason", ""), **how),
        "已拟稿，请分管领导签发。",
    )


@blueprint.post("/versions/<int:number>/sign")
@allow("leader")
def sign(number: int) -> ResponseReturnValue:
    """Sign a draft."""
    how = {"by": by("leader"), "tap": request.form.get("tap", "")}
    return _done(_of(number).month, lambda: rankings().sign(number, **how), "已签发，可以发布。")


@blueprint.post("/versions/<int:number>/return")
@allow("leader")
def send_back(number: int) -> ResponseReturnValue:
    """Send back what is drafted or signed."""
    how = {"by": by("leader"), "tap": request.form.get("tap", "")}
    reason = request.form.get("reason", "")
    return _done(_of(number).month, lambda: rankings().send_back(number, reason, **how), "已退回。")


@blueprint.post("/versions/<int:number>/publish")
@allow("leader", "manager")
def publish(number: int) -> ResponseReturnValue:
    """Let everybody read a signed version."""
    how = {"by": by("leader", "manager"), "tap": request.form.get("tap", "")}
    return _done(
        _of(number).month, lambda: rankings().publish(number, **how), "已发布，任何人都可以查看。"
    )


def _of(number: int) -> Ranking:
    return rankings().ranking(number)


def _done(name: str, act: Callable[[], object], sentence: str) -> ResponseReturnValue:
    try:
        rooms().together.run(act)
    except NotFound:
        raise
    except NotAllowed as refusal:
        return _month(name, refusal), status_of(refusal)
    say(sentence)
    return see_other(f"/ranking?month={name}")


@blueprint.get("/<month>/v<int:version>")
@allow(*VIEWERS)
def version(month: str, version: int) -> str:
    """Show a published version with who drafted and signed it, and what differs today."""
    room = rankings()
    ranking = room.published(month, version)
    content = frozen.read(ranking.snapshot)
    return render_template(
        "ranking/version.html",
        content=content,
        ranking=pages.whole(ranking, room, register().catalogue()),
        versions=[pages.row(each, room) for each in room.versions(month)],
        differences=pages.told(content, _today(month)),
        whole=frozen.seal_of(ranking.snapshot) == ranking.seal,
        **_head("", month),
        **frame("ranking", VIEWERS),
    )


# -- what inspectors write ---------------------------------------------------------------------


@blueprint.get("/<month>/points")
@allow(*VIEWERS)
def points(month: str) -> str:
    """Show the points of inspections and attendance, and which windows complaints concern."""
    return _points(life.check_month(month))


def _points(name: str, refusal: NotAllowed | None = None) -> str:
    room, catalogue = rankings(), register().catalogue()
    return render_template(
        "ranking/points.html",
        windows=pages.windows(room, name, catalogue),
        concerns=pages.concerns(room, name, catalogue),
        weight=max(1, room.terms.inspection),
        cost=room.terms.complaint_costs,
        choices=pages.choices(catalogue),
        refusal=refusal,
        typed=request.form,
        new_tap=lambda: str(uuid4()),
        **_head("points", name),
        **frame("ranking", VIEWERS),
    )


@blueprint.post("/<month>/points/give")
@allow("inspector")
def give(month: str) -> ResponseReturnValue:
    """Give a window points, and say why."""
    form, how = request.form, {"by": by("inspector"), "tap": request.form.get("tap", "")}
    window = _number(form.get("window", "")) or 0
    return _written(
        life.check_month(month),
        lambda: rankings().give(
            month, window, form.get("points", ""), form.get("words", ""), **how
        ),
        f"{window} 号窗口的巡查与考勤已登记。",
    )


@blueprint.post("/<month>/complaints/<int:number>")
@allow("inspector")
def find(month: str, number: int) -> ResponseReturnValue:
    """Find which window a complaint concerns."""
    form, how = request.form, {"by": by("inspector"), "tap": request.form.get("tap", "")}
    window = _number(form.get("window", ""))
    return _written(
        life.check_month(month),
        lambda: rankings().find(month, number, window, form.get("words", ""), **how),
        f"TS{number:06d} 已认定。",
    )


def _written(name: str, act: Callable[[], object], sentence: str) -> ResponseReturnValue:
    try:
        rooms().together.run(act)
    except NotAllowed as refusal:
        return _points(name, refusal), status_of(refusal)
    say(sentence)
    return see_other(f"/ranking/{name}/points")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len("9999") else None
