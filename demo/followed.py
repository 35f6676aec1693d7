"""How the demo hall's bad ratings were followed up, from the day each was given."""

import random
from collections.abc import Callable
from heapq import heappop, heappush
from pathlib import Path

from cases.cases import Cases
from cases.life import Bad, Case, State
from hall import days
from hall.config import Config
from hall.days import DAY, HOUR, MINUTE, Instant
from hall.desk import Desk
from hall.refusals import NotAllowed
from hall.register import Register
from hall.store import Store
from rating.book import Book

SEED = 20261120
INSPECTOR, MANAGER, LEADER = "2004", "2001", "2005"
FIRST_HOUR, LAST_HOUR = 9, 17
PUBLIC = "已核实并整改，感谢您的监督。"
CAUSES = ("高峰时段窗口不足，排队时间过长", "材料清单没有一次告知", "系统故障时没有及时说明")
PLANS = ("高峰时段增开一个窗口", "修订一次性告知单并培训", "故障时由导办员逐一说明")


class Hand:
    """A clock that stands where it was put."""

    def __init__(self, instant: Instant) -> None:
        self.instant = instant

    def __call__(self) -> Instant:
        """Return where it stands."""
        return self.instant


class Followed(Cases):
    """Cases that open with their ratings, in the past."""

    def _open_older(self) -> None:
        """Open none yet: ``live`` does, each at its own time."""

    def live(self, clock: Hand, until: Instant) -> None:
        """Let everybody do what they do, in the order of time, up to an instant."""
        chance, line = random.Random(SEED), list[tuple[Instant, int, int]]()
        waiting: dict[int, Bad] = {}
        for bad in self.cases.without_case():
            waiting[bad.rating] = bad
            heappush(line, (bad.rated_at, 0, bad.rating))
        while line:
            at, number, rating = heappop(line)
            if at >= until:
                continue
            clock.instant = at
            if not number:
                self._open(waiting[rating], at)
                case = self.cases.of_rating(rating)
                assert case is not None
            else:
                case = self._goes_on(number, chance)
            if case is not None and case.state is not State.CLOSED:
                heappush(line, (self._later(at, chance, case), case.id, rating))

    def _later(self, at: Instant, chance: random.Random, case: Case) -> Instant:
        """Return when somebody turns to a case again: at work, sooner or later."""
        hours = {
            State.ASSIGNED: chance.uniform(0.1, 1.8),
            State.VERIFYING: chance.uniform(0.5, 5),
            State.RECTIFYING: chance.uniform(1, 6)
            if case.kind == "simple"
            else chance.uniform(8, 60 if chance.random() < 0.9 else 200),
        }.get(case.state, chance.uniform(18, 60))
        wanted = at + int(hours * HOUR)
        day, workdays = days.day_of(wanted, self.zone), self.workdays()
        opens = days.first_instant(day, self.zone) + FIRST_HOUR * HOUR
        if not workdays.counts(day) or wanted > opens + (LAST_HOUR - FIRST_HOUR) * HOUR:
            last = workdays.after_days(wanted, 1)
            return last - DAY + FIRST_HOUR * HOUR + int(chance.uniform(0, 90) * MINUTE)
        return max(wanted, opens)

    def _goes_on(self, number: int, chance: random.Random) -> Case | None:
        case = self.case(number)
        acts: dict[State, Callable[[Case, random.Random, str], Case]] = {
            State.ASSIGNED: lambda case, _, tap: self.accept(case.id, by=_of(case), tap=tap),
            State.VERIFYING: self._verify,
            State.RECTIFYING: self._answer,
            State.EXPLAINED: self._answer,
            State.APPEALED: self._judge,
            State.ANSWERED: lambda case, _, tap: self.close(
                case.id, publish=True, by=MANAGER, tap=tap
            ),
            State.REVISITING: self._ask,
        }
        try:
            return acts[case.state](case, chance, f"demo-{case.id}-{case.step}")
        except (KeyError, NotAllowed):
            return None  # it lies where it is, as things do

    def _verify(self, case: Case, chance: random.Random, tap: str) -> Case:
        by = _of(case)
        if case.real_name and case.contacted_at is None:
            outcome = "reached" if chance.random() < 0.8 else "no_answer"
            return self.contact(case.id, "phone", outcome, "致电了解情况", by=by, tap=tap)
        fate = chance.random()
        if fate < 0.06 and not case.appealed:
            return self.appeal(case.id, "mistaken", "评价人当场说明选错了等级", by=by, tap=tap)
        if fate < 0.2:
            return self.explain(case.id, "所缺材料为法定要件，窗口依规告知", by=by, tap=tap)
        which = chance.randrange(len(CAUSES))
        kind = "simple" if fate < 0.5 else "complex"
        return self.rectify(case.id, kind, CAUSES[which], PLANS[which], by=by, tap=tap)

    def _answer(self, case: Case, chance: random.Random, tap: str) -> Case:
        if case.kind == "complex" and not case.extended and chance.random() < 0.12:
            until, by = self.last_day_of_extension(case), _of(case)
            if not self.extensions(case.id):
                return self.ask_extension(case.id, until, "等待上级系统升级", by=by, tap=tap)
            return self.decide_extension(case.id, approve=True, by=LEADER, tap=tap)
        reply = "向您致歉。您反映的问题已核实，处理情况见公开答复。"
        return self.answer(case.id, reply, PUBLIC, by=_of(case), tap=tap)

    def _judge(self, case: Case, chance: random.Random, tap: str) -> Case:
        uphold = chance.random() < 0.5
        said = "调看监控和录音，属实" if uphold else "证据不足，退回办理"
        return self.decide_appeal(case.id, said, uphold=uphold, by=INSPECTOR, tap=tap)

    def _ask(self, case: Case, chance: random.Random, tap: str) -> Case:
        outcome = chance.choices(("satisfied", "no_answer", "dissatisfied"), (82, 13, 5))[0]
        return self.revisit(case.id, outcome, "电话回访", publish=True, by=INSPECTOR, tap=tap)


def _of(case: Case) -> str:
    return case.handler or MANAGER


def follow_up(database: Path, config: Config, now: Instant) -> None:
    """Let the bad ratings of a demo hall be followed up until now."""
    store, clock = Store(database), Hand(now)
    try:
        register = Register(store, clock)
        desk = Desk(store, register, config, clock)
        book = Book(store, register, desk, config, clock)
        cases = Followed(store, register, desk, book, config, clock)
        with store.transaction():
            cases.live(clock, now)
            clock.instant = now
            cases.tick()  # what was late by then has been told
    finally:
        store.close()
