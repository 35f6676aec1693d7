"""A hall as ``server.py serve`` serves it, but for its clock, which is ahead by what a file says.

``python -m faults.shifted FILE serve …`` is the server's own process.
"""

if __name__ == "__main__":
    from gevent import monkey

    # as server.py does, before anything else is imported
    monkey.patch_all()

import mmap
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Flask

from bench import places
from hall import days
from hall.config import Config
from hall.register import Register
from hall.store import Store

WIDTH = 8


@dataclass
class Shifted:
    """A running server whose clock somebody else sets."""

    port: int
    database: Path
    ahead: Path
    zone: ZoneInfo

    @classmethod
    @contextmanager
    def serving(cls, folder: Path) -> Iterator["Shifted"]:
        """Serve the tests' small hall for the length of a with block."""
        from halls import SMALL_HALL

        folder.mkdir(parents=True)
        ahead, database, config = folder / "ahead", folder / "hall.db", folder / "config.toml"
        ahead.write_bytes(bytes(WIDTH))
        config.write_text("[hall]\nalways_open = true\n[queue]\nstop_when_too_long = false\n")
        store = Store(database)
        register = Register(store, days.now)
        register.make_hall("云溪县政务服务中心", demo=False)
        register.adopt(SMALL_HALL)
        store.close()
        words = ["-m", "faults.shifted", str(ahead), "serve", "--port", "0"]
        words += ["--config", str(config), "--database", str(database)]
        with tempfile.TemporaryFile() as log:
            process = subprocess.Popen(
                [sys.executable, "-X", "utf8", *words],
                cwd=places.HOUSE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                encoding="utf-8",
            )
            try:
                port = places._port_of(process)
                yield cls(port, database, ahead, ZoneInfo("Asia/Shanghai"))
            finally:
                process.terminate()
                process.communicate(timeout=20)

    def key(self, role: str) -> str:
        """Mint a key."""
        store = Store(self.database)
        try:
            return Register(store, days.now).mint_key(role, f"faults {role}")[1]
        finally:
            store.close()

    def set_clock(self, at: int) -> None:
        """Let the server's clock say an instant now."""
        with self.ahead.open("r+b") as file:
            file.write((at - days.now()).to_bytes(WIDTH, signed=True))

    def clock(self) -> int:
        """Return what the server's clock says."""
        return days.now() + int.from_bytes(self.ahead.read_bytes(), signed=True)

    def tickets_on(self, at: int) -> int:
        """Return how many tickets the day of an instant has."""
        store = Store(self.database, readonly=True)
        try:
            day = days.day_of(at, self.zone)
            told = store.row("select count(*) from ticket where day = ?", (day,))
            return int(told[0]) if told else 0
        finally:
            store.close()


def main(words: list[str]) -> int:
    """Be the server."""
    from commandline.main import main as command
    from server import create_app, ticks_of

    with Path(words[0]).open("r+b") as file:
        ahead = mmap.mmap(file.fileno(), WIDTH)

    def clock() -> int:
        return days.now() + int.from_bytes(ahead[:], signed=True)

    def create(config: Config, database: Path | str, *, demo: bool = False) -> Flask:
        return create_app(config, database, clock, demo=demo)

    return command(words[1:], create, ticks_of)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
