"""The pages of the monitor: who sees them, forms that come twice, files, what is told outside."""

import csv
import html
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from halls import MovedClock
from test_complaint_pages import House, text_of
from test_complaints import GUIDE, HALL, HANDLER, INSPECTOR

from hall import config
from hall.catalogue import Department
from kiosk.printing import Condition, PrinterState
from monitor.monitor import Monitor, Wanted
from monitor.rules import DEFAULTS, Kind
from outbox.notifiers import ALARM_TEXT
from outbox.receivers import Receivers
from server import create_app, ticks_of
from web.current import Rooms
from web.passwords import hash_of

PASSWORD = "a hall's secret"
LEADER, MANAGER, CLERK = "7201", "9001", "1001"
EVIL = "=cmd|' /C calc'!A0<script>alert(1)</script>"
CAMERA = "https://video.example.cn/{window}?from={start}"
TODAY = Wanted("2026-11-20", "2026-11-20")


@pytest.fixture(scope="module")
def kept() -> str:
    return hash_of(PASSWORD)


@pytest.fixture
def house(tmp_path: Path, clock: MovedClock, kept: str) -> Iterator[House]:
    """A hall at ten with windows 1 and 3 open, whose unit has a name that means harm."""
    told = config.from_dict(
        {
            "hall": {"name": "云溪县政务服务中心", "weekdays": "1234567", "holidays": False},
            "monitor": {"camera_url": CAMERA},
        }
    )
    app = create_app(told, tmp_path / "hall.db", clock)
    rooms: Rooms = app.extensions["hall"]
    rooms.register.adopt(HALL)
    rooms.register.save(Department("BDC", EVIL, "Evil", 2))
    for number in (LEADER, MANAGER, INSPECTOR, GUIDE, HANDLER, CLERK):
        rooms.register.set_password_hash(number, kept)
    rooms.desk.open(1)
    rooms.desk.open(3)
    yield House(rooms, clock, app)
    rooms.store.close()


def late(house: House) -> int:
    """Let somebody wait for fifty minutes while a window pauses, and return the wait's alarm."""
    house.rooms.desk.issue("estate", "tap-00000001")
    house.rooms.desk.pause(3, EVIL[:40])
    house.clock.move(minutes=50)
    monitor_of(house).tick()
    (found,) = [each for each in monitor_of(house).find(TODAY) if each.kind is Kind.WAIT]
    return found.id


def monitor_of(house: House) -> Monitor:
    return house.rooms.monitor


def rules_form(house: House, **changed: str) -> dict[str, str]:
    """Return the form of the rules as the page sends it, with some fields changed."""
    rules = monitor_of(house).rules()
    fields = {"version": str(rules.version), "note": "试行"}
    for each in rules.rules:
        fields[f"{each.kind.value}.escalate_minutes"] = str(each.escalate_minutes)
        if each.active:
            fields[f"{each.kind.value}.active"] = "on"
        if each.kind not in (Kind.PRINTER, Kind.LIMIT):
            fields[f"{each.kind.value}.yellow"] = str(each.yellow)
            fields[f"{each.kind.value}.red"] = str(each.red)
    told = {name.replace("__", "."): value for name, value in changed.items()}
    return {name: value for name, value in {**fields, **told}.items() if value}


# -- the whole hall ----------------------------------------------------------------------------


def test_the_page_and_its_json_tell_the_same_hall(house: House) -> None:
    late(house)
    browser = house.somebody(MANAGER)
    page = browser.get("/monitor")
    told = browser.get("/monitor/board.json")
    assert (page.status, told.status) == (200, 200)
    assert told.headers["Cache-Control"] == "no-store"
    board = told.json
    assert board["lines"][0]["name"] == "不动产登记"

    first = re.search(r"id=\"page-data\">(.+?)</script>", page.body.decode())
    assert first
    assert "u003cscript" in first[1]  # a pause's reason ends no script
    assert "<script>alert" not in page.body.decode()


def test_whoever_only_handles_or_guides_sees_no_monitor(house: House) -> None:
    for number in (HANDLER, GUIDE, CLERK):
        assert house.somebody(number).get("/monitor").status == 403
    for number in (INSPECTOR, LEADER, MANAGER):
        page = house.somebody(number).get("/monitor")
        assert page.status == 200
        assert ">实时监控</a>" in text_of(page)


def test_an_alarm_opens_its_windows_camera_at_its_minute(house: House) -> None:
    late(house)
    alarms = house.somebody(LEADER).get("/monitor/board.json").json["alarms"]
    links = {each["kind"]: each["camera"] for each in alarms}
    assert links["暂停过久"] == (
        "https://video.example.cn/3?from=2026-11-20T10%3A49%3A00%2B08%3A00"
    )
    assert links["等候超时"] == ""  # a line stands before no camera


