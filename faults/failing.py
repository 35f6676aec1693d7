"""The whole app, at its API, on a disk that fails when told to (``faults/disk.py``)."""

import sqlite3
import tempfile
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from random import Random
from typing import Any

import apsw
from flask.testing import FlaskClient
from halls import MovedClock

from faults.disk import Disk
from faults.joined import connect_through
from faults.life import RULES, Fact, facts_in
from faults.power import MEMORY, fresh, opened_by, template
from hall import config as settings
from hall import proof
from hall.desk import Desk
from hall.events import Event
from hall.register import Register
from hall.store import Store
from server import create_app

UNSAVED = {"disk_full", "disk_failed"}
WINDOWS = (1, 2, 3, 4)
SERVICES = ("marriage", "estate", "advice")
# what fails, in which file; "" is any
AT = (
    *(("write", "hall.db-wal"), ("sync", "hall.db-wal"), ("write", "hall.db")),
    *(("sync", "hall.db"), ("write", ""), ("", "")),
)


@dataclass
class Told:
    """What came of many failures."""

    points: int = 0
    refused: int = 0  # requests answered with 503
    done: int = 0
    acknowledged: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    struck: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


class Fault:
    """A disk that fails at its n-th act of a kind, once or until there is room again."""

    def __init__(self, chance: Random) -> None:
        self.act, self.file = chance.choice(AT)
        self.left = chance.randrange(1, 9)
        self.full = chance.random() < 0.5
        self.lasts = self.full or chance.random() < 0.5
        self.struck = ""

    def __call__(self, act: str, file: str) -> None:
        """Fail, if this is the act."""
        if self.struck:
            if self.lasts and (act == "write" or not self.full):
                raise self._trouble(act)
            return
        if self.act not in ("", act) or self.file not in ("", file) or file.endswith("-shm"):
            return
        self.left -= 1
        if self.left <= 0 and (act == "write" or not self.full):
            self.struck = f"{act} {file} {'full' if self.full else 'I/O error'}"
            raise self._trouble(act)

    def _trouble(self, act: str) -> Exception:
        if self.full:
            return apsw.exception_for(apsw.SQLITE_FULL)
        codes = {
            "write": apsw.SQLITE_IOERR_WRITE,
            "sync": apsw.SQLITE_IOERR_FSYNC,
            "truncate": apsw.SQLITE_IOERR_TRUNCATE,
            "delete": apsw.SQLITE_IOERR_DELETE,
        }
        return apsw.exception_for(codes[act])


