"""A receiver that fails, hangs or is gone: nothing is lost, nothing waits for it, and it ends."""

import logging
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from halls import Rooms
from listener import (
    Listener,
    deliveries,
    listening,
    outbox_of,
    program,
    receivers,
    states,
    ticking_until,
)

from hall import errands, posting
from outbox import outbox
from outbox.receivers import Receivers
from outbox.webhooks import WEBHOOK_RETRIES

__all__ = ["program", "receivers"]  # fixtures


# -- receivers that fail -----------------------------------------------------------------------


def test_a_receiver_with_trouble_is_tried_again_under_the_same_id(
    rooms: Rooms, receivers: Receivers, program: Listener
) -> None:
    receivers.add(program.url, "ticket.taken")
    box = outbox_of(rooms)
    rooms.take()
    program.answers = 500
    box.tick()
    assert deliveries(rooms) == [("failed", 1, "HTTP 500")]
    rooms.clock.move(seconds=4)
    box.tick()
    assert len(program.heard) == 1
    program.answers = 204
    rooms.clock.move(seconds=1)
    box.tick()
    assert deliveries(rooms) == [("sent", 2, "")]
    first, second = program.heard
    assert first.id == second.id
    assert first.body == second.body
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
    rooms.clock.move(hours=100)
    box.tick()
    assert len(program.heard) == 2


def test_after_ten_tries_a_message_is_a_dead_letter_until_somebody_asks(
    rooms: Rooms, receivers: Receivers, program: Listener
) -> None:
    webhook = receivers.add(program.url, "ticket.taken")
    box = outbox_of(rooms)
    rooms.take()
    program.answers = 503
    for wait in (0, *WEBHOOK_RETRIES):
        assert states(rooms) != ["dead"]
        rooms.clock.move(seconds=wait)
        box.tick()
    assert deliveries(rooms) == [("dead", 10, "HTTP 503")]
    assert len(program.heard) == 10
    rooms.clock.move(hours=100)
    box.tick()
    assert len(program.heard) == 10
    program.answers = 200
    assert receivers.retry(webhook.id) == 1
    box.tick()
    assert states(rooms) == ["sent"]
    assert len({each.id for each in program.heard}) == 1


def test_a_receiver_that_asks_for_two_minutes_gets_them(
    rooms: Rooms, receivers: Receivers, program: Listener
) -> None:
    receivers.add(program.url, "ticket.taken")
    box = outbox_of(rooms)
    rooms.take()
    program.answers, program.extra = 429, {"Retry-After": "120"}
    box.tick()
    rooms.clock.move(seconds=119)
    box.tick()
    assert len(program.heard) == 1
    rooms.clock.move(seconds=1)
    box.tick()
    assert len(program.heard) == 2


def test_a_redirect_is_not_followed(rooms: Rooms, receivers: Receivers, program: Listener) -> None:
    receivers.add(program.url, "ticket.taken")
    box = outbox_of(rooms)
    rooms.take()
    program.answers, program.extra = 307, {"Location": f"{program.url}/elsewhere"}
    box.tick()
    assert [each.path for each in program.heard] == ["/hook"]
    assert deliveries(rooms) == [("failed", 1, "HTTP 307")]


def test_a_receiver_that_is_gone_is_switched_off_and_can_be_switched_on_again(
    rooms: Rooms, receivers: Receivers, program: Listener
) -> None:
    webhook = receivers.add(program.url, "ticket.taken")
    box = outbox_of(rooms)
    rooms.take()
    program.answers = 410
    box.tick()
    (standing,) = receivers.all()
    assert not standing.webhook.active
    assert standing.dead == 1
    box.tick()
    rooms.take()
    box.tick()
    assert len(program.heard) == 1
    program.answers = 200
    receivers.retry(webhook.id)
    box.tick()
    rooms.take()
    box.tick()
    assert [each.json["data"]["number"] for each in program.heard] == ["A001", "A001", "A003"]


