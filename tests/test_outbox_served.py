"""What leaves a hall that is really served: through threads, past kill -9, to SMS and back."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from listener import Listener, listening
from servers import ALWAYS_OPEN, Served, served
from standardwebhooks import Webhook

from outbox.receivers import Receivers, Standing

PHONE = "13800001111"


@pytest.fixture
def program() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


def add(hall: Served, url: str, *more: str) -> str:
    """Add a webhook with the command line and return its secret."""
    told = hall.command("webhook", "add", url, *more)
    assert told.returncode == 0, told.stderr
    found = re.search(r"whsec_\S+", told.stdout)
    assert found
    return found[0]


def standing(hall: Served) -> list[Standing]:
    with hall.register() as register:
        return Receivers(register.store, register.clock).all()


def take_until_heard(hall: Served, program: Listener, seconds: float = 20) -> None:
    """Take tickets until the server has learned of its webhook: it looks once a second."""
    deadline = time.monotonic() + seconds
    while not program.heard:
        assert time.monotonic() < deadline, "no ticket was ever told"
        assert hall.take().status == 201
        time.sleep(0.2)


def test_a_webhook_added_while_the_hall_is_served_is_told_and_can_check_who_tells(
    tmp_path: Path, program: Listener
) -> None:
    with served(tmp_path / "hall") as hall:
        secret = add(hall, program.url, "--events", "ticket.taken")
        take_until_heard(hall, program)
        heard = program.heard[0]
        said = Webhook(secret).verify(heard.body, heard.headers)
        assert said["type"] == "ticket.taken"
        assert said["data"]["service_name"] == "婚姻登记"
        assert hall.stop() == 0
        assert hall.errors == ""


def test_a_receiver_that_hangs_holds_up_neither_tickets_nor_the_end(
    tmp_path: Path, program: Listener
) -> None:
    program.answers = "hang"
    with served(tmp_path / "hall") as hall:
        add(hall, program.url, "--events", "ticket.taken")
        take_until_heard(hall, program)
        for _ in range(10):
            assert hall.take().status == 201
        assert len(program.heard) == program.at_once == 1  # it still hangs on the first
        began = time.monotonic()
        assert hall.stop() == 0
        assert time.monotonic() - began < 15, "the receiver hangs for 30 s"


def test_what_was_on_its_way_when_the_hall_was_killed_is_sent_again_under_its_id(
    tmp_path: Path, program: Listener
) -> None:
    program.answers = "hang"
    with served(tmp_path / "hall") as hall:
        add(hall, program.url, "--events", "ticket.taken")
        take_until_heard(hall, program)
        first = program.heard[0]
        hall.kill()
        assert standing(hall)[0].sent == 0
        program.answers = 200
        program.let_go.set()
        hall.start()
        again = program.wait_for(2)[1]
        assert again.id == first.id
        assert again.body == first.body
        taken = hall.take().json["number"]
        deadline = time.monotonic() + 20
        while standing(hall)[0].open:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    numbers = [each.json["data"]["number"] for each in program.heard[1:]]
    assert len(set(numbers)) == len(numbers)
    assert taken in numbers


def test_sms_and_group_messages_leave_a_served_hall(tmp_path: Path, program: Listener) -> None:
    settings = (
        f"{ALWAYS_OPEN}\n[notify]\n"
        f'citizen = "json://127.0.0.1:{program.port}/sms/{{phone}}"\n'
        f'staff = ["json://127.0.0.1:{program.port}/group"]\n'
    )
    with served(tmp_path / "hall", settings=settings) as hall:
        assert hall.at(1, "open").status == 200
        hall.take()
        hall.take()
        assert hall.take(phone=PHONE).status == 201
        visit = hall.serve_next(1)["visit"]
        sms = program.wait_for(1)[0]
        assert sms.path == f"/sms/{PHONE}"
        assert "A003" in sms.json["message"]
        body = {"visit": visit, "level": "very_dissatisfied", "channel": "qr"}
        assert hall.post("/api/v1/ratings", body, hall.key("program")).status == 201
        group = program.wait_for(2)[1]
        assert group.path == "/group"
        assert "收到差评" in group.json["message"]
        assert hall.stop() == 0
        assert hall.errors == ""


def test_an_address_that_apprise_does_not_know_stops_the_start_in_a_sentence(
    tmp_path: Path,
) -> None:
    hall = Served(tmp_path / "hall", settings='[notify]\nstaff = ["wecombott://abcdef"]\n')
    hall.prepare()
    told = hall.command("serve", "--port", "0")
    assert told.returncode == 1
    assert "wecombott://" in told.stderr
    assert "Traceback" not in told.stderr


# -- the command line --------------------------------------------------------------------------


@pytest.fixture
def hall(tmp_path: Path) -> Served:
    """A hall that is not served."""
    prepared = Served(tmp_path / "hall")
    prepared.prepare()
    return prepared


def test_the_secret_is_told_once(hall: Served) -> None:
    secret = add(hall, "https://gov.example.cn/hook", "--events", "ticket.called,ticket.missed")
    told = hall.command("webhook", "list").stdout
    assert "https://gov.example.cn/hook" in told
    assert "ticket.called、ticket.missed" in told
    assert secret not in told


def test_a_webhook_is_removed_by_its_number(hall: Served) -> None:
    add(hall, "https://gov.example.cn/hook")
    assert "全部事件" in hall.command("webhook", "list").stdout
    assert hall.command("webhook", "retry", "1").returncode == 0
    assert hall.command("webhook", "remove", "1").returncode == 0
    assert hall.command("webhook", "list").stdout == ""


@pytest.mark.parametrize(
    "words",
    [
        ("add", "ftp://gov.example.cn/"),
        ("add",),
        ("add", "https://gov.example.cn/", "--events", "ticket.caled"),
        ("remove", "7"),
        ("retry", "seven"),
        ("dance", "1"),
    ],
)
def test_what_is_no_webhook_is_refused_in_a_sentence(hall: Served, words: tuple[str, ...]) -> None:
    told = hall.command("webhook", *words)
    assert told.returncode != 0
    assert told.stderr
    assert "Traceback" not in told.stderr
    assert standing(hall) == []
