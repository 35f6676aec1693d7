"""Every setting is said once; the file, the docs and the code agree."""

from pathlib import Path

import pytest

from hall import config
from hall.config import BadConfig, Config

ROOT = Path(__file__).parent.parent


def test_the_shipped_file_holds_every_setting_with_its_default() -> None:
    shipped = ROOT / "config.toml"
    assert shipped.read_text(encoding="utf-8") == config.as_toml()
    assert config.load(shipped) == Config()


def test_without_a_file_the_defaults_hold() -> None:
    assert config.load(None).server.port == 8000


def test_all_mistakes_are_told_at_once_with_the_nearest_right_name() -> None:
    with pytest.raises(BadConfig) as bad:
        config.from_dict(
            {
                "hal": {},
                "hall": {"timezone": "Mars/Olympus", "public_url": "ftp://x"},
                "queue": {"recalls_mots": 3, "recall_apart_seconds": "soon"},
            }
        )
    lines = str(bad.value).splitlines()
    assert len(lines) == 5
    for told in (
        "“hall”",
        "“recalls_most”",
        "queue.recall_apart_seconds",
        "Mars/Olympus",
        "http://",
    ):
        assert any(told in line for line in lines), told


def test_a_hall_that_closes_before_it_opens_does_not_start() -> None:
    with pytest.raises(BadConfig, match="opens"):
        config.from_dict({"hall": {"opens": "18:00:00", "closes": "09:00:00"}})


@pytest.mark.parametrize(
    ("content", "told"), [("[hall", "TOML"), ("[hall]\nname = 3\n", "hall.name")]
)
def test_a_broken_file_is_named(tmp_path: Path, content: str, told: str) -> None:
    broken = tmp_path / "config.toml"
    broken.write_text(content, encoding="utf-8")
    with pytest.raises(BadConfig, match=told) as bad:
        config.load(broken)
    assert str(broken) in str(bad.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="打不开"):
        config.load(tmp_path / "nowhere.toml")


def test_the_docs_tell_every_setting() -> None:
    told = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert told == config.as_markdown()
