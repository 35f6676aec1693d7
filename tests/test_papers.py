"""The papers of the house say what the house does: versions, commands, rooms."""

import re
import tomllib
from pathlib import Path

import pytest
from test_architecture import ROOMS

from commandline.main import COMMANDS, WITH_AN_APP

HOUSE = Path(__file__).resolve().parents[1]


def read(name: str) -> str:
    return (HOUSE / name).read_text(encoding="utf-8")


def test_the_version_is_the_newest_of_the_changelog() -> None:
    newest = re.search(r"^## (\d+\.\d+\.\d+)", read("CHANGELOG.md"), re.MULTILINE)
    assert newest
    assert tomllib.loads(read("pyproject.toml"))["project"]["version"] == newest[1]


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_a_readme_names_every_command(name: str) -> None:
    """Found by a stranger: webhook, province, tags and two more were in the help alone."""
    told = re.search(r"`(serve demo [a-z -]+)`", read(name))
    assert told
    assert set(told[1].split()) == {*WITH_AN_APP, *COMMANDS}


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "docs/house.md"])
def test_the_plan_of_the_house_names_every_room(name: str) -> None:
    plan = read(name)
    missing = [room for room in ROOMS if not re.search(rf"\b{room}\b", plan)]
    assert missing == []
