"""The life of a bad rating as data: the table, who may, the limits, what may be said publicly."""

from datetime import datetime
from typing import Any

import pytest
from halls import SHANGHAI
from test_desk import refused

from cases import conditions, life, limits, rights, words
from cases.figures import Fact, figures
from cases.life import MAY_BECOME, STEPS, As, Case, State, Verb
from cases.limits import Colour, Limits
from cases.rights import Actor
from hall import days
from hall.catalogue import Person
from hall.days import HOUR
from hall.workdays import Workdays

LIMITS = Limits()


def at(text: str) -> int:
    return (
        int(datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI).timestamp()) * 1000
    )


def office_hours(day: str) -> list[tuple[int, int]]:
    """Nine to twelve and two to five."""
    first = days.first_instant(day, SHANGHAI)
    return [(first + 9 * HOUR, first + 12 * HOUR), (first + 14 * HOUR, first + 17 * HOUR)]


WORKDAYS = Workdays(SHANGHAI, spans=office_hours)
FRIDAY, MONDAY = at("2026-11-20 10:00"), at("2026-11-23 10:00")


def a_case(**more: Any) -> Case:
    told: dict[str, Any] = {
        "id": 1,
        "rating": 7,
        "visit": 9,
        "number": "A001",
        "service": "marriage",
        "case_number": "",
        "level": "dissatisfied",
        "tags": "",
        "text": "",
        "channel": "qr",
        "rated_at": FRIDAY,
        "window": 1,
        "clerk": "1001",
        "real_name": 1,
        "received_at": FRIDAY,
        "contact_limit": WORKDAYS.after_days(FRIDAY, 1),
        "unit": "MZ",
        "handler": "3001",
        "state": State.VERIFYING,
        "step": 3,
        "since": FRIDAY,
        "limit_at": WORKDAYS.after_days(FRIDAY, 1),
    }
    return Case(**told | more)


# -- the table ---------------------------------------------------------------------------------


def test_each_state_becomes_what_the_table_of_the_rules_says() -> None:
    void = {State.VOIDED}
    assert {
        State.RECEIVED: {State.ASSIGNED} | void,
        State.ASSIGNED: {State.VERIFYING, State.RECEIVED} | void,
        State.VERIFYING: {State.RECTIFYING, State.EXPLAINED, State.APPEALED, State.RECEIVED} | void,
        State.RECTIFYING: {State.ANSWERED, State.APPEALED} | void,
        State.EXPLAINED: {State.ANSWERED} | void,
        State.APPEALED: {State.VOIDED, State.VERIFYING, State.RECTIFYING},
        State.VOIDED: {State.CLOSED},
        State.ANSWERED: {State.REVISITING, State.CLOSED} | void,
        State.REVISITING: {State.CLOSED, State.RECTIFYING} | void,
        State.CLOSED: set(),
    } == MAY_BECOME


def test_every_state_and_verb_has_its_word_and_every_verb_its_place() -> None:
    assert set(life.IN_CHINESE) == set(State)
    assert set(life.DONE_IN_CHINESE) == set(Verb)
    assert {each.verb for each in STEPS} == set(Verb) - {Verb.RECEIVE}


def test_nobody_of_the_unit_decides_an_appeal_or_revisits() -> None:
    judging = (Verb.UPHOLD, Verb.DISMISS, Verb.REVISIT)
    assert {each.who for each in STEPS if each.verb in judging} == {(As.OUTSIDE,)}


# -- who may -----------------------------------------------------------------------------------

CAPACITIES = [
    (Actor("3001", "handler", "MZ"), {As.HANDLER}),
    (Actor("3002", "handler", "BDC"), set()),
    (Actor("2004", "inspector", "MZ"), {As.OUTSIDE}),
    (Actor("2005", "leader", "MZ"), {As.APPROVER}),
    (Actor("2005", "leader", "BDC"), {As.APPROVER, As.OUTSIDE}),
    (Actor("9001", "manager", "MZ"), {As.MANAGER, As.APPROVER}),
    (Actor("9000", "administrator", None), {As.MANAGER, As.APPROVER, As.OUTSIDE}),
    (Actor("device:7", "manager", None, person=False), {As.MANAGER, As.APPROVER}),
    (Actor("1002", "clerk", "MZ"), set()),
    (Actor("8001", "guide", None), set()),
]


@pytest.mark.parametrize(("actor", "expected"), CAPACITIES)
def test_who_may_act_follows_from_role_and_unit(actor: Actor, expected: set[As]) -> None:
    assert rights.capacities(actor, a_case()) == expected


