"""The pages of the statistics: the table, the tickets behind a number, the dashboard."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from figures import charts, choosing, export, places
from figures.choosing import GLANCE, PARTS_OF
from figures.columns import COLUMN, SCOPES, Within, check_column, check_scope, check_within
from figures.figures import Figures
from hall import days
from hall.catalogue import Catalogue
from hall.cells import TYPES
from hall.refusals import NotFound, NotValid
from rating.levels import Channel, Level
from rating.periods import Period
from web import reading
from web.access import allow
from web.aside import in_process
from web.current import config, register, rooms
from web.files import attachment
from web.office import acting, frame

blueprint = Blueprint("figures", __name__, template_folder="templates")

READERS = ("inspector", "leader", "manager")
A_PAGE = 50
HEADLINES = (*("satisfaction", "rating_rate", "served", "bad", "average_wait_minutes", "wait_p90"),)
STATES = {
    "waiting": "等候",
    "called": "已叫号",
    "serving": "办理中",
    "held": "搁置",
    "done": "已办",
    "missed": "过号",
    "cancelled": "已取消",
    "expired": "日终关闭",
}
OUTCOMES = {
    "accepted": "受理",
    "completed": "办结",
    "collected": "领证",
    "consulted": "咨询",
    "other": "其他",
}


@dataclass(frozen=True)
class Asked:
    """What an address asks for: a period, whose figures, within what, which columns."""

    period: Period
    by: str = "window"
    within: Within = ()
    group: str = GLANCE

    def link(self, page: str = "/statistics", **more: Any) -> str:
        """Return the address of a page with the same choice, but for what is named."""
        own = {name: more.pop(name) for name in list(more) if name in OWN}
        return f"{page}?{urlencode([*self.pairs(**own), *more.items()])}"

    def pairs(self, **own: Any) -> list[tuple[str, str]]:
        """Return the choice as names and values, but for what is named."""
        changed = replace(self, **own)
        return [
            ("kind", changed.period.kind),
            ("name", changed.period.name),
            ("by", changed.by),
            *(("within", f"{scope}:{key}") for scope, key in changed.within),
            *([("group", changed.group)] if changed.group != GLANCE else []),
        ]


OWN = ("period", "by", "within", "group")


def _today() -> str:
    return days.day_of(rooms().clock(), config().hall.zone)


def _asked() -> Asked:
    told = request.args
    kind, name, begins, ends = (
        told.get(each, "").strip() for each in ("kind", "name", "from", "to")
    )
    period = choosing.choose(kind, name, begins, ends, _today())
    by = check_scope(told.get("by", "window"))
    return Asked(period, by, check_within(told.getlist("within")), told.get("group", GLANCE))


def _around(asked: Asked, page: str) -> dict[str, Any]:
    """Return what the pages share: the choice of a period, and links that keep the rest."""
    return {
        "asked": asked,
        "period": asked.period,
        "choice": choosing.choice(asked.period, _today()),
        "page": page,
        "today": _today(),
        "so_far": choosing.so_far(asked.period, _today()),
        "days_said": _days_said(asked.period),
        "not_begun": asked.period.first > _today(),
        "words_of": choosing.said,
        "to_sort": choosing.to_sort,
        "column_of": COLUMN,
    } | frame("statistics", READERS)


def _days_said(period: Period) -> str:
    """Return the days of a period whose words do not name them already."""
    return "" if period.kind in ("day", "range") else f"{period.first} 至 {period.last}"


@blueprint.get("/statistics/export.<kind>")
@allow(*READERS)
def table_file(kind: str) -> ResponseReturnValue:
    """Send the table as a file: the rows and columns that the page shows for the same address."""
    if kind not in TYPES:
        raise NotFound("unknown_format", "只能导出 xlsx 或 csv。")
    asked = _asked()
    groups = choosing.columns_of(asked.group, asked.by, asked.within)
    columns = [each for _, columns in groups for each in columns]
    if not columns:
        raise NotValid("unknown_group", "这一组指标不按这个范围统计，请换一个统计范围。")
    found = reading.ask_figures(lambda figures: figures.table(asked.period, asked.by, asked.within))
    heading = _heading(asked)
    content = in_process("figures.export", kind, given=export.wish(found, columns, heading))
    plain = f"statistics-{asked.period.name}-{asked.by}{'-demo' if heading.demo else ''}.{kind}"
    return attachment(content, TYPES[kind], export.file_name(found, kind, heading), plain)


def _heading(asked: Asked) -> export.Heading:
    hall = register().hall()
    crumbs = _crumbs(asked, register().catalogue())
    made_at = days.iso(rooms().clock(), config().hall.zone)
    within = "，".join(f"{each['scope']}：{each['name']}" for each in crumbs)
    note = choosing.so_far(asked.period, _today())
    return export.Heading(hall.name, made_at, acting(*READERS).name, within, note, hall.demo)


@blueprint.get("/statistics")
@allow(*READERS)
def table() -> ResponseReturnValue:
    """Show every figure of a period, for the windows or any other part of the hall."""
    asked = _asked()
    groups = choosing.columns_of(asked.group, asked.by, asked.within)
    found = reading.ask_figures(lambda figures: figures.table(asked.period, asked.by, asked.within))
    catalogue = register().catalogue()
    return render_template(
        "figures/statistics.html",
        **_around(asked, "/statistics"),
        table=found,
        headlines=[COLUMN[code] for code in HEADLINES],
        groups=groups,
        columns=[each for _, columns in groups for each in columns],
        group_choices=choosing.groups_of(asked.by, asked.within),
        scopes=SCOPES,
        crumbs=_crumbs(asked, catalogue),
        into=_into(asked),
        lone=asked.by == "hall" and len(found.rows) == 1,
        method=export.METHOD,
        empty=not any(found.totals[code] for code in ("called", "rated", "taken", "asked")),
        made_at=days.local(rooms().clock(), config().hall.zone).strftime("%Y-%m-%d %H:%M"),
    )


def _crumbs(asked: Asked, catalogue: Catalogue) -> list[dict[str, str]]:
    """Return the filters by name, each with the address that takes it and what follows away."""
    return [
        {
            "scope": SCOPES[scope],
            "name": places.name(scope, key, catalogue),
            "without": asked.link(by=scope, within=asked.within[:at]),
        }
        for at, (scope, key) in enumerate(asked.within)
    ]


def _into(asked: Asked) -> Callable[[str], str]:
    """Return where the name of a row leads; nowhere when its parts were gone through already."""
    taken = {scope for scope, _ in asked.within} | {asked.by}
    parts = PARTS_OF[asked.by]

    def address(key: str) -> str:
        if asked.by == "hall":
            return asked.link(by=parts)
        if parts in taken or not key:
            return ""
        return asked.link(by=parts, within=(*asked.within, (asked.by, key)))

    return address


# -- the tickets behind a number ---------------------------------------------------------------


@blueprint.get("/statistics/tickets")
@allow(*READERS)
def tickets() -> ResponseReturnValue:
    """List the tickets behind a number, page by page; names are masked."""
    asked = _asked()
    key, column = request.args.get("key", ""), check_column(request.args.get("column", ""))
    page = _page(request.args.get("page", "1"))

    def ask(figures: Figures) -> tuple[int, list[dict[str, Any]]]:
        what = (asked.period, asked.by, key, column.code)
        count = figures.count_tickets(*what, asked.within)
        return count, figures.tickets(*what, A_PAGE, (page - 1) * A_PAGE, asked.within)

    count, found = reading.ask_figures(ask)
    catalogue = register().catalogue()
    return render_template(
        "figures/tickets.html",
        **_around(asked, "/statistics/tickets"),
        key=key,
        column=column,
        where=places.name(asked.by, key, catalogue) if key else places.HALL,
        crumbs=_crumbs(asked, catalogue),
        tickets=[_ticket(each, catalogue) for each in found],
        count=count,
        current=page,
        pages=max(1, -(-count // A_PAGE)),
        begins=(page - 1) * A_PAGE,
    )


def _page(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text[:9]) > 0):
        raise NotValid("bad_page", "没有这一页。")
    return int(text[:9])


def _ticket(told: dict[str, Any], catalogue: Catalogue) -> dict[str, Any]:
    service = catalogue.service.get(told["service"] or "")
    return {
        **told,
        "service_name": service.name if service else told["service"] or "",
        "window_name": places.name("window", str(told["window"]), catalogue)
        if told["window"]
        else "",
        "clerk_name": places.name("clerk", told["clerk"], catalogue) if told["clerk"] else "",
        "day": _time(told["taken_at"] or told["slot_at"], "%m-%d"),
        **{
            name: _time(told[f"{name}_at"], "%H:%M")
            for name in ("taken", "called", "started", "ended", "slot")
        },
        "state_word": STATES.get(told["visit_state"] or "", STATES.get(told["state"] or "", "")),
        "outcome_word": OUTCOMES.get(told["outcome"] or "", ""),
        "level_word": Level(told["level"]).chinese if told["level"] else "",
        "bad": told["level"] is not None and Level(told["level"]).is_bad,
        "channel_word": Channel(told["channel"]).chinese if told["channel"] else "",
    }


def _time(at: int | None, form: str) -> str:
    return days.local(at, config().hall.zone).strftime(form) if at else ""


# -- the dashboard -----------------------------------------------------------------------------


@blueprint.get("/dashboard")
@allow(*READERS)
def dashboard() -> ResponseReturnValue:
    """Show a period in charts, each above the table that holds its figures."""
    asked = replace(_asked(), by="hall", within=(), group=GLANCE)
    told = reading.ask_figures(lambda figures: charts.dashboard(figures, asked.period))
    return render_template(
        "figures/dashboard.html",
        **_around(asked, "/dashboard"),
        told=told,
        headlines=[COLUMN[code] for code in HEADLINES],
        drawn=charts.drawn(told),
    )
