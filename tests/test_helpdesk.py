"""The help desk over HTTP: every act, what it is refused with, who may, what stays as it was."""

import html
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from secrets import token_hex
from typing import Any, cast

import pytest
from escpos_peer import printer_peer
from flask import Flask
from flask.testing import FlaskClient
from halls import SMALL_HALL, MovedClock
from paper import read_code, wait_until
from PIL import Image
from servers import Answer
from sqlite_utils import Database
from test_slip import stands_on

from commandline.demonstration import demo_links
from hall import config
from hall.catalogue import PERSON_ROLES, Person, SpecialDay
from hall.migrations import migrations
from hall.refusals import NotAllowed, NotFound
from hall.store import Store
from hall.tickets import State
from helpdesk.glance import glance
from helpdesk.initials import initials
from helpdesk.told import ACTS
from kiosk.letters import ink
from kiosk.printing import FakePrinter
from kiosk.slip import SHEETS
from server import create_app
from web.current import Rooms
from web.passwords import hash_of

PASSWORD = "a hall's secret"
GUIDE, MANAGER, CLERK = "8001", "9001", "1001"
HALL_WITH_A_GUIDE = replace(
    SMALL_HALL, people=(*SMALL_HALL.people, Person(GUIDE, "吴导办", "guide", "咨询台"))
)
ID_NUMBER = "11010519491231002X"
TAG = ink("补打", SHEETS[576].strong)


@dataclass
class Hall:
    """A hall served within this process, its clock in the test's hand, windows 1 to 4 open."""

    app: Flask
    clock: MovedClock
    database: Path

    @property
    def rooms(self) -> Rooms:
        found: Rooms = self.app.extensions["hall"]
        return found

    def take(self, service: str = "marriage", **more: Any) -> int:
        return self.rooms.desk.issue(service, f"tap-{token_hex(8)}", **more).ticket.id

    def state(self, ticket: int) -> State:
        return self.rooms.desk.ticket(ticket).state

    def missed(self) -> int:
        ticket = self.take()
        self.rooms.desk.call_this(1, ticket, "测试")
        self.rooms.desk.miss(1)
        return ticket

    def journal(self, ticket: int, event: str) -> list[tuple[str, str]]:
        """Return who and detail of what the journal says of a ticket."""
        steps = self.rooms.store.steps_of(ticket)
        return [(who, detail) for _, _, each, _, who, detail in steps if each == event]

    def kiosk(self, printer: str, name: str = "一楼取号机") -> int:
        device, _ = self.rooms.register.mint_key("kiosk", name, printer=printer)
        assert device.id is not None
        return device.id

    def fake(self, address: str = "fake:") -> FakePrinter:
        return cast(FakePrinter, self.rooms.printers.printer(address))


@dataclass
class Desk:
    """Somebody at the help desk: a browser that keeps cookies and fills the forms it was shown."""

    client: FlaskClient
    shown: dict[int, tuple[str, str]] = field(default_factory=dict)

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, "none")

    def post(self, path: str, site: str = "same-origin", **fields: Any) -> Answer:
        return self._ask("POST", path, site, data=fields)

    def _ask(self, method: str, path: str, site: str, **more: Any) -> Answer:
        told = {"Accept": "text/html", "Sec-Fetch-Site": site}
        with self.client.open(path, method=method, headers=told, **more) as answer:
            return Answer(answer.status_code, dict(answer.headers), answer.data)

    def sign_in(self, staff_number: str, window: str = "") -> Answer:
        fields = {"staff_number": staff_number, "password": PASSWORD, "window": window}
        return self.post("/sign-in", **fields)

    def look(self, ticket: int) -> str:
        """Open a ticket's page and keep what its forms carry."""
        page = text_of(self.get(f"/helpdesk/tickets/{ticket}"))
        seen = re.search(r'data-seen="(\d+)"', page)
        assert seen, page
        self.shown[ticket] = (f"tap-{token_hex(8)}", seen[1])
        return page

    def act(self, ticket: int, act: str, **fields: Any) -> Answer:
        """Send a form of the page that was looked at last."""
        if ticket not in self.shown:
            self.look(ticket)
        tap, seen = self.shown[ticket]
        return self.post(f"/helpdesk/tickets/{ticket}/{act}", tap=tap, seen=seen, **fields)

    def issue(self, tap: str = "", **fields: Any) -> Answer:
        asked = {"tap": tap or f"tap-{token_hex(8)}", "service": "marriage", **fields}
        return self.post("/helpdesk/tickets", **asked)


def text_of(answer: Answer) -> str:
    return html.unescape(answer.body.decode())


def plain(page: str) -> str:
    """Return what a page says without its markup and spaces."""
    return re.sub(r"<[^>]+>|\s", "", page)


def ticket_of(answer: Answer) -> int:
    """Return the ticket a browser is led to."""
    assert answer.status == 303, text_of(answer)
    found = re.fullmatch(r"/helpdesk/tickets/(\d+)(\?slip=\w+)?", answer.headers["Location"])
    assert found, answer.headers["Location"]
    return int(found[1])


def refusal_of(answer: Answer) -> str:
    """Return the sentence beside the act that was refused."""
    found = re.search(r'<p class="refusal" role="alert"[^>]*>([^<]+)</p>', text_of(answer))
    assert found, text_of(answer)
    return found[1]


