"""A made-up day of a hall, lived through the hall's own verbs with a simulated clock.

A discrete-event simulation: citizens come, take tickets, lose patience; clerks open their windows
and call when they are free. Waits, missed numbers and crowded mornings follow from the load;
nothing is written behind the desk's back, so the demo also proves the verbs on 25,000 visits.
"""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from heapq import heappop, heappush
from random import Random

import demo
from demo.county import SERVICES
from demo.demand import DayPlan, Demand
from demo.fates import (
    COMES_WITHIN,
    FILING,
    NEVER_COMES,
    OUTCOME_SHARES,
    OUTCOMES,
    RECALL_AFTER,
    length,
    ways_of,
)
from demo.opinions import Opinion, Opinions, contact_of
from demo.roles import Citizen, Counted, Place
from hall.catalogue import Catalogue
from hall.config import Config
from hall.days import MINUTE, SECOND, Instant
from hall.desk import Desk
from hall.refusals import NotAllowed
from hall.register import Register
from hall.store import Store
from rating.book import Book
from rating.levels import Channel

# A hall has more windows than it opens on a usual day; a line keeps more than half of its own.
AWAY = 0.5
# The window that the demo's first page opens always has somebody waiting.
SHOWN_WINDOW = 3
LAST_MINUTE = 14


def _with_paper(catalogue: Catalogue) -> Catalogue:
    """Give every kiosk a printer that keeps its slips in memory: no demo needs a real one."""
    devices = (
        replace(each, printer="fake:") if each.role == "kiosk" else each
        for each in catalogue.devices
    )
    return replace(catalogue, devices=tuple(devices))


