"""The file in which a demonstration is made: quick, for a build that fails throws it away whole."""

import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from hall.days import Instant
from hall.refusals import NotAllowed
from hall.store import Store, in_json

# No verb of a build reads them: made once at the end they cost a tenth of what every row of the
# two months would pay. Those that keep a rule (unique) or hold the line stay.
LATER = (
    "ticket_special",
    "ticket_taken",
    "ticket_uncalled_end",
    "ticket_waiting_person",
    "ticket_waiting_phone",
    "visit_held",
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
        self._seq = 0
        self._steps: list[tuple[Any, ...]] = []
        self._day: str | None = None
        super().__init__(path)
        # Nobody else has this file yet, and under gevent a lock costs more than many a statement.
        self.lock = INSIDE  # type: ignore[assignment]

    def transaction(self) -> AbstractContextManager[None]:  # type: ignore[override]
        """Hold the one transaction of the day; whoever is in it already just goes on."""
        return INSIDE if self._depth else self._whole()

    @contextmanager
    def _whole(self) -> Iterator[None]:
        with super().transaction():
            yield
            self.note_all(self._steps)
            self._steps.clear()

    def rows(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> list[Any]:
        """Return all rows of a query as tuples."""
        return self.connection.execute(sql, parameters).fetchall()

    def row(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> Any:
        """Return the first row of a query as a tuple, or None."""
        return self.connection.execute(sql, parameters).fetchone()

    def version(self) -> tuple[int, int]:
        """Return what never changes: nobody else writes here."""
        return ALONE

    # What only this store changes it need not ask for, and the day's journal it writes in one go.

    def last_day(self) -> str | None:
        """Return the newest business day that was opened."""
        return self._day

    def open_day(self, day: str, at: Instant) -> None:
        """Open a business day."""
        super().open_day(day, at)
        self._day = day

    def note(
        self,
        at: Instant,
        event: str,
        *,
        ticket: int | None = None,
        visit: int | None = None,
        window: int | None = None,
        who: str = "",
        detail: dict[str, Any] | None = None,
    ) -> int:
        """Keep a row of the journal until the day's transaction ends; return its seq."""
        self._seq += 1
        told = in_json(detail) if detail else ""
        self._steps.append((self._seq, at, event, ticket, visit, window, who, told))
        return self._seq

    def last_seq(self) -> int:
        """Return the newest row of the journal, 0 for none."""
        return self._seq

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
