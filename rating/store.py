"""All SQL of the ratings, on the connection of the queue's store."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hall.days import Instant
from hall.store import Store
from rating.levels import Level, Tag
from rating.migrations import migrations
from rating.months import Key, Tally

MONTH = Path(__file__).with_name("month.sql").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Rating:
    """What a citizen said of a visit."""

    id: int
    visit: int
    level: Level
    tags: tuple[str, ...]
    text: str
    channel: str
    at: Instant
    window: int


@dataclass(frozen=True, slots=True)
class Asked:
    """An invitation of an evaluator that has not ended."""

    visit: int
    window: int
    asked_at: Instant
    expires_at: Instant


class Ratings:
    """The tables of the ratings."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.run = store.connection.execute
        if not store.readonly:
            with store.transaction():
                migrations.apply(store.database)

    # -- tag ------------------------------------------------------------------------------------

    def tags(self) -> list[Tag]:
        """Return the newest version of the tags."""
        found = self.store.rows(
            """
            select version, level, code, shown_first, text from tag
            where version = (select max(version) from tag) order by place
            """
        )
        return [Tag(each[0], Level(each[1]), each[2], bool(each[3]), each[4]) for each in found]

    # -- rating ---------------------------------------------------------------------------------

    def add_rating(
        self,
        visit: int,
        level: Level,
        tags: Sequence[Tag],
        text: str,
        contact: str,
        channel: str,
        at: Instant,
        device: int | None,
    ) -> int | None:
        """Store a visit's rating with what it was given about; None when it has one already."""
        kept = [{"version": tag.version, "code": tag.code, "text": tag.text} for tag in tags]
        found = self.run(
            """
            insert into rating (visit, level, tags, text, contact, channel, at, device, window,
                clerk, service)
            select id, ?, ?, ?, ?, ?, max(?, ended_at), ?, window, clerk, service
            from visit where id = ? and state = 'done'
            on conflict (visit, nth) do nothing
            returning id
            """,
            (
                level.value,
                json.dumps(kept, ensure_ascii=False),
                text,
                contact,
                channel,
                at,
                device,
                visit,
            ),
        ).fetchone()
        return found[0] if found else None

    def rating_of(self, visit: int) -> Rating | None:
        """Return the first rating of a visit."""
        found = self.store.row(
            """
            select id, visit, level, tags, text, channel, at, window
            from rating where visit = ? and nth = 1
            """,
            (visit,),
        )
        if found is None:
            return None
        tags = tuple(tag["text"] for tag in json.loads(found[3]))
        return Rating(found[0], found[1], Level(found[2]), tags, *found[4:])

    # -- asking ---------------------------------------------------------------------------------

    def add_asking(self, asked: Asked) -> None:
        """Store that an evaluator asks."""
        self.run(
            """
            insert into asking (visit, window, asked_at, expires_at) values (?, ?, ?, ?)
            on conflict (visit) do nothing
            """,
            (asked.visit, asked.window, asked.asked_at, asked.expires_at),
        )

    def asking_at(self, window: int) -> Asked | None:
        """Return what a window's evaluator asks now: the newest that has not ended."""
        found = self.store.row(
            """
            select visit, window, asked_at, expires_at from asking
            where window = ? and ended_at is null order by visit desc limit 1
            """,
            (window,),
        )
        return Asked(*found) if found else None

    def asking_of(self, visit: int) -> Asked | None:
        """Return the invitation of a visit, ended or not."""
        found = self.store.row(
            "select visit, window, asked_at, expires_at from asking where visit = ?", (visit,)
        )
        return Asked(*found) if found else None

    def ask_again(self, asked: Asked) -> None:
        """Begin an invitation anew that nobody answered; one that was answered stays ended."""
        self.run(
            """
            update asking set asked_at = ?, expires_at = ?, ended_at = null, ended_as = null
            where visit = ? and ended_as is not 'rated'
            """,
            (asked.asked_at, asked.expires_at, asked.visit),
        )

    def end_asking(self, visit: int, ended_as: str, at: Instant) -> bool:
        """End an invitation that has not ended; False when it has."""
        return bool(
            self.run(
                "update asking set ended_as = ?, ended_at = ? where visit = ? and ended_at is null",
                (ended_as, at, visit),
            ).rowcount
        )

    def end_older_askings(self, window: int, visit: int, at: Instant) -> None:
        """End what a window's evaluator asked before: the citizen has left."""
        self.run(
            """
            update asking set ended_as = 'timed_out', ended_at = ?
            where window = ? and visit < ? and ended_at is null
            """,
            (at, window, visit),
        )

    def askings_past(self, now: Instant) -> list[Asked]:
        """Return the invitations whose time is over."""
        found = self.store.rows(
            """
            select visit, window, asked_at, expires_at from asking
            where ended_at is null and expires_at <= ?
            """,
            (now,),
        )
        return [Asked(*each) for each in found]

    def outcome_of(self, visit: int) -> str:
        """Return what became of a visit's rating: rated, asked, timed_out or never_asked."""
        found = self.store.row(
            """
            select
                case
                    when exists (select 1 from rating where visit = :visit) then 'rated'
                    else coalesce(
                        (select coalesce(ended_as, 'asked') from asking where visit = :visit),
                        'never_asked'
                    )
                end
            """,
            {"visit": visit},
        )
        return str(found[0])

    # -- the month ------------------------------------------------------------------------------

    def tallies(self, first: Instant, past: Instant, wait_target: int) -> dict[Key, Tally]:
        """Return what is counted from ``first`` up to before ``past``."""
        found = self.store.rows(MONTH, {"first": first, "past": past, "wait_target": wait_target})
        return {Key(*each[:3]): Tally(*each[3:]) for each in found}

    def uncalled(self, first: Instant, past: Instant) -> dict[str, int]:
        """Return how many tickets were taken, and how many ended without a call."""
        found = self.store.row(
            """
            select
                (select count(*) from ticket where taken_at >= :first and taken_at < :past),
                (select count(*) from ticket where state = 'cancelled'
                    and ended_at >= :first and ended_at < :past),
                (select count(*) from ticket where state = 'expired'
                    and ended_at >= :first and ended_at < :past)
            """,
            {"first": first, "past": past},
        )
        return {"taken": found[0], "cancelled": found[1], "expired": found[2]}
