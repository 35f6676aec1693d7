"""All SQL of the rankings, and what they read of cases and complaints."""

from dataclasses import dataclass
from typing import Any

from cases.figures import Fact
from hall.days import Instant
from hall.store import Store
from ranking.life import Ranking, State
from ranking.migrations import migrations

COLUMNS = """id, month, version, state, reason, snapshot, seal, drafted_by, drafted_at, signed_by,
    signed_at, published_by, published_at"""
# Complaints count, not what was only asked or suggested, nor what was taken back.
COUNTED = """complaint.kind = 'complaint' and complaint.state != 'withdrawn'
    and complaint.at >= :first and complaint.at < :past"""
LAST_FINDING = """
    left join ranking_finding on ranking_finding.id = (
        select max(id) from ranking_finding where ranking_finding.complaint = complaint.id
    )
"""
# A voided rating has no answer to show, whatever was said of it before.
SHOWN = "closed_at is not null and published = 1 and public != '' and void_kind = ''"


@dataclass(frozen=True, slots=True)
class Given:
    """What an inspector gave a window, in tenths of a point."""

    window: int
    given: int
    given_of: int
    words: str
    at: Instant
    who: str


@dataclass(frozen=True, slots=True)
class Concern:
    """A complaint of a month, and which window it was found to concern; ``found_at`` when."""

    complaint: int
    title: str
    unit: str
    accused_unit: str
    accused: str
    at: Instant
    window: int | None
    words: str
    found_at: Instant | None
    found_by: str


