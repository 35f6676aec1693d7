"""Install the hall from a bundle, or bring an installed one up to it – without a network.

    python3 install.py                    into /opt/hall (C:\\hall), or upgrade what is there
    python3 install.py --to FOLDER        into another folder
    python3 install.py --back             return to the former release, with its data
    python3 install.py --check            only compare the bundle with its checksums

Stands in the bundle beside `code/` and `wheels/`; standard library only. Every step is noted in
`upgrade.json` once it is done, so a machine that goes off in the middle is no harm: run it again
and it goes on, or `--back` and it returns. Why so: docs/decisions/0016-upgrade.md.
"""

from __future__ import annotations

import argparse
import compileall
import hashlib
import json
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, NoReturn
from xml.sax.saxutils import escape

HERE = Path(__file__).resolve().parent
WINDOWS = os.name == "nt"
USUAL = Path("C:/hall" if WINDOWS else "/opt/hall")
SERVICE = "hall"
SUMS, ABOUT, STEPS_FILE, INSTALLED = "SHA256SUMS", "bundle.json", "upgrade.json", ".installed"
UP = (*("copied", "installed", "tried", "stopped", "backed_up", "switched", "verified", "started"),)
BACK = ("stopped_again", "restored", "switched_back", "started_again")
RELEASES_KEPT = 2
# What a person did since, told when going back: the word and the table.
RECORDED = (("号票", "ticket"), ("办理", "visit"), ("评价", "rating"), ("流水", "journal"))
# What the restore of a release calls the file that it replaced.
KEPT_ASIDE = "hall.db.replaced-…"
BUSY = "数据文件正在使用。请先停止服务，再运行一次：会从这一步继续。"

HALL_SH = """#!/bin/sh
# Every command of the hall: ./hall check, ./hall admin NAME, ./hall backup ...
base=$(dirname "$(readlink -f "$0")")
export HALL_CONFIG="${HALL_CONFIG:-$base/config.toml}" HALL_COMMAND="$0"
exec "$base/current/.venv/bin/python" "$base/current/server.py" "$@"
"""
HALL_CMD = """@echo off
rem Every command of the hall: hall check, hall admin NAME, hall backup ...
setlocal
set "BASE=%~dp0"
set /p CURRENT=<"%BASE%current.txt"
if not defined HALL_CONFIG set "HALL_CONFIG=%BASE%config.toml"
set "HALL_COMMAND=hall"
set "PYTHONUTF8=1"
"%BASE%releases\\%CURRENT%\\.venv\\Scripts\\python.exe" "%BASE%releases\\%CURRENT%\\server.py" %*
"""
SERVICE_CMD = """@echo off
rem What the task of deploy/hall-task.xml runs: the hall, started again two seconds after it fell.
:again
call "%~dp0hall.cmd" serve
if %ERRORLEVEL% EQU 0 exit /b 0
ping -n 3 127.0.0.1 >nul
goto again
"""


class CannotInstall(Exception):
    """Something a person must do first; the message says what. Nothing is half done."""


def say(text: str) -> None:
    """Tell the person in front."""
    print(text, flush=True)


# -- the bundle --------------------------------------------------------------------------------


def digest(file: Path) -> str:
    """Return a file's SHA-256."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def sums_of(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file below a folder, by its name there."""
    files = sorted(each for each in folder.rglob("*") if each.is_file())
    names = {each.relative_to(folder).as_posix(): each for each in files}
    return {name: digest(file) for name, file in names.items() if name != SUMS}


def problems_of(bundle: Path) -> list[str]:
    """Return what differs between a bundle and its checksums: changed, missing, added."""
    if not (bundle / SUMS).is_file():
        return [f"没有 {SUMS}：{bundle} 不是完整的安装包"]
    lines = (bundle / SUMS).read_text("utf-8").splitlines()
    said = {name: total for total, _, name in (line.partition("  ") for line in lines)}
    found = sums_of(bundle)
    return [
        *(f"缺少 {name}" for name in said.keys() - found.keys()),
        *(f"多出 {name}" for name in found.keys() - said.keys()),
        *(
            f"{name} 与校验值不符"
            for name in said.keys() & found.keys()
            if said[name] != found[name]
        ),
    ]


