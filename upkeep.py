"""Care for a hall's file: back it up, bring it back, prove it, and say whether all is ready."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import schema
from audit import proof as audited
from audit.store import AuditRows
from booking import proof as promised
from booking.bookings import Bookings
from cases import proof as followed_up
from cases.cases import Cases
from complaints import proof as complained
from complaints.complaints import Complaints
from hall import days
from hall.config import Config
from hall.desk import Desk
from hall.refusals import NotAllowed, NotValid
from hall.register import Register
from hall.store import Store
from monitor import proof as alarmed
from monitor.store import Alarms
from province import proof as uplinked
from province.store import Rows
from ranking import proof as ranked
from ranking.rankings import Rankings
from rating.book import Book
from rating.proof import problems
from readiness import asking
from readiness.findings import Finding
from readiness.looking import Place, Running, look
from safety.files import keep_names
from safety.hold import held
from safety.sources import sources
from safety.standing import standings
from safety.traces import traces_of

SIDE_FILES = ("-wal", "-shm")
PRINTERS_AT_ONCE = 16
# A backup on the hall's own disk leaves it so much to go on with.
LEFT_FREE = 64 * 1024**2


def stamp(at: days.Instant, config: Config) -> str:
    """Return an instant as it stands in file names."""
    return days.local(at, config.hall.zone).strftime("%Y%m%d-%H%M%S")


# -- backup and restore ------------------------------------------------------------------------


def back_up(database: Path, target: Path) -> int:
    """Copy a hall's file while it is in use, check the copy, and return its size in bytes."""
    if not database.exists():
        raise NotAllowed("no_database", f"没有数据文件 {database}，无可备份。")
    if target.exists():
        raise NotAllowed("file_exists", f"{target} 已经存在，没有覆盖。请换一个文件名。")
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    needed = sum(each.stat().st_size for each in _with_log(database)) + LEFT_FREE
    if (free := shutil.disk_usage(target.parent).free) < needed:
        told = f"需要 {needed / 1024**2:.0f} MB，剩余 {free / 1024**2:.0f} MB"
        raise NotAllowed("disk_full", f"{target.parent} 空间不够（{told}），没有备份。")
    try:
        _copy(database, part)
    except sqlite3.Error:
        part.unlink(missing_ok=True)  # half a backup must not keep the hall's own disk full
        raise
    if found := integrity(part):
        part.unlink()
        raise NotAllowed("bad_copy", f"备份没有通过检查（{found[0]}），已删除。请检查磁盘后重试。")
    part.replace(target)
    keep_names(target.parent)
    return target.stat().st_size


def _with_log(database: Path) -> list[Path]:
    log = database.with_name(f"{database.name}-wal")
    return [each for each in (database, log) if each.exists()]


def _copy(source: Path, target: Path) -> None:
    with (
        _connection(source, "ro") as old,
        _connection(target, "rwc") as new,
    ):
        old.backup(new, pages=2000)
        # one file is easier to carry than three
        new.execute("pragma journal_mode = delete")


class _connection:  # noqa: N801 - read as the noun it hands out
    """A connection that is closed at the end; sqlite3's own context manager only commits."""

    def __init__(self, path: Path, mode: str) -> None:
        address = f"{path.absolute().as_uri()}?mode={mode}"
        self.open = sqlite3.connect(address, uri=True, isolation_level=None, timeout=10)

    def __enter__(self) -> sqlite3.Connection:
        return self.open

    def __exit__(self, *_: object) -> None:
        self.open.close()


def restore(backup: Path, database: Path, at: str) -> Path | None:
    """Put a backup in a hall's place; return where the replaced file is kept.

    Refuses a file that is damaged or no hall's, another kind of hall's, and a hall that is in use.
    """
    if not backup.exists():
        raise NotAllowed("no_backup", f"没有文件 {backup}。")
    if found := integrity(backup):
        raise NotAllowed("bad_backup", f"{backup} 没有通过检查（{found[0]}），没有恢复。")
    demo = is_demo(backup)
    if demo is None:
        raise NotAllowed("not_a_hall", f"{backup} 不是大厅的数据文件，没有恢复。")
    with held(database):  # a server whose file has vanished or is damaged is told by this alone
        return _put_in_place(backup, database, at, demo=demo)


def _put_in_place(backup: Path, database: Path, at: str, *, demo: bool) -> Path | None:
    if database.exists():
        if is_demo(database) not in (demo, None):
            raise NotAllowed("other_kind", "演示数据和正式数据不能互相替换，没有恢复。")
        _check_unused(database)
    part = database.with_name(database.name + ".part")
    part.unlink(missing_ok=True)
    shutil.copyfile(backup, part)
    with part.open("r+b") as whole:
        os.fsync(whole.fileno())
    kept = _set_aside(database, at)
    part.replace(database)
    keep_names(database.parent)
    audited.note_restored(database, at)
    return kept


