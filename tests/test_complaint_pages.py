"""The pages of complaints over HTTP: who sees what, forms that come twice, lists, files."""

import csv
import html
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient
from halls import MovedClock
from servers import Answer
from test_complaints import GUIDE, HALL, HANDLER, INSPECTOR, OTHER_HANDLER, PUBLISHED_RATES

from complaints.drafting import Draft
from complaints.finding import Wanted
from complaints.life import Complaint, State
from hall import config
from server import create_app
from web.current import Rooms
from web.passwords import hash_of

PASSWORD = "a hall's secret"
LEADER, MANAGER, CLERK = "7201", "9001", "1001"
EVERYBODY = (GUIDE, HANDLER, INSPECTOR, LEADER, MANAGER)
FORM = {
    "source": "window",
    "kind": "complaint",
    "title": "重复提交材料",
    "content": "办理时被要求两次提交同一材料。",
    "complainant": "张三丰",
    "phone": "13800138000",
    "unit": "HB",
    "tap": "form-00000001",
}


@dataclass
class Browser:
    """Somebody's browser: it keeps cookies and says whose page asks."""

    client: FlaskClient

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, "none")

    def post(self, path: str, site: str = "same-origin", **fields: Any) -> Answer:
        return self._ask("POST", path, site, data=fields)

    def upload(self, content: bytes, name: str = "工单.xlsx") -> Answer:
        file = {"orders": (io.BytesIO(content), name)}
        return self._ask("POST", "/complaints/import", "same-origin", data=file)

    def _ask(self, method: str, path: str, site: str, **more: Any) -> Answer:
        told = {"Accept": "text/html", "Sec-Fetch-Site": site}
        with self.client.open(path, method=method, headers=told, **more) as answer:
            return Answer(answer.status_code, dict(answer.headers), answer.data)


@dataclass
class House:
    """A hall served within this process, and whoever signs in."""

    rooms: Rooms
    clock: MovedClock
    app: Any

    def somebody(self, staff_number: str) -> Browser:
        browser = Browser(self.app.test_client())
        fields = {"staff_number": staff_number, "password": PASSWORD, "window": ""}
        assert browser.post("/sign-in", **fields).status == 303
        return browser

    def register(self, tap: str = "form-10000001", **changed: Any) -> Complaint:
        told = {name: text for name, text in FORM.items() if name != "tap"}
        draft = Draft(**{**told, "at": self.clock(), **changed})
        return self.rooms.complaints.register_one(draft, tap, GUIDE)

    def complaint(self, number: int) -> Complaint:
        return self.rooms.complaints.complaint(number)

    def all(self) -> list[Complaint]:
        return [each.complaint for each in self.rooms.complaints.find(Wanted())]

    def journal(self, event: str) -> list[tuple[str, Any]]:
        query = "select who, detail from journal where event = ? order by seq"
        return [(who, json.loads(told)) for who, told in self.rooms.store.rows(query, (event,))]


@pytest.fixture(scope="module")
def kept() -> str:
    return hash_of(PASSWORD)


@pytest.fixture
def house(tmp_path: Path, clock: MovedClock, kept: str) -> Iterator[House]:
    told = config.from_dict({"hall": {"name": "云溪县政务服务中心", "always_open": True}})
    app = create_app(told, tmp_path / "hall.db", clock)
    rooms: Rooms = app.extensions["hall"]
    rooms.register.adopt(HALL)
    for number in (*EVERYBODY, OTHER_HANDLER, CLERK):
        rooms.register.set_password_hash(number, kept)
    yield House(rooms, clock, app)
    rooms.store.close()


def text_of(answer: Answer) -> str:
    return html.unescape(answer.body.decode())


# -- who may -----------------------------------------------------------------------------------


def test_nobody_sees_a_complaint_without_signing_in_and_no_clerk_does(house: House) -> None:
    number = house.register().id
    stranger, clerk = Browser(house.app.test_client()), house.somebody(CLERK)
    for path in ("", "/new", f"/{number}", "/import", "/units", "/export.csv"):
        assert clerk.get(f"/complaints{path}").status == 403, path
        assert stranger.get(f"/complaints{path}").status in (303, 401), path


