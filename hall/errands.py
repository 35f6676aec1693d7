"""class Errands – jobs done in threads, a line's in order; the loop notes what came of them."""

import time
from collections import deque
from collections.abc import Callable, Hashable
from typing import Any, Generic, Protocol, TypeVar

from hall.days import Clock, Instant
from hall.store import Store

LAST_ANSWERS_SECONDS = 2.0
Run = Callable[..., Any]


class Answered(Protocol):
    """What came of a job; ``silent``: nobody answered."""

    @property
    def silent(self) -> bool:
        """Whether nobody answered, so that the line's other jobs wait."""


Line = TypeVar("Line", bound=Hashable)
Job = TypeVar("Job")
Came = TypeVar("Came", bound=Answered)


class Errands(Generic[Line, Job, Came]):
    """Lines of jobs under way; a line that is busy gets no more until its jobs are noted."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        run: Run,
        *,
        tried: Callable[[Job], Came],
        note: Callable[[Job, Came, Instant], None],
    ) -> None:
        """``run(function, *arguments)`` does work elsewhere, as a thread pool's spawn does.

        ``tried`` does a job there, without SQL; ``note`` writes down, on the loop, what came of it.
        """
        self.store = store
        self.clock = clock
        self.busy: set[Line] = set()
        self._run = run
        self._tried = tried
        self._note = note
        self._ended: deque[tuple[Line, tuple[Job, Came] | None]] = deque()
        self._closing = False

    def send(self, line: Line, jobs: list[Job]) -> None:
        """Let a line that is not busy do its jobs in a thread."""
        self.busy.add(line)
        self._run(self._do, line, jobs)

    def _do(self, line: Line, jobs: list[Job]) -> None:
        try:
            for job in jobs:
                if self._closing:
                    break
                came = self._tried(job)
                self._ended.append((line, (job, came)))
                if came.silent:
                    break  # the others need not wait ten seconds each
        finally:
            self._ended.append((line, None))

    def note_what_ended(self) -> None:
        """Write down how tries ended; only then may the same job run again."""
        ended = list(self._ended)
        if not ended:
            return
        with self.store.transaction():
            now = self.clock()
            for _, told in ended:
                if told is not None:
                    self._note(*told, now)
        for line, told in ended:
            self._ended.popleft()
            if told is None:
                self.busy.discard(line)

    def close(self) -> None:
        """Let the last answers come in; what is silent then is told again after the start."""
        self._closing = True
        until = time.monotonic() + LAST_ANSWERS_SECONDS
        while self.busy and time.monotonic() < until:
            self.note_what_ended()
            # the server has stopped: only the last answers are waited for, nobody else is
            time.sleep(0.02)
        self.note_what_ended()
