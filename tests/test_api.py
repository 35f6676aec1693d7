"""The contract other programs rely on, row by row, on a running server."""

import re
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from servers import ALWAYS_OPEN, Answer, Served, served

WITH_OFFSET = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00")


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    quick = ALWAYS_OPEN + "[queue]\nrecall_apart_seconds = 0\nrecalls_most = 2\n"
    with served(tmp_path_factory.mktemp("hall"), settings=quick) as server:
        yield server


@pytest.fixture
def window(hall: Served) -> Iterator[int]:
    """Window 1, open, with nobody at it and nobody waiting for it."""
    assert hall.at(1, "open", clerk="1001").status == 200
    yield 1
    hall.at(1, "miss")
    hall.at(1, "start")
    hall.at(1, "finish", outcome="other")
    hall.at(1, "open")
    while hall.at(1, "calls").status == 201:
        hall.at(1, "miss")


def refused(answer: Answer, status: int, code: str) -> bool:
    """A refusal is a code and a Chinese sentence, and nothing else."""
    told = answer.json
    assert set(told) == {"code", "message"}
    assert re.search(r"[一-鿿].*[。！？]$", told["message"]), told
    assert (answer.status, told["code"]) == (status, code), told
    return True


# -- tickets -----------------------------------------------------------------------------------


def test_a_ticket_is_taken_and_looked_up(hall: Served, window: int) -> None:
    taken = hall.take("marriage", language="en", phone="13800000001")
    assert taken.status == 201
    ticket = taken.json
    assert set(ticket) == {
        *("id", "number", "service", "state", "people_ahead", "expected_wait_minutes"),
        *("taken_at", "track_url"),
    }
    assert ticket["service"] == "marriage"
    assert ticket["state"] == "waiting"
    assert re.fullmatch(r"A\d{3}", ticket["number"])
    assert WITH_OFFSET.fullmatch(ticket["taken_at"])
    assert ticket["track_url"].startswith(f"{hall.address}/r/")
    again = hall.get(f"/api/v1/tickets/{ticket['id']}", hall.key("program"))
    assert again.status == 200
    assert again.json["number"] == ticket["number"]


def test_the_same_tap_gets_the_same_ticket_with_200(hall: Served, window: int) -> None:
    tap = str(uuid4())
    first, second = hall.take(tap=tap), hall.take(tap=tap)
    assert (first.status, second.status) == (201, 200)
    assert first.json["id"] == second.json["id"]
    assert first.json["number"] == second.json["number"]


def test_people_ahead_are_counted(hall: Served, window: int) -> None:
    before = hall.take("advice").json["people_ahead"]
    assert hall.take("advice").json["people_ahead"] == before + 1


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"service": "flying", "tap": "tap-flying-1"}, 404, "unknown_service"),
        ({"service": "nowhere", "tap": "tap-nowhere-1"}, 409, "no_window"),
        ({"service": "marriage"}, 422, "bad_input"),
        ({"service": "marriage", "tap": "short"}, 422, "bad_tap"),
        ({"service": "marriage", "tap": "tap-123456", "phone": "call me"}, 422, "bad_phone"),
        ({"service": "marriage", "tap": "tap-123456", "language": "xx"}, 422, "unknown_language"),
        ({"service": 7, "tap": "tap-123456"}, 422, "bad_input"),
        ({"service": "marriage", "tap": "tap-123456", "colour": "red"}, 422, "bad_input"),
        (["marriage"], 422, "bad_input"),
        (b"{not json", 422, "bad_json"),
        (b"", 422, "bad_input"),
    ],
)
def test_a_wrong_tap_is_refused_with_a_code_and_a_sentence(
    hall: Served, body: object, status: int, code: str
) -> None:
    assert refused(hall.post("/api/v1/tickets", body, hall.key("kiosk")), status, code)


def test_a_mistake_is_named_by_its_field(hall: Served) -> None:
    told = hall.post("/api/v1/tickets", {"service": "marriage"}, hall.key("kiosk")).json
    assert "tap" in told["message"]


def test_a_body_that_is_too_large_is_refused(hall: Served) -> None:
    body = {"service": "marriage", "tap": "x" * 70_000}
    assert refused(hall.post("/api/v1/tickets", body, hall.key("kiosk")), 413, "too_large")


