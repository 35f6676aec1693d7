"""What stands in SQLite's write-ahead log, and what a copy of it does next; nothing is touched.

The format (https://www.sqlite.org/walformat.html): a header of 32 bytes, then frames of 24 bytes
and a page. A frame counts when its salts are the header's and its checksum goes on from the frame
before; a transaction is whole with the frame that says how large the file is after it.
"""

from array import array
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from struct import Struct

HEADER_BYTES = 32
FRAME_HEADER_BYTES = 24
MAGIC = 0x377F0682  # with little-endian checksums; one more for big-endian ones
VERSION = 3_007_000
HEAD = Struct(">8I")
FRAME = Struct(">6I")
WORD = 0xFFFFFFFF

Salts = tuple[int, int]
Sums = tuple[int, int]
Matrix = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Header:
    """The first 32 bytes of a log."""

    page_size: int
    big_endian: bool
    salts: Salts
    checksum: Sums

    @property
    def frame_bytes(self) -> int:
        """How long a frame is with its page."""
        return FRAME_HEADER_BYTES + self.page_size

    def offset(self, frames: int) -> int:
        """Return where the frame after ``frames`` others begins."""
        return HEADER_BYTES + frames * self.frame_bytes


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a log: after so many frames, with the checksum so far."""

    frames: int
    checksum: Sums


# -- checksums ---------------------------------------------------------------------------------


def checksum(data: bytes, big_endian: bool, so_far: Sums = (0, 0)) -> Sums:
    """Return SQLite's sums over whole pairs of 32-bit words, going on from other sums.

    One step is ``first += word + second; second += next word + first``: linear, so halves are
    summed side by side in lanes of one large number: a page takes 45 us this way.
    """
    pairs, rest = divmod(len(data), 8)
    assert not rest
    if pairs & (pairs - 1):  # the header's three pairs
        for start in range(0, len(data), 8):
            so_far = checksum(data[start : start + 8], big_endian, so_far)
        return so_far
    if big_endian:
        words = array("I", data)
        words.byteswap()
        data = words.tobytes()
    given = int.from_bytes(data, "little")
    mask = _lanes(pairs)
    first = given & mask
    second = (first + ((given >> 32) & mask)) & mask
    half = pairs // 2
    while half:
        a, b, c, d = _steps(half)
        mask, bits = _lanes(half), half * 64
        below = (1 << bits) - 1
        early_first, early_second = first & below, second & below
        first, second = (
            ((a * early_first & mask) + (b * early_second & mask) + (first >> bits)) & mask,
            ((c * early_first & mask) + (d * early_second & mask) + (second >> bits)) & mask,
        )
        half //= 2
    a, b, c, d = _steps(pairs)
    return (
        (a * so_far[0] + b * so_far[1] + first) & WORD,
        (c * so_far[0] + d * so_far[1] + second) & WORD,
    )


@cache
def _lanes(count: int) -> int:
    """Return a number with the lower 32 bits of ``count`` lanes of 64 set."""
    return int.from_bytes(b"\xff\xff\xff\xff\0\0\0\0" * count, "little")


@cache
def _steps(count: int) -> Matrix:
    """Return what ``count`` pairs of nothing make of two sums."""
    if count == 1:
        return 1, 1, 1, 2
    a, b, c, d = _steps(count // 2)
    return (
        (a * a + b * c) & WORD,
        (a * b + b * d) & WORD,
        (c * a + d * c) & WORD,
        (c * b + d * d) & WORD,
    )


# -- what stands in a log ----------------------------------------------------------------------


def parse_header(data: bytes) -> Header | None:
    """Return the header at the beginning of a log; None when there is none, or a torn one."""
    if len(data) < HEADER_BYTES:
        return None
    magic, version, page_size, _, *numbers = HEAD.unpack_from(data)
    salt_1, salt_2, first, second = numbers
    if magic & ~1 != MAGIC or version != VERSION:
        return None
    if not 512 <= page_size <= 65_536 or page_size & (page_size - 1):
        return None
    big_endian = bool(magic & 1)
    if checksum(data[:24], big_endian) != (first, second):
        return None
    return Header(page_size, big_endian, (salt_1, salt_2), (first, second))


def beginning(header: Header) -> Mark:
    """Return the mark before the first frame."""
    return Mark(0, header.checksum)


def follow(header: Header, at: Mark, data: bytes) -> tuple[Mark, Mark]:
    """Follow the frames after a mark; return after the last valid one, and after the last commit.

    The second is ``at`` when no transaction ends in ``data``; half a frame at its end is left.
    """
    valid = committed = at
    length = header.frame_bytes
    for start in range(0, len(data) - length + 1, length):
        page, size, salt_1, salt_2, *sums = FRAME.unpack_from(data, start)
        if not page or (salt_1, salt_2) != header.salts:
            break
        found = checksum(data[start : start + 8], header.big_endian, valid.checksum)
        found = checksum(
            data[start + FRAME_HEADER_BYTES : start + length], header.big_endian, found
        )
        if found != tuple(sums):
            break
        valid = Mark(valid.frames + 1, found)
        if size:
            committed = valid
    return valid, committed


# -- what a copy does next ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FileMark:
    """What a file looks like from outside: it stands still as long as this does."""

    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Kept:
    """How far a copy has come: in which log, up to where; ``ended`` once that log was whole.

    A log is whole when all of it is in the copy and in the hall's file, which then looked as said.
    """

    salts: Salts | None
    mark: Mark | None
    ended: FileMark | None


@dataclass(frozen=True, slots=True)
class Found:
    """What there is: the log's salts (None without a log), and the hall's file from outside."""

    salts: Salts | None
    file: FileMark
    goes_on: bool = True  # the frame at the copy's mark is the copy's


class Step(StrEnum):
    """What a copy does about what it finds."""

    REST = "rest"
    BEGIN = "begin"  # a generation: a copy of the whole file, then its log from the first frame
    APPEND = "append"
    NEXT = "next"  # the log began anew after all of it was kept


def next_step(kept: Kept | None, found: Found) -> Step:
    """Return what a copy does next; whenever a frame might be missing, it begins anew."""
    if kept is None:
        return Step.BEGIN
    untouched = kept.ended is not None and kept.ended == found.file
    if found.salts is None:
        return Step.REST if untouched else Step.BEGIN
    if kept.salts == found.salts:
        return Step.APPEND if found.goes_on else Step.BEGIN
    # SQLite counts the first salt up by one whenever it begins a log anew
    follows = (
        kept.ended is not None
        and kept.salts is not None
        and found.salts[0] == (kept.salts[0] + 1) & WORD
    )
    return Step.NEXT if follows or untouched else Step.BEGIN


class Care(StrEnum):
    """What is done about the log's length."""

    LEAVE = "leave"
    BRING_HOME = "bring home"  # into the file; the next commit writes from the log's beginning
    GIVE_UP = "give up"  # that too, though the copy has not seen all of it: it begins anew


