"""How the ratings' schema came to be; only ever added to at the end."""

import csv
import secrets
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from hall.migrations import check_without_lists, make_anew, run_statements
from rating import chain
from rating.tally_migrations import keep_a_tally

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


@migrations()
def voids_seconds_and_seals(db: Database) -> None:
    """Let ratings be voided and followed by a second one; seal all of them in a chain."""
    run_statements(
        db,
        """
create table rating_void (
    rating integer primary key references rating (id),
    kind text not null check (kind in ('mistaken', 'malicious')),
    reason text not null check (reason != ''),
    by text not null,
    at integer not null
) strict;

create trigger rating_void_is_never_changed before update on rating_void
begin select raise(abort, 'a voiding is never changed'); end;

create trigger rating_void_is_never_taken_back before delete on rating_void
begin select raise(abort, 'a voiding is never taken back'); end;

create trigger rating_stays_voided before update of voided_at on rating
when old.voided_at is not null
begin select raise(abort, 'a voided rating stays voided'); end;

create table second_rating (
    visit integer primary key references visit (id),
    by text not null,
    at integer not null
) strict;

create table seal (
    seq integer primary key,
    kind text not null check (kind in ('rating', 'void')),
    about integer not null,
    salt text not null default '',
    private text not null default '',
    hash text not null,
    unique (kind, about)
) strict;

create trigger seal_is_never_deleted before delete on seal
begin select raise(abort, 'a seal is never deleted'); end;

create trigger seal_is_never_changed before update of seq, kind, about, private, hash on seal
begin select raise(abort, 'a seal is never changed'); end;
""",
    )
    before = chain.BEGINS
    columns = ", ".join(chain.SEALED)
    # S608: the column names are this module's own, nothing typed goes into the text
    rows = db.conn.execute(f"select {columns}, contact from rating order by id")  # noqa: S608
    for *values, contact in rows.fetchall():
        salt = secrets.token_hex(8) if contact else ""
        private = chain.private_seal(salt, contact)
        before = chain.seal(before, "rating", values, private)
        db.conn.execute(
            "insert into seal (kind, about, salt, private, hash) values ('rating', ?, ?, ?, ?)",
            (values[0], salt, private, before),
        )


@migrations()
def more_channels(db: Database) -> None:
    """Let ratings come in by a window's own code and from the opinion box."""
    known = "channel = 'import'"

    def with_more(statement: str) -> str:
        assert statement.count(known) == 1
        return statement.replace(known, f"{known} or channel = 'window_qr' or channel = 'box'")

    make_anew(db, "rating", with_more)


@migrations()
def forms_imports_and_tag_sets(db: Database) -> None:
    """Create what staff type in, where imported ratings came from, and who loaded which tags."""
    run_statements(
        db,
        """
create table paper_form (
    id integer primary key,
    channel text not null check ((channel = 'paper' or channel = 'phone' or channel = 'box')),
    number text not null check (number != ''),
    visit integer not null references visit (id),
    level text not null,
    tags text not null default '[]',
    text text not null default '',
    contact text not null default '',
    tap text not null unique,
    typed_by text not null references person (staff_number),
    typed_at integer not null,
    confirmed_by text references person (staff_number),
    confirmed_at integer,
    withdrawn_by text references person (staff_number),
    withdrawn_at integer,
    reason text not null default '',
    rating integer unique references rating (id),
    check (confirmed_by is null or confirmed_by != typed_by),
    check ((confirmed_at is null) = (rating is null)),
    check (channel != 'paper' or (confirmed_by is null) = (confirmed_at is null)),
    check (confirmed_at is null or withdrawn_at is null)
) strict;

create unique index paper_form_number on paper_form (number)
where channel = 'paper' and withdrawn_at is null;

create unique index paper_form_of_visit on paper_form (visit)
where confirmed_at is null and withdrawn_at is null;

create index paper_form_typed on paper_form (typed_at);

create trigger paper_form_is_never_deleted before delete on paper_form
begin select raise(abort, 'a form is never deleted'); end;

create trigger paper_form_is_never_edited before update of
    channel, number, visit, level, tags, text, tap, typed_by, typed_at on paper_form
begin select raise(abort, 'what was typed is never edited'); end;

create table imported_rating (
    rating integer primary key references rating (id),
    file text not null,
    row integer not null,
    by text not null,
    at integer not null
) strict;

create trigger imported_rating_is_never_deleted before delete on imported_rating
begin select raise(abort, 'where a rating came from is never forgotten'); end;

create table tag_set (
    version integer primary key,
    by text not null,
    at integer not null
) strict;

create trigger tag_is_never_edited before update on tag
begin select raise(abort, 'a tag is never edited'); end;

create trigger tag_is_never_deleted before delete on tag
begin select raise(abort, 'a tag is never deleted'); end;
""",
    )


@migrations()
def asked_elsewhere(db: Database) -> None:
    """Let an invitation end in another system: nobody here knows whether it was answered."""

    def with_elsewhere(statement: str) -> str:
        known = "ended_as in ('rated', 'timed_out')"
        assert known in statement
        ways = ("rated", "timed_out", "elsewhere")
        return statement.replace(known, " or ".join(f"ended_as = '{way}'" for way in ways))

    make_anew(db, "asking", with_elsewhere)


@migrations()
def tally(db: Database) -> None:
    """Keep what each day and month counts, so that a month is a sum over few rows."""
    keep_a_tally(db.conn)


@migrations()
def texts_that_can_be_erased(db: Database) -> None:
    """Seal texts by a hash of their own, and let contacts and texts be erased, never edited."""
    run_statements(
        db,
        """
alter table seal add column text_salt text not null default '';

alter table seal add column text_private text not null default '';

create trigger seal_of_a_text_is_never_changed before update of text_private on seal
begin select raise(abort, 'a seal is never changed'); end;

create table erased_text (
    rating integer primary key references rating (id),
    at integer not null,
    hash text not null
) strict;

create trigger erased_text_is_never_changed before update on erased_text
begin select raise(abort, 'an erasure is never changed'); end;

create trigger erased_text_is_never_taken_back before delete on erased_text
begin select raise(abort, 'an erasure is never taken back'); end;

drop trigger rating_is_never_edited;

create trigger rating_is_never_edited before update of
    visit, nth, level, tags, channel, given_by_default, at, window, clerk, service on rating
begin select raise(abort, 'a rating is never edited'); end;

create trigger rating_text_is_only_erased before update of text on rating when new.text != ''
begin select raise(abort, 'a rating is never edited'); end;

create index rating_with_contact on rating (at) where contact != '';

create index rating_with_text on rating (at) where text != '';

drop trigger paper_form_is_never_edited;

create trigger paper_form_is_never_edited before update of
    channel, number, visit, level, tags, tap, typed_by, typed_at on paper_form
begin select raise(abort, 'what was typed is never edited'); end;

create trigger paper_form_text_is_only_erased before update of text on paper_form
when new.text != ''
begin select raise(abort, 'what was typed is never edited'); end;

create index paper_form_with_words on paper_form (typed_at) where contact != '' or text != '';
""",
    )
