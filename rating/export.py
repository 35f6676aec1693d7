"""The month as a file: CSV for programs, an XLSX workbook for paper and signatures; pure.

Both read the same month that the screen shows, through the same list of columns. A workbook of a
large hall takes most of a second, so the server runs this module as a child process:
``python -m rating.export xlsx`` reads ``{"month": …, "heading": …}`` from its input.
"""

import csv
import io
import json
import sys
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hall.cells import quoted as quoted
from rating.columns import (
    NO_BASE,
    SCOPES,
    Column,
    Kind,
    Month,
    Row,
    columns_of,
    groups,
    period_words,
)

if TYPE_CHECKING:
    import xlsxwriter
    from xlsxwriter.worksheet import Worksheet

NOTES = (
    "满意率＝（非常满意＋满意＋基本满意）÷有效评价；评价率＝有效评价÷办件。"
    "办件按办理结束时间、评价按评价时间计入当月；"
    "超时未评是评价器邀评超时、至今也没有评价的办件，未邀评是没有邀请过、至今也没有评价的办件；作废评价和默认评价另列，不计入各率；"
    "比率四舍五入到两位小数，仅当分子等于分母时为 100.00%，分母为零时记“—”。"
)
_HEADING_ROWS = 4


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above and below the table: ``made_at`` is ISO 8601 with offset."""

    hall: str = ""
    made_at: str = ""
    made_by: str = ""
    demo: bool = False


def file_name(month: Month, kind: str, heading: Heading = Heading()) -> str:
    """Return the name under which the file is saved."""
    mark = "（演示）" if heading.demo else ""
    return f"服务评价月报-{month['month']}-按{SCOPES[month['by']]}{mark}.{kind}"


# ---------------------------------------------------------------------------------------- CSV


def month_csv(month: Month, heading: Heading = Heading()) -> bytes:  # noqa: ARG001 - one shape
    """Return the month as UTF-8 with BOM (Excel reads Chinese only so): one line of headings."""
    columns = columns_of(month["by"])
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["月份", *(_flat_title(column) for column in columns)])
    for row in [*month["rows"], _totals(month)]:
        cells = [_csv_cell(column, column.read(row)) for column in columns]
        writer.writerow([month["month"], *cells])
    return out.getvalue().encode("utf-8-sig")


def _flat_title(column: Column) -> str:
    group = column.group.partition("（")[0]
    match column.kind:
        case "percent":
            return f"{group}（%）"
        case "numerator":
            return f"{group}分子（{column.title}）"
        case "denominator":
            return f"{group}分母（{column.title}）"
        case "minutes":
            return f"平均{column.title}（分钟）"
        case _:
            return f"{group}{column.title}" if column.title == "合计" else column.title


def _csv_cell(column: Column, value: Any) -> str:
    if value is None:
        return NO_BASE
    match column.kind:
        case "percent":
            return f"{float(value):.2f}"
        case "minutes":
            return f"{float(value):.1f}"
        case "text":
            return quoted(str(value))
        case _:
            return str(int(value))


def _totals(month: Month) -> Row:
    return {**month["totals"], "key": "", "name": "合计"}


# --------------------------------------------------------------------------------------- XLSX


def month_xlsx(month: Month, heading: Heading = Heading()) -> bytes:
    """Return the month as a workbook ready to print on A4 landscape and to sign."""
    import xlsxwriter  # the server starts sooner without it

    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
    )
    _describe(book, month, heading)
    sheet = book.add_worksheet(f"{month['month']} 按{SCOPES[month['by']]}")
    table = _Table(sheet, _Formats(book), month, heading)
    table.write()
    book.close()
    return out.getvalue()


def _describe(book: "xlsxwriter.Workbook", month: Month, heading: Heading) -> None:
    properties: dict[str, Any] = {"title": _title(month, heading), "company": heading.hall}
    if heading.made_at:
        # without it the file carries the moment of rendering and is never the same twice
        properties["created"] = datetime.fromisoformat(heading.made_at).replace(tzinfo=None)
    book.set_properties(properties)


def _title(month: Month, heading: Heading) -> str:
    mark = "（演示数据）" if heading.demo else ""
    return f"{heading.hall}服务评价月报（按{SCOPES[month['by']]}统计）{mark}"


class _Formats:
    """The cell formats of the sheet."""

    def __init__(self, book: "xlsxwriter.Workbook") -> None:
        base = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "vcenter"}
        line = {"border": 1, "border_color": "#B8C2CC"}
        head = {**base, **line, "bold": True, "align": "center", "text_wrap": True}
        self.title = book.add_format({**base, "font_size": 15, "bold": True, "align": "center"})
        self.line = book.add_format({**base, "align": "center", "font_color": "#48576A"})
        self.note = book.add_format({**base, "text_wrap": True, "font_color": "#48576A"})
        self.sign = book.add_format(base)
        self.head = book.add_format({**head, "bg_color": "#DCE6F2"})
        self.number = book.add_format({**base, **line, "align": "left", "num_format": "0"})
        self.cells = {
            (kind, total): book.add_format({**base, **line, **_looks(kind), **_weight(total)})
            for kind in _WIDTHS
            for total in (False, True)
        }


_WIDTHS: dict[Kind, float] = {
    "text": 8,
    "count": 7,
    "numerator": 7.5,
    "denominator": 7.5,
    "percent": 9,
    "minutes": 6,
}


def _looks(kind: Kind) -> dict[str, Any]:
    match kind:
        case "text":
            return {"align": "left", "num_format": "@", "text_wrap": True}
        case "percent":
            return {"align": "right", "num_format": "0.00%"}
        case "minutes":
            return {"align": "right", "num_format": "0.0"}
        case _:
            return {"align": "right", "num_format": "#,##0"}


def _weight(total: bool) -> dict[str, Any]:
    return {"bold": True, "bg_color": "#EEF2F6"} if total else {}


class _Table:
    """One sheet with its title, two lines of headings, the rows, the totals and the signatures."""

    def __init__(
        self, sheet: "Worksheet", formats: _Formats, month: Month, heading: Heading
    ) -> None:
        self.sheet = sheet
        self.formats = formats
        self.month = month
        self.heading = heading
        self.columns = columns_of(month["by"])
        self.last = len(self.columns) - 1
        self.by_number = month["by"] == "window"  # so that a spreadsheet sorts 9 before 10

    def write(self) -> None:
        """Write everything from the title to the signatures."""
        self._titles()
        self._headings()
        at = _HEADING_ROWS
        for row in self.month["rows"]:
            self._row(at, row)
            at += 1
        self._totals(at)
        self._foot(at + 1)
        self._paper(at + 3)

    def _titles(self) -> None:
        text = period_words(self.month["month"], self.heading.made_at[:10])
        self.sheet.merge_range(0, 0, 0, self.last, "", self.formats.title)
        self.sheet.write_string(0, 0, _title(self.month, self.heading), self.formats.title)
        self.sheet.merge_range(1, 0, 1, self.last, "", self.formats.line)
        self.sheet.write_string(1, 0, text, self.formats.line)
        self.sheet.set_row(0, 28)
        self.sheet.set_row(1, 18)

    def _headings(self) -> None:
        at = 0
        for group, columns in groups(self.columns):
            last = at + len(columns) - 1
            self.sheet.merge_range(2, at, 2, last, group, self.formats.head)
            for place, column in enumerate(columns, start=at):
                self.sheet.write_string(3, place, column.title, self.formats.head)
                self.sheet.set_column(place, place, self._width(column))
            at = last + 1
        self.sheet.set_row(2, 20)
        self.sheet.set_row(3, 32)

    def _width(self, column: Column) -> float:
        if column.name not in ("name", "department"):
            return _WIDTHS[column.kind]
        longest = max((_places(column.read(row)) for row in self.month["rows"]), default=0)
        return float(min(max(longest, 12) + 2, 26))

    def _row(self, at: int, row: Row) -> None:
        for place, column in enumerate(self.columns):
            self._cell(at, place, column, column.read(row), total=False)

    def _totals(self, at: int) -> None:
        words = sum(column.kind == "text" for column in self.columns)
        look = self.formats.cells["text", True]
        self.sheet.merge_range(at, 0, at, words - 1, "合计", look)
        for place, column in enumerate(self.columns[words:], start=words):
            self._cell(at, place, column, column.read(self.month["totals"]), total=True)

    def _cell(self, at: int, place: int, column: Column, value: Any, *, total: bool) -> None:
        look = self.formats.cells[column.kind, total]
        if value is None:
            self.sheet.write_string(at, place, NO_BASE, look)
        elif column.name == "key" and self.by_number:
            self.sheet.write_number(at, place, int(value), self.formats.number)
        elif column.kind == "text":
            self.sheet.write_string(at, place, str(value), look)
        elif column.kind == "percent":
            # 96.36 % is 0.9636 in a cell: hundredths of a percent, without a float's tail
            self.sheet.write_number(at, place, round(value * 100) / 10_000, look)
        else:
            self.sheet.write_number(at, place, value, look)

    def _foot(self, at: int) -> None:
        self.sheet.merge_range(at, 0, at, self.last, NOTES, self.formats.note)
        self.sheet.set_row(at, 30)
        made_at = self.heading.made_at[:19].replace("T", " ")
        signs = (f"制表人：{self.heading.made_by}", "审核人：", f"制表时间：{made_at}")
        for place, sign in zip((0, 7, 14), signs, strict=True):
            self.sheet.write_string(at + 1, place, sign, self.formats.sign)
        self.sheet.set_row(at + 1, 24)

    def _paper(self, end: int) -> None:
        self.sheet.ignore_errors({"number_stored_as_text": f"A1:A{end}"})
        self.sheet.freeze_panes(_HEADING_ROWS, 2)
        self.sheet.repeat_rows(2, 3)
        self.sheet.print_area(0, 0, end - 1, self.last)
        self.sheet.set_landscape()
        self.sheet.set_paper(9)  # A4
        self.sheet.fit_to_pages(1, 0)
        self.sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        self.sheet.set_footer("&C第 &P 页，共 &N 页")


def _places(text: str) -> int:
    """Return how many digits wide a text is: a Chinese character takes two."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def render(kind: str, month: Month, heading: Heading) -> bytes:
    """Return the file of that kind, ``csv`` or ``xlsx``."""
    return {"csv": month_csv, "xlsx": month_xlsx}[kind](month, heading)


def main() -> None:
    """Render the month on the standard input to the standard output."""
    asked = json.load(sys.stdin.buffer)
    sys.stdout.buffer.write(render(sys.argv[1], asked["month"], Heading(**asked["heading"])))


if __name__ == "__main__":
    main()
