"""32 clerks call, serve and send on at once; ``python -m bench clerks`` is the long form."""

from pathlib import Path

import pytest
from halls import MovedClock, open_rooms

from bench import clerks
from hall.store import Store

CALLS = 1_500


def test_none_is_called_double_none_skipped_and_the_order_kept() -> None:
    seen = clerks.run(CALLS, in_line=400)
    assert seen["calls"] == CALLS
    assert seen["broken"] == []


@pytest.mark.parametrize(
    ("tampering", "broken"),
    [
        ("update visit set ticket = 2 where id = 1", "served twice"),
        (
            "update visit set ticket = case id when 1 then 2 when 2 then 1 else ticket end",
            "called before an earlier one",
        ),
        ("update visit set ticket = 1, called_at = called_at - 400000 where id = 2", "two windows"),
        ("delete from visit where ticket = 1", "skipped"),
    ],
)
def test_the_proof_of_the_record_finds_what_was_tampered_with(
    tmp_path: Path, tampering: str, broken: str
) -> None:
    rooms = open_rooms(tmp_path / "hall.db", MovedClock())
    rooms.desk.open(1)
    for _ in range(3):
        rooms.take()
    for _ in range(3):
        rooms.serve(1)
    assert clerks.broken_promises(rooms.store) == []
    rooms.store.connection.execute("pragma foreign_keys = off")
    rooms.store.connection.execute(
        "update ticket set state = 'waiting', ended_at = null where id = 1"
    )
    rooms.store.connection.execute(tampering)
    told = clerks.broken_promises(Store(rooms.store.path, readonly=True))
    assert broken in " ".join(told)
    rooms.store.close()