# 16 MB: four of SQLite's own turns, so pages written again and again go home less often.
FRAMES_AT_ONCE = 4_000
# As much is kept for a second disk that is away: some hours of a full hall.
MOST_BYTES = 1024**3


def care(length: int, frames: int, *, copied: bool, copying_base: bool) -> Care:
    """Return what is done about a log of ``frames`` frames since it began, ``length`` bytes long.

    ``copied``: nothing of it waits for the second disk; ``copying_base``: the whole file is just
    being copied, and counts with the whole log only.
    """
    if frames < FRAMES_AT_ONCE:
        return Care.LEAVE
    if copied and not copying_base:
        return Care.BRING_HOME
    return Care.GIVE_UP if length > MOST_BYTES else Care.LEAVE


# A generation's logs may weigh what its base does, and this in any case: more restores slowly.
LEAST_BEFORE_ANEW = 1024**3


def wants_new_base(base_bytes: int, log_bytes: int) -> bool:
    """Return whether a generation has become so long that a new one is due."""
    return log_bytes > max(base_bytes, LEAST_BEFORE_ANEW)


# -- the second disk ---------------------------------------------------------------------------


class Place(StrEnum):
    """What the folder for the copy is."""

    OURS = "ours"
    NEW = "new"
    ABSENT = "absent"
    STRANGE = "strange"


def place(exists: bool, owner: str | None, ours: str, *, used: bool, same_disk: bool) -> Place:
    """Return what a folder is.

    A folder that was used before, has nothing of ours and stands on the hall's own disk is where
    the second disk is mounted when it is plugged in.
    """
    if not exists:
        return Place.ABSENT
    if owner is not None:
        return Place.OURS if owner == ours else Place.STRANGE
    return Place.ABSENT if used and same_disk else Place.NEW
