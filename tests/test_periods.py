"""Periods of days: what they hold, what they are compared with, and what is none."""

import pytest

from hall.refusals import NotValid
from rating.periods import KINDS, as_far_as, of_day, period, period_before, year_before


@pytest.mark.parametrize(
    ("kind", "name", "first", "past", "words"),
    [
        ("day", "2026-11-20", "2026-11-20", "2026-11-21", "2026年11月20日"),
        ("day", "2024-02-29", "2024-02-29", "2024-03-01", "2024年2月29日"),
        ("day", "2026-12-31", "2026-12-31", "2027-01-01", "2026年12月31日"),
        ("week", "2026-W47", "2026-11-16", "2026-11-23", "2026年第47周"),
        # 2026 has a week 53; its first week begins in 2025
        ("week", "2026-W53", "2026-12-28", "2027-01-04", "2026年第53周"),
        ("week", "2026-W01", "2025-12-29", "2026-01-05", "2026年第1周"),
        ("month", "2026-02", "2026-02-01", "2026-03-01", "2026年2月"),
        ("month", "2026-12", "2026-12-01", "2027-01-01", "2026年12月"),
        ("quarter", "2026-Q1", "2026-01-01", "2026-04-01", "2026年第1季度"),
        ("quarter", "2026-Q4", "2026-10-01", "2027-01-01", "2026年第4季度"),
        ("year", "2026", "2026-01-01", "2027-01-01", "2026年"),
        (
            *("range", "2026-11-01..2026-11-15", "2026-11-01", "2026-11-16"),
            "2026-11-01 至 2026-11-15",
        ),
    ],
)
def test_a_period_holds_its_days_and_is_called_as_people_say(
    kind: str, name: str, first: str, past: str, words: str
) -> None:
    found = period(kind, name)
    assert (found.first, found.past, found.words) == (first, past, words)


@pytest.mark.parametrize(
    ("kind", "name", "before", "year_ago"),
    [
        ("day", "2026-11-20", "2026-11-19", "2025-11-20"),
        ("day", "2026-01-01", "2025-12-31", "2025-01-01"),
        ("day", "2024-02-29", "2024-02-28", "2023-02-28"),
        ("day", "2024-03-01", "2024-02-29", "2023-03-01"),
        ("week", "2026-W01", "2025-W52", "2025-W01"),
        ("week", "2027-W01", "2026-W53", "2026-W01"),
        # 2025 has no week 53
        ("week", "2026-W53", "2026-W52", "2025-W52"),
        ("month", "2026-01", "2025-12", "2025-01"),
        ("month", "2024-03", "2024-02", "2023-03"),
        ("quarter", "2026-Q1", "2025-Q4", "2025-Q1"),
        ("quarter", "2026-Q3", "2026-Q2", "2025-Q3"),
        ("year", "2026", "2025", "2025"),
        ("range", "2026-11-16..2026-11-20", "2026-11-11..2026-11-15", "2025-11-16..2025-11-20"),
        ("range", "2024-02-29..2024-02-29", "2024-02-28..2024-02-28", "2023-02-28..2023-02-28"),
        ("range", "2026-03-01..2026-03-31", "2026-01-29..2026-02-28", "2025-03-01..2025-03-31"),
    ],
)
def test_a_period_is_compared_with_the_one_before_and_the_same_a_year_ago(
    kind: str, name: str, before: str, year_ago: str
) -> None:
    this = period(kind, name)
    assert (period_before(this).name, year_before(this).name) == (before, year_ago)


@pytest.mark.parametrize(
    ("kind", "name", "today", "before", "year_ago"),
    [
        # C23: a month in progress fell by 28.71 % against a whole one
        ("month", "2026-11", "2026-11-22", "2026-10-01..2026-10-22", "2025-11-01..2025-11-22"),
        ("month", "2026-11", "2026-11-01", "2026-10-01..2026-10-01", "2025-11-01..2025-11-01"),
        ("month", "2026-03", "2026-03-30", "2026-02", "2025-03-01..2025-03-30"),
        ("month", "2024-02", "2024-02-28", "2024-01-01..2024-01-28", "2023-02"),
        ("week", "2026-W47", "2026-11-18", "2026-11-09..2026-11-11", "2025-11-17..2025-11-19"),
        ("quarter", "2026-Q4", "2026-11-22", "2026-07-01..2026-08-22", "2025-10-01..2025-11-22"),
        ("quarter", "2026-Q2", "2026-05-31", "2026-01-01..2026-02-28", "2025-04-01..2025-05-31"),
        ("year", "2024", "2024-02-29", "2023-01-01..2023-02-28", "2023-01-01..2023-02-28"),
        (
            *("range", "2026-11-16..2026-11-25", "2026-11-20"),
            *("2026-11-06..2026-11-10", "2025-11-16..2025-11-20"),
        ),
        # what has ended, ends today, has not begun, or is one day keeps the whole base
        ("month", "2026-10", "2026-11-22", "2026-09", "2025-10"),
        ("month", "2026-11", "2026-11-30", "2026-10", "2025-11"),
        ("month", "2026-12", "2026-11-22", "2026-11", "2025-12"),
        ("day", "2026-11-22", "2026-11-22", "2026-11-21", "2025-11-22"),
    ],
)
def test_a_period_that_goes_on_is_compared_with_as_many_days(
    kind: str, name: str, today: str, before: str, year_ago: str
) -> None:
    this = period(kind, name)
    bases = (period_before(this), year_before(this))
    assert tuple(as_far_as(this, base, today).name for base in bases) == (before, year_ago)


@pytest.mark.parametrize(
    ("day", "week", "quarter"),
    [
        ("2026-01-01", "2026-W01", "2026-Q1"),
        ("2026-03-31", "2026-W14", "2026-Q1"),
        ("2026-04-01", "2026-W14", "2026-Q2"),
        ("2026-12-31", "2026-W53", "2026-Q4"),
        ("2027-01-03", "2026-W53", "2027-Q1"),
        ("2024-12-30", "2025-W01", "2024-Q4"),
    ],
)
def test_a_day_lies_in_its_week_and_quarter(day: str, week: str, quarter: str) -> None:
    assert (of_day("week", day).name, of_day("quarter", day).name) == (week, quarter)
    for kind in set(KINDS) - {"range"}:
        found = of_day(kind, day)
        assert found.first <= day <= found.last
        assert period_before(found).past == found.first


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("day", "2026-02-29"),
        ("day", "2026-11"),
        ("day", "2026-11-20 "),
        ("week", "2025-W53"),
        ("week", "2026-W00"),
        ("month", "2026-13"),
        ("month", "2026-1"),
        ("quarter", "2026-Q5"),
        ("quarter", "2026-Q0"),
        ("year", "1969"),
        ("year", "2100"),
        ("year", "二〇二六"),
        ("range", "2026-11-20..2026-11-19"),
        ("range", "2026-11-20"),
        ("range", "2010-01-01..2026-01-01"),
        ("decade", "2026"),
        ("month", ""),
    ],
)
def test_what_is_no_period_is_refused_in_words(kind: str, name: str) -> None:
    with pytest.raises(NotValid) as refusal:
        period(kind, name)
    assert refusal.value.code == "bad_period"
    assert str(refusal.value)