@pytest.fixture(scope="module")
def kept() -> str:
    return hash_of(PASSWORD)


@pytest.fixture
def hall(tmp_path: Path, clock: MovedClock, kept: str) -> Iterator[Hall]:
    told = config.from_dict(
        {"hall": {"name": "云溪县政务服务中心", "weekdays": "1234567", "holidays": False}}
    )
    app = create_app(told, tmp_path / "hall.db", clock)
    rooms: Rooms = app.extensions["hall"]
    rooms.register.adopt(HALL_WITH_A_GUIDE)
    for number in (GUIDE, MANAGER, CLERK):
        rooms.register.set_password_hash(number, kept)
    for window in (1, 2, 3, 4):
        rooms.desk.open(window)
    yield Hall(app, clock, tmp_path / "hall.db")
    rooms.store.close()


def desk_of(hall: Hall, number: str) -> Desk:
    desk = Desk(hall.app.test_client())
    assert desk.sign_in(number).status == 303
    return desk


@pytest.fixture
def guide(hall: Hall) -> Desk:
    return desk_of(hall, GUIDE)


@pytest.fixture
def manager(hall: Hall) -> Desk:
    return desk_of(hall, MANAGER)


# -- who may -----------------------------------------------------------------------------------


def test_a_guide_comes_to_the_help_desk_and_to_nothing_else(hall: Hall) -> None:
    guide = Desk(hall.app.test_client())
    assert guide.sign_in(GUIDE).headers["Location"] == "/helpdesk"
    assert guide.get("/helpdesk").status == 200
    others = ("/manager", "/manager/catalogue/people", "/window/1", "/kiosk", "/display?zone=1F")
    assert {guide.get(path).status for path in others} == {403}


def test_a_clerk_is_no_guide(hall: Hall) -> None:
    clerk = Desk(hall.app.test_client())
    assert clerk.sign_in(CLERK, window="1").status == 303
    assert clerk.get("/helpdesk").status == 403
    assert clerk.issue().status == 403


def test_a_managers_key_opens_the_help_desk(hall: Hall) -> None:
    device, key = hall.rooms.register.mint_key("manager", "值班室")
    told = {"Authorization": f"Bearer {key}", "Accept": "text/html"}
    client = hall.app.test_client()
    assert client.get("/helpdesk", headers=told).status_code == 200
    asked = {"tap": "tap-of-a-key-1", "service": "marriage"}
    answer = client.post("/helpdesk/tickets", headers=told, data=asked)
    assert answer.status_code == 303
    (ticket,) = hall.rooms.desk.find("A001")
    assert hall.journal(ticket.id, "ticket_taken")[0][0] == f"device:{device.id}"
    assert "值班室" in client.get(answer.headers["Location"], headers=told).text


def test_in_a_demonstration_the_help_desk_and_the_manager_share_a_key(
    hall: Hall, tmp_path: Path
) -> None:
    rooms = hall.rooms
    for _ in range(2):  # started again, the demonstration keeps its links
        links = dict(demo_links(rooms.register, rooms.door, tmp_path / "demo.db"))
        keys = {name: re.split("[#&]", links[name])[1] for name in ("咨询台", "管理")}
        assert links["咨询台"].endswith("&to=/helpdesk")
        for key in keys.values():
            found = rooms.door.of_key(key)
            assert found is not None, "one page's key ended the other's"
            assert found.role == "manager"


def test_nobody_sees_the_help_desk_without_signing_in(hall: Hall) -> None:
    stranger = Desk(hall.app.test_client())
    assert stranger.get("/helpdesk").headers["Location"] == "/sign-in?next=/helpdesk"
    assert stranger.get("/helpdesk/now.json").status == 401


def test_only_a_manager_ends_the_day(guide: Desk, manager: Desk, hall: Hall) -> None:
    assert "结束当日" not in text_of(guide.get("/helpdesk"))
    assert guide.get("/helpdesk/end-day").status == 403
    assert guide.post("/helpdesk/end-day", confirm="是").status == 403
    assert not hall.rooms.desk.is_day_ended()
    assert "结束当日" in text_of(manager.get("/helpdesk"))


def test_a_page_of_another_site_does_nothing(guide: Desk, hall: Hall) -> None:
    ticket = hall.take()
    guide.look(ticket)
    tap, seen = guide.shown[ticket]
    path = f"/helpdesk/tickets/{ticket}/cancel"
    assert guide.post(path, site="cross-site", tap=tap, seen=seen).status == 403
    assert hall.state(ticket) is State.WAITING


def test_asking_for_an_act_does_nothing(guide: Desk, hall: Hall) -> None:
    ticket = hall.take()
    for act in ("cancel", "pin", "line", "return", "priority", "reprint"):
        assert guide.get(f"/helpdesk/tickets/{ticket}/{act}").status in (404, 405)
    assert hall.state(ticket) is State.WAITING


# -- a ticket for somebody ---------------------------------------------------------------------


