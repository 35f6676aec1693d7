"""``verify`` finds an appointment that breaks a promise, and none in a hall that kept them."""

import pytest
from halls import MovedClock, Rooms

from booking.bookings import Bookings
from booking.proof import PROMISES, problems
from booking.taking_over import Foreign
from hall import days

BREAKS = {
    "签到的预约与号票一一对应": "update ticket set appointment = null",
    "预约号票都来自一个已签到的预约": "update ticket set appointment = 2",
    "每人每天同一业务只有一个有效预约": "drop index appointment_one_a_day;"
    "update appointment set person = 'one', day_person = 'one'",
    "每个预约都有预约流水": "drop trigger journal_is_never_shortened;"
    "delete from journal where event = 'appointment_booked'",
}


@pytest.fixture
def kept(rooms: Rooms, clock: MovedClock) -> Rooms:
    """A hall with one who came and one who is expected."""
    bookings = Bookings(rooms.store, rooms.register, rooms.desk, rooms.desk.config, clock)
    rows = [Foreign(name, "marriage", clock() + 30 * days.MINUTE) for name in ("1", "2")]
    first, _ = bookings.import_from("省平台", rows)
    assert first.booking
    bookings.check_in(first.booking.appointment.code, "arrive-00001")
    return rooms


def test_a_hall_that_kept_its_promises_is_whole(kept: Rooms) -> None:
    assert kept.store.row("select count(*) from appointment") == (2,)
    assert problems(kept.store) == []


@pytest.mark.parametrize("promise", PROMISES)
def test_a_broken_promise_is_named(kept: Rooms, promise: str) -> None:
    for statement in BREAKS[promise].split(";"):
        kept.store.connection.execute(statement)
    assert any(promise in sentence for sentence in problems(kept.store))
