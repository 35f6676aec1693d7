"""Keeps the hall's log short, and a second disk at most seconds behind it.

Once a second, in a thread of its own: what was committed since goes to the second disk, and a long
log is brought home into the file, so that no commit pays for either. The hall goes on whatever
happens to the second disk; the copy catches up when it can.
"""

import logging
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from hall.days import Clock, Instant
from hall.file import HallFile
from safety import copies
from safety.checkpoint_store import (
    Checkpoints,
    Home,
    leave_checkpoints,
    take_checkpoints_back,
)
from safety.files import file_mark, read_json, write_whole
from safety.line import Line
from safety.lists import Lists
from safety.traces import note, traces_of
from safety.wal import (
    Care,
    Kept,
    Place,
    Salts,
    Step,
    care,
    place,
)

log = logging.getLogger("safety")
Work = Callable[[], None]
Spawn = Callable[[Work], Any]
CopyBase = Callable[[Path, Path], object]
# A disk that refused is asked again; a base that failed is not copied again at once.
BASE_AGAIN_SECONDS = 60
FAILURES_BEFORE_SQLITE = 10
TOLD = {
    Place.ABSENT: "第二块磁盘不在（没有文件夹 {folder}）",
    Place.STRANGE: "{folder} 里是另一个大厅的备份，没有写入",
}


