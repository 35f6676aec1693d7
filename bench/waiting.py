"""The expected wait told with each ticket against what happened, in the demonstration's months."""

import statistics
import tempfile
from pathlib import Path
from typing import Any

from demo import life
from hall.config import from_dict
from hall.store import Store

TARGET = 0.25
# Who is called within five minutes has hardly waited: a minute would be hundreds of percent.
COUNTS_FROM = 5.0
GROUPS = (
    (0, 1, "nobody ahead"),
    (1, 3, "1-2 ahead"),
    (3, 6, "3-5 ahead"),
    (6, 999, "6 or more"),
)

TOLD_AND_TRUE = """
select ticket.wait_at_taking, visit.waited / 60000.0, ticket.ahead_at_taking
from ticket join visit on visit.ticket = ticket.id
where visit.waited is not null and ticket.wait_at_taking is not null
    and ticket.priority = '' and ticket.appointment is null
"""


def measure() -> dict[str, Any]:
    """Return the errors of all tickets whose owner waited, by how many were ahead."""
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "hall.db"
        config = from_dict({"hall": {"always_open": True, "name": "演示大厅"}})
        life.build(database, config, how_many_days=life.DAYS)
        store = Store(database, readonly=True)
        rows = store.rows(TOLD_AND_TRUE)
        store.close()
    waited = [each for each in rows if each[1] >= COUNTS_FROM]
    return {
        "tickets": len(rows),
        "at_once": sum(1 for told, true, _ in rows if true < COUNTS_FROM and told <= COUNTS_FROM),
        "short": sum(1 for _, true, _ in rows if true < COUNTS_FROM),
        "all": waited,
        "groups": {
            name: [each for each in waited if least <= each[2] < past]
            for least, past, name in GROUPS
        },
    }


def error(rows: list[Any]) -> float:
    """Return the median absolute error as a share of the true wait."""
    return float(statistics.median(abs(told - true) / true for told, true, _ in rows))


def main() -> bool:
    """Print the errors and return whether the target is met."""
    seen = measure()
    told = statistics.median(abs(told - true) for told, true, _ in seen["all"])
    bias = statistics.mean(told - true for told, true, _ in seen["all"])
    print(
        f"waiting: {seen['tickets']:,} tickets; of {seen['short']:,} called within "
        f"{COUNTS_FROM:.0f} minutes {seen['at_once'] / seen['short']:.0%} were told so; the other "
        f"{len(seen['all']):,}: median error {error(seen['all']):.0%} of the true wait "
        f"(target <= {TARGET:.0%}), {told:.1f} minutes, mean {bias:+.1f}"
    )
    for name, rows in seen["groups"].items():
        if rows:
            print(f"  {name}: {error(rows):.0%} of {len(rows):,} waits")
    return error(seen["all"]) <= TARGET


if __name__ == "__main__":
    raise SystemExit(0 if main() else 1)
