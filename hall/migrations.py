"""How the queue's schema came to be; only ever added to at the end.

Instants are UTC epoch milliseconds, days ``YYYY-MM-DD`` text. No date functions in SQL, so that
a clock is always an argument.
"""

import re
from collections.abc import Callable

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

migrations = Migrations("hall")


def run_statements(db: Database, script: str) -> None:
    """Run the statements of a script one by one: ``executescript`` would commit before it."""
    for statement in script.split(";\n"):
        if statement.strip():
            db.conn.execute(statement)


LIST = re.compile(r"(\w+) (not )?in \(\s*('\w*'(?:,\s*'\w*'){2,})\s*\)")


def spell_out(sql: str) -> str:
    """Say ``x in ('a', 'b', 'c')`` as ``(x = 'a' or x = 'b' or x = 'c')``."""

    def spelled(found: re.Match[str]) -> str:
        column, no, values = found.groups()
        each, joint = ("!=", " and ") if no else ("=", " or ")
        each_said = [f"{column} {each} '{value}'" for value in re.findall(r"'(\w*)'", values)]
        return f"({joint.join(each_said)})"

    return LIST.sub(spelled, sql)


def check_without_lists(db: Database, *tables: str) -> None:
    """Make tables anew whose checks hold lists, with the same rows, indexes and triggers.

    For each list of three or more SQLite fills a table of its own at every insert and update of
    the row: ten a visit, a tenth of all its time (docs/performance.md).
    """
    for name in tables:
        make_anew(db, name, spell_out)


def make_anew(db: Database, name: str, change: Callable[[str], str]) -> None:
    """Make a table anew by its changed statement, with the same rows, indexes and triggers."""
    table = db[name]
    beside = db.conn.execute(
        "select sql from sqlite_master where tbl_name = ? and type != 'table' and sql != ''",
        (name,),
    ).fetchall()
    columns = ", ".join(column.name for column in table.columns)
    made = re.sub(
        r'^create table "?\w+"?', f"create table new_{name}", table.schema, flags=re.IGNORECASE
    )
    for statement in (
        # else a view of the old table would stop the renaming
        "pragma legacy_alter_table = on",
        change(made),
        f"insert into new_{name} ({columns}) select {columns} from {name}",  # noqa: S608 own names
        f"drop table {name}",
        f"alter table new_{name} rename to {name}",
        "pragma legacy_alter_table = off",
        *(sql for (sql,) in beside),
    ):
        db.conn.execute(statement)


@migrations()
def hall_and_catalogue(db: Database) -> None:
    """Create what a hall consists of."""
    run_statements(
        db,
        """
create table hall (
    id integer primary key check (id = 1),
    name text not null,
    demo integer not null check (demo in (0, 1)),
    made_at integer not null
) strict;

create table secret (
    name text primary key,
    value text not null,
    made_at integer not null
) strict;

create table department (
    code text primary key,
    name text not null,
    name_en text not null default '',
    sort integer not null default 0,
    active integer not null default 1 check (active in (0, 1))
) strict;

create table zone (
    code text primary key,
    name text not null,
    name_en text not null default '',
    sort integer not null default 0,
    active integer not null default 1 check (active in (0, 1))
) strict;

create table service (
    code text primary key,
    name text not null,
    name_en text not null,
    prefix text not null check (prefix glob '[A-Z]' or prefix glob '[A-Z][A-Z]'),
    department text not null references department (code),
    common integer not null default 0 check (common in (0, 1)),
    sort integer not null default 0,
    target_minutes integer not null default 30 check (target_minutes > 0),
    usual_minutes integer not null default 8 check (usual_minutes > 0),
    active integer not null default 1 check (active in (0, 1))
) strict;

create table window (
    no integer primary key check (no > 0),
    name text not null,
    zone text not null references zone (code),
    department text not null references department (code),
    active integer not null default 1 check (active in (0, 1))
) strict;

create table window_service (
    window integer not null references window (no),
    service text not null references service (code),
    place integer not null,
    primary key (window, service)
) strict, without rowid;

create table person (
    staff_number text primary key,
    name text not null,
    role text not null check (role in ('clerk', 'manager', 'administrator')),
    post text not null default '',
    department text references department (code),
    window integer references window (no),
    photo text not null default '',
    password_hash text,
    active integer not null default 1 check (active in (0, 1))
) strict;

create table device (
    id integer primary key,
    role text not null check (
        role in ('kiosk', 'display', 'window', 'evaluator', 'manager', 'program')
    ),
    name text not null,
    window integer references window (no),
    zone text references zone (code),
    printer text not null default '',
    key_hash text unique,
    made_at integer not null,
    active integer not null default 1 check (active in (0, 1))
) strict;
""",
    )


