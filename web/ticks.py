"""What happens in a hall every second, by itself."""

from collections.abc import Callable

from flask import Flask

from web.current import Rooms


def ticks_of(app: Flask) -> list[Callable[[], object]]:
    """Return what happens every second: days end, invitations time out, void sockets go."""
    rooms: Rooms = app.extensions["hall"]

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
        app.extensions["slips"].tick,
        app.extensions["outbox"].tick,
        rooms.connector.tick,
        app.extensions["keeping"].tick,
        rooms.readiness.tick,
    ]
