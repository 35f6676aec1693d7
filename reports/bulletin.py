"""The month's bulletin (月度通报): figures in, an official text with tables and charts out; pure.

Every rate stands with its numerator and denominator, every chart above the table it is drawn from;
nothing in it names a person but those who sign.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from figures.columns import COLUMN, COLUMNS
from hall.shares import rate
from rating.columns import period_words
from rating.levels import LEVELS
from reports import charts
from reports.charts import BLUE, RED, Bar, Line
from reports.wording import Words, default_issue

NONE = "—"
NUMERALS = "一二三四五六七八九十"
# What stands in the table of the month, in this order; 主动评价量 is the number of valid ratings.
MAIN = (
    *("taken", "served", "rated", "rating_rate", "satisfaction", "satisfaction_strict"),
    *("very_satisfied_rate", "score_of_ten", "bad", "bad_rate", "rectified", "in_time"),
    *("contacted", "revisited", "voided", "void_share", "defaults", "average_wait_minutes"),
    *("wait_over_target", "average_service_minutes", "complaints_on_time"),
)
# How the bulletin calls some of them.
CALLED = {
    "rated": "主动评价量（有效评价）",
    "rating_rate": "主动评价率",
    "rectified": "差评整改率",
    "in_time": "差评按期整改率",
    "contacted": "实名差评及时联系率",
    "revisited": "实名差评回访率",
    "voided": "作废评价",
    "defaults": "默认评价",
    "average_wait_minutes": "平均等候时长",
    "average_service_minutes": "平均办理时长",
    "wait_over_target": "等候超时率",
    "complaints_on_time": "投诉按时回复率",
}
SHORT = {
    "rated": "有效评价",
    "score_of_ten": "十分制",
    "rectified": "整改率",
    "rating_rate": "评价率",
}
OF_DEPARTMENTS = (
    "served",
    "rated",
    "rating_rate",
    "satisfaction",
    "bad",
    "rectified",
    "score_of_ten",
)
MOST_BAD = 200


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell: a text, and small beside it what it is made of."""

    text: str
    small: str = ""
    number: bool = True
    tight: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table with its caption; ``wide`` ones are set smaller."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    total: Sequence[Cell] = ()
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A numbered part: a heading, paragraphs, charts above their tables, and small print."""

    title: str
    paragraphs: Sequence[str] = ()
    chart: str = ""
    chart_caption: str = ""
    grids: Sequence[Grid] = ()
    notes: Sequence[str] = ()
    annex: bool = False


@dataclass(frozen=True, slots=True)
class Bad:
    """A bad rating as it may be published: nothing of who gave it, and none of its words."""

    day: str
    service: str
    window: str
    unit: str
    level: str
    reasons: str
    outcome: str


@dataclass(frozen=True)
class Facts:
    """All that a bulletin is made of; tables as ``figures`` has them, a ranking as it is frozen."""

    hall: str
    month: str
    today: str
    totals: Mapping[str, Any]
    before: Mapping[str, Any]
    year_ago: Mapping[str, Any]
    departments: Sequence[Mapping[str, Any]]
    windows: Sequence[Mapping[str, Any]]
    channels: Sequence[Mapping[str, Any]]
    series: Sequence[tuple[str, Mapping[str, Any]]]
    pipeline: Sequence[tuple[str, str, int]]
    bad: Sequence[Bad]
    ranking: Mapping[str, Any] | None
    words: Words = field(default_factory=Words)
    demo: bool = False


@dataclass(frozen=True)
class Bulletin:
    """The bulletin, ready to be set."""

    title: str
    issue: str
    period: str
    opening: str
    parts: Sequence[Part]
    facts: Facts


def bulletin(facts: Facts) -> Bulletin:
    """Return a month's bulletin."""
    month = month_words(facts.month)
    parts = [
        _overall(facts),
        _channels(facts),
        _levels(facts),
        _departments(facts),
        _ranking(facts),
        _bad(facts),
        _trend(facts),
    ]
    if facts.words.remarks:
        parts.append(Part("工作要求", [each for each in facts.words.remarks.split("\n") if each]))
    numbered = [_numbered(place, part) for place, part in enumerate(parts)]
    annexes = [_annexed(number, part) for number, part in enumerate(_annexes(facts), start=1)]
    return Bulletin(
        f"关于{month}政务服务“好差评”情况的通报",
        facts.words.issue or default_issue(facts.month),
        period_words(facts.month, facts.today),
        f"现将{facts.hall}{month}“好差评”情况通报如下。",
        [*numbered, *annexes],
        facts,
    )


def month_words(month: str) -> str:
    """Return ``2026年11月``."""
    return f"{int(month[:4])}年{int(month[5:7])}月"


def day_words(day: str) -> str:
    """Return ``2026年11月22日``."""
    return f"{month_words(day[:7])}{int(day[8:10])}日"


def _numbered(place: int, part: Part) -> Part:
    return Part(
        f"{NUMERALS[place]}、{part.title}",
        *(part.paragraphs, part.chart, part.chart_caption, part.grids, part.notes),
    )


def _annexed(number: int, part: Part) -> Part:
    title = f"附件{number}　{part.title}"
    return Part(
        title, part.paragraphs, part.chart, part.chart_caption, part.grids, part.notes, annex=True
    )


# -- how a figure is said ----------------------------------------------------------------------


