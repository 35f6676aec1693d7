"""The statistics as a file: the table of the screen, chosen columns and all; pure.

CSV for programs, an XLSX workbook for paper. A large hall's workbook takes most of a second, so
the server runs this module as a child process: ``python -m figures.export xlsx`` reads what
``wish`` wrote from its input.
"""

import csv
import io
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from figures.columns import COLUMN, GROUPS, SCOPES, Column
from figures.statistics import Table, share_of_time
from figures.workbook import Head, Line, Sheet, workbook
from hall.cells import quoted
from rating.periods import Period

NOTHING = "—"
METHOD = (
    "排队指标按办理结束的时间、评价指标按评价时间计入时段；率四舍五入到两位小数，"
    "分子与分母相等才写 100.00 %；没有分母或这个范围没有的指标写“—”。"
    "等候的 P50、P90 和最长是整体的，不是各行的和。"
)
COMPARED = "环比、同比：件数和时长为增减百分比，率为百分点之差，平均分为分差。"
KEYS = {
    "window": "窗口号",
    "clerk": "工号",
    "service": "业务编码",
    "department": "部门编码",
    "zone": "区域编码",
}
HAVE_A_DEPARTMENT = ("window", "clerk", "service")


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above and below the table; ``made_at`` is ISO 8601 with offset.

    ``within`` names the filters (部门：民政局), ``note`` says more of the period.
    """

    hall: str = ""
    made_at: str = ""
    made_by: str = ""
    within: str = ""
    note: str = ""
    demo: bool = False


def wish(table: Table, columns: Sequence[Column], heading: Heading) -> bytes:
    """Return a table for the child process, with the columns that are wanted and no others."""
    wanted = [each.code for each in columns]

    def cut(row: dict[str, Any]) -> dict[str, Any]:
        kept = {name: row[name] for name in ("key", "name", "department", *wanted)}
        if "change" in row:
            kept["period"] = row["period"]
            kept["change"] = {code: row["change"][code] for code in wanted}
        return kept

    told = {
        "period": asdict(table.period),
        "by": table.by,
        "within": table.within,
        "rows": [cut(row) for row in table.rows],
        **{name: cut(getattr(table, name)) for name in ("totals", "before", "year_ago")},
    }
    asked = {"table": told, "columns": wanted, "heading": asdict(heading)}
    return json.dumps(asked, ensure_ascii=False).encode()


def file_name(table: Table, kind: str, heading: Heading) -> str:
    """Return the name under which the file is saved."""
    mark = "（演示）" if heading.demo else ""
    words = table.period.words.replace(" ", "")
    return f"统计-{words}-{_by(table)}{mark}.{kind}"


def _by(table: Table) -> str:
    return SCOPES["hall"] if table.by == "hall" else f"按{SCOPES[table.by]}"


# -- what stands in it -------------------------------------------------------------------------


def words_of(table: Table) -> list[str]:
    """Return the headings of the columns that name a row."""
    key = [KEYS[table.by]] if table.by in KEYS else []
    unit = ["部门"] if table.by in HAVE_A_DEPARTMENT else []
    return [*key, SCOPES[table.by], *unit]


def _named(table: Table, row: dict[str, Any]) -> list[Any]:
    key = [_key(table, row["key"])] if table.by in KEYS else []
    unit = [row["department"]] if table.by in HAVE_A_DEPARTMENT else []
    return [*key, row["name"], *unit]


def _key(table: Table, key: str) -> Any:
    # so that a spreadsheet sorts window 9 before 10
    return int(key) if table.by == "window" and key.isdecimal() else key


def parts_of(column: Column) -> tuple[str, ...]:
    """Return what a figure has in cells of its own: a rate its numerator and denominator too."""
    unit = f" {column.unit}" if column.unit else ""
    if column.kind != "rate":
        return (f"{column.name}{unit}",)
    of_time = "（分钟）" if column.of_time else ""
    return (f"{column.name} %", f"分子{of_time}", f"分母{of_time}")


def cells_of(column: Column, value: Any) -> list[Any]:
    """Return the cells of a figure as numbers; None where there is none."""
    if column.kind != "rate":
        return [value]
    if value["percent"] is None:
        return [None, 0, 0]
    both = share_of_time(value) if column.of_time else (value["numerator"], value["denominator"])
    return [value["percent"], *both]


def _changed(column: Column, change: dict[str, Any] | None) -> list[Any]:
    more = ["", ""] if column.kind == "rate" else []
    return [change["value"] if change else None, *more]


def lines_of(table: Table, columns: Sequence[Column]) -> Iterator[Line]:
    """Yield the rows, their sum, and with what it is compared, each with its kind in words."""
    for row in table.rows:
        yield Line("", _named(table, row), _figures(columns, row))
    lone = table.by == "hall" and len(table.rows) == 1  # the one row is the sum
    names = [""] * (len(words_of(table)) - 1)
    if not lone:
        yield Line("合计", ["合计", *names], _figures(columns, table.totals))
    for word, last, base in (
        ("环比", "上期", table.before),
        ("同比", "上年同期", table.year_ago),
    ):
        if base["period"] == NOTHING:
            continue
        yield Line(last, [f"{last}（{base['period']}）", *names], _figures(columns, base))
        changed = [
            cell for column in columns for cell in _changed(column, base["change"][column.code])
        ]
        yield Line(word, [f"{word}（比{base['period']}）", *names], changed)


def _figures(columns: Sequence[Column], row: dict[str, Any]) -> list[Any]:
    return [cell for column in columns for cell in cells_of(column, row[column.code])]


# -- CSV ---------------------------------------------------------------------------------------


def as_csv(table: Table, columns: Sequence[Column], heading: Heading) -> bytes:
    """Return the table as UTF-8 with BOM (Excel reads Chinese only so): one line of headings."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    titles = [part for column in columns for part in _flat(column)]
    about = ("大厅", "统计时段", "起始日期", "截止日期", "统计范围", "行")
    writer.writerow([*about, *words_of(table), *titles])
    shapes = [shape for column in columns for shape in shapes_of(column)]
    scope = "，".join(filter(None, (_by(table), heading.within)))
    period = table.period
    for line in lines_of(table, columns):
        said = (period.words, period.first, period.last)
        mine = [quoted(heading.hall), *said, quoted(scope), line.kind or "明细"]
        words = [each if isinstance(each, int) else quoted(each) for each in line.words]
        figures = [
            _csv_cell(shape, value, changed=line.is_change)
            for shape, value in zip(shapes, line.figures, strict=True)
        ]
        writer.writerow([*mine, *words, *figures])
    return out.getvalue().encode("utf-8-sig")


