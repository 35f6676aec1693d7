"""The clerk's page and the evaluator over HTTP: whose they are, and what they may know."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from halls import SMALL_HALL, MovedClock

from hall import config
from rating.levels import LEVELS
from server import create_app
from web.current import Rooms

WITH_PHOTO = replace(
    SMALL_HALL,
    people=tuple(
        replace(person, photo="zhang-min.jpg") if person.staff_number == "1001" else person
        for person in SMALL_HALL.people
    ),
)


@pytest.fixture
def app(tmp_path: Path, clock: MovedClock) -> Iterator[Flask]:
    told = config.from_dict({"hall": {"name": "云溪县政务服务中心"}})
    made = create_app(told, tmp_path / "hall.db", clock)
    rooms: Rooms = made.extensions["hall"]
    rooms.register.adopt(WITH_PHOTO)
    rooms.desk.open(1)
    yield made
    rooms.store.close()


@pytest.fixture
def rooms(app: Flask) -> Rooms:
    found: Rooms = app.extensions["hall"]
    return found


@pytest.fixture
def nobody(app: Flask) -> FlaskClient:
    return app.test_client()


def keyed(app: Flask, role: str, window: int | None = None) -> FlaskClient:
    rooms: Rooms = app.extensions["hall"]
    _, key = rooms.register.mint_key(role, role, window=window)
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    return client


def serve(rooms: Rooms, clock: MovedClock) -> int:
    rooms.desk.issue("marriage", "tap-00000001")
    visit = rooms.desk.call_next(1).visit
    rooms.desk.start(1)
    clock.move(minutes=5)
    rooms.desk.finish(1, "completed")
    return visit


@pytest.mark.parametrize("path", ["/window/1", "/evaluator/1", "/evaluator"])
def test_a_page_of_a_window_asks_who_is_there(nobody: FlaskClient, path: str) -> None:
    answer = nobody.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("window", "/window/2"),
        ("window", "/window/2/state.json"),
        ("window", "/evaluator/1"),
        ("evaluator", "/evaluator/2"),
        ("evaluator", "/evaluator/2/state.json"),
        ("evaluator", "/evaluator/2/photo/1001"),
        ("evaluator", "/window/1"),
        ("kiosk", "/window/1"),
        ("manager", "/evaluator/1"),
    ],
)
def test_a_page_is_for_its_own_window_and_role(app: Flask, role: str, path: str) -> None:
    window = 1 if role in ("window", "evaluator") else None
    own = {"window": "/window/1", "evaluator": "/evaluator/1"}.get(role)
    client = keyed(app, role, window)
    if own:
        assert client.get(own).status_code == 200
    assert client.get(path).status_code == 403


def test_an_evaluator_finds_its_own_window(app: Flask) -> None:
    answer = keyed(app, "evaluator", 1).get("/evaluator")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/evaluator/1")


def test_a_window_that_the_hall_does_not_have_has_no_page(app: Flask) -> None:
    assert keyed(app, "window").get("/window/1").status_code == 200
    assert keyed(app, "window").get("/window/77").status_code == 404


def test_the_clerk_sees_what_became_of_a_rating_never_which(
    app: Flask, rooms: Rooms, clock: MovedClock
) -> None:
    clerk = keyed(app, "window", 1)
    assert (clerk.get("/window/1/state.json").json or {})["last"] is None
    visit = serve(rooms, clock)
    assert (clerk.get("/window/1/state.json").json or {})["last"]["rating"] == "asked"
    rooms.book.rate(visit, "very_dissatisfied", "evaluator", text="太慢", contact="13800000000")
    for path in ("/window/1/state.json", "/window/1"):
        shown = clerk.get(path).text
        assert '"rating": "rated"' in shown or '"rating":"rated"' in shown
        assert not any(word in shown for word in ("very_dissatisfied", "太慢", "13800000000"))


def test_nobody_who_was_asked_is_told_apart_from_nobody_asked(
    app: Flask, rooms: Rooms, clock: MovedClock
) -> None:
    clerk = keyed(app, "window", 1)
    serve(rooms, clock)
    clock.move(seconds=31)
    rooms.book.tick()
    assert (clerk.get("/window/1/state.json").json or {})["last"]["rating"] == "timed_out"


def test_an_evaluator_asks_for_the_service_that_ended(
    app: Flask, rooms: Rooms, clock: MovedClock
) -> None:
    pad = keyed(app, "evaluator", 1)
    idle = pad.get("/evaluator/1/state.json").json or {}
    assert idle["ask"] is None
    assert idle["clerk"]["name"] == "张敏"
    visit = serve(rooms, clock)
    asked = (pad.get("/evaluator/1/state.json").json or {})["ask"]
    assert (asked["visit"], asked["number"], asked["service"]) == (visit, "A001", "婚姻登记")
    assert asked["expires_at"] == "2026-11-20T10:05:30+08:00"
    clock.move(seconds=30)
    assert (pad.get("/evaluator/1/state.json").json or {})["ask"] is None


def test_every_level_is_offered_alike(app: Flask) -> None:
    pad = keyed(app, "evaluator", 1)
    levels = (pad.get("/evaluator/1/state.json").json or {})["levels"]
    assert [each["level"] for each in levels] == list(LEVELS)
    for each in levels:
        assert len(each["tags"]) == 8
        assert [tag["first"] for tag in each["tags"]] == [True] * 3 + [False] * 5
    shown = pad.get("/evaluator/1").text
    assert [f'data-level="{level.value}"' in shown for level in LEVELS] == [True] * 5


def test_a_clerks_photograph_comes_from_the_hall_and_nothing_else_does(
    app: Flask, rooms: Rooms
) -> None:
    pad = keyed(app, "evaluator", 1)
    shown = (pad.get("/evaluator/1/state.json").json or {})["clerk"]["photo"]
    assert shown == "/evaluator/1/photo/1001"
    assert pad.get(shown).status_code == 404
    folder = rooms.database.parent / "photos"
    folder.mkdir()
    (folder / "zhang-min.jpg").write_bytes(b"a picture")
    with pad.get(shown) as answer:
        assert (answer.status_code, answer.data) == (200, b"a picture")
    assert pad.get("/evaluator/1/photo/1002").status_code == 404
    person = rooms.register.person("1002")
    assert person is not None
    rooms.register.save(replace(person, photo="../hall.db"))
    assert pad.get("/evaluator/1/photo/1002").status_code == 404
