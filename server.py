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
from pathlib import Path

import gevent
from apiflask import APIFlask
from flask import Flask
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
from complaints.complaints import Complaints
from complaints.late import Late
from figures.figures import Figures
from hall import days
from hall.config import Config
from hall.days import Clock
from hall.desk import Desk
from hall.register import Register
from hall.store import Store
from kiosk.printing import Printers
from kiosk.slips import Slips
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
from web import auditing, metrics, pairing_views, watching
from web.access import Door
from web.app import guard, new_app
from web.current import Rooms
from web.keeping import Keeping
from web.limits import Limits
from web.live import Live
from web.pairing import Pairings
from web.sockets import Sockets, make_socketio
from web.telling import hear_of_limits
from web.ticks import ticks_of
from web.together import Together
from web.views import blueprint as doors

__all__ = ["create_app", "ticks_of"]

# Threads of their own: a full pool makes whoever submits wait, and the hub's has ten for all.
PRINTERS_AT_ONCE = 32


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
    app = new_app(config, register)
    rooms = _open_rooms(app, book, Path(database), demo=demo)
    late = Late(store, clock)
    app.extensions["hall"] = rooms
    app.extensions["slips"] = Slips(rooms.printers, desk)
    app.extensions["outbox"] = outbox
    app.extensions["late complaints"] = late
    app.extensions["keeping"] = Keeping(store, register, config, clock, demo=demo)
    # the list of erasures has come back from the second disk with the line above
    rooms.privacy.reapply()
    rooms.monitor.looking.ask(*watching.sources(rooms))
    hear_of_limits(outbox.tell, rooms, late)
    desk.follow(rooms.metrics.heard)
    book.follow(rooms.metrics.heard)
    _furnish(app, rooms)
    return app


def _open_rooms(app: APIFlask, book: Book, database: Path, *, demo: bool) -> Rooms:
    """Open what stands on queue and ratings, and what faces share."""
    desk, store, register = book.desk, book.store, book.register
    config, clock = book.config, book.clock
    folder = database.absolute().parent
    # a demonstration's ratings are made up: no province hears of them
    adapter = None if demo else adapters.adapter_of(config, folder)
    connector = Connector(book, adapter, ThreadPool(len(LINES)).spawn)
    connector.start()
    socketio = make_socketio(app)
    door = Door(register, clock, config.security)
    admits = Admission(store, register, config, clock, database)
    door.also_needs, door.is_locked = admits.proof_of, admits.is_locked
    sockets = Sockets(socketio, door)
    told = auditing.Auditing(AuditLog(store, config, clock))
    return Rooms(
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
        privacy=Privacy(store, register, config, clock, database),
        connector=connector,
        modes=Modes(book, adapters.example_of(config, folder)),
        register=register,
        admission=admits,
        audit=told.log,
        auditing=told,
        config=config,
        clock=clock,
        database=database,
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


def _furnish(app: APIFlask, rooms: Rooms) -> None:
    """Add the pages and sockets of every room, behind what guards them."""
    app.config["HTTP_ERROR_SCHEMA"] = Refusal.model_json_schema()
    app.spec_processor(api.views.with_keys)
    guard(app, rooms)
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


if __name__ == "__main__":
    from commandline.main import main

    del sys.modules["requests"]
    sys.exit(main(sys.argv[1:], create_app, ticks_of))
