"""Printers behind one small interface: the network driver, and the fake beside it.

``printer_from`` makes one from the address that stands at a device. What is asked of a printer
and what its answers mean: docs/printing.md.
"""

import os
import shutil
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from PIL import Image

from hall.refusals import NotValid
from kiosk.slip import DOTS_OF_PAPER


class Condition(StrEnum):
    """How a printer is, as far as it says."""

    OK = "ok"
    NEAR_END = "near_end"
    OUT_OF_PAPER = "out_of_paper"
    OFF = "off"
    TROUBLE = "trouble"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PrinterState:
    """A printer's condition, what a clerk should do about it, and since when it is so.

    ``trouble`` is a sentence, empty if all is well; ``since`` is an instant, 0 if nobody noted it.
    """

    condition: Condition
    trouble: str = ""
    since: int = 0

    @property
    def prints(self) -> bool:
        """Return whether slips come out."""
        return self.condition in {Condition.OK, Condition.NEAR_END}


class PrinterTrouble(Exception):
    """A slip did not come out, or nobody can say that it did."""

    def __init__(self, code: str, state: PrinterState) -> None:
        super().__init__(f"{code}: {state.trouble}")
        self.code = code
        self.state = state


class Printer(Protocol):
    """What the hall needs of a printer."""

    dots: int

    def print(self, picture: Image.Image) -> PrinterState:
        """Print and cut one slip; return how the printer is after it, or raise PrinterTrouble."""

    def state(self) -> PrinterState:
        """Ask the printer how it is; never raises."""


OK = PrinterState(Condition.OK)
NEAR_END = PrinterState(Condition.NEAR_END, "纸快用完了：请备好新纸卷。")
OUT_OF_PAPER = PrinterState(Condition.OUT_OF_PAPER, "缺纸：请装入新纸卷。")
COVER_OPEN = PrinterState(Condition.TROUBLE, "上盖没有关好：请压紧上盖。")
CUTTER = PrinterState(Condition.TROUBLE, "切刀卡住了：请关机，清出卡纸后再开机。")
OFFLINE = PrinterState(Condition.TROUBLE, "打印机脱机：请查看机身上的指示灯。")
STOPPED = PrinterState(Condition.UNKNOWN, "打印中途断了：请看看出纸口，必要时重开打印机。")
NO_ANSWER = PrinterState(
    Condition.UNKNOWN,
    "打印机不回答询问，小票是否打出无法确认。若此型号本来就不回答，请在地址后加 status=no。",
)


