"""The pages of reports over HTTP: who sees them, exports beside the hall, the PDF read back."""

import html
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import gevent
import openpyxl
import pypdf
import pytest
from case_hall import HALL_WITH_HANDLERS, INSPECTOR, LEADER, MANAGER, PHONE
from halls import MovedClock
from test_bulletin import NASTY
from test_complaint_pages import Browser, text_of

from hall import config
from reports import paper
from reports.jobs import Wish
from server import create_app
from web import aside
from web.current import Rooms
from web.passwords import hash_of

PASSWORD = "a hall's secret"
CLERK = "1001"
# One glyph of the font stands for a character and for the radical it is: a PDF tells the radical.
RADICALS = str.maketrans("⺠⻅⻋⻓⻔⻘⻚⻛⻜⻝⻢⻥⻦⻩⻬⻮⻰", "民见车长门青页风飞食马鱼鸟黄齐齿龙")
DAYS = {"first": "2026-11-01", "last": "2026-11-30"}
FORM = {"kind": "raw", "form": "xlsx", "tap": "export-00000001", **DAYS}


@dataclass
class House:
    """A hall served within this process, and whoever signs in."""

    rooms: Rooms
    clock: MovedClock
    app: object

    def somebody(self, staff_number: str) -> Browser:
        browser = Browser(self.app.test_client())  # type: ignore[attr-defined]
        fields = {"staff_number": staff_number, "password": PASSWORD, "window": ""}
        assert browser.post("/sign-in", **fields).status == 303
        return browser

    def rate(self, level: str) -> None:
        self.rooms.desk.issue("marriage", f"tap-{self.clock():020d}", phone=PHONE)
        visit = self.rooms.desk.call_next(1).visit
        self.rooms.desk.start(1)
        self.clock.move(minutes=5)
        self.rooms.desk.finish(1, "completed")
        self.rooms.book.rate(visit, level, "qr", text=NASTY, contact=PHONE)

    def wait_for_the_export(self) -> None:
        """Let the export's greenlet run until it has ended."""
        with gevent.Timeout(110):
            while self.rooms.exports.progress:
                gevent.sleep(0.02)


def text_in(page: pypdf.PageObject) -> str:
    """Return what a page of a PDF says, without spaces."""
    plain = unicodedata.normalize("NFKC", page.extract_text().translate(RADICALS))
    return re.sub(r"\s", "", plain)


@pytest.fixture(scope="module")
def kept() -> str:
    return hash_of(PASSWORD)


@pytest.fixture
def house(tmp_path: Path, clock: MovedClock, kept: str) -> Iterator[House]:
    told = config.from_dict({"hall": {"name": "云溪县政务服务中心", "always_open": True}})
    app = create_app(told, tmp_path / "hall.db", clock)
    rooms: Rooms = app.extensions["hall"]
    rooms.register.adopt(HALL_WITH_HANDLERS)
    for number in (MANAGER, INSPECTOR, LEADER, CLERK):
        rooms.register.set_password_hash(number, kept)
    rooms.desk.open(1, clerk=CLERK)
    yield House(rooms, clock, app)
    rooms.store.close()


def test_only_managers_and_inspectors_take_data_out(house: House) -> None:
    stranger = Browser(house.app.test_client())  # type: ignore[attr-defined]
    others = [house.somebody(each) for each in (CLERK, LEADER)]
    for path in (
        "",
        "/exports.json",
        "/exports/1/file",
        "/bulletin/2026-11",
        "/bulletin/2026-11.pdf",
    ):
        assert stranger.get(f"/reports{path}").status in (303, 401), path
        assert {each.get(f"/reports{path}").status for each in others} == {403}, path
    for other in others:
        assert other.post("/reports/exports", **FORM).status == 403
    assert house.somebody(INSPECTOR).get("/reports").status == 200
    assert house.rooms.exports.newest() == []


