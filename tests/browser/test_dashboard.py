"""The dashboard and the statistics in a browser: charts above their tables, on screen and paper."""

import re
from collections.abc import Iterator

import pytest
from case_hall import MANAGER
from figure_hall import CATALOGUE, figure_hall
from halls import SHANGHAI, MovedClock
from journeys import serious_faults, width_of
from page_faults import OpenContext
from playwright.sync_api import Page, expect
from servers import Served, served

from hall import days
from web.passwords import hash_of

SCREEN = {"width": 1366, "height": 768}
PASSWORD = "a hall's secret"
HOUR_AGO = days.now() - days.HOUR
DAY = days.day_of(HOUR_AGO, SHANGHAI)


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A hall in which six people were served an hour ago; four rated, one of them badly."""
    with served(tmp_path_factory.mktemp("hall"), catalogue=CATALOGUE) as running:
        with running.register() as register:
            register.set_password_hash(MANAGER, hash_of(PASSWORD))
        always = {"name": "云溪县政务服务中心", "always_open": True}
        with figure_hall(running.database, MovedClock(HOUR_AGO), hall=always) as beside:
            rooms = beside.rooms
            for window in (1, 3):
                rooms.desk.open(window)
            good, bad = (
                max(
                    (each for each in rooms.book.ratings.tags() if each.level == level),
                    key=lambda each: each.version,
                )
                for level in ("very_satisfied", "dissatisfied")
            )
            for level, tags in (
                ("very_satisfied", [good.code]),
                ("satisfied", []),
                ("dissatisfied", [bad.code]),
            ):
                rooms.take()
                rooms.book.rate(rooms.serve(1, minutes=0), level, "qr", tags=tags)
            for level in ("very_satisfied", "", ""):
                rooms.take("estate")
                visit = rooms.serve(3, minutes=0)
                if level:
                    rooms.book.rate(visit, level, "evaluator")
        yield running


@pytest.fixture
def desk(open_context: OpenContext, hall: Served) -> Page:
    """A manager's screen, signed in."""
    page = open_context(viewport=SCREEN).new_page()
    page.goto(f"{hall.address}/sign-in")
    page.get_by_label("工号").fill(MANAGER)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page).not_to_have_url(re.compile("sign-in"), timeout=60_000)
    return page


def test_every_chart_is_drawn_above_the_table_of_its_figures(hall: Served, desk: Page) -> None:
    desk.goto(f"{hall.address}/dashboard?kind=day&name={DAY}")
    charts = desk.locator("[data-chart]")
    expect(charts).to_have_count(7)
    for place in range(7):
        chart = charts.nth(place)
        # drawn as SVG, described for those who do not see it
        expect(chart.locator("svg")).to_be_visible()
        expect(chart).to_have_attribute("aria-label", re.compile("数据见下表"))
        table = desk.locator(".drawing").nth(place).locator("table")
        expect(table).to_have_count(1)
    bars = desk.locator("[data-chart=channels] svg")
    expect(bars).to_contain_text("小票二维码")
    expect(bars.locator("pattern").first).to_be_attached()
    expect(desk.locator(".statistics-figures")).to_contain_text("75.00 %")
    assert width_of(desk) <= SCREEN["width"]
    assert serious_faults(desk) == []


def test_a_dashboard_is_printed_on_portrait_paper_as_wide_as_it(hall: Served, desk: Page) -> None:
    desk.goto(f"{hall.address}/dashboard?kind=day&name={DAY}")
    expect(desk.locator("[data-chart=bad_tags][data-drawn]")).to_be_attached()
    paper = desk.pdf(prefer_css_page_size=True)
    assert b"/MediaBox [0 0 594." in paper or b"/MediaBox [0 0 595" in paper
    desk.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(desk.locator("[data-chart=course] svg")).to_have_attribute("width", "690")
    expect(desk.locator(".drawing details:not([open])")).to_have_count(0)
    desk.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(desk.locator("[data-chart=course] svg")).not_to_have_attribute("width", "690")


def test_from_the_whole_hall_to_the_ticket_of_a_bad_rating(hall: Served, desk: Page) -> None:
    desk.goto(f"{hall.address}/statistics?kind=day&name={DAY}")
    assert serious_faults(desk) == []
    assert width_of(desk) <= SCREEN["width"]
    row = desk.get_by_role("row").filter(has=desk.get_by_role("rowheader", name="1号窗口"))
    expect(row).to_contain_text("66.67")
    desk.locator("select[name=group]").select_option(label="评价")
    expect(desk).to_have_url(re.compile("group="))
    row.get_by_role("link", name="1", exact=True).last.click()
    expect(desk.get_by_role("heading", level=1)).to_contain_text("1号窗口")
    expect(desk.locator(".ticket-table tbody tr")).to_have_count(1)
    expect(desk.locator(".ticket-table")).to_contain_text("不满意")
    assert serious_faults(desk) == []


def test_another_period_and_another_part_of_the_hall_are_a_click_away(
    hall: Served, desk: Page
) -> None:
    desk.goto(f"{hall.address}/statistics?kind=day&name={DAY}")
    desk.get_by_role("link", name="按部门").click()
    desk.get_by_role("navigation", name="时段类型").get_by_role("link", name="年").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text(f"{int(DAY[:4])}年统计")
    expect(desk.locator("#statistics caption")).to_contain_text("按部门")
    desk.get_by_label("时段", exact=True).select_option(label=f"{int(DAY[:4]) - 1}年")
    expect(desk.get_by_role("heading", level=1)).to_have_text(f"{int(DAY[:4]) - 1}年统计")
    expect(desk.locator(".notice").last).to_contain_text("没有取号、办件和评价")
    desk.get_by_role("link", name="看图表").click()
    expect(desk.locator("[data-chart]")).to_have_count(0)
    expect(desk.locator(".notice").last).to_contain_text("没有办件，也没有评价")
    assert serious_faults(desk) == []
