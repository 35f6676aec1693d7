"""One server a hall: a second one is refused, and a killed one leaves nothing to tidy up."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from halls import MovedClock, open_rooms
from servers import HOUSE, served

import upkeep
from hall.refusals import NotAllowed
from safety.hold import Served, held, hold_of
from safety.hold import served as where_served

# A process that holds a hall's file, and a child of it that lives as long as this test's pipe.
HOLDER = """
import os, sys
from pathlib import Path
from safety.hold import held
with held(Path(sys.argv[1])):
    child = os.fork() if hasattr(os, "fork") else 0
    if child or not hasattr(os, "fork"):
        print(child, flush=True)
    sys.stdin.read()
    os._exit(0)
"""


@contextmanager
def holder(database: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A process that serves a file, as far as anybody can tell, and the number of its child."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(database)],
        cwd=HOUSE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield process, int(process.stdout.readline())


def test_a_killed_server_lets_go_of_its_hall_though_a_child_of_it_lives_on(tmp_path: Path) -> None:
    database = tmp_path / "hall.db"
    with holder(database) as (process, child):
        with pytest.raises(NotAllowed, match="正在使用") as refused, held(database):
            pass
        assert refused.value.code == "in_use"
        assert str(hold_of(database)) in refused.value.message
        process.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
        process.wait(20)
        with held(database):
            if child:
                os.kill(child, 0)  # it is still there
    assert hold_of(database).exists(), "one that is removed could be held twice"


def test_a_hall_is_one_by_whatever_name_it_is_opened(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "data")
    assert hold_of(tmp_path / "link" / "hall.db") == hold_of(tmp_path / "data" / "hall.db")


@pytest.mark.skipif(not hasattr(os, "fchown"), reason="Windows gives by rights of the folder")
def test_what_root_locks_once_the_halls_own_account_can_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple[int, int]] = []
    monkeypatch.setattr("safety.hold.os.geteuid", lambda: 0)
    monkeypatch.setattr("safety.hold.os.fchown", lambda _, *owner: given.append(owner))
    with held(tmp_path / "hall.db"):
        folder = tmp_path.stat()
    assert given == [(folder.st_uid, folder.st_gid)]


def test_only_where_a_hall_is_served_now_stands_in_its_lock(tmp_path: Path) -> None:
    database = tmp_path / "hall.db"
    assert where_served(database) is None
    hold_of(database).write_text("http://127.0.0.1:8611 4711\n")  # of a server that was killed
    assert where_served(database) == Served("http://127.0.0.1:8611", 4711)
    with held(database) as hold:
        assert hold_of(database).stat().st_size == 0
        hold.served_at("https://127.0.0.1:8000")
        assert hold_of(database).stat().st_size > 0
    assert where_served(database) is None


@pytest.mark.parametrize("said", ["http://127.0.0.1:86", "file:///etc 1\n", "http://a 1\nmore"])
def test_half_a_line_in_a_lock_says_nothing(tmp_path: Path, said: str) -> None:
    hold_of(tmp_path / "hall.db").write_text(said)
    assert where_served(tmp_path / "hall.db") is None


def test_a_served_hall_whose_file_has_vanished_is_not_restored_under_its_server(
    tmp_path: Path, clock: MovedClock
) -> None:
    database, backup = tmp_path / "hall.db", tmp_path / "backup.db"
    rooms = open_rooms(database, clock)
    upkeep.back_up(database, backup)
    rooms.store.close()
    database.unlink()
    with (
        holder(database),
        pytest.raises(NotAllowed, match="正在使用"),
    ):
        upkeep.restore(backup, database, "20261120-100000")
    assert not database.exists()
    upkeep.restore(backup, database, "20261120-100000")
    assert database.exists()


def test_a_second_server_on_another_port_is_refused_and_other_commands_go_on(
    tmp_path: Path,
) -> None:
    with served(tmp_path / "hall") as hall:
        second = hall.command("serve", "--port", "0")
        assert (second.returncode, "正在使用" in second.stderr) == (1, True), second.stderr
        assert hall.process is not None
        assert f"服务 {hall.address}（进程 {hall.process.pid}）" in second.stderr
        # not at the settings' port, and yet it is found
        hall.key("display", zone="1F")
        report = hall.command("check").stdout
        assert ("没有连上：display 1F" in report, "服务没有运行" in report) == (True, False), report
        assert hall.command("verify").returncode == 0
        assert hall.command("admin", "张安", "--role", "security").returncode == 0
        hall.kill()
        hall.start()
        assert hall.take().status == 201
