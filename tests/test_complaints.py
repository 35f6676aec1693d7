"""The verbs of complaints on a real file: registered, handled, counted; nothing is lost."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from halls import SMALL_HALL, MovedClock, Rooms, open_rooms

from complaints.complaints import Complaints
from complaints.drafting import BadComplaint, Draft
from complaints.events import ComplaintAssigned, ComplaintRegistered, ComplaintReplied
from complaints.finding import Wanted
from complaints.life import Complaint, State
from complaints.limits import Colour, Outcome
from complaints.proof import PROMISES, problems
from complaints.words import read_instant
from hall.catalogue import Department, Person
from hall.events import Event
from hall.refusals import NotAllowed, NotFound, NotValid

UNITS = (
    Department("HB", "环保局", "", 3),
    Department("FC", "房产局", "", 4),
    Department("JS", "建设局", "", 5),
    Department("GT", "国土局", "", 6),
)
HALL = replace(
    SMALL_HALL,
    departments=(*SMALL_HALL.departments, *UNITS),
    people=(
        *SMALL_HALL.people,
        Person("7001", "周承办", "handler", "承办人", "HB"),
        Person("7002", "郑承办", "handler", "承办人", "FC"),
        Person("7101", "钱督查", "inspector", "督查"),
        Person("7201", "孙领导", "leader", "分管领导"),
        Person("8001", "吴导办", "guide", "咨询台"),
    ),
)
HANDLER, OTHER_HANDLER, INSPECTOR, GUIDE = "7001", "7002", "7101", "8001"


@dataclass
class Window:
    """The complaints' window of a hall, with a clock in the test's hand."""

    complaints: Complaints
    rooms: Rooms
    clock: MovedClock
    forms: int = 0

    def register(self, **changed: Any) -> Complaint:
        """Register a complaint with a form of its own."""
        self.forms += 1
        draft = Draft(
            source="window",
            title="重复提交材料",
            complainant="张三",
            phone="13800138000",
            content="办理时被要求两次提交同一材料。",
            at=self.clock(),
            unit="HB",
        )
        tap = f"form-{self.forms:06d}"
        return self.complaints.register_one(replace(draft, **changed), tap, GUIDE)

    def journal(self, event: str) -> list[tuple[str, Any]]:
        """Return who and what of the journal's rows of an event."""
        found = self.rooms.store.rows(
            "select who, detail from journal where event = ? order by seq", (event,)
        )
        return [(who, json.loads(detail)) for who, detail in found]

    def days(self, how_many: int) -> None:
        self.clock.move(hours=24 * how_many)


@pytest.fixture
def window(tmp_path: Path, clock: MovedClock) -> Iterator[Window]:
    opened = open_rooms(tmp_path / "hall.db", clock, HALL)
    desk = opened.desk
    made = Complaints(opened.store, opened.register, desk, desk.config, clock)
    yield Window(made, opened, clock)
    opened.store.close()


# -- registering -------------------------------------------------------------------------------


def test_a_complaint_is_registered_and_handed_to_its_unit(window: Window) -> None:
    kept = window.register()
    assert (kept.number, kept.state, kept.unit) == ("TS000001", State.ASSIGNED, "HB")
    steps = window.complaints.steps(kept.id)
    assert [(each.what, each.who, each.told) for each in steps] == [
        ("registered", GUIDE, ""),
        ("assigned", GUIDE, "环保局"),
    ]
    told = {"complaint": 1, "unit": None, "state": "received"}
    assert window.journal("complaint_registered") == [(GUIDE, told)]
    assert window.journal("complaint_assigned")[0][1]["unit"] == "HB"


def test_a_form_sent_twice_registers_one_complaint(window: Window) -> None:
    first = window.register()
    window.forms -= 1
    assert window.register() == first
    assert len(window.complaints.find(Wanted("2026-11"))) == 1


def test_a_complaint_with_mistakes_is_not_registered_and_every_mistake_is_told(
    window: Window,
) -> None:
    with pytest.raises(BadComplaint) as refused:
        window.register(title="", phone="x", unit="XX")
    assert set(refused.value.mistakes) == {"title", "phone", "unit"}
    assert window.complaints.find(Wanted("2026-11")) == []
    assert window.journal("complaint_registered") == []


def test_an_order_is_registered_once(window: Window) -> None:
    window.register(source="order", order_number="20261120001")
    with pytest.raises(NotAllowed, match="已登记为 TS000001") as refused:
        window.register(source="order", order_number="20261120001")
    assert refused.value.code == "order_known"


