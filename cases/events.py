"""What has happened to the cases of bad ratings, in the past tense; frozen."""

from dataclasses import dataclass
from typing import Any

from cases.life import IN_CHINESE, Case, Verb
from hall.catalogue import Catalogue
from hall.events import Event

RED = "case.red"


@dataclass(frozen=True, slots=True)
class CaseEvent(Event):
    """Something that happened to a case."""

    case: Case


@dataclass(frozen=True, slots=True)
class CaseMoved(CaseEvent):
    """Something was done with a case."""

    verb: Verb


@dataclass(frozen=True, slots=True)
class CaseRed(CaseEvent):
    """A limit of a case has passed."""


def red_data(event: CaseRed, catalogue: Catalogue) -> dict[str, Any]:
    """Return what receivers learn of a passed limit: nothing of the rater, nothing of the clerk."""
    case = event.case
    window, unit = catalogue.window.get(case.window), catalogue.department.get(case.unit)
    return {
        "case": case.id,
        "rating": case.rating,
        "number": case.number,
        "service": case.service,
        "service_name": catalogue.service[case.service].name,
        "window": case.window,
        "window_name": window.shown_name if window else str(case.window),
        "unit": case.unit,
        "unit_name": unit.name if unit else case.unit,
        "state": case.state.value,
        "state_name": IN_CHINESE[case.state],
    }
