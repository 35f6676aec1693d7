"""32 clerks call 100,000 times, one in ten transferred: none double, none skipped, order kept.

``python -m bench clerks``; ``tests/test_clerks_at_once.py`` is its short form.
"""

from itertools import count
from typing import Any

from bench import crowd, places
from bench.crowd import Answer, Ask, Person
from hall import days
from hall.store import Store

CALLS = 100_000
CLERKS = 32
IN_LINE = 2_000
EVERY = 10  # so many services end here, and one goes on to another window
TARGET_MS = 100.0


class Shift:
    """What all clerks together still have to do."""

    def __init__(self, calls: int, services: list[str], kiosk: str) -> None:
        self.left = calls
        self.services = services
        self.kiosk = kiosk
        self.taps = count()
        self.called: list[tuple[int, int]] = []
        self.wrong: list[Any] = []

    def ticket(self) -> Ask:
        """Let another citizen come."""
        tap = next(self.taps)
        body = {"service": self.services[tap % len(self.services)], "tap": f"citizen-{tap:08d}"}
        return Ask("ticket", "/api/v1/tickets", self.kiosk, body)


def citizens(shift: Shift, how_many: int) -> Person:
    """Let people come before the windows open."""
    for _ in range(how_many):
        answer = yield shift.ticket()
        if answer.status != 201:
            shift.wrong.append(answer)


def clerk(shift: Shift, window: int, key: str) -> Person:
    """Call, serve or send on, until the shift is over; for each who goes somebody comes."""

    def ask(verb: str, **body: Any) -> Ask:
        return Ask(verb, f"/api/v1/windows/{window}/{verb}", key, body)

    while shift.left > 0:
        shift.left -= 1
        answer = yield ask("calls")
        if answer.status != 201:
            shift.wrong.append(answer)
            return
        shift.called.append((answer.told["call"], answer.told["ticket"]))
        answers = [(yield ask("start"))]
        if answer.told["call"] % EVERY:
            answers.append((yield ask("finish", outcome="completed")))
            answers.append((yield shift.ticket()))
        else:
            other = next(each for each in shift.services if each != answer.told["service"])
            answers.append((yield ask("transfer", service=other, reason="还要办另一项")))
        shift.wrong += [each for each in answers if not _is_good(each)]


def _is_good(answer: Answer) -> bool:
    return answer.status in (200, 201)


def run(calls: int, clerks: int = CLERKS, in_line: int = IN_LINE) -> dict[str, Any]:
    """Let the clerks work; return how long calls took and every promise that was broken."""
    with places.hall() as hall:
        shift, windows = _prepared(hall, calls, clerks)
        crowd.run(hall.port, [citizens(shift, in_line // 8) for _ in range(8)])
        took = crowd.run(
            hall.port, [clerk(shift, window, hall.key("window", window)) for window in windows]
        )
        store = Store(hall.database, readonly=True)
        try:
            broken = [*broken_promises(store), *(f"refused: {each}" for each in shift.wrong[:5])]
        finally:
            store.close()
    if len(set(shift.called)) != calls:
        broken.append(f"{calls} calls were asked for, {len(set(shift.called))} answered")
    return {
        "calls": len(shift.called),
        "p50_ms": crowd.at(took["calls"], 0.5),
        "p99_ms": crowd.at(took["calls"], 0.99),
        "broken": broken,
    }


def _prepared(hall: places.HallPlace, calls: int, clerks: int) -> tuple[Shift, list[int]]:
    """Let the first windows serve the same two services, and open them."""
    from dataclasses import replace

    from hall.register import Register

    store = Store(hall.database)
    register = Register(store, days.now)
    services = list(hall.services[:2])
    windows = list(hall.windows[:clerks])
    for no in windows:
        register.save(replace(register.catalogue().window[no], services=tuple(services)))
    kiosk = register.mint_key("kiosk", "bench crowd")[1]
    store.close()

    def opens(no: int) -> Person:
        yield Ask("open", f"/api/v1/windows/{no}/open", hall.key("window", no), {})

    crowd.run(hall.port, [opens(no) for no in windows])
    return Shift(calls, services, kiosk), windows


def broken_promises(store: Store) -> list[str]:
    """Return what is wrong with the record of the calls."""
    told = {
        "called at two windows at once": """
            select one.ticket from visit one join visit other
            on other.ticket = one.ticket and other.id > one.id
                and other.called_at < one.ended_at and one.state != 'transferred'
        """,
        "served twice": """
            select ticket from visit where state = 'done' group by ticket having count(*) > 1
        """,
        "called before an earlier one of the same line": """
            select later.ticket from (
                select id, ticket, lag(ticket) over (partition by service order by id) as before
                from visit where basis in ('arrival', 'fairness')
            ) later where later.ticket < later.before
        """,
        "skipped": """
            select waits.id from ticket waits where waits.state = 'waiting'
                and waits.id < (
                    select max(visit.ticket) from visit
                    where visit.service = waits.service and basis = 'arrival'
                )
                and not exists (select 1 from visit where visit.ticket = waits.id)
        """,
    }
    return [
        f"{len(rows)} {what}, such as ticket {rows[0][0]}"
        for what, query in told.items()
        if (rows := store.rows(query))
    ]


def main() -> bool:
    """Print the figures and return whether all promises and the target are kept."""
    seen = run(CALLS)
    for sentence in seen["broken"]:
        print(f"clerks: BROKEN: {sentence}")
    print(
        f"clerks: {seen['calls']:,} calls by {CLERKS} clerks, one in {EVERY} transferred, "
        f"{IN_LINE:,} in line: {len(seen['broken'])} promises broken; "
        f"p50 {seen['p50_ms']:.1f} ms, p99 {seen['p99_ms']:.1f} ms (target <= {TARGET_MS:.0f})"
    )
    return not seen["broken"] and bool(seen["p99_ms"] <= TARGET_MS)
