"""Make static/fonts/noto-sans-sc-400.woff2 and -700.woff2: every slice of Noto Sans SC in one file.

The npm package cuts the font into a hundred slices by how often web pages use a character. A hall
needs it in one piece: Pillow draws slips from a single file, and a person's rare name must not
depend on which slice a screen has loaded. Run by hand when the font changes, never by the hall:

    npm pack @fontsource/noto-sans-sc@5.3.0 && tar xf fontsource-noto-sans-sc-5.3.0.tgz
    python3 -m venv /tmp/fonts && /tmp/fonts/bin/pip install fonttools==4.68.0 brotli==1.2.1
    /tmp/fonts/bin/python tools/make_fonts.py package/files

It takes about a minute for each weight.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from fontTools import subset
from fontTools.merge import Merger
from fontTools.ttLib import TTFont

WEIGHTS = {400: "Regular", 700: "Bold"}
FONTS = Path(__file__).resolve().parents[1] / "static" / "fonts"

# Vertical setting and the variable font's axes: no page of the hall uses them.
DROPPED = ["BASE", "GDEF", "STAT", "gasp", "prep", "vhea", "vmtx"]


def slices(folder: Path, weight: int) -> list[Path]:
    """Return the files of one weight: the common characters first, then the numbered slices."""
    numbered = folder.glob(f"noto-sans-sc-[0-9]*-{weight}-normal.woff2")
    by_number = sorted(numbered, key=lambda path: int(re.findall(r"-sc-(\d+)-", path.name)[0]))
    return [folder / f"noto-sans-sc-chinese-simplified-{weight}-normal.woff2", *by_number]


def part(path: Path, known: set[int], place: Path) -> Path | None:
    """Save what a slice adds to the characters known so far, and add it to them."""
    font = TTFont(path)
    new = set(font.getBestCmap()) - known
    if not new:
        return None
    options = subset.Options()
    options.glyph_names = False
    options.name_IDs = ["*"]
    options.notdef_outline = True
    options.layout_features = ["ccmp", "kern", "locl"]
    # Layout tables of the first slice only: merging ninety copies of one table says nothing new.
    options.drop_tables += DROPPED if not known else [*DROPPED, "GPOS", "GSUB"]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=new)
    cutter.subset(font)
    font.flavor = None
    saved = place / f"{path.stem}.ttf"
    font.save(saved)
    known |= new
    return saved


def name(font: TTFont, style: str) -> None:
    """Call the font what it is; the slices still carry the name of the thinnest weight."""
    said = {1: "Noto Sans SC", 2: style, 4: f"Noto Sans SC {style}", 6: f"NotoSansSC-{style}"}
    for number, text in said.items():
        font["name"].setName(text, number, 3, 1, 0x409)


def whole(folder: Path, weight: int) -> TTFont:
    """Return one font with the characters of all slices of a weight."""
    known: set[int] = set()
    with tempfile.TemporaryDirectory() as place:
        parts = [part(path, known, Path(place)) for path in slices(folder, weight)]
        font = Merger().merge([str(path) for path in parts if path])
    name(font, WEIGHTS[weight])
    font.flavor = "woff2"
    return font


def main() -> None:
    """Make both weights from the folder named on the command line."""
    for weight in WEIGHTS:
        target = FONTS / f"noto-sans-sc-{weight}.woff2"
        font = whole(Path(sys.argv[1]), weight)
        font.save(target)
        print(f"{target.name}: {len(font.getBestCmap())} characters, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
