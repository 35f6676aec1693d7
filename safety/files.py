"""Files written so that a power cut leaves the old one or the new one, and nothing half."""

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from safety.wal import FileMark


def write_whole(path: Path, content: dict[str, Any]) -> None:
    """Put a small JSON file in its place; OSError when the disk does not take it."""
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    keep_names(path.parent)


def read_json(path: Path) -> dict[str, Any]:
    """Return what a small JSON file says; nothing when it is not there or not whole."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def keep_names(folder: Path) -> None:
    """Let the names in a folder outlive a power cut; Windows does so by itself."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network disks cannot
            os.fsync(handle)
    finally:
        os.close(handle)


def file_mark(path: Path) -> FileMark:
    """Return what a file looks like from outside; of one that is not there, nothing."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return FileMark(-1, 0)
    return FileMark(found.st_size, found.st_mtime_ns)
