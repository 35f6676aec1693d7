"""The server is killed between two instructions, twenty times: what was acknowledged is there."""

from pathlib import Path

import pytest

from faults.kill import PEOPLE, Killing

KILLS = 20


@pytest.mark.timeout(300)
def test_twenty_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    killing = Killing(tmp_path / "hall", seed=20)
    for _ in range(KILLS):
        killing.once()
    told = killing.end()
    assert told.wrong == []
    assert told.tickets > KILLS * PEOPLE, "hardly anything was taken: the test proves nothing"
    assert told.calls >= told.ratings >= KILLS, "hardly anything was rated: it proves nothing"
