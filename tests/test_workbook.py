"""The hall as a workbook: what goes out comes back, and every mistake is named by its cell."""

import io
import json
import re
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from halls import SMALL_HALL, MovedClock, Rooms, open_rooms
from hypothesis import given, settings
from hypothesis import strategies as st

import demo
from demo.make_workbook import made
from hall.catalogue import (
    Catalogue,
    Department,
    Device,
    HallText,
    Matter,
    Person,
    Service,
    SpecialDay,
    Window,
    Zone,
)
from hall.matters import WAYS
from hall.texts import PLACES
from manager.found import Found
from manager.plans import PlanRow
from manager.sheets import EVERY_SHEET
from manager.workbook import (
    WorkbookProblems,
    catalogue_from_json,
    catalogue_to_json,
    find,
    read,
    result_from_json,
    write,
)

ROOT = Path(__file__).parent.parent
DEVICES = (
    Device(7, "kiosk", "1号取号机", zone="1F", printer="tcp://192.168.1.50:9100?paper=80"),
    Device(None, "evaluator", "3号评价器", window=3),
    Device(12, "display", "旧显示屏", zone="2F", active=False),
)
SPECIAL_DAYS = (
    SpecialDay("2026-10-10", open=True, hours="09:00-12:00", note="调休上班"),
    SpecialDay("2026-12-31", note="系统升级"),
)
MATTERS = (
    Matter("M-1", "内地居民结婚登记", "marriage", "at_once", 0, 0, ("window", "once"), True, 1),
    Matter("M-2", "转移登记", "estate", "promised", 3, 30, ("online", "window"), False, 2),
)
TEXTS = (
    HallText("display_notice", "2F", "二楼请在黄线外等候"),
    HallText("slip_foot", "", "请保管好号票", "Please keep this slip"),
)
HALL = replace(
    SMALL_HALL,
    devices=DEVICES,
    special_days=SPECIAL_DAYS,
    matters=MATTERS,
    texts=TEXTS,
    windows=(replace(SMALL_HALL.windows[0], category="综合"), *SMALL_HALL.windows[1:]),
)
PLANS = (PlanRow("marriage", "12345", "", 30, 4), PlanRow("estate", "", "2026-12-31", 60, 0))

Change = Callable[[Any], None]


@cache
def written(catalogue: Catalogue) -> bytes:
    return write(catalogue, plans=PLANS if catalogue.matters else ())


def changed(change: Change | None = None, catalogue: Catalogue = HALL) -> bytes:
    """Return the hall's workbook as somebody saved it after a change in Excel."""
    book = openpyxl.load_workbook(io.BytesIO(written(catalogue)))
    if change is not None:
        change(book)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def put(cell: str, value: object) -> Change:
    """Return the change that writes a value into a cell such as 窗口!C2."""
    sheet, place = cell.split("!")

    def change(book: Any) -> None:
        book[sheet][place] = value

    return change


def mistakes(data: bytes) -> dict[str, str]:
    """Return the sentences of a refused workbook by their cells."""
    with pytest.raises(WorkbookProblems) as refused:
        read(data)
    assert refused.value.code == "bad_workbook"
    found = refused.value.problems
    assert len({each.where for each in found}) == len(found), "a cell was complained about twice"
    return {each.where: each.message for each in found}


# -- round trip ---------------------------------------------------------------------------------


def test_a_hall_comes_back_from_its_workbook_as_it_was() -> None:
    assert find(write(HALL, plans=PLANS)) == Found(HALL, PLANS)


def test_the_same_hall_gives_the_same_bytes() -> None:
    assert write(HALL, "云溪县政务服务中心") == write(HALL, "云溪县政务服务中心")


def test_a_hall_survives_excel_saving_its_workbook() -> None:
    assert read(changed()) == HALL


def test_a_hall_survives_json() -> None:
    told = json.loads(json.dumps(catalogue_to_json(HALL)))
    assert catalogue_from_json(told) == HALL


# Excel keeps no control characters; openpyxl takes "x005F_" for its own mark and drops it.
texts = (
    st.text(
        st.characters(exclude_categories=("Cc", "Cs", "Cn"), exclude_characters="\ufeff\ufffe"),
        min_size=1,
        max_size=20,
    )
    .map(str.strip)
    .filter(lambda text: bool(text) and "x005F_" not in text and "_x00" not in text)
)
codes = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,9}", fullmatch=True)
prefixes = st.from_regex(r"[A-Z]{1,2}", fullmatch=True)
sorts = st.integers(-1000, 1000)
minutes = st.integers(1, 600)
flags = st.booleans()


