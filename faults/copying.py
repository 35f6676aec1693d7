"""The server is killed under load, again and again, and each time restored from the second disk.

``python -m faults copying``; ``tests/test_killed_and_restored.py`` is its short form. What comes
back is a whole prefix of what the hall wrote, holds everything acknowledged up to the copy's own
mark, and keeps the hall's rules.
"""

import tempfile
import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from random import Random
from uuid import uuid4

from servers import ALWAYS_OPEN, Served

import upkeep
from hall import config as settings
from hall.store import Store
from safety import copies
from safety.replay_store import assemble

KILLS = 100
PEOPLE = 4
MOST_BEHIND_SECONDS = 5.0
LONGEST_WAIT = 60.0
CUT = (OSError, ValueError, HTTPException)


@dataclass
class Restored:
    """What came back after one kill."""

    tickets: int
    behind: float  # seconds from the oldest acknowledged ticket that is missing to the kill
    wrong: list[str]


@dataclass
class Load:
    """People who take tickets until the server is gone, and a window that serves them."""

    hall: Served
    pause: float = 0.0  # seconds between a person's tickets
    acknowledged: dict[int, float] = field(default_factory=dict)
    ended: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)

    def begin(self) -> None:
        """Let them come; keys first, the threads only ask."""
        self.hall.key("kiosk")
        self.hall.key("window", 1)
        self.threads = [threading.Thread(target=self.take) for _ in range(PEOPLE)]
        self.threads.append(threading.Thread(target=self.serve))
        for thread in self.threads:
            thread.start()

    def take(self) -> None:
        """Take tickets."""
        while not self.ended.is_set():
            try:
                answer = self.hall.take(tap=str(uuid4()))
                if answer.status == 201:
                    self.acknowledged[answer.json["id"]] = time.time()
            except CUT:
                return
            self.ended.wait(self.pause)

    def serve(self) -> None:
        """Call, serve and finish."""
        try:
            self.hall.at(1, "finish", outcome="other")
            self.hall.at(1, "miss")
            self.hall.at(1, "open")
            while not self.ended.is_set():
                if self.hall.at(1, "calls").status == 201:
                    self.hall.at(1, "start")
                    self.hall.at(1, "finish", outcome="completed")
                self.ended.wait(self.pause)
        except CUT:
            return

    def end(self) -> None:
        """Let the last of them go home."""
        self.ended.set()
        for thread in self.threads:
            thread.join(30)


class Copying:
    """One hall with a second disk, killed as often as is asked."""

    def __init__(self, folder: Path, pause: float = 0.0) -> None:
        self.disk = folder / "second"
        self.disk.mkdir(parents=True)
        told = f'{ALWAYS_OPEN}[backup]\nfolder = "{self.disk.as_posix()}"\n'
        self.hall = Served(folder / "hall", settings=told)
        self.hall.prepare()
        self.place = copies.place_of(self.disk, self.hall.database)
        self.load = Load(self.hall, pause)

    def kill_and_restore(self, after: float) -> Restored:
        """Serve under load, kill some seconds after the copy follows, restore beside it."""
        self.hall.start()
        self.load = Load(self.hall, self.load.pause, self.load.acknowledged)
        began = len(self.load.acknowledged)
        self.load.begin()
        self._wait_until_it_follows(began)
        time.sleep(after)  # the kill comes at a moment that chance has chosen
        killed = time.time()
        self.hall.kill()
        self.load.end()
        return self._restored(killed)

    def _wait_until_it_follows(self, began: int) -> None:
        """Wait until the copy has seen some of this life's tickets."""
        deadline = time.monotonic() + LONGEST_WAIT
        while time.monotonic() < deadline:
            told = list(self.load.acknowledged.values())[began:]
            fresh = copies.fresh_at(self.place)
            if told and fresh is not None and fresh > told[0] * 1000:
                return
            time.sleep(0.05)  # asked again soon; the time-out above ends it
        raise AssertionError(f"the copy does not follow: {self.hall.errors[-2000:]}")

    def _restored(self, killed: float) -> Restored:
        fresh = copies.fresh_at(self.place)
        newest = copies.newest_ready(self.place)
        assert fresh is not None
        assert newest is not None
        back = self.disk / "back.db"
        assemble(newest, back)
        wrong = upkeep.verify(back, settings.load(self.hall.config))
        kept, whole = journal_of(back), journal_of(self.hall.database)
        if kept != whole[: len(kept)]:
            wrong.append("what came back is no prefix of what the hall wrote")
        ids = tickets_of(back)
        missing = {at for number, at in self.load.acknowledged.items() if number not in ids}
        if wrongly := [at for at in missing if at * 1000 < fresh]:
            wrong.append(f"{len(wrongly)} acknowledged tickets are missing before its own mark")
        if lost := set(self.load.acknowledged) - tickets_of(self.hall.database):
            wrong.append(f"the hall itself lost {len(lost)} acknowledged tickets")
        back.unlink()
        return Restored(len(ids), killed - min(missing, default=killed), wrong)


def journal_of(path: Path) -> list[tuple[int, ...]]:
    """Return what a file says has happened."""
    store = Store(path, readonly=True)
    try:
        return list(store.rows("select seq, at, event, ticket, visit from journal order by seq"))
    finally:
        store.close()


def tickets_of(path: Path) -> set[int]:
    """Return the tickets in a file."""
    store = Store(path, readonly=True)
    try:
        return {number for (number,) in store.rows("select id from ticket")}
    finally:
        store.close()


def main(kills: int = KILLS) -> bool:
    """Kill and restore; True when nothing was wrong and the copy never far behind."""
    chance, worst, wrong = Random(6), 0.0, 0
    with tempfile.TemporaryDirectory() as folder:
        copying = Copying(Path(folder))
        for number in range(1, kills + 1):
            back = copying.kill_and_restore(chance.uniform(0, 1.5))
            worst = max(worst, back.behind)
            wrong += bool(back.wrong)
            for each in back.wrong:
                print(f"  kill {number}: {each}", flush=True)
        tickets, generations = back.tickets, len(copies.generations(copying.place))
    held = not wrong and worst <= MOST_BEHIND_SECONDS
    print(
        f"{'ok' if held else 'FAILED'}: {kills} kills, each restored from the second disk: "
        f"{wrong} wrong, {tickets} tickets at last, at most {worst:.1f} s behind "
        f"(target {MOST_BEHIND_SECONDS:.0f}), {generations} generation(s) kept"
    )
    return held
