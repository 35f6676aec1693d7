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


def missed_note(returns: str, within: int, places: int, language: str) -> str:
    """Return what a slip says about a missed call, by the hall's policy (queue-rules 7)."""
    english = language == "en"
    if returns == "void":
        return "please take a new number" if english else "过号作废，请重新取号"
    if returns == "help_desk":
        return "ask at the help desk" if english else "请到咨询台办理返回"
    if returns == "end_of_line":
        line = "the end of the line" if english else "排到队尾"
    else:
        line = f"{places} places later" if english else f"隔 {places} 位再叫"
    if english:
        return f"scan this slip at a kiosk within {within} min: {line}"
    return f"{within} 分钟内到取号机扫码返回，{line}"
