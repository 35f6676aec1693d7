"""class Late – what time alone does to complaints: who must know hears of limits that passed."""

import logging

from complaints import life
from complaints.events import ComplaintRed
from complaints.red_store import RedLimits
from complaints.store import ComplaintTables
from hall.days import Clock
from hall.store import Store
from hall.teller import Teller

log = logging.getLogger("complaints")


class Late(Teller):
    """Watches the limits of complaints; each that passes is told of once."""

    def __init__(self, store: Store, clock: Clock) -> None:
        super().__init__(store, log)
        self.clock = clock
        self.tables = ComplaintTables(store)
        self.limits = RedLimits(store)

    def tick(self) -> None:
        """Tell, once each, of limits that have passed."""
        if not self.limits.newly_red(self.clock()):
            return
        with self.store.transaction():
            now = self.clock()
            for number, limit in self.limits.newly_red(now):
                about = life.known(self.tables.complaint(number))
                self.limits.told(number, limit)
                detail = {"complaint": number, "unit": about.unit, "state": about.state.value}
                seq = self.store.note(now, "complaint_red", detail=detail)
                self._emit(ComplaintRed(seq, now, (), about, limit))
