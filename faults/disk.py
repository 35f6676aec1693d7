"""A disk under SQLite: it remembers what was not synced yet, and fails when it is told to.

Reads, locks and the shared memory of the WAL are the operating system's. Every write, truncation
and deletion is done on the real file and kept in a list besides, until a sync empties it; so at any
moment ``after_a_cut`` can say what a power cut would leave.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from random import Random

import apsw

SECTOR = 512
NO_MEMORY_OF = "-shm"  # the WAL's index lies in memory, whatever the file's name says
Step = tuple[int, bytes | None]  # where and what was written; None: the file ends there


@dataclass
class Kept:
    """A file as the disk has it for certain, and what was done to it since."""

    safe: bytearray = field(default_factory=bytearray)
    since: list[Step] = field(default_factory=list)
    named: bool = True  # whether its name is in its folder for certain

    def sync(self) -> None:
        """Make everything certain, the name too: SQLite's own VFS syncs the folder of a new WAL."""
        for step in self.since:
            apply(self.safe, step)
        self.since.clear()
        self.named = True


class Disk(apsw.VFS):
    """A disk with a name, by which SQLite opens files on it."""

    def __init__(self, name: str) -> None:
        super().__init__(name, "")
        self.name = name
        self.files: dict[str, Kept] = {}
        # heard before anything is written, synced, truncated or deleted; may raise apsw's errors
        self.before: Callable[[str, str], None] = lambda _act, _file: None

    def forget(self, folder: Path) -> None:
        """Take the files of a folder for certain, as after a quiet night."""
        self.files = {
            each.name: Kept(bytearray(each.read_bytes()))
            for each in folder.iterdir()
            if not each.name.endswith(NO_MEMORY_OF)
        }

    def xOpen(  # noqa: N802 - SQLite's name
        self, name: str | apsw.URIFilename | None, flags: list[int]
    ) -> "DiskFile":
        """Open a file."""
        return DiskFile(self, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802 - SQLite's name
        """Delete a file; the sync of its folder makes that certain."""
        known = Path(filename).name
        self.before("delete", known)
        super().xDelete(filename, syncdir)
        if known in self.files:
            if syncdir:
                del self.files[known]
            else:
                self.files[known].since.append((0, None))

    def after_a_cut(self, chance: Random, keeps: float | None) -> dict[str, bytes]:
        """Return what lies on the disk after a power cut now.

        Of what was not synced, each sector of 512 bytes is kept with a chance of ``keeps``, in
        whatever order; None keeps it all, as when only the program dies.
        """
        left = {}
        for name, file in self.files.items():
            if keeps is not None and not file.named and chance.random() >= keeps:
                continue
            content = bytearray(file.safe)
            for step in file.since:
                for part in sectors(step):
                    if keeps is None or chance.random() < keeps:
                        apply(content, part)
            left[name] = bytes(content)
        return left


class DiskFile(apsw.VFSFile):
    """An open file."""

    def __init__(self, disk: Disk, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        super().__init__("", name, flags)
        self.disk = disk
        path = name.filename() if isinstance(name, apsw.URIFilename) else name or ""
        self.name = Path(path).name
        self.kept = disk.files.setdefault(self.name, Kept(named=False)) if path else Kept()

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - SQLite's name
        """Write; the disk has it for certain after the next sync."""
        try:
            self.disk.before("write", self.name)
        except apsw.Error:
            self._write(data[: len(data) // 2], offset)  # a full disk takes what it has room for
            raise
        self._write(data, offset)

    def _write(self, data: bytes, offset: int) -> None:
        super().xWrite(data, offset)
        self.kept.since.append((offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 - SQLite's name
        """Cut the end off."""
        self.disk.before("truncate", self.name)
        super().xTruncate(newsize)
        self.kept.since.append((newsize, None))

    def xSync(self, flags: int) -> None:  # noqa: N802 - SQLite's name
        """Make what was written certain. The real file is not synced: the list says it all."""
        del flags
        try:
            self.disk.before("sync", self.name)
        except apsw.Error:
            self.kept.since.clear()  # as Linux does: what a failed sync has not written is given up
            raise
        self.kept.sync()


def apply(content: bytearray, step: Step) -> None:
    """Do a step to a file's content."""
    at, data = step
    if data is None:
        del content[at:]
        return
    if len(content) < at:
        content.extend(bytes(at - len(content)))
    content[at : at + len(data)] = data


def sectors(step: Step) -> list[Step]:
    """Return the parts of a step that reach the disk or do not, each by itself."""
    at, data = step
    if data is None:
        return [step]
    first = SECTOR - at % SECTOR
    ends = [0, *range(first, len(data), SECTOR), len(data)]
    return [(at + a, data[a:b]) for a, b in pairwise(ends)]
