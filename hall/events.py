"""What has happened, in the past tense; frozen. ``seq`` is the row of the journal."""

from dataclasses import dataclass

from hall.days import Instant
from hall.tickets import Ticket


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: when, as which row of the journal, and for which zones' screens."""

    seq: int
    at: Instant
    zones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TicketEvent(Event):
    """Something that happened to a ticket."""

    ticket: Ticket


@dataclass(frozen=True, slots=True)
class TicketTaken(TicketEvent):
    """A citizen took a ticket."""


@dataclass(frozen=True, slots=True)
class AtWindow(TicketEvent):
    """Something that happened to a ticket at a window."""

    window: int
    visit: int


@dataclass(frozen=True, slots=True)
class TicketCalled(AtWindow):
    """A ticket was asked to a window."""

    call: int


@dataclass(frozen=True, slots=True)
class CallRepeated(AtWindow):
    """A call was repeated; ``recall`` counts from 1."""

    call: int
    recall: int


@dataclass(frozen=True, slots=True)
class ServiceStarted(AtWindow):
    """The citizen stands at the window."""


@dataclass(frozen=True, slots=True)
class ServiceFinished(AtWindow):
    """A service ended with an outcome."""

    clerk: str | None
    outcome: str


@dataclass(frozen=True, slots=True)
class TicketMissed(AtWindow):
    """Nobody came."""


@dataclass(frozen=True, slots=True)
class TicketCancelled(TicketEvent):
    """The citizen gave the ticket back."""


@dataclass(frozen=True, slots=True)
class TicketExpired(TicketEvent):
    """The business day ended before the ticket did."""


@dataclass(frozen=True, slots=True)
class WindowChanged(Event):
    """A window opened, paused or closed."""

    window: int


@dataclass(frozen=True, slots=True)
class CatalogueChanged(Event):
    """The hall itself was edited."""


@dataclass(frozen=True, slots=True)
class SlipNoted(TicketEvent):
    """What became of a ticket's slip: ``printed`` or ``failed`` with the trouble."""

    outcome: str
    detail: str


@dataclass(frozen=True, slots=True)
class TicketReturned(TicketEvent):
    """Who was missed or held has come back and waits again."""


@dataclass(frozen=True, slots=True)
class TicketMoved(TicketEvent):
    """The help desk changed a ticket: another line, a priority class, a pin."""


@dataclass(frozen=True, slots=True)
class TicketTransferred(AtWindow):
    """A window sent a ticket on, to another service or window; the ticket waits again."""


@dataclass(frozen=True, slots=True)
class ServiceHeld(AtWindow):
    """A service that began was laid aside."""


@dataclass(frozen=True, slots=True)
class ServiceResumed(AtWindow):
    """A held service goes on."""


@dataclass(frozen=True, slots=True)
class StepUndone(AtWindow):
    """A clerk took the last step back."""


@dataclass(frozen=True, slots=True)
class DayEnded(Event):
    """The business day has ended."""

    day: str
