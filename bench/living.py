"""The made-up life: visits a second of a build, a tick of the driver, `make demo` to its pages."""

import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench import places
from demo import life
from demo.liveliness import Liveliness
from hall import config, days
from hall.config import Config
from hall.desk import Desk
from hall.register import Register
from hall.store import Store
from rating.book import Book

DAYS, REPEATS, TICKS = 14, 5, 900
TARGET = 1_000
READY_TARGET = 30.0
OPEN_ALWAYS: Config = config.from_dict({"hall": {"always_open": True}})


def build(path: Path) -> float:
    """Make a demonstration and return its visits a second."""
    began = time.perf_counter()
    counted = life.build(path, OPEN_ALWAYS, how_many_days=DAYS)
    return counted.visits / (time.perf_counter() - began)


def ready(folder: Path) -> tuple[float, str]:
    """Start the whole demonstration as `make demo` does; return the seconds, and what it made."""
    words = [str(places.HOUSE / "server.py"), "demo", "--port", "0"]
    words += ["--database", str(folder / "whole.db")]
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-X", "utf8", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    )
    assert process.stdout is not None
    made = ""
    try:
        for line in process.stdout:
            made = line.strip() if "次办理" in line else made
            if re.search(r"http://127\.0\.0\.1:\d+", line):
                return time.perf_counter() - began, made
        raise RuntimeError("the demonstration did not start")
    finally:
        process.terminate()
        process.wait(20)


def ticks(path: Path) -> list[float]:
    """Let a quarter of an hour live, a second in each tick; return their milliseconds, sorted."""
    now = days.now()
    store = Store(path)
    try:
        register = Register(store, lambda: now)
        desk = Desk(store, register, OPEN_ALWAYS, lambda: now)
        driver = Liveliness(desk, Book(store, register, desk, OPEN_ALWAYS, lambda: now))
        took = []
        for _ in range(TICKS):
            now += days.SECOND
            began = time.perf_counter()
            driver.tick()
            took.append((time.perf_counter() - began) * 1000)
        return sorted(took)
    finally:
        store.close()


def main() -> bool:
    """Print the figures and return whether the targets are met."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        rates = sorted(build(folder / "built.db") for _ in range(REPEATS))
        middle = statistics.median(rates)
        print(
            f"living: {middle:,.0f} visits/s made ({rates[0]:,.0f} to {rates[-1]:,.0f}, {REPEATS} "
            f"times {DAYS} days; target >= {TARGET:,})",
            flush=True,
        )
        took = ticks(folder / "built.db")
        print(
            f"living: a tick takes {took[TICKS // 2]:.1f} ms (p99 {took[TICKS * 99 // 100]:.1f})",
            flush=True,
        )
        seconds, told = ready(folder)
        print(f"living: demo ready after {seconds:.1f} s ({told} target <= {READY_TARGET:.0f} s)")
    return middle >= TARGET and seconds <= READY_TARGET


if __name__ == "__main__":
    raise SystemExit(0 if main() else 1)