def test_an_alarm_is_acknowledged_once_by_whoever_is_first(house: House) -> None:
    number = late(house)
    address = f"/monitor/alarms/{number}/acknowledge"
    leader, manager = house.somebody(LEADER), house.somebody(MANAGER)
    empty = leader.post(address, words="")
    assert (empty.status, "请写明怎样处置" in text_of(empty)) == (422, True)
    for _ in range(2):
        done = leader.post(address, words="已加开")
        assert (done.status, done.headers["Location"]) == (303, "/monitor")
    assert "已确认：“不动产登记”" in text_of(leader.get("/monitor"))
    other = manager.post(address, words="我来")
    assert (other.status, "已由孙领导确认" in text_of(other)) == (409, True)
    assert manager.post("/monitor/alarms/999/acknowledge", words="我来").status == 404
    assert leader.post(address, site="cross-site", words="已加开").status == 403


# -- the ledger --------------------------------------------------------------------------------


def test_the_ledger_filters_and_survives_any_address(house: House) -> None:
    late(house)
    browser = house.somebody(INSPECTOR)

    def rows(query: str) -> int:
        return text_of(browser.get(f"/monitor/alarms{query}")).count("规则第 1 版")

    whole = rows("")
    assert whole >= 2
    assert rows("?kind=wait") == rows("?window=3") == 1
    assert rows("?kind=nothing&window=x&first=bad&last=9999-99-99") == whole
    assert rows("?first=2026-11-01&last=2026-11-19") == 0
    assert "没有这样的告警" in text_of(browser.get("/monitor/alarms?window=2&kind=wait"))
    assert "<script>alert" not in browser.get("/monitor/alarms").body.decode()


def test_the_files_hold_what_the_page_shows_and_no_formula(house: House) -> None:
    number = late(house)
    browser = house.somebody(MANAGER)
    browser.post(f"/monitor/alarms/{number}/acknowledge", words="+SUM(A1)")
    sheet = browser.get("/monitor/alarms.csv?kind=wait")
    assert sheet.headers["Content-Disposition"].startswith("attachment")
    heading, row = csv.reader(io.StringIO(sheet.body.decode("utf-8-sig")))
    told = dict(zip(heading, row, strict=True))
    assert told["办件编号"] == "20261120B001"
    assert told["责任部门"].startswith("'=cmd")
    assert told["处置说明"] == "'+SUM(A1)"
    book = openpyxl.load_workbook(io.BytesIO(browser.get("/monitor/alarms.xlsx").body))
    cells = [cell for row in book.active.iter_rows() for cell in row]  # type: ignore[union-attr]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert EVIL in {cell.value for cell in cells}
    assert browser.get("/monitor/alarms.pdf").status == 404


# -- the rules ---------------------------------------------------------------------------------


def test_new_rules_are_previewed_then_saved_once(house: House) -> None:
    late(house)
    browser = house.somebody(MANAGER)
    form = rules_form(house, wait__yellow="300", wait__red="400", paused__active="")
    preview = text_of(browser.post("/monitor/rules/preview", **form))
    assert "等候超时：黄色 100% → 300%，红色 150% → 400%" in preview
    assert "暂停过久：停用" in preview
    now, then = re.findall(r"(\d+) 条 → <b>(\d+) 条", preview)[0]
    assert int(now) == int(then) + 2  # the line and the pause are red no more
    assert monitor_of(house).rules().version == 1
    for _ in range(2):
        assert browser.post("/monitor/rules/save", **form).status == 303
    saved = monitor_of(house).rules()
    assert (saved.version, saved.by, saved.note) == (2, MANAGER, "试行")
    assert saved.of(Kind.WAIT).yellow == 300
    assert saved.of(Kind.MISSED) == DEFAULTS[5]  # what has no field stays
    page = text_of(browser.get("/monitor/rules?version=1"))
    assert "第 1 版，已被替换" in page
    assert "预览改动" not in page


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "规则没有改动"),
        ({"wait__yellow": "多"}, "“等候超时”的黄色须为 1 至 100000 的整数，“多”不是。"),
        ({"wait__yellow": "200"}, "红色须大于黄色"),
        ({"wait__yellow": "99999999"}, "黄色须为 1 至 100000 的整数，“99999999”不是。"),
        ({"wait__yellow": "−5"}, "黄色须为 1 至 100000 的整数，“-5”不是。"),
        ({"note": "长" * 101, "wait__yellow": "90"}, "最多 100 个字"),
    ],
)
def test_rules_that_cannot_be_come_back_with_what_was_typed(
    house: House, changed: dict[str, str], said: str
) -> None:
    browser = house.somebody(MANAGER)
    form = rules_form(house, **changed)
    for act in ("preview", "save"):
        answer = browser.post(f"/monitor/rules/{act}", **form)
        assert answer.status in (409, 422)
        assert said in text_of(answer)
        assert f'value="{html.escape(form["wait.yellow"])}"' in answer.body.decode()
    assert monitor_of(house).rules().version == 1