@pytest.mark.parametrize("role", ["handler", "inspector", "leader", "manager", "administrator"])
def test_the_rated_clerk_acts_in_no_role_and_sees_nothing(role: str) -> None:
    rated = Actor("1001", role, "MZ")
    assert rights.capacities(rated, a_case()) == frozenset()
    assert not rights.may_see(rated, a_case())
    with refused("own_rating"):
        rights.check_step(rated, a_case(), Verb.CONTACT)


def test_contact_is_for_the_cases_own_handler_and_later_for_who_revisits() -> None:
    own, colleague = Actor("3001", "handler", "MZ"), Actor("3009", "handler", "MZ")
    inspector, manager = Actor("2004", "inspector"), Actor("9001", "manager")

    def who(**more: Any) -> list[bool]:
        case = a_case(**more)
        return [rights.may_look(each, case) for each in (own, colleague, inspector, manager)]

    assert who() == [True, False, False, False]
    assert who(state=State.REVISITING) == [False, False, True, True]
    assert who(state=State.CLOSED) == [False] * 4
    assert who(real_name=0) == [False] * 4


def test_the_handler_with_the_fewest_cases_gets_the_next_and_the_rated_one_never() -> None:
    people = [
        Person("1001", "张敏", "handler", department="MZ"),
        Person("3001", "安", "handler", department="MZ"),
        Person("3002", "白", "handler", department="MZ"),
        Person("3003", "柴", "handler", department="BDC"),
        Person("3004", "邓", "handler", department="MZ", active=False),
    ]

    def first(busy: dict[str, int]) -> str:
        found = rights.first_handler(people, a_case(), busy)
        assert found
        return found.staff_number

    assert first({}) == "3001"
    assert first({"3001": 2, "3002": 1}) == "3002"
    assert rights.first_handler(people, a_case(unit="GA"), {}) is None


# -- limits ------------------------------------------------------------------------------------

LIMITS_OF = [
    (State.RECEIVED, "2026-11-20 16:00", "2026-11-23 10:00"),  # an hour today, one on Monday
    (State.ASSIGNED, "2026-11-20 10:00", "2026-11-20 12:00"),
    (State.ASSIGNED, "2026-11-20 11:30", "2026-11-20 15:30"),  # lunch counts as nothing
    (State.VERIFYING, "2026-11-20 10:00", "2026-11-25 00:00"),
    (State.RECTIFYING, "2026-11-20 10:00", "2026-11-28 00:00"),
    (State.EXPLAINED, "2026-11-20 10:00", "2026-11-28 00:00"),
    (
        State.APPEALED,
        "2026-09-30 10:00",
        "2026-10-14 00:00",
    ),  # October's holidays, the 10th at work
    (State.REVISITING, "2026-11-20 10:00", "2026-11-28 00:00"),
    (State.ANSWERED, "2026-11-20 10:00", "2026-11-28 00:00"),
]


@pytest.mark.parametrize(("state", "began", "ends"), LIMITS_OF)
def test_limits_are_counted_in_working_time(state: State, began: str, ends: str) -> None:
    assert limits.limit_of(state, at(began), WORKDAYS, LIMITS) == at(ends)


def test_a_real_name_rater_is_contacted_within_one_working_day() -> None:
    limit = WORKDAYS.after_days(FRIDAY, LIMITS.contact_days)
    found = limits.limit_of(State.VERIFYING, MONDAY, WORKDAYS, LIMITS, contact_limit=limit)
    assert found == at("2026-11-24 00:00")


@pytest.mark.parametrize("state", [State.VOIDED, State.CLOSED])
def test_what_waits_for_nobody_has_no_limit(state: State) -> None:
    assert limits.limit_of(state, FRIDAY, WORKDAYS, LIMITS) is None
    assert limits.colour_of(state, FRIDAY, None, MONDAY, WORKDAYS, LIMITS) is Colour.NONE


COLOURS = [
    (State.ASSIGNED, "2026-11-20 10:00", "2026-11-20 12:00", "2026-11-20 10:59", Colour.NONE),
    (State.ASSIGNED, "2026-11-20 10:00", "2026-11-20 12:00", "2026-11-20 11:00", Colour.YELLOW),
    (State.ASSIGNED, "2026-11-20 10:00", "2026-11-20 12:00", "2026-11-20 12:00", Colour.RED),
    (State.RECTIFYING, "2026-11-20 10:00", "2026-11-28 00:00", "2026-11-26 23:59", Colour.NONE),
    (State.RECTIFYING, "2026-11-20 10:00", "2026-11-28 00:00", "2026-11-27 00:00", Colour.YELLOW),
    (State.RECTIFYING, "2026-11-20 10:00", "2026-11-28 00:00", "2026-11-28 00:00", Colour.RED),
    (State.VERIFYING, "2026-11-20 10:00", "2026-11-24 00:00", "2026-11-20 23:00", Colour.NONE),
    (State.VERIFYING, "2026-11-20 10:00", "2026-11-24 00:00", "2026-11-21 00:00", Colour.YELLOW),
]


