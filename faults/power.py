"""The power fails, ten thousand times: ``python -m faults power [--times N]``.

A hall lives on a disk of which, at a cut, only what was synced is certain; what was not is gone, or
there, or there in part. What is left is opened with Python's own SQLite by the product's own store.
``tests/test_power_cuts.py`` is the short form.
"""

import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import Any

from halls import MovedClock, open_rooms

import rating.proof
from faults.disk import Disk
from faults.joined import connect_through
from faults.life import RULES, Known, Life, facts_in, journal_of
from hall import config as settings
from hall import proof
from hall.file import HallFile
from hall.store import Store
from server import create_app

CUTS = 10_000
CUTS_TO_LOSE = 300  # with a disk that is not waited for, so many must lose something
MEMORY = Path("/dev/shm")
STEPS = 60
CUTS_A_MOMENT = 0.03  # some twenty cuts a life
LIVES_A_HALL = 8
# What is kept of each sector not synced; None: all of it.
KEEPS = (0.0, 0.0, 0.1, 0.5, 0.9, None)
# Pages in the WAL before it is brought home: SQLite's own 1000, and few, so that it happens often.
CHECKPOINTS = (20, 60, 200, 1000)


@dataclass
class Cut:
    """What the disk held when the power failed, and what had been acknowledged by then."""

    left: dict[str, bytes]
    facts: int
    rows: int
    doing: str
    keeps: float | None


@dataclass
class Told:
    """What came of many cuts."""

    cuts: int = 0
    lost: int = 0  # acknowledged facts and rows of the journal that were gone
    cuts_with_loss: int = 0
    acknowledged: int = 0
    verbs: int = 0
    twice: int = 0  # numbers that were printed for two citizens
    wrong: list[str] = field(default_factory=list)
    during: Counter[str] = field(default_factory=Counter)
    kept_unsynced: int = 0  # cuts after which more was there than had been acknowledged


class PowerCuts:
    """Halls on one such disk, one after the other."""

    def __init__(self, folder: Path, seed: int, synchronous: str = "full") -> None:
        self.folder, self.synchronous = folder, synchronous
        self.chance, self.told = Random(seed), Told()
        self.disk = Disk(f"disk-{seed}-{synchronous}")
        self.template = template()
        self.cuts: list[Cut] = []

    def run(self, times: int) -> Told:
        """Cut the power so many times."""
        while self.told.cuts < times:
            left, known, clock = {"hall.db": self.template}, Known(), MovedClock()
            for _ in range(LIVES_A_HALL):
                if self.told.cuts >= times:
                    break
                left, known = self.live(left, known, clock)
        return self.told

    def live(
        self, left: dict[str, bytes], known: Known, clock: MovedClock
    ) -> tuple[dict[str, bytes], Known]:
        """Let a hall live on from what a cut left; return what one of its own cuts leaves."""
        place = fresh(self.folder / "hall")
        for name, content in left.items():
            (place / name).write_bytes(content)
        self.disk.forget(place)
        self.cuts = []
        connect = connect_through(self.disk.name, self.chance.choice(CHECKPOINTS))
        with opened_by(connect):
            life = Life(place / "hall.db", self.chance, known, clock)
            life.store.connection.execute(f"pragma synchronous = {self.synchronous}")
            life.open()
            self.disk.before = partial(self._maybe, life)
            for _ in range(STEPS):
                life.step()
                self._maybe(life, "between", "verbs")
            life.store.close()
            self._maybe(life, "after", "closing")
        self.disk.before = lambda _act, _file: None
        self.told.verbs += life.done
        self.told.twice += len(life.twice)
        return self._look_at_all(known)

    def _maybe(self, life: Life, act: str, file: str) -> None:
        """Note what a cut at this moment would leave; the life goes on as if nothing was."""
        if self.chance.random() >= CUTS_A_MOMENT:
            return
        keeps = self.chance.choice(KEEPS)
        known = life.known
        self.cuts.append(
            Cut(
                self.disk.after_a_cut(self.chance, keeps),
                *(len(known.facts), len(known.journal), f"{act} {file}", keeps),
            )
        )

    def _look_at_all(self, lived: Known) -> tuple[dict[str, bytes], Known]:
        """Open what each cut left; one of them is the hall that goes on."""
        if not self.cuts:
            return {"hall.db": self.template}, Known()
        goes_on = self.chance.choice(self.cuts)
        back: tuple[dict[str, bytes], Known] = {"hall.db": self.template}, Known()
        for cut in self.cuts:
            rows = self._look(cut, lived)
            if cut is goes_on:
                back = (cut.left, lived.first(cut.facts, rows))
        return back

    def _look(self, cut: Cut, lived: Known) -> int:
        told = self.told
        told.cuts += 1
        told.during[cut.doing] += 1
        place = fresh(self.folder / "left")
        for name, content in cut.left.items():
            (place / name).write_bytes(content)
        try:
            store = Store(place / "hall.db")
        except Exception as trouble:  # noqa: BLE001 - whatever it is: the file must open
            told.wrong.append(f"{cut.doing}, {cut.keeps}: does not open: {trouble!r}")
            return cut.rows
        try:
            return self._compare(store, cut, lived)
        finally:
            store.close()

    def _compare(self, store: Store, cut: Cut, lived: Known) -> int:
        told, acknowledged = self.told, lived.first(cut.facts, cut.rows)
        found, journal = facts_in(store), journal_of(store)
        lost = sum(found.get((fact.kind, fact.key)) != fact.value for fact in acknowledged.facts)
        lost += max(0, cut.rows - len(journal))
        told.lost += lost
        told.cuts_with_loss += lost > 0
        told.acknowledged += len(acknowledged.facts)
        told.kept_unsynced += len(journal) > cut.rows
        wrong = proof.problems(store)
        if journal != lived.journal[: len(journal)]:
            wrong.append("what is left is no beginning of what the hall did")
        if told.cuts % 25 == 0:
            wrong += self._ratings(store)
        told.wrong += [f"{cut.doing}, {cut.keeps}: {each}" for each in wrong]
        return len(journal)

    def _ratings(self, store: Store) -> list[str]:
        """Add the month up again, now and then: it takes longest."""
        path = store.path
        again = open_rooms(path, MovedClock(), **RULES)
        try:
            return rating.proof.problems(again.book)
        finally:
            again.store.close()