words = texts.map(lambda text: text[:12].strip()).filter(bool)  # they fit in every place
some_codes = st.lists(codes, max_size=3, unique=True)


@st.composite
def matters(draw: st.DrawFn, code: str, service: str) -> Matter:
    """Draw a matter that promises no more than the law gives."""
    promised, spare = draw(st.integers(0, 100)), draw(st.integers(0, 100))
    return Matter(
        code,
        draw(texts),
        service,
        "promised" if promised else "at_once",
        promised,
        draw(st.sampled_from((0, promised + spare))),
        tuple(draw(st.lists(st.sampled_from(list(WAYS)), min_size=1, unique=True))),
        draw(flags),
        draw(sorts),
    )


@st.composite
def catalogues(draw: st.DrawFn) -> Catalogue:
    """Draw a hall that is right in itself, with names of every kind."""
    departments = [
        Department(code, draw(texts), draw(st.just("") | texts), draw(sorts))
        for code in draw(st.lists(codes, min_size=1, max_size=4, unique=True))
    ]
    zones = [
        Zone(code, draw(texts), draw(st.just("") | texts), draw(sorts))
        for code in draw(st.lists(codes, min_size=1, max_size=3, unique=True))
    ]
    department = st.sampled_from([each.code for each in departments])
    zone = st.sampled_from([each.code for each in zones])
    services = [
        Service(
            code,
            draw(texts),
            draw(st.just("") | texts),
            draw(prefixes),
            draw(department),
            draw(flags),
            draw(flags),
            draw(sorts),
            draw(minutes),
            draw(minutes),
            draw(st.sampled_from(("", "1", "135", "67"))),
            draw(st.sampled_from(("", "09:00-11:30", "09:00-11:30,13:30-16:00"))),
            draw(st.integers(0, 9999)),
            draw(st.integers(0, 9999)),
        )
        for code in draw(st.lists(codes, max_size=6, unique=True))
    ]
    some = st.lists(st.sampled_from([each.code for each in services]), unique=True)
    windows = [
        Window(
            no,
            draw(st.just("") | texts),
            draw(zone),
            draw(department),
            served := tuple(draw(some)) if services else (),
            draw(flags),
            served[: draw(st.integers(0, 2))],
            draw(st.just("") | texts),
        )
        for no in draw(st.lists(st.integers(1, 999), min_size=1, max_size=6, unique=True))
    ]
    window = st.sampled_from([each.no for each in windows])
    people = [
        Person(
            number,
            draw(texts),
            draw(st.sampled_from(("clerk", "guide", "manager", "administrator"))),
            draw(st.just("") | texts),
            draw(st.none() | department),
            draw(st.none() | window),
            draw(flags),
            phone=draw(st.sampled_from(("", "13800138000"))),
        )
        for number in draw(st.lists(codes, max_size=5, unique=True))
    ]
    roles = draw(st.lists(st.sampled_from(("kiosk", "display", "window", "evaluator"))))
    devices = [
        Device(
            draw(st.sampled_from((None, 3 * at + 1))),
            role,
            draw(texts),
            draw(window if role in ("window", "evaluator") else st.none() | window),
            draw(st.none() | zone),
            draw(st.just("") | texts),
            draw(flags),
        )
        for at, role in enumerate(roles)
    ]
    return Catalogue(
        tuple(departments),
        tuple(zones),
        tuple(services),
        tuple(windows),
        tuple(people),
        tuple(devices),
        tuple(
            SpecialDay(day.isoformat(), draw(flags), "09:00-12:00", draw(st.just("") | texts))
            for day in draw(st.lists(st.dates(), max_size=3, unique=True))
        ),
        tuple(draw(matters(code, services[0].code)) for code in draw(some_codes) if services),
        tuple(
            HallText(place, draw(zone) if PLACES[place].by_zone else "", draw(words))
            for place in draw(st.lists(st.sampled_from(list(PLACES)), max_size=3, unique=True))
        ),
    )


@settings(max_examples=20, deadline=None)
@given(catalogues())
def test_any_hall_comes_back_from_its_workbook_as_it_was(catalogue: Catalogue) -> None:
    assert read(write(catalogue)) == catalogue


# -- people fill in by hand ---------------------------------------------------------------------


def test_columns_may_stand_in_any_order_with_remarks_and_empty_rows_between() -> None:
    def shuffle(book: Any) -> None:
        sheet = book["窗口"]
        rows = [list(each) for each in sheet.iter_rows(values_only=True)]
        sheet.delete_rows(1, len(rows))
        for at, row in enumerate(rows):
            sheet.append([*reversed(row), "备注：靠门" if at else "备注（内部）"])
            sheet.append([None, "  "])
        sheet["A1"] = " 类别＊ "

    assert read(changed(shuffle)) == HALL


