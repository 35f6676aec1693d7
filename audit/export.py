"""Long questions to the audit log, in a process of their own: the whole check, and files.

The server runs ``python -m audit.export verify`` or ``… export`` with what is asked as JSON on the
standard input; ``read`` brings back a file that was handed out.
"""

import csv
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import BadZipFile
from zoneinfo import ZoneInfo

from audit import sheet
from audit.log import AuditLog
from audit.store import Wanted
from hall.config import Config
from hall.refusals import NotAllowed
from hall.standard_table import StandardTable, as_xlsx
from hall.store import Store

TABLE = StandardTable("审计日志", sheet.COLUMNS, standing=2)


def lines_of(log: AuditLog, wanted: Wanted, secret: bytes, zone: ZoneInfo) -> list[list[str]]:
    """Return the lines of a file without its headings; NotAllowed ``too_many`` if too long."""
    lines = [sheet.line(previous, row, zone) for previous, row in log.for_export(wanted)]
    return [*lines, sheet.last_line([line[sheet.KEPT] for line in lines], secret)]


def as_file(kind: str, lines: list[list[str]], title: str, made_at: str) -> bytes:
    """Return lines as CSV (UTF-8 with BOM) or as a workbook."""
    if kind == "xlsx":
        return as_xlsx(TABLE, lines, title, made_at)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([list(sheet.COLUMNS), *lines])
    return out.getvalue().encode("utf-8-sig")


def read(content: bytes) -> list[list[Any]]:
    """Return the lines of a file that was handed out; NotAllowed ``bad_file`` for another one."""
    try:
        if content.startswith(b"PK"):
            return list(_of_workbook(content))
        csv.field_size_limit(1_000_000)
        text = io.StringIO(content.decode("utf-8-sig"), newline="")
        return [list(row) for row in csv.reader(text)]
    except (ValueError, KeyError, csv.Error, OSError, BadZipFile) as error:
        raise NotAllowed("bad_file", "打不开这个文件，须是导出的 CSV 或 XLSX。") from error


def _of_workbook(content: bytes) -> Iterator[list[Any]]:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(content), read_only=True)
    for row in book.worksheets[0].iter_rows(values_only=True):
        yield list(row)


def secret_of(store: Store) -> bytes:
    """Return what files are signed with, as the register made it."""
    from hall.register import Register

    return Register(store, lambda: 0).secret("audit")


def main() -> None:
    """Answer what is asked on the standard input on the standard output."""
    asked = json.load(sys.stdin.buffer)
    store = Store(Path(asked["database"]), readonly=True)
    log = AuditLog(store, Config(), lambda: int(asked["now"]))
    if sys.argv[1] == "verify":
        answer = json.dumps(log.verify()._asdict(), ensure_ascii=False).encode()
    else:
        answer = _export(log, asked)
    sys.stdout.buffer.write(answer)


def _export(log: AuditLog, asked: dict[str, Any]) -> bytes:
    told = asked["wanted"]
    verbs = tuple(told["verbs"]) if told["verbs"] is not None else None
    zone = ZoneInfo(asked["zone"])
    try:
        lines = lines_of(log, Wanted(**{**told, "verbs": verbs}), secret_of(log.store), zone)
    except NotAllowed as refusal:
        return json.dumps({"code": refusal.code, "message": refusal.message}).encode()
    return as_file(asked["kind"], lines, asked["title"], asked["made_at"])


if __name__ == "__main__":
    main()
