"""The demonstration: days that were lived through the hall's own verbs, the same each time."""

import gc
import io
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from halls import SHANGHAI, MovedClock, open_rooms

import demo
import schema
from demo import demand, life, opinions
from demo.demand import Demand, is_working_day, plan_of_today, usual_plan
from demo.draft import LATER, Draft
from demo.roles import Counted
from demo.simulation import Life
from hall import config, days
from hall.config import Config
from hall.days import MINUTE
from hall.desk import Desk
from hall.refusals import NotAllowed
from hall.register import Register
from hall.store import Store
from rating.book import Book
from rating.levels import LEVELS

OPEN_ALWAYS: Config = config.from_dict({"hall": {"always_open": True}})
FRIDAY = "2026-11-20"
Query = Callable[..., list[tuple]]  # type: ignore[type-arg]


def instant(day_and_time: str) -> int:
    return int(datetime.fromisoformat(f"{day_and_time}+08:00").timestamp() * 1000)


FRIDAY_MORNING = instant(f"{FRIDAY}T10:40")


def built(path: Path, now: int = FRIDAY_MORNING, how_many_days: int = 1, seed: int = 1) -> Counted:
    return life.build(path, OPEN_ALWAYS, how_many_days=how_many_days, now=now, seed=seed)


@pytest.fixture(scope="module")
def three_days(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Counted]:
    """Wednesday, Thursday, and Friday up to 10:40."""
    path = tmp_path_factory.mktemp("demo") / demo.DEMO_DATABASE
    return path, built(path, how_many_days=3)


@pytest.fixture
def query(three_days: tuple[Path, Counted]) -> Iterator[Query]:
    """Ask the records themselves, past all verbs."""
    connection = sqlite3.connect(three_days[0])
    yield lambda sql, *values: connection.execute(sql, values).fetchall()
    connection.close()


def records(path: Path, *tables: str) -> list[list[tuple[object, ...]]]:
    connection = sqlite3.connect(path)
    found = [connection.execute(f"select * from {each} order by 1").fetchall() for each in tables]
    connection.close()
    return found


# -- the days were lived ------------------------------------------------------------------------


def test_every_prefix_has_its_numbers_from_001_without_a_gap_each_day(query: Query) -> None:
    lines = query(
        "select day, prefix, count(*), count(distinct number), min(sequence), max(sequence)"
        " from ticket group by day, prefix"
    )
    assert len({day for day, *_ in lines}) == 3
    for _, _, tickets, numbers, first, last in lines:
        assert (first, last, numbers) == (1, tickets, tickets)


def test_what_was_counted_is_what_the_records_hold(
    query: Query, three_days: tuple[Path, Counted]
) -> None:
    counted = three_days[1]
    states = dict(query("select state, count(*) from ticket group by state"))
    assert sum(states.values()) == counted.tickets - counted.turned_away
    assert states["done"] == counted.visits > 1000
    assert states["missed"] == counted.missed > 0
    assert states["cancelled"] == counted.cancelled > 0
    assert query("select count(*) from rating") == [(counted.ratings,)]


def test_the_journal_has_a_row_for_every_step(query: Query) -> None:
    journal = dict(query("select event, count(*) from journal group by event"))
    done, started = query("select sum(state = 'done'), count(started_at) from visit")[0]
    assert journal["ticket_taken"] == query("select count(*) from ticket")[0][0]
    assert journal["ticket_called"] == query("select count(*) from visit")[0][0]
    assert journal["service_started"] == started
    assert journal["service_finished"] == done
    assert journal["service_rated"] == query("select count(*) from rating")[0][0]
    assert journal["day_opened"] == 3


