"""class Book – the verbs of 好差评: read, decide, save, note; after the commit, tell."""

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hall import days, line
from hall.config import Config
from hall.days import Clock, Instant
from hall.desk import Desk
from hall.events import Event, ServiceFinished
from hall.refusals import NotAllowed, NotValid
from hall.register import Register
from hall.store import Store
from hall.tickets import Visit, VisitState
from rating import months, rights
from rating.events import AskTimedOut, RatingAsked, ServiceRated
from rating.levels import Channel, Level, Tag, channel_of, level_of, tags_given
from rating.months import Month
from rating.store import Asked, Rating, Ratings

log = logging.getLogger("rating.book")
TREND_MONTHS_MOST = 36
MONTH = re.compile(r"2[01][0-9]{2}-(0[1-9]|1[0-2])")


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


class Book:
    """The one place where ratings are made."""

    def __init__(
        self, store: Store, register: Register, desk: Desk, config: Config, clock: Clock
    ) -> None:
        self.store = store
        self.register = register
        self.desk = desk
        self.config = config
        self.clock = clock
        self.ratings = Ratings(store)
        self.links = rights.Links(register.secret("slip link"))
        self._along: list[Callable[[Event], None]] = []
        self._followers: list[Callable[[Event], None]] = []
        self._tags = self.ratings.tags()
        desk.along(self._ask_when_finished)

    def along(self, follower: Callable[[Event], None]) -> None:
        """Let ``follower`` write what belongs to an event into the event's own transaction."""
        self._along.append(follower)

    def follow(self, follower: Callable[[Event], None]) -> None:
        """Let ``follower`` know of events once they are safe; a failing one is logged."""
        self._followers.append(follower)

    def _tell(self, event: Event) -> None:
        for follower in self._followers:
            try:
                follower(event)
            except Exception:  # what is committed stands, whoever fails to hear of it
                log.exception("a follower failed on %s", type(event).__name__)

    def _note(self, event: Event) -> None:
        for follower in self._along:
            follower(event)
        if self._followers:
            self.store.after_commit(lambda: self._tell(event))

    # -- asking ---------------------------------------------------------------------------------

    def _ask_when_finished(self, event: Event) -> None:
        """Ask at the window's evaluator; in the transaction that ends the service."""
        if not isinstance(event, ServiceFinished):
            return
        expires_at = event.at + self.config.rating.ask_seconds * days.SECOND
        self.ratings.end_older_askings(event.window, event.visit, event.at)
        self.ratings.add_asking(Asked(event.visit, event.window, event.at, expires_at))
        self._note(RatingAsked(event.seq, event.at, (), event.window, event.visit))

    def asking(self, window: int) -> Asking | None:
        """Return what a window's evaluator asks now, None when it is idle."""
        asked = self.ratings.asking_at(window)
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

    def tick(self) -> None:
        """Keep as "asked, timed out" what nobody answered."""
        now = self.clock()
        past = self.ratings.askings_past(now)
        if not past:
            return
        with self.store.transaction():
            for asked in past:
                if self.ratings.end_asking(asked.visit, "timed_out", now):
                    seq = self.store.note(
                        now, "ask_timed_out", visit=asked.visit, window=asked.window
                    )
                    self._note(AskTimedOut(seq, now, (), asked.window, asked.visit))

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
            running = self.ratings.asking_at(window)
            if running is None or running.visit != visit or running.expires_at <= now:
                rights.check_ask_again(found, self._last_asked(window), now)
                expires_at = now + self.config.rating.ask_seconds * days.SECOND
                self.ratings.ask_again(Asked(visit, window, now, expires_at))
                seq = self.store.note(
                    now,
                    "rating_asked_again",
                    ticket=found.ticket,
                    visit=visit,
                    window=window,
                    who=by,
                )
                self._note(RatingAsked(seq, now, (), window, visit))
        asking = self.asking(window)
        assert asking is not None
        return asking

    def _last_asked(self, window: int) -> rights.LastAsked:
        last, busy = self.store.last_done_at(window), self.store.active_visit(window)
        asked = self.ratings.asking_of(last.id) if last else None
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

    # -- rating ---------------------------------------------------------------------------------

    def tags(self, level: Level | None = None) -> list[Tag]:
        """Return the tags of a level, or all, in their order."""
        return [tag for tag in self._tags if level is None or tag.level is level]

    def rate(
        self,
        visit: int,
        level: str,
        channel: str,
        *,
        tags: Sequence[str] = (),
        text: str = "",
        contact: str = "",
        window: int | None = None,
        device: int | None = None,
    ) -> Rating:
        """Store what the person served says of a finished service, once.

        Raises NotFound, NotValid or NotAllowed (``not_rateable``, ``already_rated``, ``too_late``,
        ``other_window``) with nothing changed.
        """
        chosen, came_by = level_of(level), channel_of(channel)
        given = tags_given(self.tags(chosen), tags)
        told, reach = rights.check_text(text, contact, self.config.rating.text_length)
        with self.store.transaction():
            now = self.clock()
            found = rights.check_rateable(
                self.store.visit(visit), now, self.config.rating.link_days
            )
            rights.check_own_window(found, window)
            number = self.ratings.add_rating(
                visit, chosen, given, told, reach, came_by.value, now, device
            )
            if number is None:
                raise NotAllowed("already_rated", "这次服务已经评价过了，感谢您的评价。")
            self.ratings.end_asking(visit, "rated", now)
            seq = self.store.note(
                now,
                "service_rated",
                ticket=found.ticket,
                visit=visit,
                window=found.window,
                who=came_by.value,
                detail={"rating": number},
            )
            self._note(ServiceRated(seq, now, (), found.window, visit, number, came_by.value))
        at = max(now, found.ended_at or now)
        texts = tuple(tag.text for tag in given)
        return Rating(number, visit, chosen, texts, told, came_by.value, at, found.window)

    # -- the link on the slip -------------------------------------------------------------------

    def link(self, ticket: int) -> str:
        """Return the path of a ticket's signed link."""
        return f"/r/{self.links.token(ticket)}"

    def rate_by_link(
        self,
        token: str,
        level: str,
        tags: Sequence[str] = (),
        text: str = "",
        contact: str = "",
    ) -> Rating:
        """Rate the newest service of the ticket that a link names."""
        ticket = self.desk.ticket(self.links.ticket_of(token))
        visit = self.store.last_visit_of(ticket.id)
        if visit is None:
            raise NotAllowed("not_rateable", "还没有办理，办完后才能评价。")
        return self.rate(visit.id, level, Channel.QR, tags=tags, text=text, contact=contact)

    def followed(self, token: str) -> dict[str, Any]:
        """Return how the ticket of a link stands, for the phone."""
        followed = self.desk.follow_ticket(self.links.ticket_of(token))
        ticket, visit = followed.ticket, followed.visit
        catalogue = self.register.catalogue()
        zone = self.desk.zone
        rating = self.ratings.rating_of(visit.id) if visit else None
        window = catalogue.window.get(visit.window) if visit else None
        return {
            "number": ticket.number,
            "service_name": catalogue.service[ticket.service].name,
            "state": ticket.state.value,
            "people_ahead": followed.people_ahead,
            "expected_wait_minutes": followed.expected_wait,
            "expected_wait": line.wait_words(followed.expected_wait or 0, followed.wait_range),
            "windows": list(followed.windows),
            "window": visit.window if visit else None,
            "window_name": window.shown_name if window else None,
            "visit": visit.id if visit else None,
            "taken_at": days.iso(ticket.taken_at, zone),
            "ended_at": days.iso(ticket.ended_at, zone) if ticket.ended_at else None,
            "can_rate": rating is None and self._may_rate(visit),
            "rated": rating.level.value if rating else None,
            "hall": self.register.hall().name,
            "rev": self.store.last_seq(),
        }

    def _may_rate(self, visit: Visit | None) -> bool:
        if visit is None or visit.state is not VisitState.DONE:
            return False
        try:
            rights.check_rateable(visit, self.clock(), self.config.rating.link_days)
        except NotAllowed:
            return False
        return True

    def last_service(self, window: int) -> dict[str, Any] | None:
        """Return a window's last service and what became of its rating, never the level."""
        visit = self.store.last_done_at(window)
        if visit is None:
            return None
        return {
            "visit": visit.id,
            "number": self.desk.ticket(visit.ticket).number,
            "service_name": self.register.catalogue().service[visit.service].name,
            "ended_at": days.iso(visit.ended_at or 0, self.desk.zone),
            "rating": self.ratings.outcome_of(visit.id),
        }

    # -- the month ------------------------------------------------------------------------------

    def month(self, name: str, by: str = "window") -> Month:
        """Return a month's table (``YYYY-MM``) by window, department, clerk or service."""
        months.check_scope(by)
        if not MONTH.fullmatch(name):
            raise NotValid("bad_month", "月份须写作 2026-11 的样子。")
        first, past = days.month_bounds(name, self.desk.zone)
        tallies = self.ratings.tallies(first, past, self._wait_target())
        uncalled = self.ratings.uncalled(first, past)
        return months.month(name, by, tallies, self.register.catalogue(), uncalled)

    def _wait_target(self) -> int:
        return self.config.queue.wait_target_minutes * days.MINUTE

    def trend(self, last: str, how_many: int) -> list[dict[str, Any]]:
        """Return the hall's totals of so many months up to ``last``, oldest first."""
        if not 1 <= how_many <= TREND_MONTHS_MOST:
            raise NotValid("bad_trend", f"月数须在 1 到 {TREND_MONTHS_MOST} 之间。")
        names = [days.month_before(last, back) for back in reversed(range(how_many))]
        return [{"month": name, **self.month(name).totals} for name in names]

    def day(self, name: str) -> dict[str, Any]:
        """Return the hall's totals of one day (``YYYY-MM-DD``)."""
        first = days.first_instant(name, self.desk.zone)
        past = days.first_instant(days.next_day(name), self.desk.zone)
        tallies = self.ratings.tallies(first, past, self._wait_target())
        total = sum(tallies.values(), months.Tally())
        return months.row("", name, total) | self.ratings.uncalled(first, past)