def test_a_ticket_for_somebody_says_who_took_it_and_why_first(guide: Desk, hall: Hall) -> None:
    answer = guide.issue(
        priority="elder", basis="老年证", holder="张三丰", helper="李梅", phone="13800005678",
        id_number=ID_NUMBER,
    )  # fmt: skip
    number = ticket_of(answer)
    ticket = hall.rooms.desk.ticket(number)
    assert (ticket.priority, ticket.holder, ticket.helper) == ("elder", "张*", "李梅")
    assert (ticket.source, ticket.phone) == ("help_desk", "13800005678")
    who, detail = hall.journal(number, "ticket_taken")[0]
    assert (who, "老年证" in detail) == (GUIDE, True)
    page = plain(guide.look(number))
    for said in ("A001", "婚姻登记", "老年人优先", "办事人张*", "代办人李梅", "手机尾号5678"):
        assert said in page, said
    assert "取号：老年人优先，凭老年证吴导办" in page
    assert "13800005678" not in page


def test_neither_the_id_number_nor_the_whole_name_is_stored(guide: Desk, hall: Hall) -> None:
    ticket_of(guide.issue(holder="尉迟恭", id_number=ID_NUMBER))
    hall.rooms.store.connection.execute("pragma wal_checkpoint(truncate)")
    stored = hall.database.read_bytes()
    assert "尉*".encode() in stored
    assert "尉迟恭".encode() not in stored
    assert ID_NUMBER.encode() not in stored


def test_the_same_form_twice_is_one_ticket_and_one_slip(guide: Desk, hall: Hall) -> None:
    guide.post("/helpdesk/printer", device=hall.kiosk("fake:"))
    first, again = (ticket_of(guide.issue(tap="tap-00000001")) for _ in range(2))
    assert first == again
    wait_until(lambda: len(hall.fake().slips) == 1)
    ticket_of(guide.issue(tap="tap-00000002"))
    wait_until(lambda: len(hall.fake().slips) == 2)


@pytest.mark.parametrize(
    ("fields", "status", "sentence"),
    [
        ({"service": ""}, 422, "请选择要办的业务"),
        ({"service": "weather"}, 404, "没有业务“weather”"),
        ({"service": "nowhere"}, 409, "没有窗口办理"),
        ({"priority": "elder"}, 422, "请写明看到的优先凭证"),
        ({"priority": "emperor", "basis": "诏书"}, 422, "优先类别须为"),
        ({"basis": "老年证"}, 422, "请同时选择优先类别"),
        ({"priority": "elder", "basis": "证" * 41}, 422, "优先凭证最多"),
        ({"priority": "proxy", "basis": "委托书"}, 422, "代办人的姓名"),
        ({"holder": "名" * 21}, 422, "姓名最多"),
        ({"phone": "12"}, 422, "手机号码须为"),
        ({"id_number": "123"}, 422, "身份证号码不正确"),
        ({"tap": "x"}, 422, "tap"),
    ],
)
def test_what_the_desk_refuses_is_said_on_the_form_and_takes_nothing(
    guide: Desk, hall: Hall, fields: dict[str, str], status: int, sentence: str
) -> None:
    answer = guide.issue(**{"holder": "张三", **fields})
    assert answer.status == status
    assert sentence in refusal_of(answer)
    assert hall.rooms.desk.find("A") == []
    if "holder" not in fields:
        assert 'value="张三"' in text_of(answer), "what was typed stays"


def test_who_already_waits_is_told_so(guide: Desk) -> None:
    ticket_of(guide.issue(phone="13800005678"))
    again = guide.issue(phone="13800005678")
    assert (again.status, "已经取了" in refusal_of(again)) == (409, True)


def test_a_used_up_quota_is_overridden_with_a_reason_that_is_kept(guide: Desk, hall: Hall) -> None:
    marriage = hall.rooms.register.catalogue().service["marriage"]
    hall.rooms.register.save(replace(marriage, quota_morning=1))
    assert 'name="override"' not in text_of(guide.get("/helpdesk/issue"))
    ticket_of(guide.issue())
    refused = guide.issue()
    assert (refused.status, "限 1 个号" in refusal_of(refused)) == (409, True)
    assert 'name="override"' in text_of(refused)
    ticket = ticket_of(guide.issue(override="外地赶来，明天走"))
    assert "外地赶来" in hall.journal(ticket, "ticket_taken")[0][1]
    assert "停止取号后仍取号：外地赶来" in plain(guide.look(ticket))


def test_a_closed_hall_gives_no_ticket_whatever_the_reason(guide: Desk, hall: Hall) -> None:
    hall.rooms.register.save(SpecialDay("2026-11-20", note="系统升级"))
    refused = guide.issue(override="群众着急")
    assert (refused.status, "系统升级" in refusal_of(refused)) == (409, True)
    assert hall.rooms.desk.find("A") == []


def test_a_new_ticket_is_printed_where_the_desk_chose(guide: Desk, hall: Hall) -> None:
    near, far = hall.kiosk("fake:"), hall.kiosk("fake:?paper=58", "二楼取号机")
    assert far != near
    assert guide.post("/helpdesk/printer", device=near, next="/helpdesk").status == 303
    ticket = ticket_of(guide.issue(holder="张三"))
    wait_until(lambda: len(hall.fake().slips) == 1)
    assert not hall.fake("fake:?paper=58").slips
    slip = hall.fake().slips[0]
    assert stands_on(slip, ink("张*", SHEETS[576].text))
    assert not stands_on(slip, TAG)
    (link,) = read_code(slip)
    assert "/r/" in link
    assert "小票已打印" in plain(guide.look(ticket))


