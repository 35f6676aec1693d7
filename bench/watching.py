"""A wall of displays in one process: plain sockets, so that hearing costs next to nothing.

``python -m bench.watching PORT SCREENS`` reads lines of JSON from its input and answers each with
one: ``{"auth": …, "watch": …}`` connects them all; ``{"post": …, "body": …, "key": …, "mark": …}``
asks once, waits until all heard a message with the mark (``{call}`` is the answer's call), and
tells after how many milliseconds the first and the last did.
"""

import base64
import http.client
import json
import os
import selectors
import socket
import sys
import time
from typing import Any

PATIENCE = 10.0


class Screen:
    """One display."""

    def __init__(self, port: int, auth: Any, watch: Any) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.rest = b""
        self.heard_at = 0.0
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            (
                f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
                f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
                "Sec-WebSocket-Version: 13\r\n\r\n"
            ).encode()
        )
        while b"\r\n\r\n" not in self.rest:
            self.rest += self.socket.recv(4096)
        self.rest = self.rest.partition(b"\r\n\r\n")[2]
        self._until(b"0{")
        self.say("40" + json.dumps(auth))
        self._until(b"40")
        self.say("42" + json.dumps(["watch", watch]))

    def _until(self, beginning: bytes) -> None:
        while not any(each.startswith(beginning) for each in self.messages()):
            self.rest += self.socket.recv(65536)

    def say(self, text: str) -> None:
        """Send one masked frame, as clients must."""
        content, mask = text.encode(), os.urandom(4)
        head = bytes((0x81, 0x80 | len(content))) if len(content) < 126 else bytes((0x81, 0xFE))
        if len(content) >= 126:
            head += len(content).to_bytes(2)
        masked = bytes(each ^ mask[place % 4] for place, each in enumerate(content))
        self.socket.sendall(head + mask + masked)

    def messages(self) -> list[bytes]:
        """Return the complete messages that have come."""
        found = []
        while len(self.rest) >= 2:
            size, start = self.rest[1] & 0x7F, 2
            if size == 126:
                size, start = int.from_bytes(self.rest[2:4]), 4
            elif size == 127:
                size, start = int.from_bytes(self.rest[2:10]), 10
            if len(self.rest) < start + size or len(self.rest) < start:
                break
            message = self.rest[start : start + size]
            self.rest = self.rest[start + size :]
            if message == b"2":
                self.say("3")
            found.append(message)
        return found


class Wall:
    """All displays, and one who asks."""

    def __init__(self, port: int, screens: int) -> None:
        self.port = port
        self.how_many = screens
        self.screens: list[Screen] = []
        self.chosen = selectors.DefaultSelector()
        self.asker = http.client.HTTPConnection("127.0.0.1", port)

    def connect(self, auth: Any, watch: Any) -> dict[str, Any]:
        """Bring all displays up."""
        for _ in range(self.how_many):
            screen = Screen(self.port, auth, watch)
            screen.socket.setblocking(False)
            self.chosen.register(screen.socket, selectors.EVENT_READ, screen)
            self.screens.append(screen)
            self.listen(0.001)  # those that are up answer the server's pings
        self.listen(1.0)
        return {"connected": len(self.screens)}

    def listen(self, seconds: float, mark: bytes = b"") -> list[float]:
        """Hear what comes; with a mark, until each display has heard a message that has it."""
        deadline, missing = time.perf_counter() + seconds, len(self.screens)
        for screen in self.screens:
            screen.heard_at = 0.0
        while missing and (left := deadline - time.perf_counter()) > 0:
            for ready, _ in self.chosen.select(left):
                ringing: Screen = ready.data
                now = time.perf_counter()
                heard = any(mark in each for each in self.hear(ringing)) and bool(mark)
                if heard and not ringing.heard_at:
                    ringing.heard_at, missing = now, missing - 1
        return sorted(screen.heard_at for screen in self.screens)

    @staticmethod
    def hear(screen: Screen) -> list[bytes]:
        """Return what has come to a display; a cut line ends the measurement."""
        come = screen.socket.recv(1 << 20)
        assert come, "the server cut a display off"
        screen.rest += come
        return screen.messages()

    def post(self, path: str, body: Any, key: str, mark: str = "") -> dict[str, Any]:
        """Ask once, and with a mark tell when the displays heard of it."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
        content = json.dumps(body, ensure_ascii=False).encode()
        began = time.perf_counter()
        self.asker.request("POST", path, content, headers)
        answer = self.asker.getresponse()
        said = json.loads(answer.read())
        answered = time.perf_counter()
        if not mark:
            return {"status": answer.status, "said": said}
        heard = self.listen(PATIENCE, mark.replace("CALL", str(said.get("call"))).encode())
        return {
            "status": answer.status,
            "said": said,
            "answer_ms": 1000 * (answered - began),
            "missed": sum(1 for each in heard if not each),
            "first_ms": 1000 * (heard[0] - began),
            "last_ms": 1000 * (heard[-1] - began),
        }

    def do(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Do what one line says."""
        if "auth" in asked:
            return self.connect(asked["auth"], asked["watch"])
        if "listen" in asked:
            self.listen(asked["listen"])
            return {}
        return self.post(asked["post"], asked["body"], asked["key"], asked.get("mark", ""))

    def serve(self) -> None:
        """Do line after line; in between the displays go on answering the server's pings."""
        lines = sys.stdin.fileno()
        self.chosen.register(lines, selectors.EVENT_READ, None)
        while True:
            for ready, _ in self.chosen.select():
                if ready.data is not None:
                    self.hear(ready.data)
                    continue
                # whoever asks waits for the answer: a read is one line
                line = os.read(lines, 1 << 20)
                if not line:
                    return
                self.chosen.unregister(lines)
                print(json.dumps(self.do(json.loads(line))), flush=True)
                self.chosen.register(lines, selectors.EVENT_READ, None)
                break  # what else was ready has been heard meanwhile


if __name__ == "__main__":
    Wall(int(sys.argv[1]), int(sys.argv[2])).serve()
