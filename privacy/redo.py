"""The list of erasures beside the hall's file: a backup that is restored knows nothing of them.

A line of JSON for each receipt, with keyed hashes of the person and the numbers of the records,
never a name or a number of anybody. It is written after the commit; what a crash left out is added
at the next start, and what a restored file does not know is erased again.
"""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from hall.days import Instant
from privacy.receipts import Receipt, Stays

ENDS = ".erasures"


@dataclass(frozen=True, slots=True)
class Line:
    """A receipt, the hall it belongs to (when its file was made), and a mark of its key.

    A backup older than the key hashes otherwise: then the records' numbers alone say which, in a
    file that was made at the same millisecond.
    """

    receipt: Receipt
    hall: Instant
    key: str


def mark_of(key: bytes) -> str:
    """Return what tells one key from the next and opens nothing."""
    return hashlib.sha256(b"mark" + key).hexdigest()[:16]


def path_of(database: Path) -> Path:
    """Return where the list of a hall's file stands."""
    return database.with_name(database.name + ENDS)


def add(path: Path, line: Line) -> None:
    """Write a receipt to the list, safely on the disk when this returns."""
    receipt = line.receipt
    told = {
        "hall": line.hall,
        "key": line.key,
        "number": receipt.number,
        "at": receipt.at,
        "who": receipt.who,
        "reason": receipt.reason,
        "asked": receipt.asked,
        "people": receipt.people,
        "erased": receipt.erased,
        "kept": [[each.what, each.why, each.until] for each in receipt.kept],
        "tap": receipt.tap,
    }
    torn = path.exists() and not path.read_bytes().endswith(b"\n")
    with path.open("a", encoding="utf-8") as file:
        if torn:  # by a power cut: this line must not become the rest of that one
            file.write("\n")
        file.write(json.dumps(told, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())


def read(path: Path) -> list[Line]:
    """Return the receipts of a list, the oldest first; a line cut off by a crash is left out."""
    if not path.exists():
        return []
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            told = json.loads(line)
            found.append(Line(_receipt(told), int(told["hall"]), str(told["key"])))
        except (ValueError, KeyError, TypeError):
            continue
    return found


def _receipt(told: dict[str, object]) -> Receipt:
    erased: list[list[str | int]] = told["erased"]  # type: ignore[assignment]
    return Receipt(
        number=str(told["number"]),
        at=int(str(told["at"])),
        who=str(told["who"]),
        reason=str(told["reason"]),
        asked=str(told["asked"]),
        people=tuple(str(each) for each in told["people"]),  # type: ignore[attr-defined]
        erased=tuple((str(table), int(number)) for table, number in erased),
        kept=tuple(Stays(*each) for each in told["kept"]),  # type: ignore[attr-defined]
        tap=str(told["tap"]),
    )
