"""Who was missed, held or sent on comes back to the right place in line."""

import pytest
from halls import MovedClock, Rooms, open_rooms
from test_desk import journal, refused

from hall.refusals import NotAllowed, NotFound
from hall.tickets import State


def missed(rooms: Rooms, window: int = 2) -> int:
    """Call whoever is next and mark them as missed."""
    ticket = rooms.desk.call_next(window).ticket.id
    rooms.desk.miss(window)
    return ticket


def line(rooms: Rooms, window: int = 2) -> list[str]:
    return [each["number"] for each in rooms.desk.window_desk(window)["line"]]


# -- missed ------------------------------------------------------------------------------------


def test_who_was_missed_comes_back_behind_three_others(rooms: Rooms) -> None:
    for _ in range(6):
        rooms.take()
    missed(rooms)
    assert line(rooms) == ["A002", "A003", "A004", "A005", "A006"]
    back = rooms.desk.come_back("A001")
    assert back.people_ahead == 3
    assert line(rooms) == ["A002", "A003", "A004", "A001", "A005", "A006"]


def test_new_arrivals_stay_behind_who_came_back(rooms: Rooms) -> None:
    rooms.take()
    rooms.take()
    missed(rooms)
    rooms.desk.come_back("A001")
    rooms.take()
    assert line(rooms) == ["A002", "A001", "A003"]


def test_two_who_come_back_stand_in_the_order_in_which_they_came_back(rooms: Rooms) -> None:
    for _ in range(5):
        rooms.take()
    missed(rooms)
    missed(rooms)
    rooms.desk.come_back("A002")
    rooms.desk.come_back("A001")
    assert line(rooms) == ["A003", "A004", "A005", "A002", "A001"]


def test_coming_back_twice_is_coming_back_once(rooms: Rooms) -> None:
    rooms.take()
    missed(rooms)
    rooms.desk.come_back("A001")
    again = rooms.desk.come_back(" a001 ")
    assert again.ticket.state is State.WAITING
    assert journal(rooms).count("ticket_returned") == 1


def test_the_third_miss_is_void(rooms: Rooms) -> None:
    rooms.take()
    for _ in range(2):
        missed(rooms)
        rooms.desk.come_back("A001")
    missed(rooms)
    with refused("ticket_void"):
        rooms.desk.come_back("A001")


def test_who_comes_too_late_takes_a_new_ticket(rooms: Rooms) -> None:
    rooms.take()
    missed(rooms)
    rooms.clock.move(minutes=30)
    rooms.clock.move(seconds=1)
    with refused("returned_too_late"):
        rooms.desk.come_back("A001")
    rooms.clock.move(seconds=-1)
    assert rooms.desk.come_back("A001").ticket.state is State.WAITING


@pytest.mark.parametrize(
    ("policy", "order"),
    [("after_places", ["A002", "A003", "A004", "A001", "A005"]), ("end_of_line", None)],
)
def test_the_hall_chooses_where_who_comes_back_stands(
    tmp_path: object, clock: MovedClock, policy: str, order: list[str] | None
) -> None:
    rooms = open_rooms(tmp_path / "hall.db", clock, queue={"returns": policy})  # type: ignore[operator]
    rooms.desk.open(2)
    for _ in range(5):
        rooms.take()
    missed(rooms)
    rooms.desk.come_back("A001")
    assert line(rooms) == (order or ["A002", "A003", "A004", "A005", "A001"])
    rooms.store.close()


@pytest.mark.parametrize(
    ("policy", "code"), [("void", "ticket_void"), ("help_desk", "help_desk_only")]
)
def test_the_help_desk_brings_back_whom_the_kiosk_refuses(
    tmp_path: object, clock: MovedClock, policy: str, code: str
) -> None:
    rooms = open_rooms(tmp_path / "hall.db", clock, queue={"returns": policy})  # type: ignore[operator]
    rooms.desk.open(2)
    rooms.take()
    ticket = missed(rooms)
    with refused(code):
        rooms.desk.come_back("A001")
    with pytest.raises(NotAllowed.__mro__[1], match="原因"):
        rooms.desk.bring_back(ticket, " ", by="9001")
    assert rooms.desk.bring_back(ticket, "听力不便", by="9001").ticket.state is State.WAITING
    rooms.store.close()


