"""How the ledger of alarms and its rules came to be; only ever added to at the end."""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from hall.migrations import run_statements

migrations = Migrations("monitor")


@migrations()
def rules_and_alarms(db: Database) -> None:
    """Create the versions of the rules and the ledger; neither is ever shortened."""
    run_statements(
        db,
        """
create table alarm_rules (
    version integer primary key,
    at integer not null,
    by text not null,
    note text not null default ''
) strict;

create table alarm_rule (
    version integer not null references alarm_rules (version),
    kind text not null,
    yellow integer not null check (yellow > 0),
    red integer not null check (red > yellow),
    least integer not null default 0,
    escalate_minutes integer not null,
    active integer not null check (active = 0 or active = 1),
    primary key (version, kind)
) strict, without rowid;

create table alarm (
    id integer primary key,
    day text not null,
    kind text not null,
    subject text not null,
    said text not null,
    level text not null check (level = 'yellow' or level = 'red'),
    began_at integer not null,
    red_at integer,
    rule_version integer not null references alarm_rules (version),
    window integer references window (no),
    service text references service (code),
    ticket integer references ticket (id),
    department text not null default '',
    acknowledged_at integer,
    acknowledged_by text not null default '',
    words text not null default '',
    escalated_at integer,
    escalated_to text not null default '',
    cleared_at integer,
    check ((red_at is not null) = (level = 'red')),
    check ((acknowledged_at is not null) = (acknowledged_by != ''))
) strict;

create unique index alarm_standing on alarm (kind, subject) where cleared_at is null;

create index alarm_of_day on alarm (day, id);

create trigger alarm_rules_stay before update on alarm_rules
begin select raise(abort, 'a version of the rules is never edited'); end;

create trigger alarm_rules_are_kept before delete on alarm_rules
begin select raise(abort, 'a version of the rules is never deleted'); end;

create trigger alarm_rule_stays before update on alarm_rule
begin select raise(abort, 'a rule is never edited'); end;

create trigger alarm_rule_is_kept before delete on alarm_rule
begin select raise(abort, 'a rule is never deleted'); end;

create trigger alarm_is_kept before delete on alarm
begin select raise(abort, 'an alarm is never deleted'); end;

create trigger alarm_keeps_its_beginning before update of
    day, kind, subject, began_at, rule_version, window, service, ticket, department on alarm
begin select raise(abort, 'how an alarm began is never edited'); end;

create trigger alarm_keeps_its_end before update of cleared_at on alarm
when old.cleared_at is not null
begin select raise(abort, 'an alarm that was cleared stays cleared'); end;

create trigger alarm_keeps_its_words before update of acknowledged_at, acknowledged_by, words
on alarm when old.acknowledged_at is not null
begin select raise(abort, 'an acknowledgement is never edited'); end;
""",
    )
