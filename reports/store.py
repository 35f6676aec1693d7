"""All SQL of reports: records read row by row, exports, and what stands above a bulletin."""

import json
from collections.abc import Iterator
from typing import Any

from hall.days import Instant
from hall.store import Store
from reports.anonymous import ComplaintFact, RatingFact, VisitFact
from reports.jobs import Job, State, Wish
from reports.migrations import migrations
from reports.wording import Words

VISITS = """
    select visit.id, visit.ticket, visit.day, visit.service, visit.window, visit.clerk,
        ticket.taken_at, visit.called_at, visit.started_at, visit.ended_at, visit.waited,
        visit.held, visit.recalls, ticket.appointment is not null, visit.state, visit.outcome
    from visit join ticket on ticket.id = visit.ticket
    where visit.ended_at >= :first and visit.ended_at < :past
    order by visit.ended_at, visit.id
"""
RATINGS = """
    select rating.id, rating.visit, rating.nth, rating.level, rating.tags, rating.channel,
        rating.at, rating.service, rating.window, rating.clerk,
        exists (select 1 from seal where kind = 'rating' and about = rating.id and private != ''),
        rating.voided_at is not null, rating.given_by_default, rating.text,
        coalesce(visit.case_number, ''), replace(ticket.day, '-', '') || ticket.number
    from rating
    join visit on visit.id = rating.visit
    join ticket on ticket.id = visit.ticket
    where rating.at >= :first and rating.at < :past
    order by rating.at, rating.id
"""
COMPLAINTS = """
    select id, source, kind, unit, at, accepted_at, replied_at, due_at, extended_to, ended_at,
        state, title, content, reply
    from complaint where at >= :first and at < :past
    order by at, id
"""
COUNTS = {
    "visits": "select count(*) from visit where ended_at >= :first and ended_at < :past",
    "ratings": "select count(*) from rating where at >= :first and at < :past",
    "complaints": "select count(*) from complaint where at >= :first and at < :past",
}
BAD = """
    select rating_case.rated_at, rating_case.service, rating_case.window, rating_case.unit,
        rating_case.level, rating_case.tags, rating_case.state, rating_case.void_kind,
        rating_case.answered_at,
        case when rating_case.published = 1 then rating_case.public else '' end
    from rating_case
    where rating_case.rated_at >= :first and rating_case.rated_at < :past
    order by rating_case.rated_at, rating_case.id
"""
CACHE_KB = 2_000
JOB = """
    id, kind, form, first, last, words, who, asked_at, state, ended_at, rows, size, file,
    stopped_by
"""


class Records:
    """The hall's records, read row by row so that no period is too long for the memory."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def stand_still(self) -> None:
        """Read everything from here on as it is at this moment."""
        # each row is read once: the 32 MB that a hall keeps at hand would be of no use
        self.store.connection.execute(f"pragma cache_size = -{CACHE_KB}")
        self.store.connection.execute("begin")
        self.store.row("select 1 from hall")

    def count(self, what: str, first: Instant, past: Instant) -> int:
        """Return how many visits, ratings or complaints there are."""
        return int(self.store.row(COUNTS[what], {"first": first, "past": past})[0])

    def visits(self, first: Instant, past: Instant) -> Iterator[VisitFact]:
        """Yield what ended at windows."""
        for row in self._run(VISITS, first, past):
            yield VisitFact(*row)

    def ratings(self, first: Instant, past: Instant) -> Iterator[tuple[RatingFact, str]]:
        """Yield the ratings, each with the number of its file: the case's, else day and ticket."""
        for *row, case, ticket in self._run(RATINGS, first, past):
            row[4] = [each["text"] for each in json.loads(row[4])]
            yield RatingFact(*row), case or ticket

    def complaints(self, first: Instant, past: Instant) -> Iterator[ComplaintFact]:
        """Yield the complaints."""
        for row in self._run(COMPLAINTS, first, past):
            yield ComplaintFact(*row)

    def bad_ratings(self, first: Instant, past: Instant) -> list[tuple[Any, ...]]:
        """Return the bad ratings and what became of them, without anything personal."""
        return list(self._run(BAD, first, past))

    def _run(self, sql: str, first: Instant, past: Instant) -> Iterator[Any]:
        return self.store.connection.execute(sql, {"first": first, "past": past})


