"""What is seen of the hall at one moment; pure.

Minutes are minutes of open time where the hall was closed in between.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hall import days
from hall.days import Instant


@dataclass(frozen=True, slots=True)
class Line:
    """Who waits for a service; ``longest`` is in minutes, ``first`` the ticket that waits so long.

    ``expected`` is what a newcomer is told, None while no window is open for the service.
    """

    code: str
    name: str
    department: str
    waiting: int
    longest: int
    target: int
    pace: float
    expected: int | None = None
    first: int | None = None
    number: str = ""
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A window: ``state`` closed, open, paused, called or serving, ``minutes`` since that began.

    ``staffed``: somebody should sit there. ``usual`` is how long its visit usually takes.
    """

    no: int
    name: str
    zone: str
    department: str
    state: str
    minutes: int
    since: Instant | None = None
    services: tuple[str, ...] = ()
    clerk: str = ""
    number: str = ""
    ticket: int | None = None
    service: str | None = None
    service_name: str = ""
    usual: float = 0.0
    reason: str = ""
    staffed: bool = True

    @property
    def is_idle(self) -> bool:
        """Whether a clerk sits there and nobody stands before them."""
        return self.state == "open"


@dataclass(frozen=True, slots=True)
class Device:
    """A machine with a key: ``silent`` minutes without a word; how its printer is, if any."""

    id: int
    role: str
    name: str
    silent: int
    window: int | None = None
    printer: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """A case or complaint whose limit is near, or has passed."""

    subject: str
    name: str
    department: str
    passed: bool
    window: int | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of the hour and of the day, which change slowly.

    ``missed``: misses and ended calls of the last hour by service. ``priority``: tickets with a
    priority, and all, of the day. ``unrated``: services in a row without a rating by window;
    ``quick``: the seconds after the end of the newest ratings by window, the newest first.
    """

    missed: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    priority: tuple[int, int] = (0, 0)
    unrated: Mapping[int, int] = field(default_factory=dict)
    quick: Mapping[int, Sequence[float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Sight:
    """The hall at one moment; ``is_open`` is whether it serves now."""

    now: Instant
    is_open: bool
    lines: tuple[Line, ...] = ()
    places: tuple[Place, ...] = ()
    figures: Figures = field(default_factory=Figures)
    devices: tuple[Device, ...] = ()
    limits: tuple[Limit, ...] = ()


def minutes_of(milliseconds: Instant) -> int:
    """Return whole minutes, never fewer than none."""
    return max(0, milliseconds) // days.MINUTE
