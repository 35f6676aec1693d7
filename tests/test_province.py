"""Ratings on their way to the province: bad ones at once, the others in batches, each once."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from halls import MovedClock, Rooms, open_rooms
from province_peer import APP, KEYS, Province, connect, peer, rate, states
from test_desk import refused

from hall.config import BadConfig, from_dict
from hall.refusals import NotAllowed, NotFound, NotValid
from province import proof
from province.adapters import adapter_of, read_secret
from province.connector import Connector

__all__ = ["peer"]  # a fixture


@pytest.fixture
def rooms(tmp_path: Path, clock: MovedClock, peer: Province) -> Iterator[Rooms]:
    opened = hall(tmp_path, clock, peer)
    yield opened
    opened.store.close()


def hall(folder: Path, clock: MovedClock, peer: Province, **more: Any) -> Rooms:
    opened = open_rooms(folder / "hall.db", clock, province=peer.settings(**more))
    for window in (1, 2, 3, 4):
        opened.desk.open(window)
    return opened


# -- what leaves, and when ---------------------------------------------------------------------


def test_a_bad_rating_goes_up_at_the_next_tick_and_the_others_wait_for_their_batch(
    rooms: Rooms, peer: Province
) -> None:
    link = connect(rooms)
    rate(rooms, "satisfied")
    rate(rooms, "very_dissatisfied", text="等了一个上午")
    rate(rooms, "basically_satisfied")
    link.tick()
    assert [each["satisfaction"] for each in peer.records] == ["1"]
    assert peer.records[0]["writingEvaluation"] == "等了一个上午"
    assert states(rooms) == ["pending", "sent", "pending"]
    rooms.clock.move(minutes=10)
    link.tick()
    assert [each["satisfaction"] for each in peer.records] == ["1", "4", "3"]
    assert states(rooms) == ["sent"] * 3


@pytest.mark.parametrize("level", ["dissatisfied", "very_dissatisfied"])
def test_both_bad_levels_are_urgent(rooms: Rooms, peer: Province, level: str) -> None:
    link = connect(rooms)
    rate(rooms, level)
    link.tick()
    assert states(rooms) == ["sent"]


def test_a_batch_leaves_when_enough_is_gathered_or_the_first_has_waited_long_enough(
    tmp_path: Path, clock: MovedClock, peer: Province
) -> None:
    rooms = hall(tmp_path, clock, peer, batch_rows=3, batch_minutes=30)
    link = connect(rooms)
    rate(rooms)
    rate(rooms)
    link.tick()
    assert peer.records == []
    rate(rooms)
    link.tick()
    assert len(peer.records) == 3
    rate(rooms)
    clock.move(minutes=29, seconds=59)
    link.tick()
    assert len(peer.records) == 3
    clock.move(seconds=1)
    link.tick()
    assert len(peer.records) == 4
    assert rooms.store.rows("select batch from province_row order by id") == [
        *((1,), (1,), (1,)),
        (2,),
    ]


def test_the_province_s_id_is_kept_and_nothing_goes_up_twice(rooms: Rooms, peer: Province) -> None:
    link = connect(rooms)
    rate(rooms, "dissatisfied")
    for _ in range(3):
        link.tick()
        rooms.clock.move(hours=2)
    assert len(peer.asked) == 1
    assert rooms.store.rows("select unid, tries, last_error from province_row") == [
        ("U000001", 1, "")
    ]
    assert peer.wrong == []


def test_a_rating_and_its_row_are_one_transaction(rooms: Rooms) -> None:
    connect(rooms)
    rooms.take()
    visit = rooms.serve(1)
    with pytest.raises(RuntimeError), rooms.store.transaction():
        rooms.book.rate(visit, "dissatisfied", "qr")
        assert states(rooms) == ["pending"]
        raise RuntimeError
    assert states(rooms) == []
    assert rooms.store.rows("select id from rating") == []


def test_a_refused_second_rating_makes_no_second_row(rooms: Rooms) -> None:
    connect(rooms)
    rooms.take()
    visit = rooms.serve(1)
    rooms.book.rate(visit, "satisfied", "qr")
    with refused("already_rated"):
        rooms.book.rate(visit, "satisfied", "qr")
    assert states(rooms) == ["pending"]


def test_a_bad_rating_without_a_case_number_goes_up_under_the_hall_s_own(
    rooms: Rooms, peer: Province
) -> None:
    link = connect(rooms)
    rate(rooms, "very_dissatisfied")
    link.tick()
    (record,) = peer.records
    assert record["projectNo"].startswith("20261120")
    assert len(record["projectNo"]) == 16


def test_services_of_one_case_are_counted(rooms: Rooms, peer: Province) -> None:
    link = connect(rooms)
    for _ in range(3):
        rooms.take()
        visit = rooms.desk.call_next(1).visit
        rooms.desk.start(1)
        rooms.desk.finish(1, "accepted", "MZ-7")
        rooms.book.rate(visit, "dissatisfied", "qr")
    link.tick()
    assert [each["serviceNumber"] for each in peer.records] == ["1", "2", "3"]
    assert {each["projectNo"] for each in peer.records} == {"MZ-7"}


def test_the_reasons_go_up_as_their_codes(rooms: Rooms, peer: Province) -> None:
    link = connect(rooms)
    tags = [tag.code for tag in rooms.book.tags() if tag.level == "dissatisfied"][:2]
    rate(rooms, "dissatisfied", tags=tags)
    link.tick()
    assert peer.records[0]["evalDetail"] == ",".join(tags)


def test_what_came_by_import_stays_here(rooms: Rooms) -> None:
    connect(rooms)
    rate(rooms, channel="import")
    assert states(rooms) == []


# -- voiding and the second rating -------------------------------------------------------------


def test_a_voiding_is_told_as_a_row_of_its_own_after_the_rating(
    rooms: Rooms, peer: Province
) -> None:
    link = connect(rooms)
    rating = rate(rooms, "satisfied")
    rooms.book.void(rating, "mistaken", "点错了", by="9001")
    link.tick()
    assert peer.records == [], "the rating waits for its batch, and its voiding for the rating"
    rooms.clock.move(minutes=10)
    link.tick()
    link.tick()
    first, second = peer.records
    assert (first["appStatus"], first.get("evaluateUnid")) == ("1", None)
    assert (second["appStatus"], second["evaluateUnid"]) == ("0", "U000001")
    assert first["satisfaction"] == second["satisfaction"] == "4"
    rooms.book.void(rating, "mistaken", "点错了", by="9001")
    assert states(rooms) == ["sent", "sent"]


def test_a_second_rating_goes_up_as_the_second(rooms: Rooms, peer: Province) -> None:
    link = connect(rooms)
    rooms.take()
    visit = rooms.serve(1)
    rooms.book.rate(visit, "very_dissatisfied", "qr")
    rooms.book.invite_again(visit, by="9001")
    rooms.book.rate(visit, "satisfied", "qr")
    link.tick()
    rooms.clock.move(minutes=10)
    link.tick()
    told = [(each["assessNumber"], each["satisfaction"]) for each in peer.records]
    assert told == [("1", "1"), ("2", "4")]
    assert len({each["projectNo"] for each in peer.records}) == 1


# -- switched on and off -----------------------------------------------------------------------


def test_ratings_from_before_the_switch_stay_here_and_those_since_are_told(
    tmp_path: Path, clock: MovedClock, peer: Province
) -> None:
    before = open_rooms(tmp_path / "hall.db", clock)
    before.desk.open(1)
    rate(before, "dissatisfied")
    before.store.close()
    rooms = hall(tmp_path, clock, peer)
    rooms.taps = 10
    link = connect(rooms)
    rate(rooms, "dissatisfied")
    link.tick()
    assert len(peer.records) == 1
    assert proof.problems(rooms.store) == []


def test_what_another_process_wrote_meanwhile_is_told_after_the_start(
    rooms: Rooms, peer: Province
) -> None:
    connect(rooms)
    beside = open_rooms(rooms.store.path, rooms.clock)
    beside.taps = 50
    rate(beside, "dissatisfied")
    voided = rate(beside, "dissatisfied")
    beside.store.close()
    assert states(rooms) == []
    assert len(proof.problems(rooms.store)) == 1
    link = connect(rooms)
    rooms.book.void(voided, "mistaken", "点错了", by="9001")
    link.tick()
    link.tick()
    assert len(peer.records) == 3
    assert proof.problems(rooms.store) == []


def test_switched_off_nothing_is_written_and_verify_asks_for_nothing(
    rooms: Rooms, peer: Province
) -> None:
    connect(rooms)
    off = open_rooms(rooms.store.path, rooms.clock)
    off.taps = 50
    without = Connector(off.book, None, lambda *_: None)
    without.start()
    without.tick()
    rate(off, "dissatisfied")
    assert states(off) == []
    assert proof.problems(off.store) == []
    on = connect(rooms)
    rate(rooms, "dissatisfied")
    on.tick()
    assert len(peer.records) == 1
    assert proof.problems(rooms.store) == []
    events = rooms.store.rows("select detail from journal where event = 'province_switched'")
    assert [json.loads(detail)["adapter"] for (detail,) in events] == ["example", "", "example"]


# -- what no province takes --------------------------------------------------------------------


def test_a_department_without_a_code_is_a_dead_letter_that_names_it_and_can_be_sent_later(
    tmp_path: Path, clock: MovedClock, peer: Province
) -> None:
    rooms = hall(tmp_path, clock, peer, dept_codes={})
    link = connect(rooms)
    rate(rooms, "dissatisfied")
    link.tick()
    (trouble,) = link.standing().trouble
    assert (trouble.state, trouble.tries) == ("dead", 1)
    assert "民政局没有 18 位统一社会信用代码" in trouble.last_error
    assert peer.asked == []
    rooms.store.close()
    told = hall(tmp_path, clock, peer)
    link = connect(told)
    assert link.send_again(trouble.id, by="9001")
    link.tick()
    assert states(told) == ["sent"]


# -- replay and dead letters -------------------------------------------------------------------


def test_a_replay_tells_days_again_under_the_same_keys_and_the_province_has_each_once(
    rooms: Rooms, peer: Province
) -> None:
    link = connect(rooms)
    for level in ("satisfied", "dissatisfied", "very_satisfied"):
        rate(rooms, level)
    link.tick()
    rooms.clock.move(minutes=10)
    link.tick()
    assert len(peer.asked) == len(peer.records) == 3
    assert link.replay("2026-11-20", "2026-11-20", by="9001") == 3
    assert states(rooms) == ["pending"] * 3
    link.tick()
    assert states(rooms) == ["sent"] * 3
    assert len(peer.asked) == 6
    assert len(peer.records) == 3
    assert proof.problems(rooms.store) == []


def test_a_replay_tells_also_what_was_never_told_and_only_the_days_it_names(
    tmp_path: Path, clock: MovedClock, peer: Province
) -> None:
    before = open_rooms(tmp_path / "hall.db", clock)
    before.desk.open(1)
    rate(before)
    clock.move(hours=24)
    rate(before)
    before.store.close()
    rooms = hall(tmp_path, clock, peer)
    link = connect(rooms)
    assert link.replay("2026-11-21", "2026-11-21", by="9001") == 1
    link.tick()
    assert [each["assessTime"][:10] for each in peer.records] == ["2026-11-21"]


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2026-11-20", "2026-11-19"),
        ("gestern", "2026-11-19"),
        ("2026-11-20", "2026-02-30"),
        ("2020-01-01", "2026-11-20"),
        ("", ""),
    ],
)
def test_a_replay_of_no_days_is_refused(rooms: Rooms, first: str, last: str) -> None:
    link = connect(rooms)
    with pytest.raises(NotValid) as refusal:
        link.replay(first, last, by="9001")
    assert refusal.value.code == "bad_days"


def test_a_replay_without_an_adapter_is_refused(rooms: Rooms) -> None:
    link = Connector(rooms.book, None, lambda *_: None)
    with pytest.raises(NotAllowed) as refusal:
        link.replay("2026-11-20", "2026-11-20", by="9001")
    assert refusal.value.code == "no_adapter"


def test_a_refused_row_is_given_up_after_three_more_tries_and_sent_again_by_a_person(
    rooms: Rooms, peer: Province
) -> None:
    link = connect(rooms)
    rate(rooms, "dissatisfied")
    peer.mood = "refuse"
    for wait in (0, 60, 900, 3600):
        assert states(rooms) != ["dead"]
        rooms.clock.move(seconds=wait)
        link.tick()
    assert states(rooms) == ["dead"]
    rooms.clock.move(hours=200)
    link.tick()
    assert len(peer.asked) == 4
    (trouble,) = link.standing().trouble
    assert trouble.last_error == "HTTP 400，400 字段有误"
    peer.mood = "well"
    assert link.send_again(trouble.id, by="9001")
    link.tick()
    assert states(rooms) == ["sent"]
    assert len(set(peer.asked)) == 1
    assert not link.send_again(trouble.id, by="9001"), "the second tap finds nothing to do"
    assert link.send_all_again(by="9001") == 0
    with pytest.raises(NotFound):
        link.send_again(999, by="9001")


def test_all_dead_letters_are_sent_again_at_once(rooms: Rooms, peer: Province) -> None:
    link = connect(rooms)
    rate(rooms, "dissatisfied")
    rate(rooms, "satisfied")
    peer.mood = "refuse"
    for _ in range(6):
        rooms.clock.move(hours=2)
        link.tick()
    assert states(rooms) == ["dead", "dead"]
    peer.mood = "well"
    assert link.send_all_again(by="9001") == 2
    link.tick()
    assert states(rooms) == ["sent", "sent"]
    who = rooms.store.rows("select who from journal where event = 'province_rows_again'")
    assert who == [("9001",)]


def test_the_standing_says_what_is_where(rooms: Rooms, peer: Province) -> None:
    link = connect(rooms)
    rate(rooms, "dissatisfied")
    link.tick()
    sent_at = rooms.clock()
    rate(rooms, "satisfied")
    standing = link.standing()
    assert standing.adapter == "example"
    assert standing.counts == {"sent": 1, "pending": 1}
    assert (standing.gathering, standing.last_sent_at) == (1, sent_at)


# -- settings ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"secret_file": ""}, "还须写明 secret_file"),
        ({"area_code": ""}, "还须写明 area_code"),
        ({"area_code": "3301"}, "area_code"),
        ({"address": "ftp://x"}, "http:// 或 https://"),
        ({"dept_codes": {"MZ": "123"}}, "须为 18 位"),
        ({"adapter": "other"}, "adapter"),
        ({"mode": "page"}, "还须写明 page_url"),
        ({"mode": "qr"}, "还须写明 qr_url"),
        ({"page_url": "https://p.cn/{phone}"}, "没有 {phone} 可以填"),
        ({"secret": "abc"}, "没有设置项"),
    ],
)
def test_a_mistake_in_the_settings_is_a_sentence(
    peer: Province, changed: dict[str, Any], sentence: str
) -> None:
    from_dict({"province": peer.settings()})
    with pytest.raises(BadConfig) as mistake:
        from_dict({"province": peer.settings(**changed)})
    assert sentence in str(mistake.value)


def test_keys_come_from_a_file_and_a_file_without_them_stops_the_start(
    tmp_path: Path, peer: Province
) -> None:
    config = from_dict({"province": peer.settings()})
    with pytest.raises(BadConfig, match="打不开"):
        adapter_of(config, tmp_path)
    kept = tmp_path / "province.key"
    kept.write_text("geheim")
    with pytest.raises(BadConfig, match="64 位十六进制"):
        adapter_of(config, tmp_path)
    kept.write_text(f"{KEYS.hex()}\n")
    assert adapter_of(config, tmp_path) is not None
    assert read_secret(kept).cipher == KEYS[:16]
    assert adapter_of(from_dict({}), tmp_path) is None
    assert APP not in repr(read_secret(kept))