@pytest.mark.parametrize("who", EVERYBODY)
def test_whoever_follows_complaints_sees_the_register(house: House, who: str) -> None:
    number = house.register().id
    browser = house.somebody(who)
    for path in ("", f"/{number}", "/units"):
        page = browser.get(f"/complaints{path}")
        assert page.status == 200, path
        assert "style=" not in text_of(page)
        assert "投诉" in text_of(page)


@pytest.mark.parametrize(
    ("act", "may"),
    [
        ("accept", {HANDLER, MANAGER}),
        ("reply", {HANDLER, MANAGER}),
        ("assign", {GUIDE, INSPECTOR, MANAGER}),
        ("withdraw", {GUIDE, INSPECTOR, MANAGER}),
        ("extend", {INSPECTOR, LEADER, MANAGER}),
        ("reveal", {HANDLER, INSPECTOR, LEADER, MANAGER}),
        ("close", {INSPECTOR, MANAGER}),
    ],
)
def test_an_act_is_only_for_whose_it_is(house: House, act: str, may: set[str]) -> None:
    number = house.register().id
    for who in EVERYBODY:
        browser = house.somebody(who)
        refused = browser.post(f"/complaints/{number}/{act}").status == 403
        assert refused == (who not in may), who
    assert house.somebody(GUIDE).get("/complaints/new").status == 200
    assert house.somebody(HANDLER).get("/complaints/new").status == 403
    assert house.somebody(LEADER).get("/complaints/import").status == 403


def test_a_handler_sees_the_own_unit_alone(house: House) -> None:
    mine, other = house.register(title="环保的"), house.register("form-10000002", unit="FC")
    handler = house.somebody(HANDLER)
    register = text_of(handler.get("/complaints?unit=FC&state="))
    assert "环保的" in register
    assert FORM["title"] not in register
    assert handler.get(f"/complaints/{mine.id}").status == 200
    assert handler.get(f"/complaints/{other.id}").status == 404
    for act in ("accept", "reply", "reveal"):
        assert handler.post(f"/complaints/{other.id}/{act}", reason="x", reply="x").status == 404
    assert "房产局" not in text_of(handler.get("/complaints/units"))
    rows = handler.get("/complaints/export.csv").body.decode("utf-8-sig")
    assert ("环保的" in rows, FORM["title"] in rows) == (True, False)


def test_a_page_of_another_site_changes_nothing(house: House) -> None:
    number = house.register().id
    manager = house.somebody(MANAGER)
    assert manager.post(f"/complaints/{number}/accept", site="cross-site").status == 403
    assert manager.post("/complaints/new", site="cross-site", **FORM).status == 403
    assert [each.state for each in house.all()] == [State.ASSIGNED]


# -- registering -------------------------------------------------------------------------------


def test_a_guide_registers_a_complaint_and_a_second_tap_registers_none(house: House) -> None:
    guide = house.somebody(GUIDE)
    tap = re.search(r'name="tap" value="([^"]+)"', text_of(guide.get("/complaints/new")))
    assert tap
    for _ in range(2):
        answer = guide.post("/complaints/new", **{**FORM, "tap": tap[1]})
        assert (answer.status, answer.headers["Location"]) == (303, "/complaints/1")
    (kept,) = house.all()
    assert (kept.title, kept.complainant, kept.unit) == (FORM["title"], "张三丰", "HB")
    assert "已登记 TS000001。" in text_of(guide.get("/complaints/1"))


def test_every_mistake_stands_beside_its_field_and_what_was_typed_stays(house: House) -> None:
    guide = house.somebody(GUIDE)
    wrong = {**FORM, "title": "", "phone": "打给我", "at": "昨天", "accused": "<b>李四"}
    answer = guide.post("/complaints/new", **wrong)
    page = text_of(answer)
    assert answer.status == 422
    assert "有 3 处需要改正" in page
    for field in ("title", "phone", "at"):
        assert f'id="about-{field}"' in page
    assert FORM["content"] in page
    assert "<b>李四" not in answer.body.decode()
    assert house.all() == []


