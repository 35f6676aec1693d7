"""Sockets on a running server: who may hold one, what comes over it, and how soon it is cut."""

import base64
import json
import os
import socket
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from servers import Refused, Screen, Served, served

from hall.catalogue import Catalogue, Department, Service, Window, Zone
from web import websockets
from web.passwords import hash_of

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("hall")) as server:
        assert server.at(1, "open").status == 200
        assert server.at(3, "open").status == 200
        yield server


@pytest.fixture
def screens() -> Iterator[list[Screen]]:
    """Screens to be hung up at the end."""
    opened: list[Screen] = []
    yield opened
    for screen in opened:
        screen.close()


def refusal_of(hall: Served, **auth: Any) -> str:
    """Connect, be refused, and return the code."""
    with pytest.raises(Refused) as refused:
        Screen(hall.address, **auth).close()
    return str(refused.value)


# -- what comes --------------------------------------------------------------------------------


def test_who_watches_a_zone_gets_its_board_at_once(hall: Served, screens: list[Screen]) -> None:
    screens.append(screen := Screen(hall.address, hall.key("display")))
    assert screen.watch(zone="1F") == {"ok": True}
    board = screen.wait_for("board")
    assert board["zone"] == "1F"
    assert board["rev"] >= 1


def test_a_call_is_on_the_screens_of_its_zone_at_once(hall: Served, screens: list[Screen]) -> None:
    screens.append(here := Screen(hall.address, hall.key("display")))
    screens.append(elsewhere := Screen(hall.address, hall.key("display")))
    here.watch(zone="1F")
    elsewhere.watch(zone="2F")
    hall.take("advice")
    call = hall.at(1, "calls").json
    board = here.wait_for("board", lambda told: _newest(told) == call["number"])
    assert board["calls"][0]["window"] == 1
    time.sleep(0.3)
    assert call["number"] not in {_newest(told) for _, told, _ in elsewhere.heard}
    hall.at(1, "miss")


def _newest(board: dict[str, Any]) -> str | None:
    return board["calls"][0]["number"] if board["calls"] else None


def test_a_recall_reaches_the_screens_though_the_number_is_not_new(
    hall: Served, screens: list[Screen]
) -> None:
    screens.append(screen := Screen(hall.address, hall.key("display")))
    screen.watch(zone="1F")
    hall.take()
    hall.at(1, "calls")
    screen.wait_for("board", lambda told: told["calls"] and told["calls"][0]["recall"] == 0)
    assert hall.at(1, "recall").status == 200
    screen.wait_for("board", lambda told: told["calls"][0]["recall"] == 1)
    hall.at(1, "miss")


def test_ten_tickets_in_a_moment_are_a_few_boards_not_ten(
    hall: Served, screens: list[Screen]
) -> None:
    screens.append(screen := Screen(hall.address, hall.key("display")))
    screen.watch(zone="2F")
    before = screen.wait_for("board")
    heard = len(screen.heard)
    began = time.monotonic()
    for _ in range(10):
        assert hall.take("estate").status == 201
    took = time.monotonic() - began
    waiting = _waiting(before) + 10
    screen.wait_for("board", lambda told: _waiting(told) == waiting)
    assert len(screen.heard) - heard <= took / 0.1 + 2


def _waiting(board: dict[str, Any]) -> int:
    return next(int(each["waiting"]) for each in board["services"] if each["code"] == "estate")


def test_a_windows_page_hears_of_every_change(hall: Served, screens: list[Screen]) -> None:
    screens.append(page := Screen(hall.address, hall.key("window", 1)))
    assert page.watch() == {"ok": True}
    waiting = page.wait_for("window")["waiting_total"]
    hall.take("advice")
    page.wait_for("window", lambda told: told["waiting_total"] == waiting + 1)
    call = hall.at(1, "calls").json
    told = page.wait_for("window", lambda told: told["active"] is not None)
    assert told["active"]["number"] == call["number"]
    hall.at(1, "miss")
    page.wait_for("window", lambda told: told["last"] is None or not told["active"])


def test_an_evaluator_is_asked_when_a_service_ends_and_idle_once_rated(
    hall: Served, screens: list[Screen]
) -> None:
    screens.append(evaluator := Screen(hall.address, hall.key("evaluator", 1)))
    assert evaluator.watch() == {"ok": True}
    evaluator.wait_for("idle")
    hall.take()
    visit = hall.serve_next(1)["visit"]
    asked = evaluator.wait_for("ask", lambda told: told["visit"] == visit)
    assert {"visit", "clerk", "service", "expires_at"} <= set(asked)
    evaluator.heard.clear()
    body = {"visit": visit, "level": "very_satisfied", "channel": "evaluator"}
    assert hall.post("/api/v1/ratings", body, hall.key("evaluator", 1)).status == 201
    evaluator.wait_for("idle")


# -- who may -----------------------------------------------------------------------------------


def test_nobody_holds_a_socket_without_a_key(hall: Served) -> None:
    assert refusal_of(hall) == "not_signed_in"
    assert refusal_of(hall, key="made-up") == "not_signed_in"