def test_numbers_are_read_whether_typed_as_numbers_or_as_text() -> None:
    def retype(book: Any) -> None:
        book["人员"]["A2"] = 1001
        book["人员"]["F2"] = "１"  # as Chinese input methods write it
        book["窗口"]["A2"] = " 1 "
        book["业务"]["J2"] = 10.0

    assert read(changed(retype)) == HALL


def test_a_staff_number_keeps_its_zeros() -> None:
    catalogue = replace(HALL, people=(replace(HALL.people[0], staff_number="0012"),))
    assert read(changed(catalogue=catalogue)).people[0].staff_number == "0012"


def test_text_is_trimmed_of_every_kind_of_space() -> None:
    data = changed(put("部门!B2", "\u3000民政局 \xa0\n"))
    assert read(data).departments[0].name == "民政局"


def test_services_stand_between_any_commas_and_departments_go_by_name_too() -> None:
    def write_as_people_do(book: Any) -> None:
        book["窗口"]["E2"] = "婚姻登记、 advice"
        book["窗口"]["E5"] = "estate,marriage；业务咨询"
        book["窗口"]["D2"] = "民政局"
        book["窗口"]["C2"] = "一楼大厅"
        book["业务"]["D2"] = "a"
        book["人员"]["C2"] = "clerk"
        book["设备"]["C4"] = "旧显示屏"

    assert read(changed(write_as_people_do)) == HALL


def test_an_empty_cell_means_the_default_and_the_order_of_the_rows() -> None:
    def clear(book: Any) -> None:
        for cell in ("F2", "G2", "H2", "H3", "I2", "J2"):
            book["业务"][cell] = None

    first, second = read(changed(clear)).services[:2]
    assert (first.common, first.active, first.target_minutes, first.usual_minutes) == (
        False,
        True,
        30,
        8,
    )
    assert (first.sort, second.sort) == (1, 2)


def test_yes_and_no_are_understood_in_what_excel_makes_of_them() -> None:
    for typed, meant in (("是", True), ("否", False), (True, True), (0, False), ("N", False)):
        assert read(changed(put("窗口!G2", typed))).windows[0].active is meant


def test_times_and_days_are_understood_as_people_write_them() -> None:
    def write_as_people_do(book: Any) -> None:
        book["业务"]["K2"] = "周一、周三，五"
        book["业务"]["K3"] = 135
        book["业务"]["L2"] = "９：００—１１：３０；13:30 至 16:00"
        book["窗口"]["F2"] = "业务咨询"
        book["特殊日期"]["A2"] = datetime(2026, 10, 10)  # noqa: DTZ001 - as Excel keeps a day
        book["特殊日期"]["A3"] = "2026年12月31日"

    hall = read(changed(write_as_people_do))
    assert [each.open_weekdays for each in hall.services[:2]] == ["135", "135"]
    assert hall.services[0].open_hours == "09:00-11:30,13:30-16:00"
    assert hall.windows[0].helping == ("advice",)
    assert hall.special_days == SPECIAL_DAYS


NEW_COLUMNS = {"业务": "NMLK", "窗口": "HF", "人员": "H"}  # the last first


NEW_SHEETS = ("特殊日期", "事项", "文字", "预约放号")


def as_it_was_before_there_were_opening_times(book: Any) -> None:
    """Take away what workbooks of the first version did not have, and give back what they had."""
    for sheet, letters in NEW_COLUMNS.items():
        for letter in letters:
            book[sheet].delete_cols(openpyxl.utils.column_index_from_string(letter))
    for sheet in NEW_SHEETS:
        del book[sheet]
    book["人员"]["I1"] = "照片"
    book["人员"]["I2"] = "zhang-min.jpg"


def test_an_older_workbook_changes_nothing_of_what_it_is_silent_about(rooms: Rooms) -> None:
    hours = replace(HALL.services[0], open_hours="09:00-11:30", quota_morning=20)
    helping = replace(HALL.windows[0], helping=("advice",))
    rooms.register.adopt(
        replace(
            HALL,
            devices=(),
            services=(hours, *HALL.services[1:]),
            windows=(helping, *HALL.windows[1:]),
        )
    )
    standing = rooms.register.catalogue()
    found = find(changed(as_it_was_before_there_were_opening_times))
    assert set(found.absent) == {"special_days", "matters", "texts", "plans"}
    assert found.remarks == (
        "“业务”没有“办理星期、办理时间、上午限号、下午限号”列，这些内容保持不变。",
        "“窗口”没有“协办业务、类别”列，这些内容保持不变。",
        "“人员”的“照片”列不再使用，没有读取。",
        "“人员”没有“手机”列，这些内容保持不变。",
    )
    assert found.plans_beside(PLANS) == PLANS
    rooms.register.adopt(found.beside(standing))
    after = rooms.register.catalogue()
    assert replace(after, devices=()) == replace(standing, devices=())


