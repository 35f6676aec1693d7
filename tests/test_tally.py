"""What days and months count is what the records say, whatever happens in a hall."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from halls import MovedClock, Rooms, open_rooms
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hall import days
from hall.migrations import make_anew
from hall.refusals import NotAllowed
from rating.months import Tally
from rating.periods import Stretch, period
from rating.tally_migrations import ALL, count_anew
from rating.tally_store import offsets

NOVEMBER = period("month", "2026-11").stretch
TODAY = period("day", "2026-11-20").stretch


def counted(rooms: Rooms) -> dict[str, list[Any]]:
    """Return all days that count something."""
    return {
        each.table: [
            row
            for row in rooms.store.rows(f"select * from {each.day_table}")
            if any(row[len(each.keys) + 1 :])
        ]
        for each in ALL
    }


def test_a_served_and_rated_citizen_counts_once_everywhere(rooms: Rooms) -> None:
    rooms.take()
    rooms.clock.move(minutes=40)
    visit = rooms.serve(1, minutes=5)
    rooms.book.rate(visit, "very_satisfied", "evaluator")
    for by in ("hall", "window", "clerk", "service", "department", "zone"):
        (tally,) = rooms.book.tallies.table(by, NOVEMBER).values()
        assert tally == Tally(
            called=1,
            served=1,
            waited=40 * days.MINUTE,
            waited_long=1,
            service_time=5 * days.MINUTE,
            asked=1,
            completed=1,
            very_satisfied=1,
        ), by
    assert rooms.book.tallies.table("channel", NOVEMBER) == {"evaluator": Tally(very_satisfied=1)}
    assert rooms.book.tallies.taken("service", NOVEMBER) == {"marriage": 1}


def test_a_rating_that_comes_late_takes_its_visit_from_the_unrated(rooms: Rooms) -> None:
    rooms.take()
    visit = rooms.serve(1)
    rooms.clock.move(minutes=1)
    rooms.book.tick()
    assert rooms.book.tallies.table("hall", TODAY)[""].timed_out == 1
    rooms.clock.move(hours=30)
    rooms.book.tick()
    rooms.book.rate(visit, "satisfied", "qr")
    friday = rooms.book.tallies.table("hall", TODAY)[""]
    assert (friday.served, friday.timed_out, friday.satisfied) == (1, 0, 0)
    assert rooms.book.tallies.table("hall", NOVEMBER)[""].satisfied == 1
    assert rooms.book.tallies.differences() == []


def test_a_voided_rating_moves_to_the_voided_of_the_day_it_was_given(rooms: Rooms) -> None:
    rooms.take()
    visit = rooms.serve(1)
    number = rooms.book.rate(visit, "dissatisfied", "qr").id
    rooms.clock.move(hours=24 * 20)
    rooms.book.tick()
    rooms.book.void(number, "malicious", "重复恶意评价", by="9001")
    assert rooms.book.tallies.table("channel", NOVEMBER) == {"qr": Tally(voided=1)}
    assert rooms.book.tallies.differences() == []


def test_a_ticket_sent_to_another_service_was_taken_for_that_one(rooms: Rooms) -> None:
    rooms.take("marriage")
    rooms.desk.call_next(1)
    rooms.desk.start(1)
    rooms.desk.transfer(1, service="estate", reason="还要办另一项")
    assert rooms.book.tallies.taken("service", NOVEMBER) == {"marriage": 0, "estate": 1}


def test_an_act_taken_back_counts_no_more(rooms: Rooms) -> None:
    rooms.take()
    rooms.desk.call_next(1)
    rooms.desk.miss(1)
    assert rooms.book.tallies.table("hall", TODAY)[""].missed == 1
    rooms.desk.undo(1)
    assert rooms.book.tallies.table("hall", TODAY)[""].missed == 0
    assert rooms.book.tallies.differences() == []


ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "take",
                "call",
                "start",
                "finish",
                "miss",
                "undo",
                "transfer",
                "rate",
                "void",
                "wait",
                "cancel",
                "tomorrow",
            ]
        ),
        st.integers(0, 4),
    ),
    min_size=5,
    max_size=40,
)
LEVELS = (
    "very_satisfied", "satisfied", "basically_satisfied", "dissatisfied", "very_dissatisfied",
)  # fmt: skip


def act(rooms: Rooms, verb: str, which: int) -> None:
    """Do one thing that may happen in a hall."""
    desk, book, window = rooms.desk, rooms.book, which % 3 + 1
    acts: dict[str, Callable[[], object]] = {
        "take": lambda: rooms.take(("marriage", "advice", "estate")[which % 3]),
        "call": lambda: desk.call_next(window),
        "start": lambda: desk.start(window),
        "finish": lambda: desk.finish(window, ("completed", "accepted", "other")[which % 3]),
        "miss": lambda: desk.miss(window),
        "undo": lambda: desk.undo(window),
        "transfer": lambda: desk.transfer(window, service="estate", reason="转办"),
        "rate": lambda: book.rate(last_done(rooms), LEVELS[which], ("qr", "evaluator")[which % 2]),
        "void": lambda: book.void(which + 1, "mistaken", "点错", by="9001"),
        "cancel": lambda: desk.cancel(which + 1),
        "tomorrow": lambda: rooms.clock.move(hours=24),
        "wait": lambda: rooms.clock.move(minutes=3 * which + 1),
    }
    acts[verb]()
    desk.tick()
    book.tick()


def last_done(rooms: Rooms) -> int:
    """Return the last visit that ended well."""
    found = rooms.store.row("select max(id) from visit where state = 'done'")
    return int(found[0] or 0)


@given(acts=ACTS)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_happens_the_tally_is_what_the_records_say(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, int]]
) -> None:
    rooms = open_rooms(tmp_path_factory.mktemp("hall") / "hall.db", MovedClock())
    try:
        for window in (1, 2, 3):
            rooms.desk.open(window)
        for verb, which in acts:
            try:
                act(rooms, verb, which)
            except (NotAllowed, LookupError):
                continue
        rooms.clock.move(hours=24 * 12)
        rooms.book.tick()
        assert rooms.book.tallies.differences() == []
        kept = counted(rooms)
        by_month = rooms.book.tallies.table("window", NOVEMBER)
        by_day = rooms.book.tallies.table("window", NOVEMBER.by_days())
        assert by_month == by_day
        count_anew(rooms.store.connection)
        assert counted(rooms) == kept
    finally:
        rooms.store.close()


@pytest.mark.parametrize("change", ["set served = served + 1", "set waited = 0"])
def test_verify_finds_a_changed_day_and_a_changed_month(rooms: Rooms, change: str) -> None:
    rooms.take()
    rooms.clock.move(minutes=7)
    rooms.serve(1)
    rooms.clock.move(hours=24 * 12)
    rooms.book.tick()
    tallies = rooms.book.tallies
    assert tallies.differences() == []
    rooms.store.connection.execute(f"update visit_month {change}")
    assert tallies.differences() == [("visit_month", "2026-11")]
    count_anew(rooms.store.connection)
    rooms.store.connection.execute(f"update visit_day {change}")
    assert tallies.differences() == [("visit_day", "2026-11-20")]


@pytest.mark.parametrize("table", ["visit", "rating", "ticket", "asking"])
def test_a_table_made_anew_still_counts(rooms: Rooms, table: str) -> None:
    rooms.store.connection.execute("pragma foreign_keys = off")
    with rooms.store.transaction():
        make_anew(rooms.store.database, table, lambda statement: statement)
    rooms.take()
    rooms.book.rate(rooms.serve(1), "satisfied", "qr")
    served = rooms.book.tallies.table("hall", TODAY)[""]
    assert (served.served, served.asked, served.satisfied) == (1, 1, 1)
    assert rooms.book.tallies.differences() == []


def test_another_wait_target_or_zone_is_counted_anew(rooms: Rooms) -> None:
    rooms.take()
    rooms.clock.move(minutes=12)
    rooms.serve(1)
    tallies, shanghai = rooms.book.tallies, ZoneInfo("Asia/Shanghai")
    assert not tallies.settle(shanghai, 30 * days.MINUTE)
    assert tallies.table("hall", TODAY)[""].waited_long == 0
    assert tallies.settle(shanghai, 10 * days.MINUTE)
    assert tallies.table("hall", TODAY)[""].waited_long == 1
    assert tallies.settle(ZoneInfo("Pacific/Honolulu"), 10 * days.MINUTE)
    assert tallies.table("hall", TODAY) == {}
    thursday = period("day", "2026-11-19").stretch
    assert tallies.table("hall", thursday)[""].served == 1


@pytest.mark.parametrize(
    "zone", ["Asia/Shanghai", "Asia/Urumqi", "America/New_York", "Europe/London"]
)
def test_the_file_knows_the_local_day_of_every_instant(zone: str) -> None:
    known = offsets(ZoneInfo(zone))
    for at in range(days.DAY * 19_000, days.DAY * 21_500, 41 * days.HOUR + 59 * days.MINUTE):
        ahead = next(ahead for since, ahead in reversed(known) if since <= at)
        there = days.local(at, ZoneInfo(zone)).utcoffset()
        assert there is not None
        assert ahead == there.total_seconds() * 1000


@pytest.mark.parametrize(
    ("days_of", "months", "before", "after"),
    [
        ("11-01 12-01", "2026-11 2026-12", "2026-11-01 2026-11-01", "2026-12-01 2026-12-01"),
        ("11-02 12-01", " ", "2026-11-02 2026-12-01", " "),
        ("10-15 12-03", "2026-11 2026-12", "2026-10-15 2026-11-01", "2026-12-01 2026-12-03"),
        ("01-01 12-01", "2026-01 2026-12", "2026-01-01 2026-01-01", "2026-12-01 2026-12-01"),
        ("11-20 11-21", " ", "2026-11-20 2026-11-21", " "),
    ],
)
def test_a_stretch_is_read_from_whole_months_and_the_days_at_its_ends(
    days_of: str, months: str, before: str, after: str
) -> None:
    first, past = days_of.split()
    when = Stretch(f"2026-{first}", f"2026-{past}")
    parts = (when.months, when.before, when.after)
    assert [" ".join(each) for each in parts] == [months, before, after]
