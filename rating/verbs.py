"""What all verbs of 好差评 share: a rating, its tags, who may rate a second time."""

import logging

from hall import days
from hall.config import Config
from hall.days import Clock, Instant
from hall.desk import Desk
from hall.refusals import NotFound
from hall.register import Register
from hall.store import Store
from hall.teller import Teller
from rating import rights
from rating.asking_store import Askings
from rating.levels import Level, Tag
from rating.store import Rating, Ratings
from rating.tally_store import Tallies

log = logging.getLogger("rating.book")
SLIP_LINK = "slip link"


class BookVerbs(Teller):
    """The ground on which the verbs stand."""

    def __init__(
        self, store: Store, register: Register, desk: Desk, config: Config, clock: Clock
    ) -> None:
        super().__init__(store, log)
        self.register = register
        self.desk = desk
        self.config = config
        self.clock = clock
        self.ratings = Ratings(store)
        self.askings = Askings(store)
        self.tallies = Tallies(store)
        if not store.readonly:
            self.tallies.settle(desk.zone, config.queue.wait_target_minutes * days.MINUTE)
        self.links = rights.Links(register.secrets(SLIP_LINK))
        self._tags: list[Tag] = []

    def rating(self, number: int) -> Rating:
        """Return a rating by its id."""
        found = self.ratings.rating(number)
        if found is None:
            raise NotFound("unknown_rating", "没有这条评价。")
        return found

    def _second(self, visit: int) -> Instant | None:
        return self.ratings.second_invited_at(visit)

    # -- tags -----------------------------------------------------------------------------------

    def tags(self, level: Level | None = None) -> list[Tag]:
        """Return the newest tags of a level, or all, in their order."""
        newest = self.ratings.tag_version()
        return [tag for tag in self.tags_ever(level) if tag.version == newest]

    def tags_ever(self, level: Level | None = None) -> list[Tag]:
        """Return the tags of all versions, oldest first: a page that stays open offers older."""
        if not self._tags or self._tags[-1].version != self.ratings.tag_version():
            self._tags = self.ratings.tags()
        return [tag for tag in self._tags if level is None or tag.level is level]
