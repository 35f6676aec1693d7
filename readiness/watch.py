"""class Watch – the running hall's own report: looked at now and then, and whenever a page asks."""

import logging
from collections.abc import Callable

from hall.days import MINUTE, Clock, Instant
from readiness import asking
from readiness.clocks import Sync
from readiness.findings import Finding, State, count
from readiness.looking import Place, look

EVERY = 5 * MINUTE
log = logging.getLogger(__name__)
# Carries work out where a disk that does not answer holds up nobody.
Aside = Callable[[Callable[[], list[Finding]]], list[Finding]]


class Watch:
    """Looks again every five minutes and keeps what was found."""

    def __init__(
        self,
        place: Callable[[], Place],
        clock: Clock,
        aside: Aside,
        spawn: Callable[[Callable[[], object]], object],
        sync: Callable[[], Sync] = asking.sync,
    ) -> None:
        self._place = place
        self._clock = clock
        self._aside = aside
        self._spawn = spawn
        self._sync = sync
        self._found: list[Finding] = []
        self._due: Instant | None = None
        self._busy = False

    def look(self) -> list[Finding]:
        """Go through everything now and return what was found."""
        now, sync, place = self._clock(), self._sync(), self._place()
        self._found = self._aside(lambda: list(look(place, now, sync)))
        return self._found

    def counts(self) -> dict[State, int]:
        """Return how many findings of the last look are in each state; empty before the first."""
        return count(self._found) if self._found else {}

    def tick(self) -> None:
        """Look again when it is time, beside the loop; the first time five minutes in."""
        now = self._clock()
        if self._due is None:
            self._due = now + EVERY
        if self._busy or now < self._due:
            return
        self._busy, self._due = True, now + EVERY
        self._spawn(self._look_and_rest)

    def _look_and_rest(self) -> None:
        try:
            self.look()
        except Exception:  # told again in five minutes, and by whoever opens the page
            log.exception("the readiness report could not be made")
        finally:
            self._busy = False
