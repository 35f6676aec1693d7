"""An order list read row by row and cell by cell, and table 10 of GB/T 39046 written."""

import csv
import io
import subprocess
import sys
from datetime import date, datetime
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from complaints import orders, sheet
from complaints.export import TABLE
from complaints.orders import CellProblem, OrderList
from complaints.words import last_instant, read_instant
from hall.standard_table import as_csv, as_xlsx

ZONE = ZoneInfo("Asia/Shanghai")
NOW = read_instant("2026-11-20 10:00", ZONE)
UNITS = {"HB": "环保局", "FC": "房产局"}
HEAD = ["工单号", "投诉标题", "投诉人", "投诉内容", "投诉时间", "承办单位", "承诺时限"]
ROW = ["D001", "噪音扰民", "王五", "夜间施工", "2026-11-02 09:30", "环保局", "2026-11-09"]


def read(*rows: list[str], head: list[str] = HEAD) -> OrderList:
    return orders.read([head, *rows], NOW, UNITS, ZONE)


def changed(**cells: str) -> list[str]:
    return [cells.get(heading, cell) for heading, cell in zip(HEAD, ROW, strict=True)]


def test_an_order_is_read_with_its_unit_and_its_own_limit() -> None:
    found = read(ROW)
    assert found.problems == ()
    (draft,) = found.drafts
    assert (draft.order_number, draft.source, draft.kind) == ("D001", "order", "complaint")
    assert (draft.unit, draft.at) == ("HB", read_instant("2026-11-02 09:30", ZONE))
    assert draft.order_due == last_instant("2026-11-09", ZONE)


@pytest.mark.parametrize(
    ("cells", "cell", "said"),
    [
        ({"工单号": ""}, "A2", "不能为空"),
        ({"工单号": "一号"}, "A2", "字母和数字"),
        ({"投诉标题": ""}, "B2", "不能为空"),
        ({"投诉标题": "长" * 201}, "B2", "最多 200 个字"),
        ({"投诉人": "王" * 31}, "C2", "最多 30"),
        ({"投诉内容": "字" * 1001}, "D2", "最多 1000"),
        ({"投诉时间": "前天"}, "E2", "“前天”不是时间"),
        ({"投诉时间": ""}, "E2", "不能为空"),
        ({"投诉时间": "2026-11-21", "承诺时限": ""}, "E2", "不能晚于现在"),
        ({"承办单位": "消防局"}, "F2", "没有单位“消防局”"),
        ({"承诺时限": "2026-11-01"}, "G2", "晚于投诉时间"),
    ],
)
def test_a_problem_is_told_with_its_row_and_cell(
    cells: dict[str, str], cell: str, said: str
) -> None:
    (problem,) = read(changed(**cells)).problems
    assert (problem.row, problem.cell) == (2, cell)
    assert said in problem.message


def test_all_problems_of_a_list_are_told_at_once() -> None:
    found = read(ROW, changed(工单号="D002", 投诉时间="?", 投诉标题=""), changed(投诉人="王" * 31))
    assert [each.cell for each in found.problems] == ["B3", "E3", "C4", "A4"]
    assert found.problems[-1].message == "与第 2 行的工单号重复。"


def test_a_cell_of_a_column_that_is_not_there_is_told_by_its_row() -> None:
    head = [*HEAD[:4], "投诉时间", "反馈信息"]
    (problem,) = read([*ROW[:5], "已答复", ""], head=head).problems[:1]
    assert problem == CellProblem(
        2, "第 2 行", "反馈时间", "反馈信息和反馈时间须同时填写，或都不填。"
    )


def test_a_list_without_a_needed_heading_says_which() -> None:
    found = orders.read([["工单号", "投诉标题"], ["D001", "噪音"]], NOW, UNITS, ZONE)
    assert [each.heading for each in found.problems] == ["投诉内容", "投诉时间"]
    assert orders.read([], NOW, UNITS, ZONE).problems[0].message == "第一行缺少标题“工单号”。"
    assert "没有工单" in read().problems[0].message
    twice = read([*ROW, "环保局"], head=[*HEAD, "承办单位名称"])
    assert twice.problems[0].cell == "H1"


def test_a_column_that_means_nothing_here_is_named_and_not_read() -> None:
    found = read([*ROW, "市热线办"], head=[*HEAD, "派单人"])
    assert (found.problems, found.unread) == ((), ("派单人",))


@pytest.mark.parametrize(
    ("code", "name", "unit", "wrong"),
    [
        ("HB", "环保局", "HB", ""),
        ("HB", "", "HB", ""),
        ("", "房产局", "FC", ""),
        ("", "", "", ""),
        ("HB", "房产局", "", "不是同一个单位"),
        ("XX", "", "", "没有单位“XX”"),
        ("91410000MB", "环保局", "", "不是同一个单位"),
    ],
)
def test_a_unit_is_told_by_code_or_name(code: str, name: str, unit: str, wrong: str) -> None:
    head = [*HEAD[:5], "承办单位代码", "承办单位名称"]
    found = read([*ROW[:5], code, name], head=head)
    assert found.drafts[0].unit == unit
    assert [wrong in each.message for each in found.problems] == ([True] if wrong else [])


