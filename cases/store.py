"""All SQL of the bad ratings' cases, on the connection of the queue's store; their history has a
room of its own.
"""

import json
from dataclasses import fields
from typing import Any

from cases.figures import Fact
from cases.history_store import Histories
from cases.life import Bad, Case, State
from hall.days import Instant

NAMES = tuple(each.name for each in fields(Case))
COLUMNS = ", ".join(NAMES)
ADDED = tuple(name for name in NAMES[: NAMES.index("assigned_at")] if name != "id")
# What a step may change; all else is frozen.
CHANGED = ("unit", *NAMES[NAMES.index("handler") :])
STATE_AT = NAMES.index("state")
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


class CaseStore(Histories):
    """The tables of the cases."""

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
