"""The five levels are names; digits mean opposite things in different interfaces."""

import pytest

from hall.refusals import NotValid
from rating.levels import (
    LEVEL_OF_KEY,
    LEVELS,
    SCORES,
    Level,
    Tag,
    level_of,
    level_said,
    tags_given,
)


def test_there_are_five_levels_and_the_last_two_are_bad() -> None:
    assert [level.chinese for level in LEVELS] == [
        "非常满意",
        "满意",
        "基本满意",
        "不满意",
        "非常不满意",
    ]
    assert [level.is_bad for level in LEVELS] == [False, False, False, True, True]
    assert [SCORES[level] for level in LEVELS] == [5, 4, 3, 2, 1]


def test_the_evaluators_keys_are_a_table_of_their_own() -> None:
    assert LEVEL_OF_KEY["1"] is Level.VERY_SATISFIED
    assert LEVEL_OF_KEY["5"] is Level.VERY_DISSATISFIED
    assert sorted(LEVEL_OF_KEY.values()) == sorted(LEVELS)


@pytest.mark.parametrize("text", ["5", "1", "", "非常满意", "VERY_SATISFIED", "great"])
def test_a_level_is_told_by_its_name_only(text: str) -> None:
    with pytest.raises(NotValid) as refused:
        level_of(text)
    assert refused.value.code == "unknown_level"


OFFERED = [Tag(2, Level.SATISFIED, code, True, f"标签{code}") for code in ("406", "407")]


def test_a_tag_given_twice_counts_once_and_a_strange_one_is_refused() -> None:
    assert [tag.code for tag in tags_given(OFFERED, ["407", "406", "407"])] == ["407", "406"]
    with pytest.raises(NotValid) as refused:
        tags_given(OFFERED, ["406", "510"])
    assert refused.value.code == "unknown_tag"


def test_a_file_with_an_unknown_level_is_told_what_people_write_there() -> None:
    """Found by a stranger: the page of an import spoke of very_satisfied."""
    with pytest.raises(NotValid) as refusal:
        level_said("6")
    assert "非常满意、满意、基本满意、不满意、非常不满意" in refusal.value.message
    assert "very_satisfied" not in refusal.value.message