def test_kinds_and_sources_are_read_as_lists_write_them() -> None:
    head = [*HEAD, "类别", "投诉来源"]
    for kind, source, read_as in (
        ("咨询", "12345 热线", ("consultation", "order")),
        ("建议", "意见箱", ("suggestion", "box")),
        ("", "", ("complaint", "order")),
    ):
        draft = read([*ROW, kind, source], head=head).drafts[0]
        assert (draft.kind, draft.source) == read_as
    wrong = read([*ROW, "表扬", "传真"], head=head)
    assert [each.cell for each in wrong.problems] == ["I2", "H2"]


def test_a_list_that_is_too_long_is_refused_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "ROWS_MOST", 2)
    found = read(ROW, changed(工单号="D002"), [], changed(工单号="D003"))
    assert found.drafts == ()
    assert found.problems[0].cell == "A5"


@pytest.mark.parametrize(
    ("column", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ")]
)
def test_columns_have_letters_as_a_spreadsheet_has_them(column: int, letters: str) -> None:
    assert orders.letter(column) == letters


# -- the bytes of a list -----------------------------------------------------------------------


def workbook(*rows: list[object]) -> bytes:
    book = openpyxl.Workbook()
    assert book.active
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_gives_its_days_times_and_numbers_as_texts() -> None:
    # a spreadsheet knows no zones
    begun, ends = datetime(2026, 11, 2, 9, 30), datetime(2026, 11, 9)  # noqa: DTZ001
    row = [20261120001.0, begun, ends, date(2026, 1, 2)]
    assert sheet.grid(workbook(["a"], [*row, None, 3])) == [
        ["a"],
        ["20261120001", "2026-11-02 09:30:00", "2026-11-09", "2026-01-02", "", "3"],
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_is_read_in_the_encodings_of_chinese_programs(encoding: str) -> None:
    data = '工单号,投诉标题\r\nD001,"噪音,扰民"\r\n'.encode(encoding)
    assert sheet.grid(data) == [["工单号", "投诉标题"], ["D001", "噪音,扰民"]]


@pytest.mark.parametrize("data", [b"PK\x03\x04 no zip", b"\x89PNG\r\n\x1a\n\0\0\xff", b"\0\0\0"])
def test_what_is_no_list_is_refused_with_what_to_do(data: bytes) -> None:
    with pytest.raises(sheet.Unreadable, match="另存为"):
        sheet.grid(data)


def test_the_child_process_answers_with_rows_or_a_sentence() -> None:
    for data, said in ((b"a,b\n", '{"rows": [["a", "b"]]}'), (b"PK!", "另存为")):
        words = [sys.executable, "-X", "utf8", "-m", "complaints.sheet"]
        answer = subprocess.run(words, input=data, capture_output=True, check=True)
        assert said in answer.stdout.decode()


# -- table 10 ----------------------------------------------------------------------------------

ROWS = [
    [
        *("=HYPERLINK(1)", "张*", "环保局", "", "+1 换行\n内容", "投诉窗口", "20261102T093000"),
        *("HB", "环保局", "周承办", "20261102T100000", "已整改", "20261109T120000"),
        *("20261109T235959", "", "", 0, "410122"),
    ]
]


def test_the_file_has_the_fields_of_table_10_in_their_order() -> None:
    assert "、".join(TABLE.columns) == (
        "投诉标题、投诉人、被投诉单位、被投诉人、投诉内容、投诉来源、投诉时间、承办单位代码、"
        "承办单位名称、承办人、承办时间、反馈信息、反馈时间、承诺时限、延期时限、延期原因、"
        "超期天数、行政区划"
    )


def test_a_csv_starts_with_a_mark_and_holds_no_formula() -> None:
    content = as_csv(TABLE, ROWS)
    assert content.startswith(b"\xef\xbb\xbf")
    head, row = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    assert head == list(TABLE.columns)
    assert (row[0], row[4], row[16]) == ("'=HYPERLINK(1)", "'+1 换行 内容", "0")


def test_a_workbook_holds_texts_and_no_formula() -> None:
    content = as_xlsx(TABLE, ROWS, "办事互动", "2026-11-20T10:00:00+08:00")
    assert content == as_xlsx(TABLE, ROWS, "办事互动", "2026-11-20T10:00:00+08:00")
    page = openpyxl.load_workbook(io.BytesIO(content)).active
    assert page
    head, row = page.iter_rows(values_only=True)
    assert list(head) == list(TABLE.columns)
    assert (row[0], row[16], row[17]) == ("=HYPERLINK(1)", 0, "410122")
    assert page["A2"].data_type == "s"
