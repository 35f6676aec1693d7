"""Ratings: given by the person served, once, and never made up."""

import sqlite3
from dataclasses import replace

import pytest
from halls import Rooms
from test_desk import refused

from hall.events import Event
from rating.channel import idle_at
from rating.events import AskTimedOut, RatingAsked, ServiceRated
from rating.levels import LEVELS, Channel, Level


def test_the_evaluator_asks_when_a_service_ends(rooms: Rooms) -> None:
    rooms.take()
    assert rooms.book.asking(1) is None
    visit = rooms.serve(1)
    asking = rooms.book.asking(1)
    assert asking is not None
    assert (asking.visit, asking.clerk, asking.service) == (visit, "张敏", "婚姻登记")
    assert asking.expires_at - asking.asked_at == 30_000
    assert rooms.book.asking(2) is None


@pytest.mark.parametrize(
    ("post", "place"), [("办事员", "综合窗口"), ("综合窗口", "4号窗口"), ("", "综合窗口")]
)
def test_an_evaluator_says_no_word_twice(rooms: Rooms, post: str, place: str) -> None:
    clerk = rooms.register.catalogue().person["1004"]
    rooms.register.save(replace(clerk, post=post))
    shown = idle_at(rooms.book, 4)
    assert (shown["clerk"]["post"], shown["name"]) == (post, place)


def test_an_evaluator_without_a_clerk_says_its_windows_name(rooms: Rooms) -> None:
    rooms.desk.close(4)
    assert idle_at(rooms.book, 4)["name"] == "综合窗口"


def test_nobody_is_asked_after_a_missed_call(rooms: Rooms) -> None:
    rooms.take()
    rooms.desk.call_next(1)
    rooms.desk.miss(1)
    assert rooms.book.asking(1) is None


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("channel", Channel)
def test_each_level_comes_in_as_itself_on_each_channel(
    rooms: Rooms, level: Level, channel: Channel
) -> None:
    rooms.take()
    visit = rooms.serve(1)
    rooms.book.rate(visit, level.value, channel.value)
    stored = rooms.store.row("select level, channel, window, clerk, service from rating")
    assert stored == (level.value, channel.value, 1, "1001", "marriage")


def test_a_service_is_rated_once(rooms: Rooms) -> None:
    rooms.take()
    visit = rooms.serve(1)
    rooms.book.rate(visit, "dissatisfied", "evaluator")
    with refused("already_rated"):
        rooms.book.rate(visit, "very_satisfied", "evaluator")
    assert rooms.store.rows("select level from rating") == [("dissatisfied",)]


@pytest.mark.parametrize("step", ["call_next", "start"])
def test_a_service_that_goes_on_cannot_be_rated(rooms: Rooms, step: str) -> None:
    rooms.take()
    visit = rooms.desk.call_next(1).visit
    if step == "start":
        rooms.desk.start(1)
    with refused("not_rateable"):
        rooms.book.rate(visit, "satisfied", "evaluator")


def test_a_missed_ticket_cannot_be_rated(rooms: Rooms) -> None:
    ticket = rooms.take()
    visit = rooms.desk.call_next(1).visit
    rooms.desk.miss(1)
    with refused("not_rateable"):
        rooms.book.rate(visit, "satisfied", "evaluator")
    token = rooms.book.link(ticket).removeprefix("/r/")
    with refused("not_rateable"):
        rooms.book.rate_by_link(token, "satisfied")


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"level": "5"}, "unknown_level"),
        ({"channel": "fax"}, "unknown_channel"),
        ({"tags": ["108"]}, "unknown_tag"),
        ({"text": "长" * 151}, "text_too_long"),
        ({"contact": "1" * 61}, "contact_too_long"),
        ({"visit": 999}, "unknown_visit"),
        ({"window": 2}, "other_window"),
    ],
)
def test_a_refused_rating_leaves_the_evaluator_asking(
    rooms: Rooms, told: dict[str, object], code: str
) -> None:
    rooms.take()
    visit = rooms.serve(1)
    rating = {"visit": visit, "level": "satisfied", "channel": "evaluator", **told}
    with refused(code):
        rooms.book.rate(**rating)  # type: ignore[arg-type]
    assert rooms.store.row("select count(*) from rating")[0] == 0
    assert rooms.book.asking(1) is not None


def test_a_rating_keeps_the_tags_and_their_words(rooms: Rooms) -> None:
    rooms.take()
    visit = rooms.serve(1)
    rating = rooms.book.rate(
        visit,
        "very_dissatisfied",
        "qr",
        tags=["108", "115"],
        text=" 等太久 ",
        contact="13800000000",
    )
    assert rating.tags == ("在办事指南之外增加新的审批条件", "服务态度差效率低")
    assert rating.text == "等太久"


def test_there_are_eight_tags_a_level_and_three_are_shown_first(rooms: Rooms) -> None:
    for level in LEVELS:
        tags = rooms.book.tags(level)
        assert len(tags) == 8
        assert [tag.first for tag in tags] == [True] * 3 + [False] * 5