class Reports:
    """The tables of the room."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.run = store.connection.execute
        store.take_steps(migrations)

    # -- export_job -----------------------------------------------------------------------------

    def add(self, wish: Wish, tap: str, who: str, at: Instant, file: str) -> Job:
        """Store an export that begins."""
        row = self.run(
            f"""
            insert into export_job (tap, kind, form, first, last, words, who, asked_at, state, file)
            values (?, ?, ?, ?, ?, ?, ?, ?, 'running', ?)
            returning {JOB}
            """,
            (tap, wish.kind, wish.form, wish.first, wish.last, int(wish.words), who, at, file),
        ).fetchone()
        return _job(row)

    def of_tap(self, tap: str) -> Job | None:
        """Return the export that a form has already begun."""
        return self._one("tap = ?", tap)

    def job(self, number: int) -> Job | None:
        """Return an export."""
        return self._one("id = ?", number)

    def running(self) -> Job | None:
        """Return the one export that runs."""
        return self._one("state = ?", State.RUNNING.value)

    def end(self, job: Job, state: State, at: Instant, rows: int = 0, size: int = 0) -> bool:
        """Store how an export ended; False when it has ended before."""
        return bool(
            self.run(
                """
                update export_job set state = ?, ended_at = ?, rows = ?, size = ?
                where id = ? and state = 'running'
                """,
                (state.value, at, rows, size, job.id),
            ).rowcount
        )

    def stop(self, job: Job, who: str, at: Instant) -> bool:
        """Store that somebody stopped an export; False when it has ended before."""
        return bool(
            self.run(
                """
                update export_job set state = 'broken', ended_at = ?, stopped_by = ?
                where id = ? and state = 'running'
                """,
                (at, who, job.id),
            ).rowcount
        )

    def remove(self, job: Job) -> bool:
        """Store that a file is gone."""
        return bool(
            self.run(
                "update export_job set state = 'removed' where id = ? and state = 'done'", (job.id,)
            ).rowcount
        )

    def done_before(self, at: Instant) -> list[Job]:
        """Return the exports that were done up to an instant and whose file is still there."""
        return self._many("state = 'done' and ended_at <= ?", at)

    def newest(self, most: int) -> list[Job]:
        """Return the newest exports."""
        return self._many("true order by id desc limit ?", most)

    def kept_files(self) -> set[str]:
        """Return the names of the files that have a reason to be there."""
        found = self.store.rows(
            "select file from export_job where state = 'done' or state = 'running'"
        )
        return {name for (name,) in found}

    def _one(self, condition: str, *values: Any) -> Job | None:
        found = self.store.row(f"select {JOB} from export_job where {condition}", values)
        return _job(found) if found else None

    def _many(self, condition: str, *values: Any) -> list[Job]:
        found = self.store.rows(f"select {JOB} from export_job where {condition}", values)
        return [_job(each) for each in found]

    # -- bulletin -------------------------------------------------------------------------------

    def words(self, month: str) -> Words | None:
        """Return what stands above and below a month's bulletin."""
        found = self.store.row(
            """
            select document, issue, addressed, remarks, made_by, reviewed_by, at
            from bulletin where month = ?
            """,
            (month,),
        )
        return Words(*found) if found else None

    def save_words(self, month: str, words: Words, who: str, at: Instant) -> None:
        """Store it."""
        self.run(
            """
            insert into bulletin (month, document, issue, addressed, remarks, made_by, reviewed_by,
                who, at)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?)
            on conflict (month) do update set document = excluded.document, issue = excluded.issue,
                addressed = excluded.addressed, remarks = excluded.remarks,
                made_by = excluded.made_by, reviewed_by = excluded.reviewed_by,
                who = excluded.who, at = excluded.at
            """,
            (
                *(month, words.document, words.issue, words.addressed, words.remarks),
                *(words.made_by, words.reviewed_by, who, at),
            ),
        )


def _job(row: Any) -> Job:
    number, kind, form, first, last, words, who, asked_at, state, *rest = row
    return Job(
        number, Wish(kind, form, first, last, bool(words)), who, asked_at, State(state), *rest
    )
