"""Limits that passed and alarms nobody took: what rooms that know no outbox say through it."""

from collections.abc import Callable
from typing import Any

import complaints.events
from cases.events import RED, CaseRed, red_data
from complaints.late import Late
from hall.days import Instant
from hall.events import Event
from monitor.events import ESCALATED, AlarmEscalated, escalated_data
from web.current import Rooms

Tell = Callable[[str, int, Instant, dict[str, Any]], None]


def hear_of_limits(tell: Tell, rooms: Rooms, late: Late) -> None:
    """Let ``tell`` write down, in the event's transaction, what leaders and webhooks must know."""

    def hear(event: Event) -> None:
        catalogue = rooms.register.catalogue
        match event:
            case CaseRed():
                tell(RED, event.seq, event.at, red_data(event, catalogue()))
            case complaints.events.ComplaintRed():
                data = complaints.events.red_data(event, catalogue(), rooms.desk.zone)
                tell(complaints.events.RED, event.seq, event.at, data)
            case AlarmEscalated():
                tell(ESCALATED, event.seq, event.at, escalated_data(event, catalogue()))

    for room in (rooms.cases, late, rooms.monitor):
        room.along(hear)
