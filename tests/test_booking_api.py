"""Appointments for other programs, on a running server."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from citizens import id_number
from halls import SHANGHAI
from servers import ALWAYS_OPEN, Answer, Served, served

from booking.bookings import Bookings
from hall import config, days
from hall.desk import Desk
from hall.register import Register
from hall.store import Store

PLACE = "/api/v1/appointments"
# so early that tests need not wait for a slot
PATIENT = ALWAYS_OPEN + "[appointments]\nearly_minutes = 600\n"
WITH_OFFSET = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00")


def plan(hall: Served) -> None:
    """Cut every day of two services into slots, as a manager does."""
    store = Store(hall.database)
    register = Register(store, days.now)
    told = config.load(hall.config)
    bookings = Bookings(store, register, Desk(store, register, told, days.now), told, days.now)
    for weekday in range(1, 8):
        for service in ("marriage", "estate"):
            bookings.save_plan(service, weekday=weekday, slot_minutes=30, quota=2)
    store.close()


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("hall"), settings=PATIENT) as server:
        plan(server)
        assert server.at(1, "open", clerk="1001").status == 200
        yield server


people = iter(range(1, 900))


def refused(answer: Answer, status: int, code: str) -> bool:
    told = answer.json
    assert set(told) == {"code", "message"}
    assert (answer.status, told["code"]) == (status, code), told
    return True


def slots(hall: Served, **asked: str) -> dict[str, Any]:
    query = "&".join(f"{name}={value}" for name, value in {"service": "marriage", **asked}.items())
    answer = hall.get(f"{PLACE}/slots?{query}", hall.key("program"))
    assert answer.status == 200, answer.body
    return dict(answer.json)


def free_slot(hall: Served) -> str:
    return str(next(each["slot_at"] for each in slots(hall)["slots"] if each["free"]))


def book(hall: Served, **more: Any) -> Answer:
    told = {
        "service": "marriage",
        "tap": str(uuid4()),
        "id_number": id_number(next(people)),
        "name": "张小三",
        "phone": "13800001234",
    }
    told["slot_at"] = more.pop("slot_at", None) or free_slot(hall)
    return hall.post(PLACE, {**told, **more}, hall.key("program"))


# -- slots and booking -------------------------------------------------------------------------


def test_the_slots_of_a_day_are_listed_with_their_room_and_the_other_days(hall: Served) -> None:
    told = slots(hall)
    assert len(told["days"]) == 5
    assert told["day"] == told["days"][0]["day"]
    first = told["slots"][0]
    assert set(first) == {"slot_at", "slot_ends", "quota", "free"}
    assert WITH_OFFSET.fullmatch(first["slot_at"])
    last = told["days"][-1]["day"]
    assert slots(hall, day=last)["slots"][0]["slot_at"].startswith(last)


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("service=flying", 404, "unknown_service"),
        ("service=marriage&day=2020-01-01", 409, "day_not_bookable"),
        ("service=marriage&day=tomorrow", 422, "bad_day"),
        ("", 422, "bad_input"),
    ],
)
def test_slots_of_nothing_are_refused(hall: Served, query: str, status: int, code: str) -> None:
    assert refused(hall.get(f"{PLACE}/slots?{query}", hall.key("program")), status, code)


def test_a_slot_is_booked_and_looked_up_by_its_code(hall: Served) -> None:
    answer = book(hall)
    assert answer.status == 201, answer.body
    made = answer.json
    assert set(made) == {
        *("code", "service", "service_name", "day", "slot_at", "slot_ends", "state"),
        *("holder", "phone", "source", "ticket", "number"),
    }
    assert (made["state"], made["holder"], made["phone"]) == ("booked", "张*", "138********")
    for role in ("program", "kiosk"):
        again = hall.get(f"{PLACE}/{made['code']}", hall.key(role))
        assert (again.status, again.json) == (200, made)
    assert refused(hall.get(f"{PLACE}/22222222", hall.key("kiosk")), 404, "unknown_appointment")


def test_the_same_tap_answers_200_with_the_same_appointment(hall: Served) -> None:
    told = {"tap": str(uuid4()), "id_number": id_number(next(people)), "slot_at": free_slot(hall)}
    first, second = book(hall, **told), book(hall, **told)
    assert (first.status, second.status) == (201, 200)
    assert first.json == second.json


def test_a_time_without_an_offset_is_the_halls(hall: Served) -> None:
    slot_at = free_slot(hall)
    answer = book(hall, slot_at=slot_at.removesuffix("+08:00"))
    assert answer.json["slot_at"] == slot_at


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"service": "flying"}, 404, "unknown_service"),
        ({"slot_at": "2020-01-01T09:00:00+08:00"}, 409, "day_not_bookable"),
        ({"slot_at": "some time soon"}, 422, "bad_time"),
        ({"tap": "short"}, 422, "bad_tap"),
        ({"id_number": "110105198001019999"}, 422, "bad_id_number"),
        ({"phone": "call me"}, 422, "bad_phone"),
        ({"name": ""}, 422, "name_missing"),
        ({"colour": "red"}, 422, "bad_input"),
    ],
)
def test_a_wrong_booking_is_refused_with_a_code_and_a_sentence(
    hall: Served, body: dict[str, Any], status: int, code: str
) -> None:
    assert refused(book(hall, **body), status, code)


def test_a_person_is_refused_a_second_appointment_and_a_full_slot(hall: Served) -> None:
    slot_at, who = free_slot(hall), id_number(next(people))
    assert book(hall, slot_at=slot_at, id_number=who).status == 201
    assert refused(book(hall, slot_at=slot_at, id_number=who), 409, "already_booked")
    while (answer := book(hall, slot_at=slot_at)).status == 201:
        pass
    assert refused(answer, 409, "slot_full")


def test_an_appointment_is_cancelled_once_however_often_it_is_said(hall: Served) -> None:
    made = book(
        hall, slot_at=slots(hall, day=slots(hall)["days"][1]["day"])["slots"][20]["slot_at"]
    )
    path = f"{PLACE}/{made.json['code']}/cancel"
    wrong = hall.post(path, {"phone_tail": "0000"}, hall.key("program"))
    assert refused(wrong, 422, "wrong_phone")
    for _ in range(2):
        answer = hall.post(path, {}, hall.key("program"))
        assert (answer.status, answer.json["state"]) == (200, "cancelled")


# -- another booking system --------------------------------------------------------------------


def soon() -> str:
    """Return a moment in half an hour: another system's slots are its own."""
    return days.iso(days.now() + 30 * days.MINUTE, SHANGHAI)


