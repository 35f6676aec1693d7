"""class Liveliness – the demonstration lives on while somebody looks: people come and are served.

Only ``server.py demo`` has it, a tick a second beside the hall's own ones, and all goes through the
verbs of desk and book. Nothing is kept: what a window does next follows from what the store says
of it and from the fate of its visit (``demo.fates``), so that a restart goes on where it stood.
Windows that a person has touched are the person's; the one that the demo's pages show calls nobody.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from random import Random

from demo.county import SERVICES
from demo.demand import Demand, mean_hour, share_at
from demo.fates import REMEMBERED, Fate, Scene, Step, fate_of, next_step, ways_of
from demo.life import SEED
from demo.opinions import Opinion, Opinions, contact_of
from demo.simulation import SHOWN_WINDOW
from hall.catalogue import Catalogue, Window
from hall.days import HOUR, MINUTE, SECOND, Instant
from hall.desk import Desk
from hall.events import AtWindow, Event, WindowChanged
from hall.refusals import NotAllowed
from hall.tickets import Visit, VisitState
from hall.windows import WindowNow
from rating.book import Book
from rating.events import ServiceRated
from rating.levels import Channel

# Each window is looked at so often in turn: a look at all of them takes 5 ms, and the loop serves
# pages. What is due in a round – after a restart all visits at once – spreads over several.
ROUND = 4
ACTS_A_TICK = 2
# Who sees so many wait for each open window goes again; at the shown one somebody always waits.
PATIENCE = 3
IN_A_FULL_HALL = 50
FEWEST_SHOWN = 3
OFTEN_ENOUGH = 1 / 8
LEFT_ALONE = 10 * MINUTE
# The phone's answers, minutes to days later in a real life, come while the visit is the window's
# last; the looks of two rounds and more fall into ``NOTICED``.
SOONER = 10
STAYS_NEAR = 15 * MINUTE
NOTICED = 20 * SECOND


class Liveliness:
    """What citizens and clerks do in a served demonstration."""

    def __init__(self, desk: Desk, book: Book, seed: int = SEED) -> None:
        if not desk.register.hall().demo:
            raise NotAllowed("is_a_real_hall", "正式大厅里不会有虚构的群众。")
        self.desk = desk
        self.book = book
        self.store = desk.store
        self.seed = seed
        self.opinions = Opinions(book.tags())
        self.asked_for = desk.config.rating.ask_seconds * SECOND
        self._opinions: dict[int, Opinion | None] = {}
        self.touched: dict[int, Instant] = {}
        self._acting = False
        self._demand: tuple[Catalogue, Demand] | None = None
        desk.follow(self._see_who_acts)
        book.follow(self._see_who_acts)

    def tick(self) -> None:
        """Let come who comes in this second, and let a quarter of the windows go on."""
        now = self.desk.clock()
        chance = Random(f"{self.seed}/{now // SECOND}")
        self._acting = True
        try:
            waiting = self.store.waiting()
            self._let_come(now, chance, waiting)
            self._let_windows_act(now, chance, waiting)
        finally:
            self._acting = False

    def _see_who_acts(self, event: Event) -> None:
        """Remember the windows at which somebody else does something."""
        if not self._acting and isinstance(event, AtWindow | WindowChanged | ServiceRated):
            self.touched[event.window] = event.at

    def _try(self, verb: Callable[[], object]) -> bool:
        """Do something, unless what a person did meanwhile forbids it."""
        try:
            verb()
        except NotAllowed:
            return False
        return True

    @property
    def _catalogue(self) -> Catalogue:
        return self.desk.register.catalogue()

    @property
    def shown(self) -> int:
        """The window at which whoever looks calls."""
        windows = self._catalogue.window
        return SHOWN_WINDOW if SHOWN_WINDOW in windows else min(windows)

    # -- citizens -------------------------------------------------------------------------------

    def _let_come(self, now: Instant, chance: Random, waiting: Mapping[str, int]) -> None:
        rate = share_at(now, self.desk.zone) * mean_hour() * eagerness(sum(waiting.values()))
        if chance.random() < rate / (HOUR / SECOND):
            service = self._demand_of_today().service(chance)
            if not self._is_crowded(service, waiting):
                self._take(service, f"lively-{now // SECOND}", chance)
        shown = self._catalogue.window.get(self.shown)
        if shown and shown.services:
            before_it = sum(waiting.get(code, 0) for code in shown.services)
            if before_it < FEWEST_SHOWN and (not before_it or chance.random() < OFTEN_ENOUGH):
                self._take(chance.choice(shown.services), f"shown-{now // SECOND}", chance)

    def _is_crowded(self, service: str, waiting: Mapping[str, int]) -> bool:
        """Return whether too many wait at the windows of a service, for whatever they came."""
        doing = self.store.windows_now()
        windows = [
            each
            for each in self._catalogue.windows_of[service]
            if each.no in doing and doing[each.no].state == "open"
        ]
        served = {code for each in windows for code in each.services}
        return sum(waiting.get(code, 0) for code in served) >= PATIENCE * len(windows)

    def _demand_of_today(self) -> Demand:
        """Return who wants what; made again when somebody has edited the hall."""
        catalogue = self._catalogue
        if self._demand is None or self._demand[0] is not catalogue:
            shares = {each.code: each.citizens for each in SERVICES}
            self._demand = catalogue, Demand(catalogue, shares, self.desk.zone)
        return self._demand[1]

    def _take(self, service: str, tap: str, chance: Random) -> None:
        kiosks = [each.id for each in self._catalogue.devices if each.role == "kiosk"]
        device = chance.choice(kiosks) if kiosks else None
        self._try(lambda: self.desk.issue(service, tap, device=device))

    # -- windows --------------------------------------------------------------------------------

    def _let_windows_act(self, now: Instant, chance: Random, waiting: Mapping[str, int]) -> None:
        acts = 0
        for window, doing in self._looked_at(now, chance):
            scene = self._scene(window, doing, waiting)
            step = next_step(scene, self._fate, now)
            acts += step is not None and self._try(partial(self._do, scene, step))
            acts += self._let_rate(scene, now)
            if acts >= ACTS_A_TICK:
                return

    def _looked_at(self, now: Instant, chance: Random) -> Iterator[tuple[Window, WindowNow]]:
        """Yield the windows whose turn it is and that no person has, in any order."""
        windows = [each for each in self._catalogue.windows if each.active and each.services]
        turn = windows[now // SECOND % ROUND :: ROUND]
        doing = self.store.windows_now()
        for each in chance.sample(turn, len(turn)):
            known = doing.get(each.no)
            if known is None or known.state == "closed" or self._is_a_persons(known, now):
                continue
            yield each, known

    def _is_a_persons(self, doing: WindowNow, now: Instant) -> bool:
        """Return whether a window is left alone: a page holds it, or somebody has just used it."""
        touched = self.touched.get(doing.no)
        if doing.session or touched is None:
            return bool(doing.session)
        return doing.no == self.shown or now - touched < LEFT_ALONE

    def _scene(self, window: Window, doing: WindowNow, waiting: Mapping[str, int]) -> Scene:
        active = self.store.active_visit(window.no)
        if window.no == self.shown:  # what has begun there ends; whoever looks calls the next
            return Scene(doing, active)
        came_at = None
        if active is None and any(waiting.get(code) for code in window.services):
            came_at = self._first_came(window.no)
        last = self.store.newest_ended(window.no)
        return Scene(doing, active, last, came_at)

    def _first_came(self, no: int) -> Instant | None:
        line = self.store.may_be_called(no)
        first = min(line, key=lambda each: each.place, default=None)
        return self.desk.ticket(first.id).taken_at if first else None

    def _fate(self, visit: Visit) -> Fate:
        usual = self._catalogue.service[visit.service].usual_minutes
        pace, _ = ways_of(visit.clerk or "", SEED)
        return fate_of(f"{self.seed}/{visit.id}", usual * pace)

    def _do(self, scene: Scene, step: Step) -> None:
        desk, no = self.desk, scene.doing.no
        match step:
            case Step.CALL:
                desk.call_next(no)
            case Step.RECALL:
                desk.recall(no)
            case Step.START:
                desk.start(no)
            case Step.MISS:
                desk.miss(no)
            case Step.FINISH:
                assert scene.active is not None
                self._finish(scene.active)
            case Step.PAUSE:
                desk.pause(no, "暂时离开，请稍候")
            case Step.OPEN:
                desk.open(no)

    def _finish(self, visit: Visit) -> None:
        fate = self._fate(visit)
        case = f"YX{visit.day.replace('-', '')}L{visit.id:06d}" if fate.filed else None
        self.desk.finish(visit.window, fate.outcome, case)

    # -- ratings --------------------------------------------------------------------------------

    def _let_rate(self, scene: Scene, now: Instant) -> bool:
        visit = scene.last
        if visit is None or visit.state is not VisitState.DONE or visit.ended_at is None:
            return False
        if not 0 <= now - visit.ended_at < STAYS_NEAR:
            return False
        opinion = self._opinion(visit)
        if opinion is None:
            return False
        due = visit.ended_at + opinion.after
        if not opinion.at_evaluator:
            due = visit.ended_at + self.asked_for + opinion.after // SOONER
        if not due <= now < due + NOTICED or self.book.ratings.outcome_of(visit.id) == "rated":
            return False
        return self._try(lambda: self._rate(visit, opinion))

    def _opinion(self, visit: Visit) -> Opinion | None:
        if visit.id not in self._opinions:
            if len(self._opinions) >= REMEMBERED:
                self._opinions.clear()
            self._opinions[visit.id] = self._say(visit)
        return self._opinions[visit.id]

    def _say(self, visit: Visit) -> Opinion | None:
        waited = visit.called_at - self.desk.ticket(visit.ticket).taken_at
        _, kindness = ways_of(visit.clerk or "", SEED)
        chance = Random(f"{self.seed}/{visit.id}/says")
        return self.opinions.of(chance, kindness, waited)

    def _rate(self, visit: Visit, opinion: Opinion) -> None:
        if opinion.at_evaluator:
            tags, window = opinion.tags, visit.window
            self.book.rate(visit.id, opinion.level, Channel.EVALUATOR, tags=tags, window=window)
        else:
            token = self.book.link(visit.ticket).removeprefix("/r/")
            reach = contact_of(opinion, visit.id)
            self.book.rate_by_link(token, opinion.level, opinion.tags, opinion.text, reach)


def eagerness(waiting: int) -> float:
    """Return how many times the usual number come: who sees a crowd goes, an empty hall fills."""
    return max(0.0, 1.6 - 0.6 * waiting / IN_A_FULL_HALL)
