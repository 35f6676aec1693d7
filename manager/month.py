"""The month's table and its files: one query feeds the screen and the file."""

import json
from dataclasses import asdict
from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from hall import days
from hall.cells import TYPES
from hall.refusals import NotFound
from manager.devices import printers_in_use
from manager.who import acting, frame
from rating.columns import SCOPES, groups, on_screen, period_words
from rating.export import NOTES, Heading, file_name
from rating.months import check_scope
from web import reading
from web.access import allow
from web.aside import in_process
from web.current import config, desk, register, rooms
from web.files import attachment

blueprint = Blueprint("month", __name__)

MONTHS_OFFERED = 25
# What is said of the printers in use, the worst first: conditions, the badge's meaning, the words.
PRINTERS = (
    ({"out_of_paper", "off", "trouble"}, "alarm", "台需要处理"),
    ({"near_end"}, "called", "台纸将用完"),
    ({"unknown"}, "", "台未知"),
    ({"ok"}, "serving", "台正常"),
)
SHARE_WORDS = {"satisfaction": "满意/评价", "rating_rate": "评价/办件"}


def this_month() -> str:
    """Return the hall's month, ``YYYY-MM``."""
    return _today()[:7]


def _today() -> str:
    return days.day_of(rooms().clock(), config().hall.zone)


def month_words(month: str) -> str:
    """Return ``2026年11月``."""
    return f"{int(month[:4])}年{int(month[5:7])}月"


@blueprint.get("")
@allow("manager")
def table() -> ResponseReturnValue:
    """Show a month by window, department, clerk or service."""
    by = check_scope(request.args.get("by", "window"))
    name = request.args.get("month", this_month())
    month = reading.month(name, by)
    today = _today()
    totals = month["totals"]
    return render_template(
        "manager/month.html",
        month=month,
        by=by,
        scopes=SCOPES,
        groups=groups(on_screen(by)),
        share_words=SHARE_WORDS,
        month_words=month_words(name),
        period_words=period_words(name, today),
        months=_months_offered(name),
        before=days.month_before(name),
        after=days.month_before(name, -1) if name < this_month() else "",
        empty=not (totals["called"] or totals["served"] or totals["rated"] or totals["missed"]),
        today=_today_figures(today),
        notes=NOTES,
        made_at_words=_made_at()[:16].replace("T", " "),
        **frame("month"),
    )


def _months_offered(chosen: str) -> list[tuple[str, str]]:
    offered = {days.month_before(this_month(), back) for back in range(MONTHS_OFFERED)} | {chosen}
    return [(each, month_words(each)) for each in sorted(offered, reverse=True)]


def _today_figures(today: str) -> dict[str, Any]:
    windows = desk().windows_now()
    active = [each for each in windows if register().catalogue().window[each["no"]].active]
    served = reading.ask_book(lambda book: book.day(today))["served"]
    return {
        "day_words": f"{int(today[5:7])}月{int(today[8:])}日",
        "waiting": sum(each["waiting"] for each in desk().services_now()),
        "served": served,
        "open": sum(each["state"] != "closed" for each in active),
        "windows": len(active),
        "printers": _printers_said(printers_in_use()),
    }


def _printers_said(conditions: list[str]) -> dict[str, str] | None:
    for these, state, words in PRINTERS:
        if count := sum(each in these for each in conditions):
            return {"state": state, "words": f"{count} {words}"}
    return None


def _made_at() -> str:
    return days.iso(rooms().clock(), config().hall.zone)


@blueprint.get("/months/<month>/export.<kind>")
@allow("manager")
def export(month: str, kind: str) -> ResponseReturnValue:
    """Send a month as a file: the same figures as the screen's."""
    if kind not in TYPES:
        raise NotFound("unknown_format", "只能导出 xlsx 或 csv。")
    by = check_scope(request.args.get("by", "window"))
    table = reading.month(month, by)
    hall = register().hall()
    heading = Heading(hall.name, _made_at(), acting().name, hall.demo)
    wish = {"month": table, "heading": asdict(heading)}
    content = in_process("rating.export", kind, given=json.dumps(wish, ensure_ascii=False).encode())
    plain = f"month-{table['month']}-{table['by']}{'-demo' if hall.demo else ''}.{kind}"
    return attachment(content, TYPES[kind], file_name(table, kind, heading), plain)


@blueprint.get("/trend")
@allow("manager")
def trend() -> ResponseReturnValue:
    """Lead an old address to the dashboard, which draws the months of a year."""
    return redirect("/dashboard?kind=year", 301)
