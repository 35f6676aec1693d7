"""What never stands in the audit log: secrets, ID numbers, phones, long texts; pure."""

import re
from collections.abc import Iterable, Mapping

from audit.chain import LONGEST
from audit.words import THINGS

# ID numbers, bank cards, phones, land lines: seven digits or more in a row, however they are split.
# A day is no such number.
_NUMBER = re.compile(
    r"(?<![0-9])(?![0-9]{4}-[0-9]{2}-[0-9]{2})(?:\+?[0-9][ -]?){6,}[0-9Xx](?![0-9])"
)
# A staff number may have as many digits: where one is to be read, phones and ID numbers alone go.
_PERSONAL = re.compile(r"(?<![0-9])(?:1[3-9][0-9]{9}|[1-9][0-9]{14}(?:[0-9]{2}[0-9Xx])?)(?![0-9])")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９", "0123456789")
# Parts of addresses and queries that open something by themselves: they are left out.
SECRET = frozenset({"token", "given", "code", "password", "pin", "phone", "id_number", "tap"})
PLACES = {
    "ticket": "号票",
    "number": "编号",
    "row": "编号",
    "month": "月份",
    "version": "版本",
    "staff_number": "工号",
}
# Said elsewhere in the row: the window has a column, the verb is in its name.
_ELSEWHERE = frozenset({"no", "verb", "filename"})


def masked(text: str) -> str:
    """Return a text without numbers that belong to a person: of each the last two digits stay."""
    one_line = " ".join(text.translate(_FULL_WIDTH).split())
    return _NUMBER.sub(_hide, one_line)[:LONGEST]


def named(text: str) -> str:
    """Return on what a verb acts: staff numbers whole, phones and ID numbers masked."""
    return _PERSONAL.sub(_hide, " ".join(text.translate(_FULL_WIDTH).split()))[:LONGEST]


def _hide(found: re.Match[str]) -> str:
    return f"****{found[0][-2:]}"


def target_of(arguments: Mapping[str, object]) -> str:
    """Return what the parts of an address name: 号票 17, 编号 3; nothing that opens anything."""
    return "，".join(_named(arguments, PLACES))[:LONGEST]


def asked_of(query: Iterable[tuple[str, str]]) -> str:
    """Return what a page was asked for, its secrets left out and its numbers masked."""
    said = (f"{name}={text}" for name, text in query if text and name not in SECRET)
    return masked("；".join(said))


def _named(arguments: Mapping[str, object], places: Mapping[str, str]) -> Iterable[str]:
    for name, value in arguments.items():
        if name in SECRET or name in _ELSEWHERE:
            continue
        if name == "kind" and value in THINGS:
            continue  # the verb says it: 停用窗口
        yield f"{places[name]} {value}" if name in places else named(str(value))
