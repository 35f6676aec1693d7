"""What an import would change, said before anything changes; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hall.catalogue import Catalogue, Device
from hall.changes import fields_changed, name_of
from manager.columns import Sheet
from manager.plans import PlanRow
from manager.sheets import KEYS, PLANS, SHEETS
from manager.telling import told


@dataclass(frozen=True, slots=True)
class Edit:
    """A thing that changes: its name, and each field's heading with its old and new value."""

    name: str
    fields: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one sheet: names of what is added and retired, and what changes in what."""

    title: str
    added: tuple[str, ...]
    edits: tuple[Edit, ...]
    retired: tuple[str, ...]
    same: int

    @property
    def any(self) -> bool:
        """Return whether anything changes."""
        return bool(self.added or self.edits or self.retired)

    @property
    def changed(self) -> tuple[str, ...]:
        """Return the names of what changes."""
        return tuple(each.name for each in self.edits)


def differences(
    old: Catalogue,
    new: Catalogue,
    old_plans: Sequence[PlanRow] = (),
    new_plans: Sequence[PlanRow] = (),
) -> list[Change]:
    """Return the changes that adopting ``new`` makes, a line for each sheet."""
    changes = [_change(sheet, _rows(sheet, old), _rows(sheet, new)) for sheet in SHEETS]
    before, after = ({_key(PLANS, row): row for row in rows} for rows in (old_plans, new_plans))
    return [*changes, _change(PLANS, before, after, new)]


PEOPLE = next(each.title for each in SHEETS if each.field == "people")


def not_yours(changes: Sequence[Change], *, hall: bool, people: bool) -> str:
    """Return why somebody who keeps the hall, or its people, may not import; empty: they may."""
    changed = [each.title for each in changes if each.any]
    if PEOPLE in changed and not people:
        return (
            "工作簿改动了“人员”。人员、角色和密码由安全管理员管理："
            "请由安全管理员导入只改动人员的工作簿，或把“人员”表恢复原样后重新选择。"
        )
    others = [title for title in changed if title != PEOPLE]
    if others and not hall:
        return (
            f"工作簿还改动了{'、'.join(f'“{title}”' for title in others)}。安全管理员只能导入人员，"
            "请由系统管理员导入其余的改动，或把这些表恢复原样后重新选择。"
        )
    return ""


def _rows(sheet: Sheet, catalogue: Catalogue) -> dict[object, Any]:
    return {_key(sheet, each): each for each in getattr(catalogue, sheet.field)}


def _key(sheet: Sheet, item: Any) -> object:
    if isinstance(item, Device):  # without a number it is known by what it is and its name
        return (item.role, item.name)
    if isinstance(item, PlanRow):
        return (item.service, item.weekdays, item.day)
    return getattr(item, KEYS[sheet.field])


def _change(
    sheet: Sheet, old: dict[object, Any], new: dict[object, Any], hall: Catalogue | None = None
) -> Change:
    stay = [key for key in new if key in old]
    edits = [
        Edit(_word(new[key], hall), tuple(told(sheet, fields)))
        for key in stay
        if (fields := fields_changed(old[key], new[key]))
    ]
    # a device that the workbook leaves out keeps its key: it is revoked by hand, on its own page
    gone = [] if sheet.field == "devices" else [key for key in old if key not in new]
    gone = [key for key in gone if getattr(old[key], "active", True)]
    return Change(
        sheet.title,
        tuple(_word(new[key], hall) for key in new if key not in old),
        tuple(edits),
        tuple(_word(old[key], hall) for key in gone),
        len(stay) - len(edits),
    )


def _word(item: Any, hall: Catalogue | None) -> str:
    if isinstance(item, PlanRow):
        service = hall.service.get(item.service) if hall else None
        when = item.day or f"星期 {item.weekdays}"
        return f"{service.name if service else item.service}（{when}）"
    return name_of(item)
