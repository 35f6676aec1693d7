"""Care for a hall's file: back it up, bring it back, prove it, and say whether all is ready."""

import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from booking import proof as promised
from booking.bookings import Bookings
from cases import proof as followed_up
from complaints import proof as complained
from complaints.complaints import Complaints
from hall import days
from hall.catalogue import Catalogue
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

SIDE_FILES = ("-wal", "-shm")
LEAST_FREE = 1024**3
# A clock that was never set stands in a year before this house was built.
FIRST_YEAR = 2026
IMPORT = "运行 server.py import 文件.xlsx 导入大厅资料（import demo 是随附的大厅）"
VOICE = Path(__file__).resolve().parent / "static" / "voice"


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
    demo = _is_demo(backup)
    if demo is None:
        raise NotAllowed("not_a_hall", f"{backup} 不是大厅的数据文件，没有恢复。")
    kept: Path | None = None
    if database.exists():
        if _is_demo(database) not in (demo, None):
            raise NotAllowed("other_kind", "演示数据和正式数据不能互相替换，没有恢复。")
        _check_unused(database)
        kept = database.with_name(f"{database.name}.replaced-{at}")
    database.parent.mkdir(parents=True, exist_ok=True)
    part = database.with_name(database.name + ".part")
    part.unlink(missing_ok=True)
    shutil.copyfile(backup, part)
    if kept is not None:
        database.replace(kept)
        for end in SIDE_FILES:
            database.with_name(database.name + end).unlink(missing_ok=True)
    part.replace(database)
    return kept


def _is_demo(path: Path) -> bool | None:
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
        file.execute("pragma busy_timeout = 1000")
        file.execute("pragma locking_mode = exclusive")
        try:
            file.execute("begin exclusive")
            file.execute("commit")
            file.execute("pragma wal_checkpoint(truncate)")
        except sqlite3.OperationalError as busy:
            raise NotAllowed(
                "in_use", f"{database} 正在使用。请先停止服务（server.py），再恢复。"
            ) from busy


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
    store = Store(database)
    try:
        register = Register(store, days.now)
        desk = Desk(store, register, config, days.now)
        Bookings(store, register, desk, config, days.now)  # brings its tables up to date
        Complaints(store, register, desk, config, days.now)  # and these theirs
        Rows(store)  # and the province's
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


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the readiness report."""

    state: Literal["ok", "note", "bad"]
    what: str
    told: str

    def line(self) -> str:
        """Return the finding as a person reads it."""
        sign = {"ok": "✓", "note": "！", "bad": "✗"}[self.state]
        return f"{sign} {self.what}：{self.told}"


def readiness(database: Path, config: Config) -> Iterator[Finding]:
    """Go through what a hall needs before it opens."""
    yield _disk(database)
    yield _time(config)
    yield _voice()
    if not database.exists():
        told = f"{database} 还没有。{IMPORT}，再运行 server.py admin 姓名 建立管理员"
        yield Finding("bad", "数据文件", told)
        return
    if found := integrity(database):
        yield Finding("bad", "数据文件", f"{database} 已损坏：{found[0]}。请用 restore 恢复备份")
        return
    yield Finding("ok", "数据文件", f"{database}，完好")
    store = Store(database)
    try:
        register = Register(store, days.now)
        catalogue = register.catalogue()
        yield from _people(register, catalogue)
        yield from _windows(catalogue)
        yield from _printers(catalogue)
    finally:
        store.close()
    yield _address(config)


def _disk(database: Path) -> Finding:
    place = next(each for each in database.absolute().parents if each.exists())
    free = shutil.disk_usage(place).free
    told = f"{place} 剩余 {free / 1024**3:.1f} GB"
    return Finding("ok", "磁盘", told) if free >= LEAST_FREE else Finding("bad", "磁盘", told)


def _time(config: Config) -> Finding:
    now = datetime.now(config.hall.zone)
    told = f"{now:%Y-%m-%d %H:%M:%S}（{config.hall.timezone}）"
    if now.year < FIRST_YEAR:
        return Finding("bad", "时钟", f"{told}，明显不对，请校时")
    return Finding("ok", "时钟", told)


def _voice() -> Finding:
    clips = sum(1 for each in VOICE.rglob("*") if each.suffix in (".ogg", ".mp3"))
    if not clips:
        return Finding("bad", "语音", "没有语音文件，大屏不会播报")
    return Finding("ok", "语音", f"{clips} 个语音文件")


def _people(register: Register, catalogue: Catalogue) -> Iterator[Finding]:
    people = [each for each in catalogue.people if each.active]
    can = [each for each in people if register.password_hash(each.staff_number)]
    if chiefs := [each.staff_number for each in can if each.role == "administrator"]:
        yield Finding("ok", "管理员", "、".join(chiefs[:5]))
    else:
        told = "还没有能登录的。运行 server.py admin 姓名 建立第一个"
        yield Finding("bad", "管理员", told)
    clerks = sum(each.role == "clerk" for each in can)
    told = f"{clerks} 人可以登录"
    if without := sum(each.role == "clerk" for each in people) - clerks:
        told += f"，另有 {without} 人没有密码，请在管理页面“人员”里生成"
    yield Finding("ok" if clerks and not without else "note", "窗口人员", told)


def _windows(catalogue: Catalogue) -> Iterator[Finding]:
    active = [each for each in catalogue.windows if each.active]
    idle = [str(each.no) for each in active if not each.services]
    if not active:
        yield Finding("bad", "窗口", f"还没有。{IMPORT}")
    elif idle:
        yield Finding("note", "窗口", f"{len(active)} 个，其中 {'、'.join(idle)} 号没有业务")
    else:
        yield Finding("ok", "窗口", f"{len(active)} 个，都有业务")
    services = [each for each in catalogue.services if each.active]
    nowhere = [each.name for each in services if not catalogue.windows_of[each.code]]
    if not services:
        yield Finding("bad", "业务", f"还没有。{IMPORT}")
    elif len(nowhere) == len(services):
        yield Finding("bad", "业务", "都没有窗口办理。请在管理页面“窗口”里选择业务")
    elif nowhere:
        yield Finding("note", "业务", f"没有窗口办理：{'、'.join(nowhere[:8])}")
    else:
        yield Finding("ok", "业务", f"{len(services)} 项，都有窗口办理")


def _printers(catalogue: Catalogue) -> Iterator[Finding]:
    kiosks = [each for each in catalogue.devices if each.active and each.role == "kiosk"]
    if not kiosks:
        yield Finding("note", "取号机", "还没有。用 server.py key kiosk --name 名称 登记")
    for each in kiosks:
        yield _printer(f"打印机（{each.name}）", each.printer)


def _printer(what: str, address: str) -> Finding:
    from kiosk.printing import printer_from

    try:
        printer = printer_from(address)
    except NotValid as wrong:
        return Finding("bad", what, wrong.message)
    if printer is None:
        return Finding("note", what, "没有登记打印机，只在屏幕上显示号码")
    state = printer.state()
    return Finding("ok" if state.prints else "bad", what, state.trouble or "正常")


def _address(config: Config) -> Finding:
    if not config.hall.public_url:
        told = "没有设置 [hall] public_url，小票二维码只在本机网络可用"
        return Finding("note", "公开地址", told)
    return Finding("ok", "公开地址", config.hall.public_url)
