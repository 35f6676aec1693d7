"""The manager's pages over HTTP: the figures, the hall as data, people, devices, the workbook."""

import csv
import html
import io
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from secrets import token_hex
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from halls import SMALL_HALL, MovedClock
from paper import FACTS
from servers import Answer

from hall import config
from hall.catalogue import Catalogue, Device, SpecialDay
from hall.refusals import NotAllowed
from kiosk.slip import slip
from manager.workbook import read, write
from server import create_app
from web.current import Rooms
from web.passwords import hash_of

PASSWORD = "a hall's secret"
PAGES = (
    "/manager",
    "/manager?by=department",
    "/manager?by=clerk",
    "/manager?by=service",
    "/manager/catalogue",
    *(f"/manager/catalogue/{kind}" for kind in ("departments", "zones", "services", "windows")),
    "/manager/catalogue/people",
    "/manager/catalogue/services/marriage",
    "/manager/catalogue/services/new",
    "/manager/catalogue/windows/1",
    "/manager/catalogue/special_days",
    "/manager/catalogue/special_days/new",
    "/manager/catalogue/workbook",
    "/manager/devices",
    "/manager/devices/new",
)


@dataclass
class Hall:
    """A hall served within this process, its clock in the test's hand."""

    app: Flask
    clock: MovedClock
    database: Path

    @property
    def rooms(self) -> Rooms:
        found: Rooms = self.app.extensions["hall"]
        return found

    @property
    def catalogue(self) -> Catalogue:
        return self.rooms.register.catalogue()

    def key(self, role: str, window: int | None = None) -> str:
        return self.rooms.register.mint_key(role, f"a {role}", window)[1]

    def get(self, path: str, key: str) -> Answer:
        told = {"Authorization": f"Bearer {key}"}
        with self.app.test_client().get(path, headers=told) as answer:
            return Answer(answer.status_code, dict(answer.headers), answer.data)

    def take(self, service: str) -> None:
        self.rooms.desk.issue(service, f"tap-{token_hex(8)}")

    def serve(self, window: int, service: str, level: str = "") -> None:
        self.take(service)
        visit = self.rooms.desk.call_next(window).visit
        self.rooms.desk.start(window)
        self.clock.move(minutes=5)
        self.rooms.desk.finish(window, "completed")
        if level:
            self.rooms.book.rate(visit, level, "evaluator")


@dataclass
class Browser:
    """Somebody's browser: it keeps cookies and says whose page asks."""

    client: FlaskClient

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, "none")

    def post(self, path: str, site: str = "same-origin", **fields: Any) -> Answer:
        return self._ask("POST", path, site, data=fields)

    def upload(self, path: str, content: bytes) -> Answer:
        file = {"workbook": (io.BytesIO(content), "大厅.xlsx")}
        return self._ask("POST", path, "same-origin", data=file)

    def _ask(self, method: str, path: str, site: str, **more: Any) -> Answer:
        told = {"Accept": "text/html", "Sec-Fetch-Site": site}
        with self.client.open(path, method=method, headers=told, **more) as answer:
            return Answer(answer.status_code, dict(answer.headers), answer.data)

    def sign_in(self, staff_number: str, password: str = PASSWORD, window: str = "") -> Answer:
        fields = {"staff_number": staff_number, "password": password, "window": window}
        return self.post("/sign-in", **fields)


@pytest.fixture(scope="module")
def kept() -> str:
    return hash_of(PASSWORD)


@pytest.fixture
def hall(tmp_path: Path, clock: MovedClock, kept: str) -> Iterator[Hall]:
    told = config.from_dict({"hall": {"name": "云溪县政务服务中心", "always_open": True}})
    app = create_app(told, tmp_path / "hall.db", clock)
    rooms: Rooms = app.extensions["hall"]
    rooms.register.adopt(replace(SMALL_HALL, devices=()))
    for number in ("9000", "9001", "1001"):
        rooms.register.set_password_hash(number, kept)
    yield Hall(app, clock, tmp_path / "hall.db")
    rooms.store.close()


def browser_of(hall: Hall) -> Browser:
    return Browser(hall.app.test_client())


@pytest.fixture
def administrator(hall: Hall) -> Browser:
    browser = browser_of(hall)
    assert browser.sign_in("9000").status == 303
    return browser


@pytest.fixture
def manager(hall: Hall) -> Browser:
    browser = browser_of(hall)
    assert browser.sign_in("9001").status == 303
    return browser


def text_of(answer: Answer) -> str:
    return html.unescape(answer.body.decode())


