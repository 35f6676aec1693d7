"""A hall's day made of the real verbs in a random order, and what it has acknowledged.

An acknowledgement is what a verb returned: after that a slip is printed, a name called, a citizen
thanked. All of it must outlive whatever happens to the disk.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from citizens import id_number
from halls import MovedClock, Rooms, open_rooms

from booking.bookings import Bookings
from cases.cases import Cases
from hall.refusals import NotAllowed
from hall.store import Store
from hall.tickets import Ticket

WINDOWS = (1, 2, 3, 4)
SERVICES = ("marriage", "marriage", "estate", "advice")
LEVELS = ("very_satisfied", "satisfied", "basically_satisfied", "dissatisfied")
RULES: dict[str, Any] = {
    "hall": {"always_open": True},
    "queue": {"stop_when_too_long": False, "recall_apart_seconds": 1},
}


class Fact(NamedTuple):
    """Something acknowledged that nothing later takes back."""

    kind: str
    key: object
    value: Any


@dataclass
class Known:
    """What a hall has acknowledged so far; a row of the journal stands for what each verb did."""

    facts: list[Fact] = field(default_factory=list)
    journal: list[tuple[Any, ...]] = field(default_factory=list)

    def first(self, facts: int, rows: int) -> "Known":
        """Return what was known when it held so many facts and rows."""
        return Known(self.facts[:facts], self.journal[:rows])


class Life:
    """One hall, whose people do one thing after another."""

    def __init__(self, path: Path, chance: Random, known: Known, clock: MovedClock) -> None:
        self.chance, self.known, self.clock = chance, known, clock
        self.rooms: Rooms = open_rooms(path, clock, **RULES)
        desk, config = self.rooms.desk, self.rooms.desk.config
        self.store = self.rooms.store
        told = (self.store, self.rooms.register, desk)
        self.bookings = Bookings(*told, config, clock)
        self.cases = Cases(*told, self.rooms.book, config, clock)
        self.done = 0  # verbs that were not refused
        self.twice: list[str] = []  # numbers printed for two citizens
        self.numbers = {fact.value[1:] for fact in known.facts if fact.kind == "ticket"}
        self.acts: list[Callable[[], None]] = [
            *[self.take] * 6,
            *[self.call] * 6,
            *[self.start] * 6,
            *[self.finish] * 6,
            *[self.rate] * 5,
            *(self.hold, self.resume, self.transfer, self.miss, self.come_back, self.book),
            *(self.check_in, self.staff, self.cancel, self.tick, self.recall, self.next_service),
        ]

    def open(self) -> None:
        """Open the windows, and let marriages be booked on any day."""
        for window in WINDOWS:
            self._try(partial(self.rooms.desk.open, window))
        if not self.bookings.plans():
            for weekday in range(1, 8):
                self.bookings.save_plan("marriage", weekday=weekday, slot_minutes=30, quota=90)
        self.learn()

    def step(self) -> None:
        """Let one thing happen; a refusal by the hall's rules is nothing that happened."""
        self.clock.move(seconds=self.chance.randrange(1, 40))
        try:
            self.chance.choice(self.acts)()
        except NotAllowed:
            return
        self.done += 1
        self.learn()

    def learn(self) -> None:
        """Know the rows that the journal has now: the verb that wrote them has returned."""
        self.known.journal += journal_of(self.store, len(self.known.journal))

    def _try(self, act: Callable[[], object]) -> None:
        try:
            act()
        except NotAllowed:
            return

    def _say(self, kind: str, key: object, value: object) -> None:
        self.known.facts.append(Fact(kind, key, value))

    def _tap(self) -> str:
        return f"{self.chance.getrandbits(64):016x}"

    def _at(self, state: str) -> tuple[int, int]:
        """Return a window and its visit, of those in a state; refuse when there is none."""
        found = [
            (window, visit.id)
            for window in WINDOWS
            if (visit := self.store.active_visit(window)) and visit.state.value == state
        ]
        if not found:
            raise NotAllowed("nobody", "没有人。")
        return self.chance.choice(found)

    def _one(self, sql: str) -> Any:
        found = self.store.rows(sql)
        if not found:
            raise NotAllowed("nobody", "没有人。")
        return self.chance.choice(found)[0]

    def _printed(self, tap: str, ticket: Ticket) -> None:
        printed = (ticket.day, ticket.number)
        if printed in self.numbers:
            self.twice.append(ticket.number)
        self.numbers.add(printed)
        self._say("ticket", tap, (ticket.id, *printed))

    # -- what people do -------------------------------------------------------------------------

    def take(self) -> None:
        """Somebody takes a ticket."""
        tap = self._tap()
        self._printed(tap, self.rooms.desk.issue(self.chance.choice(SERVICES), tap).ticket)

    def call(self) -> None:
        """A clerk calls whoever is next."""
        window = self.chance.choice(WINDOWS)
        called = self.rooms.desk.call_next(window)
        self._say("call", called.visit, (called.ticket.id, window))

    def start(self) -> None:
        """The citizen stands at the window."""
        window, visit = self._at("called")
        self.rooms.desk.start(window)
        self._say("start", visit, True)

    def finish(self) -> None:
        """The service ends."""
        window, visit = self._at("serving")
        self.clock.move(minutes=3)
        self.rooms.desk.finish(window, "completed")
        self._say("finish", visit, True)

    def next_service(self) -> None:
        """The citizen has a second thing to do."""
        window, visit = self._at("serving")
        self.rooms.desk.next_service(window, "advice", "completed")
        self._say("finish", visit, True)

    def rate(self) -> None:
        """Somebody rates; one in four is dissatisfied, which opens a case."""
        visit = self._one(
            """
            select visit.id from visit left join rating on rating.visit = visit.id
            where visit.state = 'done' and rating.id is null order by visit.id desc limit 20
            """
        )
        level = self.chance.choice(LEVELS)
        self.rooms.book.rate(visit, level, "qr")
        self._say("rating", visit, level)

    def recall(self) -> None:
        """A clerk repeats a call."""
        self.rooms.desk.recall(self._at("called")[0])

    def miss(self) -> None:
        """Nobody came."""
        self.rooms.desk.miss(self._at("called")[0])

    def come_back(self) -> None:
        """Somebody who missed the call types the number at the kiosk."""
        self.rooms.desk.come_back(self._one("select number from ticket where state = 'missed'"))

    def hold(self) -> None:
        """A service is laid aside."""
        self.rooms.desk.hold(self._at("serving")[0], "materials")

    def resume(self) -> None:
        """A window goes on with what lies there."""
        window = self.chance.choice(WINDOWS)
        for visit in self.store.held_visits(window)[:1]:
            self.rooms.desk.resume(window, visit.ticket)

    def transfer(self) -> None:
        """A clerk sends somebody on."""
        window, _ = self._at("serving")
        self.rooms.desk.transfer(window, service="marriage", reason="转办")

    def staff(self) -> None:
        """A clerk rests and comes again."""
        window = self.chance.choice(WINDOWS)
        self._try(lambda: self.rooms.desk.pause(window, "暂时离开"))
        self.rooms.desk.open(window)

    def cancel(self) -> None:
        """Somebody gives a ticket back."""
        if self.chance.random() < 0.5:
            self.rooms.desk.cancel(self._one("select id from ticket where state = 'waiting'"))

    def book(self) -> None:
        """Somebody books a slot of the next days."""
        day = self.chance.choice(self.bookings.bookable_days()[:2])
        slot = self.chance.choice(self.bookings.free_slots("marriage", day))
        made = self.bookings.book(
            *("marriage", slot.at, self._tap()),
            id_number=id_number(self.chance.randrange(1000)),
            name="张小三",
            phone="13800000001",
        ).appointment
        self._say("appointment", made.code, made.slot_at)

    def check_in(self) -> None:
        """Somebody with an appointment comes on time."""
        code = self._one("select code from appointment where state = 'booked'")
        tap = self._tap()
        self._printed(tap, self.bookings.check_in(code, tap).ticket)

    def tick(self) -> None:
        """A second passes."""
        self.rooms.desk.tick()
        self.rooms.book.tick()
        self.bookings.tick()
        self.cases.tick()


def journal_of(store: Store, after: int = 0) -> list[tuple[Any, ...]]:
    """Return what a file says has happened, from some row on."""
    return store.rows(
        """
        select seq, at, event, ticket, visit, window, detail from journal
        where seq > ? order by seq
        """,
        (after,),
    )


def facts_in(store: Store) -> dict[tuple[str, object], object]:
    """Return which facts a file knows."""
    found: dict[tuple[str, object], object] = {}
    for tap, *ticket in store.rows("select tap, id, day, number from ticket"):
        found["ticket", tap] = tuple(ticket)
    for visit, ticket, window, started, done in store.rows(
        "select id, ticket, window, started_at is not null, state = 'done' from visit"
    ):
        found["call", visit] = (ticket, window)
        found["start", visit], found["finish", visit] = bool(started), bool(done)
    for visit, level in store.rows("select visit, level from rating where nth = 1"):
        found["rating", visit] = level
    for code, slot_at in store.rows("select code, slot_at from appointment"):
        found["appointment", code] = slot_at
    return found
