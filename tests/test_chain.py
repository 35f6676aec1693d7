"""The chain of seals finds whatever was changed, left out or put elsewhere in the ratings."""

import json
import random
import sqlite3
from collections.abc import Callable

import pytest
from halls import MovedClock, Rooms

from rating import chain, proof
from rating.levels import LEVELS

ATTACKS = 1_000
RATED = 40


@pytest.fixture
def rated(rooms: Rooms, clock: MovedClock) -> Rooms:
    """Return a hall with ratings, some with a contact, four of them voided."""
    rooms.desk.open(1)
    for nth in range(RATED):
        rooms.take()
        visit = rooms.serve(1)
        level = LEVELS[nth % len(LEVELS)]
        contact = f"1380000{nth:04d}" if nth % 3 == 0 else ""
        said = rooms.book.rate(visit, level, "qr", text=f"第{nth}条", contact=contact)
        if nth % 10 == 9:
            rooms.book.void(said.id, "mistaken", "点错了", by="2004")
        clock.move(seconds=60)
    return rooms


def test_an_untouched_chain_is_whole(rated: Rooms) -> None:
    assert proof.problems(rated.book) == []
    assert len(rated.store.rows("select * from seal")) == RATED + RATED // 10


def test_what_a_rater_left_can_be_erased_and_the_chain_still_holds(rated: Rooms) -> None:
    run = rated.store.connection.execute
    run("update rating set contact = '' where id = 1")
    assert proof.broken_seals(rated.book) != []
    run("update seal set salt = '' where kind = 'rating' and about = 1")
    assert proof.broken_seals(rated.book) == []


@pytest.mark.parametrize("table", ["seal", "rating", "rating_void"])
def test_nothing_sealed_can_be_changed_or_deleted_by_mistake(rated: Rooms, table: str) -> None:
    column = {"seal": "hash", "rating": "level", "rating_void": "reason"}[table]
    with pytest.raises(sqlite3.IntegrityError):
        rated.store.connection.execute(f"update {table} set {column} = 'satisfied'")
    with pytest.raises(sqlite3.IntegrityError):
        rated.store.connection.execute(f"delete from {table}")


def test_a_voided_rating_stays_voided(rated: Rooms) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        rated.store.connection.execute("update rating set voided_at = null")


# -- an attacker who owns the file -------------------------------------------------------------

Run = Callable[..., sqlite3.Cursor]


def change_a_rating(run: Run, chance: random.Random) -> None:
    column, value = chance.choice(
        [
            ("level", "'satisfied'"),
            ("text", "text || '。'"),
            ("at", "at + 1000"),
            ("window", "window + 1"),
            ("clerk", "coalesce(clerk, '') || '9'"),
            ("service", "service || 'x'"),
            ("channel", "'paper'"),
            ("tags", """'[{"code":"1"}]'"""),
            ("device", "coalesce(device, 0) + 1"),
            ("given_by_default", "1 - given_by_default"),
            ("visit", "visit + 1000"),
        ]
    )
    other = "and level != 'satisfied'" if column == "level" else ""
    (number,) = run(f"select id from rating where 1 {other} order by random() limit 1").fetchone()
    run(f"update rating set {column} = {value} where id = ?", (number,))


