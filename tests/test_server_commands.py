"""The command line: every command does its work, from any folder, and waits for no terminal."""

import os
import re
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from halls import MovedClock, open_rooms
from servers import ALWAYS_OPEN, HOUSE, Served, served

from commandline import guarding
from commandline.demonstration import why_made
from commandline.main import main
from faults.upgrading import RELEASED
from hall.config import Config
from readiness.findings import Finding
from safety import hold
from upkeep import readiness

COMMANDS = (
    *("serve", "demo", "import", "key", "check", "backup", "restore", "verify", "month", "admin"),
)


@pytest.fixture
def hall(tmp_path: Path) -> Served:
    """A hall that is not served."""
    prepared = Served(tmp_path / "hall")
    prepared.prepare()
    return prepared


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as somebody does who stands in a folder, without a terminal."""
    return subprocess.run(
        [sys.executable, str(HOUSE / "server.py"), *words],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def test_the_help_names_every_command_in_plain_words(tmp_path: Path) -> None:
    told = run(tmp_path, "--help")
    assert told.returncode == 0
    for command in COMMANDS:
        assert re.search(rf"^\s+{command}\s+\S*[一-鿿]", told.stdout, re.MULTILINE), command


@pytest.mark.parametrize("command", ["serve", "key", "month"])
def test_every_command_takes_config_and_database(tmp_path: Path, command: str) -> None:
    told = Served(tmp_path).command(command, "--help").stdout
    assert "--config FILE" in told
    assert "--database FILE" in told


def test_a_word_that_is_no_command_is_refused(tmp_path: Path) -> None:
    told = Served(tmp_path).command("dance")
    assert told.returncode == 2
    assert "dance" in told.stderr


def test_a_mistake_in_the_settings_stops_the_start_and_names_the_right_word(hall: Served) -> None:
    hall.config.write_text("[hall]\nalways_opne = true\n", encoding="utf-8")
    told = hall.command("serve")
    assert told.returncode == 1
    assert "always_open" in told.stderr
    assert "Traceback" not in told.stderr


# -- starting ----------------------------------------------------------------------------------


def test_the_first_start_says_how_to_go_on(tmp_path: Path) -> None:
    fresh = Served(tmp_path / "fresh", cold=True)
    fresh.folder.mkdir()
    fresh.config.write_text(ALWAYS_OPEN, encoding="utf-8")
    fresh.start()
    try:
        deadline = time.monotonic() + 60
        while "import" not in "".join(fresh.said) and time.monotonic() < deadline:
            time.sleep(0.05)
        told = "".join(fresh.said)
        assert "admin" in told
        assert f"{fresh.address}/sign-in" in told
        assert fresh.get("/healthz").status == 200
    finally:
        assert fresh.stop() == 0


def test_it_is_served_from_any_folder_and_ends_when_told(tmp_path: Path) -> None:
    with served(tmp_path / "hall", cold=True) as hall:
        assert hall.get("/healthz").status == 200
        began = time.monotonic()
        assert hall.stop() == 0
        assert time.monotonic() - began < 15
        assert hall.errors == ""
        assert not hall.database.with_name("hall.db-wal").exists()


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """What a look at a folder with nothing in it says, which stays empty."""
    folder = tmp_path_factory.mktemp("nothing")
    told = run(folder, "check", "--database", str(folder / "hall.db"))
    assert not (folder / "hall.db").exists()
    return told


def test_without_a_configuration_file_the_defaults_hold(
    checked: subprocess.CompletedProcess[str],
) -> None:
    assert "Asia/Shanghai" in checked.stdout


def test_a_port_that_is_taken_is_said_in_a_sentence(hall: Served) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        told = hall.command("serve", "--port", str(other.getsockname()[1]))
    assert told.returncode == 1
    assert "--port" in told.stderr
    assert "Traceback" not in told.stderr


# -- people, keys and data ---------------------------------------------------------------------


def test_a_key_is_printed_once_and_only_its_hash_is_kept(hall: Served) -> None:
    told = hall.command("key", "kiosk", "--name", "一楼取号机", "--zone", "1F")
    assert told.returncode == 0
    key = told.stdout.strip()
    assert re.fullmatch(r"[\w-]{30,}", key)
    assert key.encode() not in hall.database.read_bytes()
    with hall.register() as register:
        device = register.device_of_key(key)
    assert device is not None
    assert (device.role, device.name, device.zone) == ("kiosk", "一楼取号机", "1F")


@pytest.mark.parametrize(
    "words",
    [
        ("key", "king", "--name", "x"),
        ("key", "kiosk"),
        ("key", "window", "--name", "x", "--window", "99"),
        ("key", "display", "--name", "x", "--zone", "9F"),
    ],
)
def test_a_key_for_nothing_is_refused(hall: Served, words: tuple[str, ...]) -> None:
    told = hall.command(*words)
    assert told.returncode != 0
    assert told.stderr
    assert "Traceback" not in told.stderr


def test_a_key_minted_while_the_hall_is_served_works_at_once(tmp_path: Path) -> None:
    with served(tmp_path / "hall") as hall:
        assert hall.get("/api/v1/services", "made-up").status == 401
        key = hall.command("key", "program", "--name", "审批系统").stdout.strip()
        assert hall.get("/api/v1/services", key).status == 200


def test_an_administrator_is_made_from_a_password_file(hall: Served) -> None:
    secret = hall.folder / "password.txt"
    secret.write_text("correct horse\n", encoding="utf-8")
    told = hall.command("admin", "赵主管", "--password-file", str(secret))
    assert told.returncode == 0
    assert "correct horse" not in told.stdout
    number = re.search(r"工号 (\w+)", told.stdout)
    assert number
    hall.start()
    try:
        here = {"Origin": hall.address, "Content-Type": "application/x-www-form-urlencoded"}
        form = f"staff_number={number[1]}&password=correct+horse".encode()
        answer = hall.post("/sign-in", form, headers=here)
        assert answer.status == 303
        assert answer.headers["Location"] == "/manager"
    finally:
        hall.stop()


def test_without_a_terminal_an_administrator_gets_a_password_instead_of_a_question(
    hall: Served,
) -> None:
    told = hall.command("admin", "chief")
    assert told.returncode == 0
    assert "工号 chief" in told.stdout
    assert re.search(r"密码.*[\w-]{12,}", told.stdout)


def test_the_security_and_the_audit_administrator_are_made_by_their_role(hall: Served) -> None:
    for name, role, number in (("孙安全", "security", "security"), ("周审计", "audit", "audit")):
        told = hall.command("admin", name, "--role", role)
        assert (told.returncode, f"工号 {number}" in told.stdout) == (0, True)
    with hall.register() as register:
        roles = {each.staff_number: each.role for each in register.catalogue().people}
        assert (roles["security"], roles["audit"]) == ("security", "audit")
        assert not register.first_days()
    told = hall.command("admin", "别人", "--role", "audit", "--staff-number", "security")
    assert (told.returncode, "不是审计管理员" in told.stderr) == (1, True)


def test_a_password_that_is_too_short_makes_nobody(hall: Served) -> None:
    secret = hall.folder / "password.txt"
    secret.write_text("short", encoding="utf-8")
    told = hall.command("admin", "chief", "--password-file", str(secret))
    assert told.returncode == 1
    with hall.register() as register:
        assert "chief" not in register.catalogue().person


def test_the_shipped_hall_of_76_windows_is_imported(tmp_path: Path) -> None:
    fresh = Served(tmp_path / "fresh")
    fresh.folder.mkdir()
    fresh.config.write_text(ALWAYS_OPEN, encoding="utf-8")
    told = fresh.command("import", "demo")
    assert told.returncode == 0, told.stderr
    with fresh.register() as register:
        assert len(register.catalogue().windows) == 76
        assert not register.hall().demo


def test_a_file_that_is_no_workbook_is_refused_and_changes_nothing(hall: Served) -> None:
    wrong = hall.folder / "wrong.xlsx"
    wrong.write_text("not a workbook", encoding="utf-8")
    told = hall.command("import", str(wrong))
    assert told.returncode == 1
    assert "Traceback" not in told.stderr
    with hall.register() as register:
        assert len(register.catalogue().windows) == 4


# -- demonstration and real hall ---------------------------------------------------------------


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("demo") / "demo"
    with demonstrated(folder, "--still", "--days", "2", cold=True) as place:
        yield place


@contextmanager
def demonstrated(folder: Path, *words: str, cold: bool = False) -> Iterator[Served]:
    """A running demonstration for the length of a with block."""
    place = Served(folder, cold=cold)
    place.folder.mkdir(exist_ok=True)
    place.config.write_text("", encoding="utf-8")
    place.start("demo", *words)
    try:
        yield place
    finally:
        place.stop()


def links_of(demonstration: Served) -> list[tuple[str, str]]:
    """Wait until a demonstration has named its pages; return key and page of each."""
    deadline = time.monotonic() + 60
    while "管理" not in "".join(demonstration.said) and time.monotonic() < deadline:
        time.sleep(0.05)
    return re.findall(r"/enter#([\w-]+)&to=(\S+)", "".join(demonstration.said))


def test_the_demonstration_prints_a_link_a_page_that_signs_in(demonstration: Served) -> None:
    links = links_of(demonstration)
    pages = {to for _, to in links}
    assert {"/kiosk", "/window/3", "/evaluator/3", "/manager"} <= pages
    assert any(each.startswith("/display?zone=") for each in pages)
    for key, to in links:
        page = demonstration.get(to, key, headers={"Accept": "text/html"})
        assert page.status == 200, to
        assert "演示" in page.body.decode(), to


def test_a_demonstration_says_in_its_lock_where_it_is_served(demonstration: Served) -> None:
    assert links_of(demonstration)
    assert demonstration.process is not None
    there = hold.served(demonstration.database)
    assert there == hold.Served(demonstration.address, demonstration.process.pid)


def test_what_a_demonstration_prints_is_signed_by_an_invented_manager(
    demonstration: Served,
) -> None:
    key = next(key for key, to in links_of(demonstration) if to == "/manager")
    page = demonstration.get("/manager", key, headers={"Accept": "text/html"}).body.decode()
    assert "制表人：演示管理员" in page


def newest(place: Served) -> int:
    """Return the newest row of a served hall's journal."""
    with closing(sqlite3.connect(place.database)) as file:
        found = file.execute("select max(seq) from journal").fetchone()
    return int(found[0])


