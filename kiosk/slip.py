"""A ticket as it lies in the hand: facts in, a black-and-white picture out.

A slip is a picture, so every character prints whatever the printer's own fonts lack. 576 dots
are the 72 mm a printer for 80 mm paper can reach at 203 dpi, 384 dots the 48 mm of 58 mm paper.
What has to stand on it: queue-rules.md, point 3.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import qrcode
from PIL import Image, ImageDraw
from qrcode.constants import ERROR_CORRECT_M

from hall.line import wait_words
from kiosk.letters import Face, balance, ink, width, wrap

DOTS_OF_PAPER = {80: 576, 58: 384}

# Longer than any slip; what is not used is cut off the picture.
LONGEST = 2400
# As Pillow stores the two values of mode 1; a 1 for white would not survive an inversion.
WHITE, BLACK = 255, 0


@dataclass(frozen=True, slots=True)
class SlipFacts:
    """What is printed, in the language of the slip; an empty text is left out.

    ``masked_name`` is 张*, never the whole name; ``expected_wait`` is in minutes, None if nobody
    can say; ``track_url`` is the link behind the QR code and ``scan_for`` says what for, where that
    is not the usual; ``notice`` is the closing notice, ``foot`` the hall's own last line.
    """

    hall: str
    number: str
    service: str
    windows: str
    people_ahead: int
    expected_wait: int | None
    taken_at: str
    track_url: str = ""
    missed_note: str = ""
    masked_name: str = ""
    notice: str = ""
    demo: bool = False
    copy: bool = False
    language: str = "zh"
    wait_range: tuple[int, int] | None = None
    scan_for: str = ""
    foot: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """The fixed words of a slip in one language."""

    your_number: str
    copy: str
    demo: str
    ahead: str
    people: tuple[str, str]
    wait: str
    minutes: tuple[str, str]
    at_once: str
    windows: str
    taken: str
    name: str
    missed: str
    scan: str
    scan_for: str
    hotline: str


WORDS = {
    "zh": Words(
        your_number="您的号码",
        copy="补打",
        demo="演示 · 不能用于办事",
        ahead="前面等候",
        people=("人", "人"),
        wait="预计等候",
        minutes=("约", "分钟"),
        at_once="即将叫号",
        windows="办理窗口",
        taken="取号时间",
        name="办事人",
        missed="过号",
        scan="手机扫一扫",
        scan_for="查进度 · 办后评价",
        hotline="政务服务便民热线 12345",
    ),
    "en": Words(
        your_number="Your number",
        copy="COPY",
        demo="DEMO · not a real ticket",
        ahead="Ahead of you",
        people=("person", "people"),
        wait="Expected wait",
        minutes=("about", "min"),
        at_once="Very soon",
        windows="Go to",
        taken="Taken at",
        name="Name",
        missed="If missed",
        scan="Scan me",
        scan_for="Follow your number, rate us afterwards",
        hotline="Government service hotline 12345",
    ),
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """The measures of one width of paper, in dots; three sizes of type, each 1.4 × the next."""

    dots: int
    edge: int
    gap: int
    text: Face
    strong: Face
    title: Face
    number: Face
    code: int  # the QR code is at most this wide

    @property
    def inner(self) -> int:
        """Return the width between the edges."""
        return self.dots - 2 * self.edge


SHEETS = {
    576: Sheet(576, 20, 13, Face(27), Face(27, 700), Face(44, 700), Face(216, 700), 240),
    384: Sheet(384, 8, 11, Face(23), Face(23, 700), Face(34, 700), Face(150, 700), 190),
}


def slip(facts: SlipFacts, dots: int = 576) -> Image.Image:
    """Return the slip as a picture (mode 1) ``dots`` wide: 576 or 384; ValueError for others."""
    if dots not in SHEETS:
        raise ValueError(f"a slip is 576 or 384 dots wide, not {dots}")
    paper = Paper(SHEETS[dots], WORDS.get(facts.language, WORDS["zh"]))
    if facts.demo:
        paper.band(paper.words.demo)
    paper.head(facts)
    paper.figures(facts)
    paper.rows(facts)
    if facts.notice:
        paper.frame(facts.notice)
    if facts.track_url:
        paper.code(facts.track_url, facts.scan_for)
    paper.foot(facts.foot)
    return paper.picture()


def window_list(numbers: Sequence[int], language: str = "zh") -> str:
    """Return the windows to watch: ``1–3、7号窗口``, ``Windows 1–3, 7``; empty for none."""
    if not numbers:
        return ""
    ordered = sorted(set(numbers))
    starts = [ordered[0], *(b for a, b in pairwise(ordered) if b != a + 1)]
    ends = [*(a for a, b in pairwise(ordered) if b != a + 1), ordered[-1]]
    spans = [f"{a}" if a == b else f"{a}–{b}" for a, b in zip(starts, ends, strict=True)]
    if language == "en":
        return ("Window " if len(ordered) == 1 else "Windows ") + ", ".join(spans)
    return "、".join(spans) + "号窗口"


def open_fonts(dots: int = 576) -> None:
    """Open the fonts of a slip: 0.1 s each, once, with the loop held; so before serving begins."""
    slip(SlipFacts("厅", "A001", "业务", "1号窗口", 1, 1, "2026-01-01 09:00"), dots)


def _qr(link: str, most: int) -> Image.Image:
    """Return the link's QR code without its quiet zone, as wide as whole modules allow."""
    # A fixed mask: weighing all eight costs 11 ms of 15, and every reader takes any of them.
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0, mask_pattern=2)
    code.add_data(link)
    modules = code.get_matrix()
    side = len(modules)
    small = Image.new("1", (side, side), WHITE)
    small.putdata([BLACK if dot else WHITE for row in modules for dot in row])
    # Below 4 dots (0.5 mm) a module, phones fail on worn heads: rather a wider code.
    scale = max(most // side, 4)
    return small.resize((side * scale, side * scale), Image.Resampling.NEAREST)


class Paper:
    """A sheet that is filled from the top; each part leaves its own space above itself."""

    def __init__(self, sheet: Sheet, words: Words) -> None:
        self.sheet = sheet
        self.words = words
        self.canvas = Image.new("1", (sheet.dots, LONGEST), WHITE)
        self.pencil = ImageDraw.Draw(self.canvas)
        self.y = sheet.gap // 2

    def picture(self) -> Image.Image:
        """Return what has been filled."""
        return self.canvas.crop((0, 0, self.sheet.dots, min(self.y, LONGEST)))

    def put(self, text: str, face: Face, x: int, y: int, colour: int = BLACK) -> int:
        """Put a line of text at a place; return its right end."""
        mask = ink(text, face)
        self.canvas.paste(colour, (x, y), mask)
        return x + mask.width

    def middle(self, text: str, face: Face) -> int:
        """Return where a line begins that is to stand in the middle."""
        return (self.sheet.dots - width(text, face)) // 2

    def centred(self, text: str, face: Face) -> None:
        """Put a text in the middle, in as many lines as it needs."""
        for line in balance(text, face, self.sheet.inner):
            self.put(line, face, self.middle(line, face), self.y)
            self.y += face.line

    def rule(self) -> None:
        """Put a fine line from edge to edge."""
        self.y += self.sheet.gap
        right = self.sheet.dots - self.sheet.edge
        self.pencil.line((self.sheet.edge, self.y, right, self.y), BLACK, 2)
        self.y += self.sheet.gap

    def band(self, text: str) -> None:
        """Put a text in white on a black band: nobody takes this slip for a real one."""
        face = self.sheet.strong
        self.pencil.rectangle((0, 0, self.sheet.dots, face.line + self.sheet.gap), BLACK)
        self.put(text, face, self.middle(text, face), self.sheet.gap // 2, WHITE)
        self.y = face.line + 2 * self.sheet.gap

    def head(self, facts: SlipFacts) -> None:
        """Put the hall, the number – the largest thing on the slip – and the service."""
        sheet, label = self.sheet, self.words.your_number
        self.centred(facts.hall, sheet.strong)
        self.rule()
        if facts.copy:
            self.tag(self.words.copy)
        self.put(label, sheet.text, self.middle(label, sheet.text), self.y)
        self.y += sheet.text.line
        face = sheet.number
        while width(facts.number, face) > sheet.inner:
            face = Face(face.size * 3 // 4, face.weight)
        # Capitals and figures stand in the middle half of their line: the rest would be a hole.
        self.put(facts.number, face, self.middle(facts.number, face), self.y - face.size // 5)
        self.y += face.size
        self.centred(facts.service, sheet.title)

    def tag(self, text: str) -> None:
        """Put a small word in a box at the right edge."""
        face, right = self.sheet.strong, self.sheet.dots - self.sheet.edge
        left = right - width(text, face) - 16
        self.pencil.rectangle((left, self.y, right, self.y + face.line), None, BLACK, 2)
        self.put(text, face, left + 8, self.y)

    def figures(self, facts: SlipFacts) -> None:
        """Put how many people are ahead and, if it is known, how long that will take."""
        words, quarter = self.words, self.sheet.dots // 4
        people = (words.people[facts.people_ahead != 1], str(facts.people_ahead))
        height = self.sheet.text.line + self.sheet.title.line
        self.rule()
        if facts.expected_wait is None:
            self.figure(words.ahead, ("", people[1], people[0]), 2 * quarter)
        else:
            before, after = words.minutes
            minutes = (before, wait_words(facts.expected_wait, facts.wait_range), after)
            self.figure(words.ahead, ("", people[1], people[0]), quarter)
            self.figure(
                words.wait, minutes if facts.expected_wait else ("", words.at_once, ""), 3 * quarter
            )
            self.pencil.line((2 * quarter, self.y + 8, 2 * quarter, self.y + height), BLACK, 2)
        self.y += height
        self.rule()

    def figure(self, label: str, parts: tuple[str, str, str], middle: int) -> None:
        """Put a label and, under it, a figure between its small words, around a middle."""
        text, title = self.sheet.text, self.sheet.title
        self.put(label, text, middle - width(label, text) // 2, self.y)
        words = [
            (part, face) for part, face in zip(parts, (text, title, text), strict=True) if part
        ]
        x = middle - sum(width(part, face) + 8 for part, face in words) // 2
        for part, face in words:
            down = self.y + text.line + title.baseline - face.baseline
            x = self.put(part, face, x, down) + 8

    def rows(self, facts: SlipFacts) -> None:
        """Put the plain facts, label and value."""
        sheet, words = self.sheet, self.words
        every = [
            (words.windows, facts.windows, sheet.strong),
            (words.taken, facts.taken_at, sheet.text),
            (words.name, facts.masked_name, sheet.text),
            (words.missed, facts.missed_note, sheet.text),
        ]
        rows = [row for row in every if row[1]]
        widest = max((width(label, sheet.text) for label, _, _ in rows), default=0)
        column = sheet.edge + sheet.gap + widest
        for label, value, face in rows:
            self.put(label, sheet.text, sheet.edge, self.y)
            for line in wrap(value, face, sheet.dots - sheet.edge - column):
                self.put(line, face, column, self.y)
                self.y += face.line
            self.y += sheet.gap // 2

    def frame(self, text: str) -> None:
        """Put a notice in a frame."""
        sheet, face = self.sheet, self.sheet.strong
        lines = balance(text, face, sheet.inner - 2 * sheet.gap)
        self.y += sheet.gap // 2
        bottom = self.y + len(lines) * face.line + sheet.gap
        self.pencil.rectangle((sheet.edge, self.y, sheet.dots - sheet.edge, bottom), None, BLACK, 3)
        self.y += sheet.gap // 2
        for line in lines:
            self.put(line, face, self.middle(line, face), self.y)
            self.y += face.line
        self.y = bottom + sheet.gap // 2

    def code(self, link: str, scan_for: str = "") -> None:
        """Put the QR code and, beside it, what it is for."""
        sheet, words = self.sheet, self.words
        self.rule()
        picture = _qr(link, sheet.code)
        # The white a reader needs around it: the edge, twice the gap above, and as much beside.
        self.y += sheet.gap
        self.canvas.paste(picture, (sheet.edge, self.y))
        column = sheet.edge + picture.width + 2 * sheet.gap
        room = sheet.dots - sheet.edge - column
        lines = [(line, sheet.strong) for line in balance(words.scan, sheet.strong, room)]
        purpose = scan_for or words.scan_for
        fits = width(purpose, sheet.text) <= room
        for part in [purpose] if fits else purpose.split(" · "):
            lines += [(line, sheet.text) for line in balance(part, sheet.text, room)]
        y = self.y + (picture.height - sum(face.line for _, face in lines)) // 2
        for line, face in lines:
            self.put(line, face, column, y)
            y += face.line
        self.y += picture.height

    def foot(self, own: str = "") -> None:
        """Put where to ask and complain, and what the hall itself wants to say."""
        self.y += 2 * self.sheet.gap
        self.centred(self.words.hotline, self.sheet.text)
        if own:
            self.centred(own, self.sheet.text)
        self.y += self.sheet.gap // 2
