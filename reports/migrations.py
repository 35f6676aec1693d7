"""How the schema of reports came to be; only ever added to at the end."""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from hall.migrations import run_statements

migrations = Migrations("reports")


@migrations()
def exports_and_bulletins(db: Database) -> None:
    """Create the exports that were asked for, one at a time, and what stands above a bulletin."""
    run_statements(
        db,
        """
create table export_job (
    id integer primary key,
    tap text not null unique,
    kind text not null check (kind = 'raw' or kind = 'standard'),
    form text not null check (form = 'xlsx' or form = 'csv'),
    first text not null,
    last text not null check (last >= first),
    words integer not null check (words = 0 or words = 1),
    who text not null,
    asked_at integer not null,
    state text not null check (
        state = 'running' or state = 'done' or state = 'broken' or state = 'removed'
    ),
    ended_at integer,
    rows integer not null default 0,
    size integer not null default 0,
    file text not null,
    check ((ended_at is null) = (state = 'running'))
) strict;

create unique index export_one_at_a_time on export_job (state) where state = 'running';
create index export_done on export_job (ended_at) where state = 'done';

create table bulletin (
    month text primary key,
    document text not null default '',
    issue text not null default '',
    addressed text not null default '',
    remarks text not null default '',
    made_by text not null default '',
    reviewed_by text not null default '',
    who text not null,
    at integer not null
) strict;
""",
    )


@migrations()
def stopped_exports(db: Database) -> None:
    """Keep who stopped an export."""
    db.execute("alter table export_job add column stopped_by text not null default ''")
