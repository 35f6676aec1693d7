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
from hall.refusals import NotAllowed, NotFound, NotValid
from hall.register import Register
from hall.store import Store
from hall.tickets import State, Visit, VisitState
from rating import months, rights
from rating.events import AskTimedOut, RatingAsked, RatingVoided, SecondInvited, ServiceRated
from rating.levels import Channel, Level, Tag, channel_of, level_of, tags_given
from rating.months import Month
from rating.store import Asked, Rating, Ratings

log = logging.getLogger("rating.book")
TREND_MONTHS_MOST = 36
SLIP_LINK = "slip link"
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
        self.links = rights.Links(register.secrets(SLIP_LINK))
        self._others, _ = store.version()
        self._along: list[Callable[[Event], None]] = []
        self._followers: list[Callable[[Event], None]] = []
        self._elsewhere: Callable[[Asking], dict[str, str]] | None = None
        self._tags: list[Tag] = []
        desk.along(self._ask_when_finished)

    def along(self, follower: Callable[[Event], None]) -> None:
        """Let ``follower`` write what belongs to an event into the event's own transaction."""
        self._along.append(follower)

    def follow(self, follower: Callable[[Event], None]) -> None:
        """Let ``follower`` know of events once they are safe; a failing one is logged."""
        self._followers.append(follower)

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
        """Ask at the window's evaluator, if it has one; in the transaction that ends the service.

        Without one nobody was asked, and the figures say so (未邀评).
        """
        if not isinstance(event, ServiceFinished):
            return
        if event.window not in self.register.catalogue().evaluated:
            return
        expires_at = event.at + self.config.ask_seconds * days.SECOND
        self.ratings.end_older_askings(event.window, event.visit, self._unanswered, event.at)
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

    def rotate_links(self) -> None:
        """Sign links with a new key from now on; those on slips that may still be rated stay good.

        A second rating may come after a case of weeks: an old key is kept twice as long.
        """
        keep = 2 * self.config.rating.link_days * rights.DAY
        self.register.rotate_secret(SLIP_LINK, keep)
        self.links = rights.Links(self.register.secrets(SLIP_LINK))

    def _see_new_keys(self) -> None:
        others, _ = self.store.version()
        if others != self._others:  # another process has written: server.py rotate-links, perhaps
            self._others, self.links = others, rights.Links(self.register.secrets(SLIP_LINK))

    def tick(self) -> None:
        """Keep as "asked, timed out" what nobody answered; learn of keys rotated elsewhere."""
        self._see_new_keys()
        now = self.clock()
        past = self.ratings.askings_past(now)
        if not past:
            return
        with self.store.transaction():
            for asked in past:
                if self.ratings.end_asking(asked.visit, self._unanswered, now):
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
                expires_at = now + self.config.ask_seconds * days.SECOND
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
        """Return the newest tags of a level, or all, in their order."""
        newest = self.ratings.tag_version()
        return [tag for tag in self.tags_ever(level) if tag.version == newest]

    def tags_ever(self, level: Level | None = None) -> list[Tag]:
        """Return the tags of all versions, oldest first: a page that stays open offers older."""
        if not self._tags or self._tags[-1].version != self.ratings.tag_version():
            self._tags = self.ratings.tags()
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
        at: Instant | None = None,
        by_default: bool = False,
    ) -> Rating:
        """Store what the person served says of a finished service, once.

        ``at``: when it was said, where that was before now and whoever brings it answers for it.
        ``by_default``: another system's rule filled it in; no citizen said it.

        Raises NotFound, NotValid or NotAllowed (``not_rateable``, ``already_rated``, ``too_late``,
        ``other_window``) with nothing changed.
        """
        chosen, came_by = level_of(level), channel_of(channel)
        if at is None:  # what is brought in later was not given on the hall's own pages
            rights.check_rated_here(came_by, self.config.province.mode)
        given = tags_given(self.tags_ever(chosen), tags)
        told, reach = rights.check_text(text, contact, self.config.rating.text_length)
        with self.store.transaction():
            now = self.clock()
            said_at = now if at is None else min(at, now)
            most = self.config.rating.link_days if at is None else rights.ANY_DAYS
            found = rights.check_rateable(
                self.store.visit(visit), said_at, most, self._second(visit)
            )
            rights.check_own_window(found, window)
            nth = 2 if self._may_be_second(visit, came_by) else 1
            number = self.ratings.add_rating(
                visit, chosen, given, told, reach, came_by.value, said_at, device, nth, by_default
            )
            if number is None:
                raise NotAllowed("already_rated", "这次服务已经评价过了，感谢您的评价。")
            if not by_default:
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
            if not by_default:  # nobody rated: nobody is told of a rating
                self._note(ServiceRated(seq, now, (), found.window, visit, number, came_by.value))
        return self.rating(number)

    def _second(self, visit: int) -> Instant | None:
        return self.ratings.second_invited_at(visit)

    def _may_be_second(self, visit: int, channel: Channel) -> bool:
        """Return whether this is the second rating; whoever stands at the window has given one."""
        if channel is Channel.EVALUATOR or self._second(visit) is None:
            return False
        return self.ratings.rating_of(visit) is not None

    # -- voiding, and the second rating ---------------------------------------------------------

    def rating(self, number: int) -> Rating:
        """Return a rating by its id."""
        found = self.ratings.rating(number)
        if found is None:
            raise NotFound("unknown_rating", "没有这条评价。")
        return found

    def void(self, rating: int, kind: str, reason: str, *, by: str) -> Rating:
        """Void a rating as ``mistaken`` or ``malicious`` with a reason; it stays, out of the rates.

        Void already: nothing else happens. Who may decide so is the case's question (cases).
        """
        why = rights.check_void(kind, reason)
        with self.store.transaction():
            found, now = self.rating(rating), self.clock()
            if self.ratings.void(rating, kind, why, by, now):
                visit = self.store.visit(found.visit)
                assert visit is not None
                seq = self.store.note(
                    now,
                    "rating_voided",
                    ticket=visit.ticket,
                    visit=visit.id,
                    window=visit.window,
                    who=by,
                    detail={"rating": rating, "kind": kind, "reason": why},
                )
                self._note(RatingVoided(seq, now, (), visit.window, visit.id, rating, kind))
            return self.rating(rating)

    def invite_again(self, visit: int, *, by: str) -> None:
        """Let a service that was rated badly be rated once more, after it has been put right.

        Raises NotFound or NotAllowed (``not_rated_badly``); invited already: nothing else happens.
        """
        with self.store.transaction():
            found, now = self.store.visit(visit), self.clock()
            if found is None:
                raise NotFound("unknown_visit", "没有这次办理。")
            first = self.ratings.rating_of(visit)
            if first is None or not first.level.is_bad or first.voided_at is not None:
                raise NotAllowed("not_rated_badly", "只有差评整改后才能追评。")
            if self.ratings.invite_second(visit, by, now):
                seq = self.store.note(
                    now,
                    "second_rating_invited",
                    ticket=found.ticket,
                    visit=visit,
                    window=found.window,
                    who=by,
                )
                self._note(SecondInvited(seq, now, (), found.window, visit))

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
        *,
        visit: int | None = None,
        channel: Channel = Channel.QR,
    ) -> Rating:
        """Rate a service of the ticket that a link names: the newest, or the ``visit`` shown."""
        ticket = self.desk.ticket(self.links.ticket_of(token))
        visits = self.store.visits_of(ticket.id)
        if not visits:
            raise NotAllowed("not_rateable", "还没有办理，办完后才能评价。")
        wanted = visits[-1].id if visit is None else visit
        if wanted not in {each.id for each in visits}:
            raise NotAllowed("other_ticket", "这个链接只能评价本号票的服务。")
        return self.rate(wanted, level, channel, tags=tags, text=text, contact=contact)

    def followed(self, token: str) -> dict[str, Any]:
        """Return how the ticket of a link stands, for the phone."""
        followed = self.desk.follow_ticket(self.links.ticket_of(token))
        ticket, visit = followed.ticket, followed.visit
        to_rate = [each for each in self.store.visits_of(ticket.id) if self._may_rate(each)]
        if ticket.state is State.DONE and to_rate:
            visit = to_rate[0]
        catalogue = self.register.catalogue()
        zone = self.desk.zone
        rating = self.ratings.rating_of(visit.id) if visit else None
        shown = visit.service if visit and ticket.state is State.DONE else ticket.service
        window = catalogue.window.get(visit.window) if visit else None
        return {
            "number": ticket.number,
            "service_name": catalogue.service[shown].name,
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
            "can_rate": bool(to_rate),
            "second": bool(to_rate) and rating is not None,
            "rated": rating.level.value if rating else None,
            "hall": self.register.hall().name,
            "rev": self.store.last_seq(),
        }

    def _may_rate(self, visit: Visit) -> bool:
        if visit.state is not VisitState.DONE or not self.config.province.rates_here:
            return False
        second = self._second(visit.id)
        try:
            rights.check_rateable(visit, self.clock(), self.config.rating.link_days, second)
        except NotAllowed:
            return False
        if self.ratings.rating_of(visit.id) is None:
            return True
        return second is not None and self.ratings.second_of(visit.id) is None

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
