"""How a window's evaluator asks: when a service ends, once more on request, until it times out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hall import days
from hall.config import Config
from hall.days import Clock, Instant
from hall.desk import Desk
from hall.events import Event, ServiceFinished
from hall.refusals import NotAllowed
from hall.register import Register
from hall.store import Store
from hall.tickets import Visit
from rating import rights
from rating.asking_store import Asked
from rating.events import AskTimedOut, RatingAsked
from rating.verbs import BookVerbs


@dataclass(frozen=True, slots=True)
class Asking:
    """What a window's evaluator asks now."""

    visit: int
    window: int
    clerk: str
    service: str
    number: str
    asked_at: Instant
    expires_at: Instant


class Inviting(BookVerbs):
    """Invitations to rate, at the windows."""

    def __init__(
        self, store: Store, register: Register, desk: Desk, config: Config, clock: Clock
    ) -> None:
        super().__init__(store, register, desk, config, clock)
        self._elsewhere: Callable[[Asking], dict[str, str]] | None = None
        desk.along(self._ask_when_finished)

    # -- elsewhere ------------------------------------------------------------------------------

    def ask_elsewhere(self, where: Callable[[Asking], dict[str, str]]) -> None:
        """Let an evaluator show what ``where`` says, instead of the hall's own five faces."""
        self._elsewhere = where

    @property
    def _unanswered(self) -> str:
        """How an invitation ends that got no answer here; elsewhere there may have been one."""
        return "elsewhere" if self._elsewhere else "timed_out"

    def elsewhere(self, asking: Asking) -> dict[str, str]:
        """Return what an evaluator shows of another system's; nothing where the hall asks."""
        return self._elsewhere(asking) if self._elsewhere else {}

    # -- asking ---------------------------------------------------------------------------------

    def _ask_when_finished(self, event: Event) -> None:
        """Ask at the window's evaluator, if it has one; in the transaction that ends the service.

        Without one nobody was asked, and the figures say so (未邀评).
        """
        if not isinstance(event, ServiceFinished):
            return
        if event.window not in self.register.catalogue().evaluated:
            return
        expires_at = event.at + self.config.ask_seconds * days.SECOND
        self.askings.end_older(event.window, event.visit, self._unanswered, event.at)
        self.askings.add(Asked(event.visit, event.window, event.at, expires_at))
        self._emit(RatingAsked(event.seq, event.at, (), event.window, event.visit))

    def asking(self, window: int) -> Asking | None:
        """Return what a window's evaluator asks now, None when it is idle."""
        asked = self.askings.running_at(window)
        if asked is None or asked.expires_at <= self.clock():
            return None
        visit = self.store.visit(asked.visit)
        assert visit is not None
        catalogue = self.register.catalogue()
        clerk = catalogue.person.get(visit.clerk) if visit.clerk else None
        return Asking(
            visit=visit.id,
            window=window,
            clerk=clerk.name if clerk else "",
            service=catalogue.service[visit.service].name,
            number=self.desk.ticket(visit.ticket).number,
            asked_at=asked.asked_at,
            expires_at=asked.expires_at,
        )

    def _end_askings(self) -> None:
        now = self.clock()
        past = self.askings.past(now)
        if not past:
            return
        with self.store.transaction():
            for asked in past:
                if self.askings.end(asked.visit, self._unanswered, now):
                    seq = self.store.note(
                        now, "ask_timed_out", visit=asked.visit, window=asked.window
                    )
                    self._emit(AskTimedOut(seq, now, (), asked.window, asked.visit))

    # -- asking once more -----------------------------------------------------------------------

    def ask_again(self, visit: int, window: int, *, by: str = "") -> Asking:
        """Invite the citizen of a window's last service once more; while one runs, return that.

        Raises NotAllowed (``already_rated``, ``not_last``, ``window_busy``, ``asked_enough``).
        """
        with self.store.transaction():
            now = self.clock()
            found = rights.check_rateable(
                self.store.visit(visit), now, self.config.rating.link_days
            )
            rights.check_own_window(found, window)
            running = self.askings.running_at(window)
            if running is None or running.visit != visit or running.expires_at <= now:
                rights.check_ask_again(found, self._last_asked(window), now)
                expires_at = now + self.config.ask_seconds * days.SECOND
                self.askings.begin_again(Asked(visit, window, now, expires_at))
                seq = self.store.note(
                    now,
                    "rating_asked_again",
                    ticket=found.ticket,
                    visit=visit,
                    window=window,
                    who=by,
                )
                self._emit(RatingAsked(seq, now, (), window, visit))
        asking = self.asking(window)
        assert asking is not None
        return asking

    def _last_asked(self, window: int) -> rights.LastAsked:
        last, busy = self.store.last_done_at(window), self.store.active_visit(window)
        asked = self.askings.of(last.id) if last else None
        return rights.LastAsked(
            visit=last.id if last else None,
            asked_at=asked.asked_at if asked else None,
            outcome=self.ratings.outcome_of(last.id) if last else "",
            busy_with=self.desk.ticket(busy.ticket) if busy else None,
        )

    def last_unrated(self, window: int) -> dict[str, Any] | None:
        """Return a window's last service of the day while nobody has rated it.

        ``asked``: the evaluator asks now; ``again``: it may be asked once more, or ``why_not``.
        """
        last = self.store.last_done_at(window)
        if last is None or last.day != self.store.last_day():
            return None
        facts = self._last_asked(window)
        if facts.outcome == "rated":
            return None
        asking = self.asking(window)
        running = asking if asking and asking.visit == last.id else None
        why_not = "" if running else self._why_not_again(last, facts)
        return {
            "visit": last.id,
            "number": self.desk.ticket(last.ticket).number,
            "asked": running is not None,
            "expires_at": days.iso(running.expires_at, self.desk.zone) if running else None,
            "again": running is None and not why_not,
            "why_not": why_not,
        }

    def _why_not_again(self, visit: Visit, facts: rights.LastAsked) -> str:
        try:
            rights.check_ask_again(visit, facts, self.clock())
        except NotAllowed as refusal:
            return refusal.message
        return ""