def fields_of(hall: Hall, code: str = "marriage") -> dict[str, Any]:
    """Return the form of a service as a browser would send it unchanged."""
    service = hall.catalogue.service[code]
    return {
        "name": service.name,
        "name_en": service.name_en,
        "prefix": service.prefix,
        "department": service.department,
        "common": "是" if service.common else [],
        "sort": service.sort,
        "target_minutes": service.target_minutes,
        "usual_minutes": service.usual_minutes,
    }


# -- who may -----------------------------------------------------------------------------------


def test_nobody_sees_a_figure_without_signing_in(hall: Hall) -> None:
    stranger = browser_of(hall)
    for path in PAGES:
        answer = stranger.get(path)
        assert (answer.status, answer.headers["Location"][:8]) == (303, "/sign-in"), path


@pytest.mark.parametrize("role", ["kiosk", "display", "window", "evaluator", "program"])
def test_a_device_of_another_role_sees_no_managers_page(hall: Hall, role: str) -> None:
    window = 1 if role in ("window", "evaluator") else None
    key = hall.key(role, window)
    assert {hall.get(path, key).status for path in PAGES} == {403}


def test_a_clerk_sees_no_managers_page(hall: Hall) -> None:
    clerk = browser_of(hall)
    assert clerk.sign_in("1001", window="1").status == 303
    assert {clerk.get(path).status for path in PAGES} == {403}


def test_a_manager_sees_every_page(manager: Browser) -> None:
    for path in PAGES:
        answer = manager.get(path)
        assert answer.status == 200, path
        assert "style=" not in text_of(answer)
        assert "Content-Security-Policy" in answer.headers


def test_people_and_the_import_are_the_administrators(
    manager: Browser, administrator: Browser
) -> None:
    paths = ("/manager/catalogue/people/1001", "/manager/catalogue/people/new")
    assert [manager.get(path).status for path in paths] == [403, 403]
    assert [administrator.get(path).status for path in paths] == [200, 200]
    password = "/manager/catalogue/people/1001/password"
    assert manager.post(password).status == 403
    assert manager.post("/manager/catalogue/people/1001/retire").status == 403
    assert manager.upload("/manager/catalogue/workbook/check", b"").status == 403
    assert manager.post("/manager/catalogue/workbook/adopt").status == 403
    assert "系统管理员" in text_of(manager.get("/manager/catalogue/people"))


def test_a_page_of_another_site_changes_nothing(hall: Hall, administrator: Browser) -> None:
    before = administrator.get("/manager/devices").body
    for path in (
        "/manager/catalogue/services/marriage",
        "/manager/catalogue/services/marriage/retire",
        "/manager/catalogue/people/1001/password",
        "/manager/devices/new",
    ):
        fields = {**fields_of(hall), "name": "别人的名字", "role": "manager"}
        assert administrator.post(path, site="cross-site", **fields).status == 403
    assert hall.catalogue.service["marriage"].name == "婚姻登记"
    assert hall.catalogue.service["marriage"].active
    assert administrator.get("/manager/devices").body == before


def test_asking_for_an_act_does_nothing(administrator: Browser, hall: Hall) -> None:
    for path in ("services/marriage/retire", "people/1001/password", "services/marriage/restore"):
        assert administrator.get(f"/manager/catalogue/{path}").status in (404, 405)
    assert hall.catalogue.service["marriage"].active


# -- the month ---------------------------------------------------------------------------------


def rated_morning(hall: Hall) -> str:
    """Serve four, rate three of them, let one wait, and return the month."""
    for window in (1, 2, 3):
        hall.rooms.desk.open(window)
    hall.serve(1, "marriage", "very_satisfied")
    hall.serve(1, "marriage", "very_dissatisfied")
    hall.serve(2, "marriage")
    hall.serve(3, "estate", "satisfied")
    hall.take("marriage")
    return "2026-11"


def cells_of(page: str) -> dict[str, list[str]]:
    """Return the figures of the month's table by window: what a script would sort by."""
    found = {}
    body = page[page.index("<tbody>") : page.index("</tbody>")]
    for row in body.split("<tr>")[1:]:
        values = re.findall(r'data-value="([^"]*)"', row)
        found[values[0]] = values[2:]
    return found


def raw_counts(hall: Hall) -> dict[str, tuple[int, int, int]]:
    """Return served, rated and content ratings by window, counted in the records themselves."""
    with sqlite3.connect(hall.database) as file:
        served_at = dict(
            file.execute("select window, count(*) from visit where state = 'done' group by window")
        )
        rated = dict(file.execute("select window, count(*) from rating group by window"))
        content = dict(
            file.execute(
                "select window, count(*) from rating where level like '%satisfied' "
                "and level not like '%dissatisfied' group by window"
            )
        )
    file.close()
    return {
        str(no): (served_at.get(no, 0), rated.get(no, 0), content.get(no, 0)) for no in range(1, 5)
    }


