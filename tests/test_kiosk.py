"""The kiosk's own routes: who may ask, one slip a ticket, and nothing said to who comes late."""

import io
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from uuid import uuid4

import pytest
import zxingcpp
from halls import Rooms
from PIL import Image
from servers import Answer, Served, served

from hall import days
from hall.refusals import NotAllowed
from kiosk.menu import menu
from kiosk.printing import FakePrinter, Printers
from kiosk.slip import SlipFacts, slip
from kiosk.slips import Slips

ADDRESS = "fake:"
SLIP = slip(SlipFacts("厅", "A001", "婚姻登记", "1号窗口", 0, None, "2026-11-20 10:00"))


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("hall")) as running:
        yield running


def take(hall: Served, key: str, **body: object) -> Answer:
    asked = {"service": "marriage", "tap": str(uuid4()), **body}
    return hall.post("/kiosk/tickets", asked, key)


# -- the menu ----------------------------------------------------------------------------------


def test_the_menu_holds_common_services_and_departments_in_the_halls_order(rooms: Rooms) -> None:
    shown = menu(rooms.register.catalogue(), rooms.desk.services_now(), None)
    assert [each["code"] for each in shown["common"]] == ["estate", "marriage"]
    assert [each["code"] for each in shown["departments"]] == ["MZ", "BDC"]
    services = shown["departments"][0]["services"]
    assert [each["code"] for each in services] == ["advice", "marriage", "nowhere"]
    assert services[1]["open"]
    assert not services[2]["open"]
    assert "咨询台" in services[2]["closed_reason"]
    assert (shown["open"], shown["message"]) == (True, "")


def test_the_menu_of_a_closed_hall_says_why(rooms: Rooms) -> None:
    closed = NotAllowed("hall_closed", "大厅取号时间为 08:30 至 17:30。")
    shown = menu(rooms.register.catalogue(), rooms.desk.services_now(), closed)
    assert (shown["open"], shown["message"]) == (False, closed.message)


# -- one slip a ticket -------------------------------------------------------------------------


@pytest.fixture
def slips(rooms: Rooms) -> Iterator[Slips]:
    with ThreadPoolExecutor(1) as pool:
        yield Slips(Printers(pool.submit, [ADDRESS]), rooms.desk)


def printed(slips: Slips) -> int:
    printer = slips.printers.printer(ADDRESS)
    assert isinstance(printer, FakePrinter)
    return len(printer.slips)


def test_a_ticket_that_is_asked_for_twice_is_printed_once(slips: Slips, rooms: Rooms) -> None:
    ticket = rooms.take()
    first = slips.print_once(ticket, ADDRESS, lambda: SLIP)
    again = slips.print_once(ticket, ADDRESS, lambda: SLIP)
    assert again is first
    assert first.wait(2) == "printed"
    assert printed(slips) == 1


def test_a_press_of_reprint_is_one_more_slip_and_its_double_is_none(
    slips: Slips, rooms: Rooms
) -> None:
    ticket = rooms.take()
    assert slips.print_once(ticket, ADDRESS, lambda: SLIP).wait(2) == "printed"
    for _ in range(2):
        assert slips.print_again(ticket, "tap-00000001", ADDRESS, lambda: SLIP).wait(2) == "printed"
    assert printed(slips) == 2


def test_a_reprint_at_the_kiosk_is_kept_in_the_journal_once(slips: Slips, rooms: Rooms) -> None:
    ticket = rooms.take()
    for _ in range(2):
        slips.print_again(ticket, "tap-00000001", ADDRESS, lambda: SLIP, where="一楼取号机")
    steps = [each for each in rooms.store.steps_of(ticket) if each[2] == "slip_reprinted"]
    assert [(who, detail) for *_, who, detail in steps] == [("kiosk", '{"detail": "一楼取号机"}')]


