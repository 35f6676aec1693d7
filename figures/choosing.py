"""What the pages let somebody choose: periods, their neighbours, and words for figures; pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from figures.columns import COLUMNS, GROUPS, Column, Within
from figures.statistics import share_of_time
from hall import days
from hall.refusals import NotValid
from rating import periods
from rating.periods import KINDS, Period

# How many periods a list offers.
OFFERED = {"week": 53, "month": 25, "quarter": 13, "year": 6}
# What a manager looks at in the morning.
AT_A_GLANCE = (
    *("served", "average_wait_minutes", "wait_p90", "wait_over_target", "average_service_minutes"),
    *("missed_rate", "utilisation", "rated", "satisfaction", "rating_rate", "bad", "score"),
)
GLANCE, WHOLE = "glance", "whole"
# Where the name of a row leads: from the whole to its parts.
PARTS_OF = {
    "hall": "department",
    "department": "window",
    "zone": "window",
    "service": "window",
    "window": "clerk",
    "clerk": "service",
}
NOTHING = "—"


@dataclass(frozen=True, slots=True)
class Choice:
    """The periods beside one: of each kind, before, after, and a list of its own kind."""

    kinds: list[tuple[str, Period]]
    before: Period | None
    after: Period | None
    offered: list[Period]


def choose(kind: str, name: str, begins: str, ends: str, today: str) -> Period:
    """Return the period of a form; this month when nothing was chosen. NotValid for none."""
    if kind == "range" and not name:
        return periods.period("range", f"{begins}..{ends}")
    if not kind:
        return periods.of_day("month", today)
    if kind not in KINDS:
        raise NotValid("bad_period", f"时段须为 {'、'.join(KINDS.values())} 之一。")
    return periods.period(kind, name) if name else of_day(kind, today)


def of_day(kind: str, day: str) -> Period:
    """Return the period of a kind around a day; a range is the days of its month up to it."""
    if kind == "range":
        return periods.period("range", f"{day[:7]}-01..{day}")
    return periods.of_day(kind, day)


def choice(this: Period, today: str) -> Choice:
    """Return what can be looked at beside a period; nothing that has not begun."""
    day = min(this.last, max(today, this.first))
    after = _known(_after, this)
    offered: list[Period] = []
    if this.kind in OFFERED:
        step: Period | None = periods.of_day(this.kind, max(today, this.first))
        while step and (len(offered) < OFFERED[this.kind] or step.first >= this.first):
            offered.append(step)
            step = earlier(step)
    return Choice(
        [(word, of_day(kind, day)) for kind, word in KINDS.items()],
        earlier(this),
        after if after and after.first <= today else None,
        offered,
    )


def _after(this: Period) -> Period:
    if this.kind == "range":
        ends = days.day_before(this.past, -(this.how_many_days - 1))
        return periods.period("range", f"{this.past}..{ends}")
    return periods.of_day(this.kind, this.past)


def earlier(this: Period) -> Period | None:
    """Return the period before (环比), None before the years that are counted."""
    return _known(periods.period_before, this)


def a_year_ago(this: Period) -> Period | None:
    """Return the same period a year ago (同比), None before the years that are counted."""
    return _known(periods.year_before, this)


def compared(this: Period, today: str) -> tuple[Period | None, Period | None]:
    """Return what a period is compared with (环比, 同比): as many days as it has had itself."""
    before, year_ago = (
        periods.as_far_as(this, base, today) if base else None
        for base in (earlier(this), a_year_ago(this))
    )
    return before, year_ago


def so_far(this: Period, today: str) -> str:
    """Return what is said of a period that has not ended; empty of another."""
    if not this.first <= today < this.past:
        return ""
    if this.kind == "day":
        return "当天尚未结束，数字截至目前；环比、同比与对方全天比较"
    if today == this.last:
        return "本期今天结束，数字截至目前"
    return f"本期尚未结束，数字截至 {today}；环比、同比与上期、去年的同样几天比较"


def _known(ask: Callable[[Period], Period], this: Period) -> Period | None:
    try:
        return ask(this)
    except NotValid:
        return None


def course(this: Period) -> tuple[Period, str]:
    """Return over what a trend is drawn and by which unit: a day by the two weeks up to it."""
    if this.kind == "day":
        return periods.period("range", f"{days.day_before(this.first, 13)}..{this.first}"), "day"
    if this.kind == "year":
        return this, "month"
    long = 62
    if this.how_many_days <= long:
        return this, "day"
    return this, "week" if this.how_many_days <= 5 * long else "month"


def columns_of(group: str, by: str, within: Within) -> list[tuple[str, list[Column]]]:
    """Return the columns of a choice that exist for a scope, by group; NotValid for no choice."""
    if group not in (GLANCE, WHOLE, *(name for name, _ in GROUPS)):
        raise NotValid("unknown_group", "没有这一组统计指标。")
    found = []
    for name, columns in GROUPS:
        shown = [
            each
            for each in columns
            if each.exists(by, within)
            and (group in (WHOLE, name) or (group == GLANCE and each.code in AT_A_GLANCE))
        ]
        if shown:
            found.append((name, shown))
    return found


def groups_of(by: str, within: Within) -> list[tuple[str, str]]:
    """Return the groups that have a column for a scope: their code and word."""
    there = {each.group for each in COLUMNS if each.exists(by, within)}
    own = [(name, name) for name, _ in GROUPS if name in there]
    return [(GLANCE, "概览"), *own, (WHOLE, "全部指标")]


# -- words -------------------------------------------------------------------------------------


def said(column: Column, value: Any) -> tuple[str, str]:
    """Return a figure as it is shown, and its numerator and denominator; times in minutes."""
    if column.kind != "rate":
        return _plain(column, value), ""
    if value["percent"] is None:
        return NOTHING, ""
    parts = share_of_time(value) if column.of_time else (value["numerator"], value["denominator"])
    unit = " 分" if column.of_time else ""
    return value["text"].removesuffix(" %"), f"{parts[0]:,}/{parts[1]:,}{unit}"


def _plain(column: Column, value: Any) -> str:
    if value is None:
        return NOTHING
    return {"count": "{:,}", "minutes": "{:,.1f}", "score": "{:.2f}"}[column.kind].format(value)


def to_sort(column: Column, value: Any) -> str:
    """Return what a script sorts a column by; empty for what is not known."""
    found = value["percent"] if column.kind == "rate" else value
    return "" if found is None else str(found)
