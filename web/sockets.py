"""Who may hold a socket: asked when it connects, at each event, and every second.

Flask-SocketIO runs no ``before_request``, lets a client without an Origin in, and hands out a copy
of the session: after a sign-out an open socket would still act as the clerk.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import gevent
import structlog
from engineio.packet import MESSAGE, Packet
from flask import request
from flask_socketio import ConnectionRefusedError as Refused
from flask_socketio import SocketIO

from hall.refusals import NotAllowed
from web import websockets
from web.access import ROLES, Door, NotForYou, NotSignedIn, Principal, bearer, signed_in
from web.auditing import READING_EVENTS
from web.current import config, rooms
from web.packets import cut_malformed
from web.principals import choose
from web.same_origin import comes_from_here

Handler = Callable[[Principal, dict[str, Any]], Any]
# A send takes some 15 µs: the loop is not held up longer than 2 ms.
TOLD_AT_ONCE = 100
log = structlog.get_logger("sockets")


class Json:
    """How messages are written: Chinese as itself, half the bytes of its escapes."""

    @staticmethod
    def dumps(value: Any, **_options: Any) -> str:
        """Return compact JSON."""
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    @staticmethod
    def loads(text: str, **_options: Any) -> Any:
        """Return what a message says; ValueError when it is no JSON, or nested too deep."""
        try:
            return json.loads(text)
        except RecursionError as deep:
            raise ValueError("nested too deep") from deep


def make_socketio(app: Any) -> SocketIO:
    """Return the one SocketIO of an app: WebSocket only, gevent, small messages, quick pings."""
    socketio = SocketIO(
        app,
        async_mode="gevent",
        transports=["websocket"],
        async_handlers=False,
        manage_session=False,
        ping_interval=websockets.PING_INTERVAL,
        ping_timeout=websockets.PING_TIMEOUT,
        max_http_buffer_size=websockets.LARGEST_MESSAGE,
        json=Json,
        # where the hall is reached is not known here: ``Sockets.connect`` compares the origin
        cors_allowed_origins=[],
        logger=False,
        engineio_logger=False,
    )
    websockets.mend(socketio.server.eio)
    cut_malformed(socketio.server)
    return socketio


@dataclass(frozen=True, slots=True)
class Admitted:
    """A socket that was let in, and as whom."""

    principal: Principal
    environ: dict[str, Any]


class Sockets:
    """All sockets that were let in."""

    def __init__(self, socketio: SocketIO, door: Door) -> None:
        self.socketio = socketio
        self.door = door
        self._in: dict[str, Admitted] = {}
        socketio.on_event("connect", self.connect)
        socketio.on_event("disconnect", self.disconnect)

    def connect(self, auth: Any = None) -> None:
        """Let a socket in, or refuse it with the code a page can show."""
        try:
            principal = _who(auth if isinstance(auth, dict) else {}, self.door)
            self.door.check_unlocked(principal)
            self.door.here(principal)
        except NotAllowed as refusal:
            if isinstance(auth, dict) and auth.get("key") is not None:
                rooms().auditing.event(None, "socket connect", refusal.code)
            raise Refused(refusal.code, {"message": refusal.message}) from None
        self._in[request.sid] = Admitted(principal, request.environ)  # type: ignore[attr-defined]

    def disconnect(self, reason: Any = None) -> None:  # noqa: ARG002 - Socket.IO hands it over
        """Forget a socket."""
        self._in.pop(request.sid, None)  # type: ignore[attr-defined]

    def who(self, sid: str) -> Principal:
        """Return as whom a socket acts now; refuse when that has ended."""
        admitted = self._in.get(sid)
        if admitted is None or not self.door.still_in(admitted.principal):
            raise NotSignedIn("not_signed_in", "登录已失效，请重新登录。")
        self.door.check_unlocked(admitted.principal)
        return admitted.principal

    def cut_void(self) -> int:
        """Cut the sockets of whoever signed out, locked the window or lost the key; count them."""
        good: dict[Principal, bool] = {}
        void = []
        for sid, admitted in self._in.items():
            who = admitted.principal
            if who not in good:
                good[who] = self.door.still_in(who) and not self.door.is_locked(who.mark)
                if good[who]:
                    self.door.here(who)
            if not good[who]:
                void.append(sid)
        for sid in void:
            self._cut(sid)
        return len(void)

    def _cut(self, sid: str) -> None:
        admitted = self._in.pop(sid)
        self.socketio.server.disconnect(sid)
        if upgraded := admitted.environ.get("hall.upgraded"):
            upgraded.cut_soon()

    def tell(self, room: str, event: str, payload: Any) -> None:
        """Send an event to everybody in a room: framed once, straight to each idle socket.

        Socket.IO's own way, a queue and a greenlet a client, takes 200 screens 20 ms; this a few.
        A socket with something under way gets it through its queue, so the order stays.
        """
        packet = Packet(MESSAGE, "2" + Json.dumps([event, payload]))
        framed = websockets.frame(packet.encode().encode(), websockets.TEXT)
        server = self.socketio.server
        told = [(sid, eio) for sid, eio in server.manager.get_participants("/", room)]
        for count, (sid, eio) in enumerate(told, start=1):
            line = server.eio.sockets.get(eio)
            admitted = self._in.get(sid)
            if line is None or line.closed or admitted is None:
                continue
            upgraded = admitted.environ.get("hall.upgraded")
            if upgraded is None or not line.queue.empty() or not upgraded.send_now(framed):
                line.send(packet)
            if count % TOLD_AT_ONCE == 0:
                gevent.sleep(0)

    def count(self) -> Counter[str]:
        """Return how many sockets each role holds."""
        return Counter(each.principal.role for each in self._in.values())


def _who(auth: Mapping[str, Any], door: Door) -> Principal:
    role, window = auth.get("role"), auth.get("window")
    roles = (role,) if isinstance(role, str) and role in ROLES else ROLES
    if (key := auth.get("key")) is not None:
        found = door.of_key(str(key))
        present = [found] if found else []
    else:
        if bearer() is None:
            _check_origin()
        present = signed_in()
    zone = auth.get("zone")
    return choose(
        present,
        roles,
        window if isinstance(window, int) else None,
        zone if isinstance(zone, str) else None,
    )


def _check_origin() -> None:
    """Refuse a cookie that another site's page, or no page at all, sends along."""
    origin = request.headers.get("Origin")
    site = None  # Chrome 80 sends no Sec-Fetch-Site with a WebSocket
    if not comes_from_here(request.host, site, origin, config().hall.public_url):
        raise NotForYou("not_same_origin", "请从本大厅的页面连接。")


def listens(socketio: SocketIO, event: str, *roles: str) -> Callable[[Handler], Callable[..., Any]]:
    """Let a function answer an event of these roles; its refusals are answered as code and text."""

    def decorate(handler: Handler) -> Callable[..., Any]:
        def answer(message: Any = None, *_more: Any) -> Any:
            who, code = None, ""
            try:
                who = rooms().sockets.who(request.sid)  # type: ignore[attr-defined]
                choose([who], roles)
                done = handler(who, message if isinstance(message, dict) else {})
            except NotAllowed as refusal:
                code = refusal.code
                return {"code": refusal.code, "message": refusal.message}
            except Exception:
                code = "internal"
                log.exception("event_failed", event_name=event)
                return {"code": "internal", "message": "系统出错，请稍后再试。"}
            finally:
                if event not in READING_EVENTS:
                    rooms().auditing.event(who, f"socket {event}", code)
            return {"ok": True} if done is None else done

        socketio.on_event(event, answer)
        return answer

    return decorate
