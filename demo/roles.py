"""Who plays in the made-up days: citizens, windows with their clerks, and the count of it all."""

from collections.abc import Callable
from dataclasses import dataclass

from hall.days import Instant


@dataclass(slots=True)
class Citizen:
    """Somebody with a ticket; who is ``gone`` will not come when called."""

    ticket: int
    service: str
    came_at: Instant
    gone: bool = False
    visit: int = 0


@dataclass(slots=True)
class Place:
    """A window as the simulation sees it, with its clerk's ways."""

    no: int
    services: tuple[str, ...]
    clerk: str
    pace: float  # 1.2 takes a fifth longer than usual
    kindness: float
    state: str = "closed"  # closed, paused, idle, waking (about to call) or busy
    leaves: Callable[[], None] | None = None  # what the clerk does when free
    citizen: Citizen | None = None
    idle_since: Instant = 0


@dataclass(slots=True)
class Counted:
    """What a made-up life came to."""

    tickets: int = 0
    visits: int = 0
    ratings: int = 0
    missed: int = 0
    cancelled: int = 0
    turned_away: int = 0
    days: int = 0
