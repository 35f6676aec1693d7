"""Files that are written row by row: a workbook, or CSV tables in a ZIP; never held in memory."""

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from hall.cells import quoted

# A sheet ends at 1,048,576 rows.
MOST_ROWS = 1_000_000
# So many lines of a notice stand above nothing; a notice is a sheet of its own.
NOTICE_WIDTHS = (18, 90)


class Workbook:
    """An XLSX file; a text that looks like a formula stays a text."""

    def __init__(
        self, path: Path, title: str, made_at: datetime, most_rows: int = MOST_ROWS
    ) -> None:
        import xlsxwriter  # only the process that writes one needs it

        self.most_rows = most_rows
        self.book = xlsxwriter.Workbook(
            str(path),
            {
                "constant_memory": True,
                "tmpdir": str(path.parent),
                "strings_to_formulas": False,
                "strings_to_urls": False,
            },
        )
        self.book.set_properties({"title": title, "created": made_at})
        base = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "top"}
        head = {**base, "bold": True, "bg_color": "#DCE6F2", "border": 1, "valign": "vcenter"}
        self.head = self.book.add_format({**head, "text_wrap": True, "align": "center"})
        self.text = self.book.add_format({**base, "num_format": "@"})
        self.number = self.book.add_format({**base, "num_format": "0"})
        self.time = self.book.add_format({**base, "num_format": "yyyy-mm-dd hh:mm"})
        self.label = self.book.add_format({**base, "bold": True})
        self.words = self.book.add_format({**base, "text_wrap": True})
        self.page: Any = None
        self.at = 0
        self.name = ""
        self.nth = 1
        self.headings: Mapping[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        trouble: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.book.close()

    def notice(self, name: str, lines: Sequence[tuple[str, str]]) -> None:
        """Write a sheet of labels and sentences."""
        page = self.book.add_worksheet(name)
        for place, width in enumerate(NOTICE_WIDTHS):
            page.set_column(place, place, width)
        for at, (label, sentence) in enumerate(lines):
            page.write_string(at, 0, label, self.label)
            page.write_string(at, 1, sentence, self.words)
        page.set_paper(9)  # A4
        page.fit_to_pages(1, 0)

    def sheet(self, name: str, headings: Mapping[str, int]) -> None:
        """Begin a sheet with its headings and their widths."""
        self.name, self.headings, self.nth = name, headings, 1
        self._begin(name)

    def _begin(self, name: str) -> None:
        self.page, self.at = self.book.add_worksheet(name), 0
        # in constant memory what concerns the whole sheet is said before its first row
        for place, width in enumerate(self.headings.values()):
            self.page.set_column(place, place, width)
        self.page.freeze_panes(1, 1)
        self.page.set_landscape()
        self.page.set_paper(9)  # A4
        self.page.fit_to_pages(1, 0)
        self.page.repeat_rows(0)
        self.page.set_footer("&C第 &P 页，共 &N 页")
        self.page.ignore_errors({"number_stored_as_text": f"A1:XFD{self.most_rows + 1}"})
        for place, heading in enumerate(self.headings):
            self.page.write_string(0, place, heading, self.head)

    def row(self, cells: Sequence[Any]) -> None:
        """Write a row below the ones before it; a full sheet goes on in the next."""
        if self.at >= self.most_rows:
            self.nth += 1
            self._begin(f"{self.name}（{self.nth}）")
        self.at += 1
        for place, cell in enumerate(cells):
            if isinstance(cell, int):
                self.page.write_number(self.at, place, cell, self.number)
            elif isinstance(cell, datetime):
                self.page.write_datetime(self.at, place, cell, self.time)
            elif cell != "":
                self.page.write_string(self.at, place, str(cell), self.text)


class Tables:
    """CSV tables in a ZIP: UTF-8 with BOM (Excel reads Chinese only so), formulas quoted."""

    def __init__(self, path: Path, title: str, made_at: datetime) -> None:
        self.zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
        self.made_at = made_at
        self.open: IO[bytes] | None = None
        self.lines: io.TextIOWrapper | None = None
        self.writer: Any = None
        self.zip.comment = title.encode()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        trouble: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()
        self.zip.close()

    def notice(self, name: str, lines: Sequence[tuple[str, str]]) -> None:
        """Write a text of labels and sentences."""
        text = "".join(f"{label}：{sentence}\r\n" for label, sentence in lines)
        self.zip.writestr(self._entry(f"{name}.txt"), text.encode("utf-8-sig"))

    def sheet(self, name: str, headings: Mapping[str, int]) -> None:
        """Begin a table with its headings."""
        self._end()
        self.open = self.zip.open(self._entry(f"{name}.csv"), "w", force_zip64=True)
        self.lines = io.TextIOWrapper(self.open, "utf-8-sig", newline="")
        self.writer = csv.writer(self.lines, lineterminator="\r\n")
        self.writer.writerow(headings)

    def row(self, cells: Sequence[Any]) -> None:
        """Write a row below the ones before it."""
        self.writer.writerow([_in_csv(cell) for cell in cells])

    def _entry(self, name: str) -> zipfile.ZipInfo:
        entry = zipfile.ZipInfo(name, self.made_at.timetuple()[:6])
        entry.compress_type = zipfile.ZIP_DEFLATED
        return entry

    def _end(self) -> None:
        if self.lines is not None:
            self.lines.close()
            self.lines = None


def _in_csv(cell: Any) -> Any:
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M}"
    return quoted(cell) if isinstance(cell, str) else cell


Sheets = Workbook | Tables


def sheets(form: str, path: Path, title: str, made_at: datetime) -> Sheets:
    """Return a file of a form, ``xlsx`` or ``csv``."""
    return Workbook(path, title, made_at) if form == "xlsx" else Tables(path, title, made_at)
