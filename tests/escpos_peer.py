"""A receipt printer on a real socket: turns what it is sent back into pictures, breaks on cue.

It understands what Epson's reference says of the few commands a slip is made of, answers the
status questions, and – as real printers do – answers DLE EOT at once but GS r in its turn, prints
at its own speed, and stops in the middle when its paper ends. An unknown byte is noted in
``garbage``: on paper it would be rubbish.
"""

import contextlib
import os
import queue
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from PIL import Image, ImageChops


@dataclass
class Slip:
    """What came out in front of one cut."""

    bands: list[Image.Image] = field(default_factory=list)
    fed_lines: int = 0
    connection: int = 0

    @property
    def picture(self) -> Image.Image:
        """Return the bands, one below the other."""
        whole = Image.new("1", (self.bands[0].width, sum(band.height for band in self.bands)))
        top = 0
        for band in self.bands:
            whole.paste(band, (0, top))
            top += band.height
        return whole


class EscposPeer:
    """The printer; its public attributes are its faults, set from the test's thread."""

    def __init__(self) -> None:
        self.near_end = False
        self.out_of_paper = False
        self.cover_open = False
        self.cutter_stuck = False
        self.says_nothing = False
        self.knows_gs_r = True
        self.chatters = False  # sends automatic status by itself, like a printer set up so
        self.paper_ends_after_rows: int | None = None
        self.dies_after_bytes: int | None = None
        self.reads_no_more_after_bytes: int | None = None
        self.seconds_a_slip = 0.0

        self.slips: list[Slip] = []
        self.torn: list[Slip] = []  # what came out without its end
        self.garbage = bytearray()
        self.questions: list[str] = []
        self.connections = 0
        self.at_once = 0
        self.most_at_once = 0
        self.received = 0

        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._closing = False
        self._start(self._accept)

    @property
    def address(self) -> str:
        """Return the address as it stands at a device."""
        return f"tcp://127.0.0.1:{self.port}"

    def switch_off(self) -> None:
        """Stop listening and drop every connection, as a pulled plug does (but at once)."""
        self._closing = True
        # A close alone would leave accept() waiting; a last knock wakes it everywhere.
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
            pass
        self._threads[0].join(5)
        self._listener.close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        assert not any(thread.is_alive() for thread in self._threads)
        self._threads.clear()

    def switch_on(self) -> None:
        """Listen at the same port again."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._closing = False
        self._start(self._accept)

    def __enter__(self) -> "EscposPeer":
        return self

    def __exit__(self, *_: object) -> None:
        if not self._closing:
            self.switch_off()

    # What follows runs in the peer's threads.

    def _start(self, work: Callable[..., None], *arguments: object) -> threading.Thread:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self._closing:
                connection.close()
                return
            self.connections += 1
            self._open.add(connection)
            self._start(self._serve, connection, self.connections)

    def _serve(self, connection: socket.socket, number: int) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        memory = _Memory()
        printing = self._start(self._print, connection, memory, number)
        try:
            self._receive(connection, memory)
        except OSError:
            pass
        finally:
            memory.hung_up = True
            memory.pieces.put(b"")
            printing.join()
            self.at_once -= 1
            self._open.discard(connection)
            connection.close()

    def _receive(self, connection: socket.socket, memory: "_Memory") -> None:
        """Take bytes into memory; answer DLE EOT wherever it stands, even inside a picture."""
        if self.chatters:
            connection.sendall(bytes((0x38, 0x00, 0x0F, 0x00)))
        seen = b""
        while piece := connection.recv(4096):
            self.received += len(piece)
            memory.pieces.put(piece)
            scanned = seen + piece
            for found in re.finditer(rb"\x10\x04([\x01-\x04])", scanned, re.DOTALL):
                self.questions.append(f"DLE EOT {found[1][0]}")
                if not self.says_nothing:
                    connection.sendall(bytes((self.status(found[1][0]),)))
            seen = scanned[-2:]
            if self.dies_after_bytes is not None and self.received >= self.dies_after_bytes:
                # Linger of zero: the line is reset, not closed politely.
                linger = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                return
            self._pause_when_full()

    def _pause_when_full(self) -> None:
        limit = self.reads_no_more_after_bytes
        while limit is not None and self.received >= limit and not self._closing:
            time.sleep(0.01)

    def status(self, kind: int) -> int:
        """Return the answer to DLE EOT, by the tables of the reference."""
        stuck = self.out_of_paper or self.cover_open or self.cutter_stuck
        bits = {
            1: 0x08 * stuck,
            2: 0x04 * self.cover_open | 0x20 * self.out_of_paper | 0x40 * self.cutter_stuck,
            3: 0x08 * self.cutter_stuck,
            4: 0x0C * (self.near_end or self.out_of_paper) | 0x60 * self.out_of_paper,
        }
        return 0x12 | bits[kind]

    def _print(self, connection: socket.socket, memory: "_Memory", number: int) -> None:
        slip = Slip(connection=number)
        with contextlib.suppress(EOFError, OSError):
            while True:
                match memory.take(1):
                    case b"\x10":
                        # Answered when it came in.
                        if memory.take(2)[:1] != b"\x04":
                            self.garbage += b"\x10"
                    case b"\x1b":
                        self._escape(memory, slip)
                    case b"\x1d":
                        slip = self._group(connection, memory, slip)
                    case other:
                        self.garbage += other
        if slip.bands:
            self.torn.append(slip)

    def _escape(self, memory: "_Memory", slip: Slip) -> None:
        match memory.take(1):
            case b"@":
                slip.bands.clear()
            case b"d":
                slip.fed_lines += memory.take(1)[0]
            case other:
                self.garbage += b"\x1b" + other

    def _group(self, connection: socket.socket, memory: "_Memory", slip: Slip) -> Slip:
        match memory.take(1):
            case b"v":
                self._raster(memory, slip)
            case b"V":
                return self._cut(memory, slip)
            case b"r":
                self.questions.append(f"GS r {memory.take(1)[0]}")
                self._wait_for_paper(memory)
                if self.knows_gs_r and not self.says_nothing:
                    connection.sendall(bytes((0x03 * self.near_end,)))
            case other:
                self.garbage += b"\x1d" + other
        return slip

    def _raster(self, memory: "_Memory", slip: Slip) -> None:
        zero, mode, width, height = struct.unpack("<BBHH", memory.take(6))
        assert (zero, mode) == (ord("0"), 0), "GS v 0 at normal size is all a slip needs"
        dots = memory.take(width * height)
        band = ImageChops.invert(Image.frombytes("1", (width * 8, height), dots))
        self._wait_for_paper(memory)
        if self.paper_ends_after_rows is not None and height > self.paper_ends_after_rows:
            slip.bands.append(band.crop((0, 0, band.width, self.paper_ends_after_rows)))
            self.out_of_paper = True
            self._wait_for_paper(memory)
        if self.paper_ends_after_rows is not None:
            self.paper_ends_after_rows -= height
        slip.bands.append(band)

    def _cut(self, memory: "_Memory", slip: Slip) -> Slip:
        assert memory.take(2) == b"B\x00", "feed to the cutter, then cut"
        time.sleep(self.seconds_a_slip)
        self.slips.append(slip)
        return Slip(connection=slip.connection)

    def _wait_for_paper(self, memory: "_Memory") -> None:
        while self.out_of_paper:
            if memory.hung_up or self._closing:
                raise EOFError
            time.sleep(0.01)


class _Memory:
    """The bytes of one connection, taken out in pieces; EOFError when no more will come."""

    def __init__(self) -> None:
        self.pieces: queue.Queue[bytes] = queue.Queue()
        self.hung_up = False
        self.held = bytearray()

    def take(self, count: int) -> bytes:
        """Return so many bytes."""
        while len(self.held) < count:
            piece = self.pieces.get()
            if not piece:
                raise EOFError
            self.held += piece
        taken = bytes(self.held[:count])
        del self.held[:count]
        return taken


@contextlib.contextmanager
def printer_peer() -> Iterator[EscposPeer]:
    """Switch a printer on for the length of a test."""
    with EscposPeer() as peer:
        yield peer
