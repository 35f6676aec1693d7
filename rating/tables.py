"""A CSV or XLSX file as rows of texts; also a program: ``python -m rating.tables NAME``.

Reading a workbook takes tenths of a second, which would stall every screen of the hall.
"""

import csv
import io
import json
import sys
import warnings
import zipfile
from datetime import datetime
from typing import Any

from hall.refusals import NotValid

MOST_BYTES = 8 * 1024 * 1024
# A zip of a few kilobytes can unfold to gigabytes.
MOST_UNFOLDED = 100_000_000
MOST_PARTS = 1_000
# Excel in China writes CSV in GB 18030 unless told otherwise.
ALPHABETS = ("utf-8-sig", "gb18030")


def table_of(name: str, content: bytes) -> list[list[str]]:
    """Return the rows of a file, told by its name; NotValid ``bad_file`` for one that is none."""
    if len(content) > MOST_BYTES:
        raise NotValid("bad_file", f"文件太大：最多 {MOST_BYTES // 1024**2} MB。")
    if name.lower().endswith(".xlsx"):
        return _workbook(content)
    if name.lower().endswith(".csv"):
        return _csv(content)
    raise NotValid("bad_file", "请选择 CSV 或 XLSX 文件。")


def _csv(content: bytes) -> list[list[str]]:
    for alphabet in ALPHABETS:
        try:
            text = content.decode(alphabet)
            return list(csv.reader(io.StringIO(text, newline=""), strict=True))
        except (UnicodeDecodeError, csv.Error):
            continue
    raise NotValid("bad_file", "这不是可读的 CSV 文件，请另存为 UTF-8 的 CSV 后重试。")


def _workbook(content: bytes) -> list[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            inside = parts.infolist()
        unfolded = sum(each.file_size for each in inside)
        fits = unfolded <= MOST_UNFOLDED and len(inside) <= MOST_PARTS
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            rows = _first_sheet(content) if fits else None
    except Exception as trouble:
        # openpyxl raises whatever its parser met: KeyError, ValueError, ParseError, BadZipFile …
        raise NotValid(
            "bad_file", "这不是可读的 XLSX 工作簿。请用 Excel 或 WPS 另存为“.xlsx”。"
        ) from trouble
    if rows is None:
        raise NotValid("bad_file", "文件解压后太大，请只保留需要的工作表。")
    return rows


def _first_sheet(content: bytes) -> list[list[str]]:
    import openpyxl  # an eighth of the server's start, and only an import needs it

    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    return [[_text(cell) for cell in row] for row in book.worksheets[0].values]


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "seconds")
    return str(cell)


def main() -> None:
    """Read the file on the standard input; answer ``{"rows": …}`` or ``{"refused": …}``."""
    try:
        answer: dict[str, Any] = {"rows": table_of(sys.argv[1], sys.stdin.buffer.read())}
    except NotValid as refusal:
        answer = {"refused": refusal.message}
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode())


if __name__ == "__main__":
    main()
