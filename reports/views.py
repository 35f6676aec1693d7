"""The pages of reports: the month's bulletin, exports with their progress, files to fetch."""

from typing import Any
from uuid import uuid4

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from hall import days
from hall.days import Instant
from hall.refusals import NotAllowed
from rating.periods import of_day, period
from reports import jobs, paper
from reports.bulletin import Bulletin
from reports.jobs import Job, State
from reports.said import day_words, month_words
from reports.wording import FIELDS, Words, default_issue, words_of
from web import reading
from web.access import allow
from web.aside import HOUSE, WorkFailed
from web.current import bulletins, config, exports, register, rooms
from web.errors import status_of
from web.files import attachment
from web.office import acting, by, frame, say, see_other
from web.printing import printed

blueprint = Blueprint("reports", __name__, url_prefix="/reports", template_folder="templates")

SEES = ("inspector", "manager")
MONTHS_OFFERED = 25
MEGABYTE = 1024 * 1024


def _today() -> str:
    return days.day_of(rooms().clock(), config().hall.zone)


# -- the page ----------------------------------------------------------------------------------


@blueprint.get("")
@allow(*SEES)
def page() -> ResponseReturnValue:
    """Show what can be taken out, and what was."""
    return _page()


def _page(refusal: NotAllowed | None = None, typed: dict[str, str] | None = None) -> str:
    this = _today()[:7]
    month = request.args.get("month", "") or days.month_before(this)
    month = period("month", month).name
    before = of_day("month", days.day_before(f"{this}-01"))
    words = bulletins().words(month)
    defaults = {"issue": default_issue(month), "made_by": acting(*SEES).name}
    asked = {"kind": "raw", "form": "xlsx", "first": before.first, "last": before.last}
    return render_template(
        "reports/reports.html",
        month=month,
        month_words=month_words(month),
        months=_months(this, month),
        fields=FIELDS,
        words=words if words.at else Words(**defaults),
        kept_words=_when(words.at) if words.at else "",
        may_word=_may_word(),
        missing="" if paper.engine() else paper.MISSING,
        kinds=jobs.KINDS,
        forms=jobs.FORMS,
        asked=typed or asked,
        today=_today(),
        tap=str(uuid4()),
        refusal=refusal,
        rows=_rows(),
        **frame("reports", SEES),
    )


def _may_word() -> bool:
    return bool(acting(*SEES).acts_as("manager"))


def _months(this: str, chosen: str) -> list[tuple[str, str]]:
    offered = {days.month_before(this, back) for back in range(MONTHS_OFFERED)} | {chosen}
    return [(each, month_words(each)) for each in sorted(offered, reverse=True)]


# -- exports -----------------------------------------------------------------------------------


@blueprint.post("/exports")
@allow(*SEES)
def ask() -> ResponseReturnValue:
    """Begin an export."""
    typed = request.form.to_dict()
    try:
        wish = jobs.wish_of(typed)
        exports().ask(wish, typed.get("tap", ""), by(*SEES), acting(*SEES).name)
    except NotAllowed as refusal:
        return _page(refusal, typed), status_of(refusal)
    say("已开始导出，完成后可在下面下载，文件保留一小时。")
    return see_other("/reports#exports")


@blueprint.get("/exports.json")
@allow(*SEES)
def how_far() -> ResponseReturnValue:
    """Tell how far the exports are; the page asks every second while one runs."""
    answer = jsonify(rows=_rows())
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/exports/<int:number>/stop")
@allow(*SEES)
def stop(number: int) -> ResponseReturnValue:
    """End a running export."""
    exports().stop(number, by(*SEES), in_charge=_may_word())
    say("导出已停止，没有生成文件。")
    return see_other("/reports#exports")


@blueprint.get("/exports/<int:number>/file")
@allow(*SEES)
def fetch(number: int) -> ResponseReturnValue:
    """Send the file to who asked for it."""
    job, path = exports().fetch(number, by(*SEES))
    hall = register().hall()
    name = jobs.file_name(job.wish, hall.name, demo=hall.demo)
    plain = jobs.plain_name(job.wish, demo=hall.demo)
    return attachment(path, jobs.TYPES[job.wish.form], name, plain)


