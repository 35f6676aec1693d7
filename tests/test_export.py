"""The month's files: the figures computed by hand, safe to open, ready to print and to sign."""

import csv
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from halls import Rooms
from openpyxl.worksheet.worksheet import Worksheet

from rating import months
from rating.columns import columns_of, groups, on_screen, period, period_words
from rating.export import Heading, file_name, month_csv, month_xlsx, quoted, render
from rating.months import Tally

HOUSE = Path(__file__).resolve().parents[1]
HEADING = Heading("云溪县政务服务中心", "2026-11-30T17:40:05+08:00", "赵主任")

# The small hall's morning, worked out with pencil and paper. In minutes:
# window 1 calls two who waited 0 and 5 and serves them 5 and 7; one very satisfied, one not.
# Window 2 calls one who waited 3, serves 10, is not rated; then one who waited 0 and never comes.
# Window 3 calls one who waited 0, serves 4: basically satisfied. Window 4 does nothing.
# The evaluators of windows 1 and 2 wait in vain; the one not satisfied at window 1 answers by phone
# afterwards, so only window 2 stays unrated. Nothing is voided or given by default.
BY_HAND = [
    "1 1号窗口 民政局 2 2 0 1 0 0 1 0 2 1 2 50.00 2 2 100.00 2.5 6.0 0 0 0 0",
    "2 2号窗口 民政局 2 1 1 0 0 0 0 0 0 0 0 — 0 1 0.00 1.5 10.0 1 0 0 0",
    "3 不动产一号 不动产登记中心 1 1 0 0 0 1 0 0 1 1 1 100.00 1 1 100.00 0.0 4.0 0 0 0 0",
    "4 综合窗口 不动产登记中心 0 0 0 0 0 0 0 0 0 0 0 — 0 0 — — — 0 0 0 0",
    " 合计  5 4 1 1 0 1 1 0 3 2 3 66.67 3 4 75.00 1.6 6.5 1 0 0 0",
]
PERCENTS = (14, 17)


def morning(rooms: Rooms) -> dict[str, Any]:
    """Live through the morning of BY_HAND and return its month."""
    rooms.take("marriage")
    rooms.take("marriage")
    content = rooms.serve(1, minutes=5)
    sad = rooms.serve(1, minutes=7)
    rooms.take("marriage")
    rooms.clock.move(minutes=3)
    rooms.serve(2, minutes=10)
    rooms.take("marriage")
    rooms.desk.call_next(2)
    rooms.desk.miss(2)
    rooms.take("estate")
    fair = rooms.serve(3, minutes=4)
    rooms.book.rate(content, "very_satisfied", "evaluator")
    rooms.book.rate(fair, "basically_satisfied", "evaluator")
    rooms.clock.move(minutes=1)
    rooms.book.tick()
    rooms.book.rate(sad, "dissatisfied", "qr")
    return rooms.book.month("2026-11").to_json()


def month_of(*rows: dict[str, Any], by: str = "service") -> dict[str, Any]:
    """Return a month with these rows."""
    return {"month": "2026-11", "by": by, "rows": list(rows), "totals": rows[-1]}


def line(name: str = "婚姻登记", key: str = "marriage", **counts: int) -> dict[str, Any]:
    """Return a row of a month with so many of each."""
    return months.row(key, name, Tally(**counts)) | {"department": "民政局"}


def read_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def sheet_of(content: bytes) -> Worksheet:
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert isinstance(sheet, Worksheet)
    return sheet


# -- the same figures --------------------------------------------------------------------------


def test_the_csv_holds_what_was_computed_by_hand(rooms: Rooms) -> None:
    lines = read_csv(month_csv(morning(rooms)))
    assert lines[0][:5] == ["月份", "窗口号", "名称", "部门", "呼叫"]
    for found, right in zip(lines[1:], BY_HAND, strict=True):
        assert found[0] == "2026-11"
        assert found[1:] == right.split(" ")


def test_the_workbook_holds_what_was_computed_by_hand(rooms: Rooms) -> None:
    sheet = sheet_of(month_xlsx(morning(rooms), HEADING))
    for number, right in enumerate(BY_HAND, start=5):
        cells = [cell.value for cell in sheet[number]]
        words = right.split(" ")
        named = ["合计", None, None] if number == 9 else [int(words[0]), *words[1:3]]
        assert cells[:3] == named
        for place in range(3, len(words)):
            assert cells[place] == in_cell(words[place], place), (number, place)


