"""The numbered parts of the bulletin; pure."""

from collections.abc import Mapping
from typing import Any

from hall.shares import rate
from rating.levels import LEVELS
from reports import charts
from reports.charts import BLUE, RED, Bar, Line
from reports.facts import Cell, Facts, Grid, Part
from reports.said import (
    NONE,
    change_said,
    figure,
    month_words,
    name_of,
    of_said,
    said,
    short_name,
    word,
)

# What stands in the table of the month, in this order; 主动评价量 is the number of valid ratings.
MAIN = (
    *("taken", "served", "rated", "rating_rate", "satisfaction", "satisfaction_strict"),
    *("very_satisfied_rate", "score_of_ten", "bad", "bad_rate", "rectified", "in_time"),
    *("contacted", "revisited", "voided", "void_share", "defaults", "average_wait_minutes"),
    *("wait_over_target", "average_service_minutes", "complaints_on_time"),
)
OF_DEPARTMENTS = (
    "served",
    "rated",
    "rating_rate",
    "satisfaction",
    "bad",
    "rectified",
    "score_of_ten",
)


# Two points are no course: the table says it better.
LEAST_OF_A_LINE = 3


def is_empty(facts: Facts) -> bool:
    """Return whether a month brought nobody and nothing that could be told."""
    return not any(facts.totals[code] for code in ("taken", "served", "rated", "bad"))


def chapters(facts: Facts) -> list[Part]:
    """Return the parts of a bulletin, not numbered yet; the last is what the hall asks for."""
    parts = _nothing() if is_empty(facts) else _all(facts)
    if facts.words.remarks:
        parts.append(Part("工作要求", [each for each in facts.words.remarks.split("\n") if each]))
    return parts


def _nothing() -> list[Part]:
    return [Part("总体情况", ["本月没有取号和办件，也没有收到评价。"])]


def _all(facts: Facts) -> list[Part]:
    return [
        _overall(facts),
        _channels(facts),
        _levels(facts),
        _departments(facts),
        _ranking(facts),
        _bad(facts),
        _trend(facts),
    ]


def _overall(facts: Facts) -> Part:
    now = facts.totals
    rows = [
        [
            word(name_of(code)),
            Cell(said(code, now[code])),
            Cell(of_said(now[code]) or NONE),
            Cell(said(code, facts.before[code])),
            Cell(change_said(facts.before, code)),
            Cell(said(code, facts.year_ago[code])),
            Cell(change_said(facts.year_ago, code)),
        ]
        for code in MAIN
    ]
    text = (
        f"全月取号{said('taken', now['taken'])}个，办件{said('served', now['served'])}件；"
        f"收到有效评价{said('rated', now['rated'])}件，主动评价率{_full('rating_rate', now)}。"
        f"满意率{_full('satisfaction', now)}，{_compared(facts, 'satisfaction')}；"
        f"其中非常满意率{_full('very_satisfied_rate', now)}。"
        f"按十分制计平均{said('score_of_ten', now['score_of_ten'])}分。"
        f"差评{said('bad', now['bad'])}件，差评整改率{_full('rectified', now)}。"
        f"认定误评、恶意并作废{said('voided', now['voided'])}件，"
        f"占比{_full('void_share', now)}。"
    )
    so_far = "同期" if facts.today.startswith(facts.month) else ""  # as many days of each month
    last = ("上月" + so_far, "环比", "上年" + (so_far or "同月"), "同比")
    heads = ("指标", "本月", "分子/分母", *last)
    grid = Grid("表1　主要指标", heads, rows)
    return Part("总体情况", [text], grids=[grid])


def _full(code: str, row: Mapping[str, Any]) -> str:
    share = row[code]
    return f"{said(code, share)}（{of_said(share)}）"


def _compared(facts: Facts, code: str) -> str:
    before, year = (change_said(each, code) for each in (facts.before, facts.year_ago))
    return f"环比{before}，同比{year}".replace(NONE, "无基数")


def _channels(facts: Facts) -> Part:
    rows = [
        [
            word(each["name"]),
            Cell(f"{each['rated']:,}"),
            Cell(of_said(each["share"])),
            Cell(_percent(each["share"])),
        ]
        for each in facts.channels
    ]
    rated = facts.totals["rated"]
    total = [word("合计"), Cell(f"{rated:,}"), *(_share_cells(rate(rated, rated)))]
    drawn = [
        Bar(each["name"], each["rated"], f"{each['rated']:,} 件　{_percent(each['share'])}")
        for each in facts.channels
        if each["rated"]
    ]
    chart = charts.bars("各渠道有效评价", drawn) if drawn else ""
    used = [each for each in facts.channels if each["rated"]]
    most = max(used, key=lambda each: each["rated"], default=None)
    text = (
        f"有效评价来自{len(used)}个渠道，其中{most['name']}最多，{most['rated']:,}件，"
        f"占{_percent(most['share'])}（{of_said(most['share'])}）。"
        if most
        else "本月没有收到有效评价。"
    )
    grid = Grid("表2　各渠道有效评价", ("渠道", "有效评价（件）", "分子/分母", "占比"), rows, total)
    return Part("评价渠道", [text], chart, "图1　各渠道有效评价", [grid])


