"""All figures of docs/performance.md in one run: ``python -m bench [issuing calling …]``."""

import os
import platform
import sqlite3
import sys

from bench import (
    auditing,
    calling,
    choosing,
    clerks,
    copying,
    exporting,
    issuing,
    living,
    memory,
    starting,
    tally,
    taps,
    waiting,
)

FIGURES = {
    "starting": starting.main,
    "issuing": issuing.main,
    "calling": calling.main,
    "memory": memory.main,
    "living": living.main,
    "choosing": choosing.main,
    "waiting": waiting.main,
    "taps": taps.main,
    "clerks": clerks.main,
    "tally": tally.main,
    "exporting": exporting.main,
    "auditing": auditing.main,
    "copying": copying.main,
}


def main(names: list[str]) -> int:
    """Measure what is named, or all; 1 when a target is missed."""
    unknown = [name for name in names if name not in FIGURES]
    if unknown:
        print(f"no such figure: {', '.join(unknown)}; there are {', '.join(FIGURES)}")
        return 2
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"{os.cpu_count()} cores{load}",
        flush=True,
    )
    met = [FIGURES[name]() for name in names or FIGURES]
    return 0 if all(met) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
