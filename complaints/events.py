"""What has happened to complaints, in the past tense; frozen."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from complaints.life import STATES, Complaint, State
from complaints.words import limit_said
from hall.catalogue import Catalogue
from hall.days import Instant
from hall.events import Event

RED = "complaint.red"


@dataclass(frozen=True, slots=True)
class ComplaintEvent(Event):
    """Something that happened to a complaint."""

    complaint: Complaint


@dataclass(frozen=True, slots=True)
class ComplaintRegistered(ComplaintEvent):
    """A complaint came in."""


@dataclass(frozen=True, slots=True)
class ComplaintAssigned(ComplaintEvent):
    """A unit has it now."""


@dataclass(frozen=True, slots=True)
class ComplaintAccepted(ComplaintEvent):
    """Somebody of the unit works on it."""


@dataclass(frozen=True, slots=True)
class ComplaintExtended(ComplaintEvent):
    """Its limit was moved, once."""


@dataclass(frozen=True, slots=True)
class ComplaintReplied(ComplaintEvent):
    """The unit has answered."""


@dataclass(frozen=True, slots=True)
class ComplaintWithdrawn(ComplaintEvent):
    """Who complained has taken it back."""


@dataclass(frozen=True, slots=True)
class ComplaintClosed(ComplaintEvent):
    """Nothing is to be done any more."""


@dataclass(frozen=True, slots=True)
class ComplaintRed(ComplaintEvent):
    """A limit of it has passed."""

    limit: Instant


def red_data(event: ComplaintRed, catalogue: Catalogue, zone: ZoneInfo) -> dict[str, Any]:
    """Return what receivers learn of a passed limit: nothing of who complained, nor of what."""
    about = event.complaint
    unit = catalogue.department.get(about.unit or "")
    accepting = about.state is not State.ACCEPTED and event.limit == about.accept_due_at
    return {
        "complaint": about.id,
        "number": about.number,
        "unit": about.unit,
        "unit_name": unit.name if unit else "尚未分派",
        "state": about.state.value,
        "state_name": STATES[about.state],
        "limit": limit_said(event.limit, zone),
        "limit_name": "受理" if accepting else "回复",
    }
