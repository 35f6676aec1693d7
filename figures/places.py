"""Which rows a table has and what they are called; pure.

Everything in use has a row, at zero too; what is retired has one when something was counted.
"""

from collections.abc import Iterable, Sequence

from figures.columns import Within
from hall.catalogue import Catalogue, Window

HALL = "全大厅"


def in_use(by: str, catalogue: Catalogue, within: Within = ()) -> list[str]:
    """Return the keys that have a row even when nothing was counted."""
    filters = dict(within)
    match by:
        case "hall":
            return [""]
        case "window":
            return [str(each.no) for each in windows(catalogue, within) if each.active]
        case "clerk":
            people = (each for each in catalogue.people if each.active and each.role == "clerk")
            own = filters.get("department")
            alone = set(filters) - {"department"}
            return (
                []
                if alone
                else [each.staff_number for each in people if own in (None, each.department)]
            )
        case "service":
            return [
                each.code
                for each in catalogue.services
                if each.active and _fits(each.department, each.code, catalogue, within)
            ]
        case "department":
            return [] if filters else [each.code for each in catalogue.departments]
    return [] if filters else [each.code for each in catalogue.zones]


def windows(catalogue: Catalogue, within: Within = ()) -> Sequence[Window]:
    """Return the windows that lie within a department, a zone or a window."""
    filters = dict(within)
    return [
        each
        for each in catalogue.windows
        if filters.get("department") in (None, each.department)
        and filters.get("zone") in (None, each.zone)
        and filters.get("window") in (None, str(each.no))
        and (filters.get("service") is None or filters["service"] in each.services)
    ]


def _fits(department: str, service: str, catalogue: Catalogue, within: Within) -> bool:
    filters = dict(within)
    if filters.get("department") not in (None, department) or "clerk" in filters:
        return False
    if not {"window", "zone"} & set(filters):
        return True
    there = [(scope, key) for scope, key in within if scope in ("window", "zone")]
    return any(service in each.services for each in windows(catalogue, there))


def in_order(by: str, keys: Iterable[str], catalogue: Catalogue) -> list[str]:
    """Return keys in the order of the catalogue, strangers at the end."""
    order = {key: place for place, key in enumerate(catalogue.keys(by))}
    return sorted(keys, key=lambda key: (order.get(key, len(order)), key))


def name(by: str, key: str, catalogue: Catalogue) -> str:
    """Return what a row is called."""
    match by:
        case "hall":
            return HALL
        case "window":
            window = catalogue.window.get(int(key)) if key.isdecimal() else None
            return window.numbered_name if window else f"{key}号窗口"
        case "clerk":
            person = catalogue.person.get(key)
            return person.name if person else key or "未登录"
        case "service":
            service = catalogue.service.get(key)
            return service.name if service else key
        case "department":
            department = catalogue.department.get(key)
            return department.name if department else key or "尚未分派"
    zone = catalogue.zone.get(key)
    return zone.name if zone else key
