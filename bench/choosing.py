"""Who is next, out of 2,000 who wait: from the question to the answer, and with all of them."""

import statistics
import tempfile
import time
from pathlib import Path
from random import Random
from typing import Any

import demo
from hall import config, days, line
from hall.desk import Desk
from hall.line import AtWindow, InLine
from hall.register import Register
from hall.store import Store
from hall.tickets import Assisted, Booked

WAITING = 2_000
TIMES = 200
TARGET_MS = 5.0
WINDOW = 3


def measure() -> dict[str, Any]:
    """Return the medians and worst of the desk's choice and of the pure rule over everybody."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "hall.db")
        register = Register(store, days.now)
        register.make_hall(demo.HALL_NAME, demo=False)
        register.adopt(demo.catalogue())
        told = config.from_dict({"hall": {"always_open": True}})
        desk = Desk(store, register, told, days.now)
        desk.open(WINDOW)
        services = register.catalogue().window[WINDOW].services
        chance = Random(1)
        with store.transaction():
            for tap in range(WAITING):
                desk.issue(services[tap % len(services)], f"waiting-{tap:06d}", **_some(chance))
        desk_took = [_timed(lambda: desk.explain(WINDOW)) for _ in range(TIMES)]
        everybody = [InLine(*each) for each in store.rows(EVERYBODY)]
        at = AtWindow(WINDOW)
        now = days.now()
        rule_took = [_timed(lambda: line.choose(everybody, at, now)) for _ in range(TIMES)]
        store.close()
    return {"desk": desk_took, "rule": rule_took, "waiting": len(everybody)}


EVERYBODY = """
select id, number, service, coalesce(after, id), turn, priority, pinned, own_window, via, slot_at
from ticket where state = 'waiting'
"""


def _some(chance: Random) -> dict[str, Any]:
    """Return what one in five brings along: a priority class or an appointment."""
    kind = chance.random()
    if kind < 0.1:
        return {"assisted": Assisted(priority="elder", basis="老年证")}
    return {"booked": Booked(1, days.now())} if kind < 0.2 else {}


def _timed(act: Any) -> float:
    began = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - began)


def main() -> bool:
    """Print the figures and return whether the target is met."""
    seen = measure()
    desk, rule = statistics.median(seen["desk"]), statistics.median(seen["rule"])
    print(
        f"choosing: with {seen['waiting']:,} waiting for one window the desk's choice takes "
        f"{desk:.2f} ms (worst {max(seen['desk']):.2f}; target <= {TARGET_MS:.0f}), the pure rule "
        f"over all of them {rule:.2f} ms (worst {max(seen['rule']):.2f})"
    )
    return bool(desk <= TARGET_MS and rule <= TARGET_MS)
