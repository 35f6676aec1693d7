"""The bytes of an order list, XLSX or CSV, as rows of texts.

A list of some thousand orders takes tenths of a second, which would stall every screen of the hall;
so this module is a program too: ``python -m complaints.sheet`` takes bytes and gives JSON.
"""

import csv
import io
import json
import sys
import warnings
import zipfile
from datetime import date, datetime, time
from typing import Any, cast

from complaints.orders import ROWS_MOST

# A zip of a few kilobytes can unfold to gigabytes.
MOST_UNFOLDED = 100_000_000
MOST_PARTS = 1_000
COLUMNS_MOST = 100
# What Chinese programs write a CSV in; GB 18030 reads what older ones call GBK.
ENCODINGS = ("utf-8-sig", "gb18030")


class Unreadable(ValueError):
    """The file is no list of ours; the sentence says what to do."""


def grid(data: bytes) -> list[list[str]]:
    """Return the rows of the first sheet, or raise Unreadable."""
    rows = _of_workbook(data) if data[:2] == b"PK" else _of_csv(data)
    return [row[:COLUMNS_MOST] for row in rows]


def _of_csv(data: bytes) -> list[list[str]]:
    for encoding in ENCODINGS:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        try:
            rows = csv.reader(io.StringIO(text, newline=""))
            return [row for row, _ in zip(rows, range(ROWS_MOST + 3), strict=False)]
        except csv.Error as trouble:
            raise Unreadable("这个 CSV 文件的格式不对，请另存为 XLSX 后重试。") from trouble
    raise Unreadable("这个文件读不出来。请用 Excel 或 WPS 另存为 XLSX，或 UTF-8 编码的 CSV。")


def _of_workbook(data: bytes) -> list[list[str]]:
    import openpyxl

    try:
        _check_size(data)
        with warnings.catch_warnings():
            # openpyxl warns of Office extensions it drops; nothing we read is in them.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            try:
                sheet = cast(Any, book.worksheets[0])
                # Some programs write a wrong size into the sheet; rows beyond it would be lost.
                sheet.reset_dimensions()
                rows = sheet.iter_rows(max_row=ROWS_MOST + 3, values_only=True)
                return [[_text(each) for each in row] for row in rows]
            finally:
                book.close()
    except Unreadable:
        raise
    except Exception as trouble:
        # openpyxl raises whatever its parser met: KeyError, ValueError, ParseError, BadZipFile …
        raise Unreadable(
            "这不是可读的 XLSX 工作簿。请用 Excel 或 WPS 另存为“.xlsx”后重试。"
        ) from trouble


def _check_size(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        inside = parts.infolist()
    if sum(each.file_size for each in inside) > MOST_UNFOLDED or len(inside) > MOST_PARTS:
        raise Unreadable("文件解压后太大，请只保留工单清单一张工作表。")


def _text(value: Any) -> str:
    """Return a cell as people wrote it; a day without a time stays a day."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}" if value.time() == time() else f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def main() -> None:
    """Turn the file on the standard input into JSON: rows, or the sentence why there are none."""
    answer: dict[str, Any]
    try:
        answer = {"rows": grid(sys.stdin.buffer.read())}
    except Unreadable as trouble:
        answer = {"wrong": str(trouble)}
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode())


if __name__ == "__main__":
    main()
