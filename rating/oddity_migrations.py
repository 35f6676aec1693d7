"""How the reviewers' remarks came to be; only ever added to at the end."""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from hall.migrations import run_statements

migrations = Migrations("oddities")


@migrations()
def remarks(db: Database) -> None:
    """Create what reviewers write beside ratings that look odd; it is only ever added to."""
    run_statements(
        db,
        """
create table oddity_remark (
    id integer primary key,
    month text not null check (month glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]'),
    key text not null check (key != ''),
    reason text not null,
    ratings text not null,
    verdict text not null check (verdict = 'checked' or verdict = 'void_proposed'),
    note text not null default '' check (length(note) <= 200),
    by text not null,
    at integer not null,
    tap text not null unique
) strict;

create index oddity_remark_month on oddity_remark (month);

create trigger oddity_remark_is_never_edited before update on oddity_remark
begin select raise(abort, 'a remark is never edited'); end;

create trigger oddity_remark_is_never_deleted before delete on oddity_remark
begin select raise(abort, 'a remark is never deleted'); end;
""",
    )