def test_screen_files_interface_and_records_say_the_same(hall: Hall, manager: Browser) -> None:
    month = rated_morning(hall)
    raw = raw_counts(hall)
    assert raw == {"1": (2, 2, 1), "2": (1, 0, 0), "3": (1, 1, 1), "4": (0, 0, 0)}
    key = hall.key("manager")
    table = hall.get(f"/api/v1/months/{month}", key).json
    api = {
        row["key"]: (row["served"], row["rated"], row["satisfaction"]["numerator"])
        for row in table["rows"]
    }
    assert api == raw

    page = text_of(manager.get(f"/manager?month={month}"))
    screen = cells_of(page)
    for row in table["rows"]:
        shown = screen[row["key"]]
        percents = [row[name]["percent"] for name in ("satisfaction", "rating_rate")]
        assert shown[1] == str(row["served"])
        assert shown[3:9] == [*(str(each) for each in row["levels"].values()), str(row["rated"])]
        assert shown[9:11] == ["" if each is None else str(each) for each in percents]
        parts = row["satisfaction"]
        assert f"{parts['numerator']}/{parts['denominator']}</span>" in page

    path = f"/manager/months/{month}/export"
    lines = list(csv.DictReader(io.StringIO(manager.get(f"{path}.csv").body.decode("utf-8-sig"))))
    file = {
        row["窗口号"]: (
            int(row["办件"]),
            int(row["有效评价合计"]),
            int(row["满意率分子（满意件数）"]),
        )
        for row in lines[:-1]
    }
    assert file == raw
    assert (
        manager.get(f"{path}.csv").body == hall.get(f"/api/v1/months/{month}/export.csv", key).body
    )
    sheet = openpyxl.load_workbook(io.BytesIO(manager.get(f"{path}.xlsx").body)).worksheets[0]
    workbook = {
        str(row[0]): (row[4], row[11], row[12])
        for row in sheet.iter_rows(min_row=5, max_row=8, values_only=True)
    }
    assert workbook == raw


def test_every_window_has_a_row_at_zero_too(manager: Browser) -> None:
    page = text_of(manager.get("/manager"))
    screen = cells_of(page)
    assert list(screen) == ["1", "2", "3", "4"]
    assert screen["4"][9:11] == ["", ""]
    assert "没有办件，也没有评价" in page
    assert page.count("—</span>") >= 8


def test_an_unknown_month_or_scope_is_refused_with_a_sentence(manager: Browser) -> None:
    for path in ("/manager?month=2026-13", "/manager?month=x", "/manager?by=weather"):
        answer = manager.get(path)
        assert answer.status == 422
        assert "Traceback" not in text_of(answer)
    assert manager.get("/manager/months/2026-11/export.exe").status == 404
    assert manager.get("/manager/months/2026-99/export.csv").status == 422


def test_the_file_has_a_chinese_name(manager: Browser) -> None:
    answer = manager.get("/manager/months/2026-11/export.xlsx?by=clerk")
    assert answer.status == 200
    assert "UTF-8''%E6%9C%8D%E5%8A%A1" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_today_is_counted(hall: Hall, manager: Browser) -> None:
    rated_morning(hall)
    page = text_of(manager.get("/manager"))
    today = re.sub(r"<[^>]+>|\s", "", page[page.index('class="today"') : page.index("month-head")])
    assert "等候1人" in today
    assert "已办4件" in today
    assert "开放窗口3/4" in today


def test_the_old_address_of_the_trend_leads_to_the_dashboard(manager: Browser) -> None:
    answer = manager.get("/manager/trend")
    assert (answer.status, answer.headers["Location"]) == (301, "/dashboard?kind=year")


# -- the hall as data --------------------------------------------------------------------------


def test_a_service_is_renamed_and_the_whole_hall_knows(hall: Hall, manager: Browser) -> None:
    fields = {**fields_of(hall), "name": "婚姻登记（含涉外）", "common": []}
    assert manager.post("/manager/catalogue/services/marriage", **fields).status == 303
    assert "“婚姻登记（含涉外）”已保存" in text_of(manager.get("/manager/catalogue/services"))
    assert "已保存" not in text_of(manager.get("/manager/catalogue/services"))
    services = hall.get("/api/v1/services", hall.key("kiosk")).json
    assert [each["name"] for each in services if each["code"] == "marriage"] == [fields["name"]]
    assert not hall.catalogue.service["marriage"].common