def give(hall: Served, *rows: dict[str, Any]) -> Any:
    answer = hall.post(
        f"{PLACE}/import", {"source": "省平台", "rows": list(rows)}, hall.key("program")
    )
    assert answer.status == 200, answer.body
    return answer.json


def foreign(**more: Any) -> dict[str, Any]:
    return {"foreign_id": str(uuid4()), "service": "marriage", "slot_at": soon(), **more}


def test_each_row_of_another_system_is_answered_by_itself_and_in_order(hall: Served) -> None:
    good, bad, late = foreign(), foreign(service="flying"), foreign(slot_at="soon")
    first, second, third = give(hall, good, bad, late)
    assert (first["foreign_id"], first["state"], first["fresh"]) == (
        good["foreign_id"],
        "booked",
        True,
    )
    assert (second["code"], second["refused"]["code"]) == (None, "unknown_service")
    assert third["refused"]["code"] == "bad_time"
    (again,) = give(hall, good)
    assert (again["code"], again["fresh"]) == (first["code"], False)


def test_too_many_rows_at_once_are_refused_before_any_is_taken(hall: Served) -> None:
    rows = [{"foreign_id": "x", "service": "m", "slot_at": "2026-11-23"}] * 201
    answer = hall.post(f"{PLACE}/import", {"source": "省", "rows": rows}, hall.key("program"))
    assert refused(answer, 422, "bad_input")


# -- the check-in is the ticket ----------------------------------------------------------------


def test_a_ticket_with_an_appointment_is_the_check_in(hall: Served) -> None:
    (imported,) = give(hall, foreign(name="李四"))
    tap = str(uuid4())
    first = hall.take("marriage", tap, appointment=imported["code"])
    again = hall.take("marriage", tap, appointment=imported["code"])
    assert (first.status, again.status) == (201, 200), first.body
    assert first.json["id"] == again.json["id"]
    shown = hall.get(f"{PLACE}/{imported['code']}", hall.key("kiosk")).json
    assert (shown["state"], shown["ticket"]) == ("arrived", first.json["id"])
    assert shown["number"] == first.json["number"]
    second = hall.take("marriage", appointment=imported["code"])
    assert refused(second, 409, "already_arrived")


def test_an_appointment_nobody_made_gives_no_ticket(hall: Served) -> None:
    answer = hall.take("marriage", appointment="22222222")
    assert refused(answer, 404, "unknown_appointment")


# -- who may -----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["kiosk", "display", "manager"])
def test_only_programs_book_and_import(hall: Served, role: str) -> None:
    key = hall.key(role)
    assert hall.get(f"{PLACE}/slots?service=marriage", key).status == 403
    assert hall.post(PLACE, {}, key).status == 403
    assert hall.post(f"{PLACE}/22222222/cancel", {}, key).status == 403
    assert hall.post(f"{PLACE}/import", {}, key).status == 403
    assert hall.get(f"{PLACE}/slots?service=marriage").status == 401
