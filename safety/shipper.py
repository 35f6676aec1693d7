"""Keeps the hall's log short, and a second disk at most seconds behind it.

Once a second, in a thread of its own: what was committed since goes to the second disk, and a long
log is brought home into the file, so that no commit pays for either. The hall goes on whatever
happens to the second disk; the copy catches up when it can.
"""

import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
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
from safety.copies import Generation
from safety.files import file_mark, read_json, write_whole
from safety.lists import bring
from safety.traces import note, traces_of
from safety.wal import (
    Care,
    FileMark,
    Kept,
    Mark,
    Place,
    Salts,
    Step,
    beginning,
    care,
    next_step,
    place,
    wants_new_base,
)

log = logging.getLogger("safety")
Work = Callable[[], None]
Spawn = Callable[[Work], Any]
CopyBase = Callable[[Path, Path], object]
PIECE = 1024**2
# A disk that refused is asked again; a base that failed is not copied again at once.
BASE_AGAIN_SECONDS = 60
FAILURES_BEFORE_SQLITE = 10
NEVER_SEEN = FileMark(-2, 0)
TOLD = {
    Place.ABSENT: "第二块磁盘不在（没有文件夹 {folder}）",
    Place.STRANGE: "{folder} 里是另一个大厅的备份，没有写入",
}


