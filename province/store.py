"""All SQL of the province's room, on the connection of the queue's store."""

from dataclasses import dataclass

from hall.days import Instant
from hall.store import Store
from province.migrations import migrations
from province.record import Facts, Trouble

# A rating nobody gave and one that came from elsewhere are not ours to tell.
OURS = "rating.given_by_default = 0 and rating.channel != 'import'"
COLUMNS = "id, rating, kind, key, urgent, state, tries, next_at, last_error, sent_at, unid, batch"


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to tell the province; ``tries`` counts those before."""

    id: int
    rating: int
    kind: str
    key: str
    urgent: bool
    state: str
    tries: int
    next_at: Instant
    last_error: str
    sent_at: Instant | None
    unid: str
    batch: int | None


class Rows:
    """The tables of what goes up."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.run = store.connection.execute
        store.take_steps(migrations)

    # -- province_link --------------------------------------------------------------------------

    def link(self) -> str:
        """Return the adapter that is switched on, empty for none."""
        found = self.store.row("select adapter from province_link where until is null")
        return str(found[0]) if found else ""

    def switch_off(self, at: Instant) -> None:
        """Note that ratings from now on are not told."""
        self.run(
            """
            update province_link
            set until = ?, last_rating = (select coalesce(max(id), 0) from rating)
            where until is null
            """,
            (at,),
        )

    def switch_on(self, adapter: str, at: Instant) -> None:
        """Note that ratings from now on are told."""
        self.run(
            """
            insert into province_link (adapter, after_rating, since)
            values (?, (select coalesce(max(id), 0) from rating), ?)
            """,
            (adapter, at),
        )

    # -- province_row: what is told -------------------------------------------------------------

    def add_rating(self, rating: int, key: str, at: Instant) -> bool:
        """Store that a rating goes up, once; False for one that goes already or is not ours."""
        return bool(
            self.run(
                f"""
                insert into province_row (rating, kind, key, urgent, next_at, made_at)
                select id, 'rating', :key, level in ('dissatisfied', 'very_dissatisfied'), :at, :at
                from rating where id = :rating and {OURS}
                on conflict (rating, kind) do nothing
                """,
                {"rating": rating, "key": key, "at": at},
            ).rowcount
        )

    def add_void(self, rating: int, key: str, at: Instant) -> bool:
        """Store that a voiding goes up after its rating, once; False when that does not go."""
        return bool(
            self.run(
                """
                insert into province_row (rating, kind, key, urgent, next_at, made_at)
                select rating, 'void', :key, 1, :at, :at
                from province_row where rating = :rating and kind = 'rating'
                on conflict (rating, kind) do nothing
                """,
                {"rating": rating, "key": key, "at": at},
            ).rowcount
        )

    def untold(self) -> list[int]:
        """Return the ratings since the connector was switched on that have no row."""
        found = self.store.rows(
            f"""
            select rating.id from rating join province_link on until is null
            where rating.id > after_rating and {OURS} and not exists (
                select 1 from province_row where rating = rating.id and kind = 'rating'
            )
            """
        )
        return [number for (number,) in found]

    def ratings_between(self, first: Instant, past: Instant) -> list[int]:
        """Return the ratings given from ``first`` up to before ``past``."""
        found = self.store.rows(
            f"select id from rating where at >= ? and at < ? and {OURS} order by id", (first, past)
        )
        return [number for (number,) in found]

    def voids_untold(self) -> list[int]:
        """Return the voided ratings whose voiding has no row yet."""
        found = self.store.rows(
            """
            select told.rating from rating_void
            join province_row as told on told.rating = rating_void.rating and told.kind = 'rating'
            where not exists (
                select 1 from province_row where rating = told.rating and kind = 'void'
            )
            """
        )
        return [number for (number,) in found]

    def facts_of(self, rating: int) -> Facts:
        """Return what is known of a rating and its service."""
        found = self.store.row(
            """
            select rating.id, rating.nth, visit.id, visit.day, visit.case_number,
                case when visit.case_number is null then 1 else (
                    select count(*) from visit as other
                    where other.case_number = visit.case_number and other.id <= visit.id
                        and other.state = 'done'
                ) end,
                rating.service, rating.window, rating.clerk, ticket.holder, ticket.helper,
                visit.started_at, visit.ended_at, visit.outcome, rating.level, rating.tags,
                rating.text, rating.contact, rating.channel, rating.at,
                coalesce(rating_void.kind, ''), coalesce(told.unid, '')
            from rating
            join visit on visit.id = rating.visit
            join ticket on ticket.id = visit.ticket
            left join rating_void on rating_void.rating = rating.id
            left join province_row as told on told.rating = rating.id and told.kind = 'rating'
            where rating.id = ?
            """,
            (rating,),
        )
        return Facts(*found)

    # -- province_row: its way ------------------------------------------------------------------

    def gathering(self) -> tuple[int, Instant]:
        """Return how many rows wait for a batch and since when the first does (0 for none)."""
        found = self.store.row(
            """
            select count(*), coalesce(min(made_at), 0) from province_row
            where state = 'pending' and urgent = 0 and batch is null
            """
        )
        return found[0], found[1]

    def next_batch(self) -> int:
        """Return the number of the next batch."""
        (last,) = self.store.row(
            "select coalesce(max(batch), 0) from province_row where batch is not null"
        )
        return int(last) + 1

    def make_batch(self, number: int, at: Instant) -> int:
        """Let what was gathered go up as one batch, and return how many rows that is."""
        return self.run(
            """
            update province_row set batch = ?, next_at = ?
            where state = 'pending' and urgent = 0 and batch is null
            """,
            (number, at),
        ).rowcount

    def due(self, *, urgent: bool, now: Instant, most: int) -> list[Row]:
        """Return the first rows of a line whose time has come; a voiding after its rating."""
        found = self.store.rows(
            f"""
            select {COLUMNS} from province_row
            where (state = 'pending' or state = 'failed') and urgent = :urgent
                and next_at <= :now and (urgent = 1 or batch is not null)
                and (kind = 'rating' or exists (
                    select 1 from province_row as told
                    where told.rating = province_row.rating and told.kind = 'rating'
                        and told.state = 'sent'
                ))
            order by next_at, id limit :most
            """,
            {"urgent": int(urgent), "now": now, "most": most},
        )
        return [_row(each) for each in found]

    def sent(self, row: int, unid: str, at: Instant) -> None:
        """Note that the province has a row, under an id of its own."""
        self.run(
            """
            update province_row
            set state = 'sent', tries = tries + 1, sent_at = ?, unid = ?, last_error = ''
            where id = ? and (state = 'pending' or state = 'failed')
            """,
            (at, unid, row),
        )

    def failed(self, row: int, error: str, next_at: Instant | None) -> None:
        """Note that a try failed and when the next is due; without one the row is dead."""
        self.run(
            """
            update province_row set state = ?, tries = tries + 1, last_error = ?,
                next_at = coalesce(?, next_at)
            where id = ? and (state = 'pending' or state = 'failed')
            """,
            ("dead" if next_at is None else "failed", error, next_at, row),
        )

    def again(self, rating: int, batch: int, at: Instant) -> int:
        """Make all rows of a rating due once more, under the same keys; return how many."""
        return self.run(
            """
            update province_row
            set state = 'pending', tries = 0, next_at = :at, sent_at = null,
                batch = case when urgent = 1 then batch else :batch end
            where rating = :rating
            """,
            {"rating": rating, "batch": batch, "at": at},
        ).rowcount

    def revive(self, at: Instant, row: int | None = None) -> int:
        """Make a failed or dead row, or all of them, due now; return how many."""
        return self.run(
            """
            update province_row set state = 'pending', tries = 0, next_at = :at,
                batch = case when urgent = 1 then batch else coalesce(batch, 0) end
            where (state = 'failed' or state = 'dead') and (:row is null or id = :row)
            """,
            {"row": row, "at": at},
        ).rowcount

    # -- how it stands --------------------------------------------------------------------------

    def row_of(self, number: int) -> Row | None:
        """Return a row."""
        found = self.store.row(f"select {COLUMNS} from province_row where id = ?", (number,))
        return _row(found) if found else None

    def counts(self) -> dict[str, int]:
        """Return how many rows are in which state."""
        return dict(self.store.rows("select state, count(*) from province_row group by state"))

    def last_sent_at(self) -> Instant | None:
        """Return when the province took a row last."""
        found: Instant | None = self.store.row("select max(sent_at) from province_row")[0]
        return found

    def trouble(self, most: int) -> list[Trouble]:
        """Return the rows that failed or were given up, those given up first."""
        found = self.store.rows(
            """
            select province_row.id, kind, province_row.state, tries, next_at, last_error,
                ticket.number, rating.service, rating.window, rating.level, rating.at
            from province_row
            join rating on rating.id = province_row.rating
            join visit on visit.id = rating.visit
            join ticket on ticket.id = visit.ticket
            where (province_row.state = 'failed' or province_row.state = 'dead')
            order by province_row.state, province_row.id desc limit ?
            """,
            (most,),
        )
        return [Trouble(*each) for each in found]

    # -- province_asking ------------------------------------------------------------------------

    def add_asking(self, visit: int, mode: str, at: Instant) -> None:
        """Store that a visit was asked about on the province's page or by its QR code."""
        self.run(
            """
            insert into province_asking (visit, mode, at) values (?, ?, ?)
            on conflict (visit) do nothing
            """,
            (visit, mode, at),
        )

    def askings_between(self, first: Instant, past: Instant) -> dict[str, int]:
        """Return how many visits were asked about in the province's system, by mode."""
        return dict(
            self.store.rows(
                "select mode, count(*) from province_asking where at >= ? and at < ? group by mode",
                (first, past),
            )
        )


def _row(found: tuple[object, ...]) -> Row:
    number, rating, kind, key, urgent, *others = found
    # a row of SQLite is untyped; the columns are the fields, in their order
    return Row(number, rating, kind, key, bool(urgent), *others)  # type: ignore[arg-type]
