"""The figures of a row: formulas, percentiles, changes; what opens when; what may be chosen."""

import csv
import io
import json
from collections import Counter
from typing import Any

import pytest
from halls import SMALL_HALL
from openpyxl import load_workbook

from figures import charts, choosing, export, places, statistics
from figures.columns import (
    COLUMN,
    COLUMNS,
    GROUPS,
    SCOPES,
    check_column,
    check_scope,
    check_within,
)
from figures.opening import Change, Hours, Opened, opened
from figures.statistics import Facts, Table, Waits
from hall.catalogue import Window
from hall.refusals import NotValid
from hall.shares import rate
from rating.months import Tally
from rating.periods import period

FACTS = Facts(
    Tally(
        *(8, 6, 3, 8 * 600_000, 2, 6 * 900_000, 6, 1, 1, 2, 3),
        *(3, 2, 1, 1, 1, 2, 4),
    ),
    Counter(
        taken=10,
        uncalled=1,
        missed_for_good=2,
        ever_missed=3,
        arrived=3,
        arrived_due=4,
        service_time=5_400_000,
        open_time=7_200_000,
        open_in_hours=3_600_000,
        scheduled=14_400_000,
        opened=4,
        evaluated=3,
        channel_qr=2,
        contacted=1,
        contacted_due=2,
        rectified=2,
        rectified_due=2,
        in_time=1,
        in_time_due=2,
        revisited=0,
        revisited_due=1,
        complaints_on_time=17,
        complaints_on_time_due=25,
    ),
    Waits(60_000, 1_800_000, 3_000_000),
)


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("taken", 10),
        ("missed", 2),
        ("missed_rate", (3, 8)),
        ("abandoned_rate", (3, 10)),
        ("appointment_rate", (3, 4)),
        ("average_wait_minutes", 10.0),
        ("wait_p50", 1.0),
        ("wait_p90", 30.0),
        ("wait_longest", 50.0),
        ("wait_over_target", (2, 8)),
        ("average_service_minutes", 15.0),
        ("on_the_spot", (3, 5)),
        ("open_rate", (3_600_000, 14_400_000)),
        ("utilisation", (5_400_000, 7_200_000)),
        ("evaluator_coverage", (3, 4)),
        ("rated", 8),
        ("bad", 2),
        ("satisfaction", (6, 8)),
        ("satisfaction_strict", (5, 8)),
        ("very_satisfied_rate", (3, 8)),
        ("bad_rate", (2, 8)),
        # (15 + 8 + 3 + 2 + 1) / 8 = 3.625
        ("score", 3.63),
        ("score_of_ten", 7.25),
        ("rating_rate", (8, 6)),
        ("void_share", (2, 10)),
        ("defaults", 4),
        ("channel_qr", (2, 8)),
        ("channel_box", (0, 8)),
        ("contacted", (1, 2)),
        ("rectified", (2, 2)),
        ("in_time", (1, 2)),
        ("revisited", (0, 1)),
        ("complaints_on_time", (17, 25)),
    ],
)
def test_every_formula_is_the_manuals(code: str, value: Any) -> None:
    found = statistics.figures(FACTS, "hall")[code]
    if isinstance(value, tuple):
        found = (found["numerator"], found["denominator"])
    assert found == value


def test_a_published_rate_comes_out() -> None:
    assert statistics.figures(FACTS, "hall")["complaints_on_time"]["text"] == "68.00 %"


def test_every_column_can_be_read_and_nothing_is_read_twice() -> None:
    assert list(COLUMN) == [each.code for each in COLUMNS]
    assert set(statistics.READ) == set(COLUMN)
    assert sum(len(columns) for _, columns in GROUPS) == len(COLUMNS)
    assert len({name for name, _ in GROUPS}) == len(GROUPS), "a group stands in one place"
    assert all(each.formula and set(each.scopes) <= set(SCOPES) for each in COLUMNS)


@pytest.mark.parametrize("by", SCOPES)
def test_what_a_scope_cannot_have_is_a_dash(by: str) -> None:
    found = statistics.figures(FACTS, by)
    for column in COLUMNS:
        text, of = choosing.said(column, found[column.code])
        assert (text == "—") == (not column.exists(by)), column.code
        assert bool(of) == (column.kind == "rate" and column.exists(by))


