"""Lists beside a hall's file that only grow, such as that of the erasures, kept on two disks.

A hall that comes back on another machine has the file from the second disk; without its lists it
would not know what was erased after that copy was made.
"""

import logging
import os
from collections.abc import Iterable
from pathlib import Path

from safety.files import file_mark, keep_names
from safety.wal import FileMark

log = logging.getLogger("safety")
NEVER_SEEN = FileMark(-2, 0)


class Lists:
    """The lists of one hall, and how each looked when it was last carried to the second disk."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._seen = dict.fromkeys(paths, NEVER_SEEN)

    def begin_again(self) -> None:
        """Let all of them go along again: the disk is a new one."""
        self._seen = dict.fromkeys(self._seen, NEVER_SEEN)

    def carry(self, place: Path) -> None:
        """Add to the lists in a folder what those beside the hall have more; OSError."""
        for path, seen in self._seen.items():
            if (mark := file_mark(path)) != seen:
                bring(path, place / path.name)
                self._seen[path] = mark

    def bring_back(self, place: Path) -> None:
        """Add to the lists beside the hall what those in a folder have more, as far as it goes."""
        for path in self._seen:
            try:
                if lines := bring(place / path.name, path):
                    log.warning("%d lines of %s came back from the second disk", lines, path.name)
            except OSError as trouble:
                log.warning("second_disk: %s", trouble)


def missing(here: str, there: str) -> list[str]:
    """Return the whole lines of ``there`` that ``here`` does not have, in their order.

    >>> missing("a\\nb\\n", "a\\nc\\nhalf a li")
    ['c\\n']
    """
    known = set(here.splitlines(keepends=True))
    lines = there.splitlines(keepends=True)
    return [each for each in lines if each.endswith("\n") and each not in known]


def bring(source: Path, target: Path) -> int:
    """Add to a list what another has more, safe on its disk; return the lines; OSError."""
    if not source.exists():
        return 0
    here = target.read_text("utf-8", "replace") if target.exists() else ""
    new = missing(here, source.read_text("utf-8", "replace"))
    if not new:
        return 0
    with target.open("a", encoding="utf-8", newline="") as file:
        # a power cut may have left half a line
        file.write("".join(["" if here.endswith("\n") or not here else "\n", *new]))
        file.flush()
        os.fsync(file.fileno())
    keep_names(target.parent)
    return len(new)
