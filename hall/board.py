"""What a screen shows, made from what the hall holds; pure. A board is always whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from hall import days, line
from hall.catalogue import Catalogue, Service, Window
from hall.refusals import NotAllowed
from hall.services import not_attended


@dataclass(frozen=True, slots=True)
class Doing:
    """What a window is doing, as screens tell it."""

    state: str
    clerk: str | None
    pause_reason: str
    number: str | None
    serving: bool
    busy_since: days.Instant | None = None
    busy_with: str | None = None


CLOSED = Doing("closed", None, "", None, False)


@dataclass(frozen=True)
class Floor:
    """All of the hall that boards are made from, read at one moment (``rev``)."""

    rev: int
    day: str
    now: days.Instant
    waiting: Mapping[str, int]
    doing: Mapping[int, Doing]
    minutes: Mapping[str, float]
    closed: NotAllowed | None
    refused: Mapping[str, NotAllowed]
    shares: Mapping[str, Sequence[tuple[str, float]]]

    def any_open(self) -> bool:
        """Return whether some window is open or paused."""
        return any(doing.state != "closed" for doing in self.doing.values())

    def ahead(self, service: str, minutes: float) -> float:
        """Return how many visits of ``minutes`` come before a newcomer's.

        Who waits in a line beside counts with its share, and by how long such a visit takes.
        """
        beside = sum(
            share * waiting * self.minutes.get(other, minutes)
            for other, share in self.shares.get(service, ())
            if (waiting := self.waiting.get(other, 0))
        )
        return self.waiting.get(service, 0) + beside / minutes

    def of(self, no: int) -> Doing:
        """Return what a window is doing."""
        return self.doing.get(no, CLOSED)


@dataclass(frozen=True, slots=True)
class Shown:
    """A call as a screen shows it."""

    id: int
    number: str
    window: int
    at: days.Instant
    language: str
    recall: int
    state: str


def board(
    catalogue: Catalogue, floor: Floor, calls: Sequence[Shown], zone: str, hall_zone: ZoneInfo
) -> dict[str, Any]:
    """Return the board of a zone as the contract has it, newest call first."""
    return {
        "rev": floor.rev,
        "day": floor.day,
        "zone": zone,
        "now": days.iso(floor.now, hall_zone),
        "calls": [_call(catalogue, shown, hall_zone) for shown in calls],
        "windows": [_window(window, floor) for window in catalogue.windows_in.get(zone, ())],
        "services": [
            service_now(catalogue, service, floor, with_department=False)
            for service in catalogue.services_in.get(zone, ())
        ],
        "notices": _notices(catalogue, floor, zone),
    }


def _notices(catalogue: Catalogue, floor: Floor, zone: str) -> list[str]:
    """Return why the hall is closed, else the words of the zone's own or the hall's."""
    if floor.closed:
        return [floor.closed.message]
    own = catalogue.words("display_notice", zone)
    return [own] if own else []


def _call(catalogue: Catalogue, shown: Shown, hall_zone: ZoneInfo) -> dict[str, Any]:
    window = catalogue.window.get(shown.window)
    return {
        "id": shown.id,
        "number": shown.number,
        "window": shown.window,
        "window_name": window.shown_name if window else f"{shown.window}号窗口",
        "at": days.iso(shown.at, hall_zone),
        "language": shown.language,
        "recall": shown.recall,
        "state": shown.state,
    }


def _window(window: Window, floor: Floor) -> dict[str, Any]:
    doing = floor.of(window.no)
    return {
        "no": window.no,
        "name": window.shown_name,
        "state": _state(doing),
        "number": doing.number,
        "clerk": doing.clerk,
        "pause_reason": doing.pause_reason,
        "waiting": sum(floor.waiting.get(code, 0) for code in window.services),
    }


def _state(doing: Doing) -> str:
    if doing.number is not None and doing.state == "open":
        return "serving" if doing.serving else "called"
    return doing.state


def window_now(window: Window, floor: Floor) -> dict[str, Any]:
    """Return a window as the contract's list has it."""
    shown = _window(window, floor)
    return {
        "no": window.no,
        "name": window.shown_name,
        "zone": window.zone,
        "department": window.department,
        "state": floor.of(window.no).state,
        "clerk": shown["clerk"],
        "services": list(window.services),
        "number": shown["number"],
        "waiting": shown["waiting"],
        "pause_reason": shown["pause_reason"],
    }


def service_now(
    catalogue: Catalogue, service: Service, floor: Floor, *, with_department: bool = True
) -> dict[str, Any]:
    """Return a service as the contract's lists have it."""
    windows = [
        line.Attending(each.no, doing.state, doing.busy_since, doing.busy_with)
        for each in catalogue.windows_of[service.code]
        for doing in (floor.of(each.no),)
    ]
    refusal = (
        floor.closed
        or floor.refused.get(service.code)
        or not_attended(service, windows, floor.any_open)
    )
    waiting = floor.waiting.get(service.code, 0)
    shown: dict[str, Any] = {"code": service.code, "name": service.name}
    if with_department:
        department = catalogue.department.get(service.department)
        shown |= {
            "name_en": service.name_en,
            "prefix": service.prefix,
            "department": service.department,
            "department_name": department.name if department else service.department,
            "common": service.common,
            "closed_reason": refusal.message if refusal else "",
        }
    minutes = floor.minutes.get(service.code, float(service.usual_minutes))
    wait = line.expected_wait(
        floor.ahead(service.code, minutes),
        minutes,
        line.free_in(windows, lambda code: floor.minutes.get(code, minutes), floor.now),
    )
    shown |= {
        "waiting": waiting,
        "expected_wait_minutes": wait.minutes if wait else None,
        "expected_wait_range": [wait.least, wait.most] if wait else None,
        "open": refusal is None,
    }
    return shown
