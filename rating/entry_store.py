"""All SQL of what staff type in, what is imported, and the versions of the tags."""

import json
from collections.abc import Sequence

from hall.days import Instant
from hall.store import Store
from rating.forms import Entry, Form
from rating.levels import Channel, Level, Tag

COLUMNS = """id, visit, channel, number, level, tags, text, contact, typed_by, typed_at,
    confirmed_by, confirmed_at, withdrawn_by, withdrawn_at, reason, rating"""


class EntryStore:
    """The tables of the forms, the imports and the tag sets, and who may be rated at a window."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.run = store.connection.execute

    # -- paper_form -----------------------------------------------------------------------------

    def add(self, visit: int, form: Form, tap: str, by: str, at: Instant) -> Entry:
        """Store a form as it was typed in."""
        found = self.run(
            f"""
            insert into paper_form (visit, channel, number, level, tags, text, contact, tap,
                typed_by, typed_at)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            returning {COLUMNS}
            """,
            (
                visit,
                form.channel.value,
                form.number,
                form.level.value,
                json.dumps(form.tags, ensure_ascii=False),
                form.text,
                form.contact,
                tap,
                by,
                at,
            ),
        ).fetchone()
        return _entry(found)

    def entry(self, number: int) -> Entry | None:
        """Return a form by its id."""
        return self._one("id = ?", number)

    def of_tap(self, tap: str) -> Entry | None:
        """Return the form that a tap has stored."""
        return self._one("tap = ?", tap)

    def of_number(self, number: str) -> Entry | None:
        """Return the paper form with a number that was not sent back."""
        return self._one("channel = 'paper' and withdrawn_at is null and number = ?", number)

    def pending_of(self, visit: int) -> Entry | None:
        """Return the form of a visit that waits for a second person."""
        return self._one("confirmed_at is null and withdrawn_at is null and visit = ?", visit)

    def _one(self, where: str, value: int | str) -> Entry | None:
        found = self.store.row(f"select {COLUMNS} from paper_form where {where}", (value,))
        return _entry(found) if found else None

    def pending(self) -> list[Entry]:
        """Return the forms that wait for a second person, oldest first."""
        found = self.store.rows(
            f"""
            select {COLUMNS} from paper_form
            where confirmed_at is null and withdrawn_at is null order by id
            """
        )
        return [_entry(each) for each in found]

    def ended(self, most: int) -> list[Entry]:
        """Return the newest forms that were confirmed or sent back."""
        found = self.store.rows(
            f"""
            select {COLUMNS} from paper_form
            where confirmed_at is not null or withdrawn_at is not null
            order by coalesce(confirmed_at, withdrawn_at) desc, id desc limit ?
            """,
            (most,),
        )
        return [_entry(each) for each in found]

    def confirm(self, number: int, rating: int, by: str | None, at: Instant) -> bool:
        """Let a form count as a rating; False when it waits no more."""
        return bool(
            self.run(
                """
                update paper_form set confirmed_by = ?, confirmed_at = ?, rating = ?
                where id = ? and confirmed_at is null and withdrawn_at is null
                """,
                (by, at, rating, number),
            ).rowcount
        )

    def withdraw(self, number: int, reason: str, by: str, at: Instant) -> bool:
        """Send a form back; False when it waits no more."""
        return bool(
            self.run(
                """
                update paper_form set withdrawn_by = ?, withdrawn_at = ?, reason = ?
                where id = ? and confirmed_at is null and withdrawn_at is null
                """,
                (by, at, reason, number),
            ).rowcount
        )

    # -- imported_rating ------------------------------------------------------------------------

    def rated_as(self, visit: int) -> tuple[Level, Instant, bool] | None:
        """Return level, time and default of a visit's first rating."""
        found = self.store.row(
            "select level, at, given_by_default from rating where visit = ? and nth = 1", (visit,)
        )
        return (Level(found[0]), found[1], bool(found[2])) if found else None

    def came_from(self, rating: int, file: str, line: int, by: str, at: Instant) -> None:
        """Store where an imported rating came from."""
        self.run(
            "insert into imported_rating (rating, file, row, by, at) values (?, ?, ?, ?, ?)",
            (rating, file, line, by, at),
        )

    # -- tag_set --------------------------------------------------------------------------------

    def add_tags(self, tags: Sequence[Tag], by: str, at: Instant) -> None:
        """Store a new version of the tags."""
        self.run(
            "insert into tag_set (version, by, at) values (?, ?, ?)", (tags[0].version, by, at)
        )
        for place, tag in enumerate(tags):
            self.run(
                """
                insert into tag (version, level, code, shown_first, text, place)
                values (?, ?, ?, ?, ?, ?)
                """,
                (tag.version, tag.level.value, tag.code, int(tag.first), tag.text, place),
            )

    def tag_sets(self) -> list[tuple[int, int, str, Instant | None]]:
        """Return version, number of tags, who and when of every set of tags, newest first."""
        found = self.store.rows(
            """
            select tag.version, count(*), coalesce(tag_set.by, ''), tag_set.at
            from tag left join tag_set on tag_set.version = tag.version
            group by tag.version order by tag.version desc
            """
        )
        return [(each[0], each[1], each[2], each[3]) for each in found]

    # -- at a window ----------------------------------------------------------------------------

    def unrated_without_phone(self, window: int, since: Instant) -> list[tuple[int, str, Instant]]:
        """Return visit, number and end of what a window finished unrated, newest first.

        Of tickets taken without a phone only.
        """
        found = self.store.rows(
            """
            select visit.id, ticket.number, visit.ended_at
            from visit join ticket on ticket.id = visit.ticket
            where visit.window = ? and visit.ended_at >= ? and visit.state = 'done'
                and ticket.phone is null
                and not exists (select 1 from rating where rating.visit = visit.id)
            order by visit.ended_at desc, visit.id desc
            """,
            (window, since),
        )
        return [(each[0], each[1], each[2]) for each in found]


def _entry(row: Sequence[object]) -> Entry:
    number, visit, channel, *form, typed_by, typed_at = row[:10]
    said, level, tags, text, contact = form
    made = Form(
        Channel(str(channel)),
        str(said),
        Level(str(level)),
        tuple(json.loads(str(tags))),
        str(text),
        str(contact),
    )
    # a row of SQLite is untyped; the columns are the fields, in their order
    return Entry(number, visit, made, typed_by, typed_at, *row[10:])  # type: ignore[arg-type]
