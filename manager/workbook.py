"""The hall as one XLSX workbook: written for people, read back with every mistake by its cell.

Reading and writing take tenths of a second, which would stall every screen of the hall; so this
module is a program too: ``python -m manager.workbook read`` takes XLSX and gives JSON, ``… write``
takes JSON and gives XLSX.
Keys of devices are never in the workbook: it is mailed around.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from hall.catalogue import Catalogue
from manager.found import Found
from manager.plans import PlanRow
from manager.reading import CellProblem, WorkbookProblems, find, read
from manager.sheets import SHEETS
from manager.writing import write

__all__ = [
    "CellProblem",
    "Found",
    "WorkbookProblems",
    "catalogue_from_json",
    "catalogue_to_json",
    "find",
    "read",
    "result_from_json",
    "write",
]


def catalogue_to_json(catalogue: Catalogue) -> dict[str, Any]:
    """Return a catalogue as plain dicts and lists."""
    return {
        sheet.field: [asdict(row) for row in getattr(catalogue, sheet.field)] for sheet in SHEETS
    }


def catalogue_from_json(data: dict[str, Any]) -> Catalogue:
    """Return the catalogue of ``catalogue_to_json``."""
    return Catalogue(
        **{
            sheet.field: tuple(
                sheet.row(**{key: _again(value) for key, value in row.items()})
                for row in data[sheet.field]
            )
            for sheet in SHEETS
        }
    )


def _again(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def result_from_json(data: dict[str, Any]) -> Found:
    """Return what the child ``read`` found, or raise the WorkbookProblems it met."""
    if "problems" in data:
        raise WorkbookProblems([CellProblem(**each) for each in data["problems"]])
    return Found(
        catalogue_from_json(data["catalogue"]),
        tuple(PlanRow(**each) for each in data["plans"]),
        tuple(data["absent"]),
        tuple((kind, name) for kind, name in data["silent"]),
        tuple(data["remarks"]),
    )


def _read_to_json(workbook: bytes) -> bytes:
    answer: dict[str, Any]
    try:
        found = find(workbook)
        answer = {
            "catalogue": catalogue_to_json(found.catalogue),
            "plans": [asdict(each) for each in found.plans],
            "absent": found.absent,
            "silent": found.silent,
            "remarks": found.remarks,
        }
    except WorkbookProblems as trouble:
        answer = {"problems": [asdict(each) for each in trouble.problems]}
    return json.dumps(answer, ensure_ascii=False).encode()


def _write_from_json(request: bytes) -> bytes:
    wish = json.loads(request)
    plans = [PlanRow(**each) for each in wish.get("plans", ())]
    return write(catalogue_from_json(wish["catalogue"]), wish.get("title", ""), plans)


def main(arguments: Sequence[str]) -> int:
    """Turn standard input into standard output: ``read`` or ``write``."""
    jobs = {"read": _read_to_json, "write": _write_from_json}
    if len(arguments) != 1 or arguments[0] not in jobs:
        sys.stderr.write("usage: python -m manager.workbook read|write\n")
        return 2
    sys.stdout.buffer.write(jobs[arguments[0]](sys.stdin.buffer.read()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
