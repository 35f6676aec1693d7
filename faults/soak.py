"""A full hall at ten times its speed, with real browsers, for half an hour or as long as is asked.

``python -m faults soak [--minutes N]``; ``tests/test_soak.py`` is its short form. 76 windows serve
3,000 citizens a day of eight hours, ten times as fast; 200 displays follow over sockets, and in
Chromium three hall screens, a kiosk, a clerk's page, an evaluator and the manager's monitor.
"""

import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from journeys import come_in
from servers import Served

import demo
from bench import calling, crowd, places
from faults import watched
from faults.people import SPEED, Crowd
from hall.store import Store
from tools.setup import find_chromium

MINUTES = 30
SAMPLE_SECONDS = 5.0
WARM_SHARE = 1 / 3  # of the run, before which nothing is fitted
SLOPE_MB_A_HOUR = 20.0
GROWN_MB = 25.0  # what a run too short to be fitted may grow by
FITTED_FROM_MINUTES = 10
MORE_FILES = 4
MORE_THREADS = 12  # pools fill when they are first needed
WAL_MB = 40.0
HEAP_GROWS_MB = 15.0
SLOW_MS = 250.0


# -- the browsers ------------------------------------------------------------------------------

FLAGS = ["--autoplay-policy=no-user-gesture-required", "--disable-gpu", "--no-sandbox"]


@dataclass
class Pages:
    """What stands in the hall: each page in a browser of its own."""

    pages: dict[str, Any]
    zones: tuple[str, ...]

    def heaps(self) -> dict[str, float]:
        """Return what the script of each page holds after a collection, in MB."""
        told = {}
        for name, page in self.pages.items():
            line = page.context.new_cdp_session(page)
            line.send("HeapProfiler.collectGarbage")
            used = line.send("Runtime.getHeapUsage")["usedSize"]
            line.detach()
            told[name] = used / 1_000_000
        return told

    def wait(self, seconds: float) -> None:
        """Let time pass while the pages live."""
        next(iter(self.pages.values())).wait_for_timeout(seconds * 1000)

    def text_of(self, zone: str) -> str:
        """Return what a hall screen shows."""
        return str(self.pages[f"screen {zone}"].inner_text("body"))


@contextmanager
def browsers(hall: Served, windows: list[int], zones: tuple[str, ...]) -> Iterator[Pages]:
    """Open seven pages as seven devices."""
    from playwright.sync_api import sync_playwright

    path, no = find_chromium(), windows[0]
    assert path is not None, "Chromium is missing"
    places_of: dict[str, tuple[str, int | None, str]] = {
        f"screen {zone}": ("display", None, f"/display?zone={zone}") for zone in zones
    }
    places_of |= {
        "kiosk": ("kiosk", None, "/kiosk"),
        "clerk": ("window", no, f"/window/{no}"),
        "evaluator": ("evaluator", no, f"/evaluator/{no}"),
        "monitor": ("manager", None, "/monitor"),
    }
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        pages = {}
        for name, (role, window, address) in places_of.items():
            context = chromium.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
            context.set_default_timeout(60_000)
            come_in(context, hall, role, window)
            pages[name] = context.new_page()
            shown = pages[name].goto(hall.address + address)
            assert shown is not None
            assert shown.ok, f"{address}: {shown.status}"
        yield Pages(pages, zones)
        chromium.close()


# -- what is measured --------------------------------------------------------------------------


@dataclass
class Sample:
    """One look at the server."""

    at: float  # seconds since the beginning
    memory: float
    files: int
    threads: int
    wal: float


def look(hall: Served, at: float) -> Sample:
    """Look at the server's process and its file."""
    assert hall.process is not None
    pid, log = hall.process.pid, hall.database.with_name(hall.database.name + "-wal")
    size = log.stat().st_size / 1_000_000 if log.exists() else 0.0
    return Sample(at, watched.memory_mb(pid), watched.open_files(pid), watched.threads(pid), size)


def wrong_boards(hall: Served, pages: Pages) -> list[str]:
    """Return what a hall screen, or the board it is told, says otherwise than the hall's file."""
    store = Store(hall.database, readonly=True)
    try:
        waiting = dict(
            store.rows(
                "select service, count(*) from ticket where state = 'waiting' group by service"
            )
        )
        busy = dict(
            store.rows("""
            select visit.window, ticket.number from visit join ticket on ticket.id = visit.ticket
            where visit.ended_at is null and visit.state != 'held'
        """)
        )
    finally:
        store.close()
    wrong = []
    for zone in pages.zones:
        board = hall.get(f"/api/v1/board?zone={zone}", hall.key("display")).json
        wrong += [
            f"{zone}: {each['code']} has {each['waiting']} waiting on the board, not in the file"
            for each in board["services"]
            if each["waiting"] != waiting.get(each["code"], 0)
        ]
        wrong += [
            f"{zone}: window {each['no']} shows {each['number']}, not {busy.get(each['no'])}"
            for each in board["windows"]
            if each["number"] != busy.get(each["no"])
        ]
        shown = pages.text_of(zone)
        if board["calls"] and board["calls"][0]["number"] not in shown:
            wrong.append(f"{zone}: the screen does not show {board['calls'][0]['number']}")
    return wrong


