"""class Connector – ratings on their way to the province: written with the event, sent aside.

A row is part of the transaction that made its rating. Every second ``tick`` hands what is due to
threads – bad ratings have a line of their own – and notes what came back. What was not noted when
the process ended is told again under the same key; the province says that it knows it.
"""

import logging
import secrets
from dataclasses import dataclass, replace

from hall import days
from hall.days import Instant
from hall.errands import Errands, Run
from hall.events import Event
from hall.refusals import NotAllowed, NotFound, NotValid
from province import posting
from province.adapter import Adapter, Verdict, next_try
from province.record import Trouble, record_of
from province.store import Row, Rows
from rating.book import Book
from rating.events import RatingVoided, ServiceRated

# One line's turn; it gets the next ones a second later.
MOST_AT_ONCE = 20
# A line to a silent province rests, longer each time, so that an outage costs no row its tries.
RESTS = (5, 10, 30, 60, 120)
TROUBLE_SHOWN = 200
REPLAY_DAYS_MOST = 366
LINES = (True, False)  # bad ratings and voidings; all others
log = logging.getLogger("province")


@dataclass(frozen=True, slots=True)
class Job:
    """One try: which row, and what it says."""

    row: Row
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class Standing:
    """How the connector stands: rows by state, what waits for a batch, when one was taken last."""

    adapter: str
    counts: dict[str, int]
    gathering: int
    last_sent_at: Instant | None
    trouble: list[Trouble]