class NetworkPrinter:
    """An ESC/POS printer on the network, through python-escpos.

    Each slip has its own connection and library object: after one failure the library's object
    answers only with AssertionError. Bytes to a printer that is gone are accepted silently, so the
    printer is asked before and after on the same connection; no answer is "unknown", not "fine"
    (the library's paper_status() would say "enough paper").
    """

    # One connection attempt or one answer; the library's own default is 60 s.
    PATIENCE = 3.0
    # A printer that said nothing last time is not waited for long: two of these a slip.
    BRIEF = 0.3
    # The longest slip on the slowest printer: 180 mm at 50 mm/s, and the cut.
    LONGEST_SLIP = 6.0
    # Rows sent at once: each piece has its own time-out, so a slow printer is not a dead one.
    BAND = 512

    def __init__(self, host: str, port: int = 9100, *, paper: int = 80, answers: bool = True):
        self.host = host
        self.port = port
        self.paper = paper
        self.dots = DOTS_OF_PAPER[paper]
        self.answers = answers
        self._was_silent = False
        self._says_done: bool | None = None

    def print(self, picture: Image.Image) -> PrinterState:
        """Print and cut one slip; return how the printer is after it, or raise PrinterTrouble."""
        with self._connection() as line:
            before = self._look(line)
            if not (before.prints or before.condition is Condition.UNKNOWN):
                raise PrinterTrouble(_code(before), before)
            self._send(line, picture)
            return self._confirm(line) if self.answers else OK

    def state(self) -> PrinterState:
        """Ask the printer how it is; never raises."""
        try:
            with self._connection() as line:
                return self._look(line)
        except PrinterTrouble as trouble:
            return trouble.state

    @contextmanager
    def _connection(self) -> Iterator["_Line"]:
        network = _network_class()(self.host, self.port, self.PATIENCE, profile="TM-T20II")
        try:
            # The library's own open() leaves its socket unclosed when nobody is there.
            device = socket.create_connection((self.host, self.port), self.PATIENCE)
        except OSError as error:
            raise PrinterTrouble("off", _off(f"{self.host}:{self.port}")) from error
        network.device = device
        try:
            # Questions are three bytes: gathered into fuller packets they cost 40 ms each.
            device.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            line = _Line(network)
            yield line
            line.hang_up(self.BRIEF)
        except OSError as error:
            raise PrinterTrouble("stopped", STOPPED) from error
        finally:
            network.close()

    def _look(self, line: "_Line") -> PrinterState:
        """Ask for online, paper and, if it is offline, the reason (DLE EOT 1, 4, 2, 3)."""
        if not self.answers:
            return OK
        status = line.status(1, self.BRIEF if self._was_silent else self.PATIENCE)
        self._was_silent = status is None
        if status is None:
            return NO_ANSWER
        paper = line.status(4, self.BRIEF) or 0
        if paper & 0x60:
            return OUT_OF_PAPER
        if status & 0x08:
            if (line.status(2, self.BRIEF) or 0) & 0x04:
                return COVER_OPEN
            return CUTTER if (line.status(3, self.BRIEF) or 0) & 0x08 else OFFLINE
        return NEAR_END if paper & 0x0C else OK

    def _send(self, line: "_Line", picture: Image.Image) -> None:
        network = line.network
        network.hw("INIT")
        picture = _without_commands(picture)
        for top in range(0, picture.height, self.BAND):
            bottom = min(top + self.BAND, picture.height)
            network.device.settimeout(self.PATIENCE)
            network.image(picture.crop((0, top, picture.width, bottom)))
        if self.paper == 58:
            # Small printers often have no cutter: feed what hides behind the tear bar.
            network.print_and_feed(3)
        network.cut(feed=False)

    def _confirm(self, line: "_Line") -> PrinterState:
        """Wait until the printer has got through the slip; raise PrinterTrouble if it has not.

        DLE EOT is answered at once, even while the slip waits in the printer's memory; GS r is
        answered in its turn, after the slip. Not every printer knows GS r: one that says it is
        fine but never answered GS r is believed.
        """
        ask = not self._was_silent and self._says_done is not False
        done = ask and line.done(self.LONGEST_SLIP)
        after = self._look(line)
        if not after.prints:
            raise PrinterTrouble(_code(after), after)
        if not done and self._says_done:
            raise PrinterTrouble("no_answer", STOPPED)
        if ask:
            self._says_done = done
        return after


class _Line:
    """One conversation with a printer."""

    def __init__(self, network: Any) -> None:
        self.network = network

    def status(self, kind: int, seconds: float) -> int | None:
        """Return the answer to DLE EOT ``kind``, None if none comes in time.

        An answer is 0xx1xx10; stray bytes (automatic status, a late answer) have another form.
        """
        return self._ask(bytes((0x10, 0x04, kind)), lambda byte: byte & 0x93 == 0x12, seconds)

    def done(self, seconds: float) -> bool:
        """Return whether GS r is answered (0xx0xxxx) in time: all sent before it is printed."""
        return self._ask(b"\x1dr\x01", lambda byte: byte & 0x90 == 0, seconds) is not None

    def hang_up(self, seconds: float) -> None:
        """Say that no more comes and let the printer close: many take one caller at a time."""
        device: socket.socket = self.network.device
        with suppress(OSError):
            device.shutdown(socket.SHUT_WR)
            device.settimeout(seconds)
            while device.recv(64):
                pass

    def _ask(self, question: bytes, fits: Callable[[int], bool], seconds: float) -> int | None:
        device: socket.socket = self.network.device
        device.settimeout(max(seconds, 0.1))
        device.sendall(question)
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            device.settimeout(left)
            try:
                answer = device.recv(64)
            except TimeoutError:
                return None
            if not answer:
                raise ConnectionResetError("the printer hung up")
            for byte in answer:
                if fits(byte):
                    return byte
        return None