def test_a_row_of_nothing_has_zeros_and_dashes_and_no_error() -> None:
    for column in COLUMNS:
        text, _ = choosing.said(column, statistics.figures(Facts(), "hall")[column.code])
        assert text == ("0" if column.kind == "count" else "—"), column.code


def test_rows_add_up_but_their_percentiles_do_not() -> None:
    whole = statistics.total([FACTS, FACTS], Waits(1, 2, 3))
    assert whole.tally.called == 16
    assert whole["taken"] == 20
    assert whole.waits == Waits(1, 2, 3)
    assert (FACTS + FACTS).waits is None


# -- compared ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "this", "base", "text"),
    [
        ("served", 110, 100, "+10.00 %"),
        ("served", 100, 110, "−9.09 %"),
        ("served", 100, 100, "0.00 %"),
        ("served", 0, 3, "−100.00 %"),
        ("served", 3, 0, None),
        ("taken", None, 3, None),
        ("satisfaction", rate(68, 100), rate(65, 100), "+3.00 个百分点"),
        # what is shown is compared: 66.67 and 33.33
        ("satisfaction", rate(2, 3), rate(1, 3), "+33.34 个百分点"),
        ("satisfaction", rate(1, 3), rate(0, 0), None),
        ("score", 4.66, 4.7, "−0.04 分"),
        ("average_wait_minutes", 4.8, 3.9, "+23.08 %"),
        ("average_wait_minutes", 4.8, None, None),
        ("average_wait_minutes", 4.8, 0.0, None),
    ],
)
def test_counts_change_by_percent_and_rates_by_percentage_points(
    code: str, this: Any, base: Any, text: str | None
) -> None:
    blank = statistics.figures(Facts(), "hall")
    change = statistics.changes(blank | {code: this}, blank | {code: base})[code]
    assert (change and change["text"]) == text


def test_more_than_the_whole_is_told_as_it_is() -> None:
    assert rate(110, 100)["text"] == "110.00 %"
    assert rate(100_001, 100_000)["text"] == "100.01 %"


# -- windows -----------------------------------------------------------------------------------


def change(window: int, at: int, event: str, who: str = "1001") -> Change:
    return Change(window, at, f"window_{event}", who)


@pytest.mark.parametrize(
    ("changes", "times"),
    [
        ([], []),
        ([change(1, 10, "open")], [(1, 10, 100)]),
        ([change(1, 10, "open"), change(1, 30, "closed")], [(1, 10, 30)]),
        ([change(1, -50, "open"), change(1, 30, "closed")], [(1, 0, 30)]),
        ([change(1, -50, "open")], [(1, 0, 100)]),
        ([change(1, -50, "closed")], []),
        (
            [change(1, 10, "open"), change(1, 20, "paused"), change(1, 25, "open")],
            [(1, 10, 20), (1, 25, 100)],
        ),
        ([change(1, 10, "open"), change(2, 40, "open")], [(1, 10, 100), (2, 40, 100)]),
        ([change(1, 10, "open"), change(1, 10, "closed")], []),
    ],
)
def test_a_window_is_open_from_its_opening_to_its_next_change(
    changes: list[Change], times: list[tuple[int, int, int]]
) -> None:
    found = [(each.window, each.begins, each.ends) for each in opened(changes, 0, 100)]
    assert found == times


def test_who_takes_over_a_window_has_the_time_from_then_on() -> None:
    changes = [change(1, 10, "open"), change(1, 60, "open", "1002")]
    assert list(opened(changes, 0, 100)) == [
        Opened(1, "1001", 10, 60),
        Opened(1, "1002", 60, 100),
    ]


@pytest.mark.parametrize(
    ("begins", "ends", "within"),
    [(0, 100, 40), (10, 20, 10), (0, 10, 0), (15, 45, 20), (30, 40, 0), (55, 99, 5), (0, 5, 0)],
)
def test_the_halls_hours_within_a_time_end_now(begins: int, ends: int, within: int) -> None:
    hours = Hours([(10, 30), (40, 70), (90, 95)], until=60)
    assert hours.total == 40
    assert hours.within(begins, ends) == within


