"""A province that refuses, hangs, answers twice, loses answers or is away: 0 lost, 0 double."""

import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

import pytest
from halls import MovedClock, Rooms, open_rooms
from province_peer import KEYS, Province, connect, peer, province, rate, states
from servers import ALWAYS_OPEN, Served

from hall import posting as hall_posting
from hall.store import Store
from province import posting, proof
from province.connector import Connector
from rating.levels import LEVELS

__all__ = ["peer"]  # a fixture
RATINGS = 500


@pytest.fixture
def rooms(tmp_path: Path, clock: MovedClock, peer: Province) -> Iterator[Rooms]:
    opened = open_rooms(tmp_path / "hall.db", clock, province=peer.settings(batch_rows=1))
    opened.desk.open(1)
    yield opened
    opened.store.close()


def row(rooms: Rooms) -> tuple[Any, ...]:
    """Return state, tries and error of the only row."""
    found: tuple[Any, ...] = rooms.store.row("select state, tries, last_error from province_row")
    return found


# -- one trouble at a time ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mood", "told"),
    [
        ("refuse", "HTTP 400，400 字段有误"),
        ("fault", "HTTP 500，500 系统繁忙"),
        ("garbage", "HTTP 200"),
        ("forged", "HTTP 200，200 成功"),
        ("lost", "没有连通或中途断开"),
        ("hang", "1 秒内没有答完"),
    ],
)
def test_a_try_that_fails_is_kept_with_its_reason_and_told_again_once(
    rooms: Rooms, peer: Province, monkeypatch: pytest.MonkeyPatch, mood: str, told: str
) -> None:
    monkeypatch.setattr(hall_posting, "SECONDS", 1.0)
    link = connect(rooms)
    rate(rooms, "dissatisfied")
    peer.mood = mood
    link.tick()
    state, tries, error = row(rooms)
    assert (state, tries) == ("failed", 1)
    assert told in error
    peer.mood = "well"
    rooms.clock.move(minutes=2)
    link.tick()
    assert row(rooms) == ("sent", 2, "")
    assert len(peer.records) == 1
    assert len(set(peer.asked)) == 1


def test_a_lost_answer_is_no_second_rating_and_brings_the_first_one_s_id(
    rooms: Rooms, peer: Province
) -> None:
    link = connect(rooms)
    rate(rooms, "dissatisfied")
    peer.mood = "lost"
    link.tick()
    assert len(peer.records) == 1, "it is stored there, we just do not know"
    assert states(rooms) == ["failed"]
    peer.mood = "well"
    rooms.clock.move(minutes=2)
    link.tick()
    assert len(peer.records) == 1
    assert rooms.store.rows("select state, unid from province_row") == [("sent", "U000001")]


def test_an_answer_that_comes_twice_is_one_answer(rooms: Rooms, peer: Province) -> None:
    link = connect(rooms)
    peer.mood = "twice"
    rate(rooms, "dissatisfied")
    rate(rooms, "very_dissatisfied")
    link.tick()
    assert rooms.store.rows("select state, unid, tries from province_row") == [
        ("sent", "U000001", 1),
        ("sent", "U000002", 1),
    ]


def test_a_province_that_is_away_is_left_in_peace_and_told_all_when_it_is_back(
    tmp_path: Path, clock: MovedClock
) -> None:
    with province() as once:
        port, settings = once.port, once.settings(batch_rows=1)
    rooms = open_rooms(tmp_path / "hall.db", clock, province=settings)
    rooms.desk.open(1)
    link = connect(rooms)
    for _ in range(15):
        rate(rooms, "dissatisfied")
        rate(rooms, "satisfied")
    for _ in range(60):
        link.tick()
        clock.move(seconds=1)
    tries = sum(tries for (tries,) in rooms.store.rows("select tries from province_row"))
    assert 4 <= tries <= 10, "it is not asked every second for a minute, by either line"
    assert "sent" not in states(rooms)
    assert "没有连通" in link.standing().trouble[0].last_error
    with province(port) as back:
        for _ in range(10):
            clock.move(minutes=1)
            link.tick()
        assert states(rooms) == ["sent"] * 30
        assert len(back.records) == 30
    rooms.store.close()