def test_a_letter_without_a_unit_waits_until_somebody_hands_it_on(window: Window) -> None:
    kept = window.register(source="letter", unit="", complainant="")
    assert (kept.state, kept.unit) == (State.RECEIVED, None)
    assert window.complaints.assign(kept.id, "FC", by=INSPECTOR).unit == "FC"
    with pytest.raises(NotValid) as refused:
        window.complaints.assign(window.register(unit="").id, "XX")
    assert refused.value.code == "unknown_unit"


# -- handling ----------------------------------------------------------------------------------


def test_a_complaint_goes_its_way_and_each_step_is_written_down(window: Window) -> None:
    number = window.register().id
    assert window.complaints.accept(number, HANDLER).handler == "周承办"
    window.days(1)
    assert (
        window.complaints.reply(number, " 已向您致歉并整改。 ", HANDLER).reply
        == "已向您致歉并整改。"
    )
    closed = window.complaints.close(number, INSPECTOR)
    assert (closed.state, closed.ended_at) == (State.CLOSED, window.clock())
    steps = [each.what for each in window.complaints.steps(number)]
    assert steps == ["registered", "assigned", "accepted", "replied", "closed"]
    for event in ("accepted", "replied", "closed"):
        assert len(window.journal(f"complaint_{event}")) == 1


def test_every_act_that_comes_twice_is_done_once(window: Window) -> None:
    number, acts = window.register().id, window.complaints
    for _ in range(2):
        acts.assign(number, "HB", by=GUIDE)
        acts.accept(number, HANDLER)
        acts.extend(number, "材料待核", INSPECTOR)
    for _ in range(2):
        acts.reply(number, "已整改", HANDLER)
    for _ in range(2):
        acts.close(number, INSPECTOR)
    steps = [each.what for each in acts.steps(number)]
    assert steps == ["registered", "assigned", "accepted", "extended", "replied", "closed"]
    taken_back = window.register().id
    for _ in range(2):
        acts.withdraw(taken_back, "群众来电撤回", GUIDE)
    assert [each.what for each in acts.steps(taken_back)][2:] == ["withdrawn"]


def test_an_answer_is_never_rewritten(window: Window) -> None:
    number = window.register().id
    window.complaints.reply(number, "已整改", HANDLER)
    with pytest.raises(NotAllowed) as refused:
        window.complaints.reply(number, "没有问题", HANDLER)
    assert refused.value.code == "replied_already"
    assert window.complaints.complaint(number).reply == "已整改"


def test_a_reply_to_what_nobody_accepted_accepts_it(window: Window) -> None:
    number = window.register().id
    replied = window.complaints.reply(number, "已整改", HANDLER)
    assert replied.accepted_at == replied.replied_at == window.clock()
    assert [each.what for each in window.complaints.steps(number)][2:] == ["accepted", "replied"]


def test_another_unit_handles_nothing_and_sees_nothing(window: Window) -> None:
    kept = window.register()
    with pytest.raises(NotAllowed) as refused:
        window.complaints.accept(kept.id, OTHER_HANDLER)
    assert refused.value.code == "other_unit"
    with pytest.raises(NotAllowed) as refused:
        window.complaints.reply(kept.id, "已整改", OTHER_HANDLER)
    assert refused.value.code == "other_unit"
    with pytest.raises(NotFound):
        window.complaints.check_sees(kept, OTHER_HANDLER)
    with pytest.raises(NotFound):
        window.complaints.reveal(kept.id, "想看看", OTHER_HANDLER)
    assert window.journal("complaint_revealed") == []
    window.complaints.check_sees(kept, HANDLER)
    window.complaints.check_sees(kept, INSPECTOR)


def test_nobody_handles_a_complaint_about_themselves(window: Window) -> None:
    kept = window.register(accused="周承办")
    with pytest.raises(NotAllowed) as refused:
        window.complaints.reply(kept.id, "没有问题", HANDLER)
    assert refused.value.code == "accused_self"
    assert window.complaints.complaint(kept.id).state is State.ASSIGNED


def test_the_unit_cannot_extend_its_own_limit_nor_take_a_complaint_back(window: Window) -> None:
    number = window.register().id
    for act in (window.complaints.extend, window.complaints.withdraw):
        with pytest.raises(NotAllowed) as refused:
            act(number, "来不及", HANDLER)
        assert refused.value.code == "not_by_the_unit"
    limit = window.complaints.complaint(number).limit
    assert window.complaints.extend(number, "材料待核", INSPECTOR).limit > limit


