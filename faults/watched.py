"""A server under watch: whether it ever stalls, what it holds, what it wrote to its log."""

import re
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from servers import Served, ask

LONGEST_STALL = 2.0
FELL = re.compile(r"Traceback \(most recent call last\)|request_failed|event_failed|tick_failed")
EVERY = 0.1  # seconds between two looks at /healthz


@dataclass
class Watch:
    """A second client that asks /healthz all the time, in a thread of its own."""

    hall: Served
    slowest: float = 0.0
    failed: list[str] = field(default_factory=list)
    asked: int = 0
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> "Watch":
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        assert self._thread is not None
        self._thread.join(30)

    def _look(self) -> None:
        while not self._ended.wait(EVERY):
            began = time.perf_counter()
            try:
                status = ask(f"{self.hall.address}/healthz", seconds=30).status
            except OSError as cut:
                self.failed.append(f"/healthz: {cut}")
            else:
                if status != 200:
                    self.failed.append(f"/healthz answered {status}")
            self.slowest = max(self.slowest, time.perf_counter() - began)
            self.asked += 1


def memory_mb(pid: int) -> float:
    """Return what a process holds in memory, in MB."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) / 1024


def open_files(pid: int) -> int:
    """Return how many files and lines a process has open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def threads(pid: int) -> int:
    """Return how many threads a process has."""
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def slope(points: list[tuple[float, float]]) -> float:
    """Return the slope of the line that fits points best (least squares); 0 for fewer than two."""
    count = len(points)
    mean_x = sum(x for x, _ in points) / max(count, 1)
    mean_y = sum(y for _, y in points) / max(count, 1)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    if not spread:
        return 0.0
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread


def falls(log: str) -> list[str]:
    """Return what in a log tells of something nobody thought of, each with what follows it."""
    return [log[each.start() : each.start() + 3000] for each in FELL.finditer(log)]
