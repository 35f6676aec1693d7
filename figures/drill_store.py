"""All SQL of the tickets behind a number: for each column, which rows it counts.

A test over random halls compares the length of every list with its number.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from figures.columns import Within
from figures.store import FOR_GOOD, conditions
from hall.days import Instant
from hall.store import Store
from rating.levels import LEVELS, Channel, Level
from rating.tally_migrations import RATING_COUNTS, VALID, VISIT_COUNTS


@dataclass(frozen=True, slots=True)
class Source:
    """Rows that stand for tickets: where from, when, and their ticket, visit and rating."""

    rows: str
    at: str
    ticket: str
    visit: str
    rating: str
    holder: str = "null"
    slot: str = "null"


FIRST_RATING = "(select id from rating where rating.visit = {visit} and nth = 1)"
LAST_VISIT = "(select max(id) from visit where visit.ticket = counted.id)"
MISSED_VISIT = """ticket cross join visit as counted on counted.id = (
    select {which}(id) from visit where visit.ticket = ticket.id and visit.state = 'missed'
)"""
OF_TICKET = ("counted.id", LAST_VISIT, FIRST_RATING.format(visit=LAST_VISIT))
OF_VISIT = ("counted.ticket", "counted.id", FIRST_RATING.format(visit="counted.id"))
TICKET_OF = "(select ticket from visit where visit.id = counted.visit)"
TAKEN = Source("ticket as counted", "counted.taken_at", *OF_TICKET)
ENDED = Source("ticket as counted", "counted.ended_at", *OF_TICKET)
VISIT = Source("visit as counted", "counted.ended_at", *OF_VISIT)
RATING = Source("rating as counted", "counted.at", TICKET_OF, "counted.visit", "counted.id")
CASE = Source(
    "rating_case as counted", "counted.rated_at", TICKET_OF, "counted.visit", "counted.rating"
)
APPOINTMENT = Source(
    "service as its cross join appointment as counted on counted.service = its.code",
    "counted.slot_at",
    "counted.ticket",
    LAST_VISIT.replace("counted.id", "counted.ticket"),
    "null",
    "counted.holder",
    "counted.slot_at",
)
EVER_MISSED = Source(MISSED_VISIT.replace("{which}", "min"), "ticket.ended_at", *OF_VISIT)
MISSED_FOR_GOOD = Source(MISSED_VISIT.replace("{which}", "max"), "ticket.ended_at", *OF_VISIT)

Drawn = tuple[Source, str]


def _visits(count: str) -> Drawn:
    return VISIT, VISIT_COUNTS[count].format(row="counted")


def _ratings(*levels: Level, more: str = "true") -> Drawn:
    is_one = " or ".join(f"counted.level = '{level.value}'" for level in levels or LEVELS)
    return RATING, f"counted.nth = 1 and {VALID.format(row='counted')} and ({is_one}) and {more}"


def _count(name: str) -> Drawn:
    return RATING, f"counted.nth = 1 and {RATING_COUNTS[name].format(row='counted')}"


def _cases(condition: str, *, named: bool = False) -> Drawn:
    real_name = "counted.real_name = 1 and " if named else ""
    return CASE, f"counted.void_kind = '' and {real_name}{condition}"


CALLED = _visits("called")
SERVED = _visits("served")
RATED = _ratings()
GOOD = (Level.VERY_SATISFIED, Level.SATISFIED)
BAD = _ratings(Level.DISSATISFIED, Level.VERY_DISSATISFIED)
IS_DUE = "(counted.closed_at is not null or counted.answer_limit <= :now)"
UNCALLED = "(counted.state = 'cancelled' or counted.state = 'expired')"
DRAWN: Mapping[str, Drawn] = {
    "taken": (TAKEN, "true"),
    "called": CALLED,
    "served": SERVED,
    "missed": (MISSED_FOR_GOOD, f"ticket.misses > 0 {FOR_GOOD}"),
    "uncalled": (ENDED, UNCALLED),
    "missed_rate": (EVER_MISSED, "ticket.misses > 0"),
    "abandoned_rate": (
        ENDED,
        f"""(counted.state = 'cancelled' or counted.state = 'expired' or counted.misses > 0)
        and ({UNCALLED} or counted.state = 'missed')""",
    ),
    "appointment_rate": (
        APPOINTMENT,  # its index is that of the appointments which are not cancelled
        """counted.state != 'cancelled' and counted.state = 'arrived'
        and counted.slot_at < :now""",
    ),
    "average_wait_minutes": CALLED,
    "wait_p50": CALLED,
    "wait_p90": CALLED,
    "wait_longest": CALLED,
    "wait_over_target": _visits("waited_long"),
    "average_service_minutes": SERVED,
    "on_the_spot": _visits("completed"),
    "rated": RATED,
    **{level.value: _ratings(level) for level in LEVELS},
    "bad": BAD,
    "satisfaction": _ratings(*GOOD, Level.BASICALLY_SATISFIED),
    "satisfaction_strict": _ratings(*GOOD),
    "very_satisfied_rate": _ratings(Level.VERY_SATISFIED),
    "bad_rate": BAD,
    "score": RATED,
    "score_of_ten": RATED,
    "rating_rate": RATED,
    "voided": _count("voided"),
    "void_share": _count("voided"),
    "defaults": _count("defaults"),
    "asked": _visits("asked"),
    "timed_out": _visits("timed_out"),
    "never_asked": _visits("never_asked"),
    **{
        f"channel_{channel.value}": _ratings(more=f"counted.channel = '{channel.value}'")
        for channel in Channel
    },
    "contacted": _cases("counted.contacted_at < counted.contact_limit", named=True),
    "rectified": _cases(f"counted.answered_at is not null and {IS_DUE}"),
    "in_time": _cases(f"counted.answered_at < counted.answer_limit and {IS_DUE}"),
    "revisited": _cases(
        "counted.closed_at is not null and counted.revisited_at is not null", named=True
    ),
}
# The longest first where waits are looked at; the newest first elsewhere.
BY_WAIT = ("average_wait_minutes", "wait_p50", "wait_p90", "wait_longest", "wait_over_target")
NAMES = (
    "number",
    "service",
    "window",
    "clerk",
    "holder",
    "taken_at",
    "slot_at",
    "called_at",
    "started_at",
    "ended_at",
    "waited",
    "served",
    "state",
    "visit_state",
    "outcome",
    "level",
    "channel",
    "voided",
    "rating",
)
LISTED = """
    with picked as (
        select {ticket} as ticket, {visit} as visit, {rating} as rating, {holder} as holder,
            {slot} as slot, row_number() over (order by {order} desc) as place
        from {rows}
        where {at} >= :first and {at} < :past and {condition} and {within}
        order by place limit :limit offset :offset
    )
    select coalesce(ticket.number, ''), coalesce(visit.service, ticket.service), visit.window,
        visit.clerk, coalesce(nullif(ticket.holder, ''), picked.holder, ''), ticket.taken_at,
        coalesce(picked.slot, ticket.slot_at), visit.called_at, visit.started_at,
        coalesce(visit.ended_at, ticket.ended_at), visit.waited,
        visit.ended_at - visit.started_at - visit.held, ticket.state, visit.state, visit.outcome,
        rating.level, rating.channel, rating.voided_at is not null, rating.id
    from picked
    left join ticket on ticket.id = picked.ticket
    left join visit on visit.id = picked.visit
    left join rating on rating.id = picked.rating
    order by picked.place