def test_an_invitation_nobody_answers_is_kept_as_timed_out(rooms: Rooms) -> None:
    rooms.take()
    visit = rooms.serve(1)
    heard: list[Event] = []
    rooms.book.follow(heard.append)
    rooms.clock.move(seconds=29)
    rooms.book.tick()
    assert rooms.book.asking(1) is not None
    rooms.clock.move(seconds=1)
    assert rooms.book.asking(1) is None
    rooms.book.tick()
    rooms.book.tick()
    assert [type(each) for each in heard] == [AskTimedOut]
    assert rooms.book.ratings.outcome_of(visit) == "timed_out"
    assert rooms.store.row("select count(*) from rating")[0] == 0


def test_who_was_asked_in_vain_may_still_rate_from_the_slip(rooms: Rooms) -> None:
    ticket = rooms.take()
    visit = rooms.serve(1)
    rooms.clock.move(minutes=1)
    rooms.book.tick()
    token = rooms.book.link(ticket).removeprefix("/r/")
    assert rooms.book.followed(token)["can_rate"]
    rooms.book.rate_by_link(token, "satisfied")
    assert rooms.book.ratings.outcome_of(visit) == "rated"
    assert rooms.book.followed(token)["rated"] == "satisfied"
    with refused("already_rated"):
        rooms.book.rate_by_link(token, "satisfied")


def test_the_next_citizen_is_not_asked_about_the_one_before(rooms: Rooms) -> None:
    rooms.take()
    rooms.take()
    first = rooms.serve(1)
    second = rooms.serve(1, minutes=0.1)
    asking = rooms.book.asking(1)
    assert asking is not None
    assert asking.visit == second
    assert rooms.book.ratings.outcome_of(first) == "timed_out"


def test_the_phone_follows_the_ticket_from_taking_to_rating(rooms: Rooms) -> None:
    rooms.take()
    ticket = rooms.take()
    token = rooms.book.link(ticket).removeprefix("/r/")
    waiting = rooms.book.followed(token)
    assert (waiting["state"], waiting["people_ahead"], waiting["can_rate"]) == ("waiting", 1, False)
    assert waiting["windows"] == [1, 2, 4]
    rooms.desk.call_next(1)
    rooms.desk.call_next(2)
    called = rooms.book.followed(token)
    assert (called["state"], called["window"]) == ("called", 2)
    rooms.desk.start(2)
    rooms.desk.finish(2, "completed")
    assert rooms.book.followed(token)["can_rate"]
    rooms.clock.move(hours=24 * 16)
    assert not rooms.book.followed(token)["can_rate"]


def test_the_clerk_learns_that_a_citizen_rated_never_how(rooms: Rooms) -> None:
    rooms.take()
    visit = rooms.serve(1)
    heard: list[Event] = []
    rooms.book.follow(heard.append)
    rooms.book.rate(visit, "very_dissatisfied", "evaluator", contact="13800000000")
    told = rooms.book.last_service(1)
    assert told is not None
    assert told["rating"] == "rated"
    assert "dissatisfied" not in str(told)
    assert [type(each) for each in heard] == [ServiceRated]
    assert "dissatisfied" not in str(heard[0])
    assert "138" not in str(rooms.store.rows("select * from journal"))


def test_asking_is_part_of_finishing(rooms: Rooms) -> None:
    heard: list[Event] = []
    rooms.book.follow(heard.append)
    rooms.take()
    rooms.desk.call_next(1)
    rooms.desk.start(1)
    with pytest.raises(RuntimeError), rooms.store.transaction():
        rooms.desk.finish(1, "completed")
        raise RuntimeError
    assert rooms.book.asking(1) is None
    assert heard == []
    rooms.desk.finish(1, "completed")
    assert [type(each) for each in heard] == [RatingAsked]


@pytest.mark.parametrize(
    "change",
    [
        "update rating set level = 'satisfied'",
        "update rating set text = '另一句话'",
        "delete from rating",
    ],
)
def test_a_rating_is_never_edited_and_never_deleted(rooms: Rooms, change: str) -> None:
    rooms.take()
    rooms.book.rate(rooms.serve(1), "very_dissatisfied", "evaluator")
    with pytest.raises(sqlite3.IntegrityError, match="a rating is never"):
        rooms.store.connection.execute(change)
    rooms.store.connection.execute("update rating set voided_at = 1")


def test_at_a_window_without_an_evaluator_nobody_is_asked_and_the_month_says_so(
    rooms: Rooms,
) -> None:
    (evaluator,) = [each for each in rooms.register.catalogue().devices if each.window == 1]
    rooms.register.save(replace(evaluator, active=False))
    rooms.take()
    unasked = rooms.serve(1)
    rooms.take()
    asked = rooms.serve(2)
    rooms.clock.move(minutes=5)
    rooms.book.tick()
    assert rooms.book.ratings.outcome_of(unasked) == "never_asked"
    assert rooms.book.ratings.outcome_of(asked) == "timed_out"
    totals = rooms.book.month("2026-11").totals
    assert (totals["never_asked"], totals["timed_out"]) == (1, 1)
    rooms.book.rate(unasked, "dissatisfied", "qr")  # the slip's link is there for everybody
    assert rooms.book.month("2026-11").totals["never_asked"] == 0
