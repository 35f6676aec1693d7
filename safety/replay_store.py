"""A hall made again from the continuous copy: SQLite itself brings the kept logs home."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from hall.refusals import NotAllowed
from safety.copies import Generation, header_of, last_commit, log_of
from safety.files import read_json
from safety.wal import beginning


def assemble(generation: Generation, target: Path) -> int:
    """Make a hall's file from a generation, up to its last whole transaction; return its logs.

    Raises NotAllowed when something is missing between the base and the last log.
    """
    shutil.copyfile(generation.base, target)
    logs = generation.logs()
    if [int(each.stem) for each in logs] != list(range(1, len(logs) + 1)):
        raise NotAllowed("bad_copy", f"{generation.folder} 缺少日志，不能恢复。")
    for path in logs:
        _replay(generation, path, target, last=path is logs[-1])
    with target.open("r+b") as file:
        os.fsync(file.fileno())
    return len(logs)


def _replay(generation: Generation, path: Path, target: Path, *, last: bool) -> None:
    with path.open("rb") as log:
        header = header_of(log)
        frames = last_commit(log, header, beginning(header)).frames if header else 0
    whole = read_json(generation.end(int(path.stem))).get("frames")
    if not last and frames != whole:
        raise NotAllowed("bad_copy", f"{path} 已损坏，不能恢复到它之后。")
    beside = log_of(target)
    shutil.copyfile(path, beside)
    with closing(sqlite3.connect(target, isolation_level=None)) as file:
        file.execute("select count(*) from sqlite_master").fetchone()
        _, found, home = file.execute("pragma wal_checkpoint(full)").fetchone()
    beside.unlink(missing_ok=True)
    if not found == home == frames:
        raise NotAllowed("bad_copy", f"{path} 有 {frames} 页，只恢复了 {home} 页。")


def contents(database: Path) -> tuple[int, int, int | None]:
    """Return how many tickets and ratings a hall's file holds, and when its journal ends."""
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as file:
        row = file.execute(
            """
            select (select count(*) from ticket), (select count(*) from rating),
                (select at from journal order by seq desc limit 1)
            """
        ).fetchone()
    return int(row[0]), int(row[1]), None if row[2] is None else int(row[2])
