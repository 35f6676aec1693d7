"""All SQL of the queue: tickets, lines and visits have their own rooms, the rest stands here."""

import json
from collections.abc import Sequence
from typing import Any

from hall.days import Instant
from hall.line import Attending
from hall.line_store import Lines
from hall.ticket_store import Tickets
from hall.visit_store import Visits
from hall.windows import WindowNow

# An encoder made once takes a quarter of the usual time.
in_json = json.JSONEncoder(ensure_ascii=False).encode


class Store(Tickets, Lines, Visits):
    """The tables of the queue."""

    # -- business_day and counter ---------------------------------------------------------------

    def last_day(self) -> str | None:
        """Return the newest business day that was opened."""
        day: str | None = self.row("select max(day) from business_day")[0]
        return day

    def open_day(self, day: str, at: Instant) -> None:
        """Open a business day."""
        self.connection.execute(
            "insert into business_day (day, opened_at) values (?, ?)", (day, at)
        )

    def is_day_closed(self, day: str) -> bool:
        """Return whether a business day has ended."""
        found = self.row("select closed_at is not null from business_day where day = ?", (day,))
        return bool(found and found[0])

    def close_day(self, day: str, at: Instant) -> bool:
        """End a business day; False when it has ended before."""
        return bool(
            self.connection.execute(
                "update business_day set closed_at = ? where day = ? and closed_at is null",
                (at, day),
            ).rowcount
        )

    def next_sequence(self, day: str, prefix: str) -> int:
        """Return the next number of a prefix on a day; each is given once."""
        self.connection.execute(
            """
            insert into counter (day, prefix, last) values (?, ?, 1)
            on conflict (day, prefix) do update set last = last + 1
            """,
            (day, prefix),
        )
        (last,) = self.row("select last from counter where day = ? and prefix = ?", (day, prefix))
        return int(last)

    # -- window_now -----------------------------------------------------------------------------

    def window_now(self, no: int) -> WindowNow:
        """Return what a window is doing; one never opened is closed."""
        found = self.row(
            """
            select no, state, clerk, pause_reason, since, session, stands_in_for
            from window_now where no = ?
            """,
            (no,),
        )
        return WindowNow(*found) if found else WindowNow(no, "closed", None, "", 0)

    def windows_now(self) -> dict[int, WindowNow]:
        """Return what all windows are doing."""
        found = self.rows(
            "select no, state, clerk, pause_reason, since, session, stands_in_for from window_now"
        )
        return {each[0]: WindowNow(*each) for each in found}

    def windows_for(self, service: str) -> list[Attending]:
        """Return the windows that serve a service, by number."""
        found = self.rows(
            """
            select window_service.window, coalesce(window_now.state, 'closed'), visit.called_at,
                visit.service
            from window_service
            join window on window.no = window_service.window and window.active = 1
            left join window_now on window_now.no = window_service.window
            left join visit on visit.window = window_service.window
                and visit.state in ('called', 'serving')
            where window_service.service = ?
            order by window_service.window
            """,
            (service,),
        )
        return [Attending(*each) for each in found]

    def any_window_open(self) -> bool:
        """Return whether some window is open or paused."""
        return bool(self.row("select exists (select 1 from window_now where state != 'closed')")[0])

    def change_window(self, now: WindowNow) -> None:
        """Store what a window is doing."""
        self.connection.execute(
            """
            insert into window_now (no, state, clerk, pause_reason, since, session, stands_in_for)
            values (?, ?, ?, ?, ?, ?, ?)
            on conflict (no) do update set state = excluded.state, clerk = excluded.clerk,
                pause_reason = excluded.pause_reason, since = excluded.since,
                session = excluded.session, stands_in_for = excluded.stands_in_for
            """,
            (
                *(now.no, now.state, now.clerk, now.pause_reason, now.since, now.session),
                now.stands_in_for,
            ),
        )

    # -- journal --------------------------------------------------------------------------------

    def note(
        self,
        at: Instant,
        event: str,
        *,
        ticket: int | None = None,
        visit: int | None = None,
        window: int | None = None,
        who: str = "",
        detail: dict[str, Any] | None = None,
    ) -> int:
        """Write a row of the journal and return its seq."""
        cursor = self.connection.execute(
            """
            insert into journal (at, event, ticket, visit, window, who, detail)
            values (?, ?, ?, ?, ?, ?, ?)
            """,
            (
                at,
                event,
                ticket,
                visit,
                window,
                who,
                in_json(detail) if detail else "",
            ),
        )
        return int(cursor.lastrowid or 0)

    def note_all(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Write rows of the journal that have their seq and their detail as JSON."""
        self.connection.executemany(
            """
            insert into journal (seq, at, event, ticket, visit, window, who, detail)
            values (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            rows,
        )

    def steps_of(self, ticket: int) -> list[tuple[int, Instant, str, int | None, str, str]]:
        """Return seq, time, event, window, who and detail of all that happened to a ticket."""
        return self.rows(
            """
            select seq, at, event, window, who, detail from journal where ticket = ? order by seq
            """,
            (ticket,),
        )

    def last_seq(self) -> int:
        """Return the newest row of the journal, 0 for none."""
        return int(self.row("select coalesce(max(seq), 0) from journal")[0])
