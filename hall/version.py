"""Which version this house is: what pyproject.toml says."""

import tomllib
from pathlib import Path

_PAPER = Path(__file__).resolve().parent.parent / "pyproject.toml"
VERSION: str = tomllib.loads(_PAPER.read_text("utf-8"))["project"]["version"]
