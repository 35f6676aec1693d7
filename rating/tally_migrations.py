"""How the tally came to be: what a day and a month count, kept by the file itself.

Triggers write it, in the transaction of whatever they count, so that no verb, import or repair can
forget it (docs/decisions/0009). What a row counts is said once, below: the views say it of all
rows, the triggers of the row that comes or changes, and ``server.py verify`` compares both.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

NO_DAY = "0000-00-00"

RATED = "exists (select 1 from rating where rating.visit = {row}.id)"
ASKED = "exists (select 1 from asking where asking.visit = {row}.id)"
TIMED_OUT = """exists (
    select 1 from asking where asking.visit = {row}.id and asking.ended_as = 'timed_out'
)"""
VALID = "{row}.voided_at is null and {row}.given_by_default = 0"
LEVELS = (
    "very_satisfied",
    "satisfied",
    "basically_satisfied",
    "dissatisfied",
    "very_dissatisfied",
)
# What is counted of one row of each table; times in milliseconds.
VISIT_COUNTS = {
    "called": "{row}.waited is not null",
    "served": "{row}.state = 'done'",
    "missed": "{row}.state = 'missed'",
    "waited": "coalesce({row}.waited, 0)",
    "waited_long": "coalesce({row}.waited > (select wait_target from tally_rule), 0)",
    "service_time": """case when {row}.state = 'done'
        then {row}.ended_at - {row}.started_at - {row}.held else 0 end""",
    "asked": ASKED,
    "timed_out": f"({TIMED_OUT} and not {RATED})",
    "never_asked": f"({{row}}.state = 'done' and not {ASKED} and not {RATED})",
    "accepted": "{row}.outcome is 'accepted'",
    "completed": "{row}.outcome is 'completed'",
}
# A second rating follows a rectified service; it replaces nothing and counts in no rate.
RATING_COUNTS = {
    **{level: f"({{row}}.level = '{level}' and {VALID})" for level in LEVELS},
    "voided": "{row}.voided_at is not null",
    "defaults": "({row}.given_by_default = 1 and {row}.voided_at is null)",
}
# What becomes of tickets that nobody served is few enough to be counted when it is asked for.
TICKET_COUNTS = {"taken": "1"}
PLACE = {
    "window": "{row}.window",
    "clerk": "coalesce({row}.clerk, '')",
    "service": "{row}.service",
}


@dataclass(frozen=True, slots=True)
class Counted:
    """What the rows of a table count: on which day, when at all, where, and what.

    The view ``<table>_count`` says it of each row, ``<table>_day`` holds the sums of each day and
    ``<table>_month`` those of the months, of the days before ``tally_rule.months_to``.
    """

    table: str
    at: str
    when: str
    keys: dict[str, str]
    counts: dict[str, str]

    @property
    def day_table(self) -> str:
        """The name of the table of days."""
        return f"{self.table}_day"

    @property
    def month_table(self) -> str:
        """The name of the table of months."""
        return f"{self.table}_month"

    def day(self, row: str) -> str:
        """Return the local day of a row's instant, as SQL."""
        at = f"{row}.{self.at}"
        return f"""date(({at} + (
            select ahead from day_offset where since <= {at} order by since desc limit 1
        )) / 1000, 'unixepoch')"""

    def tables(self) -> Iterator[str]:
        """Yield the statements that make the view and the tables."""
        said = {"day": self.day(self.table), **self.keys, **self.counts}
        columns = ",\n".join(
            f"{text.format(row=self.table)} as {name}" for name, text in said.items()
        )
        yield f"""
            create view {self.table}_count as
            select {self.table}.id as id, {columns}
            from {self.table} where {self.when.format(row=self.table)}
        """
        keys = [f"{name} {KINDS.get(name, 'text')} not null" for name in self.keys]
        counts = [f"{name} integer not null default 0" for name in self.counts]
        for table, period in ((self.day_table, "day"), (self.month_table, "month")):
            yield f"""
                create table {table} (
                    {", ".join((f"{period} text not null", *keys, *counts))},
                    primary key ({", ".join((period, *self.keys))})
                ) strict, without rowid
            """

    def month_triggers(self) -> Iterator[str]:
        """Yield the triggers that let a late change of a day reach its month."""
        for verb, less in (("insert", "0"), ("update", "old.{name}")):
            values = ", ".join(f"new.{name} - {less.format(name=name)}" for name in self.counts)
            keys = ", ".join(f"new.{key}" for key in self.keys)
            yield f"""
                create trigger {self.day_table}_{verb}_reaches_its_month after {verb}
                on {self.day_table} when new.day < (select months_to from tally_rule)
                begin {self._add_to(self.month_table, "month")}
                values (substr(new.day, 1, 7), {keys}, {values}) {self._more()}; end
            """

    def _add_to(self, table: str, period: str) -> str:
        return f"insert into {table} ({', '.join((period, *self.keys, *self.counts))})"

    def _more(self) -> str:
        more = ", ".join(f"{name} = {name} + excluded.{name}" for name in self.counts)
        return f"on conflict do update set {more}"

    def add(self, row: str) -> str:
        """Return the statement of a trigger that adds what ``row`` counts."""
        said = ", ".join(
            text.format(row=row) for text in (*self.keys.values(), *self.counts.values())
        )
        return f"{self._add_to(self.day_table, 'day')} values ({self.day(row)}, {said}) " + (
            f"{self._more()};"
        )

    def take_away(self, row: str) -> str:
        """Return the statement of a trigger that takes away what ``row`` counted."""
        return self.change(
            row, {name: f"-({text.format(row=row)})" for name, text in self.counts.items()}
        )

    def change(self, row: str, by: dict[str, str]) -> str:
        """Return the statement of a trigger that changes some counts of where ``row`` counts."""
        changes = ", ".join(f"{name} = {name} + ({text})" for name, text in by.items())
        same = " and ".join(f"{key} = {text.format(row=row)}" for key, text in self.keys.items())
        return f"""
            update {self.day_table} set {changes} where day = {self.day(row)} and {same};
        """

    def change_of(self, which: str, by: dict[str, str]) -> str:
        """Return the statement of a trigger that changes some counts of where another row counts.

        ``which`` chooses that row. Said with questions for one row: ``update … from`` would fill a
        table of its own each time (docs/decisions/0008).
        """
        row = self.table
        changes = ", ".join(
            f"{name} = {name} + (select {text} from {row} where {which})"
            for name, text in by.items()
        )
        there = ", ".join((self.day(row), *(text.format(row=row) for text in self.keys.values())))
        return f"""
            update {self.day_table} set {changes}
            where ({", ".join(("day", *self.keys))}) = (select {there} from {row} where {which});
        """

    def count_days(self) -> str:
        """Return the statement that fills the empty table of days from the records."""
        sums = ", ".join(f"sum({name})" for name in self.counts)
        keys = ", ".join(("day", *self.keys))
        return f"""
            {self._add_to(self.day_table, "day")}
            select {keys}, {sums} from {self.table}_count group by {keys}
        """

    def add_days_to_months(self) -> str:
        """Return the statement that adds the days from months_to up to before ``:to``."""
        sums = ", ".join(f"sum({name})" for name in self.counts)
        keys = ", ".join(self.keys)
        return f"""
            {self._add_to(self.month_table, "month")}
            select substr(day, 1, 7) as month, {keys}, {sums} from {self.day_table}
            where day >= (select months_to from tally_rule) and day < :to
            group by 1, {keys} {self._more()}
        """

    def differences(self) -> Iterator[tuple[str, str]]:
        """Yield queries that find the days that differ from the records, the months from days."""
        keys, sums = ", ".join(self.keys), ", ".join(f"sum({name})" for name in self.counts)
        some = " or ".join(f"{name} != 0" for name in self.counts)
        columns = ", ".join((*self.keys, *self.counts))
        days = f"select day, {keys}, {sums} from {self.table}_count group by day, {keys}"
        months = f"""
            select substr(day, 1, 7), {keys}, {sums} from {self.day_table}
            where day < (select months_to from tally_rule) group by 1, {keys}
        """
        for period, table, counted in (
            ("day", self.day_table, days),
            ("month", self.month_table, months),
        ):
            kept = f"select {period}, {columns} from {table} where {some}"
            least = f"select * from ({counted.strip()})"
            yield (
                period,
                f"""
                with counted ({period}, {columns}) as ({least}),
                right_ones as (select * from counted where {some}),
                kept as ({kept})
                select distinct {period} from (
                    select * from (select * from kept except select * from right_ones)
                    union all
                    select * from (select * from right_ones except select * from kept)
                ) order by 1
                """,
            )


