"""The page behind a slip's QR code on a phone: follow the ticket, then rate once."""

from collections.abc import Iterator
from typing import Any

import pytest
from journeys import levels_counted, only, serious_faults, this_month, width_of
from playwright.sync_api import BrowserContext, Page, expect
from servers import Served, served

from rating.levels import LEVELS, Level

FACES = [level.value for level in LEVELS]


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("hall")) as running:
        running.at(1, "open")
        yield running


@pytest.fixture(scope="module")
def month(hall: Served) -> str:
    """Return the month that ratings are counted in."""
    month = this_month(hall)
    empty(hall)
    return month


@pytest.fixture(params=[390, 320], ids=["390 px", "320 px"])
def phone(request: pytest.FixtureRequest, open_context: Any, hall: Served) -> BrowserContext:
    """Open the browser of a phone."""
    empty(hall)
    height = 844 if request.param == 390 else 568
    context: BrowserContext = open_context(
        viewport={"width": request.param, "height": height}, has_touch=True, is_mobile=True
    )
    return context


@pytest.fixture
def small(open_context: Any, hall: Served) -> BrowserContext:
    """Open the browser of a phone of the usual width."""
    empty(hall)
    context: BrowserContext = open_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    return context


def empty(hall: Served) -> None:
    """End what goes on at window 1 and serve its line."""
    hall.at(1, "miss")
    hall.at(1, "start")
    hall.at(1, "finish", outcome="other")
    while hall.at(1, "calls").status == 201:
        hall.at(1, "miss")


def link_of(hall: Served, service: str = "marriage") -> str:
    return str(hall.take(service).json["track_url"])


def served_link(hall: Served) -> str:
    """Return the link of a ticket whose service has ended."""
    link = link_of(hall)
    hall.serve_next(1)
    return link