def last_served(place: Served) -> tuple[int, int]:
    """Return the newest ticket and visit: limits pass in a hall that stands still, too."""
    with closing(sqlite3.connect(place.database)) as file:
        ticket, visit = file.execute(
            "select (select max(id) from ticket), (select max(id) from visit)"
        ).fetchone()
    return int(ticket), int(visit)


def test_a_demonstration_lives_on_while_somebody_looks_unless_told_to_be_still(
    demonstration: Served, tmp_path: Path
) -> None:
    links_of(demonstration)
    still = last_served(demonstration)
    with demonstrated(tmp_path / "lively", "--days", "1") as lively:
        links_of(lively)
        began, deadline = newest(lively), time.monotonic() + 60
        while newest(lively) < began + 5 and time.monotonic() < deadline:
            time.sleep(0.2)
        assert newest(lively) >= began + 5
        assert lively.errors.count("tick_failed") == 0
    assert last_served(demonstration) == still


def test_it_says_why_a_demonstration_is_made_anew(tmp_path: Path) -> None:
    database = tmp_path / "demo.db"
    assert why_made(database, None) == why_made(database, 7) == "正在生成演示大厅"
    database.touch()
    assert why_made(database, 7) == "正在按最近 7 天重新生成演示大厅"
    assert "不是今天的" in why_made(database, None)


