"""Servers to measure: the hall itself, and the bare thing it is compared with."""

import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import demo
from hall import days
from hall.catalogue import Window
from hall.register import Register
from hall.store import Store

HOUSE = Path(__file__).resolve().parents[1]
ZONE = "1F-A"


@dataclass(frozen=True)
class Place:
    """A running server."""

    port: int
    process: subprocess.Popen[str]

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def memory_mb(self) -> float:
        """Return what the process holds of its own and shared memory, in MB."""
        told = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", told)
        assert found
        return int(found[1]) / 1024


@dataclass(frozen=True)
class HallPlace(Place):
    """The demonstration's 76-window hall, freshly made, open at any hour."""

    database: Path
    services: tuple[str, ...]
    windows: tuple[int, ...]

    def key(self, role: str, window: int | None = None, zone: str | None = None) -> str:
        """Mint a key."""
        store = Store(self.database)
        try:
            return Register(store, days.now).mint_key(role, f"bench {role}", window, zone)[1]
        finally:
            store.close()


def windows_of(zone: str) -> tuple[Window, ...]:
    """Return the windows of a zone of the measured hall."""
    return demo.catalogue().windows_in[zone]


def prepare(folder: Path) -> Path:
    """Make the hall's file and settings; return the settings."""
    store = Store(folder / "hall.db")
    register = Register(store, days.now)
    register.make_hall(demo.HALL_NAME, demo=False)
    register.adopt(demo.catalogue())
    store.close()
    config = folder / "config.toml"
    config.write_text(
        f'[hall]\nname = "{demo.HALL_NAME}"\nalways_open = true\n[server]\ndatabase = "hall.db"\n',
        encoding="utf-8",
    )
    return config


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def hall() -> Iterator[HallPlace]:
    """Serve a hall as ``server.py`` does."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        config = prepare(folder)
        words = [str(HOUSE / "server.py"), "serve", "--config", str(config), "--port", "0"]
        with _started(words) as place:
            catalogue = demo.catalogue()
            yield HallPlace(
                place.port,
                place.process,
                folder / "hall.db",
                tuple(each.code for each in catalogue.services if catalogue.windows_of[each.code]),
                tuple(each.no for each in catalogue.windows),
            )


@contextmanager
def bare() -> Iterator[Place]:
    """Serve the bare routes of ``bench.bare`` with the hall's own server code."""
    with (
        tempfile.TemporaryDirectory() as made,
        _started(["-m", "bench.bare", str(Path(made) / "bare.db")]) as place,
    ):
        yield place


@contextmanager
def _started(words: list[str]) -> Iterator[Place]:
    process = subprocess.Popen(
        [sys.executable, "-X", "utf8", *words],
        cwd=HOUSE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    try:
        yield Place(_port_of(process), process)
    finally:
        process.terminate()
        process.communicate(timeout=20)


def _port_of(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
            return int(found[1])
    raise RuntimeError("the server did not start")
