"""What has happened to complaints, in the past tense; frozen."""

from dataclasses import dataclass

from complaints.rules import Complaint
from hall.events import Event


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
