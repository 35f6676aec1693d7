"""The link on the slip over HTTP, without a script: who may see what, and one rating a service."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from halls import SMALL_HALL, MovedClock

from hall import config
from rating.levels import LEVELS, Level
from rating.views import spans
from server import create_app
from web.current import Rooms

HTML = {"Accept": "text/html"}


@pytest.fixture
def app(tmp_path: Path, clock: MovedClock) -> Iterator[Flask]:
    told = config.from_dict({"hall": {"name": "云溪县政务服务中心"}})
    made = create_app(told, tmp_path / "hall.db", clock)
    rooms: Rooms = made.extensions["hall"]
    rooms.register.adopt(SMALL_HALL)
    rooms.desk.open(1)
    yield made
    rooms.store.close()


@pytest.fixture
def rooms(app: Flask) -> Rooms:
    found: Rooms = app.extensions["hall"]
    return found


@pytest.fixture
def phone(app: Flask) -> FlaskClient:
    return app.test_client()


def take(rooms: Rooms, tap: str = "tap-00000001") -> tuple[int, str]:
    ticket = rooms.desk.issue("marriage", tap).ticket.id
    return ticket, rooms.book.link(ticket)


def served(rooms: Rooms, clock: MovedClock) -> str:
    _, link = take(rooms)
    rooms.desk.call_next(1)
    rooms.desk.start(1)
    clock.move(minutes=5)
    rooms.desk.finish(1, "completed")
    return link


def page(phone: FlaskClient, link: str) -> str:
    answer = phone.get(link, headers=HTML)
    assert answer.status_code == 200
    return answer.text


def test_the_page_follows_a_ticket_through_its_life(
    phone: FlaskClient, rooms: Rooms, clock: MovedClock
) -> None:
    _, link = take(rooms)
    assert "前面还有" in page(phone, link)
    assert "过号后：30 分钟内到取号机扫码返回，隔 3 位再叫。" in page(phone, link)
    rooms.desk.call_next(1)
    assert "正在叫您" in page(phone, link)
    rooms.desk.start(1)
    assert "正在办理" in page(phone, link)
    clock.move(minutes=5)
    rooms.desk.finish(1, "completed")
    assert "请评价本次服务" in page(phone, link)
    clock.move(hours=24 * 16)
    assert "评价时间已过" in page(phone, link)


def test_a_missed_a_cancelled_and_an_expired_ticket_say_what_to_do(
    phone: FlaskClient, rooms: Rooms, clock: MovedClock
) -> None:
    _, missed = take(rooms, "tap-00000001")
    rooms.desk.call_next(1)
    rooms.desk.miss(1)
    number, cancelled = take(rooms, "tap-00000002")
    rooms.desk.cancel(number)
    _, expired = take(rooms, "tap-00000003")
    clock.move(hours=24)
    rooms.desk.tick()
    assert "过号已超过 30 分钟，请重新取号" in page(phone, missed)
    assert "这张号票已取消" in page(phone, cancelled)
    assert "当天业务已结束" in page(phone, expired)


@pytest.mark.parametrize("level", LEVELS)
def test_a_form_stores_each_level_as_itself(
    phone: FlaskClient, rooms: Rooms, clock: MovedClock, level: Level
) -> None:
    link = served(rooms, clock)
    answer = phone.post(link, data={"level": level.value}, headers=HTML)
    assert answer.status_code == 201
    assert "感谢您的评价" in answer.text
    assert rooms.book.followed(link.removeprefix("/r/"))["rated"] == level.value


def test_a_second_form_is_refused_and_the_first_stays(
    phone: FlaskClient, rooms: Rooms, clock: MovedClock
) -> None:
    link = served(rooms, clock)
    assert phone.post(link, data={"level": "dissatisfied"}, headers=HTML).status_code == 201
    again = phone.post(link, data={"level": "very_satisfied"}, headers=HTML)
    assert again.status_code == 409
    assert "本次服务已评价" in again.text
    assert rooms.book.followed(link.removeprefix("/r/"))["rated"] == "dissatisfied"


def test_a_program_gets_the_code_of_a_refusal(
    phone: FlaskClient, rooms: Rooms, clock: MovedClock
) -> None:
    link = served(rooms, clock)
    wants = {"Accept": "application/json"}
    first = phone.post(link, data={"level": "satisfied"}, headers=wants)
    assert (first.status_code, list(first.json or {})) == (201, ["id"])
    again = phone.post(link, data={"level": "satisfied"}, headers=wants)
    assert (again.status_code, (again.json or {})["code"]) == (409, "already_rated")


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"text": "很好<b>"}, "请先选择一个评价等级"),
        ({"level": "5", "text": "很好<b>"}, "评价等级须为以下之一"),
        ({"level": "satisfied", "text": "很好<b>" + "长" * 150}, "评价文字最多 150 个字"),
        ({"level": "satisfied", "tags-satisfied": "214", "text": "很好<b>"}, "不属于所选等级"),
    ],
)
def test_what_was_written_comes_back_with_what_is_wrong(
    phone: FlaskClient, rooms: Rooms, clock: MovedClock, form: dict[str, str], told: str
) -> None:
    link = served(rooms, clock)
    answer = phone.post(link, data=form, headers=HTML)
    assert answer.status_code == 422
    assert told in answer.text
    assert "很好&lt;b&gt;" in answer.text
    assert rooms.book.followed(link.removeprefix("/r/"))["rated"] is None


def test_reasons_of_levels_that_were_not_chosen_are_left_out(
    phone: FlaskClient, rooms: Rooms, clock: MovedClock
) -> None:
    link = served(rooms, clock)
    form = {"level": "dissatisfied", "tags-dissatisfied": ["207", "214"], "tags-satisfied": "406"}
    assert phone.post(link, data=form, headers=HTML).status_code == 201
    visit = rooms.book.followed(link.removeprefix("/r/"))["visit"]
    rating = rooms.book.ratings.rating_of(visit)
    assert rating is not None
    assert rating.tags == ("没有提供材料样本", "服务态度生硬")


def test_a_new_line_counts_as_one_character(
    phone: FlaskClient, rooms: Rooms, clock: MovedClock
) -> None:
    link = served(rooms, clock)
    form = {"level": "satisfied", "text": "好\r\n" * 74 + "好了"}
    assert phone.post(link, data=form, headers=HTML).status_code == 201


def test_a_service_is_not_rated_before_it_has_ended(phone: FlaskClient, rooms: Rooms) -> None:
    _, link = take(rooms)
    for step in (lambda: None, lambda: rooms.desk.call_next(1), lambda: rooms.desk.start(1)):
        step()
        answer = phone.post(link, data={"level": "satisfied"}, headers=HTML)
        assert answer.status_code == 409
        assert "办完后才能评价" in answer.text


def test_a_missed_ticket_is_not_rated(phone: FlaskClient, rooms: Rooms) -> None:
    _, link = take(rooms)
    rooms.desk.call_next(1)
    rooms.desk.miss(1)
    answer = phone.post(link, data={"level": "satisfied"}, headers=HTML)
    assert answer.status_code == 409
    assert "已过号" in answer.text


@pytest.mark.parametrize("link", ["/r/abc", "/r/MQ", "/r/MQ.h_QwJj4fox_kWphqlSAFDVulSRI"])
def test_a_link_nobody_signed_opens_nothing(phone: FlaskClient, rooms: Rooms, link: str) -> None:
    take(rooms)
    shown = phone.get(link, headers=HTML)
    assert shown.status_code == 404
    assert "请重新扫描小票上的二维码" in shown.text
    assert phone.post(link, data={"level": "satisfied"}, headers=HTML).status_code == 404
    state = phone.get(f"{link}/state.json")
    assert (state.status_code, (state.json or {})["code"]) == (404, "bad_link")


def test_looking_again_costs_nothing_until_something_changes(
    phone: FlaskClient, rooms: Rooms
) -> None:
    _, link = take(rooms)
    first = phone.get(f"{link}/state.json")
    known = {"If-None-Match": first.headers["ETag"]}
    rooms.desk.open(3)
    rooms.desk.issue("estate", "tap-00000002")  # another line moves; this ticket does not
    again = phone.get(f"{link}/state.json", headers=known)
    assert (again.status_code, again.data) == (304, b"")
    rooms.desk.call_next(1)
    assert phone.get(f"{link}/state.json", headers=known).status_code == 200


def test_a_slip_on_the_floor_does_not_tell_how_its_owner_rated(
    phone: FlaskClient, rooms: Rooms, clock: MovedClock
) -> None:
    link = served(rooms, clock)
    form = {"level": "very_dissatisfied", "text": "太慢", "contact": "13800000000"}
    assert phone.post(link, data=form, headers=HTML).status_code == 201
    told: dict[str, Any] = phone.get(f"{link}/state.json").json or {}
    assert told["rated"] is True
    for shown in (page(phone, link), str(told)):
        assert not any(word in shown for word in ("very_dissatisfied", "非常不满意", "太慢", "138"))


def test_the_page_reloads_itself_only_while_something_may_change(
    phone: FlaskClient, rooms: Rooms, clock: MovedClock
) -> None:
    _, link = take(rooms)
    assert 'http-equiv="refresh"' in page(phone, link)
    rooms.desk.call_next(1)
    rooms.desk.start(1)
    clock.move(minutes=1)
    rooms.desk.finish(1, "completed")
    assert 'http-equiv="refresh"' not in page(phone, link)


@pytest.mark.parametrize(
    ("numbers", "read"),
    [([], ""), ([3], "3"), ([2, 1], "1、2"), ([1, 2, 3, 5], "1–3、5"), ([1, 3, 4], "1、3、4")],
)
def test_windows_are_told_as_people_say_them(numbers: list[int], read: str) -> None:
    assert spans(numbers) == read
