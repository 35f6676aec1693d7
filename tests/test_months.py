"""The month's figures: every rate with its parts, rounded as the manual says."""

import pytest
from halls import SMALL_HALL, Rooms

from hall.refusals import NotValid
from rating import months, proof
from rating.months import Tally, hundredths, rate


@pytest.mark.parametrize(
    ("numerator", "denominator", "text"),
    [
        (0, 0, "—"),
        (0, 7, "0.00 %"),
        (7, 7, "100.00 %"),
        (17, 25, "68.00 %"),
        (76, 76, "100.00 %"),
        (442, 553, "79.93 %"),
        (2, 3, "66.67 %"),
        (1, 3, "33.33 %"),
        (1, 800, "0.13 %"),
        (99_999, 100_000, "99.99 %"),
        (1, 100_000, "0.01 %"),
        (5_999, 6_000, "99.98 %"),
    ],
)
def test_a_rate_is_rounded_half_up_and_never_up_to_a_hundred(
    numerator: int, denominator: int, text: str
) -> None:
    assert rate(numerator, denominator)["text"] == text


def test_a_rate_carries_its_numerator_and_denominator() -> None:
    assert rate(17, 25) == {
        "numerator": 17,
        "denominator": 25,
        "percent": 68.0,
        "text": "68.00 %",
    }
    assert hundredths(1, 0) is None


@pytest.mark.parametrize(
    ("total", "count", "minutes"),
    [(0, 0, None), (90_000, 1, 1.5), (93_000, 1, 1.6), (92_999, 1, 1.5), (60_000, 3, 0.3)],
)
def test_mean_minutes_are_rounded_half_up_to_one_decimal(
    total: int, count: int, minutes: float | None
) -> None:
    assert months.tenths_of_a_minute(total, count) == minutes


FEW = Tally(called=4, served=3, missed=1, very_satisfied=1, satisfied=1)
MANY = Tally(called=5, served=5, dissatisfied=1, very_dissatisfied=2)


@pytest.mark.parametrize(
    ("by", "tallies", "served"),
    [
        ("window", {"1": FEW, "3": MANY}, {"1": 3, "2": 0, "3": 5, "4": 0}),
        ("department", {"BDC": MANY}, {"MZ": 0, "BDC": 5}),
        ("clerk", {"1001": FEW, "": MANY}, {"1001": 3, "1002": 0, "1003": 0, "1004": 0, "": 5}),
        ("service", {"advice": FEW}, {"advice": 3, "estate": 0, "marriage": 0, "nowhere": 0}),
    ],
)
def test_everything_in_use_has_a_row_at_zero_too(
    by: str, tallies: dict[str, Tally], served: dict[str, int]
) -> None:
    table = months.month("2026-11", by, tallies, SMALL_HALL, {})
    assert {row["key"]: row["served"] for row in table.rows} == served
    assert table.totals["served"] == sum(served.values())


def test_the_totals_are_the_sum_of_the_rows() -> None:
    totals = months.month("2026-11", "window", {"1": FEW, "3": MANY}, SMALL_HALL, {}).totals
    assert totals["levels"] == {
        "very_satisfied": 1,
        "satisfied": 1,
        "basically_satisfied": 0,
        "dissatisfied": 1,
        "very_dissatisfied": 2,
    }
    assert totals["satisfaction"]["text"] == "40.00 %"
    assert totals["rating_rate"]["text"] == "62.50 %"
    assert totals["score"] == 2.6


def test_an_unknown_table_is_refused(rooms: Rooms) -> None:
    with pytest.raises(NotValid):
        rooms.book.month("2026-11", "weather")
    with pytest.raises(NotValid):
        rooms.book.month("2026-11-01")


def a_busy_morning(rooms: Rooms) -> None:
    """Six tickets: four served (three rated, one asked in vain), one missed, one given back."""
    for level in ("very_satisfied", "basically_satisfied", "very_dissatisfied"):
        rooms.take()
        rooms.clock.move(minutes=10)
        rooms.book.rate(rooms.serve(1, minutes=5), level, "evaluator")
    rooms.take("estate")
    rooms.clock.move(minutes=40)
    rooms.serve(3, minutes=20)
    rooms.clock.move(minutes=1)
    rooms.book.tick()
    rooms.take()
    rooms.desk.call_next(2)
    rooms.desk.miss(2)
    rooms.desk.cancel(rooms.take())


