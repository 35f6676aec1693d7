"""Everybody who may ask a hall: each device by its key, each person by a cookie, and nobody."""

from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from socket import create_connection, socket
from typing import Any

from flask import Flask
from halls import SMALL_HALL
from servers import Served
from test_authorisation import ASKERS, FIRST_DAYS, PEOPLE

import server
from hall import config
from hall.catalogue import DEVICE_ROLES

PATIENCE = 30.0
STARTED = 40 * "x"  # no password anybody knows
HOLD_ADMINISTRATION = ("9000", "9002", "9003")
API_ROLES = ("", "kiosk", "program", "window", "display", "evaluator", "manager")


@dataclass
class Line:
    """One kept-alive connection; a request is bytes, an answer what http.client makes of it."""

    port: int
    _socket: socket | None = None

    def ask(self, asked: bytes) -> tuple[int, dict[str, str], bytes]:
        """Send a request and return the answer; OSError when the server hangs up without one."""
        if self._socket is None:
            self._socket = create_connection(("127.0.0.1", self.port), PATIENCE)
        try:
            self._socket.sendall(asked)
            answer = HTTPResponse(self._socket)
            answer.begin()
            body = answer.read()
        except (OSError, HTTPException) as cut:
            self.close()
            raise OSError(str(cut)) from cut
        if answer.will_close:
            self.close()
        return answer.status, {k.title(): v for k, v in answer.getheaders()}, body

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


@dataclass
class Askers:
    """The headers by which each asker is known, and the routes there are to ask."""

    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    rooms: dict[str, str] = field(default_factory=dict)  # a route's rule: its folder


def prepare(hall: Served) -> Askers:
    """Make the small hall with everybody in it and let them in; the server need not run yet."""
    hall.prepare()
    with hall.register() as register:
        register.adopt(SMALL_HALL)
        for person in PEOPLE:
            register.save(person)
        for number in HOLD_ADMINISTRATION:
            register.set_password_hash(number, STARTED)
    askers = Askers()
    for asker, (who, window, _) in ASKERS.items():
        if asker == FIRST_DAYS or who not in DEVICE_ROLES:
            continue
        askers.headers[asker] = {"Authorization": f"Bearer {hall.key(who, window)}"}
    app = server.create_app(config.load(hall.config), hall.database)
    try:
        for asker, (who, window, _) in ASKERS.items():
            if asker not in askers.headers and asker != FIRST_DAYS:
                askers.headers[asker] = _cookie(app, who, window) if who else {}
        for rule in app.url_map.iter_rules():
            view: Any = app.view_functions[rule.endpoint]
            askers.rooms[rule.rule] = view.__module__.partition(".")[0]
    finally:
        rooms = app.extensions["hall"]
        app.extensions["outbox"].close()
        rooms.connector.close()
        app.extensions["keeping"].close()
        rooms.store.close()
    return askers


def _cookie(app: Flask, who: str, window: int | None) -> dict[str, str]:
    """Return the cookie of somebody who has just signed in."""
    rooms = app.extensions["hall"]
    person = rooms.door.newly(rooms.door.person(who, window))
    # Flask types the interface without the serializer that its own cookies have
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    told = {"here": [["person", who, person.mark, rooms.clock(), window]], "_permanent": True}
    name = app.config["SESSION_COOKIE_NAME"]
    return {"Cookie": f"{name}={signer.dumps(told)}", "Sec-Fetch-Site": "same-origin"}
