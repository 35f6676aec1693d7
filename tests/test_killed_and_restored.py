"""The server is killed under load and restored from the second disk; at length: ``faults``."""

from pathlib import Path

import pytest

from faults.copying import Copying


@pytest.mark.timeout(120)
def test_what_comes_back_after_a_kill_is_whole_and_holds_what_the_copy_had(tmp_path: Path) -> None:
    copying = Copying(tmp_path, pause=0.1)
    lives = [copying.kill_and_restore(0) for _ in range(2)]
    assert [life.wrong for life in lives] == [[], []]
    assert 0 < lives[0].tickets < lives[1].tickets
