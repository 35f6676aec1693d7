"""One night's backup, ``python -m commandline.night``: a process of its own beside the hall.

Its input says which file, where to, whether the hall's rules are verified too, and the settings.
It fails with what is wrong; a file that breaks the rules is kept all the same.
"""

import json
import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import upkeep
from hall import config as settings
from hall.file import FileTrouble
from hall.refusals import NotAllowed


def main() -> int:
    """Make the backup; 1 with the reason on the standard error."""
    if hasattr(os, "nice"):
        os.nice(10)
    asked = json.load(sys.stdin)
    target = Path(asked["target"])
    try:
        upkeep.back_up(Path(asked["database"]), target)
    except NotAllowed as refusal:
        sys.stderr.write(refusal.message)
        return 1
    except (FileTrouble, OSError) as trouble:
        sys.stderr.write(f"备份没有做成（{trouble}）。")
        return 1
    if not asked["rules"]:
        return 0
    found = upkeep.verify(target, settings.from_dict(asked["config"]))
    as_one_file(target)
    sys.stderr.write("\n".join(f"规则核对：{each}" for each in found[:10]))
    return 1 if found else 0


def as_one_file(backup: Path) -> None:
    """Leave a file as a backup is carried, after it was opened as a hall's."""
    with closing(sqlite3.connect(backup, isolation_level=None)) as file:
        file.execute("pragma journal_mode = delete")


if __name__ == "__main__":
    sys.exit(main())
