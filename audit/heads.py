"""The ends of the chain, written beside the hall's file: who cuts off the log's tail is noticed.

One line each, only ever added: time, row, hash; ``restored`` where a backup took the file's place.
The server's log says the same, for a collector on another machine.
"""

import os
from pathlib import Path

from audit.chain import Link

RESTORED = "restored"


class Heads:
    """The file of ends beside a hall's file: ``hall.db`` has ``hall.db.audit-heads``."""

    def __init__(self, database: Path) -> None:
        self.path = database.with_name(f"{database.name}.audit-heads")

    def add(self, when: str, head: Link) -> None:
        """Write down an end; ``when`` is ISO 8601."""
        self._write(f"{when} {head.number} {head.hash.hex()}")

    def restored(self, when: str, head: Link) -> None:
        """Write down that a backup which ends so took the file's place: later rows are lost."""
        self._write(f"{when} {head.number} {head.hash.hex()} {RESTORED}")

    def _write(self, line: str) -> None:
        torn = self.path.exists() and not self.path.read_bytes().endswith(b"\n")
        with self.path.open("a", encoding="ascii") as file:
            if torn:  # by a power cut: this line must not become the rest of that one
                file.write("\n")
            file.write(f"{line}\n")
            file.flush()
            os.fsync(file.fileno())

    def known(self) -> dict[int, bytes]:
        """Return the hashes that the file's rows must have; none without the file."""
        try:
            lines = self.path.read_text(encoding="ascii", errors="replace").splitlines()
        except FileNotFoundError:
            return {}
        found: dict[int, bytes] = {}
        for line in lines:
            if (read := _read(line)) is None:
                continue
            head, restored = read
            if restored:
                found = {number: kept for number, kept in found.items() if number <= head.number}
            found[head.number] = head.hash
        return found


def _read(line: str) -> tuple[Link, bool] | None:
    """Return what a line says; None for one that a power cut left half written."""
    match line.split():
        case [_, number, kept, *more] if number.isdecimal() and len(kept) == 64:
            if more not in ([], [RESTORED]):
                return None
            try:
                return Link(int(number), bytes.fromhex(kept)), bool(more)
            except ValueError:
                return None
    return None
