"""How the rankings' schema came to be; only ever added to at the end."""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from hall.migrations import run_statements

migrations = Migrations("ranking")


@migrations()
def rankings_and_what_inspectors_write(db: Database) -> None:
    """Create rankings with their steps, an inspector's points, and whom complaints concern."""
    run_statements(
        db,
        """
create table ranking (
    id integer primary key,
    month text not null check (month glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]'),
    version integer not null check (version > 0),
    state text not null check (
        state = 'draft' or state = 'signed' or state = 'published' or state = 'returned'
        or state = 'replaced'
    ),
    reason text not null,
    snapshot text not null,
    seal text not null,
    drafted_by text not null check (drafted_by != ''),
    drafted_at integer not null,
    signed_by text not null default '',
    signed_at integer,
    published_by text not null default '',
    published_at integer,
    check (version = 1 or reason != ''),
    check (signed_by != drafted_by),
    check ((signed_at is not null) = (signed_by != '')),
    check ((published_at is not null) = (state = 'published')),
    check (published_at is null or signed_at is not null)
) strict;

create unique index ranking_version on ranking (month, version) where state = 'published';

create unique index ranking_under_way on ranking (month) where state = 'draft' or state = 'signed';

create index ranking_of_month on ranking (month, id);

create trigger ranking_is_never_deleted before delete on ranking
begin select raise(abort, 'a ranking is never deleted'); end;

create trigger ranking_is_frozen before update of
    month, version, reason, snapshot, seal, drafted_by, drafted_at on ranking
begin select raise(abort, 'what a ranking was drafted with is never edited'); end;

create trigger ranking_keeps_its_end before update on ranking
when old.state = 'published' or old.state = 'returned' or old.state = 'replaced'
begin select raise(abort, 'a ranking that has ended stays as it ended'); end;

create table ranking_step (
    id integer primary key,
    ranking integer not null references ranking (id),
    at integer not null,
    who text not null,
    verb text not null,
    note text not null default '',
    tap text unique
) strict;

create index ranking_step_of on ranking_step (ranking);

create trigger ranking_step_is_never_edited before update on ranking_step
begin select raise(abort, 'the history of a ranking is never edited'); end;

create trigger ranking_step_is_never_deleted before delete on ranking_step
begin select raise(abort, 'the history of a ranking is never shortened'); end;

create table ranking_points (
    id integer primary key,
    month text not null,
    window integer not null references window (no),
    given integer not null check (given between 0 and given_of * 10),
    given_of integer not null check (given_of > 0),
    words text not null check (words != ''),
    at integer not null,
    who text not null,
    tap text unique
) strict;

create index ranking_points_of on ranking_points (month, window);

create trigger ranking_points_are_never_edited before update on ranking_points
begin select raise(abort, 'points stand as they were given; new ones are added'); end;

create trigger ranking_points_are_never_deleted before delete on ranking_points
begin select raise(abort, 'points are never deleted'); end;

create table ranking_finding (
    id integer primary key,
    complaint integer not null references complaint (id),
    window integer references window (no),
    words text not null check (words != ''),
    at integer not null,
    who text not null,
    tap text unique
) strict;

create index ranking_finding_of on ranking_finding (complaint);

create trigger ranking_finding_is_never_edited before update on ranking_finding
begin select raise(abort, 'a finding stands as it was; a new one is added'); end;

create trigger ranking_finding_is_never_deleted before delete on ranking_finding
begin select raise(abort, 'a finding is never deleted'); end;
""",
    )