def test_a_key_is_not_taken_for_another_role(hall: Served) -> None:
    assert refusal_of(hall, key=hall.key("kiosk"), role="manager") == "not_allowed"


def test_the_role_is_asked_at_each_event(hall: Served, screens: list[Screen]) -> None:
    screens.append(bound := Screen(hall.address, hall.key("display", zone="1F")))
    screens.append(window := Screen(hall.address, hall.key("window", 1)))
    bound.watch(zone="2F")
    assert bound.wait_for("board")["zone"] == "1F"
    window.watch(window=3)
    assert window.wait_for("window")["no"] == 1


def test_what_does_not_exist_is_refused(hall: Served, screens: list[Screen]) -> None:
    screens.append(screen := Screen(hall.address, hall.key("display")))
    nowhere: list[Any] = ["9F", [], {}, 1, True]
    for zone in nowhere:
        assert screen.watch(zone=zone)["code"] == "unknown_zone"
    assert screen.watch()["code"] == "no_zone"
    assert screen.client.call("watch", "nonsense", timeout=5)["code"] == "no_zone"


def test_a_revoked_key_is_cut_within_two_seconds(hall: Served) -> None:
    screen = Screen(hall.address, hall.key("display", zone="2F"))
    screen.watch()
    other = Screen(hall.address, hall.key("display"))
    other.watch(zone="2F")
    began = time.monotonic()
    hall.revoke("display", zone="2F")
    assert screen.wait_until_cut(10) - began < 6, "2 s on a machine that does nothing else"
    assert not other.ended
    other.close()


def cookie_of(hall: Served, name: str) -> str:
    """Let window 1 in by its key, as its browser does, and return the cookie."""
    with hall.register() as register:
        _, key = register.mint_key("window", name, 1)
    here = {"Origin": hall.address}
    return hall.post("/enter", {"key": key}, headers=here).headers["Set-Cookie"].split(";")[0]


def test_a_window_that_signs_out_is_cut_within_two_seconds(hall: Served) -> None:
    cookie = cookie_of(hall, "signs out")
    screen = Screen(hall.address, headers={"Cookie": cookie}, role="window", window=1)
    assert screen.watch() == {"ok": True}
    began = time.monotonic()
    out = hall.post("/sign-out", {}, headers={"Cookie": cookie, "Origin": hall.address})
    assert out.status == 303
    assert screen.wait_until_cut(10) - began < 6, "2 s on a machine that does nothing else"


def test_a_clerks_socket_is_cut_with_the_password_the_role_or_the_account(
    hall: Served, screens: list[Screen]
) -> None:
    clerks = {number: clerk_at(hall, number) for number in ("1001", "1002", "1003", "1004")}
    screens.extend(clerks.values())
    with hall.register() as register:
        catalogue = register.catalogue()
        register.set_password_hash("1001", hash_of("another correct horse"))
        register.save(replace(catalogue.person["1002"], role="guide"))
        register.retire("person", "1003")
    for number in ("1001", "1002", "1003"):
        clerks[number].wait_until_cut(20)
    assert not clerks["1004"].ended


def clerk_at(hall: Served, number: str) -> Screen:
    """Sign a clerk in at their own window and open its socket."""
    with hall.register() as register:
        register.set_password_hash(number, hash_of(PASSWORD))
        window = register.catalogue().person[number].window
    form = urlencode({"staff_number": number, "password": PASSWORD}).encode()
    jar = CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    browser.addheaders = [("Origin", hall.address)]
    browser.open(f"{hall.address}/sign-in", form, timeout=20).close()
    cookie = "; ".join(f"{each.name}={each.value}" for each in jar)
    screen = Screen(hall.address, headers={"Cookie": cookie}, role="window", window=window)
    assert screen.watch() == {"ok": True}
    return screen


@pytest.mark.parametrize("origin", ["http://elsewhere", "null", ""])
def test_a_cookie_from_another_sites_page_opens_no_socket(hall: Served, origin: str) -> None:
    line = Raw(hall, Cookie=cookie_of(hall, f"lured by {origin}"), Origin=origin)
    line.until(b"0{")
    line.say('40{"role":"window"}')
    assert b"not_same_origin" in line.until(b"44")
    line.close()


def test_only_websockets_are_served(hall: Served) -> None:
    assert hall.get("/socket.io/?EIO=4&transport=polling").status == 400


# -- the line itself ---------------------------------------------------------------------------


