"""What a kiosk offers, made from what the desk lists; pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from hall.catalogue import Catalogue
from hall.refusals import NotAllowed

SHOWN = (
    "code",
    "name",
    "name_en",
    "prefix",
    "open",
    "closed_reason",
    "waiting",
    "expected_wait_minutes",
    "expected_wait_range",
)


def menu(
    catalogue: Catalogue, services: Iterable[Mapping[str, Any]], closed: NotAllowed | None
) -> dict[str, Any]:
    """Return the common services and the departments that have any, each in the hall's order."""
    common = []
    by_department: dict[str, list[dict[str, Any]]] = {}
    for service in services:
        shown = {key: service[key] for key in SHOWN}
        by_department.setdefault(service["department"], []).append(shown)
        if service["common"]:
            common.append(shown)
    return {
        "open": closed is None,
        "message": closed.message if closed else "",
        "common": common,
        "departments": [
            {
                "code": department.code,
                "name": department.name,
                "name_en": department.name_en,
                "services": by_department[department.code],
            }
            for department in catalogue.departments
            if department.code in by_department
        ],
    }
