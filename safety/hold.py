"""One server a hall: who serves a file holds the operating system's lock on a file beside it.

SQLite lets several processes write; what a server keeps in its memory, does by the clock and
copies to the second disk must be done once. The system lets go when the process ends, however it
ends: nobody has to tidy up after a kill. The file stays: a removed one could be held twice. In it
stands where the hall is served, for whoever else asks; after a kill until the next one holds it.
"""

import errno
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from hall.refusals import NotAllowed

# What POSIX and Windows say of a lock that somebody has.
HELD = {errno.EACCES, errno.EAGAIN, errno.EDEADLK}
# Windows lets nobody read a locked byte: it lies far behind the line.
LOCKED_BYTE = 2**30
LINE = re.compile(r"(https?://\S+) ([0-9]+)\n")
LINE_LENGTH = 300
OTHERS = "一个服务或一次恢复（server.py）"


@dataclass(frozen=True, slots=True)
class Served:
    """Where a hall is served, by which process."""

    address: str
    process: int


class Hold:
    """A hall's file, held by this process."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    def served_at(self, address: str) -> None:
        """Tell other programs where this hall is served; nowhere any more when empty."""
        line = f"{address} {os.getpid()}\n" if address else ""
        with suppress(OSError):  # a full disk keeps nobody from serving
            os.ftruncate(self._handle, 0)
            os.lseek(self._handle, 0, os.SEEK_SET)
            os.write(self._handle, line.encode())


def hold_of(database: Path) -> Path:
    """Return the file that is locked: one and the same by whatever link a hall's file is named."""
    whole = database.resolve()
    return whole.with_name(whole.name + ".lock")


@contextmanager
def held(database: Path) -> Iterator[Hold]:
    """Be the only one who serves or replaces a hall's file; NotAllowed ``in_use``, OSError."""
    path = hold_of(database)
    path.parent.mkdir(parents=True, exist_ok=True)
    # no child that is started with a program of its own, such as Chromium, is handed this file
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        _give_to_owner(handle, path.parent)
        _lock(handle, path, database)
        hold = Hold(handle)
        hold.served_at("")  # what a killed server said holds no more
        yield hold
        hold.served_at("")
    finally:
        os.close(handle)


def served(database: Path) -> Served | None:
    """Return where another process says that it serves a hall, or did until it was killed.

    Never for the process that holds it: to close the file would let go of the lock.
    """
    try:
        handle = os.open(hold_of(database), os.O_RDONLY)
    except OSError:
        return None
    try:
        return _line(handle)
    finally:
        os.close(handle)


def _line(handle: int) -> Served | None:
    try:
        os.lseek(handle, 0, os.SEEK_SET)
        said = LINE.fullmatch(os.read(handle, LINE_LENGTH).decode("utf-8", "replace"))
    except OSError:
        return None
    return Served(said[1], int(said[2])) if said else None


def _give_to_owner(handle: int, folder: Path) -> None:
    """Let root leave no file that the hall's own account could not open."""
    if sys.platform != "win32" and os.geteuid() == 0:
        owner = folder.stat()
        with suppress(OSError):  # some network disks know no other owners
            os.fchown(handle, owner.st_uid, owner.st_gid)


def _lock(handle: int, path: Path, database: Path) -> None:
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(handle, LOCKED_BYTE, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            # not flock: a forked child has its parent's, and would hold a hall that was killed.
            # The other side of it: nothing else in this process may open and close this file.
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in HELD:
            raise OSError(error.errno, error.strerror, str(path)) from error
        other = _line(handle)
        who = f"服务 {other.address}（进程 {other.process}）" if other else OTHERS
        told = f"{database} 正在使用：{who}正开着这个大厅。请先停止它再做；锁是 {path}，不必删除。"
        raise NotAllowed("in_use", told) from error
