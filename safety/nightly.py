"""Every night a verified backup, and the old ones that have served make room.

A night that failed is told and tried again; one that passed while the hall was off is made up.
"""

import logging
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from hall import days
from hall.config import Config
from hall.days import Clock, Instant
from safety import copies, rotation
from safety.files import read_json, write_whole
from safety.traces import note, traces_of

log = logging.getLogger("safety")
BACKUPS = "backups"
NEVER = datetime(1, 1, 1)  # noqa: DTZ001 - the hall's own time
STAMP = "%Y%m%d-%H%M%S"
# Makes a backup in a process of its own: target, whether the hall's rules are verified too.
BackUp = Callable[[Path, bool], None]


def folder_of(config: Config, database: Path) -> Path:
    """Return where a hall's nightly backups lie: on the second disk if there is one."""
    beside = database.absolute().parent
    return beside / config.backup.folder if config.backup.folder else beside / BACKUPS


def backups_in(folder: Path, stem: str) -> dict[datetime, Path]:
    """Return the backups that carry the name of a time, as ``server.py backup`` gives it."""
    return _named_by_time(folder, stem, ".db")


def _named_by_time(folder: Path, stem: str, end: str) -> dict[datetime, Path]:
    # exactly: "hall-east" may share the disk with "hall"
    named = re.compile(re.escape(stem) + r"-(\d{8}-\d{6})" + re.escape(end))
    found = {}
    for each in folder.glob(f"{stem}-*{end}") if folder.is_dir() else ():
        if match := named.fullmatch(each.name):
            with suppress(ValueError):
                found[datetime.strptime(match[1], STAMP)] = each  # noqa: DTZ007 - the hall's own time
    return found


class NoDiskError(OSError):
    """There is no second disk of this hall; nothing is written where it should be."""


class Nightly:
    """The nights of one hall; ``start`` runs work beside the loop."""

    def __init__(
        self,
        database: Path,
        config: Config,
        owner: str,
        clock: Clock,
        *,
        back_up: BackUp,
        start: Callable[[Callable[[], None]], Any],
    ) -> None:
        self.folder = folder_of(config, database)
        self._database, self._config, self._clock = database, config, clock
        self._owner = owner
        self._back_up, self._start = back_up, start
        self._state_file = self.folder / f"{database.stem}-nightly.json"
        self._at_work = False
        self._state: dict[str, Any] | None = None
        self._since: Instant = 0

    # -- what is known --------------------------------------------------------------------------

    @property
    def last_good(self) -> Instant | None:
        """When the last good backup was made."""
        return self._known().get("good")

    @property
    def trouble(self) -> str:
        """What was wrong the last time; empty after a good night."""
        return str(self._known().get("trouble", ""))

    def _known(self) -> dict[str, Any]:
        if self._state is None:
            self._state = read_json(self._state_file)
        return self._state

    def _local(self, at: Instant) -> datetime:
        return days.local(at, self._config.hall.zone).replace(tzinfo=None)

    def _when(self, name: str) -> datetime | None:
        at = self._known().get(name)
        return None if at is None else self._local(at)

    # -- the nights -----------------------------------------------------------------------------

    def tick(self) -> None:
        """Begin a backup when one is due."""
        if self._at_work or not self._config.backup.nightly:
            return
        if not self._since:
            self._since = self._first_seen()
        now = self._local(self._clock())
        last = max(self._local(self._since), self._when("good") or NEVER)
        if rotation.is_due(now, self._config.backup.at, last) and rotation.may_try(
            now, self._when("failed")
        ):
            self._at_work = True
            self._start(self.night)

    def _first_seen(self) -> Instant:
        """Return since when there is a hall: its first backup is due the night after."""
        since = int(read_json(traces_of(self._database)).get("since", self._clock()))
        note(self._database, since=since)
        return since

    def night(self) -> None:
        """Make a backup, verify it, and let old ones go."""
        now = self._clock()
        local = self._local(now)
        target = self.folder / f"{self._database.stem}-{local.strftime(STAMP)}.db"
        rules = rotation.wants_rules(local, self._when("verified"))
        known, trouble, there = self._known(), "", True
        try:
            self._be_there()
            self._back_up(target, rules)
        except Exception as failure:  # noqa: BLE001 - whatever it was: it is told and tried again
            trouble = str(failure).strip()[-500:] or type(failure).__name__
            log.warning("backup_failed: %s", trouble)
            there = not isinstance(failure, NoDiskError)
        if target.exists():
            # a hall that breaks its own rules is backed up as well as it is
            known["good"] = now
            if rules:
                known["verified"] = now
            known.pop("failed", None)
            self._let_old_ones_go()
        else:
            known["failed"] = now
        known["trouble"] = trouble
        if there:
            with suppress(OSError):
                write_whole(self._state_file, known)
        self._at_work = False

    def _be_there(self) -> None:
        if self._config.backup.folder:
            place = copies.place_of(self.folder, self._database)
            owner = read_json(place / copies.OWNER).get("hall")
            if owner is None:
                raise NoDiskError(f"第二块磁盘不在（{self.folder}）")
            if owner != self._owner:  # its nights have the same names, and old ones go
                raise NoDiskError(f"{self.folder} 里是另一个大厅的备份，没有写入")
        else:
            self.folder.mkdir(exist_ok=True)
        for half in _named_by_time(self.folder, self._database.stem, ".db.part").values():
            half.unlink()

    def _let_old_ones_go(self) -> None:
        made = backups_in(self.folder, self._database.stem)
        rules = self._config.backup
        for each in set(made) - rotation.kept(made, rules.daily, rules.weekly, rules.monthly):
            with suppress(OSError):
                made[each].unlink()
                log.info("backup_removed: %s", made[each].name)
