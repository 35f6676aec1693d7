"""What a window's page is told: the desk, and what became of the last service's rating."""

from typing import Any

from hall.desk import Desk
from rating.book import Book
from web.live import Live


def desk_of(desk: Desk, book: Book, no: int) -> dict[str, Any]:
    """Return all a window's page shows; of the last rating never the level, never the rater."""
    return {
        **desk.window_desk(no),
        "last": book.last_service(no),
        "last_unrated": book.last_unrated(no),
    }


def register(live: Live) -> None:
    """Let the sockets of a window be told what its page shows."""
    live.show("window", lambda no: ("window", desk_of(live.desk, live.book, int(no))))
