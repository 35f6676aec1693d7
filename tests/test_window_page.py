"""The clerk's page and the evaluator over HTTP: whose they are, and what they may know."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from halls import SMALL_HALL, MovedClock
from pydantic import BaseModel, ValidationError

from hall import config
from hall.refusals import NotAllowed
from rating.levels import LEVELS
from server import create_app
from web.current import Rooms
from window import bodies


@pytest.fixture
def app(tmp_path: Path, clock: MovedClock) -> Iterator[Flask]:
    told = config.from_dict({"hall": {"name": "云溪县政务服务中心"}})
    made = create_app(told, tmp_path / "hall.db", clock)
    rooms: Rooms = made.extensions["hall"]
    rooms.register.adopt(SMALL_HALL)
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


def numbers_of(body: type[BaseModel]) -> Iterator[tuple[type[BaseModel], str]]:
    yield from ((body, name) for name, each in body.model_fields.items() if "int" in str(each))
    for more in body.__subclasses__():
        yield from numbers_of(more)


@pytest.mark.parametrize("number", [-1, 2**63, 10**30])
def test_a_page_names_no_row_that_no_file_can_hold(number: int) -> None:
    found = list(numbers_of(bodies.Body))
    assert len(found) > 10
    for body, name in found:
        with pytest.raises(ValidationError) as refused:
            body.model_validate({name: number})
        assert name in [each["loc"][0] for each in refused.value.errors()], (body, name)


def serve(rooms: Rooms, clock: MovedClock) -> int:
    rooms.desk.issue("marriage", "tap-00000001")
    visit = rooms.desk.call_next(1).visit
    rooms.desk.start(1)
    clock.move(minutes=5)
    rooms.desk.finish(1, "completed")
    return visit


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [("/window/1", "/sign-in"), ("/evaluator/1", "/pair"), ("/evaluator", "/pair")],
)
def test_a_page_of_a_window_asks_who_is_there(
    nobody: FlaskClient, path: str, leads_to: str
) -> None:
    answer = nobody.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(leads_to)


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


def test_an_evaluator_shows_the_photograph_of_the_clerk_at_its_window_and_nobody_elses(
    app: Flask, rooms: Rooms
) -> None:
    pad = keyed(app, "evaluator", 1)

    def photo() -> str:
        return str((pad.get("/evaluator/1/state.json").json or {})["clerk"]["photo"])

    assert photo() == ""
    assert pad.get("/evaluator/1/photo/1001").status_code == 404
    for number in ("1001", "1002"):
        rooms.register.set_photo(number, b"picture of " + number.encode())
    first = photo()
    answer = pad.get(first)
    assert (answer.status_code, answer.data) == (200, b"picture of 1001")
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert "private" in answer.headers["Cache-Control"]
    assert pad.get("/evaluator/1/photo/1002").status_code == 404, "she sits at another window"
    rooms.register.set_photo("1001", b"a newer one")
    assert photo() != first, "a pad that kept the old one asks for the new one"
    rooms.desk.close(1)
    assert pad.get("/evaluator/1/photo/1001").status_code == 404, "nobody sits there now"


def test_the_sign_above_a_window_shows_the_photograph_of_who_sits_there(
    app: Flask, rooms: Rooms
) -> None:
    screen = keyed(app, "display")
    assert screen.get("/display/window/1/photo").status_code == 204
    rooms.register.set_photo("1001", b"a picture")
    answer = screen.get("/display/window/1/photo")
    assert (answer.status_code, answer.data) == (200, b"a picture")
    rooms.desk.close(1)
    assert screen.get("/display/window/1/photo").status_code == 204
    assert app.test_client().get("/display/window/1/photo").status_code == 401


# -- the page's own acts -----------------------------------------------------------------------

HERE, THERE = "page-of-this-desk", "page-of-another-desk"
COUNTED = ("ticket_called", "call_repeated", "service_started", "service_finished")


class Desk:
    """The clerk's page of a window, as its script asks."""

    def __init__(self, app: Flask, no: int = 1, session: str = "") -> None:
        self.client = keyed(app, "window", no)
        self.no = no
        self.headers = {"X-Window-Session": session} if session else {}

    def ask(self, path: str, **body: Any) -> tuple[int, dict[str, Any]]:
        """Do an act; return the status, and the window or the refusal."""
        told = self.client.post(f"/window/{self.no}/{path}", json=body, headers=self.headers)
        return told.status_code, told.get_json()

    def do(self, path: str, **body: Any) -> dict[str, Any]:
        """Do an act that is allowed and return how the window stands then."""
        status, told = self.ask(path, **body)
        assert status == 200, told
        return told

    def refused(self, path: str, **body: Any) -> str:
        """Do an act that is not allowed and return the code."""
        status, told = self.ask(path, **body)
        assert status in (403, 409, 422), told
        assert told["message"]
        return str(told["code"])

    def get(self, path: str) -> dict[str, Any]:
        """Read something of the window."""
        told: dict[str, Any] = self.client.get(f"/window/{self.no}/{path}").get_json()
        return told


