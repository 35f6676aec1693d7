"""The help desk in a browser, by keyboard alone: a ticket for somebody, found again, and helped."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from halls import SMALL_HALL
from journeys import come_in, serious_faults, width_of
from page_faults import Complaints, OpenContext
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, expect
from servers import Served, served

from hall.catalogue import Device, Person, Window
from web.passwords import hash_of

SCREEN = {"width": 1366, "height": 768}
PASSWORD = "a hall's secret"
LONG = "企业开办注销变更一件事一次办（含外商投资企业、个体工商户和农民专业合作社）"
LARGE_HALL = replace(
    SMALL_HALL,
    services=tuple(
        replace(each, name=LONG) if each.code == "advice" else each for each in SMALL_HALL.services
    ),
    windows=(
        *SMALL_HALL.windows,
        *(Window(no, "综合窗口", "2F", "BDC", ("estate",)) for no in range(5, 77)),
    ),
    people=(*SMALL_HALL.people, Person("8001", "吴导办", "guide", "咨询台")),
    devices=(Device(None, "kiosk", "一楼取号机", printer="fake:"),),
)


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("hall"), catalogue=LARGE_HALL) as running:
        with running.register() as register:
            register.set_password_hash("8001", hash_of(PASSWORD))
        for window in (1, 2, 3):
            running.at(window, "open")
        yield running


@pytest.fixture(scope="module")
def signed_in(browser: Browser, hall: Served) -> StorageState:
    """Sign the guide in, once for all tests."""
    with browser.new_context(locale="zh-CN") as context:
        page = context.new_page()
        page.goto(f"{hall.address}/sign-in", timeout=60_000)
        page.get_by_label("工号").fill("8001")
        page.get_by_label("密码", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="登录", exact=True).click()
        expect(page).to_have_url(f"{hall.address}/helpdesk", timeout=60_000)
        return context.storage_state()


@pytest.fixture
def desk(open_context: OpenContext, hall: Served, signed_in: StorageState) -> Page:
    """Open the help desk as the guide."""
    page = open_context(viewport=SCREEN, storage_state=signed_in).new_page()
    page.goto(f"{hall.address}/helpdesk")
    return page


def press(page: Page, *keys: str) -> None:
    """Press keys one after the other, as fingers do."""
    for key in keys:
        page.keyboard.press(key)


def ready(page: Page) -> None:
    """Wait until the page's script listens: on a busy machine it comes after the words."""
    expect(page.locator("[data-glance-find]")).to_be_visible()


