"""A complaint's fields, limits and outcome, and the share of replies, as tables of cases."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from complaints import drafting, life, limits, words
from complaints.drafting import Draft
from complaints.life import MAY_BECOME, Complaint, Kind, Source, State
from complaints.limits import Colour, Outcome, Terms
from hall import days
from hall.identity import masked_phone
from hall.refusals import NotAllowed, NotFound, NotValid
from hall.shares import hundredths
from hall.workdays import Workdays

ZONE = ZoneInfo("Asia/Shanghai")
OFFICIAL = Workdays(ZONE)
TERMS = Terms()
UNITS = {"HB": "环保局", "FC": "房产局"}


def at(text: str) -> int:
    return words.read_instant(text, ZONE)


NOW = at("2026-11-20 10:00")  # a Friday
DRAFT = Draft(
    source="window",
    title="窗口态度生硬",
    complainant="张三",
    phone="13800138000",
    content="11 月 19 日办理时被要求重复提交材料。",
    at=at("2026-11-20 09:00"),
    unit="HB",
)
ASSIGNED = Complaint(
    *(1, Source.WINDOW, Kind.COMPLAINT, None, "窗口态度生硬", "张三", "13800138000"),
    *("环保局", "李四", "内容", at("2026-11-02 09:00"), at("2026-11-02 09:00")),
    *(at("2026-11-03 23:59"), at("2026-11-09 23:59"), "HB", "", State.ASSIGNED),
)
ACCEPTED = replace(ASSIGNED, state=State.ACCEPTED, accepted_at=at("2026-11-02 10:00"))


def replied(when: str, complaint: Complaint = ACCEPTED) -> Complaint:
    return replace(complaint, state=State.REPLIED, reply="已整改", replied_at=at(when))


# -- writing one down --------------------------------------------------------------------------


def test_a_complaint_as_the_window_writes_it_has_no_mistakes() -> None:
    assert drafting.mistakes(DRAFT, NOW, UNITS, ZONE) == {}
    anonymous = replace(DRAFT, source="box", complainant="", phone="", unit="")
    assert drafting.mistakes(anonymous, NOW, UNITS, ZONE) == {}


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"source": "fax"}, "source", "投诉窗口"),
        ({"kind": "praise"}, "kind", "意见建议"),
        ({"title": "  "}, "title", "不能为空"),
        ({"title": "长" * 201}, "title", "最多 200 个字，现有 201 个"),
        ({"complainant": "张" * 31}, "complainant", "最多 30"),
        ({"accused_unit": "局" * 101}, "accused_unit", "最多 100"),
        ({"accused": "李" * 31}, "accused", "最多 30"),
        ({"content": ""}, "content", "不能为空"),
        ({"content": "字" * 1001}, "content", "最多 1000"),
        ({"phone": "打给我"}, "phone", "5 至 20 位"),
        ({"phone": "1234"}, "phone", "5 至 20 位"),
        ({"source": "order"}, "order_number", "不能为空"),
        ({"order_number": "工单一"}, "order_number", "字母和数字"),
        ({"unit": "XX"}, "unit", "没有单位“XX”"),
        ({"at": None}, "at", "不能为空"),
        ({"at": NOW + 1}, "at", "不能晚于现在"),
        ({"at": at("1926-11-02")}, "at", "年份"),
        ({"order_due": at("2026-11-20 09:00")}, "order_due", "晚于投诉时间"),
        ({"accepted_at": at("2026-11-19")}, "accepted_at", "投诉时间之后"),
        ({"replied_at": NOW + 1, "reply": "好"}, "replied_at", "现在之前"),
        ({"replied_at": NOW}, "reply", "同时填写"),
        ({"reply": "已整改"}, "replied_at", "同时填写"),
        ({"reply": "长" * 501, "replied_at": NOW}, "reply", "最多 500"),
        (
            {"accepted_at": NOW, "replied_at": NOW - 1, "reply": "好"},
            "replied_at",
            "不能早于承办时间",
        ),
        ({"unit": "", "replied_at": NOW, "reply": "好"}, "unit", "须写明承办单位"),
    ],
)
def test_a_mistake_is_told_at_its_field(changed: dict[str, object], field: str, said: str) -> None:
    found = drafting.mistakes(replace(DRAFT, **changed), NOW, UNITS, ZONE)  # type: ignore[arg-type]
    assert set(found) == {field}
    assert said in found[field]


@pytest.mark.parametrize("field", ["title", "complainant", "accused_unit", "accused", "content"])
def test_a_field_as_long_as_the_standard_allows_is_kept(field: str) -> None:
    full = replace(DRAFT, **{field: "字" * drafting.LENGTHS[field]})  # type: ignore[arg-type]
    assert drafting.mistakes(full, NOW, UNITS, ZONE) == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-11-02", "2026-11-02 00:00:00"),
        ("2026/1/2 9:05", "2026-01-02 09:05:00"),
        ("2026-11-02T09:30:15", "2026-11-02 09:30:15"),
        ("20261102T093015", "2026-11-02 09:30:15"),
        (" 2026-11-02 09：30 ", "2026-11-02 09:30:00"),
    ],
)
def test_a_time_is_read_as_people_and_the_standard_write_it(text: str, said: str) -> None:
    assert f"{days.local(at(text), ZONE):%Y-%m-%d %H:%M:%S}" == said


@pytest.mark.parametrize("text", ["", "昨天", "2026-13-01", "2026-02-30", "9:30", "20261102"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        at(text)


# -- limits ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "come", "limit"),
    [
        ("consultation", "2026-11-20 10:00", "2026-11-27"),  # Friday, five working days
        ("suggestion", "2026-11-21 10:00", "2026-11-27"),  # a Saturday
        ("complaint", "2026-11-20 10:00", "2026-12-11"),  # fifteen
        ("complaint", "2025-09-26 10:00", "2025-10-23"),  # National Day; 28 Sep, 11 Oct worked
    ],
)
def test_a_reply_is_due_after_so_many_working_days(kind: str, come: str, limit: str) -> None:
    due = limits.reply_due(replace(DRAFT, kind=kind), at(come), TERMS, OFFICIAL)
    assert words.limit_said(due, ZONE) == limit


def test_an_order_keeps_its_own_limit() -> None:
    for text, said in (("2026-11-24", "2026-11-24"), ("2026-11-24 18:00", "2026-11-24 18:00")):
        own = replace(DRAFT, source="order", order_due=words.last_instant(text, ZONE))
        assert words.limit_said(limits.reply_due(own, NOW, TERMS, OFFICIAL), ZONE) == said
    assert words.last_instant("2026-11-24", ZONE) == at("2026-11-25") - 1
    assert words.last_instant("2026-11-24 18:00", ZONE) == at("2026-11-24 18:01") - 1
    assert words.last_instant("20261124T180000", ZONE) == at("2026-11-24 18:00:01") - 1


def test_a_unit_accepts_within_one_working_day() -> None:
    assert words.limit_said(limits.accept_due(NOW, TERMS, OFFICIAL), ZONE) == "2026-11-23"


@pytest.mark.parametrize(
    ("now", "colour"),
    [
        ("2026-11-02 09:00", Colour.GREEN),
        ("2026-11-06 23:59:59", Colour.GREEN),  # the limit is Monday 9, Friday is the day before
        ("2026-11-07 00:00", Colour.YELLOW),
        ("2026-11-09 23:59", Colour.YELLOW),
        ("2026-11-10 00:00", Colour.RED),
    ],
)
def test_a_complaint_turns_yellow_a_working_day_before_its_limit_and_red_past_it(
    now: str, colour: Colour
) -> None:
    limit = words.last_instant("2026-11-09", ZONE)
    assert limits.colour(replace(ACCEPTED, due_at=limit), at(now), OFFICIAL) is colour


def test_a_complaint_nobody_has_accepted_turns_red_after_a_day() -> None:
    late = at("2026-11-04 00:00")
    assert limits.colour(ASSIGNED, late, OFFICIAL) is Colour.RED
    assert limits.colour(ACCEPTED, late, OFFICIAL) is Colour.GREEN


def test_a_complaint_that_was_answered_has_no_colour() -> None:
    late = at("2026-12-24")
    assert limits.colour(replied("2026-11-20"), late, OFFICIAL) is Colour.NONE
    withdrawn = replace(ASSIGNED, state=State.WITHDRAWN, ended_at=late)
    assert limits.colour(withdrawn, late, OFFICIAL) is Colour.NONE


def test_a_limit_is_extended_once_and_only_before_it_has_passed() -> None:
    due = replace(ACCEPTED, due_at=words.last_instant("2026-11-09", ZONE))
    to = limits.extended(due, at("2026-11-09 23:00"), TERMS, OFFICIAL)
    assert words.limit_said(to, ZONE) == "2026-11-16"
    assert replace(due, extended_to=to).limit == to
    for complaint, now, code in (
        (replace(due, extended_to=to), "2026-11-09", "extended_already"),
        (due, "2026-11-10", "limit_passed"),
        (replied("2026-11-05", due), "2026-11-06", "wrong_state"),
    ):
        with pytest.raises(NotAllowed) as refused:
            limits.extended(complaint, at(now), TERMS, OFFICIAL)
        assert refused.value.code == code


# -- its life ----------------------------------------------------------------------------------


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("becomes", State)
def test_a_complaint_takes_only_the_steps_of_its_life(state: State, becomes: State) -> None:
    complaint = replace(ASSIGNED, state=state)
    if becomes in MAY_BECOME[state]:
        life.check_may_become(complaint, becomes)
        return
    with pytest.raises(NotAllowed, match="不能改为"):
        life.check_may_become(complaint, becomes)


def test_every_state_is_reached_and_only_three_are_left_for_good() -> None:
    assert set().union(*MAY_BECOME.values()) == set(State) - {State.RECEIVED}
    assert {each for each in State if not MAY_BECOME[each]} == {State.CLOSED, State.WITHDRAWN}
    assert set(MAY_BECOME) == set(State) == set(life.STATES)


def test_only_the_unit_handles_a_complaint_and_never_whom_it_is_about() -> None:
    assert life.may_handle(ASSIGNED, "王五", "HB") is None
    for name, department, code in (
        ("王五", "FC", "other_unit"),
        ("王五", None, "other_unit"),
        ("李四", "HB", "accused_self"),
    ):
        refusal = life.may_handle(ASSIGNED, name, department)
        assert refusal
        assert refusal.code == code
    nowhere = life.may_handle(replace(ASSIGNED, unit=None), "王五", None)
    assert nowhere
    assert nowhere.code == "other_unit"


def test_a_reply_is_not_empty_and_not_longer_than_the_standard_has_room_for() -> None:
    assert life.check_text(" 已整改 ", 500, "反馈信息") == "已整改"
    for text, code in (("  ", "text_missing"), ("字" * 501, "text_too_long")):
        with pytest.raises(NotValid) as refused:
            life.check_text(text, 500, "反馈信息")
        assert refused.value.code == code


def test_a_complaint_that_is_none_is_not_found() -> None:
    with pytest.raises(NotFound):
        life.known(None)
    assert life.known(ASSIGNED) is ASSIGNED


# -- what it counts as -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("complaint", "now", "outcome", "days_over"),
    [
        (ACCEPTED, "2026-11-09 23:59", Outcome.PENDING, 0),
        (ACCEPTED, "2026-11-10 00:00", Outcome.UNANSWERED, 1),
        (ACCEPTED, "2026-11-16 08:00", Outcome.UNANSWERED, 5),
        (ACCEPTED, "2036-11-16 08:00", Outcome.UNANSWERED, 999),
        (replied("2026-11-09 23:59"), "2026-12-24", Outcome.ON_TIME, 0),
        (replied("2026-11-10 08:00"), "2026-12-24", Outcome.LATE, 1),
        (replied("2026-11-12 08:00"), "2026-12-24", Outcome.LATE, 3),
        (
            replied("2026-11-12", replace(ACCEPTED, extended_to=at("2026-11-16 23:59"))),
            "2026-12-24",
            Outcome.ON_TIME,
            0,
        ),
        (
            replace(ASSIGNED, state=State.WITHDRAWN, ended_at=at("2026-11-05")),
            "2026-12-24",
            Outcome.WITHDRAWN,
            0,
        ),
        (  # taken back only after the limit
            replace(ASSIGNED, state=State.WITHDRAWN, ended_at=at("2026-11-11")),
            "2026-12-24",
            Outcome.UNANSWERED,
            2,
        ),
        (
            replace(replied("2026-11-09"), state=State.CLOSED, ended_at=at("2026-11-20")),
            "2026-12-24",
            Outcome.ON_TIME,
            0,
        ),
    ],
)
def test_what_a_complaint_counts_as(
    complaint: Complaint, now: str, outcome: Outcome, days_over: int
) -> None:
    assert limits.outcome(complaint, at(now)) is outcome
    assert limits.days_over(complaint, at(now), OFFICIAL) == days_over


def test_a_limit_within_a_day_that_is_missed_by_an_hour_is_a_day_over() -> None:
    order = replace(ACCEPTED, due_at=at("2026-11-09 18:00"))
    assert limits.days_over(replied("2026-11-09 19:00", order), NOW, OFFICIAL) == 1


def test_every_unit_has_a_row_and_what_is_not_due_is_not_counted_against_it() -> None:
    complaints = [
        replied("2026-11-09"),
        replied("2026-11-12"),
        ACCEPTED,
        replace(ACCEPTED, due_at=at("2026-12-24")),
        replace(ASSIGNED, state=State.WITHDRAWN, ended_at=at("2026-11-03")),
        replace(ASSIGNED, unit=None, state=State.RECEIVED, due_at=at("2026-12-24")),
    ]
    table = limits.units_table(complaints, at("2026-11-20"), UNITS)
    own, other, nowhere = table["rows"]
    assert (own["name"], other["name"], nowhere["name"]) == ("环保局", "房产局", "尚未分派")
    counts = {each.value: own[each.value] for each in Outcome}
    assert counts == {"on_time": 1, "late": 1, "unanswered": 1, "pending": 1, "withdrawn": 1}
    assert (own["count"], own["due"], own["rate"]["text"]) == (5, 3, "33.33 %")
    assert (other["count"], other["rate"]["text"]) == (0, "—")
    assert (table["totals"]["count"], table["totals"]["rate"]["denominator"]) == (6, 3)


def test_the_published_case_comes_out() -> None:
    answered, silent = replied("2026-11-09"), ACCEPTED
    published = {"环保": (1, 0), "房产": (14, 0), "建设": (2, 3), "国土": (0, 5)}
    complaints = [
        replace(each, unit=unit)
        for unit, (on_time, unanswered) in published.items()
        for each in [answered] * on_time + [silent] * unanswered
    ]
    table = limits.units_table(complaints, at("2026-11-20"), {each: each for each in published})
    shown = [(row["name"], row["count"], row["rate"]["text"]) for row in table["rows"]]
    assert shown == [
        ("环保", 1, "100.00 %"),
        ("房产", 14, "100.00 %"),
        ("建设", 5, "40.00 %"),
        ("国土", 5, "0.00 %"),
    ]
    totals = table["totals"]["rate"]
    assert (totals["numerator"], totals["denominator"], totals["text"]) == (17, 25, "68.00 %")


@pytest.mark.parametrize(
    ("numerator", "denominator", "shown"),
    [
        (17, 25, 6800),
        (2, 3, 6667),
        (19_999, 20_000, 9_999),
        (1, 30_000, 1),
        (0, 5, 0),
        (0, 0, None),
    ],
)
def test_a_share_is_100_or_0_only_where_it_is(
    numerator: int, denominator: int, shown: int | None
) -> None:
    assert hundredths(numerator, denominator) == shown


# -- what is shown of a person -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "phone", "shown"),
    [
        ("张三", "13800138000", ("张*", "138****8000")),
        ("", "", ("匿名", "")),
        ("欧阳慧敏", "0371-123456", ("欧*", "037****3456")),
        (" 李 ", "1234", ("李*", "****")),
    ],
)
def test_little_of_a_complainant_is_shown(name: str, phone: str, shown: tuple[str, str]) -> None:
    assert (words.masked_name(name), masked_phone(phone)) == shown
