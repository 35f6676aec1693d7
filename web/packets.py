"""What comes over a socket, looked through before anything acts on it.

The library takes what comes: a packet that is none ended in a trace, and the line went on.
"""

from typing import Any

import structlog
from socketio.packet import ACK, CONNECT, DISCONNECT, EVENT, Packet

FROM_CLIENTS = (CONNECT, DISCONNECT, EVENT, ACK)
RESERVED = ("connect", "connect_error", "disconnect")  # the library calls these itself
log = structlog.get_logger("sockets")


class Malformed(Exception):
    """What a client sent is no packet of Socket.IO, or one that no page of ours sends."""


class Said(Packet):  # type: ignore[misc]
    """A packet of a client, or to one."""

    def decode(self, encoded_packet: Any) -> Any:
        """Read a client's packet; Malformed when it is none."""
        try:
            attachments = super().decode(encoded_packet)
        except Exception as wrong:
            raise Malformed(type(wrong).__name__) from wrong
        if attachments or self.packet_type not in FROM_CLIENTS:
            raise Malformed("binary, or of no known type")
        said = self.data
        if self.packet_type in (EVENT, ACK) and not isinstance(said, list):
            raise Malformed("no list")
        if self.packet_type == EVENT and not _has_a_name(said):
            raise Malformed("no name of an event")
        return attachments


def _has_a_name(said: list[Any]) -> bool:
    return bool(said) and isinstance(said[0], str) and said[0] not in RESERVED


def text_of(data: Any) -> str:
    """Return what a message says; Malformed for bytes, JSON of its own, or nothing."""
    if not isinstance(data, str) or not data:
        raise Malformed("no text")
    return data


def cut_malformed(server: Any) -> None:
    """Let a Socket.IO server hang up on who sends no packets, with one line in the log."""
    server.packet_class = Said
    take = server.eio.handlers["message"]

    def hear(eio_sid: str, data: Any) -> None:
        if eio_sid not in server.environ:
            return  # hung up a moment ago: what was still under way goes nowhere
        try:
            take(eio_sid, text_of(data))
        except Malformed as wrong:
            log.info("malformed_packet", reason=str(wrong))
            _hang_up(server.eio, eio_sid)

    server.eio.on("message", hear)


def _hang_up(engine: Any, sid: str) -> None:
    """Close a connection; Engine.IO's own way waits for ever for words to one who is gone."""
    connection = engine.sockets.pop(sid, None)
    if connection is not None:
        connection.close(wait=False, reason=engine.reason.SERVER_DISCONNECT)
