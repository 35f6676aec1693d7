"""How long somebody stays signed in: idle, at most, and what counts as doing something."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from halls import SMALL_HALL, MovedClock

import server
from hall import config
from hall.catalogue import Person
from hall.days import HOUR, MINUTE
from web import access
from web.access import Door
from web.staying import ENDS_WHEN_IDLE, Stay, end_of, is_an_act, seconds_left

STAY = Stay(idle=30 * MINUTE, most=12 * HOUR)
NINE = 9 * HOUR
PAGE = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
DATA = {"Accept": "application/json", "Sec-Fetch-Site": "same-origin"}


@pytest.mark.parametrize(
    ("role", "acted", "now", "ends"),
    [
        ("manager", NINE, NINE + 30 * MINUTE, ""),
        ("manager", NINE, NINE + 31 * MINUTE, "idle"),
        ("manager", NINE + 20 * MINUTE, NINE + 45 * MINUTE, ""),
        ("clerk", NINE, NINE + 5 * HOUR, ""),  # waits for the next citizen
        ("guide", NINE, NINE + 5 * HOUR, ""),
        ("clerk", NINE + 12 * HOUR, NINE + 12 * HOUR + 1, "over"),
        ("manager", NINE + 12 * HOUR, NINE + 12 * HOUR + 1, "over"),
        ("manager", NINE, NINE - HOUR, ""),  # the machine's clock was put back
    ],
)
def test_when_a_stay_ends(role: str, acted: int, now: int, ends: str) -> None:
    assert end_of(role, NINE, acted, now, STAY) == ends


def test_all_but_those_who_wait_for_citizens_are_idle_ended() -> None:
    others = {"handler", "inspector", "leader", "manager", "administrator", "security", "audit"}
    assert others == ENDS_WHEN_IDLE


def test_a_page_is_told_how_long_is_left() -> None:
    assert seconds_left("audit", NINE, NINE, NINE + 29 * MINUTE, STAY) == 60
    assert seconds_left("clerk", NINE, NINE, NINE + 11 * HOUR, STAY) == 3600
    assert seconds_left("audit", NINE, NINE, NINE + 31 * MINUTE, STAY) == 0


@pytest.mark.parametrize(
    ("method", "accept", "act"),
    [
        ("GET", "text/html,application/xhtml+xml", True),  # a page is opened
        ("POST", "text/html", True),
        ("POST", "application/json", True),
        ("GET", "application/json", False),  # an open page asks what is new
        ("GET", "*/*", False),
        ("GET", "", False),  # a socket
    ],
)
def test_what_an_open_page_asks_by_itself_is_nobodys_doing(
    method: str, accept: str, act: bool
) -> None:
    assert is_an_act(method, accept) == act


# -- in a running hall -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    opened = config.from_dict({"hall": {"always_open": True}})
    app = server.create_app(opened, tmp_path_factory.mktemp("hall") / "hall.db", MovedClock())
    register = app.extensions["hall"].register
    register.adopt(SMALL_HALL)
    register.save(Person("8001", "吴导办", "guide"))
    for number in ("9001", "8001"):
        register.set_password_hash(number, "kept")
    yield app
    app.extensions["hall"].store.close()


def come_in(app: Flask, number: str) -> FlaskClient:
    rooms, client = app.extensions["hall"], app.test_client()
    person = rooms.door.newly(rooms.door.person(number, None))
    with client.session_transaction() as session:
        session["here"] = [["person", number, person.mark, rooms.clock(), None]]
    return client


def clock_of(app: Flask) -> MovedClock:
    clock = app.extensions["hall"].clock
    assert isinstance(clock, MovedClock)
    return clock


def test_a_manager_who_does_nothing_for_half_an_hour_is_signed_out_though_the_page_asks_on(
    app: Flask,
) -> None:
    manager, clock = come_in(app, "9001"), clock_of(app)
    for _ in range(6):
        clock.move(minutes=5)
        assert manager.get("/monitor/board.json", headers=DATA).status_code == 200
    assert manager.get("/signed-in", headers=DATA).get_json() == {"seconds": 0}
    clock.move(minutes=1)
    assert manager.get("/monitor/board.json", headers=DATA).status_code == 401
    assert manager.get("/signed-in", headers=DATA).status_code == 401


def test_whoever_types_or_opens_pages_stays(app: Flask) -> None:
    manager, clock = come_in(app, "9001"), clock_of(app)
    clock.move(minutes=29)
    assert manager.get("/signed-in?acted", headers=DATA).get_json() == {"seconds": 1800}
    clock.move(minutes=29)
    assert manager.get("/manager/devices", headers=PAGE).status_code == 200
    clock.move(minutes=29)
    assert manager.get("/monitor/board.json", headers=DATA).status_code == 200


def test_a_guide_may_wait_for_hours_but_signs_in_again_after_twelve(app: Flask) -> None:
    guide, clock = come_in(app, "8001"), clock_of(app)
    clock.move(hours=11)
    assert guide.get("/helpdesk/now.json", headers=DATA).status_code == 200
    assert guide.get("/signed-in?acted", headers=DATA).get_json() == {"seconds": 3600}
    clock.move(hours=1, seconds=1)
    assert guide.get("/helpdesk/now.json", headers=DATA).status_code == 401


def test_a_page_whose_session_ended_leads_to_the_sign_in_and_back_to_where_one_was(
    app: Flask,
) -> None:
    manager, clock = come_in(app, "9001"), clock_of(app)
    clock.move(minutes=31)
    page = manager.get("/statistics?period=month&by=window", headers=PAGE)
    assert page.status_code == 303
    assert page.headers["Location"] == "/sign-in?next=/statistics%3Fperiod%3Dmonth%26by%3Dwindow"
    form = manager.get(page.headers["Location"], headers=PAGE).text
    assert "系统已退出登录" in form
    assert 'name="next" value="/statistics?period=month&amp;by=window"' in form
    assert "系统已退出登录" not in manager.get("/sign-in", headers=PAGE).text


def test_a_form_sent_after_the_end_leads_back_to_the_page_it_stood_on(app: Flask) -> None:
    manager, clock = come_in(app, "9001"), clock_of(app)
    clock.move(minutes=31)
    stood = {**PAGE, "Referer": "http://localhost/manager/devices/1?x=1"}
    answer = manager.post("/manager/devices/1", data={"name": "x"}, headers=stood)
    assert answer.headers["Location"] == "/sign-in?next=/manager/devices/1%3Fx%3D1"
    elsewhere = {**PAGE, "Referer": "http://elsewhere//evil"}
    answer = manager.post("/manager/devices/1", data={"name": "x"}, headers=elsewhere)
    back = re.search('name="next" value="([^"]*)"', manager.get(answer.headers["Location"]).text)
    assert back
    assert back[1] in ("", "/"), "only a page of this hall"


# -- sockets -----------------------------------------------------------------------------------


def ends_by_the_clock(app: Flask) -> None:
    clock_of(app).move(minutes=31)


def new_password(app: Flask) -> None:
    app.extensions["hall"].register.set_password_hash("9005", "another")


def retired(app: Flask) -> None:
    app.extensions["hall"].register.retire("person", "9005")


def another_role(app: Flask) -> None:
    app.extensions["hall"].register.save(replace(LEADER, role="inspector"))


LEADER = Person("9005", "孙领导", "leader")


@pytest.mark.parametrize("what_ends_it", [ends_by_the_clock, new_password, retired, another_role])
def test_one_beat_cuts_the_socket_of_whoever_may_no_longer_be_here(
    app: Flask, what_ends_it: Callable[[Flask], None]
) -> None:
    rooms = app.extensions["hall"]
    rooms.register.save(LEADER)
    rooms.register.set_password_hash("9005", "kept")
    here = {"Origin": "http://localhost"}
    cut, stays = (
        rooms.socketio.test_client(app, headers=here, flask_test_client=come_in(app, number))
        for number in ("9005", "8001")
    )
    assert cut.is_connected()
    assert rooms.sockets.cut_void() == 0
    what_ends_it(app)
    assert rooms.sockets.cut_void() == 1
    assert (cut.is_connected(), stays.is_connected()) == (False, True)
    stays.disconnect()


# -- over a restart ----------------------------------------------------------------------------


def test_idle_counts_from_the_servers_start_and_who_signed_out_stays_out(
    app: Flask, tmp_path: Path
) -> None:
    rooms, clock = app.extensions["hall"], clock_of(app)
    door: Door = rooms.door
    person = door.person("9001", None)
    assert person is not None
    marks = [door.newly(person).mark for _ in range(2)]
    stays, leaves = (["person", "9001", mark, clock(), None] for mark in marks)
    left = door.of_entry(leaves)
    assert left is not None
    door.sign_out(left)
    clock.move(minutes=31)
    assert door.of_entry(stays) is None
    started = Door(rooms.register, clock, rooms.config.security)
    assert started.of_entry(stays) is not None
    assert started.of_entry(leaves) is None
    clock.move(minutes=31)
    assert started.of_entry(stays) is None


@pytest.mark.parametrize("off", [24 * 40, -24 * 365 * 30])
def test_who_signed_out_stays_out_though_the_clock_leapt_and_came_back(
    app: Flask, off: float
) -> None:
    rooms, clock = app.extensions["hall"], clock_of(app)
    door: Door = rooms.door
    came_in = clock()
    person = door.person("9001", None)
    assert person is not None
    entries = [["person", "9001", door.newly(person).mark, came_in, None] for _ in range(2)]
    first, second = (door.of_entry(each) for each in entries)
    assert first is not None
    assert second is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(access, "MOST_ENDED", 0 if off < 0 else 10_000)
        door.sign_out(first)
        clock.move(hours=off)
        door.sign_out(second)  # while the clock is wrong
        clock.move(hours=-off)
        door.sign_out(replace(second, mark="another.one"))
    started = Door(rooms.register, clock, rooms.config.security)
    for each in entries:
        assert door.of_entry(each) is None
        assert started.of_entry(each) is None


def test_of_those_who_signed_out_the_last_ones_and_those_that_could_come_back_are_kept(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms, clock = app.extensions["hall"], clock_of(app)
    door = Door(rooms.register, clock, rooms.config.security)
    person = door.person("9001", None)
    assert person is not None
    monkeypatch.setattr(access, "MOST_ENDED", 5)
    for _ in range(30):
        door.sign_out(door.newly(person))
        clock.move(hours=13)
    assert 5 <= len(door._signed_out) <= 2 * 5 + 1
    assert door._signed_out == rooms.register.ended_sessions()
