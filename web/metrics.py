"""What /metrics tells: requests, sockets, the line, and how long the loop was held up."""

from collections import deque
from collections.abc import Iterator

from flask import Flask, Response, request
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily
from prometheus_client.registry import Collector

from web.current import rooms

BEATS_A_MINUTE = 60
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


LABELS = ("method", "route", "status")


class Metrics(Collector):
    """The figures of one app; a registry of its own, since tests run several apps."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._counted: dict[tuple[str, str, str], int] = {}
        self.registry.register(self)
        self.sockets = Gauge(
            "hall_sockets", "Open sockets by role", ["role"], registry=self.registry
        )
        self.waiting = Gauge("hall_waiting", "Tickets that wait", registry=self.registry)
        self.windows = Gauge("hall_windows", "Windows by state", ["state"], registry=self.registry)
        self.loop_delay = Gauge(
            "hall_loop_delay_seconds",
            "Longest delay of the loop in the last minute",
            registry=self.registry,
        )
        self._delays: deque[float] = deque((0.0,), maxlen=BEATS_A_MINUTE)

    def count(self, answer: Response) -> Response:
        """Count an answer under its route, never under an address somebody made up."""
        route = request.url_rule.rule if request.url_rule else "none"
        # no Counter: its lock costs a tap more than a statement
        key = (request.method, route, str(answer.status_code))
        self._counted[key] = self._counted.get(key, 0) + 1
        return answer

    def collect(self) -> Iterator[CounterMetricFamily]:
        """Hand the counted requests to the registry."""
        requests = CounterMetricFamily(
            "hall_requests", "HTTP requests by route and status", labels=LABELS
        )
        for labels, number in self._counted.items():
            requests.add_metric(labels, number)
        yield requests

    def note_delay(self, seconds: float) -> None:
        """Note by how much a beat of the clock came late; told is the worst of a minute."""
        self._delays.append(seconds)

    def text(self) -> bytes:
        """Return all figures as Prometheus reads them."""
        here = rooms()
        self.loop_delay.set(max(self._delays))
        self.sockets.clear()
        for role, number in here.sockets.count().items():
            self.sockets.labels(role).set(number)
        self.waiting.set(sum(each["waiting"] for each in here.desk.services_now()))
        self.windows.clear()
        for window in here.desk.windows_now():
            self.windows.labels(window["state"]).inc()
        return bytes(generate_latest(self.registry))


def register(app: Flask) -> Metrics:
    """Let an app count its answers."""
    metrics = Metrics()
    app.after_request(metrics.count)
    return metrics
