"""Ten million ratings in one file: a month's table, all windows and months, beside DuckDB.

``python -m bench tally``. The rows are written by SQL, which no verb could do in minutes; what is
measured are the product's own questions, over the tally that its triggers keep.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from datetime import time as wall_time
from pathlib import Path
from typing import Any

import duckdb

import demo
from hall import config, days
from hall.desk import Desk
from hall.register import Register
from hall.store import Store
from rating.book import Book
from rating.months import Tally
from rating.periods import Stretch
from rating.tally_store import Tallies

RATINGS = 10_000_000
FIRST_DAY, YEARS = date(2021, 1, 4), 5
MONTH_TARGET_MS, ALL_TARGET_MS = 10.0, 100.0
TRIES = 9
SETTINGS = config.from_dict({"hall": {"always_open": True}})

# Seven visits in eight are rated; levels, channels, services and clerks by plain arithmetic.
FILL = (
    """
    create temp table place as
    select row_number() over (order by no) - 1 as nth, no, (
        select staff_number from person where person.window = window.no limit 1
    ) as clerk, count(*) over () as many from window where active = 1
    """,
    """
    create temp table offered as
    select window, service,
        row_number() over (partition by window order by place) - 1 as nth,
        count(*) over (partition by window) as many
    from window_service
    """,
    "insert into business_day (day, opened_at) values ('2021-01-04', 1609718400000)",
    """
    create temp table made as
    with recursive n (id) as (select 1 union all select id + 1 from n where id < :visits)
    select n.id, place.no as window, place.clerk, offered.service,
        :first + (n.id / :a_day) * 86400000 + (n.id % :a_day) * 28800000 / :a_day as ended_at
    from n join place on place.nth = n.id % place.many
    join offered on offered.window = place.no and offered.nth = (n.id / 76) % offered.many
    """,
    """
    insert into ticket (id, day, number, prefix, sequence, service, state, taken_at, language,
        source, window, called_at, ended_at, ahead_at_taking, tap)
    select id, '2021-01-04', 'A' || id, 'A', id, service, 'done', ended_at - 1500000, 'zh',
        'kiosk', window, ended_at - 600000, ended_at, 3, 'tap' || id
    from made
    """,
    """
    insert into visit (id, ticket, day, service, window, clerk, called_at, shown_at, waited,
        started_at, ended_at, outcome, state)
    select id, id, '2021-01-04', service, window, clerk, ended_at - 600000, ended_at - 600000,
        (id * 7919) % 2400000, ended_at - 580000, ended_at, 'completed', 'done'
    from made
    """,
    """
    insert into asking (visit, window, asked_at, expires_at, ended_at, ended_as)
    select id, window, ended_at, ended_at + 30000, ended_at + 30000,
        case when id % 8 = 0 then 'timed_out' else 'rated' end
    from made
    """,
    """
    insert into rating (visit, level, channel, at, window, clerk, service)
    select id,
        case when id % 997 = 0 then 'very_dissatisfied' when id % 499 = 0 then 'dissatisfied'
            when id % 31 = 0 then 'basically_satisfied' when id % 5 = 0 then 'satisfied'
            else 'very_satisfied' end,
        case when id % 9 = 0 then 'qr' else 'evaluator' end,
        ended_at + 9000, window, clerk, service
    from made where id % 8 != 0
    """,
)
ONE_MONTH = """
    select "window", count(*), count(*) filter (level = 'very_satisfied'),
        count(*) filter (level = 'satisfied'), count(*) filter (level = 'basically_satisfied'),
        count(*) filter (level = 'dissatisfied'), count(*) filter (level = 'very_dissatisfied')
    from rating where "at" >= ? and "at" < ? group by "window"
"""
ALL_MONTHS = """
    select "window", strftime(make_timestamp(("at" + 28800000) * 1000), '%Y-%m') as month, count(*),
        sum((level = 'very_satisfied')::int), sum((level = 'satisfied')::int),
        sum((level = 'basically_satisfied')::int), sum((level = 'dissatisfied')::int),
        sum((level = 'very_dissatisfied')::int)
    from rating group by "window", month
"""
SCAN = """
    select window, count(*), count(*) filter (where level = 'very_satisfied')
    from rating where at >= ? and at < ? group by window
