"""What ``python -m faults soak`` makes of its figures."""

from typing import Any

import pytest

import faults  # noqa: F401 - finds the tests' helpers
from faults import watched
from faults.people import Crowd
from faults.soak import Sample, Soaked


def soaked(grows: float = 0, files: int = 0, heap: float = 0, **more: Any) -> Soaked:
    """A run of half an hour that grows by so much an hour, or holds so much more at its end."""
    crowd = object.__new__(Crowd)
    crowd.took, crowd.unexpected = {0: {"calls": [0.01] * 200}}, more.get("unexpected", [])
    samples = [
        Sample(at, 150 + grows * at / 3600, 400 + files * (at > 1000), 5, 8.0)
        for at in range(0, 1800, 5)
    ]
    heaps = [{"kiosk": 1.0}, {"kiosk": 1.0}, {"kiosk": 1.0 + heap}]
    return Soaked(samples, heaps, crowd, more.get("wrong", []), minutes=30)


def test_a_line_through_points_has_their_slope() -> None:
    assert watched.slope([(0, 5), (1, 7), (2, 9)]) == pytest.approx(2)
    assert watched.slope([(3, 5)]) == 0


def test_a_hall_that_stays_flat_has_passed() -> None:
    assert all(held for held, _ in soaked().verdicts())
    assert len(list(soaked().table())) == 2


@pytest.mark.parametrize(
    ("run", "what"),
    [
        (soaked(grows=100), "memory"),
        (soaked(files=50), "open files"),
        (soaked(heap=40), "page memory"),
        (soaked(unexpected=["ticket: 500"]), "failed"),
        (soaked(wrong=["1F: window 1 shows A001"]), "boards"),
    ],
)
def test_what_grows_or_is_wrong_is_named(run: Soaked, what: str) -> None:
    failed = [said for held, said in run.verdicts() if not held]
    assert len(failed) == 1
    assert what in failed[0]


def test_traces_in_a_log_are_found() -> None:
    assert watched.falls("a line\nTraceback (most recent call last):\n  File") != []
    assert watched.falls("2026 [info] malformed_packet") == []
