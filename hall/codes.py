"""Codes with the words people use for them; pure."""

from enum import StrEnum
from typing import Self


class Code(StrEnum):
    """One of some codes, which are stored and sent, with its Chinese word."""

    chinese: str

    def __new__(cls, code: str, chinese: str = "") -> Self:
        """Make ``OTHER = "other", "其他"`` a text that knows its word."""
        made = str.__new__(cls, code)
        made._value_ = code
        made.chinese = chinese
        return made

    @classmethod
    def said(cls, text: str) -> Self | None:
        """Return the one of a code or a word, None for anything else."""
        return next((each for each in cls if text in (each.value, each.chinese)), None)

    @classmethod
    def all_said(cls) -> str:
        """Return all of them as a refusal lists them: other（其他）、…"""
        return "、".join(f"{each.value}（{each.chinese}）" for each in cls)