def test_an_order_that_is_known_is_refused_at_its_number(house: House) -> None:
    guide = house.somebody(GUIDE)
    order = {**FORM, "source": "order", "order_number": "D1", "order_due": "2026-11-24 18:00"}
    assert guide.post("/complaints/new", **order).status == 303
    answer = guide.post("/complaints/new", **{**order, "tap": "form-00000002"})
    assert answer.status == 409
    assert "工单 D1 已登记为 TS000001" in text_of(answer)
    assert "时限</dt><dd>2026-11-24 18:00" in text_of(guide.get("/complaints/1"))


# -- handling ----------------------------------------------------------------------------------


def test_a_complaint_is_accepted_answered_and_closed_on_its_page(house: House) -> None:
    number = house.register().id
    handler, inspector = house.somebody(HANDLER), house.somebody(INSPECTOR)
    for browser, act, fields in (
        (handler, "accept", {}),
        (handler, "reply", {"reply": "已向您致歉。"}),
        (inspector, "close", {}),
    ):
        answer = browser.post(f"/complaints/{number}/{act}", **fields)
        assert (answer.status, answer.headers["Location"]) == (303, f"/complaints/{number}")
    assert house.complaint(number).state is State.CLOSED
    page = text_of(handler.get(f"/complaints/{number}"))
    assert re.findall(r"</span><b>([^<]+)</b>", page) == ["登记", "分派", "受理", "回复", "办结"]
    assert "已向您致歉。" in page
    assert '<span class="badge serving">按时</span>' in page
    assert "提交回复" not in page


def test_a_refused_act_is_told_beside_its_form_and_keeps_what_was_typed(house: House) -> None:
    number = house.register(accused="周承办").id
    handler = house.somebody(HANDLER)
    answer = handler.post(f"/complaints/{number}/reply", reply="没有问题")
    page = text_of(answer)
    assert answer.status == 409
    assert page.index("被投诉人不能承办") < page.index("没有问题</textarea>")
    assert house.complaint(number).reply == ""


def test_an_unknown_complaint_is_not_found(house: House) -> None:
    manager = house.somebody(MANAGER)
    assert manager.get("/complaints/999").status == 404
    assert manager.post("/complaints/999/accept").status == 404


# -- who complained ----------------------------------------------------------------------------


def test_who_complained_is_shown_for_minutes_for_a_reason_that_is_kept(house: House) -> None:
    number = house.register().id
    handler = house.somebody(HANDLER)
    page = f"/complaints/{number}"
    assert ("张三丰" in text_of(handler.get(page)), "张*" in text_of(handler.get(page))) == (
        False,
        True,
    )
    refused = handler.post(f"{page}/reveal", reason=" ")
    assert (refused.status, "张三丰" in text_of(refused)) == (422, False)
    assert house.journal("complaint_revealed") == []
    assert handler.post(f"{page}/reveal", reason="电话核实").status == 303
    answer = handler.get(page)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "张三丰" in text_of(answer)
    assert "13800138000" in text_of(answer)
    assert "张三丰" in text_of(handler.get(page)), "whoever calls looks more than once"
    assert "张三丰" not in text_of(house.somebody(INSPECTOR).get(page))
    house.clock.move(minutes=11)
    assert "张三丰" not in text_of(handler.get(page))
    ((who, told),) = house.journal("complaint_revealed")
    assert (who, told["told"]) == (HANDLER, "电话核实")


def test_no_list_shows_who_complained(house: House) -> None:
    house.register()
    manager = house.somebody(MANAGER)
    for path in ("?state=", "/units", "/export.csv", "/1"):
        shown = manager.get(f"/complaints{path}").body.decode()
        assert "张三丰" not in shown, path
        assert "13800138000" not in shown, path


def test_a_month_with_full_names_is_exported_for_a_reason_that_is_kept(house: House) -> None:
    house.register()
    inspector = house.somebody(INSPECTOR)
    wish = {"month": "2026-11", "kind": "csv"}
    assert inspector.post("/complaints/export", **wish).status == 422
    assert inspector.post("/complaints/export", **{**wish, "month": "x"}).status == 422
    assert house.somebody(HANDLER).post("/complaints/export", **wish).status == 403
    answer = inspector.post("/complaints/export", **wish, reason="报送市局")
    assert "张三丰" in answer.body.decode("utf-8-sig")
    assert house.journal("complaints_revealed") == [
        (INSPECTOR, {"month": "2026-11", "told": "报送市局"})
    ]


