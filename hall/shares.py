"""A share of a whole as it is stored, shown and exported; pure.

Rounded half up; 100.00 and 0.00 only where they are exact (manual of statistics).
"""

from typing import Any

WHOLE = 10_000


def hundredths(numerator: int, denominator: int) -> int | None:
    """Return a rate in hundredths of a percent, half up; None for a zero denominator.

    10000 only where the two are equal, 0 only where the numerator is 0 (otherwise 9999 and 1);
    a window that served longer than it was open has more.
    """
    if denominator == 0:
        return None
    rounded = (20_000 * numerator + denominator) // (2 * denominator)
    if rounded >= WHOLE and numerator < denominator:
        return WHOLE - 1
    if rounded == WHOLE and numerator > denominator:
        return WHOLE + 1
    if rounded == 0 and numerator != 0:
        return 1
    return rounded


def rate(numerator: int, denominator: int) -> dict[str, Any]:
    """Return a rate as stored, shown and exported: numerator, denominator, percent and text."""
    part = hundredths(numerator, denominator)
    if part is None:
        return {"numerator": numerator, "denominator": denominator, "percent": None, "text": "—"}
    text = f"{part // 100}.{part % 100:02d}"
    return {
        "numerator": numerator,
        "denominator": denominator,
        "percent": part / 100,
        "text": f"{text} %",
    }
