"""A hall whose bad ratings are followed up: two units with handlers, an inspector, a leader."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from halls import SHANGHAI, SMALL_HALL, MovedClock, Rooms, open_rooms

from cases.cases import Cases
from cases.life import Case
from hall.catalogue import Catalogue, Person

HANDLER, COLLEAGUE, OTHER_UNIT = "3001", "3002", "3003"
INSPECTOR, LEADER, MANAGER = "2004", "2005", "9001"
PHONE = "13800005678"

HALL_WITH_HANDLERS: Catalogue = replace(
    SMALL_HALL,
    people=(
        *SMALL_HALL.people,
        Person(HANDLER, "安学民", "handler", "差评承办人", "MZ"),
        Person(COLLEAGUE, "白云飞", "handler", "差评承办人", "MZ"),
        Person(OTHER_UNIT, "柴静宜", "handler", "差评承办人", "BDC"),
        Person(INSPECTOR, "宋怀远", "inspector", "效能督查室"),
        Person(LEADER, "贺明珠", "leader", "分管副局长", "MZ"),
    ),
)


@dataclass
class CaseHall:
    """The rooms, and the cases beside them."""

    rooms: Rooms
    cases: Cases
    taps: int = 0

    @property
    def clock(self) -> MovedClock:
        """The clock of this hall."""
        return self.rooms.clock

    def tap(self) -> str:
        """Return the tap of a fresh form."""
        self.taps += 1
        return f"case-{self.taps:08d}"

    def go_to(self, text: str) -> None:
        """Move the clock to a minute such as ``2026-11-23 09:00``."""
        moment = datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)
        self.clock.instant = int(moment.timestamp()) * 1000

    def visit(self, window: int = 1, service: str = "marriage") -> int:
        """Serve somebody and return the visit."""
        self.rooms.desk.open(window, clerk=f"100{window}")
        self.rooms.take(service)
        return self.rooms.serve(window)

    def rate(self, level: str = "dissatisfied", contact: str = "", **more: Any) -> int:
        """Serve somebody who rates, and return the rating."""
        told = {"channel": "qr", "text": "等了很久", **more}
        visit = self.visit(told.pop("window", 1), told.pop("service", "marriage"))
        return self.rooms.book.rate(visit, level, told.pop("channel"), contact=contact, **told).id

    def bad(self, contact: str = "", **more: Any) -> Case:
        """Let somebody rate badly and return the case."""
        case = self.cases.of_rating(self.rate(contact=contact, **more))
        assert case is not None
        return case

    def now(self, case: Case) -> Case:
        """Return how a case stands now."""
        return self.cases.case(case.id)

    def accepted(self, contact: str = "", **more: Any) -> Case:
        """Return a case that its handler has taken up."""
        case = self.bad(contact, **more)
        return self.cases.accept(case.id, by=case.handler or "", tap=self.tap())

    def contacted(self) -> Case:
        """Return a real-name case whose rater was reached."""
        case = self.accepted(PHONE)
        return self.call(case)

    def call(self, case: Case, outcome: str = "reached") -> Case:
        """Call the rater."""
        by = case.handler or ""
        return self.cases.contact(case.id, "phone", outcome, "说明了情况", by=by, tap=self.tap())

    def rectifying(self, contact: str = PHONE, kind: str = "complex") -> Case:
        """Return a case in which something is put right."""
        case = self.contacted() if contact else self.accepted()
        return self.cases.rectify(
            *(case.id, kind, "窗口排队过长", "增开窗口"), by=case.handler or "", tap=self.tap()
        )

    def answered(self, contact: str = PHONE) -> Case:
        """Return a case that was answered."""
        return self.answer(self.rectifying(contact))

    def answer(self, case: Case, public: str = "已增开窗口，感谢监督。") -> Case:
        """Answer the rater and the public."""
        return self.cases.answer(
            case.id, "向您致歉，已增开窗口。", public, by=case.handler or "", tap=self.tap()
        )

    def revisit(self, case: Case, outcome: str) -> Case:
        """Let the inspector ask the rater."""
        return self.cases.revisit(
            case.id, outcome, "电话回访", publish=True, by=INSPECTOR, tap=self.tap()
        )

    def steps(self, case: Case) -> list[str]:
        """Return the verbs of a case's history."""
        return [each.verb for each in self.cases.history(case.id)]

    def rows(self, sql: str, *values: Any) -> list[Any]:
        """Return rows of the hall's file."""
        return self.rooms.store.rows(sql, values)


def open_case_hall(path: Path, clock: MovedClock, **settings: Any) -> CaseHall:
    """Open a file as a hall with handlers."""
    rooms = open_rooms(path, clock, HALL_WITH_HANDLERS, **settings)
    return CaseHall(rooms, cases_of(rooms))


def cases_of(rooms: Rooms) -> Cases:
    """Return the cases of some rooms."""
    config = rooms.desk.config
    return Cases(rooms.store, rooms.register, rooms.desk, rooms.book, config, rooms.clock)
