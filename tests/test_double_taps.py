"""A finger that taps twice or three times at the same moment gets one ticket."""

from bench import taps

TAPS = 600


def test_every_double_and_triple_tap_gives_one_ticket() -> None:
    seen = taps.run(TAPS)
    assert seen["taps"] > 2 * TAPS
    assert seen["broken"] == []
    assert seen["tickets"] == TAPS
