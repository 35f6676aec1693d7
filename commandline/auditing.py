"""``audit``, and the audit log's row of every command that changes or hands out data."""

import getpass
import sqlite3
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import schema
from audit.chain import Entry
from audit.export import as_file, lines_of, read
from audit.log import AuditLog
from audit.masking import masked
from audit.sheet import problems
from audit.store import Wanted
from audit.words import COMMAND, COMMANDS
from commandline.asked import Asked, read_file, say
from hall import days
from hall.command import started
from hall.refusals import NotAllowed, NotValid
from hall.store import Store
from safety.traces import traces_of

AUDIT_VERBS = ("verify", "export", "check")
HERE = "命令行"
# Words of a command that say on what it acts; a password is in none of them.
TOLD = ("verb", "role", "name", "staff_number", "window", "zone", "month", "first", "last", "file")
# Verbs that only look.
LOOKS = frozenset({"list", "check"})


def noted(asked: Asked, run: Callable[[Asked], int]) -> int:
    """Carry out a command and note it, a refused one with its code."""
    try:
        done = run(asked)
    except NotAllowed as refusal:
        _note(asked, refusal.code)
        raise
    _note(asked, f"exit_{done}" if done else "")
    return done


def _note(asked: Asked, code: str) -> None:
    if not _tells(asked) or not asked.database.exists():
        return
    if code and asked.words.command == "restore":
        return  # a restore that was refused leaves the file as it is, to the byte
    try:
        store = Store(asked.database, rooms=schema.OF_ROOMS)
    except (sqlite3.Error, OSError) as trouble:
        _say_missing(trouble)
        return
    try:
        AuditLog(store, asked.config, days.now).append(_entry(asked, code))
    except sqlite3.Error as trouble:
        _say_missing(trouble)
    finally:
        store.close()


def _say_missing(trouble: Exception) -> None:
    sys.stderr.write(f"注意：这条命令没有写进审计日志（{trouble}）。\n")


def _tells(asked: Asked) -> bool:
    """Return whether a command changes something or hands something out."""
    words = asked.words
    only_looks = (
        getattr(words, "verb", "") in LOOKS
        or getattr(words, "dry_run", False)
        or getattr(words, "check", False)
        or (words.command == "month" and not words.csv)
        # a file of an older release is copied as it is; a row would bring it up to date
        or (words.command == "backup" and not _has_a_log(asked.database))
    )
    return words.command in COMMANDS and not only_looks


def _has_a_log(database: Path) -> bool:
    try:
        store = Store(database, readonly=True)
    except sqlite3.Error:
        return False
    try:
        return bool(store.database["audit"].exists())
    except sqlite3.Error:
        return False
    finally:
        store.close()


def _entry(asked: Asked, code: str) -> Entry:
    told = [str(value) for name in TOLD if (value := getattr(asked.words, name, None))]
    if address := urlsplit(getattr(asked.words, "what", None) or ""):
        told.append(address.hostname or address.path[:20])
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):
        user = ""  # a service without a user of its own
    target = masked(" ".join(each for each in told if each))
    return Entry(
        days.now(), "system", user, "", None, HERE, COMMAND + asked.words.command, target, code
    )


# -- audit -------------------------------------------------------------------------------------


def audit(asked: Asked) -> int:
    """Check the audit log, hand it out as a file, or check a file that was handed out."""
    if not asked.database.exists() and not traces_of(asked.database).exists():
        raise NotAllowed("no_database", f"没有数据文件 {asked.database}。")
    match asked.words.verb:
        case "verify":
            return _verify(asked)
        case "export":
            return _export(asked)
    return _check(asked)


def _verify(asked: Asked) -> int:
    checked = AuditLog(asked.register().store, asked.config, days.now).verify()
    for each in checked.faults:
        say(f"✗ {each}")
    if checked.faults:
        say("请先原样复制数据文件和旁边的 .audit-heads，再查明原因（docs/audit.md）。")
        return 1
    say(f"✓ 审计日志 {checked.rows:,} 条全部完好。")
    return 0


def _export(asked: Asked) -> int:
    target = _named_file(asked)
    if target.exists():
        raise NotAllowed("file_exists", f"{target} 已经存在，没有覆盖。请换一个文件名。")
    kind = target.suffix.lstrip(".").lower()
    if kind not in ("csv", "xlsx"):
        raise NotValid("unknown_kind", "文件名须以 .csv 或 .xlsx 结尾。")
    register, zone = asked.register(), asked.config.hall.zone
    log, now = AuditLog(register.store, asked.config, days.now), days.now()
    first, last = _day(asked.words.first), _day(asked.words.last)
    wanted = Wanted(
        days.first_instant(first, zone) if first else 0,
        days.first_instant(days.next_day(last), zone) if last else now + days.DAY,
    )
    lines = lines_of(log, wanted, register.secret("audit"), zone)
    title = f"{register.hall().name}审计日志"
    target.write_bytes(as_file(kind, lines, title, days.iso(now, zone)))
    say(f"已导出 {len(lines) - 1:,} 条到 {target}。核对：{started()} audit check {target}")
    return 0


def _check(asked: Asked) -> int:
    lines = read(read_file(_named_file(asked)))
    found = problems(lines, asked.register().secret("audit"), asked.config.hall.zone)
    for each in found:
        say(f"✗ {each}")
    say("✓ 文件完好，与导出时一致。" if not found else f"发现 {len(found)} 处问题。")
    return 1 if found else 0


def _named_file(asked: Asked) -> Path:
    file: Path | None = asked.words.file
    if file is None:
        raise NotValid("no_file", "请写明文件，如 审计日志.xlsx。")
    return file


def _day(text: str | None) -> str:
    if not text:
        return ""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise NotValid("bad_day", f"“{text}”不是日期，写作 2026-11-22 的样子。") from None
