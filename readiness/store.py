"""What the report and the figures of /metrics ask of the hall's file; reads only."""

from dataclasses import dataclass

from hall.days import DAY, Instant
from hall.store import Store

MEASURED_DAYS = 30


@dataclass(frozen=True, slots=True)
class Backlog:
    """Messages that still wait to leave, and when the oldest of them was made."""

    waiting: int
    oldest: Instant | None
    given_up: int


class Asked:
    """Questions to a hall's file; rooms that were never opened in it have nothing waiting."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def last_record(self) -> Instant | None:
        """Return when the newest row of the journal was written."""
        found = self.store.row("select at from journal order by seq desc limit 1")
        return int(found[0]) if found else None

    def growth(self, bytes_now: int, now: Instant) -> float | None:
        """Return by how many bytes a day the file grew of late, None before its third day.

        All rows grow with the tickets: the share of the last 30 days' among all is the file's.
        """
        first = self.store.row("select min(taken_at) from ticket")[0]
        if first is None or now - first < 2 * DAY:
            return None
        days = min(MEASURED_DAYS, (now - first) / DAY)
        since = now - int(days * DAY)
        everything = self.store.row("select count(*) from ticket")[0]
        of_late = self.store.row("select count(*) from ticket where taken_at >= ?", (since,))[0]
        return float(bytes_now * of_late / everything / days)

    def outbox(self) -> Backlog:
        """Return what waits for webhooks and notifiers."""
        if not self._has("delivery"):
            return Backlog(0, None, 0)
        waiting, oldest = self.store.row(
            """
            select count(*), min(message.made_at) from delivery
            join message on message.id = delivery.message
            where delivery.state in ('pending', 'failed')
            """
        )
        dead = self.store.row("select count(*) from delivery where state = 'dead'")
        return Backlog(waiting, oldest, dead[0])

    def province(self) -> Backlog:
        """Return what waits for the province's system."""
        if not self._has("province_row"):
            return Backlog(0, None, 0)
        waiting, oldest = self.store.row(
            """
            select count(*), min(made_at) from province_row
            where (state = 'pending' or state = 'failed')
            """
        )
        dead = self.store.row("select count(*) from province_row where state = 'dead'")
        return Backlog(waiting, oldest, dead[0])

    def exports(self) -> dict[str, int]:
        """Return how many exports are in each state."""
        if not self._has("export_job"):
            return {}
        return dict(self.store.rows("select state, count(*) from export_job group by state"))

    def _has(self, table: str) -> bool:
        found = self.store.row(
            "select 1 from sqlite_master where type = 'table' and name = ?", (table,)
        )
        return found is not None
