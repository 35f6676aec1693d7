"""The small file beside a hall's that says: a hall is here, since when, and whether it is served.

It outlives the hall's file: a hall that has vanished is known by it. A running server touches it
every second.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from hall.days import Clock
from safety.files import read_json, write_whole


def traces_of(database: Path) -> Path:
    """Return where it lies."""
    return database.with_name(database.name + ".safety")


def note(database: Path, **more: Any) -> None:
    """Write something into it; while a hall is served its loop does so, and no thread."""
    traces = traces_of(database)
    told = read_json(traces)
    if told != told | more:
        write_whole(traces, told | more)


def was_left_open(database: Path) -> bool:
    """Return whether the last server was cut off and nobody has brought its log home since."""
    traces = traces_of(database)
    if not read_json(traces).get("open"):
        return False
    try:
        return database.stat().st_mtime_ns <= traces.stat().st_mtime_ns
    except OSError:
        return False


class Presence:
    """Says beside the file that it is being served."""

    def __init__(self, database: Path, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._told = False

    def tick(self) -> None:
        """Say so again; a full disk keeps nobody from serving."""
        with suppress(OSError):
            if not self._told:
                since = read_json(traces_of(self._database)).get("since", self._clock())
                note(self._database, open=True, since=since)
                self._told = True
            os.utime(traces_of(self._database))

    def close(self) -> None:
        """Say that it was served to a good end."""
        if self._told:
            with suppress(OSError):
                note(self._database, open=False)
