"""A bad rating is followed up: received, dealt with, answered, asked about, closed."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from case_hall import (
    COLLEAGUE,
    HANDLER,
    INSPECTOR,
    LEADER,
    MANAGER,
    OTHER_UNIT,
    PHONE,
    CaseHall,
    cases_of,
    open_case_hall,
)
from halls import MovedClock
from test_desk import refused

from cases.events import CaseRed
from cases.life import Case, State
from cases.limits import Colour
from cases.proof import PROMISES, problems
from hall import days
from hall.catalogue import Person
from hall.events import Event


@pytest.fixture
def hall(tmp_path: Path, clock: MovedClock) -> Iterator[CaseHall]:
    opened = open_case_hall(tmp_path / "hall.db", clock)
    yield opened
    assert problems(opened.rooms.store) == []
    opened.rooms.store.close()


# -- received ----------------------------------------------------------------------------------


@pytest.mark.parametrize("level", ["dissatisfied", "very_dissatisfied"])
@pytest.mark.parametrize("channel", ["evaluator", "qr", "sms", "phone"])
def test_a_bad_rating_of_any_channel_opens_a_case(hall: CaseHall, level: str, channel: str) -> None:
    case = hall.bad(level=level, channel=channel)
    assert (case.level, case.channel, case.text, case.window) == (level, channel, "等了很久", 1)
    assert (case.unit, case.handler, case.state) == ("MZ", HANDLER, State.ASSIGNED)
    assert hall.steps(case) == ["receive", "assign"]


@pytest.mark.parametrize("level", ["very_satisfied", "satisfied", "basically_satisfied"])
def test_another_rating_opens_none(hall: CaseHall, level: str) -> None:
    assert hall.cases.of_rating(hall.rate(level)) is None


def test_a_case_number_is_no_condition_and_is_kept_when_there_is_one(hall: CaseHall) -> None:
    assert hall.bad().case_number == ""
    hall.rooms.take("marriage")
    visit = hall.rooms.desk.call_next(1).visit
    hall.rooms.desk.start(1)
    hall.rooms.desk.finish(1, "accepted", case_number="YX-7")
    rating = hall.rooms.book.rate(visit, "dissatisfied", "qr")
    case = hall.cases.of_rating(rating.id)
    assert case is not None
    assert case.case_number == "YX-7"


def test_an_imported_default_opens_none(hall: CaseHall) -> None:
    visit = hall.visit()
    hall.rooms.store.connection.execute(
        """
        insert into rating (visit, level, channel, given_by_default, at, window, service)
        values (?, 'dissatisfied', 'import', 1, ?, 1, 'marriage')
        """,
        (visit, hall.clock()),
    )
    assert cases_of(hall.rooms).open_cases() == []


def test_the_case_is_part_of_the_ratings_own_transaction(hall: CaseHall) -> None:
    visit = hall.visit()

    def fails(_: Event) -> None:
        raise sqlite3.OperationalError("disk full")

    hall.cases.along(fails)
    with pytest.raises(sqlite3.OperationalError):
        hall.rooms.book.rate(visit, "dissatisfied", "qr")
    assert hall.rows("select count(*) from rating") == [(0,)]
    assert hall.rows("select count(*) from rating_case") == [(0,)]
    hall.cases._along.clear()


def test_ratings_older_than_this_room_get_their_cases_once(
    tmp_path: Path, clock: MovedClock
) -> None:
    hall = open_case_hall(tmp_path / "older.db", clock)
    hall.rooms.book._along.clear()  # as before this room was built
    first, _ = hall.rate(), hall.rate("satisfied")
    voided = hall.rate()
    hall.rooms.book.void(voided, "mistaken", "点错了", by=INSPECTOR)
    assert hall.cases.open_cases() == []
    for _ in range(2):
        again = cases_of(hall.rooms)
        assert [each.rating for each in again.open_cases()] == [first]
    assert problems(hall.rooms.store) == []


def test_the_unit_of_the_window_gets_it_and_there_who_has_least_to_do(hall: CaseHall) -> None:
    given = [hall.bad().handler, hall.bad().handler, hall.bad(window=3, service="estate").handler]
    assert given == [HANDLER, COLLEAGUE, OTHER_UNIT]


def test_a_unit_without_a_handler_leaves_it_to_the_manager(hall: CaseHall) -> None:
    for number in (HANDLER, COLLEAGUE):
        hall.rooms.register.retire("person", number)
    case = hall.bad()
    assert (case.state, case.handler) == (State.RECEIVED, None)
    with refused("not_yours"):
        hall.cases.assign(case.id, OTHER_UNIT, by=OTHER_UNIT, tap=hall.tap())
    case = hall.cases.assign(case.id, OTHER_UNIT, by=MANAGER, tap=hall.tap())
    assert (case.state, case.handler, case.unit) == (State.ASSIGNED, OTHER_UNIT, "BDC")


def test_the_rated_clerk_never_gets_their_own_case(hall: CaseHall) -> None:
    hall.rooms.register.save(Person("1001", "张敏", "handler", department="MZ"))
    for number in (HANDLER, COLLEAGUE):
        hall.rooms.register.retire("person", number)
    case = hall.bad()
    assert case.handler is None
    with refused("own_rating"):
        hall.cases.assign(case.id, "1001", by=MANAGER, tap=hall.tap())
    with refused("own_rating"):
        hall.cases.accept(case.id, by="1001", tap=hall.tap())
    with pytest.raises(sqlite3.IntegrityError):
        hall.rooms.store.connection.execute("update rating_case set handler = '1001'")


def test_what_was_received_is_frozen_and_the_history_only_grows(hall: CaseHall) -> None:
    hall.accepted()
    run = hall.rooms.store.connection.execute
    for broken in (
        "update rating_case set text = 'x'",
        "update rating_case set clerk = null",
        "delete from rating_case",
        "update case_step set note = 'x'",
        "delete from case_step",
    ):
        with pytest.raises(sqlite3.IntegrityError):
            run(broken)


# -- to the right hands ------------------------------------------------------------------------


def test_a_case_is_handed_over_within_the_unit(hall: CaseHall) -> None:
    case = hall.accepted()
    with refused("other_unit"):
        hall.cases.hand_over(case.id, OTHER_UNIT, "不熟悉", by=HANDLER, tap=hall.tap())
    with refused("same_handler"):
        hall.cases.hand_over(case.id, HANDLER, "不熟悉", by=HANDLER, tap=hall.tap())
    with refused("words_missing"):
        hall.cases.hand_over(case.id, COLLEAGUE, " ", by=HANDLER, tap=hall.tap())
    after = hall.cases.hand_over(case.id, COLLEAGUE, "出差", by=HANDLER, tap=hall.tap())
    assert (after.handler, after.state, after.limit_at) == (COLLEAGUE, case.state, case.limit_at)


def test_a_manager_hands_over_to_another_unit(hall: CaseHall) -> None:
    case = hall.accepted()
    after = hall.cases.hand_over(case.id, OTHER_UNIT, "职责调整", by=MANAGER, tap=hall.tap())
    assert (after.handler, after.unit) == (OTHER_UNIT, "BDC")


def test_a_misrouted_case_goes_back_within_24_hours_with_a_reason(hall: CaseHall) -> None:
    case = hall.bad()
    with refused("words_missing"):
        hall.cases.send_back(case.id, "", by=HANDLER, tap=hall.tap())
    back = hall.cases.send_back(case.id, "不属本单位", by=HANDLER, tap=hall.tap())
    assert (back.state, back.handler) == (State.RECEIVED, None)
    late = hall.bad()
    hall.clock.move(hours=24.1)
    with refused("too_late"):
        hall.cases.send_back(late.id, "不属本单位", by=late.handler or "", tap=hall.tap())


def test_a_handler_of_another_unit_may_do_nothing(hall: CaseHall) -> None:
    case = hall.bad()
    with refused("not_yours"):
        hall.cases.accept(case.id, by=OTHER_UNIT, tap=hall.tap())


def test_a_form_that_comes_twice_acts_once(hall: CaseHall) -> None:
    case, tap = hall.bad(), hall.tap()
    first = hall.cases.accept(case.id, by=HANDLER, tap=tap)
    assert hall.cases.accept(case.id, by=HANDLER, tap=tap) == first
    assert hall.steps(case) == ["receive", "assign", "accept"]
    with refused("tap_used"):
        hall.cases.accept(hall.bad().id, by=HANDLER, tap=tap)
    with refused("not_now"):
        hall.cases.accept(case.id, by=HANDLER, tap=hall.tap())


# -- the rater ---------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["rectify", "explain", "appeal"])
def test_a_real_name_rater_is_contacted_before_anything_is_decided(
    hall: CaseHall, verb: str
) -> None:
    case = hall.accepted(PHONE)
    does: dict[str, Callable[[], Case]] = {
        "rectify": lambda: hall.cases.rectify(
            case.id, "simple", "属实", by=HANDLER, tap=hall.tap()
        ),
        "explain": lambda: hall.cases.explain(case.id, "依规办理", by=HANDLER, tap=hall.tap()),
        "appeal": lambda: hall.cases.appeal(
            case.id, "mistaken", "点错", by=HANDLER, tap=hall.tap()
        ),
    }
    with refused("not_contacted"):
        does[verb]()
    hall.call(case)
    assert does[verb]().state in (State.RECTIFYING, State.EXPLAINED, State.APPEALED)


def test_who_cannot_be_reached_has_been_tried_three_times(hall: CaseHall) -> None:
    case = hall.accepted(PHONE)
    tried = [hall.call(case, "no_answer").contacted_at for _ in range(3)]
    assert [each is not None for each in tried] == [False, False, True]


def test_the_contact_is_seen_by_its_handler_after_a_reason_and_each_look_is_written_down(
    hall: CaseHall,
) -> None:
    case = hall.accepted(PHONE)
    with refused("no_look"):
        hall.cases.contact_of(case.id, by=HANDLER)
    with refused("words_missing"):
        hall.cases.look(case.id, "", by=HANDLER, tap=hall.tap())
    for who in (COLLEAGUE, INSPECTOR, MANAGER, LEADER):
        with refused("not_yours"):
            hall.cases.look(case.id, "看看", by=who, tap=hall.tap())
        with refused("not_yours"):
            hall.cases.contact_of(case.id, by=who)
    hall.cases.look(case.id, "致电核实", by=HANDLER, tap=hall.tap())
    assert hall.cases.contact_of(case.id, by=HANDLER) == PHONE
    assert hall.rows("select who from journal where event = 'case_look'") == [(HANDLER,)]
    assert hall.cases.history(case.id)[-1].note == "致电核实"


def test_the_contact_stands_in_no_case_and_no_journal(hall: CaseHall) -> None:
    case = hall.contacted()
    hall.cases.look(case.id, "致电核实", by=HANDLER, tap=hall.tap())
    written = json.dumps(
        [hall.rows(f"select * from {name}") for name in ("rating_case", "case_step", "journal")],
        ensure_ascii=False,
    )
    assert PHONE not in written
    assert "致电核实" in written


def test_an_anonymous_rating_is_verified_from_the_records(hall: CaseHall) -> None:
    case = hall.accepted()
    with refused("no_contact"):
        hall.cases.look(case.id, "致电", by=HANDLER, tap=hall.tap())
    with refused("no_contact"):
        hall.call(case)
    explained = hall.cases.explain(case.id, "材料确实不全", by=HANDLER, tap=hall.tap())
    assert explained.state is State.EXPLAINED


# -- limits ------------------------------------------------------------------------------------


def test_each_state_has_its_limit_in_working_time(hall: CaseHall) -> None:
    hall.go_to("2026-11-20 10:00")  # a Friday
    case = hall.bad(PHONE)

    def limit() -> str:
        at = hall.now(case).limit_at
        assert at is not None
        return f"{days.local(at, hall.cases.zone):%m-%d %H:%M}"

    assert limit() == "11-20 12:05"
    hall.cases.accept(case.id, by=HANDLER, tap=hall.tap())
    assert limit() == "11-24 00:00"  # one working day after Friday: all of Monday
    hall.call(case)
    assert limit() == "11-25 00:00"
    hall.cases.rectify(case.id, "complex", "属实", "增开窗口", by=HANDLER, tap=hall.tap())
    assert limit() == "11-28 00:00"
    hall.answer(hall.now(case))
    assert limit() == "11-28 00:00"  # the revisit's five days


def test_a_simple_matter_is_put_right_within_a_working_day(hall: CaseHall) -> None:
    case = hall.rectifying(kind="simple")
    assert hall.cases.colour(case) is Colour.NONE
    hall.go_to("2026-11-23 08:00")
    assert hall.cases.colour(case) is Colour.YELLOW
    hall.go_to("2026-11-24 00:00")
    assert hall.cases.colour(case) is Colour.RED


def test_a_passed_limit_is_told_once_for_each_state(hall: CaseHall) -> None:
    heard: list[Event] = []
    hall.cases.follow(heard.append)
    case = hall.bad()

    def red() -> list[State]:
        hall.cases.tick()
        hall.cases.tick()
        return [each.case.state for each in heard if isinstance(each, CaseRed)]

    assert red() == []
    hall.clock.move(hours=3)
    assert red() == [State.ASSIGNED]
    hall.cases.accept(case.id, by=HANDLER, tap=hall.tap())
    assert red() == [State.ASSIGNED]
    hall.go_to("2026-11-30 09:00")
    assert red() == [State.ASSIGNED, State.VERIFYING]


# -- extension ---------------------------------------------------------------------------------


def ask(hall: CaseHall, case: Case, until: str = "2026-12-10") -> Case:
    return hall.cases.ask_extension(case.id, until, "设备采购", by=HANDLER, tap=hall.tap())


def test_a_leader_extends_once_up_to_fifteen_working_days_in_all(hall: CaseHall) -> None:
    case = hall.rectifying()
    with refused("too_long"):
        ask(hall, case, "2026-12-12")
    ask(hall, case)
    with refused("asked_before"):
        ask(hall, case)
    assert [each.case for each in hall.cases.extensions()] == [case.id]
    with refused("not_yours"):
        hall.cases.decide_extension(case.id, approve=True, by=HANDLER, tap=hall.tap())
    after = hall.cases.decide_extension(case.id, approve=True, by=LEADER, tap=hall.tap())
    assert after.limit_at == hall.cases.workdays().end_of("2026-12-10")
    assert hall.cases.extensions() == []
    with refused("extended_before"):
        ask(hall, after, "2026-12-11")


def test_an_extension_that_was_not_approved_may_be_asked_for_again(hall: CaseHall) -> None:
    case = hall.rectifying()
    ask(hall, case)
    with refused("words_missing"):
        hall.cases.decide_extension(case.id, approve=False, by=MANAGER, tap=hall.tap())
    after = hall.cases.decide_extension(
        case.id, "理由不足", approve=False, by=MANAGER, tap=hall.tap()
    )
    assert after.limit_at == case.limit_at
    ask(hall, case)


def test_nothing_is_approved_that_nobody_asked_for(hall: CaseHall) -> None:
    case = hall.rectifying()
    with refused("nothing_asked"):
        hall.cases.decide_extension(case.id, approve=True, by=LEADER, tap=hall.tap())


# -- appeal ------------------------------------------------------------------------------------


def appealed(hall: CaseHall, case: Case) -> Case:
    return hall.cases.appeal(case.id, "malicious", "同一人反复刷评", by=HANDLER, tap=hall.tap())


def test_an_appeal_is_decided_outside_the_unit_and_the_clock_waits(hall: CaseHall) -> None:
    case = appealed(hall, hall.rectifying())  # Friday; five working days were left
    assert case.state is State.APPEALED
    hall.go_to("2026-11-25 10:00")
    for who in (HANDLER, COLLEAGUE, LEADER):  # the leader's department is the unit
        with refused("not_yours"):
            hall.cases.decide_appeal(case.id, "属实", uphold=False, by=who, tap=hall.tap())
    back = hall.cases.decide_appeal(case.id, "证据不足", uphold=False, by=INSPECTOR, tap=hall.tap())
    assert back.state is State.RECTIFYING
    assert back.limit_at == hall.cases.workdays().end_of("2026-12-02")
    with refused("appealed_before"):
        appealed(hall, back)


def test_an_appeal_comes_within_three_working_days(hall: CaseHall) -> None:
    case = hall.rectifying()
    hall.go_to("2026-11-26 00:00")
    with refused("too_late"):
        appealed(hall, case)


def test_an_upheld_appeal_voids_the_rating_and_closes_the_case(hall: CaseHall) -> None:
    case = appealed(hall, hall.rectifying())
    closed = hall.cases.decide_appeal(
        case.id, "录像证实未办理业务", uphold=True, by=INSPECTOR, tap=hall.tap()
    )
    assert (closed.state, closed.void_kind) == (State.CLOSED, "malicious")
    assert hall.rooms.book.rating(case.rating).voided_at == hall.clock()
    assert hall.steps(case)[-3:] == ["appeal", "uphold", "close"]
    figures = hall.cases.figures("2026-11")
    assert (figures["bad"], figures["voided"]) == (0, 1)
    assert figures["rectified"]["denominator"] == 0


def test_a_rating_that_is_voided_elsewhere_closes_its_case(hall: CaseHall) -> None:
    case = hall.bad(PHONE)
    hall.rooms.book.void(case.rating, "mistaken", "本人来电说明点错", by=INSPECTOR)
    assert (hall.now(case).state, hall.now(case).void_kind) == (State.CLOSED, "mistaken")
    assert hall.steps(case)[-2:] == ["void", "close"]


# -- answer, revisit, end ----------------------------------------------------------------------


@pytest.mark.parametrize("public", ["张敏已被批评", f"已致电{PHONE}", "wang@example.com", ""])
def test_a_public_answer_with_personal_data_goes_back_to_the_handler(
    hall: CaseHall, public: str
) -> None:
    case = hall.rectifying()
    with refused("personal_data" if public else "words_missing"):
        hall.answer(case, public)
    assert hall.now(case).state is State.RECTIFYING
    assert hall.answer(case).state is State.REVISITING


def test_after_a_rectification_the_citizen_may_rate_once_more(hall: CaseHall) -> None:
    case = hall.answered()
    again = hall.rooms.book.rate(case.visit, "satisfied", "qr")
    assert again.id != case.rating
    assert hall.cases.of_rating(again.id) is None


def test_a_bad_second_rating_has_a_case_of_its_own(hall: CaseHall) -> None:
    first = hall.answered()
    again = hall.rooms.book.rate(first.visit, "dissatisfied", "qr")
    second = hall.cases.of_rating(again.id)
    assert second is not None
    assert second.id != first.id
    hall.cases.accept(second.id, by=second.handler or "", tap=hall.tap())
    by = second.handler or ""
    hall.cases.rectify(second.id, "simple", "属实", by=by, tap=hall.tap())
    assert hall.answer(hall.now(second)).state is State.ANSWERED


def test_the_inspector_revisits_and_a_satisfied_rater_closes_the_case(hall: CaseHall) -> None:
    case = hall.answered()
    for who in (HANDLER, COLLEAGUE, LEADER):
        with refused("not_yours"):
            hall.cases.revisit(case.id, "satisfied", "已回访", by=who, tap=hall.tap())
    closed = hall.revisit(case, "satisfied")
    assert (closed.state, closed.published) == (State.CLOSED, 1)
    figures = hall.cases.figures("2026-11")
    for rate in ("contacted", "rectified", "in_time", "revisited"):
        assert (figures[rate]["numerator"], figures[rate]["denominator"]) == (1, 1)


def test_who_revisits_sees_the_contact_and_the_handler_no_longer_does(hall: CaseHall) -> None:
    case = hall.answered()
    with refused("not_yours"):
        hall.cases.look(case.id, "再问问", by=HANDLER, tap=hall.tap())
    hall.cases.look(case.id, "回访", by=INSPECTOR, tap=hall.tap())
    assert hall.cases.contact_of(case.id, by=INSPECTOR) == PHONE


def test_a_dissatisfied_rater_has_it_put_right_once_more(hall: CaseHall) -> None:
    case = hall.revisit(hall.answered(), "dissatisfied")
    assert (case.state, case.reworked) == (State.RECTIFYING, 1)
    assert hall.cases.colour(case) is Colour.NONE
    case = hall.revisit(hall.answer(case), "dissatisfied")
    assert case.state is State.CLOSED


def test_who_does_not_answer_is_tried_three_times_on_two_days(hall: CaseHall) -> None:
    case = hall.answered()
    for _ in range(3):
        case = hall.revisit(case, "no_answer")
    assert case.state is State.REVISITING
    assert case.revisited_at is None
    hall.clock.move(hours=24)
    case = hall.revisit(case, "no_answer")
    assert case.state is State.CLOSED
    assert case.revisited_at == hall.clock()


def test_an_anonymous_case_is_closed_by_the_manager_who_says_whether_it_is_shown(
    hall: CaseHall,
) -> None:
    case = hall.answered("")
    assert case.state is State.ANSWERED
    assert case.limit_at == hall.cases.workdays().after_days(hall.clock(), 5)
    with refused("not_yours"):
        hall.cases.close(case.id, publish=True, by=HANDLER, tap=hall.tap())
    closed = hall.cases.close(case.id, publish=True, by=MANAGER, tap=hall.tap())
    assert (closed.state, closed.published) == (State.CLOSED, 1)
    with refused("not_now"):
        hall.cases.close(case.id, publish=False, by=MANAGER, tap=hall.tap())


def test_what_nobody_has_taken_up_is_counted_for_the_alert(hall: CaseHall) -> None:
    case, other = hall.bad(), hall.bad(window=3, service="estate")
    assert hall.cases.alerts() == {"fresh": 2, "newest": other.id, "red": 0}
    assert hall.cases.alerts("MZ") == {"fresh": 1, "newest": case.id, "red": 0}
    hall.cases.accept(case.id, by=HANDLER, tap=hall.tap())
    hall.go_to("2026-12-30 10:00")
    assert hall.cases.alerts() == {"fresh": 1, "newest": other.id, "red": 2}


def test_a_month_that_is_none_is_refused(hall: CaseHall) -> None:
    with refused("bad_month"):
        hall.cases.figures("2026-13")


def test_there_is_no_case_nobody_opened(hall: CaseHall) -> None:
    with refused("unknown_case"):
        hall.cases.case(99)
    with refused("unknown_person"):
        hall.cases.accept(hall.bad().id, by="nobody", tap=hall.tap())


# -- verify ------------------------------------------------------------------------------------

BREAKS = {
    "差评件的状态就是最后一步的结果": "update rating_case"
    " set state = 'verifying', closed_at = null",
    "差评件的每一步都接着上一步": "drop trigger case_step_is_never_changed;"
    "update case_step set was = 'explained' where verb = 'rectify'",
    "办结的实名差评都联系过评价人": "delete from case_contact",
    "办结的差评都有答复或已作废": "update rating_case set answered_at = null",
    "作废的差评件与作废的评价一致": "update rating_case set void_kind = 'mistaken'",
    "被评价人不承办对自己的差评": "drop trigger case_step_is_never_changed;"
    "update case_step set who = '1001' where verb = 'accept'",
    "每件差评最多批准一次延期": "drop index case_extension_once;"
    'insert into case_extension ("case", until, reason, asked_by, asked_at, decided_by,'
    " decided_at, approved)"
    " select 1, 'x', 'x', 'x', 1, 'x', 1, 1 from case_step limit 2",
}


@pytest.mark.parametrize("promise", PROMISES)
def test_a_broken_promise_is_named(tmp_path: Path, clock: MovedClock, promise: str) -> None:
    hall = open_case_hall(tmp_path / "broken.db", clock)
    hall.revisit(hall.answered(), "satisfied")
    assert problems(hall.rooms.store) == []
    run: Any = hall.rooms.store.connection.execute
    if promise.startswith("每条有效"):
        hall.rooms.book._along = []
        hall.rate()
    else:
        for statement in BREAKS[promise].split(";"):
            run(statement)
    assert any(promise in sentence for sentence in problems(hall.rooms.store))
