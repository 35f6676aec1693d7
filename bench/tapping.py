"""A crowd with kept-alive connections, in a process of its own so that it costs the server nothing.

``python -m bench.tapping PORT CLIENTS SECONDS PATH`` reads bodies (one a line; ``TAP`` becomes
unique) from its input and prints one line of JSON: answers, refusals, seconds, milliseconds.
"""

import json
import os
import selectors
import socket
import sys
import time
from collections.abc import Iterator
from itertools import cycle
from typing import Any


class Client:
    """One connection that asks again as soon as it is answered."""

    def __init__(self, port: int, requests: Iterator[bytes]) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.requests = requests
        self.rest = b""
        self.asked_at = 0.0

    def ask(self) -> None:
        """Send the next request."""
        self.asked_at = time.perf_counter()
        self.socket.sendall(next(self.requests))

    def hear(self) -> int | None:
        """Return the status of a complete answer, None while it is not."""
        self.rest += self.socket.recv(65536)
        head, found, body = self.rest.partition(b"\r\n\r\n")
        if not found:
            return None
        size = int(head.lower().partition(b"content-length:")[2].split(b"\r", 1)[0])
        if len(body) < size:
            return None
        self.rest = body[size:]
        return int(head[9:12])


def requests(port: int, path: str, key: str, bodies: list[str]) -> Iterator[bytes]:
    """Yield requests for ever, each with a tap of its own."""
    mine = f"{os.getpid()}-{time.time_ns()}"
    for count, body in enumerate(cycle(bodies)):
        content = body.replace("TAP", f"{mine}-{count}").encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {key}\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        yield head.encode() + content


def run(port: int, clients: int, seconds: float, path: str, key: str, bodies: list[str]) -> Any:
    """Let so many clients ask for so many seconds."""
    asking = requests(port, path, key, bodies)
    chosen = selectors.DefaultSelector()
    for _ in range(clients):
        client = Client(port, asking)
        chosen.register(client.socket, selectors.EVENT_READ, client)
        client.ask()
    began = time.perf_counter()
    answered, refused, took = 0, 0, []
    while (now := time.perf_counter()) - began < seconds:
        for ready, _ in chosen.select(1):
            client = ready.data
            status = client.hear()
            if status is None:
                continue
            took.append(time.perf_counter() - client.asked_at)
            answered, refused = answered + 1, refused + (status >= 300)
            client.ask()
    took.sort()
    return {
        "answers": answered,
        "refused": refused,
        "seconds": now - began,
        "p50_ms": 1000 * took[len(took) // 2],
        "p99_ms": 1000 * took[len(took) * 99 // 100],
    }


if __name__ == "__main__":
    _, port, clients, seconds, path, key = sys.argv
    bodies = sys.stdin.read().splitlines()
    print(json.dumps(run(int(port), int(clients), float(seconds), path, key, bodies)))