def test_a_complaint_that_went_astray_moves_with_a_reason_and_keeps_its_limit(
    window: Window,
) -> None:
    kept = window.register()
    window.complaints.accept(kept.id, HANDLER)
    with pytest.raises(NotValid):
        window.complaints.assign(kept.id, "FC", by=GUIDE)
    moved = window.complaints.assign(kept.id, "FC", "属于房产局职责", GUIDE)
    assert (moved.unit, moved.handler, moved.accepted_at) == ("FC", "", None)
    assert moved.limit == kept.limit
    assert window.complaints.steps(kept.id)[-1].told == "房产局；属于房产局职责"


@pytest.mark.parametrize("act", ["accept", "close"])
def test_a_step_out_of_turn_is_refused_and_changes_nothing(window: Window, act: str) -> None:
    kept = window.register(unit="")
    with pytest.raises(NotAllowed):
        getattr(window.complaints, act)(kept.id, by=INSPECTOR)
    assert window.complaints.complaint(kept.id) == kept
    assert [each.what for each in window.complaints.steps(kept.id)] == ["registered"]


def test_what_was_changed_meanwhile_is_not_written_over(window: Window) -> None:
    kept = window.register()
    window.complaints.withdraw(kept.id, "群众来电撤回", GUIDE)
    assert window.complaints.tables.change(kept, replace(kept, state=State.ACCEPTED)) is None
    with pytest.raises(NotAllowed):
        window.complaints.reply(kept.id, "已整改", HANDLER)


def test_the_hall_hears_of_a_complaint_only_after_it_is_safe(window: Window) -> None:
    heard: list[Event] = []
    window.complaints.follow(heard.append)
    kept = window.register()
    window.complaints.reply(kept.id, "已整改", HANDLER)
    kinds = [type(each) for each in heard]
    assert kinds[:2] == [ComplaintRegistered, ComplaintAssigned]
    assert kinds[-1] is ComplaintReplied
    with pytest.raises(BadComplaint):
        window.register(title="")
    assert len(heard) == 4


# -- limits and counts -------------------------------------------------------------------------


def test_a_complaint_grows_yellow_then_red_and_an_answer_past_the_limit_is_late(
    window: Window,
) -> None:
    kept = window.register(kind="consultation")
    window.complaints.accept(kept.id, HANDLER)

    def seen() -> tuple[Colour, Outcome]:
        told = window.complaints.told(window.complaints.complaint(kept.id))
        return told.colour, told.outcome

    assert seen() == (Colour.GREEN, Outcome.PENDING)
    window.days(7)  # the Friday on which five working days end
    assert seen() == (Colour.YELLOW, Outcome.PENDING)
    window.days(3)
    assert seen() == (Colour.RED, Outcome.UNANSWERED)
    window.complaints.reply(kept.id, "已答复", HANDLER)
    assert seen() == (Colour.NONE, Outcome.LATE)
    assert window.complaints.told(window.complaints.complaint(kept.id)).days_over == 1


def test_the_settings_say_how_long_a_unit_has(tmp_path: Path, clock: MovedClock) -> None:
    told = {"complaint_days": 2, "extension_days": 1}
    opened = open_rooms(tmp_path / "short.db", clock, HALL, complaints=told)
    desk = opened.desk
    made = Complaints(opened.store, opened.register, desk, desk.config, clock)
    kept = Window(made, opened, clock).register()
    assert kept.limit == read_instant("2026-11-25", made.zone) - 1
    assert (
        made.extend(kept.id, "待核", INSPECTOR).limit == read_instant("2026-11-26", made.zone) - 1
    )
    opened.store.close()


def test_a_month_is_listed_by_unit_source_and_state(window: Window) -> None:
    first = window.register()
    second = window.register(source="phone", unit="FC")
    window.complaints.reply(first.id, "已整改", HANDLER)

    def found(**wanted: str) -> list[int]:
        told = window.complaints.find(Wanted("2026-11", **wanted))
        return [each.complaint.id for each in told]

    assert found() == [second.id, first.id]
    assert found(unit="HB") == [first.id]
    assert found(source="phone") == [second.id]
    assert found(state="replied") == [first.id]
    assert window.complaints.find(Wanted("2026-10")) == []
    with pytest.raises(NotValid):
        window.complaints.find(Wanted("2026-13"))


