"""What a file answers when SQLite is asked: cheap probes before the doors open, all pages later."""

import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from safety.condition import HEADER_BYTES


def _connect(database: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, timeout=10)


def head_of(database: Path) -> bytes:
    """Return the first bytes of a file; no connection of this process may be open to it."""
    with database.open("rb") as file:
        return file.read(HEADER_BYTES)


def ask(database: Path) -> tuple[str, int, bool]:
    """Return what SQLite complains of, how many tables there are, and whether they are a hall's.

    Read are the schema, and of each table the first row and the last: 10 GB take milliseconds.
    """
    try:
        with closing(_connect(database)) as file:
            names = [
                name
                for (name,) in file.execute("select name from sqlite_master where type = 'table'")
            ]
            for name in names:
                quoted = name.replace('"', '""')
                file.execute(f'select * from "{quoted}" limit 1').fetchone()  # noqa: S608 - its own
                try:
                    last = f'select * from "{quoted}" order by rowid desc limit 1'  # noqa: S608
                    file.execute(last).fetchone()
                except sqlite3.OperationalError as refusal:
                    if "rowid" not in str(refusal):
                        raise
            is_hall = {"hall", "ticket"} <= set(names) and bool(
                file.execute("select count(*) from hall").fetchone()[0]
            )
    except sqlite3.DatabaseError as broken:
        return str(broken), 0, False
    return "", len(names), is_hall


def quick_check(database: Path) -> list[str]:
    """Return what is wrong with a file's pages; all of them are read."""
    try:
        with closing(_connect(database)) as file:
            told = [str(row[0]) for row in file.execute("pragma quick_check(10)")]
    except sqlite3.DatabaseError as broken:
        return [str(broken)]
    return [each for each in told if each != "ok"]


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(10)
    sys.stdout.write("\n".join(quick_check(Path(sys.argv[1]))))