@dataclass(frozen=True, slots=True)
class Past:
    """A line of a ranking's history."""

    at: Instant
    who: str
    verb: str
    note: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A public answer, and what must not stand in it."""

    case: int
    window: int
    unit: str
    tags: str
    public: str
    rated_at: Instant
    closed_at: Instant
    number: str
    case_number: str
    text: str
    contact: str
    clerk: str
    handler: str


class RankingStore:
    """The tables of the rankings."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.run = store.connection.execute
        store.take_steps(migrations)

    # -- ranking --------------------------------------------------------------------------------

    def add(self, made: Ranking) -> Ranking:
        """Store a new draft and return it with its id."""
        values = (made.month, made.version, made.state.value, made.reason, made.snapshot)
        found = self.run(
            f"""
            insert into ranking (month, version, state, reason, snapshot, seal, drafted_by,
                drafted_at)
            values (?, ?, ?, ?, ?, ?, ?, ?) returning {COLUMNS}
            """,
            (*values, made.seal, made.drafted_by, made.drafted_at),
        ).fetchone()
        return _ranking(found)

    def change(self, was: Ranking, new: Ranking) -> bool:
        """Store what became of a ranking; False when it is not any more what was read."""
        return bool(
            self.run(
                """
                update ranking set state = ?, signed_by = ?, signed_at = ?, published_by = ?,
                    published_at = ?
                where id = ? and state = ?
                """,
                (
                    new.state.value,
                    new.signed_by,
                    new.signed_at,
                    new.published_by,
                    new.published_at,
                    was.id,
                    was.state.value,
                ),
            ).rowcount
        )

    def ranking(self, number: int) -> Ranking | None:
        """Return a ranking by its id."""
        return self._one("id = ?", number)

    def under_way(self, month: str) -> Ranking | None:
        """Return the draft of a month, or what was signed of it and is not published yet."""
        return self._one("month = ? and (state = 'draft' or state = 'signed')", month)

    def published(self, month: str, version: int | None = None) -> Ranking | None:
        """Return a published version of a month, the newest when none is named."""
        if version is not None:
            return self._one("state = 'published' and month = ? and version = ?", month, version)
        return self._one("state = 'published' and month = ? order by version desc limit 1", month)

    def versions(self, month: str) -> list[Ranking]:
        """Return the published versions of a month, the newest first."""
        return self._many(
            "state = 'published' and month = :month order by version desc", month=month
        )

    def every_version(self) -> list[Ranking]:
        """Return all that was ever published, the newest month first."""
        return self._many("state = 'published' order by month desc, version desc")

    def newest(self, most: int = -1) -> list[Ranking]:
        """Return the newest published version of each month, the newest month first."""
        return self._many(
            """
            state = 'published' and not exists (
                select 1 from ranking as newer
                where newer.state = 'published' and newer.month = ranking.month
                    and newer.version > ranking.version
            )
            order by month desc limit :most
            """,
            most=most,
        )

    def last_returned(self, month: str) -> Ranking | None:
        """Return the newest ranking of a month when a leader sent it back, else None."""
        found = self._one("month = ? order by id desc limit 1", month)
        return found if found and found.state is State.RETURNED else None

    def _one(self, condition: str, *values: object) -> Ranking | None:
        found = self.store.row(f"select {COLUMNS} from ranking where {condition}", values)
        return _ranking(found) if found else None

    def _many(self, condition: str, **values: object) -> list[Ranking]:
        found = self.store.rows(f"select {COLUMNS} from ranking where {condition}", values)
        return [_ranking(each) for each in found]

    # -- ranking_step ---------------------------------------------------------------------------

    def add_step(
        self, ranking: int, at: Instant, who: str, verb: str, note: str, tap: str | None
    ) -> None:
        """Write down what was done with a ranking."""
        self.run(
            """
            insert into ranking_step (ranking, at, who, verb, note, tap)
            values (?, ?, ?, ?, ?, ?)
            """,
            (ranking, at, who, verb, note, tap),
        )

    def steps(self, ranking: int) -> list[Past]:
        """Return what was done with a ranking, oldest first."""
        found = self.store.rows(
            "select at, who, verb, note from ranking_step where ranking = ? order by id",
            (ranking,),
        )
        return [Past(*each) for each in found]

    def of_tap(self, tap: str) -> Ranking | None:
        """Return the ranking on which a form has been acted before."""
        return self._one("id = (select ranking from ranking_step where tap = ?)", tap)

    # -- ranking_points -------------------------------------------------------------------------

    def give(self, month: str, given: Given, tap: str) -> None:
        """Store what an inspector gives; older points of the window stay and count no more."""
        self.run(
            """
            insert into ranking_points (month, window, given, given_of, words, at, who, tap)
            values (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            (
                month,
                given.window,
                given.given,
                given.given_of,
                given.words,
                given.at,
                given.who,
                tap,
            ),
        )

    def points(self, month: str) -> dict[int, Given]:
        """Return the points of a month that count, by window."""
        found = self.store.rows(
            """
            select window, given, given_of, words, at, who from ranking_points
            where id in (select max(id) from ranking_points where month = ? group by window)
            """,
            (month,),
        )
        return {each[0]: Given(*each) for each in found}

    def is_given(self, tap: str) -> bool:
        """Return whether a form with points has been kept before."""
        return bool(self.store.row("select 1 from ranking_points where tap = ?", (tap,)))

    # -- ranking_finding ------------------------------------------------------------------------

    def find(
        self, complaint: int, window: int | None, words: str, at: Instant, who: str, tap: str
    ) -> None:
        """Store which window a complaint was found to concern; None for none."""
        self.run(
            """
            insert into ranking_finding (complaint, window, words, at, who, tap)
            values (?, ?, ?, ?, ?, ?)
            """,
            (complaint, window, words, at, who, tap),
        )

    def is_found(self, tap: str) -> bool:
        """Return whether a form with a finding has been kept before."""
        return bool(self.store.row("select 1 from ranking_finding where tap = ?", (tap,)))

    def concerns(self, first: Instant, past: Instant) -> list[Concern]:
        """Return the complaints from ``first`` up to before ``past``, and what was found."""
        found = self.store.rows(
            f"""
            select complaint.id, complaint.title, coalesce(complaint.unit, ''),
                complaint.accused_unit, complaint.accused, complaint.at, ranking_finding.window,
                coalesce(ranking_finding.words, ''), ranking_finding.at,
                coalesce(ranking_finding.who, '')
            from complaint {LAST_FINDING}
            where {COUNTED} order by complaint.at, complaint.id
            """,
            {"first": first, "past": past},
        )
        return [Concern(*each) for each in found]

    # -- cases ----------------------------------------------------------------------------------

    def bad_ratings(self, first: Instant, past: Instant) -> list[tuple[int, Fact]]:
        """Return the bad ratings from ``first`` up to before ``past``: window, and how answered."""
        found = self.store.rows(
            """
            select window, real_name, void_kind != '', contacted_at, contact_limit, answered_at,
                answer_limit, limit_at, closed_at, revisited_at
            from rating_case where rated_at >= ? and rated_at < ?
            """,
            (first, past),
        )
        return [(window, Fact(*each)) for window, *each in found]

    def answers(self, first: Instant, past: Instant, most: int) -> list[Shown]:
        """Return the public answers of cases closed within a stretch, the newest first."""
        found = self.store.rows(
            f"""
            select rating_case.id, rating_case.window, rating_case.unit, rating_case.tags, public,
                rated_at, closed_at, number, case_number, rating_case.text, rating.contact,
                coalesce(clerk.name, ''), coalesce(handler.name, '')
            from rating_case
            join rating on rating.id = rating_case.rating
            left join person as clerk on clerk.staff_number = rating_case.clerk
            left join person as handler on handler.staff_number = rating_case.handler
            where {SHOWN} and closed_at >= :first and closed_at < :past
            order by closed_at desc, rating_case.id desc limit :most
            """,
            {"first": first, "past": past, "most": most},
        )
        return [Shown(*each) for each in found]

    def newest_answer(self) -> Instant | None:
        """Return when the newest public answer was closed, None without any."""
        found = self.store.row(
            f"select closed_at from rating_case where {SHOWN} order by closed_at desc limit 1"
        )
        return found[0] if found else None

    def oldest_answer(self) -> Instant | None:
        """Return when the oldest public answer was closed, None without any."""
        found = self.store.row(
            f"select closed_at from rating_case where {SHOWN} order by closed_at limit 1"
        )
        return found[0] if found else None


def _ranking(row: Any) -> Ranking:
    return Ranking(*(*row[:3], State(row[3]), *row[4:]))
