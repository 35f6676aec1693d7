"""What starts the hall with its machine, and the command that people are told to type."""

import configparser
import os
import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from commandline.words import parser
from hall import config
from hall.command import named, started
from readiness.clocks import UNKNOWN
from readiness.looking import Place, look
from safety.standing import standings
from tools.installer import installed

HOUSE = Path(__file__).resolve().parents[1]
UNIT = HOUSE / "deploy" / "hall.service"
TASK = HOUSE / "deploy" / "hall-task.xml"
NAMESPACE = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}


@pytest.fixture
def unit() -> configparser.ConfigParser:
    """The unit as systemd reads it."""
    read = configparser.ConfigParser(interpolation=None, strict=True)
    # configparser makes names small, systemd does not; the library says to set this attribute
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string(UNIT.read_text("utf-8"))
    return read


# -- the unit ----------------------------------------------------------------------------------


def test_the_unit_starts_the_command_there_is_and_tells_people_the_one_they_type(
    unit: configparser.ConfigParser,
) -> None:
    service = unit["Service"]
    program, script, *words = service["ExecStart"].split()
    assert program.startswith("/opt/hall/current/")
    assert (HOUSE / script.removeprefix("/opt/hall/current/")).is_file()
    assert parser().parse_args(words).command == "serve"
    said = dict(each.split("=", 1) for each in service["Environment"].split())
    assert said["HALL_CONFIG"] == "/opt/hall/config.toml"
    assert said["HALL_COMMAND"] == "/opt/hall/hall"
    assert "\nexport HALL_CONFIG" in installed.HALL_SH


def test_a_hall_that_falls_is_started_again_for_as_long_as_it_takes(
    unit: configparser.ConfigParser,
) -> None:
    service = unit["Service"]
    assert (service["Type"], service["Restart"]) == ("notify", "always")
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"
    assert int(service["WatchdogSec"]) >= 10
    assert service["User"] == "hall", "never root"


def test_the_units_sandbox_leaves_chromium_what_it_prints_with(
    unit: configparser.ConfigParser,
) -> None:
    service = unit["Service"]
    # its JavaScript writes code, and its own sandbox is made of namespaces
    assert "MemoryDenyWriteExecute" not in service
    assert "RestrictNamespaces" not in service
    # tried: without /proc/cpuinfo Debian's says that the hardware is too old
    assert "ProcSubset" not in service
    allowed = service["SystemCallFilter"].split()
    assert {"@system-service", "chroot", "unshare", "setns"} <= set(allowed)
    assert "AF_UNIX" in service["RestrictAddressFamilies"]
    assert "AF_NETLINK" in service["RestrictAddressFamilies"]


@pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="only a machine with systemd can ask it (-ra tells)"
)
def test_systemd_has_nothing_to_say_about_the_unit(tmp_path: Path) -> None:
    # the programs it names are not on this machine
    text = UNIT.read_text("utf-8").replace("/opt/hall/current/.venv/bin/python", "/bin/true")
    (tmp_path / "hall.service").write_text(text, "utf-8")
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / "hall.service"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
    )
    assert (told.returncode, told.stdout + told.stderr) == (0, "")


def test_the_windows_task_starts_with_the_machine_and_is_never_ended() -> None:
    task = ElementTree.fromstring(TASK.read_text("utf-8").partition("?>")[2])
    assert task.find("t:Triggers/t:BootTrigger/t:Enabled", NAMESPACE) is not None
    assert task.findtext("t:Settings/t:ExecutionTimeLimit", "", NAMESPACE) == "PT0S"
    command = task.findtext("t:Actions/t:Exec/t:Command", "", NAMESPACE)
    assert command == "C:\\hall\\hall-service.cmd"
    assert 'hall.cmd" serve' in installed.SERVICE_CMD


# -- the command people are told ---------------------------------------------------------------


def test_an_installed_halls_sentences_name_its_own_command() -> None:
    own = {"HALL_COMMAND": "/opt/hall/hall"}
    assert named("运行 server.py check", own) == "运行 /opt/hall/hall check"
    assert named("运行 server.py check", {}) == "运行 server.py check"
    assert named("/srv/server.py is a file", own) == "/srv/server.py is a file"
    assert started(own) == "/opt/hall/hall"
    assert started({}).endswith(" server.py")


def test_the_report_of_a_service_tells_people_what_they_can_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HALL_COMMAND", "/opt/hall/hall")
    place = Place(tmp_path / "hall.db", config.Config(), lambda _: {})
    told = [each.todo for each in look(place, 0, UNKNOWN)]
    assert any("/opt/hall/hall import" in each for each in told)
    (tmp_path / "hall.db.safety").write_text('{"damage": "page 7"}')
    told += [each.todo for each in standings(tmp_path / "hall.db", config.Config(), 0)]
    assert any("/opt/hall/hall restore --newest" in each for each in told)
    assert not [each for each in told if "server.py" in each]
    assert "/opt/hall/hall" in parser().format_help()


# -- what the papers say to type -----------------------------------------------------------------

TYPED = re.compile(r"(?:server\.py|\./hall|/opt/hall/hall) +([a-z][a-z-]*)([^`\n#（，。；、]*)")
PAPERS = [HOUSE / "README.md", HOUSE / "README.zh.md", *sorted((HOUSE / "docs").glob("*.md"))]


def commands_in(paper: Path) -> list[tuple[str, list[str]]]:
    """Return the commands a paper names, each with its options."""
    found = TYPED.findall(paper.read_text("utf-8"))
    return [(command, re.findall(r"--[a-z][a-z-]*", rest)) for command, rest in found]


@pytest.mark.parametrize(
    "paper", [*PAPERS, UNIT.with_name("README.md")], ids=lambda each: each.name
)
def test_every_command_a_paper_names_is_one_the_hall_has(paper: Path) -> None:
    (inside,) = [each for each in parser()._actions if hasattr(each, "choices") and each.choices]
    # argparse has no other way to say which commands it knows; its stubs call choices an iterable
    for command, options in commands_in(paper):
        assert command in inside.choices, f"{paper.name}: {command}"  # type: ignore[operator]
        known = inside.choices[command]._option_string_actions  # type: ignore[index]
        assert set(options) <= set(known), f"{paper.name}: {command} {options}"


def test_the_papers_of_the_first_day_and_of_backups_name_what_they_are_about() -> None:
    first_day = {command for command, _ in commands_in(HOUSE / "docs" / "first-day.md")}
    assert {"import", "admin", "check", "certificate"} <= first_day
    backup = commands_in(HOUSE / "docs" / "backup.md")
    assert ("restore", ["--newest"]) in backup
    assert ("restore", ["--drill"]) in backup