class FailingHall:
    """The whole app on such a disk; one app for all failures, since none may need a restart."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.chance, self.told = Random(seed), Told()
        self.clock = MovedClock()
        self.disk = Disk(f"failing-{seed}")
        self.folder = folder
        place = fresh(folder / "hall")
        (place / "hall.db").write_bytes(template())
        self.disk.forget(place)
        told = {**RULES, "hall": {**RULES["hall"], "name": "云溪县政务服务中心"}}
        self.app = create_app(settings.from_dict(told), place / "hall.db", self.clock)
        self.rooms = self.app.extensions["hall"]
        self.store: Store = self.rooms.store
        self.client: FlaskClient = self.app.test_client()
        self.keys: dict[str, str] = {}
        self.facts: list[Fact] = []
        self.heard: list[Event] = []
        for room in (self.rooms.desk, self.rooms.book):
            room.follow(self.heard.append)
        for window in WINDOWS:
            self.rooms.desk.open(window)
        for role in ("kiosk", "window", "program"):
            self.keys[role] = self.rooms.register.mint_key(role, role)[1]

    # -- what people do -------------------------------------------------------------------------

    def post(self, role: str, path: str, **body: Any) -> tuple[int, Any]:
        """Ask the API; see that what the disk did not take is refused and has left no trace."""
        before = self.traces()
        answer = self.client.post(
            f"/api/v1/{path}", json=body, headers={"Authorization": f"Bearer {self.keys[role]}"}
        )
        status, told = answer.status_code, answer.get_json()
        if status == 503 and told.get("code") in UNSAVED and told.get("message"):
            self.told.refused += 1
            self.told.codes[told["code"]] += 1
            if self.traces() != before:
                self._wrong(f"{path} was refused and has left something")
        elif status >= 500:
            self._wrong(f"{path} was answered {status} {told}")
        elif status < 300:
            self.told.done += 1
        return status, told

    def traces(self) -> bytes:
        """Return a hash of all that the hall keeps, but for the audit log of who tried."""
        seen = blake2b()
        tables = self.store.rows(
            "select name from sqlite_schema where type = 'table' order by name"
        )
        for (name,) in tables:
            if not name.startswith(("audit", "sqlite_")):
                seen.update(repr(self.store.rows(f'select * from "{name}"')).encode())
        return seen.digest()

    def step(self) -> None:
        """Let one thing happen."""
        self.clock.move(seconds=self.chance.randrange(1, 40))
        window = self.chance.choice(WINDOWS)
        self.chance.choice((self.take, self.take, self.serve, self.serve, self.serve))(window)

    def take(self, _window: int = 0) -> int:
        """Somebody takes a ticket; return how it was answered."""
        tap = f"{self.chance.getrandbits(64):016x}"
        service = self.chance.choice(SERVICES)
        status, told = self.post("kiosk", "tickets", service=service, tap=tap)
        if status == 201:
            day = self.store.last_day()
            self.facts.append(Fact("ticket", tap, (told["id"], day, told["number"])))
        return status

    def serve(self, window: int) -> None:
        """A window does its next step: call, start, finish and be rated."""
        visit = self.store.active_visit(window)
        if visit is None:
            status, told = self.post("window", f"windows/{window}/calls")
            if status == 201:
                called = (told["ticket"], window)
                self.facts.append(Fact("call", told["visit"], called))
        elif visit.state.value == "called":
            if self.post("window", f"windows/{window}/start")[0] == 200:
                self.facts.append(Fact("start", visit.id, True))
        elif self.post("window", f"windows/{window}/finish", outcome="completed")[0] == 200:
            self.facts.append(Fact("finish", visit.id, True))
            rated = self.post("program", "ratings", visit=visit.id, level="satisfied", channel="qr")
            if rated[0] == 201:
                self.facts.append(Fact("rating", visit.id, "satisfied"))

    def beat(self) -> None:
        """Let a second pass, as the server's beat does: a tick that fails stops no other."""
        rooms = self.rooms
        for tick in (rooms.desk.tick, rooms.book.tick, rooms.bookings.tick, rooms.cases.tick):
            with suppress(Exception):
                tick()

    # -- one failure ----------------------------------------------------------------------------

    def fail_once(self) -> None:
        """Let the disk fail somewhere, heal it, and look at everything."""
        fault = Fault(self.chance)
        self.disk.before = fault
        for _ in range(60):
            self.step()
            if fault.struck:
                break
        for _ in range(self.chance.randrange(4) if fault.lasts else 0):
            self.step()
            self.beat()
        self.disk.before = lambda _act, _file: None
        self.told.points += bool(fault.struck)
        self.told.struck[fault.struck] += 1
        if self.take() != 201:
            self._wrong(f"{fault.struck}: no ticket once there was room again")
        self.look(fault.struck)

    def look(self, after: str) -> None:
        """See that nothing is lost or half done, screens are right, and a power cut hurts not."""
        found = facts_in(self.store)
        self._compare(found, after)
        for each in proof.problems(self.store):
            self._wrong(f"{after}: {each}")
        rows = {seq for (seq,) in self.store.rows("select seq from journal")}
        if any(event.seq not in rows for event in self.heard):
            self._wrong(f"{after}: the screens heard of what was not saved")
        register = Register(self.store, self.clock)
        stranger = Desk(self.store, register, self.rooms.config, self.clock)
        for zone in ("1F", "2F"):
            if stranger.board(zone) != self.rooms.desk.board(zone):
                self._wrong(f"{after}: the screens of {zone} show something else than the file")
        self._cut_the_power(after)

    def _cut_the_power(self, after: str) -> None:
        place = fresh(self.folder / "left")
        for name, content in self.disk.after_a_cut(
            self.chance, self.chance.choice((0, 0.5))
        ).items():
            (place / name).write_bytes(content)
        with opened_by(sqlite3.connect):
            left = Store(place / "hall.db")
            self._compare(facts_in(left), f"{after}, then a power cut")
            for each in proof.problems(left):
                self._wrong(f"{after}, then a power cut: {each}")
            left.close()

    def _compare(self, found: dict[tuple[str, object], object], after: str) -> None:
        lost = [each for each in self.facts if found.get((each.kind, each.key)) != each.value]
        if lost:
            self._wrong(f"{after}: {len(lost)} acknowledged facts lost: {lost[0]}")

    def _wrong(self, what: str) -> None:
        self.told.wrong.append(f"point {self.told.points}: {what}")


def failures(points: int, seed: int = 6) -> Told:
    """Let the disk under the app fail at so many points."""
    memory = str(MEMORY) if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="full-", dir=memory) as folder:
        template()
        with opened_by(connect_through(f"failing-{seed}", checkpoint=30)):
            hall = FailingHall(Path(folder), seed)
            while hall.told.points < points and len(hall.told.wrong) < 20:
                hall.fail_once()
            hall.told.acknowledged = len(hall.facts)
            hall.store.close()
        return hall.told
