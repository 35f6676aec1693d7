"""A thousand uses of one right to rate at the same moment store exactly one rating."""

import threading
from collections import Counter
from pathlib import Path

import pytest
from halls import MovedClock, open_rooms

from bench import crowd, places
from bench.crowd import Ask, Person
from hall.refusals import NotAllowed
from hall.store import Store
from rating.levels import LEVELS

USES = 1_000
NOBODY = ""  # a phone has no key


def rater(asks: list[Ask], told: list[int]) -> Person:
    """Ask once and keep the answer's status."""
    for ask in asks:
        answer = yield ask
        told.append(answer.status)


def test_a_thousand_uses_of_one_link_and_one_key_store_one_rating() -> None:
    told: list[int] = []
    with places.hall() as hall:
        kiosk, window, program = hall.key("kiosk"), hall.key("window", 1), hall.key("program")
        visit, link = _served(hall.port, kiosk, window)
        asks = [
            Ask("rate", f"/r/{link}", NOBODY, {"level": LEVELS[nth % 5].value})
            if nth % 2
            else Ask(
                "rate",
                "/api/v1/ratings",
                program,
                {"visit": visit, "level": LEVELS[nth % 5].value, "channel": "qr"},
            )
            for nth in range(USES)
        ]
        crowd.run(hall.port, [rater([ask], told) for ask in asks])
        store = Store(hall.database, readonly=True)
        (stored,) = store.row("select count(*) from rating")
        (noted,) = store.row("select count(*) from journal where event = 'service_rated'")
        store.close()
    assert Counter(told) == {201: 1, 409: USES - 1}
    assert (stored, noted) == (1, 1)


def _served(port: int, kiosk: str, window: str) -> tuple[int, str]:
    """Take a ticket, serve it at window 1; return the visit and the token of its link."""
    found: dict[str, str] = {}

    def life() -> Person:
        windows = "/api/v1/windows/1"
        yield Ask("open", f"{windows}/open", window, {})
        service = next(iter(SERVED_AT_1))
        taken = yield Ask("take", "/api/v1/tickets", kiosk, {"service": service, "tap": "tap-0001"})
        found["link"] = taken.told["track_url"].rpartition("/r/")[2]
        called = yield Ask("call", f"{windows}/calls", window, {})
        found["visit"] = called.told["visit"]
        yield Ask("start", f"{windows}/start", window, {})
        yield Ask("finish", f"{windows}/finish", window, {"outcome": "completed"})

    crowd.run(port, [life()])
    return int(found["visit"]), found["link"]


SERVED_AT_1 = next(each.services for each in places.windows_of(places.ZONE) if each.no == 1)


@pytest.mark.parametrize("processes", [4])
def test_several_processes_on_one_file_store_one_rating(tmp_path: Path, processes: int) -> None:
    first = open_rooms(tmp_path / "hall.db", MovedClock())
    first.desk.open(1)
    first.take()
    visit = first.serve(1)
    answers: list[str] = []

    def rate() -> None:
        rooms = open_rooms(tmp_path / "hall.db", first.clock)
        for _ in range(25):
            try:
                rooms.book.rate(visit, "satisfied", "qr")
                answers.append("stored")
            except NotAllowed as refusal:
                answers.append(refusal.code)
        rooms.store.close()

    threads = [threading.Thread(target=rate) for _ in range(processes)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert Counter(answers) == {"stored": 1, "already_rated": 25 * processes - 1}
    first.store.close()
