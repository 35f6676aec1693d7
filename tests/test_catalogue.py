"""What a hall consists of, and everything that can be wrong with it."""

from dataclasses import replace

import pytest
from halls import SMALL_HALL

from hall.catalogue import Catalogue, Device, HallText, Matter, Problem
from hall.catalogue_rules import problems


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
        ("people", 0, {"post": "岗" * 41}, "post"),
        ("services", 0, {"name_en": "x" * 121}, "name_en"),
        ("windows", 0, {"category": "综" * 21}, "category"),
    ],
)
def test_each_mistake_is_told_with_its_row_and_column(
    sheet: str, row: int, changes: dict[str, object], column: str
) -> None:
    found = problems(_with(sheet, row, **changes))
    assert (sheet, column) in {(each.sheet, each.column) for each in found}
    assert all(each.message.endswith("。") for each in found)


PROMISED = Matter("M1", "内地居民结婚登记补领", "marriage", "promised", 5, 20, ("window", "online"))


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({}, ""),
        ({"kind": "at_once", "promised_days": 0}, ""),
        ({"statutory_days": 0, "promised_days": 400}, ""),
        ({"ways": ()}, ""),
        ({"active": False, "service": "ghost"}, ""),  # its service left the hall
        ({"code": "M 1"}, "code"),
        ({"name": " "}, "name"),
        ({"name": "长" * 101}, "name"),
        ({"service": "ghost"}, "service"),
        ({"kind": "quick"}, "kind"),
        ({"kind": "at_once"}, "promised_days"),  # what is done at once has no limit to promise
        ({"promised_days": 0}, "promised_days"),
        ({"promised_days": 21}, "promised_days"),
        ({"promised_days": -1}, "promised_days"),
        ({"statutory_days": 401}, "statutory_days"),
        ({"ways": ("window", "pigeon")}, "ways"),
        ({"ways": ("window", "window")}, "ways"),
    ],
)
def test_a_matter_promises_no_more_than_the_law_gives(
    changes: dict[str, object], column: str
) -> None:
    # each case names fields of one matter, of several types
    matter = replace(PROMISED, **changes)  # type: ignore[arg-type]
    found = problems(replace(SMALL_HALL, matters=(matter,)))
    assert [(each.sheet, each.column) for each in found] == (
        [("matters", column)] if column else []
    )


@pytest.mark.parametrize(
    ("text", "column"),
    [
        (HallText("slip_foot", text="请保管好号票", text_en="Please keep this slip"), ""),
        (HallText("display_notice", "1F", "一楼请在黄线外等候"), ""),
        (HallText("slip_foot", text="票" * 40), ""),
        (HallText("slip_foot", text="票" * 41), "text"),
        (HallText("slip_foot", text="票", text_en="x" * 81), "text_en"),
        (HallText("slip_foot", text_en="Please keep this slip"), "text"),
        (HallText("display_notice", text="请安静", text_en="Quiet"), "text_en"),
        (HallText("display_notice", "9F", "请安静"), "zone"),
        (HallText("slip_foot", "1F", "请保管好号票"), "zone"),
        (HallText("roof", text="请安静"), "place"),
    ],
)
def test_words_of_the_halls_own_fit_where_they_are_shown(text: HallText, column: str) -> None:
    found = problems(replace(SMALL_HALL, texts=(text,)))
    assert [(each.sheet, each.column) for each in found] == ([("texts", column)] if column else [])


def test_a_place_has_one_text_for_the_hall_and_one_for_each_zone() -> None:
    texts = (HallText("display_notice", text="请安静"), HallText("display_notice", "1F", "请排队"))
    assert problems(replace(SMALL_HALL, texts=texts)) == []
    (twice,) = problems(replace(SMALL_HALL, texts=(*texts, texts[1])))
    assert (twice.row, twice.column) == (2, "place")
    assert "两次" in twice.message


def test_a_zones_own_words_stand_before_those_of_the_hall() -> None:
    hall = replace(
        SMALL_HALL,
        texts=(
            HallText("display_notice", "", "请取号"),
            HallText("display_notice", "2F", "请安静"),
        ),
    )
    assert [hall.words("display_notice", zone) for zone in ("1F", "2F")] == ["请取号", "请安静"]
    assert SMALL_HALL.words("display_notice", "1F") == ""


def test_what_is_not_known_is_told_with_what_may_have_been_meant() -> None:
    (near,) = problems(_with("services", 0, department="MZZ"))
    assert near.message == "没有部门“MZZ”。可能是：MZ（民政局）。"
    (far,) = problems(_with("services", 0, department="rocket"))
    assert far.message == "没有部门“rocket”。请写已有的部门的代码或名称。"


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


@pytest.mark.parametrize(
    ("by", "key", "department"),
    [
        ("window", "3", "不动产登记中心"),
        ("clerk", "1001", "民政局"),
        ("clerk", "9001", ""),
        ("service", "estate", "不动产登记中心"),
        ("zone", "1F", ""),
        ("window", "四", ""),
    ],
)
def test_a_figure_stands_beside_the_department_it_belongs_to(
    by: str, key: str, department: str
) -> None:
    assert SMALL_HALL.department_of(by, key) == department