def test_everything_that_is_wrong_is_said_at_once_beside_its_field(
    hall: Hall, manager: Browser
) -> None:
    fields = {**fields_of(hall), "name": " ", "prefix": "一", "usual_minutes": "很久"}
    answer = manager.post("/manager/catalogue/services/marriage", **{**fields, "sort": ""})
    page = text_of(answer)
    assert answer.status == 422
    assert "有 3 处需要改正" in page
    for name in ("name", "prefix", "usual_minutes"):
        assert re.search(rf'<small class="error" id="error-{name}">[^<]+', page), name
    assert 'value="很久"' in page
    assert hall.catalogue.service["marriage"].name == "婚姻登记"


def test_a_new_thing_needs_a_code_of_its_own(hall: Hall, manager: Browser) -> None:
    fields = {"code": "MZ", "name": "民政二局"}
    answer = manager.post("/manager/catalogue/departments/new", **fields)
    assert answer.status == 422
    assert "“MZ”已经有了（民政局）" in text_of(answer)
    added = manager.post("/manager/catalogue/departments/new", code="MZ2", name="民政二局")
    assert added.status == 303
    assert hall.catalogue.department["MZ2"].name == "民政二局"
    assert hall.catalogue.department["MZ"].name == "民政局"


def test_the_services_of_a_window_keep_their_order(hall: Hall, manager: Browser) -> None:
    fields: dict[str, Any] = {
        "name": "",
        "zone": "1F",
        "department": "MZ",
        "services": ["advice", "marriage"],
    }
    assert manager.post("/manager/catalogue/windows/1", **fields).status == 303
    assert hall.catalogue.window[1].services == ("advice", "marriage")


def test_a_service_gets_days_hours_and_quotas_of_its_own(hall: Hall, manager: Browser) -> None:
    fields = {
        **fields_of(hall),
        "open_weekdays": "周一、周三",
        "open_hours": "9:00-11:30",
        "quota_morning": "20",
        "quota_afternoon": "",
    }
    assert manager.post("/manager/catalogue/services/marriage", **fields).status == 303
    service = hall.catalogue.service["marriage"]
    assert (service.open_weekdays, service.open_hours) == ("13", "09:00-11:30")
    assert (service.quota_morning, service.quota_afternoon) == (20, 0)
    page = text_of(manager.get("/manager/catalogue/services/marriage"))
    assert 'value="09:00-11:30"' in page
    assert "办理星期" in text_of(manager.get("/manager/catalogue/services"))


@pytest.mark.parametrize(
    ("field", "value"),
    [("open_weekdays", "工作日"), ("open_hours", "上午"), ("quota_morning", "10000")],
)
def test_a_service_with_times_that_cannot_be_is_refused_beside_its_field(
    hall: Hall, manager: Browser, field: str, value: str
) -> None:
    answer = manager.post(
        "/manager/catalogue/services/marriage", **{**fields_of(hall), field: value}
    )
    assert answer.status == 422
    assert f'id="error-{field}"' in text_of(answer)
    assert hall.catalogue.service["marriage"].open_weekdays == ""


def test_a_window_helps_with_a_service_it_serves(hall: Hall, manager: Browser) -> None:
    fields: dict[str, Any] = {
        "name": "",
        "zone": "1F",
        "department": "MZ",
        "services": ["marriage", "advice"],
        "helping": ["advice"],
    }
    assert manager.post("/manager/catalogue/windows/1", **fields).status == 303
    assert hall.catalogue.window[1].helping == ("advice",)
    page = text_of(manager.get("/manager/catalogue/windows/1"))
    assert re.search(r'name="helping" value="advice"[^>]*checked', page)
    assert not re.search(r'name="helping" value="marriage"[^>]*checked', page)
    wrong = manager.post("/manager/catalogue/windows/1", **{**fields, "helping": ["estate"]})
    assert (wrong.status, 'id="error-helping"' in text_of(wrong)) == (422, True)
    assert manager.post("/manager/catalogue/windows/1", **{**fields, "helping": []}).status == 303
    assert not hall.catalogue.window[1].helping


