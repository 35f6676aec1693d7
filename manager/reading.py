"""A hall's XLSX workbook read into a catalogue, with every mistake by its cell."""

import io
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from typing import TYPE_CHECKING, Any, cast

from hall.catalogue import Catalogue
from hall.refusals import NotValid
from manager.cells import BadCellError, as_text
from manager.columns import SORT, Column, Sheet
from manager.follow_ons import without_follow_ons
from manager.found import Found
from manager.plans import PlanRow
from manager.plans import problems as problems_of_plans
from manager.sheets import EVERY_SHEET, KEYS, PLANS
from manager.sheets import problems as problems_of

if TYPE_CHECKING:
    import openpyxl

MOST_BYTES = 8_000_000
# A zip of a few kilobytes can unfold to gigabytes; a hall of 500 windows unfolds to under 2 MB.
MOST_UNFOLDED = 100_000_000
MOST_PARTS = 1_000
MOST_ROWS = 5_000
MOST_SHOWN = 8
# Somebody's own remarks travel with the workbook and are not read.
REMARK = "备注"
# Columns of earlier workbooks that are read no more: (sheet, heading).
FORMER = {("人员", "照片")}
GUIDE_SHEET = "说明"
MOST_REMARKS = 5
# What Excel shows where a formula failed.
ERROR_CODES = ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A")
FORMULA = "是公式。请复制这一格，再“选择性粘贴→数值”，让内容就是看到的样子。"
# Of the fields without a default, those that are no text.
NOTHING: dict[str, int | None] = {"no": 0, "id": None}


@dataclass(frozen=True, slots=True)
class CellProblem:
    """What is wrong, and in which cell; ``cell`` is empty when the whole sheet or file is meant."""

    sheet: str
    cell: str
    message: str

    @property
    def where(self) -> str:
        """Return the place as Excel writes it, such as 窗口!C12."""
        return f"{self.sheet}!{self.cell}" if self.cell else self.sheet

    def __str__(self) -> str:
        return f"{self.where}：{self.message}" if self.sheet else self.message


class WorkbookProblems(NotValid):
    """The workbook cannot be taken over; ``problems`` has all of them."""

    def __init__(self, problems: Sequence[CellProblem]) -> None:
        shown = "\n".join(str(each) for each in problems[:MOST_SHOWN])
        more = f"\n……共 {len(problems)} 处。" if len(problems) > MOST_SHOWN else ""
        super().__init__(
            "bad_workbook", f"工作簿有问题，未作任何更改。请改正后重新导入：\n{shown}{more}"
        )
        self.problems = list(problems)


def get_column_letter(column: int) -> str:
    """Return the letters of a column, counted from 1."""
    from openpyxl.utils import get_column_letter as letter

    return str(letter(column))


