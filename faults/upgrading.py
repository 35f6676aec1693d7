"""A new version opens the file of an older one and is killed: ``python -m faults upgrading``.

``faults/released/`` holds a small hall as each released version has written it: tickets, visits,
ratings, appointments. The server's own opening is killed (SIGKILL, a process of its own) at each
statement, and at random moments within statements. What is left must be exactly what was there
before, or the newest schema of every room, as one of the opening's few commits leaves it; and the
next opening must make it whole.
``tests/test_upgrade_killed.py`` is the short form.
"""

import json
import os
import shutil
import signal
import sqlite3
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from random import Random
from typing import Any, NoReturn
from unittest.mock import patch

from halls import MovedClock
from sqlite_utils import Database

import schema
import server
import upkeep
from faults.power import MEMORY, fresh, opened_by
from hall import config as settings
from hall.file import HallFile

RELEASED = Path(__file__).parent / "released"
WITHIN = 0.25  # so many of the kills, beside one at each statement, come within one
SETTINGS = settings.from_dict({"hall": {"name": "云溪县政务服务中心"}})
NEVER = 1 << 62
STEPS_A_LOOK = 50  # of SQLite's machine, between two looks whether it is time to die
NEWEST = {
    (steps.name, each.name) for steps in schema.ALL for each in steps.pending(Database(memory=True))
}
# what an upgrade may add to, never change: columns that the oldest version has
KEPT = {
    "ticket": "id, day, number, service, state, taken_at, tap",
    "visit": "id, ticket, window, state",
    "rating": "id, visit, level",
    "journal": "seq, at, event, ticket, visit",
}


@dataclass
class Told:
    """What came of many kills."""

    kills: int = 0
    old: int = 0  # left exactly as the older version wrote it
    new: int = 0
    statements: dict[str, int] = field(default_factory=dict)
    commits: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


class Dying:
    """Opens files so that the process is killed at the n-th statement, or so far into SQLite."""

    def __init__(self, at: int = NEVER, looks: int = NEVER) -> None:
        self.left, self.looks = at, looks
        self.statements = self.looked = 0

    def connect(self, address: str, **more: Any) -> sqlite3.Connection:
        """Open a file."""
        opened: sqlite3.Connection = sqlite3.connect(address, **more)
        opened.set_trace_callback(self._see)
        opened.set_progress_handler(self._look, STEPS_A_LOOK)
        return opened

    def _see(self, statement: str) -> None:
        del statement
        self.statements += 1
        if self.statements > self.left:
            die()

    def _look(self) -> int:
        self.looked += 1
        if self.looked > self.looks:
            die()
        return 0


def die() -> NoReturn:
    """End between two instructions."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def open_as_the_server_does(path: Path) -> None:
    """Open a file with every room, as ``server.py serve`` does before it listens."""
    with patch.object(server, "_furnish"):  # routes write nothing
        app = server.create_app(SETTINGS, path, MovedClock())
    app.extensions["hall"].store.close()


def in_a_process(work: Callable[[], object]) -> int:
    """Do something in a process of its own, and return how it ended."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001 - said below, to nobody who could catch it
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


# -- what is in a file --------------------------------------------------------------------------


def dump_of(path: Path) -> list[str]:
    """Return everything in a file as SQL."""
    with closing(sqlite3.connect(path)) as file:
        return list(file.iterdump())


def state_of(path: Path) -> str:
    """Return which tables, steps and rows a file has; secrets and moments differ each time."""
    seen = blake2b(digest_size=12)
    with closing(sqlite3.connect(path)) as file:
        schema = file.execute("select type, name, sql from sqlite_schema order by 1, 2").fetchall()
        steps = file.execute("select migration_set, name from _sqlite_migrations order by 1, 2")
        seen.update(repr((schema, steps.fetchall())).encode())
        for kind, name, _ in schema:
            if kind == "table":
                (count,) = file.execute(f'select count(*) from "{name}"').fetchone()
                seen.update(f"{name} {count}".encode())
    return seen.hexdigest()


def steps_of(path: Path) -> set[tuple[str, str]]:
    """Return the steps a file has taken, by their rooms."""
    with closing(sqlite3.connect(path)) as file:
        return set(file.execute("select migration_set, name from _sqlite_migrations"))


def kept_of(path: Path) -> list[Any]:
    """Return the rows that no upgrade may change."""
    with closing(sqlite3.connect(path)) as file:
        return [
            file.execute(f"select {columns} from {table} order by 1").fetchall()
            for table, columns in KEPT.items()
        ]


# -- one released version -----------------------------------------------------------------------