def test_a_special_day_is_added_changed_and_taken_back(hall: Hall, manager: Browser) -> None:
    place = "/manager/catalogue/special_days"
    assert "还没有特殊日期" in text_of(manager.get(place))
    added = manager.post(f"{place}/new", day="2026-12-31", hours="", note="系统升级")
    assert (added.status, added.headers["Location"]) == (303, place)
    assert hall.catalogue.special_days == (SpecialDay("2026-12-31", note="系统升级"),)
    listed = text_of(manager.get(place))
    assert f'<a href="{place}/2026-12-31">2026-12-31</a>' in listed
    assert "系统升级”已添加" in listed
    assert "休息" in listed
    again = manager.post(f"{place}/new", day="2026-12-31", hours="", note="")
    assert (again.status, "已经有了" in text_of(again)) == (422, True)
    fields = {"open": "是", "hours": "09:00-12:00", "note": "只开上午"}
    assert manager.post(f"{place}/2026-12-31", **fields).status == 303
    assert hall.catalogue.special_days == (
        SpecialDay("2026-12-31", open=True, hours="09:00-12:00", note="只开上午"),
    )
    wrong = manager.post(f"{place}/2026-12-31", **{**fields, "hours": "早上"})
    assert (wrong.status, 'id="error-hours"' in text_of(wrong)) == (422, True)
    assert manager.post(f"{place}/2026-12-31/retire").status == 303
    assert "2026-12-31" not in hall.catalogue.special_day
    assert manager.post(f"{place}/new", day="2026-12-31", hours="", note="").status == 303
    assert hall.catalogue.special_days == (SpecialDay("2026-12-31"),)


def test_a_special_day_needs_a_day(hall: Hall, manager: Browser) -> None:
    for day in ("", "国庆", "2026-02-30"):
        answer = manager.post("/manager/catalogue/special_days/new", day=day, hours="", note="")
        assert answer.status == 422
        assert 'id="error-day"' in text_of(answer)
    assert hall.catalogue.special_days == ()


def test_a_retired_service_gives_no_tickets_and_keeps_its_history(
    hall: Hall, manager: Browser
) -> None:
    month = rated_morning(hall)
    assert manager.post("/manager/catalogue/services/estate/retire").status == 303
    with pytest.raises(NotAllowed):
        hall.take("estate")
    rows = hall.get(f"/api/v1/months/{month}?by=service", hall.key("manager")).json["rows"]
    assert [row["served"] for row in rows if row["key"] == "estate"] == [1]
    assert manager.post("/manager/catalogue/services/estate/restore").status == 303
    hall.take("estate")


def test_what_is_still_used_is_not_retired(hall: Hall, manager: Browser) -> None:
    answer = manager.post("/manager/catalogue/departments/MZ/retire")
    assert answer.status == 409
    assert "没有停用" in text_of(answer)
    assert "MZ" in hall.catalogue.department


def test_a_name_is_shown_as_it_is_and_never_run(hall: Hall, manager: Browser) -> None:
    name = "<script>alert(1)</script>&\"'"
    fields = {**fields_of(hall), "name": name}
    assert manager.post("/manager/catalogue/services/marriage", **fields).status == 303
    for path in ("/manager/catalogue/services", "/manager?by=service"):
        page = manager.get(path).body.decode()
        assert "<script>alert" not in page
        assert name in html.unescape(page)


def test_an_unknown_thing_is_not_found(manager: Browser) -> None:
    for path in ("services/nothing", "windows/99", "people/404", "dragons", "departments/a/b"):
        assert manager.get(f"/manager/catalogue/{path}").status in (403, 404)
    assert manager.get("/manager/devices/99").status == 404


# -- people ------------------------------------------------------------------------------------


def test_a_new_password_is_shown_once_and_replaces_the_old(
    hall: Hall, administrator: Browser
) -> None:
    answer = administrator.post("/manager/catalogue/people/9001/password")
    shown = re.search(r'<output id="password">([a-z0-9-]+)</output>', text_of(answer))
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert shown
    assert browser_of(hall).sign_in("9001").headers["Location"] == "/sign-in"
    # somebody else has seen it: it is changed before anything else
    assert browser_of(hall).sign_in("9001", shown[1]).headers["Location"] == "/sign-in/password"
    assert shown[1] not in text_of(administrator.get("/manager/catalogue/people/9001"))
    assert shown[1].encode() not in hall.database.read_bytes()


def test_the_last_administrator_stays(hall: Hall, administrator: Browser) -> None:
    fields = {"name": "管理员", "role": "clerk", "post": "", "department": "", "window": ""}
    answer = administrator.post("/manager/catalogue/people/9000", **fields)
    assert (answer.status, "最后一位系统管理员" in text_of(answer)) == (422, True)
    assert administrator.post("/manager/catalogue/people/9000/retire").status == 409
    assert hall.catalogue.person["9000"].role == "administrator"


def test_who_is_retired_is_out_at_once(
    hall: Hall, administrator: Browser, manager: Browser
) -> None:
    assert manager.get("/manager").status == 200
    assert administrator.post("/manager/catalogue/people/9001/retire").status == 303
    assert manager.get("/manager").status == 303