class Connector:
    """The one place where the hall speaks to its province."""

    def __init__(self, book: Book, adapter: Adapter | None, run: Run) -> None:
        """``run(function, *arguments)`` does work elsewhere, as a thread pool's spawn does."""
        self.book = book
        self.store = book.store
        self.config = book.config.province
        self.clock = book.clock
        self.adapter = adapter
        self.rows = Rows(book.store)
        self.errands = Errands[bool, Job, Verdict](
            self.store, self.clock, run, tried=self._tried, note=self._note
        )
        self._silences: dict[bool, int] = dict.fromkeys(LINES, 0)
        self._rests_until: dict[bool, Instant] = dict.fromkeys(LINES, 0)
        if adapter is not None:
            book.along(self._along)

    def start(self) -> None:
        """Keep since when ratings are told; what another process wrote meanwhile is told too."""
        name = self.adapter.name if self.adapter else ""
        if not name and not self.rows.link():
            return
        with self.store.transaction():
            now = self.clock()
            if self.rows.link() != name:
                self.rows.switch_off(now)
                if name:
                    self.rows.switch_on(name, now)
                self.store.note(now, "province_switched", detail={"adapter": name})
            for rating in self.rows.untold() if name else ():
                self.rows.add_rating(rating, new_key(), now)
            for rating in self.rows.voids_untold() if self._tells_voids else ():
                self.rows.add_void(rating, new_key(), now)

    @property
    def _tells_voids(self) -> bool:
        return self.adapter is not None and self.adapter.tells_voids

    # -- writing --------------------------------------------------------------------------------

    def _along(self, event: Event) -> None:
        """Write the row of a rating or a voiding into the event's own transaction."""
        if isinstance(event, ServiceRated):
            self.rows.add_rating(event.rating, new_key(), event.at)
        elif isinstance(event, RatingVoided) and self._tells_voids:
            self.rows.add_void(event.rating, new_key(), event.at)

    # -- sending --------------------------------------------------------------------------------

    def tick(self) -> None:
        """Make a batch when it is time, hand out what is due, note what came back."""
        if self.adapter is None:
            return
        self._gather()
        for urgent in LINES:
            self._hand_out(urgent)
        self.errands.note_what_ended()

    def _gather(self) -> None:
        waiting, since = self.rows.gathering()
        now = self.clock()
        past = now - since >= self.config.batch_minutes * days.MINUTE
        if waiting and (past or waiting >= self.config.batch_rows):
            with self.store.transaction():
                self.rows.make_batch(self.rows.next_batch(), now)

    def _hand_out(self, urgent: bool) -> None:
        now = self.clock()
        if urgent in self.errands.busy or now < self._rests_until[urgent]:
            return
        due = self.rows.due(urgent=urgent, now=now, most=MOST_AT_ONCE)
        jobs = [job for each in due if (job := self._job(each))]
        if jobs:
            self.errands.send(urgent, jobs)

    def _job(self, row: Row) -> Job | None:
        """Return what a row says, all SQL done; what no province takes is given up at once."""
        assert self.adapter is not None
        facts = self.rows.facts_of(row.rating)
        if row.kind == "rating":  # told as it was given; its voiding is a row of its own
            facts = replace(facts, voided="", unid="")
        catalogue = self.book.register.catalogue()
        try:
            record = record_of(facts, catalogue, self.config.area_code, self.config.dept_codes)
            return Job(row, self.adapter.fields(record))
        except NotValid as wrong:
            with self.store.transaction():
                self.rows.failed(row.id, wrong.message, None)
            log.warning("row %d cannot be told: %s", row.id, wrong.code)
            return None

    def _tried(self, job: Job) -> Verdict:
        assert self.adapter is not None
        try:
            nonce = secrets.token_hex(16)
            message = self.adapter.pack(job.row.key, job.fields, self.clock(), nonce)
            return self.adapter.read(posting.exchange(message))
        except Exception as fault:  # whatever it was, the others behind it still have to leave
            log.exception("row %d could not be told", job.row.id)
            return Verdict(error=type(fault).__name__)

    def _note(self, job: Job, verdict: Verdict, now: Instant) -> None:
        row = job.row
        self._rest(row.urgent, verdict, now)
        if not verdict.error:
            self.rows.sent(row.id, verdict.unid, now)
            return
        next_at = next_try(row.tries + 1, now, verdict)
        self.rows.failed(row.id, verdict.error, next_at)
        if next_at is None:
            log.warning("row %d was given up: %s", row.id, verdict.error)

    def _rest(self, urgent: bool, verdict: Verdict, now: Instant) -> None:
        if not verdict.silent:
            self._silences[urgent], self._rests_until[urgent] = 0, 0
            return
        rest = RESTS[min(self._silences[urgent], len(RESTS) - 1)]
        self._silences[urgent] += 1
        self._rests_until[urgent] = now + rest * days.SECOND

    def close(self) -> None:
        """Let the last answers come in; what is still silent then is told again after the start."""
        self.errands.close()

    # -- for people -----------------------------------------------------------------------------

    def standing(self) -> Standing:
        """Return how many rows are where, and which of them have trouble."""
        return Standing(
            adapter=self.adapter.name if self.adapter else "",
            counts=self.rows.counts(),
            gathering=self.rows.gathering()[0],
            last_sent_at=self.rows.last_sent_at(),
            trouble=self.rows.trouble(TROUBLE_SHOWN),
        )

    def send_again(self, row: int, *, by: str) -> bool:
        """Tell one row again; False when there was nothing to do. NotFound for no such row."""
        with self.store.transaction():
            if self.rows.row_of(row) is None:
                raise NotFound("unknown_row", "没有这条上报记录。")
            now = self.clock()
            if not self.rows.revive(now, row):
                return False
            self.store.note(now, "province_row_again", who=by, detail={"row": row})
            return True

    def send_all_again(self, *, by: str) -> int:
        """Tell all rows again that failed or were given up, and return how many those are."""
        with self.store.transaction():
            now = self.clock()
            how_many = self.rows.revive(now)
            if how_many:
                self.store.note(now, "province_rows_again", who=by, detail={"rows": how_many})
        return how_many

    def replay(self, first_day: str, last_day: str, *, by: str) -> int:
        """Tell all ratings given on some days again, those never told too; return how many rows.

        Under the same keys: what the province has already it says so, and has it still once.
        Raises NotAllowed (``no_adapter``) and NotValid (``bad_days``).
        """
        if not self.rows.link():
            raise NotAllowed("no_adapter", "没有启用省平台对接（[province] adapter）。")
        first, past = self._span(first_day, last_day)
        with self.store.transaction():
            now, batch = self.clock(), self.rows.next_batch()
            found = self.rows.ratings_between(first, past)
            for rating in found:
                self.rows.add_rating(rating, new_key(), now)
            for rating in self.rows.voids_untold() if self._tells_voids else ():
                self.rows.add_void(rating, new_key(), now)
            how_many = sum(self.rows.again(rating, batch, now) for rating in found)
            detail = {"from": first_day, "to": last_day, "rows": how_many}
            self.store.note(now, "province_replayed", who=by, detail=detail)
        return how_many

    def _span(self, first_day: str, last_day: str) -> tuple[Instant, Instant]:
        zone = self.book.desk.zone
        try:
            first = days.first_instant(first_day, zone)
            past = days.first_instant(days.next_day(last_day), zone)
        except ValueError:
            raise NotValid("bad_days", "日期须写作 2026-11-20 的样子。") from None
        if not first < past <= first + REPLAY_DAYS_MOST * 25 * days.HOUR:
            raise NotValid("bad_days", f"须从早到晚写两个日期，最多 {REPLAY_DAYS_MOST} 天。")
        return first, past


def new_key() -> str:
    """Return what a row is known by for ever.

    Not its number: a hall set back to a backup gives numbers once more, and the province would
    take a new rating for one it has.
    """
    return f"hq_{secrets.token_hex(16)}"
