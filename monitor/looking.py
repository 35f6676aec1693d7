"""class Looking – reads the whole hall at one moment: lines, windows, figures, machines, limits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hall import board, days
from hall.board import Floor
from hall.calendar import Calendar, Span
from hall.catalogue import Catalogue, Service, Window
from hall.days import HOUR, MINUTE, Instant
from hall.desk import Desk
from hall.register import Register
from hall.store import Store
from hall.windows import WindowNow
from monitor.facts_store import Facts
from monitor.sight import Device, Figures, Limit, Line, Place, Sight, minutes_of

Devices = Callable[[], Sequence[Device]]
Limits = Callable[[], Sequence[Limit]]
# Limits are hours and days; all open complaints are read to tell which are near.
LIMITS_MINUTES = 5


@dataclass(frozen=True, slots=True)
class Moment:
    """What every line and window of one look is read with; ``today`` is when the day began."""

    catalogue: Catalogue
    floor: Floor
    calendar: Calendar
    now: Instant
    today: Instant
    span: Span | None


Busy = tuple[str, str, int, str, Instant]


class Looking:
    """Whoever looks at the hall; what changes slowly is read once a minute."""

    def __init__(self, store: Store, register: Register, desk: Desk) -> None:
        self.store = store
        self.register = register
        self.desk = desk
        self.facts = Facts(store)
        self._devices: Devices = tuple
        self._limits: Limits = tuple
        self._figures: tuple[int, Figures] = (-1, Figures())
        self._near: tuple[int, Sequence[Limit]] = (-1, ())

    def ask(self, devices: Devices, limits: Limits) -> None:
        """Let others tell of machines and of limits, which this room knows nothing about."""
        self._devices, self._limits = devices, limits

    def look(self, now: Instant) -> Sight:
        """Return the hall as it is now."""
        # asked outside: the printers' line may make who asks wait, and others would write meanwhile
        devices, limits = tuple(self._devices()), tuple(self._limits_now(now))
        with self.store.at_one_moment():
            at = self._moment(now)
            return Sight(
                now=now,
                is_open=at.floor.closed is None,
                lines=tuple(self._lines(at)),
                places=tuple(self._places(at)),
                figures=self._figures_now(at),
                devices=devices,
                limits=limits,
            )

    def _moment(self, now: Instant) -> Moment:
        calendar, zone = self.desk.calendar(), self.desk.zone
        return Moment(
            catalogue=self.register.catalogue(),
            floor=self.desk.screens.floor(),
            calendar=calendar,
            now=now,
            today=days.first_instant(days.day_of(now, zone), zone),
            span=calendar.open_at(now),
        )

    def _figures_now(self, at: Moment) -> Figures:
        minute = at.now // MINUTE
        if self._figures[0] != minute:
            windows = [each.no for each in at.catalogue.windows if each.active]
            figures = Figures(
                missed=self.facts.missed(at.now - HOUR),
                priority=self.facts.priority(at.today),
                unrated=self.facts.unrated(windows, at.now),
                quick=self.facts.quick(at.today),
            )
            self._figures = (minute, figures)
        return self._figures[1]

    def _limits_now(self, now: Instant) -> Sequence[Limit]:
        part = now // (LIMITS_MINUTES * MINUTE)
        if self._near[0] != part:
            self._near = (part, self._limits())
        return self._near[1]

    # -- lines ----------------------------------------------------------------------------------

    def _lines(self, at: Moment) -> list[Line]:
        waiting = {each[0]: each[1:] for each in self.facts.waiting()}
        return [
            _line(each, at, *waiting.get(each.code, (0, at.now, None, "")))
            for each in at.catalogue.services
            if each.active or each.code in waiting
        ]

    # -- windows --------------------------------------------------------------------------------

    def _places(self, at: Moment) -> list[Place]:
        states, ends = self.store.windows_now(), self.facts.last_ends()
        busy: dict[int, Busy] = {each[0]: each[1:] for each in self.facts.busy()}
        return [
            _place(
                each,
                at,
                states.get(each.no) or WindowNow(each.no, "closed", None, "", 0),
                busy.get(each.no),
                ends.get(each.no, 0),
            )
            for each in at.catalogue.windows
            if each.active
        ]


def _line(
    service: Service, at: Moment, waiting: int, since: Instant, ticket: int | None, number: str
) -> Line:
    """Return a service's line; how long a newcomer waits is reckoned only where somebody does."""
    told = (
        board.service_now(at.catalogue, service, at.floor, with_department=False)
        if waiting
        else {"expected_wait_minutes": None}
    )
    return Line(
        code=service.code,
        name=service.name,
        department=service.department,
        waiting=waiting,
        longest=minutes_of(at.calendar.open_between(since, at.now)),
        target=service.target_minutes,
        pace=at.floor.minutes.get(service.code, float(service.usual_minutes)),
        expected=told["expected_wait_minutes"],
        first=ticket,
        number=number,
        zone=next(iter(at.catalogue.zones_of.get(service.code, ())), ""),
    )


def _place(
    window: Window, at: Moment, is_now: WindowNow, busy: Busy | None, ended: Instant
) -> Place:
    state, since = is_now.state, is_now.since
    if state == "open":
        state, since = (busy[0], busy[4]) if busy else (state, max(since, ended))
    service = at.catalogue.service.get(busy[1]) if busy else None
    person = at.catalogue.person.get(is_now.clerk or "")
    return Place(
        no=window.no,
        name=f"{window.no}号窗口",
        zone=window.zone,
        department=window.department,
        state=state,
        minutes=_minutes(state, since, at),
        since=since or None,
        services=tuple(each for each in window.services if each in at.catalogue.service),
        clerk=person.name if person else "",
        number=busy[3] if busy else "",
        ticket=busy[2] if busy else None,
        service=service.code if service else None,
        service_name=service.name if service else "",
        usual=at.floor.minutes.get(service.code, float(service.usual_minutes)) if service else 0,
        reason=is_now.pause_reason,
        staffed=_is_staffed(window, at, is_now),
    )


def _minutes(state: str, since: Instant, at: Moment) -> int:
    if state == "closed":  # after lunch a window is late from when the hall opened again
        return minutes_of(at.now - max(since, at.span[0])) if at.span else 0
    begins = max(since, at.today)
    if at.span and begins >= at.span[0]:
        return minutes_of(at.now - begins)
    return minutes_of(at.calendar.open_between(begins, at.now))


def _is_staffed(window: Window, at: Moment, is_now: WindowNow) -> bool:
    """Return whether somebody should sit there: its clerk, or whoever opened it today.

    A hall that never closes works in shifts: there only what was opened today is missed.
    """
    serves = any(each not in at.floor.refused for each in window.services)
    has_clerk = window.no in at.catalogue.clerk_of and not at.calendar.rules.always_open
    return serves and (has_clerk or is_now.since >= at.today)
