"""What the installer is asked for, and what a person in front is told."""

from __future__ import annotations

import argparse
import sqlite3
import sys
from pathlib import Path
from typing import NoReturn

from .bundle import check_bundle
from .common import WINDOWS, CannotInstall, say
from .installed import Hall
from .upgrade import Upgrade

USUAL = Path("C:/hall" if WINDOWS else "/opt/hall")


def run(bundle: Path) -> None:
    """Do what the command line says; what cannot be done is a sentence, never a traceback."""
    try:
        main(bundle)
    except CannotInstall as trouble:
        _stop(str(trouble))
    except PermissionError as trouble:
        _stop(
            f"没有权限写 {trouble.filename}。请用 sudo（Windows：管理员）运行，或用 --to 换文件夹。"
        )
    except (OSError, sqlite3.Error) as trouble:
        _stop(f"{trouble}。没有做完；请先解决（磁盘是否已满？），再运行一次，会从这一步继续。")


def main(bundle: Path, words: list[str] | None = None) -> None:
    """Read the command line and do it with the bundle in a folder."""
    parser = argparse.ArgumentParser(description="不用网络安装大厅，或升级已装好的大厅。")
    parser.add_argument("--to", type=Path, default=USUAL, metavar="FOLDER", help=f"默认 {USUAL}")
    parser.add_argument("--back", action="store_true", help="退回升级前的版本和数据")
    parser.add_argument("--check", action="store_true", help="只核对安装包")
    asked = parser.parse_args(words)
    if asked.check:
        about = check_bundle(bundle)
        say(f"安装包完好：{about['version']}，{about['platform']}，Python {about['python']}。")
        return
    hall = Hall(asked.to)
    upgrade = Upgrade(hall, bundle)
    if asked.back:
        upgrade.back()
        return
    upgrade.up()
    say(f"已升级到 {hall.current}。" if upgrade.state["from"] else next_steps(hall))


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


def _stop(text: str) -> NoReturn:
    print(text, file=sys.stderr)
    sys.exit(1)