"""
COUNTED = """
    select count(*) from {rows}
    where {at} >= :first and {at} < :past and {condition} and {within}
"""


class Drill:
    """What stands behind the numbers."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def tickets(
        self,
        column: str,
        first: Instant,
        past: Instant,
        now: Instant,
        within: Within,
        limit: int,
        offset: int,
    ) -> list[dict[str, Any]]:
        """Return the tickets behind a column; instants in ms, ``served`` in ms of service."""
        more = {"limit": limit, "offset": offset}
        found = self.store.rows(
            listed(LISTED, column, within), _values(first, past, now, within) | more
        )
        return [dict(zip(NAMES, each, strict=True)) for each in found]

    def count(
        self, column: str, first: Instant, past: Instant, now: Instant, within: Within
    ) -> int:
        """Return how many there are."""
        sql = listed(COUNTED, column, within)
        return int(self.store.row(sql, _values(first, past, now, within))[0])


def _values(first: Instant, past: Instant, now: Instant, within: Within) -> dict[str, Any]:
    return {"first": first, "past": past, "now": now, **conditions(within)[1]}


def listed(sql: str, column: str, within: Within) -> str:
    """Return a statement for a column and its scopes."""
    source, condition = DRAWN[column]
    parts = {
        "rows": source.rows,
        "at": source.at,
        "ticket": source.ticket,
        "visit": source.visit,
        "rating": source.rating,
        "holder": source.holder,
        "slot": source.slot,
        "order": "counted.waited" if column in BY_WAIT else source.at,
        "condition": condition,
        "within": conditions(within)[0],
    }
    return sql.format(**parts)
