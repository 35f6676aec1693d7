"""class Exports – the verbs of exports: asked for, made beside the hall, fetched, removed.

One at a time: the hall has two processors, and its calls need them more.
"""

import json
import logging
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hall import days
from hall.config import Config
from hall.days import Clock, Instant
from hall.refusals import NotAllowed
from hall.register import Register
from hall.store import Store
from reports import jobs
from reports.jobs import Broken, Job, State, Wish
from reports.store import Reports

log = logging.getLogger("reports")
ASSESSOR = "assessor"
MOST_LISTED = 20

Hear = Callable[[str], None]
# Runs the process that makes a file: the wish as JSON, and who hears its lines; Broken.
Run = Callable[[bytes, Hear], None]
# Runs something beside the request at hand.
Spawn = Callable[[Callable[[], None]], Any]


@dataclass
class Progress:
    """How far a running export is."""

    all: int = 0
    done: int = 0
    rows: dict[str, int] | None = None
    memory_mb: float = 0.0
    stopped: bool = False

    def hear(self, line: str) -> None:
        """Take in a line of the process; Broken ends it when somebody has stopped the export."""
        if self.stopped:
            raise Broken("stopped")
        for name, value in json.loads(line).items():
            setattr(self, name, value)

    @property
    def percent(self) -> int:
        """Whole percents; 99 until the file is closed."""
        return min(99, 100 * self.done // self.all) if self.all else 0


class Exports:
    """The one place where exports begin and end."""

    def __init__(
        self,
        store: Store,
        register: Register,
        config: Config,
        clock: Clock,
        run: Run,
        spawn: Spawn,
    ) -> None:
        self.store = store
        self.register = register
        self.config = config
        self.clock = clock
        self.run = run
        self.spawn = spawn
        self.tables = Reports(store)
        self.folder = store.path.absolute().with_name(f"{store.path.stem}-exports")
        self.progress: dict[int, Progress] = {}
        self._swept = False

    # -- asking ---------------------------------------------------------------------------------

    def ask(self, wish: Wish, tap: str, by: str, name: str) -> Job:
        """Begin an export; ``name`` is who made the table. A form that comes twice begins one."""
        jobs.check_tap(tap)
        with self.store.transaction():
            if known := self.tables.of_tap(tap):
                return known
            if running := self.tables.running():
                raise NotAllowed("export_running", self._busy(running))
            now = self.clock()
            file = f"{secrets.token_hex(16)}.{jobs.EXTENSIONS[wish.form]}"
            job = self.tables.add(wish, tap, by, now, file)
            self._note("export_asked", job, now)
        self.progress[job.id] = Progress()
        given = self._given(job, name, now)
        self.spawn(lambda: self._work(job, given))
        return job

    def _busy(self, running: Job) -> str:
        person = self.register.catalogue().person.get(running.who)
        whose = f"{person.name}的" if person else "一项"
        return f"{whose}导出正在进行（{self.percent(running)}%），请等它完成后再试。"

    def _given(self, job: Job, name: str, now: Instant) -> bytes:
        told = {
            "wish": asdict(job.wish),
            "database": str(self.store.path.absolute()),
            "path": str(self._path(job)),
            "config": self.config.model_dump(mode="json"),
            "key": self.register.secret(ASSESSOR).hex(),
            "hall": self.register.hall().name,
            "made_by": name,
            "made_at": days.iso(now, self.config.hall.zone),
        }
        return json.dumps(told, ensure_ascii=False).encode()

    def _path(self, job: Job) -> Path:
        return self.folder / job.file

    def _work(self, job: Job, given: bytes) -> None:
        progress = self.progress[job.id]
        try:
            self.folder.mkdir(mode=0o700, exist_ok=True)
            self.run(given, progress.hear)
            size = self._path(job).stat().st_size
        except (Broken, OSError, ValueError) as trouble:
            log.warning("an export broke: %s", trouble)
            self._end(job, State.BROKEN)
        else:
            self._end(job, State.DONE, progress, size)

    def _end(self, job: Job, state: State, progress: Progress | None = None, size: int = 0) -> None:
        told = progress or Progress()
        rows = told.rows or {}
        made = {"rows": rows, "size": size, "memory_mb": told.memory_mb}
        with self.store.transaction():
            now = self.clock()
            ended = self.tables.end(job, state, now, sum(rows.values()), size)
            if ended and state is State.DONE:
                self._note("export_made", job, now, **made)
            elif ended:
                self._note("export_broke", job, now)
        self.progress.pop(job.id, None)
        if state is State.BROKEN or not ended:
            self._sweep()

    def stop(self, number: int, by: str, *, in_charge: bool) -> None:
        """End a running export; its process is ended at the next line it writes. Twice is once."""
        with self.store.transaction():
            now = self.clock()
            job = jobs.check_stop(self.tables.job(number), by, in_charge=in_charge)
            if self.tables.stop(job, by, now):
                self._note("export_stopped", job, now, stopped_by=by)
        if progress := self.progress.get(number):
            progress.stopped = True

    # -- looking and fetching -------------------------------------------------------------------

    def newest(self) -> list[Job]:
        """Return the newest exports."""
        return self.tables.newest(MOST_LISTED)

    def rows(self, job: Job) -> int:
        """Return how many rows an export has, or has so far."""
        running = self.progress.get(job.id) if job.state is State.RUNNING else None
        return running.done if running else job.rows

    def percent(self, job: Job) -> int:
        """Return how far an export is, in whole percents."""
        if job.state is State.RUNNING:
            return self.progress[job.id].percent if job.id in self.progress else 0
        return 0 if job.state is State.BROKEN else 100

    def fetch(self, number: int, by: str) -> tuple[Job, Path]:
        """Return an export and its file to who asked for it; each fetching is noted."""
        with self.store.transaction():
            now = self.clock()
            job = jobs.check_fetch(self.tables.job(number), by, now)
            self._note("export_fetched", job, now)
        return job, self._path(job)

    # -- time alone -----------------------------------------------------------------------------

    def tick(self) -> None:
        """Remove the files whose hour is over; at the first time also what a crash left."""
        if not self._swept:
            self._swept = True
            running = self.tables.running()
            if running and running.id not in self.progress:
                self._end(running, State.BROKEN)
            self._sweep()
        old = self.tables.done_before(self.clock() - jobs.KEPT)
        if not old:
            return
        with self.store.transaction():
            now = self.clock()
            for job in old:
                if self.tables.remove(job):
                    self._note("export_removed", job, now)
        for job in old:
            self._path(job).unlink(missing_ok=True)

    def _sweep(self) -> None:
        """Remove what no export owns: a file half made, what a crash left."""
        if not self.folder.is_dir():
            return
        kept = self.tables.kept_files()
        for path in self.folder.iterdir():
            if path.name.removesuffix(".part") not in kept and path.is_file():
                path.unlink(missing_ok=True)

    def _note(self, event: str, job: Job, now: Instant, **more: Any) -> None:
        detail = {"export": job.id, **asdict(job.wish), **more}
        self.store.note(now, event, who=job.who, detail=detail)
