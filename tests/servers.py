"""A real server for tests: its own process, port and file; stopped, or killed, by its process id.

The clock and the printers' cables are the only things tests pretend; this is the rest, for real.
"""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import socketio
import warm
from halls import SMALL_HALL, opened

from hall import days
from hall.catalogue import Catalogue
from hall.register import Register

HOUSE = Path(__file__).resolve().parents[1]
STARTS_WITHIN = 30.0
ALWAYS_OPEN = '[hall]\nname = "云溪县政务服务中心"\nalways_open = true\n'


@dataclass
class Answer:
    """What the server answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The answer as JSON."""
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of a refusal."""
        return str(self.json["code"])


def ask(
    address: str,
    method: str = "GET",
    body: Any = None,
    key: str | None = None,
    headers: dict[str, str] | None = None,
    seconds: float = 20,
) -> Answer:
    """Ask a server; refusals are answers too, a cut line is an OSError."""
    sent = dict(headers or {})
    data = None
    if body is not None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent.setdefault("Content-Type", "application/json")
    if key:
        sent["Authorization"] = f"Bearer {key}"
    request = urllib.request.Request(address, data, sent, method=method)
    opener = urllib.request.build_opener(_Stay())
    try:
        with opener.open(request, timeout=seconds) as answer:
            return Answer(answer.status, dict(answer.headers), answer.read())
    except urllib.error.HTTPError as refusal:
        with refusal:
            return Answer(refusal.code, dict(refusal.headers), refusal.read())


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer, not something to follow."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


@dataclass
class Served:
    """A running server and its file."""

    folder: Path
    catalogue: Catalogue = SMALL_HALL
    settings: str = ALWAYS_OPEN
    port: int = 0
    cold: bool = False  # started by ``server.py`` itself, as in a hall
    process: subprocess.Popen[str] | warm.Started | None = None
    keys: dict[tuple[str, int | None, str | None], str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    listener: threading.Thread | None = None

    @property
    def database(self) -> Path:
        """The hall's file."""
        return self.folder / "hall.db"

    @property
    def config(self) -> Path:
        """The settings."""
        return self.folder / "config.toml"

    @property
    def address(self) -> str:
        """Where it is served."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def errors(self) -> str:
        """What it wrote to its log."""
        return (self.folder / "log.txt").read_text(encoding="utf-8")

    # -- life -----------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Write the settings and the hall's data."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.config.write_text(self.settings, encoding="utf-8")
        if not self.database.exists():
            with self.register() as register:
                register.make_hall("云溪县政务服务中心", demo=False)
                register.adopt(self.catalogue)

    def start(self, command: str = "serve", *more: str) -> None:
        """Start the server, or a demonstration, and wait until it says where it is."""
        words = self.words(command, *more, "--port", str(self.port))
        with (self.folder / "log.txt").open("a", encoding="utf-8") as log:
            if warm.can_start() and not self.cold:
                self.process = warm.start(words[words.index(command) :], self.folder, log)
            else:
                self.process = subprocess.Popen(
                    words,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    cwd=self.folder,
                    text=True,
                    encoding="utf-8",
                )
        try:
            self.port = self._port_it_says()
        except AssertionError:
            self.kill()
            raise

    def words(self, command: str, *more: str) -> list[str]:
        """Return a command line for this hall."""
        place = ["--config", str(self.config), "--database", str(self.database)]
        return [sys.executable, "-X", "utf8", str(HOUSE / "server.py"), command, *more, *place]

    def command(
        self, command: str, *more: str, given: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run another command on this hall."""
        words = self.words(command, *more)
        if warm.can_start() and not self.cold:
            return warm.command(words[words.index(command) :], self.folder, given)
        return subprocess.run(
            words,
            input=given,
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=self.folder,
            timeout=60,
            check=False,
        )

    def _port_it_says(self) -> int:
        assert self.process is not None
        assert self.process.stdout is not None
        found = threading.Event()
        lines = self.process.stdout

        def listen() -> None:
            for line in lines:
                self.said.append(line)
                if "://" in line:
                    found.set()
            found.set()

        self.said.clear()
        self.listener = threading.Thread(target=listen, daemon=True)
        self.listener.start()
        assert found.wait(STARTS_WITHIN), "the server did not start in time"
        where = re.search(r"https?://[\d.]+:(\d+)", "".join(self.said))
        assert where, f"the server did not start: {self.errors}"
        return int(where[1])

    def stop(self) -> int:
        """Tell the server to end and return its exit code."""
        assert self.process is not None
        self.process.terminate()
        return self._ended()

    def kill(self) -> None:
        """End the server between two instructions, as a power cut would."""
        assert self.process is not None
        self.process.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
        self._ended()

    def pause(self) -> None:
        """Let the server fall silent with all its lines open."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """Let a silent server go on."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGCONT)

    def _ended(self) -> int:
        assert self.process is not None
        code = self.process.wait(20)
        if self.listener is not None:
            self.listener.join(5)
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.process = None
        return code

    # -- the file behind it ---------------------------------------------------------------------

    @contextmanager
    def register(self) -> Iterator[Register]:
        """Change the hall from another process than the server, as the command line does."""
        store = opened(self.database)
        try:
            yield Register(store, days.now)
        finally:
            store.close()

    def key(self, role: str, window: int | None = None, zone: str | None = None) -> str:
        """Return a key of a role; the same one for the same place."""
        place = (role, window, zone)
        if place not in self.keys:
            with self.register() as register:
                name = f"{role} {window or zone}"
                _, self.keys[place] = register.mint_key(role, name, *place[1:])
        return self.keys[place]

    def revoke(self, role: str, window: int | None = None, zone: str | None = None) -> None:
        """Take a key away."""
        key = self.keys.pop((role, window, zone))
        with self.register() as register:
            device = register.device_of_key(key)
            assert device is not None
            assert device.id is not None
            register.revoke(device.id)

    # -- asking ---------------------------------------------------------------------------------

    def get(self, path: str, key: str | None = None, **more: Any) -> Answer:
        """Ask with GET."""
        return ask(self.address + path, key=key, **more)

    def post(self, path: str, body: Any, key: str | None = None, **more: Any) -> Answer:
        """Ask with POST."""
        return ask(self.address + path, "POST", body, key, **more)

    def take(self, service: str = "marriage", tap: str = "", **more: Any) -> Answer:
        """Take a ticket at a kiosk."""
        body = {"service": service, "tap": tap or str(uuid4()), **more}
        return self.post("/api/v1/tickets", body, self.key("kiosk"))

    def at(self, window: int, verb: str, **body: Any) -> Answer:
        """Do something at a window."""
        return self.post(f"/api/v1/windows/{window}/{verb}", body, self.key("window", window))

    def serve_next(self, window: int) -> dict[str, Any]:
        """Call, start and finish whoever is next at an open window; return the call."""
        call = self.at(window, "calls")
        assert call.status == 201, call.body
        assert self.at(window, "start").status == 200
        assert self.at(window, "finish", outcome="completed").status == 200
        return dict(call.json)


