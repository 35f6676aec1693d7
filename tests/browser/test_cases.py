"""A bad rating in a browser: alerted, taken up, contacted, planned, answered, revisited, closed."""

import re
from collections.abc import Callable, Iterator

import pytest
from case_hall import (
    HALL_WITH_HANDLERS,
    HANDLER,
    INSPECTOR,
    LEADER,
    MANAGER,
    PHONE,
    CaseHall,
    cases_of,
)
from halls import MovedClock, open_rooms
from journeys import serious_faults, width_of
from page_faults import OpenContext
from playwright.sync_api import Browser, Page, StorageState, expect
from servers import Served, served

from hall import days
from web.passwords import hash_of

SCREEN = {"width": 1366, "height": 768}
PASSWORD = "a hall's secret"
SignedIn = Callable[[str], Page]


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("hall"), catalogue=HALL_WITH_HANDLERS) as running:
        with running.register() as register:
            for number in (HANDLER, INSPECTOR, LEADER, MANAGER):
                register.set_password_hash(number, hash_of(PASSWORD))
        yield running


@pytest.fixture(scope="module")
def cookies(browser: Browser, hall: Served) -> dict[str, StorageState]:
    """Sign everybody in, once for all tests."""
    found = {}
    for number in (HANDLER, INSPECTOR, LEADER, MANAGER):
        with browser.new_context(locale="zh-CN") as context:
            page = context.new_page()
            page.goto(f"{hall.address}/sign-in", timeout=60_000)
            page.get_by_label("工号").fill(number)
            page.get_by_label("密码", exact=True).fill(PASSWORD)
            page.get_by_role("button", name="登录", exact=True).click()
            expect(page).not_to_have_url(re.compile("sign-in"), timeout=60_000)
            found[number] = context.storage_state()
    return found


@pytest.fixture
def page_of(open_context: OpenContext, cookies: dict[str, StorageState]) -> SignedIn:
    """Give a function that opens a page as one of the staff."""
    return lambda who: open_context(viewport=SCREEN, storage_state=cookies[who]).new_page()


@pytest.fixture(scope="module")
def beside(hall: Served) -> Iterator[CaseHall]:
    """The same file from another process, where citizens rate."""
    always = {"name": "云溪县政务服务中心", "always_open": True}
    rooms = open_rooms(
        hall.database, MovedClock(days.now() - days.HOUR), HALL_WITH_HANDLERS, hall=always
    )
    yield CaseHall(rooms, cases_of(rooms))
    rooms.store.close()


def test_a_bad_rating_is_on_the_managers_page_within_ten_seconds(
    hall: Served, page_of: SignedIn, beside: CaseHall
) -> None:
    page = page_of(MANAGER)
    page.goto(f"{hall.address}/manager")
    bar = page.locator("[data-alerts]")
    expect(bar).to_be_hidden()
    beside.bad()
    expect(bar).to_be_visible(timeout=10_000)
    expect(bar).to_contain_text("有 1 件差评待受理")
    assert serious_faults(page) == []
    bar.get_by_role("button", name="知道了").click()
    expect(bar).to_be_hidden()
    page.reload()
    with page.expect_response("**/cases/alerts.json"):
        pass
    expect(bar).to_be_hidden()
    beside.bad()
    expect(bar).to_contain_text("有 2 件差评待受理", timeout=10_000)
    bar.get_by_role("link", name="查看差评").click()
    expect(page.get_by_role("heading", name="差评办理")).to_be_visible()


