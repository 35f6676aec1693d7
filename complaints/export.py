"""GB/T 39046-2020 table 10 (办事互动) as a file: CSV for programs, XLSX for people.

The server runs this module as a child process: ``python -m complaints.export xlsx`` reads
``{"rows": …, "title": …, "made_at": …}`` from its input.
"""

import csv
import io
import json
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from hall.cells import quoted

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# The headings in the standard's order, each with its width in a sheet.
COLUMNS = {
    "投诉标题": 24,
    "投诉人": 10,
    "被投诉单位": 18,
    "被投诉人": 10,
    "投诉内容": 44,
    "投诉来源": 12,
    "投诉时间": 17,
    "承办单位代码": 13,
    "承办单位名称": 18,
    "承办人": 10,
    "承办时间": 17,
    "反馈信息": 36,
    "反馈时间": 17,
    "承诺时限": 17,
    "延期时限": 17,
    "延期原因": 20,
    "超期天数": 9,
    "行政区划": 11,
}
OVERDUE = list(COLUMNS).index("超期天数")


def as_csv(rows: Sequence[Sequence[Any]]) -> bytes:
    """Return the rows as UTF-8 with BOM (Excel reads Chinese only so), one line of headings."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([quoted(each) if isinstance(each, str) else each for each in row])
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(rows: Sequence[Sequence[Any]], title: str = "", made_at: str = "") -> bytes:
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
    sheet = book.add_worksheet("办事互动")
    for place, (heading, width) in enumerate(COLUMNS.items()):
        sheet.write_string(0, place, heading, head)
        sheet.set_column(place, place, width)
    for line, row in enumerate(rows, start=1):
        for place, each in enumerate(row):
            if place == OVERDUE:
                sheet.write_number(line, place, each, number)
            else:
                sheet.write_string(line, place, str(each), text)
    sheet.ignore_errors({"number_stored_as_text": f"A1:{chr(64 + len(COLUMNS))}{len(rows) + 1}"})
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(1, len(rows)), len(COLUMNS) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    book.close()
    return out.getvalue()


def main() -> None:
    """Render the rows on the standard input to the standard output."""
    asked = json.load(sys.stdin.buffer)
    if sys.argv[1] == "csv":
        content = as_csv(asked["rows"])
    else:
        content = as_xlsx(asked["rows"], asked.get("title", ""), asked.get("made_at", ""))
    sys.stdout.buffer.write(content)


if __name__ == "__main__":
    main()