def check_bundle(bundle: Path) -> dict[str, Any]:
    """Return what a bundle is; refuse one that is damaged or made for another machine."""
    if found := problems_of(bundle):
        told = "\n  ".join(sorted(found)[:10])
        raise CannotInstall(f"安装包不完整，没有安装：\n  {told}\n请重新复制一份。")
    about: dict[str, Any] = json.loads((bundle / ABOUT).read_text("utf-8"))
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    if about["python"] != python:
        raise CannotInstall(f"安装包要 Python {about['python']}，这里是 {python}。")
    here = f"{platform.system().lower()}-{platform.machine().lower()}"
    if about["platform"] != here:
        raise CannotInstall(f"安装包是给 {about['platform']} 的，这台机器是 {here}。")
    return about


# -- the hall's file ---------------------------------------------------------------------------


def copy_of(database: Path, target: Path) -> None:
    """Copy a hall's file, in use or not, and check the copy; it takes its name once it is whole."""
    if not target.parent.exists():
        target.parent.mkdir(parents=True)
        give(target.parent, database)
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(database)) as old, closing(sqlite3.connect(part)) as new:
            old.backup(new)
            new.execute("pragma journal_mode = delete")
            found = new.execute("pragma integrity_check(1)").fetchone()[0]
    except sqlite3.Error as trouble:
        found = str(trouble)
    if found != "ok":
        part.unlink(missing_ok=True)
        raise CannotInstall(
            f"{database} 的备份没有通过检查（{found}），没有升级。请用 hall check 查看。"
        )
    give(part, database)
    part.replace(target)


def give(made: Path, database: Path) -> None:
    """Let who owns the hall's file own what root has made for it, and nobody else read it."""
    if WINDOWS:
        return
    made.chmod(0o750 if made.is_dir() else 0o640)
    owner = database.stat()
    if os.geteuid() == 0:
        os.chown(made, owner.st_uid, owner.st_gid)


def as_owner_of(folder: Path) -> dict[str, Any]:
    """Return how a command is run as who owns a folder: root's files would stop the service."""
    if WINDOWS or os.geteuid() != 0:
        return {}
    owner = folder.stat()
    return {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}


def is_in_use(database: Path) -> bool:
    """Return whether a server holds a file; if none does, its log is brought home into it."""
    with closing(sqlite3.connect(database, isolation_level=None, timeout=1)) as file:
        try:
            file.execute("pragma locking_mode = exclusive")
            file.execute("begin exclusive")
            file.execute("commit")
            file.execute("pragma wal_checkpoint(truncate)")
        except sqlite3.OperationalError:
            return True
    return False


def schema_of(database: Path) -> set[tuple[Any, ...]]:
    """Return the steps a file's schema has been through."""
    with closing(sqlite3.connect(database)) as file, suppress(sqlite3.OperationalError):
        return set(file.execute("select migration_set, name from _sqlite_migrations"))
    return set()


def recorded_since(before: Path, now: Path) -> list[str]:
    """Return in words what stands in a file and not yet in an older copy of it."""
    told = []
    for word, table in RECORDED:
        counts = []
        for each in (before, now):
            with closing(sqlite3.connect(each)) as file:
                counts.append(file.execute(f"select count(*) from {table}").fetchone()[0])  # noqa: S608
        if more := counts[1] - counts[0]:
            told.append(f"{word} {more} 条")
    return told


# -- an installed hall -------------------------------------------------------------------------


