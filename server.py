"""Joins the rooms of the house, and is the command line: ``server.py --help``."""

if __name__ == "__main__":
    import sys

    # a key, a backup or a look at the help need no app: 1 s instead of 2
    asked_for = sys.argv[1] if len(sys.argv) > 1 else "serve"
    of_the_app = asked_for.startswith("-") and asked_for not in ("-h", "--help")
    if not of_the_app and asked_for not in ("serve", "demo", "import-ratings"):
        from commandline.main import main

        sys.exit(main(sys.argv[1:]))

    from gevent import monkey

    # before anything else is imported, or it would hold the blocking originals
    monkey.patch_all()

    # Engine.IO would load its client's "requests", 0.1 s of the start; given back below
    sys.modules["requests"] = None  # type: ignore[assignment]

import sys
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import gevent
from apiflask import APIFlask
from flask import Flask, g, request
from gevent import monkey
from gevent.threadpool import ThreadPool

import admission.office_views
import admission.own_views
import admission.views
import api.months
import api.views
import api.windows
import audit.views
import booking.api
import booking.views
import cases.views
import complaints.events
import complaints.views
import display.channel
import display.views
import figures.views
import helpdesk.views
import kiosk.views
import manager.views
import monitor.views
import privacy.views
import province.views
import ranking.public_views
import ranking.views
import rating.channel
import rating.entry_views
import rating.load_views
import rating.oddity_views
import rating.views
import rating.window_views
import readiness.views
import reports.running
import reports.views
import schema
import window.channel
import window.views
from admission.admission import Admission
from api.models import Refusal
from audit.log import AuditLog
from booking.bookings import Bookings
from cases.cases import Cases
from cases.events import RED, CaseRed, red_data
from complaints.complaints import Complaints
from complaints.late import Late
from figures.figures import Figures
from hall import days
from hall.config import Config
from hall.days import Clock
from hall.desk import Desk
from hall.events import Event
from hall.register import Register
from hall.store import Store
from kiosk.printing import Printers
from kiosk.slips import Slips
from monitor.events import ESCALATED, AlarmEscalated, escalated_data
from monitor.monitor import Monitor
from outbox.outbox import RECEIVERS_AT_ONCE, Outbox
from privacy.privacy import Privacy
from province import adapters
from province.connector import LINES, Connector
from province.modes import Modes
from ranking.rankings import Rankings
from rating.at_window import AtWindow
from rating.book import Book
from rating.entering import Entries
from rating.reviewing import Reviews
from reports.bulletins import Bulletins
from reports.exports import Exports
from web import (
    auditing,
    errors,
    headers,
    metrics,
    pairing_views,
    plain_http,
    same_origin,
    watching,
)
from web.access import Door, Sessions
from web.current import Rooms
from web.keeping import Keeping
from web.limits import Limits
from web.live import Live
from web.numbers import Number
from web.pairing import Pairings
from web.sockets import Sockets, make_socketio
from web.together import Together
from web.views import blueprint as doors

HOUSE = Path(__file__).resolve().parent
CHANNELS = ("window", "rating")  # faces that say what their own sockets are told
# A device's page stays signed in until its key is revoked; browsers keep a cookie for 400 days.
COOKIE_DAYS = 400
# Threads of their own: a full pool makes whoever submits wait, and the hub's has ten for all.
PRINTERS_AT_ONCE = 32
LARGEST_UPLOAD = 8 * 1024 * 1024
LARGEST_BODY = 64 * 1024


