"""A cable between a page and the hall that tests can pull, or let fall silent."""

import contextlib
import select
import socket
import threading
from collections.abc import Callable, Iterator


class Cable:
    """Forwards bytes both ways; ``silent`` keeps every line open and lets nothing through."""

    def __init__(self, port: int) -> None:
        self.hall = port
        self.silent = False
        self.pulled = False
        self._lines: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._ended = False
        self._accepting = self._start(self._accept)

    @property
    def address(self) -> str:
        """Where a page reaches the hall through this cable."""
        return f"http://127.0.0.1:{self.port}"

    def pull(self) -> None:
        """Cut every line and let no new one through."""
        self.pulled = True
        for line in self._lines:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def plug_in(self) -> None:
        """Let new lines through, and old ones speak again."""
        self.pulled = self.silent = False

    def close(self) -> None:
        """Throw the cable away."""
        self._ended = True
        self.pull()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
            pass
        self._accepting.join(10)  # on a closed socket accept() would fail in its thread
        self._listener.close()

    def _start(self, work: Callable[..., None], *arguments: object) -> threading.Thread:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        thread.start()
        return thread

    def _accept(self) -> None:
        while not self._ended:
            page, _ = self._listener.accept()
            if self.pulled or self._ended:
                page.close()
                continue
            try:
                hall = socket.create_connection(("127.0.0.1", self.hall))
            except OSError:
                page.close()
                continue
            self._lines += [page, hall]
            self._start(self._forward, page, hall)

    def _forward(self, page: socket.socket, hall: socket.socket) -> None:
        other = {page: hall, hall: page}
        with contextlib.suppress(OSError), page, hall:
            while not self._ended:
                if self.silent:
                    threading.Event().wait(0.05)
                    continue
                ready, _, _ = select.select([page, hall], [], [], 0.1)
                for line in ready:
                    piece = line.recv(65536)
                    if not piece:
                        return
                    other[line].sendall(piece)


@contextlib.contextmanager
def cable_to(port: int) -> Iterator[Cable]:
    """Lay a cable for the length of a with block."""
    cable = Cable(port)
    try:
        yield cable
    finally:
        cable.close()
