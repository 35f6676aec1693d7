"""A wide table as a workbook: headings of three levels, A4 landscape, notes, signatures; pure."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import xlsxwriter
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

NOTHING = "—"
HEADING_ROWS = 5
# As many cells fit on one sheet of paper, shrunk to its width; more stand on several, by group.
FIT_ON_PAPER = 26
# How many cells stand beside the names on one of several.
ON_A_SHEET = 13
WIDEST_NAME, NARROWEST_NAME = 28, 10
LINE_HEIGHT = 15
WIDTH = 9.0
FORMS = {"count": "#,##0", "minutes": "#,##0.0", "score": "0.00", "rate": "0.00%"}
CHANGES = {
    "count": '+0.00"%";−0.00"%";0.00"%"',
    "minutes": '+0.00"%";−0.00"%";0.00"%"',
    "score": '+0.00"分";−0.00"分";0.00"分"',
    "rate": '+0.00"百分点";−0.00"百分点";0.00"百分点"',
}


@dataclass(frozen=True, slots=True)
class Head:
    """A figure's headings: its parts (率, 分子, 分母), how each is written, and its own name."""

    parts: Sequence[str]
    shapes: Sequence[str]
    name: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row: ``kind`` is empty, or 合计, 上期, 环比 …; its words and its figures."""

    kind: str
    words: Sequence[Any]
    figures: Sequence[Any]

    @property
    def is_change(self) -> bool:
        """Whether its figures say by how much something changed."""
        return self.kind in ("环比", "同比")


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that a workbook says."""

    title: str
    about: str
    words: Sequence[str]
    groups: Sequence[tuple[str, Sequence[Head]]]
    lines: Sequence[Line]
    notes: str
    formulas: Sequence[tuple[str, str, str]]
    made_by: str
    made_at: str
    company: str


def workbook(told: Sheet) -> bytes:
    """Return the workbook."""
    import xlsxwriter  # the server starts sooner without it

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, options)
    properties: dict[str, Any] = {"title": told.title, "company": told.company}
    if told.made_at:
        # without it the file carries the moment of rendering and is never the same twice
        properties["created"] = datetime.fromisoformat(told.made_at).replace(tzinfo=None)
    book.set_properties(properties)
    formats = _Formats(book)
    _Page(book.add_worksheet("统计表"), formats, told).write()
    _formulas(book.add_worksheet("指标口径"), formats, told)
    book.close()
    return out.getvalue()


class _Formats:
    """The cell formats of the workbook."""

    def __init__(self, book: "xlsxwriter.Workbook") -> None:
        base = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "vcenter"}
        self.line = {**base, "border": 1, "border_color": "#B8C2CC"}
        self.book = book
        self.title = book.add_format({**base, "font_size": 15, "bold": True})
        self.about = book.add_format({**base, "font_color": "#48576A"})
        self.note = book.add_format({**base, "text_wrap": True, "font_color": "#48576A"})
        self.sign = book.add_format(base)
        head = {"bold": True, "align": "center", "text_wrap": True, "bg_color": "#DCE6F2"}
        self.head = book.add_format({**self.line, **head})
        self.text = book.add_format({**self.line, "align": "left", "text_wrap": True})
        self._known: dict[tuple[str, str], Format] = {}

    def cell(self, shape: str, kind: str) -> "Format":
        """Return how a cell of a line of some kind looks."""
        if (shape, kind) not in self._known:
            forms = CHANGES if kind in ("环比", "同比") else FORMS
            form = "@" if shape == "text" else forms[shape]
            weight = {"bold": True, "bg_color": "#EEF2F6"} if kind == "合计" else {}
            quiet = {"font_color": "#48576A"} if kind not in ("", "合计") else {}
            align = {"align": "left", "text_wrap": True} if shape == "text" else {"align": "right"}
            look = {**self.line, **align, **weight, **quiet, "num_format": form}
            self._known[shape, kind] = self.book.add_format(look)
        return self._known[shape, kind]


