"""Bars and lines as SVG, drawn without a script so that paper has them too; pure.

Every colour stands with its words, every mark with its number: a black-and-white print says all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

INK, QUIET, GRID = "#1a1a1a", "#5a5a5a", "#d5d5d5"
RED, BLUE = "#b3261e", "#1f4e8c"
WIDTH = 620
ROW, LABEL = 26, 110
TICKS = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its word, its length, and what stands at its end."""

    word: str
    value: float
    said: str
    colour: str = BLUE


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its word, a point for each place or None where there is none."""

    word: str
    points: Sequence[float | None]
    colour: str = BLUE
    dashes: str = ""


def bars(title: str, rows: Sequence[Bar]) -> str:
    """Return horizontal bars, the longest as wide as the chart."""
    most = max((row.value for row in rows), default=0) or 1
    room = WIDTH - LABEL - 130
    parts = []
    for place, row in enumerate(rows):
        top = place * ROW
        length = round(room * row.value / most, 1)
        parts += [
            _text(LABEL - 8, top + 17, row.word, anchor="end"),
            f'<rect x="{LABEL}" y="{top + 5}" width="{length}" height="16" fill="{row.colour}"/>',
            _text(LABEL + length + 8, top + 17, row.said),
        ]
    axis = f'<line x1="{LABEL}" y1="0" x2="{LABEL}" y2="{len(rows) * ROW}" stroke="{QUIET}"/>'
    return _svg(title, len(rows) * ROW + 4, [axis, *parts])


def lines(title: str, places: Sequence[str], drawn: Sequence[Line], unit: str = "%") -> str:
    """Return lines over named places, on an axis that holds all their points."""
    left, right, top, height = 52, 16, 30, 150
    points = [each for line in drawn for each in line.points if each is not None]
    low, high = _bounds(points)
    step = (WIDTH - left - right) / max(1, len(places) - 1)

    def across(place: int) -> float:
        return round(left + (step * place if len(places) > 1 else (WIDTH - left - right) / 2), 1)

    def down(value: float) -> float:
        return round(top + height * (high - value) / (high - low), 1)

    parts = _legend(drawn, left)
    for tick in range(TICKS + 1):
        value = low + (high - low) * tick / TICKS
        parts += [
            f'<line x1="{left}" y1="{down(value)}" x2="{WIDTH - right}" y2="{down(value)}" '
            f'stroke="{GRID}"/>',
            _text(left - 6, down(value) + 4, f"{value:g}{unit}", anchor="end", colour=QUIET),
        ]
    for place, word in enumerate(places):
        parts.append(_text(across(place), top + height + 20, word, anchor="middle", colour=QUIET))
    for line in drawn:
        parts += _line(line, across, down)
    return _svg(title, top + height + 28, parts)


def _line(line: Line, across: Callable[[int], float], down: Callable[[float], float]) -> list[str]:
    parts: list[str] = []
    run: list[str] = []
    for place, value in enumerate([*line.points, None]):
        if value is not None:
            run.append(f"{across(place)},{down(value)}")
            parts.append(
                f'<circle cx="{across(place)}" cy="{down(value)}" r="3" fill="{line.colour}"/>'
            )
        elif run:
            dashes = f' stroke-dasharray="{line.dashes}"' if line.dashes else ""
            parts.append(
                f'<polyline points="{" ".join(run)}" fill="none" stroke="{line.colour}" '
                f'stroke-width="2"{dashes}/>'
            )
            run = []
    return parts


def _legend(drawn: Sequence[Line], left: float) -> list[str]:
    parts, at = [], left
    for line in drawn:
        dashes = f' stroke-dasharray="{line.dashes}"' if line.dashes else ""
        parts += [
            f'<line x1="{at}" y1="11" x2="{at + 26}" y2="11" stroke="{line.colour}" '
            f'stroke-width="2"{dashes}/>',
            _text(at + 32, 15, line.word),
        ]
        at += 32 + 13 * len(line.word) + 30
    return parts


def _bounds(points: Sequence[float]) -> tuple[float, float]:
    """Return where the axis of percentages begins and ends: whole tens around the points."""
    if not points:
        return 0, 100
    low = max(0, 10 * int(min(points) // 10))
    high = min(100, 10 * -int(-max(points) // 10))
    return (low, high) if high > low else (max(0, low - 10), min(100, max(high, low + 10)))


def _text(x: float, y: float, said: str, anchor: str = "start", colour: str = INK) -> str:
    return (
        f'<text x="{round(x, 1)}" y="{round(y, 1)}" font-size="13" fill="{colour}" '
        f'text-anchor="{anchor}">{escape(said)}</text>'
    )


def _svg(title: str, height: float, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img" aria-label="{escape(title)}">'
        f"{''.join(parts)}</svg>"
    )
