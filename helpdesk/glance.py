"""The hall at a glance, made from what the desk lists; pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from helpdesk.initials import initials


def glance(
    services: Sequence[Mapping[str, Any]], windows: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the hall's figures and a row a service, those that need somebody first."""
    rows = [_row(each, windows) for each in services]
    longest = max((each["wait"] for each in rows if each["wait"] is not None), default=None)
    return {
        "waiting": sum(each["waiting"] for each in rows),
        "open": sum(each["state"] == "open" for each in windows),
        "windows": len(windows),
        "longest": longest,
        "unattended": sum(each["alarm"] for each in rows),
        "services": sorted(rows, key=lambda each: (not each["alarm"], -each["waiting"])),
    }


def _row(service: Mapping[str, Any], windows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    serving = [each for each in windows if service["code"] in each["services"]]
    is_open = sum(each["state"] == "open" for each in serving)
    waiting = service["waiting"]
    return {
        "code": service["code"],
        "name": service["name"],
        "prefix": service["prefix"],
        "words": f"{service['prefix']} {initials(service['name'])}".lower(),
        "waiting": waiting,
        "wait": service["expected_wait_minutes"] if waiting else None,
        "next_wait": service["expected_wait_minutes"],
        "open": is_open,
        "windows": len(serving),
        # somebody waits and nobody will call
        "alarm": bool(waiting) and not is_open,
        "closed": service["closed_reason"],
    }
