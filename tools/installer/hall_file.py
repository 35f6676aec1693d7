"""The hall's file, whatever release wrote it: copied, owned, asked what it is and what is in it."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from .common import WINDOWS, CannotInstall

# What a person did since, told when going back: the word and the table.
RECORDED = (("号票", "ticket"), ("办理", "visit"), ("评价", "rating"), ("流水", "journal"))


def copy_of(database: Path, target: Path) -> None:
    """Copy a hall's file, in use or not, and check the copy; it takes its name once it is whole."""
    if not target.parent.exists():
        target.parent.mkdir(parents=True)
        give(target.parent, database)
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(database)) as old, closing(sqlite3.connect(part)) as new:
            old.backup(new)
            new.execute("pragma journal_mode = delete")
            found = new.execute("pragma integrity_check(1)").fetchone()[0]
    except sqlite3.Error as trouble:
        found = str(trouble)
    if found != "ok":
        part.unlink(missing_ok=True)
        raise CannotInstall(
            f"{database} 的备份没有通过检查（{found}），没有升级。请用 hall check 查看。"
        )
    give(part, database)
    part.replace(target)


def give(made: Path, database: Path) -> None:
    """Let who owns the hall's file own what root has made for it, and nobody else read it."""
    if WINDOWS:
        return
    made.chmod(0o750 if made.is_dir() else 0o640)
    owner = database.stat()
    if os.geteuid() == 0:
        os.chown(made, owner.st_uid, owner.st_gid)


def as_owner_of(folder: Path) -> dict[str, Any]:
    """Return how a command is run as who owns a folder: root's files would stop the service."""
    if WINDOWS or os.geteuid() != 0:
        return {}
    owner = folder.stat()
    return {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}


def is_in_use(database: Path) -> bool:
    """Return whether a server holds a file; if none does, its log is brought home into it."""
    with closing(sqlite3.connect(database, isolation_level=None, timeout=1)) as file:
        try:
            file.execute("pragma locking_mode = exclusive")
            file.execute("begin exclusive")
            file.execute("commit")
            file.execute("pragma wal_checkpoint(truncate)")
        except sqlite3.OperationalError:
            return True
    return False


def schema_of(database: Path) -> set[tuple[Any, ...]]:
    """Return the steps a file's schema has been through."""
    with closing(sqlite3.connect(database)) as file, suppress(sqlite3.OperationalError):
        return set(file.execute("select migration_set, name from _sqlite_migrations"))
    return set()


def recorded_since(before: Path, now: Path) -> list[str]:
    """Return in words what stands in a file and not yet in an older copy of it."""
    told = []
    for word, table in RECORDED:
        counts = []
        for each in (before, now):
            with closing(sqlite3.connect(each)) as file:
                # the names are RECORDED's, nobody types them
                counts.append(file.execute(f"select count(*) from {table}").fetchone()[0])  # noqa: S608
        if more := counts[1] - counts[0]:
            told.append(f"{word} {more} 条")
    return told
