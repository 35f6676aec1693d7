"""What nobody means to send is answered below 500, and leaves no trace in the log."""

import base64
import json
import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from paper import wait_until
from servers import Served, served
from socketio.packet import Packet

import faults  # noqa: F401 - finds the tests' helpers
from faults import askers, malformed, watched
from faults.askers import Askers
from faults.frames import Frames, frame
from faults.malformed import Findings
from hall.refusals import NotValid
from web.aside import in_thread
from web.packets import Malformed, Said

HUGE = 2**63


@pytest.fixture(scope="module")
def known() -> Askers:
    return Askers()


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory, known: Askers) -> Iterator[Served]:
    """The small hall, in which everybody is signed in."""
    folder = tmp_path_factory.mktemp("hall")
    told = askers.prepare(Served(folder))
    known.headers |= told.headers
    known.rooms |= told.rooms
    with served(folder) as running:
        yield running


# -- the short forms of `python -m faults malformed` -------------------------------------------


def test_no_page_falls_over_what_it_never_asked_for(hall: Served, known: Askers) -> None:
    found = Findings()
    assert malformed.ask_pages(hall, known, 300, found, seed=6, slow_share=0) == 300
    assert found.answers["4xx"] > 100
    assert found.wrong == {}
    assert watched.falls(hall.errors) == []


@pytest.mark.parametrize(
    ("path", "role", "rule", "status"),
    [
        ("/api/v1/board", "display", "/api/v1/board", 422),
        ("/api/v1/board?zone=9F", "display", "/api/v1/board", 404),
        ("/api/v1/tickets/999", "kiosk", "/api/v1/tickets/{ticket}", 404),
        ("/api/v1/months/2026-13/export.csv", "program", "/api/v1/months/{month}/export.csv", 422),
    ],
)
def test_a_refusal_is_one_the_document_names(
    hall: Served, path: str, role: str, rule: str, status: int
) -> None:
    assert hall.get(path, hall.key(role)).status == status
    document = hall.get("/api/openapi.json").json
    assert str(status) in document["paths"][rule]["get"]["responses"]


def test_no_socket_falls_over_what_no_page_says(hall: Served) -> None:
    found = Findings()
    assert Frames(hall, found, seed=6).send(200) >= 200
    assert found.answers["frames"] > 80
    assert found.wrong == {}
    assert hall.get("/healthz").status == 200
    assert watched.falls(hall.errors) == []


# -- what the long form found ------------------------------------------------------------------


@pytest.mark.parametrize(
    "digits", [str(HUGE), "9" * 40, "9" * 4_500], ids=["19 digits", "40 digits", "4,500 digits"]
)
def test_a_number_that_no_row_can_have_is_an_address_that_does_not_exist(
    hall: Served, digits: str
) -> None:
    assert hall.get(f"/api/v1/tickets/{digits}", hall.key("kiosk")).status == 404


def test_a_number_that_no_row_can_have_is_refused_in_a_body(hall: Served) -> None:
    answer = hall.at(1, "calls", ticket=HUGE, reason="本人急事")
    assert (answer.status, answer.code) == (422, "bad_input")
    page = {"visit": HUGE, "ticket": HUGE}
    told = hall.post("/window/1/start", page, hall.key("window", 1))
    assert 400 <= told.status < 500


@pytest.mark.parametrize("path", ["/enter", "/sign-in", "/api/v1/tickets"])
def test_half_a_sign_is_no_text(hall: Served, path: str) -> None:
    half = json.dumps(dict.fromkeys(("key", "staff_number", "password", "tap"), "\ud800")).encode()
    kind = {"Content-Type": "application/json"}
    assert 400 <= hall.post(path, half, hall.key("kiosk"), headers=kind).status < 500
    assert watched.falls(hall.errors) == []


def test_a_refusal_from_a_thread_is_not_printed(capfd: pytest.CaptureFixture[str]) -> None:
    def refuses() -> None:
        raise NotValid("bad_month", "月份须写作 2026-11 的样子。")

    with pytest.raises(NotValid):
        in_thread(refuses)
    assert capfd.readouterr().err == ""


