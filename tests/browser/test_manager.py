"""The manager's pages in a browser: the table on a desk screen, forms, the import, a new key."""

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
import zxingcpp
from halls import SMALL_HALL
from journeys import SAID, come_in, serious_faults, width_of
from page_faults import OpenContext
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, expect
from servers import Served, served

from hall.catalogue import Window
from manager.workbook import write
from web.passwords import hash_of

SCREEN = {"width": 1366, "height": 768}
PASSWORD = "a hall's secret"
LONG = "企业开办注销变更一件事一次办（含外商投资企业、个体工商户和农民专业合作社）"
# A hall as large as a county's, most of whose windows did nothing this month.
LARGE_HALL = replace(
    SMALL_HALL,
    services=tuple(
        replace(each, name=LONG) if each.code == "advice" else each for each in SMALL_HALL.services
    ),
    windows=(
        *SMALL_HALL.windows,
        *(Window(no, "综合窗口", "2F", "BDC", ("estate",)) for no in range(5, 77)),
    ),
)


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("hall"), catalogue=LARGE_HALL) as running:
        with running.register() as register:
            register.set_password_hash("9000", hash_of(PASSWORD))
        for window in (1, 2, 3):
            running.at(window, "open")
        for window, level in (
            (1, "very_satisfied"),
            (1, "dissatisfied"),
            (2, ""),
            (3, "satisfied"),
        ):
            running.take("estate" if window == 3 else "marriage")
            visit = running.serve_next(window)["visit"]
            rating = {"visit": visit, "level": level, "channel": "evaluator"}
            if level:
                running.post("/api/v1/ratings", rating, running.key("program"))
        yield running


