"""What the tests of paper share: one citizen's slip, a phone's eye, and time in the test's hand."""

import time
from collections.abc import Callable

import zxingcpp
from PIL import Image

from kiosk.slip import SlipFacts

LINK = "http://192.168.1.10:8000/r/eyJ0IjoxMjM0NX0.aW4tdGhlLWhhbGw.Q7r2vTq0bWm1pX"
FACTS = SlipFacts(
    hall="某市政务服务中心",
    number="A012",
    service="不动产登记",
    windows="3–5、7号窗口",
    people_ahead=5,
    expected_wait=25,
    taken_at="2026-11-20 10:05",
    track_url=LINK,
    missed_note="过号后 30 分钟内请到服务台报到，过 3 位后再次呼叫；超过 30 分钟请重新取号。",
)


def read_code(picture: Image.Image) -> list[str]:
    # A phone sees the slip on its paper, which is white all around.
    paper = Image.new("L", (picture.width + 60, picture.height + 60), 255)
    paper.paste(picture.convert("L"), (30, 30))
    return [found.text for found in zxingcpp.read_barcodes(paper)]


class Hands:
    """The seconds a test lets pass."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def at_once(work: Callable[[object], None], about: object) -> None:
    """Carry out work on the spot: what a tick sets going is done when it returns."""
    work(about)


def wait_until(true: Callable[[], bool], seconds: float = 5.0) -> None:
    """Wait for what another thread does."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.005)