def test_what_became_of_a_slip_is_kept_in_the_journal(slips: Slips, rooms: Rooms) -> None:
    noted: list[tuple[int, str]] = []
    rooms.desk.follow(
        lambda event: (
            noted.append((event.ticket.id, event.outcome))  # type: ignore[attr-defined]
            if type(event).__name__ == "SlipNoted"
            else None
        )
    )
    ticket = rooms.take()
    slips.print_once(ticket, ADDRESS, lambda: SLIP).wait(2)
    slips.print_again(ticket, "tap-00000001", "", lambda: SLIP)
    slips.tick()
    assert noted == [(ticket, "printed"), (ticket, "failed")]


# -- the routes --------------------------------------------------------------------------------


def test_a_kiosk_without_a_printer_gives_the_ticket_and_says_so(hall: Served) -> None:
    answer = take(hall, hall.key("kiosk"))
    assert answer.status == 201
    ticket = answer.json
    assert ticket["paper"] == "none"
    assert "号码" in ticket["paper_message"]
    assert ticket["windows"] == [1, 2, 4]
    assert ticket["track_url"].startswith(f"{hall.address}/r/")


def test_the_same_tap_again_is_the_same_ticket(hall: Served) -> None:
    tap = str(uuid4())
    first, again = (take(hall, hall.key("kiosk"), tap=tap) for _ in range(2))
    assert (first.status, again.status) == (201, 200)
    assert first.json["number"] == again.json["number"]


def test_the_picture_of_a_slip_leads_to_the_ticket(hall: Served) -> None:
    ticket = take(hall, hall.key("kiosk")).json
    answer = hall.get(ticket["slip_url"], hall.key("kiosk"))
    assert answer.headers["Content-Type"] == "image/png"
    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(answer.body)).convert("L"))
    assert [each.text for each in found] == [ticket["track_url"]]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"service": "none"}, 404),
        ({"service": ""}, 422),
        ({"service": 7}, 422),
        ({"tap": "x"}, 422),
        ({"language": "fr"}, 422),
        ({"phone": "not a number"}, 422),
        ({"more": 1}, 422),
        ({"service": "nowhere"}, 409),
    ],
)
def test_a_wrong_touch_is_refused_with_a_code_and_a_sentence(
    hall: Served, body: dict[str, object], status: int
) -> None:
    answer = take(hall, hall.key("kiosk"), **body)
    assert answer.status == status
    assert answer.code
    assert answer.json["message"].endswith("。")


@pytest.mark.parametrize("path", ["/kiosk/menu.json", "/kiosk/tickets/1/paper"])
def test_only_a_kiosk_asks_the_kiosks_questions(hall: Served, path: str) -> None:
    assert hall.get(path).status == 401
    assert hall.get(path, hall.key("display", zone="1F")).status == 403


def test_only_a_kiosk_takes_tickets_here(hall: Served) -> None:
    assert take(hall, "wrong-key").status == 401
    assert take(hall, hall.key("window", 1)).status == 403


def test_who_comes_late_is_sent_to_the_help_desk(hall: Served) -> None:
    """A slip carries the right to rate: a kiosk hands it only to who has just taken the ticket."""
    ticket = take(hall, hall.key("kiosk")).json["id"]
    reprint = f"/kiosk/tickets/{ticket}/reprint"
    assert hall.post(reprint, {"tap": str(uuid4())}, hall.key("kiosk")).status == 200
    age(hall, ticket)
    late = hall.post(reprint, {"tap": str(uuid4())}, hall.key("kiosk"))
    assert (late.status, late.code) == (409, "taken_long_ago")
    for path in ("slip.png", "qr.svg"):
        assert hall.get(f"/kiosk/tickets/{ticket}/{path}", hall.key("kiosk")).status == 409


def age(hall: Served, ticket: int) -> None:
    """Let eleven minutes pass for one ticket."""
    with closing(sqlite3.connect(hall.database, timeout=10)) as file, file:
        file.execute(
            "update ticket set taken_at = taken_at - ? where id = ?", (11 * days.MINUTE, ticket)
        )
