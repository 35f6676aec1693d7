"""The one follower of desk and book that tells the screens; what they show the faces say.

Answer first, then tell: a follower only notes what has changed; greenlets of their own build and
send, once the clerk's answer has left. A call goes out at once, other changes are gathered for up
to 100 ms. Every message carries everything, so a screen that missed ten is right after the next.
"""

from collections.abc import Callable, Iterable
from typing import Any

import gevent
import structlog
from flask import request

from hall.catalogue import Catalogue
from hall.config import Config
from hall.days import MINUTE
from hall.desk import Desk
from hall.events import CallRepeated, CatalogueChanged, TicketCalled, TicketEvent, WindowChanged
from hall.refusals import NotFound, NotValid
from hall.register import Register
from rating.book import Book
from web.access import Principal
from web.sockets import Sockets, listens

GATHER_SECONDS = 0.1
# A board that many screens ask for at once (a restarted server) is built once.
KEEP_BOARD_MS = 500
WATCHERS = ("display", "kiosk", "program", "manager", "window", "evaluator")
Maker = Callable[[str], tuple[str, dict[str, Any]]]
log = structlog.get_logger("live")


class Live:
    """What screens, windows and evaluators are told, and when."""

    def __init__(
        self, sockets: Sockets, desk: Desk, book: Book, register: Register, config: Config
    ) -> None:
        self.sockets = sockets
        self.socketio = sockets.socketio
        self.desk = desk
        self.book = book
        self.register = register
        self.config = config
        self._urgent: dict[str, None] = {}
        self._soon: dict[str, None] = {}
        self._sending = False
        self._gathering = False
        self._minute = 0
        self._boards: dict[str, tuple[int, int, dict[str, Any]]] = {}
        self._makers: dict[str, Maker] = {}
        self.show("zone", lambda zone: ("board", self.board(zone)))
        desk.follow(self.note)
        book.follow(self.note)
        listens(self.socketio, "watch", *WATCHERS)(self.watch)

    # -- what has happened ----------------------------------------------------------------------

    def note(self, event: Any) -> None:
        """Remember which rooms an event concerns; cheap, since a clerk waits for it."""
        urgent, soon = rooms_of(event, self.register.catalogue())
        self._urgent.update(dict.fromkeys(urgent))
        if self._urgent and not self._sending:
            self._sending = True
            gevent.spawn(self._send_urgent)
        self._gather(soon)

    def tick(self) -> None:
        """Tell every zone once a minute: waits grow and halls close without any event."""
        minute = self.desk.clock() // MINUTE
        if minute != self._minute:
            self._minute = minute
            self._gather([f"zone:{code}" for code in self.register.catalogue().zone])

    def _gather(self, rooms: Iterable[str]) -> None:
        self._soon.update(dict.fromkeys(rooms))
        if self._soon and not self._gathering:
            self._gathering = True
            gevent.spawn_later(GATHER_SECONDS, self._send_gathered)

    def _send_urgent(self) -> None:
        self._sending = False
        rooms, self._urgent = self._urgent, {}
        for room in rooms:
            self._soon.pop(room, None)
        self._send(rooms)

    def _send_gathered(self) -> None:
        self._gathering = False
        rooms, self._soon = self._soon, {}
        self._send(rooms)

    def _send(self, rooms: Iterable[str]) -> None:
        for room in rooms:
            if not self._anybody_in(room):
                continue
            try:
                event, payload = self._message(room)
            except Exception:
                log.exception("not_told", room=room)
                continue
            self.sockets.tell(room, event, payload)
            gevent.sleep(0)  # a hall has 76 windows: others get their turn between two

    def _anybody_in(self, room: str) -> bool:
        return room in self.socketio.server.manager.rooms.get("/", {})

    # -- what is sent ---------------------------------------------------------------------------

    def show(self, kind: str, make: Maker) -> None:
        """Let ``make(which)`` return event and payload for rooms such as ``window:3``."""
        self._makers[kind] = make

    def _message(self, room: str) -> tuple[str, dict[str, Any]]:
        kind, _, which = room.partition(":")
        return self._makers[kind](which)

    def board(self, zone: str) -> dict[str, Any]:
        """Return the board of a zone, built at most once for one state of the hall."""
        now, rev = self.desk.clock(), self.desk.rev()
        kept_rev, kept_at, board = self._boards.get(zone, (-1, 0, {}))
        if kept_rev != rev or not 0 <= now - kept_at < KEEP_BOARD_MS:
            board = self.desk.board(zone)
            self._boards[zone] = (rev, now, board)
        return board

    # -- who watches ----------------------------------------------------------------------------

    def watch(self, who: Principal, asked: dict[str, Any]) -> None:
        """Let a socket follow its zone or window, and tell it everything at once."""
        room = self._room_for(who, asked)
        server, sid = self.socketio.server, request.sid  # type: ignore[attr-defined]
        for other in server.rooms(sid):
            if other not in (sid, room):
                server.leave_room(sid, other)
        server.enter_room(sid, room)
        event, payload = self._message(room)
        self.socketio.emit(event, payload, to=sid)

    def _room_for(self, who: Principal, asked: dict[str, Any]) -> str:
        catalogue = self.register.catalogue()
        if who.acts_as("window") or who.role == "evaluator":
            kind = "evaluator" if who.role == "evaluator" else "window"
            no = who.window if who.window is not None else asked.get("window")
            if type(no) is not int or no not in catalogue.window:
                raise NotFound("unknown_window", "没有这个窗口，请核对窗口号。")
            return f"{kind}:{no}"
        zone = who.zone or asked.get("zone")
        if zone is None:
            raise NotValid("no_zone", "请说明要看哪个分区。")
        if not isinstance(zone, str) or zone not in catalogue.zone:
            raise NotFound("unknown_zone", f"没有分区“{zone}”。")
        return f"zone:{zone}"


def rooms_of(event: Any, catalogue: Catalogue) -> tuple[list[str], list[str]]:
    """Return which rooms an event concerns at once, and which within 100 ms."""
    if isinstance(event, CatalogueChanged):
        return [], [
            *(f"zone:{code}" for code in catalogue.zone),
            *(f"{kind}:{no}" for no in catalogue.window for kind in ("window", "evaluator")),
        ]
    boards = [f"zone:{zone}" for zone in getattr(event, "zones", ())]
    windows: dict[str, None] = {}
    evaluators: list[str] = []
    if isinstance(event, TicketEvent):
        for each in catalogue.windows_of.get(event.ticket.service, ()):
            windows[f"window:{each.no}"] = None
    if (no := getattr(event, "window", None)) is not None:
        windows[f"window:{no}"] = None
        evaluators.append(f"evaluator:{no}")
    if isinstance(event, TicketCalled | CallRepeated):
        return [*boards, *evaluators], list(windows)
    if isinstance(event, TicketEvent | WindowChanged):
        return [], [*boards, *windows, *evaluators]
    return evaluators, [*boards, *windows]  # a rating: the evaluator's page waits for it
