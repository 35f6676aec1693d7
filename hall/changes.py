"""What changed when something in the hall was edited, field by field; pure."""

from dataclasses import MISSING, dataclass, fields
from typing import Any

from hall.catalogue import HallText, SpecialDay, Window
from hall.days import Instant
from hall.texts import PLACES

ADDED, CHANGED, RETIRED, RESTORED = "added", "changed", "retired", "restored"
ACTS = {ADDED: "新增", CHANGED: "修改", RETIRED: "停用", RESTORED: "恢复"}
WAYS = {"page": "页面", "workbook": "工作簿", "command": "命令行"}
COMMAND = "server.py"
# What tells a thing from the others is the history's own column; a photograph has a verb of its own
# and is told in words.
NOT_TOLD = {"id", "photo", "place"}
WITH_PHOTO, WITHOUT_PHOTO = "有照片", "没有照片"

Fields = dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Change:
    """One act on one thing: who did it, and each field from what to what."""

    id: int
    at: Instant
    who: str
    way: str
    act: str
    kind: str
    key: str
    name: str
    fields: Fields


def act_of(old: Any, new: Any) -> str:
    """Return what was done to a thing; there is no ``old`` of what is new."""
    if old is None:
        return ADDED
    was, becomes = getattr(old, "active", True), getattr(new, "active", True)
    if isinstance(new, HallText) and not (new.text or new.text_en):
        return RETIRED
    if was == becomes:
        return CHANGED
    return RESTORED if becomes else RETIRED


def fields_changed(old: Any, new: Any) -> Fields:
    """Return each field that differs with its old and new value; of a new thing all it says.

    Of a telephone only the ends are kept: the history is for good, and a number is not.
    """
    found: Fields = {}
    for each in fields(new):
        if each.name in NOT_TOLD:
            continue
        usual = None if each.default is MISSING else each.default
        before, after = getattr(old, each.name, usual), getattr(new, each.name)
        if before != after:
            found[each.name] = [_kept(each.name, before), _kept(each.name, after)]
    return found


def _kept(name: str, value: Any) -> Any:
    if name == "phone" and value:
        return f"{value[:3]}****{value[-4:]}"
    return list(value) if isinstance(value, tuple) else value


def name_of(item: Any) -> str:
    """Return what people call a thing of the hall."""
    match item:
        case Window():
            return f"{item.no}号 {item.name}".strip()
        case SpecialDay():
            return f"{item.day} {item.note}".strip()
        case HallText():
            name = PLACES[item.place].name if item.place in PLACES else item.place
            return f"{name} {item.zone}".strip()
    return str(item.name)


def way_of(by: str) -> str:
    """Return by which way one thing is edited: the command line says its name."""
    return "command" if by.startswith(COMMAND) or not by else "page"