def test_a_running_export_is_stopped_on_its_page(house: House) -> None:
    wish = Wish("raw", "xlsx", DAYS["first"], DAYS["last"])
    job = house.rooms.exports.tables.add(wish, "export-00000001", MANAGER, house.clock(), "x.xlsx")
    manager, inspector = house.somebody(MANAGER), house.somebody(INSPECTOR)
    assert "停止导出" in text_of(manager.get("/reports"))
    assert "停止导出" not in text_of(inspector.get("/reports")), "it is not the inspector's"
    assert inspector.post(f"/reports/exports/{job.id}/stop").status == 409
    assert manager.post(f"/reports/exports/{job.id}/stop").status == 303
    assert "已停止" in text_of(manager.get("/reports"))


def test_an_export_runs_in_a_process_of_its_own_and_is_fetched(house: House) -> None:
    house.rate("dissatisfied")
    manager = house.somebody(MANAGER)
    assert manager.post("/reports/exports", **FORM).status == 303
    assert manager.post("/reports/exports", **FORM).status == 303, "a form may come twice"
    assert manager.get("/reports/exports.json").json["rows"][0]["state"] == "running"
    house.wait_for_the_export()
    (row,) = manager.get("/reports/exports.json").json["rows"]
    assert (row["state"], row["rows"], row["percent"]) == ("done", "2", 100)
    page = text_of(manager.get("/reports"))
    assert f'href="{row["file"]}"' in page
    file = manager.get(row["file"])
    assert file.status == 200
    assert "%E5%8C%BF%E5%90%8D" in file.headers["Content-Disposition"], "匿名 stands in its name"
    book = openpyxl.load_workbook(io.BytesIO(file.body))
    assert book.sheetnames == ["说明", "办件", "评价", "投诉"]
    inspector = house.somebody(INSPECTOR)
    assert inspector.get(row["file"]).status == 409
    assert "下载文件" not in text_of(inspector.get("/reports"))
    house.clock.move(hours=1)
    house.rooms.exports.tick()
    manager = house.somebody(MANAGER)  # an hour is longer than a manager may sit idle
    assert manager.get(row["file"]).status == 404
    assert "文件已删除" in text_of(manager.get("/reports"))


def test_an_export_whose_process_fails_says_so(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aside, "HOUSE", Path("/"))  # there is no such module to run
    manager = house.somebody(MANAGER)
    manager.post("/reports/exports", **FORM)
    house.wait_for_the_export()
    page = text_of(manager.get("/reports"))
    assert "未完成" in page
    assert "请重新导出" in page


def test_a_wrong_form_is_told_and_keeps_what_was_typed(house: House) -> None:
    manager = house.somebody(MANAGER)
    answer = manager.post("/reports/exports", **{**FORM, "first": "2026-12-01", "kind": "standard"})
    assert answer.status == 422
    page = text_of(answer)
    assert "起始日期须不晚于截止日期" in page
    assert 'value="2026-12-01"' in page
    assert 'value="standard" checked' in page


def test_the_document_s_number_is_a_manager_s_to_give(house: House) -> None:
    words = {"document": "云政服〔2026〕11号", "issue": "总第23期", "reviewed_by": "贺明珠"}
    assert house.somebody(INSPECTOR).post("/reports/bulletin/2026-11/words", **words).status == 403
    manager = house.somebody(MANAGER)
    assert manager.post("/reports/bulletin/2026-11/words", **words).status == 303
    page = text_of(manager.get("/reports/bulletin/2026-11"))
    assert "云政服〔2026〕11号" in page
    assert "总第23期" in page
    assert "审核人：贺明珠" in page
    long = manager.post("/reports/bulletin/2026-11/words", document="号" * 61)
    assert long.status == 422
    assert "文号最多 60 个字" in text_of(long)


def test_whatever_is_written_stays_a_text_on_every_page(house: House) -> None:
    house.rate("dissatisfied")
    manager = house.somebody(MANAGER)
    fields = ("document", "addressed", "remarks")
    manager.post("/reports/bulletin/2026-11/words", **dict.fromkeys(fields, NASTY))
    for path in ("", "?month=2026-11", "/bulletin/2026-11"):
        body = manager.get(f"/reports{path}").body.decode()
        assert "<script>alert" not in body
        assert not re.search(r"<[^>]* style=|<style|<script>", body), "the policy forbids them"
    assert "&lt;script&gt;alert(1)" in body
    assert PHONE not in body


