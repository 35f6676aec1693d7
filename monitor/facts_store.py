"""SQL of what is seen of the hall: who waits since when, who serves, counts of the hour and day."""

from hall.days import Instant
from hall.store import Store
from rating.oddities import LIVE

# So many of a window's newest services and ratings are looked at.
NEWEST = 120
# A window that nobody used for longer is asked about its next services, not about old ones.
LOOKED_BACK = 30 * 24 * 3_600_000


class Facts:
    """What the tables of queue and ratings tell of this moment."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def waiting(self) -> list[tuple[str, int, Instant, int, str]]:
        """Return service, how many wait, and since when which ticket of which number waits longest.

        Who was called before waits since they came back; an appointment since its slot.
        """
        # beside min() SQLite reads id and number from the row that has it
        return self.store.rows(
            """
            select service, count(*), min(since), id, number
            from (
                select service, id, number, max(coalesce(slot_at, 0), case when called_at is null
                    then taken_at
                    else coalesce((
                        select max(ended_at) from visit
                        where visit.ticket = ticket.id and visit.state != 'undone'
                    ), taken_at) end) as since
                from ticket where state = 'waiting'
            )
            group by service
            """
        )

    def busy(self) -> list[tuple[int, str, str, int, str, Instant]]:
        """Return window, state, service, ticket, number and since when, of all being served.

        The time a visit was laid aside is not counted.
        """
        return self.store.rows(
            """
            select visit.window, visit.state, visit.service, ticket.id, ticket.number,
                visit.called_at + visit.held
            from visit join ticket on ticket.id = visit.ticket
            where visit.state in ('called', 'serving')
            """
        )

    def last_ends(self) -> dict[int, Instant]:
        """Return when each open window was last busy."""
        found = self.store.rows(
            """
            select no, (select max(ended_at) from visit where visit.window = window_now.no)
            from window_now where state = 'open'
            """
        )
        return {no: at for no, at in found if at is not None}

    def missed(self, since: Instant) -> dict[str, tuple[int, int]]:
        """Return misses and ended calls by service since an instant."""
        found = self.store.rows(
            """
            select service, sum(state = 'missed'), count(*) from visit
            where ended_at >= ? and state != 'undone' and state != 'expired'
            group by service
            """,
            (since,),
        )
        return {service: (missed, ended) for service, missed, ended in found}

    def priority(self, since: Instant) -> tuple[int, int]:
        """Return how many tickets with a priority, and in all, were taken since an instant."""
        favoured, taken = self.store.row(
            """
            select coalesce(sum(priority != ''), 0), count(*) from ticket where taken_at >= ?
            """,
            (since,),
        )
        return favoured, taken

    def unrated(self, windows: list[int], now: Instant) -> dict[int, int]:
        """Return how many services each window finished in a row without any rating."""
        return {no: self._unrated_at(no, now) for no in windows}

    def _unrated_at(self, window: int, now: Instant) -> int:
        found = self.store.rows(
            """
            select exists (
                select 1 from rating where rating.visit = visit.id and rating.given_by_default = 0
            )
            from visit
            where window = ? and ended_at >= ? and state = 'done'
            order by ended_at desc, id desc limit ?
            """,
            (window, now - LOOKED_BACK, NEWEST),
        )
        return next((at for at, (rated,) in enumerate(found) if rated), len(found))

    def quick(self, since: Instant) -> dict[int, list[float]]:
        """Return after how many seconds the newest ratings came, the newest first, by window."""
        live = {each.value for each in LIVE}
        found = self.store.rows(
            """
            select rating.window, rating.channel, (rating.at - visit.ended_at) / 1000.0
            from rating join visit on visit.id = rating.visit
            where rating.at >= ? and rating.nth = 1 and rating.given_by_default = 0
            order by rating.at desc, rating.id desc
            """,
            (since,),
        )
        told: dict[int, list[float]] = {}
        for window, channel, seconds in found:
            own = told.setdefault(window, [])
            if channel in live and len(own) < NEWEST:
                own.append(seconds)
        return told