def test_a_silent_province_costs_one_row_its_try_and_the_others_no_time(
    rooms: Rooms, peer: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hall_posting, "SECONDS", 0.5)
    link = connect(rooms)
    for _ in range(5):
        rate(rooms, "dissatisfied")
    peer.mood = "hang"
    link.tick()
    assert states(rooms) == ["failed", *["pending"] * 4]
    assert len(peer.asked) == 1


def test_a_bad_rating_does_not_wait_behind_a_hanging_batch(
    rooms: Rooms, peer: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hall_posting, "SECONDS", 5.0)
    with ThreadPoolExecutor(2) as pool:
        link = connect(rooms, pool.submit)
        peer.mood = "hang"
        rate(rooms, "satisfied")
        link.tick()
        wait_until(lambda: len(peer.asked) == 1)
        peer.mood = "well"
        rate(rooms, "very_dissatisfied")
        wait_until(lambda: _ticked(link, rooms) == ["pending", "sent"], seconds=4)
        peer.let_go.set()
    assert [each["satisfaction"] for each in peer.records] == ["1"]


def _ticked(link: Connector, rooms: Rooms) -> list[str]:
    link.tick()
    return states(rooms)


def wait_until(holds: Any, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came to hold"
        time.sleep(0.02)


def test_a_fault_of_our_own_is_a_failed_try_and_the_next_row_leaves(
    rooms: Rooms, peer: Province, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    link = connect(rooms)
    rate(rooms, "dissatisfied")
    rate(rooms, "very_dissatisfied")
    real, calls = posting.exchange, []

    def stumble(message: Any) -> Any:
        calls.append(message)
        if len(calls) == 1:
            raise RuntimeError("stumbled")
        return real(message)

    monkeypatch.setattr(posting, "exchange", stumble)
    with caplog.at_level(logging.ERROR, "province"):
        link.tick()
    assert states(rooms) == ["failed", "sent"]
    assert "could not be told" in caplog.text


def test_a_stopping_hall_notes_the_last_answers_and_tells_the_rest_after_the_start(
    rooms: Rooms, peer: Province
) -> None:
    with ThreadPoolExecutor(2) as pool:
        link = connect(rooms, pool.submit)
        peer.mood = "slow"
        for _ in range(10):
            rate(rooms, "dissatisfied")
        link.tick()
        wait_until(lambda: len(peer.records) >= 2)
        link.close()
    sent = states(rooms).count("sent")
    assert 2 <= sent < 10
    assert sent == len(peer.records)
    again = connect(rooms)
    again.tick()
    assert states(rooms) == ["sent"] * 10
    assert len(peer.asked) == 10


# -- all of it, five hundred times -------------------------------------------------------------


def moods(chance: Random) -> Iterator[str]:
    """Yield how the province answers: well four times of ten, else one of its troubles."""
    every = ("well", "refuse", "fault", "lost", "twice", "garbage", "forged")
    while True:
        yield chance.choices(every, (40, 5, 15, 20, 10, 5, 5))[0]


@pytest.mark.timeout(240)
def test_five_hundred_ratings_reach_a_difficult_province_once_each(
    rooms: Rooms, peer: Province
) -> None:
    chance = Random(500)
    link = connect(rooms)
    given = {}
    for number in range(RATINGS):
        level = chance.choice(LEVELS)
        given[rate(rooms, level, text=f"第 {number} 条")] = level
        if number % 50 == 49:  # it is away now and then while ratings come in
            peer.moods = None
            peer.mood = "lost" if number % 100 == 99 else "fault"
        elif number % 10 == 0:
            peer.moods = moods(chance)
        link.tick()
    peer.moods = moods(chance)
    for _ in range(400):
        if set(states(rooms)) == {"sent"}:
            break
        link.tick()
        rooms.clock.move(minutes=10)
        link.send_all_again(by="9001")
    assert states(rooms) == ["sent"] * RATINGS
    texts = [each["writingEvaluation"] for each in peer.records]
    assert len(texts) == RATINGS, "lost or double"
    assert set(texts) == {f"第 {number} 条" for number in range(RATINGS)}
    ids = {unid for (unid,) in rooms.store.rows("select unid from province_row")}
    assert ids == {each.unid for each in peer.stored.values()}
    assert len(peer.asked) > RATINGS * 1.3, "hardly anything went wrong: the test proves nothing"
    for mood in ("refuse", "fault", "lost", "twice", "garbage", "forged"):
        assert peer.answered[mood] > 5, f"{mood} hardly came: the test proves nothing"
    assert peer.wrong == []
    assert proof.problems(rooms.store) == []


# -- a real server, killed ---------------------------------------------------------------------

LIVES, A_LIFE = 3, 8


def settings_of(peer: Province) -> str:
    """Return the settings of a served hall that tells this province."""
    told = peer.settings()
    codes = ", ".join(f'{code} = "{value}"' for code, value in told.pop("dept_codes").items())
    lines = [f'{name} = "{value}"' for name, value in told.items()]
    more = ["batch_rows = 1", f"dept_codes = {{{codes}}}"]
    return "\n".join([ALWAYS_OPEN, "[province]", *lines, *more, ""])


def rate_in(hall: Served, life: int) -> None:
    """Serve some citizens who rate, one well, one badly."""
    hall.at(1, "open")
    for number in range(A_LIFE):
        hall.take()
        level = "dissatisfied" if number % 2 else "satisfied"
        visit = hall.serve_next(1)["visit"]
        body = {"visit": visit, "level": level, "channel": "qr", "text": f"{life}-{number}"}
        assert hall.post("/api/v1/ratings", body, hall.key("program")).status == 201


def not_sent(hall: Served) -> int:
    """Return how many rows the province has not acknowledged."""
    store = Store(hall.database, readonly=True)
    (count,) = store.row("select count(*) from province_row where state != 'sent'")
    store.close()
    return int(count)


@pytest.mark.timeout(180)
def test_a_killed_hall_tells_after_its_start_what_it_had_not_noted(
    tmp_path: Path, peer: Province
) -> None:
    hall = Served(tmp_path / "hall", settings=settings_of(peer))
    hall.prepare()
    (hall.folder / "province.key").write_text(KEYS.hex())
    chance = Random(9)
    for life in range(LIVES):
        peer.moods = iter(chance.choices(("slow", "lost", "twice", "fault"), k=10_000))
        hall.start()
        rate_in(hall, life)
        wait_until(lambda before=len(peer.asked): len(peer.asked) > before)
        hall.kill()
    assert not_sent(hall), "all was noted before each kill: the test proves nothing"
    peer.moods = None
    hall.start()
    retried = hall.command("province", "retry")
    assert retried.returncode == 0, retried.stderr
    wait_until(lambda: not not_sent(hall), seconds=60)
    assert hall.stop() == 0
    texts = [each["writingEvaluation"] for each in peer.records]
    assert len(texts) == len(set(texts)) == LIVES * A_LIFE
    assert peer.wrong == []
    listed = hall.command("province", "list")
    assert f"已上报　{LIVES * A_LIFE}" in listed.stdout
    checked = hall.command("verify")
    assert checked.returncode == 0, checked.stdout


def test_the_command_line_replays_days_and_says_what_is_wrong_with_others(
    tmp_path: Path, peer: Province
) -> None:
    hall = Served(tmp_path / "hall", settings=settings_of(peer))
    hall.prepare()
    (hall.folder / "province.key").write_text(KEYS.hex())
    hall.start()
    rate_in(hall, 0)
    wait_until(lambda: not not_sent(hall), seconds=30)
    store = Store(hall.database, readonly=True)
    (day,) = store.row("select max(day) from visit")
    store.close()
    replayed = hall.command("province", "replay", day, day)
    assert replayed.stdout.startswith(f"{A_LIFE} 条将重新上报")
    wait_until(lambda: len(peer.asked) == 2 * A_LIFE and not not_sent(hall), seconds=30)
    assert len(peer.records) == A_LIFE
    assert hall.stop() == 0
    wrong = hall.command("province", "replay", "昨天")
    assert wrong.returncode == 1
    assert "日期须写作" in wrong.stderr