def test_no_name_of_the_hall_becomes_more_than_a_name(
    tmp_path: Path, clock: MovedClock, kept: str
) -> None:
    nasty = replace(
        HALL_WITH_HANDLERS,
        departments=tuple(replace(each, name=NASTY) for each in HALL_WITH_HANDLERS.departments),
        services=tuple(replace(each, name=NASTY) for each in HALL_WITH_HANDLERS.services),
        windows=tuple(replace(each, name=NASTY) for each in HALL_WITH_HANDLERS.windows),
        people=tuple(replace(each, name=NASTY) for each in HALL_WITH_HANDLERS.people),
    )
    told = config.from_dict({"hall": {"name": NASTY, "always_open": True}})
    app = create_app(told, tmp_path / "hall.db", clock)
    rooms: Rooms = app.extensions["hall"]
    rooms.register.adopt(nasty)
    rooms.register.set_password_hash(MANAGER, kept)
    rooms.desk.open(1, clerk=CLERK)
    house = House(rooms, clock, app)
    house.rate("very_dissatisfied")
    manager = house.somebody(MANAGER)
    manager.post("/reports/exports", **FORM)
    house.wait_for_the_export()
    for path in ("", "/bulletin/2026-11"):
        body = manager.get(f"/reports{path}").body.decode()
        assert "&lt;script&gt;alert(1)" in body
        assert "<script>alert" not in body
        assert "{{ 7*7 }}" in html.unescape(body), "a name is no template"
    (row,) = manager.get("/reports/exports.json").json["rows"]
    name = manager.get(row["file"]).headers["Content-Disposition"]
    assert "<" not in name
    assert "\n" not in name
    rooms.store.close()


def test_a_month_that_is_none_is_refused(house: House) -> None:
    manager = house.somebody(MANAGER)
    for path in ("?month=2026-13", "/bulletin/2026-13", "/bulletin/x.pdf"):
        assert manager.get(f"/reports{path}").status == 422, path


def test_without_a_browser_the_page_says_what_to_install(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper, "engine", lambda: None)
    manager = house.somebody(MANAGER)
    page = text_of(manager.get("/reports?month=2026-11"))
    assert "apt install chromium" in page
    assert "下载 PDF" not in page
    assert "预览通报" in page
    asked = manager.get("/reports/bulletin/2026-11.pdf")
    assert asked.status == 303
    assert "打印 → 另存为 PDF" in text_of(manager.get("/reports/bulletin/2026-11"))


def test_the_pdf_says_what_the_month_s_table_says(house: House) -> None:
    for level in ("very_satisfied", "very_satisfied", "satisfied", "dissatisfied"):
        house.rate(level)
    manager = house.somebody(MANAGER)
    words = {"document": "云政服〔2026〕11号", "made_by": "赵主任", "reviewed_by": "贺明珠"}
    manager.post("/reports/bulletin/2026-11/words", remarks=NASTY, **words)
    answer = manager.get("/reports/bulletin/2026-11.pdf")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/pdf"
    pdf = pypdf.PdfReader(io.BytesIO(answer.body))
    pages = [text_in(page) for page in pdf.pages]
    told = "".join(pages)
    month = house.rooms.book.month("2026-11").to_json()
    totals = month["totals"]
    for code in ("satisfaction", "rating_rate"):
        share = totals[code]
        assert f"{share['percent']:.2f}%({share['numerator']}/{share['denominator']})" in told
    assert totals["satisfaction"]["text"] == "75.00 %"
    for row in month["rows"]:
        assert row["department"] in told
    for text in ("云政服〔2026〕11号", "制表人:赵主任", "审核人:贺明珠", "附件3统计口径说明"):
        assert text in told, text
    assert PHONE not in told
    for number, page in enumerate(pages, start=1):
        assert f"第{number}页共{len(pages)}页" in page
    events = house.rooms.store.rows("select who from journal where event = 'bulletin_printed'")
    assert events == [(MANAGER,)]
