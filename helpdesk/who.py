"""Who stands at the help desk, and what happened here last: a tap that came before, a sentence."""

from collections import OrderedDict
from typing import Any

from flask import current_app, g, session

from web.access import signed_in, with_role

ROLES = ("guide", "manager")
SAID = "helpdesk-said"
# A form that comes again (a double press, a retry, a reload) is answered, not done once more.
_MOST_TAPS = 500


def acting() -> Any:
    """Return the one whose name goes into the journal: a person before a key."""
    here = with_role(signed_in(), ROLES)
    return min(here, key=lambda each: each.kind != "person", default=g.principal)


def by() -> str:
    """Return who acts, as the journal writes it."""
    who = acting()
    return str(who.id) if who.kind == "person" else f"device:{who.id}"


def manages() -> bool:
    """Return whether a manager is here: they end the day."""
    return bool(with_role(signed_in(), ["manager"]))


def say(sentence: str) -> None:
    """Keep a sentence for the next page: what was just done."""
    session[SAID] = sentence


def said() -> str:
    """Return the sentence that was kept, once."""
    sentence: str = session.pop(SAID, "")
    return sentence


def done_before(tap: str) -> str | None:
    """Return what an act with this tap was answered, None for a new one."""
    return _taps().get(tap) if tap else None


def remember(tap: str, sentence: str) -> None:
    """Keep what an act was answered."""
    if tap:
        _taps()[tap] = sentence
        while len(_taps()) > _MOST_TAPS:
            _taps().popitem(last=False)


def _taps() -> "OrderedDict[str, str]":
    taps: OrderedDict[str, str] = current_app.extensions.setdefault("helpdesk-taps", OrderedDict())
    return taps
