"""Sockets as no page holds them: wrong types, unknown events, binary, deep, half, too large."""

import base64
import json
import os
import socket
from random import Random
from typing import TYPE_CHECKING

from servers import Served

from faults import wrongs

if TYPE_CHECKING:
    from faults.malformed import Findings

ROLES = (("display", None), ("window", 1), ("evaluator", 1), ("kiosk", None), ("program", None))
DEEP = '42["watch",' + "[" * 20_000
HUGE = 70_000
TEXT, BINARY, PING, CLOSE, PART, UNKNOWN = 0x81, 0x82, 0x89, 0x88, 0x01, 0x83
PACKETS: tuple[str, ...] = (
    *("", "0", "1", "2", "3", "4", "5", "6", "7", "9", "x", "2probe", "3probe", "4x", "49", "4-1"),
    *("40", "40{}", "40[]", "40null", '40{"key":1}', '40{"key":{"a":[]}}', "40/other,", "40x"),
    *('40{"key":"x","role":[],"window":"1","zone":{}}', '40"key"', "40{", "40/,{}"),
    *("42", "42[]", '42["watch"]', '42["watch",null]', '42["watch",1,2,3]', '42["watch","zone"]'),
    *('42["watch",{"zone":1}]', '42["watch",{"zone":null,"window":"1"}]', "42{}", "42null", "421"),
    *('42["watch",{"zone":[],"window":{}}]', '42["watch",{"window":1e999}]', '42["x"]', "42[1]"),
    *("42[null,{}]", '42[{"a":1}]', '42["connect",{}]', '42["disconnect"]', '42["watch",{"zo'),
    *('420["watch",{"zone":"1F"}]', '4299999999999["watch",{}]', '42-1["watch"]', "43[]", "431[1]"),
    *("41", "41/other", "44", '44{"message":1}', '45-["watch",{"_placeholder":true,"num":0}]'),
    *('451-["watch",{"_placeholder":true,"num":0}]', '451-["watch",{"_placeholder":true,"num":9}]'),
    *(
        '4599999-["watch",{}]',
        "461-[]",
        '42["watch",{"zone":"\x00"}]',
        '42["watch",{"zone":"\\ud800"}]',
    ),
    *(DEEP, '42["watch",' + '{"zone":' * 4_000, '42["watch",{"zone":"' + "x" * HUGE + '"}]'),
    *(
        "4" + "2" * 5_000,
        "42" + "9" * 300 + '["watch"]',
        '42["watch",{"window":' + "9" * 5_000 + "}]",
    ),
    *("2" * 60_000, "b" + "A" * 100, "b!!!!", "\x1e".join(["2"] * 40)),
)