@pytest.mark.parametrize(
    ("mood", "told"),
    [("hang", "1 秒内没有答完"), ("close", "中途断开"), ("drip", "1 秒内没有答完")],
)
def test_a_receiver_that_hangs_closes_or_drips_is_left_in_time(
    rooms: Rooms,
    receivers: Receivers,
    program: Listener,
    monkeypatch: pytest.MonkeyPatch,
    mood: str,
    told: str,
) -> None:
    monkeypatch.setattr(posting, "SECONDS", 1.0)
    receivers.add(program.url, "ticket.taken")
    box = outbox_of(rooms)
    rooms.take()
    rooms.take()
    program.answers = mood
    box.tick()
    # The second message did not wait for the same receiver a second time.
    assert len(program.heard) == 1
    first, second = deliveries(rooms)
    assert first[:2] == ("failed", 1)
    assert told in first[2]
    assert second == ("pending", 0, "")
    program.let_go.set()
    program.answers = 200
    rooms.clock.move(seconds=5)
    box.tick()
    assert states(rooms) == ["sent", "sent"]


def test_ten_seconds_are_the_longest_a_receiver_may_take() -> None:
    assert posting.SECONDS == 10


def test_a_receiver_that_is_not_there_is_told_later(rooms: Rooms, receivers: Receivers) -> None:
    with listening() as program:
        url, port = program.url, program.port
    receivers.add(url, "ticket.taken")
    box = outbox_of(rooms)
    rooms.take()
    box.tick()
    (delivery,) = deliveries(rooms)
    assert delivery[:2] == ("failed", 1)
    assert "没有连通" in delivery[2]
    assert str(port) in receivers.all()[0].webhook.url


def test_one_bad_message_does_not_hold_up_the_next(
    rooms: Rooms, receivers: Receivers, program: Listener
) -> None:
    receivers.add(program.url, "ticket.taken")
    box = outbox_of(rooms)
    rooms.take()
    rooms.take()
    program.answers = 500
    box.tick()
    assert [each.json["data"]["number"] for each in program.heard] == ["A001", "A002"]


