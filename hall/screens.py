"""class Screens – what boards, lists and the clerk's page show, read at one moment."""

from typing import Any

from hall import board, days, line, undo
from hall.board import Doing, Floor, Shown
from hall.calendar import Calendar
from hall.catalogue import Catalogue, Service
from hall.config import Config
from hall.days import Clock
from hall.line import AtWindow, InLine
from hall.priorities import CLASSES
from hall.register import Register
from hall.services import hall_is_closed, service_is_closed
from hall.store import Store
from hall.tickets import Hold, Ticket, Visit
from hall.windows import known_window

LINE_SHOWN = 12
PACE_HOURS = 3
PACE_VISITS = 20
# What counts as recent moves on in steps, so that it need not be asked at every tap.
PACE_STEP = 30 * days.SECOND


class Pace:
    """How long a visit takes, by service; asked again when one ended, and every half minute."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._others = 0
        self._known: dict[str, tuple[int, float]] = {}

    def minutes(self, service: str, usual: float, now: days.Instant) -> float:
        """Return a service's length of a visit in minutes."""
        others, _ = self.store.version()
        if others != self._others:  # another process has written
            self._known.clear()
            self._others = others
        step = now // PACE_STEP
        asked_in, minutes = self._known.get(service, (-1, 0.0))
        if asked_in != step:
            since = step * PACE_STEP - PACE_HOURS * days.HOUR
            minutes = line.minutes_per_visit(
                self.store.recent_minutes(service, since, PACE_VISITS), usual
            )
            self._known[service] = (step, minutes)
        return minutes

    def forget(self, service: str) -> None:
        """Ask again: a visit for this service has just ended."""
        self._known.pop(service, None)


class Shares:
    """Which other lines are served at a service's windows, and how much of each falls there.

    Asked of the store again when a window opened, paused or closed.
    """

    def __init__(self, store: Store, register: Register) -> None:
        self.store = store
        self.register = register
        self._others = 0
        self._catalogue: object = None
        self._windows: dict[str, list[int]] = {}
        self._served: dict[int, tuple[str, ...]] = {}
        self._known: dict[str, tuple[tuple[str, float], ...]] = {}

    def of(self, service: str) -> tuple[tuple[str, float], ...]:
        """Return the other services at a service's open windows, each with its share."""
        catalogue, (others, _) = self.register.catalogue(), self.store.version()
        if catalogue is not self._catalogue or others != self._others:
            self.forget()
            self._catalogue, self._others = catalogue, others
        if not self._windows:
            self._look(catalogue)
        if service not in self._known:
            self._known[service] = line.shares(service, self._windows, self._served)
        return self._known[service]

    def _look(self, catalogue: Catalogue) -> None:
        states = self.store.windows_now()
        is_open = {no for no, window in states.items() if window.state == "open"}
        self._windows = {
            code: [each.no for each in windows if each.no in is_open]
            for code, windows in catalogue.windows_of.items()
        }
        self._served = {each.no: each.services for each in catalogue.windows if each.no in is_open}

    def all(self) -> dict[str, tuple[tuple[str, float], ...]]:
        """Return the shares of all services."""
        return {each.code: self.of(each.code) for each in self.register.catalogue().services}

    def forget(self) -> None:
        """Ask again: a window has just opened, paused or closed."""
        self._windows, self._known = {}, {}