def change_a_contact(run: Run, chance: random.Random) -> None:
    number = 1 + 3 * chance.randrange(RATED // 3)
    run("update rating set contact = '13999999999' where id = ?", (number,))


def add_a_contact(run: Run, chance: random.Random) -> None:
    number = 2 + 3 * chance.randrange(RATED // 3)
    run("update rating set contact = '13999999999' where id = ?", (number,))


def delete_a_rating(run: Run, chance: random.Random) -> None:
    run("delete from rating where id = ?", (chance.randrange(1, RATED + 1),))


def delete_a_rating_and_its_seal(run: Run, chance: random.Random) -> None:
    number = chance.randrange(1, RATED + 1)
    run("delete from rating where id = ?", (number,))
    run("delete from seal where kind = 'rating' and about = ?", (number,))


def delete_the_last_ones(run: Run, chance: random.Random) -> None:
    first = RATED + 1 - chance.randrange(1, 4)
    for sql in (
        "delete from rating where id >= ?",
        "delete from rating_void where rating >= ?",
        "delete from seal where about >= ?",
    ):
        run(sql, (first,))


def swap_two_ratings(run: Run, chance: random.Random) -> None:
    one, other = chance.sample(range(1, RATED + 1), 2)
    for was, becomes in ((one, 9999), (other, one), (9999, other)):
        run("update rating set id = ? where id = ?", (becomes, was))


def swap_two_seals(run: Run, chance: random.Random) -> None:
    one, other = chance.sample(range(1, RATED + 1), 2)
    for was, becomes in ((one, 9999), (other, one), (9999, other)):
        run("update seal set seq = ? where seq = ?", (becomes, was))


def delete_a_seal(run: Run, chance: random.Random) -> None:
    run("delete from seal where seq = ?", (chance.randrange(1, RATED + 1),))


def forge_a_seal(run: Run, chance: random.Random) -> None:
    number = chance.randrange(1, RATED + 1)
    forged = chain.seal(chain.BEGINS, "rating", [chance.random()], "")
    run("update seal set hash = ? where seq = ?", (forged, number))


def take_a_voiding_back(run: Run, chance: random.Random) -> None:
    number = 10 * chance.randrange(1, RATED // 10 + 1)
    run("update rating set voided_at = null where id = ?", (number,))
    if chance.random() < 0.5:
        run("delete from rating_void where rating = ?", (number,))


def void_in_secret(run: Run, chance: random.Random) -> None:
    number = 10 * chance.randrange(0, RATED // 10) + 5
    run("update rating set voided_at = at where id = ?", (number,))
    if chance.random() < 0.5:
        run(
            "insert into rating_void select id, 'mistaken', 'x', 'x', at from rating where id = ?",
            (number,),
        )


def change_a_voiding(run: Run, chance: random.Random) -> None:
    what = chance.choice(["reason = 'x'", "kind = 'malicious'", "by = 'x'", "at = at + 1"])
    run(f"update rating_void set {what} where rating = 10")


def slip_in_a_rating(run: Run, chance: random.Random) -> None:
    run(
        """
        insert into rating (visit, nth, level, channel, at, window, service)
        select visit, 2, 'very_satisfied', 'qr', at, window, service from rating where id = ?
        """,
        (chance.randrange(1, RATED + 1),),
    )


TAMPERING = (
    *(change_a_rating, change_a_rating, change_a_rating, change_a_contact, add_a_contact),
    *(delete_a_rating, delete_a_rating_and_its_seal, delete_the_last_ones, swap_two_ratings),
    *(swap_two_seals, delete_a_seal, forge_a_seal, take_a_voiding_back, void_in_secret),
    *(change_a_voiding, slip_in_a_rating),
)


def test_every_one_of_a_thousand_changed_deleted_and_reordered_rows_is_found(rated: Rooms) -> None:
    run, chance = rated.store.connection.execute, random.Random(4)
    run("pragma foreign_keys = off")
    for (name,) in rated.store.rows("select name from sqlite_master where type = 'trigger'"):
        run(f"drop trigger {name}")
    missed = []
    for nth in range(ATTACKS):
        tamper = TAMPERING[nth % len(TAMPERING)]
        run("begin")
        tamper(run, chance)
        found = proof.broken_seals(rated.book) or proof.broken_promises(rated.store)
        run("rollback")
        if not found:
            missed.append((nth, tamper.__name__))
    assert missed == []
    assert proof.problems(rated.book) == []


def test_the_seal_of_a_row_depends_on_all_before_it() -> None:
    first = chain.seal(chain.BEGINS, "rating", [1, "satisfied"], "")
    assert chain.seal(first, "rating", [2], "") != chain.seal(chain.BEGINS, "rating", [2], "")
    assert chain.seal(chain.BEGINS, "void", [1, "satisfied"], "") != first
    assert len(json.dumps(first)) == 66