@contextmanager
def opened_by(connect: Any) -> Iterator[None]:
    """Let stores open their files so, for the length of a with block."""
    usual = HallFile.__dict__["connect"]
    HallFile.connect = staticmethod(connect)
    try:
        yield
    finally:
        HallFile.connect = usual


@cache
def template() -> bytes:
    """Return a hall's file with the tables of all rooms, as the server makes them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "hall.db"
        open_rooms(path, MovedClock(), **RULES).store.close()
        app = create_app(settings.from_dict({"hall": {"name": "云溪县政务服务中心"}}), path)
        app.extensions["hall"].store.close()
        return path.read_bytes()


def fresh(folder: Path) -> Path:
    """Return an empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def power_cuts(times: int, seed: int, synchronous: str = "full") -> Told:
    """Cut the power under a hall that waits for the disk, or does not."""
    memory = str(MEMORY) if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="power-", dir=memory) as folder:
        return PowerCuts(Path(folder), seed, synchronous).run(times)


def main(times: int = CUTS) -> bool:
    """Cut the power; True when nothing was lost, and without waiting for the disk something was."""
    began = time.monotonic()
    told = power_cuts(times, seed=6)
    seconds = time.monotonic() - began
    for each in told.wrong[:20]:
        print(f"  {each}")
    whole = not (told.wrong or told.lost or told.twice)
    print(
        f"{'ok' if whole else 'FAILED'}: {told.cuts:,} power cuts in {seconds:,.0f} s during "
        f"{told.verbs:,} verbs: {told.lost} acknowledged facts lost, {told.twice} numbers printed "
        f"twice, {len(told.wrong)} files wrong "
        f"({told.acknowledged:,} facts compared; {told.kept_unsynced:,} cuts left more than was "
        "acknowledged)",
        flush=True,
    )
    loose = power_cuts(min(times, CUTS_TO_LOSE), seed=7, synchronous="normal")
    bites = loose.cuts_with_loss > 0
    print(
        f"{'ok' if bites else 'FAILED'}: with synchronous=NORMAL {loose.cuts_with_loss} of "
        f"{loose.cuts} cuts lost {loose.lost:,} acknowledged facts and {loose.twice} numbers were "
        "printed twice: the proof bites"
    )
    return whole and bites
