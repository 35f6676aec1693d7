"""The demonstration's appointments: slots to book, and people who are expected soon."""

from halls import Rooms

from booking.bookings import Bookings
from booking.rules import State
from demo.expected import EXPECTED, expect
from hall import days


def bookings_of(rooms: Rooms) -> Bookings:
    desk = rooms.desk
    return Bookings(rooms.store, rooms.register, desk, desk.config, rooms.clock)


def test_people_are_expected_soon_and_common_services_can_be_booked(rooms: Rooms) -> None:
    bookings = bookings_of(rooms)
    names = [name for name, _ in expect(bookings, rooms.clock())]
    assert names == ["手机预约", "手机上的一个预约"]
    assert {each.code for each in bookings.services()} == {"marriage", "estate"}
    assert bookings.counts()["2026-11-20"]["booked"] == len(EXPECTED)


def test_a_demonstration_started_again_expects_nobody_twice(rooms: Rooms) -> None:
    bookings = bookings_of(rooms)
    assert expect(bookings, rooms.clock()) == expect(bookings, rooms.clock())
    assert bookings.counts()["2026-11-20"]["booked"] == len(EXPECTED)


def test_the_appointment_it_shows_is_checked_in_at_the_kiosk(rooms: Rooms) -> None:
    bookings = bookings_of(rooms)
    (_, page) = expect(bookings, rooms.clock())[-1]
    found = bookings.appointment(page.removeprefix("/book/"))
    assert 0 < found.slot_at - rooms.clock() <= 30 * days.MINUTE
    bookings.check_in(found.code, "arrive-00001")
    assert bookings.appointment(found.code).state is State.ARRIVED
