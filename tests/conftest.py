"""What most tests start from: a hall on a real file, a clock in the test's hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from halls import MovedClock, Rooms, open_rooms
from thrift import thrifty

# Minutes each: begun last, one of them would leave the other core with nothing to do.
LONG = (
    *("test_display", "test_kiosk", "test_server_commands", "test_queue_machine"),
    *("test_killed_under_load", "test_clerks_at_once", "test_province_fails", "test_liveliness"),
    "test_case_life",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, then with the browser's."""
    items.sort(key=lambda item: (item.path.stem not in LONG, item.path.parent.name != "browser"))


@pytest.fixture(scope="session", autouse=True)
def _once_for_all_tests() -> Iterator[None]:
    with thrifty():
        yield


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
