"""Complaints in a browser: registered, answered, imported and counted at a desk of 1366 × 768."""

import io
from collections.abc import Callable, Iterator
from dataclasses import replace

import openpyxl
import pytest
from halls import SMALL_HALL
from journeys import SAID, serious_faults, width_of
from page_faults import Complaints, OpenContext
from playwright.sync_api import Browser, FilePayload, Page, StorageState, expect
from servers import Served, served

from hall.catalogue import Department, Person
from web.passwords import hash_of

Desk = Callable[[str], Page]
SCREEN = {"width": 1366, "height": 768}
PASSWORD = "a hall's secret"
LONG = "反映企业开办注销变更一件事一次办窗口多次要求重复提交同一份材料且未一次性告知"
UNIT = "自然资源和规划局不动产登记中心（含林权、农村土地承包经营权登记）"
HALL = replace(
    SMALL_HALL,
    departments=(*SMALL_HALL.departments, Department("ZR", UNIT, "", 3)),
    people=(
        *SMALL_HALL.people,
        Person("7001", "周承办", "handler", "承办人", "ZR"),
        Person("7101", "钱督查", "inspector", "督查"),
        Person("8001", "吴导办", "guide", "咨询台"),
    ),
)


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("hall"), catalogue=HALL) as running:
        with running.register() as register:
            for number in ("7001", "7101", "8001"):
                register.set_password_hash(number, hash_of(PASSWORD))
        yield running


@pytest.fixture(scope="module")
def states(browser: Browser, hall: Served) -> dict[str, StorageState]:
    """Sign each of them in, once for all tests."""
    found: dict[str, StorageState] = {}
    for number in ("7001", "7101", "8001"):
        with browser.new_context(locale="zh-CN") as context:
            page = context.new_page()
            page.goto(f"{hall.address}/sign-in?next=/complaints", timeout=60_000)
            page.get_by_label("工号").fill(number)
            page.get_by_label("密码", exact=True).fill(PASSWORD)
            page.get_by_role("button", name="登录", exact=True).click()
            expect(page.get_by_role("heading", level=1)).to_have_text("投诉登记册", timeout=60_000)
            found[number] = context.storage_state()
    return found


@pytest.fixture
def desk_of(open_context: OpenContext, hall: Served, states: dict[str, StorageState]) -> Desk:
    """Give a function that opens the register at somebody's desk."""

    def open_desk(number: str) -> Page:
        page = open_context(viewport=SCREEN, storage_state=states[number]).new_page()
        page.goto(f"{hall.address}/complaints")
        return page

    return open_desk


def register(page: Page, title: str, **more: str) -> None:
    """Register a complaint of the long unit, and stay on its page."""
    page.get_by_role("link", name="登记投诉").click()
    page.get_by_label("投诉标题").fill(title)
    page.get_by_label("投诉内容").fill("11 月 19 日上午在 3 号窗口办理登记。\n要求改进并答复。")
    page.get_by_label("投诉人", exact=True).fill(more.get("complainant", "欧阳慧敏"))
    page.get_by_label("联系电话").fill("13800138000")
    page.get_by_label("承办单位").select_option(label=UNIT)
    page.get_by_role("button", name="登记投诉").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def whole(page: Page) -> None:
    """Refuse a page that scrolls sideways, or that axe finds serious faults with."""
    page.wait_for_load_state()  # a page without its styles is wider
    assert width_of(page) <= SCREEN["width"]
    assert serious_faults(page) == []


def test_a_complaint_goes_from_the_window_to_its_answer(desk_of: Desk, hall: Served) -> None:
    guide = desk_of("8001")
    register(guide, LONG)
    whole(guide)
    expect(guide.locator(".told")).to_contain_text("欧*")
    handler = desk_of("7001")
    whole(handler)
    handler.get_by_role("link", name=LONG).first.click()
    handler.get_by_role("button", name="受理投诉").click()
    expect(handler.locator(".complaint-now")).to_contain_text("办理中")
    whole(handler)
    handler.get_by_label("反馈信息").fill("已核实，向您致歉；相关窗口已整改。")
    handler.get_by_role("button", name="提交回复").click()
    expect(handler.locator(".complaint-now")).to_contain_text("按时")
    expect(handler.locator(".steps li")).to_have_count(4)
    whole(handler)


