"""A form that was opened before somebody else saved: what they changed and what it says; pure.

A form carries what it showed when it was opened. What its writer left alone follows the other's
change; where both changed a field, the writer's word stands beside the other's until they save
again, knowingly.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

BASE = "opened-with"
Texts = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Differing:
    """A field that somebody else changed meanwhile: their value, the form's, and which stands."""

    field: str
    theirs: tuple[str, ...]
    ours: tuple[str, ...]
    keeps_ours: bool


def packed(texts: Texts) -> str:
    """Return what a form shows, as it carries it along."""
    return json.dumps({name: list(values) for name, values in texts.items()}, ensure_ascii=False)


def unpacked(text: str) -> dict[str, list[str]] | None:
    """Return what a form showed when it was opened; None when it does not say, or says nonsense."""
    try:
        found = json.loads(text)
        return {str(name): [str(each) for each in values] for name, values in found.items()}
    except (ValueError, AttributeError, TypeError):
        return None


def differing(base: Texts, typed: Texts, now: Texts, fields: Iterable[str]) -> list[Differing]:
    """Return the fields that somebody else changed since, unless the form says the same."""
    found = []
    for name in fields:
        opened, ours, theirs = (_plain(each.get(name, ())) for each in (base, typed, now))
        if theirs not in (opened, ours):
            found.append(Differing(name, tuple(theirs), tuple(ours), ours != opened))
    return found


def joined(typed: Texts, found: Iterable[Differing]) -> dict[str, list[str]]:
    """Return the form's texts, with the other's where its writer had changed nothing."""
    texts = {name: list(values) for name, values in typed.items()}
    return texts | {each.field: list(each.theirs) for each in found if not each.keeps_ours}


def _plain(values: Sequence[str]) -> list[str]:
    """Return values as they count: a box that is not ticked is sent by no browser."""
    told = [" ".join(each.split()) for each in values]
    return [each for each in told if each and each != "否"]
