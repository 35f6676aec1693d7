"""A hundred thousand rows taken out while the hall calls: memory, seconds, and what calls feel."""

import json
import time
from datetime import date
from datetime import time as wall_time
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from bench import places
from bench.calling import CALLS_A_ROUND, Wall, at, calls, fill_the_line, wall
from hall import config, days
from hall.store import Store
from rating.tally_store import Tallies

ROWS = 100_000
ROUNDS = 5
TARGET_MS = 60.0
TARGET_MB = 150.0
FIRST_DAY, LAST_DAY = "2025-01-06", "2025-12-31"
FIRST_ID = 1_000_000
PATIENCE_SECONDS = 600
SETTINGS = config.from_dict({"hall": {"always_open": True}})

# Half visits, half ratings; windows, services and levels by plain arithmetic.
FILL = (
    "insert or ignore into business_day (day, opened_at) values (:day, :first)",
    """
    create temp table made as
    with recursive n (id) as (select 0 union all select id + 1 from n where id < :visits - 1),
    place as (
        select window.no as window, min(window_service.service) as service,
            (select staff_number from person where person.window = window.no limit 1) as clerk,
            row_number() over (order by window.no) - 1 as nth, count(*) over () as many
        from window join window_service on window_service.window = window.no
        where window.active = 1 group by window.no
    )
    select :id + n.id as id, place.window, place.service, place.clerk,
        :first + n.id * (:span / :visits) as ended_at
    from n join place on place.nth = n.id % place.many
    """,
    """
    insert into ticket (id, day, number, prefix, sequence, service, state, taken_at, language,
        source, window, called_at, ended_at, ahead_at_taking, tap)
    select id, :day, 'A' || id, 'A', id, service, 'done', ended_at - 1500000, 'zh', 'kiosk',
        window, ended_at - 600000, ended_at, 3, 'filled-' || id
    from made
    """,
    """
    insert into visit (id, ticket, day, service, window, clerk, called_at, shown_at, waited,
        started_at, ended_at, outcome, state)
    select id, id, :day, service, window, clerk, ended_at - 600000, ended_at - 600000,
        (id * 7919) % 2400000, ended_at - 580000, ended_at, 'completed', 'done'
    from made
    """,
    """
    insert into rating (visit, level, channel, text, at, window, clerk, service)
    select id, case when id % 5 = 0 then 'satisfied' else 'very_satisfied' end,
        case when id % 9 = 0 then 'qr' else 'evaluator' end,
        case when id % 7 = 0 then '工作人员很耐心，等候时间不长，谢谢。' else '' end,
        ended_at + 9000, window, clerk, service
    from made
    """,
)


def fill(store: Store, rows: int) -> None:
    """Write so many rows of a year: a visit and its rating in turn."""
    first = days.instant_of(FIRST_DAY, wall_time(9), SETTINGS.hall.zone)
    span = (date.fromisoformat(LAST_DAY) - date.fromisoformat(FIRST_DAY)).days * days.DAY
    values = {
        "visits": rows // 2,
        "first": first,
        "span": span,
        "id": FIRST_ID,
        "day": FIRST_DAY,
    }
    with Tallies(store).counted_at_the_end():
        for statement in FILL:
            told = {name: value for name, value in values.items() if f":{name}" in statement}
            store.connection.execute(statement, told)
        store.connection.execute("drop table made")


def measure() -> dict[str, Any]:
    """Return the milliseconds of calls with and without an export, and what the export took."""
    with places.hall() as hall, wall(hall) as ask:
        store = Store(hall.database)
        fill(store, ROWS)
        store.close()
        window = next(each for each in places.windows_of(places.ZONE))
        keys = {role: hall.key(role) for role in ("kiosk", "window", "display", "manager")}
        ask(auth={"key": keys["display"]}, watch={"zone": places.ZONE})
        fill_the_line(ask, keys, window.no, window.services[0])
        quiet = _calls(ask, keys["window"], window.no)
        _ask(hall, keys["manager"])
        busy = _calls(ask, keys["window"], window.no)
        runs_on = _export(hall, keys["manager"])["state"] == "running"
        job = _wait(hall, keys["manager"])
        memory, seconds, rows = _told(hall)
    return {
        "quiet": quiet,
        "busy": busy,
        "runs_on": runs_on,
        "state": job["state"],
        "memory_mb": memory,
        "seconds": seconds,
        "rows": rows,
    }


def _calls(ask: Wall, key: str, window: int) -> list[float]:
    found = [told["last_ms"] for _ in range(ROUNDS) for told in calls(ask, key, window)]
    assert len(found) == ROUNDS * CALLS_A_ROUND
    return sorted(found)


def _ask(hall: places.HallPlace, key: str) -> None:
    form = {"kind": "raw", "form": "xlsx", "first": FIRST_DAY, "last": LAST_DAY, "words": "on"}
    _open(hall, key, "/reports/exports", urlencode({**form, "tap": "bench-export"}).encode())


def _open(hall: places.HallPlace, key: str, path: str, data: bytes | None = None) -> bytes:
    headers = {"Authorization": f"Bearer {key}", "Sec-Fetch-Site": "same-origin"}
    with urlopen(Request(f"{hall.address}{path}", data, headers)) as answer:
        return bytes(answer.read())


def _export(hall: places.HallPlace, key: str) -> dict[str, Any]:
    job: dict[str, Any] = json.loads(_open(hall, key, "/reports/exports.json"))["rows"][0]
    return job


def _wait(hall: places.HallPlace, key: str) -> dict[str, Any]:
    for _ in range(PATIENCE_SECONDS):
        job = _export(hall, key)
        if job["state"] != "running":
            return job
        time.sleep(1)  # a look a second: more would weigh on what is measured
    raise TimeoutError("the export did not end")


def _told(hall: places.HallPlace) -> tuple[float, float, int]:
    """Return what the journal says of the export: MB, seconds and rows."""
    store = Store(hall.database, readonly=True)
    try:
        (detail,) = store.row("select detail from journal where event = 'export_made'")
        asked_at, ended_at, rows = store.row("select asked_at, ended_at, rows from export_job")
    finally:
        store.close()
    return json.loads(detail)["memory_mb"], (ended_at - asked_at) / 1000, rows


def main() -> bool:
    """Print the figures and return whether the targets are met."""
    seen = measure()
    quiet, busy = at(0.99, seen["quiet"]), at(0.99, seen["busy"])
    print(
        f"exporting: {seen['rows']:,} rows as XLSX in {seen['seconds']:.0f} s beside calls, "
        f"{seen['memory_mb']:.0f} MB (target <= {TARGET_MB:.0f}); call -> last display p50 "
        f"{at(0.5, seen['busy']):.1f} ms, p99 {busy:.1f} ms (target <= {TARGET_MS:.0f}) during the "
        f"export, p50 {at(0.5, seen['quiet']):.1f} ms, p99 {quiet:.1f} ms without; "
        f"ratio p99 {busy / quiet:.2f}"
        f"{'' if seen['runs_on'] else '; the export ended before the calls did'}"
    )
    return bool(busy <= TARGET_MS and seen["memory_mb"] <= TARGET_MB and seen["rows"] == ROWS)


if __name__ == "__main__":
    raise SystemExit(0 if main() else 1)
