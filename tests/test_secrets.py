"""Secrets come from files or the environment, are shown nowhere, and no hall begins with one."""

from pathlib import Path

import pytest
from halls import MovedClock

from hall import config
from hall.config import BadConfig
from hall.register import Register
from hall.secret_settings import SECRET
from hall.store import Store
from manager.workbook import read
from readiness import judging

HOUSE = Path(__file__).resolve().parents[1]
TOKEN = "wecombot://a-secret-token"


def written(folder: Path, text: str, mode: int = 0o600) -> Path:
    file = folder / "config.toml"
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return file


def test_a_secret_is_taken_from_the_environment_or_a_file_beside_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HALL_GROUP", TOKEN)
    (tmp_path / "group").write_text("dingtalk://another\n", encoding="utf-8")
    told = config.load(written(tmp_path, '[notify]\nstaff = ["env:HALL_GROUP", "file:group"]'))
    assert told.notify.staff == [TOKEN, "dingtalk://another"]


@pytest.mark.parametrize("said", ["env:HALL_NOBODY_SET_THIS", "file:not-there"])
def test_a_secret_that_is_not_there_stops_the_start_and_names_the_setting(
    tmp_path: Path, said: str
) -> None:
    with pytest.raises(BadConfig, match=r"\[notify\.citizen\]"):
        config.load(written(tmp_path, f'[notify]\ncitizen = "{said}"'))


def test_a_secret_is_in_no_message_about_a_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HALL_GROUP", "no address but a-secret-token")
    with pytest.raises(BadConfig) as refused:
        config.load(written(tmp_path, '[notify]\nstaff = ["env:HALL_GROUP"]'))
    assert "a-secret-token" not in str(refused.value)


def test_a_secret_is_not_in_what_the_settings_say_of_themselves(tmp_path: Path) -> None:
    told = config.load(written(tmp_path, f'[notify]\nstaff = ["{TOKEN}"]'))
    assert told.notify.staff == [TOKEN]
    assert "a-secret-token" not in repr(told)
    for section, name in SECRET:
        assert getattr(getattr(config.Config(), section), name) in ("", [])


@pytest.mark.parametrize(
    ("said", "mode", "open_to_all"),
    [
        (TOKEN, 0o644, ("notify.staff",)),
        (TOKEN, 0o600, ()),
        ("env:HALL_GROUP", 0o644, ()),
    ],
)
def test_a_secret_that_everybody_may_read_is_noted(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    said: str,
    mode: int,
    open_to_all: tuple[str, ...],
) -> None:
    monkeypatch.setenv("HALL_GROUP", TOKEN)
    told = config.load(written(tmp_path, f'[notify]\nstaff = ["{said}"]', mode))
    assert told.open_secrets == open_to_all
    assert "a-secret-token" not in judging.open_secrets(["notify.staff"]).line()


def test_a_new_hall_has_nobody_who_could_sign_in_and_no_key(tmp_path: Path) -> None:
    store = Store(tmp_path / "hall.db")
    register = Register(store, MovedClock())
    register.make_hall("新的大厅", demo=False)
    register.adopt(read((HOUSE / "demo" / "hall.xlsx").read_bytes()))
    assert len(register.catalogue().people) > 50
    assert register.tables.with_password() == frozenset()
    assert register.tables.key_hashes() == {}
    store.close()
