"""What the dashboard shows: the figures of each chart, as its table and as its drawing."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from figures import choosing
from figures.figures import Figures
from figures.statistics import Table
from rating.levels import LEVELS
from rating.periods import Period

WEEKDAYS = tuple(f"周{each}" for each in "一二三四五六日")
TAGS_SHOWN = 10
HEAT_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class Dashboard:
    """All figures of the dashboard, in the order of its charts."""

    totals: Table
    course_words: str
    course: list[dict[str, Any]]
    windows: list[dict[str, Any]]
    hours: list[int]
    heat: list[dict[str, Any]]
    channels: list[dict[str, Any]]
    good_tags: list[tuple[str, str, int]]
    bad_tags: list[tuple[str, str, int]]
    pipeline: list[tuple[str, str, int]]

    @property
    def empty(self) -> bool:
        """Whether nothing happened in the period."""
        return not (self.totals.totals["called"] or self.totals.totals["rated"])


def dashboard(figures: Figures, period: Period) -> Dashboard:
    """Return the figures of a period's dashboard."""
    over, unit = choosing.course(period)
    course = [
        {"name": name, "words": _step(name, unit), **row}
        for name, row in figures.series(over, unit)
    ]
    tags = figures.tags(period, most=10_000)
    heat = figures.heat(period)
    hours = sorted({hour for _, hour in heat})
    return Dashboard(
        totals=figures.table(period, "hall"),
        course_words=over.words,
        course=course,
        windows=[row for row in figures.table(period, "window").rows if row["rated"]],
        hours=list(range(hours[0], hours[-1] + 1)) if hours else [],
        heat=[
            {"weekday": weekday, "hour": hour, **found}
            for (weekday, hour), found in sorted(heat.items())
        ],
        channels=[each for each in figures.channels(period) if each["rated"]],
        good_tags=_tags(tags, bad=False),
        bad_tags=_tags(tags, bad=True),
        pipeline=figures.pipeline(period),
    )


def _tags(found: list[Any], *, bad: bool) -> list[tuple[str, str, int]]:
    chosen = [(text, level.chinese, count) for text, level, count in found if level.is_bad == bad]
    return chosen[:TAGS_SHOWN]


def full_scale(minutes: Sequence[float | None]) -> int:
    """Return where the colours of the heat map end: what nine of ten hours stay within.

    One hour with a single long wait would leave all others in one colour; it has the last one too.
    """
    known = sorted(each for each in minutes if each is not None)
    if not known:
        return 1
    within = known[ceil(len(known) * HEAT_SHARE) - 1]
    return max(1, ceil(within))


def _step(name: str, unit: str) -> str:
    """Return a step of a course as an axis has room for it: 11-20, 第47周, 11月."""
    match unit:
        case "day":
            return name[5:]
        case "week":
            return f"第{int(name[6:])}周"
    return f"{name[:4]}-{name[5:]}"


def drawn(told: Dashboard) -> dict[str, Any]:
    """Return what the script draws."""
    return {
        "course": {
            "steps": [each["words"] for each in told.course],
            "satisfaction": [each["satisfaction"]["percent"] for each in told.course],
            "rating_rate": [each["rating_rate"]["percent"] for each in told.course],
        },
        "levels": {
            "windows": [row["name"] for row in told.windows],
            "keys": [row["key"] for row in told.windows],
            "series": [
                {"name": level.chinese, "counts": [row[level.value] for row in told.windows]}
                for level in LEVELS
            ],
        },
        "heat": {
            "hours": told.hours,
            "weekdays": WEEKDAYS,
            "cells": [
                [each["hour"], each["weekday"], each["average_wait_minutes"], each["called"]]
                for each in told.heat
            ],
            "full": full_scale([each["average_wait_minutes"] for each in told.heat]),
        },
        "channels": [[each["name"], each["rated"]] for each in told.channels],
        "good_tags": [[text, level, count] for text, level, count in told.good_tags],
        "bad_tags": [[text, level, count] for text, level, count in told.bad_tags],
        "pipeline": [[word, count] for _, word, count in told.pipeline],
    }
