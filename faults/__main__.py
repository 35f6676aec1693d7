"""Proofs too long for the tests: ``python -m faults [NAME …] [--times N] [--quick]``.

Without a name all of them. ``--times`` says how often each is tried; ``--quick`` takes the small
sizes that ``make faults`` runs.
"""

import argparse
from collections.abc import Callable

from faults import clocks, copying, full, kill, malformed, power, soak, upgrading

# what proves it, and its small size: some minutes for all
PROOFS: dict[str, tuple[Callable[..., bool], int]] = {
    "clocks": (clocks.main, 50),
    "copying": (copying.main, 5),
    "full": (full.main, 40),
    "kill": (kill.main, 20),
    "malformed": (malformed.main, 3_000),
    "power": (power.main, 300),
    "soak": (soak.main, 2),
    "upgrading": (upgrading.main, 40),
}


def main(words: list[str] | None = None) -> int:
    """Prove what is named, or all; 1 when something does not hold."""
    parser = argparse.ArgumentParser(prog="python -m faults", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(PROOFS))
    parser.add_argument("--times", type=int, help="how often each is tried")
    parser.add_argument("--minutes", type=int, dest="times", help="the same, of soak")
    parser.add_argument("--quick", action="store_true", help="the small sizes")
    asked = parser.parse_args(words)
    if unknown := [name for name in asked.names if name not in PROOFS]:
        parser.error(f"no such proof: {', '.join(unknown)}; there are {', '.join(PROOFS)}")
    held = []
    for name in asked.names or PROOFS:
        prove, small = PROOFS[name]
        times = asked.times or (small if asked.quick else None)
        print(f"{name}:", flush=True)
        held.append(prove(times) if times else prove())
    return 0 if all(held) else 1


if __name__ == "__main__":
    raise SystemExit(main())
