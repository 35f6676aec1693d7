"""One server a hall: who serves a file holds the operating system's lock on a file beside it.

SQLite lets several processes write; what a server keeps in its memory, does by the clock and
copies to the second disk must be done once. The system lets go when the process ends, however it
ends: nobody has to tidy up after a kill. The file stays, empty: a removed one could be held twice.
"""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hall.refusals import NotAllowed

# What POSIX and Windows say of a lock that somebody has.
HELD = {errno.EACCES, errno.EAGAIN, errno.EDEADLK}


def hold_of(database: Path) -> Path:
    """Return the file that is locked: one and the same by whatever link a hall's file is named."""
    whole = database.resolve()
    return whole.with_name(whole.name + ".lock")


@contextmanager
def held(database: Path) -> Iterator[None]:
    """Be the only one who serves or replaces a hall's file; NotAllowed ``in_use``, OSError."""
    path = hold_of(database)
    path.parent.mkdir(parents=True, exist_ok=True)
    # no child that is started with a program of its own, such as Chromium, is handed this file
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        _give_to_owner(handle, path.parent)
        _lock(handle, path, database)
        yield
    finally:
        os.close(handle)


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

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            # not flock: a forked child has its parent's, and would hold a hall that was killed.
            # The other side of it: nothing else in this process may open and close this file.
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in HELD:
            raise OSError(error.errno, error.strerror, str(path)) from error
        told = f"{database} 正在使用：一个服务或一次恢复（server.py）正开着这个大厅。"
        raise NotAllowed("in_use", f"{told}请先停止它再做；锁是 {path}，不必删除。") from error
