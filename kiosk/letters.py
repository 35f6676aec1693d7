"""Letters in black dots: the vendored fonts, and a system font for the glyphs they lack.

A thermal printer knows black and white only, so every text ends as a mask of dots. The vendored
fonts hold some 7,900 characters; names need more (㛃, 䶮, 𠮷), so each missing glyph is looked for
in the fonts of the system, one by one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path
from typing import Literal

from PIL import Image, ImageDraw, ImageFont

Weight = Literal[400, 700]

FONTS = Path(__file__).resolve().parent.parent / "static" / "fonts"

# What a system may have, the widest first: file and the face inside it (2 is 简体 in Noto's ttc).
# Debian's fonts-noto-cjk, Windows' own (SimSun-ExtB and -ExtG hold the rare names), macOS.
SYSTEM_FONTS: tuple[tuple[str, int], ...] = (
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-{noto}.ttc", 2),
    ("/usr/share/fonts/google-noto-cjk/NotoSansCJK-{noto}.ttc", 2),
    ("/usr/share/fonts/noto-cjk/NotoSansCJK-{noto}.ttc", 2),
    ("C:/Windows/Fonts/{yahei}.ttc", 0),
    ("C:/Windows/Fonts/simsunb.ttf", 0),
    ("C:/Windows/Fonts/SimsunExtG.ttf", 0),
    ("/System/Library/Fonts/PingFang.ttc", 0),
    ("/usr/share/fonts/truetype/unifont/unifont.ttf", 0),
    ("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", 0),
)

# A code point that is no character for ever: what a font draws for it is its "missing" box.
NO_CHARACTER = "\U0010ffff"

# The grey from which a dot is burnt; above one half, as thin strokes fade on worn heads.
BURNT_FROM = 112


class NoFont(RuntimeError):
    """Neither the vendored fonts nor a Chinese font of the system can be opened."""


@cache
def _open(path: str, index: int, size: int) -> ImageFont.FreeTypeFont | None:
    # Basic layout: Chinese, Latin and figures need no shaping, and it is a third faster.
    try:
        return ImageFont.truetype(path, size, index, layout_engine=ImageFont.Layout.BASIC)
    except OSError:
        return None


@dataclass(frozen=True, slots=True)
class Face:
    """One weight at one size in dots; its files are opened once and stay open."""

    size: int
    weight: Weight = 400

    def fonts(self) -> Iterator[ImageFont.FreeTypeFont]:
        """Yield the fonts to look in for a glyph, the vendored one first; opened when asked for."""
        names = {
            "noto": "Bold" if self.weight == 700 else "Regular",
            "yahei": "msyhbd" if self.weight == 700 else "msyh",
        }
        vendored = str(FONTS / f"noto-sans-sc-{self.weight}.woff2")
        for path, index in ((vendored, 0), *SYSTEM_FONTS):
            font = _open(path.format_map(names), index, self.size)
            if font is not None:
                yield font

    @property
    def line(self) -> int:
        """Return the height of a line of text in dots."""
        return round(self.size * 1.42)

    @property
    def baseline(self) -> int:
        """Return how far below the top of its line the letters stand."""
        return round(self.size * 1.09)


@lru_cache(maxsize=8192)
def _font_of(character: str, face: Face) -> ImageFont.FreeTypeFont:
    """Return the first font that can draw the character, else the first font there is."""
    first = None
    for font in face.fonts():
        first = first or font
        if character.isspace() or _has(font, character):
            return font
    if first is None:
        raise NoFont(f"no Chinese font: {FONTS} is empty and the system has none")
    return first


def _has(font: ImageFont.FreeTypeFont, character: str) -> bool:
    return bytes(font.getmask(character)) != _missing(font)


@cache
def _missing(font: ImageFont.FreeTypeFont) -> bytes:
    return bytes(font.getmask(NO_CHARACTER))


def _runs(text: str, face: Face) -> Iterator[tuple[ImageFont.FreeTypeFont, str]]:
    """Yield the text in pieces that one font can draw."""
    pairs = ((_font_of(character, face), character) for character in text)
    for font, group in groupby(pairs, key=lambda pair: pair[0]):
        yield font, "".join(character for _, character in group)


@lru_cache(maxsize=2048)
def width(text: str, face: Face) -> int:
    """Return how wide the text is, in dots."""
    return round(sum(font.getlength(run) for font, run in _runs(text, face)))


# Most texts stand on every slip: drawing a line of 18 characters costs 2.5 ms, pasting it nothing.
@lru_cache(maxsize=256)
def ink(text: str, face: Face) -> Image.Image:
    """Return the text as dots (mode 1, set where black), one line high."""
    grey = Image.new("L", (max(width(text, face), 1), face.line))
    pencil = ImageDraw.Draw(grey)
    across = 0.0
    for font, run in _runs(text, face):
        pencil.text((across, face.baseline), run, font=font, fill=255, anchor="ls")
        across += font.getlength(run)
    return grey.point([0] * BURNT_FROM + [255] * (256 - BURNT_FROM), "1")


NEVER_FIRST = "，。、；：？！）】》〉」』”’…·%,.;:?!)]}"
NEVER_LAST = "（【《〈「『“‘([{"


def wrap(text: str, face: Face, most: int) -> list[str]:
    """Return the text in lines of at most ``most`` dots.

    Chinese breaks between any two characters, but no line begins with a closing mark or ends
    with an opening one; other scripts break between words, a word too long for a line anywhere.
    """
    lines = [""]
    for piece in _pieces(text):
        if width((lines[-1] + piece).rstrip(), face) <= most:
            lines[-1] += piece
        elif width(piece.strip(), face) <= most:
            lines.append(piece.lstrip())
        else:
            for character in piece:
                if width(lines[-1] + character, face) > most:
                    lines.append("")
                lines[-1] += character
    return [line.rstrip() for line in lines if line.strip()]


def balance(text: str, face: Face, most: int) -> list[str]:
    """Return the text in as few lines as ``wrap`` needs, all of nearly one length."""
    lines = wrap(text, face, most)
    narrow, wide = most // 2, most
    while len(lines) > 1 and wide - narrow > face.size // 4:
        middle = (narrow + wide) // 2
        tried = wrap(text, face, middle)
        if len(tried) == len(lines):
            lines, wide = tried, middle
        else:
            narrow = middle
    return lines


def _pieces(text: str) -> list[str]:
    """Return what must not be torn apart: words, characters with their marks, 30 with 分."""
    pieces: list[str] = []
    for character in text:
        clings = pieces and (
            character in NEVER_FIRST
            or pieces[-1][-1] in NEVER_LAST
            or (_is_narrow(character) and _is_narrow(pieces[-1][-1]))
            or (character == " " and pieces[-1][-1].isdigit())
            or (pieces[-1][-1] == " " and pieces[-1] != " ")
        )
        if clings:
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


def _is_narrow(character: str) -> bool:
    """Return whether the character belongs to a word of letters or figures."""
    return character < "\u2e80" and not character.isspace()
