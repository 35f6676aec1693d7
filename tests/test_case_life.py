"""Whatever people try with a bad rating in whatever order, its life keeps its promises."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from case_hall import (
    COLLEAGUE,
    HALL_WITH_HANDLERS,
    HANDLER,
    INSPECTOR,
    LEADER,
    MANAGER,
    OTHER_UNIT,
    PHONE,
    open_case_hall,
)
from halls import SHANGHAI, MovedClock, open_rooms
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from cases import conditions, life, limits
from cases.life import Case, State
from cases.limits import Limits
from cases.proof import problems
from hall import days
from hall.days import DAY, HOUR, MINUTE
from hall.refusals import NotAllowed
from hall.workdays import Workdays, is_working_day

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
WALKS, STEPS = 60, 40
PEOPLE = (HANDLER, COLLEAGUE, OTHER_UNIT, INSPECTOR, LEADER, MANAGER, "1001", "9000", "device:1")
VERBS = (
    *("accept", "send_back", "hand_over", "assign", "look", "contact", "rectify", "explain"),
    *("ask_extension", "extend", "refuse", "appeal", "uphold", "dismiss", "answer", "revisit"),
    "close",
)
WAYS = {
    "contact": ("reached", "no_answer", "wrong_number"),
    "revisit": ("satisfied", "dissatisfied", "no_answer"),
    "rectify": ("simple", "complex"),
    "appeal": ("mistaken", "malicious"),
}
# Who usually does what; a walk of strangers alone would get nowhere.
USUALLY = {
    **dict.fromkeys(("assign", "close", "extend", "refuse"), MANAGER),
    **dict.fromkeys(("uphold", "dismiss", "revisit"), INSPECTOR),
}
# Chance does not always come as far as these; each is walked once before it is asked.
WHOLE_WAYS = (
    ("send_back", "assign", "accept", "hand_over", "look", "contact", "rectify"),
    ("accept", "contact", "explain", "answer", "revisit"),
    ("accept", "explain", "answer", "close"),
    ("accept", "contact", "rectify", "ask_extension", "extend"),
    ("accept", "contact", "rectify", "ask_extension", "refuse"),
    ("accept", "contact", "appeal", "uphold"),
    ("accept", "contact", "appeal", "dismiss"),
)
TOWARDS_AN_END = {"hand_over": 1, "rectify": 1, "ask_extension": 11}
reached: Counter[str] = Counter()


class TheLife(RuleBasedStateMachine):
    """Two bad ratings, one with a contact, and a hall full of people who press every button."""

    template: Path

    @initialize()
    def opens(self) -> None:
        """Open a hall with two cases."""
        self.folder = Path(tempfile.mkdtemp(prefix="cases-", dir=MEMORY))
        shutil.copy(self.template, self.folder / "hall.db")
        self.hall = open_case_hall(self.folder / "hall.db", MovedClock())
        self.numbers = [self.hall.bad(PHONE).id, self.hall.bad().id]
        self.approved: Counter[int] = Counter()

    def teardown(self) -> None:
        """Forget the hall."""
        if hasattr(self, "hall"):
            self.hall.rooms.store.close()
            shutil.rmtree(self.folder)

    def case(self, which: int) -> Case:
        """Return one of the two."""
        return self.hall.cases.case(self.numbers[which])

    def do(self, which: int, verb: str, by: str, choice: int) -> None:
        """Try something; a refusal changes nothing."""
        before = self.case(which)
        number = before.id
        how: dict[str, Any] = {"by": by, "tap": self.hall.tap()}
        ways = WAYS.get(verb, ("",))
        way = ways[choice % len(ways)]
        cases, until = self.hall.cases, self.day_ahead(choice)
        acts: dict[str, Any] = {
            "accept": lambda: cases.accept(number, **how),
            "send_back": lambda: cases.send_back(number, "不属本单位", **how),
            "hand_over": lambda: cases.hand_over(number, self.someone(choice), "出差", **how),
            "assign": lambda: cases.assign(number, self.someone(choice), **how),
            "look": lambda: cases.look(number, "致电", **how),
            "contact": lambda: cases.contact(number, "phone", way, "去电", **how),
            "rectify": lambda: cases.rectify(number, way, "属实", "增开窗口", **how),
            "explain": lambda: cases.explain(number, "依规", **how),
            "ask_extension": lambda: cases.ask_extension(number, until, "采购", **how),
            "extend": lambda: cases.decide_extension(number, approve=True, **how),
            "refuse": lambda: cases.decide_extension(number, "不必", approve=False, **how),
            "appeal": lambda: cases.appeal(number, way, "误点", **how),
            "uphold": lambda: cases.decide_appeal(number, "属实", uphold=True, **how),
            "dismiss": lambda: cases.decide_appeal(number, "不实", uphold=False, **how),
            "answer": lambda: cases.answer(number, "致歉", "已整改。", **how),
            "revisit": lambda: cases.revisit(number, way, "回访", **how),
            "close": lambda: cases.close(number, publish=True, **how),
        }
        try:
            acts[verb]()
        except NotAllowed:
            assert self.case(which) == before
        else:
            assert by != before.clerk
            reached[verb] += 1
            self.check(verb, before, self.case(which))

    def check(self, verb: str, before: Case, after: Case) -> None:
        """Look at what one act did."""
        if verb == "extend":
            self.approved[after.id] += 1
            assert self.approved[after.id] == 1
            assert (after.limit_at or 0) > (before.limit_at or 0)
        if verb == "dismiss":
            assert before.paused_left is not None
            workdays, now = self.hall.cases.workdays(), self.hall.clock()
            assert after.limit_at is not None
            if before.paused_left >= 0:  # as many working days as when it stopped
                assert workdays.between(now, after.limit_at - 1) == before.paused_left
            else:
                assert after.limit_at == before.paused_limit

    def someone(self, choice: int) -> str:
        """Return one of the handlers."""
        return (HANDLER, COLLEAGUE, OTHER_UNIT)[choice % 3]

    def day_ahead(self, choice: int) -> str:
        """Return a day of the next three weeks."""
        return days.day_of(self.hall.clock() + (choice % 21 + 1) * DAY, SHANGHAI)

    @rule(
        which=st.integers(0, 1),
        verb=st.sampled_from(VERBS),
        by=st.sampled_from(PEOPLE),
        choice=st.integers(0, 20),
    )
    def somebody_tries(self, which: int, verb: str, by: str, choice: int) -> None:
        """Anybody presses any button."""
        self.do(which, verb, by, choice)

    @rule(which=st.integers(0, 1), picked=st.integers(0, 50), choice=st.integers(0, 20))
    def the_right_one_goes_on(self, which: int, picked: int, choice: int) -> None:
        """Whoever should, does something that the table knows from here."""
        case = self.case(which)
        known = [
            verb
            for verb in VERBS
            if any(step.was is case.state and step.verb == verb for step in life.STEPS)
        ]
        if known:
            verb = known[picked % len(known)]
            by = USUALLY.get(verb, case.handler or MANAGER)
            if verb == "look" and case.state is State.REVISITING:
                by = INSPECTOR
            self.do(which, verb, by, choice)

    @rule(which=st.integers(0, 1), decided=st.sampled_from(("extend", "refuse")))
    def the_unit_needs_more_time(self, which: int, decided: str) -> None:
        """A handler goes as far as to ask for an extension, which somebody decides."""
        for verb, choice in (("accept", 0), ("contact", 0), ("rectify", 1), ("ask_extension", 11)):
            self.do(which, verb, self.case(which).handler or MANAGER, choice)
        self.do(which, decided, LEADER, 0)

    @rule(hours=st.sampled_from((0.5, 3, 20, 50, 200)))
    def time_passes(self, hours: float) -> None:
        """Move the clock."""
        self.hall.clock.move(hours=hours)
        self.hall.cases.tick()

    @precondition(lambda self: hasattr(self, "hall"))
    @invariant()
    def nothing_is_broken(self) -> None:
        """Whatever happened, the file keeps its promises."""
        assert problems(self.hall.rooms.store) == []
        real_name = self.case(0)
        if real_name.state is State.CLOSED:
            outcomes = self.hall.cases.cases.contacts(real_name.id)
            assert conditions.is_contacted(outcomes, self.hall.cases.limits)
            reached["closed"] += 1
        for number in self.numbers:
            case = self.hall.cases.case(number)
            assert case.handler != case.clerk
            voided = self.hall.rooms.book.rating(case.rating).voided_at is not None
            assert voided is (case.void_kind != "")
        bad = self.hall.cases.figures("2026-11")
        assert bad["bad"] + bad["voided"] == 2
        assert bad["voided"] == sum(self.case(which).void_kind != "" for which in (0, 1))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "hall.db"
    open_rooms(path, MovedClock(), HALL_WITH_HANDLERS).store.close()
    return path


def walk_all_of(way: Sequence[str]) -> None:
    life_of_two = TheLife()
    life_of_two.opens()
    which = 1 if way[-1] == "close" else 0
    for verb in way:
        by = USUALLY.get(verb, life_of_two.case(which).handler or MANAGER)
        life_of_two.do(which, verb, by, TOWARDS_AN_END.get(verb, 0))
        life_of_two.nothing_is_broken()
    life_of_two.teardown()


def test_every_walk_through_the_life_keeps_its_promises(template: Path) -> None:
    TheLife.template = template
    reached.clear()
    for way in WHOLE_WAYS:
        walk_all_of(way)
    assert set(VERBS) - set(reached) == set(), "some verb was never reached"
    walks = settings(
        max_examples=WALKS,
        stateful_step_count=STEPS,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(TheLife, settings=walks)
    assert reached["closed"] > 0


# -- working days ------------------------------------------------------------------------------

# Two years with holidays, make-up workdays and plain weekends.
instants = st.integers(
    int(days.first_instant("2025-01-01", SHANGHAI) // MINUTE),
    int(days.first_instant("2026-12-01", SHANGHAI) // MINUTE),
).map(lambda minute: minute * MINUTE)
WORKDAYS = Workdays(SHANGHAI)


@given(instants, st.integers(0, 15))
def test_a_limit_ends_a_working_day_and_has_as_many_days_as_it_was_given(
    began: int, how_many: int
) -> None:
    limit = WORKDAYS.after_days(began, how_many)
    assert WORKDAYS.between(began, limit - 1) == how_many
    assert limit == WORKDAYS.end_of(days.day_of(limit - 1, SHANGHAI))
    assert how_many == 0 or is_working_day(days.day_of(limit - 1, SHANGHAI))


@given(instants, st.integers(1, 15), st.integers(0, 30 * 24), st.integers(0, 30 * 24))
def test_a_pause_costs_no_working_day_and_gives_none(
    began: int, granted: int, before: int, paused: int
) -> None:
    limit, stops = WORKDAYS.after_days(began, granted), began + before * HOUR
    goes_on = stops + paused * HOUR
    left = limits.days_left(limit, stops, WORKDAYS)
    again = limits.resumed(left, limit, goes_on, WORKDAYS)
    if stops >= limit:
        assert again == limit
    else:
        assert WORKDAYS.between(goes_on, again - 1) == WORKDAYS.between(stops, limit - 1)
        assert again >= limit
        assert again > goes_on


@given(instants, st.integers(1, 15), st.integers(0, 40 * 24))
def test_red_is_never_before_yellow_and_the_words_agree_with_the_colour(
    began: int, granted: int, later: int
) -> None:
    limit, now = WORKDAYS.after_days(began, granted), began + later * HOUR
    colour = limits.colour_of(State.RECTIFYING, began, limit, now, WORKDAYS, Limits())
    words = limits.left_said(State.RECTIFYING, limit, now, WORKDAYS)
    assert (colour is limits.Colour.RED) == (now >= limit) == ("超期" in words)
    assert (colour is limits.Colour.YELLOW) == (WORKDAYS.a_day_before(limit) <= now < limit)
