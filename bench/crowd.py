"""Many people at once over HTTP, each a generator: it yields a request and is sent the answer."""

import json
import selectors
import time
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import Any

from bench.tapping import Client


@dataclass(frozen=True, slots=True)
class Ask:
    """A POST with a key; ``what`` names it in the measurements."""

    what: str
    path: str
    key: str
    body: dict[str, Any]

    def encoded(self, port: int) -> bytes:
        """Return the request as it goes over the line."""
        content = json.dumps(self.body).encode()
        head = (
            f"POST {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            f"Content-Type: application/json\r\nAuthorization: Bearer {self.key}\r\n"
            f"Content-Length: {len(content)}\r\n\r\n"
        )
        return head.encode() + content


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and the JSON that came with it."""

    status: int
    told: Any


Person = Generator[Ask, Answer, None]


class _Line(Client):
    """One kept-alive connection of one person."""

    def __init__(self, port: int, person: Person) -> None:
        super().__init__(port, iter(()))
        self.port = port
        self.person = person
        self.asked = next(person)
        self.body = b""

    def ask(self) -> None:
        """Send what the person asks."""
        self.asked_at = time.perf_counter()
        self.socket.sendall(self.asked.encoded(self.port))

    def hear(self) -> int | None:
        """Return the status of a complete answer, and keep its body."""
        self.rest += self.socket.recv(262_144)
        head, found, body = self.rest.partition(b"\r\n\r\n")
        if not found:
            return None
        size = int(head.lower().partition(b"content-length:")[2].split(b"\r", 1)[0])
        if len(body) < size:
            return None
        self.body, self.rest = body[:size], body[size:]
        return int(head[9:12])


def run(port: int, people: Iterable[Person]) -> dict[str, list[float]]:
    """Let all people do what they do until each is done; return seconds by what was asked."""
    took: dict[str, list[float]] = {}
    chosen = selectors.DefaultSelector()
    busy = 0
    for person in people:
        line = _Line(port, person)
        chosen.register(line.socket, selectors.EVENT_READ, line)
        line.ask()
        busy += 1
    while busy:
        for ready, _ in chosen.select(60):
            line = ready.data
            status = line.hear()
            if status is None:
                continue
            took.setdefault(line.asked.what, []).append(time.perf_counter() - line.asked_at)
            try:
                line.asked = line.person.send(Answer(status, json.loads(line.body or b"null")))
            except StopIteration:
                chosen.unregister(line.socket)
                line.socket.close()
                busy -= 1
            else:
                line.ask()
    return took


def at(took: list[float], share: float) -> float:
    """Return below how many milliseconds a share of the answers came."""
    return 1000 * sorted(took)[min(len(took) - 1, int(len(took) * share))]
