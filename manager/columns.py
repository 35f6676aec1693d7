"""What a column and a sheet of the hall's workbook are, and columns that several have; pure."""

from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from typing import Any

from manager.cells import (
    YES_NO_WORDS,
    Value,
    as_code,
    as_text,
    as_whole,
    as_whole_or_none,
    as_yes_no,
)

# A field that names a row of another sheet: that sheet's title, under which it stands, and tuple.
NAMES = {
    "department": ("部门", "departments"),
    "zone": ("楼层分区", "zones"),
    "service": ("业务", "services"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, its field, how a cell is read, and what to write into it."""

    heading: str
    field: str
    read: Callable[[Value], object]
    meaning: str
    width: int = 12
    required: bool = False
    choices: tuple[str, ...] | str = ()  # words, or the name of the sheet whose codes may be chosen
    refers: str = ""  # the sheet whose names may stand for codes
    several: tuple[str, ...] = ()  # words of which a cell may hold more than one
    suggests: tuple[str, ...] = ()  # words that may be written, or others

    @property
    def is_number(self) -> bool:
        """Whether it holds whole numbers."""
        return self.read in (as_whole, as_whole_or_none)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its title, the catalogue's tuple it holds, the class of a row, its columns."""

    title: str
    field: str
    row: type
    columns: tuple[Column, ...]
    # an older workbook without this sheet is read all the same, and says nothing about its rows
    may_be_missing: bool = False

    @property
    def defaults(self) -> dict[str, object]:
        """What a field holds when its cell is empty; a required field has none."""
        return {each.name: each.default for each in fields(self.row) if each.default is not MISSING}

    def heading_of(self, field: str) -> str:
        """Return the heading over a field."""
        return next(each.heading for each in self.columns if each.field == field)


def yes_no(heading: str, field: str, meaning: str) -> Column:
    """Return a column of 是 and 否."""
    return Column(heading, field, as_yes_no, meaning, 8, choices=tuple(YES_NO_WORDS))


SORT = Column("顺序", "sort", as_whole, "页面上的先后，小的在前；留空则按行的先后。", 8)
ACTIVE = yes_no("启用", "active", "“否”表示停用但保留历史；留空为“是”。")
NAME_EN = Column("英文名称", "name_en", as_text, "取号机英文界面显示的名称。", 44)


def code(meaning: str) -> Column:
    """Return the column of a row's own code."""
    return Column("代码", "code", as_code, meaning, 14, required=True)


def names(field: str, meaning: str, width: int, **more: Any) -> Column:
    """Return a column that names a row of another sheet by its code, or its name."""
    heading, refers = NAMES[field]
    told = {"read": as_code, "choices": heading, "refers": refers, **more}
    return Column(heading, field, meaning=meaning, width=width, **told)
