"""What the machine answers: its disks, who keeps its clock, a certificate's last day, backups.

Nothing here raises: what cannot be asked is unknown, and the report says so.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from hall.days import SECOND, Instant
from readiness.clocks import UNKNOWN, Sync, of_chrony, of_timedatectl, of_w32tm

PATIENCE_SECONDS = 3
# Chrony knows by how much; systemd only whether.
ON_LINUX = ((("chronyc", "-n", "tracking"), of_chrony), (("timedatectl", "show"), of_timedatectl))
ON_WINDOWS = ((("w32tm", "/query", "/status"), of_w32tm),)
BACKUPS = "backups"


def sync() -> Sync:
    """Ask who keeps the clock; two short commands at most."""
    for command, read in ON_WINDOWS if os.name == "nt" else ON_LINUX:
        found = read(_said(command))
        if found.kept is not None:
            return found
    return UNKNOWN


def _said(command: tuple[str, ...]) -> str:
    path = shutil.which(command[0])
    if path is None:
        return ""
    try:
        done = subprocess.run(  # noqa: S603 - the commands written above
            [path, *command[1:]],
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            check=False,
            env={**os.environ, "LC_ALL": "C"},
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace")


def free(place: Path) -> tuple[Path, int]:
    """Return the nearest folder that exists at or above a place, and its free bytes."""
    there = next(each for each in (place, *place.absolute().parents) if each.is_dir())
    return there, shutil.disk_usage(there).free


def size(file: Path) -> int:
    """Return a file's bytes, 0 without it."""
    try:
        return file.stat().st_size
    except OSError:
        return 0


def newest(database: Path, folders: Iterable[Path]) -> tuple[Instant, Path] | None:
    """Return when a file's newest backup in some folders was made, and which it is.

    Only those that carry its name and a time: the second disk holds a copy that is no backup, and
    perhaps those of another hall.
    """
    own = re.compile(re.escape(database.stem) + r"-\d{8}-\d{6}(-before-.+)?\.db")
    found: list[tuple[Instant, Path]] = []
    for folder in folders:
        try:
            files = [each for each in folder.glob("*.db") if own.fullmatch(each.name)]
            found += [(int(each.stat().st_mtime * SECOND), each) for each in files]
        except OSError:
            continue
    return max(found, default=None)


def good_until(certificate: Path) -> Instant | None:
    """Return until when a PEM certificate is good, None when it cannot be read."""
    from cryptography import x509  # only a hall with TLS waits for it

    try:
        read = x509.load_pem_x509_certificate(certificate.read_bytes())
    except (OSError, ValueError):
        return None
    return int(read.not_valid_after_utc.timestamp() * SECOND)


def clips(folder: Path) -> int:
    """Return how many clips of the voice are there."""
    return sum(1 for each in folder.rglob("*") if each.suffix in (".ogg", ".mp3"))
