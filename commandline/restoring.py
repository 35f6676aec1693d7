"""``restore``: a hall brought back from a backup or the second disk, or only tried."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import upkeep
from commandline.asked import Asked, say
from commandline.care import verify
from hall import days
from hall.file import FileTrouble
from hall.refusals import NotAllowed, NotValid
from safety.replay_store import contents
from safety.sources import Source, sources
from safety.traces import note


def restore(asked: Asked) -> int:
    """Put a backup in the place of the hall's file and verify it; or try the newest one."""
    words = asked.words
    if bool(words.file) + words.newest + words.drill != 1:
        raise NotValid(
            "which", "请写一个备份文件，或 --newest（最新的完好备份），或 --drill（演练）。"
        )
    if words.drill:
        return _drill(asked)
    now = upkeep.stamp(days.now(), asked.config)
    if words.file:
        kept, told = upkeep.restore(words.file, asked.database, now), str(words.file)
    else:
        kept, told = _newest(asked, now)
    note(asked.database, open=False, damage="")
    if kept is not None:
        say(f"原来的数据文件保留在 {kept}。")
    say(f"已用 {told} 恢复 {asked.database}。")
    return verify(asked)


def _newest(asked: Asked, now: str) -> tuple[Path | None, str]:
    """Go through what there is, newest first, until one is good."""
    for source in sources(asked.database, asked.config):
        try:
            with _as_file(source, asked.database) as file:
                kept = upkeep.restore(file, asked.database, now)
        except (NotAllowed, OSError, FileTrouble) as refusal:
            if getattr(refusal, "code", "") in ("in_use", "other_kind"):
                raise
            say(f"✗ {source.path} 不能用：{refusal}")
            continue
        return kept, _named(asked, source)
    raise NotAllowed("no_backup", "没有找到可用的备份。")


def _drill(asked: Asked) -> int:
    """Bring the newest copy back beside the hall's file, verify it, tell of it, remove it."""
    found = sources(asked.database, asked.config)
    if not found:
        raise NotAllowed("no_backup", "没有找到备份，无法演练。")
    source, began = found[0], time.monotonic()
    say(f"演练：{_named(asked, source)}")
    with _as_file(source, asked.database) as file:
        took = time.monotonic() - began
        wrong = upkeep.verify(file, asked.config)
        if not wrong:
            tickets, ratings, last = contents(file)
            until = "没有记录" if last is None else f"最后一条记录 {_shown(asked, last)}"
            say(f"内容：{tickets} 张号票，{ratings} 条评价，{until}。")
        size = file.stat().st_size / 1024**2
        verified = time.monotonic() - began - took
    say(f"大小：{size:.1f} MB；取回用了 {took:.1f} 秒，核对用了 {verified:.1f} 秒；文件已删除。")
    for each in wrong:
        say(f"✗ {each}")
    say("✓ 演练通过：这份备份可以恢复。" if not wrong else f"发现 {len(wrong)} 处问题。")
    return 1 if wrong else 0


@contextmanager
def _as_file(source: Source, database: Path) -> Iterator[Path]:
    """Have a source as one file beside the hall's, where a restored one will stand."""
    database.parent.mkdir(parents=True, exist_ok=True)
    part = database.with_name(f"{database.name}.try")
    needed = sum(each.stat().st_size for each in _parts(source))
    if (free := shutil.disk_usage(database.parent).free) < needed:
        raise NotAllowed(
            "disk_full",
            f"磁盘空间不够：需要 {needed / 1024**2:.0f} MB，剩余 {free / 1024**2:.0f} MB。",
        )
    try:
        source.put_into(part)
        yield part
    finally:
        for end in ("", *upkeep.SIDE_FILES):
            part.with_name(part.name + end).unlink(missing_ok=True)


def _parts(source: Source) -> list[Path]:
    if source.generation is None:
        return [source.path]
    return [source.generation.base, *source.generation.logs()]


def _named(asked: Asked, source: Source) -> str:
    old = max(0, days.now() - source.at) // days.SECOND
    age = f"{old} 秒" if old < 120 else f"{old // 60} 分钟" if old < 7200 else f"{old // 3600} 小时"
    return f"{source.kind} {source.path}（截至 {_shown(asked, source.at)}，{age}前）"


def _shown(asked: Asked, at: days.Instant) -> str:
    return f"{days.local(at, asked.config.hall.zone):%Y-%m-%d %H:%M:%S}"
