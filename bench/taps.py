"""10,000 double and triple taps at the same moment: one ticket each.

``python -m bench taps``; ``tests/test_double_taps.py`` is its short form.
"""

from collections import defaultdict
from string import ascii_uppercase
from typing import Any

from bench import crowd, places
from bench.crowd import Ask, Person
from hall.store import Store

TAPS = 10_000
AT_ONCE = 96


def finger(key: str, service: str, taps: list[str], told: dict[str, list[Any]]) -> Person:
    """Tap on and on; several fingers tap the same."""
    for tap in taps:
        answer = yield Ask("tap", "/api/v1/tickets", key, {"service": service, "tap": tap})
        told[tap].append((answer.status, answer.told.get("id"), answer.told.get("number")))


def run(taps: int, at_once: int = AT_ONCE) -> dict[str, Any]:
    """Tap everything two or three times at once; return what was answered and stored."""
    told: dict[str, list[Any]] = defaultdict(list)
    with places.hall() as hall:
        key, service = hall.key("kiosk"), hall.services[0]
        fingers = []
        for hand in range(at_once // 3):
            mine = [f"finger-{tap:08d}" for tap in range(hand, taps, at_once // 3)]
            fingers += [finger(key, service, mine, told), finger(key, service, mine, told)]
            fingers.append(finger(key, service, mine[::2], told))
        crowd.run(hall.port, fingers)
        store = Store(hall.database, readonly=True)
        try:
            (stored,) = store.row("select count(*) from ticket")
            numbers = store.rows("select number from ticket order by sequence")
        finally:
            store.close()
    two_tickets = [tap for tap, answers in told.items() if len({each[1:] for each in answers}) > 1]
    not_one_new = [tap for tap, answers in told.items() if [e[0] for e in answers].count(201) != 1]
    wrong = [tap for tap, answers in told.items() if {e[0] for e in answers} - {200, 201}]
    gaps = [
        place
        for place, (number,) in enumerate(numbers, 1)
        if int(number.lstrip(ascii_uppercase)) != place
    ]
    broken: dict[str, list[Any]] = {
        "gave two tickets": two_tickets,
        "gave not exactly one new ticket": not_one_new,
        "was refused": wrong,
        "left a gap in the numbers": gaps,
    }
    return {
        "taps": sum(map(len, told.values())),
        "asked": taps,
        "tickets": stored,
        "broken": [f"{len(found)} {what}" for what, found in broken.items() if found],
    }


def main() -> bool:
    """Print what happened and return whether each tap gave one ticket."""
    seen = run(TAPS)
    print(
        f"taps: {seen['asked']:,} taps came {seen['taps']:,} times and gave {seen['tickets']:,} "
        f"tickets; broken: {'; '.join(seen['broken']) or 'nothing'}"
    )
    return not seen["broken"] and bool(seen["tickets"] == seen["asked"])