@pytest.fixture
def at_1(app: Flask) -> Desk:
    return Desk(app, 1, HERE)


def take(rooms: Rooms, service: str = "marriage", count: int = 1) -> list[int]:
    return [
        rooms.desk.issue(service, f"tap-{service}-{rooms.desk.rev()}-{each}").ticket.id
        for each in range(count)
    ]


def meant(desk: dict[str, Any]) -> dict[str, int]:
    """Return what names the visit that a page shows."""
    return {name: desk["active"][name] for name in ("visit", "ticket")}


def serving(at: Desk) -> dict[str, int]:
    """Call and start whoever is next; return what names the visit."""
    means = meant(at.do("call"))
    at.do("start", **means)
    return means


def steps(rooms: Rooms, *events: str) -> int:
    """Return how often something stands in the journal."""
    marks = ", ".join("?" * len(events))
    found = rooms.store.row(f"select count(*) from journal where event in ({marks})", events)
    return int(found[0])


def test_an_act_answers_with_all_that_the_page_shows(at_1: Desk, rooms: Rooms) -> None:
    take(rooms)
    told = at_1.do("call")
    assert told == at_1.get("state.json")
    assert (told["active"]["number"], told["active"]["state"]) == ("A001", "called")


@pytest.mark.parametrize("verb", ["recall", "start", "miss", "finish", "hold", "transfer"])
def test_an_act_that_comes_twice_is_done_once(
    at_1: Desk, rooms: Rooms, verb: str, clock: MovedClock
) -> None:
    take(rooms)
    means = meant(at_1.do("call"))
    if verb in ("finish", "hold"):
        at_1.do("start", **means)
    words: dict[str, dict[str, Any]] = {
        "recall": {"recalls": 0},
        "finish": {"outcome": "completed"},
        "hold": {"kind": "with_file"},
        "transfer": {"service": "advice", "reason": "取错业务", "wrong_item": True},
    }
    more = words.get(verb, {})
    first = at_1.do(verb, **means, **more)
    clock.move(seconds=20)
    again = at_1.do(verb, **means, **more)
    changing = ("now", "undo_until", "line", "held", "last_unrated")
    assert {name: told for name, told in again.items() if name not in changing} == {
        name: told for name, told in first.items() if name not in changing
    }


