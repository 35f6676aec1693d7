"""What the staff's pages of the ranking are made of: a version in words, what is still missing."""

from collections.abc import Iterable
from typing import Any

from hall import days
from hall.catalogue import Catalogue
from hall.days import Instant
from ranking import counting, frozen, life, rules
from ranking.life import Ranking
from ranking.rankings import Rankings
from ranking.rules import Facts, Terms
from web.access import signed_in, with_role

DIFFERENCES_SHOWN = 12


def may() -> dict[str, bool]:
    """Return what somebody of this browser may do."""
    here = signed_in()
    return {role: bool(with_role(here, (role,))) for role in ("inspector", "leader", "manager")}


def preview(facts: Iterable[Facts], terms: Terms) -> dict[str, Any]:
    """Return a month as today's records give it, as the text of a version has it."""
    return {
        "terms": {part.value: terms.weight(part) for part in rules.Part}
        | {
            "complaint_costs": terms.complaint_costs,
            "least_services": terms.least_services,
            "least_ratings": terms.least_ratings,
        },
        "classes": frozen.tables(rules.classes(facts, terms), terms),
    }


def told(content: dict[str, Any] | None, today: Iterable[Facts]) -> dict[str, Any]:
    """Return where today's records tell otherwise than a frozen version, the first of them."""
    found = frozen.differences(content, today) if content else []
    return {
        "count": len(found),
        "windows": len({each.window for each in found}),
        "first": [each.words for each in found[:DIFFERENCES_SHOWN]],
    }


def when(at: Instant | None, room: Rankings) -> str:
    """Return an instant as pages say it: 2026-11-20 10:05."""
    return f"{days.local(at, room.zone):%Y-%m-%d %H:%M}" if at is not None else ""


def name_of(who: str, catalogue: Catalogue) -> str:
    """Return who acted."""
    person = catalogue.person.get(who)
    return person.name if person else "大厅管理端" if who else ""


def row(ranking: Ranking, room: Rankings) -> dict[str, Any]:
    """Return a version as lists show it."""
    return {
        "month": ranking.month,
        "version": ranking.version,
        "words": ranking.words,
        "reason": ranking.reason,
        "published": when(ranking.published_at, room),
        "address": f"/ranking/{ranking.month}/v{ranking.version}",
    }


def whole(ranking: Ranking, room: Rankings, catalogue: Catalogue) -> dict[str, Any]:
    """Return a version with who did what."""
    steps = room.steps(ranking)
    return row(ranking, room) | {
        "id": ranking.id,
        "state": ranking.state.value,
        "state_words": life.IN_CHINESE[ranking.state],
        "seal": ranking.seal,
        "drafted_by": name_of(ranking.drafted_by, catalogue),
        "drafted": when(ranking.drafted_at, room),
        "signed_by": name_of(ranking.signed_by, catalogue),
        "signed": when(ranking.signed_at, room),
        "published_by": name_of(ranking.published_by, catalogue),
        "last_note": steps[-1].note if steps else "",
        "last_by": name_of(steps[-1].who, catalogue) if steps else "",
    }


def missing(room: Rankings, month: str, today: Iterable[Facts]) -> dict[str, int]:
    """Return what inspectors have still to write before a month is drafted."""
    return {
        "points": sum(each.given is None for each in today),
        "concerns": sum(each.found_at is None for each in room.concerns(month)),
    }


def windows(room: Rankings, month: str, catalogue: Catalogue) -> list[dict[str, Any]]:
    """Return the windows with what was given to each."""
    given = room.points(month)
    return [
        {
            "no": each.no,
            "name": counting.name_of(each),
            "unit": _unit(each.department, catalogue),
            "category": each.category or rules.WITHOUT_CLASS,
            "points": f"{found.given / 10:g}" if (found := given.get(each.no)) else "",
            "of": found.given_of if found else "",
            "words": found.words if found else "",
            "by": name_of(found.who, catalogue) if found else "",
            "at": when(found.at, room)[5:] if found else "",
        }
        for each in sorted(catalogue.windows, key=lambda each: each.no)
        if each.active or each.no in given
    ]


def concerns(room: Rankings, month: str, catalogue: Catalogue) -> list[dict[str, Any]]:
    """Return the complaints of a month with what was found of each, or a suggestion."""
    return [
        {
            "id": each.complaint,
            "number": f"TS{each.complaint:06d}",
            "title": each.title,
            "unit": _unit(each.unit, catalogue) if each.unit else "尚未分派",
            "accused": each.accused,
            "at": when(each.at, room)[5:],
            "found": each.found_at is not None,
            "window": each.window
            if each.found_at is not None
            else counting.suggested(each, catalogue),
            "window_name": _window(each.window, catalogue),
            "words": each.words,
            "by": name_of(each.found_by, catalogue),
        }
        for each in room.concerns(month)
    ]


def choices(catalogue: Catalogue) -> list[tuple[int, str]]:
    """Return the windows to choose from."""
    ordered = sorted(catalogue.windows, key=lambda each: each.no)
    return [(each.no, counting.name_of(each)) for each in ordered]


def _window(no: int | None, catalogue: Catalogue) -> str:
    window = catalogue.window.get(no or 0)
    return counting.name_of(window) if window else ""


def _unit(code: str, catalogue: Catalogue) -> str:
    unit = catalogue.department.get(code)
    return unit.name if unit else code
