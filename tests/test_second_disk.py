"""The second disk holds what the hall committed, whatever happens to log, server and disk."""

import errno
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from halls import MovedClock, Rooms, open_rooms

import upkeep
from bench import copying
from hall.config import from_dict
from hall.refusals import NotAllowed
from safety import base, copies, wal
from safety.copies import Generation
from safety.files import read_json
from safety.lists import Lists, bring
from safety.replay_store import assemble
from safety.shipper import Shipper
from safety.sources import sources
from safety.traces import traces_of

At = Callable[[], list[tuple[int, str]]]


class Disk:
    """A second disk, the hall's shipper to it, and what can be restored from it."""

    def __init__(self, folder: Path, rooms: Rooms) -> None:
        self.folder, self.rooms = folder, rooms
        folder.mkdir(exist_ok=True)
        self.place = folder / "hall"
        self.found_whole = True
        self.shipper = self.ship()

    @property
    def erasures(self) -> Path:
        """A list beside the hall's file that goes along."""
        return self.rooms.store.path.with_name("hall.db.erasures")

    def ship(self, owner: str = "this hall") -> Shipper:
        """Return a shipper that does its work at once, one turn a tick."""
        return Shipper(
            self.rooms.store,
            str(self.folder),
            owner,
            self.rooms.clock,
            spawn=lambda work: work(),
            start=lambda work: work(),
            copy_base=base.copy,
            lists=[self.erasures],
            found_whole=lambda: self.found_whole,
        )

    def turn(self, times: int = 1) -> None:
        """Let seconds pass."""
        for _ in range(times):
            self.rooms.clock.move(seconds=1)
            self.shipper.tick()

    def generation(self) -> Generation:
        """Return what a hall would be restored from."""
        newest = copies.newest_ready(self.place)
        assert newest is not None, self.shipper.trouble
        return newest

    def tickets(self) -> list[tuple[int, str]]:
        """Return the tickets of a hall restored from here, after a look at all its pages."""
        back = self.folder / "back.db"
        assemble(self.generation(), back)
        assert upkeep.integrity(back) == []
        with closing(sqlite3.connect(back)) as file:
            return file.execute("select id, tap from ticket order by id").fetchall()

    def kill(self) -> None:
        """End the server's shipper between two instructions; another begins."""
        assert self.shipper._checkpoints is not None
        self.shipper._checkpoints.close()
        self.shipper = self.ship()


def tickets(rooms: Rooms) -> list[tuple[int, str]]:
    return list(rooms.store.rows("select id, tap from ticket order by id"))


@pytest.fixture
def disk(rooms: Rooms, tmp_path: Path) -> Iterator[Disk]:
    """A second disk that has a ready copy of a hall with one ticket."""
    disk = Disk(tmp_path / "second", rooms)
    rooms.take()
    disk.turn(3)
    assert disk.tickets() == tickets(rooms)
    yield disk
    disk.shipper.close()


