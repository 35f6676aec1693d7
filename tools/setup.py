"""Prepare this folder: `.venv` with the pinned packages, and what the tests need of the system.

    python3 tools/setup.py            what the hall needs
    python3 tools/setup.py test       that, what the tests need, Chromium and Chinese fonts
    python3 tools/setup.py pins       make requirements*.txt again from pyproject.toml

Called by the Makefile; on Windows by hand (`py tools\\setup.py`). Standard library only, since it
runs before anything is installed. A second call finds everything in place and takes no time:
`.venv` keeps the hash of each requirements file that was installed whole.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import re
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
WINDOWS = os.name == "nt"
PYTHON = VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")

OLDEST = (3, 11)
RUNTIME = ROOT / "requirements.txt"
TEST = ROOT / "requirements-test.txt"  # holds the runtime too, in the same versions

# The first that is there drives the browser tests. Without a window to draw, a fresh browser costs
# a tenth of what it costs Chromium: 0.1 s of a core instead of one. Chrome and Edge on Windows and
# macOS are not on the path.
WINDOWLESS = "chromium-headless-shell"
BROWSERS = (
    WINDOWLESS,
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)
BROWSER_PLACES = (
    "{PROGRAMFILES}/Google/Chrome/Application/chrome.exe",
    "{PROGRAMFILES(X86)}/Google/Chrome/Application/chrome.exe",
    "{PROGRAMFILES(X86)}/Microsoft/Edge/Application/msedge.exe",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


class CannotPrepare(Exception):
    """Something a person must do first; the message is the one line that says what."""


def output(*command: str | Path) -> str | None:
    """Return what a command prints, or None if it fails or is not there."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def run(*command: str | Path, or_else: str) -> None:
    """Run a command that asks nothing; where it fails, show its words and say `or_else`."""
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        print(done.stdout, file=sys.stderr)
        raise CannotPrepare(or_else)


# Chromium and the fonts


def find_chromium() -> str | None:
    """Return the path of the system's Chromium, Chrome or Edge, or None."""
    on_path = (shutil.which(name) for name in BROWSERS)
    elsewhere = (place.replace("{", "%").replace("}", "%") for place in BROWSER_PLACES)
    known = (str(path) for path in map(os.path.expandvars, elsewhere) if Path(path).is_file())
    return next((path for path in (*on_path, *known) if path), None)


def has_chinese_fonts() -> bool:
    """Tell whether the system can show Chinese that the vendored font lacks."""
    return bool(sys.platform != "linux" or (output("fc-list", ":lang=zh-cn") or "").strip())


def has_library(name: str) -> bool:
    """Tell whether the system has a shared library; other systems than Linux bring their own."""
    try:
        return sys.platform != "linux" or bool(ctypes.CDLL(name))
    except OSError:
        return False


def missing_for_tests() -> dict[str, tuple[str, ...]]:
    """Return what is missing, each with the packages that may bring it, the best first."""
    missing: dict[str, tuple[str, ...]] = {}
    if find_chromium() is None:
        missing["Chromium (or Chrome)"] = (WINDOWLESS, "chromium", "chromium-browser")
    if not has_chinese_fonts():
        missing["Chinese fonts"] = ("fonts-noto-cjk",)
    if not has_library("libatomic.so.1"):  # the Node inside Playwright wants it
        missing["libatomic"] = ("libatomic1",)
    return missing


def prepare_system() -> None:
    """Bring Chromium and the fonts, through apt-get where this user may."""
    if missing := missing_for_tests():
        install_packages(missing)
    elif shutil.which(WINDOWLESS) is None and is_offered(WINDOWLESS) and as_root() is not None:
        with suppress(CannotPrepare):  # the tests only take longer without it
            install_packages({"a Chromium without windows": (WINDOWLESS,)})
    if missing := missing_for_tests():
        raise CannotPrepare(f"Please install {' and '.join(missing)}, then run this again.")


# System packages