def test_who_may_not_change_the_rules_may_read_them(house: House) -> None:
    for number in (INSPECTOR, LEADER):
        browser = house.somebody(number)
        page = browser.get("/monitor/rules")
        assert (page.status, "预览改动" in text_of(page)) == (200, False)
        assert browser.post("/monitor/rules/save", **rules_form(house)).status == 403
    assert house.somebody(LEADER).get("/monitor/rules?version=9").status == 404


# -- what the server joins ---------------------------------------------------------------------


def test_the_server_lets_the_monitor_look_every_second(house: House) -> None:
    assert monitor_of(house).tick in ticks_of(house.app)


def test_the_server_learns_by_itself_of_a_printer_that_was_added(house: House) -> None:
    house.rooms.register.mint_key("kiosk", "一号取号机", None, "1F", "fake:")
    assert house.rooms.printers.states() == {}
    for tick in ticks_of(house.app):
        if getattr(tick, "__name__", "") == "know_the_printers":
            tick()
    assert list(house.rooms.printers.states()) == ["fake:"]


def test_an_alarm_nobody_acknowledges_is_told_outside_without_any_person(house: House) -> None:
    store = house.rooms.store
    Receivers(store, house.clock).add("http://127.0.0.1:9/", "alarm.escalated")
    box = house.app.extensions["outbox"]
    box._see_who_listens()
    late(house)
    for _ in range(2):
        house.clock.move(minutes=10)
        monitor_of(house).tick()
    said = "select body from message where type = 'alarm.escalated'"
    bodies = [body for (body,) in store.rows(said)]
    (wait,) = [body for body in bodies if '"kind":"wait"' in body]
    assert '"service_name":"不动产登记"' in wait
    assert not any(name in "".join(bodies) for name in ("孙领导", "赵主任", "张敏", LEADER))
    data = {"kind_name": "等候超时", "said": "“不动产登记”B001号已等 50 分钟。"}
    text = box._text_for_staff("alarm.escalated", data)
    assert (
        text == "【云溪县政务服务中心】告警无人确认（等候超时）：“不动产登记”B001号已等 50 分钟。"
    )
    assert ALARM_TEXT.startswith("【{hall}】")


class Silent:
    """Printers whose paper has run out, without any cable."""

    def __init__(self, address: str) -> None:
        self.told = {address: PrinterState(Condition.OUT_OF_PAPER, "缺纸")}

    def states(self) -> dict[str, PrinterState]:
        return self.told


def test_machines_with_a_key_are_watched_and_their_printers_too(house: House) -> None:
    register = house.rooms.register
    register.mint_key("kiosk", "一号取号机", None, "1F", "tcp://10.0.0.9:9100")
    house.rooms.printers = Silent("tcp://10.0.0.9:9100")
    house.clock.move(minutes=10)
    monitor_of(house).tick()
    said = [each.said for each in monitor_of(house).find(TODAY)]
    assert "取号机“一号取号机”已 10 分钟没有联系。" in said
    assert "“一号取号机”的打印机缺纸。" in said
    # the hall's evaluators have no key yet: nobody waits for them
    assert not any("评价器" in each for each in said)


def test_a_case_and_a_complaint_past_their_limits_are_alarms(house: House) -> None:
    rooms = house.rooms
    visit = served_badly(rooms)
    rooms.book.rate(visit, "very_dissatisfied", "qr", text="等太久")
    house.register()
    house.clock.move(hours=24 * 5)
    monitor_of(house).tick()
    wanted = replace(TODAY, last="2026-11-30", kind="limit")
    said = sorted(each.said for each in monitor_of(house).find(wanted))
    assert len(said) == 2
    assert said[0].startswith("差评 A001（1号窗口）的时限已过")
    assert said[1].startswith("投诉 ")


def served_badly(rooms: Any) -> int:
    rooms.desk.issue("marriage", "tap-00000009")
    visit = rooms.desk.call_next(1).visit
    rooms.desk.start(1)
    rooms.desk.finish(1, "completed")
    return int(visit)