def test_the_months_totals_are_the_sum_of_the_records(
    query: Query, three_days: tuple[Path, Counted]
) -> None:
    store = Store(three_days[0])
    clock = MovedClock(FRIDAY_MORNING)
    register = Register(store, clock)
    book = Book(store, register, Desk(store, register, OPEN_ALWAYS, clock), OPEN_ALWAYS, clock)
    levels = dict(query("select level, count(*) from rating group by level"))
    for by in ("window", "department", "clerk", "service"):
        month = book.month("2026-11", by).to_json()
        assert (
            month["totals"]["served"]
            == query("select count(*) from visit where state = 'done'")[0][0]
        )
        assert month["totals"]["levels"] == {each.value: levels.get(each, 0) for each in LEVELS}
        for figure in ("served", "rated"):
            assert month["totals"][figure] == sum(row[figure] for row in month["rows"])
    assert len(book.month("2026-11").rows) == 76
    store.close()


def test_nobody_was_called_before_somebody_who_came_earlier_to_the_same_line(
    query: Query,
) -> None:
    called = query(
        "select service, called_at from ticket where called_at is not null order by service, id"
    )
    assert len(called) > 1000
    for (service, before), (same, after) in pairwise(called):
        assert service != same or before <= after


def test_no_window_served_two_at_a_time(query: Query) -> None:
    visits = query(
        "select window, called_at, coalesce(ended_at, 1e18) from visit order by window, id"
    )
    for (window, _, ended), (same, called, _) in pairwise(visits):
        assert window != same or ended <= called


def test_waits_follow_from_the_load(query: Query) -> None:
    def mean_wait(first: int, last: int) -> float:
        # 8 hours: the hall's offset; the business day before 10:40 on Friday is left out
        return float(
            query(
                "select avg(visit.waited) / 60000.0 from visit join ticket on ticket.id = ticket"
                " where (taken_at / 3600000 + 8) % 24 between ? and ? and visit.day < ?",
                first, last, FRIDAY,
            )[0][0]
        )  # fmt: skip

    assert 2 < mean_wait(10, 11) < 30
    assert mean_wait(16, 16) < mean_wait(10, 11)


def test_six_in_ten_rate_and_silence_is_kept_as_a_time_out(query: Query) -> None:
    ((served,),) = query("select count(*) from visit where state = 'done'")
    assert query("select count(*) from asking") == [(served,)]
    ended = {
        (channel, ended_as): how_many
        for channel, ended_as, how_many in query(
            """
            select rating.channel, asking.ended_as, count(*)
            from asking left join rating on rating.visit = asking.visit group by 1, 2
            """
        )
    }
    rated = sum(how_many for (channel, _), how_many in ended.items() if channel)
    assert 0.5 < rated / served < 0.7
    assert ended["evaluator", "rated"] > 4 * ended["qr", "timed_out"] > 0
    assert ended[None, "timed_out"] > 0.3 * served
    assert ("evaluator", "timed_out") not in ended
    assert (None, "rated") not in ended


def test_there_are_bad_ratings_with_reasons_but_few(query: Query) -> None:
    bad = query("select tags from rating where level in ('dissatisfied', 'very_dissatisfied')")
    ((rated,),) = query("select count(*) from rating")
    assert 0 < len(bad) < 0.06 * rated
    assert any(tags != "[]" for (tags,) in bad)


def test_nothing_happened_after_now_nor_on_past_evenings(query: Query) -> None:
    assert query("select max(at) from journal")[0][0] <= FRIDAY_MORNING
    hours = dict(
        query(
            "select (taken_at / 3600000 + 8) % 24, count(*) from ticket where day < ? group by 1",
            FRIDAY,
        )
    )
    assert min(hours) == 8
    assert max(hours) <= 16
    assert hours[12] < hours[10] / 5, "lunch is thin"


def test_the_same_seed_gives_the_same_days(tmp_path: Path) -> None:
    first, again, other = (tmp_path / name for name in ("first.db", "again.db", "other.db"))
    now = instant(f"{FRIDAY}T09:40")
    assert built(first, now) == built(again, now)
    built(other, now, seed=2)
    tables = ("ticket", "visit", "rating", "asking", "journal", "window_now")
    told = [records(each, *tables) for each in (first, again, other)]
    assert told[0] == told[1]
    assert told[0] != told[2]


# -- the file -----------------------------------------------------------------------------------


