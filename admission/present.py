"""class Present – from where people are signed in: each sees their own, and can end them."""

from admission.present_store import SignIn, SignIns
from hall.days import DAY, Clock
from hall.store import Store

# No sign-in lasts longer; what has ended is told by the audit log.
KEPT = 7 * DAY


class Present:
    """The sign-ins of the last days; which of them still hold, the door knows."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self.clock = clock
        self.tables = SignIns(store)

    def came_in(
        self, mark: str, person: str, window: int | None, address: str, browser: str
    ) -> None:
        """Keep that somebody has signed in, and from where."""
        with self.store.transaction():
            now = self.clock()
            self.tables.forget_before(now - KEPT)
            self.tables.add(mark, person, now, window, address, browser)

    def of(self, person: str) -> list[SignIn]:
        """Return somebody's sign-ins of the last days, the newest first."""
        return self.tables.of(person)