def test_what_an_older_workbook_is_silent_about_goes_with_what_it_stood_on(rooms: Rooms) -> None:
    rooms.register.adopt(replace(HALL, devices=()))

    rooms.register.save(replace(HALL.windows[3], helping=("estate", "advice")))

    def without_estate(book: Any) -> None:
        as_it_was_before_there_were_opening_times(book)
        book["业务"].delete_rows(3)
        for line in range(2, 6):
            book["窗口"][f"E{line}"] = "marriage"

    found = find(changed(without_estate))
    rooms.register.adopt(found.beside(rooms.register.catalogue()))
    after = rooms.register.catalogue()
    assert not after.service["estate"].active
    assert after.window[4].helping == ()
    assert [each.code for each in after.matters if each.active] == ["M-1"]
    assert found.plans_beside(PLANS) == PLANS[:1]


def test_a_workbook_with_the_sheet_of_special_days_decides_about_them(rooms: Rooms) -> None:
    rooms.register.adopt(replace(HALL, devices=()))
    told = changed(lambda book: book["特殊日期"].delete_rows(3))
    rooms.register.adopt(read(told, rooms.register.catalogue()))
    assert rooms.register.catalogue().special_days == SPECIAL_DAYS[:1]


# -- mistakes -----------------------------------------------------------------------------------

WRONG_CELLS = (
    ("部门!A2", "民政", "不是编码"),
    ("部门!A3", "MZ", "重复"),
    ("部门!B2", None, "不能为空"),
    ("部门!B2", "局" * 61, "最多 60 个字"),
    ("部门!D2", "先", "不是整数"),
    ("楼层分区!A2", None, "不能为空"),
    ("楼层分区!B3", " ", "不能为空"),
    ("业务!A2", None, "不能为空"),
    ("业务!D2", "A1", "一个或两个大写字母"),
    ("业务!D3", None, "不能为空"),
    ("业务!E2", "GA", "没有部门"),
    ("业务!F2", "也许", "须为“是”或“否”"),
    ("业务!I3", 0, "1 到 600"),
    ("业务!J3", 2.5, "带小数"),
    ("业务!J3", "十分钟", "不是整数"),
    ("窗口!A2", None, "不能为空"),
    ("窗口!A3", "三号", "不是整数"),
    ("窗口!A3", 4, "重复"),
    ("窗口!A4", 1000, "1 到 999"),
    ("窗口!B2", "窗" * 41, "最多 40 个字"),
    ("窗口!C2", "9F", "没有分区"),
    ("窗口!D3", "GA", "没有部门"),
    ("窗口!E2", "marriage 离婚", "没有业务“离婚”"),
    ("窗口!E2", "marriage marriage", "两次"),
    ("人员!A3", "1001", "重复"),
    ("人员!B2", None, "不能为空"),
    (
        "人员!C2",
        "科长",
        "须为以下之一：窗口人员、导办员、差评承办人、督查人员、分管领导、管理人员、系统管理员、"
        "安全管理员、审计管理员",
    ),
    ("人员!E2", "GA", "没有部门"),
    ("人员!F2", 55, "没有 55 号窗口"),
    ("设备!A2", "七", "不是整数"),
    ("设备!A4", 7, "编号 7 重复"),
    ("设备!B2", "复印机", "须为以下之一：取号机"),
    ("设备!C2", None, "不能为空"),
    ("设备!D3", None, "须写明窗口号"),
    ("设备!D3", 55, "没有 55 号窗口"),
    ("设备!E2", "9F", "没有分区"),
    ("业务!K2", "工作日", "写星期几的数字"),
    ("业务!L2", "上午", "08:30-12:00"),
    ("业务!L2", "11:00-09:00", "08:30-12:00"),
    ("业务!M2", -1, "0 到 9999"),
    ("业务!N2", "很多", "不是整数"),
    ("窗口!F2", "estate", "须同时列在业务里"),
    ("特殊日期!A2", "国庆", "不是日期"),
    ("特殊日期!A2", "2026-02-30", "不是日期"),
    ("特殊日期!A3", "2026-10-10", "重复"),
    ("特殊日期!A3", None, "不能为空"),
    ("特殊日期!B2", "半天", "须为“是”或“否”"),
    ("特殊日期!C2", "9点", "08:30-12:00"),
    ("特殊日期!D2", "忙" * 41, "最多 40 个字"),
    ("部门!B3", "#REF!", "公式出错"),
    ("部门!C2", "x" * 121, "最多 120 个字"),
    ("部门!B2", "=A2&A3", "是公式"),
    ("窗口!A2", "=1+0", "是公式"),
    ("业务!F2", "=TRUE", "是公式"),
    ("窗口!H2", "综" * 21, "最多 20 个字"),
    ("窗口!D3", "BDD", "可能是：BDC（不动产登记中心）"),
    ("人员!D2", "岗" * 41, "最多 40 个字"),
    ("人员!H2", "123", "11 位数字"),
    ("事项!A3", "M-1", "重复"),
    ("事项!B2", None, "不能为空"),
    ("事项!B2", "长" * 101, "最多 100 个字"),
    ("事项!C2", "ghost", "没有业务"),
    ("事项!D2", "快办件", "须为以下之一：即办件、承诺件"),
    ("事项!E2", 3, "即办件当场办结"),
    ("事项!E3", 31, "不能超过法定的 30 个工作日"),
    ("事项!E3", None, "承诺件须写明"),
    ("事项!F2", "三天", "不是整数"),
    ("事项!F2", datetime(2026, 1, 2), "日期"),  # noqa: DTZ001
    ("事项!G2", "窗口办理、飞鸽办理", "“飞鸽办理”不是办理形式"),
    ("事项!G2", "窗口办理 窗口办理", "两次"),
    ("文字!A2", "屋顶", "须为以下之一"),
    ("文字!A2", "号票末行", "不分楼层分区"),
    ("文字!B2", "9F", "没有分区"),
    ("文字!C2", "字" * 41, "最多 40 个字"),
    ("文字!D2", "Quiet", "只有中文"),
    ("预约放号!A2", "ghost", "没有业务"),
    ("预约放号!B2", "每天", "写星期几的数字"),
    ("预约放号!B2", "11", "写了两次"),
    ("预约放号!B2", None, "星期和日期写一个"),
    ("预约放号!B3", "1", "星期和日期写一个"),
    ("预约放号!C3", "年底", "不是日期"),
    ("预约放号!C3", "2026-02-30", "不是日期"),
    ("预约放号!D2", 4, "5 到 480"),
    ("预约放号!E2", 1000, "0 到 999"),
)


