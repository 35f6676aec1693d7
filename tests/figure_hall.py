"""A hall whose statistics are looked at: the rooms that count, on one file."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from case_hall import HALL_WITH_HANDLERS, HANDLER, PHONE, CaseHall
from halls import SHANGHAI, MovedClock, Rooms, open_rooms

from booking.bookings import Bookings
from cases.cases import Cases
from complaints.complaints import Complaints
from complaints.drafting import Draft
from figures.figures import Figures
from hall.catalogue import Catalogue, Person

FRIDAY = "2026-11-20"
CATALOGUE: Catalogue = replace(
    HALL_WITH_HANDLERS,
    people=(*HALL_WITH_HANDLERS.people, Person("8001", "吴导办", "guide", "咨询台")),
)
NINE_TO_FIVE: dict[str, Any] = {"opens": "09:00:00", "closes": "17:00:00"}


@dataclass
class FigureHall:
    """The rooms, and the statistics beside them."""

    rooms: Rooms
    figures: Figures
    cases: Cases
    complaints: Complaints

    @property
    def clock(self) -> MovedClock:
        """The clock of this hall."""
        return self.rooms.clock

    def go_to(self, clock: str, day: str = FRIDAY) -> None:
        """Move the clock to a minute such as 09:30."""
        at = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=SHANGHAI)
        self.clock.instant = int(at.timestamp()) * 1000

    def serve(self, window: int, called: str, ends: str, outcome: str = "completed") -> int:
        """Call who is next at a minute, serve until another, and return the visit."""
        self.go_to(called)
        visit = self.rooms.desk.call_next(window).visit
        self.rooms.desk.start(window)
        self.go_to(ends)
        self.rooms.desk.finish(window, outcome)
        return visit

    def rate(self, visit: int, level: str, channel: str = "evaluator", **more: Any) -> int:
        """Rate a visit and return the rating."""
        return self.rooms.book.rate(visit, level, channel, **more).id


@contextmanager
def figure_hall(path: Path, clock: MovedClock, **settings: Any) -> Iterator[FigureHall]:
    """Open a file as such a hall."""
    rooms = open_rooms(path, clock, CATALOGUE, **settings)
    desk, config = rooms.desk, rooms.desk.config
    Bookings(rooms.store, rooms.register, desk, config, clock)
    cases = Cases(rooms.store, rooms.register, desk, rooms.book, config, clock)
    complaints = Complaints(rooms.store, rooms.register, desk, config, clock)
    figures = Figures(rooms.store, rooms.register, desk, rooms.book, config, clock)
    try:
        yield FigureHall(rooms, figures, cases, complaints)
    finally:
        rooms.store.close()


def a_morning(hall: FigureHall) -> None:
    """Live through two hours that a person can count by hand (test_figures.py says the sums).

    | ticket | taken | called | ends | window | what became of it |
    |---|---|---|---|---|---|
    | A001 | 9:00 | 9:02 | 9:12 | 1 | 办结, 非常满意 at the evaluator |
    | A002 | 9:00 | 9:12 | 9:32 | 1 | 受理, 不满意 by the slip's code, with a telephone |
    | B001 | 9:00 | 9:32 | 9:42 | 3 | 办结, 满意 at the evaluator |
    | A003 | 9:00 | 9:42 | 9:45 | 1 | missed |
    | B002 | 9:00 | – | 9:45 | – | cancelled |

    Window 1 is open 9:00–10:00 and 10:30–11:00, window 3 from 9:00 on; it is 11:00 now. Of three
    appointments one was cancelled, one person came and one did not; a complaint was answered.
    """
    rooms = hall.rooms
    hall.go_to("09:00")
    for window in (1, 3):
        rooms.desk.open(window)
    tickets = [rooms.take(service) for service in ("marriage",) * 3 + ("estate",) * 2]
    hall.rate(hall.serve(1, "09:02", "09:12"), "very_satisfied")
    bad = hall.serve(1, "09:12", "09:32", "accepted")
    hall.rate(bad, "dissatisfied", "qr", contact=PHONE, text="等了很久")
    hall.rate(hall.serve(3, "09:32", "09:42"), "satisfied")
    rooms.desk.call_next(1)
    hall.go_to("09:45")
    rooms.desk.miss(1)
    rooms.desk.cancel(tickets[4])
    case_hall = CaseHall(rooms, hall.cases)
    (case,) = hall.cases.open_cases()
    hall.cases.accept(case.id, by=HANDLER, tap=case_hall.tap())
    case_hall.call(hall.cases.case(case.id))
    answer_a_complaint(hall)
    appointments(hall, tickets[0])
    hall.go_to("10:00")
    rooms.desk.pause(1, "设备调试")
    hall.go_to("10:30")
    rooms.desk.open(1)
    hall.go_to("11:00")
    rooms.desk.close(1)


def answer_a_complaint(hall: FigureHall) -> None:
    """Register a complaint of the unit MZ and answer it; another one is not due yet."""
    for number in (1, 2):
        draft = Draft(
            source="window",
            title="重复提交材料",
            complainant="张三",
            phone=PHONE,
            content="办理时被要求两次提交同一材料。",
            at=hall.clock(),
            unit="MZ",
        )
        made = hall.complaints.register_one(draft, f"form-{number:06d}", "8001")
        if number == 1:
            hall.complaints.accept(made.id, HANDLER)
            hall.complaints.reply(made.id, "向您致歉，已改为一次告知。", HANDLER)


def appointments(hall: FigureHall, ticket: int) -> None:
    """Let one person come to an appointment for marriages, one stay away and one cancel."""
    nine = hall.clock() - 45 * 60_000
    for code, state, its in (
        ("BBBBBBBB", "arrived", ticket),
        ("CCCCCCCC", "no_show", None),
        ("DDDDDDDD", "cancelled", None),
    ):
        hall.rooms.store.connection.execute(
            """
            insert into appointment (code, service, day, slot_at, slot_ends, holder, state, source,
                made_at, ended_at, ticket)
            values (?, 'marriage', '2026-11-20', ?, ?, '张*', ?, 'here', ?, ?, ?)
            """,
            (code, nine, nine + 1_800_000, state, nine - 86_400_000, nine, its),
        )
