"""How the appointments' schema came to be; only ever added to at the end."""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from hall.migrations import run_statements

migrations = Migrations("booking")


@migrations()
def plans_and_appointments(db: Database) -> None:
    """Create what slots are cut by, and who has them."""
    run_statements(
        db,
        """
create table slot_plan (
    id integer primary key,
    service text not null references service (code),
    weekday integer check (weekday between 1 and 7),
    day text check (day glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    slot_minutes integer not null check (slot_minutes between 5 and 480),
    quota integer not null check (quota between 0 and 999),
    unique (service, weekday),
    unique (service, day),
    check ((weekday is null) != (day is null))
) strict;

create table appointment (
    id integer primary key,
    code text not null unique,
    service text not null references service (code),
    day text not null,
    slot_at integer not null,
    slot_ends integer not null check (slot_ends > slot_at),
    person text,
    day_person text,
    holder text not null,
    phone text,
    state text not null check (state in ('booked', 'arrived', 'cancelled', 'no_show')),
    source text not null,
    foreign_id text,
    made_at integer not null,
    ended_at integer,
    ticket integer unique references ticket (id),
    tap text unique,
    unique (source, foreign_id),
    check ((ended_at is null) = (state = 'booked')),
    check ((person is null) = (day_person is null)),
    check ((ticket is not null) = (state = 'arrived'))
) strict;

create unique index appointment_one_a_day on appointment (person, day, service)
where state in ('booked', 'arrived') and person is not null;

create index appointment_in_slot on appointment (service, slot_at) where state != 'cancelled';

create index appointment_due on appointment (slot_at) where state = 'booked';

create index appointment_ahead on appointment (day) where state = 'booked';

create index appointment_of_person on appointment (person, day) where person is not null;

create index appointment_with_phone on appointment (day) where phone is not null;

create trigger appointment_is_never_deleted before delete on appointment
begin select raise(abort, 'an appointment is never deleted'); end;

create trigger appointment_keeps_its_end before update of state on appointment
when old.state != 'booked'
begin select raise(abort, 'an appointment that has ended stays as it ended'); end;
""",
    )
