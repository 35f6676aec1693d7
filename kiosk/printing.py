"""One line of slips for each printer: never interleaved, never in a citizen's way.

A slip is drawn and printed where ``run`` says: in gevent's thread pool in the server, in a
ThreadPoolExecutor in tests. Nothing here waits for a printer but ``Job.wait``, and that only as
long as it is told to. A slip that failed is not tried again by itself: a slip that comes out when
its citizen has gone lands in other hands.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from threading import Event, Lock
from typing import Any, Literal

from PIL import Image

from hall import days
from hall.refusals import NotValid
from kiosk.drivers import (
    Condition,
    FakePrinter,
    NetworkPrinter,
    Printer,
    PrinterState,
    PrinterTrouble,
    printer_from,
)

__all__ = [
    "Condition",
    "FakePrinter",
    "Job",
    "NetworkPrinter",
    "Printer",
    "PrinterState",
    "PrinterTrouble",
    "Printers",
    "printer_from",
]

log = logging.getLogger(__name__)

Outcome = Literal["printed", "printing", "failed"]
Drawing = Image.Image | Callable[[int], Image.Image]
Run = Callable[..., Any]

# A dead printer is asked again this often; until then its slips fail at once instead of each
# waiting 3 s for a connection. A well one is asked too, so that the manager sees the paper end
# before a citizen does.
ASK_TROUBLED_SECONDS = 10.0
ASK_WELL_SECONDS = 30.0

# At 1.5 s a slip the last of these comes after 30 s; who took it no longer stands there.
MOST_WAITING = 20

NOT_ASKED = PrinterState(Condition.UNKNOWN, "还没有询问过这台打印机。")

SENTENCES = {
    "out_of_paper": "打印机缺纸，小票没有打出。请记住屏幕上的号码，叫号照常。",
    "no_answer": "没能确认小票已打出。如没有拿到，请记住屏幕上的号码，叫号照常。",
    "stopped": "小票没有打完整。请记住屏幕上的号码，叫号照常。",
    "no_printer": "这台取号机不打小票。请记住屏幕上的号码，叫号照常。",
    "too_many": "打印机正忙，小票没有打出。请记住屏幕上的号码，叫号照常。",
}
NOT_PRINTED = "打印机暂时不能用，小票没有打出。请记住屏幕上的号码，叫号照常。"


class Job:
    """One slip on its way; ``about`` is the caller's own mark, such as the ticket's id."""

    def __init__(self, address: str, drawing: Drawing, about: Any = None) -> None:
        self.address = address
        self.about = about
        self.outcome: Outcome = "printing"
        self.code = ""
        self.detail = ""
        self._drawing: Drawing | None = drawing
        self._ended = Event()

    def wait(self, seconds: float) -> Outcome:
        """Return the outcome, after at most so many seconds; "printing" if there is none yet."""
        self._ended.wait(seconds)
        return self.outcome

    @property
    def message(self) -> str:
        """Return what the citizen is told, empty if all is well."""
        return SENTENCES.get(self.code, NOT_PRINTED) if self.outcome == "failed" else ""

    def end(self, outcome: Outcome, code: str = "", detail: str = "") -> None:
        """Note the outcome and wake who waits for it."""
        self.outcome, self.code, self.detail = outcome, code, detail
        # Whoever keeps the job for its outcome need not keep its 600 KB picture.
        self._drawing = None
        self._ended.set()

    def picture(self, dots: int) -> Image.Image:
        """Return the slip for a printer so many dots wide, drawing it if it is not drawn yet."""
        assert self._drawing is not None, "a slip that has ended is not drawn again"
        return self._drawing(dots) if callable(self._drawing) else self._drawing


@dataclass
class _Line:
    """The slips of one printer; ``busy`` while one worker prints or asks."""

    address: str
    printer: Printer | None
    state: PrinterState
    waiting: deque[Job] = field(default_factory=deque)
    busy: bool = False
    ask_at: float = 0.0

    def is_dead(self, now: float) -> bool:
        """Return whether trying would only cost the next citizen a time-out."""
        return self.state.condition is Condition.OFF and now < self.ask_at


class Printers:
    """The hall's printers by address; safe to use from several threads or greenlets."""

    def __init__(
        self,
        run: Run,
        addresses: Iterable[str] = (),
        *,
        clock: days.Clock = days.now,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """``run(function, argument)`` carries work out elsewhere, as an executor's submit does."""
        self._run = run
        self._clock = clock
        self._seconds = seconds
        self._lock = Lock()
        self._lines: dict[str, _Line] = {}
        self._ended: deque[Job] = deque(maxlen=1000)
        self.use(addresses)

    def use(self, addresses: Iterable[str]) -> None:
        """Keep exactly these printers; slips already waiting at another still come out."""
        wanted = {address.strip() for address in addresses if address.strip()}
        with self._lock:
            for gone in set(self._lines) - wanted:
                del self._lines[gone]
        for address in sorted(wanted):
            self._line(address)

    def printer(self, address: str) -> Printer | None:
        """Return the driver at an address: the demo and tests reach their fakes with it."""
        return self._line(address.strip()).printer

    def states(self) -> dict[str, PrinterState]:
        """Return how each printer is, for the manager's page."""
        with self._lock:
            return {address: line.state for address, line in self._lines.items()}

    def submit(self, address: str, drawing: Drawing, about: Any = None) -> Job:
        """Put a slip in its printer's line and return at once.

        ``drawing`` is a picture, or a function of the printer's width in dots that draws it –
        off the caller's thread.
        """
        job = Job(address.strip(), drawing, about)
        if not job.address:
            self._end(job, "failed", "no_printer", "没有为这台取号机登记打印机。")
            return job
        line = self._line(job.address)
        refused: tuple[str, str] | None = None
        start = False
        with self._lock:
            if line.printer is None or line.is_dead(self._seconds()):
                refused = line.state.condition.value, line.state.trouble
            elif len(line.waiting) >= MOST_WAITING:
                refused = "too_many", f"已有 {MOST_WAITING} 张小票在等这台打印机。"
            else:
                line.waiting.append(job)
                start, line.busy = not line.busy, True
        if refused:
            self._end(job, "failed", *refused)
        if start:
            self._run(self._drain, line)
        return job

    def tick(self) -> list[Job]:
        """Ask the printers that are due (elsewhere); return the slips ended since the last tick.

        Called about once a second by the thread that may write the journal.
        """
        now = self._seconds()
        with self._lock:
            due = [
                line
                for line in self._lines.values()
                if line.printer is not None and not line.busy and now >= line.ask_at
            ]
            for line in due:
                line.busy = True
        for line in due:
            self._run(self._ask, line)
        return [self._ended.popleft() for _ in range(len(self._ended))]

    def _line(self, address: str) -> _Line:
        with self._lock:
            line = self._lines.get(address)
            if line is None:
                line = self._lines[address] = self._new_line(address)
            return line

    def _new_line(self, address: str) -> _Line:
        try:
            printer, state = printer_from(address), NOT_ASKED
        except NotValid as wrong:
            printer, state = None, PrinterState(Condition.TROUBLE, wrong.message)
        return _Line(address, printer, replace(state, since=self._clock()))

    def _ask(self, line: _Line) -> None:
        assert line.printer is not None
        try:
            self._saw(line, line.printer.state())
        finally:
            self._drain(line)

    def _drain(self, line: _Line) -> None:
        """Print what waits, one after the other, until nothing does."""
        while True:
            with self._lock:
                if not line.waiting:
                    line.busy = False
                    return
                job = line.waiting.popleft()
                dead = line.is_dead(self._seconds())
            if dead:
                self._end(job, "failed", line.state.condition.value, line.state.trouble)
            else:
                self._print(line, job)

    def _print(self, line: _Line, job: Job) -> None:
        assert line.printer is not None
        try:
            self._saw(line, line.printer.print(job.picture(line.printer.dots)))
        except PrinterTrouble as trouble:
            self._saw(line, trouble.state)
            self._end(job, "failed", trouble.code, trouble.state.trouble)
        except Exception as error:
            # Whatever it was, the slips behind this one still have to come out.
            log.exception("a slip could not be drawn or printed at %s", line.address)
            self._end(job, "failed", "fault", repr(error))
        else:
            self._end(job, "printed")

    def _saw(self, line: _Line, state: PrinterState) -> None:
        """Note how the printer is, since when, and when to ask again."""
        well = ASK_WELL_SECONDS if state.prints else ASK_TROUBLED_SECONDS
        with self._lock:
            line.ask_at = self._seconds() + well
            before = line.state
            same = (before.condition, before.trouble) == (state.condition, state.trouble)
            line.state = replace(state, since=before.since if same else self._clock())
        if not same:
            log.info("printer %s: %s %s", line.address, state.condition, state.trouble)

    def _end(self, job: Job, outcome: Outcome, code: str = "", detail: str = "") -> None:
        job.end(outcome, code, detail)
        self._ended.append(job)
