"""The manager's page of appointments: plans made, changed and removed; nobody else comes in."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from citizens import id_number
from flask import Flask
from flask.testing import FlaskClient
from halls import SMALL_HALL, MovedClock
from werkzeug.test import TestResponse

from hall import config
from server import create_app
from web.current import Rooms

HTML = {"Accept": "text/html"}


@pytest.fixture
def app(tmp_path: Path, clock: MovedClock) -> Iterator[Flask]:
    told = config.from_dict({"hall": {"name": "云溪县政务服务中心", "holidays": False}})
    made = create_app(told, tmp_path / "hall.db", clock)
    rooms: Rooms = made.extensions["hall"]
    rooms.register.adopt(SMALL_HALL)
    yield made
    rooms.store.close()


@pytest.fixture
def rooms(app: Flask) -> Rooms:
    found: Rooms = app.extensions["hall"]
    return found


@pytest.fixture
def manager(app: Flask, rooms: Rooms) -> FlaskClient:
    _, key = rooms.register.mint_key("manager", "test manager")
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    return client


def save(manager: FlaskClient, **typed: object) -> TestResponse:
    told = {"service": "marriage", "minutes": "30", "quota": "3", **typed}
    return manager.post("/manager/slots", data=told, headers=HTML)


def page(manager: FlaskClient) -> str:
    answer = manager.get("/manager/slots", headers=HTML)
    assert answer.status_code == 200
    return answer.text


def test_a_hall_without_plans_says_what_to_do(manager: FlaskClient) -> None:
    assert "还没有放号计划" in page(manager)


def test_weekdays_that_are_cut_alike_stand_in_one_row(manager: FlaskClient, rooms: Rooms) -> None:
    assert save(manager, weekday=["1", "2", "3", "4", "5"]).status_code == 303
    assert save(manager, weekday=["1", "3"], service="estate").status_code == 303
    assert save(manager, day="2026-11-30", quota="0").status_code == 303
    shown = page(manager)
    assert "<td>周一至周五</td>" in shown
    assert "<td>周一、周三</td>" in shown
    assert "<td>11月30日（周一）</td>" in shown
    assert len(rooms.bookings.plans()) == 8


def test_saving_the_same_days_again_changes_them(manager: FlaskClient, rooms: Rooms) -> None:
    save(manager, weekday=["1"])
    save(manager, weekday=["1"], quota="9")
    assert [each.quota for each in rooms.bookings.plans()] == [9]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({}, "请勾选星期几"),
        ({"weekday": ["1"], "service": "flying"}, "没有业务"),
        ({"weekday": ["1"], "minutes": "half an hour"}, "每段时长须为整数"),
        ({"weekday": ["1"], "minutes": "4"}, "每段时长须在 5 到 480"),
        ({"weekday": ["1"], "quota": "1000"}, "每段人数须在 0 到 999"),
        ({"day": "2026-02-30"}, "日期须写作"),
    ],
)
def test_a_plan_that_is_wrong_is_refused_with_what_was_typed(
    manager: FlaskClient, rooms: Rooms, typed: dict[str, object], told: str
) -> None:
    answer = save(manager, **typed)
    assert answer.status_code in (404, 422)
    assert told in answer.text
    assert rooms.bookings.plans() == []


def test_removing_a_row_removes_its_days_and_twice_is_once(
    manager: FlaskClient, rooms: Rooms
) -> None:
    save(manager, weekday=["1", "2"])
    save(manager, weekday=["1"], service="estate")
    gone = {"plan": [str(each.id) for each in rooms.bookings.plans("marriage")]}
    for _ in range(2):
        assert manager.post("/manager/slots/remove", data=gone).status_code == 303
    assert [each.service for each in rooms.bookings.plans()] == ["estate"]


def test_the_next_days_show_how_many_are_expected(manager: FlaskClient, rooms: Rooms) -> None:
    save(manager, weekday=["1"])
    slot = rooms.bookings.free_slots("marriage", "2026-11-23")[0]
    rooms.bookings.book(
        *("marriage", slot.at, "book-00000001"),
        id_number=id_number(1),
        name="张三",
        phone="13800000001",
    )
    assert rooms.bookings.counts()["2026-11-23"]["booked"] == 1
    assert '11月23日（周一）</th><td class="number">1</td>' in page(manager)


def test_who_changed_a_plan_is_in_the_journal(manager: FlaskClient, rooms: Rooms) -> None:
    save(manager, weekday=["1"])
    (who,) = rooms.store.row("select who from journal where event = 'slot_plan_saved'")
    assert who.startswith("device:")
