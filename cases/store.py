"""All SQL of the bad ratings' cases, on the connection of the queue's store."""

import json
from dataclasses import dataclass, fields
from typing import Any

from cases.figures import Fact
from cases.migrations import migrations
from cases.rules import Case, State
from hall.days import Instant
from hall.store import Store

NAMES = tuple(each.name for each in fields(Case))
COLUMNS = ", ".join(NAMES)
ADDED = NAMES[1 : NAMES.index("assigned_at")]
# What a step may change; all before it is frozen.
CHANGED = NAMES[NAMES.index("unit") :]
STATE_AT = NAMES.index("state")


@dataclass(frozen=True, slots=True)
class Past:
    """A line of a case's history."""

    id: int
    at: Instant
    who: str
    verb: str
    was: str
    becomes: str
    note: str


@dataclass(frozen=True, slots=True)
class Appeal:
    """What a unit says of a rating, and what was decided."""

    kind: str
    reason: str
    asked_by: str
    asked_at: Instant
    decided_by: str | None
    decided_at: Instant | None
    upheld: int | None


@dataclass(frozen=True, slots=True)
class Extension:
    """A longer limit that was asked for, and what was decided."""

    id: int
    case: int
    until: str
    reason: str
    asked_by: str
    asked_at: Instant
    decided_by: str | None
    decided_at: Instant | None
    approved: int | None


@dataclass(frozen=True, slots=True)
class Bad:
    """A bad rating as it was given, with the unit of its window."""

    rating: int
    visit: int
    number: str
    service: str
    case_number: str
    level: str
    tags: str
    text: str
    channel: str
    rated_at: Instant
    window: int
    clerk: str | None
    real_name: int
    unit: str


BAD = """
    select rating.id, rating.visit, ticket.number, rating.service, coalesce(visit.case_number, ''),
        rating.level, rating.tags, rating.text, rating.channel, rating.at, rating.window,
        rating.clerk, rating.contact != '', window.department
    from rating
    join visit on visit.id = rating.visit
    join ticket on ticket.id = visit.ticket
    join window on window.no = rating.window
    where (rating.level = 'dissatisfied' or rating.level = 'very_dissatisfied')
        and rating.voided_at is null and rating.given_by_default = 0
"""


