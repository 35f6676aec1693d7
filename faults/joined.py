"""SQLite through apsw, as the house knows it from Python's own sqlite3.

Only what the rooms use of ``sqlite3.Connection`` is here. Statements run to their end at once, as
the standard library lets all do that write.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, cast
from urllib.parse import unquote, urlsplit

import apsw

Row = tuple[Any, ...]
Parameters = Sequence[Any] | Mapping[str, Any]
NOTHING_MORE = (None,) * 6  # of a column, Python tells its name alone
KINDS: dict[type[apsw.Error], type[sqlite3.Error]] = {
    apsw.ConstraintError: sqlite3.IntegrityError,
    apsw.CorruptError: sqlite3.DatabaseError,
    apsw.NotADBError: sqlite3.DatabaseError,
    apsw.BindingsError: sqlite3.ProgrammingError,
    apsw.ConnectionClosedError: sqlite3.ProgrammingError,
}


class Cursor:
    """What a statement has found."""

    def __init__(self, rows: list[Row], described: Any, rowcount: int, lastrowid: int) -> None:
        self._rows = iter(rows)
        self.description = described
        self.rowcount = rowcount
        self.lastrowid = lastrowid

    def __iter__(self) -> Iterator[Row]:
        return self._rows

    def fetchone(self) -> Row | None:
        """Return the next row."""
        return next(self._rows, None)

    def fetchall(self) -> list[Row]:
        """Return the rows that are left."""
        return list(self._rows)


class Joined:
    """A connection of apsw that is used like one of sqlite3."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return bool(self._connection.in_transaction)

    def execute(self, sql: str, parameters: Parameters = ()) -> Cursor:
        """Run a statement to its end."""
        described: list[Any] = []

        def see(cursor: apsw.Cursor, _sql: str, _bindings: Any) -> bool:
            described[:] = [(each[0], *NOTHING_MORE) for each in cursor.get_description()]
            return True

        with _as_known():
            before = self._connection.total_changes()
            cursor = self._connection.cursor()
            cursor.exec_trace = see
            rows = list(cursor.execute(sql, cast(Any, parameters)))
            changed = self._connection.total_changes() != before
            count = self._connection.changes() if changed else 0
            return Cursor(rows, described or None, count, self._connection.last_insert_rowid())

    def executemany(self, sql: str, many: Iterable[Parameters]) -> Cursor:
        """Run a statement for each of many."""
        with _as_known():
            self._connection.cursor().executemany(sql, cast(Any, many)).fetchall()
        return Cursor([], None, -1, 0)

    def executescript(self, script: str) -> Cursor:
        """Run statements to the last one."""
        return self.execute(script)

    def cursor(self) -> "Joined":
        """Return what statements are run on."""
        return self

    def close(self) -> None:
        """Close the file."""
        with _as_known():
            self._connection.close()


@contextmanager
def _as_known() -> Iterator[None]:
    """Raise what sqlite3 would."""
    try:
        yield
    except apsw.Error as trouble:
        kind = KINDS.get(type(trouble), sqlite3.OperationalError)
        known = kind(str(trouble))
        code = int(getattr(trouble, "extendedresult", getattr(trouble, "result", 1)))
        known.sqlite_errorcode = code
        known.sqlite_errorname = f"SQLITE_{type(trouble).__name__.removesuffix('Error').upper()}"
        raise known from trouble


def connect_through(vfs: str, checkpoint: int = 1000) -> Any:
    """Return what ``sqlite3.connect`` is replaced by: files are opened on a VFS of that name.

    ``checkpoint``: pages in the WAL before a commit brings it home.
    """

    def connect(address: str, *, timeout: float = 5.0, **_: object) -> sqlite3.Connection:
        readonly = "mode=ro" in urlsplit(address).query
        flags = apsw.SQLITE_OPEN_READONLY
        if not readonly:
            flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
        path = unquote(urlsplit(address).path)
        with _as_known():
            opened = apsw.Connection(path, flags, vfs, statementcachesize=512)
            opened.set_busy_timeout(int(timeout * 1000))
            opened.set_wal_hook(partial(_checkpoint, checkpoint))
        return cast(sqlite3.Connection, Joined(opened))

    return connect


def _checkpoint(at_least: int, connection: apsw.Connection, _schema: str, pages: int) -> int:
    """Bring the WAL home, as SQLite's own hook does: the commit stands, whatever becomes of it.

    apsw would raise the disk's error out of the commit, where SQLite itself passes over it.
    """
    if pages >= at_least:
        with suppress(apsw.Error):
            connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
    return apsw.SQLITE_OK
