"""An order list checked and taken over, the units' table, and a month as a file."""

import json
from collections import Counter
from functools import partial
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from gevent import sleep
from werkzeug.wrappers import Response

from complaints import orders
from complaints.drafting import Draft
from complaints.export import TABLE
from complaints.orders import CellProblem
from complaints.pages import (
    APPROVES,
    SEES,
    WATCHES,
    by,
    frame,
    month_words,
    months,
    own_unit,
    today,
)
from hall import days
from hall.cells import TYPES
from hall.refusals import NotFound, NotValid
from web import revealing
from web.access import allow
from web.aside import WorkFailed, in_process, in_thread
from web.checked import Checked, checked
from web.current import complaints, config, register, rooms
from web.files import attachment
from web.office import say, see_other

blueprint = Blueprint("lists", __name__)

# Checked lists that wait for a yes; they hold names, so only the last few are kept, not on disk.
_MOST_KEPT = 4
NOTES = (
    "按投诉时间计入当月。按时回复率＝按时÷应回复，应回复＝按时＋逾期＋未回复；"
    "未回复是已过时限仍没有回复的，未到期的不计入；过了时限才撤回的仍算未回复。"
    "比率四舍五入到两位小数，仅当分子等于分母时为 100.00%，分母为零时记“—”。"
)


# -- an order list -----------------------------------------------------------------------------


@blueprint.get("/import")
@allow(*WATCHES)
def import_page() -> ResponseReturnValue:
    """Show how a list is imported."""
    return _import_page()


def _import_page(**more: Any) -> str:
    return render_template(
        "complaints/import.html",
        **{
            "problems": (),
            "token": "",
            "wrong": "",
            "needed": orders.NEEDED,
            "headings": orders.TEMPLATE,
            "most": orders.ROWS_MOST,
            **frame(),
            **more,
        },
    )


@blueprint.post("/import")
@allow(*WATCHES)
def check() -> ResponseReturnValue:
    """Read a list and say what is wrong or what would come of it; nothing changes yet."""
    file = request.files.get("orders")
    content = file.read() if file else b""
    name = (file.filename if file else None) or "清单"
    if not content:
        return _import_page(wrong="没有收到文件。请选择一个 XLSX 或 CSV 清单。"), 422
    try:
        rows = _rows_beside(content)
    except NotValid as refusal:
        return _import_page(wrong=refusal.message), 422
    now, units, zone = rooms().clock(), complaints().units(), config().hall.zone
    found = in_thread(orders.read, rows, now, units, zone)
    if found.problems:
        shown = [_problem(each) for each in found.problems]
        return _import_page(problems=shown, file_name=name, unread=found.unread), 422
    known = complaints().known_orders([each.order_number for each in found.drafts])
    fresh = [each for each in found.drafts if each.order_number not in known]
    token = _kept().keep((found.drafts, name)) if fresh else ""
    return _import_page(
        token=token,
        checked=True,
        file_name=name,
        fresh=len(fresh),
        known=len(known),
        unread=found.unread,
        by_unit=_by_unit(fresh),
    )


def _rows_beside(content: bytes) -> list[list[str]]:
    try:
        answer = json.loads(in_process("complaints.sheet", given=content))
    except WorkFailed as trouble:
        raise NotValid("bad_list", "这个文件读不出来，请用 Excel 或 WPS 另存后重试。") from trouble
    if "wrong" in answer:
        raise NotValid("bad_list", answer["wrong"])
    rows: list[list[str]] = answer["rows"]
    return rows


def _problem(problem: CellProblem) -> dict[str, str]:
    row = f"第 {problem.row} 行"
    cell = "—" if problem.cell in ("", row) else problem.cell
    return {
        "row": row,
        "cell": cell,
        "heading": problem.heading or "—",
        "message": problem.message,
    }


def _by_unit(drafts: list[Draft]) -> list[dict[str, Any]]:
    """Return how many orders of a list each unit gets, and how many are answered already."""
    count = Counter(each.unit for each in drafts)
    answered = Counter(each.unit for each in drafts if each.replied_at is not None)
    names = {**complaints().units(), "": "尚未分派"}
    return [
        {"name": name, "count": count[code], "answered": answered[code]}
        for code, name in names.items()
        if count[code]
    ]


def _kept() -> Checked[tuple[tuple[Draft, ...], str]]:
    return checked("complaints", _MOST_KEPT)


@blueprint.post("/import/adopt")
@allow(*WATCHES)
def adopt() -> ResponseReturnValue:
    """Register the orders of a checked list; a second click is told what the first did."""
    token = request.form.get("token", "")
    if not _kept().done(token):
        with _kept().adopting(token) as (drafts, name):
            done = complaints().import_orders(drafts, name, by(), between=lambda: sleep(0))
        more = f"，{done.known} 件已在册，没有改动" if done.known else ""
        newest = max(each.at for each in drafts if each.at is not None)
        month = days.day_of(newest, config().hall.zone)[:7]
        said = f"已导入 {done.added} 件{more}。"
        _kept().finish(token, said, f"/complaints/units?month={month}")
    said, home = _kept().done(token) or ("", "")
    say(said)
    return see_other(home)


def _month_asked() -> str:
    month = request.args.get("month", "")
    return month if days.is_month(month) else today()[:7]


# -- the units ---------------------------------------------------------------------------------


@blueprint.get("/units")
@allow(*SEES)
def units() -> ResponseReturnValue:
    """Show how each unit has answered what came in within a month."""
    month = _month_asked()
    this = today()[:7]
    return render_template(
        "complaints/units.html",
        table=complaints().units_table(month, own_unit()),
        month=month,
        month_words=month_words(month),
        months=months(month),
        before=days.month_before(month),
        after=days.month_before(month, -1) if month < this else "",
        notes=NOTES,
        **frame(),
    )


@blueprint.get("/export.<kind>")
@allow(*SEES)
def export(kind: str) -> ResponseReturnValue:
    """Send a month as GB/T 39046 table 10; little of who complained."""
    return _export(_month_asked(), kind, full=False)


@blueprint.post("/export")
@allow(*APPROVES)
def export_full() -> ResponseReturnValue:
    """Send a month with the names in full; the reason is kept before the file is made."""
    month = request.form.get("month", "")
    if not days.is_month(month):
        raise NotValid("bad_month", "月份须写作 2026-11 的样子。")
    reason, who = request.form.get("reason", ""), by()
    kept = partial(complaints().reveal_month, month, reason, who)
    revealing.reveal("complaints", int(month.replace("-", "")), reason, who, kept)
    return _export(month, request.form.get("kind", ""), full=True)


def _export(month: str, kind: str, *, full: bool) -> Response:
    if kind not in TYPES:
        raise NotFound("unknown_format", "只能导出 xlsx 或 csv。")
    hall = register().hall()
    name = f"办事互动-{month}{'-实名' if full else ''}{'（演示）' if hall.demo else ''}.{kind}"
    plain = f"complaints-{month}{'-named' if full else ''}{'-demo' if hall.demo else ''}.{kind}"
    rows = complaints().table10(month, own_unit(), full=full)
    made_at = days.iso(rooms().clock(), config().hall.zone)
    asked = TABLE.asked(rows, f"{hall.name}办事互动 {month}", made_at)
    content = in_process("hall.standard_table", kind, given=asked)
    return attachment(content, TYPES[kind], name, plain)
