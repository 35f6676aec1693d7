"""What the second disk costs a commit: with and without it, in turn, ``python -m bench copying``.

Both halls bring their log home beside the loop, as the server does; one ships it as well. The
second disk is a folder on the same one, so both also share its bandwidth: a real one costs less.
"""

import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import schema
from hall.days import now
from hall.store import Store
from safety import base, copies
from safety.replay_store import assemble
from safety.shipper import Shipper

SECONDS, PAIRS = 2.0, 10
EVERY = 1.0
TARGET = 1.5
TEXT = "取号、呼叫和评价的一条记录，约二百字节。" * 4


@dataclass
class Side:
    """A hall that commits, and how long each commit took, in milliseconds."""

    store: Store
    shipper: Shipper
    took: list[float] = field(default_factory=list)
    rows: int = 0

    def commit(self, seconds: float, every: float) -> None:
        """Commit one row after the other for a while; the shipper has its turns meanwhile."""
        ends = time.perf_counter() + seconds
        due = 0.0
        while (before := time.perf_counter()) < ends:
            if before >= due:
                self.shipper.tick()
                due = before + every
                before = time.perf_counter()
            with self.store.transaction():
                self.store.note(now(), "bench", who="1001", detail={"text": TEXT})
            self.took.append((time.perf_counter() - before) * 1000)
            self.rows += 1


@dataclass(frozen=True)
class Seen:
    """What both took in milliseconds, and how many rows the second disk lacks."""

    plain: list[float]
    copied: list[float]
    lost: int

    def ratio(self, quantile: int) -> float:
        """Return by how much a commit is slower with the second disk, at a quantile of 100."""
        return quantile_of(self.copied, quantile) / quantile_of(self.plain, quantile)


def quantile_of(took: list[float], quantile: int) -> float:
    """Return a quantile of 100."""
    return statistics.quantiles(took, n=100)[quantile - 1]


def run(pairs: int, seconds: float, every: float) -> Seen:
    """Let both commit in turn; the second disk must hold each row in the end."""
    with tempfile.TemporaryDirectory() as made, ExitStack() as ends:
        folder = Path(made)
        second = folder / "second"
        second.mkdir()
        plain, copied = (
            _side(folder / name / "hall.db", named, ends)
            for name, named in (("plain", ""), ("copied", str(second)))
        )
        place = copies.place_of(second, copied.store.path)
        while copies.newest_ready(place) is None:
            copied.commit(every, every)
        copied.took.clear()
        for _ in range(pairs):
            for side in (plain, copied):
                side.commit(seconds, every)
        copied.shipper.close()
        newest = copies.newest_ready(place)
        assert newest is not None
        assemble(newest, folder / "back.db")
        back = Store(folder / "back.db", readonly=True)
        kept = back.row("select count(*) from journal where event = 'bench'")[0]
        back.close()
        return Seen(plain.took, copied.took, copied.rows - kept)


def _side(file: Path, second: str, ends: ExitStack) -> Side:
    store = Store(file, rooms=schema.OF_ROOMS)
    ends.callback(store.close)
    turns, bases = (ends.enter_context(ThreadPoolExecutor(1)) for _ in range(2))
    shipper = Shipper(
        store, second, "bench", now, spawn=turns.submit, start=bases.submit, copy_base=base.copy
    )
    ends.callback(shipper.close)
    return Side(store, shipper)


def main() -> bool:
    """Print the figures; False when a row is lost or a commit costs more than it may."""
    seen = run(PAIRS, SECONDS, EVERY)
    for what, took in (("without", seen.plain), ("with", seen.copied)):
        print(
            f"copying: a commit {what} a second disk: p50 {quantile_of(took, 50):.2f} ms, "
            f"p99 {quantile_of(took, 99):.2f} ms ({len(took):,})"
        )
    print(
        f"copying: ratio p50 {seen.ratio(50):.2f}, p99 {seen.ratio(99):.2f} "
        f"(target <= {TARGET}); rows missing on the second disk: {seen.lost}"
    )
    return seen.lost == 0 and seen.ratio(99) <= TARGET


if __name__ == "__main__":
    main()
