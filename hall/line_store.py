"""All SQL of the lines: who waits, in which order, and for whom."""

from hall.file import HallFile
from hall.line import InLine
from hall.tickets import Ticket

LINE_COLUMNS = """ticket.id, number, ticket.service, coalesce(after, id), turn, priority, pinned,
    own_window, via, slot_at"""
# What may put somebody before others; the text is the partial index's own, or it is not used.
SPECIAL = """(priority != '' or pinned != '' or own_window is not null or via != ''
        or slot_at is not null)"""


class Lines(HallFile):
    """The tickets that wait, as lines before windows and services."""

    def may_be_called(self, window: int) -> list[InLine]:
        """Return who may come next to a window: the first of each line, and all who may jump it.

        Arrival is the order of ids: a clock that steps back lets nobody in before the others.
        """
        # "union all" and joins: "union" and "in (select …)" make a table of their own at each call
        found = self.rows(
            f"""
            select {LINE_COLUMNS} from window_service cross join ticket on ticket.id = (
                select id from ticket
                where state = 'waiting' and service = window_service.service
                    and own_window is null
                order by coalesce(after, id), turn limit 1
            )
            where window_service.window = :window
            union all
            select {LINE_COLUMNS} from window_service
            cross join ticket on ticket.service = window_service.service
                and state = 'waiting' and {SPECIAL}
            where window_service.window = :window
            union all
            select {LINE_COLUMNS} from ticket where state = 'waiting' and own_window = :window
            """,
            {"window": window},
        )
        return [InLine(*each) for each in dict.fromkeys(found)]

    def first_at(self, window: int, most: int) -> list[InLine]:
        """Return the first who wait for a window, in the order of their places."""
        found = self.rows(
            f"""
            select {LINE_COLUMNS} from ticket
            where state = 'waiting' and (own_window is null or own_window = :window)
                and service in (select service from window_service where window = :window)
            order by coalesce(after, id), turn limit :most
            """,
            {"window": window, "most": most},
        )
        return [InLine(*each) for each in found]

    def places_in_line(self, service: str) -> list[tuple[int, int]]:
        """Return the places of all who wait for a service, in order."""
        return self.rows(
            """
            select coalesce(after, id), turn from ticket
            where state = 'waiting' and service = ? order by coalesce(after, id), turn
            """,
            (service,),
        )

    def waiting(self) -> dict[str, int]:
        """Return how many wait for each service."""
        return dict(
            self.rows(
                "select service, count(*) from ticket where state = 'waiting' group by service"
            )
        )

    def waiting_for(self, service: str) -> int:
        """Return how many wait for one service."""
        (waiting,) = self.row(
            "select count(*) from ticket where state = 'waiting' and service = ?", (service,)
        )
        return int(waiting)

    def people_ahead(self, ticket: Ticket) -> int:
        """Return how many wait before a ticket for the same service."""
        (ahead,) = self.row(
            """
            select count(*) from ticket
            where state = 'waiting' and service = ?
                and (coalesce(after, id), turn) < (coalesce(?, ?), ?)
            """,
            (ticket.service, ticket.after, ticket.id, ticket.turn),
        )
        return int(ahead)
