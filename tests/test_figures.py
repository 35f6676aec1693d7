"""The statistics of a hall: what a hand counts, what the raw rows say, and by which indexes."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from figure_hall import NINE_TO_FIVE, FigureHall, a_morning, figure_hall
from halls import MovedClock
from hypothesis import HealthCheck, given, settings
from openpyxl import load_workbook
from recounted import Records
from test_tally import ACTS, act

from figures import choosing, drill_store, export
from figures.columns import COLUMN, COLUMNS, SCOPES, Column
from figures.figures import Figures
from hall.desk import Desk
from hall.refusals import NotAllowed, NotValid
from hall.register import Register
from hall.store import Store
from rating.book import Book
from rating.periods import period

TODAY = period("day", "2026-11-20")
NOVEMBER = period("month", "2026-11")


@pytest.fixture
def hall(tmp_path: Path, clock: MovedClock) -> Iterator[FigureHall]:
    with figure_hall(tmp_path / "hall.db", clock, hall=NINE_TO_FIVE) as opened:
        yield opened


@pytest.fixture
def morning(hall: FigureHall) -> FigureHall:
    a_morning(hall)
    return hall


def said(row: dict[str, Any], code: str) -> Any:
    """Return a figure as a golden table writes it; times in minutes."""
    value = row[code]
    if COLUMN[code].kind != "rate":
        return value
    unit = 60_000 if COLUMN[code].of_time else 1
    return f"{value['numerator'] // unit}/{value['denominator'] // unit} = {value['text']}"


# What a hand counts of ``figure_hall.a_morning``: the hall, window 1, window 3.
GOLDEN = {
    "taken": (5, None, None),
    "called": (4, 3, 1),
    "served": (3, 2, 1),
    "missed": (1, 1, 0),
    "uncalled": (1, None, None),
    "missed_rate": ("1/4 = 25.00 %", "1/3 = 33.33 %", "0/1 = 0.00 %"),
    "abandoned_rate": ("2/5 = 40.00 %", "0/0 = —", "0/0 = —"),
    "appointment_rate": ("1/2 = 50.00 %", "0/0 = —", "0/0 = —"),
    # 2, 12, 42 minutes at window 1; 32 at window 3
    "average_wait_minutes": (22.0, 18.7, 32.0),
    "wait_p50": (12.0, 12.0, 32.0),
    "wait_p90": (42.0, 42.0, 32.0),
    "wait_longest": (42.0, 42.0, 32.0),
    "wait_over_target": ("2/4 = 50.00 %", "1/3 = 33.33 %", "1/1 = 100.00 %"),
    # 10 and 20 minutes; 10
    "average_service_minutes": (13.3, 15.0, 10.0),
    "on_the_spot": ("2/3 = 66.67 %", "1/2 = 50.00 %", "1/1 = 100.00 %"),
    # of 9:00–11:00 at four windows
    "open_rate": ("210/480 = 43.75 %", "90/120 = 75.00 %", "120/120 = 100.00 %"),
    "utilisation": ("40/210 = 19.05 %", "30/90 = 33.33 %", "10/120 = 8.33 %"),
    "evaluator_coverage": ("2/2 = 100.00 %", "1/1 = 100.00 %", "1/1 = 100.00 %"),
    "rated": (3, 2, 1),
    "very_satisfied": (1, 1, 0),
    "satisfied": (1, 0, 1),
    "basically_satisfied": (0, 0, 0),
    "dissatisfied": (1, 1, 0),
    "very_dissatisfied": (0, 0, 0),
    "bad": (1, 1, 0),
    "satisfaction": ("2/3 = 66.67 %", "1/2 = 50.00 %", "1/1 = 100.00 %"),
    "satisfaction_strict": ("2/3 = 66.67 %", "1/2 = 50.00 %", "1/1 = 100.00 %"),
    "very_satisfied_rate": ("1/3 = 33.33 %", "1/2 = 50.00 %", "0/1 = 0.00 %"),
    "bad_rate": ("1/3 = 33.33 %", "1/2 = 50.00 %", "0/1 = 0.00 %"),
    # (5 + 4 + 2) / 3, (5 + 2) / 2, 4
    "score": (3.67, 3.5, 4.0),
    "score_of_ten": (7.33, 7.0, 8.0),
    "rating_rate": ("3/3 = 100.00 %", "2/2 = 100.00 %", "1/1 = 100.00 %"),
    "voided": (0, 0, 0),
    "void_share": ("0/3 = 0.00 %", "0/2 = 0.00 %", "0/1 = 0.00 %"),
    "defaults": (0, 0, 0),
    "asked": (3, 2, 1),
    "timed_out": (0, 0, 0),
    "never_asked": (0, 0, 0),
    "channel_evaluator": ("2/3 = 66.67 %", "1/2 = 50.00 %", "1/1 = 100.00 %"),
    "channel_qr": ("1/3 = 33.33 %", "1/2 = 50.00 %", "0/1 = 0.00 %"),
    **{
        f"channel_{code}": ("0/3 = 0.00 %", "0/2 = 0.00 %", "0/1 = 0.00 %")
        for code in ("paper", "sms", "phone", "import", "window_qr", "box")
    },
    "contacted": ("1/1 = 100.00 %", "1/1 = 100.00 %", "0/0 = —"),
    "rectified": ("0/0 = —", "0/0 = —", "0/0 = —"),
    "in_time": ("0/0 = —", "0/0 = —", "0/0 = —"),
    "revisited": ("0/0 = —", "0/0 = —", "0/0 = —"),
    "complaints_on_time": ("1/1 = 100.00 %", "0/0 = —", "0/0 = —"),
}


def test_a_morning_counts_as_a_hand_counts_it(morning: FigureHall) -> None:
    (whole,) = morning.figures.table(TODAY, "hall").rows
    rows = {row["key"]: row for row in morning.figures.table(TODAY, "window").rows}
    assert list(GOLDEN) == [each.code for each in COLUMNS]
    for code, wanted in GOLDEN.items():
        assert tuple(said(each, code) for each in (whole, rows["1"], rows["3"])) == wanted, code


def test_a_day_a_month_and_a_range_say_the_same_of_one_morning(morning: FigureHall) -> None:
    wanted = morning.figures.table(TODAY, "window")
    for when in (NOVEMBER, period("range", "2026-11-20..2026-11-20"), period("year", "2026")):
        table = morning.figures.table(when, "window")
        assert table.rows == wanted.rows
        assert table.totals == wanted.totals


def test_everything_in_use_has_a_row_at_zero_too(hall: FigureHall) -> None:
    names = {
        "hall": ["全大厅"],
        "department": ["民政局", "不动产登记中心"],
        "zone": ["一楼大厅", "二楼大厅"],
        "window": ["1号窗口", "2号窗口", "3号 不动产一号", "4号 综合窗口"],
        "clerk": ["张敏", "李㛃", "欧阳慧敏", "王强"],
    }
    for by, wanted in names.items():
        table = hall.figures.table(TODAY, by)
        assert [row["name"] for row in table.rows] == wanted
        assert {row["served"] for row in table.rows} == {0}
    assert len(hall.figures.table(TODAY, "service").rows) == 4


@pytest.mark.parametrize("by", SCOPES)
def test_the_totals_are_the_sum_of_the_rows(morning: FigureHall, by: str) -> None:
    table = morning.figures.table(TODAY, by)
    for column in COLUMNS:
        values = [row[column.code] for row in table.rows]
        total = table.totals[column.code]
        if not column.exists(by):
            assert total is None or total["text"] == "—"
        elif column.kind == "count":
            assert total == sum(values), column.code
        elif column.kind == "rate":
            for part in ("numerator", "denominator"):
                assert total[part] == sum(each[part] for each in values), column.code


@pytest.mark.parametrize("by", SCOPES)
def test_every_scope_has_the_same_totals_where_a_figure_exists(
    morning: FigureHall, by: str
) -> None:
    whole = morning.figures.table(TODAY, "hall").totals
    totals = morning.figures.table(TODAY, by).totals
    for column in COLUMNS:
        if column.exists(by):
            assert totals[column.code] == whole[column.code], column.code


def test_a_row_within_another_is_what_both_share(morning: FigureHall) -> None:
    services = {
        row["key"]: row for row in morning.figures.table(TODAY, "service", (("window", "1"),)).rows
    }
    assert set(services) == {"marriage", "advice"}
    assert services["marriage"]["served"] == 2
    assert services["marriage"]["taken"] is None, "a ticket is not taken for a window"
    (clerk,) = (
        row
        for row in morning.figures.table(TODAY, "clerk", (("window", "3"),)).rows
        if row["served"]
    )
    assert (clerk["name"], said(clerk, "utilisation")) == ("欧阳慧敏", "10/120 = 8.33 %")
    of_unit = morning.figures.table(TODAY, "window", (("department", "MZ"),))
    assert [row["key"] for row in of_unit.rows] == ["1", "2"]
    assert said(of_unit.totals, "open_rate") == "90/240 = 37.50 %"


def test_a_period_is_compared_with_the_one_before_and_the_same_a_year_ago(
    morning: FigureHall,
) -> None:
    morning.go_to("10:00", "2026-11-21")
    morning.rooms.desk.open(1)
    morning.rooms.take()
    morning.rooms.take()
    for level in ("very_satisfied", "satisfied"):
        morning.rate(morning.rooms.serve(1, minutes=10), level)
    table = morning.figures.table(period("day", "2026-11-21"), "window")
    assert table.before["period"] == "2026年11月20日"
    assert table.before["served"] == 3
    change = {code: each and each["text"] for code, each in table.before["change"].items()}
    assert change["served"] == "−33.33 %"
    assert change["satisfaction"] == "+33.33 个百分点"
    assert change["score"] == "+0.83 分"
    assert change["average_wait_minutes"] == "−77.27 %"
    assert change["taken"] is None
    assert table.year_ago["period"] == "2025年11月21日"
    assert {code for code, each in table.year_ago["change"].items() if each} == set()


def test_what_a_window_does_past_closing_is_no_part_of_the_opening_rate(hall: FigureHall) -> None:
    hall.go_to("16:00")
    hall.rooms.desk.open(1)
    hall.go_to("18:00")
    row = hall.figures.table(TODAY, "window").rows[0]
    assert said(row, "open_rate") == "60/480 = 12.50 %"
    assert row["utilisation"]["denominator"] == 120 * 60_000


def test_a_window_that_was_left_open_is_open_on_the_next_day(hall: FigureHall) -> None:
    hall.go_to("16:00", "2026-11-19")
    hall.rooms.desk.open(2)
    hall.go_to("10:00")
    row = hall.figures.table(TODAY, "window").rows[1]
    assert said(row, "open_rate") == "60/60 = 100.00 %"
    assert row["evaluator_coverage"]["text"] == "100.00 %"


def test_a_ticket_missed_twice_is_counted_once_at_who_missed_it_first(hall: FigureHall) -> None:
    desk = hall.rooms.desk
    for window in (1, 2):
        desk.open(window)
    hall.rooms.take()
    for window in (1, 2):
        desk.call_next(window)
        desk.miss(window)
        if window == 1:
            desk.come_back("A001")
            hall.clock.move(minutes=30)
    rows = {row["key"]: row for row in hall.figures.table(TODAY, "window").rows}
    assert [rows[key]["missed_rate"]["numerator"] for key in "12"] == [1, 0]
    assert [rows[key]["missed"] for key in "12"] == [0, 1]


def test_a_retired_window_was_not_to_be_open(morning: FigureHall) -> None:
    register = morning.rooms.register
    window = register.catalogue().window[3]
    register.save(replace(window, active=False), by="9001")
    table = morning.figures.table(TODAY, "window")
    row = next(row for row in table.rows if row["key"] == "3")
    assert row["served"] == 1, "what it did stays"
    assert row["open_rate"]["text"] == "—"
    assert said(table.totals, "open_rate") == "90/360 = 25.00 %"


def test_a_second_rating_after_a_rectification_counts_in_no_figure(morning: FigureHall) -> None:
    before = morning.figures.table(TODAY, "hall").totals
    morning.rooms.store.connection.execute(
        """
        insert into rating (visit, nth, level, channel, at, window, clerk, service)
        select visit, 2, 'very_satisfied', 'qr', at, window, clerk, service from rating
        where level = 'dissatisfied'
        """
    )
    assert morning.figures.table(TODAY, "hall").totals == before
    assert len(behind(morning, "rated")) == before["rated"] == 3


# -- what the dashboard shows ------------------------------------------------------------------


def test_waits_lie_in_the_hour_and_on_the_weekday_of_the_call(morning: FigureHall) -> None:
    assert morning.figures.heat(TODAY) == {
        (5, 9): {"called": 4, "average_wait_minutes": 22.0, "p90": 42.0}
    }


def test_a_course_has_a_step_for_each_day_week_or_month_up_to_today(morning: FigureHall) -> None:
    by_day = morning.figures.series(NOVEMBER, "day")
    assert [name for name, _ in by_day][-1] == "2026-11-20"
    assert [row["served"] for _, row in by_day] == [0] * 19 + [3]
    by_month = morning.figures.series(period("year", "2026"), "month", "window", "1")
    assert by_month[-1][0] == "2026-11"
    assert by_month[-1][1]["served"] == 2
    assert len(morning.figures.series(NOVEMBER, "week")) == 4
    with pytest.raises(NotValid):
        morning.figures.series(NOVEMBER, "hour")
    with pytest.raises(NotValid, match="走势最多"):
        morning.figures.series(period("range", "2020-01-01..2026-01-01"), "day")


def test_channels_tags_and_bad_ratings_are_told_for_the_charts(morning: FigureHall) -> None:
    channels = {each["key"]: each["rated"] for each in morning.figures.channels(TODAY)}
    assert (channels["evaluator"], channels["qr"], channels["box"]) == (2, 1, 0)
    assert morning.figures.tags(TODAY) == []
    stages = {code: count for code, _, count in morning.figures.pipeline(TODAY)}
    assert sum(stages.values()) == stages["verifying"] == 1


def test_tags_are_counted_with_the_level_they_were_given_for(morning: FigureHall) -> None:
    tags = morning.rooms.book.ratings.tags()
    tag = max(
        (each for each in tags if each.level == "very_satisfied"), key=lambda each: each.version
    )
    for _ in range(2):
        morning.rooms.take("estate")
        morning.rate(morning.rooms.serve(3), "very_satisfied", "qr", tags=[tag.code])
    assert morning.figures.tags(TODAY) == [(tag.text, "very_satisfied", 2)]


# -- the tickets behind a number ---------------------------------------------------------------


def behind(hall: FigureHall, code: str, by: str = "hall", key: str = "") -> list[str]:
    """Return the numbers of the tickets behind a figure."""
    return [each["number"] for each in hall.figures.tickets(TODAY, by, key, code, 100)]


def test_every_number_leads_to_its_tickets(morning: FigureHall) -> None:
    assert sorted(behind(morning, "taken")) == ["A001", "A002", "A003", "B001", "B002"]
    assert behind(morning, "wait_p90") == ["A003", "B001", "A002", "A001"], "the longest first"
    assert behind(morning, "wait_over_target", "window", "1") == ["A003"]
    assert behind(morning, "bad", "department", "MZ") == ["A002"]
    assert behind(morning, "bad", "department", "BDC") == []
    assert sorted(behind(morning, "abandoned_rate")) == ["A003", "B002"]
    assert behind(morning, "appointment_rate") == ["A001"]
    assert behind(morning, "contacted") == ["A002"]
    assert behind(morning, "taken", "window", "1") == [], "no window has taken tickets"


def test_a_list_comes_page_by_page(morning: FigureHall) -> None:
    pages = [morning.figures.tickets(TODAY, "hall", "", "taken", 2, at) for at in (0, 2, 4)]
    assert [len(each) for each in pages] == [2, 2, 1]
    assert len({ticket["number"] for page in pages for ticket in page}) == 5


@pytest.mark.parametrize("code", ["open_rate", "complaints_on_time", "no_such"])
def test_what_no_ticket_stands_behind_is_refused(morning: FigureHall, code: str) -> None:
    with pytest.raises(NotValid):
        morning.figures.tickets(TODAY, "hall", "", code, 10)


def test_nothing_personal_stands_in_a_list(morning: FigureHall) -> None:
    for column in COLUMNS:
        if column.tickets:
            told = str(morning.figures.tickets(TODAY, "hall", "", column.code, 100))
            assert "1380000" not in told
            assert "等了很久" not in told


# -- the raw records ---------------------------------------------------------------------------


@given(acts=ACTS)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_happens_every_number_is_what_the_raw_rows_say(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, int]]
) -> None:
    with figure_hall(tmp_path_factory.mktemp("hall") / "hall.db", MovedClock()) as hall:
        for window in (1, 2, 3):
            hall.rooms.desk.open(window)
        for verb, which in acts:
            try:
                act(hall.rooms, verb, which)
            except (NotAllowed, LookupError):
                continue
        records = Records(hall.rooms, hall.rooms.register.catalogue(), hall.clock())
        for by in SCOPES:
            check_against(hall, records, by)
        check_files(hall, "window")
        check_opening(hall, records)


def check_against(hall: FigureHall, records: Records, by: str) -> None:
    """Compare a table, and the lists behind it, with what the raw rows say."""
    for when in (TODAY, NOVEMBER):
        counted = records.recount(by, when.first, when.last)
        table = hall.figures.table(when, by)
        assert set(counted) <= {row["key"] for row in table.rows}
        for row in table.rows:
            wanted = counted.get(row["key"]) or records.recount(by, "1970-01-01", "1970-01-01")
            for code, value in wanted.items():
                got = row[code]
                shown = (got["numerator"], got["denominator"]) if isinstance(value, tuple) else got
                assert shown == value, (by, row["key"], code)
                if COLUMN[code].tickets and COLUMN[code].exists(by):
                    behind = hall.figures.count_tickets(when, by, row["key"], code)
                    if isinstance(value, tuple):
                        assert behind == value[0], (by, code)
                    elif COLUMN[code].kind == "count":
                        assert behind == value, (by, code)


def test_the_files_of_a_morning_are_its_screen(morning: FigureHall) -> None:
    for by in SCOPES:
        check_files(morning, by)


def check_files(hall: FigureHall, by: str) -> None:
    """Compare both files of a table with the screen, cell by cell."""
    columns = [each for each in COLUMNS if each.exists(by)]
    table = hall.figures.table(NOVEMBER, by)
    asked = json.loads(export.wish(table, columns, export.Heading("云溪县政务服务中心")))
    rows = [*table.rows, *([] if by == "hall" else [table.totals])]
    shown = [screen_cells(columns, row) for row in rows]
    lines = list(csv.reader(io.StringIO(export.render("csv", asked).decode("utf-8-sig"))))
    wide = len(shown[0])
    assert [line[-wide:] for line in lines[1 : len(rows) + 1]] == shown
    assert [line[5] for line in lines[len(rows) + 1 :]] == ["上期", "环比", "上年同期", "同比"]
    if by != "window":  # reading a workbook takes time, and all scopes are written alike
        return
    book = load_workbook(io.BytesIO(export.render("xlsx", asked)), read_only=True)
    sheet = book["统计表"]
    written = sheet.iter_rows(min_row=6, max_row=5 + len(rows), min_col=4)
    assert [[in_words(cell) for cell in row] for row in written] == shown


def screen_cells(columns: list[Column], row: dict[str, Any]) -> list[str]:
    """Return a row as the screen words it, in as many cells as a file has."""
    found: list[str] = []
    for each in columns:
        text, parts = choosing.said(each, row[each.code])
        found.append(text.replace(",", ""))
        if each.kind == "rate":
            found += parts.replace(",", "").removesuffix(" 分").split("/") if parts else ["0", "0"]
    return found


def in_words(cell: Any) -> str:
    """Return a cell of a workbook as a spreadsheet shows it."""
    if isinstance(cell.value, str):
        return cell.value
    if cell.number_format == "0.00%":
        return f"{cell.value * 100:.2f}"
    places = {"#,##0.0": 1, "0.00": 2}.get(cell.number_format, 0)
    return f"{cell.value:.{places}f}"


def check_opening(hall: FigureHall, records: Records) -> None:
    """Compare how long windows were open with the journal's rows."""
    opened = records.opened("2026-11-01", "2026-11-30", time(8, 30), time(17, 30))
    for row in hall.figures.table(NOVEMBER, "window").rows:
        whole, in_hours = opened.get(int(row["key"]), (0, 0))
        assert row["utilisation"]["denominator"] == whole
        assert row["open_rate"]["numerator"] == in_hours