def create_app(
    config: Config, database: Path | str, clock: Clock = days.now, *, demo: bool = False
) -> Flask:
    """Return the app of one hall, with its rooms in ``app.extensions["hall"]``.

    Raises NotAllowed when the file is a demonstration's and ``demo`` is not wanted, or the reverse,
    and BadConfig for notices that cannot be sent.
    """
    store = Store(database, rooms=schema.OF_ROOMS)
    # gevent's own lock is Python and taken seven times a ticket (8 % of it); nothing yields inside,
    # so between greenlets none is needed, and between threads the interpreter's own still holds
    store.lock = monkey.get_original("_thread", "RLock")()
    register = Register(store, clock)
    register.make_hall(config.hall.name, demo=demo)
    desk = Desk(store, register, config, clock)
    book = Book(store, register, desk, config, clock)
    outbox = Outbox(desk, book, ThreadPool(RECEIVERS_AT_ONCE).spawn)
    folder = Path(database).absolute().parent
    # a demonstration's ratings are made up: no province hears of them
    adapter = None if demo else adapters.adapter_of(config, folder)
    connector = Connector(book, adapter, ThreadPool(len(LINES)).spawn)
    connector.start()
    app = _new_app(config, register)
    socketio = make_socketio(app)
    door = Door(register, clock, config.security)
    admits = Admission(store, register, config, clock, Path(database))
    door.also_needs, door.is_locked = admits.proof_of, admits.is_locked
    sockets = Sockets(socketio, door)
    told = auditing.Auditing(AuditLog(store, config, clock))
    rooms = Rooms(
        store=store,
        desk=desk,
        book=book,
        bookings=Bookings(store, register, desk, config, clock),
        entries=Entries(book),
        reviews=Reviews(book),
        at_window=AtWindow(book),
        cases=Cases(store, register, desk, book, config, clock),
        complaints=Complaints(store, register, desk, config, clock),
        monitor=Monitor(store, register, desk, config, clock),
        figures=Figures(store, register, desk, book, config, clock),
        exports=Exports(store, register, config, clock, reports.running.run, gevent.spawn),
        bulletins=Bulletins(store, register, desk, book, config, clock),
        rankings=Rankings(store, register, desk, book, config, clock),
        privacy=Privacy(store, register, config, clock, Path(database)),
        connector=connector,
        modes=Modes(book, adapters.example_of(config, folder)),
        register=register,
        admission=admits,
        audit=told.log,
        auditing=told,
        config=config,
        clock=clock,
        database=Path(database),
        socketio=socketio,
        door=door,
        sockets=sockets,
        live=Live(sockets, desk, book, register, config),
        together=Together(store, told.together),
        metrics=metrics.register(app),
        limits=Limits(clock),
        pairings=Pairings(clock),
        readiness=watching.readiness(lambda: app.extensions["hall"], clock),
        printers=Printers(ThreadPool(PRINTERS_AT_ONCE).spawn),
    )
    app.extensions["hall"] = rooms
    app.extensions["slips"] = Slips(rooms.printers, desk)
    app.extensions["outbox"] = outbox
    rooms.cases.along(lambda event: _tell_of_red(outbox, register, event))
    app.extensions["keeping"] = Keeping(store, register, config, clock, demo=demo)
    app.extensions["late complaints"] = Late(store, clock)
    app.extensions["late complaints"].along(lambda event: _tell_of_late(outbox, desk, event))
    rooms.privacy.reapply()
    rooms.monitor.along(lambda event: _tell_of_alarm(outbox, register, event))
    rooms.monitor.looking.ask(*watching.sources(rooms))
    desk.follow(rooms.metrics.heard)
    book.follow(rooms.metrics.heard)
    _furnish(app, rooms)
    return app


class HallApp(APIFlask):
    """The app; its hot path leaves out what no route of the hall uses."""

    session_interface = Sessions()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return a view as it is: none is a coroutine, and Flask would look at each six times."""
        return func


def _new_app(config: Config, register: Register) -> APIFlask:
    app = HallApp(
        "hall",
        title="政务大厅接口",
        version="1",
        root_path=str(HOUSE),
        static_folder="static",
        static_url_path="/static",
        spec_path="/api/openapi.json",
        docs_path=None,
        json_errors=False,
    )
    secret = register.secret("cookie")
    app.config.update(
        SECRET_KEY=secret,
        # cookies know no ports: two halls on one machine must not sign each other out
        SESSION_COOKIE_NAME=f"hall_{sha256(secret).hexdigest()[:8]}",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.hall.public_url.startswith("https://"),
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(days=COOKIE_DAYS),
        MAX_CONTENT_LENGTH=LARGEST_UPLOAD,
        AUTO_TAGS=False,
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        AUTO_404_RESPONSE=False,
        DESCRIPTION="取号、呼叫、评价与月报。拒绝时返回 4xx 与 {code, message}。",
        HTTP_ERROR_SCHEMA=Refusal.model_json_schema(),
        SECURITY_SCHEMES={"key": {"type": "http", "scheme": "bearer"}},
    )
    app.url_map.converters["int"] = Number
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    return app


def _tell_of_red(outbox: Outbox, register: Register, event: Event) -> None:
    """Let the leader's group and webhooks know of a case whose limit has passed."""
    if isinstance(event, CaseRed):
        outbox.tell(RED, event.seq, event.at, red_data(event, register.catalogue()))


