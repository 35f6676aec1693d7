"""What /metrics tells: requests, sockets, the line, and how long the loop was held up."""

from flask import Flask, Response, request
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from web.current import rooms

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """The figures of one app; a registry of its own, since tests run several apps."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "hall_requests_total",
            "HTTP requests by route and status",
            ["method", "route", "status"],
            registry=self.registry,
        )
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

    def count(self, answer: Response) -> Response:
        """Count an answer under its route, never under an address somebody made up."""
        route = request.url_rule.rule if request.url_rule else "none"
        self.requests.labels(request.method, route, answer.status_code).inc()
        return answer

    def text(self) -> bytes:
        """Return all figures as Prometheus reads them."""
        here = rooms()
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
