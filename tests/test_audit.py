"""The audit log on a real file: tampering, two writers, forgetting, restoring, handing out."""

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from halls import MovedClock

from audit.chain import Entry, Link
from audit.export import as_file, lines_of, read
from audit.heads import Heads
from audit.log import ROWS_A_HEAD, AuditLog, Wanted
from audit.proof import note_restored, problems
from audit.sheet import problems as problems_of
from hall import config
from hall.days import DAY, HOUR
from hall.refusals import NotAllowed
from hall.store import Store

HOUSE = Path(__file__).resolve().parents[1]
ALL = Wanted(0, 1 << 60)


def entry(clock: MovedClock, nth: int = 1, **more: object) -> Entry:
    verb = "kiosk.take_ticket"
    told = Entry(clock(), "device", "7", "kiosk", None, "10.0.0.7", verb, f"A{nth:03d} 号")
    return told._replace(**more)  # type: ignore[arg-type]


def open_log(path: Path, clock: MovedClock, **settings: object) -> AuditLog:
    told = config.from_dict({"audit": settings} if settings else {})
    return AuditLog(Store(path), told, clock)


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def log(tmp_path: Path, clock: MovedClock) -> AuditLog:
    log = open_log(tmp_path / "hall.db", clock)
    for nth in range(1, 10):
        log.append(entry(clock, nth))
    return log


def tamper(log: AuditLog, *statements: str) -> None:
    """Change the file as somebody does who knows SQL and drops what stands in the way."""
    log.store.close()
    with sqlite3.connect(log.store.path) as file:
        for (name,) in file.execute(
            "select name from sqlite_schema where type = 'trigger' and tbl_name like 'audit%'"
        ).fetchall():
            file.execute(f"drop trigger {name}")
        for each in statements:
            file.execute(each)
    file.close()


def told(path: Path, clock: MovedClock) -> tuple[str, ...]:
    log = open_log(path, clock)
    try:
        return log.verify().faults
    finally:
        log.store.close()


def test_rows_are_whole_and_a_restart_continues_the_chain(log: AuditLog, clock: MovedClock) -> None:
    assert log.verify() == (clock(), 9, 1, 9, ())
    log.store.close()
    again = open_log(log.store.path, clock)
    assert again.append(entry(clock, 10)) == 10
    assert again.verify() == (clock(), 10, 1, 10, ())
    again.store.close()


@pytest.mark.parametrize(
    "statement",
    [
        "update audit set who = '9' where number = 3",
        "delete from audit where number = 9",
        "delete from audit",
        """
        insert into audit select number + 5, at, kind, who, role, window, address, verb, target,
            code, detail, hash from audit where number = 9
        """,
        "insert into audit_start values (4, zeroblob(32), 0, 1000000000000)",
    ],
)
def test_the_file_itself_refuses_to_change_the_log(log: AuditLog, statement: str) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        log.store.connection.execute(statement)
    assert not log.verify().faults
    log.store.close()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("update audit set who = '9' where number = 3", "第 3 条与校验值不符"),
        ("update audit set code = '' , at = at - 1 where number = 9", "第 9 条与校验值不符"),
        ("update audit set hash = zeroblob(32) where number = 5", "第 5 条的校验值被改过"),
        ("delete from audit where number between 4 and 6", "第 4 至 6 条不在了"),
        ("delete from audit where number < 3", "第 3 条是现存最早的一条"),
        ("delete from audit where number > 6", "第 7 至 9 条不在了"),
        ("delete from audit", "第 1 至 9 条不在了"),
    ],
)
def test_tampering_with_the_triggers_dropped_is_found_at_its_row(
    log: AuditLog, clock: MovedClock, statement: str, said: str
) -> None:
    log.write_head()
    tamper(log, statement)
    assert any(said in each for each in told(log.store.path, clock))


def test_who_rewrites_the_rest_of_the_chain_is_betrayed_by_the_head_beside_the_file(
    log: AuditLog, tmp_path: Path, clock: MovedClock
) -> None:
    log.write_head()
    tamper(log, "delete from audit where number >= 5")
    forger = open_log(log.store.path, clock)
    for nth in (5, 6, 7, 8, 9):
        forger.append(entry(clock, nth, who="别人"))
    forger.store.close()
    assert told(log.store.path, clock) == (
        "第 9 条与数据文件之外保存的校验值不同：到这一条为止的记录被整体改写过",
    )
    Heads(log.store.path).path.unlink()
    assert told(log.store.path, clock) == (), "the chain alone cannot know"


