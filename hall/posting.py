"""One request to another system: no redirects, no proxies, and an end after ten seconds."""

import contextlib
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; ``trouble`` says, in words, why nothing did."""

    status: int = 0
    retry_after: str = ""
    body: bytes = b""
    trouble: str = ""


def post(url: str, headers: Mapping[str, str], body: bytes, longest: int = 0) -> Answer:
    """Post something and return the answer, up to ``longest`` bytes of it; never raises for it."""
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
        line.request("POST", path, body, dict(headers))
        answer = line.getresponse()
        read = answer.read(longest) if longest else b""
        return Answer(answer.status, answer.headers.get("Retry-After", ""), read)
    except (OSError, HTTPException) as trouble:
        if isinstance(trouble, TimeoutError) or time.monotonic() - began >= SECONDS:
            return Answer(trouble=f"{SECONDS:.0f} 秒内没有答完")
        return Answer(trouble=f"没有连通或中途断开（{type(trouble).__name__}）")
    finally:
        cut.cancel()
        line.close()


def _hang_up(line: HTTPConnection) -> None:
    if line.sock is not None:
        with contextlib.suppress(OSError):
            line.sock.shutdown(socket.SHUT_RDWR)