KINDS = {"window": "integer"}
VISIT = Counted("visit", "ended_at", "{row}.ended_at is not null", PLACE, VISIT_COUNTS)
RATING = Counted(
    "rating", "at", "{row}.nth = 1", PLACE | {"channel": "{row}.channel"}, RATING_COUNTS
)
TICKET = Counted("ticket", "taken_at", "true", {"service": "{row}.service"}, TICKET_COUNTS)
ALL = (VISIT, RATING, TICKET)
RULES = (
    """
    create table tally_rule (
        id integer primary key check (id = 1),
        zone text not null,
        wait_target integer not null check (wait_target > 0),
        months_to text not null
    ) strict
    """,
    f"insert into tally_rule values (1, 'Asia/Shanghai', 1800000, '{NO_DAY}')",
    # How far the local clock is ahead of UTC, in milliseconds, and from which instant on
    "create table day_offset (since integer primary key, ahead integer not null) strict",
    "insert into day_offset (since, ahead) values (-9000000000000, 28800000)",
)
# What few tickets end unserved is counted when it is asked for.
UNSERVED = """
    create index ticket_unserved on ticket (ended_at)
    where state = 'cancelled' or state = 'expired' or misses > 0
"""
ITS_VISIT = "visit.id = new.visit and visit.ended_at is not null"