def test_a_number_of_another_day_does_not_come_back(rooms: Rooms) -> None:
    rooms.take()
    ticket = missed(rooms)
    rooms.clock.move(hours=24)
    rooms.desk.tick()
    with pytest.raises(NotFound, match="A001"):
        rooms.desk.come_back("A001")
    with refused("not_today"):
        rooms.desk.bring_back(ticket, "昨天没办成", by="9001")


def test_who_is_being_served_need_not_come_back(rooms: Rooms) -> None:
    rooms.take()
    rooms.desk.call_next(2)
    with refused("not_returnable"):
        rooms.desk.come_back("A001")


def test_who_came_back_loses_the_way_past_the_others(rooms: Rooms) -> None:
    for _ in range(4):
        rooms.take()
    rooms.desk.favour(1, priority="elder", basis="老年证", by="9001")
    missed(rooms)
    rooms.desk.come_back("A001")
    assert line(rooms) == ["A002", "A003", "A004", "A001"]


# -- undo --------------------------------------------------------------------------------------


def test_a_miss_is_taken_back_within_ten_seconds(rooms: Rooms) -> None:
    rooms.take()
    ticket = missed(rooms)
    rooms.clock.move(seconds=10)
    assert rooms.desk.undo(2).state is State.CALLED
    active = rooms.desk.window_desk(2)["active"]
    assert (active["number"], active["state"], active["misses"]) == ("A001", "called", 0)
    rooms.desk.start(2)
    rooms.desk.finish(2, "completed")
    assert rooms.desk.ticket(ticket).state is State.DONE


def test_after_ten_seconds_nothing_is_taken_back(rooms: Rooms) -> None:
    rooms.take()
    missed(rooms)
    rooms.clock.move(seconds=10.001)
    with refused("nothing_to_undo"):
        rooms.desk.undo(2)


def test_a_call_is_taken_back_to_its_place_and_was_no_wait(rooms: Rooms) -> None:
    for _ in range(2):
        rooms.take()
    rooms.desk.call_next(2)
    assert rooms.desk.undo(2).state is State.WAITING
    assert line(rooms) == ["A001", "A002"]
    assert rooms.desk.board("1F")["calls"] == []
    rooms.clock.move(minutes=5)
    rooms.desk.call_next(2)
    waits = rooms.store.rows("select waited from visit order by id")
    assert waits == [(None,), (5 * 60_000,)]


def test_a_repeated_call_and_a_service_that_began_are_not_taken_back(rooms: Rooms) -> None:
    rooms.take()
    rooms.desk.call_next(2)
    rooms.desk.recall(2)
    with refused("nothing_to_undo"):
        rooms.desk.undo(2)
    rooms.desk.start(2)
    with refused("nothing_to_undo"):
        rooms.desk.undo(2)
    rooms.desk.finish(2, "completed")
    with refused("nothing_to_undo"):
        rooms.desk.undo(2)


def test_one_step_is_taken_back_not_two(rooms: Rooms) -> None:
    rooms.take()
    missed(rooms)
    rooms.desk.undo(2)
    assert rooms.desk.undo(2).state is State.WAITING, "the call itself was seconds ago"
    with refused("nothing_to_undo"):
        rooms.desk.undo(2)


def test_what_went_on_elsewhere_is_not_taken_back(rooms: Rooms) -> None:
    rooms.take()
    missed(rooms)
    rooms.desk.come_back("A001")
    rooms.desk.call_next(1)
    with refused("changed_meanwhile"):
        rooms.desk.undo(2)
    assert rooms.desk.window_desk(1)["active"]["number"] == "A001"


