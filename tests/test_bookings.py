"""Appointments: promised once, kept for a while, and turned into the ticket they are."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from citizens import id_number
from halls import SHANGHAI, MovedClock, Rooms, open_rooms
from test_desk import refused

from booking.bookings import Bookings
from booking.events import (
    AppointmentArrived,
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentEvent,
    AppointmentGivenUp,
)
from booking.rules import Appointment, State
from booking.taking_over import Foreign
from booking.verbs import Booking
from hall import config, days
from hall.catalogue import SpecialDay
from hall.desk import Desk
from hall.events import Event
from hall.register import Register
from hall.store import Store
from hall.tickets import State as TicketState
from privacy.privacy import Privacy

MONDAY, TUESDAY = "2026-11-23", "2026-11-24"


def at(clock: str, day: str = MONDAY) -> int:
    return days.instant_of(day, datetime.strptime(clock, "%H:%M").time(), SHANGHAI)  # noqa: DTZ007


@dataclass
class Hall:
    """A hall that works on weekdays and takes two appointments a half hour for marriages."""

    rooms: Rooms
    bookings: Bookings
    taps: int = 0

    def book(self, who: int = 1, clock: str = "09:00", day: str = MONDAY, **more: Any) -> Booking:
        self.taps += 1
        told = {"service": "marriage", "name": "张小三", "phone": "13800000001", **more}
        tap = told.pop("tap", f"book-{self.taps:08d}")
        return self.bookings.book(
            told.pop("service"), at(clock, day), tap, id_number=id_number(who), **told
        )

    def booked(self, who: int = 1, clock: str = "09:00", **more: Any) -> Appointment:
        return self.book(who, clock, **more).appointment

    def now(self, code: str) -> Appointment:
        return self.bookings.appointment(code)

    def go_to(self, clock: str, day: str = MONDAY) -> None:
        self.rooms.clock.instant = at(clock, day)

    def rows(self, sql: str) -> list[Any]:
        return self.rooms.store.rows(sql)


def open_hall(path: Path, clock: MovedClock, **settings: Any) -> Hall:
    told = {"weekdays": "12345", "holidays": False, "opens": "08:30", "closes": "17:30"}
    rooms = open_rooms(path, clock, hall={**told, **settings.pop("hall", {})}, **settings)
    made = Bookings(rooms.store, rooms.register, rooms.desk, rooms.desk.config, clock)
    for weekday in range(1, 6):
        made.save_plan("marriage", weekday=weekday, slot_minutes=30, quota=2)
    return Hall(rooms, made)


@pytest.fixture
def hall(tmp_path: Path, clock: MovedClock) -> Iterator[Hall]:
    opened = open_hall(tmp_path / "hall.db", clock)
    for window in (1, 2, 3, 4):
        opened.rooms.desk.open(window)
    yield opened
    opened.rooms.store.close()


# -- slots -------------------------------------------------------------------------------------


def test_a_service_with_a_plan_can_be_booked_and_no_other(hall: Hall) -> None:
    assert [each.code for each in hall.bookings.services()] == ["marriage"]
    assert list(hall.bookings.bookable_days()) == [f"2026-11-{day}" for day in range(23, 28)]


def test_a_day_offers_its_slots_with_the_room_they_have(hall: Hall) -> None:
    hall.book()
    slots = hall.bookings.free_slots("marriage", MONDAY)
    assert len(slots) == 18
    assert [(slot.at, slot.free) for slot in slots[:2]] == [(at("08:30"), 2), (at("09:00"), 1)]
    assert hall.bookings.days_of("marriage")[MONDAY] == 35


@pytest.mark.parametrize("day", ["2026-11-20", "2026-11-21", "2026-11-30"])
def test_today_the_weekend_and_next_week_are_not_bookable(hall: Hall, day: str) -> None:
    with refused("day_not_bookable"):
        hall.bookings.free_slots("marriage", day)
    with refused("day_not_bookable"):
        hall.book(day=day)


def test_a_date_of_its_own_replaces_the_weekdays_plan(hall: Hall) -> None:
    hall.bookings.save_plan("marriage", day=TUESDAY, slot_minutes=60, quota=1)
    assert len(hall.bookings.free_slots("marriage", MONDAY)) == 18
    assert len(hall.bookings.free_slots("marriage", TUESDAY)) == 9


def test_a_day_the_hall_is_closed_on_offers_nothing(hall: Hall) -> None:
    hall.rooms.register.save(SpecialDay(MONDAY, open=False))
    assert MONDAY not in hall.bookings.bookable_days()
    assert hall.bookings.bookable_days()[-1] == "2026-11-30"


def test_a_plan_that_is_removed_offers_nothing_and_keeps_what_was_promised(hall: Hall) -> None:
    code = hall.booked().code
    for plan in hall.bookings.plans("marriage"):
        hall.bookings.remove_plan(plan.id, by="9001")
    assert hall.bookings.services() == []
    assert hall.now(code).state is State.BOOKED
    with refused("no_such_slot"):
        hall.book(2)
    with refused("unknown_plan"):
        hall.bookings.remove_plan(999)


def test_saving_a_plan_again_changes_it_and_adds_none(hall: Hall) -> None:
    hall.bookings.save_plan("marriage", weekday=1, slot_minutes=30, quota=7)
    monday = [each for each in hall.bookings.plans("marriage") if each.weekday == 1]
    assert [each.quota for each in monday] == [7]


# -- booking -----------------------------------------------------------------------------------


def test_a_slot_is_promised_to_a_person(hall: Hall) -> None:
    heard: list[Event] = []
    hall.bookings.follow(heard.append)
    made = hall.book()
    assert made.fresh
    told = hall.bookings.told(made.appointment)
    assert told["slot_at"] == "2026-11-23T09:00:00+08:00"
    assert (told["state"], told["holder"], told["phone"]) == ("booked", "张*", "138********")
    assert [type(each) for each in heard] == [AppointmentBooked]


def test_the_same_tap_books_once(hall: Hall) -> None:
    first = hall.book(tap="book-again-1")
    second = hall.book(tap="book-again-1")
    assert (first.fresh, second.fresh) == (True, False)
    assert first.appointment == second.appointment
    assert hall.rows("select count(*) from appointment") == [(1,)]


def test_a_form_sent_again_for_somebody_else_does_not_pretend(hall: Hall) -> None:
    hall.book(1, tap="book-again-1")
    with refused("tap_used"):
        hall.book(2, tap="book-again-1")


def test_a_person_books_a_service_once_a_day(hall: Hall) -> None:
    hall.book(1, "09:00")
    with refused("already_booked"):
        hall.book(1, "10:00")
    hall.book(1, "10:00", day=TUESDAY)
    hall.book(2, "10:00")
    assert hall.rows("select count(*) from appointment") == [(3,)]


def test_the_schema_itself_lets_nobody_have_two_that_stand(hall: Hall) -> None:
    hall.book(1)
    second = hall.booked(2, "10:00")
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        hall.rooms.store.connection.execute(
            "update appointment set person = (select person from appointment where id = 1)"
            " where id = ?",
            (second.id,),
        )


def test_a_full_slot_takes_nobody_until_somebody_gives_it_back(hall: Hall) -> None:
    first = hall.booked(1)
    hall.book(2)
    with refused("slot_full"):
        hall.book(3)
    hall.bookings.cancel(first.code)
    hall.book(3)


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"service": "flying"}, "unknown_service"),
        ({"service": "advice"}, "no_such_slot"),
        ({"clock": "09:10"}, "no_such_slot"),
        ({"clock": "23:00"}, "no_such_slot"),
        ({"name": " "}, "name_missing"),
        ({"phone": ""}, "bad_phone"),
        ({"phone": "call me"}, "bad_phone"),
        ({"tap": "short"}, "bad_tap"),
    ],
)
def test_what_cannot_be_booked_is_refused_and_nothing_kept(
    hall: Hall, told: dict[str, Any], code: str
) -> None:
    with refused(code):
        hall.book(**told)
    assert hall.rows("select count(*) from appointment") == [(0,)]


def test_an_id_number_that_is_none_is_refused_with_a_way_for_who_has_none(hall: Hall) -> None:
    wrong = id_number(1)[:-1] + ("0" if id_number(1)[-1] != "0" else "1")
    with refused("bad_id_number") as said:
        hall.bookings.book(
            "marriage", at("09:00"), "book-wrong-1", id_number=wrong, name="张", phone="13800000001"
        )
    assert "直接到大厅取号" in said.value.message


def test_fifty_who_book_at_once_get_three_places_of_three(
    tmp_path: Path, clock: MovedClock
) -> None:
    path = tmp_path / "hall.db"
    first = open_hall(path, clock)
    first.bookings.save_plan("marriage", weekday=1, slot_minutes=30, quota=3)
    begin = threading.Barrier(50)
    outcomes: list[str] = []

    def come(who: int) -> None:
        store = Store(path)
        register = Register(store, clock)
        told = first.rooms.desk.config
        bookings = Bookings(store, register, Desk(store, register, told, clock), told, clock)
        begin.wait()
        try:
            bookings.book(
                *("marriage", at("09:00"), f"crowd-{who:08d}"),
                id_number=id_number(who),
                name="张三",
                phone="13800000001",
            )
            outcomes.append("booked")
        except Exception as refusal:  # noqa: BLE001 - whatever it is, it is compared below
            outcomes.append(getattr(refusal, "code", repr(refusal)))
        store.close()

    crowd = [threading.Thread(target=come, args=(who,)) for who in range(1, 51)]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    assert sorted(outcomes) == ["booked"] * 3 + ["slot_full"] * 47
    assert first.rows("select count(*) from appointment") == [(3,)]
    first.rooms.store.close()


# -- what is kept of a person ------------------------------------------------------------------


def everything_written(hall: Hall) -> str:
    tables = [name for (name,) in hall.rows("select name from sqlite_master where type = 'table'")]
    return json.dumps([hall.rows(f'select * from "{name}"') for name in tables], default=str)


def test_an_id_number_and_a_name_are_written_nowhere(hall: Hall) -> None:
    code = hall.booked().code
    hall.go_to("09:00")
    hall.bookings.check_in(code, "arrive-00001")
    written = everything_written(hall)
    assert code in written
    assert id_number(1) not in written
    assert "张小三" not in written


def test_the_journal_names_appointments_never_people(hall: Hall) -> None:
    hall.book()
    (detail,) = hall.rows("select detail from journal where event = 'appointment_booked'")[0]
    assert set(json.loads(detail)) == {"appointment", "service", "slot_at"}


def test_phones_go_after_thirty_days_and_people_when_no_rule_needs_them(hall: Hall) -> None:
    came, missed = hall.booked(1), hall.booked(2)
    hall.go_to("09:00")
    hall.bookings.check_in(came.code, "arrive-00001")
    hall.go_to("10:00")
    hall.bookings.tick()
    assert hall.now(missed.code).state is State.NO_SHOW

    rooms = hall.rooms
    ground = (rooms.store, rooms.register, rooms.desk.config, rooms.clock, rooms.store.path)

    def kept(day: str) -> list[tuple[bool, bool, bool]]:
        hall.go_to("01:01", day)
        rooms.store.connection.execute("delete from privacy_run")  # as if it were the first night
        nights = Privacy(*ground)
        for _ in range(4):
            nights.tick()
        found = [hall.now(each.code) for each in (came, missed)]
        return [(bool(each.phone), bool(each.person), bool(each.holder)) for each in found]

    assert kept("2026-12-22") == [(True, True, True), (True, True, True)]
    assert kept("2026-12-23") == [(False, False, False), (False, True, True)]
    assert kept("2027-03-22") == [(False, False, False), (False, True, True)]
    assert kept("2027-03-23") == [(False, False, False), (False, False, False)]
    assert hall.rows("select count(*) from appointment where day_person is not null") == [(0,)]


# -- cancelling --------------------------------------------------------------------------------


def test_an_appointment_is_cancelled_in_time_and_twice_is_once(hall: Hall) -> None:
    heard: list[Event] = []
    hall.bookings.follow(heard.append)
    code = hall.booked().code
    hall.go_to("07:00")
    assert hall.bookings.cancel(code, phone_tail="0001").state is State.CANCELLED
    assert hall.bookings.cancel(code, phone_tail="0001").state is State.CANCELLED
    assert [type(each) for each in heard] == [AppointmentBooked, AppointmentCancelled]


def test_two_hours_before_it_is_too_late_to_cancel(hall: Hall) -> None:
    code = hall.booked().code
    hall.go_to("07:01")
    with refused("too_late_to_cancel"):
        hall.bookings.cancel(code)
    assert hall.now(code).state is State.BOOKED


def test_nobody_cancels_who_does_not_know_the_phone(hall: Hall) -> None:
    code = hall.booked().code
    with refused("wrong_phone"):
        hall.bookings.cancel(code, phone_tail="9999")
    assert hall.now(code).state is State.BOOKED


def test_after_cancelling_one_may_book_again(hall: Hall) -> None:
    hall.bookings.cancel(hall.booked().code)
    assert hall.book().fresh


# -- checking in -------------------------------------------------------------------------------


def test_the_check_in_is_the_ticket(hall: Hall) -> None:
    heard: list[Event] = []
    hall.bookings.follow(heard.append)
    made = hall.booked()
    hall.go_to("08:45")
    issued = hall.bookings.check_in(made.code, "arrive-00001", language="en")
    ticket = issued.ticket
    assert issued.fresh
    assert (ticket.service, ticket.state) == ("marriage", TicketState.WAITING)
    assert (ticket.appointment, ticket.slot_at) == (made.id, at("09:00"))
    assert (ticket.holder, ticket.language) == ("张*", "en")
    stored = hall.now(made.code)
    assert (stored.state, stored.ticket) == (State.ARRIVED, ticket.id)
    assert [type(each) for each in heard] == [AppointmentBooked, AppointmentArrived]


def test_the_same_tap_checks_in_once(hall: Hall) -> None:
    code = hall.booked().code
    hall.go_to("09:00")
    first = hall.bookings.check_in(code, "arrive-00001")
    second = hall.bookings.check_in(code, "arrive-00001")
    assert (first.fresh, second.fresh) == (True, False)
    assert first.ticket.id == second.ticket.id
    assert hall.rows("select count(*) from ticket") == [(1,)]


def test_who_has_checked_in_is_told_their_number_and_gets_no_second(hall: Hall) -> None:
    code = hall.booked().code
    hall.go_to("09:00")
    number = hall.bookings.check_in(code, "arrive-00001").ticket.number
    with refused("already_arrived") as said:
        hall.bookings.check_in(code, "arrive-00002")
    assert number in said.value.message
    assert hall.rows("select count(*) from ticket") == [(1,)]


def test_a_tap_that_took_another_ticket_checks_nobody_in(hall: Hall) -> None:
    code = hall.booked().code
    hall.go_to("09:00")
    hall.rooms.desk.issue("advice", "arrive-00001")
    with refused("tap_used"):
        hall.bookings.check_in(code, "arrive-00001")
    assert hall.now(code).state is State.BOOKED


@pytest.mark.parametrize("typed", ["code", "id number", "code in small groups"])
def test_an_appointment_is_found_by_code_or_by_id_number(hall: Hall, typed: str) -> None:
    made = hall.booked()
    text = {
        "code": made.code,
        "id number": id_number(1).lower(),
        "code in small groups": f"{made.code[:4].lower()} {made.code[4:]}",
    }[typed]
    assert [each.id for each in hall.bookings.find(text)] == [made.id]


def test_by_id_number_only_what_is_still_to_come_is_found(hall: Hall) -> None:
    hall.book(1)
    hall.bookings.cancel(hall.booked(2).code)
    hall.go_to("09:00", TUESDAY)
    for who in (1, 2, 3):
        with refused("no_appointment"):
            hall.bookings.find(id_number(who))
    with refused("bad_code_or_id"):
        hall.bookings.find("12345")
    with refused("unknown_appointment"):
        hall.bookings.find("ZZZZZZZZ")


def test_who_comes_too_early_is_told_when_to_come(hall: Hall) -> None:
    code = hall.booked(1, "11:00").code
    hall.go_to("09:59")
    with refused("too_early") as said:
        hall.bookings.check_in(code, "arrive-00001")
    assert "10:00 起可以签到" in said.value.message
    hall.go_to("10:00")
    hall.bookings.check_in(code, "arrive-00001")


@pytest.mark.parametrize(
    ("slot", "first"),
    [("08:30", "08:30"), ("09:00", "08:30"), ("11:00", "10:00"), ("14:00", "13:30")],
)
def test_nobody_is_asked_to_check_in_before_the_hall_opens(
    tmp_path: Path, clock: MovedClock, slot: str, first: str
) -> None:
    hall = open_hall(tmp_path / "lunch.db", clock, hall={"lunch": "12:00-13:30"})
    assert hall.bookings.admitted_from(hall.booked(1, slot)) == at(first)
    hall.rooms.store.close()


def test_who_comes_too_late_is_a_no_show_and_told_where_to_go(hall: Hall) -> None:
    code = hall.booked().code
    hall.go_to("09:31")
    with refused("too_late") as said:
        hall.bookings.check_in(code, "arrive-00001")
    assert "直接取号" in said.value.message
    assert hall.now(code).state is State.NO_SHOW
    with refused("too_late"):
        hall.bookings.check_in(code, "arrive-00001")


def test_a_cancelled_appointment_is_not_checked_in(hall: Hall) -> None:
    code = hall.booked().code
    hall.bookings.cancel(code)
    hall.go_to("09:00")
    with refused("was_cancelled"):
        hall.bookings.check_in(code, "arrive-00001")


def test_what_the_desk_refuses_leaves_the_appointment_booked(hall: Hall) -> None:
    code = hall.booked().code
    hall.go_to("09:00")
    for window in (1, 2, 4):
        hall.rooms.desk.close(window)
    with refused("no_open_window"):
        hall.bookings.check_in(code, "arrive-00001")
    assert hall.now(code).state is State.BOOKED


def test_an_appointment_of_another_service_is_not_the_one_that_was_chosen(hall: Hall) -> None:
    code = hall.booked().code
    hall.go_to("09:00")
    with refused("other_service"):
        hall.bookings.check_in(code, "arrive-00001", service="estate")
    assert hall.bookings.check_in(code, "arrive-00001", service="marriage").fresh


def test_who_waits_already_does_not_check_in_beside_it(hall: Hall) -> None:
    code = hall.booked(1).code
    hall.go_to("09:00")
    walked_in = hall.rooms.desk.issue("marriage", "walk-in-0001", id_number=id_number(1)).ticket
    with refused("already_waiting") as said:
        hall.bookings.check_in(code, "arrive-00001")
    assert walked_in.number in said.value.message
    hall.rooms.desk.cancel(walked_in.id)
    assert hall.bookings.check_in(code, "arrive-00001").fresh


def test_who_has_checked_in_takes_no_second_ticket_beside_it(hall: Hall) -> None:
    code = hall.booked(1).code
    hall.go_to("09:00")
    hall.bookings.check_in(code, "arrive-00001")
    with refused("already_waiting"):
        hall.rooms.desk.issue("marriage", "walk-in-0001", id_number=id_number(1))
    hall.rooms.desk.issue("marriage", "walk-in-0002", id_number=id_number(2))


def test_a_family_with_one_phone_checks_everybody_in(hall: Hall) -> None:
    codes = [hall.booked(who, phone="13800000001").code for who in (1, 2)]
    hall.go_to("09:00")
    for who, code in enumerate(codes):
        assert hall.bookings.check_in(code, f"family-{who:08d}").fresh


def test_an_appointment_is_served_before_those_who_came_without_one(hall: Hall) -> None:
    code = hall.booked(1).code
    hall.go_to("09:00")
    for _ in range(3):
        hall.rooms.take("marriage")
    arrived = hall.bookings.check_in(code, "arrive-00001").ticket
    assert hall.rooms.desk.call_next(1).ticket.id == arrived.id


def test_fifty_scans_of_one_code_give_one_ticket(tmp_path: Path, clock: MovedClock) -> None:
    path = tmp_path / "hall.db"
    first = open_hall(path, clock)
    code = first.booked().code
    first.go_to("09:00")
    first.rooms.desk.open(1)
    begin = threading.Barrier(16)
    outcomes: list[str] = []

    def scan(count: int) -> None:
        store = Store(path)
        register = Register(store, clock)
        told = first.rooms.desk.config
        bookings = Bookings(store, register, Desk(store, register, told, clock), told, clock)
        begin.wait()
        try:
            bookings.check_in(code, f"scan-{count:08d}")
            outcomes.append("arrived")
        except Exception as refusal:  # noqa: BLE001 - whatever it is, it is compared below
            outcomes.append(getattr(refusal, "code", repr(refusal)))
        store.close()

    scans = [threading.Thread(target=scan, args=(count,)) for count in range(16)]
    for each in scans:
        each.start()
    for each in scans:
        each.join()
    assert sorted(outcomes) == ["already_arrived"] * 15 + ["arrived"]
    assert first.rows("select count(*) from ticket") == [(1,)]
    first.rooms.store.close()


# -- nobody came -------------------------------------------------------------------------------


def test_a_slot_nobody_came_for_is_given_up_after_its_grace(hall: Hall) -> None:
    heard: list[Event] = []
    hall.bookings.follow(heard.append)
    code = hall.booked().code
    hall.go_to("09:30")
    hall.bookings.tick()
    assert hall.now(code).state is State.BOOKED
    hall.go_to("09:31")
    hall.bookings.tick()
    hall.bookings.tick()
    assert hall.now(code).state is State.NO_SHOW
    assert [type(each) for each in heard] == [AppointmentBooked, AppointmentGivenUp]


def miss(hall: Hall, who: int, days_off: int) -> None:
    """Let somebody book the next working day and stay away."""
    day = hall.bookings.bookable_days()[0]
    hall.book(who, "09:00", day=day)
    hall.go_to("12:00", day)
    hall.bookings.tick()
    hall.rooms.clock.move(hours=24 * days_off)


def test_who_stays_away_three_times_in_ninety_days_does_not_book_for_thirty(hall: Hall) -> None:
    for _ in range(3):
        miss(hall, 1, 0)
    assert hall.rows("select count(*) from appointment where state = 'no_show'") == [(3,)]
    third = hall.rooms.clock.instant
    with refused("barred_from_booking") as said:
        hall.book(1, day=hall.bookings.bookable_days()[0])
    assert "现在可以直接到大厅取号" in said.value.message
    hall.book(2, day=hall.bookings.bookable_days()[0])
    hall.rooms.clock.instant = third + 30 * 24 * days.HOUR
    hall.book(1, day=hall.bookings.bookable_days()[0])


def test_a_hall_that_was_closed_after_all_blames_nobody(hall: Hall) -> None:
    code = hall.booked().code
    hall.rooms.register.save(SpecialDay(MONDAY, open=False, note="停电"))
    hall.go_to("12:00")
    hall.bookings.tick()
    assert hall.now(code).state is State.CANCELLED
    (detail,) = hall.rows("select detail from journal where event = 'appointment_cancelled'")[0]
    assert json.loads(detail)["reason"] == "closed"


def test_nobody_is_blamed_for_a_slot_that_passed_while_the_hall_did_not_run(
    tmp_path: Path, clock: MovedClock
) -> None:
    before = open_hall(tmp_path / "hall.db", clock)
    early, later = before.booked(1, "09:00").code, before.booked(2, "11:00").code
    before.rooms.store.close()
    clock.instant = at("10:30")
    after = open_hall(tmp_path / "hall.db", clock)
    after.bookings.tick()
    assert after.now(early).state is State.CANCELLED
    after.go_to("12:00")
    after.bookings.tick()
    assert after.now(later).state is State.NO_SHOW
    after.rooms.store.close()


def test_an_appointment_that_has_ended_stays_as_it_ended_and_is_never_deleted(hall: Hall) -> None:
    code = hall.booked().code
    hall.bookings.cancel(code)
    run = hall.rooms.store.connection.execute
    with pytest.raises(sqlite3.IntegrityError, match="stays as it ended"):
        run("update appointment set state = 'booked', ended_at = null")
    with pytest.raises(sqlite3.IntegrityError, match="never deleted"):
        run("delete from appointment")


# -- another booking system --------------------------------------------------------------------


def row(foreign_id: str = "P-1", clock: str = "09:00", **more: Any) -> Foreign:
    told = {"service": "marriage", "id_number": id_number(7), "name": "李四", **more}
    return Foreign(foreign_id, told.pop("service"), at(clock, told.pop("day", MONDAY)), **told)


def test_the_same_row_of_another_system_is_the_same_appointment(hall: Hall) -> None:
    (first,) = hall.bookings.import_from("省平台", [row()])
    (again,) = hall.bookings.import_from("省平台", [row()])
    assert first.booking is not None
    assert again.booking is not None
    assert (first.booking.fresh, again.booking.fresh) == (True, False)
    assert first.booking.appointment == again.booking.appointment
    (other,) = hall.bookings.import_from("市平台", [row(id_number=id_number(8))])
    assert other.booking is not None
    assert other.booking.fresh


def test_an_imported_appointment_is_checked_in_by_id_number_like_any_other(hall: Hall) -> None:
    (done,) = hall.bookings.import_from("省平台", [row()])
    hall.go_to("09:00")
    (found,) = hall.bookings.find(id_number(7))
    assert done.booking is not None
    assert found.code == done.booking.appointment.code
    assert hall.bookings.check_in(found.code, "arrive-00001").fresh


def test_each_row_is_answered_by_itself(hall: Hall) -> None:
    hall.book(1)
    rows = [
        row("P-1"),
        row("P-2", service="flying"),
        row("P-3", id_number=id_number(1)),
        row("P-4", day="2026-11-22", id_number=None),
        row("P-5", day="2026-11-19", id_number=None),
        row("P-6", id_number="123"),
        row("P-7", id_number=None, phone="call me"),
        row("P-8", id_number=None, slot_ends=at("08:00")),
        row("P-9", cancelled=True),
        row("", id_number=None),
        row("P-11", id_number=None),
    ]
    done = hall.bookings.import_from("省平台", rows)
    assert [each.refusal.code if each.refusal else "" for each in done] == [
        "",
        "unknown_service",
        "already_booked",
        "hall_closed_then",
        "slot_passed",
        "bad_id_number",
        "bad_phone",
        "bad_slot",
        "unknown_appointment",
        "bad_foreign_id",
        "",
    ]
    assert hall.rows("select count(*) from appointment") == [(3,)]


def test_what_another_system_promised_is_kept_and_takes_room(hall: Hall) -> None:
    rows = [row(f"P-{count}", id_number=id_number(count + 10)) for count in range(3)]
    done = hall.bookings.import_from("省平台", rows)
    assert all(each.booking for each in done)
    with refused("slot_full"):
        hall.book(1)


def test_another_system_cancels_what_it_sent(hall: Hall) -> None:
    hall.bookings.import_from("省平台", [row()])
    (gone,) = hall.bookings.import_from("省平台", [row(cancelled=True)])
    assert gone.booking is not None
    assert gone.booking.appointment.state is State.CANCELLED
    with refused("bad_source"):
        hall.bookings.import_from("", [row()])


def test_a_slot_of_an_import_is_as_long_as_the_plan_says(hall: Hall) -> None:
    hall.bookings.save_plan("marriage", weekday=1, slot_minutes=20, quota=2)
    planned, told, unplanned = hall.bookings.import_from(
        "省平台",
        [
            row("P-1", id_number=None),
            row("P-2", id_number=None, slot_ends=at("10:00")),
            row("P-3", id_number=None, service="estate"),
        ],
    )
    lengths = [
        (each.booking.appointment.slot_ends - at("09:00")) // days.MINUTE
        for each in (planned, told, unplanned)
        if each.booking
    ]
    assert lengths == [20, 60, 30]


# -- settings ----------------------------------------------------------------------------------


def test_every_number_of_the_rule_is_a_setting(tmp_path: Path, clock: MovedClock) -> None:
    hall = open_hall(
        tmp_path / "hall.db",
        clock,
        appointments={
            "first_day": 2,
            "last_day": 3,
            "cancel_hours": 1,
            "early_minutes": 10,
            "grace_minutes": 45,
            "no_shows_most": 1,
            "no_show_days": 10,
            "bar_days": 5,
        },
    )
    hall.rooms.desk.open(1)
    assert list(hall.bookings.bookable_days()) == [TUESDAY, "2026-11-25"]
    code = hall.booked(1, "09:00", day=TUESDAY).code
    gone = hall.booked(2, "10:00", day=TUESDAY).code
    hall.go_to("08:49", TUESDAY)
    with refused("too_early"):
        hall.bookings.check_in(code, "arrive-00001")
    hall.go_to("08:59", TUESDAY)
    assert hall.bookings.cancel(gone).state is State.CANCELLED
    hall.go_to("09:45", TUESDAY)
    hall.bookings.tick()
    assert hall.now(code).state is State.BOOKED
    hall.go_to("09:46", TUESDAY)
    hall.bookings.tick()
    with refused("barred_from_booking"):
        hall.book(1, day=hall.bookings.bookable_days()[0])
    hall.rooms.store.close()


def test_the_first_day_lies_not_after_the_last() -> None:
    with pytest.raises(config.BadConfig, match="first_day 不能大于 last_day"):
        config.from_dict({"appointments": {"first_day": 6}})


def test_a_follower_that_fails_undoes_nothing(hall: Hall) -> None:
    def broken(_: Event) -> None:
        raise RuntimeError

    heard: list[Event] = []
    hall.bookings.follow(broken)
    hall.bookings.follow(heard.append)
    code = hall.booked().code
    assert hall.now(code).state is State.BOOKED
    assert isinstance(heard[0], AppointmentEvent)
