"""The outbox: what happened leaves the hall once it is true, and until somebody has it."""

import json
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from halls import MovedClock, Rooms, open_rooms
from listener import Listener, deliveries, outbox_of, program, receivers, states
from standardwebhooks import Webhook, WebhookVerificationError
from test_desk import refused

from hall import days
from outbox.receivers import Receivers
from outbox.webhooks import NEARLY, TYPES

__all__ = ["program", "receivers"]  # fixtures
PHONE = "13800001111"


# -- what is written ---------------------------------------------------------------------------


def test_a_day_at_the_window_is_told_step_by_step(
    rooms: Rooms, receivers: Receivers, program: Listener
) -> None:
    receivers.add(program.url)
    box = outbox_of(rooms)
    rooms.take()
    rooms.take()
    visit = rooms.serve(1)
    rooms.book.rate(visit, "satisfied", "qr")
    rooms.desk.call_next(1)
    rooms.desk.miss(1)
    box.tick()
    assert program.types == [
        *("ticket.taken", "ticket.taken", "ticket.called", "service.started", "service.finished"),
        *("service.rated", "ticket.called", "ticket.missed"),
    ]
    assert program.heard[5].json["data"]["level"] == "satisfied"
    assert [each.json["data"]["number"] for each in program.heard[2:]] == [
        *["A001"] * 4,
        *["A002"] * 2,
    ]
    assert set(states(rooms)) == {"sent"}


def test_a_receiver_takes_over_a_new_secret_within_a_day_and_misses_nothing(
    rooms: Rooms, receivers: Receivers, program: Listener, clock: MovedClock
) -> None:
    hook = receivers.add(program.url, "ticket.taken")
    first, box, opening = hook.secret, outbox_of(rooms), clock()
    second = receivers.rotate(hook.id, "server.py webhook")

    def good_with(instant: int) -> set[str]:
        """Which secrets a message that is sent now verifies with, by the library's own means."""
        clock.instant = opening
        rooms.desk.issue("estate", f"tap-{rooms.store.last_seq():06d}")
        clock.instant = instant
        box.tick()
        heard = program.heard[-1]
        found = set()
        for secret in (first, second):
            with suppress(WebhookVerificationError):
                Webhook(secret).verify(heard.body, heard.headers)
                found.add(secret)
        return found

    # the library looks at the real clock
    now = days.now()
    rooms.store.connection.execute("update webhook set former_until = ?", (now + days.HOUR,))
    assert good_with(now) == {first, second}
    rooms.store.connection.execute("update webhook set former_until = ?", (now,))
    assert good_with(now) == {second}
    third = receivers.rotate(hook.id)
    (standing,) = receivers.all()
    assert standing.webhook.secrets(clock()) == (third, second)
    assert standing.webhook.secrets(clock() + days.DAY) == (third,)
    with refused("unknown_webhook"):
        receivers.rotate(99)
    noted = rooms.store.rows("select who, detail from journal where event = 'webhook_rotated'")
    assert noted[0][0] == "server.py webhook"
    assert "whsec" not in str(noted)


def test_a_message_is_signed_with_the_secret_of_its_webhook(
    rooms: Rooms, receivers: Receivers, program: Listener, clock: MovedClock
) -> None:
    secret = receivers.add(program.url, "ticket.taken").secret
    box = outbox_of(rooms)
    ticket = rooms.desk.issue("estate", "tap-000001").ticket
    # the library looks at the real clock, and the hall need not be open at this hour
    clock.instant = days.now()
    box.tick()
    (heard,) = program.heard
    said = Webhook(secret).verify(heard.body, heard.headers)
    assert said["type"] == "ticket.taken"
    assert said["timestamp"] == days.iso(ticket.taken_at, rooms.desk.zone)
    assert said["data"]["ticket"] == ticket.id
    assert heard.headers["content-type"] == "application/json"


def test_a_webhook_hears_only_what_it_asked_for(
    rooms: Rooms, receivers: Receivers, program: Listener
) -> None:
    receivers.add(program.url, "ticket.missed")
    box = outbox_of(rooms)
    rooms.take()
    rooms.desk.call_next(1)
    rooms.desk.miss(1)
    box.tick()
    assert program.types == ["ticket.missed"]
    assert rooms.store.rows("select type from message") == [("ticket.missed",)]