def test_a_fault_of_our_own_is_logged_and_tried_again(
    rooms: Rooms,
    receivers: Receivers,
    program: Listener,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    receivers.add(program.url, "ticket.taken")
    box = outbox_of(rooms)
    rooms.take()

    def fault(*_: Any) -> None:
        raise KeyError("nothing")

    with monkeypatch.context() as broken, caplog.at_level(logging.ERROR):
        broken.setattr(outbox, "_post", fault)
        box.tick()
    assert "could not be sent" in caplog.text
    assert deliveries(rooms) == [("failed", 1, "KeyError")]
    rooms.clock.move(seconds=5)
    box.tick()
    assert states(rooms) == ["sent"]


# -- beside the loop ---------------------------------------------------------------------------


def test_a_slow_receiver_holds_up_neither_the_hall_nor_the_others(
    rooms: Rooms, receivers: Receivers, program: Listener
) -> None:
    with listening("hang") as slow, ThreadPoolExecutor() as threads:
        receivers.add(slow.url, "ticket.taken")
        receivers.add(program.url, "ticket.taken")
        box = outbox_of(rooms, threads.submit)
        rooms.take()
        box.tick()
        slow.wait_for(1)
        for _ in range(3):
            rooms.take()
        box.tick()
        ticking_until(box, lambda: len(program.heard) == 4)
        assert len(slow.heard) == 1
        slow.answers = 200
        slow.let_go.set()


def test_the_same_delivery_never_runs_twice_at_once(
    rooms: Rooms, receivers: Receivers, program: Listener
) -> None:
    program.answers = "hang"
    with ThreadPoolExecutor() as threads:
        receivers.add(program.url, "ticket.taken")
        box = outbox_of(rooms, threads.submit)
        rooms.take()
        for _ in range(5):
            box.tick()
            rooms.clock.move(seconds=1)
        program.wait_for(1)
        box.tick()
        assert len(program.heard) == 1
        program.answers = 200
        program.let_go.set()
        ticking_until(box, lambda: states(rooms) == ["failed"])
        rooms.clock.move(seconds=60)
        ticking_until(box, lambda: states(rooms) == ["sent"])
    assert program.most_at_once == 1


def test_what_was_answered_but_not_noted_is_sent_again_under_its_id(
    rooms: Rooms, receivers: Receivers, program: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    receivers.add(program.url, "ticket.taken")
    killed = outbox_of(rooms)
    monkeypatch.setattr(killed.errands, "note_what_ended", lambda: None)
    rooms.take()
    killed.tick()
    assert len(program.heard) == 1
    assert states(rooms) == ["pending"]
    outbox_of(rooms).tick()
    assert states(rooms) == ["sent"]
    first, second = program.heard
    assert (first.id, first.body) == (second.id, second.body)


def test_closing_waits_for_the_answer_that_is_on_its_way(
    rooms: Rooms, receivers: Receivers, program: Listener
) -> None:
    with ThreadPoolExecutor() as threads:
        receivers.add(program.url, "ticket.taken")
        box = outbox_of(rooms, threads.submit)
        rooms.take()
        box.tick()
        box.close()
    assert states(rooms) == ["sent"]


def test_closing_does_not_wait_for_a_receiver_that_hangs(
    rooms: Rooms,
    receivers: Receivers,
    program: Listener,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(errands, "LAST_ANSWERS_SECONDS", 0.2)
    program.answers = "hang"
    with ThreadPoolExecutor() as threads:
        receivers.add(program.url, "ticket.taken")
        box = outbox_of(rooms, threads.submit)
        rooms.take()
        rooms.take()
        box.tick()
        program.wait_for(1)
        box.close()
        assert states(rooms) == ["pending", "pending"]
        program.let_go.set()


def test_what_the_file_refuses_to_note_is_noted_at_the_next_tick(
    rooms: Rooms, receivers: Receivers, program: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    receivers.add(program.url, "ticket.taken")
    box = outbox_of(rooms)
    rooms.take()

    def full(*_: Any) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as disk:
        disk.setattr(box.messages, "sent", full)
        with pytest.raises(sqlite3.OperationalError):
            box.tick()
    assert states(rooms) == ["pending"]
    box.tick()
    assert states(rooms) == ["sent"]
    assert len(program.heard) == 1


def test_many_messages_leave_in_their_order(
    rooms: Rooms, receivers: Receivers, program: Listener
) -> None:
    receivers.add(program.url, "ticket.taken")
    box = outbox_of(rooms)
    for _ in range(45):
        rooms.take()
    for _ in range(3):
        box.tick()
    numbers = [each.json["data"]["number"] for each in program.heard]
    assert numbers == [f"A{count:03}" for count in range(1, 46)]


def test_what_is_due_is_found_through_the_index(rooms: Rooms) -> None:
    box = outbox_of(rooms)
    asked: list[str] = []
    rooms.store.connection.set_trace_callback(asked.append)
    box.messages.due(1, None, rooms.clock(), 20)
    rooms.store.connection.set_trace_callback(None)
    (question,) = asked
    plan = rooms.store.rows(f"explain query plan {question}")
    assert "USING INDEX delivery_due" in plan[0][3]
    assert not [each for each in plan if "SCAN" in each[3] or "TEMP B-TREE" in each[3]]


def test_messages_of_last_month_are_forgotten(
    rooms: Rooms, receivers: Receivers, program: Listener
) -> None:
    receivers.add(program.url, "ticket.taken")
    box = outbox_of(rooms)
    rooms.take()
    box.tick()
    rooms.clock.move(hours=24 * 29)
    box.tick()
    assert len(deliveries(rooms)) == 1
    rooms.clock.move(hours=25)
    box.tick()
    assert deliveries(rooms) == []
    assert rooms.store.row("select count(*) from message")[0] == 0
    assert rooms.store.row("select count(*) from journal where event = 'ticket_taken'")[0] == 1