@pytest.fixture
def short_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A log is long with forty pages already."""
    monkeypatch.setattr(wal, "FRAMES_AT_ONCE", 40)


def test_what_was_committed_is_on_the_second_disk_a_turn_later(disk: Disk, rooms: Rooms) -> None:
    for _ in range(3):
        rooms.take()
        disk.turn()
        assert disk.tickets() == tickets(rooms)
        assert disk.shipper.behind_seconds() == 0


def test_half_a_transaction_is_never_restored(disk: Disk, rooms: Rooms) -> None:
    before = tickets(rooms)
    with rooms.store.transaction():
        rooms.take()
        disk.shipper.turn()
        assert disk.tickets() == before
    disk.turn()
    assert len(disk.tickets()) == len(before) + 1


@pytest.mark.usefixtures("short_logs")
def test_the_log_stays_short_and_the_copy_whole_over_many_logs(disk: Disk, rooms: Rooms) -> None:
    first = disk.generation().folder
    for _ in range(16):
        rooms.take()
        rooms.take()
        disk.turn()
    assert disk.generation().folder == first
    assert len(disk.generation().logs()) > 3
    assert disk.tickets() == tickets(rooms)
    # a turn's pages more than forty, and nothing that grows
    assert disk.shipper.log_bytes < 120 * 4120


@pytest.mark.usefixtures("short_logs")
def test_what_is_committed_after_the_look_at_a_log_that_comes_home_is_not_lost(
    disk: Disk, rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = disk.shipper._frames

    def committed_meanwhile() -> int:
        rooms.take()
        return count()

    monkeypatch.setattr(disk.shipper, "_frames", committed_meanwhile)
    for _ in range(16):
        disk.turn()
    assert len(disk.generation().logs()) > 2
    monkeypatch.undo()
    disk.turn()
    assert disk.tickets() == tickets(rooms)


@pytest.mark.usefixtures("short_logs")
def test_without_a_second_disk_the_log_comes_home_as_well(rooms: Rooms) -> None:
    alone = Shipper(
        rooms.store,
        "",
        "",
        rooms.clock,
        spawn=lambda work: work(),
        start=lambda work: work(),
        copy_base=base.copy,
    )
    for _ in range(16):
        rooms.take()
        rooms.take()
        alone.tick()
    assert alone.log_bytes < 120 * 4120
    assert alone.behind_seconds() is None
    alone.close()


@pytest.mark.usefixtures("short_logs")
def test_a_reader_that_takes_its_time_only_lets_the_log_grow(disk: Disk, rooms: Rooms) -> None:
    with closing(sqlite3.connect(rooms.store.path, isolation_level=None)) as reader:
        reader.execute("begin")
        before = reader.execute("select count(*) from ticket").fetchone()
        for _ in range(12):
            rooms.take()
            disk.turn()
        assert disk.shipper.log_bytes > 40 * 4120
        assert reader.execute("select count(*) from ticket").fetchone() == before
        assert disk.tickets() == tickets(rooms)
    rooms.take()
    disk.turn()
    rooms.take()
    disk.turn()
    assert len(disk.generation().logs()) > 1
    assert disk.tickets() == tickets(rooms)


def test_nobody_else_can_begin_the_log_anew_unseen(disk: Disk, rooms: Rooms) -> None:
    with closing(sqlite3.connect(rooms.store.path, timeout=0)) as other:
        rooms.take()
        busy, *_ = other.execute("pragma wal_checkpoint(truncate)").fetchone()
    assert busy
    disk.turn()
    assert disk.tickets() == tickets(rooms)


def test_after_a_kill_the_copy_goes_on_where_it_was(disk: Disk, rooms: Rooms) -> None:
    first = disk.generation().folder
    rooms.take()
    disk.kill()
    rooms.take()
    disk.turn(2)
    assert disk.generation().folder == first
    assert disk.tickets() == tickets(rooms)


def test_after_a_quiet_end_it_goes_on_too(
    disk: Disk, rooms: Rooms, tmp_path: Path, clock: MovedClock
) -> None:
    first = disk.generation().folder
    rooms.take()
    disk.shipper.close()
    rooms.store.close()
    assert disk.tickets()[-1][1] == f"tap-{rooms.taps:08d}"
    again = open_rooms(tmp_path / "hall.db", clock)
    disk.rooms = again
    disk.shipper = disk.ship()
    again.taps = rooms.taps
    disk.turn()
    again.take("advice")
    disk.turn(2)
    assert disk.generation().folder == first
    assert disk.tickets() == tickets(again)
    disk.shipper.close()
    again.store.close()


def unseen(disk: Disk, rooms: Rooms) -> None:
    """Let the file change while no server looks."""
    assert disk.shipper._checkpoints is not None
    disk.shipper._checkpoints.let_go()
    rooms.take()
    rooms.store.connection.execute("pragma wal_checkpoint(truncate)")
    rooms.take()


def test_what_another_program_wrote_unseen_begins_a_generation(disk: Disk, rooms: Rooms) -> None:
    first = disk.generation().folder
    unseen(disk, rooms)
    disk.turn(3)
    assert disk.generation().folder != first
    assert not first.exists()
    assert disk.tickets() == tickets(rooms)


def test_a_copy_goes_only_once_the_file_of_its_successor_was_found_whole(
    disk: Disk, rooms: Rooms
) -> None:
    first = disk.generation().folder
    disk.found_whole = False
    unseen(disk, rooms)
    disk.turn(3)
    second = disk.generation().folder
    assert (second == first, first.exists()) == (False, True)
    told = from_dict({"backup": {"folder": str(disk.folder)}})
    found = [each.path for each in sources(rooms.store.path, told)]
    assert found == [second, first], "the older one is offered after the newest"
    unseen(disk, rooms)
    disk.turn(3)
    assert [first.exists(), second.exists()] == [True, False], "never more than two"
    second = disk.generation().folder
    disk.found_whole = True
    disk.turn()
    assert (second.exists(), first.exists()) == (True, False)


def test_a_disk_that_is_unplugged_stops_nobody_and_catches_up_when_it_returns(
    disk: Disk, rooms: Rooms
) -> None:
    first = disk.generation().folder
    away = disk.folder.with_name("in a drawer")
    disk.folder.rename(away)
    for _ in range(7):
        rooms.take()
        disk.turn()
    assert "第二块磁盘不在" in disk.shipper.trouble
    assert disk.shipper.behind_seconds() == 7
    disk.folder.mkdir()  # what it is mounted on: empty, and on the hall's own disk
    disk.turn()
    assert list(disk.folder.iterdir()) == []
    disk.folder.rmdir()
    away.rename(disk.folder)
    disk.turn()
    assert disk.shipper.trouble == ""
    assert disk.shipper.behind_seconds() == 0
    assert disk.generation().folder == first
    assert disk.tickets() == tickets(rooms)


@pytest.mark.usefixtures("short_logs")
def test_a_disk_that_is_away_for_long_gets_a_whole_copy_when_it_returns(
    disk: Disk, rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wal, "MOST_BYTES", 100 * 4120)
    away = disk.folder.with_name("in a drawer")
    disk.folder.rename(away)
    for _ in range(30):
        rooms.take()
        disk.turn()
    assert disk.shipper.log_bytes < 200 * 4120
    away.rename(disk.folder)
    disk.turn(3)
    assert disk.tickets() == tickets(rooms)


def test_a_full_disk_stops_nobody_and_catches_up_when_there_is_room(
    disk: Disk, rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")

    def refuse(*_: object) -> None:
        raise full

    with monkeypatch.context() as patched:
        patched.setattr(Generation, "append", refuse)
        patched.setattr(copies, "_write", refuse)
        rooms.take()
        disk.turn(2)
        assert "No space" in disk.shipper.trouble
        assert disk.shipper.behind_seconds() == 2
    disk.turn()
    assert disk.shipper.trouble == ""
    assert disk.tickets() == tickets(rooms)


def test_the_copy_of_another_hall_is_not_touched(disk: Disk, rooms: Rooms) -> None:
    before = sorted(disk.place.rglob("*"))
    other = disk.ship("that hall")
    rooms.take()
    other.tick()
    assert "另一个大厅" in other.trouble
    assert sorted(disk.place.rglob("*")) == before


def test_the_list_of_erasures_goes_along_and_comes_back_with_a_restored_hall(
    disk: Disk, rooms: Rooms
) -> None:
    disk.erasures.write_text("first\nsecond\nhalf a li", "utf-8")
    disk.turn()
    copied = disk.place / disk.erasures.name
    assert copied.read_text("utf-8") == "first\nsecond\n"
    # on a new machine, or after somebody removed it; one more was erased since
    disk.erasures.write_text("first\nthird\n", "utf-8")
    disk.turn()
    assert copied.read_text("utf-8") == "first\nsecond\nthird\n", "nothing is ever taken away"
    disk.erasures.unlink()
    disk.ship("that hall").bring_lists_back()
    assert not disk.erasures.exists(), "another hall's list is none of ours"
    disk.ship().bring_lists_back()
    assert disk.erasures.read_text("utf-8") == "first\nsecond\nthird\n"


def test_another_second_disk_gets_a_list_that_has_not_grown_since(tmp_path: Path) -> None:
    erasures = tmp_path / "hall.db.erasures"
    erasures.write_text("first\n", "utf-8")
    lists = Lists([erasures])
    for name in ("a disk", "another"):
        (tmp_path / name).mkdir()
        lists.begin_again()
        lists.carry(tmp_path / name)
        assert (tmp_path / name / erasures.name).read_text("utf-8") == "first\n"


def test_a_line_that_a_power_cut_tore_does_not_swallow_the_next(tmp_path: Path) -> None:
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    theirs.write_text("first\n", "utf-8")
    ours.write_text("torn", "utf-8")
    assert [bring(theirs, ours), bring(theirs, ours)] == [1, 0]
    assert ours.read_text("utf-8") == "torn\nfirst\n"


def test_every_commit_of_a_busy_hall_is_on_the_second_disk_in_the_end() -> None:
    seen = copying.run(2, 0.05, 0.01)
    assert seen.plain
    assert seen.copied
    assert seen.lost == 0


def test_a_torn_end_is_left_out_and_written_over(disk: Disk, rooms: Rooms) -> None:
    rooms.take()
    disk.turn()
    kept = tickets(rooms)
    last = disk.generation().logs()[-1]
    whole = last.read_bytes()
    last.write_bytes(whole + whole[-4120:-1000])
    assert disk.tickets() == kept
    disk.kill()
    rooms.take()
    disk.turn(2)
    assert disk.tickets() == tickets(rooms)


@pytest.mark.usefixtures("short_logs")
def test_a_gap_in_the_copy_is_refused_and_not_papered_over(disk: Disk, rooms: Rooms) -> None:
    for _ in range(20):
        rooms.take()
        disk.turn()
    first, second, *_ = disk.generation().logs()
    content = bytearray(first.read_bytes())
    content[len(content) // 2] ^= 1
    first.write_bytes(bytes(content))
    with pytest.raises(NotAllowed, match="已损坏"):
        disk.tickets()
    second.unlink()
    with pytest.raises(NotAllowed, match="缺少日志"):
        disk.tickets()


@pytest.mark.usefixtures("short_logs")
def test_a_long_generation_gives_way_to_a_new_one_without_falling_behind(
    disk: Disk, rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wal, "LEAST_BEFORE_ANEW", 1000)
    first = disk.generation().folder
    size = disk.generation().base.stat().st_size
    for _ in range(size // 4120):
        rooms.take()
        disk.turn()
        assert disk.shipper.behind_seconds() == 0
        if disk.generation().folder != first:
            break
    assert disk.generation().folder != first
    rooms.take()
    disk.turn()
    assert disk.tickets() == tickets(rooms)


def test_that_a_disk_is_used_is_said_by_the_loop_which_says_all_else_beside_the_file(
    rooms: Rooms, tmp_path: Path
) -> None:
    def said() -> object:
        return read_json(traces_of(rooms.store.path)).get("copied_to")

    disk = Disk(tmp_path / "second", rooms)
    in_the_thread: list[Callable[[], None]] = []
    disk.shipper._spawn = in_the_thread.append
    disk.shipper.tick()
    in_the_thread.pop()()
    assert (disk.place.exists(), said()) == (True, None)
    disk.shipper.tick()
    assert said() == str(disk.folder)
    in_the_thread.pop()()
    disk.shipper.close()