@dataclass
class Soaked:
    """What a run came to."""

    samples: list[Sample]
    heaps: list[dict[str, float]]
    crowd: Crowd
    wrong: list[str]
    minutes: float

    def verdicts(self) -> list[tuple[bool, str]]:
        """Return each thing that must hold, and how it came out."""
        warm = [each for each in self.samples if each.at >= self.minutes * 60 * WARM_SHARE]
        first, last = warm[0], warm[-1]
        slope = watched.slope([(each.at / 3600, each.memory) for each in warm])
        grown, fitted = last.memory - first.memory, self.minutes >= FITTED_FROM_MINUTES
        flat = slope <= SLOPE_MB_A_HOUR if fitted else grown <= GROWN_MB
        wal = max(each.wal for each in warm)
        heap = {
            name: self.heaps[-1][name] - self.heaps[min(1, len(self.heaps) - 1)][name]
            for name in self.heaps[-1]
        }
        worst = max(heap, key=lambda name: heap[name])
        answers = sorted(
            each for told in self.crowd.took.values() for all_of in told.values() for each in all_of
        )
        p99 = crowd.at(answers, 0.99)
        files, more = last.files - first.files, last.threads - first.threads
        return [
            (
                flat,
                f"memory {first.memory:.0f} -> {last.memory:.0f} MB, slope {slope:+.1f} MB/h "
                f"(target <= {SLOPE_MB_A_HOUR:.0f}"
                + (")" if fitted else f" from {FITTED_FROM_MINUTES} minutes on)"),
            ),
            (files <= MORE_FILES, f"open files {first.files} -> {last.files}"),
            (more <= MORE_THREADS, f"threads {first.threads} -> {last.threads}"),
            (wal <= WAL_MB, f"WAL at most {wal:.1f} MB"),
            (
                heap[worst] <= HEAP_GROWS_MB,
                f"page memory grows most at {worst}: {heap[worst]:+.1f} MB",
            ),
            (
                p99 <= SLOW_MS,
                f"{len(answers):,} answers, p99 {p99:.0f} ms (target <= {SLOW_MS:.0f})",
            ),
            (
                not self.crowd.unexpected,
                f"{len(self.crowd.unexpected)} failed {self.crowd.unexpected[:3]}",
            ),
            (not self.wrong, f"boards at the end: {len(self.wrong)} wrong {self.wrong[:3]}"),
        ]

    def table(self) -> Iterator[str]:
        """Yield a line a minute."""
        yield "  min  tickets  calls p50/p99 ms   memory MB  files  threads  WAL MB  heaps MB"
        for minute in sorted(self.crowd.took):
            told = self.crowd.took[minute]
            calls = told.get("calls") or [0.0]
            sample = next(
                (each for each in reversed(self.samples) if each.at < 60 * (minute + 1)),
                self.samples[-1],
            )
            heaps = self.heaps[min(minute, len(self.heaps) - 1)]
            yield (
                f"  {minute:3}  {len(told.get('ticket', [])):7}  "
                f"{crowd.at(calls, 0.5):7.1f}/{crowd.at(calls, 0.99):7.1f}   "
                f"{sample.memory:9.1f}  {sample.files:5}  {sample.threads:7}  {sample.wal:6.1f}  "
                + " ".join(f"{each:.1f}" for each in heaps.values())
            )


def soak(minutes: float, folder: Path) -> Soaked:
    """Run a hall for so many minutes."""
    hall = Served(folder / "hall", catalogue=demo.catalogue(), cold=True)
    hall.prepare()
    people = Crowd(hall)
    zones = tuple(each.code for each in demo.catalogue().zones)[:3]
    hall.start()
    assert hall.process is not None
    thread = threading.Thread(target=people.run)
    place = places.Place(hall.port, hall.process)  # type: ignore[arg-type]
    samples: list[Sample] = []
    heaps: list[dict[str, float]] = []
    try:
        with calling.wall(place) as wall, browsers(hall, people.windows, zones) as pages:
            wall(auth={"key": hall.key("display")}, watch={"zone": zones[0]})
            thread.start()
            began = time.monotonic()
            while (at := time.monotonic() - began) < minutes * 60:
                samples.append(look(hall, at))
                if at >= 60 * len(heaps):
                    heaps.append(pages.heaps())
                pages.wait(SAMPLE_SECONDS)
            people.ended.set()
            thread.join(60)
            pages.wait(2)  # the last board is gathered for a tenth of a second
            wrong = wrong_boards(hall, pages)
            heaps.append(pages.heaps())
        wrong += watched.falls(hall.errors)[:3]
    finally:
        people.ended.set()
        if hall.process is not None:
            hall.kill()
    return Soaked(samples, heaps, people, wrong, minutes)


def main(minutes: int = MINUTES) -> bool:
    """Soak; True when everything stays flat and the screens are right."""
    with tempfile.TemporaryDirectory() as folder:
        soaked = soak(minutes, Path(folder))
    for line in soaked.table():
        print(line)
    verdicts = soaked.verdicts()
    for held, said in verdicts:
        print(f"  {'ok' if held else 'FAILED'}: {said}")
    held = all(each for each, _ in verdicts)
    print(
        f"{'ok' if held else 'FAILED'}: {minutes} minutes at {SPEED} times a hall's speed, "
        f"{soaked.crowd.tickets:,} tickets, {len(soaked.crowd.windows)} windows, "
        f"{calling.SCREENS} displays, {len(soaked.heaps[-1])} browsers on {sys.platform}"
    )
    return held