WRONG_ELSEWHERE = {
    ("窗口!A3", 4): "窗口!A5",  # the second of two equal numbers is the wrong one
    ("文字!A2", "号票末行"): "文字!B2",
}


@pytest.mark.parametrize(("cell", "value", "sentence"), WRONG_CELLS)
def test_every_mistake_is_named_by_its_cell(cell: str, value: object, sentence: str) -> None:
    found = mistakes(changed(put(cell, value)))
    where = WRONG_ELSEWHERE.get((cell, value), cell)
    assert where in found
    assert sentence in found[where]


def test_a_code_that_excel_took_for_a_date_is_told_as_such() -> None:
    found = mistakes(changed(put("楼层分区!A2", datetime(2026, 1, 2))))  # noqa: DTZ001
    assert "日期" in found["楼层分区!A2"]


def test_all_mistakes_are_told_at_once_and_none_twice() -> None:
    def spoil(book: Any) -> None:
        book["部门"]["B2"] = None
        book["窗口"]["A2"] = "一"
        book["窗口"]["A3"] = "二"
        book["窗口"]["C4"] = "9F"
        book["人员"]["C5"] = "boss"

    found = mistakes(changed(spoil))
    # the windows 1 and 2 cannot be read, so nobody sits there: that is no mistake of its own; and
    # people go through a workbook sheet by sheet, row by row
    assert list(found) == ["部门!B2", "窗口!A2", "窗口!A3", "窗口!C4", "人员!C5"]


def test_the_list_of_problems_goes_through_the_workbook_as_people_do() -> None:
    """Found by a stranger: C12 stood after D3, and 人员 before 窗口."""

    def spoil(book: Any) -> None:
        for cell in ("窗口!D3", "窗口!C4", "窗口!C3", "部门!B3", "人员!B7", "人员!E2"):
            sheet, place = cell.split("!")
            book[sheet][place] = None if place[0] == "B" else "nonesuch"

    assert list(mistakes(changed(spoil))) == [
        "部门!B3", "窗口!C3", "窗口!D3", "窗口!C4", "人员!E2", "人员!B7",
    ]  # fmt: skip


