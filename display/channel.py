"""What the screens of a zone are told: its board, and what the speaking one says of each call."""

from typing import Any

from display.speech import spoken
from web.live import Live


def with_words(board: dict[str, Any]) -> dict[str, Any]:
    """Return a board whose calls name the clips of static/voice that say them."""
    calls = [{**each, "say": spoken(each["number"], each["window"])} for each in board["calls"]]
    return {**board, "calls": calls}


def register(live: Live) -> None:
    """Let the sockets of a zone be told its board."""
    live.show("zone", lambda zone: ("board", with_words(live.board(zone))))
