"""All SQL of the history of the catalogue, which is only ever added to."""

import json
from typing import Any

from hall.changes import Change, Fields
from hall.days import Instant
from hall.store import Store

COLUMNS = "id, at, who, way, act, kind, key, name, fields"


class ChangeStore:
    """The table of what was changed, on the connection of a store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.run = store.connection.execute

    def add(
        self,
        at: Instant,
        who: str,
        way: str,
        act: str,
        kind: str,
        key: str,
        name: str,
        fields: Fields,
    ) -> None:
        """Keep a change, in the transaction that makes it."""
        told = json.dumps(fields, ensure_ascii=False)
        self.run(
            """
            insert into catalogue_change (at, who, way, act, kind, key, name, fields)
            values (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            (at, who, way, act, kind, key, name, told),
        )

    def changes(
        self, kind: str = "", key: str = "", words: str = "", before: int = 0, most: int = 100
    ) -> list[Change]:
        """Return the newest changes of a kind or a thing, or all; ``before`` is an id to go on."""
        found = self.store.rows(
            f"""
            select {COLUMNS} from catalogue_change
            where (:kind = '' or kind = :kind) and (:key = '' or key = :key)
                and (:words = '' or instr(name, :words) or instr(key, :words)
                    or instr(who, :words))
                and (:before = 0 or id < :before)
            order by id desc limit :most
            """,
            {"kind": kind, "key": key, "words": words, "before": before, "most": most},
        )
        return [_change(each) for each in found]


def _change(row: Any) -> Change:
    return Change(*(*row[:8], json.loads(row[8])))
