"""Whose turn it is, and how long the others wait."""

from dataclasses import replace

import pytest
from test_tickets import a_ticket

from hall.line import Attendance, attendance, expected_wait, minutes_per_visit, next_in_line
from hall.tickets import State


def test_who_came_first_is_next() -> None:
    early, late = (replace(a_ticket(State.WAITING), id=number) for number in (3, 8))
    assert next_in_line([late, early]) is early


def test_nobody_is_next_where_nobody_waits() -> None:
    assert next_in_line([]) is None


def test_a_clock_that_stepped_back_lets_nobody_in_before_the_others() -> None:
    first = replace(a_ticket(State.WAITING), id=1, taken_at=9_000_000)
    second = replace(a_ticket(State.WAITING), id=2, taken_at=5_000_000)
    assert next_in_line([second, first]) is first


@pytest.mark.parametrize(
    ("ahead", "minutes", "open_windows", "idle", "wait"),
    [
        (5, 10.0, 0, 0, None),
        (0, 10.0, 1, 1, 0),
        (0, 10.0, 1, 0, 10),
        (1, 10.0, 1, 1, 10),
        (1, 10.0, 2, 2, 0),
        (3, 10.0, 2, 0, 20),
        (7, 3.5, 3, 0, 10),
    ],
    ids=[
        "no window open: nobody can say",
        "an idle window takes you at once",
        "one visit to wait for",
        "the idle window takes the one ahead",
        "two idle windows, one ahead",
        "four visits at two windows",
        "rounded up to whole minutes",
    ],
)
def test_the_expected_wait(
    ahead: int, minutes: float, open_windows: int, idle: int, wait: int | None
) -> None:
    assert expected_wait(ahead, minutes, Attendance(open_windows, idle)) == wait


def test_a_paused_window_attends_nobody() -> None:
    windows = [(1, "open", True), (2, "open", False), (3, "paused", False), (4, "closed", False)]
    assert attendance(windows) == Attendance(open_windows=2, idle_windows=1)


@pytest.mark.parametrize(
    ("recent", "minutes"),
    [([], 8.0), ([18.0], 10.0), ([10.0] * 5, 10.0), ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 3.5)],
)
def test_few_recent_visits_lean_on_the_usual_length(recent: list[float], minutes: float) -> None:
    assert minutes_per_visit(recent, 8.0) == pytest.approx(minutes)
