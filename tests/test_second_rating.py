"""Voided ratings stay and leave the rates; what was put right is rated once more, not twice."""

import pytest
from halls import MovedClock, Rooms

from hall.events import Event
from hall.refusals import NotAllowed, NotFound, NotValid
from rating.events import RatingVoided, SecondInvited

MONTH = "2026-11"


@pytest.fixture
def bad(rooms: Rooms) -> int:
    """Return a visit that was rated very badly by QR."""
    rooms.desk.open(1)
    rooms.take()
    visit = rooms.serve(1)
    rooms.book.rate(visit, "very_dissatisfied", "qr", text="等了两个小时")
    return visit


def number_of(rooms: Rooms, visit: int) -> int:
    rating = rooms.book.ratings.rating_of(visit)
    assert rating is not None
    return rating.id


# -- voiding -----------------------------------------------------------------------------------


def test_a_voided_rating_is_kept_and_leaves_the_rates(rooms: Rooms, bad: int) -> None:
    assert rooms.book.month(MONTH).totals["rated"] == 1
    voided = rooms.book.void(number_of(rooms, bad), "mistaken", "点错了", by="2004")
    assert voided.voided_at == rooms.clock()
    totals = rooms.book.month(MONTH).totals
    assert (totals["rated"], totals["voided"], totals["satisfaction"]["denominator"]) == (0, 1, 0)
    kept = rooms.book.rating(voided.id)
    assert (kept.level, kept.text) == ("very_dissatisfied", "等了两个小时")


def test_voiding_twice_voids_once(rooms: Rooms, bad: int) -> None:
    heard: list[Event] = []
    rooms.book.follow(heard.append)
    for reason in ("点错了", "另一个理由"):
        rooms.book.void(number_of(rooms, bad), "mistaken", reason, by="2004")
    assert [type(each) for each in heard] == [RatingVoided]
    void = rooms.book.ratings.void_of(number_of(rooms, bad))
    assert void == ("mistaken", "点错了", "2004", rooms.clock())


@pytest.mark.parametrize(
    ("kind", "reason", "code"),
    [
        ("wrong", "点错了", "unknown_void"),
        ("", "点错了", "unknown_void"),
        ("malicious", "  ", "reason_missing"),
        ("malicious", "长" * 201, "reason_too_long"),
    ],
)
def test_a_voiding_without_kind_or_reason_changes_nothing(
    rooms: Rooms, bad: int, kind: str, reason: str, code: str
) -> None:
    with pytest.raises(NotValid) as refused:
        rooms.book.void(number_of(rooms, bad), kind, reason, by="2004")
    assert refused.value.code == code
    assert rooms.book.month(MONTH).totals["voided"] == 0


def test_nobody_voids_a_rating_that_does_not_exist(rooms: Rooms) -> None:
    with pytest.raises(NotFound):
        rooms.book.void(99, "mistaken", "点错了", by="2004")


# -- the second rating -------------------------------------------------------------------------


def test_a_second_rating_follows_the_rectification_and_replaces_nothing(
    rooms: Rooms, bad: int
) -> None:
    rooms.book.invite_again(bad, by="3001")
    second = rooms.book.rate(bad, "satisfied", "qr")
    assert second.nth == 2
    first = rooms.book.ratings.rating_of(bad)
    assert first is not None
    assert first.level == "very_dissatisfied"
    totals = rooms.book.month(MONTH).totals
    assert (totals["rated"], totals["bad"]) == (1, 1)


def test_there_is_no_third_rating(rooms: Rooms, bad: int) -> None:
    rooms.book.invite_again(bad, by="3001")
    rooms.book.invite_again(bad, by="3001")
    rooms.book.rate(bad, "satisfied", "qr")
    for _ in range(2):
        with pytest.raises(NotAllowed) as refused:
            rooms.book.rate(bad, "satisfied", "qr")
        assert refused.value.code == "already_rated"


def test_without_an_invitation_the_first_rating_is_the_only_one(rooms: Rooms, bad: int) -> None:
    with pytest.raises(NotAllowed) as refused:
        rooms.book.rate(bad, "satisfied", "qr")
    assert refused.value.code == "already_rated"


def test_a_late_tap_at_the_evaluator_is_no_second_rating(rooms: Rooms, bad: int) -> None:
    rooms.book.invite_again(bad, by="3001")
    with pytest.raises(NotAllowed) as refused:
        rooms.book.rate(bad, "satisfied", "evaluator", window=1)
    assert refused.value.code == "already_rated"