@dataclass
class Line:
    """A generation that is being written, and how far it is."""

    generation: Generation
    kept: Kept
    base_made: bool = False
    ready: bool = False
    # what stood last in a log that has begun anew since: it goes before all else
    tail: bytes = b""
    tail_kept: Kept | None = None


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
        self._lists = dict.fromkeys(lists, NEVER_SEEN)
        self._found_whole, self._older_stay = found_whole, True
        self._checkpoints: Checkpoints | None = None
        self._lines: list[Line] = []
        self._at_work = False
        self._failures = 0
        self._freed: tuple[Salts, int] | None = None  # the log that was last set free
        self._base_due = 0.0

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

    def close(self) -> None:
        """Let the second disk have all there is and let go of the file; nobody writes any more."""
        while self._at_work:
            time.sleep(0.01)
        if self._checkpoints is not None:
            self._turn(last=True)
        if self._checkpoints is not None:
            self._checkpoints.close()
            self._checkpoints = None

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
                    self._read_tail(line, home.frames)

        home = self._checkpoints.bring_home(self.place is not None, read_the_rest)
        if self._lines and home.free:
            try:
                for line in self._lines:
                    self._write_tail(line)
                self._renew_if_long()
            except OSError as trouble:
                self.trouble = str(trouble)

    def _read_tail(self, line: Line, frames: int) -> None:
        """Read what came to a log before it was set free, while nobody can overwrite it."""
        kept, mark = line.kept, line.kept.mark
        if mark is None or kept.ended is not None:
            return
        with copies.log_of(self.database).open("rb") as file:
            header = copies.header_of(file)
            if header is None or header.salts != kept.salts:
                return  # another process was quicker: the next look begins a generation
            ends = copies.last_commit(file, header, mark, frames)
            if ends.frames == frames:
                file.seek(header.offset(mark.frames))
                line.tail = file.read(header.offset(frames) - header.offset(mark.frames))
                line.tail_kept = Kept(kept.salts, ends, file_mark(self.database))

    def _write_tail(self, line: Line) -> None:
        if line.tail_kept is None:
            return
        if line.tail:
            where = line.generation.log(line.generation.no).stat().st_size
            line.generation.append(iter([line.tail]), where)
        line.generation.note_end(line.tail_kept)
        line.kept, line.tail, line.tail_kept = line.tail_kept, b"", None

    def _renew_if_long(self) -> None:
        if len(self._lines) != 1 or self._lines[0].kept.ended is None:
            return
        line = self._lines[0]
        base = line.generation.base.stat().st_size
        if wants_new_base(base, line.generation.size()):
            self._lines.append(self._begin(line.kept))

    # -- the second disk ------------------------------------------------------------------------

    def _copy(self) -> bool:
        """Bring the second disk up to date; False when it does not have all of the log."""
        now = self._clock()
        whole = [line for line in self._lines if line.base_made]
        try:
            if not self._there():
                return False
            self._carry_lists()
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
            self._lists = dict.fromkeys(self._lists, NEVER_SEEN)
            self.place.mkdir(exist_ok=True)
            write_whole(self.place / copies.OWNER, {"hall": self._owner})
        if not used:
            note(self.database, copied_to=str(folder))
        return True

    def _carry_lists(self) -> None:
        assert self.place is not None
        for path, seen in self._lists.items():
            if (mark := file_mark(path)) != seen:
                bring(path, self.place / path.name)
                self._lists[path] = mark

    def bring_lists_back(self) -> None:
        """Add to the lists beside the file what the second disk knows, before it is served."""
        if self.place is None or read_json(self.place / copies.OWNER).get("hall") != self._owner:
            return
        for path in self._lists:
            try:
                if lines := bring(self.place / path.name, path):
                    log.warning("%d lines of %s came back from the second disk", lines, path.name)
            except OSError as trouble:
                log.warning("second_disk: %s", trouble)

    def _resume(self) -> None:
        """Go on with what is on the disk, or begin a generation."""
        assert self.place is not None
        assert self._checkpoints is not None
        self._checkpoints.hold()
        if (newest := copies.newest_ready(self.place)) is not None:
            kept = newest.kept()
            if next_step(kept, copies.look_at(self.database, kept)) is not Step.BEGIN:
                assert kept is not None
                self._lines.append(Line(newest, kept, base_made=True, ready=True))
                return
        log.info("copy_begins_anew")
        home = self._checkpoints.bring_home(True, lambda _: None)
        salts, mark = self._log_now() if home.free else (None, None)
        self._lines.append(self._begin(Kept(salts, mark, file_mark(self.database))))

    def _log_now(self) -> tuple[tuple[int, int] | None, Mark | None]:
        with suppress(FileNotFoundError), copies.log_of(self.database).open("rb") as file:
            if header := copies.header_of(file):
                return header.salts, copies.last_commit(file, header, beginning(header))
        return None, None

    def _begin(self, kept: Kept) -> Line:
        assert self.place is not None
        for each in copies.generations(self.place):
            if not each.ready:
                copies.drop(each)
        at = datetime.fromtimestamp(self._clock() / 1000, UTC)
        # the newest has the last name, whatever the clock says
        taken = [f"{each.folder.name}0" for each in copies.generations(self.place)]
        name = max([f"{at:%Y%m%d-%H%M%S}-0", *taken])
        generation = Generation.begin(self.place, name)
        generation.note_end(kept)
        self._base_due = 0.0
        return Line(generation, kept)

    def _ship(self, line: Line) -> None:
        self._write_tail(line)
        found = copies.look_at(self.database, line.kept)
        step = next_step(line.kept, found)
        if step is Step.BEGIN:
            self._lines.remove(line)
            if not self._lines:
                self._resume()
        elif step is not Step.REST:
            self._append(line, anew=step is Step.NEXT)

    def _append(self, line: Line, *, anew: bool) -> None:
        generation = line.generation
        with copies.log_of(self.database).open("rb") as file:
            header = copies.header_of(file)
            if header is None:
                return
            at = line.kept.mark
            if not anew and at is not None:
                ends = copies.last_commit(file, header, at)
                if ends == at:
                    return
            if anew or at is None or not generation.no:
                # all of this log, though the base may hold what came first: that does no harm
                at = beginning(header)
                ends = copies.last_commit(file, header, at)
                if not ends.frames:
                    return
                generation.next_log(_pieces(file, 0, header.offset(ends.frames)))
            else:
                start = header.offset(at.frames)
                generation.append(_pieces(file, start, header.offset(ends.frames)), start)
        line.kept = Kept(header.salts, ends, None)

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


def _pieces(file: Any, start: int, end: int) -> Iterator[bytes]:
    file.seek(start)
    while start < end:
        piece = file.read(min(PIECE, end - start))
        start += len(piece)
        yield piece