def test_a_guide_is_a_role_of_its_own(hall: Hall, administrator: Browser) -> None:
    page = text_of(administrator.get("/manager/catalogue/people/new"))
    assert '<option value="guide">导办员</option>' in page
    fields = {"staff_number": "8001", "name": "吴导办", "role": "guide", "post": "咨询台"}
    added = administrator.post(
        "/manager/catalogue/people/new", **fields, department="", window="", sort=""
    )
    assert added.status == 303
    assert hall.catalogue.person["8001"].role == "guide"
    assert "导办员" in text_of(administrator.get("/manager/catalogue/people"))


# -- devices -----------------------------------------------------------------------------------


def minted(answer: Answer) -> str:
    """Return the key a page shows."""
    found = re.search(r'id="key" readonly value="([^"]+)"', text_of(answer))
    assert found, text_of(answer)
    return found[1]


def add_evaluator(browser: Browser, tap: str = "tap-1") -> Answer:
    fields = {"tap": tap, "role": "evaluator", "name": "1号评价器", "window": "1", "zone": ""}
    return browser.post("/manager/devices/new", **fields, printer="")


def test_a_minted_key_is_shown_once_with_its_link(hall: Hall, manager: Browser) -> None:
    answer = add_evaluator(manager)
    key = minted(answer)
    assert f'value="http://localhost/enter#{key}"' in text_of(answer)
    assert "data:image/svg+xml;base64," in text_of(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    assert hall.get("/api/v1/windows", key).status == 200
    assert key not in text_of(manager.get("/manager/devices"))


def test_the_same_form_twice_makes_one_device(hall: Hall, manager: Browser) -> None:
    minted(add_evaluator(manager))
    again = add_evaluator(manager)
    assert (again.status, again.headers["Location"]) == (303, "/manager/devices/1")
    assert len(hall.catalogue.devices) == 1


def test_a_new_key_replaces_the_old_and_revoking_ends_it(hall: Hall, manager: Browser) -> None:
    first = minted(add_evaluator(manager))
    second = minted(manager.post("/manager/devices/1/key"))
    assert [hall.get("/api/v1/windows", key).status for key in (first, second)] == [401, 200]
    assert "勾选确认" in text_of(manager.post("/manager/devices/1/revoke"))
    assert hall.get("/api/v1/windows", second).status == 200, "nobody has confirmed it"
    assert manager.post("/manager/devices/1/revoke", confirm="是").status == 303
    assert hall.get("/api/v1/windows", second).status == 401
    third = minted(manager.post("/manager/devices/1/key"))
    assert hall.get("/api/v1/windows", third).status == 200


@pytest.mark.parametrize("revoked_first", [False, True])
def test_reloading_the_page_of_a_new_key_makes_no_other_key(
    hall: Hall, manager: Browser, revoked_first: bool
) -> None:
    minted(add_evaluator(manager))
    if revoked_first:
        manager.post("/manager/devices/1/revoke", confirm="是")
    found = re.search(r'name="tap" value="([^"]+)"', text_of(manager.get("/manager/devices/1")))
    assert found, "the form carries a tap"
    key = minted(manager.post("/manager/devices/1/key", tap=found[1]))
    reloaded = manager.post("/manager/devices/1/key", tap=found[1])
    assert (reloaded.status, reloaded.headers["Location"]) == (303, "/manager/devices/1")
    assert "密钥已经换发" in text_of(manager.get("/manager/devices/1"))
    assert hall.get("/api/v1/windows", key).status == 200, "the device just set up lives"


@pytest.mark.parametrize(
    ("host", "warned"),
    [
        ("127.0.0.1:8000", True),
        ("localhost", True),
        ("[::1]:8000", True),
        ("127.8.1.1", True),
        ("10.20.0.5:8000", False),
        ("dating.localhost.example.cn", False),
    ],
)
def test_a_key_link_that_works_on_the_server_alone_is_warned_of(
    hall: Hall, manager: Browser, host: str, warned: bool
) -> None:
    minted(add_evaluator(manager))
    with hall.app.test_client() as elsewhere:
        key = hall.key("manager")
        told = {"Host": host, "Authorization": f"Bearer {key}"}
        page = elsewhere.post("/manager/devices/1/key", headers=told).text
    assert f"http://{host}/enter#" in page
    assert ("public_url" in page) is warned
    assert ("别的机器打不开" in page) is warned


def test_a_key_link_of_a_hall_that_names_its_address_is_not_warned_of(
    tmp_path: Path, clock: MovedClock
) -> None:
    told = config.from_dict({"hall": {"public_url": "http://10.20.0.5:8000"}})
    app = create_app(told, tmp_path / "hall.db", clock)
    rooms: Rooms = app.extensions["hall"]
    rooms.register.adopt(replace(SMALL_HALL, devices=()))
    _, key = rooms.register.mint_key("manager", "a manager")
    header = {"Authorization": f"Bearer {key}"}
    page = app.test_client().post("/manager/devices/1/key", headers=header).text
    rooms.store.close()
    assert "http://10.20.0.5:8000/enter#" in page
    assert "别的机器打不开" not in page


def test_the_strip_and_the_devices_page_count_the_same_printers(
    hall: Hall, manager: Browser
) -> None:
    register, printers = hall.rooms.register, hall.rooms.printers
    for name in ("1号取号机", "2号取号机"):
        register.mint_key("kiosk", name, None, "1F", "fake:")
    waits = register.save(Device(None, "kiosk", "3号取号机", None, "1F", "fake:"))  # for its key
    assert isinstance(waits, Device)
    gone, _ = register.mint_key("kiosk", "4号取号机", None, "1F", "fake:gone")
    register.revoke(gone.id or 0)
    strip, page = text_of(manager.get("/manager")), text_of(manager.get("/manager/devices"))
    assert (page.count(">未知<"), page.count(">未启用<")) == (2, 2)
    assert ">2 台未知<" in strip
    assert printers.submit("fake:", slip(FACTS)).wait(5) == "printed"
    strip, page = text_of(manager.get("/manager")), text_of(manager.get("/manager/devices"))
    assert (page.count(">正常<"), page.count(">未启用<")) == (2, 2)
    assert ">2 台正常<" in strip
    assert ">未启用<" in text_of(manager.get(f"/manager/devices/{waits.id}"))
    printers.printer("fake:").out_of_paper = True
    assert printers.submit("fake:", slip(FACTS)).wait(5) == "failed"
    strip, page = text_of(manager.get("/manager")), text_of(manager.get("/manager/devices"))
    assert page.count(">缺纸<") == 2
    assert ">2 台需要处理<" in strip


def test_a_device_tells_when_it_was_last_seen(hall: Hall, manager: Browser) -> None:
    key = minted(add_evaluator(manager))
    assert "未连接" in text_of(manager.get("/manager/devices"))
    hall.get("/api/v1/windows", key)
    assert ">在线<" in text_of(manager.get("/manager/devices"))


@pytest.mark.parametrize(
    ("field", "value"),
    [("window", "99"), ("window", ""), ("role", "emperor"), ("name", ""), ("printer", "usb:1")],
)
def test_a_device_that_cannot_be_is_refused_beside_its_field(
    hall: Hall, manager: Browser, field: str, value: str
) -> None:
    fields = {"role": "evaluator", "name": "评价器", "window": "1", "zone": "", "printer": ""}
    answer = manager.post("/manager/devices/new", **{**fields, field: value})
    assert answer.status == 422
    assert f'id="error-{field}"' in text_of(answer)
    assert hall.catalogue.devices == ()


def test_a_test_slip_comes_out_or_says_why_not(hall: Hall, manager: Browser) -> None:
    fields = {"tap": "t", "role": "kiosk", "name": "1号取号机", "window": "", "zone": "1F"}
    minted(manager.post("/manager/devices/new", **fields, printer="fake:"))
    assert manager.post("/manager/devices/1/test-slip").status == 303
    assert "测试小票已" in text_of(manager.get("/manager/devices/1"))
    add_evaluator(manager)
    assert manager.post("/manager/devices/2/test-slip").status == 404


# -- the workbook ------------------------------------------------------------------------------

CHECK = "/manager/catalogue/workbook/check"
ADOPT = "/manager/catalogue/workbook/adopt"


def workbook_of(hall: Hall) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(write(hall.catalogue)))