def _triggers() -> dict[str, str]:
    """Return when each trigger fires and what it does, by name.

    An insert may be `on conflict do nothing`, which a trigger before it does not see: what an
    invitation or a rating changes of its visit is said as a difference, afterwards.
    """
    rated = RATED.format(row="visit")
    asked = {
        "asked": "1",
        "never_asked": f"-(visit.state = 'done' and not {rated})",
        "timed_out": f"new.ended_as is 'timed_out' and not {rated}",
    }
    ended_otherwise = {
        "timed_out": f"""((new.ended_as is 'timed_out') - (old.ended_as is 'timed_out'))
            * not {rated}"""
    }
    first_rated = {
        "never_asked": f"-(visit.state = 'done' and not {ASKED.format(row='visit')})",
        "timed_out": f"-{TIMED_OUT.format(row='visit')}",
    }
    return {
        "visit_counts": f"""
            after insert on visit when new.ended_at is not null begin {VISIT.add("new")}
        """,
        "visit_counted": f"""
            after update of ended_at on visit when old.ended_at is not null
            begin {VISIT.take_away("old")}
        """,
        "visit_counts_now": f"""
            after update of ended_at on visit when new.ended_at is not null
            begin {VISIT.add("new")}
        """,
        "asking_counts": f"""
            after insert on asking begin {VISIT.change_of(ITS_VISIT, asked)}
        """,
        "asking_counts_now": f"""
            after update of ended_as on asking
            when (old.ended_as is 'timed_out') != (new.ended_as is 'timed_out')
            begin {VISIT.change_of(ITS_VISIT, ended_otherwise)}
        """,
        "rating_counts": f"""
            after insert on rating when new.nth = 1 begin {RATING.add("new")}
        """,
        "rating_counts_for_its_visit": f"""
            after insert on rating
            when not exists (select 1 from rating where visit = new.visit and id != new.id)
                and not exists (
                    select 1 from asking where visit = new.visit and ended_as is not 'timed_out'
                )
            begin {VISIT.change_of(ITS_VISIT, first_rated)}
        """,
        "rating_counted": f"""
            after update of voided_at on rating
            when old.voided_at is not new.voided_at and old.nth = 1
            begin {RATING.take_away("old")}
        """,
        "rating_counts_now": f"""
            after update of voided_at on rating
            when old.voided_at is not new.voided_at and new.nth = 1
            begin {RATING.add("new")}
        """,
        "ticket_counts": f"after insert on ticket begin {TICKET.add('new')}",
        "ticket_went_elsewhere": f"""
            after update of service on ticket when old.service != new.service
            begin {TICKET.take_away("old")} {TICKET.add("new")}
        """,
    }


TRIGGERS = _triggers()


def keep_a_tally(connection: sqlite3.Connection) -> None:
    """Create the tally and what keeps it, and count what is there."""
    statements = [*RULES, UNSERVED]
    for each in ALL:
        statements += [*each.tables(), *each.month_triggers()]
    statements += [f"create trigger {name} {body} end" for name, body in TRIGGERS.items()]
    for statement in statements:
        connection.execute(statement)
    count_anew(connection)


def count_anew(connection: sqlite3.Connection) -> None:
    """Count all days again from the records; months follow when days are added to them."""
    connection.execute(f"update tally_rule set months_to = '{NO_DAY}'")
    for each in ALL:
        for table in (each.day_table, each.month_table):
            connection.execute(f"delete from {table}")
        connection.execute(each.count_days())