# A dot is a 1 for a printer, a 0 for Pillow.
_INVERTED = bytes(255 - byte for byte in range(256))


def _without_commands(picture: Image.Image) -> Image.Image:
    """Return the picture without the bytes of a real-time command: one dot more where they stood.

    Printers act on DLE EOT, DLE ENQ and DLE DC4 (a pulse, a power-off) even inside picture data.
    """
    dots = picture.convert("1").tobytes().translate(_INVERTED)
    for second in (b"\x04", b"\x05", b"\x14"):
        dots = dots.replace(b"\x10" + second, b"\x18" + second)
    return Image.frombytes("1", picture.size, dots.translate(_INVERTED))


def _network_class() -> Any:
    """Return the library's network printer; half a second the first time, so never at start."""
    from escpos import capabilities
    from escpos.printer import Network

    if "ESCPOS_CAPABILITIES_PICKLE_DIR" not in os.environ:
        # Each import leaves a temporary folder that no later one reads.
        shutil.rmtree(capabilities.pickle_dir, ignore_errors=True)
    return Network


def _code(state: PrinterState) -> str:
    return {Condition.UNKNOWN: "no_answer"}.get(state.condition, state.condition.value)


def _off(where: str) -> PrinterState:
    return PrinterState(Condition.OFF, f"连不上打印机（{where}）：请检查电源和网线。")


class FakePrinter:
    """A printer without a cable; tests and the demo turn its faults on and off."""

    def __init__(self, paper: int = 80) -> None:
        self.dots = DOTS_OF_PAPER[paper]
        self.slips: deque[Image.Image] = deque(maxlen=20)
        self.near_end = False
        self.out_of_paper = False
        self.cover_open = False
        self.off = False
        self.silent = False
        self.dies_in_mid_slip = False
        self.slow_seconds = 0.0

    def print(self, picture: Image.Image) -> PrinterState:
        """Keep the slip, unless a fault is on."""
        time.sleep(self.slow_seconds)
        before = self.state()
        if not (before.prints or self.silent):
            raise PrinterTrouble(_code(before), before)
        if self.dies_in_mid_slip:
            self.off = True
            raise PrinterTrouble("stopped", STOPPED)
        self.slips.append(picture)
        if self.silent:
            raise PrinterTrouble("no_answer", NO_ANSWER)
        return before

    def state(self) -> PrinterState:
        """Return the worst fault that is on."""
        faults = {
            _off("演示"): self.off,
            NO_ANSWER: self.silent,
            OUT_OF_PAPER: self.out_of_paper,
            COVER_OPEN: self.cover_open,
            NEAR_END: self.near_end,
        }
        return next((state for state, is_on in faults.items() if is_on), OK)


def printer_from(address: str) -> Printer | None:
    """Return the printer of an address, None for an empty one; NotValid for any other text.

    ``tcp://192.168.1.50:9100?paper=80`` is a network printer (``paper`` 80 or 58 mm,
    ``status=no`` if it never answers), ``fake:`` keeps slips in memory.
    """
    if not address.strip():
        return None
    try:
        parts = urlsplit(address.strip())
        options = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        paper = int(options.pop("paper", "80"))
        answers = options.pop("status", "yes") != "no"
        known = not options and paper in DOTS_OF_PAPER
        if known and parts.scheme == "fake":
            return FakePrinter(paper)
        if known and parts.scheme == "tcp" and parts.hostname:
            return NetworkPrinter(parts.hostname, parts.port or 9100, paper=paper, answers=answers)
    except ValueError:
        pass
    raise NotValid(
        "bad_printer",
        f"打印机地址“{address}”看不懂：请写成 tcp://192.168.1.50:9100?paper=80（纸宽 80 或 58）。",
    )