# -- how it is read ----------------------------------------------------------------------------

LARGE = ("visit", "rating", "ticket", "journal", "appointment", "rating_case", "complaint")


def plans(hall: FigureHall, ask: Any) -> list[str]:
    """Return how SQLite reads what a question asks of the file."""
    asked: list[str] = []
    connection = hall.rooms.store.connection
    connection.set_trace_callback(asked.append)
    ask()
    connection.set_trace_callback(None)
    return [
        row[3]
        for sql in asked
        if sql.lstrip().startswith(("select", "with"))
        for row in connection.execute(f"explain query plan {sql}")
    ]


def test_every_question_reads_by_an_index(morning: FigureHall) -> None:
    figures, found = morning.figures, []
    for by in SCOPES:
        found += plans(morning, lambda by=by: figures.table(NOVEMBER, by))
    found += plans(morning, lambda: figures.table(NOVEMBER, "service", (("window", "1"),)))
    for ask in (figures.heat, figures.channels, figures.tags, figures.pipeline):
        found += plans(morning, lambda ask=ask: ask(NOVEMBER))
    for code in drill_store.DRAWN:
        found += plans(morning, lambda code=code: figures.tickets(NOVEMBER, "hall", "", code, 50))
        found += plans(
            morning, lambda code=code: figures.count_tickets(NOVEMBER, "service", "estate", code)
        )
    assert any("journal_window" in step for step in found), "the plans were seen"
    names = {*LARGE, "counted", "journal", "earlier"}
    slow = [
        step
        for step in found
        if step.startswith("SCAN ") and step.split()[1] in names and "VIRTUAL" not in step
    ]
    assert slow == []


def test_a_store_that_only_reads_answers_too(morning: FigureHall) -> None:
    rooms = morning.rooms
    store = Store(rooms.store.path, readonly=True)
    register = Register(store, rooms.clock)
    desk = Desk(store, register, rooms.desk.config, rooms.clock)
    book = Book(store, register, desk, desk.config, rooms.clock)
    reading = Figures(store, register, desk, book, desk.config, rooms.clock)
    assert reading.table(TODAY, "window") == morning.figures.table(TODAY, "window")
    store.close()
