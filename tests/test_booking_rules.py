"""The rules of appointments as tables: slots, days, bars, cancelling, checking in, codes."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from halls import SHANGHAI
from hypothesis import given
from hypothesis import strategies as st

from booking import plans, rules, words
from booking.plans import Plan, Slot
from booking.rules import ALPHABET, CODE_LENGTH, CODES, MAY_BECOME, Appointment, State, Terms
from hall.days import HOUR, MINUTE, instant_of
from hall.refusals import NotAllowed, NotValid

TERMS = Terms()
MONDAY = "2026-11-23"
EVERY_MONDAY = Plan(1, "marriage", 1, None, 30, 3)


def at(clock: str, day: str = MONDAY) -> int:
    return instant_of(day, datetime.strptime(clock, "%H:%M").time(), SHANGHAI)  # noqa: DTZ007


def an_appointment(
    clock: str = "09:00", minutes: int = 30, state: State = State.BOOKED
) -> Appointment:
    return Appointment(
        id=1,
        code="23456789",
        service="marriage",
        day=MONDAY,
        slot_at=at(clock),
        slot_ends=at(clock) + minutes * MINUTE,
        person="somebody",
        day_person="somebody today",
        holder="张*",
        phone="13800000001",
        state=state,
        source="phone",
        foreign_id=None,
        made_at=at("09:00", "2026-11-20"),
        ended_at=None if state is State.BOOKED else at("08:00"),
        ticket=7 if state is State.ARRIVED else None,
    )


def code_of(refusal: NotAllowed | None) -> str:
    return refusal.code if refusal else ""


# -- codes -------------------------------------------------------------------------------------


@given(st.integers(0, CODES - 1))
def test_every_number_has_a_code_that_is_read_back_however_it_is_typed(number: int) -> None:
    code = rules.code_of(number)
    assert len(code) == CODE_LENGTH
    assert rules.read_code(f" {code[:4].lower()}-{code[4:]} ") == code


def test_no_two_numbers_have_one_code() -> None:
    some = [*range(3000), *range(CODES - 3000, CODES)]
    assert len({rules.code_of(number) for number in some}) == len(some)


def test_nothing_in_a_code_is_mistaken_for_something_else() -> None:
    assert not set("01OILAEU") & set(ALPHABET)
    assert CODES > 10**11


@pytest.mark.parametrize(
    "text", ["", "2345678", "234567890", "2345678O", "2345678A", "预约码二三四五"]
)
def test_what_is_no_code_is_read_as_none(text: str) -> None:
    assert rules.read_code(text) is None


# -- slots -------------------------------------------------------------------------------------

SLOTS = [
    # open spans, minutes, beginnings expected
    ([("09:00", "10:30")], 30, ["09:00", "09:30", "10:00"]),
    ([("09:00", "10:20")], 30, ["09:00", "09:30"]),
    ([("09:00", "09:20")], 30, []),
    ([("08:30", "09:30"), ("13:30", "14:30")], 60, ["08:30", "13:30"]),
    ([], 30, []),
]


@pytest.mark.parametrize(("spans", "minutes", "begin"), SLOTS)
def test_a_day_is_cut_into_slots_that_lie_whole_inside_the_open_hours(
    spans: list[tuple[str, str]], minutes: int, begin: list[str]
) -> None:
    opened = [(at(opens), at(closes)) for opens, closes in spans]
    slots = plans.slots_of(opened, replace(EVERY_MONDAY, slot_minutes=minutes), [])
    assert [slot.at for slot in slots] == [at(each) for each in begin]
    assert all(slot.ends - slot.at == minutes * MINUTE for slot in slots)


def test_a_day_without_a_plan_or_with_a_quota_of_none_has_no_slots() -> None:
    opened = [(at("09:00"), at("12:00"))]
    assert plans.slots_of(opened, EVERY_MONDAY, [])
    assert plans.slots_of(opened, None, []) == ()
    assert plans.slots_of(opened, replace(EVERY_MONDAY, quota=0), []) == ()


def test_whoever_has_booked_takes_room_in_the_slot_they_come_in() -> None:
    """Found by thinking of a plan that changed from 20 minutes to 30 with 09:20 booked."""
    opened = [(at("09:00"), at("10:00"))]
    taken = [at("09:00"), at("09:20"), at("09:30")]
    first, second = plans.slots_of(opened, EVERY_MONDAY, taken)
    assert (first.taken, first.free) == (2, 1)
    assert (second.taken, second.free) == (1, 2)


def test_a_slot_that_took_more_than_its_quota_has_no_room_and_no_debt() -> None:
    assert Slot(0, 1, quota=2, taken=5).free == 0


@pytest.mark.parametrize(
    ("day", "plan"),
    [
        ("2026-11-23", "monday"),
        ("2026-11-24", None),
        ("2026-11-30", "that day"),
    ],
)
def test_a_date_has_its_own_plan_before_its_weekdays(day: str, plan: str | None) -> None:
    named = {
        "monday": EVERY_MONDAY,
        "that day": Plan(2, "marriage", None, "2026-11-30", 15, 1),
    }
    assert plans.plan_for(named.values(), day) == (named[plan] if plan else None)


# -- days --------------------------------------------------------------------------------------


def in_week(day: str) -> bool:
    return date.fromisoformat(day).isoweekday() <= 5


@pytest.mark.parametrize(
    ("today", "first", "last", "days"),
    [
        (
            "2026-11-20",
            1,
            5,
            ["2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27"],
        ),
        ("2026-11-21", 1, 2, ["2026-11-23", "2026-11-24"]),
        ("2026-11-20", 2, 3, ["2026-11-24", "2026-11-25"]),
        ("2026-11-23", 1, 1, ["2026-11-24"]),
    ],
)
def test_one_to_five_working_days_ahead_may_be_booked(
    today: str, first: int, last: int, days: list[str]
) -> None:
    terms = replace(TERMS, first_day=first, last_day=last)
    assert list(rules.bookable_days(today, terms, in_week)) == days


def test_a_hall_that_never_works_offers_no_day_and_ends_looking() -> None:
    assert rules.bookable_days("2026-11-20", TERMS, lambda _: False) == ()


def test_a_day_out_of_reach_is_refused_with_the_days_that_are_not() -> None:
    allowed = ("2026-11-23", "2026-11-27")
    assert rules.not_bookable("2026-11-23", allowed, TERMS) is None
    refusal = rules.not_bookable("2026-11-30", allowed, TERMS)
    assert code_of(refusal) == "day_not_bookable"
    assert refusal is not None
    assert "11月23日（周一）至11月27日（周五）" in refusal.message


# -- no-shows ----------------------------------------------------------------------------------

LIMITS = [
    # days on which somebody did not come, the day until which they are barred
    ([], None),
    ([0, 1], None),
    ([0, 1, 2], 32),
    ([0, 45, 90], 120),
    ([0, 45, 91], None),
    ([0, 100, 150, 190], 220),
    ([2, 0, 1], 32),
    ([0, 1, 2, 3], 33),
    ([0, 1, 2, 80], 110),
]


@pytest.mark.parametrize(("missed", "until"), LIMITS)
def test_three_no_shows_in_ninety_days_bar_booking_for_thirty(
    missed: list[int], until: int | None
) -> None:
    given_up = [day * rules.DAY for day in missed]
    assert rules.barred_until(given_up, TERMS) == (until * rules.DAY if until else None)


def test_a_bar_ends_to_the_millisecond() -> None:
    given_up = [0, 1, 2]
    until = rules.barred_until(given_up, TERMS)
    assert until is not None
    assert code_of(rules.barred(given_up, until - 1, TERMS, SHANGHAI)) == "barred_from_booking"
    assert rules.barred(given_up, until, TERMS, SHANGHAI) is None


def test_a_hall_that_bars_at_once_bars_after_one() -> None:
    assert rules.barred_until([5], replace(TERMS, no_shows_most=1)) == 5 + 30 * rules.DAY


# -- cancelling --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "state", "code"),
    [
        ("06:59", State.BOOKED, ""),
        ("07:00", State.BOOKED, ""),
        ("07:01", State.BOOKED, "too_late_to_cancel"),
        ("09:10", State.BOOKED, "too_late_to_cancel"),
        ("06:00", State.ARRIVED, "not_booked"),
        ("06:00", State.NO_SHOW, "not_booked"),
    ],
)
def test_an_appointment_is_cancelled_up_to_two_hours_before(
    now: str, state: State, code: str
) -> None:
    appointment = an_appointment("09:00", state=state)
    assert code_of(rules.not_cancellable(appointment, at(now), TERMS)) == code


@pytest.mark.parametrize(
    ("tail", "right"), [("0001", True), (" 0001 ", True), ("0002", False), ("", False)]
)
def test_who_cancels_knows_how_the_phone_number_ends(tail: str, right: bool) -> None:
    if right:
        rules.check_phone_tail(an_appointment(), tail)
        return
    with pytest.raises(NotValid):
        rules.check_phone_tail(an_appointment(), tail)


def test_nobody_cancels_by_an_empty_tail_once_the_phone_is_forgotten() -> None:
    with pytest.raises(NotValid):
        rules.check_phone_tail(replace(an_appointment(), phone=None), "")


# -- checking in -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "minutes", "code"),
    [
        ("07:59", 30, "too_early"),
        ("08:00", 30, ""),
        ("09:00", 30, ""),
        ("09:30", 30, ""),
        ("09:31", 30, "too_late"),
        ("09:31", 60, ""),
        ("10:01", 60, "too_late"),
        ("09:29", 10, ""),
        ("09:31", 10, "too_late"),
    ],
)
def test_a_slot_is_kept_for_its_grace_and_never_less_than_its_own_length(
    now: str, minutes: int, code: str
) -> None:
    appointment = an_appointment("09:00", minutes)
    assert code_of(rules.not_admitted(appointment, at(now), at("08:00"), TERMS, SHANGHAI)) == code
    assert rules.is_given_up(appointment, at(now), TERMS) == (code == "too_late")


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (State.BOOKED, ""),
        (State.ARRIVED, "already_arrived"),
        (State.CANCELLED, "was_cancelled"),
        (State.NO_SHOW, "too_late"),
    ],
)
def test_only_what_is_booked_is_checked_in(state: State, code: str) -> None:
    appointment = an_appointment(state=state)
    assert (
        code_of(rules.not_admitted(appointment, at("09:00"), at("08:00"), TERMS, SHANGHAI)) == code
    )


def test_whoever_is_not_admitted_is_told_where_to_go() -> None:
    early = rules.not_admitted(an_appointment(), at("06:00"), at("08:00"), TERMS, SHANGHAI)
    late = rules.not_admitted(an_appointment(), at("11:00"), at("08:00"), TERMS, SHANGHAI)
    assert early is not None
    assert late is not None
    assert "11月23日（周一）09:00–09:30" in early.message
    assert "08:00 起可以签到" in early.message
    assert "请直接取号，或到咨询台" in late.message


# -- the life of an appointment ----------------------------------------------------------------


def test_a_life_names_every_state_and_only_a_booked_one_goes_on() -> None:
    assert set(MAY_BECOME) == set(State)
    assert MAY_BECOME[State.BOOKED] == set(State) - {State.BOOKED}
    assert not any(MAY_BECOME[state] for state in State if state is not State.BOOKED)


# -- what is written down ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "plan",
    [
        replace(EVERY_MONDAY, slot_minutes=4),
        replace(EVERY_MONDAY, slot_minutes=481),
        replace(EVERY_MONDAY, quota=-1),
        replace(EVERY_MONDAY, quota=1000),
        replace(EVERY_MONDAY, weekday=0),
        replace(EVERY_MONDAY, weekday=8),
        replace(EVERY_MONDAY, weekday=None),
        replace(EVERY_MONDAY, day=MONDAY),
        replace(EVERY_MONDAY, weekday=None, day="2026-02-30"),
        replace(EVERY_MONDAY, weekday=None, day="20261123"),
    ],
)
def test_a_plan_that_cuts_no_day_is_refused(plan: Plan) -> None:
    assert plans.check_plan(EVERY_MONDAY) == EVERY_MONDAY
    with pytest.raises(NotValid):
        plans.check_plan(plan)


@pytest.mark.parametrize(
    ("phone", "shown"),
    [("13800000001", "138********"), ("0474123", "*******"), ("", ""), (None, "")],
)
def test_of_a_phone_number_nothing_is_shown_that_its_owner_proves(
    phone: str | None, shown: str
) -> None:
    assert words.masked_phone(phone) == shown


@pytest.mark.parametrize("name", ["", "  ", "长" * 41])
def test_a_name_is_neither_nothing_nor_a_novel(name: str) -> None:
    assert rules.check_holder(" 张三 ") == "张三"
    with pytest.raises(NotValid):
        rules.check_holder(name)


def test_hours_and_minutes_are_what_the_terms_say() -> None:
    assert TERMS.cancel_hours * HOUR == 7_200_000
    assert (TERMS.grace_minutes, TERMS.early_minutes) == (30, 60)