class _Reading:
    """One sheet while it is read: its rows as objects, where each stood, what was wrong."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.letters: dict[str, str] = {}  # field -> column letter
        self.missing: set[str] = set()
        self.rows: list[Any] = []
        self.lines: list[int] = []  # the row number in Excel of each of ``rows``
        self.problems: list[CellProblem] = []
        self.absent = False
        self.remarks: list[str] = []
        self.bad: set[tuple[int, str]] = set()  # (index in rows, field) already complained about

    def complain(self, cell: str, message: str) -> None:
        self.problems.append(CellProblem(self.sheet.title, cell, message))

    def complain_at(self, row: int, field: str, message: str) -> None:
        """Complain about a field of a row, once: the first mistake often causes the next."""
        if (row, field) not in self.bad and field not in self.missing:
            self.bad.add((row, field))
            self.complain(f"{self.letters.get(field, 'A')}{self.lines[row]}", message)

    def has_keys(self) -> bool:
        """Return whether the sheet says at all what its rows are called."""
        return KEYS.get(self.sheet.field, "") in self.letters or self.sheet is PLANS

    def keyless(self) -> int:
        """Return of how many rows the key cannot be read."""
        key = KEYS.get(self.sheet.field, "")
        return sum(field == key for _, field in self.bad)

    def read(self, rows: Iterator[Sequence[Any]]) -> None:
        cells = ([_content(each) for each in row] for row in rows)
        columns = self._columns(next(cells, []))
        for line, values in enumerate(cells, start=2):
            if any(as_shown(each) for each in values):
                if len(self.rows) == MOST_ROWS:
                    self.complain(f"A{line}", f"行太多：一张表最多 {MOST_ROWS} 行。")
                    return
                self._read_row(line, columns, values)

    def _columns(self, headings: Sequence[Any]) -> dict[str, tuple[int, Column]]:
        known = {each.heading: each for each in self.sheet.columns}
        found: dict[str, tuple[int, Column]] = {}
        for index, value in enumerate(headings):
            heading = as_shown(value).rstrip("*＊ ")
            cell = f"{get_column_letter(index + 1)}1"
            if heading in known and known[heading].field in found:
                self.complain(cell, f"标题“{heading}”出现了两次，请删去一列。")
            elif heading in known:
                found[known[heading].field] = (index, known[heading])
            elif (self.sheet.title, heading) in FORMER:
                self.remarks.append(f"“{self.sheet.title}”的“{heading}”列不再使用，没有读取。")
            elif heading and not heading.startswith(REMARK):
                names = "、".join(known)
                self.complain(
                    cell, f"不认识标题“{heading}”。可用：{names}；自己的说明请以“备注”开头。"
                )
        for column in self.sheet.columns:
            if column.required and column.field not in found:
                self.missing.add(column.field)
                self.complain("A1", f"第一行缺少标题“{column.heading}”。")
        if left_out := [each for each in self.silent(found) if found]:
            names = "、".join(self.sheet.heading_of(each) for each in left_out)
            self.remarks.append(f"“{self.sheet.title}”没有“{names}”列，这些内容保持不变。")
        self.letters = {field: get_column_letter(at + 1) for field, (at, _) in found.items()}
        return found

    def silent(self, found: Iterable[str] | None = None) -> list[str]:
        """Return the fields of which the sheet says nothing, since it has no such column."""
        known = self.letters if found is None else found
        return [
            each.field
            for each in self.sheet.columns
            if each.field not in known and not each.required and each is not SORT
        ]

    def _read_row(
        self, line: int, columns: dict[str, tuple[int, Column]], values: Sequence[Any]
    ) -> None:
        row = len(self.rows)
        self.lines.append(line)
        read: dict[str, object] = {}
        for column in self.sheet.columns:
            index = columns[column.field][0] if column.field in columns else len(values)
            value = values[index] if index < len(values) else None
            try:
                read[column.field] = self._read_cell(column, value, row)
            except BadCellError as trouble:
                read[column.field] = _empty(column, self.sheet)
                self.complain_at(row, column.field, str(trouble))
        self.rows.append(self.sheet.row(**read))

    def _read_cell(self, column: Column, value: Any, row: int) -> object:
        if value is A_FORMULA:
            raise BadCellError(FORMULA)
        if isinstance(value, str) and value in ERROR_CODES:
            raise BadCellError(f"公式出错（{value}），请填写内容。")
        if isinstance(value, date | time) or as_text(value):
            return column.read(value)
        if column.required:
            raise BadCellError("不能为空。")
        return row + 1 if column.field == SORT.field else _empty(column, self.sheet)


def _empty(column: Column, sheet: Sheet) -> object:
    """Return what an empty cell means, and what stands in for a cell that is wrong."""
    return sheet.defaults.get(column.field, NOTHING.get(column.field, ""))


def as_shown(value: Any) -> str:
    """Return a cell as text for headings and for telling an empty row from one with anything."""
    try:
        return as_text(value)
    except BadCellError:
        return str(value)


class _Formula:
    """Stands for a cell that computes: what it shows was computed elsewhere, or never."""

    def __str__(self) -> str:
        return "公式"


A_FORMULA = _Formula()


def _content(cell: Any) -> Any:
    return A_FORMULA if cell.data_type == "f" else cell.value


def read(data: bytes, standing: Catalogue | None = None) -> Catalogue:
    """Return the hall of a workbook; WorkbookProblems with everything that is wrong with it.

    What an older workbook has no sheet for stays as it is in ``standing``.
    """
    return find(data).beside(standing or Catalogue())


def find(data: bytes) -> Found:
    """Return the hall of a workbook and what the workbook says nothing about."""
    with warnings.catch_warnings():
        # openpyxl warns of Office extensions it drops; nothing we read is in them.
        warnings.simplefilter("ignore")
        book = _opened(data)
        strange = _strange_sheets(book.sheetnames)
        try:
            readings, problems = _read_sheets(book)
        finally:
            book.close()
    catalogue = _with_codes(readings)
    by_field = {each.sheet.field: each for each in readings}
    plans: tuple[PlanRow, ...] = tuple(by_field[PLANS.field].rows)
    for problem in without_follow_ons(
        (*problems_of(catalogue), *problems_of_plans(plans, catalogue)),
        {each.sheet.field: each.rows for each in readings},
        {each.sheet.field: each.keyless() for each in readings},
        [each.sheet.field for each in readings if not each.has_keys()],
    ):
        by_field[problem.sheet].complain_at(problem.row, problem.column, problem.message)
    problems += [problem for each in readings for problem in each.problems]
    if problems:
        raise WorkbookProblems(sorted(problems, key=_place_of))
    return Found(
        catalogue,
        plans,
        absent=tuple(each.sheet.field for each in readings if each.absent),
        silent=tuple(
            (each.sheet.field, name)
            for each in readings
            for name in each.silent()
            if not each.absent and each.letters
        ),
        remarks=(*strange, *(remark for each in readings for remark in each.remarks)),
    )


_ORDER = {each.title: at for at, each in enumerate(EVERY_SHEET)}


def _place_of(problem: CellProblem) -> tuple[int, int, int, str]:
    """Return where a problem stands as people go through a workbook: sheet, row, column."""
    letters = problem.cell.rstrip("0123456789")
    row = int(problem.cell[len(letters) :] or 0)
    return (_ORDER.get(problem.sheet, -1), row, len(letters), letters)


def _opened(data: bytes) -> "openpyxl.Workbook":
    """Return the open workbook, or refuse what is none or would fill the memory."""
    if len(data) > MOST_BYTES:
        raise _refusal(f"文件太大：最多 {MOST_BYTES // 1_000_000} MB。")
    import openpyxl  # an eighth of the server's start, and only an import needs it

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            inside = parts.infolist()
        unfolded = sum(each.file_size for each in inside)
        fits = unfolded <= MOST_UNFOLDED and len(inside) <= MOST_PARTS
        book = openpyxl.load_workbook(io.BytesIO(data), True, data_only=False) if fits else None
    except Exception as trouble:
        # openpyxl raises whatever its parser met: KeyError, ValueError, ParseError, BadZipFile …
        raise _refusal("这不是可读的 XLSX 工作簿。请用 Excel 或 WPS 另存为“.xlsx”。") from trouble
    if book is None:
        raise _refusal("文件解压后太大，请只保留需要的工作表。")
    return book


def _strange_sheets(titles: Sequence[str]) -> list[str]:
    known = {each.title for each in EVERY_SHEET} | {GUIDE_SHEET}
    strange = [each for each in titles if each.strip() not in known and not each.startswith(REMARK)]
    more = " 等" if len(strange) > MOST_REMARKS else ""
    names = "、".join(f"“{each}”" for each in strange[:MOST_REMARKS])
    return [f"不认识工作表{names}{more}，没有读取。"] if strange else []


def _refusal(message: str) -> WorkbookProblems:
    return WorkbookProblems([CellProblem("", "", message)])


def _read_sheets(book: "openpyxl.Workbook") -> tuple[list[_Reading], list[CellProblem]]:
    titles = {title.strip(): title for title in book.sheetnames}
    readings, problems = [], []
    for sheet in EVERY_SHEET:
        reading = _Reading(sheet)
        readings.append(reading)
        if sheet.title not in titles and sheet.may_be_missing:
            reading.absent = True
            continue
        if sheet.title not in titles:
            message = "缺少这张工作表。没有内容也请保留这张表和它的标题行。"
            problems.append(CellProblem(sheet.title, "", message))
            continue
        pages = book[titles[sheet.title]]
        # Some programs write a wrong size into the sheet, and rows beyond it would be lost.
        cast(Any, pages).reset_dimensions()
        try:
            reading.read(iter(pages.iter_rows()))
        except Exception as trouble:
            raise _refusal(f"工作表“{sheet.title}”损坏，无法读取。") from trouble
    return readings, problems


def _with_codes(readings: Sequence[_Reading]) -> Catalogue:
    """Return the catalogue, with codes where people wrote a department's or service's name."""
    names = {each.sheet.field: _codes_by_name(each.rows) for each in readings}
    for reading in readings:
        for column in (each for each in reading.sheet.columns if each.refers):
            reading.rows = [_referring(each, column, names[column.refers]) for each in reading.rows]
    of_the_hall = [each for each in readings if each.sheet is not PLANS]
    return Catalogue(**{each.sheet.field: tuple(each.rows) for each in of_the_hall})


def _codes_by_name(rows: Sequence[Any]) -> dict[str, str]:
    """Return the code of each name that only one row has and that is nobody's code."""
    codes = {getattr(each, "code", "") for each in rows}
    names = [getattr(each, "name", "") for each in rows]
    return {
        each.name: each.code
        for each in rows
        if hasattr(each, "code") and names.count(each.name) == 1 and each.name not in codes
    }


def _referring(row: Any, column: Column, codes: dict[str, str]) -> Any:
    said = getattr(row, column.field)
    if isinstance(said, tuple):
        return replace(row, **{column.field: tuple(codes.get(each, each) for each in said)})
    return replace(row, **{column.field: codes.get(said, said)}) if said in codes else row
