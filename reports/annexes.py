"""The annexes of the bulletin: bad ratings, windows, and how it was counted; pure."""

from collections.abc import Iterable

from figures.columns import COLUMNS
from rating.levels import LEVELS
from reports.facts import Cell, Facts, Grid, Part
from reports.parts import MAIN, OF_DEPARTMENTS, is_empty
from reports.said import CALLED, NONE, figure, short_name, word

MOST_BAD = 200


def annexes(facts: Facts) -> Iterable[Part]:
    """Return the annexes, not numbered yet."""
    if facts.bad:
        yield _bad_ones(facts)
    if not is_empty(facts):
        yield _windows(facts)
    yield _method()


def _bad_ones(facts: Facts) -> Part:
    heads = ("序号", "日期", "业务", "窗口", "承办单位", "等级", "原因", "办理情况")
    rows = [
        [
            Cell(str(number)),
            word(f"{int(each.day[5:7])}月{int(each.day[8:])}日", tight=True),
            word(each.service),
            word(each.window, tight=True),
            word(each.unit),
            word(each.level, tight=True),
            word(each.reasons or NONE, long=True),
            word(each.outcome, long=True),
        ]
        for number, each in enumerate(facts.bad[:MOST_BAD], start=1)
    ]
    more = len(facts.bad) - MOST_BAD
    notes = ["不列评价人信息和评价原文；办理情况中的答复为经审核的公开答复。"]
    notes += [f"只列前{MOST_BAD}件，另有{more}件。"] if more > 0 else []
    return Part("差评及办理情况", grids=[Grid("", heads, rows, wide=True)], notes=notes)


def _windows(facts: Facts) -> Part:
    levels = [each.value for each in LEVELS]
    codes = ("served", "rated", *levels, "satisfaction", "rating_rate", "score_of_ten")
    heads = ("窗口", *(short_name(code) for code in codes))
    rows = [[word(row["name"]), *(figure(code, row) for code in codes)] for row in facts.windows]
    total = [word("合计"), *(figure(code, facts.totals) for code in codes)]
    return Part("各窗口评价情况", grids=[Grid("", heads, rows, total, wide=True)])


def _method() -> Part:
    used = {*MAIN, *OF_DEPARTMENTS}
    formulas = [
        f"{CALLED.get(each.code, each.name)}＝{each.formula}"
        if each.kind == "rate"
        else f"{CALLED.get(each.code, each.name)}：{each.formula}"
        for each in COLUMNS
        if each.code in used
    ]
    return Part(
        "统计口径说明",
        [
            "办件按办理结束时间、评价按评价时间计入当月；每个办件只计第一次评价。",
            "比率四舍五入到两位小数，仅当分子等于分母时为100.00%，仅当分子为零时为0.00%；"
            f"分母为零时记“{NONE}”。作废评价和默认评价另列，不计入满意率。",
            "环比与上月、同比与上年同月比较：件数和时长为增减百分比，比率为百分点之差；"
            "当月未完时，与上月、上年同月的同样几天比较。",
        ],
        notes=[f"{number}. {each}。" for number, each in enumerate(formulas, start=1)],
    )
