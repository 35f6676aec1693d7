"""Copies a hall's whole file: ``python -m safety.base FILE TARGET``, a process of its own.

Of its own because closing a file ends all locks that a process holds on it, and SQLite's are on
this one; and to leave the loop its processor. What changes meanwhile is in the log, kept as well.
"""

import os
import sys
import time
from pathlib import Path

PIECE = 4 * 1024**2
# The hall's own commits wait for the same disk: 10 GB take two minutes.
MOST_BYTES_A_SECOND = 100 * 1024**2


def copy(source: Path, target: Path) -> int:
    """Copy a file, safe on its disk when it returns; return its size in bytes."""
    part = target.with_name(target.name + ".part")
    began, written, starter = time.monotonic(), 0, os.getppid()
    with source.open("rb") as old, part.open("wb") as new:
        while piece := old.read(PIECE):
            new.write(piece)
            written += len(piece)
            if os.getppid() != starter:  # the hall was ended: nobody waits for this copy
                raise SystemExit(1)
            time.sleep(max(0.0, written / MOST_BYTES_A_SECOND - (time.monotonic() - began)))
        new.flush()
        os.fsync(new.fileno())
    part.replace(target)
    return written


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(10)
    copy(Path(sys.argv[1]), Path(sys.argv[2]))