def test_the_end_is_written_down_every_thousand_rows_and_every_hour(
    log: AuditLog, clock: MovedClock
) -> None:
    log.tick()
    assert log.heads.known() == {}
    clock.move(hours=1)
    log.tick()
    assert list(log.heads.known()) == [9]
    with log.store.transaction():
        for nth in range(ROWS_A_HEAD):
            log.join(entry(clock, nth))
    log.tick()
    log.tick()
    assert list(log.heads.known()) == [9, 9 + ROWS_A_HEAD]
    log.store.close()


def test_a_line_half_written_at_a_power_cut_is_passed_over(log: AuditLog) -> None:
    log.write_head()
    with log.heads.path.open("a") as file:
        file.write("2026-11-20T10:00:00+08:00 10 3f")
    assert list(log.heads.known()) == [9]
    log.store.close()


def test_a_line_of_the_ends_that_a_power_cut_tore_does_not_swallow_the_next_one(
    log: AuditLog, clock: MovedClock
) -> None:
    log.write_head()
    with log.heads.path.open("a") as file:
        file.write("2026-11-20T10:00:00+08:00 9 3f")
    log.append(entry(clock, 10))
    log.write_head()
    assert list(log.heads.known()) == [9, 10]
    log.store.close()


def test_after_a_restore_the_lost_rows_are_no_fault_but_later_ones_are(
    log: AuditLog, tmp_path: Path, clock: MovedClock
) -> None:
    copy = tmp_path / "backup.db"
    with sqlite3.connect(copy) as target:
        log.store.connection.backup(target)
    target.close()
    log.append(entry(clock, 10))
    log.write_head()
    log.store.close()
    copy.replace(log.store.path)
    assert told(log.store.path, clock) == ("第 10 条不在了：日志的末尾被删过",)
    note_restored(log.store.path, "20261120-100000")
    assert told(log.store.path, clock) == ()
    log = open_log(log.store.path, clock)
    log.append(entry(clock, 10, who="8"))
    log.write_head()
    tamper(log, "delete from audit where number = 10")
    assert told(log.store.path, clock) == ("第 10 条不在了：日志的末尾被删过",)


def test_old_rows_are_forgotten_week_by_week_and_the_chain_still_holds(
    tmp_path: Path, clock: MovedClock
) -> None:
    log = open_log(tmp_path / "hall.db", clock, keep_months=6)
    for _ in range(20):
        log.append(entry(clock))
        clock.move(hours=24)
    log.tick()
    assert log.rows.oldest() is not None
    clock.move(hours=24 * 6 * 31)
    log.tick()
    assert log.rows.start().number == 7, "no more than a week at once, whatever the clock says"
    assert problems(log.store, config.Config(), clock) == []
    log.tick()
    assert not log.rows.has_old()
    assert [each.number for each in log.find(ALL, most=99)] == list(range(21, 7, -1))
    assert log.find(ALL, most=1)[0].entry.target == "第 1 至 7 条"
    assert not log.verify().faults
    tamper(log, "delete from audit where number = 8")
    assert told(log.store.path, clock) == (
        "第 9 条是现存最早的一条，却接不上已到期清理的最后一条：开头被删过",
    )


def test_nothing_younger_than_half_a_year_can_be_forgotten(
    log: AuditLog, clock: MovedClock
) -> None:
    clock.move(hours=24 * 170)
    last = log.rows.head()
    with pytest.raises(sqlite3.IntegrityError):
        log.rows.begin_after(last, log.find(ALL)[0].entry.at, clock())
    log.forget_old()
    assert log.rows.start().number == 0
    log.store.close()
    with pytest.raises(config.BadConfig):
        config.from_dict({"audit": {"keep_months": 5}})