def _rows() -> list[dict[str, Any]]:
    me, people = by(*SEES), register().catalogue().person
    return [_row(each, me, people) for each in exports().newest()]


def _row(job: Job, me: str, people: dict[str, Any]) -> dict[str, Any]:
    kept = job.kept_until
    there = kept is not None and rooms().clock() < kept
    gone = job.state is State.DONE and not there
    return {
        "id": job.id,
        "what": jobs.KINDS[job.wish.kind],
        "form": job.wish.form.upper(),
        "words": job.wish.words,
        "days": f"{job.wish.first} 至 {job.wish.last}",
        "who": people[job.who].name if job.who in people else job.who,
        "asked": _when(job.asked_at),
        "state": job.state.value,
        "said": jobs.STATES[State.REMOVED] if gone else job.said,
        "stops": job.state is State.RUNNING and (job.who == me or _may_word()),
        "stopped": bool(job.stopped_by),
        "percent": exports().percent(job),
        "rows": f"{exports().rows(job):,}",
        "size": f"{job.size / MEGABYTE:.1f} MB",
        "file": f"/reports/exports/{job.id}/file" if there and job.who == me else "",
        "kept": _when(kept)[-5:] if kept is not None and there else "",
    }


def _when(at: Instant) -> str:
    return f"{days.local(at, config().hall.zone):%Y-%m-%d %H:%M}"


# -- the bulletin ------------------------------------------------------------------------------


@blueprint.post("/bulletin/<month>/words")
@allow("manager")
def word(month: str) -> ResponseReturnValue:
    """Keep what stands above a month's bulletin."""
    try:
        bulletins().keep(month, words_of(request.form), by("manager"))
    except NotAllowed as refusal:
        return _page(refusal), status_of(refusal)
    say(f"{month_words(month)}通报的文号和说明已保存。")
    return see_other(f"/reports?month={month}")


@blueprint.get("/bulletin/<month>")
@allow(*SEES)
def bulletin(month: str) -> ResponseReturnValue:
    """Show a month's bulletin as it is printed."""
    return _set(_read(month), "")


@blueprint.get("/bulletin/<month>.pdf")
@allow(*SEES)
def bulletin_pdf(month: str) -> ResponseReturnValue:
    """Send the same as PDF; without a Chromium on the server go back and say what is missing."""
    made = _read(month)
    if paper.engine() is None:
        say(paper.MISSING)
        return see_other(f"/reports?month={month}")
    try:
        pdf = printed(_set(made, HOUSE.as_uri()))
    except WorkFailed as trouble:
        raise NotAllowed("pdf_failed", "PDF 没有生成，请重试，或从预览打印。") from trouble
    bulletins().note_printed(month, by(*SEES))
    mark = "（演示）" if made.facts.demo else ""
    name = f"{made.facts.hall}好差评通报-{month}{mark}.pdf"
    plain = f"bulletin-{month}{'-demo' if made.facts.demo else ''}.pdf"
    return attachment(pdf, "application/pdf", name, plain)


def _read(month: str) -> Bulletin:
    period("month", month)  # refused here, before a thread is asked
    return reading.ask_reports(lambda read: read.bulletin(month))


def _set(made: Bulletin, base: str) -> str:
    """Set a bulletin; ``base`` is where its styles are, empty for the hall's own address."""
    words, now = made.facts.words, rooms().clock()
    today = days.day_of(words.at or now, config().hall.zone)
    return render_template(
        "reports/bulletin.html",
        made=made,
        words=words,
        base=base,
        month=made.facts.month,
        month_words=month_words(made.facts.month),
        dated=day_words(today),
        made_by=words.made_by or acting(*SEES).name,
        made_at=_when(now),
        missing="" if paper.engine() else paper.MISSING,
    )
