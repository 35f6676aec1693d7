"""The phone's booking pages over HTTP, without a script: the way through, and who is kept out."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from citizens import id_number
from flask import Flask
from flask.testing import FlaskClient
from halls import SHANGHAI, SMALL_HALL, MovedClock
from werkzeug.test import TestResponse

from booking import rules
from hall import config
from server import create_app
from web.current import Rooms

HTML = {"Accept": "text/html"}
SLOT = "2026-11-23T09:00"


@pytest.fixture
def app(tmp_path: Path, clock: MovedClock) -> Iterator[Flask]:
    told = config.from_dict({"hall": {"name": "云溪县政务服务中心", "holidays": False}})
    made = create_app(told, tmp_path / "hall.db", clock)
    rooms: Rooms = made.extensions["hall"]
    rooms.register.adopt(SMALL_HALL)
    rooms.bookings.save_plan("marriage", weekday=1, slot_minutes=30, quota=1)
    yield made
    rooms.store.close()


@pytest.fixture
def rooms(app: Flask) -> Rooms:
    found: Rooms = app.extensions["hall"]
    return found


@pytest.fixture
def phone(app: Flask) -> FlaskClient:
    return app.test_client()


def shown(phone: FlaskClient, path: str, status: int = 200) -> str:
    answer = phone.get(path, headers=HTML)
    assert answer.status_code == status, answer.text
    return answer.text


def tap_on(page: str) -> str:
    found = re.search(r'name="tap" value="([^"]+)"', page)
    assert found
    return found[1]


def send(browser: FlaskClient, /, who: int = 1, **more: str) -> TestResponse:
    tap = more.pop("tap", "") or tap_on(shown(browser, f"/book?service=marriage&slot={SLOT}"))
    told = {
        "service": "marriage",
        "slot": SLOT,
        "name": "张小三",
        "id_number": id_number(who),
        "phone": "13800001234",
    }
    return browser.post("/book", data={**told, "tap": tap, **more}, headers=HTML)


def booked(phone: FlaskClient, who: int = 1, **more: str) -> str:
    answer = send(phone, who, **more)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def at(time: str) -> int:
    moment = datetime.fromisoformat(f"2026-11-23T{time}").replace(tzinfo=SHANGHAI)
    return int(moment.timestamp() * 1000)


# -- the way through ---------------------------------------------------------------------------


def test_three_steps_lead_from_the_service_to_the_code(phone: FlaskClient) -> None:
    assert "/book?service=marriage" in shown(phone, "/book")
    assert "slot=2026-11-23T09%3A00" in shown(phone, "/book?service=marriage")
    assert "11月23日（周一）" in shown(phone, f"/book?service=marriage&slot={SLOT}")
    page = shown(phone, booked(phone))
    assert "09:00–09:30" in page
    assert "张*" in page
    assert "当天 08:30–09:30" in page


def test_nothing_in_full_of_its_owner_is_on_the_page(phone: FlaskClient) -> None:
    page = shown(phone, booked(phone))
    assert "138********" in page
    for secret in (id_number(1), "张小三", "1234"):
        assert secret not in page


def test_a_form_sent_twice_books_once(phone: FlaskClient, rooms: Rooms) -> None:
    tap = tap_on(shown(phone, f"/book?service=marriage&slot={SLOT}"))
    assert booked(phone, tap=tap) == booked(phone, tap=tap)
    assert rooms.store.row("select count(*) from appointment") == (1,)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"id_number": "110105198001019999"}, "身份证号码不正确"),
        ({"phone": "call me"}, "请填写手机号码"),
        ({"phone": ""}, "请填写手机号码"),
        ({"name": ""}, "请填写姓名"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_the_rest_stays(
    phone: FlaskClient, wrong: dict[str, str], told: str
) -> None:
    answer = send(phone, 1, **wrong)
    (field,) = wrong
    assert answer.status_code == 422
    said = re.search(rf'<small id="{field}-hint">(.*?)</small>', answer.text)
    assert said
    assert told in said[1]
    kept = {"name": "张小三", "phone": "13800001234"}
    assert all(value in answer.text for name, value in kept.items() if name != field)


def test_a_form_comes_back_with_a_new_tap_so_that_sending_it_again_counts(
    phone: FlaskClient,
) -> None:
    tap = tap_on(shown(phone, f"/book?service=marriage&slot={SLOT}"))
    answer = send(phone, tap=tap, name="")
    assert tap_on(answer.text) != tap


def test_who_comes_second_is_offered_what_is_left_and_types_nothing_again(
    phone: FlaskClient,
) -> None:
    page = shown(phone, f"/book?service=marriage&slot={SLOT}")
    booked(phone, who=1)
    answer = send(phone, who=2, tap=tap_on(page))
    assert answer.status_code == 409
    assert "刚刚约满" in answer.text
    assert '<option value="2026-11-23T09:30">' in answer.text
    assert f'value="{SLOT}"' not in answer.text
    assert id_number(2) in answer.text
    booked(phone, who=2, tap=tap_on(answer.text), slot="2026-11-23T09:30")


def test_a_full_slot_cannot_be_tapped(phone: FlaskClient) -> None:
    booked(phone)
    page = shown(phone, "/book?service=marriage&day=2026-11-23")
    assert "slot=2026-11-23T09%3A00" not in page
    assert "slot=2026-11-23T09%3A30" in page
    shown(phone, f"/book?service=marriage&slot={SLOT}", 409)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/book?service=flying", 404),
        ("/book?service=marriage&slot=soon", 422),
        ("/book?service=marriage&slot=2026-12-25T09:00", 409),
        ("/book?code=ABC", 404),
        ("/book/22222222", 404),
        ("/book/not-a-code", 404),
        ("/book/not-a-code/qr.svg", 404),
    ],
)
def test_what_there_is_not_is_said_and_the_way_on_is_shown(
    phone: FlaskClient, path: str, status: int
) -> None:
    page = phone.get(path, headers=HTML)
    assert page.status_code == status
    assert "Traceback" not in page.text
    if not path.endswith(".svg"):
        assert 'href="/book?service=marriage"' in page.text


def test_a_hall_without_plans_says_where_to_go_instead(phone: FlaskClient, rooms: Rooms) -> None:
    for plan in rooms.bookings.plans():
        rooms.bookings.remove_plan(plan.id)
    assert "请直接到大厅取号" in shown(phone, "/book")


# -- the appointment's own page ----------------------------------------------------------------


def test_a_code_typed_in_any_case_and_grouping_leads_to_its_page(phone: FlaskClient) -> None:
    path = booked(phone)
    code = path.removeprefix("/book/")
    answer = phone.get(f"/book?code={code[:4].lower()}+{code[4:]}", headers=HTML)
    assert (answer.status_code, answer.headers["Location"]) == (303, path)


def test_who_knows_the_phones_end_gives_the_slot_back(phone: FlaskClient, rooms: Rooms) -> None:
    path = booked(phone)
    wrong = phone.post(f"{path}/cancel", data={"phone_tail": "9999"}, headers=HTML)
    assert (wrong.status_code, "后四位与预约时填写的不一致" in wrong.text) == (422, True)
    assert phone.post(f"{path}/cancel", data={"phone_tail": "1234"}).status_code == 303
    assert "这个预约已取消" in shown(phone, path)
    assert rooms.bookings.free_slots("marriage", "2026-11-23")[1].free == 1


def test_who_is_too_late_to_cancel_is_told_whom_to_call(
    phone: FlaskClient, clock: MovedClock
) -> None:
    path = booked(phone)
    clock.instant = at("07:30")
    assert "请致电大厅咨询台" in shown(phone, path)
    late = phone.post(f"{path}/cancel", data={"phone_tail": "1234"}, headers=HTML)
    assert late.status_code == 409


def test_after_the_check_in_the_page_shows_the_number_and_the_way_to_follow_it(
    phone: FlaskClient, rooms: Rooms, clock: MovedClock
) -> None:
    path = booked(phone)
    clock.instant = at("09:05")
    rooms.desk.open(1)
    ticket = rooms.bookings.check_in(path.removeprefix("/book/"), "arrive-00001").ticket
    page = shown(phone, path)
    assert f'<span class="code">{ticket.number}</span>' in page
    assert rooms.book.link(ticket.id) in page


def test_a_slot_that_was_given_up_says_what_to_do(
    phone: FlaskClient, rooms: Rooms, clock: MovedClock
) -> None:
    path = booked(phone)
    clock.instant = at("09:31")
    rooms.bookings.tick()
    assert "请直接到大厅取号" in shown(phone, path)


# -- who is kept out ---------------------------------------------------------------------------


def test_whoever_sweeps_codes_is_asked_to_rest_and_others_are_not(
    app: Flask, phone: FlaskClient, clock: MovedClock
) -> None:
    path = booked(phone)
    thief = {"REMOTE_ADDR": "192.0.2.66"}
    tried = [rules.code_of(number) for number in range(31)]
    answers = [
        app.test_client().get(f"/book/{code}", headers=HTML, environ_base=thief).status_code
        for code in tried
    ]
    assert answers == [404] * 30 + [429]
    client = app.test_client()
    for way in (path, f"/book?code={path[6:]}"):
        assert client.get(way, headers=HTML, environ_base=thief).status_code == 429
    cancelling = client.post(f"{path}/cancel", data={"phone_tail": "1234"}, environ_base=thief)
    assert cancelling.status_code == 429
    shown(phone, path)
    clock.move(minutes=10)
    assert client.get(path, headers=HTML, environ_base=thief).status_code == 200


def test_the_last_digits_of_a_phone_cannot_be_tried_through(app: Flask, phone: FlaskClient) -> None:
    path = booked(phone)
    answers = []
    for count in range(7):
        other = {"REMOTE_ADDR": f"192.0.2.{count}"}
        told = {"phone_tail": f"{count:04d}"}
        answers.append(phone.post(f"{path}/cancel", data=told, environ_base=other).status_code)
    assert answers == [422] * 5 + [429] * 2
    assert phone.post(f"{path}/cancel", data={"phone_tail": "1234"}).status_code == 429


def test_one_address_does_not_flood_the_hall_with_bookings(phone: FlaskClient) -> None:
    tap = tap_on(shown(phone, f"/book?service=marriage&slot={SLOT}"))
    answers = [send(phone, tap=tap, name="").status_code for _ in range(61)]
    assert answers == [422] * 60 + [429]


def test_a_page_of_another_site_books_and_cancels_nothing(phone: FlaskClient, rooms: Rooms) -> None:
    path = booked(phone)
    elsewhere = {"Origin": "http://elsewhere", **HTML}
    answer = phone.post(f"{path}/cancel", data={"phone_tail": "1234"}, headers=elsewhere)
    assert answer.status_code == 403
    assert rooms.bookings.appointment(path[6:]).state == "booked"


def test_search_engines_and_caches_keep_nothing(phone: FlaskClient) -> None:
    answer = phone.get(booked(phone), headers=HTML)
    assert answer.headers["Cache-Control"] == "no-store"
    assert 'name="robots" content="noindex"' in answer.text