class Frames:
    """Opens lines and says wrong things on them; what the hall does is hang up, or go on."""

    def __init__(self, hall: Served, found: "Findings", seed: int = 0) -> None:
        self.hall = hall
        self.found = found
        self.chance = Random(seed)
        self.keys = [hall.key(role, window) for role, window in ROLES]

    def send(self, count: int) -> int:
        """Send so many wrong packets, frames and lines; return how many went out."""
        sent = 0
        while sent < count:
            kind = self.chance.random()
            if kind < 0.1:
                self._bytes(self.chance.choice(wrongs.LINES))
                sent += 1
            elif kind < 0.15:
                self._bytes(self._upgrade(self.chance.choice(HANDSHAKES)))
                sent += 1
            else:
                sent += self._talk(self.chance.randint(1, 12))
        return sent

    def _bytes(self, sent: bytes) -> None:
        """Say something that need not be HTTP; an answer is below 500, or the line is cut."""
        with socket.create_connection(("127.0.0.1", self.hall.port), 30) as line:
            try:
                line.sendall(sent)
                line.shutdown(socket.SHUT_WR)
                answer = line.recv(65_536)
            except OSError:
                answer = b""
        status = answer[9:12]
        self.found.note(int(status) if status.isdigit() else 0, "raw bytes", repr(sent[:200]))

    def _upgrade(self, more: str) -> bytes:
        key = base64.b64encode(os.urandom(16)).decode()
        usual = {
            "path": "/socket.io/?EIO=4&transport=websocket",
            "key": f"Sec-WebSocket-Key: {key}\r\n",
            "version": "Sec-WebSocket-Version: 13\r\n",
            "upgrade": "Upgrade: websocket\r\nConnection: Upgrade\r\n",
        }
        name, _, value = more.partition("=")
        told = usual | ({name: value} if name else {})
        head = f"GET {told['path']} HTTP/1.1\r\nHost: 127.0.0.1:{self.hall.port}\r\n"
        return (head + told["upgrade"] + told["key"] + told["version"] + "\r\n").encode("latin-1")

    def _talk(self, most: int) -> int:
        """Hold one line, signed in or not, and say several wrong things on it."""
        chance, sent = self.chance, 0
        with socket.create_connection(("127.0.0.1", self.hall.port), 30) as line:
            try:
                line.sendall(self._upgrade(""))
                if b" 101 " not in line.recv(65_536):
                    self.found.cut("the upgrade of a socket", "a right handshake")
                    return 1
                if chance.random() < 0.7:
                    key = json.dumps({"key": chance.choice(self.keys)})
                    line.sendall(frame(("40" + key).encode(), TEXT))
                for _ in range(most):
                    line.sendall(self._wrong())
                    sent += 1
                    self.found.answers["frames"] += 1
            except OSError:
                return max(sent, 1)  # hung up on, as is right
        return sent

    def _wrong(self) -> bytes:
        chance, packet = self.chance, self.chance.choice(PACKETS).encode("utf-8", "surrogatepass")
        kind = chance.random()
        if kind < 0.6:
            return frame(packet, TEXT)
        if kind < 0.7:
            return frame(os.urandom(chance.choice((0, 1, 5, 200, 66_000))), BINARY)
        if kind < 0.75:
            return frame(os.urandom(20), TEXT)  # no UTF-8
        if kind < 0.8:
            return frame(packet, chance.choice((PART, PING, CLOSE, UNKNOWN, 0x80, 0xF1)))
        if kind < 0.85:
            return frame(packet, TEXT)[: chance.randint(1, 8)]  # half a frame
        if kind < 0.9:
            return bytes((TEXT, 0xFF)) + b"\xff" * 8  # 16 exabytes are said to come
        if kind < 0.95:
            return packet[:100]  # no frame at all
        return bytes((TEXT, len(packet[:100]))) + packet[:100]  # unmasked


HANDSHAKES = (
    *("path=/socket.io/?EIO=3&transport=websocket", "path=/socket.io/?EIO=4&transport=polling"),
    *(
        "path=/socket.io/",
        "path=/socket.io/?EIO=4&transport=x",
        "path=/socket.io/?EIO=x&sid=nobody",
    ),
    *("path=/socket.io/?EIO=4&transport=websocket&sid=nobody", "path=/socket.io/x/y?EIO=4"),
    *("path=/socket.io/?EIO=4&EIO=4&transport=websocket&transport=polling&sid=%00", "key="),
    *("key=Sec-WebSocket-Key: x\r\n", "version=", "version=Sec-WebSocket-Version: 99\r\n"),
    *(
        "upgrade=",
        "upgrade=Upgrade: x\r\nConnection: Upgrade\r\n",
        "upgrade=Upgrade: websocket\r\n",
    ),
    *("path=/socket.io/?transport=websocket", "path=/socket.io/?EIO=4&transport=websocket&j=x"),
    "path=/socket.io/?EIO=4&transport=polling&sid=%ff%fe",
)


def frame(content: bytes, kind: int) -> bytes:
    """Return a masked frame, as clients send them (RFC 6455, 5.2)."""
    size, mask = len(content), os.urandom(4)
    if size < 126:
        head = bytes((kind, 0x80 | size))
    elif size < 65_536:
        head = bytes((kind, 0xFE)) + size.to_bytes(2)
    else:
        head = bytes((kind, 0xFF)) + size.to_bytes(8)
    key = (mask * (size // 4 + 1))[:size]
    masked = int.from_bytes(content) ^ int.from_bytes(key)
    return head + mask + masked.to_bytes(size)
