"""Slow work beside the loop: a thread of gevent's pool, or a child process.

Measured: 20,000 XLSX rows inline stalled every screen for 823 ms, in a child process for 4 ms; a
large query inline 332 ms, in gevent's thread pool 11 ms.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

import gevent
from gevent import subprocess as green

HOUSE = Path(__file__).resolve().parent.parent
LONGEST_SECONDS = 60.0

P = ParamSpec("P")
T = TypeVar("T")


class WorkFailed(Exception):
    """A child process ended with an error; its own words are for the log."""


def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a function in a native thread while the loop goes on.

    The function opens what it needs itself: a store of the loop is not for other threads.
    """

    def tried() -> tuple[T | None, Exception | None]:
        # what a thread of gevent's raises is printed with its trace, a refusal too
        try:
            return work(*args, **kwargs), None
        except Exception as trouble:  # noqa: BLE001 - raised below
            return None, trouble

    done, trouble = gevent.get_hub().threadpool.apply(tried)
    if trouble is not None:
        raise trouble
    return cast(T, done)


def in_process(
    module: str, *arguments: str, given: bytes = b"", longest: float = LONGEST_SECONDS
) -> bytes:
    """Run ``python -m module`` with bytes as its input and return its output."""
    child = green.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=HOUSE,
        env={**os.environ, "PYTHONUTF8": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        out, complaint = child.communicate(given, timeout=longest)
    except green.TimeoutExpired as late:
        child.kill()
        child.communicate()
        raise WorkFailed(f"{module} took longer than {longest:.0f} s") from late
    if child.returncode:
        raise WorkFailed(f"{module}: {complaint.decode('utf-8', 'replace')[-2000:]}")
    return bytes(out)


def follow_process(
    module: str,
    hear: Callable[[str], None],
    *,
    given: bytes = b"",
    longest: float = LONGEST_SECONDS,
) -> None:
    """Run ``python -m module`` with bytes as its input, hearing each line while it works."""
    late = WorkFailed(f"{module} took longer than {longest:.0f} s")
    with tempfile.TemporaryFile() as complaint:
        child = green.Popen(
            [sys.executable, "-m", module],
            cwd=HOUSE,
            env={**os.environ, "PYTHONUTF8": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaint,
        )
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            with gevent.Timeout(longest, late), child.stdin, child.stdout:
                child.stdin.write(given)
                child.stdin.close()
                for line in child.stdout:
                    hear(line.decode("utf-8", "replace"))
                child.wait()
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()
        if child.returncode:
            complaint.seek(0)
            words = complaint.read().decode("utf-8", "replace")
            raise WorkFailed(f"{module}: {words[-2000:]}")
