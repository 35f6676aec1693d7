"""GB/T 39046-2020 table 11 (电子监察) as a file: CSV for programs, XLSX for people.

The server runs this module as a child process: ``python -m monitor.export xlsx`` reads
``{"rows": …, "title": …, "made_at": …}`` from its input.
"""

import csv
import io
import json
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from hall import days
from hall.catalogue import Catalogue
from hall.cells import quoted
from hall.days import Instant
from monitor.course import Alarm
from monitor.rules import KINDS
from monitor.sight import minutes_of

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# The headings of the standard in its order, then the hall's own; each with its width in a sheet.
COLUMNS = {
    "办件编号": 18,
    "督办内容": 44,
    "机构名称": 24,
    "事项类型代码": 13,
    "督办发出时间": 17,
    "监察编号": 18,
    "监察规则编号": 16,
    "监察预警类型代码": 17,
    "状态产生时间": 17,
    "监察结果描述": 44,
    "责任部门": 18,
    "告警": 18,
    "级别": 8,
    "窗口": 7,
    "业务": 16,
    "转红时间": 17,
    "确认人": 10,
    "确认时间": 17,
    "处置说明": 36,
    "上报对象": 16,
    "解除时间": 17,
    "持续分钟": 9,
}
NUMBERS = {list(COLUMNS).index(each) for each in ("监察预警类型代码", "窗口", "持续分钟")}
LONGEST_SAID, LONGEST_UNIT = 1000, 100


def table11(
    alarms: Iterable[Alarm], catalogue: Catalogue, hall: str, zone: ZoneInfo
) -> list[list[Any]]:
    """Return alarms as rows of the file; the code of a matter's kind is not known to the hall."""
    return [_row(each, catalogue, hall, zone) for each in alarms]


def inspection_number(alarm: Alarm) -> str:
    """Return 监察编号 (an..20): JC, the day, and the alarm's number."""
    return f"JC{alarm.day.replace('-', '')}{alarm.id:06d}"


def rule_number(alarm: Alarm) -> str:
    """Return 监察规则编号 (an..20): the kind and the version of its rule."""
    return f"{alarm.kind.value.upper()}-V{alarm.rule_version}"


def _row(alarm: Alarm, catalogue: Catalogue, hall: str, zone: ZoneInfo) -> list[Any]:
    unit = catalogue.department.get(alarm.department)
    service = catalogue.service.get(alarm.service or "")
    people = catalogue.person
    until = alarm.cleared_at
    lasted: int | str = minutes_of(until - alarm.began_at) if until is not None else ""
    return [
        f"{alarm.day.replace('-', '')}{alarm.number}" if alarm.number else "",
        alarm.said[:LONGEST_SAID],
        hall,
        "",
        _time(alarm.escalated_at, zone),
        inspection_number(alarm),
        rule_number(alarm),
        alarm.level.code,
        _time(alarm.began_at, zone),
        outcome(alarm, catalogue, zone)[:LONGEST_SAID],
        (unit.name if unit else "")[:LONGEST_UNIT],
        KINDS[alarm.kind].name,
        alarm.level.chinese,
        alarm.window if alarm.window is not None else "",
        service.name if service else "",
        _time(alarm.red_at, zone),
        _named(alarm.acknowledged_by, people),
        _time(alarm.acknowledged_at, zone),
        alarm.words,
        "、".join(_named(each, people) for each in alarm.escalated_to.split("、") if each),
        _time(until, zone),
        lasted,
    ]


def _named(number: str, people: dict[str, Any]) -> str:
    return people[number].name if number in people else number


def outcome(alarm: Alarm, catalogue: Catalogue, zone: ZoneInfo) -> str:
    """Return in a sentence what became of an alarm."""
    told = []
    if alarm.escalated_at is not None:
        told.append((alarm.escalated_at, "无人确认，上报分管领导"))
    if alarm.acknowledged_at is not None:
        who, words = _named(alarm.acknowledged_by, catalogue.person), alarm.words
        told.append((alarm.acknowledged_at, f"{who}确认：{words}" if words else f"{who}确认"))
    if alarm.cleared_at is not None:
        told.append((alarm.cleared_at, "解除"))
    in_order = sorted(told, key=lambda each: each[0])
    return "；".join(f"{_clock(at, zone)} {what}" for at, what in in_order) or "未解除，无人确认"


def _clock(at: Instant, zone: ZoneInfo) -> str:
    return f"{days.local(at, zone):%m-%d %H:%M}"


def _time(at: Instant | None, zone: ZoneInfo) -> str:
    """Return an instant as the standard writes it: YYYYMMDDThhmmss."""
    return f"{days.local(at, zone):%Y%m%dT%H%M%S}" if at is not None else ""


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
    sheet = book.add_worksheet("电子监察")
    for place, (heading, width) in enumerate(COLUMNS.items()):
        sheet.write_string(0, place, heading, head)
        sheet.set_column(place, place, width)
    for line, row in enumerate(rows, start=1):
        for place, each in enumerate(row):
            if place in NUMBERS and each != "":
                sheet.write_number(line, place, each, number)
            else:
                sheet.write_string(line, place, str(each), text)
    sheet.ignore_errors({"number_stored_as_text": f"A1:{chr(64 + len(COLUMNS))}{len(rows) + 1}"})
    sheet.freeze_panes(1, 2)
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
