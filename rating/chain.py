"""The chain of seals over ratings and their voiding; pure.

Each seal is the hash of the one before and of what it seals, so no row can be changed, left out or
put elsewhere without breaking every seal from there on. What may have to be erased one day – how to
reach the rater, and what the rater wrote – is sealed by a salted hash of its own: with the salt it
is forgotten for good, and the chain still holds. The text of older ratings stands in the seal
itself; when it is erased, the rest of the row is sealed anew (``erased_seal``).
"""

import hashlib
import json
from collections.abc import Sequence

BEGINS = "0" * 64
# What is sealed of a rating, in this order; ``contact`` is sealed apart.
SEALED = (
    *("id", "visit", "nth", "level", "tags", "text", "channel", "given_by_default", "at"),
    *("window", "clerk", "service", "device"),
)
TEXT = SEALED.index("text")
SEALED_VOID = ("rating", "kind", "reason", "by", "at")
_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def seal(before: str, kind: str, values: Sequence[object], private: str) -> str:
    """Return the seal (SHA-256, hex) of a row after the seal ``before``."""
    return hashlib.sha256(_as_json([before, kind, private, *values]).encode()).hexdigest()


def private_seal(salt: str, contact: str) -> str:
    """Return the seal of a contact, empty for none."""
    return hashlib.sha256(f"{salt}{contact}".encode()).hexdigest() if contact else ""


def is_private_whole(salt: str, private: str, contact: str) -> bool:
    """Return whether a contact is what was sealed, or was erased together with its salt."""
    return private_seal(salt, contact) == private if salt else not contact


def hidden(values: Sequence[object], text_private: str) -> tuple[object, ...]:
    """Return what is sealed of a rating: in place of its text the text's own seal, if it has one.

    Without a text there is none, so that a rating without words is sealed as it always was.
    """
    told = list(values)
    if text_private:
        told[TEXT] = text_private
    return tuple(told)


def erased_seal(of: str, values: Sequence[object], private: str) -> str:
    """Return the seal of a rating whose text was erased, made from its seal ``of`` before."""
    told = list(values)
    told[TEXT] = ""
    return seal(of, "erased", told, private)