def test_a_ticket_nobody_took_is_not_found(hall: Served) -> None:
    assert refused(hall.get("/api/v1/tickets/999999", hall.key("kiosk")), 404, "unknown_ticket")


# -- windows -----------------------------------------------------------------------------------


def test_a_window_calls_recalls_starts_and_finishes(hall: Served, window: int) -> None:
    ticket = hall.take().json
    call = hall.at(1, "calls")
    assert call.status == 201
    assert set(call.json) == {"call", "visit", "ticket", "number", "service", "window"}
    assert call.json["ticket"] == ticket["id"]
    assert call.json["window"] == 1
    assert hall.at(1, "recall").json["state"] == "called"
    assert hall.at(1, "start").json["state"] == "serving"
    done = hall.at(1, "finish", outcome="办结", case_number="2026-0001")
    assert done.status == 200
    assert done.json["state"] == "done"


def test_a_verb_without_words_needs_no_body(hall: Served, window: int) -> None:
    hall.take()
    answer = hall.post("/api/v1/windows/1/calls", b"", hall.key("window", 1))
    assert answer.status == 201


def test_nobody_waits(hall: Served, window: int) -> None:
    assert refused(hall.at(1, "calls"), 409, "nobody_waiting")


def test_a_window_calls_one_ticket_before_its_turn_only_with_a_reason(
    hall: Served, window: int
) -> None:
    hall.take()
    second = hall.take().json
    assert refused(hall.at(1, "calls", ticket=second["id"]), 422, "reason_missing")
    assert hall.at(1, "calls", ticket=second["id"], reason="老年人").json["ticket"] == second["id"]


def test_a_window_that_is_busy_calls_nobody(hall: Served, window: int) -> None:
    hall.take()
    hall.take()
    assert hall.at(1, "calls").status == 201
    assert refused(hall.at(1, "calls"), 409, "window_busy")


def test_a_call_is_repeated_so_often_and_no_more(hall: Served, window: int) -> None:
    hall.take()
    hall.at(1, "calls")
    assert [hall.at(1, "recall").status for _ in range(2)] == [200, 200]
    assert refused(hall.at(1, "recall"), 409, "recalled_enough")


def test_who_does_not_come_is_missed(hall: Served, window: int) -> None:
    hall.take()
    hall.at(1, "calls")
    assert hall.at(1, "miss").json["state"] == "missed"
    assert refused(hall.at(1, "miss"), 409, "nothing_called")


def test_a_service_ends_only_with_an_outcome_that_exists(hall: Served, window: int) -> None:
    hall.take()
    hall.at(1, "calls")
    hall.at(1, "start")
    assert refused(hall.at(1, "finish"), 422, "bad_input")
    assert refused(hall.at(1, "finish", outcome="vanished"), 422, "unknown_outcome")
    assert hall.at(1, "finish", outcome="accepted").status == 200


def test_a_window_opens_for_its_own_clerk_pauses_and_closes(hall: Served) -> None:
    opened = hall.at(2, "open").json
    assert (opened["state"], opened["clerk"]) == ("open", "李㛃")
    assert hall.at(2, "open", clerk="1001").json["clerk"] == "张敏"
    assert hall.at(2, "pause", reason="开会").json["state"] == "paused"
    assert refused(hall.at(2, "calls"), 409, "window_paused")
    assert hall.at(2, "close").json["state"] == "closed"
    assert refused(hall.at(2, "calls"), 409, "window_not_open")
    assert refused(hall.at(2, "open", clerk="nobody"), 404, "unknown_clerk")


def test_a_window_that_does_not_exist_is_not_found(hall: Served) -> None:
    key = hall.key("program")
    assert refused(hall.post("/api/v1/windows/99/calls", {}, key), 403, "not_allowed")
    assert hall.get("/api/v1/windows", key).status == 200


def test_services_and_windows_are_listed(hall: Served, window: int) -> None:
    services = {
        each["code"]: each for each in hall.get("/api/v1/services", hall.key("display")).json
    }
    assert services["marriage"]["prefix"] == "A"
    assert services["marriage"]["open"] is True
    assert services["nowhere"]["open"] is False
    assert {"code", "name", "prefix", "department", "waiting", "expected_wait_minutes"} <= set(
        services["marriage"]
    )
    windows = {each["no"]: each for each in hall.get("/api/v1/windows", hall.key("display")).json}
    assert windows[1]["clerk"] == "张敏"
    assert windows[1]["services"] == ["marriage", "advice"]
    assert {"name", "zone", "department", "state", "number"} <= set(windows[1])


