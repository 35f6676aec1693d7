"""What the hall is built of is named, pinned and the same everywhere."""

from __future__ import annotations

import hashlib
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

LOCKS = {"uv.lock", "poetry.lock", "Pipfile.lock", "package-lock.json", "yarn.lock"}
# In parts, or this file would hold what it looks for.
REGISTRIES = [
    ".".join(parts)
    for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("debian", "org"))
]


def pins(file: str) -> dict[str, str]:
    """Return each package of a requirements file with its version."""
    text = (ROOT / file).read_text("utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)==([^\s;]+)", text, re.MULTILINE))


def files_of_the_project() -> list[Path]:
    """Return what is or would be committed; where there is no git, nothing."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        done = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return []
    names = done.stdout.decode("utf-8").split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-test.txt"])
def test_every_pin_carries_its_hashes_and_no_address(file: str) -> None:
    text = (ROOT / file).read_text("utf-8")
    blocks = re.split(r"^(?=\S)", text, flags=re.MULTILINE)
    pinned = [block for block in blocks if block and not block.startswith("#")]
    assert len(pinned) > 30
    assert not [block for block in pinned if not re.match(r"[a-z0-9._-]+==", block)]
    assert not [block for block in pinned if "--hash=sha256:" not in block]
    assert "://" not in text


def test_the_tests_run_with_the_versions_a_hall_runs_with() -> None:
    runtime = pins("requirements.txt")
    assert runtime.items() <= pins("requirements-test.txt").items()


def test_every_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    named = [re.split(r"[^A-Za-z0-9._-]", line)[0] for line in project["dependencies"]]
    for_tests = [
        re.split(r"[^A-Za-z0-9._-]", line)[0] for line in project["optional-dependencies"]["test"]
    ]
    assert set(named) <= set(pins("requirements.txt"))
    assert set(for_tests) <= set(pins("requirements-test.txt"))


def test_no_file_records_where_packages_come_from() -> None:
    found = []
    for path in files_of_the_project():
        if path.name in LOCKS:
            found.append(path.name)
        text = path.read_bytes()
        found += [f"{path.name}: {host}" for host in REGISTRIES if host.encode() in text]
    assert not found


@pytest.mark.parametrize("list_of_sums", ["static/vendor/VERSIONS.md", "static/fonts/README.md"])
def test_what_others_made_is_as_it_was_taken(list_of_sums: str) -> None:
    folder = (ROOT / list_of_sums).parent
    text = (ROOT / list_of_sums).read_text("utf-8")
    sums = {
        file: hashlib.sha256((folder / file).read_bytes()).hexdigest()
        for file in sorted(path.name for path in folder.iterdir())
        if not file.endswith((".md", ".txt"))
    }
    assert sums
    assert not [file for file, digest in sums.items() if file not in text or digest not in text]