class Shipper:
    """The keeper of one file's log, and of its copy if there is a second disk.

    ``tick`` belongs into the server's loop; ``spawn`` runs work in one thread, ``start`` beside the
    loop, and ``copy_base`` copies a whole file in a process of its own. ``lists`` are files beside
    the hall's that only grow and go along. Until the file's pages were ``found_whole`` an older
    copy stays: the new one may be of a file that was damaged while the server was off.
    """

    def __init__(
        self,
        store: HallFile,
        folder: str,
        owner: str,
        clock: Clock,
        *,
        spawn: Spawn,
        start: Spawn,
        copy_base: CopyBase,
        lists: Sequence[Path] = (),
        found_whole: Callable[[], bool] = lambda: True,
    ) -> None:
        self.database = store.path
        self._folder = store.path.absolute().parent / folder
        self.place = copies.place_of(self._folder, store.path) if folder else None
        self.trouble = ""
        self.fresh_at: Instant | None = None
        self._store, self._owner = store, owner
        self._clock, self._spawn, self._start = clock, spawn, start
        self._copy_base = copy_base
        self._lists = Lists(lists)
        self._found_whole, self._older_stay = found_whole, True
        self._checkpoints: Checkpoints | None = None
        self._lines: list[Line] = []
        self._at_work = False
        self._failures = 0
        self._freed: tuple[Salts, int] | None = None  # the log that was last set free
        self._base_due = 0.0
        self._used_first = False  # the disk was used, and nothing beside the file says so yet

    # -- what is known --------------------------------------------------------------------------

    @property
    def log_bytes(self) -> int:
        """How long the log is."""
        return max(0, file_mark(copies.log_of(self.database)).size)

    def behind_seconds(self) -> float | None:
        """Return by how much the second disk is behind; None without one, or before it had all."""
        if self.place is None:
            return None
        fresh = self.fresh_at or copies.fresh_at(self.place)
        return None if fresh is None else max(0, self._clock() - fresh) / 1000

    # -- in the loop ----------------------------------------------------------------------------

    def tick(self) -> None:
        """Begin a turn in the thread, unless one is still under way."""
        if not self._at_work:
            self._at_work = True
            if self._checkpoints is None:
                leave_checkpoints(self._store.connection)
            self._spawn(self._turn)
        for line in self._lines:
            if not line.base_made and time.monotonic() >= self._base_due:
                self._base_due = float("inf")
                self._start(lambda line=line: self._make_base(line))  # type: ignore[misc]
        self._note_first_use()

    def close(self) -> None:
        """Let the second disk have all there is and let go of the file; nobody writes any more."""
        while self._at_work:
            time.sleep(0.01)
        if self._checkpoints is not None:
            self._turn(last=True)
        if self._checkpoints is not None:
            self._checkpoints.close()
            self._checkpoints = None

    def _note_first_use(self) -> None:
        """Say beside the file where its copy is; here, since all that is said there is the loop's.

        Two at once would each write what they had read, and one word be lost.
        """
        if self._used_first:
            with suppress(OSError):  # a full disk: said the next time
                note(self.database, copied_to=str(self._folder))
                self._used_first = False

    def _make_base(self, line: Line) -> None:
        try:
            self._copy_base(self.database, line.generation.base)
        except Exception as trouble:  # noqa: BLE001 - whatever it was: it is told and tried again
            log.warning("base_not_copied: %s", trouble)
            self.trouble = f"整库复制失败：{trouble}"
            self._base_due = time.monotonic() + BASE_AGAIN_SECONDS
        else:
            line.base_made = True
            self._base_due = 0.0

    # -- in the thread --------------------------------------------------------------------------

    def _turn(self, last: bool = False) -> None:
        try:
            self.turn(last=last)
            if self._failures >= FAILURES_BEFORE_SQLITE:
                with self._store.lock:
                    leave_checkpoints(self._store.connection)
            self._failures = 0
        except Exception:
            if self._failures % 60 == 0:
                log.exception("turn_failed")
            self._failures += 1
            self._lines.clear()
            if self._failures == FAILURES_BEFORE_SQLITE:
                # better commits that pay than a log without end
                with self._store.lock:
                    take_checkpoints_back(self._store.connection)
        finally:
            self._at_work = False

    def turn(self, *, last: bool = False) -> None:
        """Copy what is new and see to the log's length; ``last`` brings all of it home."""
        if self._checkpoints is None:
            self._checkpoints = Checkpoints(self.database, self._store.lock)
        copied = self.place is None or self._copy()
        frames = self._frames()
        copying = any(not line.ready for line in self._lines)
        does = care(self.log_bytes, frames, copied=copied, copying_base=copying)
        if last and copied and not copying:
            does = Care.BRING_HOME
        if does is Care.GIVE_UP:
            log.warning("copy_given_up: the log has grown to %d bytes", self.log_bytes)
            self._lines.clear()
        if does is not Care.LEAVE:
            self._bring_home()

    def _frames(self) -> int:
        """Return how many frames have come since the log was last free to begin anew."""
        found = copies.frames_in(self.database)
        return 0 if found is None or found == self._freed else found[1]

    # -- the log comes home ---------------------------------------------------------------------

    def _bring_home(self) -> None:
        assert self._checkpoints is not None

        def read_the_rest(home: Home) -> None:
            if home.free:
                self._freed = copies.frames_in(self.database)
                for line in self._lines:
                    line.read_tail(home.frames)

        home = self._checkpoints.bring_home(self.place is not None, read_the_rest)
        if self._lines and home.free:
            try:
                for line in self._lines:
                    line.write_tail()
                self._renew_if_long()
            except OSError as trouble:
                self.trouble = str(trouble)

    def _renew_if_long(self) -> None:
        if len(self._lines) == 1 and self._lines[0].is_long:
            self._lines.append(self._begin(self._lines[0].kept))

    # -- the second disk ------------------------------------------------------------------------

    def _copy(self) -> bool:
        """Bring the second disk up to date; False when it does not have all of the log."""
        now = self._clock()
        whole = [line for line in self._lines if line.base_made]
        try:
            if not self._there():
                return False
            assert self.place is not None
            self._lists.carry(self.place)
            if not self._lines:
                self._resume()
            for line in list(self._lines):
                self._ship(line)
            # a base that was whole before its log was copied
            self._settle(now, [line for line in whole if line in self._lines])
        except OSError as trouble:
            if self.trouble != str(trouble):
                log.warning("second_disk: %s", trouble)
            self.trouble = str(trouble)
            if not all(line.generation.folder.exists() for line in self._lines):
                self._lines.clear()
            return False
        return bool(self._lines)

    def _there(self) -> bool:
        """Return whether the folder can be used, after a look at whose it is."""
        assert self.place is not None
        folder = self._folder
        exists = folder.is_dir()
        owner = read_json(self.place / copies.OWNER).get("hall")
        same = exists and folder.stat().st_dev == self.database.stat().st_dev
        used = read_json(traces_of(self.database)).get("copied_to") == str(folder)
        found = place(exists, owner, self._owner, used=used, same_disk=same)
        if found in TOLD:
            told = TOLD[found].format(folder=folder)
            if self.trouble != told:
                log.warning("second_disk: %s", told)
            self.trouble = told
            self._lines.clear()
            return False
        if found is Place.NEW:
            self._lists.begin_again()
            self.place.mkdir(exist_ok=True)
            write_whole(self.place / copies.OWNER, {"hall": self._owner})
        self._used_first = not used
        return True

    def bring_lists_back(self) -> None:
        """Add to the lists beside the file what the second disk knows, before it is served."""
        if self.place and read_json(self.place / copies.OWNER).get("hall") == self._owner:
            self._lists.bring_back(self.place)

    def _resume(self) -> None:
        """Go on with what is on the disk, or begin a generation."""
        assert self.place is not None
        assert self._checkpoints is not None
        self._checkpoints.hold()
        if (line := Line.going_on(self.database, self.place)) is not None:
            self._lines.append(line)
            return
        log.info("copy_begins_anew")
        home = self._checkpoints.bring_home(True, lambda _: None)
        salts, mark = copies.log_now(self.database) if home.free else (None, None)
        self._lines.append(self._begin(Kept(salts, mark, file_mark(self.database))))

    def _begin(self, kept: Kept) -> Line:
        assert self.place is not None
        line = Line.begin(self.database, self.place, kept, self._clock())
        self._base_due = 0.0
        return line

    def _ship(self, line: Line) -> None:
        line.write_tail()
        step = line.next_step()
        if step is Step.BEGIN:
            self._lines.remove(line)
            if not self._lines:
                self._resume()
        elif step is not Step.REST:
            line.append(anew=step is Step.NEXT)

    def _settle(self, now: Instant, whole: list[Line]) -> None:
        """Say that a generation is ready, and until when the copy has everything."""
        assert self.place is not None
        for line in whole:
            if not line.ready:
                line.generation.note_ready(now)
                line.ready = True
                copies.drop_between(self.place, line.generation)
                self._lines, self._older_stay = [line], True
                log.info("copy_ready: %s", line.generation.folder)
                break
        if any(line.ready for line in self._lines):
            if self._older_stay and self._found_whole():
                copies.drop_older(self.place, self._lines[0].generation)
                self._older_stay = False
            self.trouble, self.fresh_at = "", now
            fresh = self.place / copies.FRESH
            fresh.touch()
            os.utime(fresh, ns=(now * 1_000_000, now * 1_000_000))
