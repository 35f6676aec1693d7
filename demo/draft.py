"""The file in which a demonstration is made: quick, for a build that fails throws it away whole."""

import re
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from hall.refusals import NotAllowed
from hall.store import Store

# No verb of a build reads them: made once at the end they cost a tenth of what every row of the
# two months would pay. Those that keep a rule (unique) or hold the line stay.
LATER = (
    "ticket_taken",
    "visit_shown",
    "visit_ended",
    "visit_at_window",
    "journal_ticket",
    "rating_at",
    "asking_ended",
)
INDEX = re.compile(r"create index (\w+)", re.IGNORECASE)
INSIDE = nullcontext()
ALONE = 0, 0


class Draft(Store):
    """A store with one owner; its verbs join the day's transaction without a savepoint each.

    Savepoints guard against a verb that fails half-way; here such a failure ends the build, and a
    verb that refuses has written nothing (the tests count numbers and journal).
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        # Nobody else has this file yet, and under gevent a lock costs more than many a statement.
        self.lock = INSIDE  # type: ignore[assignment]

    def transaction(self) -> AbstractContextManager[None]:  # type: ignore[override]
        """Hold the one transaction of the day; whoever is in it already just goes on."""
        return INSIDE if self._depth else super().transaction()

    def rows(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> list[Any]:
        """Return all rows of a query as tuples."""
        return self.connection.execute(sql, parameters).fetchall()

    def row(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> Any:
        """Return the first row of a query as a tuple, or None."""
        return self.connection.execute(sql, parameters).fetchone()

    def version(self) -> tuple[int, int]:
        """Return what never changes: nobody else writes here."""
        return ALONE

    def begin(self) -> None:
        """Put off what the whole file can be given at once: references, indexes, the disk."""
        run = self.connection.execute
        run("pragma foreign_keys = off")
        run("pragma synchronous = off")
        self._indexes = [each for each in self.database.schema.split(";\n") if _is_later(each)]
        for name in LATER:
            run(f"drop index if exists {name}")

    def complete(self) -> None:
        """Make the file what a hall's is, and safe on the disk before it gets its name.

        Raises NotAllowed if a row points to nothing.
        """
        self.connection.execute("pragma synchronous = full")
        with self.transaction():
            for statement in self._indexes:
                self.connection.execute(statement)
        if strangers := self.rows("pragma foreign_key_check"):
            raise NotAllowed("broken_demo", f"演示数据有 {len(strangers)} 处引用不存在，未保存。")


def _is_later(statement: str) -> bool:
    made = INDEX.match(statement)
    return made is not None and made[1] in LATER