def orders_of_the_published_case(zone: Any) -> list[Draft]:
    """25 orders of October: all due, 17 answered on time, 8 never."""
    published = {"HB": (1, 0), "FC": (14, 0), "JS": (2, 3), "GT": (0, 5)}
    found = []
    for unit, (on_time, unanswered) in published.items():
        for each in range(on_time + unanswered):
            answered = each < on_time
            found.append(
                Draft(
                    source="order",
                    order_number=f"{unit}{each:03d}",
                    title="咨询办理进度",
                    content="请告知办理进度。",
                    complainant="王五",
                    at=read_instant("2026-10-12 09:00", zone),
                    unit=unit,
                    order_due=read_instant("2026-10-19 18:00", zone),
                    reply="已答复" if answered else "",
                    replied_at=read_instant("2026-10-16 15:00", zone) if answered else None,
                )
            )
    return found


def shown(table: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    return {
        row["name"]: (row["count"], row["on_time"], row["late"], row["unanswered"], row["pending"])
        for row in [*table["rows"], table["totals"]]
        if row["count"]
    }


PUBLISHED = {
    "环保局": (1, 1, 0, 0, 0),
    "房产局": (14, 14, 0, 0, 0),
    "建设局": (5, 2, 0, 3, 0),
    "国土局": (5, 0, 0, 5, 0),
    "合计": (25, 17, 0, 8, 0),
}
PUBLISHED_RATES = ["100.00 %", "100.00 %", "40.00 %", "0.00 %"]


def test_the_published_case_comes_out_of_the_register(window: Window) -> None:
    """Registered one by one, answered in time or never: 17 of 25, 68.00 %."""
    for unit, on_time, unanswered in (("HB", 1, 0), ("FC", 14, 0), ("JS", 2, 3), ("GT", 0, 5)):
        for each in range(on_time + unanswered):
            kept = window.register(unit=unit, kind="consultation")
            if each < on_time:
                window.complaints.reply(kept.id, "已答复", INSPECTOR)
    before = window.complaints.units_table("2026-11")
    assert before["totals"]["pending"] == 8
    window.days(10)
    table = window.complaints.units_table("2026-11")
    assert shown(table) == PUBLISHED
    assert [row["rate"]["text"] for row in table["rows"] if row["count"]] == PUBLISHED_RATES
    rate = table["totals"]["rate"]
    assert (rate["numerator"], rate["denominator"], rate["text"]) == (17, 25, "68.00 %")


def test_a_unit_without_complaints_has_a_row_and_no_rate(window: Window) -> None:
    window.register()
    rows = {row["name"]: row for row in window.complaints.units_table("2026-11")["rows"]}
    assert (rows["民政局"]["count"], rows["民政局"]["rate"]["text"]) == (0, "—")
    own = window.complaints.units_table("2026-11", "HB")
    assert [row["name"] for row in own["rows"]] == ["环保局"]


# -- an order list -----------------------------------------------------------------------------


def test_an_order_list_brings_the_published_case_and_brings_nothing_twice(window: Window) -> None:
    orders = orders_of_the_published_case(window.complaints.zone)
    first = window.complaints.import_orders(orders, "十月工单.xlsx", INSPECTOR)
    assert (first.added, first.known) == (25, 0)
    again = window.complaints.import_orders(orders, "十月工单.xlsx", INSPECTOR)
    assert (again.added, again.known) == (0, 25)
    table = window.complaints.units_table("2026-10")
    assert shown(table) == PUBLISHED
    assert [row["rate"]["text"] for row in table["rows"] if row["count"]] == PUBLISHED_RATES
    assert table["totals"]["rate"]["text"] == "68.00 %"
    noted = [detail["added"] for _, detail in window.journal("complaints_imported")]
    assert noted == [25, 0]


def test_an_order_list_with_one_mistake_brings_nothing(window: Window) -> None:
    orders = orders_of_the_published_case(window.complaints.zone)
    orders[20] = replace(orders[20], title="")
    with pytest.raises(BadComplaint):
        window.complaints.import_orders(orders, "十月工单.xlsx", INSPECTOR)
    assert window.complaints.find(Wanted("2026-10")) == []


def test_what_a_list_says_was_done_is_kept_with_the_time_it_says(window: Window) -> None:
    order = orders_of_the_published_case(window.complaints.zone)[0]
    window.complaints.import_orders([replace(order, handler="李承办")], "十月工单.xlsx", INSPECTOR)
    (told,) = window.complaints.find(Wanted("2026-10"))
    assert (told.complaint.replied_at, told.complaint.handler) == (order.replied_at, "李承办")
    steps = window.complaints.steps(told.complaint.id)
    assert steps[0].told == "从“十月工单.xlsx”导入"
    assert steps[-1].told == "工单所记时间 2026-10-16 15:00"
    assert {each.at for each in steps} == {window.clock()}


# -- who complained ----------------------------------------------------------------------------


def test_who_complained_is_told_with_a_reason_that_is_kept(window: Window) -> None:
    number = window.register().id
    for reason in ("", "长" * 201):
        with pytest.raises(NotValid):
            window.complaints.reveal(number, reason, HANDLER)
    assert window.journal("complaint_revealed") == []
    whose = window.complaints.reveal(number, "回访核实", HANDLER)
    assert (whose.name, whose.phone) == ("张三", "13800138000")
    ((who, detail),) = window.journal("complaint_revealed")
    assert (who, detail["told"]) == (HANDLER, "回访核实")
    assert window.complaints.steps(number)[-1].what == "revealed"


def test_the_table_of_the_standard_masks_the_complainant_unless_told_why(window: Window) -> None:
    window.register(accused="李四", accused_unit="环保局")
    (masked,) = window.complaints.table10("2026-11")
    assert masked[:6] == ["重复提交材料", "张*", "环保局", "李四", masked[4], "投诉窗口"]
    assert masked[6:9] == ["20261120T100000", "HB", "环保局"]
    assert masked[13:] == ["20261211T235959", "", "", 0, ""]
    (full,) = window.complaints.table10("2026-11", full=True)
    assert full[1] == "张三"
    with pytest.raises(NotValid):
        window.complaints.reveal_month("2026-11", " ", INSPECTOR)
    window.complaints.reveal_month("2026-11", "报送市局", INSPECTOR)
    assert window.journal("complaints_revealed")[0][1]["told"] == "报送市局"


# -- nothing is lost ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "delete from complaint",
        "update complaint set title = 'x'",
        "update complaint set due_at = due_at + 1",
        "update complaint set at = at - 1",
        "update complaint set reply = 'x'",
        "update complaint set replied_at = replied_at - 1",
        "update complaint set extended_to = extended_to + 1",
        "update complaint set state = 'replied'",
        "update complaint_step set told = 'x'",
        "delete from complaint_step",
    ],
)
def test_the_file_itself_keeps_a_complaint_as_it_is(window: Window, statement: str) -> None:
    kept = window.register()
    window.complaints.extend(kept.id, "待核", INSPECTOR)
    window.complaints.reply(kept.id, "已整改", HANDLER)
    window.complaints.close(kept.id, INSPECTOR)
    with pytest.raises(sqlite3.IntegrityError):
        window.rooms.store.connection.execute(statement)


