"""One request to the province: no redirects, no proxies, and an end after ten seconds."""

import contextlib
import socket
import threading
import time
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from province.adapter import Message, Reply

SECONDS = 10.0
# An answer is one id; whoever sends more has something else behind that address.
LONGEST_ANSWER = 64 * 1024


def exchange(message: Message) -> Reply:
    """Post a message and return what came back; never raises for what the province does."""
    parts = urlsplit(message.url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    line = kind(parts.hostname or "", parts.port, timeout=SECONDS)
    # The time-out above is for each byte; who sends one every nine seconds is cut here.
    cut = threading.Timer(SECONDS, _hang_up, [line])
    cut.daemon = True
    began = time.monotonic()
    cut.start()
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        line.request("POST", path, message.body, dict(message.headers))
        answer = line.getresponse()
        return Reply(answer.status, answer.read(LONGEST_ANSWER))
    except (OSError, HTTPException) as trouble:
        if isinstance(trouble, TimeoutError) or time.monotonic() - began >= SECONDS:
            return Reply(error=f"{SECONDS:.0f} 秒内没有答完")
        return Reply(error=f"没有连通或中途断开（{type(trouble).__name__}）")
    finally:
        cut.cancel()
        line.close()


def _hang_up(line: HTTPConnection) -> None:
    if line.sock is not None:
        with contextlib.suppress(OSError):
            line.sock.shutdown(socket.SHUT_RDWR)
