"""All SQL of the invitations to rate that evaluators show."""

from dataclasses import dataclass

from hall.days import Instant
from hall.store import Store


@dataclass(frozen=True, slots=True)
class Asked:
    """An invitation of an evaluator that has not ended."""

    visit: int
    window: int
    asked_at: Instant
    expires_at: Instant


class Askings:
    """The table of the invitations; its schema is the ratings'."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.run = store.connection.execute

    def add(self, asked: Asked) -> None:
        """Store that an evaluator asks."""
        self.run(
            """
            insert into asking (visit, window, asked_at, expires_at) values (?, ?, ?, ?)
            on conflict (visit) do nothing
            """,
            (asked.visit, asked.window, asked.asked_at, asked.expires_at),
        )

    def running_at(self, window: int) -> Asked | None:
        """Return what a window's evaluator asks now: the newest that has not ended."""
        found = self.store.row(
            """
            select visit, window, asked_at, expires_at from asking
            where window = ? and ended_at is null order by visit desc limit 1
            """,
            (window,),
        )
        return Asked(*found) if found else None

    def of(self, visit: int) -> Asked | None:
        """Return the invitation of a visit, ended or not."""
        found = self.store.row(
            "select visit, window, asked_at, expires_at from asking where visit = ?", (visit,)
        )
        return Asked(*found) if found else None

    def begin_again(self, asked: Asked) -> None:
        """Begin an invitation anew that nobody answered; one that was answered stays ended."""
        self.run(
            """
            update asking set asked_at = ?, expires_at = ?, ended_at = null, ended_as = null
            where visit = ? and ended_as is not 'rated'
            """,
            (asked.asked_at, asked.expires_at, asked.visit),
        )

    def end(self, visit: int, ended_as: str, at: Instant) -> bool:
        """End an invitation that has not ended; False when it has."""
        return bool(
            self.run(
                "update asking set ended_as = ?, ended_at = ? where visit = ? and ended_at is null",
                (ended_as, at, visit),
            ).rowcount
        )

    def end_older(self, window: int, visit: int, ended_as: str, at: Instant) -> None:
        """End what a window's evaluator asked before: the citizen has left."""
        self.run(
            """
            update asking set ended_as = ?, ended_at = ?
            where window = ? and visit < ? and ended_at is null
            """,
            (ended_as, at, window, visit),
        )

    def past(self, now: Instant) -> list[Asked]:
        """Return the invitations whose time is over."""
        found = self.store.rows(
            """
            select visit, window, asked_at, expires_at from asking
            where ended_at is null and expires_at <= ?
            """,
            (now,),
        )
        return [Asked(*each) for each in found]