@migrations()
def tickets_and_journal(db: Database) -> None:
    """Create the queue itself."""
    run_statements(
        db,
        """
create table business_day (
    day text primary key,
    opened_at integer not null
) strict;

create table counter (
    day text not null references business_day (day),
    prefix text not null,
    last integer not null,
    primary key (day, prefix)
) strict, without rowid;

create table ticket (
    id integer primary key,
    day text not null references business_day (day),
    number text not null,
    prefix text not null,
    sequence integer not null check (sequence > 0),
    service text not null references service (code),
    state text not null check (
        state in ('waiting', 'called', 'serving', 'done', 'missed', 'cancelled', 'expired')
    ),
    taken_at integer not null,
    language text not null,
    phone text,
    source text not null,
    window integer references window (no),
    called_at integer,
    ended_at integer,
    ahead_at_taking integer not null,
    tap text not null unique,
    device integer references device (id),
    unique (day, prefix, sequence),
    check ((ended_at is not null) = (state in ('done', 'missed', 'cancelled', 'expired')))
) strict;

create index ticket_waiting on ticket (service, id) where state = 'waiting';

create index ticket_waiting_phone on ticket (phone, service)
where state = 'waiting' and phone is not null;

create index ticket_uncalled_end on ticket (ended_at) where state in ('cancelled', 'expired');

create index ticket_taken on ticket (taken_at);

create table visit (
    id integer primary key,
    ticket integer not null references ticket (id),
    day text not null,
    service text not null references service (code),
    window integer not null references window (no),
    clerk text references person (staff_number),
    reason text not null default '',
    called_at integer not null,
    shown_at integer not null,
    recalls integer not null default 0,
    waited integer check (waited >= 0),
    started_at integer,
    ended_at integer,
    outcome text check (outcome in ('accepted', 'completed', 'collected', 'consulted', 'other')),
    case_number text,
    state text not null check (state in ('called', 'serving', 'done', 'missed', 'expired')),
    check ((ended_at is not null) = (state in ('done', 'missed', 'expired'))),
    check ((outcome is not null) = (state = 'done')),
    check (state != 'serving' or started_at is not null),
    check (state != 'done' or started_at is not null)
) strict;

create unique index visit_active_window on visit (window) where ended_at is null;

create unique index visit_active_ticket on visit (ticket) where ended_at is null;

create index visit_ticket on visit (ticket);

create index visit_shown on visit (day, shown_at);

create index visit_ended on visit (ended_at);

create index visit_pace on visit (service, ended_at) where state = 'done';

create index visit_at_window on visit (window, ended_at);

create table window_now (
    no integer primary key references window (no),
    state text not null check (state in ('closed', 'open', 'paused')),
    clerk text references person (staff_number),
    pause_reason text not null default '',
    since integer not null
) strict;

create table journal (
    seq integer primary key,
    at integer not null,
    event text not null,
    ticket integer,
    visit integer,
    window integer,
    who text not null default '',
    detail text not null default ''
) strict;

create index journal_ticket on journal (ticket);

create trigger journal_is_never_changed before update on journal
begin select raise(abort, 'the journal is never changed'); end;

create trigger journal_is_never_shortened before delete on journal
begin select raise(abort, 'the journal is never shortened'); end;
""",
    )


@migrations()
def opening_times_and_quotas(db: Database) -> None:
    """Let services and days have opening times of their own; let a window help with a service."""
    run_statements(
        db,
        """
alter table service add column open_weekdays text not null default '';

alter table service add column open_hours text not null default '';

alter table service add column quota_morning integer not null default 0;

alter table service add column quota_afternoon integer not null default 0;

alter table window_service add column helping integer not null default 0;

create table special_day (
    day text primary key,
    open integer not null check (open in (0, 1)),
    hours text not null default '',
    note text not null default '',
    active integer not null default 1 check (active in (0, 1))
) strict;

alter table business_day add column closed_at integer;

alter table window_now add column session text not null default '';

alter table window_now add column stands_in_for text references person (staff_number);
""",
    )


