"""What a person is handed: the data in a file, and what became of it in words; pure."""

import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from hall import days
from hall.refusals import NotValid
from privacy.receipts import Record

TABLES = {
    "ticket": "号票",
    "appointment": "预约",
    "rating": "评价",
    "paper_form": "评价录入单",
    "complaint": "投诉",
}


def check_identified(answer: str) -> None:
    """Refuse to erase for somebody whose identity nobody has checked (NotValid)."""
    if answer != "yes":
        raise NotValid("not_identified", "请先核对申请人的身份证件，再勾选确认。")


def counted(erased: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return how many records of each kind were erased, in words."""
    found = Counter(table for table, _ in erased)
    return [(word, found[table]) for table, word in TABLES.items() if found[table]]


def as_json(records: Iterable[Record], zone: ZoneInfo) -> list[dict[str, Any]]:
    """Return records as programs read them."""
    return [
        {
            "kind": each.table,
            "title": each.title,
            "at": days.iso(each.at, zone),
            "data": dict(each.told),
            "sent_to": list(each.sent),
        }
        for each in records
    ]


def file_names(day: str, *, demo: bool) -> tuple[str, str]:
    """Return what the ZIP is called, and in latin letters; invented data says so."""
    mark, plain = ("（演示）", "-demo") if demo else ("", "")
    return f"个人信息副本-{day}{mark}.zip", f"personal-data-{day}{plain}.zip"


def packed(
    records: Iterable[Record],
    asked: str,
    hall: str,
    made_at: str,
    pages: Mapping[str, str | bytes],
    zone: ZoneInfo,
) -> bytes:
    """Return the ZIP of a person's data: ``pages`` to read and print, by their ending, and JSON."""
    told = {"hall": hall, "asked": asked, "made_at": made_at, "records": as_json(records, zone)}
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as parts:
        for ending, page in pages.items():
            parts.writestr(f"个人信息副本.{ending}", page)
        parts.writestr("个人信息副本.json", json.dumps(told, ensure_ascii=False, indent=2))
    return content.getvalue()