def test_a_file_whose_name_has_a_nul_is_read_all_the_same(hall: Served, known: Askers) -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a\x00.csv"\r\n\r\n'
        b"no table\r\n--x--\r\n"
    )
    kind = {"Content-Type": "multipart/form-data; boundary=x", **known.headers["manager"]}
    assert hall.post("/manager/tags", body, headers=kind).status == 422


@pytest.mark.parametrize(
    "said",
    [
        *("", "2", "2{}", "2[]", "2[1]", "2null", '2["watch"', "9", "x", "4", "6[]", "3{}"),
        *('2["connect",{}]', '2["disconnect"]', '51-["watch",{"_placeholder":true,"num":0}]'),
        *("2" + "[" * 100_000, "2" + "9" * 5_000),
    ],
    ids=lambda said: said[:12],
)
def test_what_is_no_packet_of_a_client_is_known_as_such(said: str) -> None:
    if said:
        with pytest.raises(Malformed):
            Said(encoded_packet=said)
    assert Said(encoded_packet='2["watch",{"zone":"1F"}]').data == ["watch", {"zone": "1F"}]
    assert (
        Said(packet_type=2, data=["board", 1]).encode()
        == Packet(packet_type=2, data=["board", 1]).encode()
    )


def upgrade(hall: Served, *lines: str) -> bytes:
    """Ask for a WebSocket with these headers and return the first line of the answer."""
    head = ["GET /socket.io/?EIO=4&transport=websocket HTTP/1.1", "Host: 127.0.0.1", *lines]
    with socket.create_connection(("127.0.0.1", hall.port), 20) as line:
        line.sendall(("\r\n".join(head) + "\r\n\r\n").encode())
        return line.recv(4096).partition(b"\r\n")[0]


KEY = "Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)).decode()
VERSION = "Sec-WebSocket-Version: 13"


@pytest.mark.parametrize(
    "lines",
    [
        ("Upgrade: websocket", KEY, VERSION),
        ("Upgrade: websocket", "Connection: Upgrade", VERSION),
        ("Upgrade: websocket", "Connection: Upgrade", KEY, "Sec-WebSocket-Version: 99"),
    ],
    ids=["no connection", "no key", "another version"],
)
def test_half_a_handshake_is_a_bad_request(hall: Served, lines: tuple[str, ...]) -> None:
    assert b" 400 " in upgrade(hall, *lines)
    whole = upgrade(hall, "Upgrade: websocket", "Connection: keep-alive, Upgrade", KEY, VERSION)
    assert b" 101 " in whole


def test_too_many_headers_are_refused_without_a_trace(hall: Served) -> None:
    assert b" 400 " in upgrade(hall, *["X: y"] * 200)
    assert watched.falls(hall.errors) == []


def test_who_says_nonsense_and_leaves_at_once_keeps_no_line_open(hall: Served) -> None:
    assert hall.process is not None
    frames, pid, said = Frames(hall, Findings()), hall.process.pid, frame(b"42[1]", 0x81)
    before = watched.open_files(pid)
    for _ in range(40):
        with socket.create_connection(("127.0.0.1", hall.port), 20) as line:
            line.sendall(frames._upgrade(""))
            assert b" 101 " in line.recv(4096)
            line.sendall(said)
    wait_until(lambda: watched.open_files(pid) < before + 10, 20)


def test_who_only_says_what_is_no_packet_is_hung_up_on(hall: Served) -> None:
    frames: Any = Frames(hall, Findings())
    with socket.create_connection(("127.0.0.1", hall.port), 20) as line:
        line.sendall(frames._upgrade(""))
        assert b" 101 " in line.recv(65_536)
        line.sendall(frame(b"no digit first", 0x81))
        while line.recv(65_536):
            pass
    assert watched.falls(hall.errors) == []