@migrations()
def the_whole_queue(db: Database) -> None:
    """Rebuild tickets and visits: held, returned, transferred, with priority and appointments.

    A check cannot be altered in SQLite, so both tables are made anew; foreign keys are off while
    the schema is brought up to date (``hall.file``).
    """
    run_statements(
        db,
        """
create table new_ticket (
    id integer primary key,
    day text not null references business_day (day),
    number text not null,
    prefix text not null,
    sequence integer not null check (sequence > 0),
    service text not null references service (code),
    state text not null check (state in (
        'waiting', 'called', 'serving', 'held', 'done', 'missed', 'cancelled', 'expired'
    )),
    taken_at integer not null,
    language text not null,
    phone text,
    source text not null,
    window integer references window (no),
    called_at integer,
    ended_at integer,
    ahead_at_taking integer not null,
    wait_at_taking integer,
    tap text not null unique,
    device integer references device (id),
    after integer,
    turn integer not null default 0,
    priority text not null default '',
    pinned text not null default '',
    own_window integer references window (no),
    via text not null default '' check (via in ('', 'transfer', 'return', 'hold')),
    slot_at integer,
    appointment integer,
    misses integer not null default 0,
    person text,
    holder text not null default '',
    helper text not null default '',
    unique (day, prefix, sequence),
    check ((ended_at is not null) = (state in ('done', 'missed', 'cancelled', 'expired')))
) strict;

insert into new_ticket (id, day, number, prefix, sequence, service, state, taken_at, language,
    phone, source, window, called_at, ended_at, ahead_at_taking, tap, device, misses)
select id, day, number, prefix, sequence, service, state, taken_at, language,
    phone, source, window, called_at, ended_at, ahead_at_taking, tap, device, state = 'missed'
from ticket;

drop table ticket;

alter table new_ticket rename to ticket;

create index ticket_waiting on ticket (service, coalesce(after, id), turn)
where state = 'waiting';

create index ticket_special on ticket (service)
where state = 'waiting'
    and (priority != '' or pinned != '' or own_window is not null or via != ''
        or slot_at is not null);

create index ticket_own on ticket (own_window) where state = 'waiting' and own_window is not null;

create index ticket_waiting_phone on ticket (phone, service)
where state = 'waiting' and phone is not null;

create index ticket_waiting_person on ticket (person, service)
where state = 'waiting' and person is not null;

create index ticket_with_person on ticket (day) where person is not null;

create index ticket_with_phone on ticket (day) where phone is not null;

create index ticket_uncalled_end on ticket (ended_at) where state in ('cancelled', 'expired');

create index ticket_taken on ticket (taken_at);

create table new_visit (
    id integer primary key,
    ticket integer not null references ticket (id),
    day text not null,
    service text not null references service (code),
    window integer not null references window (no),
    clerk text references person (staff_number),
    reason text not null default '',
    basis text not null default 'arrival',
    why text not null default '',
    jumped integer not null default 0 check (jumped in (0, 1)),
    called_at integer not null,
    shown_at integer not null,
    recalls integer not null default 0,
    waited integer check (waited >= 0),
    started_at integer,
    held_at integer,
    held integer not null default 0 check (held >= 0),
    hold_kind text check (hold_kind in ('with_file', 'without_file', 'for_somebody')),
    ended_at integer,
    outcome text check (outcome in ('accepted', 'completed', 'collected', 'consulted', 'other')),
    case_number text,
    state text not null check (state in (
        'called', 'serving', 'held', 'done', 'missed', 'transferred', 'returned', 'undone',
        'expired'
    )),
    check ((ended_at is not null)
        = (state in ('done', 'missed', 'transferred', 'returned', 'undone', 'expired'))),
    check ((outcome is not null) = (state = 'done')),
    check (state not in ('serving', 'held', 'done') or started_at is not null),
    check ((held_at is not null) = (state = 'held'))
) strict;

insert into new_visit (id, ticket, day, service, window, clerk, reason, basis, called_at, shown_at,
    recalls, waited, started_at, ended_at, outcome, case_number, state)
select id, ticket, day, service, window, clerk, reason,
    case when reason = '' then 'arrival' else 'chosen' end, called_at, shown_at,
    recalls, waited, started_at, ended_at, outcome, case_number, state
from visit;

drop table visit;

alter table new_visit rename to visit;

create unique index visit_active_window on visit (window) where state in ('called', 'serving');

create unique index visit_active_ticket on visit (ticket) where ended_at is null;

create index visit_held on visit (window) where state = 'held';

create index visit_ticket on visit (ticket);

create index visit_shown on visit (day, shown_at);

create index visit_ended on visit (ended_at);

create index visit_pace on visit (service, ended_at) where state = 'done';

create index visit_at_window on visit (window, ended_at);
""",
    )


