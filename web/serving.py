"""The server itself: gevent's pywsgi, the beat of the clock, and a quiet end."""

import logging
import os
import signal
import time
from collections.abc import Callable, Sequence
from typing import Any

import gevent
import structlog
from gevent.event import Event
from gevent.pywsgi import LoggingLogAdapter, WSGIServer

from web.websockets import Handler

BEAT_SECONDS = 1.0
LAST_ANSWERS_SECONDS = 2
log = structlog.get_logger("server")


class Server(WSGIServer):
    """pywsgi with the hall's handler; requests are counted in /metrics, not written to a log."""

    def __init__(self, app: Any, host: str, port: int) -> None:
        super().__init__(
            (host, port),
            app,
            log=None,
            error_log=LoggingLogAdapter(logging.getLogger("server"), logging.WARNING),
            handler_class=Handler,
            # a restarted hall gets all its screens back at once
            backlog=1024,
        )

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.server_port or 0)


def beat(ticks: Sequence[Callable[[], object]], note_delay: Callable[[float], None]) -> None:
    """Do every second what time alone makes happen; one that fails does not stop the others."""
    while True:
        before = time.monotonic()
        gevent.sleep(BEAT_SECONDS)
        note_delay(max(0.0, time.monotonic() - before - BEAT_SECONDS))
        for tick in ticks:
            try:
                tick()
            except Exception:
                log.exception("tick_failed", tick=getattr(tick, "__qualname__", repr(tick)))


def run(
    server: Server,
    ticks: Sequence[Callable[[], object]],
    note_delay: Callable[[float], None],
    ready: Callable[[], None],
) -> None:
    """Serve until the process is told to end, then let the last answers leave."""
    told = Event()
    _listen_for_the_end(told)
    server.start()
    heart = gevent.spawn(beat, ticks, note_delay)
    ready()
    try:
        told.wait()
    except KeyboardInterrupt:
        log.info("stopping")
    heart.kill()
    server.stop(timeout=LAST_ANSWERS_SECONDS)


def _listen_for_the_end(told: Event) -> None:
    if os.name == "nt":
        # Windows knows no SIGTERM between processes; Ctrl+C and Ctrl+Break end a service there.
        # The loop looks for them only when it wakes, which the beat makes it do each second.
        for number in (signal.SIGINT, getattr(signal, "SIGBREAK", signal.SIGINT)):
            signal.signal(number, lambda *_: told.set())
        return
    for number in (signal.SIGINT, signal.SIGTERM):
        gevent.signal_handler(number, told.set)
