"""class AtWindow – rating by the code that stands at a window, which is the same for everybody."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hall import days
from hall.refusals import NotFound
from hall.tickets import Visit
from rating import passes
from rating.book import Book
from rating.entry_store import EntryStore
from rating.levels import Channel
from rating.passes import Passes
from rating.store import Rating


@dataclass(frozen=True, slots=True)
class Offered:
    """A finished visit that may be rated by its number alone."""

    number: str
    at: str


class AtWindow:
    """Finds the visit of whoever stands at a window with a phone; tells no name and no rating."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.store = book.store
        self.entries = EntryStore(book.store)
        self.passes = Passes(book.register.secret("window pass"))

    def offered(self, window: int) -> list[Offered]:
        """Return what was finished here lately, unrated, of tickets taken without a phone."""
        zone = self.book.desk.zone
        return [
            Offered(number, f"{days.local(ended_at, zone):%H:%M}")
            for _, number, ended_at in self._lately(window)
        ]

    def by_number(self, window: int, number: str) -> str:
        """Return the pass of an offered number; NotFound ``not_yours`` for any other."""
        for visit, said, _ in self._lately(window):
            if said == number:
                return self.passes.made(visit, self.book.clock())
        raise NotFound("not_yours", passes.NOT_FOUND)

    def by_phone(self, window: int, number: str, tail: str) -> str:
        """Return the pass of who knows a number of today and how its phone ends.

        Raises NotValid for what is neither, NotFound ``not_yours`` for all that does not fit.
        """
        said, end = passes.check_asked(number, tail)
        day = self.store.last_day() or ""
        ticket = passes.check_owner(self.store.ticket_of_day(day, said), end)
        visit = passes.finished_here(self.store.visits_of(ticket.id), window)
        return self.passes.made(visit.id, self.book.clock())

    def shown(self, window: int, given: str) -> dict[str, Any]:
        """Return what a pass shows: number, service, window, and whether it may be rated."""
        visit = self._visit(window, given)
        return {
            "number": self.book.desk.ticket(visit.ticket).number,
            "service_name": self.book.register.catalogue().service[visit.service].name,
            "window": window,
            "rated": self.book.ratings.rating_of(visit.id) is not None,
        }

    def rate(
        self,
        window: int,
        given: str,
        level: str,
        tags: Sequence[str] = (),
        text: str = "",
        contact: str = "",
    ) -> Rating:
        """Rate the visit of a pass, once."""
        visit = self._visit(window, given)
        return self.book.rate(
            visit.id, level, Channel.WINDOW_QR, tags=tags, text=text, contact=contact
        )

    def _visit(self, window: int, given: str) -> Visit:
        visit = self.store.visit(self.passes.visit_of(given, self.book.clock()))
        if visit is None or visit.window != window:
            raise NotFound("no_pass", "这个页面已失效，请重新扫描窗口的二维码。")
        return visit

    def _lately(self, window: int) -> list[tuple[int, str, days.Instant]]:
        minutes = self.book.config.rating.window_list_minutes
        if not minutes:
            return []
        since = self.book.clock() - minutes * days.MINUTE
        return self.entries.unrated_without_phone(window, since)