def test_a_row_rolls_back_with_what_it_tells_of(log: AuditLog, clock: MovedClock) -> None:
    with pytest.raises(KeyError), log.store.transaction():
        log.join(entry(clock, 10))
        raise KeyError
    assert log.append(entry(clock, 11)) == 10
    assert not log.verify().faults
    log.store.close()


WRITER = """
import sys
from pathlib import Path
from audit.chain import Entry
from audit.log import AuditLog
from hall.config import Config
from hall.store import Store
log = AuditLog(Store(Path(sys.argv[1])), Config(), lambda: 1)
print("ready", flush=True)
sys.stdin.readline()
for nth in range(60):
    log.append(Entry(nth, "system", "root", "", None, "命令行", "cli key", f"{nth}"))
"""


def test_two_processes_write_one_chain(log: AuditLog, clock: MovedClock) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(log.store.path)],
        cwd=HOUSE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout
    assert other.stdin
    assert other.stdout.readline() == "ready\n"
    other.stdin.write("go\n")
    other.stdin.flush()
    for nth in range(60):
        log.append(entry(clock, nth))
    other.communicate(timeout=60)
    assert other.returncode == 0
    assert log.verify()[1:] == (129, 1, 129, ())
    log.store.close()


# -- reading and handing out -------------------------------------------------------------------


def test_rows_are_found_by_time_who_verb_words_and_outcome(
    log: AuditLog, clock: MovedClock
) -> None:
    clock.move(hours=1)
    log.append(
        entry(clock, 10, verb="web.sign_in", who="1001", kind="person", code="wrong_password")
    )
    later = clock()
    wanted = {
        "who": (Wanted(0, 1 << 60, who="1001"), [10]),
        "verb": (Wanted(0, 1 << 60, verbs=("web.sign_in", "x")), [10]),
        "no verb": (Wanted(0, 1 << 60, verbs=()), []),
        "time": (Wanted(later, later + 1), [10]),
        "words": (Wanted(0, 1 << 60, words="A003"), [3]),
        "address": (Wanted(0, 1 << 60, words="10.0.0.7", refused=True), [10]),
        "refused": (Wanted(0, 1 << 60, refused=True), [10]),
        "done": (Wanted(0, later, refused=False, words="A00"), list(range(9, 0, -1))),
    }
    for what, (asked, numbers) in wanted.items():
        assert [each.number for each in log.find(asked)] == numbers, what
    assert [each.number for each in log.find(ALL, before=4, most=2)] == [3, 2]
    log.store.close()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_handed_out_is_read_back_and_proved(
    log: AuditLog, clock: MovedClock, kind: str
) -> None:
    log.append(entry(clock, 10, target="=1+1", detail='引号"，逗号,'))
    zone = config.Config().hall.zone
    made = lines_of(log, Wanted(0, 1 << 60, words="0"), b"secret", zone)
    content = as_file(kind, made, "审计日志", "2026-11-20T10:00:00+08:00")
    back = read(content)
    assert len(back) == len(made) + 1
    assert problems_of(back, b"secret", zone) == []
    back[3][3] = "别人"
    assert problems_of(back, b"secret", zone) == ["第 4 行显示的内容与原文不符"]
    with pytest.raises(NotAllowed):
        read(b"PK but no workbook")
    log.store.close()


def test_the_process_beside_the_server_says_the_same(log: AuditLog, clock: MovedClock) -> None:
    wish = {"database": str(log.store.path), "zone": "Asia/Shanghai", "now": clock()}
    done = subprocess.run(
        [sys.executable, "-m", "audit.export", "verify"],
        cwd=HOUSE,
        input=json.dumps(wish).encode(),
        capture_output=True,
        check=True,
    )
    assert tuple(json.loads(done.stdout).values()) == (clock(), 9, 1, 9, [])
    log.store.close()


def test_a_first_row_follows_nothing(tmp_path: Path, clock: MovedClock) -> None:
    log = open_log(tmp_path / "new.db", clock)
    assert log.rows.head() == Link(0, bytes(32))
    assert log.verify() == (clock(), 0, 0, 0, ())
    assert log.append(entry(clock)) == 1
    clock.move(seconds=-2 * HOUR / 1000 - DAY / 1000)
    assert log.append(entry(clock)) == 2, "a clock that goes back breaks nothing"
    assert not log.verify().faults
    log.store.close()
