"""The WebSocket under Socket.IO, with what simple-websocket gets wrong under gevent mended.

1. It calls ``send`` where ``sendall`` is needed: a large frame to a slow reader is cut short.
2. It accepts per-message deflate: 92 KB more a client and nearly twice the work.
3. pywsgi takes the end of an upgraded connection for a failed answer and logs each.
4. After a ping time-out it waits for the silent side for ever: here a line is hung up.
"""

from collections.abc import Callable, Iterable
from http.client import HTTPException
from typing import Any

import gevent
import simple_websocket
from engineio.async_drivers.gevent import Thread
from gevent import pywsgi, socket
from gevent.event import Event
from gevent.lock import Semaphore
from gevent.selectors import DefaultSelector
from gevent.ssl import SSLSocket
from wsproto.utilities import RemoteProtocolError

# The server pings every 5 s and waits 5 s for the answer: who neither reads nor writes for longer
# is gone, whatever the network says.
PING_INTERVAL = 5
PING_TIMEOUT = 5
SILENT_SECONDS = PING_INTERVAL + PING_TIMEOUT
LARGEST_MESSAGE = 64 * 1024
# What has been said is given this long to arrive before the line is cut.
FAREWELL_SECONDS = 1.0
# A browser keeps a line for its next request; a line with half a head on it is let go sooner.
IDLE_SECONDS, HEAD_SECONDS, STILL_SECONDS = 75, 15, 60
TEXT, BINARY = 0x81, 0x82


class WholeWrites:
    """A socket whose ``send`` sends everything, one sender at a time."""

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        self._turn = Semaphore(1)
        sock.settimeout(SILENT_SECONDS)

    def send(self, data: bytes) -> int:
        """Send all of it; OSError when the other side takes nothing for too long."""
        with self._turn:
            self._sock.sendall(data)
        return len(data)

    def send_now(self, data: bytes) -> bool:
        """Send all of it without making the caller wait; False when somebody else is sending."""
        if not self._turn.acquire(blocking=False):
            return False
        if isinstance(self._sock, SSLSocket):
            # an SSL socket waits for its reader whatever it is told: it waits aside
            gevent.spawn(self._send_rest, data)
            return True
        try:
            sent = self._sock.send(data, 0, 0.0)
        except BlockingIOError:
            sent = 0
        except OSError:
            sent = len(data)  # whoever reads from this line finds out and ends it
        if sent < len(data):
            gevent.spawn(self._send_rest, data[sent:])
        else:
            self._turn.release()
        return True

    def _send_rest(self, data: bytes) -> None:
        try:
            self._sock.sendall(data)
        except OSError:
            self.hang_up()
        finally:
            self._turn.release()

    def recv(self, most: int) -> bytes:
        """Receive what has come."""
        received: bytes = self._sock.recv(most)
        return received

    def close(self) -> None:
        """Close this end."""
        self._sock.close()

    def hang_up(self) -> None:
        """Cut the line under everybody who still reads or writes."""
        try:
            self._sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it was cut already


class Line(simple_websocket.Server):  # type: ignore[misc]
    """One WebSocket of the hall."""

    _last: tuple[str, bytes] = ("", b"")
    sock: Any

    def handshake(self) -> None:
        """Answer the upgrade, without compression."""
        self.environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
        self.sock = WholeWrites(self.sock)
        super().handshake()

    def send(self, data: str | bytes) -> None:
        """Send one message; a text that many get in a row is framed once."""
        if not self.connected:
            raise simple_websocket.ConnectionClosed(self.close_reason, self.close_message)
        if isinstance(data, bytes):
            self.sock.send(frame(data, BINARY))
            return
        text, framed = Line._last
        if data is not text:
            framed = frame(data.encode(), TEXT)
            Line._last = (data, framed)
        self.sock.send(framed)

    def close(self, reason: int | None = None, message: str | None = None) -> None:
        """Say goodbye, wake whoever reads, and cut the line a moment later."""
        try:
            super().close(reason, message)
        except OSError:
            self.connected = False  # nobody hears it any more
        self.event.set()
        gevent.spawn_later(FAREWELL_SECONDS, self.sock.hang_up)


