"""Make what is carried to a hall without internet: code, wheels, checksums, an installer.

    python tools/bundle.py                     for this system and this Python
    python tools/bundle.py --windows           for Windows (64 bit), with the same Python
    python tools/bundle.py --python 3.12       for another Python
    python tools/bundle.py --as-it-stands      also with changes that are not committed

Writes build/bundle/hall-VERSION-PLATFORM-pyVERSION and an archive beside it. Called by the
Makefile. What is in it and why: docs/install.md.
"""

from __future__ import annotations

import argparse
import json
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from packaging.markers import Marker

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

# Found from any folder only after the line above (E402).
from tools.installer.bundle import ABOUT, SUMS, sums_of  # noqa: E402
from tools.installer.common import write_safely  # noqa: E402

OUT = ROOT / "build" / "bundle"
# What a hall never runs.
LEFT_OUT = frozenset({"tests", "bench", "faults", "test-results", "build", ".github"})
LEFT_OUT_FILES = frozenset({"Makefile", "requirements-test.txt", ".gitignore", ".gitattributes"})
# What installs it; `installer` is a folder.
KEPT_TOOLS = frozenset({"install.py", "installer"})
NEEDED = (
    *("server.py", "config.toml", "requirements.txt", "pyproject.toml", "deploy/hall.service"),
    *("tools/install.py", "tools/installer/command.py"),
)
WINDOWS_TAG, MACHINE_OF_WINDOWS = "win_amd64", "amd64"

INSTALL_SH = """#!/bin/sh
# 安装或升级（不用网络）：sudo sh install.sh        换一个文件夹：sh install.sh --to 文件夹
# 退回升级前的版本和数据：sudo sh install.sh --back
cd "$(dirname "$0")" || exit 1
for python in python{python} python3; do
  if command -v "$python" >/dev/null 2>&1; then exec "$python" install.py "$@"; fi
done
echo "这台机器上没有 Python {python}。Debian/Ubuntu：apt install python3" >&2
exit 1
"""
INSTALL_CMD = """@echo off
rem Install or upgrade without a network; as administrator: install.cmd    back again: --back
cd /d "%~dp0"
set PYTHONUTF8=1
py -{python} install.py %*
if errorlevel 9009 echo Please install Python {python} (64 bit) first.
"""
READ_ME = """大厅排队叫号与好差评 {version}（{platform}，Python {python}）

这个文件夹里有全部程序和组件，装的时候不用网络。

  核对    {install} --check
  安装    {install}
  升级    同一条命令：先备份，先在副本上试，不成功自动退回
  退回    {install} --back

第一天怎样做：code/docs/first-day.md
"""


@dataclass(frozen=True, slots=True)
class Target:
    """The machine a bundle is for."""

    python: str
    windows: bool = False

    @property
    def platform(self) -> str:
        """Its system and processor, as the installer reads them there."""
        if self.windows:
            return f"windows-{MACHINE_OF_WINDOWS}"
        return f"{platform.system().lower()}-{platform.machine().lower()}"

    @property
    def markers(self) -> dict[str, str]:
        """What the pins' conditions ask of it."""
        return {
            "sys_platform": "win32" if self.windows else sys.platform,
            "platform_system": "Windows" if self.windows else platform.system(),
            "os_name": "nt" if self.windows else "posix",
            "platform_machine": "AMD64" if self.windows else platform.machine(),
            "platform_python_implementation": "CPython",
            "implementation_name": "cpython",
            "python_version": self.python,
            "python_full_version": f"{self.python}.0",
        }

    @property
    def is_here(self) -> bool:
        """Whether it is a machine like this one."""
        here = f"{sys.version_info.major}.{sys.version_info.minor}"
        return self.python == here and self.windows == (sys.platform == "win32")


def shipped(names: Iterable[str]) -> list[str]:
    """Return which of the project's files a hall gets, sorted."""
    return sorted(name for name in names if _is_shipped(PurePosixPath(name)))


def _is_shipped(name: PurePosixPath) -> bool:
    if name.parts[0] == "tools":
        return name.parts[1] in KEPT_TOOLS
    return name.parts[0] not in LEFT_OUT and str(name) not in LEFT_OUT_FILES


def pins_for(requirements: str, target: Target) -> str:
    """Return the pins that hold for a machine, their hashes kept and their conditions decided."""
    kept = []
    for pin in re.split(r"^(?=[A-Za-z0-9])", requirements, flags=re.MULTILINE):
        head, _, rest = pin.partition("\n")
        named, _, condition = head.rstrip(" \\").partition(" ; ")
        if not re.match(r"[A-Za-z0-9]", named):
            continue
        if not condition or Marker(condition).evaluate(dict(target.markers)):
            hashes = re.findall(r"--hash=\S+", rest)
            kept.append(" \\\n    ".join([named, *hashes]))
    return "\n".join(kept) + "\n"