def install_packages(missing: dict[str, tuple[str, ...]]) -> None:
    """Install system packages for what is missing, or say in one line which ones to install."""
    what = " and ".join(missing)
    by_hand = " ".join(packages[0] for packages in missing.values())
    if shutil.which("apt-get") is None:
        raise CannotPrepare(f"Please install {what}, then run this again.")
    by_root = as_root()
    if by_root is None:
        raise CannotPrepare(f"Please run: sudo apt-get install {by_hand}   (for {what})")
    print(f"Installing {what} through apt-get ...", flush=True)
    apt_get = [*by_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    apt_get += ["-o", "DPkg::Lock::Timeout=300"]  # another apt-get may be at work
    output(*apt_get, "update")  # a mirror that is away does not matter if the lists are there
    names = [available(packages) for packages in missing.values()]
    run(
        *[*apt_get, "install", "--yes", "--no-install-recommends", *names],
        or_else=f"apt-get could not install {' '.join(names)}; its words are above.",
    )


def as_root() -> list[str] | None:
    """Return what to put before a command so that it runs as root without asking, or None."""
    if sys.platform != "win32" and os.geteuid() == 0:
        return []
    return ["sudo", "-n"] if output("sudo", "-n", "true") is not None else None


def available(packages: tuple[str, ...]) -> str:
    """Return the first package that this system has; Ubuntu's Chromium has another name."""
    return next(filter(is_offered, packages), packages[0])


def is_offered(package: str) -> bool:
    """Tell whether this system's package manager has a package."""
    told = output("apt-cache", "policy", package) or ""
    return bool(re.search(r"Candidate: (?!\(none\))\S", told))


# The virtual environment


def interpreter() -> str:
    """Return a Python that is new enough: this one, or another that is installed."""
    if sys.version_info >= OLDEST:
        return sys.executable
    newer = (shutil.which(f"python3.{minor}") for minor in range(20, OLDEST[1] - 1, -1))
    for path in newer:
        if path:
            return path
    raise CannotPrepare(f"Please install Python 3.{OLDEST[1]} or newer (this is {version()}).")


def version(python: str | Path = sys.executable) -> str:
    """Return a Python's version, or '' if it does not run or has no pip."""
    asked = "import sys, pip; print(sys.version.split()[0])"
    return (output(python, "-c", asked) or "").strip()


def make_venv() -> None:
    """Make `.venv` anew, with pip in it."""
    python = interpreter()
    if output(python, "-c", "import ensurepip, venv") is None:
        install_packages({"Python's venv": venv_packages(python)})
    if VENV.exists():
        shutil.rmtree(VENV)
    run(python, "-m", "venv", VENV, or_else=f"{python} could not make .venv; its words are above.")


def venv_packages(python: str) -> tuple[str, ...]:
    """Return the Debian packages that hold the venv of this Python."""
    number = output(python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])") or ""
    return (f"python{number.strip()}-venv", "python3-venv")


def stamp(requirements: Path) -> Path:
    """Return the file that tells which pins were installed whole."""
    return VENV / f".{requirements.stem}-installed"


def wanted(requirements: Path) -> str:
    """Return what the stamp must say: this Python, these pins."""
    pins = requirements.read_bytes().replace(b"\r\n", b"\n")
    return f"{version(PYTHON)} {hashlib.sha256(pins).hexdigest()}"


def prepare_venv(requirements: Path) -> None:
    """Install the pins into `.venv` unless they are there."""
    if not version(PYTHON):  # none yet, or its Python has gone with an upgrade of the system
        make_venv()
    want = wanted(requirements)
    if stamp(requirements).is_file() and stamp(requirements).read_text("utf-8") == want:
        return
    count = len(re.findall(r"^\S+==", requirements.read_text("utf-8"), re.MULTILINE))
    print(f"Installing {count} packages into .venv (about a minute) ...", flush=True)
    pip = [str(PYTHON), "-m", "pip", "--no-input", "--disable-pip-version-check", "install"]
    run(
        *[*pip, "--require-hashes", "--no-deps", "-r", str(requirements)],
        or_else="pip could not install the packages; its words are above.",
    )
    stamp(requirements).write_text(want, "utf-8")
    if requirements == TEST:
        stamp(RUNTIME).write_text(wanted(RUNTIME), "utf-8")


# The pins


def make_pins() -> None:
    """Make requirements.txt and requirements-test.txt again from pyproject.toml.

    uv is used because its files hold for every system and Python at once; it is not needed to
    install them. Neither file names an address a package comes from.
    """
    place = ROOT / "build" / "pins"
    subprocess.run([interpreter(), "-m", "venv", str(place)], check=True)
    tools = place / ("Scripts" if WINDOWS else "bin")
    subprocess.run([str(tools / "python"), "-m", "pip", "install", "--quiet", "uv"], check=True)
    compiling = [str(tools / "uv"), "pip", "compile", "--universal", "--python-version", "3.11"]
    compiling += ["--generate-hashes", "--no-emit-index-url", "--no-header", "--quiet", "--upgrade"]
    subprocess.run([*compiling, "pyproject.toml", "-o", RUNTIME.name], cwd=ROOT, check=True)
    with_tests = ["pyproject.toml", "--extra", "test", "-c", RUNTIME.name, "-o", TEST.name]
    subprocess.run([*compiling, *with_tests], cwd=ROOT, check=True)


def main(what: str) -> None:
    """Prepare for running, for testing, or make the pins."""
    if what == "pins":
        make_pins()
        return
    prepare_venv(TEST if what == "test" else RUNTIME)
    if what == "test":
        prepare_system()


if __name__ == "__main__":
    try:
        main(sys.argv[1] if len(sys.argv) > 1 else "runtime")
    except CannotPrepare as trouble:
        sys.exit(str(trouble))