def test_an_act_never_reaches_another_citizen_than_the_clerk_saw(at_1: Desk, rooms: Rooms) -> None:
    take(rooms, count=2)
    gone = serving(at_1)
    rooms.desk.finish(1, "completed")
    now = serving(at_1)
    assert now != gone
    before = steps(rooms, *COUNTED)
    for verb, more in (
        ("recall", {"recalls": 0}),
        ("miss", {}),
        ("hold", {"kind": "with_file"}),
        ("transfer", {"service": "advice", "reason": "x"}),
        ("next-service", {"service": "advice", "outcome": "completed"}),
    ):
        assert at_1.refused(verb, **gone, **more) == "another_ticket"
    assert at_1.do("finish", **gone, outcome="accepted")["active"]["visit"] == now["visit"]
    assert steps(rooms, *COUNTED) == before


def test_two_presses_call_one_citizen(at_1: Desk, rooms: Rooms) -> None:
    take(rooms, count=2)
    assert at_1.do("call")["active"]["number"] == "A001"
    assert at_1.refused("call") == "window_busy"
    assert at_1.get("state.json")["waiting_total"] == 1


def test_one_ticket_is_called_before_its_turn_with_a_reason(at_1: Desk, rooms: Rooms) -> None:
    _, _, third = take(rooms, count=3)
    assert at_1.refused("call", ticket=third, reason=" ") == "reason_missing"
    told = at_1.do("call", ticket=third, reason="群众行动不便")
    assert (told["active"]["number"], told["active"]["why"]) == ("A003", "指定呼叫：群众行动不便")
    assert at_1.do("call", ticket=third, reason="群众行动不便")["active"] == told["active"]
    assert steps(rooms, "ticket_called") == 1


def test_the_page_learns_who_is_next_and_why(at_1: Desk, rooms: Rooms) -> None:
    assert at_1.get("next.json") == {"next": None}
    take(rooms)
    other = Desk(at_1.client.application, 2)
    rooms.desk.open(2)
    other.do("transfer", **serving(other), to_window=1, reason="由对方办理")
    take(rooms, count=2)
    told = at_1.get("next.json")["next"]
    assert (told["number"], told["why"]) == ("A001", "回到本窗口")
    assert at_1.do("call")["active"]["ticket"] == told["ticket"]


def test_undo_takes_back_the_step_that_was_seen_never_the_one_before(
    at_1: Desk, rooms: Rooms, clock: MovedClock
) -> None:
    take(rooms)
    means = meant(at_1.do("call"))
    clock.move(seconds=2)
    missed = at_1.do("miss", **means)
    until = missed["undo_until"]
    assert until == "2026-11-20T10:00:12+08:00"
    assert at_1.do("undo", until=until)["active"]["state"] == "called"
    # the same again must not take the call back, though that could still be undone
    assert at_1.get("state.json")["undo_until"] is not None
    assert at_1.refused("undo", until=until) == "nothing_to_undo"
    assert at_1.get("state.json")["active"]["state"] == "called"


def test_undo_ends_with_its_seconds(at_1: Desk, rooms: Rooms, clock: MovedClock) -> None:
    take(rooms)
    until = at_1.do("call")["undo_until"]
    clock.move(seconds=11)
    assert at_1.get("state.json")["undo_until"] is None
    assert at_1.refused("undo", until=until) == "nothing_to_undo"


def test_a_held_service_goes_on_where_it_lay(at_1: Desk, rooms: Rooms, clock: MovedClock) -> None:
    (ticket,) = take(rooms)
    means = serving(at_1)
    told = at_1.do("hold", **means, kind="without_file")
    assert told["active"] is None
    assert told["held"][0]["until"] == "2026-11-20T12:00:00+08:00"
    clock.move(hours=2, minutes=1)
    assert at_1.get("state.json")["held"][0]["overdue"]
    assert at_1.do("resume", ticket=ticket)["active"]["visit"] == means["visit"]
    assert at_1.do("resume", ticket=ticket)["held"] == []
    assert steps(rooms, "service_resumed") == 1


