"""A webhook's receiver for tests: real HTTP on 127.0.0.1, with a mood that tests set.

Beside it what the tests of the outbox share; ``program`` and ``receivers`` are fixtures.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from halls import Rooms

from outbox.outbox import Outbox
from outbox.receivers import Receivers


@dataclass
class Heard:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    body: str

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def id(self) -> str:
        """Which message it was."""
        return self.headers["webhook-id"]


@dataclass
class Listener:
    """What came in, and how it answers: a status, ``hang``, ``close`` or ``drip``."""

    answers: int | str = 200
    extra: dict[str, str] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    port: int = 0
    let_go: threading.Event = field(default_factory=threading.Event)
    news: threading.Condition = field(default_factory=threading.Condition)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def types(self) -> list[str]:
        """The types of what came in."""
        return [each.json["type"] for each in self.heard]

    def wait_for(self, how_many: int, seconds: float = 20) -> list[Heard]:
        """Return what came in once it is so much; fail when it does not come."""
        with self.news:
            came = self.news.wait_for(lambda: len(self.heard) >= how_many, seconds)
            assert came, f"{len(self.heard)} of {how_many} came within {seconds} s"
            return list(self.heard)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Keep a request and answer it as the mood is."""
        length = int(handler.headers.get("Content-Length", 0))
        body = handler.rfile.read(length).decode()
        names = {name.lower(): value for name, value in handler.headers.items()}
        with self.news:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            self.heard.append(Heard(handler.path, names, body))
            self.news.notify_all()
        try:
            self._answer(handler)
        finally:
            with self.news:
                self.at_once -= 1

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        if self.answers == "close":
            return
        if self.answers == "hang":
            self.let_go.wait(30)
            return
        if self.answers == "drip":
            self._drip(handler)
            return
        handler.send_response(int(self.answers))
        for name, value in self.extra.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    def _drip(self, handler: BaseHTTPRequestHandler) -> None:
        for letter in "HTTP/1.0 200 OK\r\nX-Slow: yes\r\n":
            if self.let_go.wait(0.2):
                return
            try:
                handler.wfile.write(letter.encode())
            except OSError:
                return


@contextmanager
def listening(answers: int | str = 200) -> Iterator[Listener]:
    """A receiver for the length of a with block."""
    listener = Listener(answers)

    class Handler(BaseHTTPRequestHandler):
        """Hands each request to the listener."""

        def do_POST(self) -> None:
            listener.answer(self)

        def log_message(self, format: str, *_: Any) -> None:  # noqa: A002 - the base's name
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield listener
    finally:
        listener.let_go.set()
        server.shutdown()
        thread.join(10)
        server.server_close()


def at_once(work: Callable[..., Any], *arguments: Any) -> None:
    """Do the work where it is handed out."""
    work(*arguments)


def outbox_of(rooms: Rooms, run: Callable[..., Any] = at_once) -> Outbox:
    return Outbox(rooms.desk, rooms.book, run)


@pytest.fixture
def program() -> Iterator[Listener]:
    """Another program that listens."""
    with listening() as listener:
        yield listener


@pytest.fixture
def receivers(rooms: Rooms) -> Receivers:
    return Receivers(rooms.store, rooms.clock)


def deliveries(rooms: Rooms) -> list[tuple[Any, ...]]:
    """Return state, tries and error of every delivery, the oldest first."""
    return rooms.store.rows("select state, tries, last_error from delivery order by id")


def states(rooms: Rooms) -> list[str]:
    return [state for state, _, _ in deliveries(rooms)]


def ticking_until(box: Outbox, holds: Callable[[], bool], seconds: float = 10) -> None:
    """Let the outbox tick until something holds; fail when it never does."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came to hold"
        time.sleep(0.02)
        box.tick()
