"""All SQL of the audit log, on the connection of the queue's store."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from audit.chain import START, Entry, Link, Row
from audit.migrations import migrations
from hall.days import Instant
from hall.store import Store

COLUMNS = "number, at, kind, who, role, window, address, verb, target, code, detail, hash"
READ_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows are asked for; what is empty is not asked."""

    since: Instant
    until: Instant
    who: str = ""
    verbs: tuple[str, ...] | None = None
    words: str = ""
    refused: bool | None = None


class AuditRows:
    """The rows of the log, and where it begins."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.run = store.connection.execute
        store.take_steps(migrations)

    def head(self) -> Link:
        """Return the last row's number and hash."""
        found = self.store.row("select number, hash from audit order by number desc limit 1")
        return Link(*found) if found else self.start()

    def start(self) -> Link:
        """Return what the oldest row that is kept follows."""
        found = self.store.row("select number, hash from audit_start order by number desc limit 1")
        return Link(*found) if found else START

    def add(self, row: Row) -> None:
        """Write a row after the last one."""
        self.run(
            """
            insert into audit (number, at, kind, who, role, window, address, verb, target, code,
                detail, hash)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            (row.number, *row.entry, row.hash),
        )

    def oldest(self) -> tuple[int, Instant] | None:
        """Return number and time of the oldest row that is not being forgotten."""
        found: tuple[int, Instant] | None = self.store.row(
            "select number, at from audit where number > ? order by number limit 1",
            (self.start().number,),
        )
        return found

    def in_order(self) -> Iterator[Row]:
        """Yield all rows in their order, read piece by piece."""
        last = 0
        while found := self.store.rows(
            f"select {COLUMNS} from audit where number > ? order by number limit ?",  # noqa: S608 own names
            (last, READ_AT_ONCE),
        ):
            for each in found:
                yield _row(each)
            last = found[-1][0]

    def find(self, wanted: Wanted, before: int, most: int) -> list[Row]:
        """Return the newest rows that are wanted, below a number (0 for none), newest first."""
        conditions, values = _conditions(wanted)
        if before:
            conditions.append("number < ?")
            values.append(before)
        return [
            _row(each)
            for each in self.store.rows(
                f"""
                select {COLUMNS} from audit where {" and ".join(conditions)}
                order by number desc limit ?
                """,  # noqa: S608 own names
                (*values, most),
            )
        ]

    def hash_before(self, number: int) -> bytes:
        """Return the hash that a row follows."""
        found = self.store.row("select hash from audit where number = ?", (number - 1,))
        if found:
            return bytes(found[0])
        return self.start().hash

    # -- what is forgotten ------------------------------------------------------------------------

    def last_before(self, at: Instant) -> tuple[Link, Instant] | None:
        """Return the last of the kept rows at the beginning that are all older than an instant."""
        start = self.start().number
        # by number: an index on the time would be read to its end
        first_kept = self.store.row(
            "select number from audit where number > ? and +at >= ? order by number limit 1",
            (start, at),
        )
        found = self.store.row(
            """
            select number, hash, at from audit where number > ? and number < ?
            order by number desc limit 1
            """,
            (start, first_kept[0] if first_kept else self.head().number + 1),
        )
        return (Link(found[0], found[1]), found[2]) if found else None

    def has_old(self) -> bool:
        """Return whether rows before the beginning are still there."""
        found = self.store.row(
            "select exists (select 1 from audit where number <= ?)", (self.start().number,)
        )
        return bool(found[0])

    def begin_after(self, link: Link, last_at: Instant, at: Instant) -> None:
        """Let the log begin after a row; those up to it may go."""
        self.run(
            "insert into audit_start (number, hash, last_at, forgotten_at) values (?, ?, ?, ?)",
            (link.number, link.hash, last_at, at),
        )

    def remove(self, most: int) -> int:
        """Remove some of the rows before the beginning; return how many."""
        return int(
            self.run(
                """
                delete from audit where number in (
                    select number from audit where number <= ? order by number limit ?
                )
                """,
                (self.start().number, most),
            ).rowcount
        )


def _row(found: Sequence[object]) -> Row:
    number, *told, kept = found
    # sqlite3 types no columns: they stand in the order of COLUMNS
    return Row(number, Entry(*told), kept)  # type: ignore[arg-type]


def _conditions(wanted: Wanted) -> tuple[list[str], list[object]]:
    conditions, values = ["at >= ?", "at < ?"], [wanted.since, wanted.until]
    told: list[object] = list(values)
    if wanted.who:
        conditions.append("who = ?")
        told.append(wanted.who)
    if wanted.verbs is not None:
        conditions.append(f"verb in ({','.join('?' * len(wanted.verbs))})")
        told.extend(wanted.verbs)
    if wanted.words:
        conditions.append("(instr(target, ?) or instr(detail, ?) or instr(address, ?))")
        told.extend((wanted.words,) * 3)
    if wanted.refused is not None:
        conditions.append("code != ''" if wanted.refused else "code = ''")
    return conditions, told
