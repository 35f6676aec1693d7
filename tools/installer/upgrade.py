"""The way from one release to the next, and back; every step is noted once it is done."""

from __future__ import annotations

import compileall
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .bundle import check_bundle
from .common import CannotInstall, say, write_safely
from .hall_file import copy_of, give, is_in_use, recorded_since, schema_of
from .installed import Hall, write_commands

STEPS_FILE = "upgrade.json"
UP = ("copied", "installed", "tried", "stopped", "backed_up", "switched", "verified", "started")
BACK = ("stopped_again", "restored", "switched_back", "started_again")
# What the restore of a release calls the file that it replaced.
KEPT_ASIDE = "hall.db.replaced-…"
BUSY = "数据文件正在使用。请先停止服务，再运行一次：会从这一步继续。"


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
