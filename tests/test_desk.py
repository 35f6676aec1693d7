"""The verbs of the queue, on a real file."""

import pytest
from halls import Rooms, open_rooms

from hall.events import CallRepeated, Event, TicketCalled, TicketTaken, WindowChanged
from hall.refusals import NotAllowed, NotFound, NotValid
from hall.tickets import State


def refused(code: str) -> pytest.RaisesExc[NotAllowed]:
    return pytest.RaisesExc(NotAllowed, check=lambda refusal: refusal.code == code)


def journal(rooms: Rooms) -> list[str]:
    return [event for (event,) in rooms.store.rows("select event from journal order by seq")]


# -- taking ------------------------------------------------------------------------------------


def test_a_citizen_gets_the_next_number_of_the_service(rooms: Rooms) -> None:
    numbers = [rooms.desk.ticket(rooms.take(service)).number for service in ("marriage",) * 3]
    assert numbers == ["A001", "A002", "A003"]
    assert rooms.desk.ticket(rooms.take("estate")).number == "B001"


def test_a_double_tap_gives_one_ticket(rooms: Rooms) -> None:
    first = rooms.desk.issue("marriage", "one-and-the-same-tap")
    again = rooms.desk.issue("marriage", "one-and-the-same-tap")
    assert first.fresh
    assert not again.fresh
    assert again.ticket == first.ticket
    assert rooms.store.waiting() == {"marriage": 1}
    assert journal(rooms).count("ticket_taken") == 1


def test_a_tap_that_comes_again_after_the_call_shows_the_called_ticket(rooms: Rooms) -> None:
    rooms.desk.issue("marriage", "tap-before-the-call")
    rooms.desk.call_next(1)
    assert rooms.desk.issue("marriage", "tap-before-the-call").ticket.state is State.CALLED


def test_a_ticket_tells_how_many_are_ahead_and_how_long_it_takes(rooms: Rooms) -> None:
    issued = [rooms.desk.issue("marriage", f"tap-number-{n}") for n in range(5)]
    assert [each.people_ahead for each in issued] == [0, 1, 2, 3, 4]
    assert [each.expected_wait for each in issued] == [0, 0, 0, 11, 11]


def test_a_new_day_begins_its_numbers_at_one(rooms: Rooms) -> None:
    rooms.take()
    rooms.clock.move(hours=24)
    ticket = rooms.desk.ticket(rooms.take())
    assert (ticket.day, ticket.number) == ("2026-11-21", "A001")


def test_a_clock_that_steps_back_a_day_reopens_nothing(rooms: Rooms) -> None:
    rooms.take()
    rooms.clock.move(hours=-24)
    ticket = rooms.desk.ticket(rooms.take())
    assert (ticket.day, ticket.number) == ("2026-11-20", "A002")
    assert rooms.desk.call_next(1).ticket.number == "A001"


def test_a_ticket_of_yesterday_expires_when_the_day_changes(rooms: Rooms) -> None:
    ticket = rooms.take()
    rooms.clock.move(hours=24)
    rooms.desk.tick()
    assert rooms.desk.ticket(ticket).state is State.EXPIRED
    assert "ticket_expired" in journal(rooms)


@pytest.mark.parametrize(
    ("service", "tap", "more", "code"),
    [
        ("ghost", "tap-00000001", {}, "unknown_service"),
        ("nowhere", "tap-00000001", {}, "no_window"),
        ("marriage", "short", {}, "bad_tap"),
        ("marriage", "tap with spaces", {}, "bad_tap"),
        ("marriage", "tap-00000001", {"phone": "no phone"}, "bad_phone"),
        ("marriage", "tap-00000001", {"phone": "1234"}, "bad_phone"),
        ("marriage", "tap-00000001", {"language": "tlh"}, "unknown_language"),
    ],
)
def test_a_refused_taking_changes_nothing(
    rooms: Rooms, service: str, tap: str, more: dict[str, str], code: str
) -> None:
    before = journal(rooms)
    with refused(code):
        rooms.desk.issue(service, tap, **more)  # type: ignore[arg-type]
    assert journal(rooms) == before
    assert rooms.store.waiting() == {}


def test_a_closed_hall_gives_no_ticket_and_says_when_it_opens(rooms: Rooms) -> None:
    rooms.clock.move(hours=10)
    with pytest.raises(NotAllowed, match="下次开放：明天 08:30") as closed:
        rooms.take()
    assert closed.value.code == "hall_closed"


def test_a_service_whose_windows_are_all_closed_gives_no_ticket(rooms: Rooms) -> None:
    rooms.desk.close(3)
    rooms.desk.close(4)
    with refused("no_open_window"):
        rooms.take("estate")
    rooms.desk.open(4)
    rooms.desk.pause(4, "")
    assert rooms.take("estate")