def _share_cells(share: Mapping[str, Any]) -> list[Cell]:
    return [Cell(of_said(share)), Cell(_percent(share))]


def _percent(share: Mapping[str, Any]) -> str:
    return NONE if share["percent"] is None else f"{share['percent']:.2f}%"


def _levels(facts: Facts) -> Part:
    rated = facts.totals["rated"]
    shares = [(each, rate(facts.totals[each.value], rated)) for each in LEVELS]
    rows = [
        [
            word(f"{each.chinese}{'（差评）' if each.is_bad else ''}"),
            Cell(f"{facts.totals[each.value]:,}"),
            *_share_cells(share),
        ]
        for each, share in shares
    ]
    total = [word("合计"), Cell(f"{rated:,}"), *_share_cells(rate(rated, rated))]
    drawn = [
        Bar(
            each.chinese,
            facts.totals[each.value],
            f"{facts.totals[each.value]:,} 件　{_percent(share)}",
            RED if each.is_bad else BLUE,
        )
        for each, share in shares
    ]
    heads = ("等级", "有效评价（件）", "分子/分母", "占比")
    chart = charts.bars("各等级有效评价", drawn) if rated else ""
    return Part(
        "评价等级",
        chart=chart,
        chart_caption="图2　各等级有效评价",
        grids=[Grid("表3　各等级有效评价", heads, rows, total)],
    )


def _departments(facts: Facts) -> Part:
    heads = ("部门", *(short_name(code) for code in OF_DEPARTMENTS))
    rows = [
        [word(row["name"]), *(figure(code, row) for code in OF_DEPARTMENTS)]
        for row in facts.departments
    ]
    total = [word("合计"), *(figure(code, facts.totals) for code in OF_DEPARTMENTS)]
    grid = Grid("表4　各部门情况", heads, rows, total, wide=True)
    return Part("部门情况", grids=[grid])


def _ranking(facts: Facts) -> Part:
    if facts.ranking is None:
        return Part("窗口评比", ["本月窗口评比结果尚未发布。"])
    heads = ("名次", "窗口", "部门", "得分", "办件", "有效评价", "差评", "评定")
    grids = [
        Grid(
            f"窗口评比（{each['name']}）",
            heads,
            [
                [
                    Cell(str(row["rank"])),
                    word(row["name"]),
                    word(row["department"]),
                    Cell(str(row["score"])),
                    *(Cell(f"{row[name]:,}") for name in ("served", "rated", "bad")),
                    word(row["mark"] or "", tight=True),
                ]
                for row in each["ranked"]
            ],
        )
        for each in facts.ranking["classes"]
        if each["ranked"]
    ]
    text = (
        f"窗口评比结果第{facts.ranking['version']}版已由分管领导签发并发布，"
        "只在同一类别的窗口之间比较。"
    )
    apart = sum(len(each["apart"]) for each in facts.ranking["classes"])
    notes = [f"另有{apart}个窗口因办件或评价不足等原因不参加评比。"] if apart else []
    return Part("窗口评比", [text], grids=grids, notes=notes)


def _bad(facts: Facts) -> Part:
    now = facts.totals
    valid = f"本月有效评价中有差评{said('bad', now['bad'])}件，差评率{_full('bad_rate', now)}"
    if not facts.bad:
        return Part("差评及办理情况", [f"{valid}。没有需要办理的差评。"])
    stands = "、".join(f"{word}{count}件" for _, word, count in facts.pipeline if count)
    text = (
        f"{valid}。截至制表时，本月收到的差评{stands}。"
        f"差评整改率{_full('rectified', now)}，按期整改率{_full('in_time', now)}；"
        f"实名差评及时联系率{_full('contacted', now)}，回访率{_full('revisited', now)}。"
    )
    return Part("差评及办理情况", [f"{text}逐件情况见附件1。"])


def _trend(facts: Facts) -> Part:
    codes = ("satisfaction", "rating_rate")
    shown = ("served", "rated", *codes, "bad", "score_of_ten")
    names = [f"{int(name[5:7])}月" for name, _ in facts.series]
    drawn = [
        Line(name_of(code), [row[code]["percent"] for _, row in facts.series], colour, dashes)
        for code, colour, dashes in zip(codes, (RED, BLUE), ("", "6 4"), strict=True)
    ]
    rows = [
        [
            word(month_words(name), tight=True),
            *(figure(code, row) for code in shown),
        ]
        for name, row in facts.series
    ]
    heads = ("月份", *(short_name(code) for code in shown))
    told = len(names) >= LEAST_OF_A_LINE
    chart = charts.lines("满意率和主动评价率", names, drawn) if told else ""
    return Part(
        "走势",
        chart=chart,
        chart_caption="图3　满意率和主动评价率",
        grids=[Grid("表5　逐月情况", heads, rows, wide=True)],
    )