def test_without_a_printer_the_slip_is_on_the_screen(guide: Desk) -> None:
    answer = guide.issue()
    page = text_of(guide.get(answer.headers["Location"]))
    address = re.search(r'src="(/helpdesk/tickets/\d+/slip.png)"', page)
    assert address
    picture = guide.get(address[1])
    assert picture.headers["Content-Type"] == "image/png"
    assert not stands_on(opened(picture), TAG)
    assert "slip.png" not in guide.look(ticket_of(answer))


def opened(answer: Answer) -> Image.Image:
    from io import BytesIO

    return Image.open(BytesIO(answer.body)).convert("1")


def test_a_printer_out_of_paper_is_told_beside_the_ticket(guide: Desk, hall: Hall) -> None:
    guide.post("/helpdesk/printer", device=hall.kiosk("fake:"))
    hall.fake().out_of_paper = True
    ticket = ticket_of(guide.issue())
    assert hall.state(ticket) is State.WAITING
    assert "小票没有打出：缺纸" in plain(guide.look(ticket))
    assert "缺纸" in text_of(guide.get("/helpdesk"))


def test_a_printer_that_is_gone_is_not_chosen(guide: Desk, hall: Hall) -> None:
    number = hall.kiosk("fake:")
    answer = guide.post("/helpdesk/printer", device=number, next="//elsewhere")
    assert answer.headers["Location"] == "/helpdesk"
    assert "<strong>一楼取号机</strong>" in text_of(guide.get("/helpdesk"))
    hall.rooms.register.revoke(number)
    assert "<strong>屏幕显示</strong>" in text_of(guide.get("/helpdesk"))
    guide.post("/helpdesk/printer", device=99)
    assert "<strong>屏幕显示</strong>" in text_of(guide.get("/helpdesk"))


# -- finding -----------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["A001", "a001", " A001 ", "Ａ００１"])
def test_a_number_leads_to_its_ticket_however_it_is_typed(
    guide: Desk, hall: Hall, typed: str
) -> None:
    ticket = hall.take()
    hall.take()
    answer = guide.get(f"/helpdesk?q={typed}")
    assert (answer.status, answer.headers.get("Location")) == (303, f"/helpdesk/tickets/{ticket}")


def test_the_end_of_a_phone_number_finds_its_tickets(guide: Desk, hall: Hall) -> None:
    hall.take(phone="13900001234")
    mine = hall.take(phone="13800005678")
    other = hall.take("estate", phone="13700005678")
    page = text_of(guide.get("/helpdesk?q=5678"))
    assert f'href="/helpdesk/tickets/{mine}"' in page
    assert f'href="/helpdesk/tickets/{other}"' in page
    assert "A001" not in page
    assert "13800005678" not in page


def test_nothing_found_says_what_to_do(guide: Desk) -> None:
    page = text_of(guide.get("/helpdesk?q=Z999"))
    assert "今天没有找到“Z999”" in page
    assert "/helpdesk/issue" in page


def test_what_is_typed_is_shown_as_it_is_and_never_run(guide: Desk) -> None:
    page = guide.get("/helpdesk?q=<script>alert(1)</script>").body.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_who_was_missed_stands_ready(guide: Desk, hall: Hall) -> None:
    assert "刚刚过号" not in text_of(guide.get("/helpdesk"))
    ticket = hall.missed()
    assert f'href="/helpdesk/tickets/{ticket}"' in text_of(guide.get("/helpdesk"))


def test_a_ticket_that_is_none_is_not_found(guide: Desk) -> None:
    assert guide.get("/helpdesk/tickets/99").status == 404
    path = "/helpdesk/tickets/99/cancel"
    assert guide.post(path, tap="tap-00000001", seen="0").status == 404
    assert guide.get("/helpdesk/tickets/99/slip.png").status == 404


# -- a ticket's whole state --------------------------------------------------------------------


def brought_to(hall: Hall, state: State) -> int:
    """Return a ticket in a state."""
    desk, ticket = hall.rooms.desk, hall.take()
    if state in (State.CALLED, State.SERVING, State.HELD, State.DONE, State.MISSED):
        desk.call_this(1, ticket, "测试")
    if state in (State.SERVING, State.HELD, State.DONE):
        desk.start(1)
    match state:
        case State.HELD:
            desk.hold(1, "with_file")
        case State.DONE:
            desk.finish(1, "completed")
        case State.MISSED:
            desk.miss(1)
        case State.CANCELLED:
            desk.cancel(ticket)
        case State.EXPIRED:
            desk.end_day()
    assert hall.state(ticket) is state
    return ticket


FORMS = {
    "return": {"reason": "原因"},
    "line": {"service": "estate", "reason": "原因"},
    "priority": {"priority": "elder", "basis": "老年证"},
    "pin": {"reason": "原因"},
    "unfavour": {"reason": "原因"},
    "cancel": {},
    "reprint": {},
}


