"""The alarms of a hall, with a clock in the test's hand: raised, told, acknowledged, cleared."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from halls import MovedClock, Rooms, open_rooms
from test_complaints import HALL

from hall.days import MINUTE
from hall.refusals import NotAllowed, NotFound, NotValid
from hall.tickets import Booked
from monitor.course import Alarm
from monitor.events import AlarmEscalated, AlarmEvent, escalated_data
from monitor.export import inspection_number, rule_number
from monitor.monitor import Monitor, Wanted
from monitor.rules import DEFAULTS, Kind, Level, Rule
from monitor.sight import Device, Limit

LEADER, MANAGER, INSPECTOR = "7201", "9001", "7101"
TODAY = Wanted("2026-11-20", "2026-11-20")
DEFAULT = """
    insert into rating (visit, level, channel, given_by_default, at, window, service)
    values (?, 'satisfied', 'import', 1, ?, 3, 'estate')
"""
GROWING = tuple(f"SCAN {each}" for each in ("alarm", "journal", "rating", "ticket", "visit"))


@dataclass
class Watched:
    """A hall with its monitor, and all that the monitor told."""

    monitor: Monitor
    rooms: Rooms
    clock: MovedClock
    told: list[AlarmEvent] = field(default_factory=list)

    def later(self, **time: float) -> list[tuple[Kind, str]]:
        """Move the clock, let the monitor look, and return kind and level of what stands."""
        self.clock.move(**time)
        self.monitor.tick()
        return self.standing()

    def standing(self) -> list[tuple[Kind, str]]:
        return [(each.kind, each.level.value) for each in self.monitor.alarms.standing()]

    def all(self) -> list[Alarm]:
        return self.monitor.find(TODAY)

    def journal(self, event: str) -> list[tuple[str, Any]]:
        query = "select who, detail from journal where event = ? order by seq"
        return [(who, json.loads(told)) for who, told in self.rooms.store.rows(query, (event,))]

    def only(self, *kinds: Kind, **changed: Any) -> None:
        """Switch all rules off but some, and change those."""
        current = self.monitor.rules()
        new = [
            replace(each, **changed) if each.kind in kinds else replace(each, active=False)
            for each in current.rules
        ]
        self.monitor.change_rules(new, "", current.version, MANAGER)


@pytest.fixture
def watched(tmp_path: Path, clock: MovedClock) -> Iterator[Watched]:
    """A small hall at ten, all windows open, watched."""
    rooms = open_rooms(tmp_path / "hall.db", clock, HALL)
    for window in (1, 2, 3, 4):
        rooms.desk.open(window)
    told = Watched(watch(rooms), rooms, clock)
    told.monitor.along(lambda event: told.told.append(event))  # type: ignore[arg-type]
    yield told
    rooms.store.close()


def watch(rooms: Rooms) -> Monitor:
    return Monitor(rooms.store, rooms.register, rooms.desk, rooms.desk.config, rooms.clock)


# -- the life of an alarm ----------------------------------------------------------------------


def test_a_long_wait_is_yellow_then_red_then_told_to_the_leaders_and_clears_by_itself(
    watched: Watched,
) -> None:
    watched.only(Kind.WAIT)
    watched.rooms.take("estate")
    assert watched.later(minutes=30) == []
    assert watched.later(minutes=1) == [(Kind.WAIT, "yellow")]
    assert watched.later(minutes=15) == [(Kind.WAIT, "red")]
    assert watched.later(minutes=9) == [(Kind.WAIT, "red")]
    assert not watched.all()[0].escalated_at
    watched.later(minutes=1)
    (alarm,) = watched.all()
    assert alarm.escalated_to == LEADER
    assert alarm.said == "“不动产登记”B001号已等 46 分钟，目标 30 分钟；共 1 人等候。"
    watched.rooms.desk.call_next(3)
    assert watched.later(seconds=10) == [(Kind.WAIT, "red")]  # a calm minute is waited for
    assert watched.later(minutes=1) == []
    names = [type(each).__name__ for each in watched.told]
    assert names == ["AlarmOpened", "AlarmReddened", "AlarmEscalated", "AlarmCleared"]
    (ended,) = watched.all()
    assert (ended.level, ended.number, ended.department) == (Level.RED, "B001", "BDC")
    assert ended.cleared_at == watched.clock()


def test_a_cause_that_comes_back_within_a_minute_is_the_same_alarm(watched: Watched) -> None:
    watched.only(Kind.WAIT)
    watched.rooms.take("estate")
    watched.clock.move(minutes=1)
    watched.rooms.take("estate")
    assert watched.later(minutes=30) == [(Kind.WAIT, "yellow")]
    watched.rooms.desk.call_next(3)
    watched.later(seconds=30)
    watched.later(seconds=40)
    assert [each.cleared_at for each in watched.all()] == [None]


def test_what_stands_before_a_restart_is_not_raised_again_after_it(watched: Watched) -> None:
    watched.only(Kind.WAIT)
    watched.rooms.take("estate")
    assert watched.later(minutes=40) == [(Kind.WAIT, "yellow")]
    again = watch(watched.rooms)
    again.tick()
    assert len(again.find(TODAY)) == 1
    watched.rooms.desk.call_next(3)
    watched.clock.move(seconds=6)
    again.tick()
    watched.clock.move(minutes=1)
    again.tick()
    assert again.alarms.standing() == []


def test_two_looks_at_one_moment_raise_one_alarm(watched: Watched) -> None:
    watched.only(Kind.WAIT)
    watched.rooms.take("estate")
    watched.later(minutes=40)
    watch(watched.rooms).tick()
    watched.monitor.tick()
    assert len(watched.all()) == 1


def test_an_acknowledged_alarm_goes_to_no_leader(watched: Watched) -> None:
    watched.only(Kind.WAIT)
    watched.rooms.take("estate")
    watched.later(minutes=50)
    (alarm,) = watched.all()
    watched.monitor.acknowledge(alarm.id, " 已加开 4号窗口 ", MANAGER)
    watched.later(minutes=30)
    (known,) = watched.all()
    assert (known.acknowledged_by, known.words) == (MANAGER, "已加开 4号窗口")
    assert known.escalated_at is None
    assert watched.journal("alarm_acknowledged")[0][0] == MANAGER


def test_the_same_acknowledgement_twice_is_once_and_another_is_refused(watched: Watched) -> None:
    watched.only(Kind.WAIT)
    watched.rooms.take("estate")
    watched.later(minutes=50)
    (alarm,) = watched.all()
    first = watched.monitor.acknowledge(alarm.id, "马上加开", MANAGER)
    watched.clock.move(minutes=1)
    assert watched.monitor.acknowledge(alarm.id, "马上加开", MANAGER) == first
    assert len(watched.journal("alarm_acknowledged")) == 1
    with pytest.raises(NotAllowed, match="已由赵主任确认"):
        watched.monitor.acknowledge(alarm.id, "我来", INSPECTOR)
    with pytest.raises(NotFound):
        watched.monitor.acknowledge(999, "我来", INSPECTOR)


def test_a_red_alarm_is_not_acknowledged_without_a_word(watched: Watched) -> None:
    watched.only(Kind.WAIT)
    watched.rooms.take("estate")
    watched.later(minutes=50)
    with pytest.raises(NotValid, match="怎样处置"):
        watched.monitor.acknowledge(watched.all()[0].id, "", MANAGER)
    assert watched.all()[0].acknowledged_at is None


def test_a_hall_without_a_leader_tells_its_managers(watched: Watched) -> None:
    leader = watched.rooms.register.catalogue().person[LEADER]
    watched.rooms.register.save(replace(leader, active=False))
    watched.only(Kind.WAIT)
    watched.rooms.take("estate")
    watched.later(minutes=50)
    watched.later(minutes=10)
    assert watched.all()[0].escalated_to == MANAGER
    (event,) = [each for each in watched.told if isinstance(each, AlarmEscalated)]
    data = escalated_data(event, watched.rooms.register.catalogue())
    assert (data["kind_name"], data["service_name"]) == ("等候超时", "不动产登记")
    assert data["unit_name"] == "不动产登记中心"
    assert not {MANAGER, "赵主任"} & set(map(str, data.values()))


# -- what is seen ------------------------------------------------------------------------------


def test_a_window_that_rests_while_people_wait_is_an_alarm_until_it_calls(
    watched: Watched,
) -> None:
    watched.only(Kind.IDLE)
    watched.rooms.take("marriage")
    watched.rooms.desk.pause(1, "开会")
    assert watched.later(minutes=14) == []
    watched.later(minutes=1)
    assert [each.window for each in watched.all()] == [4, 2]  # 1 paused, 3 does not serve it
    watched.rooms.desk.call_next(2)
    watched.later(seconds=10)
    assert watched.later(minutes=2) == []


def test_a_window_that_has_just_finished_has_not_rested(watched: Watched) -> None:
    watched.only(Kind.IDLE)
    watched.rooms.take("estate")
    watched.rooms.take("estate")
    watched.rooms.serve(3, minutes=20)
    watched.rooms.desk.call_next(4)
    assert watched.later(minutes=14) == []


def test_an_empty_chair_counts_from_when_the_hall_opens_not_from_yesterday(
    watched: Watched,
) -> None:
    watched.only(Kind.UNMANNED)
    watched.rooms.desk.close(2)
    watched.clock.move(hours=22.5 + 0.2)  # 08:42 the day after
    assert watched.later() == []
    watched.later(minutes=4)
    said = {each.window: each.said for each in watched.monitor.alarms.standing()}
    assert said == {2: "2号窗口开放时间里无人登录已 16 分钟。"}


def test_nobody_misses_a_clerk_at_a_window_that_has_none(watched: Watched) -> None:
    watched.only(Kind.UNMANNED)
    clerk = watched.rooms.register.catalogue().person["1002"]
    watched.rooms.register.save(replace(clerk, window=None))
    watched.rooms.desk.close(2)
    assert watched.later(minutes=20) == [(Kind.UNMANNED, "yellow")]  # it was opened today
    watched.clock.move(hours=23)
    watched.monitor.tick()
    assert watched.later(minutes=5) == []


def test_a_hall_that_never_closes_misses_only_who_was_there_today(
    tmp_path: Path, clock: MovedClock
) -> None:
    rooms = open_rooms(tmp_path / "hall.db", clock, HALL, hall={"always_open": True})
    told = Watched(watch(rooms), rooms, clock)
    told.only(Kind.UNMANNED)
    rooms.desk.open(1)
    rooms.desk.close(1)
    told.later(minutes=16)
    assert [each.window for each in told.all()] == [1]
    rooms.store.close()


def test_a_pause_over_lunch_counts_no_closed_minute(tmp_path: Path, clock: MovedClock) -> None:
    rooms = open_rooms(tmp_path / "hall.db", clock, HALL, hall={"lunch": "12:00-13:30"})
    told = Watched(watch(rooms), rooms, clock)
    told.only(Kind.PAUSED)
    rooms.desk.open(1)
    clock.move(minutes=110)
    rooms.desk.pause(1, "开会")
    assert told.later(minutes=30) == []  # 12:20, ten minutes of it while open
    assert told.later(minutes=79) == []  # 13:39
    assert told.later(minutes=1) == [(Kind.PAUSED, "yellow")]
    rooms.store.close()


def test_a_service_far_over_its_usual_time_names_the_number(watched: Watched) -> None:
    watched.only(Kind.OVERRUN)
    watched.rooms.take("advice")
    watched.rooms.desk.call_next(1)
    watched.rooms.desk.start(1)
    assert watched.later(minutes=14) == []
    assert watched.later(minutes=2) == [(Kind.OVERRUN, "red")]
    assert "办理 Z001号“业务咨询”已 16 分钟" in watched.all()[0].said


def test_who_came_back_after_a_miss_waits_since_then(watched: Watched) -> None:
    watched.only(Kind.WAIT)
    watched.rooms.take("estate")
    watched.clock.move(minutes=25)
    called = watched.rooms.desk.call_next(3)
    watched.rooms.desk.miss(3)
    watched.rooms.desk.bring_back(called.ticket.id, "去打印了", by="1001")
    assert watched.later(minutes=20) == []
    assert watched.later(minutes=11) == [(Kind.WAIT, "yellow")]


def test_the_time_a_service_was_laid_aside_is_not_its_time(watched: Watched) -> None:
    watched.only(Kind.OVERRUN)
    ticket = watched.rooms.take("advice")
    watched.rooms.desk.call_next(1)
    watched.rooms.desk.start(1)
    watched.rooms.desk.hold(1, "with_file")
    watched.clock.move(minutes=30)
    watched.rooms.desk.resume(1, ticket)
    assert watched.later(minutes=14) == []
    assert watched.later(minutes=1) == [(Kind.OVERRUN, "yellow")]


def test_who_comes_early_for_an_appointment_waits_from_its_slot_on(watched: Watched) -> None:
    watched.only(Kind.WAIT)
    slot_at = watched.clock() + 20 * MINUTE
    watched.rooms.take("estate", booked=Booked(7, slot_at, "张*"))
    assert watched.later(minutes=50) == []
    assert watched.later(minutes=1) == [(Kind.WAIT, "yellow")]


def test_misses_of_an_hour_are_counted_by_service(watched: Watched) -> None:
    watched.only(Kind.MISSED, least=4)
    for _ in range(4):
        watched.rooms.take("estate")
    for _ in range(3):
        watched.rooms.serve(3, minutes=1)
    assert watched.later(minutes=1) == []
    watched.rooms.desk.call_next(3)
    watched.rooms.desk.miss(3)
    watched.later(minutes=1)
    assert [each.said for each in watched.all()] == [
        "“不动产登记”一小时内呼叫 4 次，过号 1 次（25%）。"
    ]
    watched.later(hours=1)
    assert watched.later(minutes=2) == []


def test_priority_is_a_share_of_the_day(watched: Watched) -> None:
    watched.only(Kind.PRIORITY, least=4)
    for number in range(4):
        ticket = watched.rooms.take("estate")
        if number == 0:
            watched.rooms.desk.favour(ticket, priority="elder", basis="老年证", by="1001")
    watched.later(minutes=1)
    assert [each.said for each in watched.all()] == ["今天取号 4 张，优先 1 张（25%）。"]


def test_services_without_a_rating_are_counted_from_the_last_rating(watched: Watched) -> None:
    watched.only(Kind.UNRATED, yellow=3, red=9)
    for _ in range(5):
        watched.rooms.take("estate")
    for number in range(5):
        visit = watched.rooms.serve(3, minutes=1)
        if number == 1:
            watched.rooms.book.rate(visit, "satisfied", "evaluator")
            assert watched.later(minutes=1) == []
    watched.later(minutes=1)
    assert [each.said for each in watched.all()] == ["3号窗口连续办结 3 次没有一条评价。"]
    watched.rooms.take("estate")
    visit = watched.rooms.serve(3, minutes=1)
    watched.rooms.store.connection.execute(DEFAULT, (visit, watched.clock()))
    watched.later(minutes=1)
    assert watched.later(minutes=2) == [(Kind.UNRATED, "yellow")]  # a default is no rating
    watched.rooms.take("estate")
    watched.rooms.book.rate(watched.rooms.serve(3, minutes=1), "satisfied", "evaluator")
    watched.later(minutes=1)
    assert watched.later(minutes=1) == []


def test_ratings_at_the_moment_of_the_end_are_counted_in_a_row(watched: Watched) -> None:
    watched.only(Kind.QUICK, yellow=3, red=9)
    for number in range(4):
        watched.rooms.take("estate")
        visit = watched.rooms.serve(3, minutes=1)
        watched.clock.move(seconds=30 if number == 0 else 1)
        watched.rooms.book.rate(visit, "very_satisfied", "evaluator")
    watched.later(minutes=1)
    assert [each.said for each in watched.all()] == ["3号窗口连续 3 条评价在办完 2 秒内给出。"]


def test_machines_and_limits_are_told_by_others(watched: Watched) -> None:
    devices = [
        Device(1, "evaluator", "3号评价器", 12, 3),
        Device(9, "kiosk", "一号", 0, None, "off"),
    ]
    limits = [Limit("case:1", "差评 B001", "BDC", passed=True, window=3)]
    watched.monitor.looking.ask(lambda: devices, lambda: limits)
    assert set(watched.later(minutes=1)) == {
        (Kind.SILENT, "yellow"),
        (Kind.PRINTER, "red"),
        (Kind.LIMIT, "red"),
    }
    devices.clear()
    limits.clear()
    watched.later(minutes=6)
    assert watched.later(minutes=2) == []


def test_a_closed_hall_has_no_idle_and_no_empty_window(watched: Watched) -> None:
    watched.rooms.desk.close(2)
    watched.rooms.desk.pause(1, "开会")
    assert watched.later(hours=9) == []


# -- rules -------------------------------------------------------------------------------------


def changed(kind: Kind, **more: Any) -> list[Rule]:
    return [replace(each, **more) if each.kind is kind else each for each in DEFAULTS]


def test_a_hall_begins_with_the_rules_of_the_trade(watched: Watched) -> None:
    assert watched.monitor.rules().rules == DEFAULTS
    assert [each[0] for each in watched.monitor.versions()] == [1]
    assert watch(watched.rooms).rules().version == 1


def test_new_rules_are_a_version_and_old_alarms_keep_theirs(watched: Watched) -> None:
    watched.rooms.take("estate")
    watched.rooms.desk.pause(4, "")
    watched.rooms.desk.pause(3, "")
    watched.later(minutes=31)
    new = changed(Kind.WAIT, yellow=50, red=60)
    made = watched.monitor.change_rules(new, "月底人多", 1, MANAGER)
    assert (made.version, made.by, made.note) == (2, MANAGER, "月底人多")
    watched.later(minutes=1)
    waits = [each for each in watched.all() if each.kind is Kind.WAIT]
    assert [(each.level, each.rule_version) for each in waits] == [(Level.RED, 1)]
    assert watched.monitor.rules(1).rules == DEFAULTS
    assert watched.journal("alarm_rules_changed") == [(MANAGER, {"version": 2})]


def test_the_same_form_twice_makes_one_version_and_an_old_form_none(watched: Watched) -> None:
    new = changed(Kind.WAIT, yellow=120)
    first = watched.monitor.change_rules(new, "", 1, MANAGER)
    assert watched.monitor.change_rules(new, "", 1, MANAGER) == first
    with pytest.raises(NotAllowed, match="刚刚有人改过"):
        watched.monitor.change_rules(changed(Kind.WAIT, yellow=130), "", 1, MANAGER)
    with pytest.raises(NotAllowed, match="没有改动"):
        watched.monitor.change_rules(new, "", 2, MANAGER)
    assert len(watched.monitor.versions()) == 2
    with pytest.raises(NotFound):
        watched.monitor.rules(99)


@pytest.mark.parametrize(
    "statement",
    [
        "delete from alarm",
        "update alarm set began_at = 0",
        "update alarm set words = '无事'",
        "update alarm set cleared_at = null",
        "delete from alarm_rule",
        "update alarm_rule set yellow = 1",
        "delete from alarm_rules",
        "update alarm_rules set by = ''",
    ],
)
def test_neither_ledger_nor_rules_can_be_rewritten(watched: Watched, statement: str) -> None:
    watched.only(Kind.WAIT)
    watched.rooms.take("estate")
    watched.later(minutes=50)
    watched.monitor.acknowledge(watched.all()[0].id, "加开", MANAGER)
    watched.rooms.desk.call_next(3)
    watched.later(seconds=6)
    assert watched.later(minutes=1) == []
    with pytest.raises(sqlite3.IntegrityError):
        watched.rooms.store.connection.execute(statement)


# -- the ledger --------------------------------------------------------------------------------


def test_the_ledger_is_found_by_day_kind_and_window(watched: Watched) -> None:
    watched.only(Kind.PAUSED, Kind.WAIT)
    watched.rooms.take("estate")
    watched.rooms.desk.pause(1, "")
    watched.later(minutes=35)
    find = watched.monitor.find
    assert {each.kind for each in find(TODAY)} == {Kind.PAUSED, Kind.WAIT}
    assert [each.window for each in find(replace(TODAY, kind="paused"))] == [1]
    assert [each.kind for each in find(replace(TODAY, window=1))] == [Kind.PAUSED]
    assert find(replace(TODAY, window=2)) == []
    assert find(Wanted("2026-11-21", "2026-11-30")) == []


def test_a_row_of_the_standard_has_its_eleven_fields_in_their_order(watched: Watched) -> None:
    watched.only(Kind.WAIT)
    watched.rooms.take("estate")
    watched.later(minutes=50)
    watched.later(minutes=10)
    (alarm,) = watched.all()
    watched.monitor.acknowledge(alarm.id, "已加开", LEADER)
    (row,) = watched.monitor.table11(TODAY)
    assert row[:11] == [
        "20261120B001",
        "“不动产登记”B001号已等 50 分钟，目标 30 分钟；共 1 人等候。",
        "云溪县政务服务中心",
        "",
        "20261120T110000",
        "JC20261120000001",
        "WAIT-V2",
        2,
        "20261120T105000",
        "11-20 11:00 无人确认，上报分管领导；11-20 11:00 孙领导确认：已加开",
        "不动产登记中心",
    ]
    assert len(inspection_number(alarm)) <= 20
    assert len(rule_number(alarm)) <= 20


def test_the_board_tells_windows_lines_alarms_and_advice(watched: Watched) -> None:
    watched.rooms.take("estate")
    watched.rooms.take("estate")
    watched.rooms.desk.pause(3, "<开会>")
    watched.rooms.desk.pause(4, "")
    watched.later(minutes=33)
    told = watched.monitor.board()
    assert [each["name"] for each in told["zones"]] == ["一楼大厅", "二楼大厅"]
    tiles = {each["no"]: each for zone in told["zones"] for each in zone["windows"]}
    assert (tiles[3]["state"], tiles[3]["reason"], tiles[3]["late"]) == ("paused", "<开会>", True)
    assert tiles[1]["clerk"] == "张敏"
    assert told["sums"] == {
        "serving": 0,
        "called": 0,
        "open": 2,
        "paused": 2,
        "closed": 0,
        "windows": 4,
        "waiting": 2,
        "longest": 33,
    }
    (line,) = told["lines"]
    assert (line["waiting"], line["longest"], line["open"], line["level"]) == (2, 33, 0, "yellow")
    assert {each["kind"] for each in told["alarms"]} == {"等候超时", "暂停过久"}
    assert told["advice"][0]["act"] == "为“不动产登记”请3、4号窗口恢复服务"
    json.dumps(told)


def test_no_look_walks_through_a_table_that_grows(watched: Watched) -> None:
    watched.rooms.take("estate")
    watched.later(minutes=50)
    store, asked = watched.rooms.store, dict[str, Any]()
    ask = store.rows

    def rows(sql: str, values: Any = ()) -> list[Any]:
        asked[sql] = values
        return ask(sql, values)

    store.rows = rows  # type: ignore[method-assign, assignment]
    watched.later(minutes=6)
    watched.monitor.board()
    watched.monitor.find(TODAY)
    assert len(asked) > 10
    walked = [
        (plan, " ".join(sql.split()))
        for sql, values in asked.items()
        for *_, plan in ask(f"explain query plan {sql}", values)
        if plan.startswith(GROWING) and "USING" not in plan
    ]
    assert walked == []