def tab_to(page: Page, name: str) -> None:
    """Press Tab until something with a name has the focus; a keyboard must be able to get there."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if name in str(page.evaluate(FOCUSED)):
            return
    raise AssertionError(f"Tab never came to {name}")


# What a screen reader would say of what has the focus: its label, else its text.
FOCUSED = """() => {
  const at = document.activeElement;
  const label = at.labels && at.labels[0] ? at.labels[0].textContent : "";
  const text = ["A", "BUTTON", "SUMMARY"].includes(at.tagName) ? at.textContent : "";
  return `${at.getAttribute("aria-label") || ""} ${label} ${text}`;
}"""


def shown_number(page: Page) -> str:
    expect(page.locator(".ticket-number")).to_be_visible()
    return page.locator(".ticket-number").inner_text()


def test_a_guide_helps_somebody_by_keyboard_alone(desk: Page, hall: Served) -> None:
    # choose the printer, once
    expect(desk.get_by_label("号码或手机号后四位")).to_be_focused()
    press(desk, "Shift+Tab", "Shift+Tab")
    assert "小票" in str(desk.evaluate(FOCUSED))
    press(desk, "Enter", "Tab", "ArrowDown", "Tab", "Enter")
    expect(desk.locator(".help-printer summary strong")).to_have_text("一楼取号机")

    # a ticket with priority: first without its basis, which is refused
    ready(desk)
    press(desk, "F2")
    expect(desk).to_have_url(f"{hall.address}/helpdesk/issue")
    expect(desk.get_by_label("查找业务", exact=True)).to_be_focused()
    desk.keyboard.type("hydj")
    press(desk, "ArrowDown", "Tab", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown")
    assert "老年人" in str(desk.evaluate(FOCUSED))
    press(desk, "Enter")
    expect(desk.get_by_role("alert")).to_contain_text("请写明看到的优先凭证")
    expect(desk.get_by_role("alert")).to_be_focused()
    tab_to(desk, "看到的凭证")
    desk.keyboard.type("老年证")
    tab_to(desk, "办事人姓名")
    desk.keyboard.type("张三丰")
    tab_to(desk, "手机号码")
    desk.keyboard.type("13800005678")
    press(desk, "Enter")
    number = shown_number(desk)
    expect(desk.locator(".ticket")).to_contain_text("老年人优先")
    expect(desk.locator(".ticket")).to_contain_text("张*")
    expect(desk.locator(".paper-printed")).to_be_visible()

    # found again by the end of the phone number, and moved to another line
    ready(desk)
    press(desk, "Escape")
    desk.keyboard.type("5678")
    press(desk, "Enter")
    expect(desk).to_have_url(re.compile(r"/tickets/\d+$"))
    assert shown_number(desk) == number
    ready(desk)
    tab_to(desk, "更换业务")
    press(desk, "Enter")
    expect(desk.get_by_label("查找业务", exact=True)).to_be_focused()
    desk.keyboard.type("不动产")
    press(desk, "ArrowDown", "Tab")
    desk.keyboard.type("选错了业务")
    press(desk, "Enter")
    expect(desk.get_by_role("status").filter(has_text="已改为“不动产登记”")).to_be_visible()
    expect(desk.locator(".ticket-service")).to_have_text("不动产登记")
    assert shown_number(desk) == number
    ready(desk)

    # printed again, marked
    tab_to(desk, "补打小票")
    press(desk, "Enter", "Enter")
    expect(desk.locator(".steps")).to_contain_text("补打小票：一楼取号机")


def test_somebody_who_was_missed_is_brought_back_by_keyboard(desk: Page, hall: Served) -> None:
    number = hall.take().json["number"]
    call_up(hall, 2, number)
    assert hall.at(2, "miss").status == 200
    desk.reload()
    tab_to(desk, number)
    press(desk, "Enter")
    assert shown_number(desk) == number
    expect(desk.locator(".ticket-head .badge").first).to_have_text("已过号")
    ready(desk)
    tab_to(desk, "返回队列")
    press(desk, "Enter")
    desk.keyboard.type("去复印材料")
    press(desk, "Enter")
    expect(desk.locator(".ticket-head .badge").first).to_have_text("等候中")
    expect(desk.locator(".steps")).to_contain_text("返回队列：去复印材料")


def test_a_ticket_that_changes_elsewhere_changes_here(desk: Page, hall: Served) -> None:
    taken = hall.take("estate").json
    desk.goto(f"{hall.address}/helpdesk?q={taken['number']}")
    expect(desk.locator(".ticket-head .badge").first).to_have_text("等候中")
    call_up(hall, 3, taken["number"])
    expect(desk.locator(".ticket-head .badge").first).to_have_text("已呼叫")
    expect(desk.locator(".ticket-place")).to_contain_text("请到3号窗口")
    assert hall.at(3, "miss").status == 200


def test_who_is_in_the_midst_of_a_form_is_told_and_loses_nothing(desk: Page, hall: Served) -> None:
    taken = hall.take("estate").json
    desk.goto(f"{hall.address}/helpdesk?q={taken['number']}")
    ready(desk)
    desk.locator("[data-act=pin] summary").click()
    reason = desk.locator("#pin-reason")
    reason.fill("赶火车")
    call_up(hall, 3, taken["number"])
    expect(desk.locator("[data-changed]")).to_be_visible()
    expect(reason).to_have_value("赶火车")
    press(desk, "Enter")
    expect(desk.get_by_role("alert")).to_contain_text("刚刚有变化，现在已呼叫")
    assert hall.at(3, "miss").status == 200


def call_up(hall: Served, window: int, number: str) -> None:
    """Call at a window until it is a number's turn."""
    while hall.at(window, "calls").status == 201:
        state = hall.get(f"/window/{window}/state.json", hall.key("window", window)).json
        if state["active"]["number"] == number:
            return
        assert hall.at(window, "miss").status == 200
    raise AssertionError(f"{number} was not called")