"""


def fill(store: Store, ratings: int) -> float:
    """Write the rows; return the seconds that counting them all took."""
    visits = ratings * 8 // 7
    a_day = visits // (YEARS * 365) + 1
    first = days.instant_of(FIRST_DAY.isoformat(), wall_time(9), SETTINGS.hall.zone)
    run = store.connection.execute
    run("pragma synchronous = off")
    run("pragma foreign_keys = off")
    began = time.perf_counter()
    with Tallies(store).counted_at_the_end():
        for statement in FILL:
            values = {"visits": visits, "a_day": a_day, "first": first}
            run(statement, {name: values[name] for name in values if f":{name}" in statement})
        run("drop table made")
        began = time.perf_counter()
    return time.perf_counter() - began


def took(question: Callable[[], object]) -> float:
    """Return the median milliseconds of a warm question."""
    question()
    found = []
    for _ in range(TRIES):
        began = time.perf_counter()
        question()
        found.append((time.perf_counter() - began) * 1000)
    return statistics.median(found)


def in_duckdb(store: Store, folder: Path) -> duckdb.DuckDBPyConnection:
    """Bring the ratings into DuckDB, as its own table."""
    there = duckdb.connect(str(folder / "rating.duckdb"))
    there.execute('create table rating ("window" integer, "at" bigint, level varchar)')
    cursor = store.connection.execute("select window, at, level from rating")
    part = folder / "part.csv"
    while rows := cursor.fetchmany(500_000):
        part.write_text("".join(f"{w},{at},{level}\n" for w, at, level in rows))
        there.execute(f"copy rating from '{part}' (format csv, header false)")
    return there


def _compare(mine: dict[tuple[str, str], Tally], theirs: list[tuple[Any, ...]]) -> None:
    """Make sure that both sides count the same before their times are compared."""
    rated = {key: tally.rated() for key, tally in mine.items() if tally.rated()}
    assert rated == {(str(window), month): count for window, month, count, *_ in theirs}


def run(ratings: int = RATINGS) -> dict[str, float]:
    """Return the milliseconds of each side, and the seconds of counting all anew."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        store = Store(folder / "hall.db")
        register = Register(store, days.now)
        register.make_hall(demo.HALL_NAME, demo=False)
        register.adopt(demo.catalogue())
        desk = Desk(store, register, SETTINGS, days.now)
        book = Book(store, register, desk, SETTINGS, days.now)
        counting = fill(store, ratings)
        last = (FIRST_DAY + timedelta(days=YEARS * 365)).isoformat()
        began = time.perf_counter()
        book.tallies.close_days(last)
        closing = time.perf_counter() - began
        whole = Stretch(f"{FIRST_DAY:%Y}-01-01", f"{FIRST_DAY.year + YEARS + 1}-01-01")
        bounds = days.month_bounds("2023-06", SETTINGS.hall.zone)
        there = in_duckdb(store, folder)
        mine = book.month("2023-06").totals["rated"]
        assert mine == sum(row[1] for row in there.execute(ONE_MONTH, bounds).fetchall())
        _compare(book.tallies.months("window", whole), there.execute(ALL_MONTHS).fetchall())
        found = {
            "a month by window": took(lambda: book.month("2023-06")),
            "a month by window, DuckDB": took(lambda: there.execute(ONE_MONTH, bounds).fetchall()),
            "a month by window, a scan of SQLite": took(lambda: store.rows(SCAN, bounds)),
            "all windows and months": took(lambda: book.tallies.months("window", whole)),
            "all windows and months, DuckDB": took(lambda: there.execute(ALL_MONTHS).fetchall()),
            "counting all anew, s": counting,
            "closing five years of days, s": closing,
        }
        there.close()
        store.close()
        return found


def main() -> bool:
    """Print the figures."""
    found = run()
    for name, value in found.items():
        print(f"tally, {RATINGS:,} ratings: {name}: {value:.1f}{'' if ', s' in name else ' ms'}")
    month, every = found["a month by window"], found["all windows and months"]
    for what, mine, target in (
        ("a month by window", month, MONTH_TARGET_MS),
        ("all windows and months", every, ALL_TARGET_MS),
    ):
        theirs = found[f"{what}, DuckDB"]
        print(f"tally: {what} {mine / theirs:.2f} x DuckDB (target <= {target:.0f} ms)")
    return month <= MONTH_TARGET_MS and every <= ALL_TARGET_MS


if __name__ == "__main__":
    main()
