"""A hall brought back, a drill, a file that is refused, nights, a way back from a new version."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from halls import SHANGHAI, MovedClock, Rooms, open_rooms
from test_second_disk import Disk

import upkeep
from commandline import guarding
from commandline.asked import HOUSE, Asked
from commandline.guarding import guard
from commandline.main import COMMANDS
from commandline.restoring import restore
from commandline.words import parser
from faults.upgrading import RELEASED
from hall import config as settings
from hall.refusals import NotAllowed, NotValid
from privacy import redo
from privacy.privacy import Privacy
from safety.nightly import Nightly
from safety.standing import Standing, standings
from safety.traces import Presence, note, traces_of
from server import create_app


@pytest.fixture
def hall(tmp_path: Path, clock: MovedClock) -> Iterator[Rooms]:
    """A hall whose settings name a second disk."""
    (tmp_path / "second").mkdir()
    (tmp_path / "config.toml").write_text('[backup]\nfolder = "second"\n', encoding="utf-8")
    opened = open_rooms(tmp_path / "hall.db", clock)
    yield opened
    opened.store.close()


def asked(hall: Rooms, *words: str) -> Asked:
    folder = hall.store.path.parent
    place = ["--config", str(folder / "config.toml"), "--database", str(hall.store.path)]
    return Asked(parser().parse_args([*words, *place]))


def tickets_in(path: Path) -> int:
    with closing(sqlite3.connect(path)) as file:
        return int(file.execute("select count(*) from ticket").fetchone()[0])


def copied(hall: Rooms, tickets: int) -> None:
    """Let the second disk have a hall of some tickets, and stop the server."""
    disk = Disk(hall.store.path.parent / "second", hall)
    for _ in range(tickets):
        hall.take()
    disk.turn(3)
    disk.shipper.close()
    hall.store.close()


def backed_up(hall: Rooms, at: str) -> Path:
    """Make a backup with the name of a time."""
    target = hall.store.path.parent / "second" / f"hall-{at}.db"
    upkeep.back_up(hall.store.path, target)
    return target


# -- restore -----------------------------------------------------------------------------------


def test_the_newest_is_the_second_disks_copy_and_the_damaged_file_is_kept(
    hall: Rooms, capsys: pytest.CaptureFixture[str]
) -> None:
    backed_up(hall, "20261119-020000")
    copied(hall, 5)
    whole = hall.store.path.read_bytes()
    hall.store.path.write_bytes(b"\xff" * 8192 + whole[8192:])
    assert restore(asked(hall, "restore", "--newest")) == 0
    assert "连续备份" in capsys.readouterr().out
    assert tickets_in(hall.store.path) == 5
    (kept,) = hall.store.path.parent.glob("hall.db.replaced-*")
    assert kept.read_bytes()[:8192] == b"\xff" * 8192
    assert not list(hall.store.path.parent.glob("*.try*"))


def test_a_copy_that_is_damaged_gives_way_to_the_newest_good_backup(
    hall: Rooms, capsys: pytest.CaptureFixture[str]
) -> None:
    hall.take()
    backed_up(hall, "20261118-020000")
    hall.take()
    backed_up(hall, "20261119-020000").write_bytes(b"torn")
    copied(hall, 1)
    (base,) = (hall.store.path.parent / "second" / "hall").glob("*/base.db")
    base.write_bytes(base.read_bytes()[:20_000])
    hall.store.path.unlink()
    assert restore(asked(hall, "restore", "--newest")) == 0
    assert capsys.readouterr().out.count("不能用") == 2
    assert tickets_in(hall.store.path) == 1


def test_a_backup_newer_than_a_copy_that_fell_behind_comes_first(hall: Rooms) -> None:
    copied(hall, 1)
    later = open_rooms(hall.store.path, hall.clock)
    later.desk.issue("advice", "tap-later")
    later.store.close()
    backed_up(hall, "20261120-230000")
    hall.store.path.unlink()
    assert restore(asked(hall, "restore", "--newest")) == 0
    assert tickets_in(hall.store.path) == 2


def test_the_log_of_a_file_that_vanished_is_not_written_over_the_restored_one(
    hall: Rooms,
) -> None:
    backup = backed_up(hall, "20261119-020000")
    for _ in range(5):
        hall.take()
    left = hall.store.path.with_name("hall.db-wal").read_bytes()
    hall.store.close()
    hall.store.path.unlink()
    hall.store.path.with_name("hall.db-wal").write_bytes(left)
    assert restore(asked(hall, "restore", str(backup))) == 0
    assert tickets_in(hall.store.path) == 0
    (kept,) = hall.store.path.parent.glob("hall.db.replaced-*-wal")
    assert kept.read_bytes() == left


def test_a_server_that_began_while_the_backup_was_copied_keeps_its_file(
    hall: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = backed_up(hall, "20261119-020000")
    hall.store.close()
    begun: list[Rooms] = []

    def copy(source: Path, target: Path) -> None:
        target.write_bytes(source.read_bytes())
        begun.append(open_rooms(hall.store.path, hall.clock))
        begun[0].desk.issue("advice", "tap-meanwhile")

    monkeypatch.setattr("upkeep.shutil.copyfile", copy)
    with pytest.raises(NotAllowed, match="正在使用"):
        upkeep.restore(backup, hall.store.path, "20261119-120000")
    begun[0].store.close()
    assert tickets_in(hall.store.path) == 1
    assert not list(hall.store.path.parent.glob("*.replaced-*"))


def test_two_restores_within_a_second_keep_both_files(hall: Rooms) -> None:
    backup = backed_up(hall, "20261119-020000")
    hall.take()
    hall.store.close()
    first = upkeep.restore(backup, hall.store.path, "20261119-120000")
    second = upkeep.restore(backup, hall.store.path, "20261119-120000")
    assert first is not None
    assert second is not None
    assert (tickets_in(first), tickets_in(second)) == (1, 0)


def test_a_copy_that_sqlite_cannot_put_together_gives_way_to_a_backup(
    hall: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    backed_up(hall, "20261119-020000")
    copied(hall, 1)
    hall.store.path.unlink()

    def fail(*_: object) -> int:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr("safety.sources.assemble", fail)
    assert restore(asked(hall, "restore", "--newest")) == 0
    assert tickets_in(hall.store.path) == 0


def test_a_drill_says_what_would_come_back_and_leaves_nothing_behind(
    hall: Rooms, capsys: pytest.CaptureFixture[str]
) -> None:
    copied(hall, 3)
    before = {each: each.stat().st_mtime_ns for each in hall.store.path.parent.rglob("*")}
    assert restore(asked(hall, "restore", "--drill")) == 0
    told = capsys.readouterr().out
    assert "3 张号票" in told
    assert "演练通过" in told
    after = {each: each.stat().st_mtime_ns for each in hall.store.path.parent.rglob("*")}
    changed = {each.name for each in before.keys() ^ after.keys()}
    assert not changed


def test_a_drill_without_anything_to_bring_back_fails(hall: Rooms) -> None:
    with pytest.raises(NotAllowed, match="没有找到备份"):
        restore(asked(hall, "restore", "--drill"))
    with pytest.raises(NotValid):
        restore(asked(hall, "restore"))


def test_a_hall_on_a_new_machine_knows_what_was_erased_before_it_erases_again(
    tmp_path: Path, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "second").mkdir()
    told = settings.from_dict({"backup": {"folder": "second"}})
    app = create_app(told, tmp_path / "hall.db", clock)
    listed = redo.path_of(tmp_path / "hall.db")
    listed.write_text("a receipt\n", "utf-8")
    app.extensions["keeping"].shipper.turn()
    app.extensions["keeping"].close()
    app.extensions["hall"].store.close()
    listed.unlink()
    known: list[str] = []
    monkeypatch.setattr(Privacy, "reapply", lambda self: known.append(self.redo.read_text("utf-8")))
    again = create_app(told, tmp_path / "hall.db", clock)
    assert known == ["a receipt\n"]
    again.extensions["hall"].store.close()


# -- what is refused ---------------------------------------------------------------------------


def test_a_file_that_vanished_is_refused_with_the_command_that_brings_it_back(
    hall: Rooms,
) -> None:
    copied(hall, 2)
    hall.store.path.unlink()
    with pytest.raises(NotAllowed, match="restore --newest") as refused:
        guard(asked(hall, "serve"))
    assert refused.value.code == "file_missing"
    assert not hall.store.path.exists()
    restore(asked(hall, "restore", "--newest"))
    guard(asked(hall, "serve"))


def test_an_empty_hall_is_begun_only_by_who_says_so(hall: Rooms) -> None:
    copied(hall, 2)
    hall.store.path.write_bytes(b"")
    with pytest.raises(NotAllowed, match="0 字节"):
        guard(asked(hall, "serve"))
    guard(asked(hall, "serve", "--accept"))


def test_a_damaged_file_is_refused_even_if_somebody_would_accept_it(hall: Rooms) -> None:
    copied(hall, 1)
    content = bytearray(hall.store.path.read_bytes())
    content[100:4096] = b"\x55" * 3996
    hall.store.path.write_bytes(bytes(content))
    with pytest.raises(NotAllowed, match="已损坏"):
        guard(asked(hall, "serve", "--accept"))


OPENS = [("admin", "李四"), ("key", "program", "--name", "对接"), ("audit", "verify")]


@pytest.mark.parametrize("words", OPENS, ids=lambda words: words[0])
def test_no_command_begins_an_empty_hall_where_one_has_vanished(
    hall: Rooms, words: tuple[str, ...]
) -> None:
    copied(hall, 1)
    hall.store.path.unlink()
    with pytest.raises(NotAllowed, match=r"(?s)不见了.*restore --newest"):
        COMMANDS[words[0]](asked(hall, *words))
    assert not hall.store.path.exists()


@pytest.mark.parametrize("words", OPENS, ids=lambda words: words[0])
def test_a_command_says_that_the_file_is_damaged(hall: Rooms, words: tuple[str, ...]) -> None:
    copied(hall, 1)
    content = bytearray(hall.store.path.read_bytes())
    content[100:4096] = b"\x55" * 3996
    hall.store.path.write_bytes(bytes(content))
    with pytest.raises(NotAllowed, match="已损坏"):
        COMMANDS[words[0]](asked(hall, *words))


def test_an_older_versions_file_with_a_lost_page_is_refused_with_the_way_back(
    tmp_path: Path,
) -> None:
    database = tmp_path / "hall.db"
    with closing(sqlite3.connect(database)) as file:
        file.executescript((RELEASED / "0.1.0.sql").read_text("utf-8"))
        ((page,),) = file.execute(
            "select min(rootpage) from sqlite_master where type = 'index' and tbl_name = 'journal'"
        )
        ((size,),) = file.execute("pragma page_size")
    content = bytearray(database.read_bytes())
    content[(page - 1) * size : page * size] = b"\x5a" * size
    database.write_bytes(bytes(content))
    with pytest.raises(NotAllowed, match="已损坏") as refused:
        guard(Asked(parser().parse_args(["serve", "--database", str(database)])))
    assert refused.value.code == "file_damaged"


def test_there_is_no_audit_log_to_check_before_there_is_a_hall(tmp_path: Path) -> None:
    nowhere = tmp_path / "data" / "hall.db"
    words = parser().parse_args(["audit", "verify", "--database", str(nowhere)])
    with pytest.raises(NotAllowed, match="没有数据文件"):
        COMMANDS["audit"](Asked(words))
    assert not nowhere.exists()


@pytest.mark.parametrize(
    "words",
    [("webhook", "list"), ("webhook", "retry", "1"), ("province", "list"), ("province", "retry")],
)
def test_what_is_told_outside_is_looked_at_only_where_there_is_a_hall(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    (tmp_path / "config.toml").write_text("", "utf-8")
    place = ["--config", str(tmp_path / "config.toml"), "--database", str(tmp_path / "hall.db")]
    with pytest.raises(NotAllowed, match="还没有大厅"):
        COMMANDS[words[0]](Asked(parser().parse_args([*words, *place])))
    assert [each.name for each in tmp_path.iterdir()] == ["config.toml"]


def test_a_log_that_was_tidied_away_is_missed(hall: Rooms, clock: MovedClock) -> None:
    path, there = hall.store.path, Presence(hall.store.path, clock)
    hall.store.connection.execute("pragma wal_checkpoint(truncate)")
    hall.take()
    there.tick()
    lying = {end: path.with_name(path.name + end).read_bytes() for end in ("", "-wal")}
    hall.store.close()
    there.tick()
    path.write_bytes(lying[""])
    there._told = True
    there.tick()  # its last touch came after the file's last change
    path.with_name("hall.db-wal").write_bytes(lying["-wal"])
    guard(asked(hall, "serve"))
    path.with_name("hall.db-wal").unlink(missing_ok=True)
    path.write_bytes(lying[""])
    there.tick()
    with pytest.raises(NotAllowed, match="-wal 不见了"):
        guard(asked(hall, "serve"))
    guard(asked(hall, "serve", "--accept"))
    guard(asked(hall, "serve"))


def test_after_a_quiet_end_nobody_misses_a_log(hall: Rooms, clock: MovedClock) -> None:
    there = Presence(hall.store.path, clock)
    there.tick()
    hall.store.close()
    there.tick()
    there.close()
    guard(asked(hall, "serve"))


# -- nights ------------------------------------------------------------------------------------


class Nights:
    """The nights of a hall, whose backups are made at once."""

    def __init__(self, hall: Rooms) -> None:
        self.hall = hall
        self.rules: list[bool] = []
        self.fails = ""
        told = settings.from_dict({"hall": {"timezone": "Asia/Shanghai"}})
        self.nightly = self.nights(told)

    def nights(self, told: settings.Config) -> Nightly:
        return Nightly(
            self.hall.store.path,
            told,
            "this hall",
            self.hall.clock,
            back_up=self.back_up,
            start=lambda work: work(),
        )

    def back_up(self, target: Path, rules: bool) -> None:
        if self.fails:
            raise OSError(self.fails)
        self.rules.append(rules)
        target.write_bytes(b"a backup")

    def at(self, day: int, hour: int, minute: int = 0) -> list[str]:
        """Let it be a time in November; return the backups there are."""
        when = datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)
        self.hall.clock.instant = int(when.timestamp()) * 1000
        self.nightly.tick()
        return sorted(each.name for each in self.nightly.folder.glob("*.db"))


def test_every_night_there_is_one_backup_and_old_ones_go(hall: Rooms) -> None:
    nights = Nights(hall)
    assert nights.at(1, 9) == nights.at(2, 1, 59) == []
    assert nights.at(2, 2) == nights.at(2, 23) == ["hall-20261102-020000.db"]
    # off from the third to the fifth: made up in the morning
    assert nights.at(5, 8, 10)[-1] == "hall-20261105-081000.db"
    mine = nights.nightly.folder / "hall-20261102-020000-before-0.5.0.db"
    mine.write_bytes(b"")
    (nights.nightly.folder / "hall-by-hand.db").write_bytes(b"")
    for day in range(6, 30):
        nights.at(day, 2)
    kept = nights.at(29, 9)
    # fourteen days, the Sundays (or last nights) of three weeks before, two by hand
    assert [each for each in kept if "-0200" not in each or "before" in each] == [
        "hall-20261102-020000-before-0.5.0.db",
        "hall-by-hand.db",
    ]
    assert len(kept) == 2 + 14 + 2
    assert nights.rules.count(True) == 4
    assert nights.nightly.trouble == ""


def test_a_night_that_failed_is_told_and_tried_again(hall: Rooms) -> None:
    nights = Nights(hall)
    nights.at(1, 9)
    nights.fails = "磁盘已满"
    assert nights.at(2, 2) == []
    assert nights.nightly.trouble == "磁盘已满"
    nights.fails = ""
    assert nights.at(2, 2, 9) == []
    assert nights.at(2, 2, 10) == ["hall-20261102-021000.db"]
    assert nights.nightly.trouble == ""


def test_a_night_without_the_second_disk_writes_nothing_where_it_is_mounted(hall: Rooms) -> None:
    told = settings.from_dict({"backup": {"folder": "second"}})
    nights = Nights(hall)
    nights.nightly = nights.nights(told)
    nights.at(1, 9)
    assert nights.at(2, 2) == []
    assert "第二块磁盘不在" in nights.nightly.trouble


def test_a_backup_that_fails_gives_the_disk_back(
    hall: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("upkeep._copy", fail)
    with pytest.raises(sqlite3.OperationalError):
        backed_up(hall, "20261119-020000")
    assert not list((hall.store.path.parent / "second").iterdir())


def test_a_backup_never_fills_the_halls_own_disk(
    hall: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("upkeep.LEFT_FREE", 1 << 60)
    with pytest.raises(NotAllowed, match="空间不够"):
        backed_up(hall, "20261119-020000")
    assert not list((hall.store.path.parent / "second").iterdir())


def test_a_night_removes_nothing_from_the_disk_of_another_hall(hall: Rooms) -> None:
    second = hall.store.path.parent / "second"
    theirs = [second / f"hall-202611{day:02}-020000.db" for day in range(1, 30)]
    for each in theirs:
        each.write_bytes(b"another hall's")
    (second / "hall").mkdir()
    (second / "hall" / "copy.json").write_text('{"hall": "that hall"}')
    nights = Nights(hall)
    nights.nightly = nights.nights(settings.from_dict({"backup": {"folder": "second"}}))
    nights.at(29, 9)
    nights.at(30, 2)
    assert "另一个大厅" in nights.nightly.trouble
    assert sorted(second.iterdir()) == [second / "hall", *theirs]


def test_a_night_leaves_the_half_made_backup_of_a_hall_with_a_longer_name(hall: Rooms) -> None:
    nights = Nights(hall)
    nights.at(1, 9)
    nights.nightly.folder.mkdir()
    theirs = nights.nightly.folder / "hall-east-20261102-020000.db.part"
    mine = nights.nightly.folder / "hall-20261101-020000.db.part"
    for each in (theirs, mine):
        each.write_bytes(b"half")
    assert nights.at(2, 2) == ["hall-20261102-020000.db"]
    assert (theirs.exists(), mine.exists()) == (True, False)


def test_a_night_is_made_and_verified_by_a_process_of_its_own(hall: Rooms) -> None:
    hall.take()
    target = hall.store.path.parent / "second" / "hall-20261119-020000.db"
    words = {"database": str(hall.store.path), "target": str(target), "rules": True}
    told = subprocess.run(
        [sys.executable, "-X", "utf8", "-m", "commandline.night"],
        input=json.dumps({**words, "config": settings.Config().model_dump(mode="json")}),
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=HOUSE,
        timeout=60,
        check=False,
    )
    assert (told.returncode, told.stderr) == (0, "")
    assert tickets_in(target) == 1
    assert [each.name for each in target.parent.iterdir()] == [target.name]
    assert target.read_bytes()[18:20] == b"\1\1", "a backup needs no log beside it"


# -- before a new version ----------------------------------------------------------------------


def test_before_a_new_version_changes_the_file_there_is_a_way_back(
    hall: Rooms, capsys: pytest.CaptureFixture[str]
) -> None:
    hall.take()
    for steps in guarding.rooms_steps():
        steps.apply(hall.store.database)
    guard(asked(hall, "serve"))
    folder = hall.store.path.parent / "backups"
    assert not folder.exists(), "nothing to bring up to date, no backup"
    (name, step) = hall.store.row(
        "select migration_set, name from _sqlite_migrations where migration_set = 'hall' "
        "order by rowid desc limit 1"
    )
    with hall.store.transaction():
        hall.store.connection.execute(
            "delete from _sqlite_migrations where migration_set = ? and name = ?", (name, step)
        )
    assert f"{name}.{step}" in guarding.pending(hall.store.path)
    guard(asked(hall, "serve"))
    (made,) = folder.glob("hall-*-before-*.db")
    assert upkeep.integrity(made) == []
    assert f"restore {made}" in capsys.readouterr().out.replace('"', "")
    told = json.dumps([each.name for each in folder.iterdir()])
    assert ".part" not in told
    note(hall.store.path, open=False)


def test_an_older_program_does_not_open_the_file_of_a_newer_one(hall: Rooms) -> None:
    guard(asked(hall, "serve"))
    with hall.store.transaction():
        hall.store.connection.execute(
            "insert into _sqlite_migrations (migration_set, name, applied_at) "
            "values ('hall', 'holograms', '2030-01-01')"
        )
    with pytest.raises(NotAllowed, match=r"hall\.holograms"):
        guard(asked(hall, "serve"))


# -- what is said of it ------------------------------------------------------------------------


def said(hall: Rooms, *, more: str = "", later: float = 0) -> dict[str, Standing]:
    told = settings.from_dict({"backup": {"folder": more}})
    now = hall.clock() + int(later * 1000)
    return {each.what: each for each in standings(hall.store.path, told, now)}


def test_the_report_says_how_far_behind_the_second_disk_is(hall: Rooms) -> None:
    assert said(hall)["第二块磁盘"].state == "note"
    assert said(hall, more="nowhere")["第二块磁盘"].state == "bad"
    assert "还没有用过" in said(hall, more="second")["第二块磁盘"].told
    there = Presence(hall.store.path, hall.clock)
    there.tick()
    copied(hall, 1)

    def beat(seconds: float) -> None:
        at = hall.clock() + int(seconds * 1000)
        os.utime(traces_of(hall.store.path), ns=(at * 1_000_000, at * 1_000_000))

    beat(0)
    assert "同一块磁盘" in said(hall, more="second")["第二块磁盘"].told
    # served on for a minute and a half without a copy; then stopped, and an hour later still so
    beat(90)
    assert said(hall, more="second", later=91)["第二块磁盘"].state == "bad"
    assert "落后 90 秒" in said(hall, more="second", later=3600)["第二块磁盘"].told
    note(hall.store.path, copied_to="elsewhere")
    assert "不是本大厅写的" in said(hall, more="second")["第二块磁盘"].told
    (hall.store.path.parent / "second" / "hall").rename(hall.store.path.parent / "away")
    assert "没有接上" in said(hall, more="second")["第二块磁盘"].told


def test_the_report_says_that_a_night_failed_or_pages_are_damaged(hall: Rooms) -> None:
    nights = Nights(hall)
    nights.at(1, 9)
    nights.fails = "磁盘已满"
    nights.at(2, 2)
    note(hall.store.path, damage="Page 7 is never used")
    told = said(hall)
    assert (told["每夜备份"].state, told["数据页"].state) == ("bad", "bad")
    nights.fails = ""
    nights.at(2, 3)
    note(hall.store.path, damage="")
    assert said(hall)["每夜备份"].state == "ok"
    assert "数据页" not in said(hall)