def rename_marriage(book: openpyxl.Workbook, name: str | None) -> str:
    """Write another name for 婚姻登记 and return its cell."""
    for row in book["业务"].iter_rows(min_row=2):
        if row[0].value == "marriage":
            row[1].value = name
            return str(row[1].coordinate)
    raise AssertionError("no marriage in the workbook")


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def token_of(answer: Answer) -> str:
    found = re.search(r'name="token" value="([^"]+)"', text_of(answer))
    assert found, text_of(answer)
    return found[1]


def test_the_exported_workbook_is_the_hall(hall: Hall, manager: Browser) -> None:
    content = manager.get("/manager/catalogue/workbook.xlsx").body
    there = hall.catalogue
    back = read(content)
    assert (back.services, back.windows, back.people) == (
        there.services,
        there.windows,
        there.people,
    )


def test_a_double_click_on_the_import_is_told_what_the_first_click_did(
    hall: Hall, administrator: Browser
) -> None:
    book = workbook_of(hall)
    rename_marriage(book, "婚姻登记与档案")
    token = token_of(administrator.upload(CHECK, saved(book)))
    for _ in range(2):
        answer = administrator.post(ADOPT, token=token)
        assert (answer.status, answer.headers["Location"]) == (303, "/manager/catalogue")
    assert "已导入：业务。" in text_of(administrator.get("/manager/catalogue"))
    assert hall.catalogue.service["marriage"].name == "婚姻登记与档案"