def download_words(target: Target, pins: Path, wheels: Path) -> list[str]:
    """Return how pip is asked for the wheels: hashed, complete, never built from source."""
    words = ["download", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes"]
    words += ["--only-binary=:all:", "--dest", str(wheels), "-r", str(pins)]
    if not target.is_here:
        words += ["--python-version", target.python, "--implementation", "cp"]
        tags = [WINDOWS_TAG] if target.windows else _linux_tags()
        for tag in tags:
            words += ["--platform", tag]
    return words


def _linux_tags() -> list[str]:
    """Return the wheels that run on Debian 11 and whatever is newer."""
    machine = platform.machine()
    libraries = ("2_31", "2_28", "2_27", "2_26", "2_24", "2_17", "2_12", "2_5")
    return [f"manylinux_{each}_{machine}" for each in libraries] + [f"manylinux2014_{machine}"]


def files_of_the_project(as_it_stands: bool) -> list[str]:
    """Return the committed files; with changes not committed, refuse or take them too."""
    others = ["--others", "--exclude-standard"] if as_it_stands else []
    changed = _git("status", "--porcelain", "--untracked-files=no")
    if changed and not as_it_stands:
        sys.exit("有没提交的改动。请先提交，或加 --as-it-stands。")
    names = _git("ls-files", "-z", "--cached", *others).split("\0")
    return [name for name in names if name and (ROOT / name).is_file()]


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout


def make(target: Target, as_it_stands: bool) -> Path:
    """Make the folder and its archive, and return the archive."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    name = f"hall-{version}-{target.platform}-py{target.python}"
    folder = OUT / name
    if folder.exists():
        shutil.rmtree(folder)
    code, wheels = folder / "code", folder / "wheels"
    wheels.mkdir(parents=True)
    _copy(shipped(files_of_the_project(as_it_stands)), code)
    pins = code / "requirements.txt"
    write_safely(pins, pins_for((ROOT / "requirements.txt").read_text("utf-8"), target))
    pip = [sys.executable, "-m", "pip"]
    print("下载组件（核对哈希）…", flush=True)
    subprocess.run([*pip, *download_words(target, pins, wheels)], check=True)
    # the installer runs pip from its wheel: a Debian without python3-venv has none of its own
    one = ["download", "--quiet", "--disable-pip-version-check", "--no-deps", "--dest", str(wheels)]
    subprocess.run([*pip, *one, "--only-binary=:all:", "pip"], check=True)
    _describe(folder, version, target)
    return _archive(folder, target)


def _copy(names: list[str], code: Path) -> None:
    if missing := set(NEEDED) - set(names):
        sys.exit(f"缺少 {'、'.join(sorted(missing))}。")
    for name in names:
        (code / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, code / name)


def copy_installer(folder: Path) -> None:
    """Put the installer of a bundle's code into its root, where people look for it."""
    for kept in KEPT_TOOLS:
        one = folder / "code" / "tools" / kept
        copy = shutil.copytree if one.is_dir() else shutil.copyfile
        copy(one, folder / kept)


def _describe(folder: Path, version: str, target: Target) -> None:
    said = {"version": version, "platform": target.platform, "python": target.python}
    write_safely(folder / ABOUT, json.dumps(said, ensure_ascii=False) + "\n")
    copy_installer(folder)
    if target.windows:
        script = INSTALL_CMD.format(python=target.python).replace("\n", "\r\n")
        write_safely(folder / "install.cmd", script)
    else:
        write_safely(folder / "install.sh", INSTALL_SH.replace("{python}", target.python))
        (folder / "install.sh").chmod(0o755)
    install = "install.cmd" if target.windows else "sudo sh install.sh"
    write_safely(folder / "README.txt", READ_ME.format(install=install, **said))
    sums = sums_of(folder)
    write_safely(folder / SUMS, "".join(f"{total}  {name}\n" for name, total in sums.items()))


def _archive(folder: Path, target: Target) -> Path:
    """Pack the folder as the system there unpacks it without further programs."""
    if target.windows:
        packed = folder.with_name(f"{folder.name}.zip")
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for each in sorted(folder.rglob("*")):
                archive.write(each, each.relative_to(folder.parent))
        return packed
    packed = folder.with_name(f"{folder.name}.tar.gz")
    with tarfile.open(packed, "w:gz") as archive:
        archive.add(folder, folder.name)
    return packed


def main(words: list[str] | None = None) -> None:
    """Read the command line and make it."""
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    parser = argparse.ArgumentParser(description="做一个不用网络安装的安装包。")
    parser.add_argument("--windows", action="store_true", help="给 64 位 Windows")
    parser.add_argument("--python", default=here, metavar="X.Y", help=f"默认 {here}")
    parser.add_argument("--as-it-stands", action="store_true", help="没提交的改动也带上")
    asked = parser.parse_args(words)
    packed = make(Target(asked.python, asked.windows), asked.as_it_stands)
    print(f"{packed}（{packed.stat().st_size / 1024**2:.0f} MB）")


if __name__ == "__main__":
    main()