def test_several_services_are_one_citizens_visit(at_1: Desk, rooms: Rooms) -> None:
    (ticket,) = take(rooms)
    means = serving(at_1)
    more = {"outcome": "accepted", "case_number": "MZ-7", "service": "advice"}
    told = at_1.do("next-service", **means, **more)
    assert told["active"]["ticket"] == ticket
    assert (told["active"]["service_name"], told["active"]["state"]) == ("业务咨询", "serving")
    assert at_1.do("next-service", **means, **more)["active"] == told["active"]
    assert steps(rooms, "service_finished") == 1
    visit = rooms.store.visit(means["visit"])
    assert visit is not None
    assert (visit.outcome, visit.case_number) == ("accepted", "MZ-7")


def test_who_received_first_is_shown_wherever_the_ticket_goes(at_1: Desk, rooms: Rooms) -> None:
    take(rooms)
    rooms.desk.open(2)
    at_1.do("transfer", **serving(at_1), to_window=2, reason="由对方办理")
    told = Desk(at_1.client.application, 2).do("call")["active"]
    assert told["first_receiver"]["window"] == 1
    assert told["first_receiver"]["clerk"]["name"] == "张敏"


def test_where_a_ticket_may_go_is_listed(at_1: Desk, rooms: Rooms) -> None:
    rooms.desk.open(3)
    rooms.desk.pause(3, "会议")
    told = at_1.get("places.json")
    assert [(each["no"], each["state"]) for each in told["windows"]] == [(3, "paused")]
    attended = {each["code"]: each["attended"] for each in told["services"]}
    assert attended == {"marriage": True, "estate": False, "advice": True, "nowhere": False}


# -- one page a window -------------------------------------------------------------------------


def test_two_pages_cannot_hold_one_window(app: Flask, at_1: Desk, rooms: Rooms) -> None:
    other = Desk(app, 1, THERE)
    take(rooms)
    assert at_1.do("session", session=HERE)["session"] == HERE
    assert at_1.do("session", session=HERE)["session"] == HERE
    assert other.refused("session", session=THERE) == "window_taken"
    assert other.refused("call") == "window_taken_over"
    assert other.do("session", session=THERE, take_over=True)["session"] == THERE
    assert other.do("call")["active"]["number"] == "A001"
    assert at_1.refused("miss", visit=1, ticket=1) == "window_taken_over"


def test_a_page_that_was_taken_over_can_do_nothing(app: Flask, at_1: Desk, rooms: Rooms) -> None:
    at_1.do("session", session=HERE)
    Desk(app, 1, THERE).do("session", session=THERE, take_over=True)
    before = rooms.desk.rev()
    one = {"visit": 1, "ticket": 1}
    for path, body in (
        ("call", {}),
        ("recall", {**one, "recalls": 0}),
        ("start", one),
        ("miss", one),
        ("finish", {**one, "outcome": "completed"}),
        ("next-service", {**one, "outcome": "completed", "service": "advice"}),
        ("hold", {**one, "kind": "with_file"}),
        ("resume", {"ticket": 1}),
        ("transfer", {**one, "reason": "x", "service": "advice"}),
        ("undo", {"until": "x"}),
        ("open", {}),
        ("pause", {"reason": "x"}),
        ("close", {}),
        ("ask-again", {"visit": 1}),
    ):
        assert (path, at_1.refused(path, **body)) == (path, "window_taken_over")
    assert rooms.desk.rev() == before


def test_who_opens_a_window_holds_it_and_who_closes_it_lets_go(
    app: Flask, at_1: Desk, rooms: Rooms
) -> None:
    rooms.desk.close(1)
    assert at_1.get("state.json")["session"] == ""
    assert at_1.do("open")["session"] == HERE
    assert Desk(app, 1, THERE).refused("open") == "window_taken_over"
    assert at_1.do("close")["session"] == ""
    assert Desk(app, 1, THERE).do("open")["session"] == THERE


