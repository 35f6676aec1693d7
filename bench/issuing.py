"""Tickets a second over HTTP, against a bare Flask route that commits one row with FULL."""

import json
import statistics
import subprocess
import sys
from typing import Any

from bench import places

CLIENTS = 32
SECONDS = 4.0
PAIRS = 5
TARGET = 0.6


def crowd(place: places.Place, path: str, key: str, bodies: list[dict[str, str]]) -> Any:
    """Let the crowd tap for a while and return what it saw."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "bench.tapping"),
            *(str(place.port), str(CLIENTS), str(SECONDS), path, key),
        ],
        input="\n".join(json.dumps(each) for each in bodies),
        capture_output=True,
        text=True,
        cwd=places.HOUSE,
        check=True,
    )
    return json.loads(done.stdout)


def measure() -> dict[str, Any]:
    """Return both rates, the ratio of each pair and their median."""
    pairs = []
    with places.hall() as hall, places.bare() as bare:
        key = hall.key("kiosk")
        taps = [{"service": each, "tap": "TAP"} for each in hall.services]
        crowd(hall, "/api/v1/tickets", key, taps)  # both warm
        crowd(bare, "/rows", key, [{"text": "TAP"}])
        for _ in range(PAIRS):
            there = crowd(bare, "/rows", key, [{"text": "TAP"}])
            here = crowd(hall, "/api/v1/tickets", key, taps)
            assert not here["refused"]
            assert not there["refused"]
            pairs.append((here, there))
    rates = [[each["answers"] / each["seconds"] for each in pair] for pair in pairs]
    return {
        "tickets_per_second": statistics.median(here for here, _ in rates),
        "bare_rows_per_second": statistics.median(there for _, there in rates),
        "ratio": statistics.median(here / there for here, there in rates),
        "ratios": [round(here / there, 2) for here, there in rates],
        "p99_ms": statistics.median(here["p99_ms"] for here, _ in pairs),
        "bare_p99_ms": statistics.median(there["p99_ms"] for _, there in pairs),
    }


def main() -> bool:
    """Print the figures and return whether the target is met."""
    seen = measure()
    print(
        f"issuing: {seen['tickets_per_second']:.0f} tickets/s (p99 {seen['p99_ms']:.0f} ms), "
        f"bare route {seen['bare_rows_per_second']:.0f} rows/s (p99 {seen['bare_p99_ms']:.0f} ms), "
        f"ratio {seen['ratio']:.2f} (target >= {TARGET}; pairs {seen['ratios']})"
    )
    return bool(seen["ratio"] >= TARGET)


if __name__ == "__main__":
    raise SystemExit(0 if main() else 1)
