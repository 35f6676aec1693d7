"""One page a window, stand-ins, and what is shown outside."""

from halls import Rooms
from test_desk import journal, refused


def test_two_pages_do_not_hold_one_window(rooms: Rooms) -> None:
    rooms.desk.hold_window(1, "page-a")
    rooms.desk.hold_window(1, "page-a")
    with refused("window_taken"):
        rooms.desk.hold_window(1, "page-b")
    rooms.desk.check_holds(1, "page-a")


def test_a_window_is_taken_over_only_when_that_is_confirmed(rooms: Rooms) -> None:
    rooms.desk.hold_window(1, "page-a", by="1001")
    rooms.desk.hold_window(1, "page-b", by="1002", take_over=True)
    rooms.desk.check_holds(1, "page-b")
    with refused("window_taken_over"):
        rooms.desk.check_holds(1, "page-a")
    assert journal(rooms)[-1] == "window_taken_over"


def test_a_closed_window_is_held_by_nobody(rooms: Rooms) -> None:
    rooms.desk.hold_window(1, "page-a")
    rooms.desk.close(1)
    rooms.desk.hold_window(1, "page-b")
    rooms.desk.check_holds(1, "page-b")


def test_a_pause_keeps_the_page_that_holds_the_window(rooms: Rooms) -> None:
    rooms.desk.hold_window(1, "page-a")
    rooms.desk.pause(1, "午间休息")
    rooms.desk.open(1)
    with refused("window_taken"):
        rooms.desk.hold_window(1, "page-b")


def test_another_clerk_stands_in_for_the_one_of_the_window(rooms: Rooms) -> None:
    rooms.desk.close(1)
    rooms.desk.open(1, "1002")
    shown = rooms.desk.window_desk(1)
    assert (shown["clerk"]["name"], shown["stands_in_for"]["name"]) == ("李㛃", "张敏")
    rooms.desk.open(1, "1001")
    assert rooms.desk.window_desk(1)["stands_in_for"] is None
