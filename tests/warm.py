"""Starts servers from a process that has read all modules: 0.2 s of a core instead of 2.5 each.

A started server is a process of its own that does what ``server.py`` does from its first line of
work on; it can be told to end, stopped or killed like any other. The commands that need no app,
such as ``key``, are forked from a process that has not read it, nor gevent: 0.1 s instead of 1.4.
That ``server.py`` itself starts is tested in tests/test_server_commands.py. Where processes cannot
be forked (Windows), and for whoever asks, it is ``server.py``.

Run as a program, this file is the process that is forked.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, Any, NoReturn

HOUSE = Path(__file__).resolve().parents[1]
LONGEST_LINE = 65_536
WITH_AN_APP = ("serve", "demo", "import-ratings")  # as server.py's first lines have it
# as they are before gevent puts its own in their places, which need a loop that runs
close = os.close
fork: Any = getattr(os, "fork", None)
waitpid: Any = getattr(os, "waitpid", None)
NUMBER = struct.Struct("=i")


class Started:
    """A server that was forked, used like ``subprocess.Popen``."""

    def __init__(self, pid: int, ended: int, stdout: IO[str] | None = None) -> None:
        self.pid = pid
        self.stdout = stdout
        self._ended = ended
        self._code: int | None = None

    def send_signal(self, number: int) -> None:
        """Send the server a signal, if it still runs."""
        if self._code is None:
            with suppress(ProcessLookupError):  # it ended by itself
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Tell the server to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the server between two instructions."""
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code, a signal's number below zero; raise TimeoutExpired."""
        if self._code is None:
            with socket.socket(fileno=self._ended) as line:
                line.settimeout(timeout)
                try:
                    told = line.recv(NUMBER.size)
                except TimeoutError as late:
                    self._ended = line.detach()
                    raise subprocess.TimeoutExpired("server", timeout or 0) from late
            self._code = NUMBER.unpack(told)[0]
        return self._code


def can_start() -> bool:
    """Return whether servers can be forked here."""
    return fork is not None


def start(words: list[str], folder: Path, log: IO[str]) -> Started:
    """Start ``server.py`` with some words in a folder; its log and errors go to ``log``."""
    said, says = os.pipe()
    try:
        with Path(os.devnull).open("rb") as nothing:
            pid, ended = _forked(words, folder, (nothing.fileno(), says, log.fileno()))
    finally:
        os.close(says)
    return Started(pid, ended, os.fdopen(said, encoding="utf-8"))


def command(
    words: Sequence[str], folder: Path, given: str = "", timeout: float = 60
) -> subprocess.CompletedProcess[str]:
    """Run ``server.py`` with some words in a folder to its end, as ``subprocess.run`` does."""
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as asked,
        tempfile.TemporaryFile("w+", encoding="utf-8") as told,
        tempfile.TemporaryFile("w+", encoding="utf-8") as errors,
    ):
        asked.write(given)
        asked.seek(0)
        files = (asked.fileno(), told.fileno(), errors.fileno())
        pid, ended = _forked(words, folder, files)
        running = Started(pid, ended)
        try:
            code = running.wait(timeout)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait(timeout)
            raise
        told.seek(0)
        errors.seek(0)
        return subprocess.CompletedProcess(list(words), code, told.read(), errors.read())


def _forked(words: Sequence[str], folder: Path, files: tuple[int, int, int]) -> tuple[int, int]:
    """Fork a process with these files as its standard ones; return it and the line of its end."""
    here, there = socket.socketpair()
    with here, there:
        asked = json.dumps({"words": list(words), "folder": str(folder)}).encode()
        line = _warmed("app" if words[0] in WITH_AN_APP else "no app")
        socket.send_fds(line, [asked], [*files, there.fileno()])
        there.close()
        told = here.recv(NUMBER.size)
        assert told, "the process that servers are forked from has ended"
        return NUMBER.unpack(told)[0], here.detach()


@cache
def _warmed(what: str) -> socket.socket:
    """Return the line to this process's own warm process, which ends when the line does."""
    here, there = socket.socketpair(type=socket.SOCK_SEQPACKET)
    process = subprocess.Popen(
        [sys.executable, "-X", "utf8", __file__, str(there.fileno()), what],
        pass_fds=[there.fileno()],
        stdin=subprocess.DEVNULL,
    )
    there.close()

    def let_go() -> None:
        here.close()
        process.wait(20)

    atexit.register(let_go)
    return here


# -- the warm process ----------------------------------------------------------------------------


def _read_the_app() -> None:
    from gevent import monkey

    monkey.patch_all()
    sys.modules["requests"] = None  # type: ignore[assignment]
    import server  # noqa: F401
    from kiosk.slip import open_fonts
    from web import logs, serving  # noqa: F401

    del sys.modules["requests"]
    open_fonts()


def _wait_for_orders(line: int, what: str) -> None:
    sys.path.insert(0, str(HOUSE))
    if what == "app":
        _read_the_app()
    import _socket
    import gc

    import commandline.main  # noqa: F401 - read now, so that no server forked from here reads it

    gc.freeze()
    # a socket of gevent's would run a loop here, which the servers must not share
    orders = _socket.socket(fileno=line)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        # recv_fds wants the patched class by its stub and only its recvmsg in fact
        asked, files, _, _ = socket.recv_fds(orders, LONGEST_LINE, 4)  # type: ignore[arg-type]
        if not asked:
            return
        if fork() == 0:
            orders.close()
            _see_through(json.loads(asked), what, files)
        for each in files:
            close(each)


def _see_through(asked: dict[str, object], what: str, files: Sequence[int]) -> NoReturn:
    """Start what was asked for, say its number and, when it has ended, how."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    *standard, told = files
    pid = fork()
    if pid == 0:
        close(told)
        _do(asked, what, standard)
    for each in standard:
        close(each)
    os.write(told, NUMBER.pack(pid))
    _, status = waitpid(pid, 0)
    os.write(told, NUMBER.pack(os.waitstatus_to_exitcode(status)))
    os._exit(0)


def _do(asked: dict[str, object], what: str, standard: Sequence[int]) -> NoReturn:
    if what == "app":
        from gevent import reinit

        reinit()  # some module has made a loop when it was imported: this one is not its parent's
    for number, each in enumerate(standard):
        os.dup2(each, number)
        close(each)
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, encoding="utf-8", closefd=False)
    os.chdir(str(asked["folder"]))
    words = [str(each) for each in asked["words"]]  # type: ignore[attr-defined]
    sys.argv = [str(HOUSE / "server.py"), *words]
    from commandline.main import main

    if what != "app":
        sys.exit(main(words))
    from server import create_app, ticks_of

    sys.exit(main(words, create_app, ticks_of))


if __name__ == "__main__":
    _wait_for_orders(int(sys.argv[1]), sys.argv[2])