def test_what_only_follows_from_a_wrong_cell_is_told_once_or_not_at_all() -> None:
    """Found by a stranger: one wrong window number filled the list with “没有 10 号窗口”."""

    def one_number(book: Any) -> None:
        book["窗口"]["A2"] = "一"

    assert list(mistakes(changed(one_number))) == ["窗口!A2"]

    def and_a_window_that_never_was(book: Any) -> None:
        book["窗口"]["A2"] = "一"
        book["人员"]["F3"] = 88
        book["人员"]["F4"] = 88

    # which of 1 and 88 the unreadable number is nobody knows: each is told, once
    assert list(mistakes(changed(and_a_window_that_never_was))) == ["窗口!A2", "人员!F2", "人员!F3"]

    def no_sheet(book: Any) -> None:
        del book["楼层分区"]

    assert list(mistakes(changed(no_sheet))) == ["楼层分区"]


def test_a_name_that_is_like_none_gets_no_hint() -> None:
    """Found by a stranger: for “nonesuch” the list proposed yongshui."""
    hall = replace(HALL, departments=(*HALL.departments, Department("yongshui", "用水", "", 3)))
    found = mistakes(changed(put("窗口!D3", "nonesuch"), hall))
    assert "可能是" not in found["窗口!D3"]
    assert "yongshui（用水）" in mistakes(changed(put("窗口!D3", "yongshu"), hall))["窗口!D3"]


def test_the_sentence_of_a_refusal_names_the_first_mistakes_and_counts_the_rest() -> None:
    def spoil(book: Any) -> None:
        for line in range(2, 8):
            book["人员"][f"B{line}"] = None
            book["人员"][f"C{line}"] = None

    with pytest.raises(WorkbookProblems) as refused:
        read(changed(spoil))
    assert "人员!B2：不能为空。" in refused.value.message
    assert "共 12 处" in refused.value.message


def test_a_missing_sheet_and_a_wrong_heading_are_told() -> None:
    def spoil(book: Any) -> None:
        del book["设备"]
        book["窗口"]["C1"] = "楼层"
        book["业务"]["B1"] = "代码"

    found = mistakes(changed(spoil))
    assert "缺少这张工作表" in found["设备"]
    assert "不认识标题“楼层”" in found["窗口!C1"]
    assert "缺少标题“楼层分区”" in found["窗口!A1"]
    assert "两次" in found["业务!B1"]
    assert "缺少标题“名称”" in found["业务!A1"]
    # a column that is missing is one mistake, not one a row
    assert not [each for each in found if each.startswith("窗口!A2")]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 no zip", b"<html>"])
def test_what_is_no_workbook_is_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(WorkbookProblems, match="不是可读的 XLSX"):
        read(data)


def test_a_zip_of_something_else_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as parts:
        parts.writestr("readme.txt", "no workbook")
    with pytest.raises(WorkbookProblems, match="不是可读的 XLSX"):
        read(file.getvalue())


def test_a_file_that_unfolds_to_gigabytes_is_refused_before_it_is_unfolded() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/sharedStrings.xml", bytes(120_000_000))
    assert len(file.getvalue()) < 1_000_000
    with pytest.raises(WorkbookProblems, match="解压后太大"):
        read(file.getvalue())


