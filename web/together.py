"""Several requests share one commit, and each still waits for its own.

With ``synchronous=FULL`` the commit is what bounds the rate of tickets: ten rows a commit gave
54,700 rows a second against 6,050. Whoever comes while others are about to commit joins them; each
verb is a savepoint by itself, so a refusal undoes only its own.
"""

from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

import gevent
from gevent.event import AsyncResult

from hall.store import Store

T = TypeVar("T")
# gevent's own class takes no type in brackets while it runs
if TYPE_CHECKING:
    Promise = AsyncResult[Any]
else:
    Promise = AsyncResult
# A commit shared by more would make the first wait for the last: 64 tickets take some 20 ms.
MOST = 64


class Together:
    """The line of work in front of one store."""

    def __init__(
        self, store: Store, along: Callable[[Callable[[], Any]], Any] = lambda work: work()
    ) -> None:
        """Do work through ``along``, in the shared transaction: the audit log adds its row."""
        self.store = store
        self.along = along
        self._waiting: list[tuple[Callable[[], Any], Promise]] = []
        self._running = False

    def run(self, work: Callable[[], T]) -> T:
        """Do ``work`` in a transaction, return what it returned once that is on the disk.

        ``work`` is one verb of the desk or the book, whose own transaction becomes a savepoint; it
        does nothing but SQL: it must not yield.
        """
        promise = Promise()
        # the work asks ``desk()`` of its own request, though another greenlet carries it out
        self._waiting.append((partial(copy_context().run, self.along, work), promise))
        if not self._running:
            self._running = True
            gevent.spawn(self._commit_all)
        return cast(T, promise.get())

    def _commit_all(self) -> None:
        try:
            while self._waiting:
                some, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                self._commit(some)
        finally:
            self._running = False

    def _commit(self, some: list[tuple[Callable[[], Any], Promise]]) -> None:
        outcomes: list[tuple[Promise, Any, BaseException | None]] = []
        try:
            with self.store.transaction():
                for work, promise in some:
                    try:
                        outcomes.append((promise, work(), None))
                    except Exception as refusal:  # noqa: BLE001 - it is handed to who asked
                        outcomes.append((promise, None, refusal))
        except Exception as failure:  # noqa: BLE001 - nothing was saved: everybody hears it
            outcomes = [(promise, None, failure) for _work, promise in some]
        for promise, value, failed in outcomes:
            if failed is None:
                promise.set(value)
            else:
                promise.set_exception(failed)