def test_a_demonstrations_file_is_never_served_as_a_real_hall(
    demonstration: Served, tmp_path: Path
) -> None:
    elsewhere = Served(tmp_path)
    elsewhere.config.write_text("", encoding="utf-8")
    assert demonstration.command("backup", str(elsewhere.database)).returncode == 0
    told = elsewhere.command("serve", "--port", "0")
    assert told.returncode == 1
    assert "演示" in told.stderr


def test_a_real_halls_file_is_never_made_a_demonstration(hall: Served) -> None:
    before = hall.database.read_bytes()
    told = hall.command("demo", "--days", "1", "--port", "0")
    assert told.returncode == 1
    assert "正式" in told.stderr
    assert hall.database.read_bytes() == before


# -- care --------------------------------------------------------------------------------------


def test_a_backup_is_made_while_the_hall_is_served_and_brought_back(tmp_path: Path) -> None:
    with served(tmp_path / "hall") as hall:
        first = hall.take().json["number"]
        target = hall.folder / "saved.db"
        assert hall.command("backup", str(target)).returncode == 0
        again = hall.command("backup", str(target))
        assert again.returncode == 1
        assert "已经存在" in again.stderr
        lost = hall.take().json["id"]
        busy = hall.command("restore", str(target))
        assert busy.returncode == 1
        assert "停止" in busy.stderr
        assert hall.get(f"/api/v1/tickets/{lost}", hall.key("kiosk")).status == 200
        hall.stop()
        back = hall.command("restore", str(target))
        assert back.returncode == 0, back.stderr
        kept = list(hall.folder.glob("hall.db.replaced-*"))
        assert len(kept) == 1
        hall.start()
        assert hall.get("/api/v1/tickets/1", hall.key("kiosk")).json["number"] == first
        assert hall.get(f"/api/v1/tickets/{lost}", hall.key("kiosk")).status == 404


