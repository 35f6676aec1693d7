"""The pages of bad ratings: who sees what, what is asked, what comes back."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from case_hall import (
    COLLEAGUE,
    HALL_WITH_HANDLERS,
    HANDLER,
    INSPECTOR,
    LEADER,
    MANAGER,
    OTHER_UNIT,
    PHONE,
    CaseHall,
)
from flask import Flask
from flask.testing import FlaskClient
from halls import MovedClock, Rooms
from werkzeug.test import TestResponse

from cases.life import Case, State
from hall import config
from outbox.receivers import Receivers
from server import create_app, ticks_of
from web.passwords import hash_of

PASSWORD = "a hall's secret"
HERE = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
ALWAYS_OPEN = {"name": "云溪县政务服务中心", "always_open": True}


@dataclass
class Served:
    """A hall served within this process, and who is signed in."""

    app: Flask
    hall: CaseHall
    clients: dict[str, FlaskClient]

    def sign_in(self, who: str) -> None:
        """Come in, or come in again after the clock went on for hours."""
        form = {"staff_number": who, "password": PASSWORD}
        client = self.clients.setdefault(who, self.app.test_client())
        assert client.post("/sign-in", data=form, headers=HERE).status_code == 303

    def get(self, who: str, path: str = "") -> TestResponse:
        return self.clients[who].get(f"/cases{path}", headers=HERE)

    def text(self, who: str, path: str = "") -> str:
        answer = self.get(who, path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def act(self, who: str, case: Case, verb: str, tap: str = "", **form: str) -> TestResponse:
        told = {"tap": tap or self.hall.tap(), **form}
        address = f"/cases/{case.id}/{verb}"
        return self.clients[who].post(address, data=told, headers=HERE)


@pytest.fixture
def served(tmp_path: Path, clock: MovedClock) -> Iterator[Served]:
    app = create_app(config.from_dict({"hall": ALWAYS_OPEN}), tmp_path / "hall.db", clock)
    inside = app.extensions["hall"]
    inside.register.adopt(HALL_WITH_HANDLERS)
    rooms = Rooms(inside.store, inside.register, inside.desk, inside.book, clock)
    made, kept = Served(app, CaseHall(rooms, inside.cases), {}), hash_of(PASSWORD)
    for number in (HANDLER, COLLEAGUE, OTHER_UNIT, INSPECTOR, LEADER, MANAGER, "1001"):
        inside.register.set_password_hash(number, kept)
        made.sign_in(number)
    yield made
    inside.store.close()


def test_a_handler_sees_their_unit_and_no_other(served: Served) -> None:
    case = served.hall.bad(PHONE)
    assert f"/cases/{case.id}" in served.text(HANDLER)
    assert "等了很久" in served.text(HANDLER, f"/{case.id}")
    assert f'/cases/{case.id}"' not in served.text(OTHER_UNIT)
    assert served.get(OTHER_UNIT, f"/{case.id}").status_code == 403
    assert served.act(OTHER_UNIT, case, "accept").status_code == 403


def test_a_clerk_sees_none_of_it(served: Served) -> None:
    case = served.hall.bad(PHONE)
    for path in ("", "/red", "/alerts.json", f"/{case.id}"):
        assert served.get("1001", path).status_code == 403


def test_a_clerk_who_became_a_handler_is_not_shown_their_own_rating(served: Served) -> None:
    case = served.hall.bad(PHONE)
    assert case.clerk == "1001"
    people = served.hall.rooms.register.catalogue().person
    changed = type(people["1001"])("1001", "张敏", "handler", department="MZ")
    served.hall.rooms.register.save(changed)
    assert served.get("1001", f"/{case.id}").status_code == 403


def test_the_contact_is_on_no_page_until_somebody_says_why_and_then_once(served: Served) -> None:
    case = served.hall.accepted(PHONE)
    page = f"/{case.id}"
    for who in (HANDLER, COLLEAGUE, INSPECTOR, LEADER, MANAGER):
        assert PHONE not in served.text(who, page)
    assert served.act(HANDLER, case, "look", reason="").status_code == 422
    assert served.act(COLLEAGUE, case, "look", reason="看看").status_code == 409
    assert served.act(HANDLER, case, "look", reason="致电核实").status_code == 303
    assert PHONE in served.text(HANDLER, page)
    assert PHONE not in served.text(INSPECTOR, page)
    served.hall.clock.move(minutes=11)
    assert PHONE not in served.text(HANDLER, page)
    assert "查看联系方式" in served.text(MANAGER, page)
    assert served.hall.rows("select count(*) from journal where event = 'case_look'") == [(1,)]


def test_what_is_refused_comes_back_with_what_was_typed(served: Served) -> None:
    case = served.hall.rectifying()
    answer = served.act(case.handler or "", case, "answer", reply="已致歉", public="已批评张敏")
    assert answer.status_code == 422
    assert "公开答复里有“张敏”" in answer.text
    assert "已批评张敏</textarea>" in answer.text
    assert re.search(r'data-act="answer" open', answer.text)


def test_a_form_sent_twice_acts_once(served: Served) -> None:
    case, tap = served.hall.bad(), served.hall.tap()
    for _ in range(2):
        assert served.act(HANDLER, case, "accept", tap).status_code == 303
    assert served.hall.steps(case) == ["receive", "assign", "accept"]
    assert served.act(HANDLER, case, "fly").status_code == 404


def test_the_whole_life_is_walked_by_forms(served: Served) -> None:
    case, hall = served.hall.bad(PHONE), served.hall
    handler = case.handler or ""

    def does(who: str, verb: str, **form: str) -> State:
        answer = served.act(who, case, verb, **form)
        assert answer.status_code == 303, answer.text
        return hall.now(case).state

    assert does(MANAGER, "hand_over", to=COLLEAGUE, reason="出差") is State.ASSIGNED
    assert does(COLLEAGUE, "hand_over", to=handler, reason="回来了") is State.ASSIGNED
    assert does(handler, "send_back", reason="不属本单位") is State.RECEIVED
    assert "待分派" in served.text(MANAGER, "?list=unassigned")
    assert does(MANAGER, "assign", to=handler) is State.ASSIGNED
    assert does(handler, "accept") is State.VERIFYING
    does(handler, "contact", way="phone", outcome="reached", note="反映排队久")
    assert does(handler, "appeal", kind="mistaken", reason="选错等级") is State.APPEALED
    assert does(INSPECTOR, "dismiss", note="录音不支持") is State.VERIFYING
    plan = {"kind": "complex", "cause": "窗口不足", "plan": "增开窗口"}
    assert does(handler, "rectify", **plan) is State.RECTIFYING
    until = hall.cases.last_day_of_extension(hall.now(case))
    does(handler, "ask_extension", until=until, reason="等设备")
    assert "等设备" in served.text(LEADER, "/red")
    assert does(LEADER, "refuse_extension", note="请抓紧", back="red") is State.RECTIFYING
    does(handler, "ask_extension", until=until, reason="设备确实未到")
    assert does(LEADER, "extend", back="red") is State.RECTIFYING
    answer = {"reply": "已致歉并增开窗口", "public": "已增开窗口。"}
    assert does(handler, "answer", **answer) is State.REVISITING
    assert does(INSPECTOR, "revisit", outcome="dissatisfied", note="还是慢") is State.RECTIFYING
    assert does(handler, "answer", **answer) is State.REVISITING
    told = {"outcome": "satisfied", "note": "满意了", "publish": "1"}
    assert does(INSPECTOR, "revisit", **told) is State.CLOSED
    assert f"/cases/{case.id}" in served.text(handler, "?list=closed")
    page = served.text(handler, f"/{case.id}")
    assert page.count("<li><time>") == len(hall.cases.history(case.id))


def test_an_upheld_appeal_and_an_explanation_end_by_forms_too(served: Served) -> None:
    hall, first, second = served.hall, served.hall.accepted(), served.hall.accepted()
    for case in (first, second):
        assert served.act(case.handler or "", case, "explain", cause="依规").status_code == 303
    for case in (first, second):
        form = {"reply": "已说明", "public": "已说明规定。"}
        assert served.act(case.handler or "", case, "answer", **form).status_code == 303
    assert served.act(MANAGER, first, "close", publish="1").status_code == 303
    assert served.act(INSPECTOR, second, "close").status_code == 303
    assert [hall.now(each).published for each in (first, second)] == [1, 0]
    third = hall.accepted()
    form = {"kind": "malicious", "reason": "反复刷评"}
    assert served.act(third.handler or "", third, "appeal", **form).status_code == 303
    assert served.act(INSPECTOR, third, "uphold", note="监控证实").status_code == 303
    assert "恶意评价作废" in served.text(MANAGER, "?list=closed")


def test_the_red_list_is_the_leaders_and_the_managers(served: Served) -> None:
    case = served.hall.bad()
    served.hall.clock.move(hours=3)
    for who in (LEADER, MANAGER, HANDLER):
        served.sign_in(who)
    for who in (LEADER, MANAGER):
        assert f"/cases/{case.id}" in served.text(who, "/red")
    assert "红灯" in served.text(LEADER, "/red")
    assert served.get(HANDLER, "/red").status_code == 403


def test_the_alert_tells_what_nobody_has_taken_up(served: Served) -> None:
    assert served.get(MANAGER, "/alerts.json").json == {"fresh": 0, "newest": 0, "red": 0}
    case = served.hall.bad()
    for who in (MANAGER, HANDLER, LEADER, INSPECTOR):
        assert served.get(who, "/alerts.json").json == {"fresh": 1, "newest": case.id, "red": 0}
    assert served.get(OTHER_UNIT, "/alerts.json").json == {"fresh": 0, "newest": 0, "red": 0}
    assert "data-alerts" in served.clients[MANAGER].get("/manager", headers=HERE).text


def test_a_month_is_chosen_and_an_unknown_one_is_this_one(served: Served) -> None:
    served.hall.bad()
    assert "<strong>1<small> 件" in served.text(MANAGER)
    assert "<strong>0<small> 件" in served.text(MANAGER, "?month=2026-10")
    assert "<strong>1<small> 件" in served.text(MANAGER, "?month=1999-01")


def test_a_passed_limit_is_told_to_the_leaders_group(served: Served) -> None:
    store, clock = served.hall.rooms.store, served.hall.clock
    Receivers(store, clock).add("http://127.0.0.1:9/", "case.red")
    served.app.extensions["outbox"].tick()
    served.hall.bad(PHONE)
    clock.move(hours=30)
    for tick in ticks_of(served.app):
        if getattr(tick, "__self__", None) is served.hall.cases:
            tick()
            tick()
    ((body,),) = store.rows("select body from message where type = 'case.red'")
    assert '"state_name":"待受理"' in body
    assert PHONE not in body
    assert "张敏" not in body


def test_a_case_shows_how_the_citizen_rated_once_more(served: Served) -> None:
    """Found by a stranger: neither handler nor inspector saw the second rating."""
    hall = served.hall
    case = hall.answered(PHONE)
    assert "群众追评" not in served.text(HANDLER, f"/{case.id}")
    book = hall.rooms.book
    ticket = hall.rows("select ticket from visit where id = ?", case.visit)[0][0]
    token = book.link(ticket).removeprefix("/r/")
    book.rate_by_link(token, "satisfied", text="好多了")
    for who in (HANDLER, INSPECTOR):
        assert re.search("群众追评</dt><dd>满意（.+）：好多了", served.text(who, f"/{case.id}"))


def test_who_opens_the_cases_sees_the_first_list_with_something_to_do(served: Served) -> None:
    """Found by a stranger: the manager's page was empty while 22 cases were open."""
    case = served.hall.bad(PHONE)
    assert case.handler == HANDLER
    assert f"/cases/{case.id}" in served.text(MANAGER)
    assert f"/cases/{case.id}" not in served.text(MANAGER, "?list=unassigned")
