"""class Teller – tells of events: along with each, in its transaction, and after its commit."""

import logging
from collections.abc import Callable

from hall.events import Event
from hall.store import Store

Follower = Callable[[Event], None]


class Teller:
    """Whoever makes events happen; who wants to know of them says so here."""

    def __init__(self, store: Store, log: logging.Logger) -> None:
        self.store = store
        self.log = log
        self._along: list[Follower] = []
        self._followers: list[Follower] = []

    def along(self, follower: Follower) -> None:
        """Let ``follower`` write what belongs to an event into the event's own transaction."""
        self._along.append(follower)

    def follow(self, follower: Follower) -> None:
        """Let ``follower`` know of events once they are safe; a failing one is logged."""
        self._followers.append(follower)

    def _emit(self, event: Event) -> None:
        for follower in self._along:
            follower(event)
        if self._followers:
            self.store.after_commit(lambda: self._tell(event))

    def _tell(self, event: Event) -> None:
        for follower in self._followers:
            try:
                follower(event)
            except Exception:  # what is committed stands, whoever fails to hear of it
                self.log.exception("a follower failed on %s", type(event).__name__)
