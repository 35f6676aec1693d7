"""Who manages: the signed-in person or key behind a manager's page, and what they may."""

from typing import Any

from web import office
from web.access import signed_in, with_role
from web.office import given, say, see_other

__all__ = ["acting", "by", "frame", "given", "is_administrator", "say", "see_other"]


def is_administrator() -> bool:
    """Return whether an administrator is signed in here.

    A manager sees figures and keeps the hall and its devices; people, roles, passwords and the
    import (which brings people and roles along) are the administrator's.
    """
    return bool(with_role(signed_in(), ["administrator"]))


def acting() -> Any:
    """Return the one whose name goes into the journal: a person before a key."""
    return office.acting("manager")


def by() -> str:
    """Return who acts, as the journal writes it."""
    return office.by("manager")


def frame(place: str) -> dict[str, Any]:
    """Return what every manager's page shows around its content."""
    return {**office.frame(place, ["manager"]), "administrator": is_administrator()}