def frame(payload: bytes, kind: int) -> bytes:
    """Return an unmasked, final WebSocket frame (RFC 6455, 5.2)."""
    size = len(payload)
    if size < 126:
        return bytes((kind, size)) + payload
    if size < 65536:
        return bytes((kind, 126)) + size.to_bytes(2) + payload
    return bytes((kind, 127)) + size.to_bytes(8) + payload


class Upgrade:
    """What Engine.IO calls to turn a request into a WebSocket."""

    def __init__(self, handler: Callable[["Upgrade"], Any], _server: Any) -> None:
        self.handler = handler
        self.line: Line | None = None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Run the connection until it ends."""
        environ["hall.upgraded"] = self
        try:
            self.line = Line(
                environ,
                max_message_size=LARGEST_MESSAGE,
                thread_class=Thread,
                event_class=Event,
                selector_class=DefaultSelector,
            )
        except RemoteProtocolError:  # asked for without its key, or in another version
            start_response("400 BAD REQUEST", [("Content-Type", "text/plain")])
            return [b"no WebSocket of RFC 6455"]
        environ["hall.handler"].upgraded = True
        try:
            self.handler(self)
        finally:
            self.close()
        return []

    def send_now(self, framed: bytes) -> bool:
        """Send a frame past the queue; False when something else is still under way."""
        line = self.line
        return line is not None and line.connected and line.sock.send_now(framed)

    def send(self, message: str | bytes) -> None:
        """Send one message; OSError when the connection is closed."""
        assert self.line is not None
        try:
            self.line.send(message)
        except simple_websocket.ConnectionClosed as closed:
            raise OSError("closed") from closed

    def wait(self) -> str | bytes | None:
        """Wait for a message; None when the connection is closed."""
        assert self.line is not None
        try:
            received: str | bytes | None = self.line.receive()
        except simple_websocket.ConnectionClosed:
            return None
        if isinstance(received, str) and not received[:1].isdecimal():
            return None  # no packet of Engine.IO, which would end in a trace: the line is cut
        return received

    def close(self) -> None:
        """End the connection."""
        if self.line is not None and self.line.connected:
            self.line.close()

    def cut_soon(self) -> None:
        """Let what was said arrive, then cut the line even if nobody reads it."""
        if self.line is not None:
            gevent.spawn_later(FAREWELL_SECONDS, self.line.sock.hang_up)


class Handler(pywsgi.WSGIHandler):
    """Serves requests; an upgraded connection ends without a word."""

    upgraded = False

    def __init__(self, sock: Any, *more: Any, **named: Any) -> None:
        # pywsgi writes head and body apart: without this the body of every answer waits 40 ms for
        # the asker to acknowledge the head, and a board for the one before it
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # a body that stops coming, an answer nobody takes
        sock.settimeout(STILL_SECONDS)
        super().__init__(sock, *more, **named)

    def read_requestline(self) -> str:
        """Read a request's first line; who says nothing for too long is let go."""
        with gevent.Timeout(IDLE_SECONDS, TimeoutError("idle")):
            line: str = super().read_requestline()
        return line

    def read_request(self, raw_requestline: str) -> Any:
        """Read the rest of a request's head, within some seconds however it trickles."""
        with gevent.Timeout(HEAD_SECONDS, ValueError("slow head")):
            try:
                return super().read_request(raw_requestline)
            except HTTPException as too_many:  # more than 100 headers, printed with a trace
                raise ValueError(str(too_many)) from too_many

    def get_environ(self) -> dict[str, Any]:
        """Return the request for the app; Flask-SocketIO copies it, so a mark in it is lost."""
        environ = {**super().get_environ(), "hall.handler": self}
        if "HTTP_UPGRADE" in environ:
            wanted = environ.get("HTTP_CONNECTION", "").lower().split(",")
            if "upgrade" not in [each.strip() for each in wanted]:
                del environ["HTTP_UPGRADE"]  # Engine.IO answers 500 to half an upgrade, so: 400
        return environ

    def log_request(self) -> None:
        """Write no line: requests are counted in /metrics, and pywsgi would word one for nobody."""

    def process_result(self) -> None:
        """Write the answer; there is none once a connection was upgraded."""
        if self.upgraded:
            self.close_connection = True
        else:
            super().process_result()


def mend(engine: Any) -> None:
    """Let an Engine.IO server use the hall's WebSocket."""
    engine._async = {**engine._async, "websocket": Upgrade}
