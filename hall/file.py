"""One SQLite file: opened, brought to the newest schema, and written in one transaction at a time.

A file object owns one connection and belongs to one thread of work; slow readers open their own.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlite_utils import Database, Migrations

from hall.migrations import migrations

# Two processes that start together can fail on the change to WAL in spite of the busy time-out.
TRIES_FOR_WAL = 50
BUSY_SECONDS = 10


# what is raised when a file cannot be read or written
FileTrouble = sqlite3.Error
FULL = ("disk_full", "服务器磁盘已满，刚才的操作没有保存。请联系管理员清理磁盘，然后重试。")
FAILED = ("disk_failed", "服务器磁盘读写出错，刚才的操作没有保存。请重试；仍不行请联系管理员。")
DAMAGED = ("file_damaged", "数据文件已损坏，刚才的操作没有保存。请立即联系管理员，用备份恢复。")
BUSY = ("file_busy", "数据文件正忙，刚才的操作没有保存。请稍后重试。")
TOLD = {
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_IOERR: FAILED,
    sqlite3.SQLITE_CANTOPEN: FAILED,
    sqlite3.SQLITE_READONLY: FAILED,
    sqlite3.SQLITE_PROTOCOL: FAILED,
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: DAMAGED,
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_LOCKED: BUSY,
}
PRIMARY = 0xFF  # the last byte of an extended code says what kind it is


class RolledBack(sqlite3.OperationalError):
    """A full or failing disk made SQLite undo the whole transaction; nothing of it is saved."""


def told_of(trouble: FileTrouble) -> tuple[str, str] | None:
    """Return code and sentence for a disk's or a file's trouble, None for a mistake of ours."""
    if isinstance(trouble, RolledBack):
        return FAILED
    return TOLD.get(getattr(trouble, "sqlite_errorcode", 0) & PRIMARY)


class HallFile:
    """One SQLite file, opened and brought to the newest schema."""

    # a proof puts a disk that fails under SQLite here (faults/)
    connect: Callable[..., sqlite3.Connection] = staticmethod(sqlite3.connect)

    def __init__(
        self, path: Path | str, *, readonly: bool = False, rooms: Sequence[Migrations] = ()
    ) -> None:
        """Open a file; ``rooms``: the steps of their own tables, taken with the queue's or not."""
        self.path = Path(path)
        self.readonly = readonly
        if not readonly:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        address = f"{self.path.absolute().as_uri()}?mode={'ro' if readonly else 'rwc'}"
        self.connection = self.connect(
            address,
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=512,
        )
        self.database = Database(self.connection)
        self.lock = threading.RLock()
        self.own_changes = 0
        self._version: tuple[int, int] | None = None
        self._depth = 0
        self._reading = False
        self._after_commit: list[Callable[[], None]] = []
        # what else is to stand in the file with whatever is committed: the audit log's row
        self.before_commit: Callable[[], None] | None = None
        self._prepare((migrations, *rooms))

    def _prepare(self, steps: Sequence[Migrations]) -> None:
        run = self.connection.execute
        # FULL, measured: simulated power cuts lost acknowledged rows in 95 % of runs with NORMAL.
        run("pragma synchronous = full")
        run("pragma cache_size = -32000")
        if not self.readonly:
            self._switch_to_wal()
            self._bring_up_to_date(steps)
        run("pragma foreign_keys = on")

    def _bring_up_to_date(self, steps: Sequence[Migrations]) -> None:
        # a table that others point to can only be made anew while foreign keys are off
        with self.transaction():
            pending = [each for each in steps if each.pending(self.database)]
            for each in pending:
                each.apply(self.database)
            strangers = self.rows("pragma foreign_key_check") if pending else []
            if strangers:
                raise sqlite3.IntegrityError(f"{len(strangers)} rows point to nothing")

    def _switch_to_wal(self) -> None:
        for attempt in range(TRIES_FOR_WAL):
            try:
                self.connection.execute("pragma journal_mode = wal")
            except sqlite3.OperationalError:
                if attempt == TRIES_FOR_WAL - 1:
                    raise
                time.sleep(0.05)
            else:
                return

    def take_steps(self, steps: Migrations) -> None:
        """Bring the tables of one room to their newest schema; a file only read is left alone."""
        if not self.readonly:
            with self.transaction():
                steps.apply(self.database)

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    # -- transactions ---------------------------------------------------------------------------

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the one write transaction; a nested one is a savepoint of it.

        Immediate: a plain ``begin`` that reads first fails as locked when two write.
        """
        with self.lock:
            if self._depth:
                yield from self._savepoint()
                return
            self.connection.execute("begin immediate")
            self._depth = 1
            self._version = None
            try:
                yield
                if self.before_commit is not None:
                    self.before_commit()
                self._depth = 0
                self._check_still_open()
                self.connection.execute("commit")
            except BaseException:
                self._depth = 0
                self._after_commit.clear()
                if self.connection.in_transaction:
                    self.connection.execute("rollback")
                raise
            self.own_changes += 1
            told, self._after_commit = self._after_commit, []
        for tell in told:
            tell()

    def _check_still_open(self) -> None:
        if not self.connection.in_transaction:
            raise RolledBack("SQLite has rolled the transaction back")

    def _savepoint(self) -> Iterator[None]:
        self._check_still_open()  # a savepoint would begin, and commit, a transaction of its own
        self._depth += 1
        name = f"inner_{self._depth}"
        promised = len(self._after_commit)
        self.connection.execute(f"savepoint {name}")
        try:
            yield
        except BaseException:
            del self._after_commit[promised:]
            if self.connection.in_transaction:
                self.connection.execute(f"rollback to {name}")
                self.connection.execute(f"release {name}")
            raise
        else:
            self.connection.execute(f"release {name}")
        finally:
            self._depth -= 1

    @contextmanager
    def at_one_moment(self) -> Iterator[None]:
        """Read several things as they are at one moment, and ask only once whether any changed.

        Nothing may be written meanwhile, nor may the reader wait for anything else.
        """
        with self.lock:
            within = self.connection.in_transaction
            if within:
                yield
                return
            self.connection.execute("begin")
            self._reading, self._version = True, None
            try:
                yield
            finally:
                self._reading = False
                if self.connection.in_transaction:
                    self.connection.execute("commit")

    def after_commit(self, tell: Callable[[], None]) -> None:
        """Run ``tell`` once what has been written is safe."""
        if self._depth:
            self._after_commit.append(tell)
        else:
            tell()

    def version(self) -> tuple[int, int]:
        """Return what changes whenever this or another process has committed."""
        # Inside a transaction nobody else's commit shows: one question is enough.
        if (self._depth or self._reading) and self._version:
            return self._version
        (others,) = self.connection.execute("pragma data_version").fetchone()
        self._version = (others, self.own_changes)
        return self._version

    def rows(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> list[Any]:
        """Return all rows of a query as tuples."""
        with self.lock:
            return self.connection.execute(sql, parameters).fetchall()

    def row(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> Any:
        """Return the first row of a query as a tuple, or None."""
        with self.lock:
            return self.connection.execute(sql, parameters).fetchone()
