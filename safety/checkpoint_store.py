"""SQLite's side of the log: who holds it still, and who brings it home into the file.

One connection does all checkpoints of a server, so that SQLite's WAL-reset bug (two checkpoints and
a commit at once; before 3.51.3) finds no second one.
"""

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# After a burst the log's file shrinks to this at its next beginning.
LOG_STAYS_BYTES = 64 * 1024**2


@dataclass(frozen=True, slots=True)
class Home:
    """How a checkpoint went: all of it home and the log free to begin anew, and its frames."""

    free: bool
    frames: int


class Checkpoints:
    """Checkpoints of one file; everything here may run in a thread of its own.

    ``lock`` keeps the server's own writer out for the moment in which the log is set free.
    """

    def __init__(self, database: Path, lock: AbstractContextManager[Any]) -> None:
        self._database = database
        self._lock = lock
        self._keeper = self._open()
        self._reader: sqlite3.Connection | None = None

    def _open(self) -> sqlite3.Connection:
        # no waiting: whoever waits here holds the write lock meanwhile
        opened = sqlite3.connect(
            f"{self._database.absolute().as_uri()}?mode=rw",
            uri=True,
            timeout=0,
            isolation_level=None,
            check_same_thread=False,
        )
        opened.execute("pragma wal_autocheckpoint = 0")
        return opened

    def hold(self) -> None:
        """Keep the log from beginning anew; what is in it so far may go home."""
        before, newer = self._reader, self._open()
        newer.execute("begin")
        newer.execute("select count(*) from sqlite_master").fetchone()
        self._reader = newer
        if before is not None:
            before.close()

    def let_go(self) -> None:
        """Let the log begin anew once it is home."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def bring_home(self, hold: bool, seen: Callable[[Home], None]) -> Home:
        """Write the log into the file beside the loop; the last few frames with writers shut out.

        While they still are, ``seen`` may read the log, and it is held again if ``hold``.
        """
        if hold:
            self.hold()
        self._checkpoint("passive")
        with self._lock:
            self.let_go()
            done = self._checkpoint("restart")
            if hold:
                self.hold()
            seen(done)
        return done

    def _checkpoint(self, mode: str) -> Home:
        try:
            busy, log, home = self._keeper.execute(f"pragma wal_checkpoint({mode})").fetchone()
        except sqlite3.OperationalError as refusal:
            if "locked" not in str(refusal) and "busy" not in str(refusal):
                raise
            return Home(False, 0)
        return Home(not busy and log == home, max(log, 0))

    def close(self) -> None:
        """Let go of everything."""
        self.let_go()
        self._keeper.close()


def leave_checkpoints(writer: sqlite3.Connection) -> None:
    """Let a writer's commits pay for no checkpoint: somebody else does them."""
    writer.execute("pragma wal_autocheckpoint = 0")
    writer.execute(f"pragma journal_size_limit = {LOG_STAYS_BYTES}")


def take_checkpoints_back(writer: sqlite3.Connection) -> None:
    """Let SQLite do checkpoints with commits again, as it does by itself."""
    writer.execute("pragma wal_autocheckpoint = 1000")
