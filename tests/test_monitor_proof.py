"""``verify`` finds an alarm that breaks a promise, and none in a ledger that kept them."""

import pytest
from halls import MovedClock, Rooms

from monitor.monitor import Monitor
from monitor.proof import PROMISES, problems

KEEP_NOTHING = "drop trigger journal_is_never_shortened; delete from journal where event = "
BREAKS = {
    "每条告警都有产生流水": f"{KEEP_NOTHING} 'alarm_opened'",
    "每条告警所依据的规则版本都在": "drop trigger alarm_rule_is_kept; delete from alarm_rule",
    "同一对象同时只有一条未解除的同类告警": "drop index alarm_standing;"
    "insert into alarm (day, kind, subject, said, level, began_at, rule_version)"
    " select day, kind, subject, said, 'yellow', began_at, rule_version from alarm",
    "告警上报前已转为红色": "update alarm set level = 'yellow', red_at = null, escalated_at = 1",
    "告警的确认都有流水": f"{KEEP_NOTHING} 'alarm_acknowledged'",
}


@pytest.fixture
def kept(rooms: Rooms, clock: MovedClock) -> Rooms:
    """A hall where somebody waits too long, and a manager has acknowledged the alarm."""
    monitor = Monitor(rooms.store, rooms.register, rooms.desk, rooms.desk.config, clock)
    rooms.desk.issue("marriage", "tap-00000001")
    monitor.tick()
    clock.move(minutes=90)
    monitor.tick()
    (alarm, *_) = monitor.alarms.standing()
    monitor.acknowledge(alarm.id, "已增开 5 号窗口", "9001")
    return rooms


def test_a_ledger_that_kept_its_promises_is_whole(kept: Rooms) -> None:
    assert kept.store.row("select count(*) > 0 from alarm where acknowledged_at is not null") == (
        1,
    )
    assert problems(kept.store) == []


@pytest.mark.parametrize("promise", PROMISES)
def test_a_broken_promise_is_named(kept: Rooms, promise: str) -> None:
    for statement in BREAKS[promise].split(";"):
        kept.store.connection.execute(statement)
    assert any(promise in sentence for sentence in problems(kept.store))
