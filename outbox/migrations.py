"""How the outbox's schema came to be; only ever added to at the end."""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from hall.migrations import run_statements

migrations = Migrations("outbox")


@migrations()
def webhooks_messages_and_deliveries(db: Database) -> None:
    """Create who is told, what is told, and how far that has come."""
    run_statements(
        db,
        """
create table webhook (
    id integer primary key autoincrement,
    url text not null,
    secret text not null check (secret glob 'whsec_*'),
    events text not null default '',
    active integer not null default 1 check (active in (0, 1)),
    made_at integer not null
) strict;

create table message (
    id text primary key check (id glob 'msg_*'),
    type text not null,
    about integer not null,
    body text not null,
    made_at integer not null,
    unique (type, about)
) strict;

create index message_made on message (made_at);

create table delivery (
    id integer primary key,
    message text not null references message (id) on delete cascade,
    webhook integer references webhook (id) on delete cascade,
    notifier text,
    state text not null default 'pending' check (state in ('pending', 'failed', 'sent', 'dead')),
    tries integer not null default 0 check (tries >= 0),
    next_at integer not null,
    last_error text not null default '',
    sent_at integer,
    unique (message, webhook),
    unique (message, notifier),
    check ((webhook is null) != (notifier is null)),
    check ((sent_at is not null) = (state = 'sent'))
) strict;

create index delivery_due on delivery (webhook, notifier, next_at, id)
where state in ('pending', 'failed');
""",
    )


@migrations()
def a_secret_that_was_replaced(db: Database) -> None:
    """Let the secret that a new one replaced sign for a while beside it."""
    run_statements(
        db,
        """
alter table webhook add column former_secret text check (former_secret glob 'whsec_*');

alter table webhook add column former_until integer;
""",
    )