BREAKS = {
    "每件投诉都有登记流水": "drop trigger journal_is_never_shortened;"
    "delete from journal where event = 'complaint_registered'",
    "每件投诉的办理记录从登记开始": "drop trigger complaint_step_is_never_deleted;"
    "delete from complaint_step where what = 'registered'",
    "回复过的投诉只有一条回复记录": "insert into complaint_step (complaint, at, what, who)"
    " values (1, 1, 'replied', '')",
    "延期过的投诉只有一条延期记录": "insert into complaint_step (complaint, at, what, who)"
    " values (1, 1, 'extended', '')",
    "投诉的状态与最后一条办理记录一致": "drop trigger complaint_step_is_never_deleted;"
    "delete from complaint_step where what = 'replied'",
    "回复不早于投诉": "drop trigger complaint_is_never_edited; update complaint set at = at + 1",
}


def test_a_register_that_kept_its_promises_is_whole(window: Window) -> None:
    kept = window.register()
    window.complaints.extend(kept.id, "待核", INSPECTOR)
    window.complaints.reply(kept.id, "已整改", HANDLER)
    window.complaints.reveal(kept.id, "回访", HANDLER)
    window.register(unit="")
    window.complaints.import_orders(
        orders_of_the_published_case(window.complaints.zone), "十月.csv", INSPECTOR
    )
    assert problems(window.rooms.store) == []


@pytest.mark.parametrize("promise", PROMISES)
def test_a_broken_promise_is_named(window: Window, promise: str) -> None:
    kept = window.register()
    window.complaints.extend(kept.id, "待核", INSPECTOR)
    window.complaints.reply(kept.id, "已整改", HANDLER)
    assert problems(window.rooms.store) == []
    for statement in BREAKS[promise].split(";"):
        window.rooms.store.connection.execute(statement)
    assert any(promise in sentence for sentence in problems(window.rooms.store))
