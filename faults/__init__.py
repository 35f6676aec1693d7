"""Proofs too long for the tests: ``python -m faults NAME``; each has a short form in ``tests/``."""

import sys
from pathlib import Path

# a real server, started and killed, is the tests' own
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