def test_only_what_was_rated_badly_may_be_rated_again(rooms: Rooms, bad: int) -> None:
    rooms.take()
    good = rooms.serve(1)
    with pytest.raises(NotAllowed):
        rooms.book.invite_again(good, by="3001")  # not rated at all
    rooms.book.rate(good, "basically_satisfied", "qr")
    with pytest.raises(NotAllowed):
        rooms.book.invite_again(good, by="3001")
    rooms.book.void(number_of(rooms, bad), "malicious", "反复刷评", by="2004")
    with pytest.raises(NotAllowed):
        rooms.book.invite_again(bad, by="3001")


def test_the_days_for_a_second_rating_count_from_its_invitation(
    rooms: Rooms, bad: int, clock: MovedClock
) -> None:
    clock.move(hours=24 * 20)
    heard: list[Event] = []
    rooms.book.follow(heard.append)
    rooms.book.invite_again(bad, by="3001")
    assert [type(each) for each in heard] == [SecondInvited]
    clock.move(hours=24 * 14)
    token = token_of(rooms, bad)
    assert rooms.book.followed(token)["second"]
    clock.move(hours=24 * 2)
    assert not rooms.book.followed(token)["can_rate"]
    with pytest.raises(NotAllowed) as refused:
        rooms.book.rate_by_link(token, "satisfied")
    assert refused.value.code == "too_late"


# -- several services, one link ----------------------------------------------------------------


def token_of(rooms: Rooms, visit: int) -> str:
    found = rooms.store.visit(visit)
    assert found is not None
    return rooms.book.link(found.ticket).removeprefix("/r/")


def test_each_service_of_a_ticket_may_be_rated_by_its_link_once(rooms: Rooms) -> None:
    rooms.desk.open(1)
    rooms.take()
    first = rooms.desk.call_next(1).visit
    rooms.desk.start(1)
    served_here = rooms.register.catalogue().window[1].services
    other = next(each for each in served_here if each != "marriage")
    rooms.desk.next_service(1, other, "completed")
    rooms.desk.finish(1, "completed")
    token = token_of(rooms, first)
    shown = rooms.book.followed(token)
    assert (shown["visit"], shown["can_rate"]) == (first, True)
    rooms.book.rate_by_link(token, "satisfied", visit=first)
    with pytest.raises(NotAllowed) as again:  # the same tap, come twice
        rooms.book.rate_by_link(token, "satisfied", visit=first)
    assert again.value.code == "already_rated"
    shown = rooms.book.followed(token)
    assert (shown["visit"], shown["can_rate"], shown["rated"]) == (first + 1, True, None)
    rooms.book.rate_by_link(token, "dissatisfied", visit=first + 1)
    assert not rooms.book.followed(token)["can_rate"]


def test_a_link_rates_no_service_of_another_ticket(rooms: Rooms, bad: int) -> None:
    rooms.take()
    other = rooms.serve(1)
    with pytest.raises(NotAllowed) as refused:
        rooms.book.rate_by_link(token_of(rooms, bad), "satisfied", visit=other)
    assert refused.value.code == "other_ticket"
    assert rooms.book.ratings.rating_of(other) is None


# -- keys --------------------------------------------------------------------------------------


def test_links_on_paper_outlive_a_rotation_of_the_key(rooms: Rooms, clock: MovedClock) -> None:
    rooms.desk.open(1)
    ticket = rooms.take()
    old = rooms.book.link(ticket)
    rooms.serve(1)
    rooms.book.rotate_links()
    assert rooms.book.link(ticket) != old
    clock.move(hours=24 * 14)
    rooms.book.rotate_links()
    rooms.book.rate_by_link(old.removeprefix("/r/"), "satisfied")
    clock.move(hours=24 * 31)
    rooms.book.rotate_links()
    rooms.book.rotate_links()
    with pytest.raises(NotFound):
        rooms.book.followed(old.removeprefix("/r/"))


def test_a_running_hall_learns_of_a_key_rotated_by_the_command(rooms: Rooms) -> None:
    from halls import open_rooms

    beside = open_rooms(rooms.store.path, rooms.clock)
    beside.book.rotate_links()
    ticket = rooms.take()
    old = rooms.book.link(ticket)
    rooms.book.tick()
    assert rooms.book.link(ticket) == beside.book.link(ticket) != old
    assert beside.book.followed(old.removeprefix("/r/"))["number"] == "A001"
    beside.store.close()
