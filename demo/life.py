"""The demo hall's last two months, in a file of its own."""

import gc
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import TextIO

import demo
from demo.demand import plan_of_today, usual_plan
from demo.draft import Draft
from demo.roles import Counted
from demo.simulation import Life
from hall import days
from hall.catalogue import Catalogue
from hall.catalogue_store import CatalogueStore
from hall.config import Config
from hall.days import Instant
from hall.refusals import NotAllowed
from hall.store import Store

DAYS = 61
SEED = 20260701
Progress = Callable[[int, int], None]  # days done, days in all


def build(
    database: Path,
    config: Config,
    *,
    how_many_days: int = DAYS,
    now: Instant | None = None,
    seed: int = SEED,
    progress: Progress | None = None,
    catalogue: Catalogue | None = None,
) -> Counted:
    """Make a demo hall with so many days of life up to ``now``; it replaces an older demo's file.

    The file appears when it is complete: a build that was broken off leaves no half hall behind.
    Raises NotAllowed if the file is a real hall's.
    """
    part = database.with_name(database.name + ".part")
    database.parent.mkdir(parents=True, exist_ok=True)
    _check_may_replace(database)
    for each in (part, *_beside(part)):
        each.unlink(missing_ok=True)
    draft = Draft(part)
    try:
        with _collector_at_rest():
            life = Life(draft, config, catalogue or demo.catalogue(), seed)
            draft.begin()
            with life.book.tallies.counted_at_the_end():
                live_through(life, how_many_days, now or days.now(), progress or (lambda *_: None))
            draft.complete()
    finally:
        draft.close()
    for each in _beside(database):
        each.unlink(missing_ok=True)
    part.replace(database)
    return life.counted


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Let the garbage collector pass over what stays: a tenth of the time of a build."""
    usual = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


def _check_may_replace(database: Path) -> None:
    """Refuse to overwrite anything but an older demonstration."""
    if not database.exists():
        return
    try:
        store = Store(database, readonly=True)
        try:
            hall = CatalogueStore(store).hall()
        finally:
            store.close()
    except sqlite3.Error:
        hall = None
    if hall is None or not hall.demo:
        raise NotAllowed(
            "is_a_real_hall", f"{database} 不是演示数据，不会被覆盖。请为演示另选一个数据文件。"
        )


def _beside(database: Path) -> list[Path]:
    return [database.with_name(database.name + end) for end in ("-wal", "-shm", ".audit-heads")]


def live_through(life: Life, how_many_days: int, now: Instant, progress: Progress) -> None:
    """Let so many days pass, the last of them up to ``now``."""
    today = days.day_of(now, life.zone)
    first = (date.fromisoformat(today) - timedelta(days=max(how_many_days, 1) - 1)).isoformat()
    life.found(days.first_instant(first, life.zone))
    day, done = first, 0
    while day < today:
        following = days.next_day(day)
        life.live(usual_plan(day, life.zone), days.first_instant(following, life.zone) - 1)
        day, done = following, done + 1
        progress(done, how_many_days)
    life.live(plan_of_today(now, life.zone), now)
    progress(how_many_days, how_many_days)


class Bar:
    """How far it is: a bar on a terminal, a line for every tenth elsewhere."""

    WIDTH = 40

    def __init__(self, stream: TextIO = sys.stderr, what: str = "生成演示数据") -> None:
        self.stream = stream
        self.what = what
        self.last = -1

    def __call__(self, done: int, of: int) -> None:
        """Show that ``done`` of ``of`` days are made."""
        percent = 100 * done // max(of, 1)
        if self.stream.isatty():
            filled = self.WIDTH * percent // 100
            bar = "█" * filled + "░" * (self.WIDTH - filled)
            end = "\n" if done >= of else ""
            self.stream.write(f"\r{self.what} {bar} {percent:3d} %{end}")
        elif percent // 10 > self.last // 10 or self.last < 0:
            self.stream.write(f"{self.what} {percent // 10 * 10} %\n")
        self.last = percent
        self.stream.flush()
