"""How the schema of the bad ratings' cases came to be; only ever added to at the end."""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from hall.migrations import run_statements

migrations = Migrations("cases")


@migrations()
def cases_and_their_history(db: Database) -> None:
    """Create the cases, their steps, and what is asked, tried and decided beside them."""
    states = (
        "received",
        "assigned",
        "verifying",
        "rectifying",
        "explained",
        "appealed",
        "voided",
        "answered",
        "revisiting",
        "closed",
    )
    is_state = " or ".join(f"state = '{each}'" for each in states)
    run_statements(
        db,
        f"""
create index rating_bad on rating (id)
where level = 'dissatisfied' or level = 'very_dissatisfied';

create table rating_case (
    id integer primary key,
    rating integer not null unique references rating (id),
    visit integer not null references visit (id),
    number text not null,
    service text not null references service (code),
    case_number text not null,
    level text not null check (level = 'dissatisfied' or level = 'very_dissatisfied'),
    tags text not null,
    text text not null,
    channel text not null,
    rated_at integer not null,
    window integer not null references window (no),
    clerk text references person (staff_number),
    real_name integer not null check (real_name in (0, 1)),
    received_at integer not null,
    contact_limit integer,
    unit text not null references department (code),
    handler text references person (staff_number),
    state text not null check ({is_state}),
    step integer not null,
    since integer not null,
    limit_at integer,
    assigned_at integer,
    contacted_at integer,
    kind text not null default '',
    cause text not null default '',
    plan text not null default '',
    granted integer not null default 0,
    extended integer not null default 0 check (extended in (0, 1)),
    appealed integer not null default 0 check (appealed in (0, 1)),
    reworked integer not null default 0 check (reworked in (0, 1)),
    came_from text not null default '',
    paused_left integer,
    paused_limit integer,
    answered_at integer,
    answer_limit integer,
    reply text not null default '',
    public text not null default '',
    void_kind text not null default '',
    revisited_at integer,
    published integer not null default 0 check (published in (0, 1)),
    closed_at integer,
    red_told integer,
    check ((contact_limit is not null) = (real_name = 1)),
    check (handler is null or clerk is null or handler != clerk),
    check ((closed_at is not null) = (state = 'closed'))
) strict;

create index rating_case_open on rating_case (limit_at) where closed_at is null;

create index rating_case_closed on rating_case (closed_at) where closed_at is not null;

create index rating_case_rated on rating_case (rated_at);

create trigger rating_case_is_frozen before update of
    rating, visit, number, service, case_number, level, tags, text, channel, rated_at, window,
    clerk, real_name, received_at, contact_limit on rating_case
begin select raise(abort, 'what a case was received with is never edited'); end;

create trigger rating_case_is_never_deleted before delete on rating_case
begin select raise(abort, 'a case is never deleted'); end;

create table case_step (
    id integer primary key,
    "case" integer not null references rating_case (id),
    at integer not null,
    who text not null,
    verb text not null,
    was text not null,
    becomes text not null,
    note text not null default '',
    tap text unique
) strict;

create index case_step_of on case_step ("case");

create trigger case_step_is_never_changed before update on case_step
begin select raise(abort, 'the history of a case is never changed'); end;

create trigger case_step_is_never_deleted before delete on case_step
begin select raise(abort, 'the history of a case is never shortened'); end;

create table case_contact (
    step integer primary key references case_step (id),
    "case" integer not null references rating_case (id),
    way text not null,
    outcome text not null check (
        outcome = 'reached' or outcome = 'no_answer' or outcome = 'wrong_number'
    )
) strict;

create index case_contact_of on case_contact ("case");

create table case_try (
    step integer primary key references case_step (id),
    "case" integer not null references rating_case (id),
    day text not null,
    outcome text not null check (
        outcome = 'satisfied' or outcome = 'dissatisfied' or outcome = 'no_answer'
    )
) strict;

create index case_try_of on case_try ("case");

create table case_appeal (
    "case" integer primary key references rating_case (id),
    kind text not null check (kind in ('mistaken', 'malicious')),
    reason text not null,
    asked_by text not null,
    asked_at integer not null,
    decided_by text,
    decided_at integer,
    upheld integer check (upheld in (0, 1)),
    check ((decided_at is null) = (upheld is null))
) strict;

create table case_extension (
    id integer primary key,
    "case" integer not null references rating_case (id),
    until text not null,
    reason text not null,
    asked_by text not null,
    asked_at integer not null,
    decided_by text,
    decided_at integer,
    approved integer check (approved in (0, 1)),
    check ((decided_at is null) = (approved is null))
) strict;

create unique index case_extension_once on case_extension ("case") where approved is not 0;
""",
    )