def test_a_damaged_backup_replaces_nothing(hall: Served) -> None:
    target = hall.folder / "saved.db"
    assert hall.command("backup", str(target)).returncode == 0
    whole = target.read_bytes()
    target.write_bytes(whole[:4096] + b"\xff" * 4096 + whole[8192:])
    before = hall.database.read_bytes()
    told = hall.command("restore", str(target))
    assert told.returncode == 1
    assert hall.database.read_bytes() == before
    (hall.folder / "other.db").write_bytes(b"")
    assert hall.command("restore", str(hall.folder / "other.db")).returncode == 1


def test_other_accounts_of_the_machine_read_no_backup(tmp_path: Path, clock: MovedClock) -> None:
    open_rooms(tmp_path / "hall.db", clock).store.close()
    before = os.umask(0o022)
    try:
        place = ["--database", str(tmp_path / "hall.db")]
        assert main(["backup", str(tmp_path / "copies" / "one.db"), *place]) == 0
    finally:
        os.umask(before)
    assert (tmp_path / "copies" / "one.db").stat().st_mode & 0o007 == 0
    assert (tmp_path / "copies").stat().st_mode & 0o007 == 0


def test_check_reports_a_page_that_is_lost_in_an_older_versions_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    database = tmp_path / "hall.db"
    with closing(sqlite3.connect(database)) as file:
        file.executescript((RELEASED / "0.1.0.sql").read_text("utf-8"))
        ((page,),) = file.execute("select rootpage from sqlite_master where name = 'journal'")
        ((size,),) = file.execute("pragma page_size")
    content = bytearray(database.read_bytes())
    content[(page - 1) * size : page * size] = b"\x5a" * size
    database.write_bytes(bytes(content))
    monkeypatch.setattr("commandline.checking.running_server", lambda _: None)
    main(["check", "--database", str(database)])
    assert re.search("✗ 数据文件：.*已损坏.*restore --newest", capsys.readouterr().out)


