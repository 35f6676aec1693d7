"""Before the file is opened: a damaged or lost one is refused, a new schema is backed up for."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from importlib import import_module
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

import upkeep
from commandline.asked import HOUSE, Asked, say
from hall import days
from hall.command import started
from hall.refusals import NotAllowed
from hall.version import VERSION
from safety import copies, probe_store
from safety.condition import Condition, Offer, Seen, judge, sentence
from safety.sources import Source, sources
from safety.traces import note, traces_of, was_left_open

MAY_BE_ACCEPTED = (Condition.MISSING, Condition.EMPTY, Condition.LOG_MISSING)


def guard(asked: Asked) -> None:
    """Refuse a file that must not be opened, and back up one that a new version will change."""
    seen = look_at(asked)
    found = judge(seen)
    if found in MAY_BE_ACCEPTED and getattr(asked.words, "accept", False):
        note(asked.database, open=False, accepted=days.now())
        return
    if found not in (Condition.SOUND, Condition.NEW):
        raise _refusal(asked, found, seen.error)
    if found is Condition.SOUND:
        _refuse_newer(asked)
        try:
            back_up_before_migrating(asked)
        except NotAllowed:
            if wrong := upkeep.integrity(asked.database):
                raise _refusal(asked, Condition.DAMAGED, wrong[0]) from None
            raise


def look_at(asked: Asked) -> Seen:
    """Look at the file as it lies there; SQLite is asked only when it is one of its own."""
    database = asked.database
    log = _size(copies.log_of(database))
    traces = traces_of(database).exists() or bool(sources(database, asked.config))
    size = _size(database)
    seen = Seen(size, log=log, traces=traces, left_open=was_left_open(database))
    if not size:
        return seen
    head = probe_store.head_of(database)
    seen = Seen(size, head, log, traces, seen.left_open, is_hall=True)
    if judge(seen) is not Condition.SOUND:
        return seen
    error, tables, is_hall = probe_store.ask(database)
    return Seen(size, head, log, traces, seen.left_open, error, tables, is_hall)


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None


def _refusal(asked: Asked, found: Condition, error: str) -> NotAllowed:
    offer = next((_offer(asked, each) for each in sources(asked.database, asked.config)), None)
    accept = _command(asked, "serve", "--accept")
    told = sentence(found, str(asked.database), error, offer, accept)
    return NotAllowed(f"file_{found}", told)


def _offer(asked: Asked, source: Source) -> Offer:
    shown = days.local(source.at, asked.config.hall.zone)
    what = f"{source.kind}，截至 {shown:%Y-%m-%d %H:%M:%S}，{source.path}"
    return Offer(what, _command(asked, "restore", "--newest"))


def _command(asked: Asked, *words: str) -> str:
    place = [f'--config "{asked.words.config}"'] if asked.words.config else []
    place += [f'--database "{asked.words.database}"'] if asked.words.database else []
    return " ".join([started(), *words, *place])


# -- before a new version changes the file -----------------------------------------------------


def pending(database: Path) -> list[str]:
    """Return the steps of the schema that a file has not taken yet; the file is only read."""
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as file:
        return [
            f"{steps.name}.{each.name}"
            for steps in rooms_steps()
            for each in steps.pending(Database(file))
        ]


def unknown(database: Path) -> list[str]:
    """Return the steps a file has taken that this version does not know; the file is only read."""
    known = {
        (steps.name, each.name)
        for steps in rooms_steps()
        for each in steps.pending(Database(memory=True))
    }
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as file:
        if not Database(file)["_sqlite_migrations"].exists():
            return []
        taken = file.execute("select migration_set, name from _sqlite_migrations").fetchall()
    return [f"{room}.{name}" for room, name in taken if (room, name) not in known]


def _refuse_newer(asked: Asked) -> None:
    """Refuse a file of a newer version: this one would write rows that break its rules."""
    if steps := unknown(asked.database):
        raise NotAllowed(
            "file_newer",
            f"数据文件 {asked.database} 已由更新的版本打开过（{VERSION} 不认识 {steps[0]}）。"
            "大厅没有打开，数据没有动过。\n请启动新版程序；要退回，用新版的安装包运行 "
            f"install.sh --back，或恢复升级前的备份：{_command(asked, 'restore', '备份文件')}",
        )


def rooms_steps() -> Iterator[Migrations]:
    """Yield the steps of every room that has tables of its own."""
    for path in sorted(HOUSE.glob("*/*migrations.py")):
        if path.parent.name == "tests":
            continue  # there one is a test
        room = import_module(f"{path.parent.name}.{path.stem}")
        if isinstance(steps := getattr(room, "migrations", None), Migrations):
            yield steps


def was_served(database: Path) -> bool:
    """Return whether a hall has ever opened: one that has not needs no way back."""
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as file:
        (found,) = file.execute("select exists (select 1 from business_day)").fetchone()
    return bool(found)


def back_up_before_migrating(asked: Asked) -> Path | None:
    """Make a verified backup of a file that a new version is about to change; return where."""
    database = asked.database
    if not was_served(database) or not pending(database):
        return None
    stamp = upkeep.stamp(days.now(), asked.config)
    folder = database.absolute().parent / "backups"
    target = folder / f"{database.stem}-{stamp}-before-{VERSION}.db"
    upkeep.back_up(database, target)
    say(f"新版本将更新数据文件，已先备份到 {target}，检查完好。")
    say(f"要退回旧版本：装回旧程序，运行 {_command(asked, 'restore', str(target))}")
    return target
