"""How the province's schema came to be; only ever added to at the end."""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from hall.migrations import run_statements

migrations = Migrations("province")


@migrations()
def rows_links_and_askings(db: Database) -> None:
    """Create what goes up, since when, and what was asked on the province's own pages."""
    run_statements(
        db,
        """
create table province_link (
    id integer primary key,
    adapter text not null,
    after_rating integer not null,
    since integer not null,
    last_rating integer,
    until integer,
    check ((last_rating is null) = (until is null))
) strict;

create unique index province_link_open on province_link (coalesce(until, 0)) where until is null;

create table province_row (
    id integer primary key,
    rating integer not null references rating (id),
    kind text not null check (kind in ('rating', 'void')),
    key text not null unique,
    urgent integer not null check (urgent in (0, 1)),
    state text not null default 'pending' check (
        (state = 'pending' or state = 'failed' or state = 'sent' or state = 'dead')
    ),
    tries integer not null default 0 check (tries >= 0),
    next_at integer not null,
    last_error text not null default '',
    made_at integer not null,
    sent_at integer,
    unid text not null default '',
    batch integer,
    unique (rating, kind),
    check ((sent_at is not null) = (state = 'sent')),
    check (state != 'sent' or unid != '')
) strict;

create index province_row_due on province_row (urgent, next_at, id)
where (state = 'pending' or state = 'failed');

create index province_row_gathering on province_row (made_at)
where state = 'pending' and urgent = 0 and batch is null;

create index province_row_trouble on province_row (state, id)
where (state = 'failed' or state = 'dead');

create index province_row_batch on province_row (batch) where batch is not null;

create table province_asking (
    visit integer primary key references visit (id),
    mode text not null check (mode in ('page', 'qr')),
    at integer not null
) strict;

create index province_asking_at on province_asking (at);

create index if not exists visit_case on visit (case_number) where case_number is not null;
""",
    )
