"""What every part of the installer needs: how it refuses, speaks and writes a file."""

from __future__ import annotations

import os
from pathlib import Path

WINDOWS = os.name == "nt"


class CannotInstall(Exception):
    """Something a person must do first; the message says what. Nothing is half done."""


def say(text: str) -> None:
    """Tell the person in front."""
    print(text, flush=True)


def write_safely(file: Path, text: str, encoding: str = "utf-8") -> None:
    """Write a file whole or not at all."""
    part = file.with_name(file.name + ".part")
    with part.open("w", encoding=encoding, newline="") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    part.replace(file)
