"""Notices through Apprise: the right words to the right phone, in time or not at all."""

import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from halls import MovedClock, Rooms, open_rooms
from listener import Listener, deliveries, outbox_of, program, states
from servers import HOUSE

from hall import config
from hall.config import BadConfig
from hall.outside_settings import NotifySection
from outbox import notifiers
from outbox.notifiers import Notifier
from outbox.outbox import Outbox
from outbox.webhooks import ALARM, BADLY, COMPLAINT_RED, NEARLY, NOTICE_RETRIES, RED, TYPES

__all__ = ["program"]  # a fixture
PHONE = "13800001111"
GATEWAY = "json://127.0.0.1:{port}/sms/{{phone}}"
GROUP = "json://127.0.0.1:{port}/group"


@pytest.fixture
def rooms(tmp_path: Path, clock: MovedClock, program: Listener) -> Iterator[Rooms]:
    """A hall that sends SMS and tells a group of its staff, both to the program that listens."""
    opened = hall_that_notifies(tmp_path, clock, program)
    yield opened
    opened.store.close()


def hall_that_notifies(folder: Path, clock: MovedClock, program: Listener, **more: Any) -> Rooms:
    notify = {
        "citizen": GATEWAY.format(port=program.port),
        "staff": [GROUP.format(port=program.port)],
        **more,
    }
    rooms = open_rooms(folder / "hall.db", clock, notify=notify)
    for window in (1, 2, 3, 4):
        rooms.desk.open(window)
    return rooms


@pytest.fixture
def box(rooms: Rooms) -> Outbox:
    return outbox_of(rooms)


def come_near(rooms: Rooms, phone: str | None = PHONE, language: str = "zh") -> int:
    """Take a ticket that then has one person ahead."""
    for _ in range(2):
        rooms.take()
    ticket = rooms.take(phone=phone, language=language)
    rooms.desk.call_next(1)
    return ticket


# -- the citizen -------------------------------------------------------------------------------


def test_the_citizen_reads_number_people_ahead_and_windows(
    rooms: Rooms, box: Outbox, program: Listener
) -> None:
    come_near(rooms)
    box.tick()
    (heard,) = program.heard
    assert heard.path == f"/sms/{PHONE}"
    assert heard.json["message"] == (
        "【云溪县政务服务中心】您的 A003 号前面还有 1 人，请到 1、2、4 号窗口附近等候（婚姻登记）。"
    )
    assert states(rooms) == ["sent"]


def test_who_took_the_ticket_in_english_reads_english(
    rooms: Rooms, box: Outbox, program: Listener
) -> None:
    come_near(rooms, language="en")
    box.tick()
    assert program.heard[0].json["message"] == (
        "[Government Service Hall] 1 people are ahead of A003. Please wait near window 1, 2, 4."
    )


def test_a_citizen_is_told_once_however_the_line_moves(
    rooms: Rooms, box: Outbox, program: Listener
) -> None:
    come_near(rooms)
    box.tick()
    rooms.desk.call_next(2)
    rooms.take()
    box.tick()
    assert len(program.heard) == 1


def test_the_phone_stands_in_no_message_and_no_delivery(rooms: Rooms, box: Outbox) -> None:
    come_near(rooms)
    box.tick()
    kept = [*rooms.store.rows("select * from message"), *rooms.store.rows("select * from delivery")]
    assert len(kept) == 2
    assert PHONE not in str(kept)


def test_the_words_say_how_many_are_ahead_when_they_leave(
    rooms: Rooms, box: Outbox, program: Listener
) -> None:
    come_near(rooms)
    rooms.desk.call_next(2)
    box.tick()
    assert "前面还有 0 人" in program.heard[0].json["message"]


def test_who_was_called_meanwhile_is_not_told_any_more(
    rooms: Rooms, box: Outbox, program: Listener
) -> None:
    come_near(rooms)
    rooms.desk.call_next(2)
    rooms.desk.call_next(4)
    box.tick()
    assert program.heard == []
    assert deliveries(rooms) == [("dead", 1, "已不在等候，没有发送")]


