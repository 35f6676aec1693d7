"""The pages of the statistics: who may look, what stands there, where each number leads."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlencode

import pytest
from case_hall import HANDLER, INSPECTOR, LEADER, MANAGER, PHONE
from figure_hall import CATALOGUE, NINE_TO_FIVE, FigureHall, a_morning
from flask import Flask
from flask.testing import FlaskClient
from halls import MovedClock, Rooms
from openpyxl import load_workbook
from werkzeug.test import TestResponse

from figures import choosing
from figures.columns import COLUMNS, GROUPS, SCOPES
from hall import config
from rating.periods import period
from server import create_app
from web import aside, reading
from web.passwords import hash_of

PASSWORD = "a hall's secret"
HERE = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
EVERY_DAY = {"name": "云溪县政务服务中心", "weekdays": "1234567", "holidays": False}
TODAY = period("day", "2026-11-20")


@dataclass
class Served:
    """A hall served within this process, who is signed in, and its figures."""

    app: Flask
    hall: FigureHall
    clients: dict[str, FlaskClient]

    def get(self, path: str, who: str = MANAGER) -> TestResponse:
        return self.clients[who].get(path, headers=HERE)

    def text(self, path: str) -> str:
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return unescape(answer.text)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    clock = MovedClock()
    path: Path = tmp_path_factory.mktemp("hall") / "hall.db"
    app = create_app(config.from_dict({"hall": {**EVERY_DAY, **NINE_TO_FIVE}}), path, clock)
    inside = app.extensions["hall"]
    inside.register.adopt(CATALOGUE)
    rooms = Rooms(inside.store, inside.register, inside.desk, inside.book, clock)
    hall = FigureHall(rooms, inside.figures, inside.cases, inside.complaints)
    a_morning(hall)
    kept, clients = hash_of(PASSWORD), {"nobody": app.test_client()}
    for number in (INSPECTOR, LEADER, MANAGER, HANDLER, "1001"):
        inside.register.set_password_hash(number, kept)
        clients[number] = app.test_client()
        form = {"staff_number": number, "password": PASSWORD}
        assert clients[number].post("/sign-in", data=form, headers=HERE).status_code == 303
    yield Served(app, hall, clients)
    inside.store.close()


PATHS = (
    "/statistics",
    "/statistics/tickets?kind=day&by=hall&column=served",
    "/dashboard",
)


@pytest.mark.parametrize("path", PATHS)
def test_managers_leaders_and_inspectors_may_look_and_nobody_else(
    served: Served, path: str
) -> None:
    for who in (MANAGER, LEADER, INSPECTOR):
        assert served.get(path, who).status_code == 200
    assert served.get(path, HANDLER).status_code == 403
    assert served.get(path, "1001").status_code == 403
    assert served.get(path, "nobody").status_code in (302, 303)


@pytest.mark.parametrize("by", SCOPES)
@pytest.mark.parametrize("kind", ["day", "week", "month", "quarter", "year"])
def test_every_scope_and_period_has_a_page(served: Served, by: str, kind: str) -> None:
    page = served.text(f"/statistics?kind={kind}&by={by}&group=whole")
    assert f"{choosing.of_day(kind, '2026-11-20').words}统计" in page
    assert "66.67" in page, "满意率"


def test_a_range_is_asked_for_by_its_days(served: Served) -> None:
    page = served.text("/statistics?kind=range&from=2026-11-19&to=2026-11-20")
    assert "<h1>2026-11-19 至 2026-11-20 统计</h1>" in page
    assert page.count("2026-11-19 至 2026-11-20") == 3, "title, heading, caption: not said twice"


def cells(page: str) -> dict[str, list[str]]:
    """Return the texts of a table's rows by the name in their heading."""
    body = page[page.index("<tbody>") : page.index("</tfoot>")]
    found = {}
    for row in re.findall(r"<tr.*?</tr>", body, re.DOTALL):
        name = re.search(r'<th scope="row".*?>\s*(?:<a[^>]*>)?([^<\n]+)', row, re.DOTALL)
        assert name
        values = re.findall(r"<td.*?</td>", row, re.DOTALL)
        found[name[1].strip()] = [
            " ".join(re.sub(r"<[^>]+>", " ", value).split()) for value in values
        ]
    return found


