"""What stands in SQLite's log, and what the copy of it does next."""

import sqlite3
from pathlib import Path
from random import Random
from typing import Literal

import pytest

from safety.copies import header_of, last_commit
from safety.wal import (
    FRAMES_AT_ONCE,
    LEAST_BEFORE_ANEW,
    MOST_BYTES,
    Care,
    FileMark,
    Found,
    Kept,
    Mark,
    Place,
    Step,
    beginning,
    care,
    checksum,
    next_step,
    parse_header,
    place,
    wants_new_base,
)

OLD, NEW = FileMark(8192, 1), FileMark(8192, 2)
AT = Mark(7, (1, 2))


def one_by_one(data: bytes, big_endian: bool, first: int, second: int) -> tuple[int, int]:
    """SQLite's own loop, as walformat.html writes it."""
    order: Literal["big", "little"] = "big" if big_endian else "little"
    words = [int.from_bytes(data[at : at + 4], order) for at in range(0, len(data), 4)]
    for at in range(0, len(words), 2):
        first = (first + words[at] + second) & 0xFFFFFFFF
        second = (second + words[at + 1] + first) & 0xFFFFFFFF
    return first, second


@pytest.mark.parametrize("length", [8, 24, 512, 4096])
@pytest.mark.parametrize("big_endian", [False, True])
def test_sums_in_lanes_are_sqlites_sums(length: int, big_endian: bool) -> None:
    chance = Random(length)
    for data in (chance.randbytes(length), b"\xff" * length, bytes(length)):
        before = (chance.getrandbits(32), chance.getrandbits(32))
        assert checksum(data, big_endian, before) == one_by_one(data, big_endian, *before)


@pytest.fixture
def log(tmp_path: Path) -> bytes:
    """The log of three transactions, the last of several pages."""
    file = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    file.execute("pragma journal_mode = wal")
    file.execute("create table a (b)")
    file.execute("insert into a values (1)")
    file.execute("insert into a values (zeroblob(50000))")
    kept = (tmp_path / "a.db-wal").read_bytes()
    file.close()
    return kept


def commits(tmp_path: Path, log: bytes) -> int:
    """Return how many frames of a log are whole transactions."""
    (tmp_path / "log").write_bytes(log)
    with (tmp_path / "log").open("rb") as file:
        header = header_of(file)
        return last_commit(file, header, beginning(header)).frames if header else -1


def test_a_log_is_read_up_to_its_last_whole_transaction(tmp_path: Path, log: bytes) -> None:
    header = parse_header(log)
    assert header is not None
    frames = (len(log) - 32) // header.frame_bytes
    assert commits(tmp_path, log) == frames > 12
    # without its last page the third transaction is none, with half a page neither
    assert commits(tmp_path, log[: -header.frame_bytes]) == commits(tmp_path, log[:-1]) < 5
    flipped = bytearray(log)
    flipped[header.offset(2) + 100] ^= 1
    assert commits(tmp_path, bytes(flipped)) <= 2
    # what an older log left behind is not read
    assert commits(tmp_path, log + log[32:]) == frames


def test_a_torn_header_is_none(log: bytes) -> None:
    assert parse_header(log[:31]) is None
    assert parse_header(b"\0" * 32) is None
    assert parse_header(log[:16] + b"\1" + log[17:]) is None


@pytest.mark.parametrize(
    ("kept", "found", "step"),
    [
        (None, Found((5, 1), OLD), Step.BEGIN),
        (None, Found(None, OLD), Step.BEGIN),
        # the same log: it goes on, or it is another of the same name
        (Kept((5, 1), AT, None), Found((5, 1), NEW), Step.APPEND),
        (Kept((5, 1), AT, OLD), Found((5, 1), OLD), Step.APPEND),
        (Kept((5, 1), AT, None), Found((5, 1), NEW, goes_on=False), Step.BEGIN),
        # begun anew: once, after all of it was kept
        (Kept((5, 1), AT, OLD), Found((6, 9), NEW), Step.NEXT),
        (Kept((0xFFFFFFFF, 1), AT, OLD), Found((0, 9), NEW), Step.NEXT),
        (Kept((5, 1), AT, None), Found((6, 9), NEW), Step.BEGIN),
        (Kept((5, 1), AT, OLD), Found((7, 9), NEW), Step.BEGIN),
        # the server was stopped: the file is as it was left, or somebody wrote meanwhile
        (Kept((5, 1), AT, OLD), Found(None, OLD), Step.REST),
        (Kept((5, 1), AT, OLD), Found((77, 9), OLD), Step.NEXT),
        (Kept((5, 1), AT, OLD), Found((77, 9), NEW), Step.BEGIN),
        (Kept((5, 1), AT, OLD), Found(None, NEW), Step.BEGIN),
        (Kept((5, 1), AT, None), Found(None, OLD), Step.BEGIN),
        # a generation whose log has not begun
        (Kept(None, None, OLD), Found(None, OLD), Step.REST),
        (Kept(None, None, OLD), Found((5, 1), OLD), Step.NEXT),
        (Kept(None, None, OLD), Found((5, 1), NEW), Step.BEGIN),
    ],
)
def test_the_copy_begins_anew_whenever_a_page_might_be_missing(
    kept: Kept | None, found: Found, step: Step
) -> None:
    assert next_step(kept, found) is step


@pytest.mark.parametrize(
    ("length", "frames", "copied", "copying_base", "does"),
    [
        (0, 0, True, False, Care.LEAVE),
        (1, FRAMES_AT_ONCE - 1, True, False, Care.LEAVE),
        (1, FRAMES_AT_ONCE, True, False, Care.BRING_HOME),
        (1, FRAMES_AT_ONCE, False, False, Care.LEAVE),
        (1, FRAMES_AT_ONCE, True, True, Care.LEAVE),
        (MOST_BYTES + 1, FRAMES_AT_ONCE, False, False, Care.GIVE_UP),
        (MOST_BYTES + 1, FRAMES_AT_ONCE, True, True, Care.GIVE_UP),
        (MOST_BYTES + 1, FRAMES_AT_ONCE, True, False, Care.BRING_HOME),
        # long from yesterday, short today
        (MOST_BYTES + 1, 10, False, False, Care.LEAVE),
    ],
)
def test_the_log_waits_for_the_second_disk_up_to_a_limit(
    length: int, frames: int, copied: bool, copying_base: bool, does: Care
) -> None:
    assert care(length, frames, copied=copied, copying_base=copying_base) is does


def test_a_generation_ends_before_restoring_takes_too_long() -> None:
    assert not wants_new_base(10, LEAST_BEFORE_ANEW)
    assert wants_new_base(10, LEAST_BEFORE_ANEW + 1)
    assert not wants_new_base(3 * LEAST_BEFORE_ANEW, 2 * LEAST_BEFORE_ANEW)


@pytest.mark.parametrize(
    ("exists", "owner", "used", "same_disk", "found"),
    [
        (False, None, False, False, Place.ABSENT),
        (True, None, False, False, Place.NEW),
        (True, None, False, True, Place.NEW),
        (True, None, True, False, Place.NEW),  # a fresh disk in the place of the old one
        (True, None, True, True, Place.ABSENT),  # the folder the disk is mounted on
        (True, "ours", True, False, Place.OURS),
        (True, "ours", False, True, Place.OURS),
        (True, "theirs", False, False, Place.STRANGE),
    ],
)
def test_the_second_disk_is_known_by_what_lies_on_it(
    exists: bool, owner: str | None, used: bool, same_disk: bool, found: Place
) -> None:
    assert place(exists, owner, "ours", used=used, same_disk=same_disk) is found