def test_before_the_first_window_opens_people_may_already_take_tickets(rooms: Rooms) -> None:
    for window in (1, 2, 3, 4):
        rooms.desk.close(window)
    issued = rooms.desk.issue("estate", "tap-early-bird")
    assert issued.ticket.number == "B001"
    assert issued.expected_wait is None


def test_the_same_phone_does_not_wait_twice_for_a_service(rooms: Rooms) -> None:
    rooms.take("marriage", phone="13800000000")
    with refused("already_waiting"):
        rooms.take("marriage", phone="13800000000")
    assert rooms.take("estate", phone="13800000000")
    rooms.desk.call_next(1)
    assert rooms.take("marriage", phone="13800000000")


def test_a_ticket_given_back_is_not_called(rooms: Rooms) -> None:
    first, second = rooms.take(), rooms.take()
    rooms.desk.cancel(first)
    assert rooms.desk.call_next(1).ticket.id == second
    with refused("not_waiting"):
        rooms.desk.cancel(second)


# -- calling -----------------------------------------------------------------------------------


def test_tickets_are_called_in_the_order_they_were_taken(rooms: Rooms) -> None:
    taken = [rooms.take(service) for service in ("marriage", "estate", "advice", "marriage")]
    called = []
    for _ in taken:
        called.append(rooms.desk.call_next(4).ticket.id)
        rooms.desk.miss(4)
    assert called == taken


def test_a_window_calls_only_what_it_serves(rooms: Rooms) -> None:
    rooms.take("estate")
    with refused("nobody_waiting"):
        rooms.desk.call_next(1)
    assert rooms.desk.call_next(3).ticket.number == "B001"


def test_a_citizen_called_from_another_window_is_not_called_again(rooms: Rooms) -> None:
    ticket = rooms.take()
    assert rooms.desk.call_next(1).ticket.id == ticket
    with refused("nobody_waiting"):
        rooms.desk.call_next(2)


def test_a_window_has_one_active_ticket(rooms: Rooms) -> None:
    rooms.take()
    rooms.take()
    rooms.desk.call_next(1)
    with refused("window_busy"):
        rooms.desk.call_next(1)
    assert rooms.store.waiting() == {"marriage": 1}


@pytest.mark.parametrize(
    ("verb", "code"), [("close", "window_not_open"), ("pause", "window_paused")]
)
def test_a_window_that_does_not_work_calls_nobody(rooms: Rooms, verb: str, code: str) -> None:
    rooms.take()
    if verb == "close":
        rooms.desk.close(1)
    else:
        rooms.desk.pause(1, "取件")
    with refused(code):
        rooms.desk.call_next(1)
    assert rooms.store.waiting() == {"marriage": 1}


def test_one_ticket_may_be_called_before_its_turn_with_a_reason_that_is_kept(rooms: Rooms) -> None:
    rooms.take()
    late = rooms.take()
    assert rooms.desk.call_this(1, late, "老人行动不便").ticket.id == late
    assert rooms.store.row("select reason from visit")[0] == "老人行动不便"


@pytest.mark.parametrize(
    ("service", "reason", "code"),
    [("marriage", "  ", "reason_missing"), ("estate", "急", "not_served_here")],
)
def test_a_ticket_is_not_called_before_its_turn_without_a_right(
    rooms: Rooms, service: str, reason: str, code: str
) -> None:
    ticket = rooms.take(service)
    with refused(code):
        rooms.desk.call_this(1, ticket, reason)
    assert rooms.desk.ticket(ticket).state is State.WAITING


def test_a_called_ticket_cannot_be_called_before_its_turn(rooms: Rooms) -> None:
    ticket = rooms.take()
    rooms.desk.call_next(1)
    with refused("not_waiting"):
        rooms.desk.call_this(2, ticket, "重复")


def test_a_recall_repeats_the_call_at_most_three_times_fifteen_seconds_apart(rooms: Rooms) -> None:
    rooms.take()
    call = rooms.desk.call_next(1).call
    rooms.clock.move(seconds=5)
    rooms.desk.recall(1)
    with refused("recalled_too_soon"):
        rooms.desk.recall(1)
    for _ in range(2):
        rooms.clock.move(seconds=15)
        rooms.desk.recall(1)
    rooms.clock.move(seconds=15)
    with refused("recalled_enough"):
        rooms.desk.recall(1)
    shown = rooms.desk.board("1F")["calls"][0]
    assert (shown["id"], shown["recall"]) == (call, 3)


def test_a_recall_is_not_silent(rooms: Rooms) -> None:
    """A recall that is silent because the number is not new: the board must show it as newer."""
    rooms.take()
    rooms.take()
    rooms.desk.call_next(1)
    rooms.clock.move(seconds=1)
    rooms.desk.call_next(2)
    assert [each["window"] for each in rooms.desk.board("1F")["calls"]] == [2, 1]
    rooms.clock.move(seconds=1)
    rooms.desk.recall(1)
    assert [each["window"] for each in rooms.desk.board("1F")["calls"]] == [1, 2]


