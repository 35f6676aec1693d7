"""The bare thing: one Flask route that commits one row, one emit of the same bytes, no rules.

Served by the hall's own server code with plain Flask-SocketIO and simple-websocket, so that what
is compared is the hall and not the server under it.
"""

if __name__ == "__main__":
    from gevent import monkey

    monkey.patch_all()

import sqlite3
import sys

import gevent
from flask import Flask, Response, jsonify, request
from flask_socketio import SocketIO, join_room

from web.serving import Server, run
from web.sockets import Json

ROOM = "all"


def make_app(database: str) -> Flask:
    """Return the app with its two routes."""
    app = Flask(__name__)
    file = sqlite3.connect(database, isolation_level=None)
    file.execute("pragma journal_mode = wal")
    file.execute("pragma synchronous = full")
    file.execute("create table row (id integer primary key, text text not null)")
    # the hall's way of writing JSON, or the bare emit would be twice as many bytes
    socketio = SocketIO(app, async_mode="gevent", transports=["websocket"], json=Json)

    @app.post("/rows")
    def add_row() -> Response:
        text = request.get_json()["text"]
        file.execute("begin immediate")
        found = file.execute("insert into row (text) values (?) returning id", (text,)).fetchone()
        file.execute("commit")
        return jsonify(id=found[0])

    @app.post("/emit")
    def emit() -> Response:
        payload = request.get_json()
        # as the hall does: the answer first, then the screens
        gevent.spawn(socketio.emit, "board", payload, to=ROOM)
        return jsonify(ok=True)

    @socketio.on("watch")  # type: ignore[untyped-decorator]
    def watch(_: object) -> dict[str, bool]:
        join_room(ROOM)
        return {"ok": True}

    return app


def main() -> None:
    """Serve until told to end."""
    server = Server(make_app(sys.argv[1]), "127.0.0.1", 0)
    server.init_socket()
    run(
        [server],
        [],
        lambda _: None,
        lambda: print(f"http://127.0.0.1:{server.port}", flush=True),
    )


if __name__ == "__main__":
    main()
