"""What an import would change, said before anything changes; pure."""

from dataclasses import dataclass
from typing import Any

from hall.catalogue import Catalogue
from manager.forms import KEYS, name_of
from manager.sheets import SHEETS, Sheet


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one sheet: names of what is added, changed and retired."""

    title: str
    added: tuple[str, ...]
    changed: tuple[str, ...]
    retired: tuple[str, ...]
    same: int

    @property
    def any(self) -> bool:
        """Return whether anything changes."""
        return bool(self.added or self.changed or self.retired)


def differences(old: Catalogue, new: Catalogue) -> list[Change]:
    """Return the changes that adopting ``new`` makes, a line for each sheet."""
    return [_change(sheet, _rows(sheet, old), _rows(sheet, new)) for sheet in SHEETS]


def _rows(sheet: Sheet, catalogue: Catalogue) -> dict[object, Any]:
    return {_key(sheet, each): each for each in getattr(catalogue, sheet.field)}


def _key(sheet: Sheet, item: Any) -> object:
    # a device without a number is known by what it is and what it is called
    return (item.role, item.name) if sheet.field == "devices" else getattr(item, KEYS[sheet.field])


def _change(sheet: Sheet, old: dict[object, Any], new: dict[object, Any]) -> Change:
    stay = [key for key in new if key in old]
    changed = [key for key in stay if not _same(sheet, old[key], new[key])]
    # a device that the workbook leaves out keeps its key: it is revoked by hand, on its own page
    gone = [] if sheet.field == "devices" else [key for key in old if key not in new]
    gone = [key for key in gone if getattr(old[key], "active", True)]
    return Change(
        sheet.title,
        tuple(_word(new[key]) for key in new if key not in old),
        tuple(_word(new[key]) for key in changed),
        tuple(_word(old[key]) for key in gone),
        len(stay) - len(changed),
    )


def _same(sheet: Sheet, old: Any, new: Any) -> bool:
    names = [each.field for each in sheet.columns if each.field != "id"]
    return all(getattr(old, name) == getattr(new, name) for name in names)


def _word(item: Any) -> str:
    return str(getattr(item, "shown_name", "") or name_of(item))