def in_cell(text: str, place: int) -> Any:
    """Return what a cell holds for a figure of BY_HAND."""
    if text == "—":
        return text
    return pytest.approx(float(text) / 100 if place in PERCENTS else float(text), abs=1e-9)


@pytest.mark.parametrize(
    ("made_at", "covered"),
    [
        ("2026-10-31T09:00:00+08:00", "，尚未开始"),
        ("2026-11-01T00:00:00+08:00", "，截至今日"),
        ("2026-11-30T23:59:59+08:00", "，截至今日"),
        ("2026-12-01T00:00:00+08:00", ""),
    ],
)
def test_the_workbook_of_a_running_month_says_up_to_when_as_the_screen_does(
    made_at: str, covered: str
) -> None:
    heading = Heading("厅", made_at, "赵主任")
    told = sheet_of(month_xlsx(month_of(line()), heading)).cell(2, 1).value
    assert told == f"统计期间：2026年11月1日至2026年11月30日{covered}"
    assert told == period_words("2026-11", made_at[:10])


def test_every_count_of_a_row_is_in_the_files() -> None:
    tally = Tally(9, 8, 1, 0, 0, 0, 8, 3, 6, 0, 0, 1, 2, 0, 3, 5, voided=2, defaults=4)
    month = month_of(months.row("marriage", "婚姻登记", tally))
    heads, row, _ = read_csv(month_csv(month))
    shown = dict(zip(heads, row, strict=True))
    wanted = {"呼叫": 9, "办件": 8, "过号": 1, "非常满意": 1, "满意": 2, "基本满意": 0}
    wanted |= {"不满意": 3, "非常不满意": 5, "有效评价合计": 11}
    wanted |= {"超时未评": 3, "未邀评": 6, "作废评价": 2, "默认评价": 4}
    assert {head: shown[head] for head in wanted} == {k: str(v) for k, v in wanted.items()}
    assert (shown["满意率分子（满意件数）"], shown["满意率分母（有效评价）"]) == ("3", "11")
    assert shown["满意率（%）"] == "27.27"


@pytest.mark.parametrize("by", months.SCOPES)
def test_the_screen_shows_the_files_columns(by: str) -> None:
    shown = {column.name for column in on_screen(by)}
    left_out = {column.name for column in columns_of(by)} - shown
    assert {name for name in left_out if not name.endswith(("numerator", "denominator"))} <= {
        "department",
        "key",
    }
    # what is left out of a column stands beside its percentage
    assert {"satisfaction", "rating_rate"} <= shown


def test_a_rate_is_never_rounded_to_all_or_nothing() -> None:
    almost = line(served=30_000, satisfied=29_999, dissatisfied=1)
    hardly = line(served=30_000, satisfied=1, dissatisfied=29_999)
    full = line(served=3, satisfied=3)
    none = line(served=3, dissatisfied=3)
    nobody = line()
    month = month_of(almost, hardly, full, none, nobody)
    place = [column.name for column in columns_of("service")].index("satisfaction")
    shown = [row[1 + place] for row in read_csv(month_csv(month))[1:6]]
    assert shown == ["99.99", "0.01", "100.00", "0.00", "—"]
    cells = [sheet_of(month_xlsx(month)).cell(number, 1 + place) for number in range(5, 10)]
    assert [cell.value for cell in cells] == [0.9999, 0.0001, 1, 0, "—"]
    assert {cell.number_format for cell in cells} == {"0.00%"}


# -- safe to open ------------------------------------------------------------------------------

NASTY = [
    "=1+1",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "＝1+1",
    "＠cmd",
    "\t=1+1",
    "  =1+1",
    "\n=1+1",
    "\r=1+1",
    '=HYPERLINK("http://127.0.0.1/","看")',
    "=cmd|' /C calc'!A0",
]


@pytest.mark.parametrize("name", NASTY)
def test_a_name_is_never_a_formula(name: str) -> None:
    month = month_of(line(name))
    cell = read_csv(month_csv(month))[1][2]
    assert cell.startswith("'")
    assert cell.strip("' \t")[:1] == name.strip()[:1]
    content = month_xlsx(month, Heading(hall=name, made_by=name))
    sheet = sheet_of(content)
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        inside = b"".join(parts.read(part) for part in parts.namelist())
    assert b"<f>" not in inside
    assert b"<hyperlink" not in inside


