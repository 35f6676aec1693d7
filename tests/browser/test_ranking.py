"""The ranking in a browser: an inspector on a phone, everybody on a phone, a leader at a desk."""

from collections.abc import Iterator

import pytest
from case_hall import INSPECTOR, LEADER, MANAGER
from halls import SHANGHAI, MovedClock
from journeys import serious_faults, width_of
from page_faults import OpenContext
from playwright.sync_api import Page, expect
from ranking_hall import HALL, open_ranking_hall
from servers import Served

from hall import days
from ranking.life import month_words
from web.passwords import hash_of

PHONE = {"width": 390, "height": 844}
SCREEN = {"width": 1366, "height": 768}
PASSWORD = "a hall's secret"
# The served hall lives by the real clock: its past month is the one before today's.
MONTH = days.month_before(days.day_of(days.now(), SHANGHAI)[:7])


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    server = Served(tmp_path_factory.mktemp("hall"), catalogue=HALL)
    server.database.parent.mkdir(parents=True, exist_ok=True)
    made = open_ranking_hall(server.database, MovedClock())
    made.live(MONTH)
    made.clock.instant = days.now()
    made.published(month=MONTH)
    kept = hash_of(PASSWORD)
    for number in (INSPECTOR, LEADER, MANAGER):
        made.rooms.register.set_password_hash(number, kept)
    made.rooms.store.close()
    server.prepare()
    server.start()
    yield server
    server.kill()


def sign_in(page: Page, hall: Served, number: str, path: str) -> None:
    page.goto(f"{hall.address}/sign-in?next={path}")
    page.get_by_label("工号").fill(number)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{month_words(MONTH)}窗口评比")


@pytest.mark.parametrize("viewport", [PHONE, SCREEN], ids=["phone", "screen"])
def test_everybody_reads_every_part_of_a_score_without_scrolling_sideways(
    open_context: OpenContext, hall: Served, viewport: dict[str, int]
) -> None:
    page = open_context(viewport=viewport).new_page()
    page.goto(f"{hall.address}/public")
    assert width_of(page) <= viewport["width"]
    page.get_by_role("link", name=month_words(MONTH)).click()
    first = page.get_by_role("row").filter(has_text="1号窗口").first
    for told in ("最美窗口", "民政局", "100.00 % (4/4)", "无投诉", "100.00"):
        expect(first).to_contain_text(told)
    expect(page.get_by_text("75.00 % (3/4)")).to_be_visible()
    expect(page.get_by_text("办件 1 件，少于 3 件")).to_be_visible()
    assert width_of(page) <= viewport["width"]
    assert not serious_faults(page)


def test_an_inspector_with_a_phone_gives_a_window_points(
    open_context: OpenContext, hall: Served
) -> None:
    page = open_context(viewport=PHONE).new_page()
    sign_in(page, hall, INSPECTOR, f"/ranking/{MONTH}/points")
    page.get_by_label("2号窗口得分").fill("8.5")
    page.get_by_label("2号窗口情况").fill("空岗一次")
    page.get_by_role("button", name="登记2号窗口").click()
    expect(page.get_by_text("2 号窗口的巡查与考勤已登记")).to_be_visible()
    expect(page.locator("#window-2")).to_contain_text("8.5")
    assert width_of(page) <= PHONE["width"]


def test_what_a_manager_may_correct_stands_within_a_phone(
    open_context: OpenContext, hall: Served
) -> None:
    page = open_context(viewport=PHONE).new_page()
    sign_in(page, hall, MANAGER, "/ranking")
    expect(page.get_by_role("button", name="拟更正稿（第 2 版）")).to_be_visible()
    assert width_of(page) <= PHONE["width"]


def test_a_leader_sees_at_a_desk_who_did_what(open_context: OpenContext, hall: Served) -> None:
    page = open_context(viewport=SCREEN).new_page()
    sign_in(page, hall, LEADER, f"/ranking/{MONTH}/v1")
    expect(page.get_by_text("内容与校验值一致")).to_be_visible()
    assert width_of(page) <= SCREEN["width"]
    assert not serious_faults(page)
