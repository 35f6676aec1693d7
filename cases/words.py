"""What is written in a case: none too long, and nothing personal in public; pure."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from hall.refusals import NotValid

NOTE_LENGTH, ANSWER_LENGTH = 500, 1000


def check_words(text: str, what: str, most: int = NOTE_LENGTH) -> str:
    """Return what somebody wrote, or refuse nothing and too much."""
    said = text.strip()
    if not said:
        raise NotValid("words_missing", f"请写明{what}。")
    if len(said) > most:
        raise NotValid("words_too_long", f"{what}最多 {most} 个字，现有 {len(said)} 个。")
    return said


def check_one_of(value: str, known_ones: dict[str, Any], what: str) -> str:
    """Return one of the known values, or refuse another."""
    if value not in known_ones:
        raise NotValid("unknown_choice", f"请选择{what}：{'、'.join(known_ones.values())}。")
    return value


# -- what is published -------------------------------------------------------------------------

A_DATE = re.compile(r"\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}日?")
LONG_NUMBER = re.compile(r"(?:\d[\s\-–—()]{0,2}){7,}[\dXx]?")
E_MAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")


def personal_data(text: str, names: Iterable[str] = ()) -> str:
    """Return what is personal in a public answer, as a word; nothing when it is clean.

    ``names`` are those of the people concerned, and how the rater left word of themselves.
    """
    plain = unicodedata.normalize("NFKC", text)
    if E_MAIL.search(plain):
        return "电子邮箱"
    if LONG_NUMBER.search(A_DATE.sub("，", plain)):
        return "电话或证件号码"
    for name in names:
        told = unicodedata.normalize("NFKC", name).strip()
        if len(told) > 1 and told in plain:
            return f"“{told}”"
    return ""


def check_public(text: str, names: Iterable[str]) -> str:
    """Return the public answer, or refuse it with what must go."""
    said = check_words(text, "公开答复", ANSWER_LENGTH)
    if found := personal_data(said, names):
        raise NotValid("personal_data", f"公开答复里有{found}，请改去个人信息后再提交。")
    return said
