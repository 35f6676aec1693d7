"""What a hall consists of, and everything that can be wrong with it."""

from dataclasses import replace

import pytest
from halls import SMALL_HALL

from hall.catalogue import Catalogue, Device, Problem, problems


def test_the_small_hall_is_right() -> None:
    assert problems(SMALL_HALL) == []


def _with(sheet: str, row: int, **changes: object) -> Catalogue:
    items = list(getattr(SMALL_HALL, sheet))
    items[row] = replace(items[row], **changes)
    return replace(SMALL_HALL, **{sheet: tuple(items)})


@pytest.mark.parametrize(
    ("sheet", "row", "changes", "column"),
    [
        ("departments", 0, {"code": "有空格 的"}, "code"),
        ("departments", 1, {"code": "MZ"}, "code"),
        ("departments", 1, {"name": "  "}, "name"),
        ("departments", 1, {"name": "长" * 61}, "name"),
        ("zones", 0, {"name": ""}, "name"),
        ("services", 0, {"prefix": "a"}, "prefix"),
        ("services", 0, {"prefix": "ABC"}, "prefix"),
        ("services", 0, {"department": "XX"}, "department"),
        ("services", 0, {"usual_minutes": 0}, "usual_minutes"),
        ("services", 0, {"target_minutes": 601}, "target_minutes"),
        ("windows", 0, {"no": 0}, "no"),
        ("windows", 0, {"no": 2}, "no"),
        ("windows", 0, {"zone": "9F"}, "zone"),
        ("windows", 0, {"department": "XX"}, "department"),
        ("windows", 0, {"services": ("ghost",)}, "services"),
        ("windows", 0, {"services": ("marriage", "marriage")}, "services"),
        ("people", 0, {"role": "boss"}, "role"),
        ("people", 0, {"window": 99}, "window"),
        ("people", 0, {"department": "XX"}, "department"),
        ("people", 1, {"staff_number": "1001"}, "staff_number"),
    ],
)
def test_each_mistake_is_told_with_its_row_and_column(
    sheet: str, row: int, changes: dict[str, object], column: str
) -> None:
    found = problems(_with(sheet, row, **changes))
    assert (sheet, column) in {(each.sheet, each.column) for each in found}
    assert all(each.message.endswith("。") for each in found)


def test_all_mistakes_are_told_at_once() -> None:
    wrong = replace(
        _with("departments", 0, name=""), devices=(Device(None, "evaluator", "评价器"),)
    )
    assert {(each.sheet, each.column) for each in problems(wrong)} == {
        ("departments", "name"),
        ("devices", "window"),
    }


def test_a_problem_names_the_row_it_stands_in() -> None:
    found = problems(_with("services", 2, prefix="1"))
    assert found == [Problem("services", 2, "prefix", "号码前缀须为一个或两个大写字母。")]


def test_a_service_is_called_in_the_zones_of_its_active_windows() -> None:
    assert SMALL_HALL.zones_of["advice"] == ("1F", "2F")
    assert SMALL_HALL.zones_of["estate"] == ("2F",)
    assert SMALL_HALL.zones_of["nowhere"] == ()
    closed = _with("windows", 3, active=False)
    assert closed.zones_of["advice"] == ("1F",)