@pytest.mark.parametrize(("state", "began", "limit", "now", "colour"), COLOURS)
def test_yellow_comes_one_working_day_before_a_limit_and_red_with_it(
    state: State, began: str, limit: str, now: str, colour: Colour
) -> None:
    assert limits.colour_of(state, at(began), at(limit), at(now), WORKDAYS, LIMITS) is colour


LEFT = [
    (State.RECTIFYING, "2026-11-28 00:00", "2026-11-20 10:00", "还剩 5 个工作日"),
    (State.RECTIFYING, "2026-11-28 00:00", "2026-11-27 10:00", "今天截止"),
    (State.RECTIFYING, "2026-11-28 00:00", "2026-11-28 00:00", "已超期"),
    (State.RECTIFYING, "2026-11-28 00:00", "2026-12-01 09:00", "超期 2 个工作日"),
    (State.ASSIGNED, "2026-11-20 12:00", "2026-11-20 10:00", "还剩 2 小时 0 分"),
    (State.ASSIGNED, "2026-11-20 12:00", "2026-11-20 11:20", "还剩 40 分"),
    (State.ASSIGNED, "2026-11-23 10:00", "2026-11-20 16:30", "下个工作日截止"),
]


@pytest.mark.parametrize(("state", "limit", "now", "words"), LEFT)
def test_the_time_left_is_said_in_words(state: State, limit: str, now: str, words: str) -> None:
    assert limits.left_said(state, at(limit), at(now), WORKDAYS) == words


def test_a_paused_limit_goes_on_with_the_working_days_it_had_left() -> None:
    limit = at("2026-11-28 00:00")  # Friday the 27th ends it
    left = limits.days_left(limit, at("2026-11-24 10:00"), WORKDAYS)
    assert left == 3
    assert limits.resumed(left, limit, at("2026-11-30 09:00"), WORKDAYS) == at("2026-12-04 00:00")


def test_a_limit_that_had_passed_before_the_pause_has_passed_after_it() -> None:
    limit = at("2026-11-28 00:00")
    left = limits.days_left(limit, at("2026-11-30 09:00"), WORKDAYS)
    assert left == -1
    assert limits.resumed(left, limit, at("2026-12-03 09:00"), WORKDAYS) == limit


# -- plans and extensions ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "due", "granted"),
    [
        ("simple", "", 1),
        ("simple", "2026-11-27", 1),
        ("complex", "", 5),
        ("complex", "2026-11-25", 3),
        ("complex", "2026-11-27", 5),
    ],
)
def test_a_rectification_gets_the_days_of_its_kind_or_up_to_its_due_day(
    kind: str, due: str, granted: int
) -> None:
    assert conditions.days_granted(kind, due, FRIDAY, WORKDAYS, LIMITS) == granted


@pytest.mark.parametrize(
    ("kind", "due", "code"),
    [
        ("", "", "unknown_kind"),
        ("complex", "2026-11-30", "bad_day"),
        ("complex", "2026-11-20", "bad_day"),
        ("complex", "2026-11-22", "bad_day"),
        ("complex", "next week", "bad_day"),
    ],
)
def test_a_plan_that_breaks_the_limit_is_refused(kind: str, due: str, code: str) -> None:
    with refused(code):
        conditions.days_granted(kind, due, FRIDAY, WORKDAYS, LIMITS)


def rectifying(**more: Any) -> Case:
    return a_case(
        **{"state": State.RECTIFYING, "limit_at": at("2026-11-28 00:00"), "granted": 5} | more
    )


def test_an_extension_ends_fifteen_working_days_after_the_beginning_at_the_latest() -> None:
    last = limits.longest_extension(rectifying(), WORKDAYS, LIMITS)
    assert WORKDAYS.between(FRIDAY, at(f"{last} 12:00")) == 15
    assert conditions.check_extension(rectifying(), last, MONDAY, WORKDAYS, LIMITS) == "2026-12-11"


@pytest.mark.parametrize(
    ("more", "until", "now", "code"),
    [
        ({}, "2026-12-12", MONDAY, "too_long"),
        ({}, "2026-11-27", MONDAY, "bad_day"),
        ({}, "soon", MONDAY, "bad_day"),
        ({"extended": 1}, "2026-12-01", MONDAY, "extended_before"),
        ({}, "2026-12-01", at("2026-11-28 00:00"), "too_late"),
    ],
)
def test_an_extension_is_refused(more: dict[str, Any], until: str, now: int, code: str) -> None:
    with refused(code):
        conditions.check_extension(rectifying(**more), until, now, WORKDAYS, LIMITS)


