"""The server is killed between two instructions, twenty times: what was acknowledged is there."""

import threading
import time
from collections import Counter
from http.client import HTTPException
from pathlib import Path
from random import Random
from uuid import uuid4

import pytest
from servers import Served

from hall.store import Store

CUT = (OSError, ValueError, HTTPException)
KILLS = 20
PEOPLE = 4


class Load:
    """People who take tickets and a window that serves and is rated, until the server is gone."""

    def __init__(self, hall: Served) -> None:
        self.hall = hall
        self.tickets: dict[str, tuple[int, str]] = {}
        self.ratings: set[int] = set()
        self.asked: list[str] = []
        self.wrong: list[object] = []
        self.ended = threading.Event()
        # keys first: the threads below only ask
        self.kiosk, self.rater = hall.key("kiosk"), hall.key("program")
        self.hall.key("window", 1)
        self.threads = [threading.Thread(target=self.take) for _ in range(PEOPLE)]
        self.threads.append(threading.Thread(target=self.serve))
        for thread in self.threads:
            thread.start()

    def take(self) -> None:
        while not self.ended.is_set():
            tap = str(uuid4())
            self.asked.append(tap)
            try:
                answer = self.hall.take(tap=tap)
                ticket = answer.json
            except CUT:
                return
            if answer.status == 201:
                self.tickets[tap] = (ticket["id"], ticket["number"])
            else:
                self.wrong.append(ticket)

    def serve(self) -> None:
        try:
            self.hall.at(1, "finish", outcome="other")  # what the last life left behind
            self.hall.at(1, "miss")
            self.hall.at(1, "open")
            while not self.ended.is_set():
                call = self.hall.at(1, "calls")
                if call.status != 201:
                    continue
                self.hall.at(1, "start")
                self.hall.at(1, "finish", outcome="completed")
                visit = call.json["visit"]
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
        self.ended.set()
        for thread in self.threads:
            thread.join(30)


@pytest.mark.timeout(300)
def test_twenty_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    hall = Served(tmp_path / "hall")
    hall.prepare()
    chance = Random(20)
    tickets: dict[str, tuple[int, str]] = {}
    ratings: set[int] = set()
    for _ in range(KILLS):
        hall.start()
        load = Load(hall)
        load.wait_until_under_way()
        time.sleep(chance.uniform(0, 0.3))
        hall.kill()
        load.end()
        assert not load.wrong
        tickets |= load.tickets
        ratings |= load.ratings
    assert len(tickets) > KILLS * PEOPLE, "hardly anything was taken: the test proves nothing"
    assert len(ratings) >= KILLS, "hardly anything was rated: the test proves nothing"
    check_what_is_kept(hall, tickets, ratings)
    hall.start()
    tap, (number, printed) = next(iter(tickets.items()))
    again = hall.take(tap=tap)
    assert (again.status, again.json["id"], again.json["number"]) == (200, number, printed)
    assert hall.take().status == 201
    assert hall.stop() == 0
    assert hall.command("verify").returncode == 0


def check_what_is_kept(
    hall: Served, tickets: dict[str, tuple[int, str]], ratings: set[int]
) -> None:
    store = Store(hall.database, readonly=True)
    kept = {
        tap: (number, printed)
        for tap, number, printed in store.rows("select tap, id, number from ticket")
    }
    lost = [tap for tap, ticket in tickets.items() if kept.get(tap) != ticket]
    rated = {visit for (visit,) in store.rows("select visit from rating")}
    numbers = Counter(store.rows("select day, number from ticket"))
    store.close()
    assert not lost, f"{len(lost)} acknowledged tickets are lost"
    assert not ratings - rated, f"{len(ratings - rated)} acknowledged ratings are lost"
    assert max(numbers.values()) == 1, "a number was given twice"