def _flat(column: Column) -> list[str]:
    """Return the headings of a figure where nothing stands above them: its group before it."""
    name, *parts = parts_of(column)
    whole = name if column.group == "评价" else f"{column.group} {name}"
    return [whole, *(f"{column.group} {column.name} {part}" for part in parts)]


def shapes_of(column: Column) -> list[str]:
    """Return how the cells of a figure are written: rate, count, minutes or score."""
    return [column.kind, *(["count", "count"] if column.kind == "rate" else [])]


def _csv_cell(shape: str, value: Any, *, changed: bool) -> str:
    if value is None:
        return NOTHING
    if value == "":
        return ""
    if changed:
        return f"{value:.2f}"
    return {"count": "{}", "minutes": "{:.1f}"}.get(shape, "{:.2f}").format(value)


# -- XLSX --------------------------------------------------------------------------------------


def as_xlsx(table: Table, columns: Sequence[Column], heading: Heading) -> bytes:
    """Return the table as a workbook: A4 landscape, with the formulas on a second sheet."""
    mark = "（演示数据）" if heading.demo else ""
    scope = " · ".join(filter(None, (_by(table), heading.within)))
    period = table.period
    many = "" if period.first == period.last else f" 至 {period.last}"
    about = f"{period.words}（{period.first}{many}）" if period.kind != "range" else period.words
    groups = [
        (name, [each for each in columns if each.group == name])
        for name, _ in GROUPS
        if any(each.group == name for each in columns)
    ]
    sheet = Sheet(
        title=f"{heading.hall}统计表（{_by(table)}）{mark}",
        about=" · ".join(filter(None, (about, scope, heading.note))),
        words=words_of(table),
        groups=[
            (name, [Head(parts_of(each), shapes_of(each), each.name) for each in shown])
            for name, shown in groups
        ],
        lines=list(lines_of(table, columns)),
        notes=METHOD + COMPARED,
        formulas=[(each.group, each.name, each.formula) for each in columns],
        made_by=heading.made_by,
        made_at=heading.made_at,
        company=heading.hall,
    )
    return workbook(sheet)


def render(kind: str, asked: dict[str, Any]) -> bytes:
    """Return the file of that kind, ``csv`` or ``xlsx``, for what ``wish`` wrote."""
    told = dict(asked["table"])
    told["period"] = Period(**told["period"])
    columns = [COLUMN[code] for code in asked["columns"]]
    make = {"csv": as_csv, "xlsx": as_xlsx}[kind]
    return make(Table(**told), columns, Heading(**asked["heading"]))


def main() -> None:
    """Render the table on the standard input to the standard output."""
    sys.stdout.buffer.write(render(sys.argv[1], json.load(sys.stdin.buffer)))


if __name__ == "__main__":
    main()