@pytest.fixture(scope="module")
def signed_in(browser: Browser, hall: Served) -> StorageState:
    """Sign the administrator in, once for all tests."""
    with browser.new_context(locale="zh-CN") as context:
        page = context.new_page()
        page.goto(f"{hall.address}/sign-in?next=/manager", timeout=60_000)
        page.get_by_label("工号").fill("9000")
        page.get_by_label("密码", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="登录", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("服务评价", timeout=60_000)
        return context.storage_state()


@pytest.fixture
def desk(open_context: OpenContext, hall: Served, signed_in: StorageState) -> Page:
    """Open the month at a desk screen."""
    page = open_context(viewport=SCREEN, storage_state=signed_in).new_page()
    page.goto(f"{hall.address}/manager")
    return page


def shown_rows(page: Page) -> list[str]:
    """Return the names of the rows that are shown, from top to bottom."""
    return page.locator("tbody tr:visible th").all_inner_texts()


def cells(page: Page, place: int) -> list[str]:
    return page.locator(f"tbody tr td:nth-child({place})").all_inner_texts()


# -- signing in --------------------------------------------------------------------------------


def test_a_wrong_password_says_what_to_do_and_keeps_the_staff_number(
    page: Page, hall: Served
) -> None:
    page.goto(f"{hall.address}/sign-in")
    assert serious_faults(page) == []
    page.get_by_label("工号").fill("9000")
    page.get_by_label("密码", exact=True).fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("工号或密码不对")
    expect(page.get_by_label("工号")).to_have_value("9000")
    expect(page.get_by_label("密码", exact=True)).to_be_focused()
    assert serious_faults(page) == []


def test_the_back_button_works_after_a_wrong_password_and_a_right_one(
    page: Page, hall: Served
) -> None:
    page.goto(f"{hall.address}/sign-in?next=/manager")
    for password, then in (("wrong", "工作人员登录"), (PASSWORD, "服务评价")):
        page.get_by_label("工号").fill("9000")
        page.get_by_label("密码", exact=True).fill(password)
        page.keyboard.press("Enter")
        if password == "wrong":
            expect(page.get_by_role("alert")).to_contain_text("工号或密码不对")
        expect(page.get_by_role("heading", level=1)).to_contain_text(then)
    page.go_back()
    expect(page.get_by_label("工号")).to_be_visible()


def test_a_password_can_be_looked_at(page: Page, hall: Served) -> None:
    page.goto(f"{hall.address}/sign-in")
    secret = page.get_by_label("密码", exact=True)
    secret.fill(PASSWORD)
    page.get_by_role("button", name="显示密码").click()
    expect(secret).to_have_attribute("type", "text")
    page.get_by_role("button", name="隐藏密码").click()
    expect(secret).to_have_attribute("type", "password")


# -- the month ---------------------------------------------------------------------------------


def test_the_months_table_fits_a_desk_screen_and_keeps_its_heading(desk: Page) -> None:
    assert width_of(desk) <= SCREEN["width"]
    assert len(shown_rows(desk)) == 76
    assert serious_faults(desk) == []
    desk.locator("tbody tr").nth(60).scroll_into_view_if_needed()
    head = desk.locator("thead th").last.bounding_box()
    totals = desk.locator("tfoot th").bounding_box()
    assert head
    assert totals
    assert 0 <= head["y"] < 80
    assert totals["y"] + totals["height"] <= SCREEN["height"] + 1
    expect(desk.locator("tfoot")).to_contain_text("66.67")


def test_no_percentage_stands_without_its_numbers(desk: Page) -> None:
    rates = desk.locator("tbody .percent-cell").all_inner_texts()
    assert len(rates) == 2 * 76
    assert rates[0].split() == ["1/2", "50.00"]
    assert all("/" in rate for rate in rates)
    assert rates[-1].split() == ["0/0", "—"]


def test_a_column_sorts_from_its_largest_and_windows_without_a_rate_stand_last(desk: Page) -> None:
    button = desk.get_by_role("button", name="满意率 %")
    button.click()
    assert cells(desk, 1)[:3] == ["3", "1", "2"]
    expect(desk.locator("thead th[aria-sort]")).to_have_attribute("aria-sort", "descending")
    button.click()
    assert cells(desk, 1)[:2] == ["1", "3"]
    desk.get_by_role("button", name="窗口号").click()
    assert cells(desk, 1)[8:11] == ["9", "10", "11"]


def test_a_window_is_found_by_its_name_or_department(desk: Page) -> None:
    desk.get_by_placeholder("查找窗口").fill("不动产一号")
    expect(desk.locator("tbody tr:visible th")).to_have_text(["不动产一号"])
    expect(desk.locator("[data-shown-rows]")).to_have_text("显示 1 / 76 行")
    desk.get_by_placeholder("查找窗口").fill("民政局")
    expect(desk.locator("tbody tr:visible")).to_have_count(2)


def test_the_table_is_switched_and_the_month_is_picked(desk: Page) -> None:
    desk.get_by_role("link", name="按业务").click()
    assert LONG in shown_rows(desk)
    assert width_of(desk) <= SCREEN["width"]
    desk.get_by_role("link", name="上一月").click()
    expect(desk.locator(".notice:not(.office-alert)")).to_contain_text("没有办件，也没有评价")
    expect(desk).to_have_url(re.compile("by=service"))
    desk.locator("select[name=month]").select_option(index=0)
    expect(desk.locator(".notice:not(.office-alert)")).to_have_count(0)


def test_the_printed_table_is_a4_landscape_with_heading_and_signatures(desk: Page) -> None:
    desk.emulate_media(media="print")
    expect(desk.locator("caption")).to_be_visible()
    expect(desk.locator("caption")).to_contain_text("统计期间")
    expect(desk.locator(".signatures")).to_contain_text("审核人")
    expect(desk.locator(".topbar")).to_be_hidden()
    paper = desk.pdf(prefer_css_page_size=True)
    assert b"/MediaBox [0 0 841." in paper or b"/MediaBox [0 0 842" in paper


def test_an_export_is_saved_under_a_name_people_can_read(desk: Page) -> None:
    for kind in ("XLSX", "CSV"):
        with desk.expect_download() as saving:
            desk.get_by_role("link", name=f"导出 {kind}").click()
        assert saving.value.suggested_filename.startswith("服务评价月报-")
        assert Path(saving.value.path()).stat().st_size > 1000


# -- the hall as data --------------------------------------------------------------------------


def test_a_service_is_edited_and_a_mistake_is_shown_beside_its_field(
    desk: Page, hall: Served
) -> None:
    desk.goto(f"{hall.address}/manager/catalogue/services")
    assert serious_faults(desk) == []
    desk.get_by_role("link", name="婚姻登记").click()
    desk.get_by_label("号码前缀").fill("一二三")
    desk.get_by_role("button", name="保存业务").click()
    expect(desk.get_by_role("alert")).to_be_focused()
    expect(desk.locator("#error-prefix")).to_contain_text("大写字母")
    assert serious_faults(desk) == []
    desk.get_by_label("号码前缀").fill("A")
    desk.get_by_label("通常办理分钟").fill("12")
    desk.get_by_role("button", name="保存业务").click()
    expect(desk.locator(SAID).first).to_contain_text("已保存")
    with hall.register() as register:
        assert register.catalogue().service["marriage"].usual_minutes == 12


def test_the_services_of_a_window_are_put_in_order(desk: Page, hall: Served) -> None:
    desk.goto(f"{hall.address}/manager/catalogue/windows/1")
    picked = desk.locator("[data-ordered] li > span")
    expect(picked.first).to_have_text("婚姻登记（marriage）")
    desk.get_by_label("上移 " + LONG).click()
    desk.locator("[data-ordered] select").select_option("estate")
    desk.get_by_role("button", name="添加").click()
    desk.get_by_label("移除 婚姻登记").click()
    desk.get_by_role("button", name="保存窗口").click()
    expect(desk.locator(SAID).first).to_contain_text("已保存")
    with hall.register() as register:
        assert register.catalogue().window[1].services == ("advice", "estate")


def test_a_window_helps_with_a_service_that_was_just_added(desk: Page, hall: Served) -> None:
    desk.goto(f"{hall.address}/manager/catalogue/windows/9")
    desk.locator("[data-ordered] select").select_option("marriage")
    desk.get_by_role("button", name="添加").click()
    desk.get_by_label("协办 婚姻登记").check()
    desk.get_by_role("button", name="保存窗口").click()
    expect(desk.locator(SAID).first).to_contain_text("已保存")
    with hall.register() as register:
        window = register.catalogue().window[9]
        assert (window.services, window.helping) == (("estate", "marriage"), ("marriage",))
    desk.goto(f"{hall.address}/manager/catalogue/windows/9")
    expect(desk.get_by_label("协办 婚姻登记")).to_be_checked()
    expect(desk.get_by_label("协办 不动产登记")).not_to_be_checked()
    assert serious_faults(desk) == []


def test_the_import_lists_every_problem_by_its_cell_before_anything_changes(
    desk: Page, hall: Served, tmp_path: Path
) -> None:
    with hall.register() as register:
        before = register.catalogue()
    book = openpyxl.load_workbook(io.BytesIO(write(before)))
    book["业务"]["D2"] = "12"
    book["窗口"]["C5"] = "九楼"
    book["人员"]["C3"] = "老板"
    book.save(tmp_path / "hall.xlsx")
    desk.goto(f"{hall.address}/manager/catalogue/workbook")
    assert serious_faults(desk) == []
    desk.locator("input[type=file]").set_input_files(tmp_path / "hall.xlsx")
    expect(desk.locator("#file-name")).to_have_text("hall.xlsx")
    desk.get_by_role("button", name="检查工作簿").click()
    expect(desk.get_by_role("alert")).to_contain_text("没有导入任何内容")
    rows = [row.split() for row in desk.locator("#problems tbody tr").all_inner_texts()]
    assert {("业务", "D2"), ("窗口", "C5"), ("人员", "C3")} <= {(row[0], row[1]) for row in rows}
    assert serious_faults(desk) == []
    with hall.register() as register:
        assert register.catalogue() == before


# -- devices -----------------------------------------------------------------------------------


def test_a_minted_keys_link_and_picture_let_the_device_in(
    desk: Page, hall: Served, open_context: OpenContext
) -> None:
    desk.goto(f"{hall.address}/manager/devices/new")
    expect(desk.get_by_label("窗口号")).to_be_hidden()
    desk.get_by_label("类型").select_option(label="评价器")
    desk.get_by_label("名称").fill("2号窗口评价器")
    desk.get_by_label("窗口号").select_option("2")
    desk.get_by_role("button", name="添加设备并生成密钥").click()
    link = desk.locator("#link").input_value()
    assert link.startswith(f"{hall.address}/enter#")
    assert serious_faults(desk) == []
    picture = Image.open(io.BytesIO(desk.get_by_alt_text("进入链接的二维码").screenshot()))
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == [link]

    device = open_context().new_page()
    device.goto(link)
    expect(device).to_have_url(f"{hall.address}/evaluator/2")
    desk.get_by_role("link", name="返回设备").click()
    row = desk.locator("tbody tr", has_text="2号窗口评价器")
    expect(row).to_contain_text("在线")
    assert serious_faults(desk) == []


def test_a_key_is_kept_from_whoever_comes_back(desk: Page, hall: Served) -> None:
    desk.goto(f"{hall.address}/manager/devices/new")
    desk.get_by_label("类型").select_option(label="接口程序")
    desk.get_by_label("名称").fill("审批系统")
    desk.get_by_role("button", name="添加设备并生成密钥").click()
    key = desk.locator("#key").input_value()
    desk.reload()
    expect(desk.get_by_role("heading", name="审批系统")).to_be_visible()
    assert key not in desk.content()


def test_a_new_password_is_shown_once(desk: Page, hall: Served) -> None:
    desk.goto(f"{hall.address}/manager/catalogue/people/1002")
    assert serious_faults(desk) == []
    desk.get_by_role("button", name="生成密码").click()
    expect(desk.locator("#password")).to_have_text(re.compile(r"^\s*\S{14}\s*$"))
    assert serious_faults(desk) == []
    desk.get_by_role("link", name="完成").click()
    expect(desk.get_by_role("button", name="重设密码")).to_be_visible()


def test_a_manager_key_sees_the_month_and_no_passwords(
    context: BrowserContext, hall: Served
) -> None:
    come_in(context, hall, "manager")
    page = context.new_page()
    page.goto(f"{hall.address}/manager/catalogue/people")
    expect(page.locator(".notice:not(.office-alert)")).to_contain_text("由安全管理员管理")
    expect(page.get_by_role("link", name="添加人员")).to_have_count(0)
    assert serious_faults(page) == []


@pytest.mark.parametrize("path", ["/manager/catalogue", "/manager/devices", "/manager?by=clerk"])
def test_the_other_pages_fit_and_are_accessible(desk: Page, hall: Served, path: str) -> None:
    desk.goto(hall.address + path)
    assert width_of(desk) <= SCREEN["width"]
    assert serious_faults(desk) == []
