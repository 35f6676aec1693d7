"""class Screens – what boards, lists and the clerk's page show, read at one moment."""

from typing import Any

from hall import board, days, line
from hall.board import Doing, Floor, Shown
from hall.config import Config
from hall.days import Clock
from hall.register import Register
from hall.services import hall_is_closed
from hall.store import Store
from hall.tickets import Visit
from hall.windows import known_window

LINE_SHOWN = 12
PACE_HOURS = 3
PACE_VISITS = 20
# Nobody sees the minute of an expected wait change within this time; asking again costs a query.
PACE_HOLDS = 30 * days.SECOND


class Pace:
    """How long a visit takes, by service; asked of the store at most every half minute."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._known: dict[str, tuple[days.Instant, float]] = {}

    def minutes(self, service: str, usual: float, now: days.Instant) -> float:
        """Return a service's length of a visit in minutes."""
        asked_at, minutes = self._known.get(service, (0, 0.0))
        if not asked_at or not 0 <= now - asked_at < PACE_HOLDS:
            recent = self.store.recent_minutes(service, now - PACE_HOURS * days.HOUR, PACE_VISITS)
            minutes = line.minutes_per_visit(recent, usual)
            self._known[service] = (now, minutes)
        return minutes


class Screens:
    """What is shown of the hall."""

    def __init__(self, store: Store, register: Register, config: Config, clock: Clock) -> None:
        self.store = store
        self.register = register
        self.config = config
        self.clock = clock
        self.zone = config.hall.zone
        self.pace = Pace(store)

    def floor(self) -> Floor:
        """Read all that boards are made from."""
        now = self.clock()
        store = self.store
        catalogue = self.register.catalogue()
        busy = {each[0]: each for each in store.active_visits()}
        doing = {}
        for no, window in store.windows_now().items():
            number, serving = (busy[no][2], busy[no][4] == "serving") if no in busy else ("", False)
            person = catalogue.person.get(window.clerk) if window.clerk else None
            doing[no] = Doing(
                window.state,
                person.name if person else None,
                window.pause_reason,
                number or None,
                serving,
            )
        return Floor(
            rev=store.last_seq(),
            day=days.business_day(now, self.zone, store.last_day()),
            now=now,
            waiting=store.waiting(),
            doing=doing,
            minutes={
                each.code: self.pace.minutes(each.code, each.usual_minutes, now)
                for each in catalogue.services
                if each.active
            },
            closed=hall_is_closed(self.config.hall.hours, now, self.zone),
        )

    def board(self, zone: str, floor: Floor | None = None) -> dict[str, Any]:
        """Return a zone's whole board."""
        floor = floor or self.floor()
        calls = self.store.calls_in_zone(zone, floor.day, self.config.queue.calls_shown)
        return board.board(
            self.register.catalogue(), floor, [Shown(*each) for each in calls], zone, self.zone
        )

    def windows_now(self) -> list[dict[str, Any]]:
        """Return all windows as the contract lists them."""
        catalogue, floor = self.register.catalogue(), self.floor()
        return [board.window_now(each, floor) for each in catalogue.windows if each.active]

    def services_now(self) -> list[dict[str, Any]]:
        """Return all services as the contract lists them."""
        catalogue, floor = self.register.catalogue(), self.floor()
        return [
            board.service_now(catalogue, each, floor) for each in catalogue.services if each.active
        ]

    def window_desk(self, no: int) -> dict[str, Any]:
        """Return what a window's clerk sees."""
        catalogue = self.register.catalogue()
        window = known_window(catalogue, no)
        now, store = self.clock(), self.store
        doing, visit = store.window_now(no), store.active_visit(no)
        person = catalogue.person.get(doing.clerk) if doing.clerk else None
        waiting = store.waiting()
        by_service = [
            {
                "service": code,
                "name": catalogue.service[code].name,
                "waiting": waiting.get(code, 0),
            }
            for code in window.services
            if code in catalogue.service
        ]
        return {
            "no": no,
            "name": window.shown_name,
            "zone": window.zone,
            "department": window.department,
            "state": doing.state,
            "clerk": None
            if person is None
            else {"staff_number": person.staff_number, "name": person.name, "post": person.post},
            "pause_reason": doing.pause_reason,
            "since": days.iso(doing.since, self.zone) if doing.since else None,
            "active": self._active(visit) if visit else None,
            "waiting_total": sum(each["waiting"] for each in by_service),
            "waiting": by_service,
            "line": [
                {
                    "ticket": each.id,
                    "number": each.number,
                    "service_name": catalogue.service[each.service].name,
                    "taken_at": days.iso(each.taken_at, self.zone),
                    "waited_minutes": max(0, now - each.taken_at) // days.MINUTE,
                }
                for each in store.line_of_window(no, LINE_SHOWN)
            ],
            "rev": store.last_seq(),
            "now": days.iso(now, self.zone),
        }

    def _active(self, visit: Visit) -> dict[str, Any]:
        ticket = self.store.ticket(visit.ticket)
        assert ticket is not None
        return {
            "ticket": ticket.id,
            "call": visit.id,
            "visit": visit.id,
            "number": ticket.number,
            "service": visit.service,
            "service_name": self.register.catalogue().service[visit.service].name,
            "state": visit.state.value,
            "called_at": days.iso(visit.called_at, self.zone),
            "started_at": days.iso(visit.started_at, self.zone) if visit.started_at else None,
            "recalls": visit.recalls,
            "recalls_left": max(0, self.config.queue.recalls_most - visit.recalls),
        }
