"""How the audit log's schema came to be; only ever added to at the end."""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from hall.migrations import run_statements

migrations = Migrations("audit")


@migrations()
def the_log(db: Database) -> None:
    """Create the log, which only grows, and where it begins once old rows are forgotten."""
    run_statements(
        db,
        """
create table audit (
    number integer primary key check (number > 0),
    at integer not null,
    kind text not null,
    who text not null,
    role text not null,
    window integer,
    address text not null,
    verb text not null,
    target text not null,
    code text not null,
    detail text not null,
    hash blob not null check (length(hash) = 32)
) strict;

create index audit_at on audit (at);

create table audit_start (
    number integer primary key,
    hash blob not null check (length(hash) = 32),
    last_at integer not null,
    forgotten_at integer not null,
    check (last_at < forgotten_at - 180 * 86400000)
) strict;

create trigger audit_is_never_changed before update on audit
begin select raise(abort, 'the audit log is never changed'); end;

create trigger audit_keeps_what_is_not_old before delete on audit
when old.number > coalesce((select max(number) from audit_start), 0)
begin select raise(abort, 'the audit log is never shortened'); end;

create trigger audit_only_grows before insert on audit
when new.number != 1 + coalesce(
    (select max(number) from audit), (select max(number) from audit_start), 0
)
begin select raise(abort, 'the audit log has no gaps'); end;

create trigger audit_begins_at_a_row before insert on audit_start
when not exists (
    select 1 from audit
    where number = new.number and hash = new.hash and at = new.last_at
)
begin select raise(abort, 'the audit log begins after one of its rows'); end;

create trigger audit_start_is_never_changed before update on audit_start
begin select raise(abort, 'where the audit log begins is never changed'); end;

create trigger audit_start_stays before delete on audit_start
begin select raise(abort, 'where the audit log begins is never forgotten'); end;
""",
    )
