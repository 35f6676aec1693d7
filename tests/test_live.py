"""Which screens an event concerns, and how soon: a call at once, the rest gathered."""

import pytest
from halls import SMALL_HALL, Rooms

from hall.events import Event
from web.live import rooms_of


@pytest.fixture
def happened(rooms: Rooms) -> list[Event]:
    """What desk and book tell, from here on."""
    told: list[Event] = []
    rooms.desk.follow(told.append)
    rooms.book.follow(told.append)
    return told


def of(event: Event) -> tuple[set[str], set[str]]:
    urgent, soon = rooms_of(event, SMALL_HALL)
    return set(urgent), set(soon)


def test_a_ticket_is_told_to_every_screen_and_window_of_its_service(
    rooms: Rooms, happened: list[Event]
) -> None:
    rooms.take("marriage")
    urgent, soon = of(happened[-1])
    assert not urgent
    assert soon == {"zone:1F", "zone:2F", "window:1", "window:2", "window:4"}


def test_a_call_and_its_recall_are_on_the_screens_at_once(
    rooms: Rooms, happened: list[Event]
) -> None:
    rooms.take("marriage")
    for act in (rooms.desk.call_next, rooms.desk.recall):
        act(1)
        urgent, soon = of(happened[-1])
        assert {"zone:1F", "zone:2F"} <= urgent
        assert {"window:1", "window:2", "window:4"} <= soon


def test_an_evaluator_is_asked_at_once_and_no_other(rooms: Rooms, happened: list[Event]) -> None:
    rooms.take("estate")
    visit = rooms.serve(3)
    asked = [of(each)[0] for each in happened if type(each).__name__ == "RatingAsked"]
    assert asked == [{"evaluator:3"}]
    rooms.book.rate(visit, "satisfied", "evaluator", window=3)
    urgent, soon = of(happened[-1])
    assert urgent == {"evaluator:3"}
    assert "window:3" in soon


def test_a_window_that_pauses_tells_its_zone_and_its_evaluator(
    rooms: Rooms, happened: list[Event]
) -> None:
    rooms.desk.pause(2, "开会")
    _, soon = of(happened[-1])
    assert {"zone:1F", "window:2", "evaluator:2"} <= soon


def test_a_change_of_the_hall_itself_is_told_to_everybody(
    rooms: Rooms, happened: list[Event]
) -> None:
    rooms.register.save(SMALL_HALL.windows[0])
    _, soon = of(happened[-1])
    assert {"zone:1F", "zone:2F", "window:4", "evaluator:1"} <= soon
