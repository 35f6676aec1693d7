"""All SQL of the tally: what days and months count, read by whatever key a table is made for."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import add
from typing import Any
from zoneinfo import ZoneInfo

from hall import days
from hall.days import Instant
from hall.store import Store
from rating import tally_migrations
from rating.months import Tally
from rating.periods import Stretch
from rating.tally_migrations import ALL, RATING, TICKET, VISIT, Counted

# By what a table may be made: the key of a row, and what has to be looked up for it.
KEYS = {
    "hall": "''",
    "window": "counted.window",
    "clerk": "counted.clerk",
    "service": "counted.service",
    "department": "(select department from service where code = counted.service)",
    "zone": "(select zone from window where no = counted.window)",
    "channel": "counted.channel",
}
BEFORE_ALL = -9_000_000_000_000
LAST_YEAR = 2099

UNSERVED = """
    select {key}, count(*) filter (where counted.state = 'cancelled'),
        count(*) filter (where counted.state = 'expired'),
        count(*) filter (where counted.state = 'missed'),
        count(*) filter (where counted.misses > 0)
    from ticket as counted
    where (counted.state = 'cancelled' or counted.state = 'expired' or counted.misses > 0)
        and counted.ended_at >= :first and counted.ended_at < :past
    group by 1
"""


class Tallies:
    """The tables of the tally."""

    def __init__(self, store: Store) -> None:
        self.store = store

    # -- keeping --------------------------------------------------------------------------------

    def settle(self, zone: ZoneInfo, wait_target: int) -> bool:
        """Count anew when the hall's zone or wait target (ms) is another than was counted by."""
        if self.store.row("select zone, wait_target from tally_rule") == (zone.key, wait_target):
            return False
        with self.store.transaction():
            run = self.store.connection.execute
            run("update tally_rule set zone = ?, wait_target = ?", (zone.key, wait_target))
            run("delete from day_offset")
            self.store.connection.executemany(
                "insert into day_offset (since, ahead) values (?, ?)", offsets(zone)
            )
            tally_migrations.count_anew(self.store.connection)
        return True

    def close_days(self, today: str) -> bool:
        """Add the days before ``today`` to their months, once; late changes reach both."""
        (done_to,) = self.store.row("select months_to from tally_rule")
        if done_to >= today:
            return False
        with self.store.transaction():
            for each in ALL:
                self.store.connection.execute(each.add_days_to_months(), {"to": today})
            self.store.connection.execute("update tally_rule set months_to = ?", (today,))
        return True

    @contextmanager
    def counted_at_the_end(self) -> Iterator[None]:
        """Count once, after many visits have been made: for a hall that nobody looks at yet."""
        run = self.store.connection.execute
        with self.store.transaction():
            kept = self.store.rows(
                "select name, sql from sqlite_master where type = 'trigger' and name in "
                f"({', '.join('?' * len(tally_migrations.TRIGGERS))})",
                tuple(tally_migrations.TRIGGERS),
            )
            for name, _ in kept:
                run(f"drop trigger {name}")
        try:
            yield
        finally:
            with self.store.transaction():
                for _, sql in kept:
                    run(sql)
                tally_migrations.count_anew(self.store.connection)

    def differences(self) -> list[tuple[str, str]]:
        """Return where days or months differ from the records: the table and its day or month."""
        found = []
        for each in ALL:
            for period, sql in each.differences():
                found += [(f"{each.table}_{period}", str(row[0])) for row in self.store.rows(sql)]
        return found

    # -- reading --------------------------------------------------------------------------------

    def table(
        self, by: str, when: Stretch, within: Sequence[tuple[str, str]] = ()
    ) -> dict[str, Tally]:
        """Return what is counted in a stretch of days, by key; within a window, a service …"""
        added = self._added(by, when, within, {"month": "''", "day": "''"})
        return {key: tally for (key, _), tally in added.items()}

    def months(
        self, by: str, when: Stretch, within: Sequence[tuple[str, str]] = ()
    ) -> dict[tuple[str, str], Tally]:
        """Return what is counted by key and month."""
        return self._added(by, when, within, {"month": "month", "day": "substr(day, 1, 7)"})

    def days(
        self, by: str, when: Stretch, within: Sequence[tuple[str, str]] = ()
    ) -> dict[tuple[str, str], Tally]:
        """Return what is counted by key and day."""
        return self._added(by, when.by_days(), within, {"day": "day"})

    def _added(
        self,
        by: str,
        when: Stretch,
        within: Sequence[tuple[str, str]],
        periods: Mapping[str, str],
    ) -> dict[tuple[str, str], Tally]:
        sums: dict[tuple[str, str], list[int]] = {}
        place = 0
        for each in (VISIT, RATING):
            if by != "channel" or by in each.keys:
                for key, period, *counts in self._sums(each, by, when, within, periods):
                    held = sums.setdefault((str(key or ""), period), [0] * WIDTH)
                    there = slice(place, place + len(counts))
                    held[there] = map(add, held[there], counts)
            place += len(each.counts)
        return {key: Tally(*held) for key, held in sums.items()}

    def _sums(
        self,
        what: Counted,
        by: str,
        when: Stretch,
        within: Sequence[tuple[str, str]],
        periods: Mapping[str, str],
    ) -> Iterator[tuple[Any, ...]]:
        """Yield sums by key and period: of whole months, and of the days that are in none yet.

        Each part is a question of its own, so that SQLite adds up in the order of the rows.
        """
        columns = ", ".join(f"sum({name})" for name in what.counts)
        where = "".join(f" and {KEYS[scope]} = ?" for scope, _ in within)
        for table, column, begins, ends in self._parts(what, when):
            yield from self.store.rows(
                f"""
                select {KEYS[by]}, {periods[column]}, {columns} from {table} as counted
                where {column} >= ? and {column} < ?{where} group by 2, 1
                """,
                (begins, ends, *(value for _, value in within)),
            )

    def _parts(self, what: Counted, when: Stretch) -> Iterator[tuple[str, str, str, str]]:
        (months_to,) = self.store.row("select months_to from tally_rule")
        first, past = when.days_of_months
        for table, column, (begins, ends) in (
            (what.month_table, "month", when.months),
            (what.day_table, "day", (max(first, months_to), past)),
            (what.day_table, "day", when.before),
            (what.day_table, "day", when.after),
        ):
            if begins < ends:
                yield table, column, begins, ends

    def taken(
        self, by: str, when: Stretch, within: Sequence[tuple[str, str]] = ()
    ) -> dict[str, int]:
        """Return how many tickets were taken, by service, department or hall."""
        found: dict[str, int] = {}
        for key, _, count in self._sums(TICKET, by, when, within, {"month": "''", "day": "''"}):
            found[key or ""] = found.get(key or "", 0) + count
        return found

    def unserved(self, by: str, first: Instant, past: Instant) -> dict[str, tuple[int, ...]]:
        """Return the tickets cancelled, expired, missed for good and ever missed, by key."""
        rows = self.store.rows(UNSERVED.format(key=KEYS[by]), {"first": first, "past": past})
        return {key: tuple(counts) for key, *counts in rows}


WIDTH = len(VISIT.counts) + len(RATING.counts)


def offsets(zone: ZoneInfo) -> list[tuple[Instant, int]]:
    """Return how far (ms) a zone's clock is ahead of UTC, and since when, up to the year 2099."""

    def ahead(at: Instant) -> int:
        offset = days.local(at, zone).utcoffset()
        assert offset is not None
        return int(offset.total_seconds() * 1000)

    step, at = 14 * days.DAY, 0
    last = days.first_instant(f"{LAST_YEAR}-12-31", zone)
    found = [(BEFORE_ALL, ahead(0))]
    while at < last:
        if ahead(at + step) != ahead(at):
            low, high = at, at + step
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if ahead(middle) == ahead(at) else (low, middle)
            found.append((high, ahead(high)))
        at += step
    return found