def said(code: str, value: Any) -> str:
    """Return a figure in the bulletin's form: 1,234 · 96.36% · 9.24 · 12.3; — for none."""
    if value is None:
        return NONE
    match COLUMN[code].kind:
        case "rate":
            return NONE if value["percent"] is None else f"{value['percent']:.2f}%"
        case "minutes":
            return f"{value:.1f}"
        case "score":
            return f"{value:.2f}"
    return f"{value:,}"


def of_said(value: Any) -> str:
    """Return what a rate is made of: 53/55; nothing for what is no rate."""
    if not isinstance(value, Mapping):
        return ""
    return f"{value['numerator']:,}/{value['denominator']:,}"


def _change(base: Mapping[str, Any], code: str) -> str:
    change = base["change"].get(code)
    return change["text"].replace(" %", "%") if change else NONE


def _name(code: str) -> str:
    name = CALLED.get(code, COLUMN[code].name)
    return f"{name}（分钟）" if COLUMN[code].kind == "minutes" else name


def _short(code: str) -> str:
    """Return how a figure is called above a narrow column."""
    return SHORT.get(code, _name(code))


def _cell(code: str, row: Mapping[str, Any]) -> Cell:
    return Cell(said(code, row[code]), of_said(row[code]))


def _word(text: object, *, tight: bool = False) -> Cell:
    return Cell(str(text), number=False, tight=tight)


# -- the parts ---------------------------------------------------------------------------------


def _overall(facts: Facts) -> Part:
    now = facts.totals
    rows = [
        [
            _word(_name(code)),
            Cell(said(code, now[code])),
            Cell(of_said(now[code]) or NONE),
            Cell(said(code, facts.before[code])),
            Cell(_change(facts.before, code)),
            Cell(said(code, facts.year_ago[code])),
            Cell(_change(facts.year_ago, code)),
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
    heads = ("指标", "本月", "分子/分母", "上月", "环比", "上年同月", "同比")
    grid = Grid("表1　主要指标", heads, rows)
    return Part("总体情况", [text], grids=[grid])


def _full(code: str, row: Mapping[str, Any]) -> str:
    share = row[code]
    return f"{said(code, share)}（{of_said(share)}）"


def _compared(facts: Facts, code: str) -> str:
    before, year = (_change(each, code) for each in (facts.before, facts.year_ago))
    return f"环比{before}，同比{year}".replace(NONE, "无基数")


def _channels(facts: Facts) -> Part:
    rows = [
        [
            _word(each["name"]),
            Cell(f"{each['rated']:,}"),
            Cell(of_said(each["share"])),
            Cell(_percent(each["share"])),
        ]
        for each in facts.channels
    ]
    rated = facts.totals["rated"]
    total = [_word("合计"), Cell(f"{rated:,}"), *(_share_cells(rate(rated, rated)))]
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
            _word(f"{each.chinese}{'（差评）' if each.is_bad else ''}"),
            Cell(f"{facts.totals[each.value]:,}"),
            *_share_cells(share),
        ]
        for each, share in shares
    ]
    total = [_word("合计"), Cell(f"{rated:,}"), *_share_cells(rate(rated, rated))]
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
    heads = ("部门", *(_short(code) for code in OF_DEPARTMENTS))
    rows = [
        [_word(row["name"]), *(_cell(code, row) for code in OF_DEPARTMENTS)]
        for row in facts.departments
    ]
    total = [_word("合计"), *(_cell(code, facts.totals) for code in OF_DEPARTMENTS)]
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
                    _word(row["name"]),
                    _word(row["department"]),
                    Cell(str(row["score"])),
                    *(Cell(f"{row[name]:,}") for name in ("served", "rated", "bad")),
                    _word(row["mark"] or ""),
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
        Line(_name(code), [row[code]["percent"] for _, row in facts.series], colour, dashes)
        for code, colour, dashes in zip(codes, (RED, BLUE), ("", "6 4"), strict=True)
    ]
    rows = [
        [
            _word(month_words(name), tight=True),
            *(_cell(code, row) for code in shown),
        ]
        for name, row in facts.series
    ]
    heads = ("月份", *(_short(code) for code in shown))
    return Part(
        "走势",
        chart=charts.lines("满意率和主动评价率", names, drawn),
        chart_caption="图3　满意率和主动评价率",
        grids=[Grid("表5　逐月情况", heads, rows, wide=True)],
    )


# -- the annexes -------------------------------------------------------------------------------


def _annexes(facts: Facts) -> Iterable[Part]:
    if facts.bad:
        yield _bad_ones(facts)
    yield _windows(facts)
    yield _method()


def _bad_ones(facts: Facts) -> Part:
    heads = ("序号", "日期", "业务", "窗口", "承办单位", "等级", "原因", "办理情况")
    rows = [
        [
            Cell(str(number)),
            _word(f"{int(each.day[5:7])}月{int(each.day[8:])}日", tight=True),
            _word(each.service),
            _word(each.window, tight=True),
            _word(each.unit),
            _word(each.level, tight=True),
            _word(each.reasons or NONE),
            _word(each.outcome),
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
    heads = ("窗口号", "名称", *(_short(code) for code in codes))
    rows = [
        [Cell(row["key"]), _word(row["name"]), *(_cell(code, row) for code in codes)]
        for row in facts.windows
    ]
    total = [Cell(""), _word("合计"), *(_cell(code, facts.totals) for code in codes)]
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
            "环比与上月、同比与上年同月比较：件数和时长为增减百分比，比率为百分点之差。",
        ],
        notes=[f"{number}. {each}。" for number, each in enumerate(formulas, start=1)],
    )
