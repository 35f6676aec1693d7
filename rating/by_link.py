"""The link on the slip: how it is signed, what it shows, and the rating it gives."""

from collections.abc import Sequence
from typing import Any

from hall import days, line
from hall.config import Config
from hall.days import Clock
from hall.desk import Desk
from hall.refusals import NotAllowed
from hall.register import Register
from hall.store import Store
from hall.tickets import State, Ticket, Visit, VisitState
from rating import rights
from rating.giving import Giving
from rating.levels import Channel
from rating.store import Rating
from rating.verbs import SLIP_LINK


class ByLink(Giving):
    """Tickets, as their owners follow and rate them."""

    def __init__(
        self, store: Store, register: Register, desk: Desk, config: Config, clock: Clock
    ) -> None:
        super().__init__(store, register, desk, config, clock)
        self._others, _ = store.version()

    # -- the link and its keys ------------------------------------------------------------------

    def link(self, ticket: int) -> str:
        """Return the path of a ticket's signed link."""
        return f"/r/{self.links.token(ticket)}"

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

    # -- what it shows and gives ----------------------------------------------------------------

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
            "missed_note": self._of_missing(ticket),
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

    def _of_missing(self, ticket: Ticket) -> str:
        policy = self.desk.return_policy
        if ticket.state is State.MISSED:
            return policy.afterwards(ticket, self.clock())
        return f"过号后：{policy.beforehand()}。"

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
