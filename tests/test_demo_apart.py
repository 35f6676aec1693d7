"""A demonstration is never taken for a hall: every page says so, nothing of it leaves."""

import re
from pathlib import Path

import pytest

from commandline.demonstration import apart, port_beside
from hall import config

HOUSE = Path(__file__).resolve().parents[1]
ROOMS = [each for each in HOUSE.iterdir() if (each / "__init__.py").is_file()]
PAGES = sorted(page for room in ROOMS for page in (room / "templates").rglob("*.html"))
# Pieces of a page that stand inside another, never alone.
WHOLE = [page for page in PAGES if re.search(r"<!doctype", page.read_text("utf-8"), re.IGNORECASE)]


def test_every_page_that_stands_alone_carries_the_mark() -> None:
    assert len(PAGES) > 50
    unmarked = [page.name for page in WHOLE if "demo" not in page.read_text("utf-8")]
    assert unmarked == []


def test_made_up_citizens_are_sent_nothing() -> None:
    told = config.from_dict({"notify": {"citizen": "json://sms.example.cn/?to={phone}"}})
    assert apart(told).notify.citizen == ""
    assert told.notify.citizen
    assert apart(told).hall == told.hall


@pytest.mark.parametrize(("real", "demo"), [(8000, 8001), (65_535, 65_534), (0, 0)])
def test_beside_a_real_hall_the_demonstration_listens_elsewhere(real: int, demo: int) -> None:
    assert port_beside(real) == demo
