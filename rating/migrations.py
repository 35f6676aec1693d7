"""How the ratings' schema came to be; only ever added to at the end."""

import csv
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from hall.migrations import check_without_lists, run_statements

migrations = Migrations("rating")
FIRST_TAGS = Path(__file__).with_name("tags.csv")


@migrations()
def ratings_and_askings(db: Database) -> None:
    """Create the tags, the ratings, and what the evaluators asked."""
    levels = """(
        'very_satisfied', 'satisfied', 'basically_satisfied', 'dissatisfied', 'very_dissatisfied'
    )"""
    run_statements(
        db,
        f"""
create table tag (
    version integer not null,
    level text not null check (level in {levels}),
    code text not null,
    shown_first integer not null check (shown_first in (0, 1)),
    text text not null,
    place integer not null,
    primary key (version, code)
) strict;

create table rating (
    id integer primary key,
    visit integer not null references visit (id),
    nth integer not null default 1 check (nth in (1, 2)),
    level text not null check (level in {levels}),
    tags text not null default '[]',
    text text not null default '',
    contact text not null default '',
    channel text not null check (
        channel in ('evaluator', 'qr', 'paper', 'sms', 'phone', 'import')
    ),
    given_by_default integer not null default 0 check (given_by_default in (0, 1)),
    at integer not null,
    window integer not null references window (no),
    clerk text references person (staff_number),
    service text not null references service (code),
    device integer references device (id),
    voided_at integer,
    unique (visit, nth)
) strict;

create index rating_at on rating (at);

create table asking (
    visit integer primary key references visit (id),
    window integer not null references window (no),
    asked_at integer not null,
    expires_at integer not null,
    ended_at integer,
    ended_as text check (ended_as in ('rated', 'timed_out')),
    check ((ended_at is null) = (ended_as is null))
) strict;

create index asking_open on asking (window, visit) where ended_at is null;

create index asking_ended on asking (ended_at);

create trigger rating_is_never_edited before update of
    visit, nth, level, tags, text, channel, given_by_default, at, window, clerk, service on rating
begin select raise(abort, 'a rating is never edited'); end;

create trigger rating_is_never_deleted before delete on rating
begin select raise(abort, 'a rating is never deleted'); end;
""",
    )


@migrations()
def first_tags(db: Database) -> None:
    """Load the tags of the national set, version 2."""
    with FIRST_TAGS.open(encoding="utf-8", newline="") as lines:
        for place, tag in enumerate(csv.DictReader(lines)):
            db.conn.execute(
                "insert into tag (version, level, code, shown_first, text, place)"
                " values (?, ?, ?, ?, ?, ?)",
                (
                    int(tag["version"]),
                    tag["level"],
                    tag["code"],
                    int(tag["shown_first"]),
                    tag["text_zh"],
                    place,
                ),
            )


@migrations()
def checks_without_lists(db: Database) -> None:
    """Rebuild the ratings: their checks cost more than their rows."""
    check_without_lists(db, "rating")
