"""Whose turn it is and why, and how long the others wait."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hall.line import (
    Attending,
    AtWindow,
    Basis,
    InLine,
    choose,
    expected_wait,
    free_in,
    in_order,
    minutes_per_visit,
    place_after,
    shares,
)

NOW = 1_000_000
WINDOW = AtWindow(3, helping=("helped",), granted=("military", "elder"))


def waits(number: int, service: str = "own", **more: Any) -> InLine:
    """Return somebody who waits; the number is the arrival."""
    after = more.pop("after", number)
    return InLine(number, f"A{number:03d}", service, after, **more)


def chosen(*waiting: InLine, jumped: int = 0) -> tuple[str, Basis] | None:
    choice = choose(waiting, WINDOW, NOW, jumped)
    return (choice.ticket.number, choice.basis) if choice else None


def test_nobody_is_next_where_nobody_waits() -> None:
    assert chosen() is None


@pytest.mark.parametrize(
    ("waiting", "number", "basis"),
    [
        ([waits(8), waits(3)], "A003", Basis.ARRIVAL),
        ([waits(3), waits(8, slot_at=NOW)], "A008", Basis.APPOINTMENT),
        ([waits(3), waits(8, slot_at=NOW + 1)], "A003", Basis.ARRIVAL),
        ([waits(3), waits(8, slot_at=9), waits(9, slot_at=5)], "A009", Basis.APPOINTMENT),
        ([waits(3, slot_at=NOW), waits(8, via="transfer")], "A008", Basis.TRANSFERRED),
        ([waits(3, via="transfer"), waits(8, pinned="孩子发烧")], "A008", Basis.PINNED),
        ([waits(3, pinned="急"), waits(8, priority="elder")], "A008", Basis.PRIORITY),
        ([waits(3, priority="elder"), waits(8, priority="military")], "A008", Basis.PRIORITY),
        ([waits(8, priority="elder"), waits(3, priority="elder")], "A003", Basis.PRIORITY),
        ([waits(3, priority="military"), waits(8, own_window=3)], "A008", Basis.OWN),
        ([waits(3, own_window=4), waits(8)], "A008", Basis.ARRIVAL),
        ([waits(3, "helped"), waits(8)], "A008", Basis.ARRIVAL),
        ([waits(3, "helped"), waits(2, "helped")], "A002", Basis.ARRIVAL),
        ([waits(3), waits(8, "helped", own_window=3)], "A008", Basis.OWN),
        ([waits(2, after=5, turn=90), waits(5), waits(6)], "A005", Basis.ARRIVAL),
        ([waits(2, after=5, turn=90), waits(6)], "A002", Basis.ARRIVAL),
        ([waits(2, after=5, turn=91), waits(1, after=5, turn=90)], "A001", Basis.ARRIVAL),
    ],
    ids=[
        "who came first",
        "an appointment whose slot has begun goes before",
        "an appointment whose slot has not begun waits by arrival",
        "of two appointments the earlier slot",
        "who was transferred here goes before appointments",
        "a pin goes before a transfer",
        "a priority class goes before a pin",
        "the classes in the hall's order",
        "within a class by arrival",
        "what is the window's own goes before all",
        "what is another window's own is not called here",
        "services it only helps with come last",
        "and are called when nobody else waits",
        "its own goes first even in a service it only helps with",
        "who came back stands behind three others",
        "and before who came after those",
        "of two behind the same, who came back first",
    ],
)
def test_who_is_next(waiting: list[InLine], number: str, basis: Basis) -> None:
    assert chosen(*waiting) == (number, basis)
    assert chosen(*reversed(waiting)) == (number, basis), "the order of the rows says nothing"


def test_after_three_that_jumped_the_line_the_first_of_the_line_is_called() -> None:
    waiting = [waits(3), waits(8, priority="elder"), waits(9, priority="military")]
    assert chosen(*waiting, jumped=2) == ("A009", Basis.PRIORITY)
    assert chosen(*waiting, jumped=3) == ("A003", Basis.FAIRNESS)


@pytest.mark.parametrize(
    ("waiting", "why"),
    [
        ([waits(3)], "取号先后"),
        ([waits(3, priority="elder")], "优先（老年人）"),
        ([waits(12), waits(13, slot_at=NOW)], "先于 A012，因为：预约时段已到"),
        ([waits(12), waits(13, pinned="孩子发烧")], "先于 A012，因为：置顶（孩子发烧）"),
        ([waits(12), waits(13, own_window=3)], "先于 A012，因为：回到本窗口"),
        ([waits(12), waits(13, priority="elder")], "先于 A012，因为：优先（老年人）"),
    ],
)
def test_the_choice_says_before_whom_and_because_of_what(waiting: list[InLine], why: str) -> None:
    choice = choose(waiting, WINDOW, NOW)
    assert choice is not None
    assert choice.why == why


def test_who_is_first_anyway_has_jumped_nobody() -> None:
    choice = choose([waits(3, priority="elder"), waits(8)], WINDOW, NOW)
    assert choice is not None
    assert not choice.jumped


people = st.builds(
    waits,
    st.integers(1, 60),
    st.sampled_from(["own", "also", "helped"]),
    priority=st.sampled_from(["", "", "", "elder", "military"]),
    pinned=st.sampled_from(["", "", "", "急"]),
    via=st.sampled_from(["", "", "transfer", "return"]),
    own_window=st.sampled_from([None, None, None, 3, 4]),
    slot_at=st.sampled_from([None, None, NOW - 5, NOW + 5]),
)


def is_special(each: InLine) -> bool:
    own = each.own_window is not None or each.slot_at is not None
    return bool(own or each.priority or each.pinned or each.via)


@given(st.lists(people, max_size=30, unique_by=lambda each: each.id), st.integers(0, 4))
def test_the_first_of_each_line_and_who_may_jump_are_enough_to_choose(
    waiting: list[InLine], jumped: int
) -> None:
    """The store hands over only these, so that 2,000 who wait cost no more than 20."""
    plain: dict[str, InLine] = {}
    for each in sorted(waiting, key=lambda each: each.place):
        if each.own_window is None:
            plain.setdefault(each.service, each)
    few = {each.id: each for each in [*plain.values(), *filter(is_special, waiting)]}
    assert choose(few.values(), WINDOW, NOW, jumped) == choose(waiting, WINDOW, NOW, jumped)


@given(st.lists(people, max_size=20, unique_by=lambda each: each.id))
def test_the_line_shown_to_the_clerk_is_the_order_of_calls(waiting: list[InLine]) -> None:
    may_come = [each for each in waiting if each.own_window in (None, 3)]
    order = in_order(may_come, WINDOW, NOW)
    for first in order:
        choice = choose(may_come, WINDOW, NOW)
        assert choice is not None
        assert choice.ticket == first
        may_come.remove(first)


@pytest.mark.parametrize(
    ("line", "places", "own", "after"),
    [
        ([], 3, 5, 5),
        ([(7, 0), (8, 0), (9, 0), (11, 0)], 3, 5, 9),
        ([(7, 0), (8, 0)], 3, 5, 8),
        ([(7, 0), (8, 0), (9, 0)], None, 5, 9),
        ([(1, 0), (2, 0), (3, 0)], 3, 5, 5),
        ([(7, 0), (7, 90), (8, 0)], 2, 5, 7),
        ([(7, 0)], 0, 5, 5),
    ],
    ids=[
        "nobody waits",
        "behind three others",
        "behind all of two",
        "at the end of the line",
        "never before the own arrival",
        "others who came back count too",
        "no places: back to the own arrival",
    ],
)
def test_where_somebody_stands_who_comes_back(
    line: list[tuple[int, int]], places: int | None, own: int, after: int
) -> None:
    assert place_after(line, places, own) == after


MINUTE = 60_000


@pytest.mark.parametrize(
    ("ahead", "minutes", "free", "wait"),
    [
        (5, 10.0, [], None),
        (0, 10.0, [0.0], 0),
        (0, 10.0, [7.0], 7),
        (1, 10.0, [0.0], 10),
        (1, 10.0, [0.0, 0.0], 0),
        (3, 10.0, [4.0, 6.0], 16),
        (7, 3.5, [1.0, 2.0, 3.0], 9),
        (0.4, 10.0, [2.0], 2),
        (0.6, 10.0, [2.0], 12),
        (200, 6.0, [0.0, 0.0], 600),
    ],
    ids=[
        "no window open: nobody can say",
        "an idle window takes you at once",
        "the one window is free in seven minutes",
        "the idle window takes the one ahead",
        "two idle windows, one ahead",
        "each takes the window that is free first",
        "rounded up to whole minutes",
        "hardly anybody beside",
        "of those beside more than half of one",
        "a line beyond all measure",
    ],
)
def test_the_expected_wait(
    ahead: float, minutes: float, free: list[float], wait: int | None
) -> None:
    told = expected_wait(ahead, minutes, free)
    assert (told.minutes if told else None) == wait
    if told:
        assert told.least <= told.minutes <= told.most


def test_the_range_is_wider_the_longer_the_wait_and_narrower_with_more_windows() -> None:
    def width(ahead: int, windows: int) -> int:
        told = expected_wait(ahead * windows, 10.0, [5.0] * windows)
        assert told is not None
        return told.most - told.least

    assert width(0, 1) < width(4, 1) < width(16, 1)
    assert width(4, 4) < width(4, 1)


def test_a_paused_window_attends_nobody_and_a_late_visit_is_nearly_done() -> None:
    windows = [
        Attending(1, "open", 100 * MINUTE - 4 * MINUTE, "own"),
        Attending(2, "open"),
        Attending(3, "paused"),
        Attending(4, "closed"),
        Attending(5, "open", 100 * MINUTE - 40 * MINUTE, "own"),
        Attending(6, "open", 100 * MINUTE - 4 * MINUTE, "longer"),
    ]
    minutes = {"own": 10.0, "longer": 30.0}
    assert free_in(windows, minutes.__getitem__, 100 * MINUTE) == [6.0, 0.0, 4.0, 26.0]


def test_who_waits_beside_counts_by_the_share_of_their_windows_that_are_mine() -> None:
    windows = {"mine": [1, 2], "beside": [2, 3, 4], "elsewhere": [4], "closed": []}
    served = {1: ["mine"], 2: ["mine", "beside"], 3: ["beside"], 4: ["elsewhere", "beside"]}
    assert dict(shares("mine", windows, served)) == {"beside": pytest.approx(1 / 3)}
    told = shares("beside", windows, served)
    assert dict(told) == {"mine": pytest.approx(1 / 2), "elsewhere": 1.0}
    assert shares("closed", windows, served) == ()


@pytest.mark.parametrize(
    ("recent", "minutes"),
    [([], 8.0), ([18.0], 10.0), ([10.0] * 5, 10.0), ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 3.5)],
)
def test_few_recent_visits_lean_on_the_usual_length(recent: list[float], minutes: float) -> None:
    assert minutes_per_visit(recent, 8.0) == pytest.approx(minutes)