@pytest.mark.parametrize("state", State)
def test_a_ticket_shows_only_what_may_be_done_and_nothing_else_can(
    guide: Desk, hall: Hall, state: State
) -> None:
    ticket = brought_to(hall, state)
    page = guide.look(ticket)
    plain_acts = set(ACTS[state]) - {"unfavour"}  # of a ticket that nobody preferred
    assert set(re.findall(r'data-act="(\w+)"', page)) == plain_acts
    before = hall.rooms.desk.ticket(ticket)
    for act in set(FORMS) - plain_acts:
        answer = guide.act(ticket, act, **FORMS[act])
        if act == "return" and state is State.WAITING:
            assert answer.status == 303, "who already waits is told so again"
        else:
            assert answer.status == 409, act
            assert refusal_of(answer)
    assert hall.rooms.desk.ticket(ticket) == before


@pytest.mark.parametrize("state", State)
def test_what_may_be_done_is_done(guide: Desk, hall: Hall, state: State) -> None:
    for act in ACTS[state]:
        if state is State.EXPIRED:
            break
        ticket = brought_to(hall, state)
        if act == "unfavour":
            hall.rooms.desk.favour(ticket, pin="点错了", by=GUIDE)
        answer = guide.act(ticket, act, **FORMS[act])
        assert answer.status == 303, (act, text_of(answer))
        if hall.state(ticket) in (State.CALLED, State.SERVING):
            if state is State.CALLED:
                hall.rooms.desk.start(1)
            hall.rooms.desk.finish(1, "completed")


def test_another_days_ticket_is_history(guide: Desk, hall: Hall) -> None:
    ticket = hall.missed()
    hall.clock.move(hours=24)
    hall.rooms.desk.tick()
    guide = desk_of(hall, GUIDE)
    assert "data-act=" not in guide.look(ticket)
    assert guide.act(ticket, "return", reason="昨天没等到").status == 409
    assert hall.state(ticket) is State.MISSED


def test_the_history_says_where_who_when_how_and_why(guide: Desk, hall: Hall) -> None:
    desk = hall.rooms.desk
    ticket = hall.take(phone="13800005678")
    hall.clock.move(minutes=5)
    desk.call_next(1)
    hall.clock.move(minutes=1)
    desk.miss(1)
    hall.clock.move(minutes=4)
    desk.bring_back(ticket, "去复印材料", by=GUIDE)
    desk.call_this(4, ticket, "群众说明情况")
    desk.start(4)
    hall.clock.move(minutes=10)
    desk.finish(4, "accepted")
    page = plain(guide.look(ticket))
    for said in (
        "10:05–10:061号张敏已过号取号先后",
        "10:10–10:204号王强已办完（受理）指定呼叫：群众说明情况",
        "10:00取号取号机",
        "10:10返回队列：去复印材料吴导办",
        "过号1次",
        "4号窗口（综合窗口），王强",
    ):
        assert said in page, said


def test_a_waiting_ticket_says_how_many_are_ahead_and_how_long(guide: Desk, hall: Hall) -> None:
    for window in (2, 4):
        hall.rooms.desk.close(window)
    hall.take()
    hall.rooms.desk.call_next(1)
    hall.take()
    ticket = hall.take()
    page = plain(guide.look(ticket))
    wait = hall.rooms.desk.follow_ticket(ticket).expected_wait
    assert f"前面1人，预计再等{wait}分钟，到1号窗口" in page
    assert "等候中10:00起，已0分钟" in page
    hall.clock.move(minutes=7)
    assert "等候中10:00起，已7分钟" in plain(guide.look(ticket))


def test_a_called_and_a_held_ticket_say_where_to_go(guide: Desk, hall: Hall) -> None:
    called = brought_to(hall, State.CALLED)
    assert "请到1号窗口" in plain(guide.look(called))
    hall.rooms.desk.start(1)
    assert "在1号窗口办理" in plain(guide.look(called))
    hall.rooms.desk.hold(1, "for_somebody")
    assert "挂起在1号窗口（等他人到场）" in plain(guide.look(called))


# -- acts --------------------------------------------------------------------------------------


def test_who_was_missed_waits_again_with_a_reason_that_is_kept(guide: Desk, hall: Hall) -> None:
    ticket = hall.missed()
    answer = guide.act(ticket, "return", reason="去复印材料")
    assert ticket_of(answer) == ticket
    assert hall.state(ticket) is State.WAITING
    assert hall.journal(ticket, "ticket_returned") == [(GUIDE, '{"reason": "去复印材料"}')]
    assert "A001号已返回队列，前面没有人。" in plain(guide.look(ticket))


@pytest.mark.parametrize(
    ("act", "fields", "sentence"),
    [
        ("line", {"service": "", "reason": "选错了"}, "请选择要办的业务"),
        ("line", {"service": "marriage", "reason": "选错了"}, "已经是这项业务"),
        ("line", {"service": "weather", "reason": "选错了"}, "没有业务“weather”"),
        ("line", {"service": "nowhere", "reason": "选错了"}, "没有窗口办理"),
        ("line", {"service": "estate", "reason": " "}, "更换业务须写明原因"),
        ("line", {"service": "estate", "reason": "因" * 201}, "原因最多 200 个字"),
        ("priority", {"priority": "", "basis": "老年证"}, "请选择优先类别"),
        ("priority", {"priority": "elder", "basis": ""}, "请写明看到的优先凭证"),
        ("priority", {"priority": "emperor", "basis": "诏书"}, "优先类别须为"),
        ("pin", {"reason": ""}, "置顶须写明原因"),
    ],
)
def test_a_refused_act_is_told_beside_it_and_changes_nothing(
    guide: Desk, hall: Hall, act: str, fields: dict[str, str], sentence: str
) -> None:
    ticket = hall.take()
    before, rev = hall.rooms.desk.ticket(ticket), hall.rooms.desk.rev()
    answer = guide.act(ticket, act, **fields)
    assert answer.status in (404, 409, 422)
    assert sentence in refusal_of(answer)
    assert re.search(rf'data-act="{act}" open', text_of(answer)), "its form stays open"
    assert hall.rooms.desk.ticket(ticket) == before
    assert hall.rooms.desk.rev() == rev