class Hall:
    """A folder with releases, one of them current, and beside them settings and data."""

    def __init__(self, base: Path) -> None:
        self.base = base.absolute()

    @property
    def current(self) -> str:
        """The version that is served, "" before the first."""
        if WINDOWS:
            named = self.base / "current.txt"
            return named.read_text("utf-8").strip() if named.is_file() else ""
        link = self.base / "current"
        return link.readlink().name if link.is_symlink() else ""

    def release(self, version: str) -> Path:
        """The folder of a version."""
        return self.base / "releases" / version

    def switch(self, version: str) -> None:
        """Make a version the current one, in one step of the file system."""
        if WINDOWS:
            write_safely(self.base / "current.txt", f"{version}\n")
            return
        new = self.base / ".current.new"
        new.unlink(missing_ok=True)
        new.symlink_to(Path("releases") / version, target_is_directory=True)
        new.replace(self.base / "current")

    @property
    def database(self) -> Path:
        """The hall's file, as its settings say."""
        import tomllib

        said = tomllib.loads((self.base / "config.toml").read_text("utf-8"))
        named: str = said.get("server", {}).get("database", "data/hall.db")
        return self.base / named

    def python(self, version: str) -> Path:
        """The interpreter of a version."""
        tail = "Scripts/python.exe" if WINDOWS else "bin/python"
        return self.release(version) / ".venv" / tail

    def verify(self, version: str, database: Path) -> str:
        """Let a version open and verify a file; return its complaint, "" when all is well."""
        return self._ask(version, "verify", database)

    def restore(self, version: str, backup: Path) -> str:
        """Let a version put a backup in the place of the hall's file; return its complaint."""
        return self._ask(version, "restore", self.database, str(backup))

    def _ask(self, version: str, command: str, database: Path, *more: str) -> str:
        place = ["--config", str(self.base / "config.toml"), "--database", str(database)]
        done = subprocess.run(
            [self.python(version), self.release(version) / "server.py", command, *more, *place],
            capture_output=True,
            text=True,
            encoding="utf-8",
            stdin=subprocess.DEVNULL,
            env={**os.environ, "PYTHONUTF8": "1"},
            cwd=self.base,
            check=False,
            **as_owner_of(database.parent),
        )
        return "" if done.returncode == 0 else (done.stdout + done.stderr).strip()

    # -- the service ----------------------------------------------------------------------------

    def is_served(self) -> bool:
        """Return whether the service manager runs the hall."""
        if WINDOWS:
            told = _output("schtasks", "/query", "/tn", SERVICE, "/fo", "csv", "/nh")
            return told is not None and ("Running" in told or "正在运行" in told)
        return _output("systemctl", "is-active", SERVICE) is not None

    def stop(self) -> None:
        """Stop the service; refuse when that is not allowed."""
        command = (
            ("schtasks", "/end", "/tn", SERVICE) if WINDOWS else ("systemctl", "stop", SERVICE)
        )
        if _output(*command) is None:
            raise CannotInstall(f"不能停止服务。请用管理员身份运行，或先执行 {' '.join(command)}。")

    def start(self) -> None:
        """Start the service; one that does not come up is told, the data is safe by then."""
        command = (
            ("schtasks", "/run", "/tn", SERVICE) if WINDOWS else ("systemctl", "start", SERVICE)
        )
        if _output(*command) is None:
            raise CannotInstall(
                f"服务没有启动。请查看日志，或执行 {' '.join(command)}；也可以 --back。"
            )


