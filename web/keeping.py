"""The hall's file kept safe while it is served: its log, its copy, its nights, its pages."""

import json
import logging
import time
from hashlib import sha256
from pathlib import Path

import gevent
from gevent.threadpool import ThreadPool

from hall.config import Config
from hall.days import Clock
from hall.register import Register
from hall.store import Store
from privacy import redo
from safety.nightly import Nightly
from safety.shipper import Shipper
from safety.traces import Presence, note
from web.aside import WorkFailed, in_process

log = logging.getLogger("safety")
# 10 GB at the least that a disk gives; what takes longer hangs.
LONGEST_SECONDS = 3 * 3600.0
# The doors open first; all pages are looked at once they stand open.
LOOK_AFTER_SECONDS = 120.0
LOOK_AGAIN_SECONDS = 3600.0
NIGHT = "commandline.night"


class Keeping:
    """Everything that keeps one served file safe; a demonstration's is made anew instead."""

    def __init__(
        self, store: Store, register: Register, config: Config, clock: Clock, *, demo: bool
    ) -> None:
        self.database = store.path
        self.damage: str | None = None  # empty once all pages were found whole
        # told from another hall's on the second disk
        owner = sha256(b"copy" + register.secret("cookie")).hexdigest()[:16]
        self.shipper = Shipper(
            store,
            "" if demo else config.backup.folder,
            owner,
            clock,
            spawn=ThreadPool(1).spawn,
            start=gevent.spawn,
            copy_base=_copy_base,
            lists=[redo.path_of(store.path)],
            found_whole=lambda: self.damage == "",
        )
        self.shipper.bring_lists_back()
        self.nightly = Nightly(
            store.path, config, owner, clock, back_up=self._back_up, start=gevent.spawn
        )
        self._config, self._demo = config, demo
        self._presence = Presence(store.path, clock)
        self._look_at = time.monotonic() + LOOK_AFTER_SECONDS

    def tick(self) -> None:
        """See to the log and its copy, to the night's backup, and once to all pages."""
        self.shipper.tick()
        if self._demo:
            return
        self._presence.tick()
        self.nightly.tick()
        if time.monotonic() >= self._look_at:
            self._look_at = float("inf")
            gevent.spawn(self._look)

    def figures(self) -> dict[str, float]:
        """Return what /metrics tells of it; a figure that is not known is left out."""
        told: dict[str, float | None] = {
            "hall_copy_behind_seconds": self.shipper.behind_seconds(),
            "hall_backup_failed": None if self._demo else float(bool(self.nightly.trouble)),
            "hall_file_damaged": None if self.damage is None else float(bool(self.damage)),
        }
        return {name: value for name, value in told.items() if value is not None}

    def close(self) -> None:
        """Bring everything to rest before the file is closed."""
        self.shipper.close()
        self._presence.close()

    def _look(self) -> None:
        try:
            told = in_process(
                "safety.probe_store", str(self.database.absolute()), longest=LONGEST_SECONDS
            )
        except WorkFailed as failure:
            log.warning("pages_not_looked_at: %s", failure)
            self._look_at = time.monotonic() + LOOK_AGAIN_SECONDS
            return
        self.damage = told.decode("utf-8", "replace")
        note(self.database, damage=self.damage)
        if self.damage:
            log.error("file_damaged: %s", self.damage)

    def _back_up(self, target: Path, rules: bool) -> None:
        asked = {
            "database": str(self.database.absolute()),
            "target": str(target.absolute()),
            "rules": rules,
            "config": self._config.model_dump(mode="json"),
        }
        given = json.dumps(asked).encode()
        try:
            in_process(NIGHT, given=given, longest=LONGEST_SECONDS)
        except WorkFailed as failure:  # people read it
            raise OSError(str(failure).removeprefix(f"{NIGHT}: ")) from failure


def _copy_base(source: Path, target: Path) -> None:
    in_process(
        "safety.base", str(source.absolute()), str(target.absolute()), longest=LONGEST_SECONDS
    )