def test_bringing_back_needs_a_reason(guide: Desk, hall: Hall) -> None:
    ticket = hall.missed()
    answer = guide.act(ticket, "return", reason="")
    assert (answer.status, "须写明原因" in refusal_of(answer)) == (422, True)
    assert hall.state(ticket) is State.MISSED


def test_a_ticket_moves_to_another_line_at_its_arrival(guide: Desk, hall: Hall) -> None:
    mine = hall.take()
    hall.clock.move(minutes=5)
    later = hall.take("estate")
    answer = guide.act(mine, "line", service="estate", reason="选错了业务")
    assert ticket_of(answer) == mine
    assert hall.rooms.desk.follow_ticket(mine).people_ahead == 0
    assert hall.rooms.desk.follow_ticket(later).people_ahead == 1
    page = plain(guide.look(mine))
    assert "A001号已改为“不动产登记”，前面没有人。号码不变。" in page
    assert "更换业务：婚姻登记→不动产登记；选错了业务吴导办" in page


def test_priority_and_pin_put_a_ticket_before_the_others(guide: Desk, hall: Hall) -> None:
    first, elder, pinned = (hall.take() for _ in range(3))
    assert guide.act(pinned, "pin", reason="赶火车").status == 303
    assert guide.act(elder, "priority", priority="elder", basis="老年证").status == 303
    calls = [hall.rooms.desk.call_next(window).ticket.id for window in (1, 2, 4)]
    assert calls == [elder, pinned, first]
    assert "置顶：赶火车吴导办" in plain(guide.look(pinned))
    assert "老年人优先，凭老年证吴导办" in plain(guide.look(elder))


def test_a_priority_or_pin_given_by_mistake_is_taken_back(guide: Desk, hall: Hall) -> None:
    first, mine = hall.take(), hall.take()
    guide.act(mine, "priority", priority="elder", basis="老年证")
    guide.act(mine, "pin", reason="赶火车")
    assert 'data-act="unfavour"' in guide.look(mine)
    refused = guide.act(mine, "unfavour", reason=" ")
    assert (refused.status, "取消优先须写明原因" in refusal_of(refused)) == (422, True)
    assert ticket_of(guide.act(mine, "unfavour", reason="点错了号票")) == mine
    assert 'data-act="unfavour"' not in guide.look(mine)
    assert "取消优先：点错了号票吴导办" in plain(guide.look(mine))
    assert hall.rooms.desk.call_next(1).ticket.id == first
    with pytest.raises(NotAllowed):
        hall.rooms.desk.unfavour(mine, "再点一次", by=GUIDE)


def test_a_ticket_is_given_back(guide: Desk, hall: Hall) -> None:
    ticket = hall.take()
    assert ticket_of(guide.act(ticket, "cancel")) == ticket
    assert hall.state(ticket) is State.CANCELLED
    assert hall.journal(ticket, "ticket_cancelled") == [(GUIDE, "")]


@pytest.mark.parametrize("act", ["pin", "line", "priority", "cancel"])
def test_an_act_that_comes_twice_is_done_once(guide: Desk, hall: Hall, act: str) -> None:
    ticket = hall.take()
    first = guide.act(ticket, act, **FORMS[act])
    rev = hall.rooms.desk.rev()
    again = guide.act(ticket, act, **FORMS[act])
    assert first.status == again.status == 303
    assert hall.rooms.desk.rev() == rev


def test_bringing_back_twice_is_done_once_even_after_the_next_call(guide: Desk, hall: Hall) -> None:
    ticket = hall.missed()
    assert guide.act(ticket, "return", reason="去复印").status == 303
    hall.rooms.desk.call_this(1, ticket, "测试")
    hall.rooms.desk.miss(1)
    assert guide.act(ticket, "return", reason="去复印").status == 303
    assert hall.state(ticket) is State.MISSED, "the same form again is not a second coming back"


@pytest.mark.parametrize("act", ["pin", "line", "priority", "cancel"])
def test_of_two_people_acting_on_one_ticket_the_later_hears_of_it(
    guide: Desk, manager: Desk, hall: Hall, act: str
) -> None:
    ticket = hall.take()
    guide.look(ticket)
    manager.look(ticket)
    assert guide.act(ticket, "pin", reason="赶火车").status == 303
    before = hall.rooms.desk.ticket(ticket)
    late = manager.act(ticket, act, **FORMS[act])
    assert (late.status, "刚刚有变化" in refusal_of(late)) == (409, True)
    assert hall.rooms.desk.ticket(ticket) == before
    manager.look(ticket)
    assert manager.act(ticket, act, **FORMS[act]).status == 303


