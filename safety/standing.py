"""How safe a hall's file is, read from what lies beside it and on the second disk."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from hall import days
from hall.command import named
from hall.config import Config
from hall.days import Instant
from safety import copies
from safety.files import file_mark, read_json
from safety.nightly import folder_of
from safety.traces import traces_of

# A running server touches its trace every second.
SERVED_WITHIN = 15 * days.SECOND
BEHIND_NOTED = 5 * days.SECOND
BEHIND_BAD = 60 * days.SECOND


@dataclass(frozen=True, slots=True)
class Standing:
    """One thing about the file's safety: how it is, and what to do about it."""

    state: Literal["ok", "note", "bad"]
    what: str
    told: str
    todo: str = ""


def standings(database: Path, config: Config, now: Instant) -> Iterator[Standing]:
    """Yield how the second disk, the nights and the file's pages are."""
    for each in _all(database, config, now):
        yield replace(each, todo=named(each.todo))


def _all(database: Path, config: Config, now: Instant) -> Iterator[Standing]:
    yield _second_disk(database, config, now)
    if (nights := _nights(database, config)) is not None:
        yield nights
    if damage := read_json(traces_of(database)).get("damage"):
        told = f"逐页检查发现损坏：{damage}"
        yield Standing("bad", "数据页", told, "停止服务，运行 server.py restore --newest")


def _second_disk(database: Path, config: Config, now: Instant) -> Standing:
    what = "第二块磁盘"
    if not config.backup.folder:
        todo = "接一块磁盘，在 [backup] folder 写上文件夹，见 docs/backup.md"
        return Standing("note", what, "没有设置，磁盘坏了会丢失上次备份之后的数据", todo)
    folder = database.absolute().parent / config.backup.folder
    place = copies.place_of(folder, database)
    if not folder.is_dir():
        return Standing("bad", what, f"{folder} 不在", "接好磁盘；第一次使用时先建好这个文件夹")
    if not (place / copies.OWNER).exists():
        if "copied_to" in read_json(traces_of(database)):
            return Standing("bad", what, f"{folder} 是空的，磁盘没有接上", "接好磁盘")
        return Standing("note", what, f"{folder} 还没有用过", "启动大厅后自动开始")
    known = read_json(traces_of(database)).get("copied_to")
    if known is None or Path(known).resolve() != folder.resolve():
        told = f"{folder} 里已有备份，但不是本大厅写的"
        return Standing("note", what, told, "启动大厅；仍这样就是另一个大厅的，换一个文件夹")
    fresh = copies.fresh_at(place)
    if fresh is None or copies.newest_ready(place) is None:
        return Standing("note", what, f"{folder}，第一份完整复制正在进行", "过一会儿再看")
    return _how_fresh(what, folder, database, now, fresh)


def _how_fresh(what: str, folder: Path, database: Path, now: Instant, fresh: Instant) -> Standing:
    beat = file_mark(traces_of(database)).mtime_ns // 1_000_000
    until = now if now - beat <= SERVED_WITHIN else beat
    behind = max(0, until - fresh)
    told = f"{folder}，落后 {behind // days.SECOND} 秒"
    if behind >= BEHIND_BAD:
        return Standing("bad", what, told, "看日志里的 second_disk：磁盘是否接好、是否已满")
    if folder.stat().st_dev == database.stat().st_dev:
        todo = "换成另一块磁盘上的文件夹"
        return Standing("note", what, f"{told}，但与数据文件在同一块磁盘上", todo)
    return Standing("note" if behind > BEHIND_NOTED else "ok", what, told)


def _nights(database: Path, config: Config) -> Standing | None:
    if not config.backup.nightly:
        return Standing("note", "每夜备份", "已关闭", "在 [backup] 写 nightly = true")
    told = read_json(folder_of(config, database) / f"{database.stem}-nightly.json")
    if trouble := told.get("trouble"):
        return Standing("bad", "每夜备份", f"上一次有问题：{trouble}", "十分钟后自动再试，见日志")
    if "verified" not in told:
        return None
    when = days.local(told["verified"], config.hall.zone)
    return Standing("ok", "每夜备份", f"{config.backup.at:%H:%M}，规则核对于 {when:%Y-%m-%d}")
