"""From one release to the next without a network, and back – whenever the machine goes off."""

import json
import os
import platform
import shutil
import sqlite3
import stat
import sys
from contextlib import closing
from pathlib import Path

import pytest

from hall.config import Config
from safety.sources import sources
from tools.bundle import Target, download_words, pins_for, shipped
from tools.installer import hall_file
from tools.installer.bundle import SUMS, problems_of, sums_of
from tools.installer.common import CannotInstall
from tools.installer.installed import Hall
from tools.installer.upgrade import BACK, BUSY, STEPS_FILE, UP, Upgrade

HOUSE = Path(__file__).resolve().parents[1]
OLD, NEW = "0.4.0", "0.5.0"
HERE = f"{platform.system().lower()}-{platform.machine().lower()}"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


class Off(BaseException):
    """The machine has gone off."""


def make_bundle(folder: Path, version: str, python: str = PYTHON) -> Path:
    """A bundle with the files that the steps look at."""
    (folder / "code" / "deploy").mkdir(parents=True)
    for name in ("config.toml", "deploy/hall.service", "deploy/hall-task.xml"):
        shutil.copyfile(HOUSE / name, folder / "code" / name)
    (folder / "code" / "server.py").write_text(f"VERSION = '{version}'\n")
    about = {"version": version, "platform": HERE, "python": python}
    (folder / "bundle.json").write_text(json.dumps(about))
    sums = "".join(f"{total}  {name}\n" for name, total in sums_of(folder).items())
    (folder / SUMS).write_text(sums)
    return folder


class FakeHall(Hall):
    """An installed hall whose releases migrate in the test itself: version 0.5.0 adds a column."""

    complains: str = ""
    migrates = True
    served = False
    log: list[str]

    def verify(self, version: str, database: Path) -> str:
        """Bring a file to a version's schema."""
        if self.complains and "trial" not in database.parts:
            return self.complains
        with closing(sqlite3.connect(database)) as file, file:
            if version == NEW and self.migrates:
                file.execute("insert or ignore into _sqlite_migrations values ('hall', 'new')")
        return ""

    def restore(self, version: str, backup: Path) -> str:
        """Put a backup in the file's place."""
        self.database.rename(self.database.with_name("hall.db.replaced-now"))
        shutil.copyfile(backup, self.database)
        return ""

    def is_served(self) -> bool:
        """Ask the test's service."""
        return self.served

    def stop(self) -> None:
        """Stop it."""
        self.served = False

    def start(self) -> None:
        """Start it."""
        self.served = True


class FakeUpgrade(Upgrade):
    """An upgrade without wheels, that dies before or after a step."""

    dies: tuple[str, str] = ("", "")

    def install_wheels(self, venv: Path) -> None:
        """Make a venv that holds nothing."""
        venv.mkdir()

    def __getattribute__(self, name: str) -> object:
        step, when = object.__getattribute__(self, "dies")
        found = object.__getattribute__(self, name)
        if name != f"_{step}":
            return found

        def dying() -> None:
            if when == "after":
                found()
            raise Off

        return dying


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("stick")
    return {version: make_bundle(folder / version, version) for version in (OLD, NEW)}


@pytest.fixture
def hall(tmp_path: Path, bundles: dict[str, Path]) -> FakeHall:
    """The old release, installed, served, with two tickets."""
    hall = FakeHall(tmp_path / "hall")
    FakeUpgrade(hall, bundles[OLD]).up()
    hall.database.parent.mkdir()
    with closing(sqlite3.connect(hall.database)) as file, file:
        file.execute("pragma journal_mode = wal")
        file.execute("create table _sqlite_migrations (migration_set, name unique)")
        file.execute("insert into _sqlite_migrations values ('hall', 'first')")
        for _, table in hall_file.RECORDED:
            file.execute(f"create table {table} (id integer primary key)")
    take(hall, 2)
    hall.served = True
    return hall


def take(hall: Hall, how_many: int) -> None:
    with closing(sqlite3.connect(hall.database)) as file, file:
        for _ in range(how_many):
            file.execute("insert into ticket default values")


def tickets(hall: Hall) -> int:
    with closing(sqlite3.connect(hall.database)) as file:
        return int(file.execute("select count(*) from ticket").fetchone()[0])


def is_new(hall: Hall) -> bool:
    return ("hall", "new") in hall_file.schema_of(hall.database)


