"""One request to a webhook's receiver: no redirects, no proxies, and an end after ten seconds."""

import contextlib
import socket
import threading
import time
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from outbox.webhooks import Outcome, outcome_of

SECONDS = 10.0


def post(url: str, headers: dict[str, str], body: str) -> Outcome:
    """Post a message and return how that ended; never raises for what a receiver does."""
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    line = kind(parts.hostname or "", parts.port, timeout=SECONDS)
    # The time-out above is for each byte; who sends one every nine seconds is cut here.
    cut = threading.Timer(SECONDS, _hang_up, [line])
    cut.daemon = True
    began = time.monotonic()
    cut.start()
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        line.request("POST", path, body.encode(), headers)
        answer = line.getresponse()
        return outcome_of(answer.status, answer.headers.get("Retry-After", ""))
    except (OSError, HTTPException) as trouble:
        if isinstance(trouble, TimeoutError) or time.monotonic() - began >= SECONDS:
            return Outcome(f"{SECONDS:.0f} 秒内没有答完", silent=True)
        return Outcome(f"没有连通或中途断开（{type(trouble).__name__}）", silent=True)
    finally:
        cut.cancel()
        line.close()


def _hang_up(line: HTTPConnection) -> None:
    if line.sock is not None:
        with contextlib.suppress(OSError):
            line.sock.shutdown(socket.SHUT_RDWR)
