"""The rooms behind the request at hand; what the faces call ``desk()`` and ``book()``."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from flask import current_app
from flask_socketio import SocketIO

from admission.admission import Admission
from audit.log import AuditLog
from booking.bookings import Bookings
from cases.cases import Cases
from complaints.complaints import Complaints
from figures.figures import Figures
from hall.config import Config
from hall.days import Clock
from hall.desk import Desk
from hall.register import Register
from hall.store import Store
from monitor.monitor import Monitor
from privacy.privacy import Privacy
from province.connector import Connector
from province.modes import Modes
from ranking.rankings import Rankings
from rating.at_window import AtWindow
from rating.book import Book
from rating.entering import Entries
from rating.reviewing import Reviews
from readiness.watch import Watch
from reports.bulletins import Bulletins
from reports.exports import Exports

if TYPE_CHECKING:
    from web.access import Door
    from web.auditing import Auditing
    from web.limits import Limits
    from web.live import Live
    from web.metrics import Metrics
    from web.pairing import Pairings
    from web.sockets import Sockets
    from web.together import Together


@dataclass(slots=True)
class Rooms:
    """Everything one running hall is made of; each app has one of its own."""

    store: Store
    desk: Desk
    book: Book
    bookings: Bookings
    entries: Entries
    reviews: Reviews
    at_window: AtWindow
    cases: Cases
    complaints: Complaints
    monitor: Monitor
    rankings: Rankings
    figures: Figures
    exports: Exports
    bulletins: Bulletins
    privacy: Privacy
    connector: Connector
    modes: Modes
    register: Register
    admission: Admission
    audit: AuditLog
    config: Config
    clock: Clock
    database: Path
    socketio: SocketIO
    door: "Door"
    sockets: "Sockets"
    live: "Live"
    auditing: "Auditing"
    together: "Together"
    metrics: "Metrics"
    limits: "Limits"
    pairings: "Pairings"
    readiness: Watch
    # the lines of slips; kept untyped here because the printers belong to the kiosk's room
    printers: Any = None
    demo_links: list[tuple[str, str]] = field(default_factory=list)


def rooms() -> Rooms:
    """Return the rooms of the app that answers now."""
    return cast(Rooms, current_app.extensions["hall"])


def desk() -> Desk:
    """Return the queue's verbs."""
    return rooms().desk


def book() -> Book:
    """Return the ratings' verbs."""
    return rooms().book


def bookings() -> Bookings:
    """Return the appointments' verbs."""
    return rooms().bookings


def cases() -> Cases:
    """Return the bad ratings' verbs."""
    return rooms().cases


def complaints() -> Complaints:
    """Return the complaints' verbs."""
    return rooms().complaints


def monitor() -> Monitor:
    """Return the verbs of alarms, and the hall at one look."""
    return rooms().monitor


def rankings() -> Rankings:
    """Return the verbs of a month's ranking, and the public answers."""
    return rooms().rankings


def privacy() -> Privacy:
    """Return the verbs of personal data: its time, looks with a reason, one person's wishes."""
    return rooms().privacy


def connector() -> Connector:
    """Return what goes up to the province."""
    return rooms().connector


def modes() -> Modes:
    """Return where the hall's ratings are given."""
    return rooms().modes


def entries() -> Entries:
    """Return the verbs of ratings that staff bring in."""
    return rooms().entries


def reviews() -> Reviews:
    """Return what reviewers write beside ratings that look odd."""
    return rooms().reviews


def at_window() -> AtWindow:
    """Return the verbs of the code that stands at a window."""
    return rooms().at_window


def exports() -> Exports:
    """Return the verbs of exports."""
    return rooms().exports


def bulletins() -> Bulletins:
    """Return the month's bulletins."""
    return rooms().bulletins


def admission() -> Admission:
    """Return who waits, second factors, passwords and locks."""
    return rooms().admission


def audit() -> AuditLog:
    """Return the audit log."""
    return rooms().audit


def register() -> Register:
    """Return the hall's data, people and devices."""
    return rooms().register


def config() -> Config:
    """Return the settings."""
    return rooms().config


def live() -> "Live":
    """Return what tells the screens."""
    return rooms().live


def printers() -> Any:
    """Return the lines of slips, one a printer."""
    return rooms().printers