def test_while_nobody_listens_nothing_is_written_and_nothing_is_asked(rooms: Rooms) -> None:
    outbox_of(rooms)
    statements: list[str] = []
    rooms.take()
    rooms.store.connection.set_trace_callback(statements.append)
    rooms.take(phone=PHONE)
    visit = rooms.serve(1)
    rooms.book.rate(visit, "dissatisfied", "qr")
    rooms.store.connection.set_trace_callback(None)
    assert any("insert into journal" in each for each in statements)
    assert not [each for each in statements if "message" in each or "delivery" in each]
    assert rooms.store.row("select count(*) from message")[0] == 0


def test_a_verb_that_is_undone_leaves_no_message(
    rooms: Rooms, receivers: Receivers, program: Listener
) -> None:
    receivers.add(program.url)
    box = outbox_of(rooms)
    with pytest.raises(RuntimeError), rooms.store.transaction():
        rooms.take()
        assert rooms.store.row("select count(*) from delivery")[0] == 1
        raise RuntimeError
    box.tick()
    assert program.heard == []
    rooms.take()
    box.tick()
    assert program.types == ["ticket.taken"]


def test_the_schema_itself_tells_nothing_twice(rooms: Rooms, receivers: Receivers) -> None:
    receivers.add("http://127.0.0.1:9/", "ticket.taken")
    outbox_of(rooms)
    rooms.take()
    for table, columns in (("message", "type, about"), ("delivery", "message, webhook")):
        others = {"message": "'msg_2', body, made_at", "delivery": "99, 0"}[table]
        names = {"message": "id, body, made_at", "delivery": "id, next_at"}[table]
        with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
            rooms.store.connection.execute(
                f"insert into {table} ({names}, {columns}) select {others}, {columns} from {table}"
            )


def test_a_bad_rating_is_told_as_such_and_a_good_one_is_not(
    rooms: Rooms, receivers: Receivers, program: Listener
) -> None:
    receivers.add(program.url, "service.rated_badly")
    box = outbox_of(rooms)
    for level in ("satisfied", "very_dissatisfied"):
        rooms.take()
        rooms.book.rate(rooms.serve(1), level, "qr", text="等太久", contact=PHONE)
    box.tick()
    (heard,) = program.heard
    assert heard.json["type"] == "service.rated_badly"
    assert heard.json["data"]["level"] == "very_dissatisfied"
    assert "等太久" not in heard.body
    assert PHONE not in heard.body


def test_a_webhook_removed_a_moment_ago_holds_up_no_ticket(
    rooms: Rooms, receivers: Receivers
) -> None:
    gone = receivers.add("http://127.0.0.1:9/", "ticket.taken")
    outbox_of(rooms)
    receivers.remove(gone.id)  # the outbox learns of it at its next tick
    ticket = rooms.take()
    assert rooms.desk.ticket(ticket).number == "A001"
    assert deliveries(rooms) == []


def test_a_webhook_added_while_the_hall_is_served_hears_what_comes_next(
    rooms: Rooms, receivers: Receivers, program: Listener
) -> None:
    box = outbox_of(rooms)
    rooms.take()
    receivers.add(program.url)
    box.tick()
    rooms.take()
    box.tick()
    assert [each.json["data"]["number"] for each in program.heard] == ["A002"]


# -- three people ahead ------------------------------------------------------------------------


def near(program: Listener) -> list[tuple[str, int]]:
    """Return number and people ahead of everybody who was told."""
    told = [each.json for each in program.heard if each.json["type"] == NEARLY]
    return [(each["data"]["number"], each["data"]["people_ahead"]) for each in told]


def test_who_left_a_phone_is_told_once_when_three_are_ahead(
    rooms: Rooms, receivers: Receivers, program: Listener
) -> None:
    receivers.add(program.url, NEARLY)
    box = outbox_of(rooms)
    for _ in range(5):
        rooms.take()
    rooms.take(phone=PHONE)
    rooms.desk.call_next(1)
    box.tick()
    assert near(program) == []  # four are ahead
    rooms.desk.call_next(2)
    rooms.desk.call_next(4)
    box.tick()
    assert near(program) == [("A006", 3)]
    assert PHONE not in program.heard[0].body


def test_who_left_no_phone_is_not_told(
    rooms: Rooms, receivers: Receivers, program: Listener
) -> None:
    receivers.add(program.url, NEARLY)
    box = outbox_of(rooms)
    for _ in range(4):
        rooms.take()
    rooms.desk.call_next(1)
    box.tick()
    assert near(program) == []


