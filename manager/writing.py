"""A catalogue written as an XLSX workbook that people can fill in."""

import io
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hall.catalogue import Catalogue, Device, Person
from manager.columns import Column, Sheet
from manager.plans import PlanRow
from manager.plans import standing as in_use
from manager.sheets import EVERY_SHEET, IN_FULL, PLANS, SHEETS, problems

if TYPE_CHECKING:
    import xlsxwriter

GUIDE = "说明"
GUIDE_LINES = (
    "这是办事大厅的全部数据：部门、楼层分区、业务、窗口、人员、设备、特殊日期、事项、文字、预约放号，每张表一类，每行一条。",
    "导入以本工作簿为准：同一代码（窗口号、工号、设备编号）的内容被更新，新的被加入，没有写到的被停用（设备除外）。",
    "任何一格有错，整个工作簿都不导入，并列出每个错误所在的单元格。",
    "列的先后可以改变，标题文字不能改变；自己的说明请放在标题以“备注”开头的列里。",
    "请填写内容，不要用公式；从别处复制时请“选择性粘贴→数值”。",
    "设备的密钥、人员的密码和照片不在这里：密钥和密码由系统另行发放，照片在人员的页面上传，导入不影响它们。",
)
MOST_IN_MESSAGE = 255
# The same hall gives the same bytes, so that a changed file means a changed hall.
CREATED = datetime(2026, 1, 1, tzinfo=UTC)


def standing(catalogue: Catalogue) -> Catalogue:
    """Return a catalogue without what only the past still needs, so that it can be read again.

    A retired window may name a department that has left the hall; both stay in the database for
    old figures, and neither belongs into a workbook; nor does an evaluator without its window.
    """
    while found := {(each.sheet, each.row): each.column for each in problems(catalogue)}:
        kept = {
            field.name: tuple(
                row
                for at, each in enumerate(getattr(catalogue, field.name))
                if (row := _repaired(each, found.get((field.name, at)))) is not None
            )
            for field in fields(catalogue)
        }
        if Catalogue(**kept) == catalogue:
            break
        catalogue = Catalogue(**kept)
    return catalogue


def _repaired(row: Any, wrong: str | None) -> Any:
    """Return a row, None instead of a retired one with a mistake, or one without a lost place."""
    if wrong is None:
        return row
    lost_its_place = isinstance(row, Device) and wrong in ("window", "zone")
    if lost_its_place or not getattr(row, "active", True):
        return None
    if isinstance(row, Person) and wrong == "window":
        return replace(row, window=None)
    if isinstance(row, Person) and wrong == "department":
        return replace(row, department=None)
    return row


def write(catalogue: Catalogue, title: str = "", plans: Sequence[PlanRow] = ()) -> bytes:
    """Return the hall as an XLSX workbook; ``title`` (the hall's name) heads the 说明 sheet.

    Plans of services that have left the hall are left out.
    """
    import xlsxwriter  # the server starts sooner without it

    catalogue = standing(catalogue)
    file = io.BytesIO()
    # A name such as "=1+1" or "http://…" stays text: Excel must never run what was typed in here.
    settings = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(file, settings) as book:
        book.set_properties({"title": title, "created": CREATED})
        _Writing(book).write(catalogue, title, in_use(plans, catalogue))
    return file.getvalue()


class _Writing:
    def __init__(self, book: "xlsxwriter.Workbook") -> None:
        self.book = book
        self.heading = book.add_format(
            {"bold": True, "bg_color": "#E8EEF7", "bottom": 1, "valign": "vcenter"}
        )
        # "@" keeps the zeros of 0012 when somebody retypes it.
        self.text = book.add_format({"num_format": "@"})
        self.quoted = book.add_format({"num_format": "@", "quote_prefix": True})
        self.number = book.add_format({"num_format": "0"})
        self.title = book.add_format({"bold": True, "font_size": 16})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})

    def write(self, catalogue: Catalogue, title: str, plans: Sequence[PlanRow]) -> None:
        rows = {each.title: getattr(catalogue, each.field) for each in SHEETS}
        rows[PLANS.title] = plans
        sizes = {title: len(found) for title, found in rows.items()}
        for sheet in EVERY_SHEET:
            self._sheet(sheet, rows[sheet.title], sizes)
        self._guide(title)

    def _sheet(self, sheet: Sheet, rows: Sequence[Any], sizes: dict[str, int]) -> None:
        page = self.book.add_worksheet(sheet.title)
        page.freeze_panes(1, 0)
        page.set_row(0, 22)
        last = max(len(rows) + 200, 500)  # the lists also serve the rows that people add
        for at, column in enumerate(sheet.columns):
            page.set_column(at, at, column.width, self.number if column.is_number else self.text)
            page.write_string(0, at, column.heading, self.heading)
            if column.choices or column.suggests:
                page.data_validation(1, at, last, at, self._choice(column, sizes))
            for line, row in enumerate(rows, start=1):
                self._cell(page, line, at, _in_words(getattr(row, column.field), column))

    def _cell(self, page: Any, line: int, at: int, value: str | int | None) -> None:
        if isinstance(value, int):
            page.write_number(line, at, value, self.number)
        elif value:
            risky = value[0] in "=+-@\t\r"
            page.write_string(line, at, value, self.quoted if risky else self.text)

    def _choice(self, column: Column, sizes: dict[str, int]) -> dict[str, object]:
        source: object = list(column.choices or column.suggests)
        if isinstance(column.choices, str):
            source = f"='{column.choices}'!$A$2:$A${max(sizes[column.choices] + 100, 100)}"
        # Lists of codes only warn: the full name is understood as well.
        return {
            "validate": "list",
            "source": source,
            "ignore_blank": True,
            "error_type": "stop"
            if isinstance(column.choices, tuple) and column.choices
            else "warning",
            "error_title": column.heading,
            # Excel opens no workbook with a longer one
            "error_message": column.meaning[:MOST_IN_MESSAGE],
        }

    def _guide(self, title: str) -> None:
        page = self.book.add_worksheet(GUIDE)
        page.set_column(0, 1, 16)
        page.set_column(2, 2, 90, self.wrapped)
        page.write_string(0, 0, f"{title}大厅数据" if title else "大厅数据", self.title)
        for line, text in enumerate(GUIDE_LINES, start=1):
            page.write_string(line, 0, text)
        line = len(GUIDE_LINES) + 2
        for at, heading in enumerate(("工作表", "列", "填写说明")):
            page.write_string(line, at, heading, self.heading)
        for sheet in EVERY_SHEET:
            for column in sheet.columns:
                line += 1
                must = "（必填）" if column.required else ""
                for at, text in enumerate((sheet.title, column.heading, must + column.meaning)):
                    page.write_string(line, at, text, self.wrapped)


def _in_words(value: object, column: Column) -> str | int | None:
    """Return a field as people read it in its cell."""
    if value is None or isinstance(value, bool):
        return None if value is None else "是" if value else "否"
    if isinstance(value, int):
        return value
    if isinstance(value, tuple) and column.several:
        words = {IN_FULL[word]: word for word in column.several}
        return "、".join(words[each] for each in value)
    if isinstance(value, tuple):
        return " ".join(value)
    if column.choices and not isinstance(column.choices, str):
        return next((word for word in column.choices if IN_FULL.get(word) == value), str(value))
    return str(value)