def test_a_first_installation_leaves_a_command_a_service_and_settings(hall: FakeHall) -> None:
    assert hall.current == OLD
    assert "serve" in (hall.base / "hall.service").read_text("utf-8")
    assert "/opt/hall" not in (hall.base / "hall.service").read_text("utf-8")
    assert (hall.base / "hall").stat().st_mode & 0o111
    assert (hall.base / "config.toml").is_file()


def test_an_upgrade_backs_up_switches_and_serves_again(
    hall: FakeHall, bundles: dict[str, Path]
) -> None:
    FakeUpgrade(hall, bundles[NEW]).up()
    assert (hall.current, is_new(hall), hall.served, tickets(hall)) == (NEW, True, True, 2)
    (backup,) = (hall.database.parent / "backups").iterdir()
    assert ("hall", "new") not in hall_file.schema_of(backup)
    assert not (hall.base / "trial").exists()
    with pytest.raises(CannotInstall, match=r"已经是 0\.5\.0"):
        FakeUpgrade(hall, bundles[NEW]).up()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", UP)
def test_a_machine_that_goes_off_in_an_upgrade_goes_on_or_back(
    hall: FakeHall, bundles: dict[str, Path], step: str, when: str
) -> None:
    first = FakeUpgrade(hall, bundles[NEW])
    first.dies = (step, when)
    with pytest.raises(Off):
        first.up()
    base = hall.base.with_name("other")
    shutil.copytree(hall.base, base, symlinks=True)
    assert (hall.current, is_new(hall)) in {(OLD, False), (NEW, False), (NEW, True)}

    FakeUpgrade(hall, bundles[NEW]).up()
    assert (hall.current, is_new(hall), hall.served, tickets(hall)) == (NEW, True, True, 2)

    other = FakeHall(base)
    _moved(other, hall)
    FakeUpgrade(other, bundles[NEW]).back()
    assert (other.current, is_new(other), tickets(other)) == (OLD, False, 2)


def _moved(other: Hall, hall: Hall) -> None:
    """Let a copied folder know its own backups."""
    steps = other.base / STEPS_FILE
    steps.write_text(steps.read_text("utf-8").replace(str(hall.base), str(other.base)), "utf-8")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", BACK)
def test_a_machine_that_goes_off_on_the_way_back_gets_there(
    hall: FakeHall, bundles: dict[str, Path], step: str, when: str
) -> None:
    FakeUpgrade(hall, bundles[NEW]).up()
    take(hall, 3)
    first = FakeUpgrade(hall, bundles[NEW])
    first.dies = (step, when)
    with pytest.raises(Off):
        first.back()
    with pytest.raises(CannotInstall, match="退回还没有做完"):
        FakeUpgrade(hall, bundles[NEW]).up()
    FakeUpgrade(hall, bundles[NEW]).back()
    assert (hall.current, is_new(hall), hall.served, tickets(hall)) == (OLD, False, True, 2)
    (aside,) = hall.database.parent.glob("hall.db.replaced-*")
    with closing(sqlite3.connect(aside)) as file:
        assert file.execute("select count(*) from ticket").fetchone() == (5,)


