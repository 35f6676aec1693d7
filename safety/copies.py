"""The continuous copy as it lies on the second disk.

A generation is a folder: ``base.db``, the whole file once; ``000001.wal``, ``000002.wal`` …, the
logs that came after, byte for byte as SQLite wrote them up to their last whole transaction; beside
each log that was whole, ``000001.end``; and ``ready`` once base and logs together are a hall.
SQLite itself puts them together again: a base and a log beside it are what a power cut leaves.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from struct import Struct
from typing import BinaryIO

from safety.files import file_mark, keep_names, read_json, write_whole
from safety.wal import (
    HEADER_BYTES,
    FileMark,
    Found,
    Header,
    Kept,
    Mark,
    Salts,
    beginning,
    follow,
    parse_header,
)

OWNER = "copy.json"
BASE = "base.db"
READY = "ready"
FRESH = "fresh"
SALTS = Struct(">2I")
# Frames between two reads, which let other threads go on: each statement of a commit would wait up
# to 5 ms for the interpreter while a thread reckons; four frames take 0.2.
AT_ONCE = 4


def log_of(database: Path) -> Path:
    """Return where SQLite keeps the log of a file."""
    return database.with_name(database.name + "-wal")


def place_of(folder: Path, database: Path) -> Path:
    """Return a hall's own folder on the second disk: two halls may share a disk."""
    return folder / database.stem


def header_of(file: BinaryIO) -> Header | None:
    """Return the header of an open log."""
    file.seek(0)
    return parse_header(file.read(HEADER_BYTES))


def last_commit(file: BinaryIO, header: Header, at: Mark, most: int | None = None) -> Mark:
    """Return the mark after the last whole transaction, at most ``most`` frames into the log."""
    valid = committed = at
    while most is None or valid.frames < most:
        file.seek(header.offset(valid.frames))
        wanted = AT_ONCE if most is None else min(AT_ONCE, most - valid.frames)
        data = file.read(wanted * header.frame_bytes)
        before = valid
        valid, ends = follow(header, before, data)
        if ends is not before:
            committed = ends
        if valid.frames - before.frames < wanted:
            break
    return committed


def frames_in(database: Path) -> tuple[Salts, int] | None:
    """Return whose log it is and how many frames it has, whole transactions or not."""
    try:
        with log_of(database).open("rb") as log:
            header = header_of(log)
            if header is None:
                return None
            # behind the newest frame stand those of the log before: half the way, and half again
            none, past = 0, (os.fstat(log.fileno()).st_size - HEADER_BYTES) // header.frame_bytes
            while none < past:
                middle = (none + past) // 2
                log.seek(header.offset(middle) + 8)
                if log.read(8) == SALTS.pack(*header.salts):
                    none = middle + 1
                else:
                    past = middle
            return header.salts, none
    except FileNotFoundError:
        return None


def log_now(database: Path) -> tuple[Salts, Mark] | tuple[None, None]:
    """Return whose log it is and where its last whole transaction ends; nothing without a log."""
    with suppress(FileNotFoundError), log_of(database).open("rb") as file:
        if header := header_of(file):
            return header.salts, last_commit(file, header, beginning(header))
    return None, None


def look_at(database: Path, kept: Kept | None) -> Found:
    """Return what a copy finds of a hall's file and its log."""
    file = file_mark(database)
    try:
        with log_of(database).open("rb") as log:
            header = header_of(log)
            if header is None:
                return Found(None, file)
            return Found(header.salts, file, _goes_on(log, header, kept))
    except FileNotFoundError:
        return Found(None, file)