# -- serving -----------------------------------------------------------------------------------


def test_a_service_is_started_and_finished_with_an_outcome(rooms: Rooms) -> None:
    ticket = rooms.take()
    rooms.desk.call_next(1)
    assert rooms.desk.start(1).state is State.SERVING
    rooms.clock.move(minutes=7)
    assert rooms.desk.finish(1, "办结", " 3301-2026-11 ").state is State.DONE
    visit = rooms.store.last_visit_of(ticket)
    assert visit is not None
    assert (visit.outcome, visit.case_number, visit.clerk) == ("completed", "3301-2026-11", "1001")
    assert (visit.ended_at or 0) - (visit.started_at or 0) == 7 * 60_000


@pytest.mark.parametrize(
    ("verb", "code"),
    [("recall", "nothing_called"), ("start", "nothing_called"), ("miss", "nothing_called")],
)
def test_nothing_happens_at_a_window_that_has_called_nobody(
    rooms: Rooms, verb: str, code: str
) -> None:
    with refused(code):
        getattr(rooms.desk, verb)(1)
    with refused("nothing_called"):
        rooms.desk.finish(1, "completed")


def test_a_service_that_was_not_started_is_not_finished(rooms: Rooms) -> None:
    rooms.take()
    rooms.desk.call_next(1)
    with refused("not_started"):
        rooms.desk.finish(1, "completed")


@pytest.mark.parametrize("verb", ["start", "miss", "recall"])
def test_a_citizen_who_is_served_is_not_called(rooms: Rooms, verb: str) -> None:
    rooms.take()
    rooms.desk.call_next(1)
    rooms.desk.start(1)
    with refused("not_called"):
        getattr(rooms.desk, verb)(1)


def test_a_finish_with_an_unknown_outcome_ends_nothing(rooms: Rooms) -> None:
    ticket = rooms.take()
    rooms.desk.call_next(1)
    rooms.desk.start(1)
    with pytest.raises(NotValid):
        rooms.desk.finish(1, "whatever")
    with pytest.raises(NotValid):
        rooms.desk.finish(1, "completed", "9" * 51)
    assert rooms.desk.ticket(ticket).state is State.SERVING


def test_a_clock_that_steps_back_makes_no_negative_time(rooms: Rooms) -> None:
    ticket = rooms.take()
    rooms.clock.move(minutes=-30)
    rooms.desk.call_next(1)
    rooms.clock.move(minutes=-30)
    rooms.desk.start(1)
    rooms.clock.move(minutes=-30)
    rooms.desk.finish(1, "completed")
    waited, served = rooms.store.row("select waited, ended_at - started_at from visit")
    assert (waited, served) == (0, 0)
    assert rooms.desk.ticket(ticket).state is State.DONE


# -- windows -----------------------------------------------------------------------------------


def test_a_window_opens_with_the_clerk_assigned_to_it(rooms: Rooms) -> None:
    rooms.desk.close(2)
    assert rooms.desk.open(2).clerk == "1002"
    assert rooms.desk.open(2, "1004").clerk == "1004"


def test_a_window_does_not_open_with_a_clerk_the_hall_does_not_know(rooms: Rooms) -> None:
    with pytest.raises(NotFound):
        rooms.desk.open(1, "7777")
    with pytest.raises(NotFound):
        rooms.desk.open(99)


def test_a_window_does_not_change_its_clerk_while_it_serves(rooms: Rooms) -> None:
    rooms.take()
    rooms.desk.call_next(1)
    with refused("window_busy"):
        rooms.desk.open(1, "1002")
    with refused("window_busy"):
        rooms.desk.close(1)


def test_a_paused_window_shows_its_reason_and_goes_on_with_the_same_clerk(rooms: Rooms) -> None:
    rooms.desk.open(1, "1003")
    rooms.desk.pause(1, "取件中")
    shown = rooms.desk.board("1F")["windows"][0]
    assert (shown["state"], shown["pause_reason"]) == ("paused", "取件中")
    assert rooms.desk.open(1).clerk == "1003"


def test_a_closed_window_is_not_paused(rooms: Rooms) -> None:
    rooms.desk.close(1)
    with refused("window_not_open"):
        rooms.desk.pause(1, "午休")
    with refused("reason_too_long"):
        rooms.desk.pause(2, "长" * 41)


# -- who hears of it ---------------------------------------------------------------------------


