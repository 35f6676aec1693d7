"""ID numbers and names: checked, hashed, masked."""

from datetime import date

import pytest

from hall import identity
from hall.refusals import NotValid

# made up, with right check characters
RIGHT = ["11010519491231002X", "440524188001010014"]


@pytest.mark.parametrize("number", [*RIGHT, "11010519491231002x", " 440524188001010014 "])
def test_a_right_number_is_taken_as_it_is_written(number: str) -> None:
    assert identity.check_id_number(number) == number.strip().upper()


@pytest.mark.parametrize(
    "number",
    ["", "110105194912310021", "11010519491331002X", "1101051949123100", "abc", "１" * 18],
)
def test_a_wrong_number_is_refused_and_nobody_needs_one(number: str) -> None:
    with pytest.raises(NotValid, match=r"也可以不填|日期不存在") as refused:
        identity.check_id_number(number)
    assert refused.value.code == "bad_id_number"


@pytest.mark.parametrize(
    ("today", "years"), [("2026-12-30", 76), ("2026-12-31", 77), ("2027-01-01", 77)]
)
def test_the_age_is_counted_from_the_birthday(today: str, years: int) -> None:
    assert identity.age(RIGHT[0], date.fromisoformat(today)) == years


def test_a_person_has_another_hash_every_day_and_in_every_hall() -> None:
    hashes = {
        identity.person_hash(key, RIGHT[0], day)
        for key in (b"one", b"two")
        for day in ("2026-11-20", "2026-11-21")
    }
    assert len(hashes) == 4
    assert all(RIGHT[0] not in each and len(each) == 32 for each in hashes)


@pytest.mark.parametrize(("name", "shown"), [("张敏", "张*"), ("欧阳慧敏", "欧*"), ("", "")])
def test_a_name_is_shown_by_its_first_character_only(name: str, shown: str) -> None:
    assert identity.masked(name) == shown