def test_going_back_says_what_was_recorded_since(
    hall: FakeHall, bundles: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    FakeUpgrade(hall, bundles[NEW]).up()
    take(hall, 3)
    FakeUpgrade(hall, bundles[NEW]).back()
    assert "升级之后又记录了：号票 3 条" in capsys.readouterr().out
    with pytest.raises(CannotInstall, match="已经退回"):
        FakeUpgrade(hall, bundles[NEW]).back()


def test_where_the_schema_is_the_same_going_back_loses_nothing(
    hall: FakeHall, bundles: dict[str, Path]
) -> None:
    hall.migrates = False
    FakeUpgrade(hall, bundles[NEW]).up()
    take(hall, 3)
    FakeUpgrade(hall, bundles[NEW]).back()
    assert (hall.current, tickets(hall)) == (OLD, 5)


def test_a_release_that_does_not_verify_the_real_file_returns_by_itself(
    hall: FakeHall, bundles: dict[str, Path]
) -> None:
    hall.complains = "✗ 月报与记录不一致"
    with pytest.raises(CannotInstall, match=r"已退回 0\.4\.0"):
        FakeUpgrade(hall, bundles[NEW]).up()
    assert (hall.current, hall.served, tickets(hall)) == (OLD, True, 2)


def test_a_hall_that_is_in_use_is_not_touched(hall: FakeHall, bundles: dict[str, Path]) -> None:
    hall.served = False  # started by hand: no service to stop
    with closing(sqlite3.connect(hall.database)) as server:
        server.execute("select count(*) from ticket").fetchone()
        with pytest.raises(CannotInstall, match=BUSY[:10]):
            FakeUpgrade(hall, bundles[NEW]).up()
        assert (hall.current, is_new(hall)) == (OLD, False)
    FakeUpgrade(hall, bundles[NEW]).up()
    assert hall.current == NEW


def test_a_bundle_that_was_changed_or_is_for_another_machine_is_refused(
    hall: FakeHall, tmp_path: Path
) -> None:
    bundle = make_bundle(tmp_path / "stick", NEW)
    assert problems_of(bundle) == []
    (bundle / "code" / "server.py").write_text("evil")
    (bundle / "code" / "added.py").write_text("evil")
    with pytest.raises(CannotInstall, match="安装包不完整"):
        FakeUpgrade(hall, bundle).up()
    assert problems_of(bundle) == ["多出 code/added.py", "code/server.py 与校验值不符"]
    with pytest.raises(CannotInstall, match=r"要 Python 3\.99"):
        FakeUpgrade(hall, make_bundle(tmp_path / "other", NEW, "3.99")).up()
    assert hall.current == OLD


# -- what is in a bundle -----------------------------------------------------------------------


def test_a_hall_gets_what_it_runs_and_no_tests() -> None:
    names = ["server.py", "hall/desk.py", "static/voice/chime.ogg", "docs/first-day.md"]
    names += ["tools/install.py", "tools/installer/upgrade.py", "deploy/hall.service", "README.md"]
    left = ["tests/halls.py", "bench/tally.py", "faults/kill.py", "tools/setup.py", "Makefile"]
    assert shipped([*left, *names]) == sorted(names)


def test_the_pins_of_a_bundle_are_those_of_its_machine() -> None:
    pins = (HOUSE / "requirements.txt").read_text("utf-8")
    linux, windows = (pins_for(pins, Target("3.11", windows=each)) for each in (False, True))
    assert "colorama==" in windows
    assert "colorama==" not in linux
    assert "gevent==" in linux
    assert " ; " not in linux + windows
    assert linux.count("--hash=") > 100


def test_the_wheels_are_hashed_and_never_built_on_the_way() -> None:
    words = download_words(Target("3.11", windows=True), Path("pins"), Path("wheels"))
    assert {"--require-hashes", "--only-binary=:all:", "--no-deps", "win_amd64"} <= set(words)
    assert not [word for word in words if "://" in word]


# -- what an upgrade must not leave behind -------------------------------------------------------


def test_what_root_makes_in_an_upgrade_belongs_to_who_owns_the_halls_file(
    hall: FakeHall, bundles: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[str] = []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "chown", lambda path, *_: given.append(Path(path).name))
    FakeUpgrade(hall, bundles[NEW]).up()
    (backup,) = (hall.database.parent / "backups").iterdir()
    assert given == ["trial", "hall.db.part", "backups", f"{backup.name}.part"]
    assert stat.S_IMODE(backup.stat().st_mode) == 0o640
    owner = hall.database.parent.stat()
    assert hall_file.as_owner_of(hall.database.parent)["user"] == owner.st_uid


def test_restore_finds_the_backup_of_an_upgrade(hall: FakeHall, bundles: dict[str, Path]) -> None:
    FakeUpgrade(hall, bundles[NEW]).up()
    (backup,) = (hall.database.parent / "backups").iterdir()
    assert [each.path for each in sources(hall.database, Config())] == [backup]


def test_a_damaged_file_is_said_before_anything_is_changed(
    hall: FakeHall, bundles: dict[str, Path]
) -> None:
    hall.database.write_bytes(b"\xff" * 8192)
    with pytest.raises(CannotInstall, match="没有通过检查"):
        FakeUpgrade(hall, bundles[NEW]).up()
    assert (hall.current, hall.served) == (OLD, True)


def test_going_back_without_its_backup_says_so_and_makes_no_empty_one(
    hall: FakeHall, bundles: dict[str, Path]
) -> None:
    FakeUpgrade(hall, bundles[NEW]).up()
    (backup,) = (hall.database.parent / "backups").iterdir()
    backup.unlink()
    with pytest.raises(CannotInstall, match="不见了"):
        FakeUpgrade(hall, bundles[NEW]).back()
    assert not backup.exists()
