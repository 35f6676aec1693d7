"""How a window's month becomes a score, and who stands before whom."""

from dataclasses import replace
from typing import Any

import pytest

from hall import config
from hall.config import BadConfig
from hall.refusals import NotAllowed, NotValid
from ranking import frozen, life, rules
from ranking.life import MAY_BECOME, Ranking, State, Verb
from ranking.rules import Facts, Mark, Part, Terms

TERMS = Terms()
MINUTE = 60_000
GOOD = Facts(
    *(1, "1号窗口", "民政局", "综合"),
    served=100,
    rated=50,
    bad=0,
    called=100,
    waited=100 * 5 * MINUTE,
    waited_long=0,
)


def points_of(part: Part, terms: Terms = TERMS, **changes: Any) -> int:
    return rules.scored(replace(GOOD, **changes), terms).points[part]


def order(*facts: Facts) -> list[tuple[int, int]]:
    return [(each.facts.window, each.rank) for each in rules.ranked(facts, TERMS)]


def window(no: int, **changes: Any) -> Facts:
    return replace(GOOD, window=no, name=f"{no}号窗口", **changes)


# -- points ------------------------------------------------------------------------------------


def test_a_month_without_a_fault_brings_a_hundred_points() -> None:
    assert sum(TERMS.weight(part) for part in Part) == 100
    assert rules.scored(GOOD, TERMS).score == 100_00


@pytest.mark.parametrize(
    ("part", "changes", "points"),
    [
        (Part.SATISFACTION, {"rated": 50, "bad": 0}, 40_00),
        (Part.SATISFACTION, {"rated": 50, "bad": 1}, 39_20),
        (Part.SATISFACTION, {"rated": 50, "bad": 50}, 0),
        (Part.WAITING, {"called": 100, "waited_long": 0}, 20_00),
        (Part.WAITING, {"called": 100, "waited_long": 25}, 15_00),
        (Part.WAITING, {"called": 0, "waited_long": 0}, 20_00),
        (Part.RECTIFICATION, {"due": 0, "in_time": 0}, 15_00),
        (Part.RECTIFICATION, {"due": 3, "in_time": 2}, 10_00),
        (Part.RECTIFICATION, {"due": 3, "in_time": 0}, 0),
        (Part.COMPLAINTS, {"complaints": 0}, 15_00),
        (Part.COMPLAINTS, {"complaints": 1}, 10_00),
        (Part.COMPLAINTS, {"complaints": 3}, 0),
        (Part.COMPLAINTS, {"complaints": 9}, 0),
        (Part.INSPECTION, {}, 10_00),
        (Part.INSPECTION, {"given": 85}, 8_50),
        (Part.INSPECTION, {"given": 0}, 0),
        (Part.INSPECTION, {"given": 85, "given_of": 20}, 4_25),
    ],
)
def test_each_part_is_its_share_of_its_weight(
    part: Part, changes: dict[str, Any], points: int
) -> None:
    assert points_of(part, **changes) == points


def test_weights_are_the_halls_own() -> None:
    own = Terms(satisfaction=60, waiting=0, rectification=20, complaints=20, inspection=0)
    assert points_of(Part.SATISFACTION, own, bad=25) == 30_00
    assert points_of(Part.WAITING, own, waited_long=50) == 0
    assert points_of(Part.COMPLAINTS, own, complaints=1) == 15_00


@pytest.mark.parametrize(
    ("numerator", "denominator", "weight", "points"),
    [
        (1, 3, 40, 13_33),
        (2, 3, 40, 26_67),
        (1, 800, 40, 5),
        (1, 1_600, 40, 3),  # 2.5 hundredths: half up
        (3, 1_600, 40, 8),  # 7.5 hundredths
        (99_999, 100_000, 40, 39_99),  # never all of it where one is missing
        (1, 100_000, 40, 1),  # and never nothing where there was one
        (0, 100_000, 40, 0),
        (5, 5, 40, 40_00),
        (0, 0, 40, 40_00),
        (3, 5, 0, 0),
    ],
)
def test_points_are_rounded_half_up_and_full_only_where_nothing_is_missing(
    numerator: int, denominator: int, weight: int, points: int
) -> None:
    assert rules.points(numerator, denominator, weight) == points


