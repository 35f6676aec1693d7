"""The server itself: gevent's pywsgi, the beat of the clock, and a quiet end."""

import logging
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import gevent
import structlog
from gevent.event import Event
from gevent.pywsgi import LoggingLogAdapter, WSGIServer

from web.limits import LOCAL
from web.plain_http import PLAIN
from web.websockets import Handler

BEAT_SECONDS = 1.0
LAST_ANSWERS_SECONDS = 2
# A hall behind one switch has some 300 screens, each with two lines at most; a proxy here is free.
LINES_OF_ONE = 800
HANDSHAKE_SECONDS = 10
log = structlog.get_logger("server")


class Server(WSGIServer):
    """pywsgi with the hall's handler; requests are counted in /metrics, not written to a log."""

    def __init__(
        self, app: Any, host: str, port: int, context: Any = None, *, beside: int = 0
    ) -> None:
        more = {} if context is None else {"ssl_context": context}
        super().__init__(
            (host, port),
            app,
            log=None,
            error_log=LoggingLogAdapter(logging.getLogger("server"), logging.WARNING),
            handler_class=Handler,
            # the port with TLS beside this one, which has none
            environ={PLAIN: beside} if beside else None,
            # a restarted hall gets all its screens back at once
            backlog=1024,
            **more,
        )
        self.context = context
        self.lines: Counter[str] = Counter()

    def do_handle(self, *accepted: Any) -> None:
        """Take a connection, unless its address has as many as one may."""
        client, address = accepted
        if self.lines[address[0]] >= LINES_OF_ONE and not address[0].startswith(LOCAL):
            self.do_close(client, address)
            return
        super().do_handle(client, address)

    def handle(self, sock: Any, address: Any) -> None:
        """See one connection through, and count it."""
        with self._counted(address[0]):
            super().handle(sock, address)

    def wrap_socket_and_handle(self, client_socket: Any, address: Any) -> Any:
        """Shake hands within some seconds: who connects and says nothing is let go."""
        with self._counted(address[0]):
            try:
                with gevent.Timeout(HANDSHAKE_SECONDS, TimeoutError("no handshake")):
                    wrapped = self.context.wrap_socket(client_socket, server_side=True)
            except OSError:  # plain HTTP, a scanner, a device that does not trust the CA
                client_socket.close()
                return
            try:
                WSGIServer.handle(self, wrapped, address)
            finally:
                wrapped.close()

    @contextmanager
    def _counted(self, who: str) -> Iterator[None]:
        self.lines[who] += 1
        try:
            yield
        finally:
            self.lines[who] -= 1
            if self.lines[who] <= 0:
                del self.lines[who]

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
    servers: Sequence[Server],
    ticks: Sequence[Callable[[], object]],
    note_delay: Callable[[float], None],
    ready: Callable[[], None],
) -> None:
    """Serve until the process is told to end, then let the last answers leave."""
    told = Event()
    _listen_for_the_end(told)
    for server in servers:
        server.start()
    heart = gevent.spawn(beat, ticks, note_delay)
    ready()
    try:
        told.wait()
    except KeyboardInterrupt:
        log.info("stopping")
    heart.kill()
    for server in servers:
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
