"""The month's bulletin: what it says is what the month's table says, and nobody is named in it."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from case_hall import HALL_WITH_HANDLERS, MANAGER, PHONE, CaseHall
from halls import MovedClock, open_rooms

from booking.bookings import Bookings
from cases.cases import Cases
from complaints.complaints import Complaints
from hall import config
from hall.refusals import NotAllowed, NotValid
from monitor.monitor import Monitor
from rating.levels import LEVELS
from reports import bulletin, charts
from reports.bulletin import Bulletin
from reports.bulletins import Bulletins
from reports.charts import Bar, Line
from reports.facts import Grid, Part
from reports.wording import Words, words_of

MONTH = "2026-11"
NASTY = "<script>alert(1)</script>\"'&{{ 7*7 }}"


@dataclass
class BulletinHall:
    """A hall whose bad ratings are followed up, and its bulletins."""

    people: CaseHall
    bulletins: Bulletins

    def made(self) -> Bulletin:
        return self.bulletins.bulletin(MONTH)

    def part(self, title: str) -> Part:
        return next(each for each in self.made().parts if title in each.title)


@pytest.fixture
def hall(tmp_path: Path, clock: MovedClock) -> Iterator[BulletinHall]:
    rooms = open_rooms(tmp_path / "hall.db", clock, HALL_WITH_HANDLERS)
    told = config.from_dict({})
    ground = (rooms.store, rooms.register, rooms.desk)
    cases = Cases(*ground, rooms.book, told, clock)
    Complaints(*ground, told, clock)
    Monitor(*ground, told, clock)
    Bookings(*ground, told, clock)
    yield BulletinHall(CaseHall(rooms, cases), Bulletins(*ground, rooms.book, told, clock))
    rooms.store.close()


def rows(grid: Grid) -> list[list[str]]:
    return [[cell.text for cell in row] for row in grid.rows]


def main_table(hall: BulletinHall) -> dict[str, list[str]]:
    return {name: rest for name, *rest in rows(hall.part("总体情况").grids[0])}


# -- the figures -------------------------------------------------------------------------------


def test_its_figures_are_those_of_the_month(hall: BulletinHall) -> None:
    levels = ("very_satisfied", "satisfied", "basically_satisfied", "dissatisfied")
    for level in levels:
        hall.people.rate(level)
    hall.people.visit()
    totals = hall.people.rooms.book.month(MONTH).totals
    assert (totals["rated"], totals["served"]) == (4, 5)
    told = main_table(hall)
    assert told["办件"][0] == "5"
    assert told["主动评价量（有效评价）"][0] == "4"
    assert told["主动评价率"][:2] == ["80.00%", "4/5"]
    assert told["满意率"][:2] == ["75.00%", "3/4"]
    assert told["平均分（十分制）"][0] == "7.00"
    counted = {name: text for name, text, *_ in rows(hall.part("评价等级").grids[0])}
    assert counted["非常满意"] == "1"
    assert counted["非常不满意（差评）"] == "0"
    text = hall.part("总体情况").paragraphs[0]
    assert "满意率75.00%（3/4）" in text
    assert "主动评价率80.00%（4/5）" in text


def test_every_table_adds_up_to_its_total(hall: BulletinHall) -> None:
    for level in LEVELS:
        hall.people.rate(level.value)
    hall.people.rate("satisfied", window=3, service="estate", channel="evaluator")
    grids = [grid for part in hall.made().parts for grid in part.grids if grid.total]
    assert len(grids) == 4
    for grid in grids:
        column = next(at for at, head in enumerate(grid.heads) if head.startswith("有效评价"))
        assert sum(int(row[column].text) for row in grid.rows) == int(grid.total[column].text) == 6


def test_it_is_compared_with_the_month_before_and_the_year_before(hall: BulletinHall) -> None:
    hall.people.rate("very_satisfied")
    assert main_table(hall)["满意率"][2:] == ["—", "—", "—", "—"], "there is no base"
    hall.people.go_to("2026-12-21 10:00")
    hall.people.rate("very_satisfied")
    hall.people.rate("dissatisfied")
    december = hall.bulletins.bulletin("2026-12").parts[0]
    told = {name: rest for name, *rest in rows(december.grids[0])}
    assert told["满意率"][0] == "50.00%"
    assert told["满意率"][2] == "100.00%"
    assert "50" in told["满意率"][3]
    assert "百分点" in told["满意率"][3]
    assert told["主动评价量（有效评价）"][2:4][0] == "1"


def test_a_month_without_anything_says_so_in_a_sentence_and_has_no_tables(
    hall: BulletinHall,
) -> None:
    made = hall.made()
    assert [each.title for each in made.parts] == ["一、总体情况", "附件1　统计口径说明"]
    assert made.parts[0].paragraphs == ["本月没有取号和办件，也没有收到评价。"]
    assert not any(each.grids for each in made.parts)


def test_a_month_of_visits_that_nobody_rated_has_its_zeros(hall: BulletinHall) -> None:
    hall.people.visit()
    made = hall.made()
    assert main_table(hall)["满意率"][:2] == ["—", "0/0"]
    assert "没有收到有效评价" in hall.part("评价渠道").paragraphs[0]
    assert "没有需要办理的差评" in hall.part("差评").paragraphs[0]
    assert len(made.parts[-2].grids[0].rows) == 4, "every window has its row, at zero too"
    assert hall.part("走势").chart == "", "one month is no course"


def test_a_month_that_is_none_or_has_not_begun_has_no_bulletin(hall: BulletinHall) -> None:
    with pytest.raises(NotValid):
        hall.bulletins.bulletin("2026-13")
    with pytest.raises(NotAllowed, match="2026年12月还没有开始"):
        hall.bulletins.bulletin("2026-12")


def test_what_became_of_each_bad_rating_stands_in_it_and_who_gave_it_does_not(
    hall: BulletinHall,
) -> None:
    case = hall.people.answered(PHONE)
    hall.people.revisit(case, "satisfied")
    hall.people.bad(PHONE, text="我叫张三丰")
    grid = hall.part("附件1").grids[0]
    done, fresh = rows(grid)
    assert done[-1].startswith("已办结")
    assert "已增开窗口，感谢监督。" in done[-1]
    assert fresh[-1].startswith("待")
    told = "".join(cell for row in (done, fresh) for cell in row)
    for secret in (PHONE, "张三丰", "等了很久", "张敏"):
        assert secret not in told


def test_a_ranking_that_is_not_published_is_not_told(hall: BulletinHall) -> None:
    hall.people.visit()
    assert hall.part("窗口评比").paragraphs == ["本月窗口评比结果尚未发布。"]


def test_a_published_ranking_is_told_as_it_was_frozen(hall: BulletinHall) -> None:
    hall.people.visit()
    row = {
        "rank": 1,
        "mark": "最美窗口",
        "window": 1,
        "name": "1号窗口",
        "department": "民政局",
        "score": "96.0",
        "served": 120,
        "rated": 100,
        "bad": 2,
    }
    apart = {"window": 2, "name": "2号窗口", "department": "民政局", "reason": "办件不足"}
    ranking = {"version": 2, "classes": [{"name": "综合", "ranked": [row], "apart": [apart]}]}
    made = bulletin.bulletin(replace(hall.made().facts, ranking=ranking))
    part = next(each for each in made.parts if "窗口评比" in each.title)
    assert rows(part.grids[0]) == [
        ["1", "1号窗口", "民政局", "96.0", "120", "100", "2", "最美窗口"]
    ]
    assert "第2版" in part.paragraphs[0]
    assert "1个窗口" in part.notes[0]


def test_the_note_on_method_explains_every_figure_it_tells(hall: BulletinHall) -> None:
    hall.people.visit()
    notes = " ".join(hall.part("统计口径说明").notes)
    for name in main_table(hall):
        assert re.sub(r"（.*", "", name) in notes, name
    assert "四舍五入" in " ".join(hall.part("统计口径说明").paragraphs)


def test_the_parts_are_numbered_in_order(hall: BulletinHall) -> None:
    hall.bulletins.keep(MONTH, Words(remarks="抓紧整改。\n按时报送。"), MANAGER)
    hall.people.bad()
    titles = [each.title for each in hall.made().parts]
    assert [each[:2] for each in titles[:8]] == [f"{each}、" for each in "一二三四五六七八"]
    assert [each[:3] for each in titles[8:]] == ["附件1", "附件2", "附件3"]
    assert list(hall.part("工作要求").paragraphs) == ["抓紧整改。", "按时报送。"]


# -- what stands above it ----------------------------------------------------------------------


def test_the_document_s_number_is_kept_and_noted_once(hall: BulletinHall) -> None:
    words = Words("云政服〔2026〕11号", "总第23期", "各单位", "", "赵主任", "钱副局长")
    first = hall.bulletins.keep(MONTH, words, MANAGER)
    hall.people.clock.move(minutes=5)
    assert hall.bulletins.keep(MONTH, words, MANAGER) == first
    assert hall.made().issue == "总第23期"
    found = hall.people.rows("select who from journal where event = 'bulletin_worded'")
    assert found == [(MANAGER,)]
    assert hall.bulletins.bulletin("2026-10").issue == "2026年第10期", "another month has its own"


def test_a_text_that_is_too_long_is_refused_and_signs_of_control_are_dropped() -> None:
    assert words_of({"document": " 云\x00政\n号 "}).document == "云政 号"
    with pytest.raises(NotValid) as refusal:
        words_of({"issue": "期" * 31})
    assert refusal.value.code == "words_too_long"


# -- charts ------------------------------------------------------------------------------------


def drawn(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def test_bars_are_as_long_as_their_numbers() -> None:
    chart = drawn(
        charts.bars("渠道", [Bar("甲", 10, "10 件"), Bar("乙", 5, "5 件"), Bar("丙", 0, "0")])
    )
    lengths = [float(each.attrib["width"]) for each in chart.iter() if each.tag.endswith("rect")]
    assert lengths[0] == 2 * lengths[1] > 0
    assert lengths[2] == 0
    assert "".join(chart.itertext()) == "甲10 件乙5 件丙0"


def test_a_line_has_a_gap_where_there_is_no_number() -> None:
    line = Line("满意率", [90.0, None, 95.0, 96.0])
    chart = drawn(charts.lines("走势", ["1月", "2月", "3月", "4月"], [line]))
    runs = [each.attrib["points"] for each in chart.iter() if each.tag.endswith("polyline")]
    assert [len(each.split()) for each in runs] == [1, 2]
    assert sum(each.tag.endswith("circle") for each in chart.iter()) == 3


@pytest.mark.parametrize("points", [[], [None], [100.0], [0.0], [0.0, 100.0], [99.99, 99.98]])
def test_a_chart_of_any_numbers_is_drawn_inside_its_frame(points: list[float | None]) -> None:
    chart = drawn(charts.lines("走势", ["月"] * len(points), [Line("率", points)]))
    height = float(chart.attrib["height"])
    for each in chart.iter():
        if each.tag.endswith("circle"):
            assert 0 <= float(each.attrib["cy"]) <= height


def test_a_nasty_name_stays_a_text_in_a_chart() -> None:
    for svg in (
        charts.bars(NASTY, [Bar(NASTY, 1, NASTY)]),
        charts.lines(NASTY, [NASTY], [Line(NASTY, [1.0])]),
    ):
        assert "<script" not in svg
        assert NASTY in html.unescape("".join(drawn(svg).itertext()))