class Upgrade:
    """A file of one version, opened again and again by this one."""

    def __init__(self, version: str, folder: Path, told: Told) -> None:
        self.version, self.folder, self.told = version, folder, told
        self.before = fresh(folder / "before") / "hall.db"
        with closing(sqlite3.connect(self.before)) as file:
            file.execute("pragma journal_mode = wal")
            file.executescript((RELEASED / f"{version}.sql").read_text("utf-8"))
        self.old, self.kept = dump_of(self.before), kept_of(self.before)
        self.known_good: set[str] = set()
        self.statements, self.looks, self.states = self._go_through()
        told.statements[version] = self.statements
        told.commits[version] = len(self.states)

    def _copied(self) -> Path:
        return Path(shutil.copy(self.before, fresh(self.folder / "killed") / "hall.db"))

    def _go_through(self) -> tuple[int, int, list[str]]:
        """Open it undisturbed; return its statements, looks, and the state after each commit."""
        path, said = self._copied(), self.folder / "said.json"

        def whole() -> None:
            dying, states = Dying(), [state_of(path)]
            usual = HallFile.transaction

            @contextmanager
            def noted(file: HallFile) -> Iterator[None]:
                with usual(file):
                    yield
                if not file.connection.in_transaction and (now := state_of(path)) != states[-1]:
                    states.append(now)

            with patch.object(HallFile, "transaction", noted), opened_by(dying.connect):
                open_as_the_server_does(path)
            said.write_text(json.dumps([dying.statements, dying.looked, states]))

        assert in_a_process(whole) == 0, f"{self.version} does not open"
        self._look_at(path, "undisturbed")
        statements, looks, states = json.loads(said.read_text())
        return statements, looks, states

    def kill(self, dying: Dying, when: str) -> None:
        """Let an opening die, and look at what it left."""
        path = self._copied()

        def dies() -> None:
            with opened_by(dying.connect):
                open_as_the_server_does(path)

        ended = in_a_process(dies)
        if ended not in (0, -signal.SIGKILL):
            self._wrong(f"{when}: ended with {ended}")
        self.told.kills += ended != 0
        self._look_at(path, when)

    def _look_at(self, path: Path, when: str) -> None:
        if found := upkeep.integrity(path):
            self._wrong(f"{when}: {found[0]}")
        if dump_of(path) == self.old:
            self.told.old += 1
            return
        state = state_of(path)
        if when == "undisturbed":
            self._open_and_verify(path, when)
            return
        if state in self.states[1:] and steps_of(path) == NEWEST:
            self.told.new += 1
        else:
            self._wrong(f"{when}: neither old nor new")
        if state not in self.known_good:  # the same tables and rows need not be opened again
            self._open_and_verify(path, when)
            self.known_good.add(state)

    def _open_and_verify(self, path: Path, when: str) -> None:
        """Open what is left with this version: everything kept, every rule."""

        def opens() -> None:
            open_as_the_server_does(path)
            found = upkeep.verify(path, SETTINGS)
            assert not found, found
            for before, after in zip(self.kept, kept_of(path), strict=True):
                assert after[: len(before)] == before, "rows were changed"

        if in_a_process(opens) != 0:
            self._wrong(f"{when}: this version does not make it whole")

    def _wrong(self, what: str) -> None:
        self.told.wrong.append(f"{self.version}, {what}")


def upgrades(times: int | None, seed: int = 6, versions: Sequence[str] = ()) -> Told:
    """Kill at every statement of every version's upgrade, or at ``times`` moments in all."""
    told, chance = Told(), Random(seed)
    memory = str(MEMORY) if MEMORY.is_dir() else None
    versions = versions or sorted(each.stem for each in RELEASED.glob("*.sql"))
    with tempfile.TemporaryDirectory(prefix="upgrade-", dir=memory) as folder:
        for version in versions:
            upgrade = Upgrade(version, Path(folder), told)
            moments: list[tuple[str, Dying]] = [
                (f"at statement {n}", Dying(at=n)) for n in range(upgrade.statements)
            ]
            for _ in range(int(upgrade.statements * WITHIN)):
                look = chance.randrange(upgrade.looks + 1)
                moments.append((f"within, at look {look}", Dying(looks=look)))
            if times is not None:
                moments = chance.sample(moments, min(len(moments), max(1, times // len(versions))))
            for when, dying in moments:
                upgrade.kill(dying, when)
    return told


def main(times: int | None = None) -> bool:
    """Kill upgrades; True when each left the old file, the new one, or whole rooms of both."""
    if os.name == "nt":
        print("processes cannot be forked here: not tried")
        return True
    began = time.monotonic()
    told = upgrades(times)
    for each in told.wrong[:20]:
        print(f"  {each}")
    commits = ", ".join(
        f"{version} in {count} statements, {told.commits[version] - 1} commits"
        for version, count in told.statements.items()
    )
    print(
        f"{'ok' if not told.wrong else 'FAILED'}: {told.kills:,} kills in "
        f"{time.monotonic() - began:,.0f} s ({commits}): {told.old:,} left the old file untouched, "
        f"{told.new:,} the new schema, {len(told.wrong)} anything else or not whole when opened"
    )
    return not told.wrong
