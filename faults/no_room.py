"""A real server whose files may grow no more, or whose disk is really full."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any

from servers import ALWAYS_OPEN, Screen, Served, served

from faults.failing import UNSAVED, Told
from hall import proof
from hall.store import Store


@contextmanager
def no_room(server: Served, at_most: int = 0) -> Iterator[None]:
    """Let no file of a server grow beyond so many bytes: no root is needed for that."""
    import resource

    assert server.process is not None
    pid = server.process.pid
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE, (at_most, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


@contextmanager
def no_room_on(disk: Path, but: int = 0) -> Iterator[None]:
    """Fill a small disk, but for so many bytes."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        for size in (1 << 20, 4096, 1):
            with suppress(OSError):
                while file.write(bytes(size)):
                    pass
    os.truncate(ballast, max(0, ballast.stat().st_size - but))
    try:
        yield
    finally:
        ballast.unlink()


class ServedWithoutRoom:
    """A real server whose disk fills up again and again, and a screen that watches it."""

    def __init__(self, server: Served, chance: Random) -> None:
        self.server, self.chance, self.told = server, chance, Told()
        self.tickets: dict[int, str] = {}
        self.server.at(1, "open")
        self.screen = Screen(server.address, server.key("display", zone="1F"))
        self.screen.watch(zone="1F")

    def take(self) -> int:
        """Take a ticket; a refusal must say why."""
        answer = self.server.take()
        if answer.status == 201:
            self.tickets[answer.json["id"]] = answer.json["number"]
        elif answer.status == 503 and answer.code in UNSAVED:
            self.told.refused += 1
            self.told.codes[answer.code] += 1
        else:
            self.told.wrong.append(f"a ticket was answered {answer.status} {answer.body!r}")
        return answer.status

    def fill(self, filled: Any) -> None:
        """Fill the disk, see tickets refused and screens served, make room, see all well."""
        with filled:
            for _ in range(400):
                if self.take() == 503:
                    break
            else:
                self.told.wrong.append("the disk was full and nothing was refused")
            for _ in range(self.chance.randrange(3)):
                self.take()
            if self.server.get("/healthz").status != 200:
                self.told.wrong.append("the server does not answer while its disk is full")
            board = self.server.get("/api/v1/board?zone=1F", self.server.key("display", zone="1F"))
            if board.status != 200:
                self.told.wrong.append(f"the board was answered {board.status}")
        self.told.points += 1
        before = len(self.screen.heard)
        if self.take() != 201:
            self.told.wrong.append("no ticket once there was room again")
        self.call_and_see(before)

    def call_and_see(self, before: int) -> None:
        """Call somebody: the screen must show it, without a restart or a new line."""
        call = self.server.at(1, "calls")
        if call.status != 201:
            self.told.wrong.append(f"a call was answered {call.status} {call.body!r}")
            return
        number = call.json["number"]
        with suppress(AssertionError):
            self.screen.wait_for("board", lambda board: number in str(board))
            del self.screen.heard[:before]
            self.server.at(1, "start")
            self.server.at(1, "finish", outcome="completed")
            return
        self.told.wrong.append(f"the screen does not show {number}")

    def end(self) -> Told:
        """Stop the server and see what is in its file."""
        self.screen.close()
        told, server = self.told, self.server
        if server.stop() != 0:
            told.wrong.append("the server did not end as told")
        store = Store(server.database, readonly=True)
        kept = dict(store.rows("select id, number from ticket"))
        told.wrong += proof.problems(store)
        if lost := [number for number in self.tickets if kept.get(number) != self.tickets[number]]:
            told.wrong.append(f"{len(lost)} acknowledged tickets lost")
        if more := set(kept) - set(self.tickets):
            told.wrong.append(f"{len(more)} refused tickets are in the file")
        store.close()
        told.done = told.acknowledged = len(self.tickets)
        return told


def real_server(points: int, folder: Path, disk: Path | None = None) -> Told:
    """Fill the disk of a real server so often."""
    chance = Random(points)
    rules = f"{ALWAYS_OPEN}[queue]\nstop_when_too_long = false\n"
    with served(folder, settings=rules) as server:
        server.key("kiosk")
        server.key("window", 1)
        hall = ServedWithoutRoom(server, chance)
        for number in range(points):
            if disk is not None:
                hall.fill(no_room_on(disk, chance.choice((0, chance.randrange(100_000)))))
                continue
            wal = server.database.with_name("hall.db-wal").stat().st_size
            limits = (0, wal, wal + chance.randrange(20_000))
            hall.fill(no_room(server, limits[number % len(limits)]))
        return hall.end()


@contextmanager
def small_disk(megabytes: int = 24) -> Iterator[Path | None]:
    """Mount a small disk in memory; None where that is not allowed."""
    with tempfile.TemporaryDirectory(prefix="disk-") as folder:
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder],
            capture_output=True,
            check=False,
        )
        try:
            yield Path(folder) if made.returncode == 0 else None
        finally:
            if made.returncode == 0:
                subprocess.run(["umount", folder], check=True)
