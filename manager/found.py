"""What a workbook says, and beside it what it is silent about; pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from hall.catalogue import Catalogue
from hall.catalogue_rules import problems
from manager.plans import PlanRow
from manager.plans import standing as in_use
from manager.sheets import KEYS


@dataclass(frozen=True, slots=True)
class Found:
    """The hall of a workbook and its slot plans.

    It says nothing about ``absent`` kinds of things and ``silent`` fields (kind, field), and
    ``remarks`` tells what of it was not read.
    """

    catalogue: Catalogue
    plans: tuple[PlanRow, ...] = ()
    absent: tuple[str, ...] = ()
    silent: tuple[tuple[str, str], ...] = ()
    remarks: tuple[str, ...] = ()

    def beside(self, standing: Catalogue) -> Catalogue:
        """Return the hall, with what the workbook is silent about as it stands.

        What stood on something the workbook leaves out goes with it.
        """
        whole = self.catalogue
        for kind in sorted({kind for kind, _ in self.silent if kind in KEYS}):
            rows = _with_fields(kind, self._silent_fields(kind), whole, standing)
            whole = replace(whole, **{kind: rows})
        whole = self._without_lost_fields(whole)
        kept = {kind: getattr(standing, kind) for kind in self.absent if kind in KEYS}
        lost = {(each.sheet, each.row) for each in problems(replace(whole, **kept))}
        kept = {
            kind: tuple(each for at, each in enumerate(rows) if (kind, at) not in lost)
            for kind, rows in kept.items()
        }
        return replace(whole, **kept)

    def _silent_fields(self, kind: str) -> list[str]:
        return [name for each, name in self.silent if each == kind]

    def _without_lost_fields(self, whole: Catalogue) -> Catalogue:
        """Return the hall without what was kept in a field and names what is there no more."""
        for each in problems(whole):
            if (each.sheet, each.column) in self.silent:
                rows = list(getattr(whole, each.sheet))
                read = getattr(getattr(self.catalogue, each.sheet)[each.row], each.column)
                rows[each.row] = replace(rows[each.row], **{each.column: read})
                whole = replace(whole, **{each.sheet: tuple(rows)})
        return whole

    def plans_beside(self, standing: tuple[PlanRow, ...]) -> tuple[PlanRow, ...]:
        """Return the slot plans, those that stand where the workbook has no sheet of them."""
        if "plans" not in self.absent:
            return self.plans
        return in_use(standing, self.catalogue)


def _with_fields(
    kind: str, names: Sequence[str], whole: Catalogue, standing: Catalogue
) -> tuple[Any, ...]:
    """Return the rows of a kind with some fields as they stand."""
    key = KEYS[kind]
    stood = {getattr(each, key): each for each in getattr(standing, kind)}
    return tuple(
        replace(each, **{name: getattr(stood[getattr(each, key)], name) for name in names})
        if getattr(each, key) in stood
        else each
        for each in getattr(whole, kind)
    )