def _goes_on(log: BinaryIO, header: Header, kept: Kept | None) -> bool:
    """Return whether a log holds, at a copy's mark, the frame the copy has there."""
    if kept is None or kept.mark is None or not kept.mark.frames or kept.salts != header.salts:
        return True
    log.seek(header.offset(kept.mark.frames - 1))
    head = log.read(24)
    sums = (int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big"))
    return len(head) == 24 and sums == kept.mark.checksum


@dataclass
class Generation:
    """One generation of the copy; ``no`` is its newest log."""

    folder: Path
    no: int = 0

    @classmethod
    def begin(cls, place: Path, name: str) -> "Generation":
        """Make the folder of a new generation."""
        folder = place / name
        folder.mkdir()
        keep_names(place)
        return cls(folder)

    @property
    def base(self) -> Path:
        """The copy of the whole file."""
        return self.folder / BASE

    @property
    def ready(self) -> bool:
        """Whether a hall can be made of it."""
        return (self.folder / READY).exists()

    def log(self, no: int) -> Path:
        """Return where a log lies."""
        return self.folder / f"{no:06}.wal"

    def end(self, no: int) -> Path:
        """Return where it stands that a log is whole."""
        return self.folder / f"{no:06}.end"

    def logs(self) -> list[Path]:
        """Return its logs, oldest first."""
        return sorted(self.folder.glob("[0-9]*.wal"))

    def size(self) -> int:
        """Return how much its logs weigh, in bytes."""
        return sum(each.stat().st_size for each in self.logs())

    # -- writing --------------------------------------------------------------------------------

    def next_log(self, data: Iterator[bytes]) -> None:
        """Write the next log, its header first; safe when it returns."""
        with self.log(self.no + 1).open("wb") as file:
            _write(file, data)
        keep_names(self.folder)
        self.no += 1

    def append(self, data: Iterator[bytes], offset: int) -> None:
        """Write whole transactions at their place in the newest log; safe when it returns."""
        with self.log(self.no).open("r+b") as file:
            file.seek(offset)
            _write(file, data)

    def note_end(self, kept: Kept) -> None:
        """Say that the newest log is whole, and how the hall's file looked then."""
        assert kept.ended is not None
        salts = list(kept.salts) if kept.salts else None
        frames = kept.mark.frames if kept.mark else 0
        told = {"salts": salts, "frames": frames}
        write_whole(
            self.end(self.no), {**told, "size": kept.ended.size, "mtime_ns": kept.ended.mtime_ns}
        )

    def note_ready(self, at: int) -> None:
        """Say that base and logs together are a hall."""
        write_whole(self.folder / READY, {"at": at})

    # -- reading --------------------------------------------------------------------------------

    def kept(self) -> Kept | None:
        """Return how far it came, read back from the disk; a torn end is cut off."""
        if not self.base.exists():
            return None
        for path in reversed(self.logs()):
            with path.open("r+b") as file:
                header = header_of(file)
                if header is not None:
                    mark = last_commit(file, header, beginning(header))
                    file.truncate(header.offset(mark.frames))
                    self.no = int(path.stem)
                    return Kept(header.salts, mark, self._ended(mark))
            path.unlink()
        self.no = 0
        told = read_json(self.end(0))
        salts = told.get("salts")
        ended = FileMark(int(told.get("size", -2)), int(told.get("mtime_ns", 0)))
        return Kept((salts[0], salts[1]) if salts else None, None, ended)

    def _ended(self, mark: Mark) -> FileMark | None:
        told = read_json(self.end(self.no))
        if told.get("frames") != mark.frames:
            return None
        return FileMark(int(told["size"]), int(told["mtime_ns"]))


def _write(file: BinaryIO, data: Iterator[bytes]) -> None:
    file.writelines(data)
    file.truncate()
    file.flush()
    os.fsync(file.fileno())


def generations(place: Path) -> list[Generation]:
    """Return the generations of a place, oldest first."""
    if not place.is_dir():
        return []
    return [
        Generation(each)
        for each in sorted(place.iterdir())
        if each.is_dir() and each.name[:8].isdigit()
    ]


def newest_ready(place: Path) -> Generation | None:
    """Return the newest generation a hall can be made of."""
    return next((each for each in reversed(generations(place)) if each.ready), None)


def drop(old: Generation) -> None:
    """Remove a generation; what cannot be removed stays, and is none any more."""
    with suppress(OSError):
        # first: half a generation must never look whole
        (old.folder / READY).unlink(missing_ok=True)
        shutil.rmtree(old.folder)


def drop_older(place: Path, than: Generation) -> None:
    """Remove the generations before one that is ready."""
    for each in generations(place):
        if each.folder.name < than.folder.name:
            drop(each)


def drop_between(place: Path, newest: Generation) -> None:
    """Remove what came between the oldest and the newest: a server that falls again and again."""
    for each in generations(place)[1:]:
        if each.folder.name < newest.folder.name:
            drop(each)


def fresh_at(place: Path) -> int | None:
    """Return when the copy last had everything, in epoch ms; None before it ever had."""
    with suppress(OSError):
        return (place / FRESH).stat().st_mtime_ns // 1_000_000
    return None
