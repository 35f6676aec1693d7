"""The text message after a service: to whoever left a phone, once, with a link that says sms."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from halls import MovedClock, Rooms, open_rooms
from listener import Listener, deliveries, outbox_of, program

from hall import config
from outbox.outbox import Outbox

__all__ = ["program"]  # a fixture
TEXT = "【{hall}】{number} 号（{service}）已在 {window} 号窗口办完，请评价：{link}"


@pytest.fixture
def rooms(tmp_path: Path, clock: MovedClock, program: Listener) -> Iterator[Rooms]:
    yield from open_hall(tmp_path, clock, program)


def open_hall(
    folder: Path, clock: MovedClock, program: Listener, url: str = "https://hall.example.cn"
) -> Iterator[Rooms]:
    gateway = f"json://127.0.0.1:{program.port}/sms/{{phone}}"
    notify = {"citizen": gateway, "ahead": 0, "rate_text": TEXT}
    opened = open_rooms(folder / "hall.db", clock, notify=notify, hall={"public_url": url})
    opened.desk.open(1)
    yield opened
    opened.store.close()


@pytest.fixture
def box(rooms: Rooms) -> Outbox:
    return outbox_of(rooms)


def test_who_left_a_phone_is_sent_the_link_after_the_service(
    rooms: Rooms, box: Outbox, program: Listener
) -> None:
    ticket = rooms.take(phone="13800001111")
    box.tick()
    assert program.heard == []
    rooms.serve(1)
    box.tick()
    box.tick()
    (heard,) = program.heard
    link = f"https://hall.example.cn{rooms.book.link(ticket)}?c=sms"
    assert heard.path == "/sms/13800001111"
    assert heard.json["message"] == (
        f"【云溪县政务服务中心】A001 号（婚姻登记）已在 1 号窗口办完，请评价：{link}"
    )


def test_who_left_no_phone_is_no_delivery(rooms: Rooms, box: Outbox, program: Listener) -> None:
    rooms.take()
    rooms.serve(1)
    box.tick()
    assert program.heard == []
    assert deliveries(rooms) == []


def test_who_has_rated_at_the_window_is_not_asked_again(
    rooms: Rooms, box: Outbox, program: Listener
) -> None:
    rooms.take(phone="13800001111")
    rooms.book.rate(rooms.serve(1), "satisfied", "evaluator")
    box.tick()
    assert program.heard == []


def test_without_an_address_for_phones_nothing_is_sent(
    tmp_path: Path, clock: MovedClock, program: Listener
) -> None:
    for rooms in open_hall(tmp_path, clock, program, url=""):
        box = outbox_of(rooms)
        rooms.take(phone="13800001111")
        rooms.serve(1)
        box.tick()
        assert program.heard == []


@pytest.mark.parametrize(
    ("text", "told"), [("请评价", "须含有"), ("{link} {phone}", "没有 {phone} 可以填")]
)
def test_a_text_without_the_link_stops_the_start(text: str, told: str) -> None:
    with pytest.raises(config.BadConfig, match=told):
        config.from_dict({"notify": {"rate_text": text}})
