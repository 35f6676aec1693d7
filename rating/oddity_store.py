"""The SQL of ratings that look odd: what is looked at, and what reviewers wrote beside it."""

import json
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from hall import days
from hall.days import Instant
from hall.store import Store
from rating.levels import Channel, Level
from rating.oddities import Finding, Given, Verdict
from rating.oddity_migrations import migrations


@dataclass(frozen=True, slots=True)
class Remark:
    """What a reviewer wrote beside a finding, with what was found then."""

    key: str
    reason: str
    ratings: tuple[int, ...]
    verdict: Verdict
    note: str
    by: str
    at: Instant


class OddityStore:
    """The remarks, and the ratings as they are looked at."""

    def __init__(self, store: Store) -> None:
        self.store = store
        store.take_steps(migrations)

    def given(self, first: Instant, past: Instant, zone: ZoneInfo) -> list[Given]:
        """Return the ratings citizens gave from ``first`` up to before ``past``, voided ones too.

        Who left no contact with the rating is known by the telephone of the ticket, if any.
        """
        found = self.store.rows(
            """
            select rating.id, rating.visit, rating.window, rating.clerk, rating.device,
                rating.channel, rating.level, rating.at, visit.ended_at,
                coalesce(nullif(rating.contact, ''), ticket.phone, ''),
                rating.tags != '[]' or rating.text != '', rating.nth,
                rating.voided_at is not null, ticket.number, coalesce(device.name, '')
            from rating
            join visit on visit.id = rating.visit
            join ticket on ticket.id = visit.ticket
            left join device on device.id = rating.device
            where rating.at >= ? and rating.at < ? and rating.given_by_default = 0
            order by rating.at, rating.id
            """,
            (first, past),
        )
        return [
            Given(
                id=row[0],
                visit=row[1],
                window=row[2],
                clerk=row[3],
                device=row[4],
                channel=Channel(row[5]),
                level=Level(row[6]),
                at=row[7],
                ended_at=row[8],
                day=days.day_of(row[7], zone),
                contact=row[9],
                said_why=bool(row[10]),
                nth=row[11],
                voided=bool(row[12]),
                number=row[13],
                device_name=row[14],
            )
            for row in found
        ]

    def add(
        self,
        month: str,
        finding: Finding,
        verdict: Verdict,
        note: str,
        by: str,
        at: Instant,
        tap: str,
    ) -> bool:
        """Store a remark; False when this tap has stored one."""
        ratings = json.dumps([each.id for each in finding.ratings])
        return bool(
            self.store.connection.execute(
                """
                insert into oddity_remark (month, key, reason, ratings, verdict, note, by, at, tap)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?)
                on conflict (tap) do nothing
                """,
                (month, finding.key, finding.reason, ratings, verdict.value, note, by, at, tap),
            ).rowcount
        )

    def remarks(self, month: str) -> list[Remark]:
        """Return the remarks of a month, in their order."""
        found = self.store.rows(
            """
            select key, reason, ratings, verdict, note, by, at from oddity_remark
            where month = ? order by id
            """,
            (month,),
        )
        return [
            Remark(row[0], row[1], tuple(json.loads(row[2])), Verdict(row[3]), *row[4:])
            for row in found
        ]