# -- rows and choices --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by", "within", "keys"),
    [
        ("window", (), ["1", "2", "3", "4"]),
        ("window", (("department", "MZ"),), ["1", "2"]),
        ("window", (("zone", "2F"),), ["3", "4"]),
        ("window", (("service", "advice"),), ["1", "4"]),
        ("service", (("department", "MZ"),), ["marriage", "advice", "nowhere"]),
        ("service", (("window", "2"),), ["marriage"]),
        ("service", (("zone", "1F"),), ["marriage", "advice"]),
        ("clerk", (("department", "MZ"),), ["1001", "1002"]),
        ("clerk", (("window", "1"),), []),
        ("department", (("zone", "1F"),), []),
        ("hall", (), [""]),
    ],
)
def test_what_is_in_use_within_a_scope_has_a_row(
    by: str, within: tuple[tuple[str, str], ...], keys: list[str]
) -> None:
    found = places.in_use(by, SMALL_HALL, within)
    assert places.in_order(by, found, SMALL_HALL) == keys


@pytest.mark.parametrize(
    ("by", "key", "name"),
    [
        ("window", "99", "99号窗口"),
        ("window", "x", "x号窗口"),
        ("clerk", "", "未登录"),
        ("clerk", "7777", "7777"),
        ("service", "gone", "gone"),
        ("department", "", "尚未分派"),
        ("zone", "9F", "9F"),
    ],
)
def test_what_the_catalogue_knows_no_more_is_named_by_its_key(by: str, key: str, name: str) -> None:
    assert places.name(by, key, SMALL_HALL) == name
    assert SMALL_HALL.department_of(by, key) == ""


@pytest.mark.parametrize(
    ("kind", "name", "begins", "ends", "wanted"),
    [
        ("", "", "", "", "2026-11"),
        ("day", "", "", "", "2026-11-20"),
        ("week", "", "", "", "2026-W47"),
        ("quarter", "2026-Q2", "", "", "2026-Q2"),
        ("range", "", "2026-11-02", "2026-11-05", "2026-11-02..2026-11-05"),
    ],
)
def test_a_period_is_chosen_by_a_form(
    kind: str, name: str, begins: str, ends: str, wanted: str
) -> None:
    assert choosing.choose(kind, name, begins, ends, "2026-11-20").name == wanted


def test_a_form_that_says_no_period_is_refused() -> None:
    for said in (("decade", ""), ("range", ""), ("month", "x")):
        with pytest.raises(NotValid):
            choosing.choose(*said, "", "", "2026-11-20")


def test_periods_that_have_not_begun_are_not_offered() -> None:
    this = choosing.choice(period("month", "2026-11"), "2026-11-20")
    assert this.after is None
    assert this.before
    assert this.before.name == "2026-10"
    assert [each.name for each in this.offered][:2] == ["2026-11", "2026-10"]
    assert {each.kind: each.name for _, each in this.kinds} == {
        "day": "2026-11-20",
        "week": "2026-W47",
        "month": "2026-11",
        "quarter": "2026-Q4",
        "year": "2026",
        "range": "2026-11-01..2026-11-20",
    }


def test_an_old_period_is_among_those_offered_and_the_first_year_has_none_before() -> None:
    old = choosing.choice(period("month", "2019-03"), "2026-11-20")
    assert "2019-03" in [each.name for each in old.offered]
    assert old.after
    assert old.after.name == "2019-04"
    assert choosing.choice(period("year", "1970"), "2026-11-20").before is None


def test_a_range_is_followed_by_one_of_its_length() -> None:
    here = choosing.choice(period("range", "2026-11-01..2026-11-05"), "2026-11-20")
    assert here.after
    assert here.after.name == "2026-11-06..2026-11-10"