# -- contact, appeal, revisit ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcomes", "contacted"),
    [
        ([], False),
        (["reached"], True),
        (["no_answer"], False),
        (["no_answer", "wrong_number"], False),
        (["no_answer", "no_answer", "no_answer"], True),
        (["no_answer", "reached"], True),
    ],
)
def test_a_rater_is_contacted_when_reached_or_after_three_tries(
    outcomes: list[str], contacted: bool
) -> None:
    assert conditions.is_contacted(outcomes, LIMITS) is contacted


def test_a_unit_appeals_once_within_three_working_days() -> None:
    last = at("2026-11-25 23:59")
    conditions.check_appeal(a_case(), last, WORKDAYS, LIMITS)
    with refused("too_late"):
        conditions.check_appeal(a_case(), last + 60_000, WORKDAYS, LIMITS)
    with refused("appealed_before"):
        conditions.check_appeal(a_case(appealed=1), FRIDAY, WORKDAYS, LIMITS)


TRIES = [
    ([("20", "satisfied")], False, Verb.CLOSE),
    ([("20", "no_answer")], False, Verb.REVISIT),
    ([("20", "no_answer")] * 3, False, Verb.REVISIT),  # three tries, but on one day
    ([("20", "no_answer"), ("20", "no_answer"), ("23", "no_answer")], False, Verb.CLOSE),
    ([("20", "no_answer"), ("23", "no_answer")], False, Verb.REVISIT),
    ([("20", "no_answer"), ("23", "dissatisfied")], False, Verb.REWORK),
    ([("20", "dissatisfied")], True, Verb.CLOSE),
]


@pytest.mark.parametrize(("tries", "reworked", "follows"), TRIES)
def test_what_follows_a_revisit(
    tries: list[tuple[str, str]], reworked: bool, follows: Verb
) -> None:
    assert conditions.after_try(tries, reworked, LIMITS) is follows


# -- the public answer -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "已于2026-11-20整改，感谢监督。",
        "2026年11月20日已增开2个窗口，等候时间从40分钟降到15分钟。",
        "A012号群众反映的问题属实，已批评教育。",
        "如有疑问请拨打12345。",
    ],
)
def test_an_answer_without_personal_data_is_published_as_it_is(text: str) -> None:
    assert words.check_public(f" {text} ", ["张敏", ""]) == text


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("已电话联系13812345678致歉", "电话"),
        ("已电话联系138 1234 5678致歉", "电话"),
        ("已电话联系１３８１２３４５６７８致歉", "电话"),
        ("座机0371-6612345", "电话"),
        ("身份证11010519491231002X", "证件号码"),
        ("邮箱 zhang.san@example.com", "电子邮箱"),
        ("已对张敏批评教育", "张敏"),
        ("微信wx_lisi已回复", "wx_lisi"),
    ],
)
def test_an_answer_with_personal_data_goes_back_with_what_must_go(text: str, what: str) -> None:
    with refused("personal_data") as said:
        words.check_public(text, ["张敏", "wx_lisi"])
    assert what in said.value.message


# -- the rates ---------------------------------------------------------------------------------


def a_fact(**more: Any) -> Fact:
    told: dict[str, Any] = dict.fromkeys(Fact.__dataclass_fields__)
    return Fact(**told | {"real_name": 0, "voided": 0, "limit_at": 100} | more)


FACTS = [
    # contacted in time, answered in time, revisited, closed
    a_fact(
        real_name=1,
        contact_limit=10,
        contacted_at=9,
        answered_at=50,
        answer_limit=60,
        revisited_at=70,
        closed_at=70,
        limit_at=None,
    ),
    # contacted too late, answered too late, not yet closed
    a_fact(
        real_name=1,
        contact_limit=10,
        contacted_at=12,
        answered_at=65,
        answer_limit=60,
        limit_at=200,
    ),
    # nobody has called, and it is past the limit
    a_fact(real_name=1, contact_limit=10, limit_at=10),
    # fresh: due in nothing
    a_fact(real_name=1, contact_limit=200, limit_at=200),
    # anonymous and closed
    a_fact(answered_at=50, answer_limit=60, closed_at=70, limit_at=None),
    # voided: in no rate
    a_fact(real_name=1, contact_limit=10, voided=1, closed_at=20, limit_at=None),
]


def test_the_rates_follow_the_manual_of_statistics() -> None:
    found = figures(FACTS, now=100)
    shares = {
        name: (found[name]["numerator"], found[name]["denominator"])
        for name in ("contacted", "rectified", "in_time", "revisited")
    }
    assert shares == {
        "contacted": (1, 3),
        "rectified": (3, 4),
        "in_time": (2, 4),
        "revisited": (1, 1),
    }
    assert (found["bad"], found["real_name"], found["voided"]) == (5, 4, 1)


def test_a_month_without_bad_ratings_has_no_rates() -> None:
    assert figures([], now=100)["contacted"]["text"] == "—"