def test_a_transfer_is_taken_back_with_its_service(rooms: Rooms) -> None:
    rooms.take()
    rooms.desk.call_next(1)
    rooms.desk.start(1)
    rooms.desk.transfer(1, service="advice", reason="先咨询")
    ticket = rooms.desk.undo(1)
    assert (ticket.state, ticket.service, ticket.window) == (State.SERVING, "marriage", 1)


# -- hold --------------------------------------------------------------------------------------


def held(rooms: Rooms, kind: str = "with_file") -> int:
    rooms.take()
    ticket = rooms.desk.call_next(2).ticket.id
    rooms.desk.start(2)
    rooms.clock.move(minutes=4)
    rooms.desk.hold(2, kind)
    return ticket


@pytest.mark.parametrize(
    ("kind", "minutes"), [("with_file", 30), ("without_file", 120), ("for_somebody", 60)]
)
def test_each_kind_of_hold_has_its_own_clock(rooms: Rooms, kind: str, minutes: int) -> None:
    held(rooms, kind)
    rooms.clock.move(minutes=minutes)
    (lies,) = rooms.desk.window_desk(2)["held"]
    assert not lies["overdue"]
    rooms.clock.move(seconds=1)
    (lies,) = rooms.desk.window_desk(2)["held"]
    assert lies["overdue"]


def test_a_hold_frees_the_window_and_is_no_service_time(rooms: Rooms) -> None:
    ticket = held(rooms)
    rooms.take()
    rooms.desk.call_next(2)
    with refused("window_busy"):
        rooms.desk.resume(2, ticket)
    rooms.desk.miss(2)
    rooms.clock.move(minutes=50)
    rooms.desk.resume(2, ticket)
    rooms.clock.move(minutes=6)
    rooms.desk.finish(2, "completed")
    ((minutes,),) = rooms.store.rows(
        "select (ended_at - started_at - held) / 60000 from visit where ticket = ?", (ticket,)
    )
    assert minutes == 10
    month = rooms.book.month("2026-11", "window")
    assert [each["average_service_minutes"] for each in month.rows if each["served"]] == [10.0]


def test_only_a_service_that_began_is_held(rooms: Rooms) -> None:
    rooms.take()
    rooms.desk.call_next(2)
    with refused("not_started"):
        rooms.desk.hold(2, "with_file")


def test_another_window_does_not_resume_what_lies_here(rooms: Rooms) -> None:
    ticket = held(rooms)
    with refused("not_held_here"):
        rooms.desk.resume(1, ticket)


def test_who_comes_back_with_the_papers_is_next_at_the_same_window(rooms: Rooms) -> None:
    held(rooms, "without_file")
    for _ in range(3):
        rooms.take()
    rooms.desk.come_back("A001")
    assert rooms.desk.call_next(1).ticket.number == "A002", "it is window 2's own"
    called = rooms.desk.call_next(2)
    assert (called.ticket.number, called.why) == ("A001", "回到本窗口")


def test_what_was_kept_for_a_window_that_closes_may_be_called_elsewhere(rooms: Rooms) -> None:
    held(rooms, "without_file")
    rooms.desk.come_back("A001")
    rooms.desk.close(2)
    assert rooms.desk.call_next(1).ticket.number == "A001"


def test_what_is_held_at_the_end_of_the_day_expires(rooms: Rooms) -> None:
    ticket = held(rooms)
    rooms.clock.move(hours=24)
    rooms.desk.tick()
    assert rooms.desk.ticket(ticket).state is State.EXPIRED
    assert rooms.desk.window_desk(2)["held"] == []


# -- transfer ----------------------------------------------------------------------------------


def served(rooms: Rooms, window: int = 1) -> int:
    ticket = rooms.desk.call_next(window).ticket.id
    rooms.desk.start(window)
    return ticket