# -- the register ------------------------------------------------------------------------------


def test_the_register_begins_with_what_is_open_the_nearest_limit_first(house: House) -> None:
    house.register(title="十五天的")
    house.register("form-10000002", title="五天的", kind="consultation")
    answered = house.register("form-10000003", title="答完的")
    house.rooms.complaints.reply(answered.id, "已整改", HANDLER)
    for number in (1, 2):
        house.rooms.complaints.accept(number, HANDLER)
    page = text_of(house.somebody(INSPECTOR).get("/complaints"))
    assert re.findall(r'data-value="(\S+天的|答完的)"', page) == ["五天的", "十五天的"]


def test_the_register_is_filtered_and_says_in_words_how_near_a_limit_is(house: House) -> None:
    house.register(title="窗口来的", kind="consultation")
    house.register("form-10000002", title="电话来的", source="phone", unit="FC")
    inspector = house.somebody(INSPECTOR)

    def titles(wish: str) -> set[str]:
        page = text_of(inspector.get(f"/complaints?{wish}"))
        return set(re.findall(r">(\S+来的)</a>", page))

    assert titles("month=2026-11") == {"窗口来的", "电话来的"}
    assert titles("source=phone") == titles("unit=FC") == {"电话来的"}
    assert titles("state=replied") == titles("month=2026-10") == set()
    house.clock.move(hours=24 * 10)
    later = text_of(house.somebody(INSPECTOR).get("/complaints"))
    assert '<span class="badge alarm">超期 1 个工作日</span>' in later
    assert '<span class="badge alarm">未按时受理</span>' in later


# -- an order list -----------------------------------------------------------------------------

HEAD = ["工单号", "投诉标题", "投诉人", "投诉内容", "投诉时间", "承办单位", "承诺时限"]
MORE = ["反馈信息", "反馈时间"]


def workbook(rows: list[list[str]]) -> bytes:
    book = openpyxl.Workbook()
    assert book.active
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def published_list() -> list[list[str]]:
    """The published case as an order list: 17 of 25 answered in time, 8 never."""
    rows = [[*HEAD, *MORE]]
    for unit, on_time, unanswered in (
        ("环保局", 1, 0),
        ("房产局", 14, 0),
        ("建设局", 2, 3),
        ("国土局", 0, 5),
    ):
        for each in range(on_time + unanswered):
            order = f"D{len(rows):03d}"
            told = ["已答复", "2026-10-16 15:00"] if each < on_time else ["", ""]
            begun = [order, "办理进度", "王五", "请告知进度。", "2026-10-12 09:00"]
            rows.append([*begun, unit, "2026-10-19 18:00", *told])
    return rows


def adopt(browser: Browser, checked: Answer) -> Answer:
    token = re.search(r'name="token" value="([^"]+)"', text_of(checked))
    assert token
    return browser.post("/complaints/import/adopt", token=token[1])


def test_the_published_case_comes_out_of_an_imported_list(house: House) -> None:
    inspector = house.somebody(INSPECTOR)
    checked = inspector.upload(workbook(published_list()))
    assert checked.status == 200
    assert "新工单 25 件" in text_of(checked)
    assert house.all() == []
    assert adopt(inspector, checked).headers["Location"] == "/complaints/units?month=2026-10"
    table = house.rooms.complaints.units_table("2026-10")
    assert [row["rate"]["text"] for row in table["rows"] if row["count"]] == PUBLISHED_RATES
    assert table["totals"]["rate"]["text"] == "68.00 %"
    page = text_of(inspector.get("/complaints/units?month=2026-10"))
    flat = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    for shown in (
        "环保局 1 1 0 0 0 0 1/1 100.00",
        "房产局 14 14 0 0 0 0 14/14 100.00",
        "建设局 5 2 0 3 0 0 2/5 40.00",
        "国土局 5 0 0 5 0 0 0/5 0.00",
        "合计 25 17 0 8 0 0 17/25 68.00",
    ):
        assert shown in flat


