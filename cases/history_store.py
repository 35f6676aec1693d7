"""All SQL of what was done with cases: steps, contacts, revisits, appeals, extensions."""

from dataclasses import dataclass

from cases.migrations import migrations
from hall.days import Instant
from hall.store import Store


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


class Histories:
    """The tables beside the cases."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.run = store.connection.execute
        store.take_steps(migrations)

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
