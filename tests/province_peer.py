"""A stand-in province for tests: real HTTP on 127.0.0.1, with moods that tests set.

It checks every signature, opens every body, and keeps what it takes under its idempotency key, as
a province does. Moods: refuse (400), fault (500), slow, hang, lost (stored, but the line breaks
before the answer), twice (the answer comes two times over), garbage, forged (no id).
"""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from halls import Rooms

from province import sm
from province.adapters import example_of
from province.connector import Connector
from province.example import Secret, opened, signed_part

KEYS = bytes(range(32))
SECRET = Secret(KEYS[:16], KEYS[16:])
APP = "yunxi-hall"
MARRIAGE_OFFICE = "11330100MB0000001A"
LAND_OFFICE = "11330100MB0000002B"


@dataclass
class Stored:
    """What the province keeps under one key."""

    fields: dict[str, str]
    unid: str


@dataclass
class Province:
    """What it has stored, and how it answers: one mood, or one for each request in turn."""

    mood: str = "well"
    moods: Iterator[str] | None = None
    stored: dict[str, Stored] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    answered: Counter[str] = field(default_factory=Counter)
    nonces: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    port: int = 0
    let_go: threading.Event = field(default_factory=threading.Event)
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def address(self) -> str:
        """Where it takes ratings."""
        return f"http://127.0.0.1:{self.port}/evaluate"

    @property
    def records(self) -> list[dict[str, str]]:
        """The fields of all it stored, in the order they came."""
        return [each.fields for each in self.stored.values()]

    def settings(self, **more: Any) -> dict[str, Any]:
        """Return the hall's settings for this province."""
        return {
            "adapter": "example",
            "address": self.address,
            "app_id": APP,
            "secret_file": "province.key",
            "area_code": "330100000000",
            "dept_codes": {"MZ": MARRIAGE_OFFICE, "BDC": LAND_OFFICE},
            **more,
        }

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Take one request as the mood is."""
        with self.lock:
            mood = next(self.moods, "well") if self.moods else self.mood
            self.answered[mood] += 1
            length = int(handler.headers["Content-Length"])
            body = handler.rfile.read(length)
            key = handler.headers["Idempotency-Key"]
            self.asked.append(key)
        if len(body) < length:
            return None  # whoever asked was killed in mid-sentence: nothing was said
        if mood == "refuse":
            return _say(handler, 400, {"code": "400", "msg": "字段有误"})
        if mood == "fault":
            return _say(handler, 500, {"code": "500", "msg": "系统繁忙"})
        if mood == "garbage":
            return _say(handler, 200, "<html>登录</html>")
        if mood == "hang":
            self.let_go.wait(30)
            return None
        if mood == "forged":
            return _say(handler, 200, {"code": "200", "msg": "成功", "data": {}})
        if mood == "slow":
            time.sleep(0.05)
        with self.lock:
            said = self._take(handler, key, body)
        if mood == "lost":
            return None
        _say(handler, 200, said)
        if mood == "twice":
            _say(handler, 200, said)
        return None

    def _take(self, handler: BaseHTTPRequestHandler, key: str, body: bytes) -> dict[str, Any]:
        """Store what is signed and new; under a known key say what is there."""
        head = handler.headers
        at, nonce = int(head["X-Timestamp"]), head["X-Nonce"]
        whole = sm.is_signed(SECRET.signing, signed_part(at, nonce, body), head["X-Signature"])
        if not whole or head["X-App-Id"] != APP or nonce in self.nonces:
            self.wrong.append(key)
            return {"code": "401", "msg": "签名有误"}
        self.nonces.add(nonce)
        if key in self.stored:
            return _taken("409", self.stored[key].unid)
        self.stored[key] = Stored(opened(SECRET, body), f"U{len(self.stored) + 1:06d}")
        return _taken("200", self.stored[key].unid)


def _taken(code: str, unid: str) -> dict[str, Any]:
    return {"code": code, "msg": "成功", "data": {"evaluateUnid": unid}}


def _say(handler: BaseHTTPRequestHandler, status: int, said: Any) -> None:
    text = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
    content = text.encode()
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)


@contextmanager
def province(port: int = 0) -> Iterator[Province]:
    """A province for the length of a with block."""
    peer = Province()

    class Handler(BaseHTTPRequestHandler):
        """Hands each request to the province."""

        def do_POST(self) -> None:
            peer.answer(self)

        def log_message(self, format: str, *_: Any) -> None:  # noqa: A002 - the base's name
            return

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    peer.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield peer
    finally:
        peer.let_go.set()
        server.shutdown()
        thread.join(10)
        server.server_close()


@pytest.fixture
def peer() -> Iterator[Province]:
    """A province in a good mood."""
    with province() as one:
        yield one


def at_once(work: Callable[..., Any], *arguments: Any) -> None:
    """Do the work where it is handed out."""
    work(*arguments)


def connect(rooms: Rooms, run: Callable[..., Any] = at_once) -> Connector:
    """Return the connector of a hall's settings, with its keys beside the hall's file."""
    folder = rooms.store.path.parent
    (folder / "province.key").write_text(KEYS.hex())
    connector = Connector(rooms.book, example_of(rooms.book.config, folder), run)
    connector.start()
    return connector


def rate(rooms: Rooms, level: str = "satisfied", **more: Any) -> int:
    """Serve somebody at window 1 and let them rate; return the rating."""
    rooms.take()
    visit = rooms.serve(1, minutes=0.1)
    return rooms.book.rate(visit, level, more.pop("channel", "evaluator"), **more).id


def states(rooms: Rooms) -> list[str]:
    """Return the states of all rows, the oldest first."""
    return [state for (state,) in rooms.store.rows("select state from province_row order by id")]