@pytest.mark.parametrize("command", ["check", "month"])
def test_a_command_brings_an_older_versions_file_up_to_date_whole_and_with_a_way_back(
    tmp_path: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = tmp_path / "hall.db"
    with closing(sqlite3.connect(database)) as file:
        file.executescript((RELEASED / "0.1.0.sql").read_text("utf-8"))
    monkeypatch.setattr("commandline.checking.running_server", lambda _: None)
    words = ["2026-11"] if command == "month" else []
    main([command, *words, "--database", str(database)])
    assert guarding.pending(database) == []
    (way_back,) = (tmp_path / "backups").glob("hall-*.db")
    assert guarding.pending(way_back)


@pytest.mark.parametrize(
    ("words", "said"),
    [(("backup", "taken/one.db"), "taken"), (("month", "2026-11"), "备份")],
)
def test_trouble_with_a_file_is_a_sentence_and_no_trace(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    database = tmp_path / "hall.db"
    with closing(sqlite3.connect(database)) as file:
        file.execute("create table hall (name)")
    if words[0] == "month":
        database.write_bytes(database.read_bytes()[:100] + b"\xff" * 8000)
    (tmp_path / "taken").write_bytes(b"a file where a folder should be")
    given = [str(tmp_path / each) if "/" in each else each for each in words]
    with pytest.raises(SystemExit):
        main([*given, "--database", str(database)])
    assert said in capsys.readouterr().err


def test_verify_finds_what_breaks_a_rule_of_the_hall(hall: Served) -> None:
    assert hall.command("verify").returncode == 0
    file = sqlite3.connect(hall.database)
    file.execute("pragma foreign_keys = off")
    file.execute(
        """
        insert into ticket (day, number, prefix, sequence, service, state, taken_at, language,
            source, ahead_at_taking, tap)
        values ('2026-11-20', 'A007', 'A', 7, 'marriage', 'waiting', 1, 'zh', 'kiosk', 0, 'x')
        """
    )
    file.commit()
    file.close()
    told = hall.command("verify")
    assert told.returncode == 1
    assert "✗" in told.stdout


def test_check_says_what_is_missing(hall: Served) -> None:
    told = hall.command("check")
    assert told.returncode == 1
    for what in ("磁盘", "数据文件", "时钟", "系统管理员", "窗口", "语音"):
        assert what in told.stdout
    assert re.search(r"✗ 系统管理员", told.stdout)
    hall.command("admin", "chief")
    assert re.search(r"✓ 系统管理员", hall.command("check").stdout)


@pytest.fixture
def ready(hall: Served) -> Served:
    """A hall that may open: its administrator and its clerks can sign in."""
    with hall.register() as register:
        for person in register.catalogue().people:
            register.set_password_hash(person.staff_number, "kept")
    return hall


def findings(hall: Served, change: str = "") -> dict[str, Finding]:
    with closing(sqlite3.connect(hall.database)) as file, file:
        file.execute(change)
    return {each.what: each for each in readiness(hall.database, Config())}


def test_check_before_anything_exists_fails_and_says_what_to_do(
    checked: subprocess.CompletedProcess[str],
) -> None:
    assert checked.returncode == 1
    assert "可以开门" not in checked.stdout
    line = next(line for line in checked.stdout.splitlines() if "✗" in line)
    assert "server.py import" in line
    assert "server.py admin" in line


def test_check_of_a_ready_hall_passes_and_counts_who_can_sign_in(ready: Served) -> None:
    told = ready.command("check")
    assert (told.returncode, told.stdout.splitlines()[-1]) == (0, "可以开门。")
    assert "✓ 窗口人员：4 人可以登录\n" in told.stdout


@pytest.mark.parametrize(
    ("missing", "what", "told"),
    [
        ("update person set password_hash = null", "系统管理员", "运行 server.py admin"),
        (
            "update person set active = 0 where role = 'administrator'",
            "系统管理员",
            "server.py admin",
        ),
        ("update window set active = 0", "窗口", "运行 server.py import"),
        ("update service set active = 0", "业务", "运行 server.py import"),
        ("delete from window_service", "业务", "都没有窗口办理"),
    ],
)
def test_check_fails_without_what_a_hall_opens_with(
    ready: Served, missing: str, what: str, told: str
) -> None:
    assert "bad" not in {each.state for each in findings(ready).values()}
    found = findings(ready, missing)[what]
    assert found.state == "bad"
    assert told in f"{found.told} {found.todo}"


def test_check_counts_only_the_clerks_who_can_sign_in(ready: Served) -> None:
    change = "update person set password_hash = null where staff_number in ('1002', '1003')"
    found = findings(ready, change)["窗口人员"]
    assert found.state == "note"
    assert found.told.startswith("2 人可以登录，另有 2 人没有密码")


def test_a_month_is_printed_and_written_as_csv(hall: Served) -> None:
    table = hall.command("month", "2026-11")
    assert table.returncode == 0
    assert "合计" in table.stdout
    text = hall.command("month", "2026-11", "--csv", "--by", "clerk")
    assert text.returncode == 0
    assert text.stdout.count("2026-11,") >= 4
    assert hall.command("month", "soon").returncode == 1


@pytest.mark.skipif(os.name == "nt", reason="a pipe that is closed early is a signal elsewhere")
def test_reading_only_the_first_line_is_no_error(hall: Served) -> None:
    words = " ".join(f"'{each}'" for each in hall.words("month", "2026-11"))
    told = subprocess.run(
        f"{words} | head -n 1", shell=True, capture_output=True, text=True, timeout=30, check=False
    )
    assert "Traceback" not in told.stderr
