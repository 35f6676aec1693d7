"""A hall whose windows are ranked: small minimums, a month that is over, and who does what."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from case_hall import HALL_WITH_HANDLERS, INSPECTOR, LEADER, MANAGER, CaseHall, cases_of
from halls import MovedClock, open_rooms

from complaints.complaints import Complaints
from complaints.drafting import Draft
from complaints.life import Complaint
from hall.catalogue import Person
from ranking.life import Ranking
from ranking.rankings import Rankings
from ranking.rules import Facts

SECOND_LEADER = "2006"
OCTOBER = "2026-10"
SMALL = {"least_services": 3, "least_ratings": 2}
CLASSES = {1: "综合", 2: "综合", 3: "专业", 4: "综合"}
HALL = replace(
    HALL_WITH_HANDLERS,
    windows=tuple(replace(each, category=CLASSES[each.no]) for each in HALL_WITH_HANDLERS.windows),
    people=(*HALL_WITH_HANDLERS.people, Person(SECOND_LEADER, "葛文秀", "leader", "局长", "MZ")),
)


@dataclass
class RankingHall(CaseHall):
    """The rooms, with complaints and rankings beside the cases."""

    # both are made from the others, right after them
    complaints: Complaints = None  # type: ignore[assignment]
    rankings: Rankings = None  # type: ignore[assignment]

    def month(self, window: int, good: int, bad: int = 0, service: str = "marriage") -> None:
        """Let a window serve and be rated so often, in the month of the clock."""
        for level in ("satisfied",) * good + ("dissatisfied",) * bad:
            self.rate(level, window=window, service=service)

    def october(self) -> None:
        """Let October pass."""
        self.live(OCTOBER)
        self.go_to("2026-11-20 10:00")

    def live(self, month: str) -> None:
        """Let a month pass: window 1 is better than 2, window 3 alone in its class, 4 too small."""
        self.go_to(f"{month}-12 09:00")
        self.month(1, good=4)
        self.month(2, good=3, bad=1)
        self.month(3, good=3, service="estate")
        self.month(4, good=1, service="advice")

    def drafted(self, reason: str = "", month: str = OCTOBER) -> Ranking:
        """Draft a month as the manager."""
        return self.rankings.draft(month, reason, by=MANAGER, tap=self.tap())

    def published(self, reason: str = "", month: str = OCTOBER) -> Ranking:
        """Draft, sign and publish a month."""
        made = self.drafted(reason, month)
        self.rankings.sign(made.id, by=LEADER, tap=self.tap())
        return self.rankings.publish(made.id, by=MANAGER, tap=self.tap())

    def complain(self, **told: Any) -> Complaint:
        """Register a complaint now."""
        told = {"source": "window", "title": "被要求多跑一次", "content": "材料齐全", **told}
        return self.complaints.register_one(Draft(at=self.clock(), **told), self.tap(), by=MANAGER)

    def facts(self, window: int, month: str = OCTOBER) -> Facts:
        """Return what is known of a window's month today."""
        return next(each for each in self.rankings.today(month) if each.window == window)


def open_ranking_hall(path: Path, clock: MovedClock, **settings: Any) -> RankingHall:
    """Open a file as a hall whose windows are ranked."""
    told = {"ranking": SMALL, **settings}
    rooms = open_rooms(path, clock, HALL, **told)
    config = rooms.desk.config
    cases = cases_of(rooms)
    complaints = Complaints(rooms.store, rooms.register, rooms.desk, config, rooms.clock)
    rankings = Rankings(rooms.store, rooms.register, rooms.desk, rooms.book, config, rooms.clock)
    return RankingHall(rooms, cases, complaints=complaints, rankings=rankings)


__all__ = ["INSPECTOR", "LEADER", "MANAGER"]
