"""Which nights there are, and which backups stay; the hall's own wall clock, which has no zone."""

# ruff: noqa: DTZ001

from datetime import datetime, time, timedelta

import pytest

from safety.rotation import is_due, kept, may_try, wants_rules

TWO = time(2, 0)
NIGHT = datetime(2026, 11, 20, 2, 0)


@pytest.mark.parametrize(
    ("now", "last", "due"),
    [
        (datetime(2026, 11, 20, 1, 59), datetime(2026, 11, 19, 2, 0), False),
        (datetime(2026, 11, 20, 2, 0), datetime(2026, 11, 19, 2, 0), True),
        (datetime(2026, 11, 20, 9, 0), datetime(2026, 11, 20, 2, 1), False),
        # off at night, on in the morning
        (datetime(2026, 11, 20, 8, 10), datetime(2026, 11, 19, 8, 15), True),
        # installed today: its first night is still to come
        (datetime(2026, 11, 20, 17, 0), datetime(2026, 11, 20, 9, 0), False),
        (datetime(2026, 11, 21, 2, 0), datetime(2026, 11, 20, 9, 0), True),
        # the clock was set back
        (datetime(2026, 11, 18, 9, 0), datetime(2026, 11, 20, 2, 0), False),
    ],
)
def test_a_night_is_made_once_and_made_up_when_the_hall_was_off(
    now: datetime, last: datetime, due: bool
) -> None:
    assert is_due(now, TWO, last) is due


def test_a_failed_night_is_tried_again_after_ten_minutes() -> None:
    assert may_try(NIGHT, None)
    assert not may_try(NIGHT, NIGHT - timedelta(minutes=9))
    assert may_try(NIGHT, NIGHT - timedelta(minutes=10))
    assert may_try(NIGHT, NIGHT + timedelta(hours=1))


def test_the_rules_are_verified_once_a_week() -> None:
    assert wants_rules(NIGHT, None)
    assert not wants_rules(NIGHT, NIGHT - timedelta(days=6))
    assert wants_rules(NIGHT, NIGHT - timedelta(days=7) + timedelta(minutes=5))


def nights(count: int) -> list[datetime]:
    return [NIGHT - timedelta(days=each) for each in range(count)]


def days_ago(stay: set[datetime]) -> list[int]:
    return sorted((NIGHT.date() - each.date()).days for each in stay)


@pytest.mark.parametrize(
    ("made", "rules", "stay"),
    [
        ([], (14, 8, 12), []),
        (nights(1), (14, 8, 12), [0]),
        (nights(20), (14, 0, 0), list(range(14))),
        # Friday 20 November; the week before ended on Sunday the 15th
        (nights(20), (1, 3, 0), [0, 5, 12]),
        (nights(60), (1, 0, 3), [0, 20, 51]),
        # a hall that was off for a month keeps what it had
        (nights(60)[40:], (3, 0, 0), [40, 41, 42]),
        (nights(3), (1, 0, 0), [0]),
    ],
)
def test_of_each_day_week_and_month_the_newest_backup_stays(
    made: list[datetime], rules: tuple[int, int, int], stay: list[int]
) -> None:
    assert days_ago(kept(made, *rules)) == stay


def test_a_year_of_nights_is_some_thirty_files() -> None:
    assert len(kept(nights(400), 14, 8, 12)) == 30


def test_of_two_backups_of_a_day_the_later_one_stays() -> None:
    early, late = datetime(2026, 11, 20, 2, 0), datetime(2026, 11, 20, 9, 0)
    assert kept([early, late], 14, 8, 12) == {late}
