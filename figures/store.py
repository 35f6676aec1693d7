"""All SQL of the statistics beside the tally: percentiles, unserved tickets, opening, heat, tags.

Instants are epoch ms; ``first`` is in, ``past`` is out. Every query reads by an index
(tests/test_figures.py asks for the plans).
"""

from collections.abc import Sequence
from typing import Any

from cases.figures import Fact
from figures.columns import Within
from figures.migrations import IS_A_CHANGE, migrations
from figures.opening import Change
from figures.statistics import Waits
from hall.days import Instant
from hall.store import Store
from rating.periods import Period
from rating.tally_migrations import LEVELS, VALID

# By what a table may be made: the key of a row, as a text, out of any row that counts.
KEYS = {
    "hall": "''",
    "window": "cast(counted.window as text)",
    "clerk": "coalesce(counted.clerk, '')",
    "service": "counted.service",
    "department": "(select department from service where code = counted.service)",
    "zone": "(select zone from window where no = counted.window)",
}
WAITS = """
    with wait as (
        select {key} as key, counted.waited as waited,
            row_number() over (partition by {key} order by counted.waited) as place,
            count(*) over (partition by {key}) as many
        from visit as counted
        where counted.ended_at >= :first and counted.ended_at < :past
            and counted.waited is not null and {within}
    )
    select key, many, sum(waited), max(waited) filter (where place = (many * 50 + 99) / 100),
        max(waited) filter (where place = (many * 90 + 99) / 100), max(waited)
    from wait group by key
"""
# The hour of the week in which a wait ended: 1 January 1970 was a Thursday.
HOUR_OF_WEEK = """((counted.called_at + (
    select ahead from day_offset where since <= counted.called_at order by since desc limit 1
)) / 3600000 + 72) % 168"""
UNCALLED = """
    select {key}, count(*) from ticket as counted
    where (counted.state = 'cancelled' or counted.state = 'expired')
        and counted.ended_at >= :first and counted.ended_at < :past and {within}
    group by 1
"""
# A ticket that was ever missed belongs to who missed it first; one missed for good, to the last.
MISSED = """
    select {key}, count(*) from ticket
    join visit as counted on counted.id = (
        select {which}(id) from visit where visit.ticket = ticket.id and visit.state = 'missed'
    )
    where ticket.misses > 0 {for_good}
        and ticket.ended_at >= :first and ticket.ended_at < :past and {within}
    group by 1
"""
FOR_GOOD = "and ticket.state = 'missed'"
APPOINTMENTS = """
    select {key}, count(*) filter (where counted.state = 'arrived'), count(*)
    from service as its cross join appointment as counted
    where counted.service = its.code and counted.slot_at >= :first
        and counted.slot_at < min(:past, :now) and counted.state != 'cancelled' and {within}
    group by 1
"""
CASES = """
    select {key}, real_name, void_kind != '', contacted_at, contact_limit, answered_at,
        answer_limit, limit_at, closed_at, revisited_at
    from rating_case as counted
    where counted.rated_at >= :first and counted.rated_at < :past and {within}
"""
CHANGES = f"""
    select journal.window, journal.at, journal.event, journal.who
    from window as its cross join journal
    where journal.window = its.no and {IS_A_CHANGE} and journal.at < :past
        and journal.at >= coalesce((
            select max(earlier.at) from journal as earlier
            where earlier.window = its.no and earlier.at < :first
                and {IS_A_CHANGE.replace("event", "earlier.event")}
        ), :first)
    order by its.no, journal.at, journal.seq
"""
FIRST_CHANGE = f"""
    select min((select min(at) from journal where journal.window = its.no and {IS_A_CHANGE}))
    from window as its
"""
# Of the tally's days: what its own tables by one key do not tell.
CHANNELS = f"""
    select {{key}}, counted.channel, sum({" + ".join(LEVELS)})
    from rating_day as counted where counted.day >= :first and counted.day < :past and {{within}}
    group by 1, 2
"""
TAKEN = """
    select {key}, sum(counted.taken) from ticket_day as counted
    where counted.day >= :first and counted.day < :past and {within}
    group by 1
"""
SERVICE_TIMES = """
    select window, clerk, sum(service_time) from visit_day
    where day >= :first and day < :past group by 1, 2
"""
TAGS = f"""
    select json_extract(tag.value, '$.text') as text, counted.level, count(*)
    from rating as counted, json_each(counted.tags) as tag
    where counted.at >= :first and counted.at < :past and counted.nth = 1
        and {VALID.format(row="counted")}
    group by 1, 2 order by 3 desc, 1, 2
"""
PIPELINE = """
    select case when void_kind != '' then 'voided' else state end, count(*) from rating_case
    where rated_at >= :first and rated_at < :past group by 1
"""


