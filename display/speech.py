"""A call as what is said: the clips of static/voice/ in the order in which they are played; pure.

请A · 零一二号 · 到三号窗口办理. Where nobody has recorded the whole phrase it is put together from
smaller ones: 一 · 二三四号 for a number above 999, a plain 请 for a prefix that is not letters.
display/channel.py sends them with each call; static/voice.js joins them.
"""

import re

CHIME = "chime.ogg"
WINDOWS = range(1, 201)

# A to Z are recorded; a hall that writes its prefixes otherwise hears its numbers without them.
_PARTS = re.compile(r"(.*?)([0-9]*)", re.DOTALL)
_LETTERS = re.compile(r"[A-Z]+")


def announcement(number: str, window: int, times: int = 2) -> list[str]:
    """Return everything played for one call: the chime once, then the sentence some times."""
    return [CHIME, *(spoken(number, window) * times)]


def spoken(number: str, window: int) -> list[str]:
    """Return the clips of one sentence, such as 请A零一二号到三号窗口办理 for A012 and window 3."""
    prefix, digits = _parts(number)
    return [*_please(prefix), *_number(digits), _window(window)]


def _parts(number: str) -> tuple[str, str]:
    parts = _PARTS.fullmatch(number.strip().upper())
    return (parts[1], parts[2]) if parts else ("", "")


def _please(prefix: str) -> list[str]:
    if not _LETTERS.fullmatch(prefix):
        return ["please.ogg"]
    return [f"please-{prefix[0]}.ogg", *(f"letter-{letter}.ogg" for letter in prefix[1:])]


def _number(digits: str) -> list[str]:
    if len(digits) < 3:
        return [*_digits(digits), "hao.ogg"] if digits else []
    return [*_digits(digits[:-3]), f"number-{digits[-3:]}.ogg"]


def _digits(digits: str) -> list[str]:
    return [f"digit-{digit}.ogg" for digit in digits]


def _window(window: int) -> str:
    """A window without a clip is 到屏幕显示的窗口办理: a wrong one would send a citizen astray."""
    return f"window-{window}.ogg" if window in WINDOWS else "window-shown.ogg"