class Screens:
    """What is shown of the hall."""

    def __init__(self, store: Store, register: Register, config: Config, clock: Clock) -> None:
        self.store = store
        self.register = register
        self.config = config
        self.clock = clock
        self.zone = config.hall.zone
        self.pace = Pace(store)
        self.shares = Shares(store, register)
        self._calendar: Calendar | None = None
        self._special: object = None

    def calendar(self) -> Calendar:
        """Return when the hall is open; made again when its own days have changed."""
        special = self.register.catalogue().special_day
        if self._calendar is None or special is not self._special:
            self._calendar = Calendar(self.config.hall.opening, self.zone, special)
            self._special = special
        return self._calendar

    def minutes(self, service: Service, now: days.Instant) -> float:
        """Return how long a service keeps a window from the one after it, in minutes."""
        pace = self.pace.minutes(service.code, service.usual_minutes, now)
        return pace + self.config.queue.turnover_seconds / 60

    def floor(self) -> Floor:
        """Read all that boards are made from."""
        with self.store.at_one_moment():
            return self._floor()

    def _floor(self) -> Floor:
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
                busy[no][5] if no in busy else None,
                busy[no][3] if no in busy else None,
            )
        return Floor(
            rev=store.last_seq(),
            day=days.business_day(now, self.zone, store.last_day()),
            now=now,
            waiting=store.waiting(),
            doing=doing,
            minutes={
                each.code: self.minutes(each, now) for each in catalogue.services if each.active
            },
            shares=self.shares.all(),
            closed=hall_is_closed(self.calendar(), now),
            refused={
                each.code: refusal
                for each in catalogue.services
                if (refusal := service_is_closed(self.calendar(), each, now))
            },
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
        waiting = store.waiting()
        by_service = [
            {
                "service": code,
                "name": catalogue.service[code].name,
                "waiting": waiting.get(code, 0),
                "helping": code in window.helping,
            }
            for code in window.services
            if code in catalogue.service
        ]
        # The page shows four of them: where people wait comes first.
        by_service.sort(key=lambda each: waiting.get(str(each["service"]), 0), reverse=True)
        return {
            "no": no,
            "name": window.shown_name,
            "zone": window.zone,
            "department": window.department,
            "state": doing.state,
            "clerk": self._person(doing.clerk),
            "stands_in_for": self._person(doing.stands_in_for),
            "session": doing.session,
            "pause_reason": doing.pause_reason,
            "since": days.iso(doing.since, self.zone) if doing.since else None,
            "active": self._active(visit) if visit else None,
            "held": [self._held(each, now) for each in store.held_visits(no)],
            "undo_until": self._undo_until(no, visit),
            "waiting_total": sum(each["waiting"] for each in by_service),
            "waiting": by_service,
            "line": self._line(no, window.helping, now),
            "rev": store.last_seq(),
            "now": days.iso(now, self.zone),
        }

    def _person(self, staff_number: str | None) -> dict[str, str] | None:
        person = self.register.catalogue().person.get(staff_number) if staff_number else None
        if person is None:
            return None
        return {
            "staff_number": person.staff_number,
            "name": person.name,
            "post": person.post,
            "photo": person.photo,
        }

    def _line(self, no: int, helping: tuple[str, ...], now: days.Instant) -> list[dict[str, Any]]:
        rules, store = self.config.queue, self.store
        near = {each.id: each for each in store.first_at(no, LINE_SHOWN)}
        near |= {each.id: each for each in store.may_be_called(no)}
        at = AtWindow(no, helping, rules.priority_classes, rules.jumps_in_a_row)
        may_come = (each for each in near.values() if each.own_window in (None, no))
        order = line.in_order(may_come, at, now)[:LINE_SHOWN]
        tickets = {each.id: each for each in store.tickets_by_id([each.id for each in order])}
        return [self._waiting(tickets[each.id], each, no, now) for each in order]

    def _waiting(self, ticket: Ticket, place: InLine, no: int, now: days.Instant) -> dict[str, Any]:
        basis = line.basis_of(place, no, now)
        return {
            "ticket": ticket.id,
            "number": ticket.number,
            "service": ticket.service,
            "service_name": self.register.catalogue().service[ticket.service].name,
            "taken_at": days.iso(ticket.taken_at, self.zone),
            "waited_minutes": max(0, now - ticket.taken_at) // days.MINUTE,
            "holder": ticket.holder,
            "basis": basis.name.lower(),
            "because": "" if basis is line.Basis.ARRIVAL else line.because(place, basis),
        }

    def _held(self, visit: Visit, now: days.Instant) -> dict[str, Any]:
        ticket = self.store.ticket(visit.ticket)
        assert ticket is not None
        assert visit.held_at is not None
        kind = Hold(visit.hold_kind or "")
        minutes = {
            Hold.WITH_FILE: self.config.queue.hold_with_file_minutes,
            Hold.WITHOUT_FILE: self.config.queue.hold_without_file_minutes,
            Hold.FOR_SOMEBODY: self.config.queue.hold_for_somebody_minutes,
        }
        until = visit.held_at + minutes[kind] * days.MINUTE
        return {
            "ticket": ticket.id,
            "visit": visit.id,
            "number": ticket.number,
            "service_name": self.register.catalogue().service[visit.service].name,
            "kind": kind.value,
            "kind_name": kind.chinese,
            "held_at": days.iso(visit.held_at, self.zone),
            "until": days.iso(until, self.zone),
            "overdue": now > until,
        }

    def _undo_until(self, no: int, active: Visit | None) -> str | None:
        """Return until when the window's last step may be taken back, None when it may not."""
        last = undo.undoable(active, self.store.held_visits(no)[-1:], self.store.newest_ended(no))
        seconds = self.config.queue.undo_seconds
        if last is None or self.clock() - undo.last_step(last) > seconds * days.SECOND:
            return None
        return days.iso(undo.last_step(last) + seconds * days.SECOND, self.zone)

    def _active(self, visit: Visit) -> dict[str, Any]:
        ticket = self.store.ticket(visit.ticket)
        assert ticket is not None
        first = self.store.first_received(ticket.id)
        elsewhere = first and first != (visit.window, visit.clerk)
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
            "why": visit.why,
            "priority": CLASSES.get(ticket.priority, ticket.priority),
            "holder": ticket.holder,
            "helper": ticket.helper,
            "misses": ticket.misses,
            "first_receiver": None
            if not elsewhere or first is None
            else {"window": first[0], "clerk": self._person(first[1])},
        }