@pytest.mark.parametrize("by", SCOPES)
@pytest.mark.parametrize("group", ["glance", *(name for name, _ in GROUPS), "whole"])
def test_the_screen_is_what_was_counted(served: Served, by: str, group: str) -> None:
    table = served.hall.figures.table(TODAY, by)
    columns = [each for _, shown in choosing.columns_of(group, by, ()) for each in shown]
    page = served.text("/statistics?" + urlencode({"kind": "day", "by": by, "group": group}))
    if not columns:
        assert "换一个统计范围" in page
        return
    shown = cells(page)
    assert ("合计" in shown) == (by != "hall"), "C17: the hall's one row is its sum"
    for row in (*table.rows, *([] if by == "hall" else [table.totals])):
        wanted = [choosing.said(each, row[each.code]) for each in columns]
        assert shown[row["name"]] == [" ".join(filter(None, each)) for each in wanted]


def test_every_number_leads_to_as_many_tickets_as_it_says(served: Served) -> None:
    page = served.text("/statistics?kind=day&by=window&group=whole")
    links = re.findall(
        r'href="(/statistics/tickets\?[^"]+)"[^>]*><span class="value">([^<]+)', page
    )
    assert len(links) > 40
    kinds = {each.code: each.kind for each in COLUMNS}
    for address, value in links:
        code = re.search(r"column=(\w+)", address)
        assert code
        listed = served.text(address)
        count = re.search(r"：([\d,]+) 张号票", listed)
        assert count
        assert listed.count('<th scope="row">') == int(count[1]) > 0, address
        if kinds[code[1]] == "count":
            assert count[1] == value, address


def test_a_name_leads_to_its_parts_and_a_filter_can_be_taken_away(served: Served) -> None:
    page = served.text("/statistics?kind=day&by=department")
    into = re.search(r'<a href="([^"]+)">民政局', page)
    assert into
    inside = served.text(into[1])
    assert "部门：<strong>民政局</strong>" in inside
    assert [name for name in cells(inside) if "窗口" in name] == ["1号窗口", "2号窗口"]
    away = re.search(r'class="crumb-away" href="([^"]+)"', inside)
    assert away
    assert "不动产登记中心" in served.text(away[1])


def test_windows_of_one_name_are_told_apart_by_their_number(served: Served) -> None:
    page = served.text("/statistics/tickets?kind=day&by=window&key=3&column=served")
    assert "<h1>3号 不动产一号 · 办件：" in page
    assert page.count('<td class="called-so">3号 不动产一号</td>') > 0


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_statistics_are_taken_out_as_a_file(served: Served, kind: str) -> None:
    asked = "kind=day&by=window&within=department%3AMZ&group=whole"
    assert f'href="/statistics/export.{kind}?' in served.text(f"/statistics?{asked}")
    assert served.get(f"/statistics/export.{kind}?{asked}", HANDLER).status_code == 403
    answer = served.get(f"/statistics/export.{kind}?{asked}", INSPECTOR)
    name = unquote(answer.headers["Content-Disposition"])
    assert f"统计-2026年11月20日-按窗口.{kind}" in name
    assert answer.headers["Cache-Control"] == "no-store"
    table = served.hall.figures.table(TODAY, "window", (("department", "MZ"),))
    if kind == "csv":
        lines = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
        first = ["云溪县政务服务中心", "2026年11月20日", "2026-11-20", "2026-11-20"]
        assert lines[1][:9] == [*first, "按窗口，部门：民政局", "明细", "1", "1号窗口", "民政局"]
        assert len(lines) == 1 + len(table.rows) + 1 + 4
        return
    sheet = load_workbook(io.BytesIO(answer.data))["统计表"]
    assert sheet["A1"].value == "云溪县政务服务中心统计表（按窗口）"
    assert str(sheet["A2"].value).startswith(
        "2026年11月20日（2026-11-20） · 按窗口 · 部门：民政局 · 当天"
    )
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert (sheet.freeze_panes, sheet.print_title_rows) == ("D6", "$1:$5")
    words = [str(cell.value) for row in sheet.iter_rows(min_col=3, max_col=9) for cell in row]
    assert any(each.startswith("制表人：") for each in words)
    assert any(each.startswith("制表时间：2026-11-20 ") for each in words)


