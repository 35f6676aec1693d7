"""An order list 工单清单 as rows of texts, read into drafts, every problem by its cell; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from complaints import drafting, words
from complaints.drafting import Draft
from complaints.life import KINDS, SOURCES, Kind, Source
from hall.days import Instant

Grid = Sequence[Sequence[str]]
# The field of each heading: those of GB/T 39046 table 10, and what 12345 writes in their place.
HEADINGS = {
    "工单号": "order_number",
    "工单编号": "order_number",
    "类别": "kind",
    "工单类型": "kind",
    "投诉标题": "title",
    "标题": "title",
    "工单标题": "title",
    "投诉人": "complainant",
    "联系电话": "phone",
    "被投诉单位": "accused_unit",
    "被投诉人": "accused",
    "投诉内容": "content",
    "工单内容": "content",
    "投诉来源": "source",
    "投诉时间": "at",
    "受理时间": "at",
    "承办单位代码": "unit_code",
    "承办单位名称": "unit_name",
    "承办单位": "unit_name",
    "承办人": "handler",
    "承办时间": "accepted_at",
    "反馈信息": "reply",
    "反馈时间": "replied_at",
    "承诺时限": "order_due",
    "办理时限": "order_due",
}
# The headings a new list is best written with.
TEMPLATE = (
    *("工单号", "类别", "投诉标题", "投诉人", "联系电话", "被投诉单位", "被投诉人", "投诉内容"),
    *("投诉来源", "投诉时间", "承办单位代码", "承办单位名称", "承办人", "承办时间", "反馈信息"),
    *("反馈时间", "承诺时限"),
)
NEEDED = ("工单号", "投诉标题", "投诉内容", "投诉时间")
INSTANTS = ("at", "accepted_at", "replied_at", "order_due")
ROWS_MOST = 500
# So many orders a transaction, some 20 ms, then every screen of the hall has its turn.
ROWS_AT_ONCE = 25
HANDLER_LENGTH = 30
KIND_OF = {word: kind.value for kind, word in KINDS.items()} | {
    "建议": Kind.SUGGESTION.value,
    "意见": Kind.SUGGESTION.value,
    "求助": Kind.CONSULTATION.value,
    "举报": Kind.COMPLAINT.value,
}
SOURCE_OF = {word: source.value for source, word in SOURCES.items()} | {
    "12345": Source.ORDER.value,
    "12345工单": Source.ORDER.value,
    "12345热线": Source.ORDER.value,
    "工单": Source.ORDER.value,
}


@dataclass(frozen=True, slots=True)
class CellProblem:
    """What is wrong, in which row and cell of the list (``C5``; empty for the whole list)."""

    row: int
    cell: str
    heading: str
    message: str


@dataclass(frozen=True, slots=True)
class OrderList:
    """What an order list holds; ``unread`` are the headings that mean nothing here."""

    drafts: tuple[Draft, ...]
    problems: tuple[CellProblem, ...]
    unread: tuple[str, ...] = ()


def letter(column: int) -> str:
    """Return the letters of a column, counted from 0."""
    letters = ""
    column += 1
    while column:
        column, place = divmod(column - 1, 26)
        letters = chr(ord("A") + place) + letters
    return letters


@dataclass(frozen=True, slots=True)
class _Columns:
    """Which column holds which field."""

    place: Mapping[str, int]
    heading: Mapping[str, str]

    def problem(self, row: int, field: str, message: str) -> CellProblem:
        if field == "unit":
            field = "unit_code" if "unit_code" in self.place else "unit_name"
        if field not in self.place:
            return CellProblem(row, f"第 {row} 行", drafting.IN_FORM.get(field, ""), message)
        return CellProblem(row, f"{letter(self.place[field])}{row}", self.heading[field], message)


def read(grid: Grid, now: Instant, units: Mapping[str, str], zone: ZoneInfo) -> OrderList:
    """Return the drafts of a list whose first row is its headings, and all that is wrong with it.

    ``units`` are the hall's, code to name; a list may write either.
    """
    columns, unread, problems = _columns(grid[0] if grid else ())
    if problems:
        return OrderList((), tuple(problems), tuple(unread))
    drafts: list[Draft] = []
    first_at: dict[str, int] = {}
    numbered = enumerate(grid[1:], start=2)
    lines = [(row, cells) for row, cells in numbered if any(map(str.strip, cells))]
    if len(lines) > ROWS_MOST:
        line = lines[ROWS_MOST][0]
        message = f"一次最多导入 {ROWS_MOST} 行，请分成几份。"
        return OrderList((), (CellProblem(line, f"A{line}", "", message),), tuple(unread))
    for row, cells in lines:
        draft, wrong = _draft(cells, columns, units, zone)
        found = drafting.mistakes(draft, now, units, zone)
        if not draft.order_number:
            found["order_number"] = "工单号不能为空。"
        elif draft.order_number in first_at:
            found["order_number"] = f"与第 {first_at[draft.order_number]} 行的工单号重复。"
        first_at.setdefault(draft.order_number, row)
        problems += [columns.problem(row, field, said) for field, said in (found | wrong).items()]
        drafts.append(draft)
    if not drafts:
        problems.append(CellProblem(1, "", "", "清单里没有工单，标题下面一行都没有内容。"))
    return OrderList(tuple(drafts), tuple(problems), tuple(unread))


def _columns(headings: Sequence[str]) -> tuple[_Columns, list[str], list[CellProblem]]:
    place: dict[str, int] = {}
    written: dict[str, str] = {}
    unread, problems = [], []
    for index, told in enumerate(headings):
        heading = told.strip().rstrip("*＊ ")
        field = HEADINGS.get(heading)
        if field in place and field is not None:
            message = f"“{heading}”与“{written[field]}”是同一列内容，请删去一列。"
            problems.append(CellProblem(1, f"{letter(index)}1", heading, message))
        elif field is not None:
            place[field], written[field] = index, heading
        elif heading:
            unread.append(heading)
    for heading in NEEDED:
        if HEADINGS[heading] not in place:
            message = f"第一行缺少标题“{heading}”。"
            problems.append(CellProblem(1, "A1", heading, message))
    return _Columns(place, written), unread, problems


def _draft(
    cells: Sequence[str], columns: _Columns, units: Mapping[str, str], zone: ZoneInfo
) -> tuple[Draft, dict[str, str]]:
    told = {
        field: cells[index].strip() if index < len(cells) else ""
        for field, index in columns.place.items()
    }
    read: dict[str, Any] = {
        field: text
        for field, text in told.items()
        if field not in (*INSTANTS, "unit_code", "unit_name", "kind", "source")
    }
    read["kind"] = KIND_OF.get(told.get("kind") or "投诉", "?")
    read["source"] = SOURCE_OF.get("".join((told.get("source") or "12345").split()), "?")
    wrong: dict[str, str] = {}
    for field in INSTANTS:
        read[field] = _instant(field, told.get(field, ""), zone, wrong)
    read["unit"] = _unit(told.get("unit_code", ""), told.get("unit_name", ""), units, wrong)
    if len(read.get("handler", "")) > HANDLER_LENGTH:
        wrong["handler"] = f"承办人最多 {HANDLER_LENGTH} 个字。"
    return replace(Draft(), **read), wrong


def _instant(field: str, text: str, zone: ZoneInfo, wrong: dict[str, str]) -> Instant | None:
    if not text:
        return None
    try:
        last = field == "order_due"
        return words.last_instant(text, zone) if last else words.read_instant(text, zone)
    except (ValueError, OverflowError):
        wrong[field] = f"“{text[:20]}”不是时间，须写作 2026-11-02 09:30 的样子。"
        return None


def _unit(code: str, name: str, units: Mapping[str, str], wrong: dict[str, str]) -> str:
    """Return the code of a unit that is told by its code, its name, or both."""
    named = [each for each, word in units.items() if name and word == name]
    if code and named and code not in named:
        wrong["unit"] = f"代码“{code[:20]}”与名称“{name[:20]}”不是同一个单位。"
        return ""
    if code in units or not (code or name):
        return code
    if len(named) == 1:
        return named[0]
    wrong["unit"] = f"没有单位“{(code or name)[:20]}”，请用大厅里部门的代码或名称。"
    return ""