def test_a_gateway_with_trouble_is_tried_again_for_half_an_hour(
    rooms: Rooms, box: Outbox, program: Listener
) -> None:
    come_near(rooms)
    program.answers = 500
    for wait in (0, *NOTICE_RETRIES):
        rooms.clock.move(seconds=wait)
        box.tick()
    (delivery,) = deliveries(rooms)
    assert delivery[:2] == ("dead", 1 + len(NOTICE_RETRIES))
    assert "500" in delivery[2]
    assert len(program.heard) == 1 + len(NOTICE_RETRIES)


def test_a_hall_without_a_gateway_tells_no_phone(
    tmp_path: Path, clock: MovedClock, program: Listener
) -> None:
    rooms = hall_that_notifies(tmp_path, clock, program, citizen="")
    box = outbox_of(rooms)
    come_near(rooms)
    box.tick()
    assert program.heard == []
    assert deliveries(rooms) == []
    rooms.store.close()


def test_a_demonstration_tells_no_real_phone(
    tmp_path: Path, clock: MovedClock, program: Listener
) -> None:
    rooms = hall_that_notifies(tmp_path, clock, program)
    rooms.store.connection.execute("update hall set demo = 1")
    box = outbox_of(rooms)
    come_near(rooms)
    box.tick()
    assert program.heard == []
    assert deliveries(rooms) == []
    rooms.store.close()


def test_a_phone_is_escaped_before_it_becomes_part_of_an_address() -> None:
    gateway = Notifier("citizen", "json://gov.example.cn/{phone}/sms", (NEARLY,))
    assert gateway.url_for("138/../?x=1@") == "json://gov.example.cn/138%2F..%2F%3Fx%3D1%40/sms"


def test_the_gateway_of_the_guide_gets_phone_and_words_where_it_wants_them(
    tmp_path: Path, clock: MovedClock, program: Listener
) -> None:
    guide = (HOUSE / "docs" / "webhooks.md").read_text(encoding="utf-8")
    found = re.search(r'citizen = "jsons://[^/]*(/[^"]+)"', guide)
    assert found
    gateway = f"json://127.0.0.1:{program.port}{found[1]}"
    rooms = hall_that_notifies(tmp_path, clock, program, citizen=gateway)
    box = outbox_of(rooms)
    come_near(rooms)
    box.tick()
    (heard,) = program.heard
    assert heard.path == "/send"
    assert heard.json["mobile"] == PHONE
    assert "A003" in heard.json["content"]
    rooms.store.close()


def test_the_guide_names_every_type() -> None:
    guide = (HOUSE / "docs" / "webhooks.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([a-z_.]+)` \|", guide, re.MULTILINE)) == {*TYPES, "type"}


# -- the staff ---------------------------------------------------------------------------------


def test_a_bad_rating_is_told_to_the_group_without_who_and_how(
    rooms: Rooms, box: Outbox, program: Listener
) -> None:
    rooms.take()
    rooms.book.rate(rooms.serve(1), "very_dissatisfied", "qr", text="等太久", contact=PHONE)
    box.tick()
    (heard,) = program.heard
    assert heard.path == "/group"
    assert heard.json["message"] == (
        "【云溪县政务服务中心】收到差评：A001 号，婚姻登记，1 号窗口。"
    )


def test_a_good_rating_is_not(rooms: Rooms, box: Outbox, program: Listener) -> None:
    rooms.take()
    rooms.book.rate(rooms.serve(1), "basically_satisfied", "qr")
    box.tick()
    assert program.heard == []


def test_the_hall_chooses_what_its_staff_is_told(
    tmp_path: Path, clock: MovedClock, program: Listener
) -> None:
    chosen = {"staff_events": ["ticket.taken"], "staff_text": "{what} {number} {windows} {hall}"}
    rooms = hall_that_notifies(tmp_path, clock, program, **chosen)
    box = outbox_of(rooms)
    rooms.take()
    rooms.desk.call_next(1)
    box.tick()
    said = [each.json["message"] for each in program.heard]
    assert said == ["取号 A001 — 云溪县政务服务中心"]
    rooms.store.close()


def test_a_group_named_twice_is_told_once(
    tmp_path: Path, clock: MovedClock, program: Listener
) -> None:
    group = GROUP.format(port=program.port)
    rooms = hall_that_notifies(
        tmp_path, clock, program, staff=[group, group], staff_events=["ticket.taken"] * 2
    )
    box = outbox_of(rooms)
    rooms.take()
    box.tick()
    assert len(program.heard) == 1
    rooms.store.close()


