"""One table of GB/T 39046-2020 as a file: CSV for programs, XLSX for people.

The server runs this module as a child process: ``python -m hall.standard_table xlsx`` reads what
``StandardTable.asked`` returns, as JSON, from its input.
"""

import csv
import io
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from hall.cells import quoted

Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class StandardTable:
    """A table's name, its headings with their widths in a sheet, and which of them hold numbers."""

    name: str
    columns: Mapping[str, int]
    numbers: Sequence[str] = ()
    standing: int = 1  # so many columns stay in sight

    def asked(self, rows: Rows, title: str, made_at: str) -> bytes:
        """Return what the child process is given; ``made_at`` is ISO 8601 with offset."""
        wish = {"table": asdict(self), "rows": rows, "title": title, "made_at": made_at}
        return json.dumps(wish, ensure_ascii=False).encode()


def as_csv(table: StandardTable, rows: Rows) -> bytes:
    """Return the rows as UTF-8 with BOM (Excel reads Chinese only so), one line of headings."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(table.columns)
    for row in rows:
        writer.writerow([quoted(each) if isinstance(each, str) else each for each in row])
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(table: StandardTable, rows: Rows, title: str = "", made_at: str = "") -> bytes:
    """Return the rows as a workbook; a text that looks like a formula stays a text."""
    import xlsxwriter  # the server starts sooner without it

    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    if made_at:
        # without it the file carries the moment of rendering and is never the same twice
        created = datetime.fromisoformat(made_at).replace(tzinfo=None)
        book.set_properties({"title": title, "created": created})
    base = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "top"}
    head = book.add_format({**base, "bold": True, "bg_color": "#DCE6F2", "bottom": 1})
    text = book.add_format({**base, "num_format": "@", "text_wrap": True})
    number = book.add_format({**base, "num_format": "0"})
    sheet = book.add_worksheet(table.name)
    for place, (heading, width) in enumerate(table.columns.items()):
        sheet.write_string(0, place, heading, head)
        sheet.set_column(place, place, width)
    numbers = {place for place, each in enumerate(table.columns) if each in table.numbers}
    for line, row in enumerate(rows, start=1):
        for place, each in enumerate(row):
            if place in numbers and each != "":
                sheet.write_number(line, place, each, number)
            else:
                sheet.write_string(line, place, str(each), text)
    last = chr(64 + len(table.columns))
    sheet.ignore_errors({"number_stored_as_text": f"A1:{last}{len(rows) + 1}"})
    sheet.freeze_panes(1, table.standing)
    sheet.autofilter(0, 0, max(1, len(rows)), len(table.columns) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    book.close()
    return out.getvalue()


def main() -> None:
    """Render what is asked on the standard input to the standard output."""
    asked = json.load(sys.stdin.buffer)
    table = StandardTable(**asked["table"])
    if sys.argv[1] == "csv":
        content = as_csv(table, asked["rows"])
    else:
        content = as_xlsx(table, asked["rows"], asked["title"], asked["made_at"])
    sys.stdout.buffer.write(content)


if __name__ == "__main__":
    main()
