"""Whether the audit log is whole: what ``server.py verify`` asks of it.

The chain is gone through from its beginning and compared with the ends that were written down
beside the file; the copy of a file without them, a backup's, is compared with itself alone.
"""

from pathlib import Path

from audit.heads import Heads
from audit.log import AuditLog
from audit.store import AuditRows
from hall.config import Config
from hall.days import Clock
from hall.store import Store


def problems(store: Store, config: Config, clock: Clock) -> list[str]:
    """Return what is wrong with the audit log of a file, a sentence each."""
    if not store.database["audit"].exists():
        return []
    return [f"审计日志{each}" for each in AuditLog(store, config, clock).verify().faults]


def note_restored(database: Path, when: str) -> None:
    """Write down beside a file that a backup took its place: rows after its last one are lost."""
    store = Store(database, readonly=True)
    try:
        if store.database["audit"].exists():
            Heads(database).restored(when, AuditRows(store).head())
    finally:
        store.close()
