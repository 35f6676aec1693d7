"""Care for a hall's file: back it up, bring it back, prove it, and say whether all is ready."""

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
from safety.standing import standings

SIDE_FILES = ("-wal", "-shm")
PRINTERS_AT_ONCE = 16


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
    _copy(database, part)
    if found := integrity(part):
        part.unlink()
        raise NotAllowed("bad_copy", f"备份没有通过检查（{found[0]}），已删除。请检查磁盘后重试。")
    part.replace(target)
    return target.stat().st_size


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
    kept: Path | None = None
    if database.exists():
        if is_demo(database) not in (demo, None):
            raise NotAllowed("other_kind", "演示数据和正式数据不能互相替换，没有恢复。")
        _check_unused(database)
        kept = database.with_name(f"{database.name}.replaced-{at}")
    database.parent.mkdir(parents=True, exist_ok=True)
    part = database.with_name(database.name + ".part")
    part.unlink(missing_ok=True)
    shutil.copyfile(backup, part)
    if kept is not None:
        database.replace(kept)
        log, shared = (database.with_name(database.name + end) for end in SIDE_FILES)
        if log.exists():  # a damaged file's log may hold what the file lost
            log.replace(kept.with_name(f"{kept.name}-wal"))
        shared.unlink(missing_ok=True)
    part.replace(database)
    audited.note_restored(database, at)
    return kept


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
    place = Place(database, config, _printers, running, integrity)
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