def test_who_was_called_meanwhile_is_not_moved(guide: Desk, hall: Hall) -> None:
    ticket = hall.take()
    guide.look(ticket)
    hall.rooms.desk.call_next(1)
    late = guide.act(ticket, "line", service="estate", reason="选错了")
    assert late.status == 409
    assert "刚刚有变化，现在已呼叫" in refusal_of(late)
    assert "请到1号窗口" in plain(text_of(late))


def test_a_printed_slip_is_no_change_of_the_ticket(guide: Desk, hall: Hall) -> None:
    ticket = hall.take()
    guide.look(ticket)
    hall.rooms.desk.note_slip(ticket, "printed")
    assert guide.act(ticket, "cancel").status == 303


def test_a_look_alone_ends_with_the_transaction_of_its_act(hall: Hall) -> None:
    desk, ticket = hall.rooms.desk, hall.take()
    seen = desk.story(ticket).seen

    def pin_and_fail() -> None:
        with desk.unless_changed(ticket, seen):
            desk.favour(ticket, pin="赶火车", by=GUIDE)
            raise NotFound("lost", "第二步没有成功。")

    with pytest.raises(NotFound):
        pin_and_fail()
    assert desk.ticket(ticket).pinned == ""
    with pytest.raises(NotAllowed) as refused, desk.unless_changed(ticket, seen - 1):
        pass
    assert refused.value.code == "changed_meanwhile"


def test_a_form_without_its_tap_is_refused(guide: Desk, hall: Hall) -> None:
    ticket = hall.take()
    assert guide.post(f"/helpdesk/tickets/{ticket}/cancel", seen="1").status == 422
    assert hall.state(ticket) is State.WAITING


def test_a_program_is_answered_with_code_and_sentence(hall: Hall) -> None:
    _, key = hall.rooms.register.mint_key("manager", "程序")
    answer = hall.app.test_client().post(
        "/helpdesk/tickets",
        headers={"Authorization": f"Bearer {key}"},
        data={"service": "nowhere", "tap": "tap-00000001"},
    )
    assert (answer.status_code, answer.get_json()["code"]) == (409, "no_window")


# -- paper -------------------------------------------------------------------------------------


def test_a_reprinted_slip_says_so_on_the_paper(guide: Desk, hall: Hall) -> None:
    with printer_peer() as peer:
        guide.post("/helpdesk/printer", device=hall.kiosk(peer.address))
        ticket = ticket_of(guide.issue())
        wait_until(lambda: len(peer.slips) == 1)
        assert guide.act(ticket, "reprint").status == 303
        wait_until(lambda: len(peer.slips) == 2)
        first, second = (each.picture for each in peer.slips)
    number = ink("A001", SHEETS[576].number)
    assert stands_on(first, number)
    assert stands_on(second, number)
    assert not stands_on(first, TAG)
    assert stands_on(second, TAG)
    assert read_code(first) == read_code(second)
    assert hall.journal(ticket, "slip_reprinted") == [(GUIDE, '{"detail": "一楼取号机"}')]
    assert "补打小票：一楼取号机吴导办" in plain(guide.look(ticket))


def test_the_same_press_of_reprint_twice_is_one_slip(guide: Desk, hall: Hall) -> None:
    guide.post("/helpdesk/printer", device=hall.kiosk("fake:"))
    ticket = ticket_of(guide.issue())
    wait_until(lambda: len(hall.fake().slips) == 1)
    for _ in range(2):
        assert guide.act(ticket, "reprint").status == 303
    wait_until(lambda: len(hall.fake().slips) == 2)
    guide.look(ticket)
    assert guide.act(ticket, "reprint").status == 303
    wait_until(lambda: len(hall.fake().slips) == 3)
    assert len(hall.journal(ticket, "slip_reprinted")) == 2


def test_without_a_printer_the_copy_is_on_the_screen_and_in_the_journal(
    guide: Desk, hall: Hall
) -> None:
    ticket = hall.take()
    answer = guide.act(ticket, "reprint")
    assert answer.headers["Location"] == f"/helpdesk/tickets/{ticket}?slip=copy"
    page = text_of(guide.get(answer.headers["Location"]))
    address = re.search(r'src="(/helpdesk/tickets/\d+/slip.png\?copy=1)"', page)
    assert address
    assert stands_on(opened(guide.get(address[1])), TAG)
    assert hall.journal(ticket, "slip_reprinted") == [(GUIDE, '{"detail": "屏幕"}')]


def test_later_no_slip_is_shown_as_a_first_one(guide: Desk, hall: Hall) -> None:
    ticket = hall.take()
    hall.clock.move(minutes=11)
    assert stands_on(opened(guide.get(f"/helpdesk/tickets/{ticket}/slip.png")), TAG)


# -- the hall at a glance ----------------------------------------------------------------------


