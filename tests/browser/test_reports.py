"""Reports in a browser: a bar that fills while the hall exports, the bulletin as it is printed."""

from collections.abc import Iterator

import pytest
from case_hall import HALL_WITH_HANDLERS, MANAGER
from journeys import serious_faults, width_of
from page_faults import OpenContext
from playwright.sync_api import Browser, Page, StorageState, expect
from servers import Served, served

from bench.exporting import FIRST_DAY, LAST_DAY, fill
from hall.store import Store
from web.passwords import hash_of

SCREEN = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
PASSWORD = "a hall's secret"
ROWS = 6_000


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("hall"), catalogue=HALL_WITH_HANDLERS) as running:
        with running.register() as register:
            register.set_password_hash(MANAGER, hash_of(PASSWORD))
        store = Store(running.database)
        fill(store, ROWS)
        store.close()
        yield running


@pytest.fixture(scope="module")
def signed_in(browser: Browser, hall: Served) -> StorageState:
    """Sign the manager in, once for all tests."""
    with browser.new_context(locale="zh-CN") as context:
        page = context.new_page()
        page.goto(f"{hall.address}/sign-in", timeout=60_000)
        page.get_by_label("工号").fill(MANAGER)
        page.get_by_label("密码", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="登录", exact=True).click()
        expect(page).to_have_url(f"{hall.address}/manager", timeout=60_000)
        return context.storage_state()


@pytest.fixture
def page(open_context: OpenContext, signed_in: StorageState) -> Page:
    """Open a browser as the manager."""
    return open_context(viewport=SCREEN, storage_state=signed_in).new_page()


def test_an_export_is_asked_for_watched_and_fetched(page: Page, hall: Served) -> None:
    page.goto(f"{hall.address}/reports")
    page.get_by_label("从", exact=True).fill(FIRST_DAY)
    page.get_by_label("到", exact=True).fill(LAST_DAY)
    page.get_by_role("button", name="开始导出").click()
    row = page.get_by_role("row").filter(has_text=FIRST_DAY)
    fetch = row.get_by_role("link", name="下载文件")
    expect(row.get_by_role("progressbar").or_(fetch)).to_be_visible()
    # the page puts what the server says in the place of the bar, without being asked
    expect(fetch).to_be_visible(timeout=90_000)
    expect(row).to_contain_text(f"{ROWS:,}")
    with page.expect_download() as download:
        fetch.click()
    assert download.value.suggested_filename.endswith(".xlsx")
    assert serious_faults(page) == []


def test_the_bulletin_is_set_on_paper_and_fits_a_phone(
    page: Page, hall: Served, open_context: OpenContext, signed_in: StorageState
) -> None:
    page.goto(f"{hall.address}/reports?month=2025-03")
    page.get_by_label("文号").fill("云政服〔2025〕3号")
    page.get_by_role("button", name="保存文号和说明").click()
    expect(page.get_by_role("status")).to_contain_text("已保存")
    page.get_by_role("link", name="预览通报").click()
    expect(page.get_by_text("云政服〔2025〕3号")).to_be_visible()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("关于2025年3月政务服务“好差评”情况的通报")
    expect(page.get_by_role("img", name="各渠道有效评价")).to_be_visible()
    expect(page.get_by_role("button", name="打印通报")).to_be_visible()
    assert serious_faults(page) == []
    small = open_context(viewport=PHONE, storage_state=signed_in).new_page()
    for path in ("/reports", "/reports/bulletin/2025-03"):
        small.goto(f"{hall.address}{path}")
        assert width_of(small) <= PHONE["width"], path
