"""The installer as it lies in a bundle: whole, alone with Python, and leaving no trace there."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from test_architecture import Module, module_name
from test_upgrade import HOUSE, make_bundle

from tools.bundle import copy_installer
from tools.installer.bundle import SUMS, check_bundle, problems_of, sums_of
from tools.installer.common import CannotInstall

PARTS = sorted((HOUSE / "tools" / "installer").glob("*.py"))


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A bundle with the installer in it, beside which Python may write what it compiles."""
    bundle = make_bundle(tmp_path / "stick", "0.5.0")
    tools = bundle / "code" / "tools"
    (tools / "installer").mkdir(parents=True)
    for part in [HOUSE / "tools" / "install.py", *PARTS]:
        shutil.copyfile(part, tools / part.relative_to(HOUSE / "tools"))
    copy_installer(bundle)
    sums = "".join(f"{total}  {name}\n" for name, total in sums_of(bundle).items())
    (bundle / SUMS).write_text(sums)
    return bundle


def check(bundle: Path, **said: str) -> str:
    """Run `install.py --check` as a person does, and return what it says."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [sys.executable, bundle / "install.py", "--check"],
        capture_output=True,
        encoding="utf-8",
        env={**own, "PYTHONUTF8": "1", **said},
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert (done.returncode == 0) == done.stdout.startswith("安装包完好")
    return done.stdout + done.stderr


def test_a_bundle_is_whole_however_often_its_installer_ran(bundle: Path) -> None:
    assert "安装包完好：0.5.0" in check(bundle)
    assert "安装包完好：0.5.0" in check(bundle)
    assert problems_of(bundle) == []


def test_an_installer_that_was_changed_or_added_to_is_refused(bundle: Path) -> None:
    with (bundle / "installer" / "upgrade.py").open("a") as opened:
        opened.write("# evil\n")
    (bundle / "installer" / "added.py").touch()
    told = check(bundle)
    assert "installer/upgrade.py 与校验值不符" in told
    assert "多出 installer/added.py" in told


@pytest.mark.parametrize("damage", ["away", "cut short", "zeros"])
def test_an_installer_that_was_not_copied_whole_says_so(bundle: Path, damage: str) -> None:
    part = bundle / "installer" / "upgrade.py"
    whole = part.read_bytes()
    match damage:
        case "away":
            part.unlink()
        case "cut short":
            part.write_bytes(whole[:3000])
        case "zeros":
            part.write_bytes(bytes(len(whole)))
    assert "安装包不完整，没有安装" in check(bundle)


def test_the_installer_is_the_bundles_own_whatever_this_machines_python_has(
    bundle: Path, tmp_path: Path
) -> None:
    (tmp_path / "others" / "installer").mkdir(parents=True)
    (tmp_path / "others" / "installer" / "__init__.py").write_text("raise SystemExit('another')")
    others = str(tmp_path / "others")
    assert "安装包完好" in check(bundle, PYTHONPATH=others, PYTHONSAFEPATH="1")


def test_an_older_python_hears_which_one_the_bundle_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Debian 11's 3.9 ended in a traceback: `hashlib.file_digest` came with 3.11."""
    monkeypatch.delattr(hashlib, "file_digest")
    with pytest.raises(CannotInstall, match=r"要 Python 3\.99"):
        check_bundle(make_bundle(tmp_path / "stick", "0.5.0", "3.99"))


def test_the_installer_needs_nothing_but_python() -> None:
    for part in [HOUSE / "tools" / "install.py", *PARTS]:
        module = Module(module_name(part), part.read_text("utf-8"))
        assert module.of_others <= {"installer"}, "what is installed is not there yet"
        assert {name for name in module.imports if name.startswith("tools.")} <= {
            f"tools.installer.{each.stem}" for each in PARTS
        }
        assert not module.of_the_house