def test_a_file_of_another_kind_is_not_there(served: Served) -> None:
    assert served.get("/statistics/export.pdf").status_code == 404


def test_names_and_telephones_of_citizens_stand_on_no_page(served: Served) -> None:
    for path in (*PATHS, "/statistics/tickets?kind=day&by=hall&column=bad"):
        page = served.text(path)
        assert PHONE not in page
        assert "等了很久" not in page


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/statistics?kind=month&name=2026-13", "时段须写作"),
        ("/statistics?kind=decade", "时段须为"),
        ("/statistics?by=street", "统计范围须为"),
        ("/statistics?within=street:1", "统计范围须为"),
        ("/statistics?group=nothing", "没有这一组"),
        ("/statistics/export.csv?group=投诉&by=window", "换一个统计范围"),
        ("/statistics/tickets?column=open_rate", "没有对应的号票"),
        ("/statistics/tickets?column=served&page=0", "没有这一页"),
        ("/statistics/tickets?column=served&page=x", "没有这一页"),
        ("/dashboard?kind=range&from=2026-11-20&to=2026-11-19", "起始日期"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_words(served: Served, path: str, sentence: str) -> None:
    answer = served.get(path)
    assert answer.status_code == 422
    assert sentence in unescape(answer.text)


def test_what_is_written_into_an_address_does_nothing(served: Served) -> None:
    evil = "\"><script>alert(1)</script>'; drop table visit; --"
    for name in ("window", "clerk", "service", "department", "zone"):
        told = urlencode({"kind": "day", "by": "hall", "within": f"{name}:{evil}"})
        answer = served.get(f"/statistics?{told}")
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
    told = urlencode({"kind": "day", "by": "service", "key": evil, "column": "served"})
    page = served.get(f"/statistics/tickets?{told}")
    assert (page.status_code, "<script>alert" in page.text) == (200, False)
    assert served.hall.figures.table(TODAY, "hall").totals["served"] == 3


@pytest.mark.parametrize("path", PATHS)
def test_a_large_question_is_asked_in_a_thread_while_the_loop_goes_on(
    served: Served, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    asked: list[object] = []

    def counted(work: Callable[[], object]) -> object:
        asked.append(work)
        return aside.in_thread(work)

    monkeypatch.setattr(reading, "in_thread", counted)
    served.text(path)
    assert len(asked) == 1


def test_the_dashboard_draws_what_its_tables_say(served: Served) -> None:
    page = served.text("/dashboard?kind=day")
    data = re.search(r'id="page-data">(.*?)</script>', page, re.DOTALL)
    assert data
    for said in ('"评价器", 2', '"核实中", 1', "[9, 5, 22.0, 4]"):
        assert said in data[1]
    for said in ("评价渠道", "周五", "09:00–10:00", "什么时候等得久"):
        assert said in page
    assert page.count("<table") == page.count("data-chart=") == 5, "no tags were given"


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/dashboard?kind=month&name=2025-01", "没有办件，也没有评价"),
        ("/dashboard?kind=month&name=2027-01", "还没有开始"),
        ("/statistics?kind=month&name=2025-01", "没有取号、办件和评价"),
        ("/statistics?kind=year&name=2000", "没有取号、办件和评价"),
        ("/statistics/tickets?kind=month&name=2025-01&by=hall&column=bad", "没有对应的号票"),
        ("/statistics/tickets?kind=day&by=hall&column=served&page=7", "没有这一页"),
    ],
)
def test_where_nothing_is_the_page_says_so(served: Served, path: str, sentence: str) -> None:
    assert sentence in served.text(path)
