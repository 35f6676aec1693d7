"""The server is killed between two instructions, again and again: ``python -m faults kill``.

``tests/test_killed_under_load.py`` is the short form. Each life of the server is a process of its
own that opens the hall's file as the last one left it, recovers the WAL, makes the app and listens.
It is forked from a process that has read the modules, which saves two seconds a life; what a start
from nothing takes is measured beside it.
"""

import tempfile
import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from random import Random
from uuid import uuid4

from servers import Served

from hall.store import Store

KILLS = 1000
KILLS_A_HALL = 100
COLD_STARTS = 3
PEOPLE = 4
WINDOWS = (1, 2)
BACK_SECONDS = 5.0
CUT = (OSError, ValueError, HTTPException)


class Load:
    """People who take tickets and windows that serve and are rated, until the server is gone."""

    def __init__(self, hall: Served) -> None:
        self.hall = hall
        self.tickets: dict[str, tuple[int, str]] = {}
        self.calls: dict[int, tuple[int, int]] = {}
        self.ratings: set[int] = set()
        self.wrong: list[object] = []
        self.first_at = 0.0
        self.ended = threading.Event()
        # keys first: the threads below only ask
        self.kiosk, self.rater = hall.key("kiosk"), hall.key("program")
        for window in WINDOWS:
            hall.key("window", window)
        self.threads = [threading.Thread(target=self.take) for _ in range(PEOPLE)]
        self.threads += [threading.Thread(target=self.serve, args=(no,)) for no in WINDOWS]
        for thread in self.threads:
            thread.start()

    def take(self) -> None:
        """Take tickets."""
        while not self.ended.is_set():
            tap = str(uuid4())
            try:
                answer = self.hall.take(tap=tap)
                ticket = answer.json
            except CUT:
                return
            if answer.status == 201:
                self.first_at = self.first_at or time.monotonic()
                self.tickets[tap] = (ticket["id"], ticket["number"])
            else:
                self.wrong.append(ticket)

    def serve(self, window: int) -> None:
        """Call, serve, and let whoever was served rate."""
        at = self.hall.at
        try:
            at(window, "finish", outcome="other")  # what the last life left behind
            at(window, "miss")
            at(window, "open")
            while not self.ended.is_set():
                call = at(window, "calls")
                if call.status != 201:
                    continue
                visit = call.json["visit"]
                self.calls[visit] = (call.json["ticket"], window)
                at(window, "start")
                at(window, "finish", outcome="completed")
                body = {"visit": visit, "level": "satisfied", "channel": "qr"}
                if self.hall.post("/api/v1/ratings", body, self.rater).status == 201:
                    self.ratings.add(visit)
        except CUT:
            return

    def wait_until_under_way(self, seconds: float = 20) -> None:
        """Wait until tickets and ratings come: a slow machine needs longer to get going."""
        deadline = time.monotonic() + seconds
        while len(self.tickets) < PEOPLE or not self.ratings:
            assert time.monotonic() < deadline, "nothing is taken or rated"
            time.sleep(0.01)

    def end(self) -> None:
        """Let the last of them go home."""
        self.ended.set()
        for thread in self.threads:
            thread.join(30)


@dataclass
class Killed:
    """What came of many kills."""

    kills: int = 0
    tickets: int = 0
    calls: int = 0
    ratings: int = 0
    slowest: float = 0.0  # seconds from a start to the first ticket it gave
    wrong: list[str] = field(default_factory=list)