def test_an_import_that_is_not_known_any_more_claims_nothing(administrator: Browser) -> None:
    answer = administrator.post(ADOPT, token="of-a-server-before-this-one")
    assert answer.status == 404
    assert "什么都没有改变" not in text_of(answer)
    assert "这一次没有导入" in text_of(answer)


def test_the_check_names_every_bad_cell_and_changes_nothing(
    hall: Hall, administrator: Browser
) -> None:
    book = workbook_of(hall)
    nameless = rename_marriage(book, None)
    book["业务"]["D3"] = "12"
    book["窗口"]["A3"] = "三"
    answer = administrator.upload(CHECK, saved(book))
    page = text_of(answer)
    assert answer.status == 422
    assert "没有导入任何内容" in page
    cells = re.findall(r"<td>([^<]+)</td><td><code>([A-Z]+\d+)</code>", page)
    assert {("业务", nameless), ("业务", "D3"), ("窗口", "A3")} <= set(cells)
    assert hall.catalogue.service["marriage"].name == "婚姻登记"


def test_an_import_changes_what_it_said_and_only_after_the_yes(
    hall: Hall, administrator: Browser
) -> None:
    book = workbook_of(hall)
    rename_marriage(book, "婚姻登记与档案")
    book["业务"].append(["lamp", "路灯报修", None, "L", "MZ"])
    checked = administrator.upload(CHECK, saved(book))
    page = text_of(checked)
    assert "检查通过，还没有导入" in page
    assert "路灯报修" in page
    assert "婚姻登记与档案" in page
    assert "lamp" not in hall.catalogue.service
    token = token_of(checked)
    assert administrator.post(ADOPT, token=token).status == 303
    assert hall.catalogue.service["marriage"].name == "婚姻登记与档案"
    assert "lamp" in hall.catalogue.service


def test_what_changed_after_the_check_is_not_overwritten(
    hall: Hall, administrator: Browser
) -> None:
    book = workbook_of(hall)
    rename_marriage(book, "婚姻登记与档案")
    token = token_of(administrator.upload(CHECK, saved(book)))
    fields = {**fields_of(hall, "estate"), "name": "不动产综合"}
    assert administrator.post("/manager/catalogue/services/estate", **fields).status == 303
    assert administrator.post(ADOPT, token=token).status == 409
    assert hall.catalogue.service["estate"].name == "不动产综合"
    assert hall.catalogue.service["marriage"].name == "婚姻登记"


def test_an_older_workbook_leaves_special_days_alone(hall: Hall, administrator: Browser) -> None:
    hall.rooms.register.save(SpecialDay("2026-12-31", note="系统升级"))
    book = workbook_of(hall)
    del book["特殊日期"]
    rename_marriage(book, "婚姻登记与档案")
    checked = administrator.upload(CHECK, saved(book))
    assert "检查通过" in text_of(checked)
    assert administrator.post(ADOPT, token=token_of(checked)).status == 303
    assert hall.catalogue.service["marriage"].name == "婚姻登记与档案"
    assert hall.catalogue.special_days == (SpecialDay("2026-12-31", note="系统升级"),)


def test_a_special_day_that_the_workbook_leaves_out_is_named_and_retired(
    hall: Hall, administrator: Browser
) -> None:
    hall.rooms.register.save(SpecialDay("2026-12-31", note="系统升级"))
    book = workbook_of(hall)
    book["特殊日期"].delete_rows(2)
    checked = administrator.upload(CHECK, saved(book))
    assert "2026-12-31 系统升级" in text_of(checked)
    assert administrator.post(ADOPT, token=token_of(checked)).status == 303
    assert hall.catalogue.special_days == ()


def test_an_import_never_locks_everybody_out(hall: Hall, administrator: Browser) -> None:
    book = workbook_of(hall)
    people = book["人员"]
    for row in people.iter_rows(min_row=2):
        if row[2].value == "系统管理员":
            row[2].value = "管理人员"
    answer = administrator.upload(CHECK, saved(book))
    assert (answer.status, "没有启用的系统管理员" in text_of(answer)) == (422, True)


@pytest.mark.parametrize("content", [b"", b"no workbook", b"PK\x03\x04broken"])
def test_a_file_that_is_no_workbook_is_refused_kindly(
    administrator: Browser, content: bytes
) -> None:
    answer = administrator.upload(CHECK, content)
    assert answer.status == 422
    assert "XLSX" in text_of(answer)
    assert "Traceback" not in text_of(answer)