def test_the_same_list_again_imports_nothing(house: House) -> None:
    inspector = house.somebody(INSPECTOR)
    adopt(inspector, inspector.upload(workbook(published_list())))
    again = text_of(inspector.upload(workbook(published_list())))
    assert "25 件都已在册" in again
    assert "导入 25 件工单" not in again
    more = [*published_list(), [*published_list()[1]]]
    more[-1][0] = "D900"
    checked = inspector.upload(workbook(more))
    assert "新工单 1 件，另 25 件已在册" in text_of(checked)
    adopt(inspector, checked)
    assert len(house.all()) == 26


def test_a_checked_list_is_imported_once(house: House) -> None:
    inspector = house.somebody(INSPECTOR)
    checked = inspector.upload(workbook(published_list()))
    assert adopt(inspector, checked).status == 303
    assert adopt(inspector, checked).status == 303, "a double click is told what the first did"
    assert len(house.all()) == 25


def test_every_problem_of_a_list_is_told_by_row_and_cell_and_nothing_is_imported(
    house: House,
) -> None:
    rows = published_list()
    rows[2][1], rows[3][4], rows[4][5] = "", "前天", "消防局"
    rows[6][0] = rows[5][0]
    answer = house.somebody(INSPECTOR).upload(workbook(rows))
    page = text_of(answer)
    assert answer.status == 422
    assert "有 4 处问题" in page
    told = re.findall(r"<td>(第 \d+ 行)</td><td><code>(\w+)</code></td><td>(\S+?)</td>", page)
    assert told == [
        ("第 3 行", "B3", "投诉标题"),
        ("第 4 行", "E4", "投诉时间"),
        ("第 5 行", "F5", "承办单位"),
        ("第 7 行", "A7", "工单号"),
    ]
    assert house.all() == []


@pytest.mark.parametrize(
    ("content", "said"), [(b"", "没有收到文件"), (b"PK!", "不是可读的"), (b"\0\xff", "读不出来")]
)
def test_what_is_no_list_is_refused_in_words(house: House, content: bytes, said: str) -> None:
    answer = house.somebody(INSPECTOR).upload(content)
    assert answer.status == 422
    assert said in text_of(answer)


def test_a_list_as_csv_in_gbk_is_imported_and_its_other_columns_are_named(house: House) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([[*row, "热线办"] for row in published_list()])
    inspector = house.somebody(INSPECTOR)
    checked = inspector.upload(out.getvalue().encode("gb18030"), "工单.csv")
    assert "没有读取的列：热线办" in text_of(checked)
    adopt(inspector, checked)
    assert len(house.all()) == 25


# -- the units ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_month_is_exported_as_table_10(house: House, kind: str) -> None:
    house.register(title="=HYPERLINK(1)")
    answer = house.somebody(INSPECTOR).get(f"/complaints/export.{kind}?month=2026-11")
    assert answer.headers["Cache-Control"] == "no-store"
    if kind == "csv":
        assert answer.body.startswith(b"\xef\xbb\xbf")
        rows = list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig"))))
        assert rows[1][:2] == ["'=HYPERLINK(1)", "张*"]
    else:
        page = openpyxl.load_workbook(io.BytesIO(answer.body)).active
        assert page
        rows = [[str(each or "") for each in row] for row in page.iter_rows(values_only=True)]
        assert rows[1][:2] == ["=HYPERLINK(1)", "张*"]
    assert rows[0][0] == "投诉标题"
    assert rows[1][6:9] == ["20261120T100000", "HB", "环保局"]


def test_a_month_that_is_none_shows_this_month_and_an_unknown_kind_is_not_found(
    house: House,
) -> None:
    inspector = house.somebody(INSPECTOR)
    assert "2026年11月投诉按时回复率" in text_of(inspector.get("/complaints/units?month=2026-13"))
    assert "没有投诉" in text_of(inspector.get("/complaints/units"))
    assert inspector.get("/complaints/export.pdf").status == 404