# -- the board ---------------------------------------------------------------------------------


def test_the_board_of_a_zone_is_whole(hall: Served, window: int) -> None:
    hall.take()
    call = hall.at(1, "calls").json
    board = hall.get("/api/v1/board?zone=1F", hall.key("display")).json
    assert {"rev", "day", "zone", "now", "calls", "windows", "services", "notices"} <= set(board)
    newest = board["calls"][0]
    assert newest["number"] == call["number"]
    assert newest["id"] == call["call"]
    assert {"window", "window_name", "at", "language", "recall"} <= set(newest)
    assert [each["no"] for each in board["windows"]] == [1, 2]
    assert WITH_OFFSET.fullmatch(board["now"])


def test_a_board_that_did_not_change_is_not_sent_again(hall: Served, window: int) -> None:
    key = hall.key("display")
    first = hall.get("/api/v1/board?zone=1F", key)
    same = hall.get("/api/v1/board?zone=1F", key, headers={"If-None-Match": first.headers["ETag"]})
    assert (same.status, same.body) == (304, b"")
    hall.take()
    new = hall.get("/api/v1/board?zone=1F", key, headers={"If-None-Match": first.headers["ETag"]})
    assert new.status == 200
    assert new.json["rev"] > first.json["rev"]


def test_a_display_of_one_zone_sees_no_other(hall: Served) -> None:
    key = hall.key("display", zone="1F")
    assert hall.get("/api/v1/board", key).json["zone"] == "1F"
    assert refused(hall.get("/api/v1/board?zone=2F", key), 403, "not_allowed")
    assert refused(hall.get("/api/v1/board?zone=9F", hall.key("display")), 404, "unknown_zone")
    assert refused(hall.get("/api/v1/board", hall.key("display")), 422, "no_zone")


# -- ratings -----------------------------------------------------------------------------------


def test_a_finished_service_is_rated_once(hall: Served, window: int) -> None:
    hall.take()
    visit = hall.serve_next(1)["visit"]
    body = {"visit": visit, "level": "satisfied", "tags": ["406"], "channel": "evaluator"}
    rated = hall.post("/api/v1/ratings", body, hall.key("evaluator", 1))
    assert rated.status == 201
    assert set(rated.json) == {"id"}
    again = hall.post("/api/v1/ratings", body, hall.key("evaluator", 1))
    assert refused(again, 409, "already_rated")


def test_what_is_not_finished_is_not_rateable(hall: Served, window: int) -> None:
    hall.take()
    visit = hall.at(1, "calls").json["visit"]
    body = {"visit": visit, "level": "satisfied", "channel": "evaluator"}
    answer = hall.post("/api/v1/ratings", body, hall.key("evaluator", 1))
    assert refused(answer, 409, "not_rateable")


def test_an_evaluator_rates_its_own_window_only(hall: Served, window: int) -> None:
    hall.take()
    visit = hall.serve_next(1)["visit"]
    body = {"visit": visit, "level": "satisfied", "channel": "evaluator"}
    other = hall.post("/api/v1/ratings", body, hall.key("evaluator", 2))
    assert refused(other, 409, "other_window")
    assert hall.post("/api/v1/ratings", body, hall.key("program")).status == 201


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"level": "wonderful"}, 422, "unknown_level"),
        ({"channel": "pigeon"}, 422, "unknown_channel"),
        ({"tags": ["999"]}, 422, "unknown_tag"),
        ({"text": "好" * 151}, 422, "text_too_long"),
        ({"visit": 999_999}, 404, "unknown_visit"),
        ({"visit": "1"}, 422, "bad_input"),
    ],
)
def test_a_wrong_rating_is_refused(
    hall: Served, window: int, change: dict[str, object], status: int, code: str
) -> None:
    hall.take()
    visit = hall.serve_next(1)["visit"]
    body = {"visit": visit, "level": "satisfied", "channel": "evaluator", **change}
    assert refused(hall.post("/api/v1/ratings", body, hall.key("program")), status, code)


