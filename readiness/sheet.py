"""The report on one sheet of A4, for the morning's folder: set without a server as well."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from readiness.findings import WORDS, Finding, count, grouped, summary, verdict

HOUSE = Path(__file__).resolve().parent.parent
TEMPLATE = "readiness/sheet.html"


def words(
    findings: Sequence[Finding], hall: str, at: str, who: str, *, demo: bool, version: str
) -> dict[str, Any]:
    """Return what the page and the sheet say; ``at`` is the moment as people write it."""
    return {
        "hall": hall,
        "at": at,
        "who": who,
        "demo": demo,
        "version": version,
        "groups": grouped(findings),
        "counts": count(findings),
        "state_words": WORDS,
        "summary": summary(findings),
        "verdict": verdict(findings),
    }


def file_name(hall: str, day: str, *, demo: bool) -> str:
    """Return what the PDF is called."""
    return f"{hall}开门检查-{day}{'（演示）' if demo else ''}.pdf"
