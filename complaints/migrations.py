"""How the complaints' schema came to be; only ever added to at the end."""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from hall.migrations import run_statements

migrations = Migrations("complaints")


@migrations()
def complaints_and_steps(db: Database) -> None:
    """Create the register of complaints and what was done of each."""
    run_statements(
        db,
        """
create table complaint (
    id integer primary key,
    source text not null check (
        source = 'window' or source = 'box' or source = 'phone' or source = 'letter'
        or source = 'order'
    ),
    kind text not null check (
        kind = 'complaint' or kind = 'consultation' or kind = 'suggestion'
    ),
    order_number text unique,
    title text not null check (length(title) between 1 and 200),
    complainant text not null check (length(complainant) <= 30),
    phone text not null,
    accused_unit text not null check (length(accused_unit) <= 100),
    accused text not null check (length(accused) <= 30),
    content text not null check (length(content) between 1 and 1000),
    at integer not null,
    registered_at integer not null,
    accept_due_at integer not null,
    due_at integer not null,
    unit text references department (code),
    handler text not null default '',
    state text not null check (
        state = 'received' or state = 'assigned' or state = 'accepted' or state = 'replied'
        or state = 'closed' or state = 'withdrawn'
    ),
    accepted_at integer,
    reply text not null default '' check (length(reply) <= 500),
    replied_at integer,
    extended_to integer check (extended_to > due_at),
    extension_reason text not null default '',
    ended_at integer,
    tap text unique,
    check (source != 'order' or order_number is not null),
    check ((unit is null) <= (state = 'received' or state = 'withdrawn')),
    check ((replied_at is not null) = (state = 'replied' or state = 'closed')),
    check ((replied_at is null) = (reply = '')),
    check (replied_at is null or accepted_at is not null),
    check ((extended_to is null) = (extension_reason = '')),
    check ((ended_at is not null) = (state = 'closed' or state = 'withdrawn'))
) strict;

create index complaint_at on complaint (at);

create index complaint_of_unit on complaint (unit, at);

create table complaint_step (
    id integer primary key,
    complaint integer not null references complaint (id),
    at integer not null,
    what text not null,
    who text not null,
    told text not null default ''
) strict;

create index complaint_step_of on complaint_step (complaint);

create trigger complaint_is_never_deleted before delete on complaint
begin select raise(abort, 'a complaint is never deleted'); end;

create trigger complaint_is_never_edited before update of
    source, kind, order_number, title, complainant, phone, accused_unit, accused, content, at,
    registered_at, accept_due_at, due_at, tap on complaint
begin select raise(abort, 'a complaint stands as it came in'); end;

create trigger complaint_is_answered_once before update of reply, replied_at on complaint
when old.replied_at is not null and (new.replied_at is not old.replied_at
    or new.reply != old.reply)
begin select raise(abort, 'a complaint is answered once'); end;

create trigger complaint_is_extended_once before update of extended_to on complaint
when old.extended_to is not null and new.extended_to is not old.extended_to
begin select raise(abort, 'a complaint is extended once'); end;

create trigger complaint_keeps_its_end before update of state on complaint
when old.ended_at is not null
begin select raise(abort, 'a complaint that has ended stays as it ended'); end;

create trigger complaint_step_is_never_edited before update on complaint_step
begin select raise(abort, 'what was done of a complaint is never edited'); end;

create trigger complaint_step_is_never_deleted before delete on complaint_step
begin select raise(abort, 'what was done of a complaint is never deleted'); end;
""",
    )


@migrations()
def limits_that_were_told(db: Database) -> None:
    """Keep which passed limits of complaints somebody was told of, so that it is once."""
    run_statements(
        db,
        """
create table complaint_red (
    complaint integer not null references complaint (id),
    limit_at integer not null,
    primary key (complaint, limit_at)
) strict, without rowid;

create index complaint_open on complaint (id) where replied_at is null and ended_at is null;
""",
    )
