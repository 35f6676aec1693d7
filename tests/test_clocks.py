"""The clock is wrong, or a zone's clocks change: the short form of ``python -m faults clocks``."""

from pathlib import Path

import pytest
from halls import MovedClock, open_rooms

import faults  # noqa: F401 - finds the tests' helpers
from faults import clocks, zones
from hall.days import DAY, HOUR
from rating import proof
from web.staying import Stay, end_of


def test_a_hall_keeps_its_promises_while_its_clock_jumps(tmp_path: Path) -> None:
    jumping = clocks.jump_about(tmp_path, len(clocks.STEPS), seed=6)
    assert jumping.wrong == []
    assert jumping.acts - jumping.refused > 20
    assert jumping.rated


def test_what_a_computer_without_a_battery_did_in_1970_is_proved_like_the_rest(
    tmp_path: Path,
) -> None:
    clock = MovedClock()
    clock.instant = 10 * DAY
    rooms = open_rooms(tmp_path / "hall.db", clock, hall={"always_open": True})
    try:
        rooms.desk.open(1)
        rooms.take()
        rooms.book.rate(rooms.serve(1), "satisfied", "evaluator")
        assert proof.problems(rooms.book) == []
        assert rooms.book.month("1970-01").rows
    finally:
        rooms.store.close()


@pytest.mark.parametrize(
    ("signed_in", "ends"),
    [
        (0, ""),
        (-11 * HOUR, ""),
        (-13 * HOUR, "over"),
        (HOUR, ""),
        (DAY, "over"),
        (30 * DAY, "over"),
    ],
)
def test_who_signed_in_while_the_clock_was_ahead_does_not_stay_until_then(
    signed_in: int, ends: str
) -> None:
    now = 1_000 * DAY
    assert end_of("clerk", now + signed_in, now, now, Stay()) == ends


def test_the_same_life_has_the_same_figures_where_clocks_change(tmp_path: Path) -> None:
    shanghai, wrong = zones.live(tmp_path, "Asia/Shanghai")
    new_york, more = zones.live(tmp_path, "America/New_York")
    assert wrong + more == []
    assert shanghai["2026-03-08"]["served"] == 4
    assert shanghai == new_york


@pytest.mark.parametrize("zone", zones.ZONES)
def test_days_and_months_are_as_long_as_the_zones_are(zone: str) -> None:
    assert zones.wrong_lengths(zone) == []