def _tell_of_late(outbox: Outbox, desk: Desk, event: Event) -> None:
    """Let them know of a complaint whose limit has passed as well."""
    if isinstance(event, complaints.events.ComplaintRed):
        data = complaints.events.red_data(event, desk.register.catalogue(), desk.zone)
        outbox.tell(complaints.events.RED, event.seq, event.at, data)


def _tell_of_alarm(outbox: Outbox, register: Register, event: Event) -> None:
    """Let them know of a red alarm that nobody acknowledged."""
    if isinstance(event, AlarmEscalated):
        outbox.tell(ESCALATED, event.seq, event.at, escalated_data(event, register.catalogue()))


def _furnish(app: APIFlask, rooms: Rooms) -> None:
    app.spec_processor(api.views.with_keys)
    auditing.register(app, rooms.auditing)

    @app.before_request
    def small_bodies() -> None:
        if request.path.startswith("/api/"):
            request.max_content_length = LARGEST_BODY

    plain_http.register(app, rooms.config.server)
    same_origin.register(app)
    headers.register(app)
    errors.register(app)
    app.context_processor(lambda: _on_every_page(rooms))
    app.register_blueprint(doors)
    app.register_blueprint(pairing_views.blueprint)
    for views in (
        admission.office_views,
        admission.own_views,
        admission.views,
        api.months,
        api.views,
        api.windows,
        audit.views,
        booking.api,
        booking.views,
        cases.views,
        complaints.views,
        figures.views,
        kiosk.views,
        display.views,
        helpdesk.views,
        window.views,
        rating.views,
        rating.entry_views,
        rating.load_views,
        rating.oddity_views,
        rating.window_views,
        manager.views,
        monitor.views,
        privacy.views,
        province.views,
        ranking.public_views,
        ranking.views,
        readiness.views,
        reports.views,
    ):
        app.register_blueprint(views.blueprint)
    for channel in (display.channel, window.channel, rating.channel):
        channel.register(rooms.live)


def ticks_of(app: Flask) -> list[Callable[[], object]]:
    """Return what happens every second: days end, invitations time out, void sockets go."""
    rooms: Rooms = app.extensions["hall"]
    slips: Slips = app.extensions["slips"]

    def know_the_printers() -> None:
        devices = rooms.register.catalogue().devices
        rooms.printers.use(each.printer for each in devices if each.active)

    return [
        rooms.desk.tick,
        rooms.book.tick,
        rooms.bookings.tick,
        rooms.cases.tick,
        app.extensions["late complaints"].tick,
        rooms.monitor.tick,
        rooms.exports.tick,
        rooms.privacy.tick,
        rooms.auditing.tick,
        rooms.audit.tick,
        rooms.sockets.cut_void,
        rooms.live.tick,
        know_the_printers,
        slips.tick,
        app.extensions["outbox"].tick,
        rooms.connector.tick,
        app.extensions["keeping"].tick,
        rooms.readiness.tick,
    ]


def _on_every_page(rooms: Rooms) -> dict[str, Any]:
    hall = rooms.register.hall()
    return {
        "hall_name": hall.name,
        "hall_name_en": rooms.config.hall.name_en,
        "hall_demo": hall.demo,
        "rated_at_province": not rooms.config.province.rates_here,
        "hall_now": days.iso(rooms.clock(), rooms.config.hall.zone),
        "principal": g.get("principal"),
    }


if __name__ == "__main__":
    from commandline.main import main

    del sys.modules["requests"]
    sys.exit(main(sys.argv[1:], create_app, ticks_of))
