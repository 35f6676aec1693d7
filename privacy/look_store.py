"""All SQL of the looks: who opened what, why, and until when."""

from hall.days import Instant
from hall.store import Store
from privacy.migrations import migrations
from privacy.rules import Look


class Looks:
    """The table of looks with a reason."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.run = store.connection.execute
        store.take_steps(migrations)

    def add(self, look: Look) -> None:
        """Keep that somebody looks at a record, why, and until when it stays open."""
        self.run(
            """
            insert into privacy_reveal (at, until, who, kind, record, reason)
            values (?, ?, ?, ?, ?, ?)
            """,
            (look.at, look.until, look.who, look.kind, look.record, look.reason),
        )

    def open_until(self, kind: str, record: int, who: str) -> Instant:
        """Return until when a record is open to somebody, 0 for never."""
        found = self.store.row(
            """
            select coalesce(max(until), 0) from privacy_reveal
            where kind = ? and record = ? and who = ?
            """,
            (kind, record, who),
        )
        return int(found[0])

    def close(self, kind: str, record: int, who: str, now: Instant) -> None:
        """End what is open of a record to somebody."""
        self.run(
            """
            update privacy_reveal set until = max(at, ?)
            where kind = ? and record = ? and who = ? and until > ?
            """,
            (now, kind, record, who, now),
        )

    def newest(self, most: int) -> list[Look]:
        """Return the newest looks."""
        return [
            Look(*each)
            for each in self.store.rows(
                """
                select at, until, who, kind, record, reason from privacy_reveal
                order by id desc limit ?
                """,
                (most,),
            )
        ]