@contextmanager
def served(folder: Path, **more: Any) -> Iterator[Served]:
    """A running server for the length of a with block."""
    server = Served(folder, **more)
    server.prepare()
    server.start()
    try:
        yield server
    finally:
        if server.process is not None:
            server.kill()


class Refused(Exception):
    """The server let no socket in; the code says why."""


class Screen:
    """A socket as a program sees it: it keeps what it hears, by event."""

    def __init__(
        self,
        address: str,
        key: str | None = None,
        headers: dict[str, str] | None = None,
        **auth: Any,
    ) -> None:
        self.heard: list[tuple[str, Any, float]] = []
        self.ended: list[float] = []
        self._news = threading.Condition()
        self.client = socketio.Client(reconnection=False, logger=False, engineio_logger=False)
        for event in ("board", "window", "ask", "idle"):
            self.client.on(event, lambda payload, event=event: self._hear(event, payload))
        self.client.on("disconnect", lambda *_: self._end())
        self.refused: dict[str, Any] = {}
        self.client.on("connect_error", self._refuse)
        try:
            self.client.connect(
                address,
                headers=headers or {},
                auth={"key": key, **auth} if key else auth,
                transports=["websocket"],
            )
        except socketio.exceptions.ConnectionError as no:
            raise Refused(str(self.refused.get("message", no))) from no

    def _refuse(self, told: Any) -> None:
        self.refused.update(told if isinstance(told, dict) else {"message": str(told)})

    def _hear(self, event: str, payload: Any) -> None:
        with self._news:
            self.heard.append((event, payload, time.monotonic()))
            self._news.notify_all()

    def _end(self) -> None:
        with self._news:
            self.ended.append(time.monotonic())
            self._news.notify_all()

    def watch(self, **what: Any) -> Any:
        """Ask to follow something and return the answer."""
        return self.client.call("watch", what, timeout=10)

    def wait_for(self, event: str, holds: Any = lambda _: True, seconds: float = 10) -> Any:
        """Return the first payload of an event for which ``holds``; fail when none comes."""
        seen = 0
        deadline = time.monotonic() + seconds
        with self._news:
            while True:
                for name, payload, _ in self.heard[seen:]:
                    if name == event and holds(payload):
                        return payload
                seen = len(self.heard)
                left = deadline - time.monotonic()
                assert left > 0, f"no {event} came within {seconds} s: {self.heard[-1:]}"
                self._news.wait(left)

    def wait_until_cut(self, seconds: float = 10) -> float:
        """Return when the server cut the line."""
        deadline = time.monotonic() + seconds
        with self._news:
            while not self.ended:
                left = deadline - time.monotonic()
                assert left > 0, f"still connected after {seconds} s"
                self._news.wait(left)
            return self.ended[0]

    def close(self) -> None:
        """Hang up."""
        self.client.disconnect()