@migrations()
def people_at_the_help_desk(db: Database) -> None:
    """Rebuild people: whoever guides citizens (导办员) has a role of their own."""
    run_statements(
        db,
        """
create table new_person (
    staff_number text primary key,
    name text not null,
    role text not null check (role in ('clerk', 'guide', 'manager', 'administrator')),
    post text not null default '',
    department text references department (code),
    window integer references window (no),
    photo text not null default '',
    password_hash text,
    active integer not null default 1 check (active in (0, 1))
) strict;

insert into new_person (staff_number, name, role, post, department, window, photo, password_hash,
    active)
select staff_number, name, role, post, department, window, photo, password_hash, active
from person;

drop table person;

alter table new_person rename to person;
""",
    )


@migrations()
def checks_without_lists(db: Database) -> None:
    """Rebuild what is written at every visit: its checks cost more than its rows."""
    check_without_lists(db, "ticket", "visit", "window_now")


@migrations()
def people_who_follow_ratings(db: Database) -> None:
    """Let people handle bad ratings, decide on them from outside the unit, and lead."""
    db.conn.execute(
        """
create table new_person (
    staff_number text primary key,
    name text not null,
    role text not null check (
        role in ('clerk', 'guide', 'handler', 'inspector', 'leader', 'manager', 'administrator')
    ),
    post text not null default '',
    department text references department (code),
    window integer references window (no),
    photo text not null default '',
    password_hash text,
    active integer not null default 1 check (active in (0, 1))
) strict
"""
    )
    columns = "staff_number, name, role, post, department, window, photo, password_hash, active"
    # S608: the column names stand in the line above
    db.conn.execute(f"insert into new_person ({columns}) select {columns} from person")  # noqa: S608
    db.conn.execute("drop table person")
    db.conn.execute("alter table new_person rename to person")


@migrations()
def phones_of_people(db: Database) -> None:
    """Keep the telephones of the staff: a rating from one of them is looked at."""
    db.conn.execute("alter table person add column phone text not null default ''")


@migrations()
def the_whole_catalogue(db: Database) -> None:
    """Keep matters, classes of windows, texts, photographs, and every change of the catalogue.

    A photograph was a file beside the data, named in the person's row: backup and restore lost it,
    and nobody could upload one.
    """
    run_statements(
        db,
        """
alter table window add column category text not null default '';

create table matter (
    code text primary key,
    name text not null,
    service text not null references service (code),
    kind text not null check (kind in ('at_once', 'promised')),
    promised_days integer not null check (promised_days >= 0),
    statutory_days integer not null check (statutory_days >= 0),
    ways text not null default '',
    sort integer not null default 0,
    active integer not null default 1 check (active in (0, 1))
) strict;

create index matter_of_service on matter (service);

create table hall_text (
    place text not null,
    zone text not null default '',
    text text not null,
    text_en text not null default '',
    primary key (place, zone)
) strict, without rowid;

alter table person drop column photo;

create table photo (
    person text primary key references person (staff_number),
    picture blob not null,
    mark text not null,
    set_at integer not null
) strict;

create table catalogue_change (
    id integer primary key,
    at integer not null,
    who text not null,
    way text not null check (way = 'page' or way = 'workbook' or way = 'command'),
    act text not null check (act = 'added' or act = 'changed' or act = 'retired'
        or act = 'restored'),
    kind text not null,
    key text not null,
    name text not null,
    fields text not null
) strict;

create index catalogue_change_of on catalogue_change (kind, key);

create trigger catalogue_change_stays before update on catalogue_change
begin select raise(abort, 'the history of the catalogue is never changed'); end;

create trigger catalogue_change_is_kept before delete on catalogue_change
begin select raise(abort, 'the history of the catalogue is never shortened'); end;
""",
    )


@migrations()
def three_administrators(db: Database) -> None:
    """Let people administer security or read the audit log, apart from the system's administrator.

    等保 2.0 (GB/T 22239-2019, 8.1.5) keeps the three apart.
    """
    last = "'administrator')"
    make_anew(
        db,
        "person",
        lambda sql: spell_out(sql.replace(last, "'administrator', 'security', 'audit')")),
    )


@migrations()
def sessions_that_ended(db: Database) -> None:
    """Keep who signed out: a copied cookie must not come back to life with the server."""
    db.conn.execute(
        """
create table ended_session (
    mark text primary key,
    until integer not null
) strict, without rowid
"""
    )


@migrations()
def pairings_of_devices(db: Database) -> None:
    """Keep when, by whom and with which browser a device was paired last."""
    db.conn.execute(
        """
create table device_pairing (
    device integer primary key references device (id),
    at integer not null,
    who text not null,
    address text not null,
    browser text not null
) strict
"""
    )
