"""What systemd is told: ready, alive, stopping. Without systemd nothing is said."""

import os
import socket
import sys
from contextlib import suppress


def tell(state: str) -> bool:
    """Send a state such as ``READY=1`` to the service manager; False when there is none.

    The protocol is one datagram (sd_notify(3)); a name that begins with @ is abstract.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if sys.platform == "win32" or not address:
        return False
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.sendto(state.encode(), "\0" + address[1:] if address[0] == "@" else address)
        return True
    return False


def alive() -> None:
    """Say that the loop beats: a server that hangs is started again."""
    tell("WATCHDOG=1")
