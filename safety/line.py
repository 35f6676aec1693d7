"""A generation of the continuous copy as it is written: its base, and log after log behind it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from hall.days import Instant
from safety import copies
from safety.copies import Generation
from safety.files import file_mark
from safety.wal import Kept, Step, beginning, next_step, wants_new_base

PIECE = 1024**2


@dataclass
class Line:
    """A generation that is being written, and how far it is."""

    database: Path
    generation: Generation
    kept: Kept
    base_made: bool = False
    ready: bool = False
    # what stood last in a log that has begun anew since: it goes before all else
    tail: bytes = b""
    tail_kept: Kept | None = None

    @classmethod
    def going_on(cls, database: Path, place: Path) -> "Line | None":
        """Return what is on the disk, None when the hall's log does not go on from it; OSError."""
        newest = copies.newest_ready(place)
        kept = newest.kept() if newest else None
        if newest is None or kept is None:
            return None
        line = cls(database, newest, kept, base_made=True, ready=True)
        return None if line.next_step() is Step.BEGIN else line

    @classmethod
    def begin(cls, database: Path, place: Path, kept: Kept, now: Instant) -> "Line":
        """Begin a generation; one that never got ready is removed; OSError."""
        for each in copies.generations(place):
            if not each.ready:
                copies.drop(each)
        at = datetime.fromtimestamp(now / 1000, UTC)
        # the newest has the last name, whatever the clock says
        taken = [f"{each.folder.name}0" for each in copies.generations(place)]
        name = max([f"{at:%Y%m%d-%H%M%S}-0", *taken])
        generation = Generation.begin(place, name)
        generation.note_end(kept)
        return cls(database, generation, kept)

    @property
    def is_long(self) -> bool:
        """Whether all of a log is written and a new generation is due; OSError."""
        if self.kept.ended is None:
            return False
        base = self.generation.base.stat().st_size
        return wants_new_base(base, self.generation.size())

    def next_step(self) -> Step:
        """Return what is to be done, after a look at the hall's file and its log."""
        return next_step(self.kept, copies.look_at(self.database, self.kept))

    def append(self, *, anew: bool) -> None:
        """Write what the log has more, or all of it when it began ``anew``; OSError."""
        generation = self.generation
        with copies.log_of(self.database).open("rb") as file:
            header = copies.header_of(file)
            if header is None:
                return
            at = self.kept.mark
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
        self.kept = Kept(header.salts, ends, None)

    # -- the end of a log that comes home -------------------------------------------------------

    def read_tail(self, frames: int) -> None:
        """Read what came to a log before it was set free, while nobody can overwrite it."""
        kept, mark = self.kept, self.kept.mark
        if mark is None or kept.ended is not None:
            return
        with copies.log_of(self.database).open("rb") as file:
            header = copies.header_of(file)
            if header is None or header.salts != kept.salts:
                return  # another process was quicker: the next look begins a generation
            ends = copies.last_commit(file, header, mark, frames)
            if ends.frames == frames:
                file.seek(header.offset(mark.frames))
                self.tail = file.read(header.offset(frames) - header.offset(mark.frames))
                self.tail_kept = Kept(kept.salts, ends, file_mark(self.database))

    def write_tail(self) -> None:
        """Write what was read of a log's end, if there is any; safe when it returns; OSError."""
        if self.tail_kept is None:
            return
        if self.tail:
            where = self.generation.log(self.generation.no).stat().st_size
            self.generation.append(iter([self.tail]), where)
        self.generation.note_end(self.tail_kept)
        self.kept, self.tail, self.tail_kept = self.tail_kept, b"", None


def _pieces(file: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    file.seek(start)
    while start < end:
        piece = file.read(min(PIECE, end - start))
        start += len(piece)
        yield piece
