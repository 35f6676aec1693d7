"""The power fails while a hall works: what it acknowledged is there, and no number twice."""

from random import Random

import pytest

from faults.disk import Disk, Kept, sectors
from faults.power import power_cuts


def test_no_power_cut_loses_what_was_acknowledged() -> None:
    told = power_cuts(30, seed=1)
    assert told.acknowledged > 100, "hardly anything was acknowledged: the test proves nothing"
    assert told.kept_unsynced, "no cut came between writing and syncing"
    assert (told.lost, told.twice, told.wrong) == (0, 0, [])


def test_a_hall_that_does_not_wait_for_the_disk_loses_tickets() -> None:
    assert power_cuts(10, seed=2, synchronous="normal").lost


def test_what_was_not_synced_is_gone_and_what_was_synced_is_not() -> None:
    disk = Disk("a-disk-of-two-writes")
    disk.files["hall.db"] = kept = Kept()
    kept.since.append((0, b"synced"))
    kept.sync()
    kept.since.append((6, b" and not"))
    assert disk.after_a_cut(Random(1), keeps=0.0) == {"hall.db": b"synced"}
    assert disk.after_a_cut(Random(1), keeps=None) == {"hall.db": b"synced and not"}


@pytest.mark.parametrize(
    ("at", "length", "lengths"),
    [(0, 1024, [512, 512]), (500, 40, [12, 28]), (24, 4096, [488, *[512] * 7, 24])],
)
def test_a_write_is_torn_at_the_disks_sectors(at: int, length: int, lengths: list[int]) -> None:
    parts = sectors((at, bytes(length)))
    assert [len(data or b"") for _, data in parts] == lengths
    assert parts[0][0] == at