def test_a_transfer_goes_before_the_line_and_keeps_its_number(rooms: Rooms) -> None:
    rooms.take("estate")
    rooms.take("marriage")
    ticket = served(rooms)
    rooms.desk.transfer(1, service="estate", reason="还要办过户")
    called = rooms.desk.call_next(3)
    assert (called.ticket.id, called.ticket.number) == (ticket, "A001")
    assert called.why == "先于 B001，因为：由其他窗口转来"
    assert rooms.desk.window_desk(3)["active"]["first_receiver"] == {
        "window": 1,
        "clerk": {"staff_number": "1001", "name": "张敏", "post": "办事员", "photo": ""},
    }


def test_a_wrong_item_goes_to_the_right_line_at_its_own_arrival(rooms: Rooms) -> None:
    first = rooms.take("estate")
    wrong = rooms.take("marriage")
    last = rooms.take("estate")
    rooms.desk.call_next(1)
    rooms.desk.transfer(1, service="estate", reason="取错了号", wrong_item=True)
    order = []
    for _ in range(3):
        order.append(rooms.desk.call_next(3).ticket.id)
        rooms.desk.miss(3)
    assert order == [first, wrong, last]


def test_a_ticket_sent_to_a_window_is_called_there_only(rooms: Rooms) -> None:
    rooms.take()
    served(rooms)
    rooms.desk.transfer(1, to_window=2, reason="资料在二号窗口")
    with refused("nobody_waiting"):
        rooms.desk.call_next(1)
    assert rooms.desk.call_next(2).ticket.number == "A001"


def test_a_transfer_ends_the_visit_and_only_the_finished_one_is_rated(rooms: Rooms) -> None:
    rooms.take()
    first = rooms.desk.call_next(1).visit
    rooms.desk.start(1)
    rooms.desk.transfer(1, service="advice", reason="先咨询")
    with refused("not_rateable"):
        rooms.book.rate(first, "very_satisfied", "evaluator", window=1)
    second = rooms.serve(1)
    assert second != first
    rooms.book.rate(second, "very_satisfied", "evaluator", window=1)


@pytest.mark.parametrize(
    ("to", "code"),
    [
        ({"service": "marriage"}, "same_service"),
        ({"service": "nothing"}, "unknown_service"),
        ({"service": "nowhere"}, "no_window"),
        ({"to_window": 1}, "same_window"),
        ({"to_window": 99}, "unknown_window"),
        ({"to_window": 4}, "window_not_open"),
        ({}, "bad_transfer"),
        ({"service": "advice", "to_window": 2}, "bad_transfer"),
        ({"service": "advice", "reason": " "}, "reason_missing"),
    ],
)
def test_a_transfer_to_nowhere_changes_nothing(
    rooms: Rooms, to: dict[str, object], code: str
) -> None:
    rooms.desk.close(4)
    rooms.take()
    served(rooms)
    before = journal(rooms)
    with pytest.raises(Exception, match=r".") as told:
        rooms.desk.transfer(1, **{"reason": "转办", **to})  # type: ignore[arg-type]
    assert getattr(told.value, "code", "") == code
    assert journal(rooms) == before
    assert rooms.desk.window_desk(1)["active"]["state"] == "serving"


# -- several services ---------------------------------------------------------------------------


def test_several_services_of_a_visit_are_rated_each(rooms: Rooms) -> None:
    rooms.take()
    first = rooms.desk.call_next(1).visit
    rooms.desk.start(1)
    rooms.clock.move(minutes=3)
    rooms.desk.next_service(1, "advice", "completed", "HY-1")
    active = rooms.desk.window_desk(1)["active"]
    assert (active["number"], active["service"], active["state"]) == ("A001", "advice", "serving")
    rooms.clock.move(minutes=2)
    rooms.desk.finish(1, "consulted")
    assert rooms.store.taken_between("marriage", 0, rooms.clock() + 1) == 0, "one ticket, moved on"
    for visit in (first, active["visit"]):
        rooms.book.rate(visit, "satisfied", "evaluator", window=1)
    served_here = {
        each["key"]: each["served"]
        for each in rooms.book.month("2026-11", "service").rows
        if each["served"]
    }
    assert served_here == {"marriage": 1, "advice": 1}