def _output(*command: str) -> str | None:
    """Return what a command prints, None if it fails or is not there."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def write_safely(file: Path, text: str, encoding: str = "utf-8") -> None:
    """Write a file whole or not at all."""
    part = file.with_name(file.name + ".part")
    with part.open("w", encoding=encoding, newline="") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    part.replace(file)


# -- going up, and back ------------------------------------------------------------------------


class Upgrade:
    """One way from a release to another; ``upgrade.json`` says how far it came."""

    def __init__(self, hall: Hall, bundle: Path, clock: Callable[[], float] = time.time) -> None:
        self.hall = hall
        self.bundle = bundle
        self.clock = clock
        self.file = hall.base / STEPS_FILE
        self.state: dict[str, Any] = {}
        if self.file.is_file():
            self.state = json.loads(self.file.read_text("utf-8"))

    # -- up -------------------------------------------------------------------------------------

    def up(self) -> None:
        """Go through every step that is not done yet; the release before stays beside the new."""
        about = check_bundle(self.bundle)
        self._begin(about["version"])
        for step in UP:
            if step not in self.state["done"]:
                getattr(self, f"_{step}")()
                self._note(step)
        self._forget_old_releases()
        self._end("up")

    def _begin(self, version: str) -> None:
        way = self.state.get("way")
        if way == "going_back":
            raise CannotInstall("上一次退回还没有做完。请先运行 --back。")
        if way == "going_up":
            if self.state["to"] != version:
                raise CannotInstall(
                    f"升级到 {self.state['to']} 还没有做完。请用那个安装包继续，或运行 --back。"
                )
            say(f"继续上次没有做完的升级（{version}）。")
            return
        if self.hall.current == version:
            raise CannotInstall(f"已经是 {version}，不用升级。")
        stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(self.clock()))
        before = self.hall.current
        self.state = {"way": "going_up", "from": before, "to": version, "at": stamp, "done": []}
        self.hall.base.mkdir(parents=True, exist_ok=True)
        self._save()
        say(
            f"从 {before} 升级到 {version}。" if before else f"安装 {version} 到 {self.hall.base}。"
        )

    def _copied(self) -> None:
        say("复制程序 …")
        release, part = self._new, self._new.with_name(f".{self.state['to']}.part")
        for each in (part, release):
            if each.exists():
                shutil.rmtree(each)
        shutil.copytree(self.bundle / "code", part)
        part.rename(release)

    def _installed(self) -> None:
        say("安装随附的组件（约一分钟，不用网络）…")
        venv = self._new / ".venv"
        if venv.exists():
            shutil.rmtree(venv)
        self.install_wheels(venv)
        compileall.compile_dir(self._new, quiet=2, rx=_NOT_CODE)
        config = self.hall.base / "config.toml"
        if not config.exists():
            shutil.copyfile(self._new / "config.toml", config)

    def install_wheels(self, venv: Path) -> None:
        """Make a venv from this Python and the bundle's wheels, without a network."""
        self._run([sys.executable, "-m", "venv", "--without-pip", str(venv)])
        wheels = self.bundle / "wheels"
        pip = next(wheels.glob("pip-*.whl")) / "pip"
        requirements = self._new / "requirements.txt"
        words = ["install", "--no-index", "--find-links", str(wheels), "--no-deps", "--quiet"]
        words += ["--require-hashes", "--disable-pip-version-check", "-r", str(requirements)]
        self._run([str(self.hall.python(self.state["to"])), str(pip), *words])

    def _tried(self) -> None:
        if not self._has_data:
            return
        say("先在数据的副本上试升级并核对 …")
        trial = self.hall.base / "trial" / "hall.db"
        if trial.parent.exists():
            shutil.rmtree(trial.parent)
        trial.parent.mkdir()
        give(trial.parent, self.hall.database)
        copy_of(self.hall.database, trial)
        complaint = self.hall.verify(self.state["to"], trial)
        shutil.rmtree(trial.parent)
        if complaint:
            raise CannotInstall(f"新版本没有通过核对，什么都没有改动：\n{complaint}")

    def _stopped(self) -> None:
        if self.hall.is_served():
            say("停止服务 …")
            self.state["served"] = True
            self._save()
            self.hall.stop()
        if self._has_data and is_in_use(self.hall.database):
            raise CannotInstall(BUSY)

    def _backed_up(self) -> None:
        if not self._has_data:
            return
        database = self.hall.database
        # so named `restore --newest` finds it
        name = f"{database.stem}-{self.state['at']}-before-{self.state['to']}.db"
        backup = database.parent / "backups" / name
        copy_of(database, backup)
        self.state["backup"] = str(backup)
        say(f"已备份到 {backup}。")

    def _switched(self) -> None:
        self.hall.switch(self.state["to"])
        write_commands(self.hall)

    def _verified(self) -> None:
        if not self._has_data:
            return
        say("升级数据并核对 …")
        complaint = self.hall.verify(self.state["to"], self.hall.database)
        if complaint:
            say(f"核对没有通过，自动退回：\n{complaint}")
            self.back()
            raise CannotInstall(f"已退回 {self.state['from']}，数据与升级前相同。")

    def _started(self) -> None:
        if self.state.get("served"):
            say("启动服务 …")
            self.hall.start()

    # -- back -----------------------------------------------------------------------------------

    def back(self) -> None:
        """Return to the release before: with its file, unless the schema is the same anyway."""
        if not self.state or not self.state.get("from"):
            raise CannotInstall("没有可以退回的版本。")
        if self.state["way"] == "back":
            raise CannotInstall(f"已经退回到 {self.state['from']}。")
        if not self.hall.release(self.state["from"]).is_dir():
            raise CannotInstall(f"{self.state['from']} 的程序已经不在 releases 里，不能退回。")
        if "switched" not in self.state["done"] and self.hall.current != self.state["to"]:
            self._give_up()
            return
        self.state["way"] = "going_back"
        self._save()
        for step in BACK:
            if step not in self.state["done"]:
                getattr(self, f"_{step}")()
                self._note(step)
        self._end("back")
        say(f"已退回 {self.state['from']}。")

    def _give_up(self) -> None:
        """Take away a release that was never served; nothing else had been changed."""
        if self.state.get("served"):
            self.hall.start()
        shutil.rmtree(self._new, ignore_errors=True)
        self._end("back")
        say(f"没有做完的升级已撤销，仍是 {self.state['from']}，数据没有动过。")

    def _stopped_again(self) -> None:
        if self.hall.is_served():
            self.state["served"] = True
            self._save()
            self.hall.stop()
        if self.hall.database.exists() and is_in_use(self.hall.database):
            raise CannotInstall(BUSY)

    def _restored(self) -> None:
        """Bring the file back by the former release's own restore: it knows what lies beside it."""
        if "backup" not in self.state:
            return
        database, backup = self.hall.database, Path(self.state["backup"])
        if not backup.is_file():  # SQLite would make an empty one
            raise CannotInstall(f"升级前的备份 {backup} 不见了，不能退回。请先把它放回原处。")
        if not self.state.get("restoring"):
            if schema_of(database) == schema_of(backup):
                say("数据的结构没有变，升级后的记录全部保留。")
                return
            told = recorded_since(backup, database)
            say(f"升级之后又记录了：{'，'.join(told)}。" if told else "升级之后没有新的记录。")
            if told:
                say(f"退回后的数据没有它们；留在 {database.parent} 里的 {KEPT_ASIDE} 里。")
            self.state["restoring"] = True
            self._save()
        if database.exists() and schema_of(database) == schema_of(backup):
            return
        complaint = self.hall.restore(self.state["from"], backup)
        if not database.exists() or schema_of(database) != schema_of(backup):
            raise CannotInstall(f"数据没有换回去，请再运行一次 --back：\n{complaint}")

    def _switched_back(self) -> None:
        self.hall.switch(self.state["from"])

    def _started_again(self) -> None:
        if self.state.get("served"):
            self.hall.start()

    # -- what both need -------------------------------------------------------------------------

    @property
    def _new(self) -> Path:
        return self.hall.release(self.state["to"])

    @property
    def _has_data(self) -> bool:
        return bool(self.state["from"]) and self.hall.database.exists()

    def _note(self, step: str) -> None:
        self.state["done"].append(step)
        self._save()

    def _end(self, way: str) -> None:
        self.state["way"] = way
        self._save()

    def _save(self) -> None:
        write_safely(self.file, json.dumps(self.state, ensure_ascii=False, indent=1))

    def _forget_old_releases(self) -> None:
        """Keep the current release and the one to go back to."""
        kept = {self.state["to"], self.state["from"]}
        for each in (self.hall.base / "releases").iterdir():
            if each.name not in kept:
                shutil.rmtree(each, ignore_errors=True)

    def _run(self, command: list[str]) -> None:
        done = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull},
            check=False,
        )
        if done.returncode:
            raise CannotInstall(f"没有装上，什么都没有改动：\n{done.stdout[-2000:]}")