def test_the_score_is_the_sum_of_the_points_that_are_printed() -> None:
    thirds = replace(GOOD, rated=30, bad=10, called=3, waited_long=1, due=3, in_time=1, given=33)
    [row] = frozen.tables(rules.classes([thirds], TERMS), TERMS)[0]["ranked"]
    assert [part["points"] for part in row["parts"]] == ["26.67", "13.33", "5.00", "15.00", "3.30"]
    assert row["score"] == "63.30"


# -- the minimum -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("served", "rated", "why"),
    [
        (30, 10, ""),
        (29, 10, "办件 29 件，少于 30 件"),
        (30, 9, "有效评价 9 条，少于 10 条"),
        (0, 0, "办件 0 件，少于 30 件；有效评价 0 条，少于 10 条"),
    ],
)
def test_a_window_below_the_minimum_stands_apart_with_the_reason(
    served: int, rated: int, why: str
) -> None:
    facts = window(7, served=served, rated=rated)
    assert rules.why_apart(facts, TERMS) == why
    [found] = rules.classes([facts], TERMS)
    assert len(found.ranked) == (not why)
    assert [each.reason for each in found.apart] == ([why] if why else [])


def test_the_minimum_is_a_setting() -> None:
    assert not rules.why_apart(
        window(1, served=3, rated=1), Terms(least_services=3, least_ratings=1)
    )


def test_weights_that_do_not_add_up_to_a_hundred_stop_the_start() -> None:
    own = {"satisfaction": 50, "waiting": 10}
    assert Terms(**config.from_dict({"ranking": own}).ranking.model_dump()).satisfaction == 50
    with pytest.raises(BadConfig, match="合计须为 100，现为 110"):
        config.from_dict({"ranking": {"satisfaction": 50}})


# -- places ------------------------------------------------------------------------------------


def test_the_higher_score_stands_first() -> None:
    assert order(window(1, complaints=1), window(2)) == [(2, 1), (1, 2)]


def test_of_equal_scores_more_ratings_stand_first() -> None:
    assert order(window(1, rated=50), window(2, rated=51)) == [(2, 1), (1, 2)]


def test_of_equal_scores_and_ratings_fewer_bad_ones_stand_first() -> None:
    # five bad ratings of fifty cost 4.00 points, and so do twenty long waits of a hundred
    worse = window(1, bad=5)
    equal = window(2, waited_long=20)
    assert rules.scored(worse, TERMS).score == rules.scored(equal, TERMS).score
    assert order(worse, equal) == [(2, 1), (1, 2)]


def test_of_equal_scores_ratings_and_bad_ones_the_shorter_wait_stands_first() -> None:
    slower = window(1, called=100, waited=100 * 6 * MINUTE)
    quicker = window(2, called=200, waited=200 * 5 * MINUTE)
    assert order(slower, quicker) == [(2, 1), (1, 2)]


def test_equals_share_a_rank_and_the_next_is_left_out() -> None:
    three = order(window(3), window(1), window(2, bad=1), window(4))
    assert three == [(1, 1), (3, 1), (4, 1), (2, 4)]


def test_first_and_last_are_marked_and_all_equals_of_them() -> None:
    found = rules.ranked([window(1), window(2), window(3, bad=1), window(4, bad=2)], TERMS)
    assert [each.mark for each in found] == [Mark.BEST, Mark.BEST, Mark.NONE, Mark.WORST]


@pytest.mark.parametrize("facts", [[], [window(1)], [window(1), window(2)]])
def test_nobody_is_best_or_worst_where_all_are_equal(facts: list[Facts]) -> None:
    assert all(each.mark is Mark.NONE for each in rules.ranked(facts, TERMS))


def test_only_windows_of_one_class_are_compared() -> None:
    found = rules.classes(
        [
            window(5, category=""),
            window(4, category="夜间"),
            window(3, category="单一"),
            window(2, category="专业", bad=9),
            window(1, category="综合"),
            window(6, category="专业"),
        ],
        TERMS,
    )
    assert [each.name for each in found] == ["综合", "专业", "单一", "夜间", "未分类"]
    assert [each.rank for each in found[0].ranked] == [1]
    assert [(each.facts.window, each.rank) for each in found[1].ranked] == [(6, 1), (2, 2)]


# -- what an inspector gives -------------------------------------------------------------------


@pytest.mark.parametrize(("text", "tenths"), [("10", 100), ("8.5", 85), (" 0 ", 0), ("9.0", 90)])
def test_points_are_written_with_one_decimal_at_most(text: str, tenths: int) -> None:
    assert rules.read_points(text, 10) == tenths