def test_the_link_on_the_slip_shows_the_ticket_and_takes_one_rating(
    hall: Served, window: int
) -> None:
    path = hall.take().json["track_url"].removeprefix(hall.address)
    page = hall.get(path, headers={"Accept": "text/html"})
    assert page.status == 200
    assert page.headers["Content-Type"].startswith("text/html")
    assert refused(hall.post(path, {"level": "satisfied"}), 409, "not_rateable")
    hall.serve_next(1)
    assert hall.post(path, {"level": "satisfied"}).status == 201
    assert refused(hall.post(path, {"level": "satisfied"}), 409, "already_rated")
    forged = path[:-3] + ("aaa" if not path.endswith("aaa") else "bbb")
    assert refused(hall.post(forged, {"level": "satisfied"}), 404, "bad_link")


# -- months ------------------------------------------------------------------------------------


def test_a_month_is_shown_and_exported_with_the_same_figures(hall: Served, window: int) -> None:
    hall.take()
    visit = hall.serve_next(1)["visit"]
    key = hall.key("manager")
    hall.post(
        "/api/v1/ratings",
        {"visit": visit, "level": "dissatisfied", "channel": "evaluator"},
        hall.key("evaluator", 1),
    )
    month = _this_month(hall)
    table = hall.get(f"/api/v1/months/{month}?by=window", key).json
    assert table["month"] == month
    row = next(each for each in table["rows"] if each["key"] == "1")
    assert row["served"] >= row["rated"] >= 1
    assert row["satisfaction"]["denominator"] == row["rated"]
    assert sum(row["levels"].values()) == row["rated"]
    assert [each["key"] for each in table["rows"]] == ["1", "2", "3", "4"]
    by_clerk = hall.get(f"/api/v1/months/{month}?by=clerk", key).json
    assert by_clerk["totals"]["served"] == table["totals"]["served"]
    text = hall.get(f"/api/v1/months/{month}/export.csv", key).body.decode("utf-8-sig")
    line = next(each for each in text.splitlines() if each.startswith(f"{month},1,"))
    assert f",{row['served']}," in line
    sheet = hall.get(f"/api/v1/months/{month}/export.xlsx", key)
    assert sheet.status == 200
    assert sheet.body.startswith(b"PK")
    assert "attachment" in sheet.headers["Content-Disposition"]


def test_a_month_that_is_none_is_refused(hall: Served) -> None:
    key = hall.key("manager")
    assert refused(hall.get("/api/v1/months/2026-13", key), 422, "bad_month")
    assert refused(hall.get("/api/v1/months/soon", key), 422, "bad_month")
    assert refused(hall.get("/api/v1/months/2026-11?by=mood", key), 422, "bad_input")


def _this_month(hall: Served) -> str:
    board = hall.get("/api/v1/board?zone=1F", hall.key("display")).json
    return str(board["day"][:7])


# -- around it ---------------------------------------------------------------------------------


def test_the_hall_says_that_it_lives(hall: Served) -> None:
    assert hall.get("/healthz").json["status"] == "ok"
    figures = hall.get("/metrics")
    assert figures.headers["Content-Type"].startswith("text/plain")
    assert b"hall_requests_total" in figures.body


def test_get_changes_nothing(hall: Served, window: int) -> None:
    before = hall.get("/healthz").json["rev"]
    for path, role in (
        ("/api/v1/services", "kiosk"),
        ("/api/v1/windows", "kiosk"),
        ("/api/v1/board?zone=1F", "display"),
        ("/api/v1/months/2026-11", "manager"),
    ):
        assert hall.get(path, hall.key(role)).status == 200
    for verb in ("calls", "recall", "start", "finish", "miss", "open", "pause", "close"):
        answer = hall.get(f"/api/v1/windows/1/{verb}", hall.key("window", 1))
        assert refused(answer, 405, "method_not_allowed")
    assert hall.get("/healthz").json["rev"] == before


def test_an_unknown_address_is_a_refusal_too(hall: Served) -> None:
    assert refused(hall.get("/api/v1/nothing", hall.key("kiosk")), 404, "not_found")


def test_a_closed_hall_gives_no_ticket(tmp_path: Path) -> None:
    shut = '[hall]\nopens = 00:00:00\ncloses = 00:00:01\nname = "夜间"\n'
    with served(tmp_path, settings=shut) as hall:
        assert refused(hall.take(), 409, "hall_closed")
