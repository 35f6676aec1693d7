"""Who manages: the signed-in person or key behind a manager's page, and what they may."""

from typing import Any

from flask import g, redirect, request, session
from werkzeug.wrappers import Response

from web.access import signed_in, with_role

SAID = "manager-said"


def is_administrator() -> bool:
    """Return whether an administrator is signed in here.

    A manager sees figures and keeps the hall and its devices; people, roles, passwords and the
    import (which brings people and roles along) are the administrator's.
    """
    return bool(with_role(signed_in(), ["administrator"]))


def acting() -> Any:
    """Return the one whose name goes into the journal: a person before a key."""
    here = with_role(signed_in(), ["manager"])
    return min(here, key=lambda each: each.kind != "person", default=g.principal)


def by() -> str:
    """Return who acts, as the journal writes it."""
    who = acting()
    return str(who.id) if who.kind == "person" else f"device:{who.id}"


def say(sentence: str) -> None:
    """Keep a sentence for the next page: what was just done."""
    session[SAID] = sentence


def frame(place: str) -> dict[str, Any]:
    """Return what every manager's page shows around its content."""
    return {
        "place": place,
        "signed_in_name": acting().name,
        "administrator": is_administrator(),
        "said": session.pop(SAID, ""),
    }


def see_other(address: str) -> Response:
    """Send the browser to another page after a POST, so that a reload repeats nothing."""
    return redirect(address, 303)


def given() -> dict[str, list[str]]:
    """Return the form as lists of texts."""
    return {name: request.form.getlist(name) for name in request.form}
