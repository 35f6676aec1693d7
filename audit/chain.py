"""The chain of the audit log: what a row hashes to, what is wrong with a sequence of rows; pure.

Each row's hash covers the row and the hash before it. A changed row breaks the chain where it
stands; who recomputes the whole rest is betrayed by the heads that were written outside the file,
and so is who cuts off the tail.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

from hall.days import Instant

LONGEST = 200
GENESIS = bytes(32)
# What stands in a row is part of its hash: the order of Entry's fields never changes.
_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Entry(NamedTuple):
    """What one row tells; ``code`` is empty for success, else the code of the refusal."""

    at: Instant
    kind: str  # person, device, public, system
    who: str  # staff number, number of the device, user of the machine; empty for the public
    role: str
    window: int | None
    address: str
    verb: str
    target: str = ""
    code: str = ""
    detail: str = ""


class Link(NamedTuple):
    """The end of a chain, or where it goes on: a row's number and its hash."""

    number: int
    hash: bytes


class Row(NamedTuple):
    """A row as it is kept."""

    number: int
    entry: Entry
    hash: bytes


START = Link(0, GENESIS)


def text_of(number: int, entry: Entry) -> str:
    """Return a row as the one text that is hashed."""
    return _as_json((number, *entry))


def seal(previous: bytes, number: int, entry: Entry) -> bytes:
    """Return the hash of a row that follows the row of hash ``previous``."""
    return sha256(previous + _as_json((number, *entry)).encode()).digest()


def row_of(text: str) -> tuple[int, Entry]:
    """Return number and content of the text that was hashed; ValueError for any other text."""
    read = json.loads(text)
    if not isinstance(read, list) or len(read) != 1 + len(Entry._fields):
        raise ValueError("no row of the audit log")
    return int(read[0]), Entry(*read[1:])


# -- what is wrong -----------------------------------------------------------------------------


class Wrong(StrEnum):
    """What can be wrong with a chain."""

    START = "start"
    GAP = "gap"
    CHANGED = "changed"
    LINK = "link"
    REWRITTEN = "rewritten"
    TAIL = "tail"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, at the row where it was noticed."""

    wrong: Wrong
    number: int
    until: int = 0

    @property
    def words(self) -> str:
        """Return the fault as a sentence."""
        rows = f"第 {self.number} 条" if self.until in (0, self.number) else self._span
        return f"{rows}{SENTENCES[self.wrong]}"

    @property
    def _span(self) -> str:
        return f"第 {self.number} 至 {self.until} 条"


SENTENCES = {
    Wrong.START: "是现存最早的一条，却接不上已到期清理的最后一条：开头被删过",
    Wrong.GAP: "不在了：记录被删过",
    Wrong.CHANGED: "与校验值不符：这一条或它的前一条被改过",
    Wrong.LINK: "的校验值被改过，前后接不上",
    Wrong.REWRITTEN: "与数据文件之外保存的校验值不同：到这一条为止的记录被整体改写过",
    Wrong.TAIL: "不在了：日志的末尾被删过",
}


def faults(
    rows: Iterable[Row], start: Link = START, heads: Mapping[int, bytes] | None = None
) -> Iterator[Fault]:
    """Yield what is wrong with rows in their order, which follow ``start``.

    ``heads`` are hashes by row number that were written down outside the file, with the last row
    that must be there. Rows up to ``start`` are passed over: they are being forgotten.
    """
    known = dict(heads or {})
    last, broken = start, False
    for row in rows:
        if row.number <= start.number:
            continue
        found = list(_of_row(row, last, first=last == start, follows_broken=broken))
        broken = any(each.wrong is Wrong.CHANGED for each in found)
        yield from found
        told = known.get(row.number)
        if told is not None and told != row.hash:
            yield Fault(Wrong.REWRITTEN, row.number)
        last = Link(row.number, row.hash)
    missing = max((each for each in known if each > last.number), default=0)
    if missing:
        yield Fault(Wrong.TAIL, last.number + 1, missing)


def _of_row(row: Row, last: Link, *, first: bool, follows_broken: bool) -> Iterator[Fault]:
    if row.number != last.number + 1:
        if first:
            yield Fault(Wrong.START, row.number)
        else:
            yield Fault(Wrong.GAP, last.number + 1, row.number - 1)
        return
    if seal(last.hash, row.number, row.entry) == row.hash:
        return
    # a changed hash spoils its own row and the next; a changed text its own alone
    yield Fault(Wrong.LINK, last.number) if follows_broken else Fault(Wrong.CHANGED, row.number)
