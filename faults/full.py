"""The disk is full or fails, at any write or sync: ``python -m faults full [--times N]``.

First under the whole app, at its API, on a disk that fails when told to (``faults/failing.py``);
then under a real server whose files may grow no more and, where a small disk can be mounted, on one
that is really full (``faults/no_room.py``). ``tests/test_disk_full.py`` is the short form.
"""

import logging
import os
import tempfile
import time
from pathlib import Path

import structlog

from faults.failing import Told, failures
from faults.no_room import real_server, small_disk

POINTS = 400
SERVER_POINTS = 40


def say(told: Told, what: str, began: float) -> bool:
    """Print one line of what came of it."""
    for each in told.wrong[:20]:
        print(f"  {each}")
    codes = ", ".join(f"{count} {code}" for code, count in sorted(told.codes.items()))
    print(
        f"{'ok' if not told.wrong else 'FAILED'}: {what}: {told.points} failures in "
        f"{time.monotonic() - began:,.0f} s: {told.refused} requests refused ({codes}), "
        f"{told.acknowledged:,} acknowledged, {len(told.wrong)} wrong",
        flush=True,
    )
    return not told.wrong


def main(points: int = POINTS) -> bool:
    """Let disks fail; True when each refusal was clear and nothing was lost or half done."""
    # the app's log would have a line for each request that is refused here
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    began = time.monotonic()
    held = say(failures(points), "the app on a disk that fails when told", began)
    if os.name == "nt":
        print("a real server's files cannot be kept from growing here")
        return held
    several = min(points, SERVER_POINTS)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        told = real_server(several, Path(folder))
        held = say(told, "a real server whose files may not grow", began) and held
    began = time.monotonic()
    with small_disk() as disk:
        if disk is None:
            print("no small disk may be mounted here: a real server on one was not tried")
            return held
        told = real_server(several, disk / "hall", disk)
        return say(told, "a real server on a full disk", began) and held
