"""Which slip belongs to which ticket: the commit came first, the paper follows it once.

A ticket that is asked for twice (double tap, reload, retry) has one slip; another is printed only
when somebody presses 重新打印小票, and then it says so.
"""

from collections import OrderedDict
from collections.abc import Callable

from hall.desk import Desk
from kiosk.printing import Drawing, Job, Printers

# A kiosk asks for a slip within minutes; the busiest hall takes some 2,000 tickets a day.
MOST_KEPT = 2000


class Slips:
    """The slips of one hall since it was started."""

    def __init__(self, printers: Printers, desk: Desk) -> None:
        self.printers = printers
        self.desk = desk
        self._newest: OrderedDict[int, Job] = OrderedDict()
        self._of_tap: OrderedDict[tuple[int, str], Job] = OrderedDict()

    def of(self, ticket: int) -> Job | None:
        """Return a ticket's newest slip; None when this server has printed none."""
        return self._newest.get(ticket)

    def print_once(self, ticket: int, address: str, drawing: Callable[[], Drawing]) -> Job:
        """Return the slip of a ticket, printing it when there is none yet.

        Without a slip a known ticket is printed too: the server was stopped between the commit
        and the paper, and two slips of one number do less harm than none.
        """
        return self._newest.get(ticket) or self._print(ticket, address, drawing())

    def print_again(
        self, ticket: int, tap: str, address: str, drawing: Callable[[], Drawing], where: str = ""
    ) -> Job:
        """Print another slip; the same tap again is the same slip.

        ``where`` goes into the journal; the help desk writes there itself, before it prints.
        """
        known = self._of_tap.get((ticket, tap))
        if known is None:
            if where:
                self.desk.note_slip(ticket, "reprinted", where, by="kiosk")
            known = self._of_tap[ticket, tap] = self._print(ticket, address, drawing())
            _forget_the_oldest(self._of_tap)
        return known

    def tick(self) -> None:
        """Keep in the journal what became of the slips that ended since the last tick."""
        for job in self.printers.tick():
            if isinstance(job.about, int):
                self.desk.note_slip(job.about, job.outcome, job.code)

    def _print(self, ticket: int, address: str, drawing: Drawing) -> Job:
        job = self._newest[ticket] = self.printers.submit(address, drawing, about=ticket)
        self._newest.move_to_end(ticket)
        _forget_the_oldest(self._newest)
        return job


def _forget_the_oldest(kept: OrderedDict[int, Job] | OrderedDict[tuple[int, str], Job]) -> None:
    while len(kept) > MOST_KEPT:
        kept.popitem(last=False)
