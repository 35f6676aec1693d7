"""Who gets a ticket, who goes first, and when taking stops (queue-rules 1, 4, 5, 10)."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from halls import SHANGHAI, SMALL_HALL, MovedClock, Rooms, open_rooms
from test_desk import refused
from test_identity import RIGHT

from hall.refusals import NotValid
from hall.tickets import Assisted, Booked, State
from privacy.privacy import Privacy


def at(clock: MovedClock, text: str) -> None:
    moment = datetime.fromisoformat(f"2026-11-20T{text}").replace(tzinfo=SHANGHAI)
    clock.instant = int(moment.timestamp() * 1000)


def a_hall(path: Path, clock: MovedClock, services: Any = None, **settings: Any) -> Rooms:
    """Open the small hall with changed services and settings, windows 1 to 4 at work."""
    changed = tuple(
        replace(each, **(services or {}).get(each.code, {})) for each in SMALL_HALL.services
    )
    rooms = open_rooms(path / "hall.db", clock, replace(SMALL_HALL, services=changed), **settings)
    for window in (1, 2, 3, 4):
        rooms.desk.open(window)
    return rooms


# -- once per person ----------------------------------------------------------------------------


def test_a_person_waits_once_for_a_service_and_the_number_is_not_kept(rooms: Rooms) -> None:
    rooms.take(id_number=RIGHT[0])
    with refused("already_waiting"):
        rooms.take(id_number=RIGHT[0].lower())
    rooms.take("estate", id_number=RIGHT[0])
    rooms.take(id_number=RIGHT[1])
    kept = rooms.store.path.read_bytes() + rooms.store.path.with_name("hall.db-wal").read_bytes()
    assert RIGHT[0].encode() not in kept


def test_who_was_served_may_take_another_ticket(rooms: Rooms) -> None:
    rooms.take(id_number=RIGHT[0])
    rooms.serve(1)
    assert rooms.take(id_number=RIGHT[0])


def test_nobody_is_turned_away_for_having_no_id(rooms: Rooms) -> None:
    rooms.take()
    assert rooms.take()


def test_what_stands_for_a_person_goes_with_the_day(rooms: Rooms) -> None:
    ticket = rooms.take(id_number=RIGHT[0])
    assert rooms.desk.ticket(ticket).person
    rooms.clock.move(hours=24)
    rooms.desk.tick()
    assert rooms.desk.ticket(ticket).person is None


def test_a_phone_number_is_kept_thirty_days(rooms: Rooms) -> None:
    ticket = rooms.take(phone="13800138000")
    ground = (rooms.store, rooms.register, rooms.desk.config, rooms.clock)
    nights = Privacy(*ground, rooms.store.path)
    rooms.desk.end_day()
    rooms.clock.move(hours=24 * 30)
    nights.tick()
    assert rooms.desk.ticket(ticket).phone == "13800138000"
    rooms.clock.move(hours=24)
    nights.tick()
    assert rooms.desk.ticket(ticket).phone is None


# -- who goes first -----------------------------------------------------------------------------


def test_a_priority_class_goes_first_with_its_basis_in_the_journal(rooms: Rooms) -> None:
    rooms.take()
    helped = Assisted(priority="elder", basis="老年证", by="9001")
    first = rooms.take(assisted=helped, source="helpdesk")
    called = rooms.desk.call_next(1)
    assert called.ticket.id == first
    assert called.why == "先于 A001，因为：优先（老年人）"
    ((detail, who),) = rooms.store.rows(
        "select detail, who from journal where ticket = ? and event = 'ticket_taken'", (first,)
    )
    assert ("老年证" in detail, who) == (True, "9001")


@pytest.mark.parametrize(
    ("assisted", "code"),
    [
        (Assisted(priority="vip", basis="领导"), "unknown_priority"),
        (Assisted(priority="elder"), "basis_missing"),
        (Assisted(priority="elder", basis="x" * 41), "basis_too_long"),
        (Assisted(helper="代" * 21), "name_too_long"),
    ],
)
def test_a_class_without_a_basis_is_no_priority(
    rooms: Rooms, assisted: Assisted, code: str
) -> None:
    with pytest.raises(NotValid) as told:
        rooms.take(assisted=assisted)
    assert told.value.code == code
    assert rooms.store.waiting() == {}


def test_age_gives_priority_only_where_the_hall_set_an_age(
    tmp_path: Path, clock: MovedClock, rooms: Rooms
) -> None:
    assert rooms.desk.ticket(rooms.take(id_number=RIGHT[0])).priority == ""
    other = a_hall(tmp_path / "other", clock, queue={"priority_age": 70})
    assert other.desk.ticket(other.take(id_number=RIGHT[0])).priority == "elder"
    assert other.desk.ticket(other.take()).priority == ""
    other.store.close()


def test_after_three_priorities_in_a_row_comes_who_was_first(rooms: Rooms) -> None:
    plain = rooms.take()
    for _ in range(5):
        rooms.take(assisted=Assisted(priority="elder", basis="老年证", by="9001"))
    order = []
    for _ in range(5):
        called = rooms.desk.call_next(1)
        order.append(called.ticket.id)
        rooms.desk.miss(1)
        rooms.clock.move(seconds=1)
    assert order[3] == plain
    assert plain not in order[:3]


def test_a_pin_needs_a_reason_and_goes_before_the_line(rooms: Rooms) -> None:
    rooms.take()
    second = rooms.take()
    with pytest.raises(NotValid, match="原因"):
        rooms.desk.favour(second, pin=" ", by="9001")
    rooms.desk.favour(second, pin="孩子发烧", by="9001")
    assert rooms.desk.explain(1).ticket.id == second  # type: ignore[union-attr]
    assert rooms.desk.call_next(1).why == "先于 A001，因为：置顶（孩子发烧）"


def test_the_reason_of_the_choice_is_kept_with_the_call(rooms: Rooms) -> None:
    rooms.take()
    rooms.take(booked=Booked(7, rooms.clock() - 1, "张*"))
    rooms.desk.call_next(1)
    ((basis, why, jumped),) = rooms.store.rows("select basis, why, jumped from visit")
    assert (basis, why, jumped) == ("appointment", "先于 A001，因为：预约时段已到", 1)
    assert rooms.desk.window_desk(1)["active"]["why"] == why


def test_an_appointment_whose_slot_has_not_begun_waits_by_arrival(rooms: Rooms) -> None:
    rooms.take()
    rooms.take(booked=Booked(7, rooms.clock() + 60_000))
    assert rooms.desk.call_next(1).ticket.number == "A001"


def test_a_window_helps_with_a_service_only_when_nobody_waits_for_its_own(
    tmp_path: Path, clock: MovedClock
) -> None:
    windows = tuple(
        replace(each, helping=("marriage",)) if each.no == 4 else each
        for each in SMALL_HALL.windows
    )
    rooms = open_rooms(tmp_path / "hall.db", clock, replace(SMALL_HALL, windows=windows))
    rooms.desk.open(4)
    rooms.take("marriage")
    rooms.take("estate")
    assert rooms.desk.call_next(4).ticket.number == "B001"
    rooms.desk.miss(4)
    assert rooms.desk.call_next(4).ticket.number == "A001"
    rooms.store.close()


@pytest.mark.parametrize(
    ("marks", "assisted", "booked", "number"),
    [
        ({}, Assisted(priority="elder", basis="老年证"), None, "A001"),
        ({"mark_priority": True}, Assisted(priority="elder", basis="老年证"), None, "VA001"),
        ({"mark_appointments": True}, Assisted(), Booked(1, 0), "YA001"),
        ({"mark_priority": True, "mark_appointments": True}, Assisted(), None, "A001"),
    ],
)
def test_a_hall_may_mark_priority_and_appointments_in_the_number(
    tmp_path: Path,
    clock: MovedClock,
    marks: dict[str, bool],
    assisted: Assisted,
    booked: Booked | None,
    number: str,
) -> None:
    rooms = a_hall(tmp_path, clock, queue=marks)
    ticket = rooms.desk.ticket(rooms.take(assisted=assisted, booked=booked))
    assert ticket.number == number
    assert rooms.desk.ticket_today(number).id == ticket.id
    rooms.store.close()


# -- the line changes ---------------------------------------------------------------------------


def test_a_ticket_moves_to_another_line_at_its_own_arrival(rooms: Rooms) -> None:
    moved = rooms.take("marriage")
    rooms.take("estate")
    with pytest.raises(NotValid, match="原因"):
        rooms.desk.change_line(moved, "estate", "", by="9001")
    rooms.desk.change_line(moved, "estate", "取错了", by="9001")
    assert rooms.desk.call_next(3).ticket.number == "A001"


def test_who_is_called_meanwhile_moves_nowhere(rooms: Rooms) -> None:
    ticket = rooms.take()
    rooms.desk.call_next(1)
    with refused("not_waiting"):
        rooms.desk.change_line(ticket, "estate", "取错了", by="9001")
    with refused("not_waiting"):
        rooms.desk.favour(ticket, pin="急", by="9001")


@pytest.mark.parametrize(
    ("text", "found"), [("A001", 1), ("a00", 2), ("8000", 1), ("800", 0), ("", 0), ("%", 0)]
)
def test_a_ticket_is_found_by_its_number_or_the_end_of_a_phone(
    rooms: Rooms, text: str, found: int
) -> None:
    rooms.take(phone="13800138000")
    rooms.take()
    assert len(rooms.desk.find(text)) == found


# -- when taking stops --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "code"), [("11:44", ""), ("11:46", "taking_stopped"), ("12:10", "hall_closed")]
)
def test_taking_stops_before_lunch(tmp_path: Path, clock: MovedClock, now: str, code: str) -> None:
    rooms = a_hall(
        tmp_path, clock, hall={"lunch": "12:00-13:30"}, queue={"stop_before_minutes": 15}
    )
    at(clock, now)
    if code:
        with refused(code):
            rooms.take()
    else:
        issued = rooms.desk.issue("marriage", "tap-before-lunch")
        assert issued.notice == "临近午休（12:00），请留意叫号，勿离开大厅。"
    rooms.store.close()


def test_taking_stops_when_the_line_is_longer_than_the_day(
    tmp_path: Path, clock: MovedClock
) -> None:
    rooms = a_hall(tmp_path, clock)
    at(clock, "17:00")
    for _ in range(4):
        rooms.take("estate")
    with refused("wait_too_long"):
        rooms.take("estate")
    assert rooms.take("estate", assisted=Assisted(override="领导同意加号", by="9001"))
    assert rooms.take("marriage"), "another line is short"
    rooms.store.close()


def test_staff_override_is_told_in_the_journal(tmp_path: Path, clock: MovedClock) -> None:
    rooms = a_hall(tmp_path, clock, {"estate": {"quota_morning": 1}})
    rooms.take("estate")
    rooms.take("estate", assisted=Assisted(override="外地当天往返", by="9001"))
    ((detail,),) = rooms.store.rows(
        "select detail from journal where event = 'ticket_taken' and who = '9001'"
    )
    assert "外地当天往返" in detail
    rooms.store.close()


def test_a_quota_holds_for_half_a_day_and_not_for_appointments(
    tmp_path: Path, clock: MovedClock
) -> None:
    rooms = a_hall(tmp_path, clock, {"estate": {"quota_morning": 2, "quota_afternoon": 1}})
    rooms.take("estate")
    rooms.take("estate")
    with refused("quota_used"):
        rooms.take("estate")
    rooms.take("estate", booked=Booked(1, rooms.clock()))
    rooms.take("marriage")
    at(clock, "12:00")
    rooms.take("estate")
    with refused("quota_used"):
        rooms.take("estate")
    rooms.store.close()


def test_a_service_with_its_own_hours_says_when_it_opens(tmp_path: Path, clock: MovedClock) -> None:
    rooms = a_hall(tmp_path, clock, {"estate": {"open_hours": "13:00-16:00"}})
    with refused("service_closed"):
        rooms.take("estate")
    (shown,) = [each for each in rooms.desk.services_now() if each["code"] == "estate"]
    assert not shown["open"]
    assert shown["closed_reason"] == "“不动产登记”现在不办理。下次开放：今天 13:00，请届时取号。"
    rooms.store.close()


# -- the end of the day -------------------------------------------------------------------------


def test_two_hours_after_closing_the_day_ends_and_who_still_waits_expires(
    tmp_path: Path, clock: MovedClock
) -> None:
    rooms = a_hall(tmp_path, clock)
    ticket = rooms.take()
    at(clock, "19:29")
    rooms.desk.tick()
    assert rooms.desk.ticket(ticket).state is State.WAITING
    at(clock, "19:30")
    rooms.desk.tick()
    assert rooms.desk.ticket(ticket).state is State.EXPIRED
    rooms.desk.tick()
    ends = rooms.store.rows("select detail from journal where event = 'day_ended'")
    assert len(ends) == 1
    rooms.store.close()


def test_after_its_end_a_day_gives_no_tickets_whatever_the_clock_says(rooms: Rooms) -> None:
    rooms.take()
    assert rooms.desk.end_day(by="9001") == 1
    with refused("day_ended"):
        rooms.take()
    rooms.clock.move(hours=-1)
    with refused("day_ended"):
        rooms.take()
    rooms.clock.move(hours=25)
    assert rooms.desk.ticket(rooms.take()).number == "A001"


def test_nobody_ends_the_day_while_somebody_is_served(rooms: Rooms) -> None:
    rooms.take()
    rooms.desk.call_next(1)
    with refused("still_serving"):
        rooms.desk.end_day(by="9001")


def test_closed_minutes_are_no_wait_of_the_record(tmp_path: Path, clock: MovedClock) -> None:
    rooms = a_hall(tmp_path, clock, hall={"lunch": "12:00-13:30"})
    at(clock, "11:50")
    rooms.take()
    at(clock, "13:40")
    rooms.desk.call_next(1)
    assert rooms.store.rows("select waited from visit") == [(20 * 60_000,)]
    rooms.store.close()
