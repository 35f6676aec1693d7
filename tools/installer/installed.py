"""An installed hall: its releases, its service, and the commands written beside them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from xml.sax.saxutils import escape

from .common import WINDOWS, CannotInstall, write_safely
from .hall_file import as_owner_of

SERVICE = "hall"

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