def test_the_month_of_a_small_hall_computed_by_hand(rooms: Rooms) -> None:
    a_busy_morning(rooms)
    table = rooms.book.month("2026-11").to_json()
    first, second, third, fourth = table["rows"]
    assert (first["served"], first["rated"], first["bad"]) == (3, 3, 1)
    assert first["satisfaction"]["text"] == "66.67 %"
    assert first["average_wait_minutes"] == 10.0
    assert first["average_service_minutes"] == 5.0
    assert (second["served"], second["called"], second["missed"]) == (0, 1, 1)
    assert second["satisfaction"]["text"] == "—"
    assert (third["served"], third["rated"], third["timed_out"]) == (1, 0, 1)
    assert third["wait_over_target"] == {
        "numerator": 1,
        "denominator": 1,
        "percent": 100.0,
        "text": "100.00 %",
    }
    assert fourth["called"] == 0
    totals = table["totals"]
    assert (totals["taken"], totals["cancelled"], totals["expired"]) == (6, 1, 0)
    assert (totals["served"], totals["rated"]) == (4, 3)
    assert totals["rating_rate"]["text"] == "75.00 %"


def test_a_rating_counts_in_the_month_it_was_given_not_that_of_the_service(rooms: Rooms) -> None:
    rooms.take()
    visit = rooms.serve(1)
    rooms.clock.move(hours=24 * 12)
    rooms.book.rate(visit, "satisfied", "qr")
    november, december = (rooms.book.month(name).totals for name in ("2026-11", "2026-12"))
    assert (november["served"], november["rated"]) == (1, 0)
    assert (december["served"], december["rated"]) == (0, 1)


def test_voided_and_default_ratings_are_listed_apart(rooms: Rooms) -> None:
    for _ in range(3):
        rooms.take()
        rooms.book.rate(rooms.serve(1), "very_dissatisfied", "evaluator")
    rooms.store.connection.execute("update rating set voided_at = 1 where id = 1")
    totals = rooms.book.month("2026-11").totals
    assert (totals["rated"], totals["voided"], totals["bad"]) == (2, 1, 2)


def test_a_service_rated_after_the_evaluator_timed_out_is_no_longer_counted_as_unrated(
    rooms: Rooms,
) -> None:
    for _ in range(2):
        rooms.take()
        late = rooms.serve(1)
        rooms.clock.move(minutes=1)
        rooms.book.tick()
    before = rooms.book.month("2026-11").totals
    assert (before["served"], before["rated"], before["timed_out"]) == (2, 0, 2)
    rooms.book.rate(late, "satisfied", "qr")
    for by in months.SCOPES:
        table = rooms.book.month("2026-11", by)
        for row in (*table.rows, table.totals):
            assert row["rated"] + row["timed_out"] <= row["served"], row
        assert (table.totals["rated"], table.totals["timed_out"]) == (1, 1)


# -- server.py verify --------------------------------------------------------------------------


def problems(rooms: Rooms) -> list[str]:
    return proof.problems(rooms.book)


def test_a_whole_file_has_no_problems(rooms: Rooms) -> None:
    a_busy_morning(rooms)
    rooms.take()
    rooms.desk.call_next(1)
    assert problems(rooms) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("update ticket set state = 'waiting', ended_at = null where id = 1", "等候中的号"),
        ("update ticket set number = 'A777' where id = 1", "前缀加序号"),
        ("update counter set last = 1", "不超过当日计数"),
        ("update visit set state = 'missed', outcome = null where id = 1", "只有办完的服务"),
        ("update visit set window = 2 where id = 1", "就是办理时的"),
        ("insert into journal (seq, at, event) values (9999, 1, 'x')", "流水没有缺行"),
        ("update asking set ended_as = 'rated' where ended_as = 'timed_out'", "确有评价"),
        ("update ticket set state = 'serving', ended_at = null where id = 2", "都在一个窗口"),
    ],
)
def test_what_was_changed_behind_the_verbs_is_found(rooms: Rooms, change: str, told: str) -> None:
    a_busy_morning(rooms)
    rooms.store.connection.execute(change)
    assert any(told in problem for problem in problems(rooms)), problems(rooms)


def test_verify_finds_a_month_that_counts_the_rated_among_the_unrated(rooms: Rooms) -> None:
    rooms.take()
    visit = rooms.serve(1)
    rooms.clock.move(minutes=1)
    rooms.book.tick()
    rooms.book.rate(visit, "satisfied", "qr")
    assert problems(rooms) == []
    rooms.store.connection.execute("update visit_day set timed_out = timed_out + 1")
    assert problems(rooms) == [
        "2026-11-20 的累计（visit_day）与原始记录不一致。",
        "2026-11 1号窗口 的报表与原始记录不一致。",
    ]