@pytest.mark.parametrize(
    "name",
    ["婚姻登记", "9号 窗口", "（涉外）登记", "A-B", "'引号", "一键“办”，逗号", "张㛃𠮷", "1\x002"],
)
def test_an_honest_name_stays_as_it_is(name: str) -> None:
    shown = name.replace("\0", "")
    assert quoted(name) == shown
    assert read_csv(month_csv(month_of(line(name))))[1][2] == shown


def test_a_name_with_an_address_or_control_characters_makes_a_readable_workbook() -> None:
    for name in ("https://127.0.0.1/", "internal:表1!A1", "a\x01b\x1fc", "_x0041_", "长" * 400):
        assert sheet_of(month_xlsx(month_of(line(name)))).max_row == 8


def test_the_csv_opens_in_a_spreadsheet_as_chinese(rooms: Rooms) -> None:
    content = month_csv(morning(rooms))
    assert content.startswith("\ufeff月份".encode())
    assert content.count(b"\r\n") == content.count(b"\n") == 6
    assert len({len(row) for row in read_csv(content)}) == 1


# -- ready to print ----------------------------------------------------------------------------


def test_the_workbook_is_ready_to_print_and_sign(rooms: Rooms) -> None:
    sheet = sheet_of(month_xlsx(morning(rooms), HEADING))
    assert sheet["A1"].value == "云溪县政务服务中心服务评价月报（按窗口统计）"
    assert sheet["A2"].value == "统计期间：2026年11月1日至2026年11月30日，截至今日"
    assert sheet.freeze_panes == "C5"
    assert sheet.print_title_rows == "$3:$4"
    assert sheet.print_area == "'2026-11 按窗口'!$A$1:$X$11"
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sheet.page_setup.fitToHeight == 0
    merged = {str(each) for each in sheet.merged_cells.ranges}
    heads = {sheet[place.split(":")[0]].value for place in merged if place[1:].startswith("3")}
    assert heads >= {"窗口", "业务量（件）", "有效评价（件）", "满意率", "评价率", "另列（件）"}
    words = [cell.value for cell in sheet[11] if cell.value]
    assert words == ["制表人：赵主任", "审核人：", "制表时间：2026-11-30 17:40:05"]
    assert "满意率＝" in str(sheet["A10"].value)


def test_an_empty_hall_still_makes_a_file() -> None:
    month = {"month": "2026-02", "by": "clerk", "rows": [], "totals": line()}
    assert len(read_csv(month_csv(month))) == 2
    assert sheet_of(month_xlsx(month))["A5"].value == "合计"


def test_a_demonstration_says_so_on_the_file_and_in_its_name() -> None:
    month = month_of(line())
    demo = Heading("云溪县政务服务中心", demo=True)
    assert "（演示数据）" in sheet_of(month_xlsx(month, demo))["A1"].value
    assert file_name(month, "xlsx", demo) == "服务评价月报-2026-11-按业务（演示）.xlsx"
    assert file_name(month, "csv") == "服务评价月报-2026-11-按业务.csv"


@pytest.mark.parametrize(("month", "last"), [("2026-11", 30), ("2026-12", 31), ("2028-02", 29)])
def test_a_month_knows_its_last_day(month: str, last: int) -> None:
    first, end = period(month)
    assert (first.day, end.day, first.isoformat()[:7], end.isoformat()[:7]) == (
        1,
        last,
        month,
        month,
    )


@pytest.mark.parametrize("by", months.SCOPES)
def test_the_headings_of_two_levels_cover_every_column(by: str) -> None:
    columns = columns_of(by)
    assert [column for _, under in groups(columns) for column in under] == list(columns)
    assert len({column.name for column in columns}) == len(columns)


# -- beside the loop ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_child_process_makes_the_same_file(kind: str, rooms: Rooms) -> None:
    month = morning(rooms)
    wish = {"month": month, "heading": {"hall": HEADING.hall, "made_at": HEADING.made_at}}
    child = subprocess.run(
        [sys.executable, "-m", "rating.export", kind],
        input=json.dumps(wish).encode(),
        capture_output=True,
        cwd=HOUSE,
        timeout=60,
        check=True,
    )
    assert child.stdout == render(kind, month, Heading(HEADING.hall, HEADING.made_at))