def test_the_glance_counts_and_names_who_waits_for_nobody(guide: Desk, hall: Hall) -> None:
    for service in ("marriage", "marriage", "estate"):
        hall.take(service)
    for window in (3, 4):
        hall.rooms.desk.close(window)
    now = guide.get("/helpdesk/now.json").json
    told = now["glance"]
    assert (told["waiting"], told["open"], told["windows"]) == (3, 2, 4)
    assert told["unattended"] == 1
    rows = {each["code"]: each for each in told["services"]}
    assert next(iter(rows)) == "estate", "who needs somebody stands first"
    assert rows["estate"]["alarm"]
    assert (rows["marriage"]["waiting"], rows["marriage"]["open"]) == (2, 2)
    assert not rows["marriage"]["alarm"]
    page = plain(text_of(guide.get("/helpdesk")))
    assert "1项业务有人等候而没有窗口开放" in page
    assert "婚姻登记2" in page


def test_nobody_waits_and_nothing_alarms() -> None:
    service = {
        "code": "s", "name": "业务", "prefix": "A", "waiting": 0,
        "expected_wait_minutes": None, "closed_reason": "",
    }  # fmt: skip
    told = glance([service], [])
    assert (told["waiting"], told["unattended"], told["longest"]) == (0, 0, None)
    assert glance([], [])["services"] == []


def test_the_page_hears_that_its_ticket_has_changed(guide: Desk, hall: Hall) -> None:
    ticket = hall.take()
    guide.look(ticket)
    ask = f"/helpdesk/now.json?ticket={ticket}"
    assert str(guide.get(ask).json["ticket"]["seen"]) == guide.shown[ticket][1]
    hall.rooms.desk.call_next(1)
    assert str(guide.get(ask).json["ticket"]["seen"]) != guide.shown[ticket][1]
    assert guide.get("/helpdesk/now.json?ticket=99").status == 404


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("不动产登记", "bdcdj"),
        ("婚姻登记", "hydj"),
        ("社保卡办理", "sbkbl"),
        ("12345 热线", "12345rx"),
        ("企业开办（含VAT）", "qykbhvat"),
        ("啊座", "az"),
        ("李㛃", "l"),
        ("", ""),
    ],
)
def test_a_name_is_found_by_its_initials(name: str, letters: str) -> None:
    assert initials(name) == letters


# -- the end of the day ------------------------------------------------------------------------


def test_the_day_ends_only_after_a_yes(manager: Desk, hall: Hall) -> None:
    ticket = hall.take()
    assert "还有1人等候" in plain(text_of(manager.get("/helpdesk/end-day")))
    unsure = manager.post("/helpdesk/end-day")
    assert (unsure.status, "请先勾选确认" in refusal_of(unsure)) == (422, True)
    assert hall.state(ticket) is State.WAITING
    assert manager.post("/helpdesk/end-day", confirm="是").status == 303
    assert hall.state(ticket) is State.EXPIRED
    page = text_of(manager.get("/helpdesk"))
    assert "今天的业务已经结束，1 张没有办理的号票已失效" in page
    refused = manager.issue()
    assert (refused.status, "已经结束" in refusal_of(refused)) == (409, True)


def test_the_day_does_not_end_while_somebody_is_served(manager: Desk, hall: Hall) -> None:
    brought_to(hall, State.SERVING)
    refused = manager.post("/helpdesk/end-day", confirm="是")
    assert (refused.status, "还有 1 个窗口正在办理" in refusal_of(refused)) == (409, True)
    assert not hall.rooms.desk.is_day_ended()


def test_ending_a_day_twice_ends_it_once(manager: Desk, hall: Hall) -> None:
    hall.take()
    for _ in range(2):
        assert manager.post("/helpdesk/end-day", confirm="是").status == 303
    assert "今天的业务已经结束。" in text_of(manager.get("/helpdesk"))


# -- the new role in the file ------------------------------------------------------------------


def test_an_older_file_keeps_its_people_and_learns_the_new_role(
    tmp_path: Path, clock: MovedClock
) -> None:
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        database = Database(file)
        migrations.apply(database, stop_before="people_at_the_help_desk")
        file.execute(
            "insert into person (staff_number, name, role, password_hash) values (?, ?, ?, ?)",
            ("9000", "管理员", "administrator", "kept"),
        )
        file.execute("insert into business_day (day, opened_at) values ('2026-11-19', 1)")
        with pytest.raises(sqlite3.IntegrityError):
            file.execute("update person set role = 'guide'")
    store = Store(path)
    people = store.rows("select staff_number, role, password_hash from person")
    assert people == [("9000", "administrator", "kept")]
    store.connection.execute("update person set role = 'guide'")
    with pytest.raises(sqlite3.IntegrityError):
        store.connection.execute("update person set role = 'emperor'")
    assert store.rows("pragma foreign_key_check") == []
    store.close()


def test_every_role_of_a_person_may_be_stored(hall: Hall) -> None:
    for at, role in enumerate(PERSON_ROLES):
        hall.rooms.register.save(Person(f"77{at}", "某人", role))
    stored = hall.rooms.register.catalogue().person
    assert [stored[f"77{at}"].role for at in range(len(PERSON_ROLES))] == list(PERSON_ROLES)


def test_the_help_desk_and_the_pages_of_the_guides_lead_to_each_other(hall: Hall) -> None:
    """Found by a stranger: a guide registers complaints, and no page led there or back."""
    guide = Desk(hall.app.test_client())
    guide.sign_in(GUIDE)
    desk = text_of(guide.get("/helpdesk"))
    for page in ("/ratings/entry", "/complaints"):
        assert f'href="{page}"' in desk
        assert 'href="/helpdesk"' in text_of(guide.get(page))