class Life:
    """The hall's days, one after the other."""

    def __init__(self, store: Store, config: Config, catalogue: Catalogue, seed: int) -> None:
        self.now: Instant = 0
        self.store = store
        self.seed = seed
        self.chance = Random(seed)
        self.register = Register(store, self._clock)
        self.desk = Desk(store, self.register, config, self._clock)
        self.book = Book(store, self.register, self.desk, config, self._clock)
        self.zone = config.hall.zone
        self.asked_for = config.rating.ask_seconds * SECOND
        self.wanted = _with_paper(catalogue)
        self.counted = Counted()
        self.today = ""
        self._events: list[tuple[Instant, int, Callable[[], None]]] = []
        self._order = 0
        self._waiting: dict[str, dict[int, Citizen]] = {}

    def _clock(self) -> Instant:
        return self.now

    def found(self, at: Instant) -> None:
        """Make the hall what its workbook says."""
        self.now = at
        self.register.make_hall(demo.HALL_NAME, demo=True)
        self.register.adopt(self.wanted, "演示")
        catalogue = self.register.catalogue()
        shares = {each.code: each.citizens for each in SERVICES}
        self.demand = Demand(catalogue, shares, self.zone)
        self.opinions = Opinions(self.book.tags())
        self.kiosks = [each.id for each in catalogue.devices if each.role == "kiosk"]
        self.minutes = {each.code: each.usual_minutes for each in catalogue.services}
        self.stand_ins = [
            each.staff_number
            for each in catalogue.people
            if each.role == "clerk" and each.window is None
        ]
        self.places = {
            each.no: self._place(each.no, each.services)
            for each in catalogue.windows
            if each.active and each.services
        }
        self._waiting = {each.code: {} for each in catalogue.services}
        self._attending = {
            code: [self.places[each.no] for each in windows if each.no in self.places]
            for code, windows in catalogue.windows_of.items()
        }

    def _place(self, no: int, services: tuple[str, ...]) -> Place:
        assigned = self.register.catalogue().clerk_of.get(no)
        clerk = assigned.staff_number if assigned else self.stand_ins[0]
        return Place(no, services, clerk, *ways_of(clerk, self.seed))

    # -- a day ----------------------------------------------------------------------------------

    def live(self, plan: DayPlan | None, until: Instant) -> None:
        """Live through a day up to ``until``; one commit a day, or 25,000 visits take minutes."""
        with self.store.transaction():
            if plan is not None:
                self.chance = Random(f"{self.seed}/{plan.day}")
                self.today = plan.day
                self._expect(plan, until)
                self.counted.days += 1
            while self._events and self._events[0][0] <= until:
                self.now, _, happens = heappop(self._events)
                happens()
            self.now = until

    def _at(self, at: Instant, happens: Callable[[], None]) -> None:
        self._order += 1
        heappush(self._events, (max(at, self.now), self._order, happens))

    def _in(self, least: float, most: float, happens: Callable[[], None]) -> None:
        """Let something happen in so many seconds."""
        self._at(self.now + round(self.chance.uniform(least, most) * SECOND), happens)

    def _expect(self, plan: DayPlan, until: Instant) -> None:
        """Put a day's openings, rests, closings and arrivals into the list of what will happen."""
        for citizens in self._waiting.values():
            citizens.clear()  # whoever still waited last night has lost the ticket at day's end
        self._at(plan.opens - 5 * MINUTE, self.desk.tick)
        for place, clerk in self._rota():
            self._expect_clerk(place, clerk, plan)
        for arrival in self.demand.of(plan, until, self.chance):
            self._at(arrival.at, lambda service=arrival.service: self._arrive(service))  # type: ignore[misc]
        if plan.shown and SHOWN_WINDOW in self.places:
            services = self.places[SHOWN_WINDOW].services
            for _ in range(LAST_MINUTE):
                at = until - round(self.chance.uniform(1, 70) * SECOND)
                service = self.chance.choice(services)
                self._at(at, lambda service=service: self._arrive(service))  # type: ignore[misc]

    def _rota(self) -> list[tuple[Place, str]]:
        """Return who works today: most places of a line, or a stand-in where there is only one."""
        stand_ins = self.chance.sample(self.stand_ins, len(self.stand_ins))
        rota: list[tuple[Place, str]] = []
        away: Counter[str] = Counter()
        for place in self.chance.sample(list(self.places.values()), len(self.places)):
            if self.chance.random() > AWAY or place.no == SHOWN_WINDOW:
                rota.append((place, place.clerk))
            elif all(2 * away[code] + 2 < len(self._attending[code]) for code in place.services):
                away.update(place.services)
            else:
                rota.append((place, stand_ins.pop() if stand_ins else place.clerk))
        return rota

    def _expect_clerk(self, place: Place, clerk: str, plan: DayPlan) -> None:
        late = self.chance.triangular(0, 8, 1) * MINUTE if plan.usual else 20 * SECOND
        self._at(plan.opens + round(late), lambda: self._open(place, clerk))
        if plan.lunch and self.chance.random() > 0.3:
            self._at(
                plan.lunch[0], lambda: self._leave(place, lambda: self._pause(place, "午间休息"))
            )
            back = plan.lunch[1] - round(self.chance.uniform(0, 4) * MINUTE)
            self._at(back, lambda: self._open(place, clerk))
        if self.chance.random() < 0.5:
            self._expect_rest(place, clerk, plan)
        self._at(plan.closes, lambda: self._close_when_empty(place))

    def _expect_rest(self, place: Place, clerk: str, plan: DayPlan) -> None:
        at = self.chance.randrange(
            plan.opens + 30 * MINUTE, max(plan.closes, plan.opens + 3_600_000)
        )
        if plan.lunch and plan.lunch[0] - 20 * MINUTE < at < plan.lunch[1]:
            return
        lasts = round(self.chance.uniform(5, 15) * MINUTE)
        self._at(at, lambda: self._leave(place, lambda: self._pause(place, "暂时离开，请稍候")))
        self._at(at + lasts, lambda: self._open(place, clerk))

    # -- windows --------------------------------------------------------------------------------

    def _open(self, place: Place, clerk: str) -> None:
        place.leaves = None
        if place.state in ("closed", "paused"):
            self.desk.open(place.no, clerk)
            self._be_free(place)

    def _leave(self, place: Place, leaves: Callable[[], None]) -> None:
        """Let a clerk go, at once or after the citizen who is being served."""
        if place.state == "busy":
            place.leaves = leaves
        elif place.state in ("idle", "waking"):
            leaves()

    def _pause(self, place: Place, reason: str) -> None:
        place.state = "paused"
        self.desk.pause(place.no, reason)

    def _close_when_empty(self, place: Place) -> None:
        """Close a window when its last citizen has gone; nobody inside is sent away."""
        if any(self._waiting[code] for code in place.services) and place.state != "closed":
            self._in(60, 120, lambda: self._close_when_empty(place))
        elif place.state != "closed":
            self._leave(place, lambda: self._close(place))
            if place.state == "paused":
                self._close(place)

    def _close(self, place: Place) -> None:
        place.state = "closed"
        self.desk.close(place.no)

    def _be_free(self, place: Place) -> None:
        place.citizen = None
        if place.leaves is not None:
            leaves, place.leaves = place.leaves, None
            leaves()
        else:
            place.state = "waking"
            self._in(*FILING, lambda: self._call(place))

    def _wake_one(self, service: str) -> None:
        """Let the clerk who has been idle longest see that somebody waits."""
        idle = [each for each in self._attending[service] if each.state == "idle"]
        if idle:
            place = min(idle, key=lambda each: (each.idle_since, each.no))
            place.state = "waking"
            self._in(2, 9, lambda: self._call(place))

    # -- citizens -------------------------------------------------------------------------------

    def _arrive(self, service: str) -> None:
        self.counted.tickets += 1
        tap = f"demo-{self.seed}-{self.counted.tickets}"
        language = "en" if self.chance.random() < 0.01 else "zh"
        kiosk = self.chance.choice(self.kiosks) if self.kiosks else None
        try:
            issued = self.desk.issue(service, tap, language=language, device=kiosk)
        except NotAllowed:
            self.counted.turned_away += 1
            return
        citizen = Citizen(issued.ticket.id, service, self.now)
        self._waiting[service][citizen.ticket] = citizen
        patience = self.chance.lognormvariate(math.log(55), 0.5) * MINUTE
        self._at(self.now + round(patience), lambda: self._lose_patience(citizen))
        if self.chance.random() < 0.006:
            self._in(60, 900, lambda: self._cancel(citizen))
        self._wake_one(service)

    def _lose_patience(self, citizen: Citizen) -> None:
        if self.chance.random() < 0.4:
            self._cancel(citizen)
        else:
            citizen.gone = True

    def _cancel(self, citizen: Citizen) -> None:
        if self._waiting[citizen.service].pop(citizen.ticket, None) is not None:
            self.desk.cancel(citizen.ticket)
            self.counted.cancelled += 1

    # -- a visit --------------------------------------------------------------------------------

    def _call(self, place: Place) -> None:
        if place.state != "waking":
            return
        if not any(self._waiting[code] for code in place.services):
            place.state, place.idle_since = "idle", self.now
            return
        called = self.desk.call_next(place.no)
        place.state = "busy"
        place.citizen = self._waiting[called.ticket.service].pop(called.ticket.id)
        place.citizen.visit = called.visit
        for code in place.services:
            if self._waiting[code]:
                self._wake_one(code)
        if place.citizen.gone or self.chance.random() < NEVER_COMES:
            self._at(self.now + RECALL_AFTER, lambda: self._recall(place, then_miss=True))
            return
        walk = self.chance.triangular(6, COMES_WITHIN / SECOND, 12)
        if walk * SECOND > RECALL_AFTER and self.chance.random() < 0.6:
            self._at(self.now + RECALL_AFTER, lambda: self._recall(place, then_miss=False))
        self._in(walk, walk, lambda: self._start(place))

    def _recall(self, place: Place, *, then_miss: bool) -> None:
        self.desk.recall(place.no)
        if then_miss and self.chance.random() < 0.5:
            self._at(self.now + RECALL_AFTER, lambda: self._recall_again(place))
        elif then_miss:
            self._in(20, 45, lambda: self._miss(place))

    def _recall_again(self, place: Place) -> None:
        self.desk.recall(place.no)
        self._in(15, 40, lambda: self._miss(place))

    def _miss(self, place: Place) -> None:
        self.desk.miss(place.no)
        self.counted.missed += 1
        self._be_free(place)

    def _start(self, place: Place) -> None:
        assert place.citizen is not None
        self.desk.start(place.no)
        waited = self.now - place.citizen.came_at
        lasts = length(self.chance, self.minutes[place.citizen.service] * place.pace)
        self._at(self.now + lasts, lambda: self._finish(place, waited))

    def _finish(self, place: Place, waited: Instant) -> None:
        assert place.citizen is not None
        outcome = self.chance.choices(OUTCOMES, OUTCOME_SHARES)[0]
        filed = outcome in ("completed", "accepted") and self.chance.random() < 0.8
        self.counted.visits += 1
        case = f"YX{self.today.replace('-', '')}{self.counted.visits:06d}" if filed else None
        self.desk.finish(place.no, outcome, case)
        opinion = self.opinions.of(self.chance, place.kindness, waited)
        if opinion is None or not opinion.at_evaluator:
            self._at(self.now + self.asked_for, self.book.tick)
        if opinion is not None:
            self._expect_opinion(opinion, place.citizen, place.no)
        self._be_free(place)

    # -- ratings --------------------------------------------------------------------------------

    def _expect_opinion(self, opinion: Opinion, citizen: Citizen, window: int) -> None:
        at = self.now + opinion.after
        if opinion.at_evaluator:
            self._at(at, lambda: self._rate_at_evaluator(opinion, citizen.visit, window))
        else:
            token = self.book.link(citizen.ticket).removeprefix("/r/")
            self._at(at, lambda: self._rate_by_phone(opinion, token))

    def _rate_at_evaluator(self, opinion: Opinion, visit: int, window: int) -> None:
        reach = contact_of(opinion, self.counted.ratings)
        self.book.rate(
            *(visit, opinion.level, Channel.EVALUATOR),
            tags=opinion.tags,
            contact=reach,
            window=window,
        )
        self.counted.ratings += 1

    def _rate_by_phone(self, opinion: Opinion, token: str) -> None:
        reach = contact_of(opinion, self.counted.ratings)
        self.book.rate_by_link(token, opinion.level, opinion.tags, opinion.text, reach)
        self.counted.ratings += 1