def test_a_ticket_given_back_moves_the_line_too(
    rooms: Rooms, receivers: Receivers, program: Listener
) -> None:
    receivers.add(program.url, NEARLY)
    box = outbox_of(rooms)
    first = [rooms.take() for _ in range(4)]
    rooms.take(phone=PHONE)
    rooms.desk.cancel(first[2])
    box.tick()
    assert near(program) == [("A005", 3)]


def test_another_line_that_moves_tells_nobody_here(
    rooms: Rooms, receivers: Receivers, program: Listener
) -> None:
    receivers.add(program.url, NEARLY)
    box = outbox_of(rooms)
    rooms.take("estate")
    rooms.take("marriage", phone=PHONE)
    rooms.desk.call_next(3)
    box.tick()
    assert near(program) == []
    rooms.take("marriage")
    rooms.desk.cancel(rooms.take("marriage"))
    box.tick()
    assert near(program) == [("A001", 0)]


def test_who_is_called_at_once_is_not_told_that_the_turn_is_near(
    rooms: Rooms, receivers: Receivers, program: Listener
) -> None:
    receivers.add(program.url, NEARLY)
    box = outbox_of(rooms)
    rooms.take(phone=PHONE)
    rooms.desk.call_next(1)
    box.tick()
    assert near(program) == []


@pytest.mark.parametrize(("ahead", "told"), [(0, []), (1, [("A003", 1)])])
def test_the_hall_says_how_many_are_few(
    tmp_path: Path, clock: MovedClock, program: Listener, ahead: int, told: list[Any]
) -> None:
    rooms = open_rooms(tmp_path / "hall.db", clock, notify={"ahead": ahead})
    Receivers(rooms.store, clock).add(program.url, NEARLY)
    box = outbox_of(rooms)
    rooms.desk.open(1)
    rooms.take()
    rooms.take()
    rooms.take(phone=PHONE)
    rooms.desk.call_next(1)
    box.tick()
    assert near(program) == told
    rooms.store.close()


# -- who is told -------------------------------------------------------------------------------


def test_a_webhook_is_listed_with_how_its_deliveries_stand(
    rooms: Rooms, receivers: Receivers, program: Listener
) -> None:
    receivers.add(program.url, "ticket.taken, ticket.called")
    box = outbox_of(rooms)
    rooms.take()
    box.tick()
    program.answers = 500
    rooms.take()
    box.tick()
    (standing,) = receivers.all()
    assert standing.webhook.events == ("ticket.taken", "ticket.called")
    assert (standing.sent, standing.open, standing.dead) == (1, 1, 0)
    assert standing.last_error == "HTTP 500"


def test_a_webhook_that_is_removed_hears_nothing_more(
    rooms: Rooms, receivers: Receivers, program: Listener
) -> None:
    webhook = receivers.add(program.url)
    box = outbox_of(rooms)
    rooms.take()
    receivers.remove(webhook.id)
    box.tick()
    assert program.heard == []
    assert receivers.all() == []
    with refused("unknown_webhook"):
        receivers.remove(webhook.id)
    with refused("unknown_webhook"):
        receivers.retry(webhook.id)


def test_the_journal_keeps_who_changed_the_webhooks_and_no_secret(
    rooms: Rooms, receivers: Receivers
) -> None:
    webhook = receivers.add("https://gov.example.cn/hook?token=abc", by="server.py webhook")
    receivers.retry(webhook.id, by="server.py webhook")
    receivers.remove(webhook.id, by="server.py webhook")
    kept = rooms.store.rows("select event, who, detail from journal where event like 'webhook%'")
    assert [event for event, _, _ in kept] == [
        "webhook_added",
        "webhook_retried",
        "webhook_removed",
    ]
    assert {who for _, who, _ in kept} == {"server.py webhook"}
    assert json.loads(kept[0][2]) == {"webhook": webhook.id, "host": "gov.example.cn"}


def test_every_webhook_has_a_secret_and_a_number_of_its_own(
    rooms: Rooms, receivers: Receivers
) -> None:
    first = receivers.add("http://127.0.0.1:9/")
    receivers.remove(first.id)
    second = receivers.add("http://127.0.0.1:9/")
    assert second.id != first.id
    assert second.secret != first.secret
    assert set(TYPES) >= set(second.events) == set()