class _NoCode:
    """What compileall leaves out: the venv, which pip has compiled."""

    @staticmethod
    def search(name: str) -> bool:
        return f"{os.sep}.venv{os.sep}" in name


_NOT_CODE: Any = _NoCode()


def write_commands(hall: Hall) -> None:
    """Write `hall` (`hall.cmd`) and the service's description beside the releases."""
    deploy = hall.base / "releases" / hall.current / "deploy"
    if WINDOWS:
        write_safely(hall.base / "hall.cmd", HALL_CMD.replace("\n", "\r\n"))
        write_safely(hall.base / "hall-service.cmd", SERVICE_CMD.replace("\n", "\r\n"))
        task = (deploy / "hall-task.xml").read_text("utf-8")
        task = task.replace("C:\\hall", escape(str(hall.base)))
        write_safely(hall.base / "hall-task.xml", task, "utf-16")
        return
    write_safely(hall.base / "hall", HALL_SH)
    (hall.base / "hall").chmod(0o755)
    unit = (deploy / "hall.service").read_text("utf-8").replace("/opt/hall", str(hall.base))
    write_safely(hall.base / "hall.service", unit)


def next_steps(hall: Hall) -> str:
    """Return what a person does after a first installation."""
    command = "hall" if WINDOWS else "./hall"
    return (
        f"已装好。接下来（在 {hall.base} 里）：\n"
        f"  {command} import demo        导入随附的 76 窗口大厅，或自己的工作簿\n"
        f"  {command} admin 姓名          建立管理员，密码只显示一次\n"
        f"  {command}                    启动；浏览器打开它说的地址，在 /sign-in 登录\n"
        f"随机器启动、第一天怎样做：current/docs/install.md、current/docs/first-day.md"
    )