# -- what Apprise says -------------------------------------------------------------------------


@pytest.fixture
def log_of_the_hall() -> Iterator[list[str]]:
    """What reaches the root of all logs, where the server's own handler sits."""
    said: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    root, kept = logging.getLogger(), Kept()
    root.addHandler(kept)
    yield said
    root.removeHandler(kept)


def test_what_apprise_says_of_a_failure_goes_to_no_log_and_names_no_phone(
    program: Listener, log_of_the_hall: list[str]
) -> None:
    address = f"json://127.0.0.1:{program.port}/sms/{PHONE}"
    assert notifiers.send(address, "您的号快到了").error == ""
    program.answers = 404
    assert "404" in notifiers.send(address, "您的号快到了").error
    logging.getLogger("apprise").warning("Failed to send to %s.", PHONE)
    logging.getLogger("outbox").warning("something else")
    assert log_of_the_hall == ["something else"]


def test_a_phone_in_what_apprise_says_is_struck_out(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gateway:
        def notify(self, body: str) -> bool:
            logging.getLogger("apprise").warning("Failed to send %s to %s.", body, PHONE)
            return False

    notifiers.send("json://127.0.0.1:9/", "x")  # Apprise is there
    monkeypatch.setattr(notifiers, "_service", lambda _: Gateway())
    assert notifiers.send("sms://", "号").error == "Failed to send 号 to …."


def test_words_in_braces_that_nobody_knows_stay() -> None:
    assert notifiers.fill("{number} {else} {", number="A001") == "A001 {else} {"


# -- the settings ------------------------------------------------------------------------------


def test_mistakes_are_told_together_at_the_start() -> None:
    with pytest.raises(BadConfig) as bad:
        config.from_dict(
            {
                "notify": {
                    "ahead": -1,
                    "citizen": "json://gateway/sms",
                    "staff": ["wecombot"],
                    "citizen_text": "{nummer}",
                    "staff_text": "{ahead}",
                    "sttaff": [],
                }
            }
        )
    lines = str(bad.value).splitlines()
    assert len(lines) == 6
    for told in ("ahead", "{phone}", "wecombot", "{nummer}", "{ahead}", "“staff”"):
        assert any(told in line for line in lines), told


def test_an_address_that_apprise_does_not_know_stops_the_start(
    tmp_path: Path, clock: MovedClock
) -> None:
    wrong = {
        "citizen": "smms://key/{phone}",
        "staff": ["json://gov.example.cn", "dingtalk://secret/token"],
        "staff_events": ["ticket.called", "ticket.nearby"],
    }
    rooms = open_rooms(tmp_path / "hall.db", clock, notify=wrong)
    with pytest.raises(BadConfig) as bad:
        outbox_of(rooms)
    said = str(bad.value)
    assert "[notify.citizen]" in said
    assert "smms://" in said
    assert "ticket.nearby" in said
    assert "[notify.staff.0]" not in said
    assert "secret" not in said
    rooms.store.close()


@pytest.mark.parametrize(
    "address",
    [
        "wecombot://693axxx6-7aoc-4bc4-97a0-0ec2sifa5aaa",
        "dingtalk://abcdef0123456789abcdef",
        "d7sms://token@8613800001111",
    ],
)
def test_the_addresses_of_the_guide_are_right(address: str) -> None:
    notifiers.check(NotifySection(staff=[address]))


def test_the_settings_as_shipped_tell_nobody() -> None:
    assert notifiers.notifiers(NotifySection()) == []
    assert NotifySection().staff_events == [BADLY, RED, COMPLAINT_RED, ALARM]


def python(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        cwd=HOUSE,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_hall_that_notifies_nobody_never_loads_apprise(tmp_path: Path) -> None:
    code = (
        "import sys, server\n"
        "from hall.config import Config\n"
        f"server.create_app(Config(), {str(tmp_path / 'hall.db')!r})\n"
        "print('apprise' in sys.modules)\n"
    )
    told = python("-c", code)
    assert told.stdout.strip() == "False", told.stderr


def test_the_server_starts_without_the_library_that_apprise_asks_with() -> None:
    told = python("-X", "importtime", "server.py", "serve", "--help")
    assert "engineio.client" in told.stderr  # which would load it
    assert "urllib3" not in told.stderr