def test_the_file_says_for_good_that_it_is_a_demonstration(
    three_days: tuple[Path, Counted], clock: MovedClock
) -> None:
    store = Store(three_days[0])
    register = Register(store, clock)
    assert register.hall().demo
    assert register.hall().name == demo.HALL_NAME
    with pytest.raises(NotAllowed) as refused:
        register.make_hall("真的大厅", demo=False)
    assert refused.value.code == "is_a_demo"
    store.close()


def test_an_older_demonstration_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "demo.db"
    built(path, instant("2026-11-19T00:10"))
    built(path, instant("2026-11-20T00:10"))
    assert [day for day, *_ in records(path, "business_day")[0]] == ["2026-11-20"]
    assert [each.name for each in tmp_path.iterdir()] == ["demo.db"]


def test_the_file_is_all_that_a_halls_file_is(
    three_days: tuple[Path, Counted], tmp_path: Path, clock: MovedClock
) -> None:
    fresh = open_rooms(tmp_path / "hall.db", clock).store
    shutil.copy(three_days[0], tmp_path / "made.db")
    made = Store(tmp_path / "made.db", rooms=schema.OF_ROOMS)
    known = {each.name for table in fresh.database.tables for each in table.indexes}
    assert known >= set(LATER)
    # what the build puts off must be there in the end: no page would show a missing index
    assert statements(made) == statements(fresh)
    assert made.rows("pragma foreign_key_check") == []
    assert made.rows("pragma journal_mode") == [("wal",)]
    for each in (fresh, made):
        each.close()


def statements(store: Store) -> set[str]:
    return {each.rstrip(";") for each in store.database.schema.split(";\n")}


def test_the_quick_file_holds_what_a_usual_store_would(tmp_path: Path) -> None:
    now = instant(f"{FRIDAY}T09:40")
    built(tmp_path / "quick.db", now, how_many_days=2)
    usual = Store(tmp_path / "usual.db")
    made = Life(usual, OPEN_ALWAYS, demo.catalogue(), 1)
    life.live_through(made, 2, now, lambda *_: None)
    usual.close()
    tables = ("business_day", "counter", "ticket", "visit", "rating", "asking", "journal")
    quick, slow = (records(tmp_path / f"{each}.db", *tables) for each in ("quick", "usual"))
    assert len(slow[-1]) > 2000
    assert quick == slow


def test_a_build_whose_rows_point_to_nothing_is_not_kept(tmp_path: Path) -> None:
    draft = Draft(tmp_path / "demo.db.part")
    draft.begin()
    with draft.transaction():
        draft.next_sequence("2026-11-20", "A")  # of a day that was never opened
    with pytest.raises(NotAllowed) as refused:
        draft.complete()
    assert refused.value.code == "broken_demo"
    draft.close()


def test_a_build_leaves_the_collector_as_it_was(tmp_path: Path) -> None:
    usual, frozen = gc.get_threshold(), gc.get_freeze_count()
    built(tmp_path / "demo.db", instant("2026-11-20T00:10"))
    assert (gc.get_threshold(), gc.get_freeze_count()) == (usual, frozen)


def test_a_real_hall_is_never_replaced(tmp_path: Path, clock: MovedClock) -> None:
    rooms = open_rooms(tmp_path / "hall.db", clock)
    rooms.desk.open(1)
    ticket = rooms.take("marriage")
    with pytest.raises(NotAllowed) as refused:
        built(tmp_path / "hall.db")
    assert refused.value.code == "is_a_real_hall"
    assert rooms.desk.ticket(ticket).number == "A001"
    rooms.store.close()


def test_a_file_that_is_no_hall_is_never_replaced(tmp_path: Path) -> None:
    letter = tmp_path / "demo.db"
    letter.write_text("亲爱的妈妈" * 100, encoding="utf-8")
    with pytest.raises(NotAllowed):
        built(letter)
    assert letter.read_text(encoding="utf-8").startswith("亲爱的妈妈")


def test_a_demonstration_that_was_broken_off_leaves_no_half_hall(tmp_path: Path) -> None:
    def stop(done: int, of: int) -> None:
        raise KeyboardInterrupt

    path, now = tmp_path / "demo.db", instant("2026-11-23T00:10")
    with pytest.raises(KeyboardInterrupt):
        life.build(path, OPEN_ALWAYS, how_many_days=2, now=now, progress=stop)
    assert not path.exists()
    assert built(path, now).tickets > 0


