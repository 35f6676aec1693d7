"""Goes through what a hall needs before it opens, and says how each is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from hall import days
from hall.command import named
from hall.config import Config
from hall.days import Instant
from hall.register import Register
from hall.store import Store
from readiness import asking, judging
from readiness.clocks import Sync
from readiness.findings import Finding, Group
from readiness.judging import IMPORT, RESTORE, Running
from readiness.store import Asked

NO_PRINTER = ("", "")
VOICE = Path(__file__).resolve().parent.parent / "static" / "voice"
# Condition and trouble of the printers at some addresses, by address.
AskPrinters = Callable[[list[str]], dict[str, tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Place:
    """What is looked at: the hall's file, its settings, and what only others can tell.

    ``wrong`` says what is wrong with the file's pages; a running server leaves that to the backup,
    and ``reads`` only. ``opens`` brings an older file up to date, all rooms at once.
    """

    database: Path
    config: Config
    printers: AskPrinters
    running: Running | None = None
    wrong: Callable[[Path], list[str]] = lambda _: []
    reads: bool = False
    opens: Callable[[Path], Store] = Store
    was_here: bool = False  # backups or a mark beside the file say that there was a hall


def look(place: Place, now: Instant, sync: Sync) -> Iterator[Finding]:
    """Yield every finding; a file that is missing or damaged leaves out what stands in it."""
    for each in _all(place, now, sync):
        yield replace(each, todo=named(each.todo))


def _all(place: Place, now: Instant, sync: Sync) -> Iterator[Finding]:
    yield judging.voice(asking.clips(VOICE))
    yield from _certificates(place, now)
    problem = _file(place)
    yield problem
    if problem.state == "bad":
        yield _disk(place, None)
        yield _clock(place, now, None, sync)
        return
    store = Store(place.database, readonly=True) if place.reads else place.opens(place.database)
    try:
        yield from _of_the_file(place, store, now, sync)
    finally:
        store.close()


def _of_the_file(place: Place, store: Store, now: Instant, sync: Sync) -> Iterator[Finding]:
    asked, register = Asked(store), Register(store, days.now)
    yield _disk(place, asked.growth(asking.size(place.database), now))
    yield _clock(place, now, asked.last_record(), sync)
    yield _backup(place, now)
    catalogue = register.catalogue()
    yield from judging.people(catalogue, register.tables.with_password())
    yield judging.second_factor(place.config.security.second_factor)
    yield judging.windows(catalogue)
    yield judging.services(catalogue)
    yield from _devices(place, register, now)
    yield judging.address(place.config.hall.public_url)
    outbox, province = asked.outbox(), asked.province()
    yield judging.backlog("消息与通知", outbox.waiting, outbox.oldest, now)
    if place.config.province.adapter:
        yield judging.backlog("上报省平台", province.waiting, province.oldest, now)


def _file(place: Place) -> Finding:
    database = place.database
    if not database.exists() and place.was_here:
        told = f"{database} 不见了，但这里有过一个大厅"
        return Finding("bad", "数据文件", told, f"看磁盘是否接好；不在了就{RESTORE}")
    if not database.exists():
        todo = f"{IMPORT}，再运行 server.py admin 姓名 建立管理员"
        return Finding("bad", "数据文件", f"{database} 还没有", todo)
    if found := place.wrong(database):
        told = f"{database} 已损坏：{found[0]}"
        return Finding("bad", "数据文件", told, f"停止服务，{RESTORE}")
    log = asking.size(database.with_name(f"{database.name}-wal")) / judging.MEGABYTE
    whole = asking.size(database) / judging.MEGABYTE
    return Finding("ok", "数据文件", f"{database}，{whole:.1f} MB（日志 {log:.1f} MB），完好")


def _disk(place: Place, grows: float | None) -> Finding:
    there, free = asking.free(place.database.absolute().parent)
    return judging.disk("磁盘", str(there), free, grows)


def _clock(place: Place, now: Instant, last: Instant | None, sync: Sync) -> Finding:
    shown: datetime = days.local(now, place.config.hall.zone)
    told = f"{shown:%Y-%m-%d %H:%M:%S}（{place.config.hall.timezone}）"
    return judging.clock(told, shown.year, now, last, sync)


def _certificates(place: Place, now: Instant) -> Iterator[Finding]:
    """Judge the certificate the hall is served with, or that there is none."""
    section = place.config.server
    named = {"own-ca": "tls/server.pem", "files": section.tls_certificate}.get(section.tls, "")
    if named:
        file = place.database.absolute().parent / named
        yield judging.certificate(file.name, asking.good_until(file), now)
    elif section.host not in judging.ONLY_HERE:
        yield judging.not_encrypted(place.config.hall.public_url)
    if place.config.open_secrets:
        yield judging.open_secrets(place.config.open_secrets)


def backups_of(database: Path, config: Config) -> list[Path]:
    """Return the folders backups are kept in: beside the file, and where the settings say."""
    beside, named = database.absolute().parent, config.backup.folder
    return [beside / asking.BACKUPS, *([beside / named] if named else [])]


def _backup(place: Place, now: Instant) -> Finding:
    folders = backups_of(place.database, place.config)
    found = asking.newest(place.database, folders)
    if found is None:
        return judging.backup(None, str(folders[-1]), now, "")
    at, file = found
    shown = f"{days.local(at, place.config.hall.zone):%Y-%m-%d %H:%M}"
    return judging.backup(at, str(file.parent), now, shown)


def _devices(place: Place, register: Register, now: Instant) -> Iterator[Finding]:
    catalogue = register.catalogue()
    unpaired = [each for each in catalogue.devices if register.awaits_key(each)]
    active = [each for each in catalogue.devices if each.active]
    kiosks = [each for each in active if each.role == "kiosk"]
    screens = [each for each in active if each.role == "display"]
    yield judging.machines("取号机", kiosks, place.running, now, unpaired)
    printing = [each for each in kiosks if register.prints(each)]
    known = place.printers(sorted({each.printer for each in printing}))
    told = {each.name: known.get(each.printer, NO_PRINTER) for each in printing}
    bare = [each.name for each in kiosks if not each.printer]
    if without := bare + [name for name, found in told.items() if found == NO_PRINTER]:
        yield judging.without_printer(without)
    for name, found in told.items():
        if found != NO_PRINTER:
            yield judging.printer(name, *found)
    yield judging.machines("大屏", screens, place.running, now, unpaired)
    yield judging.evaluators(catalogue, place.running, now, unpaired)


__all__ = ["AskPrinters", "Group", "Place", "Running", "backups_of", "look"]
