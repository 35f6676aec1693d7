"""Days, months and opening hours in the hall's own zone."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest
from halls import SHANGHAI

from hall import days


def at(text: str, zone: ZoneInfo = SHANGHAI) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-11-20T00:00:00", "2026-11-20"),
        ("2026-11-20T07:59:59", "2026-11-20"),
        ("2026-11-20T23:59:59", "2026-11-20"),
    ],
)
def test_the_halls_zone_decides_the_day(moment: str, day: str) -> None:
    assert days.day_of(at(moment), SHANGHAI) == day


def test_an_instant_is_told_with_the_halls_offset() -> None:
    assert days.iso(at("2026-11-20T10:05:03"), SHANGHAI) == "2026-11-20T10:05:03+08:00"


@pytest.mark.parametrize(
    ("now", "last", "business"),
    [
        ("2026-11-20T10:00:00", None, "2026-11-20"),
        ("2026-11-20T10:00:00", "2026-11-19", "2026-11-20"),
        ("2026-11-20T10:00:00", "2026-11-20", "2026-11-20"),
        ("2026-11-19T10:00:00", "2026-11-20", "2026-11-20"),
    ],
    ids=["first day ever", "next day", "same day", "clock stepped back a day"],
)
def test_a_clock_that_steps_back_reopens_no_business_day(
    now: str, last: str | None, business: str
) -> None:
    assert days.business_day(at(now), SHANGHAI, last) == business


@pytest.mark.parametrize(
    ("month", "first", "past"),
    [
        ("2026-11", "2026-11-01T00:00:00", "2026-12-01T00:00:00"),
        ("2026-12", "2026-12-01T00:00:00", "2027-01-01T00:00:00"),
        ("2024-02", "2024-02-01T00:00:00", "2024-03-01T00:00:00"),
    ],
)
def test_a_month_reaches_from_its_first_instant_to_that_of_the_next(
    month: str, first: str, past: str
) -> None:
    assert days.month_bounds(month, SHANGHAI) == (at(first), at(past))


@pytest.mark.parametrize("text", ["2026-13", "2026-1", "202611", "", "2026-11-01", "abcd-ef"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        days.month_bounds(text, SHANGHAI)


def test_a_month_may_be_one_of_a_computer_without_a_battery() -> None:
    assert days.is_month("1970-01")
    assert days.is_month("2026-11")
    assert not any(days.is_month(each) for each in ("1969-12", "2026-13", "2026-1", "99999-01"))


@pytest.mark.parametrize(
    ("month", "back", "before"),
    [("2026-11", 1, "2026-10"), ("2026-01", 1, "2025-12"), ("2026-03", 15, "2024-12")],
)
def test_the_month_before(month: str, back: int, before: str) -> None:
    assert days.month_before(month, back) == before


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("", ()),
        ("12:00-13:30", ((time(12), time(13, 30)),)),
        ("08:30-12:00, 13:30-17:00", ((time(8, 30), time(12)), (time(13, 30), time(17)))),
        ("08:30-12:00，13:30-17:00", ((time(8, 30), time(12)), (time(13, 30), time(17)))),
    ],
)
def test_wall_times_are_read_as_people_write_them(text: str, spans: object) -> None:
    assert days.wall_spans(text) == spans


@pytest.mark.parametrize(
    "text", ["12", "12:00", "13:00-12:00", "8-9-10", "08:00-12:00,11:00-13:00"]
)
def test_wall_times_that_cannot_be_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        days.wall_spans(text)
