"""Large questions, asked in a thread of their own on a connection that only reads.

A month's table over a large hall inline stalled the loop for 332 ms, so: 11 ms.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from audit.log import AuditLog
from figures.figures import Figures
from hall.desk import Desk
from hall.register import Register
from hall.store import Store
from privacy.privacy import Privacy
from rating.book import Book
from reports.bulletins import Bulletins
from web.aside import in_thread
from web.current import rooms

T = TypeVar("T")


def ask_book(question: Callable[[Book], T]) -> T:
    """Return what a book on a reading connection answers, while the loop goes on."""
    return _ask(lambda _, book: question(book))


def ask_figures(question: Callable[[Figures], T]) -> T:
    """Return what the statistics on a reading connection answer, while the loop goes on."""
    here = rooms()

    def ask(store: Store, book: Book) -> T:
        return question(Figures(store, book.register, book.desk, book, here.config, here.clock))

    return _ask(ask)


def ask_reports(question: Callable[[Bulletins], T]) -> T:
    """Return what the bulletins on a reading connection answer, while the loop goes on."""
    here = rooms()

    def ask(store: Store, book: Book) -> T:
        ground = (store, book.register, book.desk, book, here.config, here.clock)
        return question(Bulletins(*ground))

    return _ask(ask)


def ask_privacy(question: Callable[[Privacy], T]) -> T:
    """Return what is held of people, and due, on a reading connection while the loop goes on."""
    here = rooms()

    def ask(store: Store, book: Book) -> T:
        return question(Privacy(store, book.register, here.config, here.clock, here.database))

    return _ask(ask)


def _ask(question: Callable[[Store, Book], T]) -> T:
    here = rooms()

    def ask() -> T:
        store = Store(here.database, readonly=True)
        try:
            register = Register(store, here.clock)
            desk = Desk(store, register, here.config, here.clock)
            return question(store, Book(store, register, desk, here.config, here.clock))
        finally:
            store.close()

    return in_thread(ask)


def month(name: str, by: str) -> dict[str, Any]:
    """Return a month's table as the contract has it."""
    return ask_book(lambda book: book.month(name, by).to_json())


def ask_audit(question: Callable[[AuditLog], T]) -> T:
    """Return what the audit log on a reading connection answers, while the loop goes on."""
    here = rooms()

    def ask() -> T:
        store = Store(here.database, readonly=True)
        try:
            return question(AuditLog(store, here.config, here.clock))
        finally:
            store.close()

    return in_thread(ask)