class Killing:
    """One hall whose server is killed under load; after each kill its file is looked at."""

    def __init__(self, folder: Path, seed: int, *, cold: bool = False) -> None:
        self.hall = Served(folder, cold=cold)
        self.hall.prepare()
        self.chance, self.told = Random(seed), Killed()
        self.numbers: dict[tuple[str, str], int] = {}
        self.newest = 0
        self.a_tap: tuple[str, tuple[int, str]] = ("", (0, ""))

    def once(self, longest: float = 0.3) -> None:
        """Start, serve under load, kill, and compare the file with what was acknowledged."""
        began = time.monotonic()
        self.hall.start()
        load = Load(self.hall)
        load.wait_until_under_way()
        time.sleep(self.chance.uniform(0, longest))
        self.hall.kill()
        load.end()
        told = self.told
        told.kills += 1
        told.slowest = max(told.slowest, load.first_at - began)
        told.tickets += len(load.tickets)
        told.calls += len(load.calls)
        told.ratings += len(load.ratings)
        self.a_tap = next(iter(load.tickets.items()))
        self._look(load)

    def _look(self, load: Load) -> None:
        """Compare what this life acknowledged; what older ones did was compared after them."""
        store = Store(self.hall.database, readonly=True)
        new = store.rows("select tap, id, day, number from ticket where id > ?", (self.newest,))
        visits = {visit: at for visit, *at in store.rows("select id, ticket, window from visit")}
        rated = {visit for (visit,) in store.rows("select visit from rating")}
        kept = store.row("select count(*) from ticket")[0]
        store.close()
        found = {tap: (number, printed) for tap, number, _, printed in new}
        wrong = [f"refused: {each}" for each in load.wrong]
        wrong += [f"ticket {tap} lost" for tap, it in load.tickets.items() if found.get(tap) != it]
        wrong += [
            f"call {visit} lost" for visit, it in load.calls.items() if visits.get(visit) != [*it]
        ]
        wrong += [f"rating of {visit} lost" for visit in load.ratings - rated]
        for _, number, day, printed in new:
            if self.numbers.setdefault((day, printed), number) != number:
                wrong.append(f"{printed} was given twice")
        self.newest = max(self.newest, *(number for _, number, *_ in new))
        if kept != len(self.numbers):
            wrong.append(f"{len(self.numbers) - kept} tickets of earlier lives are gone")
        self.told.wrong += [f"kill {self.told.kills}: {each}" for each in wrong]

    def end(self) -> Killed:
        """Start once more: the same tap has the same ticket, and the file is whole."""
        hall, (tap, (number, printed)), wrong = self.hall, self.a_tap, self.told.wrong
        hall.start()
        again = hall.take(tap=tap)
        if (again.status, again.json["id"], again.json["number"]) != (200, number, printed):
            wrong.append(f"the same tap got another ticket: {again.json}")
        if hall.take().status != 201:
            wrong.append("no ticket after the last kill")
        if hall.stop() != 0:
            wrong.append("the server did not end as told")
        verified = hall.command("verify")
        if verified.returncode != 0:
            wrong.append(f"verify: {verified.stdout}{verified.stderr}")
        return self.told


def main(kills: int = KILLS) -> bool:
    """Kill; True when nothing was lost or given twice and the hall was always soon back."""
    began, all_told = time.monotonic(), Killed()
    while all_told.kills < kills:
        with tempfile.TemporaryDirectory() as folder:
            killing = Killing(Path(folder), seed=all_told.kills)
            for _ in range(min(KILLS_A_HALL, kills - all_told.kills)):
                killing.once()
            told = killing.end()
        for each in told.wrong:
            print(f"  {each}", flush=True)
        all_told = Killed(
            *(all_told.kills + told.kills, all_told.tickets + told.tickets),
            *(all_told.calls + told.calls, all_told.ratings + told.ratings),
            max(all_told.slowest, told.slowest),
            all_told.wrong + told.wrong,
        )
    seconds = time.monotonic() - began
    with tempfile.TemporaryDirectory() as folder:
        cold = Killing(Path(folder), seed=1, cold=True)
        for _ in range(COLD_STARTS):
            cold.once()
        slowest = cold.end().slowest
    lost = all_told.wrong + cold.told.wrong
    held = not lost and max(slowest, all_told.slowest) <= BACK_SECONDS
    print(
        f"{'ok' if held else 'FAILED'}: {all_told.kills:,} kills in {seconds:,.0f} s: "
        f"{all_told.tickets:,} tickets, {all_told.calls:,} calls and {all_told.ratings:,} ratings "
        f"acknowledged, {len(lost)} wrong; the first ticket at most {all_told.slowest:.1f} s after "
        f"a start, {slowest:.1f} s from nothing (target {BACK_SECONDS:.0f})"
    )
    return held
