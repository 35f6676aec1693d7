"""Whose turn it is, and how long the others will wait; pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hall.tickets import Ticket

# A recent pace tells more than the catalogue's usual one, but three visits are still chance.
VISITS_FOR_A_PACE = 5


def next_in_line(first_in_lines: Sequence[Ticket]) -> Ticket | None:
    """Return who is called next of those that stand first in a window's lines: who came first."""
    return min(first_in_lines, key=lambda ticket: ticket.id, default=None)


@dataclass(frozen=True, slots=True)
class Attendance:
    """How a service is attended now: its open windows, and those of them that are idle."""

    open_windows: int
    idle_windows: int


def attendance(windows: Sequence[tuple[int, str, bool]]) -> Attendance:
    """Count the open and idle windows among (number, state, busy)."""
    is_open = [busy for _, state, busy in windows if state == "open"]
    return Attendance(len(is_open), is_open.count(False))


def minutes_per_visit(recent: Sequence[float], usual: float) -> float:
    """Return a service's length of a visit in minutes: its recent mean, leaning on the usual one.

    With few recent visits the usual length stands in for the missing ones.
    """
    missing = max(0, VISITS_FOR_A_PACE - len(recent))
    return (sum(recent) + missing * usual) / (len(recent) + missing)


def expected_wait(people_ahead: int, minutes: float, windows: Attendance) -> int | None:
    """Return the expected wait in whole minutes; None while no window is open for the service.

    An idle window takes whoever is next at once; otherwise everybody ahead and the citizen need a
    window to become free, and ``open_windows`` become free ``open_windows`` times as often.
    """
    if not windows.open_windows:
        return None
    if people_ahead < windows.idle_windows:
        return 0
    in_line = people_ahead - windows.idle_windows + 1
    return math.ceil(in_line * minutes / windows.open_windows)
