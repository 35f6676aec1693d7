"""Of everything that is wrong in a workbook, what only follows from something else; pure.

A window whose number cannot be read is missing wherever it is named; who reads the list would look
for mistakes where there are none.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from hall.catalogue import Problem
from manager.sheets import EVERY_SHEET, KEYS

Key = str | int
# Which field of which sheet names a row of which other.
REFERS = {
    (sheet.field, column.field): "windows" if column.field == "window" else column.refers
    for sheet in EVERY_SHEET
    for column in sheet.columns
    if column.refers or column.field == "window"
}


def without_follow_ons(
    problems: Iterable[Problem],
    rows: Mapping[str, Sequence[Any]],
    keyless: Mapping[str, int],
    absent: Collection[str],
) -> Iterator[Problem]:
    """Yield what is wrong by itself, with rows by sheet.

    ``keyless`` counts the rows of each sheet whose key cannot be read: a thing that is named and
    not there may be one of them, and is told once, or not at all when there are not more such
    things than such rows. Of an ``absent`` sheet nothing can be there.
    """
    told = list(problems)
    missing = [_missing(each, rows) for each in told]
    wanted: dict[str, set[Key]] = {}
    for sheet, key in filter(None, missing):
        wanted.setdefault(sheet, set()).add(key)
    seen: set[tuple[str, Key]] = set()
    for problem, named in zip(told, missing, strict=True):
        if named is None:
            yield problem
            continue
        sheet, _ = named
        lost = keyless.get(sheet, 0)
        if sheet in absent or 0 < len(wanted[sheet]) <= lost or (lost and named in seen):
            continue
        seen.add(named)
        yield problem


def _missing(problem: Problem, rows: Mapping[str, Sequence[Any]]) -> tuple[str, Key] | None:
    """Return the thing that a problem says is not there, None for any other problem."""
    sheet = REFERS.get((problem.sheet, problem.column))
    if sheet is None or not problem.message.startswith("没有"):
        return None
    said = getattr(rows[problem.sheet][problem.row], problem.column)
    known = {getattr(each, KEYS[sheet]) for each in rows[sheet]}
    names = said if isinstance(said, tuple) else (said,)
    return next(((sheet, each) for each in names if each is not None and each not in known), None)
