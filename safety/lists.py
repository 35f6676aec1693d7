"""Lists beside a hall's file that only grow, such as that of the erasures, kept on two disks.

A hall that comes back on another machine has the file from the second disk; without its lists it
would not know what was erased after that copy was made.
"""

import os
from pathlib import Path

from safety.files import keep_names


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
