"""How the schema of signing in came to be; only ever added to at the end."""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from hall.migrations import run_statements

migrations = Migrations("admission")


@migrations()
def counters_factors_passwords_and_pins(db: Database) -> None:
    """Create who failed how often, second factors, what is known of passwords, PINs and locks."""
    run_statements(
        db,
        """
create table sign_in_count (
    account text not null,
    source text not null,
    failures integer not null check (failures >= 0),
    last_at integer not null,
    address text not null default '',
    primary key (account, source)
) strict, without rowid;

create table second_factor (
    person text primary key references person (staff_number),
    secret blob not null,
    made_at integer not null,
    confirmed_at integer,
    last_step integer not null default 0
) strict;

create table recovery_code (
    person text not null references person (staff_number),
    label text not null,
    code_hash text not null,
    used_at integer,
    primary key (person, label)
) strict, without rowid;

create table password_known (
    person text primary key references person (staff_number),
    set_at integer not null,
    must_change integer not null check (must_change in (0, 1))
) strict;

create table password_past (
    id integer primary key,
    person text not null references person (staff_number),
    password_hash text not null
) strict;

create index password_past_of on password_past (person, id);

create table window_pin (
    person text primary key references person (staff_number),
    pin_hash text not null,
    set_at integer not null
) strict;

create table sign_in_lock (
    mark text primary key,
    person text not null,
    locked_at integer not null,
    wrong integer not null default 0 check (wrong >= 0)
) strict, without rowid;
""",
    )


@migrations()
def who_is_in_from_where(db: Database) -> None:
    """Create the sign-ins a person sees on their own page, and can end."""
    run_statements(
        db,
        """
create table sign_in (
    id integer primary key,
    mark text not null unique,
    person text not null references person (staff_number),
    at integer not null,
    window integer,
    address text not null default '',
    browser text not null default ''
) strict;

create index sign_in_of on sign_in (person);

create index sign_in_at on sign_in (at);
""",
    )