def test_a_clerk_of_another_post_is_shown_as_standing_in(at_1: Desk, rooms: Rooms) -> None:
    rooms.desk.close(1)
    told = at_1.do("open", clerk="1002")
    assert told["clerk"]["name"] == "李㛃"
    assert told["stands_in_for"]["name"] == "张敏"
    at_1.do("close")
    assert at_1.do("open")["stands_in_for"] is None


def test_a_pause_shows_its_reason_outside(at_1: Desk, rooms: Rooms) -> None:
    at_1.do("pause", reason="内部会议")
    shown = {each["no"]: each for each in rooms.desk.board("1F")["windows"]}
    assert (shown[1]["state"], shown[1]["pause_reason"]) == ("paused", "内部会议")
    assert at_1.do("open")["pause_reason"] == ""


def test_the_page_offers_the_halls_own_pause_reasons_and_limits(at_1: Desk) -> None:
    shown = at_1.client.get("/window/1").text
    assert "午间休息" in shown
    assert '"minutes": 120' in shown


# -- the last one has not rated ----------------------------------------------------------------


def finished(at: Desk, rooms: Rooms) -> int:
    take(rooms)
    means = serving(at)
    at.do("finish", **means, outcome="completed")
    return means["visit"]


def test_an_unrated_visit_is_a_warning_until_somebody_rates(
    at_1: Desk, rooms: Rooms, clock: MovedClock
) -> None:
    assert at_1.get("state.json")["last_unrated"] is None
    visit = finished(at_1, rooms)
    asked = at_1.get("state.json")["last_unrated"]
    assert (asked["visit"], asked["number"], asked["asked"]) == (visit, "A001", True)
    assert not asked["again"]
    clock.move(seconds=31)
    rooms.book.tick()
    silent = at_1.get("state.json")["last_unrated"]
    assert (silent["asked"], silent["again"], silent["expires_at"]) == (False, True, None)
    rooms.book.rate(visit, "satisfied", "evaluator")
    assert at_1.get("state.json")["last_unrated"] is None


def test_who_did_not_rate_is_asked_once_more_and_then_left_alone(
    app: Flask, at_1: Desk, rooms: Rooms, clock: MovedClock
) -> None:
    visit = finished(at_1, rooms)
    clock.move(seconds=31)
    rooms.book.tick()
    pad = keyed(app, "evaluator", 1)
    assert pad.get("/evaluator/1/state.json").get_json()["ask"] is None
    assert at_1.do("ask-again", visit=visit)["last_unrated"]["asked"]
    assert at_1.do("ask-again", visit=visit)["last_unrated"]["asked"]
    assert steps(rooms, "rating_asked_again") == 1
    assert pad.get("/evaluator/1/state.json").get_json()["ask"]["visit"] == visit
    clock.move(seconds=31)
    rooms.book.tick()
    assert at_1.refused("ask-again", visit=visit) == "asked_enough"
    assert "不再打扰" in at_1.get("state.json")["last_unrated"]["why_not"]


def test_nobody_is_asked_in_the_place_of_who_has_left(
    at_1: Desk, rooms: Rooms, clock: MovedClock
) -> None:
    visit = finished(at_1, rooms)
    clock.move(seconds=31)
    rooms.book.tick()
    take(rooms)
    at_1.do("call")
    assert at_1.refused("ask-again", visit=visit) == "window_busy"
    rooms.desk.miss(1)
    clock.move(minutes=6)
    assert at_1.refused("ask-again", visit=visit) == "left_already"
    later = finished(at_1, rooms)
    assert later != visit
    assert at_1.refused("ask-again", visit=visit) == "not_last"


def test_a_rated_visit_is_not_asked_again(at_1: Desk, rooms: Rooms) -> None:
    visit = finished(at_1, rooms)
    rooms.book.rate(visit, "satisfied", "evaluator")
    assert at_1.refused("ask-again", visit=visit) == "already_rated"
    with pytest.raises(NotAllowed) as refusal:
        rooms.book.ask_again(visit, 2)
    assert refusal.value.code == "other_window"