@pytest.mark.parametrize(
    ("kind", "name", "over", "unit"),
    [
        ("day", "2026-11-20", "2026-11-07..2026-11-20", "day"),
        ("week", "2026-W47", "2026-W47", "day"),
        ("month", "2026-11", "2026-11", "day"),
        ("quarter", "2026-Q4", "2026-Q4", "week"),
        ("year", "2026", "2026", "month"),
        ("range", "2024-01-01..2026-01-01", "2024-01-01..2026-01-01", "month"),
    ],
)
def test_a_course_has_as_many_steps_as_a_chart_can_show(
    kind: str, name: str, over: str, unit: str
) -> None:
    found, by = choosing.course(period(kind, name))
    assert (found.name, by) == (over, unit)


def test_a_choice_of_columns_holds_what_a_scope_has() -> None:
    codes = {
        each.code for _, columns in choosing.columns_of("whole", "window", ()) for each in columns
    }
    assert "taken" not in codes
    assert codes == {each.code for each in COLUMNS if each.exists("window")}
    glance = choosing.columns_of("glance", "hall", ())
    assert sum(len(columns) for _, columns in glance) == len(choosing.AT_A_GLANCE)
    assert "投诉" not in [name for name, _ in choosing.groups_of("window", ())]
    with pytest.raises(NotValid):
        choosing.columns_of("nothing", "hall", ())


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (1234567, "served", ("1,234,567", "")),
        (0.1, "wait_p50", ("0.1", "")),
        (4.5, "score", ("4.50", "")),
        (rate(17, 25), "satisfaction", ("68.00", "17/25")),
        (rate(5_400_000, 7_230_000), "utilisation", ("74.69", "90/121 分")),
        (rate(0, 0), "satisfaction", ("—", "")),
        (None, "taken", ("—", "")),
    ],
)
def test_a_figure_is_shown_with_its_parts(value: Any, code: str, shown: tuple[str, str]) -> None:
    assert choosing.said(COLUMN[code], value) == shown


def test_scopes_filters_and_columns_are_known_or_refused() -> None:
    assert check_within(["department:MZ", "window:3"]) == (("department", "MZ"), ("window", "3"))
    for wrong in (lambda: check_scope("street"), lambda: check_column("no_such")):
        with pytest.raises(NotValid):
            wrong()
    for pairs in (["street:1"], ["hall:"], ["MZ"]):
        with pytest.raises(NotValid):
            check_within(pairs)


# -- files and charts --------------------------------------------------------------------------


@pytest.mark.parametrize("evil", ["=1+1", "+86", "-2", "@SUM(A1)", "＝1", "\t=1", "=HYPERLINK(1)"])
def test_a_name_is_never_a_formula_in_the_files_of_the_statistics(evil: str) -> None:
    row = {"key": evil, "name": evil, "department": evil, "served": 3}
    base = {**row, "period": "—", "change": {"served": None}}
    this = period("month", "2026-11")
    table = Table(this, "clerk", (), [row], {**row, "name": "合计"}, base, base)
    told = json.loads(export.wish(table, [COLUMN["served"]], export.Heading(evil, within=evil)))
    lines = list(csv.reader(io.StringIO(export.render("csv", told).decode("utf-8-sig"))))
    harmless = f"'{evil}"
    assert lines[1][0] == harmless
    assert lines[1][-4:] == [harmless, harmless, harmless, "3"]
    sheet = load_workbook(io.BytesIO(export.render("xlsx", told)))["统计表"]
    assert [(cell.value, cell.data_type) for cell in sheet[6][:3]] == [(evil, "s")] * 3


@pytest.mark.parametrize(
    ("minutes", "full"),
    [
        ([], 1),
        ([0.0, 0.2], 1),
        ([*range(1, 11)], 9),
        # one hour with a single long wait left all others in one colour
        ([*[3.0] * 19, 58.0], 3),
        ([None, 4.2], 5),
    ],
)
def test_one_long_wait_does_not_take_the_colours_of_the_heat_map(
    minutes: list[float | None], full: int
) -> None:
    assert charts.full_scale(minutes) == full


@pytest.mark.parametrize(
    ("name", "shown"),
    [("", "3号窗口"), ("综合窗口", "3号 综合窗口"), ("3号 综合", "3号 综合")],
)
def test_a_window_has_its_number_once(name: str, shown: str) -> None:
    assert Window(3, name, "1F", "MZ").numbered_name == shown