class Raw:
    """A WebSocket down to its bytes."""

    def __init__(self, hall: Served, buffer: int | None = None, **headers: str) -> None:
        self.socket = socket.socket()
        if buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.settimeout(20)
        self.socket.connect(("127.0.0.1", hall.port))
        key = base64.b64encode(os.urandom(16)).decode()
        more = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if value)
        self.socket.sendall(
            (
                "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
                f"Host: 127.0.0.1:{hall.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
                f"{more}\r\n"
            ).encode()
        )
        self.rest = b""
        while b"\r\n\r\n" not in self.rest:
            self.rest += self._come()
        self.head, _, self.rest = self.rest.partition(b"\r\n\r\n")

    def _come(self) -> bytes:
        come = self.socket.recv(65536)
        if not come:
            raise EOFError
        return come

    def read(self, size: int) -> bytes:
        while len(self.rest) < size:
            self.rest += self._come()
        data, self.rest = self.rest[:size], self.rest[size:]
        return data

    def message(self) -> bytes:
        first, size = self.read(2)
        if size == 126:
            size = int.from_bytes(self.read(2))
        elif size == 127:
            size = int.from_bytes(self.read(8))
        assert first & 0x40 == 0, "a compressed frame"
        return self.read(size)

    def until(self, beginning: bytes) -> bytes:
        while True:
            message = self.message()
            if message.startswith(beginning):
                return message
            if message == b"2":
                self.say("3")

    def say(self, text: str) -> None:
        content, mask = text.encode(), os.urandom(4)
        size = len(content)
        if size < 126:
            head = bytes((0x81, 0x80 | size))
        else:
            large = size > 65535
            head = bytes((0x81, 0xFF if large else 0xFE)) + size.to_bytes(8 if large else 2)
        masked = bytes(each ^ mask[place % 4] for place, each in enumerate(content))
        self.socket.sendall(head + mask + masked)

    def sign_in(self, key: str) -> None:
        self.until(b"0{")
        self.say("40" + json.dumps({"key": key}))
        self.until(b"40")

    def close(self) -> None:
        self.socket.close()


def test_no_message_is_compressed(hall: Served) -> None:
    line = Raw(hall)
    assert b"101" in line.head.splitlines()[0]
    assert b"deflate" not in line.head.lower()
    line.sign_in(hall.key("display"))
    line.say('42["watch",{"zone":"1F"}]')
    assert line.until(b'42["board"').endswith(b"]")
    line.close()


# A board of some 300 KB: the system takes a frame of that size in parts when nobody reads.
LARGE = Catalogue(
    departments=(Department("D", "部门"),),
    zones=(Zone("1F", "一楼"),),
    services=tuple(
        Service(f"s{count}", "很长的业务名称" * 8, "Service", "A", "D") for count in range(300)
    ),
    windows=tuple(Window(no, "很长的窗口名称" * 5, "1F", "D", ("s0",)) for no in range(1, 900)),
)


def test_a_slow_reader_gets_every_large_frame_whole_and_in_order(tmp_path: Path) -> None:
    with served(tmp_path / "hall", catalogue=LARGE) as hall:
        line = Raw(hall, buffer=4096)
        line.sign_in(hall.key("display"))
        line.say('42["watch",{"zone":"1F"}]')
        for _ in range(40):  # some 12 MB, more than the system's buffers hold
            assert hall.take("s0").status == 201
            line.say("3")  # slow, not silent: who answers no ping for 10 s is let go
            time.sleep(0.12)
        boards = [json.loads(line.until(b'42["board"')[2:])[1]]
        began = time.monotonic()
        while boards[-1]["services"][0]["waiting"] < 40:
            boards.append(json.loads(line.until(b'42["board"')[2:])[1])
        assert time.monotonic() - began < 30, "the newest board came with the next minute only"
        assert sum(len(json.dumps(board, ensure_ascii=False)) for board in boards) > 2_000_000
        assert {len(board["windows"]) for board in boards} == {899}
        revs = [board["rev"] for board in boards]
        assert revs == sorted(set(revs))
        line.close()


def test_a_message_that_is_too_large_ends_the_line(hall: Served) -> None:
    line = Raw(hall)
    line.sign_in(hall.key("display"))
    line.say('42["watch",{"zone":"' + "x" * websockets.LARGEST_MESSAGE + '"}]')
    with pytest.raises((EOFError, ConnectionError)):
        for _ in range(10_000):
            line.message()
    line.close()


def test_a_screen_that_falls_silent_is_let_go(hall: Served) -> None:
    line = Raw(hall)
    line.sign_in(hall.key("display"))
    began = time.monotonic()
    with pytest.raises((EOFError, ConnectionError)):
        while True:
            line.message()  # pings come, and are never answered
    assert time.monotonic() - began < 30
    line.close()


def test_frames_are_what_the_standard_says() -> None:
    assert websockets.frame(b"hi", 0x81) == b"\x81\x02hi"
    assert websockets.frame(b"x" * 126, 0x81)[:4] == b"\x81\x7e\x00\x7e"
    assert websockets.frame(b"x" * 65536, 0x82)[:10] == b"\x82\x7f" + (65536).to_bytes(8)


def test_closing_makes_no_noise_in_the_log(hall: Served) -> None:
    """Last in the file: by now lines have been closed, cut, overfed and left hanging."""
    screen = Screen(hall.address, hall.key("display"))
    screen.watch(zone="1F")
    screen.client.eio.disconnect(abort=True)
    Raw(hall).close()
    time.sleep(1.5)
    noise = [each for each in hall.errors.splitlines() if "Invalid transport" not in each]
    assert not noise
