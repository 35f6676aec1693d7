"""What a bundle is: the files that its checksums name, no fewer and no more, for one machine."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from pathlib import Path
from typing import Any

from .common import CannotInstall

SUMS, ABOUT = "SHA256SUMS", "bundle.json"


def digest(file: Path) -> str:
    """Return a file's SHA-256."""
    total = hashlib.sha256()  # hashlib.file_digest is 3.11's: an older Python must hear that it is
    with file.open("rb") as opened:
        while part := opened.read(1 << 20):
            total.update(part)
    return total.hexdigest()


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