def test_followers_hear_of_what_is_safe_in_the_order_it_happened(rooms: Rooms) -> None:
    heard: list[Event] = []
    rooms.desk.follow(heard.append)
    rooms.take()
    rooms.desk.call_next(1)
    rooms.desk.recall(1)
    rooms.desk.pause(2, "")
    assert [type(each) for each in heard] == [
        TicketTaken,
        TicketCalled,
        CallRepeated,
        WindowChanged,
    ]
    assert [each.seq for each in heard] == sorted(each.seq for each in heard)
    assert heard[0].zones == ("1F", "2F")


def test_a_follower_that_fails_undoes_nothing_and_silences_nobody(
    rooms: Rooms, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[Event] = []

    def fails(_: Event) -> None:
        raise RuntimeError("the screen is gone")

    rooms.desk.follow(fails)
    rooms.desk.follow(heard.append)
    rooms.take()
    assert len(heard) == 1
    assert rooms.store.waiting() == {"marriage": 1}
    assert "a follower failed on TicketTaken" in caplog.text


def test_nobody_hears_of_what_was_undone(rooms: Rooms) -> None:
    heard: list[Event] = []
    rooms.desk.follow(heard.append)
    with pytest.raises(RuntimeError), rooms.store.transaction():
        rooms.take()
        raise RuntimeError
    assert heard == []


def test_what_goes_along_with_an_event_stands_or_falls_with_it(rooms: Rooms) -> None:
    def refuses(_: Event) -> None:
        raise NotAllowed("tally_full", "记不下了。")

    rooms.desk.along(refuses)
    with refused("tally_full"):
        rooms.take()
    assert rooms.store.waiting() == {}


# -- what is shown -----------------------------------------------------------------------------


def test_the_board_is_a_function_of_the_file(rooms: Rooms) -> None:
    rooms.take()
    rooms.take("advice")
    rooms.desk.call_next(1)
    rooms.desk.pause(2, "午休")
    again = open_rooms(rooms.store.path, rooms.clock)
    assert again.desk.board("1F") == rooms.desk.board("1F")
    assert again.desk.board("2F") == rooms.desk.board("2F")
    again.store.close()


def test_every_step_raises_the_rev(rooms: Rooms) -> None:
    revs = [rooms.desk.rev()]
    for step in (
        rooms.take,
        lambda: rooms.desk.call_next(1),
        lambda: rooms.desk.recall(1),
        lambda: rooms.desk.start(1),
        lambda: rooms.desk.finish(1, "other"),
        lambda: rooms.desk.pause(1, ""),
    ):
        step()
        revs.append(rooms.desk.rev())
    assert revs == sorted(set(revs))


def test_the_board_counts_who_waits_and_shows_who_works(rooms: Rooms) -> None:
    for service in ("marriage", "marriage", "advice"):
        rooms.take(service)
    rooms.desk.call_next(2)
    board = rooms.desk.board("1F")
    assert {each["code"]: each["waiting"] for each in board["services"]} == {
        "marriage": 1,
        "advice": 1,
    }
    assert [(each["no"], each["state"], each["waiting"]) for each in board["windows"]] == [
        (1, "open", 2),
        (2, "called", 1),
    ]
    assert board["calls"][0]["number"] == "A001"


def test_a_zone_shows_only_its_own_calls(rooms: Rooms) -> None:
    rooms.take("estate")
    rooms.desk.call_next(3)
    assert rooms.desk.board("1F")["calls"] == []
    assert rooms.desk.board("2F")["calls"][0]["window_name"] == "不动产一号"
    with refused("unknown_zone"):
        rooms.desk.board("9F")


def test_the_clerk_sees_the_line_behind_the_window(rooms: Rooms) -> None:
    for service in ("marriage", "estate", "advice"):
        rooms.take(service)
    rooms.clock.move(minutes=12)
    shown = rooms.desk.window_desk(1)
    assert [(each["number"], each["waited_minutes"]) for each in shown["line"]] == [
        ("A001", 12),
        ("Z001", 12),
    ]
    assert shown["waiting_total"] == 2
    assert shown["active"] is None
    rooms.desk.call_next(1)
    assert rooms.desk.window_desk(1)["active"]["number"] == "A001"


def test_the_clerk_sees_first_where_most_wait(rooms: Rooms) -> None:
    rooms.take("marriage")
    assert _waiting_at(rooms, 1)[0] == ("marriage", 1)
    for _ in range(2):
        rooms.take("advice")
    assert _waiting_at(rooms, 1)[:2] == [("advice", 2), ("marriage", 1)]


def _waiting_at(rooms: Rooms, window: int) -> list[tuple[str, int]]:
    shown = rooms.desk.window_desk(window)["waiting"]
    return [(each["service"], each["waiting"]) for each in shown]


def test_the_fate_of_a_slip_is_kept(rooms: Rooms) -> None:
    ticket = rooms.take()
    rooms.desk.note_slip(ticket, "failed", "缺纸")
    event, detail = rooms.store.row("select event, detail from journal order by seq desc")
    assert event == "slip_failed"
    assert "缺纸" in detail
