"""A file of yesterday becomes one of today, and keeps everything."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from halls import MovedClock, Rooms, open_rooms
from sqlite_utils import Database

from hall.migrations import check_without_lists, migrations, spell_out
from hall.store import Store

BEFORE = "checks_without_lists"
WRITTEN_AT_EVERY_VISIT = ("ticket", "visit", "window_now", "rating", "asking", "journal")


@pytest.mark.parametrize(
    ("said", "spelled"),
    [
        ("check (state in ('a', 'b', 'c'))", "check ((state = 'a' or state = 'b' or state = 'c'))"),
        ("state in ('a',\n  'b',\n  'c'\n)", "(state = 'a' or state = 'b' or state = 'c')"),
        ("via in ('', 'b', 'c')", "(via = '' or via = 'b' or via = 'c')"),
        ("state not in ('a', 'b', 'c')", "(state != 'a' and state != 'b' and state != 'c')"),
        ("ended_as in ('a', 'b')", "ended_as in ('a', 'b')"),
        ("nth in (1, 2)", "nth in (1, 2)"),
    ],
)
def test_a_list_of_three_or_more_is_spelled_out(said: str, spelled: str) -> None:
    assert spell_out(said) == spelled


@pytest.fixture
def older(tmp_path: Path) -> Iterator[Store]:
    """Return a store opened on a file from before, with a ticket and its journal."""
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        migrations.apply(Database(file), stop_before=BEFORE)
        for statement in (
            "insert into department (code, name) values ('d', '民政局')",
            """insert into service (code, name, name_en, prefix, department)
            values ('s', '婚姻登记', 'Marriage', 'A', 'd')""",
            "insert into business_day (day, opened_at) values ('2026-11-19', 1)",
            """insert into ticket (id, day, number, prefix, sequence, service, state, taken_at,
                language, source, ahead_at_taking, tap, ended_at, phone)
            values (7, '2026-11-19', 'A001', 'A', 1, 's', 'cancelled', 5, 'zh', 'kiosk', 3, 't', 9,
                '13800000000')""",
        ):
            file.execute(statement)
    store = Store(path)
    yield store
    store.close()


def test_an_older_file_keeps_its_tickets(older: Store) -> None:
    ticket = older.ticket(7)
    assert ticket is not None
    assert (ticket.number, ticket.state, ticket.ended_at, ticket.phone) == (
        *("A001", "cancelled", 9, "13800000000"),
    )
    assert older.rows("pragma foreign_key_check") == []


def test_an_older_file_has_the_same_tables_as_a_new_one(older: Store, tmp_path: Path) -> None:
    new = Store(tmp_path / "new.db")
    assert older.database.schema == new.database.schema
    new.close()


@pytest.mark.parametrize(
    "wrong",
    ["state = 'lost'", "state = 'done', ended_at = null", "via = 'air'", "sequence = 0"],
)
def test_the_checks_say_what_they_said(older: Store, wrong: str) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        older.connection.execute(f"update ticket set {wrong}")


def test_a_table_made_anew_keeps_its_indexes_and_triggers(rooms: Rooms) -> None:
    beside = "select type, name from sqlite_master where tbl_name = 'rating' order by name"
    was = rooms.store.rows(beside)
    check_without_lists(rooms.store.database, "rating")
    assert rooms.store.rows(beside) == was
    assert ("trigger", "rating_is_never_deleted") in was


@pytest.mark.parametrize("table", WRITTEN_AT_EVERY_VISIT)
def test_no_row_of_a_visit_makes_a_table_of_its_own(
    table: str, tmp_path: Path, clock: MovedClock
) -> None:
    rooms = open_rooms(tmp_path / "hall.db", clock)
    columns = [each.name for each in rooms.store.database[table].columns]
    holes = ", ".join("?" * len(columns))
    steps = rooms.store.rows(f"explain insert into {table} values ({holes})", columns)
    assert "OpenEphemeral" not in {each[1] for each in steps}
    rooms.store.close()
