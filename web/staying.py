"""How long somebody who signed in stays in, and what counts as doing something; pure."""

from dataclasses import dataclass
from typing import Literal

from hall.days import HOUR, MINUTE, SECOND, Instant

# A clerk or a guide may wait long for the next citizen: a window has a lock of its own.
ENDS_WHEN_IDLE = frozenset(
    {
        "handler",
        "inspector",
        "leader",
        "manager",
        "administrator",
        "security",
        "audit",
    }
)
End = Literal["", "idle", "over"]


@dataclass(frozen=True, slots=True)
class Stay:
    """How long: ``idle`` ms without doing anything, ``most`` ms after signing in."""

    idle: int = 30 * MINUTE
    most: int = 12 * HOUR

    @classmethod
    def of(cls, idle_minutes: int, session_hours: int) -> "Stay":
        """Return what the settings say."""
        return cls(idle_minutes * MINUTE, session_hours * HOUR)


def end_of(role: str, since: Instant, acted: Instant, now: Instant, stay: Stay) -> End:
    """Return how a person's stay has ended: ``over``, ``idle``, or not (empty).

    ``since`` is the sign-in, ``acted`` when something was done last.
    """
    # who signed in later than now did so while the clock was ahead: once it is right, a sign-in of
    # next month would last until then; an hour back ends nobody's
    if now - since > stay.most or since - now > stay.most:
        return "over"
    if role in ENDS_WHEN_IDLE and now - acted > stay.idle:
        return "idle"
    return ""


def seconds_left(role: str, since: Instant, acted: Instant, now: Instant, stay: Stay) -> int:
    """Return in how many seconds the stay ends if nothing is done, at least 0."""
    ends = since + stay.most
    if role in ENDS_WHEN_IDLE:
        ends = min(ends, acted + stay.idle)
    return max(0, (ends - now) // SECOND)


def is_an_act(method: str, accept: str) -> bool:
    """Return whether a request is somebody's doing: a page opened or a form sent.

    What an open page asks again and again by itself is a GET for data, and none; so is a socket.
    """
    return method not in ("GET", "HEAD") or "text/html" in accept
