"""The catalogue in a browser: a matter, a photograph, words with a preview, the history."""

import io
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from halls import SMALL_HALL
from journeys import serious_faults, width_of
from page_faults import OpenContext
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Page, StorageState, expect
from servers import Served, served

from hall.catalogue import Matter
from web.passwords import hash_of

SCREEN = {"width": 1366, "height": 768}
PASSWORD = "a hall's secret"
LONG = (
    "国有建设用地使用权及房屋所有权转移登记（买卖、继承、受遗赠、离婚析产、法院裁判文书协助执行）"
)
HALL = replace(SMALL_HALL, matters=(Matter("M-1", LONG, "estate", "promised", 3, 30),))


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("hall"), catalogue=HALL) as running:
        with running.register() as register:
            register.set_password_hash("9000", hash_of(PASSWORD))
        yield running


@pytest.fixture(scope="module")
def signed_in(browser: Browser, hall: Served) -> StorageState:
    """Sign the administrator in, once for all tests."""
    with browser.new_context(locale="zh-CN") as context:
        page = context.new_page()
        page.goto(f"{hall.address}/sign-in?next=/manager/catalogue/matters", timeout=60_000)
        page.get_by_label("工号").fill("9000")
        page.get_by_label("密码", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="登录", exact=True).click()
        heading = page.get_by_role("heading", name="事项", level=1)
        expect(heading).to_be_visible(timeout=60_000)
        return context.storage_state()


@pytest.fixture
def desk(open_context: OpenContext, signed_in: StorageState) -> Page:
    return open_context(viewport=SCREEN, storage_state=signed_in).new_page()


def photograph() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (600, 800), "steelblue").save(file, "JPEG")
    return file.getvalue()


def test_a_refused_form_keeps_what_was_typed_and_is_not_sent_again(
    desk: Page, hall: Served
) -> None:
    desk.goto(f"{hall.address}/manager/catalogue/matters")
    assert width_of(desk) <= SCREEN["width"]
    desk.get_by_role("link", name=LONG).click()
    desk.get_by_label("承诺工作日").fill("31")
    desk.get_by_label("网上办理").check()
    desk.get_by_role("button", name="保存事项").click()
    expect(desk.get_by_role("alert")).to_contain_text("不能超过法定的 30 个工作日")
    expect(desk.get_by_label("承诺工作日")).to_have_value("31")
    expect(desk.get_by_label("网上办理")).to_be_checked()
    assert serious_faults(desk) == []
    desk.reload()
    expect(desk.get_by_label("承诺工作日")).to_have_value("3")
    expect(desk.get_by_role("alert")).to_have_count(0)
    desk.get_by_label("承诺工作日").fill("2")
    desk.get_by_role("button", name="保存事项").click()
    expect(desk.locator(".said")).to_contain_text("已保存")
    desk.get_by_role("link", name=LONG).click()
    newest = desk.locator(".history tbody tr").first
    expect(newest).to_contain_text("管理员（9000）")
    expect(newest).to_contain_text(re.compile(r"承诺工作日\s*3\s*→\s*2"))


def test_a_photograph_and_words_are_seen_where_they_will_stand(desk: Page, hall: Served) -> None:
    desk.goto(f"{hall.address}/manager/catalogue/people/1001")
    file: FilePayload = {
        "name": "张敏.jpg",
        "mimeType": "image/jpeg",
        "buffer": photograph(),
    }
    desk.locator("input[name=photo]").set_input_files(file)
    desk.get_by_role("button", name="上传照片").click()
    expect(desk.get_by_role("img", name="张敏的照片")).to_have_js_property("naturalWidth", 480)
    assert width_of(desk) <= SCREEN["width"]

    desk.get_by_role("link", name="文字", exact=True).click()
    expect(desk.get_by_text("还可写").first).to_be_visible()  # its script is there
    desk.get_by_label("整个大厅").fill("请在黄线外等候")
    expect(desk.locator("#preview-display_notice")).to_have_text("请在黄线外等候")
    desk.get_by_label("二楼大厅").fill("字" * 41)
    expect(desk.get_by_text("多了 1 个字")).to_be_visible()
    assert serious_faults(desk) == []
    assert width_of(desk) <= SCREEN["width"]
    desk.get_by_label("二楼大厅").fill("")
    desk.get_by_role("button", name="保存文字").click()
    expect(desk.locator(".said")).to_contain_text("文字已保存")
    expect(desk.get_by_label("整个大厅")).to_have_value("请在黄线外等候")

    desk.get_by_role("link", name="变更记录", exact=True).click()
    expect(desk.locator(".history .act").nth(0)).to_contain_text("大屏提示")
    expect(desk.locator(".history .act").nth(1)).to_contain_text("张敏")
    assert serious_faults(desk) == []
    desk.get_by_label("类别").select_option("人员")
    desk.get_by_role("button", name="查找变更").click()
    expect(desk.locator(".history .act").first).to_contain_text("张敏")