def look_again(page: Page) -> None:
    """Let the page look at once instead of within five seconds."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def fits(page: Page) -> bool:
    size = page.viewport_size
    return size is not None and width_of(page) == size["width"]


def test_a_phone_follows_its_ticket_to_the_window(phone: BrowserContext, hall: Served) -> None:
    before_it = hall.take().json
    link = link_of(hall)
    page = phone.new_page()
    page.goto(link)
    expect(page.locator("h1")).to_contain_text("A")
    expect(page.locator(".figures")).to_contain_text("前面还有1 人")
    expect(page.locator(".what-now")).to_contain_text("1号窗口")
    assert fits(page)

    assert hall.at(1, "calls").json["ticket"] == before_it["id"]
    hall.at(1, "miss")
    expect(page.locator(".figures")).to_contain_text("前面还有0 人", timeout=20_000)

    hall.at(1, "calls")
    look_again(page)
    expect(page.locator(".go-to")).to_have_text("请到1号窗口")
    assert fits(page)
    hall.at(1, "start")
    look_again(page)
    expect(page.locator(".badge")).to_have_text("正在办理")
    hall.at(1, "finish", outcome="completed")
    look_again(page)
    expect(page.locator(".level")).to_have_count(5)
    assert fits(page)


@pytest.mark.parametrize("level", FACES)
def test_a_face_on_the_phone_is_stored_as_its_level(
    small: BrowserContext, hall: Served, month: str, level: str
) -> None:
    page = small.new_page()
    page.goto(served_link(hall))
    before = levels_counted(hall, 1, month)
    page.locator(".level").get_by_text(Level(level).chinese, exact=True).tap()
    page.get_by_role("button", name="提交评价").tap()
    expect(page.locator("[data-ended]")).to_have_text("感谢您的评价")
    assert levels_counted(hall, 1, month) == only(level, before)


def test_reasons_words_and_contact_are_sent_once(phone: BrowserContext, hall: Served) -> None:
    page = phone.new_page()
    page.goto(served_link(hall))
    page.locator(".level").get_by_text("不满意", exact=True).tap()
    expect(page.locator(".tag:visible")).to_have_count(3)
    page.locator("summary:visible").tap()
    expect(page.locator(".tag:visible")).to_have_count(8)
    page.get_by_text("服务态度生硬").tap()
    page.locator("[data-text]").fill("等了两个小时")
    expect(page.locator("[data-count]")).to_have_text("已写 6 / 150 字")
    page.locator("[name=contact]").fill("13800000000")
    assert fits(page)
    sent: list[str] = []
    page.on("request", lambda it: sent.append(it.post_data or "") if it.method == "POST" else None)
    page.get_by_role("button", name="提交评价").dblclick()
    expect(page.locator("[data-ended]")).to_have_text("感谢您的评价")
    page.wait_for_timeout(300)
    assert len(sent) == 1
    assert "tags-dissatisfied=214" in sent[0]
    page.reload()
    expect(page.locator("[data-ended]")).to_have_text("本次服务已评价")
    assert fits(page)


def test_words_stay_where_they_are_while_the_network_is_away(
    small: BrowserContext, hall: Served, month: str, complaints: Any
) -> None:
    complaints.expect("ERR_INTERNET_DISCONNECTED")
    page = small.new_page()
    page.goto(served_link(hall))
    before = levels_counted(hall, 1, month)
    page.locator(".level").get_by_text("满意", exact=True).tap()
    page.locator("[data-text]").fill("很快")
    small.set_offline(True)
    page.get_by_role("button", name="提交评价").tap()
    expect(page.locator("[data-told]")).to_contain_text("网络不通，评价还没有送出")
    expect(page.locator("[data-text]")).to_have_value("很快")
    small.set_offline(False)
    page.get_by_role("button", name="提交评价").tap()
    expect(page.locator("[data-ended]")).to_have_text("感谢您的评价")
    assert levels_counted(hall, 1, month) == only("satisfied", before)


def test_a_service_is_rated_without_a_script(open_context: Any, hall: Served, month: str) -> None:
    empty(hall)
    plain = open_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page = plain.new_page()
    page.goto(served_link(hall))
    before = levels_counted(hall, 1, month)
    page.locator(".level").get_by_text("非常不满意", exact=True).click()
    expect(page.locator(".tag:visible")).to_have_count(3)
    page.get_by_text("无理由超过法定办理时间").click()
    page.get_by_role("button", name="提交评价").click()
    expect(page.locator("[data-ended]")).to_have_text("感谢您的评价")
    assert levels_counted(hall, 1, month) == only("very_dissatisfied", before)


def test_a_phone_says_when_what_it_shows_is_old(
    small: BrowserContext, hall: Served, complaints: Any
) -> None:
    complaints.expect("ERR_INTERNET_DISCONNECTED")
    page = small.new_page()
    page.clock.install()
    page.goto(link_of(hall))
    expect(page.locator("[data-fresh]")).to_have_text("进度自动更新")
    small.set_offline(True)
    page.clock.fast_forward(30_000)
    expect(page.locator("[data-fresh]")).to_contain_text("网络不通")
    small.set_offline(False)
    page.clock.fast_forward(6_000)
    expect(page.locator("[data-fresh]")).to_have_text("进度自动更新")


@pytest.mark.parametrize("state", ["waiting", "called", "done", "rated", "missed", "no link"])
def test_axe_finds_nothing_serious(phone: BrowserContext, hall: Served, state: str) -> None:
    link = link_of(hall)
    if state in ("called", "missed"):
        hall.at(1, "calls")
    if state == "missed":
        hall.at(1, "miss")
    if state in ("done", "rated"):
        hall.serve_next(1)
    page = phone.new_page()
    page.goto(f"{hall.address}/r/abc" if state == "no link" else link)
    if state == "rated":
        page.locator(".level").first.tap()
        page.get_by_role("button", name="提交评价").tap()
        expect(page.locator("[data-ended]")).to_be_visible()
    assert fits(page)
    assert serious_faults(page) == []


def test_who_chose_no_level_is_asked_in_words_that_hint_at_none(
    small: BrowserContext, hall: Served
) -> None:
    """Found by a stranger: the browser's own bubble pointed at the best level."""
    page = small.new_page()
    page.goto(served_link(hall))
    page.get_by_role("button", name="提交评价").tap()
    expect(page.get_by_role("alert")).to_have_text("请先选择一个评价等级，再提交。")
    assert page.evaluate("document.activeElement.name") != "level"
    page.locator("label[for=level-4]").tap()
    page.get_by_role("button", name="提交评价").tap()
    expect(page.locator("[data-ended]")).to_have_text("感谢您的评价")
