"""class Desk – the verbs of the queue: read, decide, save, note; after the commit, tell.

They stand in rooms of their own – ``taking``, ``returning``, ``favouring``, ``calling``,
``serving``, ``staffing``, ``story`` – on one ground, ``verbs``; here is what time, paper and
screens want of them.
"""

from typing import Any

from hall import days
from hall.calling import Called, Calling
from hall.days import Instant
from hall.events import DayEnded, SlipNoted
from hall.favouring import Favouring
from hall.refusals import NotAllowed, NotFound
from hall.returning import Returning
from hall.serving import Serving
from hall.staffing import Staffing
from hall.story import Step, Story, Telling
from hall.taking import Followed, Issued

__all__ = ["Called", "Desk", "Followed", "Issued", "Step", "Story"]


class Desk(Telling, Returning, Favouring, Calling, Serving, Staffing):
    """The one place where the queue changes."""

    # -- what time and paper bring --------------------------------------------------------------

    def tick(self) -> None:
        """Do what time alone makes happen: open the business day, end it after closing."""
        now = self.clock()
        last = self.store.last_day()
        if last is None or days.business_day(now, self.zone, last) != last:
            with self.store.transaction():
                self._today(now)
        elif self._is_day_over(last, now) and not self.store.is_day_closed(last):
            self.end_day()

    def _is_day_over(self, day: str, now: Instant) -> bool:
        if self.config.hall.always_open:
            return False
        closes = self.calendar().last_closing(day)
        after = self.config.queue.end_day_after_minutes * days.MINUTE
        return closes is not None and now >= closes + after

    def end_day(self, *, by: str = "") -> int:
        """End the business day: who still waits or is held has lost the ticket; return how many.

        Raises NotAllowed while somebody is called or served.
        """
        with self.store.transaction():
            now, day = self.clock(), self.store.last_day()
            if day is None or self.store.is_day_closed(day):
                return 0
            busy = self.store.active_visits()
            if busy and by:
                raise NotAllowed(
                    "still_serving", f"还有 {len(busy)} 个窗口正在办理，办完后才能结束当日。"
                )
            before = self.store.last_seq()
            self._expire(day, now)
            ended = self.store.last_seq() - before
            self.store.close_day(day, now)
            seq = self.store.note(now, "day_ended", who=by, detail={"day": day, "expired": ended})
            self._emit(DayEnded(seq, now, tuple(self._catalogue.zone), day))
        return ended

    def note_slip(self, ticket_id: int, outcome: str, detail: str = "", *, by: str = "") -> None:
        """Keep what became of a ticket's slip; ``by`` is who had it printed again."""
        with self.store.transaction():
            ticket, now = self.ticket(ticket_id), self.clock()
            seq = self.store.note(
                now,
                f"slip_{outcome}",
                ticket=ticket_id,
                who=by,
                detail={"detail": detail} if detail else None,
            )
            self._emit(SlipNoted(seq, now, (), ticket, outcome, detail))

    # -- what is shown --------------------------------------------------------------------------

    def rev(self) -> int:
        """Return the newest row of the journal: what every screen's ``rev`` counts in."""
        return self.store.last_seq()

    def board(self, zone: str) -> dict[str, Any]:
        """Return a zone's whole board, as the contract has it."""
        if zone not in self.register.catalogue().zone:
            raise NotFound("unknown_zone", f"没有分区“{zone[:40]}”。")
        return self.screens.board(zone)

    def windows_now(self) -> list[dict[str, Any]]:
        """Return all windows as the contract lists them."""
        return self.screens.windows_now()

    def services_now(self) -> list[dict[str, Any]]:
        """Return all services as the contract lists them."""
        return self.screens.services_now()

    def window_desk(self, no: int) -> dict[str, Any]:
        """Return what a window's clerk sees."""
        return self.screens.window_desk(no)
