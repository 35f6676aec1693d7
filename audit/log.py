"""The audit log: rows are added in the transaction of what they tell, and one day forgotten.

Two processes may write: the last row is read in the transaction that writes the next one.
"""

import logging
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from audit.chain import Entry, Fault, Link, Row, faults, seal
from audit.heads import Heads
from audit.store import AuditRows, Wanted
from hall import days
from hall.config import Config
from hall.days import DAY, HOUR, Clock, Instant
from hall.refusals import NotAllowed
from hall.store import Store

__all__ = ["ROWS_A_HEAD", "AuditLog", "Checked", "Wanted"]

# A head is written down after so many rows, or an hour after the last one.
ROWS_A_HEAD = 1000
HEAD_EVERY = HOUR
# A second's work of forgetting: 1000 rows take some 10 ms.
FORGOTTEN_AT_ONCE = 1000
# However far a clock jumps ahead, a day takes no more than a week of rows away.
MOST_FORGOTTEN = 7 * DAY
FAULTS_TOLD = 20
MOST_EXPORTED = 200_000
LONGEST_MONTH = 31
log = logging.getLogger("audit")


class Checked(NamedTuple):
    """What a check of the whole chain found."""

    at: Instant
    rows: int
    first: int
    last: int
    faults: tuple[str, ...]


class AuditLog:
    """The log of one hall's file."""

    def __init__(self, store: Store, config: Config, clock: Clock) -> None:
        self.store, self.config, self.clock = store, config, clock
        self.rows = AuditRows(store)
        self.heads = Heads(Path(store.path))
        # what the last check found, while this process runs
        self.checked: Checked | None = None
        self._written: int | None = None  # up to which row the chain's ends are written down
        self._written_at = clock()
        self._looked_on = ""

    # -- writing ----------------------------------------------------------------------------------

    def append(self, entry: Entry) -> int:
        """Write a row, in the transaction at hand or one of its own; return its number."""
        with self.store.transaction():
            return self.join(entry)

    def join(self, entry: Entry) -> int:
        """Write a row into the transaction that the caller holds; return its number."""
        last = self.rows.head()
        number = last.number + 1
        self.rows.add(Row(number, entry, seal(last.hash, number, entry)))
        return number

    def note(self, verb: str, target: str = "", detail: str = "") -> None:
        """Write a row of what the system does by itself."""
        self.append(Entry(self.clock(), "system", "", "", None, "本机", verb, target, "", detail))

    # -- what time does ---------------------------------------------------------------------------

    def tick(self) -> None:
        """Write down the chain's end when it is due; once a day forget what is older than kept."""
        self._write_head()
        today = days.day_of(self.clock(), self.config.hall.zone)
        if today != self._looked_on:
            self._looked_on = today
            self.forget_old()
        elif self.rows.has_old():
            with self.store.transaction():
                self.rows.remove(FORGOTTEN_AT_ONCE)

    def _write_head(self) -> None:
        now, head = self.clock(), self.rows.head()
        if self._written is None:
            self._written = max(self.heads.known(), default=0)
        if head.number <= self._written:
            return
        due = abs(now - self._written_at) >= HEAD_EVERY
        if due or head.number - self._written >= ROWS_A_HEAD:
            self.write_head()

    def write_head(self, *, quiet: bool = False) -> Link:
        """Write the chain's end beside the file and, unless quiet, into the server's log."""
        head = self.rows.head()
        when = days.iso(self.clock(), self.config.hall.zone)
        self.heads.add(when, head)
        if not quiet:
            log.info("audit_head number=%d hash=%s", head.number, head.hash.hex())
        self._written, self._written_at = head.number, self.clock()
        return head

    @property
    def kept_since(self) -> Instant:
        """Rows from this instant on are kept."""
        zone = self.config.hall.zone
        first = days.local(self.clock(), zone) - timedelta(
            days=LONGEST_MONTH * self.config.audit.keep_months
        )
        return int(first.timestamp() * 1000)

    def forget_old(self) -> int:
        """Let the log begin after what is older than it is kept; return how many rows will go.

        The rows go piece by piece with the next ticks; the last one's hash stays.
        """
        with self.store.transaction():
            if (first := self.rows.oldest()) is None:
                return 0
            number, at = first
            found = self.rows.last_before(min(self.kept_since, at + MOST_FORGOTTEN))
            if found is None:
                return 0
            link, last_at = found
            self.rows.begin_after(link, last_at, self.clock())
            self.note("system.forget", f"第 {number} 至 {link.number} 条", link.hash.hex())
        return link.number - number + 1

    # -- reading ----------------------------------------------------------------------------------

    def find(self, wanted: Wanted, before: int = 0, most: int = 100) -> list[Row]:
        """Return rows that are wanted, the newest first."""
        return self.rows.find(wanted, before, most)

    def for_export(self, wanted: Wanted) -> list[tuple[bytes, Row]]:
        """Return rows that are wanted in their order, each with the hash it follows.

        Raises NotAllowed ``too_many`` for more than a spreadsheet is good for.
        """
        found = self.rows.find(wanted, 0, MOST_EXPORTED + 1)[::-1]
        if len(found) > MOST_EXPORTED:
            told = f"一次最多导出 {MOST_EXPORTED:,} 条，请缩短时间后分几次导出。"
            raise NotAllowed("too_many", told)
        linked, last = [], Link(0, b"")
        for row in found:
            follows = last.number == row.number - 1 and last.hash
            linked.append((follows or self.rows.hash_before(row.number), row))
            last = Link(row.number, row.hash)
        return linked

    def verify(self, heads: Mapping[int, bytes] | None = None) -> Checked:
        """Go through the whole chain; ``heads`` are those beside the file unless given."""
        known = self.heads.known() if heads is None else heads
        count, first, last = 0, 0, 0

        def counted() -> Iterator[Row]:
            nonlocal count, first, last
            for row in self.rows.in_order():
                if row.number > start.number:
                    count, first, last = count + 1, first or row.number, row.number
                yield row

        start = self.rows.start()
        found: list[Fault] = []
        for fault in faults(counted(), start, {n: h for n, h in known.items() if n > start.number}):
            found.append(fault)
            if len(found) >= FAULTS_TOLD:
                break
        told = tuple(each.words for each in found)
        return Checked(self.clock(), count, first, last, told)