@pytest.mark.parametrize("text", ["", "11", "10.1", "8.55", "-1", "8,5", "八", "٣", "9.", "1e1"])
def test_points_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(NotValid) as refused:
        rules.read_points(text, 10)
    assert refused.value.code == "bad_points"


# -- the life of a ranking ---------------------------------------------------------------------

DRAFTED = Ranking(1, "2026-10", 1, State.DRAFT, "", "{}", "", "9001", 0)


def test_a_published_ranking_becomes_nothing_else() -> None:
    assert set(MAY_BECOME) == set(State)
    assert not any(MAY_BECOME[each] for each in (State.PUBLISHED, State.RETURNED, State.REPLACED))


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("verb", [Verb.SIGN, Verb.RETURN, Verb.PUBLISH, Verb.REPLACE])
def test_only_the_steps_of_the_table_are_taken(state: State, verb: Verb) -> None:
    ranking = replace(DRAFTED, state=state)
    if verb in MAY_BECOME[state]:
        assert life.becomes(ranking, verb, "2005") is MAY_BECOME[state][verb]
    else:
        with pytest.raises(NotAllowed):
            life.becomes(ranking, verb, "2005")


def test_nobody_publishes_what_no_leader_signed() -> None:
    with pytest.raises(NotAllowed) as refused:
        life.becomes(DRAFTED, Verb.PUBLISH, "9001")
    assert refused.value.code == "wrong_state"


def test_nobody_signs_their_own_draft() -> None:
    with pytest.raises(NotAllowed) as refused:
        life.becomes(DRAFTED, Verb.SIGN, "9001")
    assert refused.value.code == "own_draft"


@pytest.mark.parametrize(
    ("verb", "role", "may"),
    [
        (Verb.DRAFT, "manager", True),
        (Verb.DRAFT, "leader", False),
        (Verb.SIGN, "leader", True),
        (Verb.SIGN, "manager", False),
        (Verb.SIGN, "inspector", False),
        (Verb.PUBLISH, "manager", True),
        (Verb.PUBLISH, "inspector", False),
        (Verb.GIVE, "inspector", True),
        (Verb.GIVE, "manager", False),
        (Verb.FIND, "leader", False),
    ],
)
def test_each_does_their_own_part(verb: Verb, role: str, *, may: bool) -> None:
    if may:
        life.check_role(verb, role)
    else:
        with pytest.raises(NotAllowed) as refused:
            life.check_role(verb, role)
        assert refused.value.code == "not_yours"


def test_a_month_is_ranked_when_it_is_over() -> None:
    life.check_over("2026-10", "2026-11")
    for month in ("2026-11", "2026-12"):
        with pytest.raises(NotAllowed):
            life.check_over(month, "2026-11")
    with pytest.raises(NotValid):
        life.check_over("2026-13", "2026-11")


def test_a_correction_needs_a_reason_and_a_first_version_none() -> None:
    assert life.check_reason(1, "x") == ""
    assert life.check_reason(2, " 漏计一天 ") == "漏计一天"
    with pytest.raises(NotValid):
        life.check_reason(2, " ")


# -- the frozen text ---------------------------------------------------------------------------


def test_the_places_of_a_version_follow_from_its_own_facts() -> None:
    content = frozen.read(frozen.text_of("2026-10", 1, [window(1, bad=1), window(2)], TERMS))
    assert frozen.is_worked_out(content)
    content["classes"][0]["ranked"][0]["score"] = "99.99"
    assert not frozen.is_worked_out(content)


def test_one_letter_more_is_another_hash() -> None:
    text = frozen.text_of("2026-10", 1, [window(1)], TERMS)
    assert text == frozen.text_of("2026-10", 1, [window(1)], TERMS)
    other = frozen.text_of("2026-10", 1, [window(1, bad=1)], TERMS)
    assert frozen.seal_of(text) != frozen.seal_of(other)
    assert len(frozen.seal_of(text)) == 64


def test_what_differs_today_is_told_by_window() -> None:
    content = frozen.read(frozen.text_of("2026-10", 1, [window(1), window(2)], TERMS))
    assert not frozen.differences(content, [window(1), window(2)])
    found = frozen.differences(content, [window(1, rated=51, given=85), window(3, rated=0)])
    told = [each.words for each in found]
    assert told[:2] == ["1号窗口：有效评价 50 → 51", "1号窗口：巡查与考勤 无 → 8.5"]
    assert "3号窗口：类别 无 → 综合" in told
    assert told[-1] == "2号窗口：窗口 有 → 无"