def test_a_handler_goes_from_the_list_to_the_answer_and_the_inspector_closes_it(
    hall: Served, page_of: SignedIn, beside: CaseHall
) -> None:
    case = beside.bad(PHONE, text="等了一个多小时")
    handler = page_of(HANDLER)
    if case.handler != HANDLER:
        tap = f"hand-over-{case.id}"
        beside.cases.hand_over(case.id, HANDLER, "出差", by=case.handler or "", tap=tap)
    handler.goto(f"{hall.address}/cases")
    handler.get_by_label("查找差评").fill("一个多小时")
    assert serious_faults(handler) == []
    handler.get_by_role("link", name=re.compile(f"^{case.id} 号")).click()
    expect(handler.get_by_role("heading", name=re.compile(f"{case.id} 号差评"))).to_be_visible()
    handler.get_by_role("button", name="受理差评").click()
    expect(handler.get_by_role("status").filter(has_text="已受理差评")).to_be_visible()

    # the contact, for a reason, and written down
    expect(handler.get_by_text(PHONE)).to_have_count(0)
    handler.get_by_label("查看原因").fill("致电核实")
    handler.get_by_role("button", name="查看联系方式").click()
    expect(handler.get_by_text(PHONE)).to_be_visible()
    expect(handler.locator(".past")).to_contain_text("致电核实")
    handler.get_by_label("已联系上").check()
    handler.get_by_label("联系情况").fill("反映叫号后又补材料")
    handler.get_by_role("button", name="记录联系情况").click()
    expect(handler.get_by_text("已完成联系")).to_be_visible()
    expect(handler.get_by_text(PHONE)).to_have_count(0)
    assert serious_faults(handler) == []

    # the plan, then an answer that tells too much, then one that does not
    handler.get_by_label("复杂问题").check()
    handler.locator("[data-act=rectify]").get_by_label("核实情况").fill("排队过长属实")
    handler.get_by_label("整改措施").fill("增开窗口")
    handler.get_by_role("button", name="开始整改").click()
    expect(handler.locator(".case-state")).to_have_text("整改中")
    handler.get_by_label("给评价人的答复").fill("向您致歉，已增开窗口。")
    handler.get_by_label("公开答复", exact=True).fill(f"已致电{PHONE}")
    handler.get_by_role("button", name="提交答复").click()
    expect(handler.get_by_role("alert")).to_contain_text("公开答复里有电话或证件号码")
    expect(handler.get_by_label("给评价人的答复")).to_have_value("向您致歉，已增开窗口。")
    handler.get_by_label("公开答复", exact=True).fill("已增开窗口，感谢监督。")
    handler.get_by_role("button", name="提交答复").click()
    expect(handler.locator(".case-state")).to_have_text("待回访")
    expect(handler.get_by_role("heading", name="没有需要您办理的")).to_be_visible()

    inspector = page_of(INSPECTOR)
    inspector.goto(f"{hall.address}/cases")
    inspector.get_by_role("link", name=re.compile(f"^{case.id} 号")).click()
    inspector.get_by_label("对处理满意").check()
    inspector.get_by_label("回访情况").fill("对整改满意")
    inspector.get_by_role("button", name="记录回访").click()
    expect(inspector.locator(".case-state")).to_have_text("已办结")
    expect(inspector.locator(".clock")).to_contain_text("已公开答复")
    assert serious_faults(inspector) == []


@pytest.mark.parametrize(
    ("who", "path"),
    [(LEADER, "/cases/red"), (MANAGER, "/cases?list=unassigned"), (INSPECTOR, "/cases?list=all")],
)
def test_every_list_fits_the_screen_and_is_accessible(
    hall: Served, page_of: SignedIn, beside: CaseHall, who: str, path: str
) -> None:
    beside.bad(PHONE, text="长" * 150)
    page = page_of(who)
    page.goto(hall.address + path)
    assert width_of(page) <= SCREEN["width"]
    assert serious_faults(page) == []


def test_no_page_of_the_staff_scrolls_sideways_on_a_phone(
    hall: Served, page_of: SignedIn, beside: CaseHall
) -> None:
    """Found by a stranger: the bar stood in one line and pushed the page to 950 px."""
    case = beside.bad(PHONE)
    page = page_of(MANAGER)
    page.set_viewport_size({"width": 390, "height": 844})
    for path in ("/cases", f"/cases/{case.id}", "/cases/red", "/complaints/new", "/province"):
        page.goto(hall.address + path)
        expect(page.locator("h1")).to_be_visible()
        assert width_of(page) == 390, path
    expect(page.locator(".topbar-nav [aria-current]")).to_be_in_viewport(ratio=1)
