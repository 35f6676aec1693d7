"""A damaged hall never starts empty: what is wrong with a file, and what is said about it."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from halls import Rooms

from safety.condition import Condition, Offer, Seen, judge, sentence
from safety.probe_store import ask, head_of, quick_check


@pytest.fixture
def sound(rooms: Rooms) -> Seen:
    """A hall's file as it lies there after a stop."""
    rooms.take()
    path = rooms.store.path
    rooms.store.connection.execute("pragma wal_checkpoint(truncate)")
    size = path.stat().st_size
    return Seen(size, head_of(path), None, traces=True, tables=90, is_hall=True)


WRONG: list[tuple[str, dict[str, object], Condition]] = [
    ("as it should be", {}, Condition.SOUND),
    ("never here", {"size": None, "traces": False}, Condition.NEW),
    ("vanished", {"size": None}, Condition.MISSING),
    ("vanished but for its log", {"size": None, "traces": False, "log": 4152}, Condition.MISSING),
    ("of no bytes", {"size": 0}, Condition.EMPTY),
    ("made by touch", {"size": 0, "traces": False}, Condition.NEW),
    ("a text", {"size": 5000, "head": b"Dear Sir" * 20}, Condition.NO_DATABASE),
    ("cut off in its header", {"size": 60, "head": b"SQLite format 3\0"}, Condition.NO_DATABASE),
    ("its first page overwritten", {"head": b"\xff" * 100}, Condition.NO_DATABASE),
    ("its second half missing", {"size": 40_960}, Condition.SHORT),
    ("short, the rest in its log", {"size": 40_960, "log": 9000}, Condition.SOUND),
    ("short beside an empty log", {"size": 40_960, "log": 0}, Condition.SHORT),
    ("cut off and its log removed", {"left_open": True}, Condition.LOG_MISSING),
    ("cut off with its log", {"left_open": True, "log": 9000}, Condition.SOUND),
    ("a page damaged", {"error": "database disk image is malformed"}, Condition.DAMAGED),
    ("another program's", {"is_hall": False, "tables": 3}, Condition.FOREIGN),
    ("a first start cut off", {"is_hall": False, "tables": 0, "traces": False}, Condition.NEW),
    ("all tables gone", {"is_hall": False, "tables": 0}, Condition.FOREIGN),
]


@pytest.mark.parametrize(("what", "seen", "found"), WRONG, ids=[each[0] for each in WRONG])
def test_only_a_sound_file_and_a_new_one_are_served(
    sound: Seen, what: str, seen: dict[str, object], found: Condition
) -> None:
    assert judge(replace(sound, **seen)) is found, what  # type: ignore[arg-type]


def test_who_is_refused_reads_what_to_do() -> None:
    offer = Offer("每夜备份", "python server.py restore --newest")
    told = sentence(Condition.MISSING, "hall.db", "", offer, "python server.py serve --accept")
    assert "hall.db 不见了" in told
    assert offer.command in told
    assert "--accept" in told
    told = sentence(Condition.DAMAGED, "hall.db", "malformed", None, "--accept")
    assert "malformed" in told
    assert "没有找到备份" in told
    assert "--accept" not in told


def test_cheap_probes_know_a_hall_from_another_file(rooms: Rooms, tmp_path: Path) -> None:
    assert ask(rooms.store.path)[0] == ""
    assert ask(rooms.store.path)[2]
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as file:
        file.execute("create table song (name)")
    assert ask(other) == ("", 1, False)
    (tmp_path / "text.db").write_bytes(b"no database at all, but long enough" * 30)
    assert ask(tmp_path / "text.db")[0]


def test_a_page_that_no_probe_reads_is_found_by_the_look_at_all_pages(
    rooms: Rooms, tmp_path: Path
) -> None:
    rooms.store.connection.execute("pragma wal_checkpoint(truncate)")
    copy = tmp_path / "copy.db"
    copy.write_bytes(rooms.store.path.read_bytes())
    assert quick_check(copy) == []
    content = bytearray(copy.read_bytes())
    (root,) = rooms.store.row(
        "select rootpage from sqlite_master where name = 'catalogue_change_of'"
    )
    content[(root - 1) * 4096 : root * 4096] = b"\x55" * 4096
    copy.write_bytes(bytes(content))
    assert quick_check(copy)
