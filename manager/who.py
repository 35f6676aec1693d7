"""Who manages: the signed-in person or key behind a manager's page, and what they may."""

from typing import Any

from web import office
from web.access import signed_in, with_role
from web.office import given, say, see_other

__all__ = [
    "acting",
    "by",
    "frame",
    "given",
    "imports_hall",
    "keeps_hall",
    "keeps_people",
    "say",
    "see_other",
]


def keeps_hall() -> bool:
    """Return whether who is signed in here keeps the hall's data and its devices: a manager."""
    return bool(with_role(signed_in(), ["manager"]))


def imports_hall() -> bool:
    """Return whether who is signed in here may import a workbook: an administrator."""
    return bool(with_role(signed_in(), ["administrator"]))


def keeps_people() -> bool:
    """Return whether people, roles and passwords are kept by who is signed in here.

    They are the security administrator's; in the first days of a hall an administrator's too.
    """
    return bool(with_role(signed_in(), ["security"]))


def acting() -> Any:
    """Return the one whose name goes into the journal: a person before a key."""
    return office.acting("manager")


def by(role: str = "manager") -> str:
    """Return who acts with a role, as the journal writes it."""
    return office.by(role)


def frame(place: str) -> dict[str, Any]:
    """Return what every manager's page shows around its content."""
    if place == "people":
        return office.frame(place, ["security"])
    return office.frame(place, ["manager"])
