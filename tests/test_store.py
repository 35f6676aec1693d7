"""The file keeps its own promises, whatever the verbs do."""

import sqlite3
import threading
from pathlib import Path

import pytest
from halls import MovedClock, Rooms, open_rooms

from hall.store import Store


def test_a_commit_is_synced_to_the_disk(rooms: Rooms) -> None:
    assert rooms.store.row("pragma synchronous")[0] == 2
    assert rooms.store.row("pragma journal_mode")[0] == "wal"
    assert rooms.store.row("pragma foreign_keys")[0] == 1


def test_what_fails_leaves_nothing_behind(rooms: Rooms) -> None:
    told: list[str] = []
    with pytest.raises(RuntimeError), rooms.store.transaction():
        rooms.take()
        rooms.store.after_commit(lambda: told.append("told"))
        raise RuntimeError
    assert rooms.store.waiting() == {}
    assert told == []
    ticket = rooms.take()
    assert rooms.desk.ticket(ticket).number == "A001"


def test_what_fails_inside_leaves_what_went_before_it(rooms: Rooms) -> None:
    told: list[str] = []
    with rooms.store.transaction():
        rooms.take()
        rooms.store.after_commit(lambda: told.append("outer"))
        with pytest.raises(RuntimeError), rooms.store.transaction():
            rooms.take()
            rooms.store.after_commit(lambda: told.append("inner"))
            raise RuntimeError
        assert told == []
    assert rooms.store.waiting() == {"marriage": 1}
    assert told == ["outer"]


def test_a_number_is_never_given_twice_on_a_day(rooms: Rooms) -> None:
    rooms.take()
    with pytest.raises(sqlite3.IntegrityError):
        rooms.store.connection.execute(
            """
            insert into ticket (day, number, prefix, sequence, service, state, taken_at, language,
                source, ahead_at_taking, tap)
            select day, number, prefix, sequence, service, state, taken_at, language, source,
                ahead_at_taking, 'another-tap' from ticket
            """
        )


def test_a_window_never_has_two_active_visits(rooms: Rooms) -> None:
    rooms.take()
    rooms.take()
    rooms.desk.call_next(1)
    with pytest.raises(sqlite3.IntegrityError):
        rooms.store.connection.execute(
            """
            insert into visit (ticket, day, service, window, called_at, shown_at, state)
            select 2, day, service, window, called_at, shown_at, 'called' from visit
            """
        )


@pytest.mark.parametrize(
    "change",
    ["update journal set at = 0", "delete from journal", "delete from journal where seq = 1"],
)
def test_the_journal_is_never_changed(rooms: Rooms, change: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="the journal is never"):
        rooms.store.connection.execute(change)


def test_sixteen_writers_that_read_first_never_find_the_file_locked(tmp_path: Path) -> None:
    path = tmp_path / "hall.db"
    open_rooms(path, MovedClock()).store.close()
    given: list[int] = []
    failed: list[BaseException] = []

    def take_numbers() -> None:
        store = Store(path)
        try:
            for _ in range(20):
                with store.transaction():
                    store.row("select count(*) from counter")
                    day = store.last_day() or "2026-11-20"
                    if store.last_day() is None:
                        store.open_day(day, 0)
                    given.append(store.next_sequence(day, "A"))
        except BaseException as error:
            failed.append(error)
            raise
        finally:
            store.close()

    writers = [threading.Thread(target=take_numbers) for _ in range(16)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failed == []
    assert sorted(given) == list(range(1, 321))


def test_a_reader_cannot_write(rooms: Rooms) -> None:
    reader = Store(rooms.store.path, readonly=True)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.connection.execute("insert into business_day values ('2030-01-01', 0, null)")
    reader.close()


def test_the_version_tells_when_another_process_has_written(rooms: Rooms) -> None:
    before = rooms.store.version()
    assert rooms.store.version() == before
    other = Store(rooms.store.path)
    with other.transaction():
        other.note(1, "something")
    assert rooms.store.version() != before
    other.close()


def test_what_is_read_at_one_moment_does_not_change_half_way(rooms: Rooms) -> None:
    other = Store(rooms.store.path)
    with rooms.store.at_one_moment():
        before, version = rooms.store.last_seq(), rooms.store.version()
        with other.transaction():
            other.note(1, "something")
        assert (rooms.store.last_seq(), rooms.store.version()) == (before, version)
    assert rooms.store.last_seq() == before + 1
    assert rooms.store.version() != version
    other.close()