# -- the hall as it is when somebody looks ------------------------------------------------------


@pytest.mark.parametrize(
    "now",
    [
        "2026-11-20T00:03",  # just after midnight
        "2026-11-20T03:00",
        "2026-11-20T09:50",
        "2026-11-20T12:30",  # lunch
        "2026-11-20T18:30",
        "2026-11-22T11:00",  # a Sunday
    ],
)
def test_at_any_hour_the_hall_is_at_work(tmp_path: Path, now: str) -> None:
    built(tmp_path / "demo.db", instant(now))
    store = Store(tmp_path / "demo.db")
    clock = MovedClock(instant(now))
    register = Register(store, clock)
    desk = Desk(store, register, OPEN_ALWAYS, clock)
    windows = desk.windows_now()
    assert sum(each["state"] == "open" for each in windows) >= 55
    assert sum(each["number"] is not None for each in windows) >= 20
    assert sum(each["waiting"] for each in desk.services_now()) >= 20
    shown = desk.window_desk(3)
    assert shown["state"] == "open"
    assert shown["clerk"]["staff_number"] == "1003"
    assert shown["waiting_total"] >= 3
    store.close()


def test_the_plan_of_any_minute_has_the_hall_open() -> None:
    midnight = days.first_instant(FRIDAY, SHANGHAI)
    for minute in range(4 * 24 * 60):  # Friday to Monday
        now = midnight + minute * MINUTE
        plan = plan_of_today(now, SHANGHAI)
        assert plan.opens <= now < plan.closes
        assert plan.day == days.day_of(now, SHANGHAI)
        assert plan.lunch is None or not plan.lunch[0] <= now < plan.lunch[1]
        assert days.first_instant(plan.day, SHANGHAI) <= plan.opens


# -- demand and opinions ------------------------------------------------------------------------


def test_two_months_hold_20_000_visits_whenever_they_begin() -> None:
    served = 0.92  # the rest are missed, cancelled or turned away
    for start in range(366):
        first = date(2026, 1, 1) + timedelta(days=start)
        past = [(first + timedelta(days=each)).isoformat() for each in range(life.DAYS - 1)]
        expected = sum(
            demand.CITIZENS_A_DAY * demand.WEEKDAYS[date.fromisoformat(day).weekday()]
            for day in past
            if is_working_day(day)
        )
        assert expected * served > 20_000


def test_a_day_has_a_full_morning_and_a_weekend_nobody() -> None:
    assert usual_plan("2026-11-21", SHANGHAI) is None
    plan = usual_plan(FRIDAY, SHANGHAI)
    assert plan is not None
    hall = demo.catalogue()
    came = Demand(hall, {}, SHANGHAI).of(plan, plan.closes, Random(1))
    assert [each.at for each in came] == sorted(each.at for each in came)
    assert {each.service for each in came} <= set(hall.service)
    by_hour = [days.local(each.at, SHANGHAI).hour for each in came]
    assert by_hour.count(10) > 2 * by_hour.count(13) > 0


def test_what_citizens_write_is_short_and_only_where_it_belongs() -> None:
    for texts in opinions.TEXTS.values():
        assert all(0 < len(each) <= OPEN_ALWAYS.rating.text_length for each in texts)
    assert set(opinions.TEXTS) == set(LEVELS)


# -- how far it is ------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_a_bar_grows_in_one_line() -> None:
    stream = Terminal()
    bar = life.Bar(stream, "生成")
    for done in range(1, 62):
        bar(done, 61)
    assert stream.getvalue().count("\n") == 1
    assert stream.getvalue().endswith("100 %\n")


def test_elsewhere_there_is_a_line_for_every_tenth() -> None:
    stream = io.StringIO()
    bar = life.Bar(stream, "生成")
    for done in range(1, 62):
        bar(done, 61)
    lines = stream.getvalue().splitlines()
    assert lines == [f"生成 {each} %" for each in range(0, 101, 10)]
