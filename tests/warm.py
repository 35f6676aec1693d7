"""Starts servers from a process that has read all modules: 0.2 s of a core instead of 2.5 each.

A started server is a process of its own that does what ``server.py`` does from its first line of
work on; it can be told to end, stopped or killed like any other. That ``server.py`` itself starts
is tested in tests/test_server_commands.py. Where processes cannot be forked (Windows), and for
whoever asks, it is ``server.py``.

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
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, Any, NoReturn

HOUSE = Path(__file__).resolve().parents[1]
LONGEST_LINE = 65_536
# as they are before gevent puts its own in their places, which need a loop that runs
close = os.close
fork: Any = getattr(os, "fork", None)
waitpid: Any = getattr(os, "waitpid", None)
NUMBER = struct.Struct("=i")


class Started:
    """A server that was forked, used like ``subprocess.Popen``."""

    def __init__(self, pid: int, ended: int, stdout: IO[str]) -> None:
        self.pid = pid
        self.stdout: IO[str] | None = stdout
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
    here, there = socket.socketpair()
    with here, there:
        asked = json.dumps({"words": words, "folder": str(folder)}).encode()
        socket.send_fds(_warmed(), [asked], [says, log.fileno(), there.fileno()])
        os.close(says)
        there.close()
        told = here.recv(NUMBER.size)
        assert told, "the process that servers are forked from has ended"
        return Started(NUMBER.unpack(told)[0], here.detach(), os.fdopen(said, encoding="utf-8"))


@cache
def _warmed() -> socket.socket:
    """Return the line to this process's own warm process, which ends when the line does."""
    here, there = socket.socketpair(type=socket.SOCK_SEQPACKET)
    process = subprocess.Popen(
        [sys.executable, "-X", "utf8", __file__, str(there.fileno())],
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


def _wait_for_orders(line: int) -> None:
    from gevent import monkey

    monkey.patch_all()
    sys.modules["requests"] = None  # type: ignore[assignment]
    sys.path.insert(0, str(HOUSE))
    import _socket
    import gc

    import server  # noqa: F401
    from kiosk.slip import open_fonts
    from web import logs, serving  # noqa: F401

    del sys.modules["requests"]
    open_fonts()
    gc.freeze()
    # a socket of gevent's would run a loop here, which the servers must not share
    orders = _socket.socket(fileno=line)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        asked, files, _, _ = socket.recv_fds(orders, LONGEST_LINE, 3)  # type: ignore[arg-type]
        if not asked:
            return
        if fork() == 0:
            orders.close()
            _see_through(json.loads(asked), *files)
        for each in files:
            close(each)


def _see_through(asked: dict[str, object], said: int, log: int, told: int) -> NoReturn:
    """Start a server, say its number and, when it has ended, how."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = fork()
    if pid == 0:
        close(told)
        _serve(asked, said, log)
    close(said)
    close(log)
    os.write(told, NUMBER.pack(pid))
    _, status = waitpid(pid, 0)
    os.write(told, NUMBER.pack(os.waitstatus_to_exitcode(status)))
    os._exit(0)


def _serve(asked: dict[str, object], said: int, log: int) -> NoReturn:
    from gevent import reinit

    reinit()  # some module has made a loop when it was imported: this one is not its parent's
    os.dup2(said, 1)
    os.dup2(log, 2)
    close(said)
    close(log)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, encoding="utf-8", closefd=False)
    os.chdir(str(asked["folder"]))
    words = [str(each) for each in asked["words"]]  # type: ignore[attr-defined]
    sys.argv = [str(HOUSE / "server.py"), *words]
    from commandline.main import main
    from server import create_app, ticks_of

    sys.exit(main(words, create_app, ticks_of))


if __name__ == "__main__":
    _wait_for_orders(int(sys.argv[1]))
