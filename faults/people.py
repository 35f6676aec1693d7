"""All people and clerks of a hall at ten times its speed, for ``python -m faults soak``."""

import heapq
import json
import threading
import time
from collections import defaultdict
from collections.abc import Generator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from servers import Served

import demo
from bench.crowd import Answer, Ask
from faults.askers import Line

SPEED = 10
TICKETS_A_DAY = 3_000
DAY_SECONDS = 8 * 3600
SERVICE_SECONDS = 9 * 60  # on average, of a real day
RATED_SHARE = 0.6
TIMES = 24  # people and clerks start within their first moments, not all at once

Life = Generator[Ask | float, Answer | None, None]


@dataclass
class Crowd:
    """All people and clerks, one after another on one line, each when its time has come."""

    hall: Served
    seed: int = 0
    took: dict[int, dict[str, list[float]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    unexpected: list[str] = field(default_factory=list)
    tickets: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.chance = Random(self.seed)
        catalogue = demo.catalogue()
        self.windows = [each.no for each in catalogue.windows]
        self.services = [
            each.code for each in catalogue.services if catalogue.windows_of[each.code]
        ]
        with self.hall.register() as register:
            self.keys = {
                (role, no): register.mint_key(role, f"{role} {no}", no)[1]
                for role in ("window", "evaluator")
                for no in self.windows
            }
        self.kiosk = self.hall.key("kiosk")

    def run(self) -> None:
        """Let everybody act until the end."""
        line, began = Line(self.hall.port), time.monotonic()
        lives: list[Life] = [self.arrivals(), *(self.clerk(no) for no in self.windows)]
        due: list[tuple[float, int, Life, Ask | None]] = [
            (began, number, life, None) for number, life in enumerate(lives)
        ]
        while due and not self.ended.is_set():
            at, number, life, asked = heapq.heappop(due)
            if self.ended.wait(max(0.0, at - time.monotonic())):
                break
            told = self.ask(line, asked, int((time.monotonic() - began) // 60)) if asked else None
            wanted = life.send(told)
            now = time.monotonic()
            if isinstance(wanted, Ask):
                heapq.heappush(due, (now, number, life, wanted))
            else:
                heapq.heappush(due, (now + wanted, number, life, None))
        line.close()

    def ask(self, line: Line, asked: Ask, minute: int) -> Answer:
        """Ask once and keep how long it took."""
        began = time.perf_counter()
        try:
            status, _, body = line.ask(asked.encoded(self.hall.port))
        except OSError as cut:
            self.unexpected.append(f"{asked.what}: {cut}")
            return Answer(0, None)
        self.took[minute][asked.what].append(time.perf_counter() - began)
        if status >= 500:
            self.unexpected.append(f"{asked.what}: {status}")
        return Answer(status, json.loads(body or b"null"))

    def arrivals(self) -> Life:
        """Let citizens come, as many as a full day brings."""
        pause, due = DAY_SECONDS / TICKETS_A_DAY / SPEED, time.monotonic()
        while True:
            self.tickets += 1
            body = {"service": self.chance.choice(self.services), "tap": f"soak-{self.tickets:08d}"}
            yield Ask("ticket", "/api/v1/tickets", self.kiosk, body)
            due += self.chance.expovariate(1 / pause)
            yield max(0.0, due - time.monotonic())  # a slow answer keeps nobody at home

    def clerk(self, no: int) -> Life:
        """Call, serve, finish; the citizen rates, or not."""

        def ask(verb: str, **body: Any) -> Ask:
            return Ask(verb, f"/api/v1/windows/{no}/{verb}", self.keys["window", no], body)

        yield self.chance.uniform(0, TIMES / SPEED)
        yield ask("open")
        while True:
            called = yield ask("calls")
            if called is None or called.status != 201:
                yield self.chance.uniform(30, 90) / SPEED
                continue
            yield self.chance.uniform(10, 40) / SPEED
            if self.chance.random() < 0.05:
                yield ask("recall")
                yield ask("miss")
                continue
            yield ask("start")
            yield self.chance.expovariate(SPEED / SERVICE_SECONDS)
            yield ask("finish", outcome="completed")
            if self.chance.random() < RATED_SHARE:
                yield self.chance.uniform(3, 20) / SPEED
                body = {"visit": called.told["visit"], "level": "satisfied", "channel": "evaluator"}
                yield Ask("rate", "/api/v1/ratings", self.keys["evaluator", no], body)
