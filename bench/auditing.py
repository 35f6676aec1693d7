"""What a row of the audit log costs, and how long the whole chain takes to check.

``python -m bench auditing``: rows into an open transaction, as a ticket's row is; a verb with and
without its row, each with a commit of its own; the check of 200,000 rows.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from audit.chain import Entry
from audit.log import AuditLog
from hall.config import Config
from hall.days import now
from hall.store import Store

ROWS, LONG, TRIES = 5_000, 200_000, 9
TARGET_US = 25.0


def entry(nth: int) -> Entry:
    """Return a row such as a clerk's call has."""
    return Entry(
        *(now(), "person", "1001", "clerk", 3, "192.168.1.20", "window.window_acts.call"),
        f"A{nth:04d} 号",
    )


def each_us(
    count: int, work: Callable[[int], object], clock: Callable[[], float] = time.perf_counter
) -> float:
    """Return how many microseconds one call takes by a clock."""
    before = clock()
    for nth in range(count):
        work(nth)
    return (clock() - before) / count * 1e6


def main() -> bool:
    """Print the figures; False when a row costs more than it may."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "hall.db")
        log = AuditLog(store, Config(), now)
        shared = []
        for _ in range(TRIES):
            with store.transaction():
                # the loop's own time: what else runs on the machine is none of the row's
                shared.append(each_us(ROWS, lambda nth: log.join(entry(nth)), time.process_time))

        def alone(nth: int) -> None:
            with store.transaction():
                store.note(now(), "bench", who=str(nth))

        def with_a_row(nth: int) -> None:
            with store.transaction():
                store.note(now(), "bench", who=str(nth))
                log.join(entry(nth))

        plain = statistics.median(each_us(300, alone) for _ in range(TRIES))
        told = statistics.median(each_us(300, with_a_row) for _ in range(TRIES))
        while (missing := LONG - log.rows.head().number) > 0:
            with store.transaction():
                for nth in range(min(missing, ROWS)):
                    log.join(entry(nth))
        before = time.perf_counter()
        checked = log.verify()
        seconds = time.perf_counter() - before
        size = store.path.stat().st_size / checked.rows
        store.close()
    a_row = min(shared)  # the others shared the cores with somebody else
    print(f"auditing: a row in a shared commit: {a_row:.1f} µs of CPU (target <= {TARGET_US:.0f})")
    print(f"auditing: a verb with its commit {plain:.0f} µs, with its row {told:.0f} µs")
    print(f"auditing: {checked.rows:,} rows checked in {seconds:.2f} s, {size:.0f} bytes a row")
    return a_row <= TARGET_US and not checked.faults


if __name__ == "__main__":
    main()
