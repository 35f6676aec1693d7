"""How the schema of privacy came to be; only ever added to at the end.

It also loosens what other rooms froze: what is personal may be blanked – never edited – when its
time is over, and the triggers say so themselves.
"""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from hall.migrations import run_statements

migrations = Migrations("privacy")


@migrations()
def runs_reveals_and_receipts(db: Database) -> None:
    """Create what was removed when, who looked at whom, and the receipts of erasures."""
    run_statements(
        db,
        """
create table privacy_run (
    day text not null,
    rule text not null,
    removed integer not null default 0 check (removed >= 0),
    began_at integer not null,
    ended_at integer,
    primary key (day, rule)
) strict, without rowid;

create table privacy_reveal (
    id integer primary key,
    at integer not null,
    until integer not null check (until >= at),
    who text not null,
    kind text not null,
    record integer not null,
    reason text not null check (reason != '')
) strict;

create index privacy_reveal_of on privacy_reveal (kind, record, who);

create index privacy_reveal_at on privacy_reveal (at);

create trigger privacy_reveal_is_never_edited before update of at, who, kind, record, reason
on privacy_reveal
begin select raise(abort, 'a look is never edited'); end;

create table privacy_erasure (
    id integer primary key,
    number text not null unique,
    at integer not null,
    who text not null,
    reason text not null check (reason != ''),
    asked text not null,
    people text not null,
    erased text not null,
    kept text not null,
    tap text not null unique
) strict;

create trigger privacy_erasure_is_never_edited before update on privacy_erasure
begin select raise(abort, 'a receipt is never edited'); end;

create trigger privacy_erasure_is_never_deleted before delete on privacy_erasure
begin select raise(abort, 'a receipt is never deleted'); end;

create index ticket_with_name on ticket (day) where holder != '' or helper != '';

create index appointment_with_foreign on appointment (day) where foreign_id is not null;

create index appointment_with_person on appointment (day) where person is not null;
""",
    )


@migrations()
def files_that_can_be_blanked(db: Database) -> None:
    """Let the words of cases and complaints be blanked, and mark the files that were."""
    run_statements(
        db,
        """
alter table rating_case add column forgotten_at integer;

create index rating_case_to_forget on rating_case (closed_at)
where closed_at is not null and forgotten_at is null;

drop trigger rating_case_is_frozen;

create trigger rating_case_is_frozen before update of
    rating, visit, number, service, case_number, level, tags, channel, rated_at, window,
    clerk, real_name, received_at, contact_limit on rating_case
begin select raise(abort, 'what a case was received with is never edited'); end;

create trigger rating_case_text_is_only_erased before update of text on rating_case
when new.text != ''
begin select raise(abort, 'what a case was received with is never edited'); end;

drop trigger case_step_is_never_changed;

create trigger case_step_is_never_changed before update of
    id, "case", at, who, verb, was, becomes, tap on case_step
begin select raise(abort, 'the history of a case is never changed'); end;

create trigger case_step_note_is_only_erased before update of note on case_step
when new.note != ''
begin select raise(abort, 'the history of a case is never changed'); end;

alter table complaint add column forgotten_at integer;

create index complaint_to_forget on complaint (coalesce(ended_at, replied_at))
where coalesce(ended_at, replied_at) is not null and forgotten_at is null;

drop trigger complaint_is_never_edited;

create trigger complaint_is_never_edited before update of
    source, kind, order_number, accused_unit, at, registered_at, accept_due_at, due_at, tap
on complaint
begin select raise(abort, 'a complaint stands as it came in'); end;

create trigger complaint_person_is_only_erased before update of complainant, phone on complaint
when new.complainant != '' or new.phone != ''
begin select raise(abort, 'a complaint stands as it came in'); end;

create trigger complaint_words_are_only_blanked before update of title, accused, content
on complaint when new.forgotten_at is null
begin select raise(abort, 'a complaint stands as it came in'); end;

drop trigger complaint_is_answered_once;

create trigger complaint_is_answered_once before update of reply, replied_at on complaint
when old.replied_at is not null and new.forgotten_at is null
    and (new.replied_at is not old.replied_at or new.reply != old.reply)
begin select raise(abort, 'a complaint is answered once'); end;

drop trigger complaint_step_is_never_edited;

create trigger complaint_step_is_never_edited before update of
    id, complaint, at, what, who on complaint_step
begin select raise(abort, 'what was done of a complaint is never edited'); end;

create trigger complaint_step_is_only_blanked before update of told on complaint_step
when new.told != ''
begin select raise(abort, 'what was done of a complaint is never edited'); end;
""",
    )
