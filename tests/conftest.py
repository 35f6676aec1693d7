"""What most tests start from: a hall on a real file, a clock in the test's hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from halls import MovedClock, Rooms, open_rooms


@pytest.fixture
def clock() -> MovedClock:
    """A Friday in November, ten in the morning."""
    return MovedClock()


@pytest.fixture
def rooms(tmp_path: Path, clock: MovedClock) -> Iterator[Rooms]:
    """A small hall whose windows 1 to 4 are open."""
    opened = open_rooms(tmp_path / "hall.db", clock)
    for window in (1, 2, 3, 4):
        opened.desk.open(window)
    yield opened
    opened.store.close()