def _set_aside(database: Path, at: str) -> Path | None:
    """Keep a file and its log under another name; return the file's, None when there was none.

    Of a file that has vanished the log may be left: SQLite would write it over the restored one.
    """
    kept = database.with_name(f"{database.name}.replaced-{at}")
    while kept.exists() or kept.with_name(f"{kept.name}-wal").exists():
        kept = kept.with_name(f"{kept.name}-1")  # two within a second
    there = database.exists()
    if there:
        _check_unused(database)  # once more: copying took minutes, a service may have begun
        database.replace(kept)
    log, shared = (database.with_name(database.name + end) for end in SIDE_FILES)
    if log.exists():  # it may hold what the file lost
        log.replace(kept.with_name(f"{kept.name}-wal"))
    shared.unlink(missing_ok=True)
    return kept if there else None


def is_demo(path: Path) -> bool | None:
    """Return whether a file is a demonstration's hall; None for no hall at all."""
    try:
        with _connection(path, "ro") as file:
            found = file.execute("select demo from hall").fetchone()
    except sqlite3.Error:
        return None
    return bool(found[0]) if found else None


def _check_unused(database: Path) -> None:
    """Refuse a file that a server holds open, and bring its log home into it."""
    with _connection(database, "rw") as file:
        try:
            file.execute("pragma busy_timeout = 1000")
            file.execute("pragma locking_mode = exclusive")
            file.execute("begin exclusive")
            file.execute("commit")
            file.execute("pragma wal_checkpoint(truncate)")
        except sqlite3.OperationalError as busy:
            raise NotAllowed(
                "in_use", f"{database} 正在使用。请先停止服务（server.py），再恢复。"
            ) from busy
        except sqlite3.DatabaseError:
            return  # so damaged that nobody can be using it; it is kept as it is


# -- verify ------------------------------------------------------------------------------------


def integrity(path: Path) -> list[str]:
    """Return what SQLite finds wrong with a file; empty when it is whole."""
    try:
        with _connection(path, "ro") as file:
            told = [row[0] for row in file.execute("pragma integrity_check(20)")]
            loose = file.execute("pragma foreign_key_check").fetchall()
    except sqlite3.DatabaseError as broken:
        return [str(broken)]
    return [each for each in told if each != "ok"] + [
        f"{table} 第 {row} 行指向不存在的 {parent}" for table, row, parent, _ in loose
    ]


def verify(database: Path, config: Config) -> list[str]:
    """Return everything that is wrong with a hall's file: pages, rules of the queue, the month."""
    if not database.exists():
        raise NotAllowed("no_database", f"没有数据文件 {database}。")
    if found := integrity(database):
        return found
    store = Store(database, rooms=schema.OF_ROOMS)
    try:
        register = Register(store, days.now)
        desk = Desk(store, register, config, days.now)
        Bookings(store, register, desk, config, days.now)  # brings its tables up to date
        Complaints(store, register, desk, config, days.now)  # and these theirs
        Rows(store)  # and the province's
        AuditRows(store)  # and the audit log's
        Alarms(store)  # and the monitor's
        book = Book(store, register, desk, config, days.now)
        Rankings(store, register, desk, book, config, days.now)  # and the rankings'
        if followed_up.is_older(store):
            Cases(store, register, desk, book, config, days.now)  # opens those of older ratings
        return (
            problems(book)
            + promised.problems(store)
            + complained.problems(store)
            + followed_up.problems(store)
            + uplinked.problems(store)
            + alarmed.problems(store)
            + ranked.problems(store)
            + audited.problems(store, config, days.now)
        )
    finally:
        store.close()


def changed_since(database: Path, config: Config) -> list[str]:
    """Return which published rankings today's records would give otherwise: no fault, but news."""
    store = Store(database, readonly=True)
    try:
        register = Register(store, days.now)
        desk = Desk(store, register, config, days.now)
        book = Book(store, register, desk, config, days.now)
        return ranked.other_today(book, days.now)
    finally:
        store.close()


# -- check -------------------------------------------------------------------------------------


def readiness(database: Path, config: Config, running: Running | None = None) -> Iterator[Finding]:
    """Go through what a hall needs before it opens; ``running`` is what its server knows."""

    def opens(path: Path) -> Store:
        return Store(path, rooms=schema.OF_ROOMS)

    was_here = traces_of(database).exists() or bool(sources(database, config))
    place = Place(database, config, _printers, running, integrity, opens=opens, was_here=was_here)
    yield from look(place, days.now(), asking.sync())
    for each in standings(database, config, days.now()) if database.exists() else ():
        yield Finding(each.state, each.what, each.told, each.todo)


def _printers(addresses: list[str]) -> dict[str, tuple[str, str]]:
    """Ask the printers at once: one that is off takes three seconds."""
    with ThreadPoolExecutor(PRINTERS_AT_ONCE) as several:
        return dict(zip(addresses, several.map(_printer, addresses), strict=True))


def _printer(address: str) -> tuple[str, str]:
    from kiosk.printing import printer_from

    try:
        printer = printer_from(address)
    except NotValid as wrong:
        return "trouble", wrong.message
    if printer is None:
        return "", ""
    state = printer.state()
    return str(state.condition), state.trouble