class _Page:
    """The sheet with the table."""

    def __init__(self, sheet: "Worksheet", formats: _Formats, told: Sheet) -> None:
        self.sheet = sheet
        self.formats = formats
        self.told = told
        self.names = len(told.words)
        self.shapes = [shape for _, heads in told.groups for each in heads for shape in each.shapes]
        self.last = self.names + len(self.shapes) - 1

    def write(self) -> None:
        """Write everything from the title to the signatures."""
        self.sheet.write_string(0, 0, self.told.title, self.formats.title)
        self.sheet.write_string(1, 0, self.told.about, self.formats.about)
        self.sheet.set_row(0, 28)
        self.sheet.set_row(1, 18)
        self._headings()
        for at, line in enumerate(self.told.lines, start=HEADING_ROWS):
            self._line(at, line)
        end = HEADING_ROWS + len(self.told.lines)
        self._foot(end)
        self._paper(end + 2)

    def _headings(self) -> None:
        head = self.formats.head
        for place, word in enumerate(self.told.words):
            self.sheet.merge_range(2, place, 4, place, "", head)
            self.sheet.write_string(2, place, word, head)
            self.sheet.set_column(place, place, self._width(place))
        self.sheet.set_column(self.names, self.last, WIDTH)
        for group, first, last in self._spans():
            self._merge(2, first, 2, last, group)
        for each, first in self._placed():
            if len(each.parts) == 1:
                self._merge(3, first, 4, first, each.parts[0])
            else:
                self._merge(3, first, 3, first + len(each.parts) - 1, each.name)
                for place, part in enumerate(each.parts, start=first):
                    word = part if place > first else "%"
                    self.sheet.write_string(4, place, word, head)
        for row, height in ((2, 20), (3, 32), (4, 30)):
            self.sheet.set_row(row, height)

    def _merge(self, top: int, first: int, bottom: int, last: int, text: str) -> None:
        if (top, first) != (bottom, last):
            self.sheet.merge_range(top, first, bottom, last, "", self.formats.head)
        self.sheet.write_string(top, first, text, self.formats.head)

    def _placed(self) -> Iterator[tuple[Head, int]]:
        at = self.names
        for _, heads in self.told.groups:
            for each in heads:
                yield each, at
                at += len(each.parts)

    def _spans(self) -> Iterator[tuple[str, int, int]]:
        at = self.names
        for group, heads in self.told.groups:
            wide = sum(len(each.parts) for each in heads)
            yield group, at, at + wide - 1
            at += wide

    def _width(self, place: int) -> float:
        longest = max((_places(str(line.words[place])) for line in self.told.lines), default=0)
        if not place and self.names > 1:  # numbers and codes; a sum's words may flow into the name
            own = (line.words[place] for line in self.told.lines if not line.kind)
            return float(min(max([_places(str(each)) for each in own] + [8]) + 2, 16))
        return float(min(max(longest, NARROWEST_NAME) + 2, WIDEST_NAME))

    def _line(self, at: int, line: Line) -> None:
        look = self.formats.cell("text", line.kind)
        if line.kind and self.names > 1:
            self.sheet.merge_range(at, 0, at, self.names - 1, "", look)
            self.sheet.write_string(at, 0, str(line.words[0]), look)
        else:
            for place, word in enumerate(line.words):
                if isinstance(word, int):
                    self.sheet.write_number(at, place, word, look)
                else:
                    self.sheet.write_string(at, place, word, look)
        self.sheet.set_row(at, LINE_HEIGHT * self._lines(line) + 1)
        for place, (shape, value) in enumerate(
            zip(self.shapes, line.figures, strict=True), start=self.names
        ):
            self._figure(at, place, shape, value, line)

    def _lines(self, line: Line) -> int:
        """Return on how many lines the longest word of a row stands."""
        if line.kind:
            return 1 if self.names > 1 else -(-_places(str(line.words[0])) // WIDEST_NAME)
        return max(-(-_places(str(each)) // (WIDEST_NAME - 2)) or 1 for each in line.words)

    def _figure(self, at: int, place: int, shape: str, value: Any, line: Line) -> None:
        look = self.formats.cell(shape, line.kind)
        if value is None or value == "":
            self.sheet.write_string(at, place, NOTHING if value is None else "", look)
        elif shape == "rate" and not line.is_change:
            # 96.36 % is 0.9636 in a cell: hundredths of a percent, without a float's tail
            self.sheet.write_number(at, place, round(value * 100) / 10_000, look)
        else:
            self.sheet.write_number(at, place, value, look)

    def _foot(self, at: int) -> None:
        wide = min(self.last, FIT_ON_PAPER - 1)
        if wide:
            self.sheet.merge_range(at, 0, at, wide, "", self.formats.note)
        self.sheet.write_string(at, 0, self.told.notes, self.formats.note)
        self.sheet.set_row(at, 32 if wide > 9 else 78)
        made_at = self.told.made_at[:19].replace("T", " ")
        signs = (f"制表人：{self.told.made_by}", "审核人：", f"制表时间：{made_at}")
        first = self.names - 1
        for place, sign in zip((first, first + 3, first + 6), signs, strict=True):
            self.sheet.write_string(at + 1, place, sign, self.formats.sign)
        self.sheet.set_row(at + 1, 24)

    def _paper(self, end: int) -> None:
        self.sheet.ignore_errors({"number_stored_as_text": f"A1:C{end}"})
        self.sheet.freeze_panes(HEADING_ROWS, self.names)
        self.sheet.repeat_rows(0, HEADING_ROWS - 1)
        self.sheet.print_area(0, 0, end - 1, max(self.last, self.names + 6))
        _landscape(self.sheet)
        if len(self.shapes) <= FIT_ON_PAPER:
            self.sheet.fit_to_pages(1, 0)
            return
        self.sheet.repeat_columns(0, self.names - 1)
        self.sheet.set_print_scale(60)
        self.sheet.set_v_pagebreaks(list(self._breaks()))

    def _breaks(self) -> Iterator[int]:
        """Yield before which columns a sheet of paper ends: never within a figure's own cells."""
        begun = self.names
        ends = {first: last for _, first, last in self._spans()}
        for each, at in self._placed():
            end = at + len(each.parts) - 1
            group = ends.get(at, end)  # a group that fits on a sheet is not parted
            wanted = group if group - at < ON_A_SHEET else end
            if wanted - begun >= ON_A_SHEET and at > begun:
                yield at
                begun = at


def _formulas(sheet: "Worksheet", formats: _Formats, told: Sheet) -> None:
    sheet.write_string(0, 0, f"{told.title} · 指标口径", formats.title)
    sheet.set_row(0, 28)
    for place, (word, wide) in enumerate((("组", 16), ("指标", 24), ("怎么算", 84))):
        sheet.set_column(place, place, wide)
        sheet.write_string(1, place, word, formats.head)
    for at, words in enumerate(told.formulas, start=2):
        for place, word in enumerate(words):
            sheet.write_string(at, place, word, formats.text)
    sheet.freeze_panes(2, 0)
    sheet.repeat_rows(1)
    _landscape(sheet)
    sheet.fit_to_pages(1, 0)


def _landscape(sheet: "Worksheet") -> None:
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.set_footer("&C第 &P 页，共 &N 页")


def _places(text: str) -> int:
    """Return how many digits wide a text is: a Chinese character takes two."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)
