"""An upgrade is killed on its way: the file is the old one or the new one, never between."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import schema
import upkeep
from commandline import guarding
from faults.upgrading import RELEASED, upgrades
from hall.config import Config
from hall.version import VERSION

HOUSE = Path(__file__).resolve().parents[1]


def test_every_rooms_steps_are_taken_in_the_one_transaction() -> None:
    found = {steps.name for steps in guarding.rooms_steps()} | {"oddities"}
    assert {steps.name for steps in schema.ALL} == found


def test_every_released_version_left_a_hall_to_upgrade() -> None:
    released = (HOUSE / "CHANGELOG.md").read_text("utf-8").split("\n## ")[1:]
    versions = {each.split(" ", 1)[0] for each in released}
    assert {each.stem for each in RELEASED.glob("*.sql")} >= versions - {VERSION, "Unreleased"}


@pytest.mark.parametrize("version", ["0.1.0", "0.4.0"])
def test_the_file_of_an_older_version_verifies_before_it_was_ever_served(
    tmp_path: Path, version: str
) -> None:
    with closing(sqlite3.connect(tmp_path / "hall.db")) as file:
        file.executescript((RELEASED / f"{version}.sql").read_text("utf-8"))
    assert upkeep.verify(tmp_path / "hall.db", Config()) == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")
def test_an_upgrade_that_is_killed_leaves_the_old_file_or_the_new_one() -> None:
    told = upgrades(8, versions=["0.1.0", "0.3.0"])
    assert told.wrong == []
    assert told.old, "no kill came before the upgrade was there: the test proves nothing"
    assert told.new, "no kill came after it"
