"""Limits in working days, against the official calendar of 2024–2026."""

from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest

from hall import days
from hall.calendar import Calendar, OpeningRules
from hall.catalogue import SpecialDay
from hall.workdays import Workdays, is_working_day

ZONE = ZoneInfo("Asia/Shanghai")
OFFICIAL = Workdays(ZONE)


def instant(text: str) -> int:
    day, _, at = text.partition(" ")
    return days.instant_of(day, time.fromisoformat(at or "00:00"), ZONE)


def said(at: int) -> str:
    return days.local(at, ZONE).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("begins", "how_many", "ends"),
    [
        ("2026-11-20 10:00", 1, "2026-11-24 00:00"),  # Friday: Monday is the one day
        ("2026-11-23 23:59", 1, "2026-11-25 00:00"),
        ("2026-11-21 10:00", 1, "2026-11-24 00:00"),  # a Saturday
        ("2026-11-23 10:00", 5, "2026-12-01 00:00"),
        ("2024-02-09 16:00", 1, "2024-02-19 00:00"),  # Spring Festival; Sunday 18 makes up
        ("2024-09-30 10:00", 5, "2024-10-13 00:00"),  # National Day; Saturday 12 makes up
        ("2025-01-26 10:00", 2, "2025-02-06 00:00"),  # a Sunday that was worked
        ("2025-04-30 10:00", 1, "2025-05-07 00:00"),
    ],
)
def test_a_limit_ends_with_its_last_working_day(begins: str, how_many: int, ends: str) -> None:
    assert said(OFFICIAL.after_days(instant(begins), how_many)) == ends


def test_working_days_are_those_of_the_official_calendar_of_three_years() -> None:
    day = date(2024, 1, 1)
    while day < date(2027, 1, 1):
        assert is_working_day(day.isoformat()) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)


def test_every_limit_of_three_years_holds_just_so_many_working_days() -> None:
    day = date(2024, 1, 1)
    while day < date(2026, 11, 20):
        begins = instant(f"{day} 10:00")
        for how_many in (1, 2, 3, 5, 15):
            limit = OFFICIAL.after_days(begins, how_many)
            assert OFFICIAL.between(begins, limit - 1) == how_many
            assert is_working_day(days.day_of(limit - 1, ZONE))
        day += timedelta(days=7 if day.day > 20 else 3)


@pytest.mark.parametrize(
    ("limit", "yellow"),
    [
        ("2026-11-25 00:00", "2026-11-24 00:00"),
        ("2026-11-24 00:00", "2026-11-21 00:00"),  # Monday's end: yellow when Friday is over
        ("2026-11-24 15:30", "2026-11-23 15:30"),
        ("2026-11-23 09:00", "2026-11-20 09:00"),
    ],
)
def test_yellow_is_one_working_day_before(limit: str, yellow: str) -> None:
    assert said(OFFICIAL.a_day_before(instant(limit))) == yellow


def hall(special: dict[str, SpecialDay] | None = None, weekdays: str = "12345") -> Workdays:
    rules = OpeningRules(time(8, 30), time(17), "12:00-13:30", weekdays)
    return Workdays.of(Calendar(rules, ZONE, special or {}))


@pytest.mark.parametrize(
    ("begins", "hours", "ends"),
    [
        ("2026-11-23 09:00", 2, "2026-11-23 11:00"),
        ("2026-11-23 11:00", 2, "2026-11-23 14:30"),  # lunch
        ("2026-11-20 16:00", 2, "2026-11-23 09:30"),  # the week-end
        ("2026-11-21 03:00", 2, "2026-11-23 10:30"),
        ("2026-11-23 09:00", 7, "2026-11-24 09:00"),
    ],
)
def test_hours_pass_only_while_somebody_works(begins: str, hours: int, ends: str) -> None:
    assert said(hall().after_hours(instant(begins), hours)) == ends


def test_a_hall_of_seven_days_has_no_shorter_limits() -> None:
    assert said(hall(weekdays="1234567").after_days(instant("2026-11-20 10:00"), 1)) == (
        "2026-11-24 00:00"
    )


def test_a_day_the_hall_declared_free_counts_for_no_limit() -> None:
    free = {"2026-11-23": SpecialDay("2026-11-23", open=False, note="停电")}
    assert said(hall(free).after_days(instant("2026-11-20 10:00"), 1)) == "2026-11-25 00:00"


def test_hours_that_never_come_are_told() -> None:
    never = Workdays(ZONE, lambda _: True, lambda _: ())
    with pytest.raises(ValueError, match="working hours"):
        never.after_hours(instant("2026-11-23 09:00"), 1)
