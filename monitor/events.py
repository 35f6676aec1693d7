"""What has happened to alarms, in the past tense; frozen."""

from dataclasses import dataclass
from typing import Any

from hall.catalogue import Catalogue
from hall.events import Event
from monitor.course import Alarm
from monitor.rules import KINDS

ESCALATED = "alarm.escalated"


@dataclass(frozen=True, slots=True)
class AlarmEvent(Event):
    """Something that happened to an alarm."""

    alarm: Alarm


@dataclass(frozen=True, slots=True)
class AlarmOpened(AlarmEvent):
    """Something reached a rule."""


@dataclass(frozen=True, slots=True)
class AlarmReddened(AlarmEvent):
    """A yellow alarm has turned red."""


@dataclass(frozen=True, slots=True)
class AlarmEscalated(AlarmEvent):
    """Nobody acknowledged a red alarm in time: the leaders are told."""


@dataclass(frozen=True, slots=True)
class AlarmAcknowledged(AlarmEvent):
    """Somebody knows of an alarm and said what is done."""


@dataclass(frozen=True, slots=True)
class AlarmCleared(AlarmEvent):
    """What an alarm was about is over."""


def escalated_data(event: AlarmEvent, catalogue: Catalogue) -> dict[str, Any]:
    """Return what receivers learn of an escalated alarm: nothing of any person."""
    alarm = event.alarm
    window = catalogue.window.get(alarm.window or 0)
    service = catalogue.service.get(alarm.service or "")
    unit = catalogue.department.get(alarm.department)
    return {
        "alarm": alarm.id,
        "kind": alarm.kind.value,
        "kind_name": KINDS[alarm.kind].name,
        "level": alarm.level.value,
        "said": alarm.said,
        "window": alarm.window,
        "window_name": window.shown_name if window else "",
        "service": alarm.service,
        "service_name": service.name if service else "",
        "unit": alarm.department,
        "unit_name": unit.name if unit else "",
    }
