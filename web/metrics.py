"""What /metrics tells, each with its unit; docs/monitoring.md says what to watch.

Three sources: what is counted as it happens, what the rooms know now, and what is asked of the file
and the disk – in a thread, since a disk that does not answer must not hold up the loop.
"""

import sys
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import Flask, Response, current_app, request
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from hall.days import SECOND
from hall.events import Event, TicketCalled, TicketTaken
from hall.store import Store
from hall.version import VERSION
from rating.events import ServiceRated
from readiness import asking
from readiness.looking import backups_of
from readiness.store import Asked, Backlog
from web.aside import in_thread
from web.current import Rooms, rooms

if TYPE_CHECKING:
    from web.keeping import Keeping

BEATS_A_MINUTE = 60
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

COUNTED = {TicketTaken: "tickets", TicketCalled: "calls", ServiceRated: "ratings"}
Row = tuple[tuple[str, ...], float]
# Every gauge: what it means, and its labels.
GAUGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "hall_info": ("Always 1; which program serves which file", ("version", "demo", "file")),
    "hall_waiting": ("Tickets that wait", ()),
    "hall_waiting_by_service": ("Tickets that wait, by service code", ("service",)),
    "hall_windows": ("Windows by state", ("state",)),
    "hall_sockets": ("Open sockets by role", ("role",)),
    "hall_loop_delay_seconds": ("Longest delay of the loop in the last minute", ()),
    "hall_device_seen_timestamp_seconds": (
        "When a device was last heard of, Unix time",
        ("device", "role", "name"),
    ),
    "hall_printers": ("Printers by what they last answered", ("condition",)),
    "hall_database_bytes": ("Size of the hall's file", ()),
    "hall_wal_bytes": ("Size of the write-ahead log beside it", ()),
    "hall_disk_free_bytes": ("Free space on the disk of the hall's file", ()),
    "hall_backup_age_seconds": ("Age of the newest backup; absent without one", ()),
    "hall_copy_behind_seconds": ("By how much the second disk is behind; absent without it", ()),
    "hall_backup_failed": ("1 when the last night's backup failed or broke a rule", ()),
    "hall_file_damaged": ("1 when damaged pages were found; absent before the look", ()),
    "hall_outbox_waiting": ("Deliveries to webhooks and notifiers that still wait", ()),
    "hall_outbox_oldest_seconds": ("Age of the oldest of them", ()),
    "hall_outbox_given_up": ("Deliveries that were given up", ()),
    "hall_province_waiting": ("Rows that still wait for the province's system", ()),
    "hall_province_oldest_seconds": ("Age of the oldest of them", ()),
    "hall_province_given_up": ("Rows that were given up", ()),
    "hall_export_jobs": ("Exports by state", ("state",)),
    "hall_readiness_findings": ("Findings of the last readiness report by state", ("state",)),
}
COUNTERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "hall_requests": ("HTTP requests by route and status", ("method", "route", "status")),
    "hall_tickets": ("Tickets taken since the start", ()),
    "hall_calls": ("Tickets called since the start", ()),
    "hall_ratings": ("Ratings given since the start", ()),
    "hall_audit_rows_lost": ("Rows the audit log could not take since the start", ()),
}
# What HTTP knows; a stranger makes up others, and each would be a line of /metrics for ever.
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})


@dataclass(frozen=True, slots=True)
class OfTheFile:
    """What is asked of the file and its disk."""

    outbox: Backlog
    province: Backlog
    exports: dict[str, int]
    size: int
    log: int
    free: int
    backup_at: int | None