def test_who_complained_is_seen_once_with_a_reason(desk_of: Desk, hall: Served) -> None:
    register(desk_of("8001"), "电话一直占线", complainant="司马光明")
    handler = desk_of("7001")
    handler.get_by_role("link", name="电话一直占线").click()
    handler.get_by_text("查看投诉人信息").click()
    handler.get_by_label("查看的原因").fill("电话核实情况")
    whole(handler)
    handler.get_by_role("button", name="查看投诉人").click()
    expect(handler.locator(".told")).to_contain_text("司马光明")
    whole(handler)
    handler.get_by_role("button", name="隐去").click()
    expect(handler.locator(".told")).to_contain_text("司*")
    expect(handler.locator(".steps")).to_contain_text("电话核实情况")


def test_a_form_with_mistakes_leads_to_each_of_them(
    desk_of: Desk,
    hall: Served,
    complaints: Complaints,
) -> None:
    complaints.expect("422")
    guide = desk_of("8001")
    guide.get_by_role("link", name="登记投诉").click()
    whole(guide)
    guide.get_by_label("联系电话").fill("打给我")
    guide.get_by_role("button", name="登记投诉").click()
    expect(guide.get_by_role("alert")).to_be_focused()
    expect(guide.get_by_role("alert")).to_contain_text("有 3 处需要改正")
    whole(guide)
    guide.get_by_role("link", name="联系电话").click()
    expect(guide.get_by_label("联系电话")).to_have_value("打给我")


HEAD = ["工单号", "投诉标题", "投诉人", "投诉内容", "投诉时间", "承办单位", "反馈信息", "反馈时间"]


def order_list(*wrong: int) -> FilePayload:
    """Make a list of 25 orders of last year's October, some of them without a title."""
    book = openpyxl.Workbook()
    assert book.active
    book.active.append(HEAD)
    for each in range(25):
        unit = [UNIT, "民政局"][each % 2]
        told = ["已答复", "2025-10-16 15:00"] if each < 17 else ["", ""]
        title = "" if each in wrong else "办理进度"
        begun = [f"D{each:03d}", title, "王五", "请告知进度。", "2025-10-13 09:00"]
        book.active.append([*begun, unit, *told])
    out = io.BytesIO()
    book.save(out)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return {"name": "十月工单.xlsx", "mimeType": kind, "buffer": out.getvalue()}


def test_an_order_list_is_checked_imported_and_counted_by_unit(
    desk_of: Desk,
    hall: Served,
    complaints: Complaints,
) -> None:
    complaints.expect("422")
    inspector = desk_of("7101")
    inspector.get_by_role("link", name="导入工单").click()
    whole(inspector)
    inspector.locator("input[type=file]").set_input_files(order_list(3, 8))
    expect(inspector.locator("#file-name")).to_have_text("十月工单.xlsx")
    inspector.get_by_role("button", name="检查清单").click()
    expect(inspector.locator(".order-problems tbody tr")).to_have_count(2)
    expect(inspector.locator(".order-problems")).to_contain_text("B5")
    whole(inspector)
    inspector.locator("input[type=file]").set_input_files(order_list())
    inspector.get_by_role("button", name="检查清单").click()
    expect(inspector.locator(SAID)).to_contain_text("新工单 25 件")
    whole(inspector)
    inspector.get_by_role("button", name="导入 25 件工单").click()
    expect(inspector.locator(".said")).to_contain_text("已导入 25 件")
    inspector.goto(f"{hall.address}/complaints/units?month=2025-10")
    expect(inspector.locator("tfoot")).to_contain_text("68.00")
    expect(inspector.locator("tfoot")).to_contain_text("17/25")
    whole(inspector)
    inspector.get_by_role("link", name=UNIT).click()
    expect(inspector.locator(".complaints-table tbody tr")).to_have_count(13)
    whole(inspector)