def test_the_glance_follows_the_hall_and_says_when_it_cannot(
    desk: Page, hall: Served, complaints: Complaints
) -> None:
    complaints.expect("net::ERR")
    row = desk.locator("tr[data-code=advice]")
    before = int(row.locator("td").first.inner_text())
    taken = hall.take("advice").json
    expect(row.locator("td").first).to_have_text(str(before + 1))
    call_up(hall, 1, taken["number"])
    expect(row.locator("td").first).to_have_text(str(before))
    assert hall.at(1, "miss").status == 200
    expect(desk.locator("[data-connection]")).to_have_attribute("data-state", "live")

    desk.context.set_offline(True)
    expect(desk.locator("[data-connection]")).to_have_attribute("data-state", "lost")
    expect(desk.locator("[data-connection]")).to_contain_text("之后没有更新")
    expect(desk.locator("[data-glance]")).to_have_attribute("data-stale", "yes")
    desk.context.set_offline(False)
    expect(desk.locator("[data-connection]")).to_have_attribute("data-state", "live")
    expect(desk.locator("[data-glance][data-stale]")).to_have_count(0)


def test_a_service_is_found_at_a_glance(desk: Page) -> None:
    desk.get_by_label("在大厅业务中查找").fill("bdc")
    expect(desk.locator("[data-glance-rows] tr:visible th")).to_have_text(["不动产登记"])


def test_a_double_press_takes_one_ticket(desk: Page, hall: Served) -> None:
    waiting = int(desk.locator("[data-figure=waiting]").inner_text())
    ready(desk)
    press(desk, "F2")
    desk.get_by_label("婚姻登记").check()
    desk.get_by_role("button", name="取号", exact=True).dblclick()
    shown_number(desk)
    desk.goto(f"{hall.address}/helpdesk")
    expect(desk.locator("[data-figure=waiting]")).to_have_text(str(waiting + 1))


@pytest.mark.parametrize("path", ["", "?q=A", "?q=Z999", "/issue", "/end-day"])
def test_every_page_fits_the_screen_and_is_accessible(
    context: BrowserContext, hall: Served, path: str
) -> None:
    hall.take()
    hall.take()
    context = context
    come_in(context, hall, "manager")
    page = context.new_page()
    page.set_viewport_size(SCREEN)  # type: ignore[arg-type]
    page.goto(f"{hall.address}/helpdesk{path}")
    assert width_of(page) <= SCREEN["width"]
    assert int(page.evaluate("document.documentElement.scrollHeight")) <= SCREEN["height"]
    assert serious_faults(page) == []


def test_a_tickets_page_fits_and_is_accessible_with_a_form_open(desk: Page, hall: Served) -> None:
    number = hall.take("advice").json["number"]
    desk.goto(f"{hall.address}/helpdesk?q={number}")
    expect(desk.locator(".ticket-service")).to_have_text(LONG)
    assert serious_faults(desk) == []
    desk.locator("[data-act=line] summary").click()
    desk.locator("[data-act=line] button").click()
    expect(desk.get_by_role("alert")).to_contain_text("请选择要办的业务")
    assert width_of(desk) <= SCREEN["width"]
    assert serious_faults(desk) == []
    page_of = re.compile(rf"{number} 等候中")
    expect(desk).to_have_title(page_of)