def rezipped(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """Return a workbook with one part of its zip changed."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w") as new:
        for each in old.namelist():
            content = old.read(each)
            new.writestr(each, change(content) if each.endswith(part) else content)
    return file.getvalue()


def test_a_damaged_sheet_is_refused_with_its_name() -> None:
    broken = rezipped(written(HALL), "sheet4.xml", lambda content: content[:400])
    with pytest.raises(WorkbookProblems, match=r"窗口.*损坏"):
        read(broken)


def test_rows_outside_the_size_that_a_sheet_claims_are_read_too() -> None:
    def claim_less(content: bytes) -> bytes:
        assert b'<dimension ref="A1:H5"/>' in content
        return content.replace(b'<dimension ref="A1:H5"/>', b'<dimension ref="A1:B2"/>')

    assert read(rezipped(written(HALL), "sheet4.xml", claim_less)) == HALL


def test_a_sheet_nobody_knows_is_told_and_remarks_of_ones_own_are_not() -> None:
    def add(book: Any) -> None:
        book.create_sheet("Sheet1")
        book.create_sheet("备注 内部")

    assert find(changed(add)).remarks == ("不认识工作表“Sheet1”，没有读取。",)
    assert find(changed()).remarks == ()


def test_a_formula_is_told_even_where_excel_keeps_what_it_showed() -> None:
    """What a cell shows was computed elsewhere: it may be stale, and is none without Excel."""

    def with_value(content: bytes) -> bytes:
        made, count = re.subn(rb'(<c r="A2" [^>]*>)<v>1</v>', rb"\1<f>0+1</f><v>1</v>", content)
        assert count == 1
        return made

    found = mistakes(rezipped(written(HALL), "sheet4.xml", with_value))
    assert set(found) == {"窗口!A2"}


def test_a_file_that_is_too_large_is_refused_unread() -> None:
    with pytest.raises(WorkbookProblems, match="文件太大：最多 8 MB"):
        read(bytes(20_000_000))


# -- what is written ----------------------------------------------------------------------------


def test_text_that_looks_like_a_formula_stays_text() -> None:
    bad = "=cmd|' /C calc'!A0"
    names = ("=1+1", "+86", "-1", "@SUM(A1)", "http://example.invalid", '=HYPERLINK("x")', bad,
             "<script>alert(1)</script>", "\"';--")  # fmt: skip
    catalogue = replace(
        HALL, departments=tuple(Department(f"D{at}", name) for at, name in enumerate(names)),
        zones=(Zone("2F", bad, bad),), people=(Person("1001", bad, "administrator", bad),),
        services=(Service("s", bad, bad, "A", "D0"),), devices=(Device(1, "kiosk", bad),),
        windows=(Window(1, bad, "2F", "D0", category=bad),),
        special_days=(SpecialDay("2026-10-10", note=bad),),
        matters=(Matter("M", bad, "s", "at_once"),), texts=(HallText("slip_foot", "", bad, bad),),
    )  # fmt: skip
    data = write(catalogue)
    assert read(data) == catalogue
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        for each in parts.namelist():
            if each.startswith("xl/worksheets/sheet"):
                sheet = parts.read(each).decode()
                assert "<f>" not in sheet
                assert "hyperlink" not in sheet.lower()
    cell = openpyxl.load_workbook(io.BytesIO(data))["部门"]["B2"]
    assert cell.data_type == "s"
    assert cell.quotePrefix, "Excel would make a formula of it when somebody edits the cell"


def test_a_sheet_has_bold_headings_that_stay_in_sight_and_lists_to_choose_from() -> None:
    book = openpyxl.load_workbook(io.BytesIO(write(HALL)))
    assert book.sheetnames == [*(each.title for each in EVERY_SHEET), "说明"]
    for sheet in EVERY_SHEET:
        page = book[sheet.title]
        assert page.freeze_panes == "A2"
        headings = [each.value for each in page[1]]
        assert headings == [each.heading for each in sheet.columns]
        assert all(each.font.bold for each in page[1])
        assert all(page.column_dimensions["B"].width > 9 for _ in headings)
    lists = {
        str(each.sqref).split(":")[0]: each.formula1
        for each in book["人员"].data_validations.dataValidation
    }
    roles = "窗口人员,导办员,差评承办人,督查人员,分管领导,管理人员,系统管理员,安全管理员,审计管理员"
    assert lists["C2"] == f'"{roles}"'
    assert lists["E2"].startswith("'部门'!$A$2:$A$")
    assert lists["G2"] == '"是,否"'


def test_no_key_and_no_password_is_in_the_workbook(rooms: Rooms) -> None:
    device, key = rooms.register.mint_key("kiosk", "一号取号机", zone="1F")
    rooms.register.set_password_hash("1001", "$argon2id$secret")
    with zipfile.ZipFile(io.BytesIO(write(rooms.register.catalogue()))) as parts:
        everything = b"".join(parts.read(each) for each in parts.namelist()).decode()
    assert device.name in everything
    assert key not in everything
    assert "argon2" not in everything


def test_an_exported_hall_is_taken_back_unchanged(rooms: Rooms) -> None:
    rooms.register.adopt(replace(SMALL_HALL, devices=DEVICES[1:2]))
    before = rooms.register.catalogue()
    rooms.register.adopt(read(write(before)))
    assert rooms.register.catalogue() == before


def test_another_hall_takes_the_devices_over_whatever_their_numbers(
    rooms: Rooms, tmp_path: Path
) -> None:
    for at in range(3):
        rooms.register.mint_key("display", f"{at}号屏", zone="1F")
    kiosk, _ = rooms.register.mint_key("kiosk", "取号机", zone="1F")
    other = open_rooms(tmp_path / "other.db", rooms.clock)
    theirs, _ = other.register.mint_key("program", "接口程序")
    other.register.adopt(read(write(rooms.register.catalogue())))
    names = {each.name: each.role for each in other.register.catalogue().devices}
    evaluators = {f"{no}号评价器": "evaluator" for no in (1, 2, 3, 4)}
    assert names == evaluators | {
        "0号屏": "display", "1号屏": "display", "2号屏": "display",
        kiosk.name: "kiosk", theirs.name: "program",
    }  # fmt: skip
    other.store.close()


def test_a_hall_that_lost_a_department_can_be_taken_back_here_and_elsewhere(
    rooms: Rooms, tmp_path: Path
) -> None:
    kept = replace(
        SMALL_HALL,
        departments=SMALL_HALL.departments[:1],
        services=tuple(each for each in SMALL_HALL.services if each.department == "MZ"),
        windows=SMALL_HALL.windows[:2],
        devices=SMALL_HALL.devices[:2],
        people=tuple(
            replace(each, department=None, window=None) if each.department == "BDC" else each
            for each in SMALL_HALL.people
        ),
    )
    rooms.register.adopt(kept)
    before = rooms.register.catalogue()
    assert len(before.windows) == 4, "the retired windows are kept for old figures"
    again = read(write(before))
    assert [each.no for each in again.windows] == [1, 2]
    rooms.register.adopt(again)
    assert rooms.register.catalogue() == before
    other = open_rooms(tmp_path / "other.db", rooms.clock, again)
    assert other.register.catalogue().windows == again.windows
    other.store.close()


# -- the child process --------------------------------------------------------------------------


def child(job: str, given: bytes) -> bytes:
    return subprocess.run(
        [sys.executable, "-m", "manager.workbook", job],
        input=given,
        capture_output=True,
        check=True,
        cwd=ROOT,
        timeout=60,
    ).stdout


def test_a_child_process_reads_and_writes_the_same() -> None:
    plans = [asdict(each) for each in PLANS]
    wish = {"catalogue": catalogue_to_json(HALL), "title": "云溪县", "plans": plans}
    data = child("write", json.dumps(wish).encode())
    assert data == write(HALL, "云溪县", PLANS)
    assert result_from_json(json.loads(child("read", data))) == Found(HALL, PLANS)


def test_a_child_process_hands_every_mistake_back() -> None:
    data = changed(put("窗口!C3", "9F"))
    with pytest.raises(WorkbookProblems) as refused:
        result_from_json(json.loads(child("read", data)))
    assert [each.where for each in refused.value.problems] == ["窗口!C3"]


# -- the shipped hall ---------------------------------------------------------------------------


def test_the_shipped_workbook_is_what_its_script_makes() -> None:
    assert demo.WORKBOOK.read_bytes() == made(), "run: python -m demo.make_workbook"


def test_the_shipped_hall_has_26_departments_and_76_windows_on_two_floors() -> None:
    shipped = demo.catalogue()
    assert len(shipped.departments) == 26
    assert [each.no for each in shipped.windows] == list(range(1, 77))
    assert {each.name[:2] for each in shipped.zones} == {"一楼", "二楼"}
    assert {each.zone for each in shipped.windows} == set(shipped.zone)
    assert {each.department for each in shipped.windows} == set(shipped.department)


def test_in_the_shipped_hall_everything_has_its_place() -> None:
    shipped = demo.catalogue()
    assert 60 <= len(shipped.services) <= 100
    assert 8 <= sum(each.common for each in shipped.services) <= 10
    assert all(each.name_en.isascii() and each.name_en for each in shipped.services)
    assert all(shipped.windows_of[each.code] for each in shipped.services)
    assert all(1 <= len(each.services) <= 8 for each in shipped.windows)
    assert set(shipped.clerk_of) == set(shipped.window), "every window has its clerk"
    assert not {each.prefix for each in shipped.services} & {"Y", "V"}
    evaluators = {each.window for each in shipped.devices if each.role == "evaluator"}
    assert evaluators == set(shipped.window)
    speaking = [each.zone for each in shipped.devices if each.role == "display"]
    assert sorted(filter(None, speaking)) == sorted(shipped.zone), "one speaking device a zone"


def test_the_shipped_hall_can_be_adopted(tmp_path: Path, clock: MovedClock) -> None:
    shipped = demo.catalogue()
    rooms = open_rooms(tmp_path / "hall.db", clock, shipped)
    adopted = rooms.register.catalogue()
    assert adopted.windows == shipped.windows
    assert adopted.services == shipped.services
    rooms.desk.open(3)
    assert rooms.desk.window_desk(3)["clerk"]["name"] == shipped.clerk_of[3].name
    rooms.store.close()


def test_the_shipped_hall_has_matters_of_every_service_and_windows_of_every_class() -> None:
    shipped = demo.catalogue()
    assert 150 <= len(shipped.matters) <= 300
    assert {each.service for each in shipped.matters} == set(shipped.service)
    of_department = Counter(shipped.service[each.service].department for each in shipped.matters)
    assert min(of_department.values()) >= 3
    assert len({each.name for each in shipped.matters}) == len(shipped.matters)
    assert {each.category for each in shipped.windows} == {"综合", "专业", "单一"}