class CaseStore:
    """The tables of the cases."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.run = store.connection.execute
        if not store.readonly:
            with store.transaction():
                migrations.apply(store.database)

    # -- rating ---------------------------------------------------------------------------------

    def bad_rating(self, rating: int) -> Bad | None:
        """Return a rating if it is bad, valid and no default."""
        found = self.store.row(f"{BAD} and rating.id = ?", (rating,))
        return _bad(found) if found else None

    def without_case(self) -> list[Bad]:
        """Return the bad ratings that have no case yet, in their order."""
        found = self.store.rows(
            f"""
            {BAD} and not exists (select 1 from rating_case where rating_case.rating = rating.id)
            order by rating.id
            """
        )
        return [_bad(each) for each in found]

    def contact(self, rating: int) -> str:
        """Return how the rater can be reached."""
        return str(self.store.row("select contact from rating where id = ?", (rating,))[0])

    def is_first(self, rating: int) -> bool:
        """Return whether it is the first rating of its visit."""
        return bool(self.store.row("select nth = 1 from rating where id = ?", (rating,))[0])

    # -- rating_case ----------------------------------------------------------------------------

    def add(self, case: Case) -> Case:
        """Store a new case and return it with its id."""
        marks = ", ".join("?" * len(ADDED))
        values = [getattr(case, name) for name in ADDED]
        return _case(
            self.run(
                f"""
                insert into rating_case ({", ".join(ADDED)}) values ({marks}) returning {COLUMNS}
                """,
                values,
            ).fetchone()
        )

    def save(self, before: Case, after: Case) -> bool:
        """Store what a step has changed; False when the case is not what it was any more."""
        changes = ", ".join(f"{name} = ?" for name in CHANGED)
        values = [getattr(after, name) for name in CHANGED]
        return bool(
            self.run(
                f"update rating_case set {changes} where id = ? and step = ?",
                (*values, before.id, before.step),
            ).rowcount
        )

    def case(self, number: int) -> Case | None:
        """Return a case."""
        return self._one("id = ?", number)

    def of_rating(self, rating: int) -> Case | None:
        """Return the case of a rating."""
        return self._one("rating = ?", rating)

    def open_of(self, handler: str = "", unit: str = "", most: int = 500) -> list[Case]:
        """Return the open cases, of a handler or unit if one is named, the most urgent first."""
        return self._many(
            """
            closed_at is null and (:handler = '' or handler = :handler)
                and (:unit = '' or unit = :unit)
            order by limit_at is null, limit_at, id limit :most
            """,
            handler=handler,
            unit=unit,
            most=most,
        )

    def closed_of(self, unit: str = "", most: int = 200) -> list[Case]:
        """Return the closed cases, of a unit where one is named, the newest first."""
        return self._many(
            """
            closed_at is not null and (:unit = '' or unit = :unit)
            order by closed_at desc, id desc limit :most
            """,
            unit=unit,
            most=most,
        )

    def count_closed(self, unit: str = "") -> int:
        """Return how many cases are closed."""
        found = self.store.row(
            """
            select count(*) from rating_case
            where closed_at is not null and (:unit = '' or unit = :unit)
            """,
            {"unit": unit},
        )
        return int(found[0])

    def newly_red(self, now: Instant) -> list[Case]:
        """Return the open cases whose limit has passed and nobody was told of that yet."""
        return self._many(
            """
            closed_at is null and limit_at <= :now and red_told is not limit_at
            order by limit_at, id
            """,
            now=now,
        )

    def told_red(self, number: int, limit: Instant) -> None:
        """Remember that a passed limit was told."""
        self.run("update rating_case set red_told = ? where id = ?", (limit, number))

    def alerts(self, now: Instant, unit: str) -> tuple[int, int, int]:
        """Return how many open cases nobody has taken up, the newest of them, and the red ones."""
        found = self.store.row(
            """
            select count(*) filter (where state = 'received' or state = 'assigned'),
                coalesce(max(id) filter (where state = 'received' or state = 'assigned'), 0),
                count(*) filter (where limit_at <= :now)
            from rating_case where closed_at is null and (:unit = '' or unit = :unit)
            """,
            {"now": now, "unit": unit},
        )
        return found[0], found[1], found[2]

    def busy(self) -> dict[str, int]:
        """Return how many open cases each handler has."""
        return dict(
            self.store.rows(
                """
                select handler, count(*) from rating_case
                where closed_at is null and handler is not null group by handler
                """
            )
        )

    # -- case_step ------------------------------------------------------------------------------

    def add_step(
        self,
        case: int,
        at: Instant,
        who: str,
        verb: str,
        was: str,
        becomes: str,
        note: str,
        tap: str | None,
    ) -> int:
        """Write a line of the history and return its id."""
        cursor = self.run(
            """
            insert into case_step ("case", at, who, verb, was, becomes, note, tap)
            values (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            (case, at, who, verb, was, becomes, note, tap),
        )
        return int(cursor.lastrowid or 0)

    def steps(self, case: int) -> list[Past]:
        """Return the history of a case, oldest first."""
        found = self.store.rows(
            """
            select id, at, who, verb, was, becomes, note from case_step where "case" = ? order by id
            """,
            (case,),
        )
        return [Past(*each) for each in found]

    def case_of_tap(self, tap: str) -> int | None:
        """Return the case on which a tap has already been acted."""
        found = self.store.row('select "case" from case_step where tap = ?', (tap,))
        return found[0] if found else None

    # -- contact and revisits -------------------------------------------------------------------

    def add_contact(self, step: int, case: int, way: str, outcome: str) -> None:
        """Store a try to reach the rater."""
        self.run(
            'insert into case_contact (step, "case", way, outcome) values (?, ?, ?, ?)',
            (step, case, way, outcome),
        )

    def contacts(self, case: int) -> list[str]:
        """Return how the tries to reach the rater ended, oldest first."""
        found = self.store.rows(
            'select outcome from case_contact where "case" = ? order by step', (case,)
        )
        return [outcome for (outcome,) in found]

    def add_try(self, step: int, case: int, day: str, outcome: str) -> None:
        """Store a revisit."""
        self.run(
            'insert into case_try (step, "case", day, outcome) values (?, ?, ?, ?)',
            (step, case, day, outcome),
        )

    def tries(self, case: int, since: Instant) -> list[tuple[str, str]]:
        """Return day and outcome of the revisits from an instant on, oldest first."""
        return self.store.rows(
            """
            select case_try.day, case_try.outcome from case_try
            join case_step on case_step.id = case_try.step
            where case_try."case" = ? and case_step.at >= ? order by case_try.step
            """,
            (case, since),
        )

    # -- appeal and extension -------------------------------------------------------------------

    def add_appeal(self, case: int, kind: str, reason: str, by: str, at: Instant) -> None:
        """Store the one appeal of a case."""
        self.run(
            """
            insert into case_appeal ("case", kind, reason, asked_by, asked_at)
            values (?, ?, ?, ?, ?)
            """,
            (case, kind, reason, by, at),
        )

    def decide_appeal(self, case: int, by: str, at: Instant, *, upheld: bool) -> None:
        """Store what was decided of an appeal."""
        self.run(
            """
            update case_appeal set decided_by = ?, decided_at = ?, upheld = ?
            where "case" = ? and decided_at is null
            """,
            (by, at, upheld, case),
        )

    def appeal(self, case: int) -> Appeal | None:
        """Return the appeal of a case."""
        found = self.store.row(
            """
            select kind, reason, asked_by, asked_at, decided_by, decided_at, upheld
            from case_appeal where "case" = ?
            """,
            (case,),
        )
        return Appeal(*found) if found else None

    def add_extension(self, case: int, until: str, reason: str, by: str, at: Instant) -> None:
        """Store that a longer limit is asked for."""
        self.run(
            """
            insert into case_extension ("case", until, reason, asked_by, asked_at)
            values (?, ?, ?, ?, ?)
            """,
            (case, until, reason, by, at),
        )

    def decide_extension(self, number: int, by: str, at: Instant, *, approved: bool) -> None:
        """Store what was decided of a longer limit."""
        self.run(
            """
            update case_extension set decided_by = ?, decided_at = ?, approved = ?
            where id = ? and decided_at is null
            """,
            (by, at, approved, number),
        )

    def extensions(self, case: int | None = None) -> list[Extension]:
        """Return the extensions of a case, or all that wait for a decision on open cases."""
        found = self.store.rows(
            """
            select case_extension.id, "case", until, reason, asked_by, asked_at, decided_by,
                decided_at, approved
            from case_extension join rating_case on rating_case.id = "case"
            where "case" = :case
                or (:case is null and decided_at is null and rating_case.state = 'rectifying')
            order by case_extension.id
            """,
            {"case": case},
        )
        return [Extension(*each) for each in found]

    # -- the month ------------------------------------------------------------------------------

    def facts(self, first: Instant, past: Instant, unit: str = "") -> list[Fact]:
        """Return what the rates need of each bad rating from ``first`` up to before ``past``."""
        found = self.store.rows(
            """
            select real_name, void_kind != '', contacted_at, contact_limit, answered_at,
                answer_limit, limit_at, closed_at, revisited_at
            from rating_case
            where rated_at >= :first and rated_at < :past and (:unit = '' or unit = :unit)
            """,
            {"first": first, "past": past, "unit": unit},
        )
        return [Fact(*each) for each in found]

    def _one(self, condition: str, *values: Any) -> Case | None:
        found = self.store.row(f"select {COLUMNS} from rating_case where {condition}", values)
        return _case(found) if found else None

    def _many(self, condition: str, **values: Any) -> list[Case]:
        found = self.store.rows(f"select {COLUMNS} from rating_case where {condition}", values)
        return [_case(each) for each in found]


def _case(row: Any) -> Case:
    return Case(*(*row[:STATE_AT], State(row[STATE_AT]), *row[STATE_AT + 1 :]))


def _bad(row: Any) -> Bad:
    tags = "、".join(tag["text"] for tag in json.loads(row[6]))
    return Bad(*(*row[:6], tags, *row[7:]))