def main(words: list[str] | None = None) -> None:
    """Read the command line and do it."""
    parser = argparse.ArgumentParser(description="不用网络安装大厅，或升级已装好的大厅。")
    parser.add_argument("--to", type=Path, default=USUAL, metavar="FOLDER", help=f"默认 {USUAL}")
    parser.add_argument("--back", action="store_true", help="退回升级前的版本和数据")
    parser.add_argument("--check", action="store_true", help="只核对安装包")
    asked = parser.parse_args(words)
    if asked.check:
        about = check_bundle(HERE)
        say(f"安装包完好：{about['version']}，{about['platform']}，Python {about['python']}。")
        return
    hall = Hall(asked.to)
    upgrade = Upgrade(hall, HERE)
    if asked.back:
        upgrade.back()
        return
    upgrade.up()
    say(f"已升级到 {hall.current}。" if upgrade.state["from"] else next_steps(hall))


def _stop(text: str) -> NoReturn:
    print(text, file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    try:
        main()
    except CannotInstall as trouble:
        _stop(str(trouble))
    except PermissionError as trouble:
        _stop(
            f"没有权限写 {trouble.filename}。请用 sudo（Windows：管理员）运行，或用 --to 换文件夹。"
        )
    except (OSError, sqlite3.Error) as trouble:
        _stop(f"{trouble}。没有做完；请先解决（磁盘是否已满？），再运行一次，会从这一步继续。")
