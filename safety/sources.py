"""Where a hall can come back from: the continuous copy and the backups, newest first."""

import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from hall import days
from hall.config import Config
from hall.days import Instant
from safety import copies
from safety.copies import Generation
from safety.nightly import BACKUPS, STAMP, folder_of
from safety.replay_store import assemble


@dataclass(frozen=True, slots=True)
class Source:
    """One of them: until when it has everything, and where it lies."""

    at: Instant
    path: Path
    generation: Generation | None = None

    @property
    def kind(self) -> str:
        """What it is."""
        return "备份" if self.generation is None else "第二块磁盘上的连续备份"

    def put_into(self, target: Path) -> None:
        """Write it as one file; NotAllowed when the continuous copy has a gap."""
        if self.generation is None:
            shutil.copyfile(self.path, target)
        else:
            assemble(self.generation, target)


def sources(database: Path, config: Config) -> list[Source]:
    """Return them all, newest first."""
    found = [*_copy(database, config), *_backups(database, config)]
    return sorted(found, key=lambda each: each.at, reverse=True)


def _copy(database: Path, config: Config) -> Iterator[Source]:
    if not config.backup.folder:
        return
    place = copies.place_of(database.absolute().parent / config.backup.folder, database)
    ready = [each for each in copies.generations(place) if each.ready]
    at = copies.fresh_at(place)
    if at is None or not ready:
        return
    yield Source(at, ready[-1].folder, ready[-1])
    for older in reversed(ready[:-1]):  # kept until the newest was found to be of a whole file
        written = max(each.stat().st_mtime_ns for each in older.folder.iterdir()) // 1_000_000
        at = min(at - 1, written)  # the machine's clock may have been put right meanwhile
        yield Source(at, older.folder, older)


def _backups(database: Path, config: Config) -> Iterator[Source]:
    name = re.compile(re.escape(database.stem) + r"-(\d{8}-\d{6})(-before-.+)?\.db")
    for folder in {folder_of(config, database), database.absolute().parent / BACKUPS}:
        for each in folder.glob("*.db") if folder.is_dir() else ():
            if match := name.fullmatch(each.name):
                with suppress(ValueError):
                    at = datetime.strptime(match[1], STAMP).replace(tzinfo=config.hall.zone)
                    yield Source(int(at.timestamp()) * days.SECOND, each)