class FigureStore:
    """What is read of the records beside the tally."""

    def __init__(self, store: Store) -> None:
        self.store = store
        store.take_steps(migrations)

    def waits(
        self, by: str, first: Instant, past: Instant, within: Within = ()
    ) -> dict[str, Waits]:
        """Return P50, P90 and the longest wait by key."""
        found = self._ask(WAITS, KEYS[by], first, past, within)
        return {key or "": Waits(p50, p90, longest) for key, _, _, p50, p90, longest in found}

    def heat(self, first: Instant, past: Instant) -> list[tuple[int, int, int, int]]:
        """Return hour of the week (0 is Monday's first), calls, sum of waits and P90."""
        found = self._ask(WAITS, HOUR_OF_WEEK, first, past, ())
        return [(hour, many, waited, p90) for hour, many, waited, _, p90, _ in found]

    def uncalled(
        self, by: str, first: Instant, past: Instant, within: Within = ()
    ) -> dict[str, int]:
        """Return the tickets cancelled or closed with the day, by key."""
        return dict(self._ask(UNCALLED, KEYS[by], first, past, within))

    def missed(
        self, by: str, first: Instant, past: Instant, within: Within = (), *, for_good: bool
    ) -> dict[str, int]:
        """Return the tickets ever missed, or missed for good, by key."""
        sql = MISSED.replace("{which}", "max" if for_good else "min")
        sql = sql.replace("{for_good}", FOR_GOOD if for_good else "")
        return {key or "": many for key, many in self._ask(sql, KEYS[by], first, past, within)}

    def appointments(
        self, by: str, first: Instant, past: Instant, now: Instant, within: Within = ()
    ) -> dict[str, tuple[int, int]]:
        """Return who came and who was expected by now, by key."""
        found = self._ask(APPOINTMENTS, KEYS[by], first, past, within, now=now)
        return {key: (arrived, due) for key, arrived, due in found}

    def cases(
        self, by: str, first: Instant, past: Instant, within: Within = ()
    ) -> dict[str, list[Fact]]:
        """Return what the rates need of each bad rating, by key."""
        found: dict[str, list[Fact]] = {}
        for key, *fact in self._ask(CASES, KEYS[by], first, past, within):
            found.setdefault(key or "", []).append(Fact(*fact))
        return found

    def channels(self, by: str, when: Period, within: Within = ()) -> dict[tuple[str, str], int]:
        """Return the valid ratings by key and channel."""
        found = self._ask(CHANNELS, KEYS[by], when.first, when.past, within)
        return {(key or "", channel): rated for key, channel, rated in found}

    def taken(self, by: str, when: Period, within: Within = ()) -> dict[str, int]:
        """Return the tickets taken, by service, department or hall."""
        return dict(self._ask(TAKEN, KEYS[by], when.first, when.past, within))

    def service_times(self, when: Period) -> list[tuple[int, str, int]]:
        """Return window, clerk and how long (ms) they served."""
        return self.store.rows(SERVICE_TIMES, {"first": when.first, "past": when.past})

    def changes(self, first: Instant, past: Instant) -> list[Change]:
        """Return when windows opened, paused and closed, with what they did when it began."""
        found = self.store.rows(CHANGES, {"first": first, "past": past})
        return [Change(*each) for each in found]

    def first_change(self) -> Instant | None:
        """Return when the first window opened at all; before that the file knows of no hall."""
        at: Instant | None = self.store.row(FIRST_CHANGE)[0]
        return at

    def tags(self, first: Instant, past: Instant) -> list[tuple[str, str, int]]:
        """Return how often each tag was given with which level, the most frequent first."""
        return self.store.rows(TAGS, {"first": first, "past": past})

    def pipeline(self, first: Instant, past: Instant) -> dict[str, int]:
        """Return the bad ratings of a period by what has become of them."""
        return dict(self.store.rows(PIPELINE, {"first": first, "past": past}))

    def _ask(
        self, sql: str, key: str, first: object, past: object, within: Within, **more: Any
    ) -> Sequence[Any]:
        where, values = conditions(within)
        said = sql.replace("{key}", key).replace("{within}", where)
        found: list[Any] = self.store.rows(said, {"first": first, "past": past, **values, **more})
        return found


def conditions(within: Within) -> tuple[str, dict[str, str]]:
    """Return the filters as SQL, and their values."""
    said = [f"{KEYS[scope]} = :{scope}" for scope, _ in within]
    return " and ".join(["true", *said]), dict(within)