class Metrics(Collector):
    """The figures of one app; a registry of its own, since tests run several apps."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests: dict[tuple[str, ...], int] = {}
        self._happened: Counter[str] = Counter()
        self._now: dict[str, list[Row]] = {}
        self._delays: deque[float] = deque((0.0,), maxlen=BEATS_A_MINUTE)
        self.registry.register(self)
        if sys.platform == "linux":
            ProcessCollector(registry=self.registry)

    def count(self, answer: Response) -> Response:
        """Count an answer under its route, never under an address somebody made up."""
        route = request.url_rule.rule if request.url_rule else "none"
        # no Counter of the library's: its lock costs a tap more than a statement
        method = request.method if request.method in METHODS else "other"
        key = (method, route, str(answer.status_code))
        self._requests[key] = self._requests.get(key, 0) + 1
        return answer

    def heard(self, event: Event) -> None:
        """Count tickets, calls and ratings as they happen."""
        if name := COUNTED.get(type(event)):
            self._happened[name] += 1

    def note_delay(self, seconds: float) -> None:
        """Note by how much a beat of the clock came late; told is the worst of a minute."""
        self._delays.append(seconds)

    def collect(self) -> Iterator[Metric]:
        """Hand everything to the registry, also what has no value yet."""
        counted: dict[str, Iterable[Row]] = {"hall_requests": self._requests.items()}
        for name, (what, labels) in COUNTERS.items():
            counter = CounterMetricFamily(name, what, labels=labels)
            none: Row = ((), self._happened[name.removeprefix("hall_")])
            for values, number in counted.get(name, (none,)):
                counter.add_metric(values, number)
            yield counter
        for name, (what, labels) in GAUGES.items():
            gauge = GaugeMetricFamily(name, what, labels=labels)
            for values, number in self._now.get(name, ()):
                gauge.add_metric(values, number)
            yield gauge

    def text(self) -> bytes:
        """Return all figures as Prometheus reads them."""
        here = rooms()
        found = in_thread(_of_the_file, here)
        self._happened["audit_rows_lost"] = here.auditing.lost
        self._now = {
            **_of_the_rooms(here),
            **_of_what_was_asked(found, here.clock()),
            "hall_loop_delay_seconds": [((), max(self._delays))],
            **{name: [((), value)] for name, value in _kept_safe().items()},
        }
        return bytes(generate_latest(self.registry))


def _of_the_rooms(here: Rooms) -> dict[str, list[Row]]:
    services = [(each["code"], each["waiting"]) for each in here.desk.services_now()]
    windows = Counter(each["state"] for each in here.desk.windows_now())
    states = here.printers.states() if here.printers is not None else {}
    printers = Counter(str(each.condition) for each in states.values())
    known = {each.id: each for each in here.register.catalogue().devices}
    seen: list[Row] = [
        ((str(number), known[number].role, known[number].name), at / SECOND)
        for number, at in sorted(here.door.seen.items())
        if number in known
    ]
    demo = "yes" if here.register.hall().demo else "no"
    return {
        "hall_info": [((VERSION, demo, str(here.database.absolute())), 1)],
        "hall_waiting": [((), sum(waiting for _, waiting in services))],
        "hall_waiting_by_service": [((code,), waiting) for code, waiting in services],
        "hall_windows": _labelled(windows),
        "hall_sockets": _labelled(here.sockets.count()),
        "hall_printers": _labelled(printers),
        "hall_device_seen_timestamp_seconds": seen,
        "hall_readiness_findings": _labelled(
            ((str(state), number) for state, number in here.readiness.counts().items())
        ),
    }


def _kept_safe() -> dict[str, float]:
    return cast("Keeping", current_app.extensions["keeping"]).figures()


def _labelled(counts: Iterable[tuple[str, int]] | dict[str, int]) -> list[Row]:
    return [((label,), number) for label, number in dict(counts).items()]


def _of_the_file(here: Rooms) -> OfTheFile:
    store = Store(here.database, readonly=True)
    try:
        asked = Asked(store)
        newest = asking.newest(here.database, backups_of(here.database, here.config))
        return OfTheFile(
            outbox=asked.outbox(),
            province=asked.province(),
            exports=asked.exports(),
            size=asking.size(here.database),
            log=asking.size(here.database.with_name(f"{here.database.name}-wal")),
            free=asking.free(here.database.absolute().parent)[1],
            backup_at=newest[0] if newest else None,
        )
    finally:
        store.close()


def _of_what_was_asked(found: OfTheFile, now: int) -> dict[str, list[Row]]:
    told: dict[str, list[Row]] = {
        "hall_database_bytes": [((), found.size)],
        "hall_wal_bytes": [((), found.log)],
        "hall_disk_free_bytes": [((), found.free)],
        "hall_export_jobs": _labelled(found.exports),
    }
    if found.backup_at is not None:
        told["hall_backup_age_seconds"] = [((), _age(found.backup_at, now))]
    for name, backlog in (("outbox", found.outbox), ("province", found.province)):
        oldest = 0.0 if backlog.oldest is None else _age(backlog.oldest, now)
        told[f"hall_{name}_waiting"] = [((), backlog.waiting)]
        told[f"hall_{name}_oldest_seconds"] = [((), oldest)]
        told[f"hall_{name}_given_up"] = [((), backlog.given_up)]
    return told


def _age(at: int, now: int) -> float:
    return max(0, now - at) / SECOND


def register(app: Flask) -> Metrics:
    """Let an app count its answers."""
    metrics = Metrics()
    app.after_request(metrics.count)
    return metrics
