"""Ratings by other ways, in a browser: a window's code on a phone, forms typed by two, files."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zxingcpp
from journeys import SAID, come_in, levels_counted, only, serious_faults, this_month, width_of
from PIL import Image
from playwright.sync_api import BrowserContext, Page, ViewportSize, expect
from servers import ALWAYS_OPEN, Served, served

from hall import days
from hall.catalogue import Person
from hall.hall_settings import HallSection
from web.passwords import hash_of

OpenContext = Callable[..., BrowserContext]
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1366, "height": 768}
PASSWORD = "correct horse"
URL = "https://hall.example.cn"
SETTINGS = ALWAYS_OPEN.replace("[hall]\n", f'[hall]\npublic_url = "{URL}"\n')


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("hall"), settings=SETTINGS) as running:
        with running.register() as register:
            kept = hash_of(PASSWORD)
            for number, name, role in (
                ("8001", "吴导办", "guide"),
                ("8002", "阿依古丽·买买提", "guide"),
                ("8009", "赵主任", "manager"),
            ):
                register.save(Person(number, name, role))
                register.set_password_hash(number, kept)
        running.at(1, "open", clerk="1001")
        yield running


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def phone(request: pytest.FixtureRequest, open_context: OpenContext) -> Page:
    options = {"viewport": PHONE, "is_mobile": True, "has_touch": True}
    return open_context(java_script_enabled=request.param, **options).new_page()


def look_for_faults(phone: Page) -> None:
    """Look at a phone's page with axe, and whether it scrolls sideways; both need its script."""
    assert serious_faults(phone) == []
    assert width_of(phone) == PHONE["width"]


def serve(hall: Served, phone: str | None = None) -> str:
    """Serve somebody at window 1 and return the number."""
    more = {"phone": phone} if phone else {}
    number = str(hall.take("marriage", **more).json["number"])
    hall.serve_next(1)
    return number


def sign_in(context: BrowserContext, hall: Served, number: str) -> None:
    said: dict[str, str | float | bool] = {"staff_number": number, "password": PASSWORD}
    ours = {"Origin": hall.address}
    answer = context.request.post(f"{hall.address}/sign-in", form=said, headers=ours)
    assert answer.ok, answer.text()


def office(open_context: OpenContext, hall: Served, number: str, path: str) -> Page:
    context = open_context(viewport=DESK)
    sign_in(context, hall, number)
    page = context.new_page()
    page.goto(hall.address + path)
    return page


# -- the phone ---------------------------------------------------------------------------------


def test_no_page_of_a_phone_has_a_fault(open_context: OpenContext, hall: Served) -> None:
    number = serve(hall)
    phone = open_context(viewport=PHONE, is_mobile=True, has_touch=True).new_page()
    phone.goto(f"{hall.address}/w/1")
    look_for_faults(phone)
    phone.get_by_label("号码").fill("Q999")
    phone.get_by_label("手机后四位").fill("9999")
    phone.get_by_role("button", name="去评价").tap()
    expect(phone.get_by_role("alert")).to_contain_text("没有查到")
    look_for_faults(phone)
    phone.get_by_role("button", name=re.compile(number)).tap()
    phone.get_by_text("非常不满意", exact=True).tap()
    expect(phone.locator(".tags:visible .tag:visible")).to_have_count(3)
    look_for_faults(phone)


def test_a_phone_rates_by_the_code_at_a_window(phone: Page, hall: Served) -> None:
    number, month = serve(hall, "13800001234"), this_month(hall)
    hall.serve_next(1)  # this_month took a ticket
    before = levels_counted(hall, 1, month)
    phone.goto(f"{hall.address}/w/1")
    phone.get_by_label("号码").fill(number)
    phone.get_by_label("手机后四位").fill("9999")
    phone.get_by_role("button", name="去评价").tap()
    expect(phone.get_by_role("alert")).to_contain_text("没有查到")
    phone.get_by_label("手机后四位").fill("1234")
    phone.get_by_role("button", name="去评价").tap()
    phone.get_by_text("不满意", exact=True).tap()
    phone.get_by_role("button", name="提交评价").tap()
    expect(phone.locator("[data-ended]")).to_have_text("感谢您的评价")
    assert levels_counted(hall, 1, month) == only("dissatisfied", before)


def test_a_phone_finds_its_number_in_the_list(phone: Page, hall: Served) -> None:
    numbers = [serve(hall) for _ in range(3)]
    phone.goto(f"{hall.address}/w/1")
    phone.get_by_role("button", name=re.compile(numbers[1])).tap()
    expect(phone.locator("h1")).to_contain_text(numbers[1])
    phone.get_by_text("满意", exact=True).tap()
    more = phone.locator(".tags:visible summary")
    expect(phone.locator(".tags:visible .tag:visible")).to_have_count(3)
    more.tap()
    expect(phone.locator(".tags:visible .tag:visible")).to_have_count(8)
    phone.get_by_role("button", name="提交评价").tap()
    expect(phone.locator("[data-ended]")).to_have_text("感谢您的评价")
    phone.goto(f"{hall.address}/w/1")
    expect(phone.get_by_role("button", name=re.compile(numbers[0]))).to_be_visible()
    expect(phone.get_by_role("button", name=re.compile(numbers[1]))).to_have_count(0)


# -- the office --------------------------------------------------------------------------------


def test_a_form_is_typed_and_a_second_person_confirms_it(
    open_context: OpenContext, hall: Served
) -> None:
    number = serve(hall)
    page = office(open_context, hall, "8001", "/ratings/entry")
    assert serious_faults(page) == []
    assert width_of(page) == DESK["width"]
    page.get_by_label("编号或来源").fill("PJ-2026-0001")
    page.get_by_role("textbox", name="号码", exact=True).fill("Q999")
    page.get_by_text("非常不满意", exact=True).click()
    page.get_by_text("服务态度差效率低").click()
    page.get_by_label(re.compile("原话")).fill("等了一个多小时，没有人解释。")
    page.get_by_role("button", name="录入评价").click()
    expect(page.get_by_role("alert")).to_contain_text("没有这个号码")
    expect(page.get_by_label(re.compile("原话"))).to_have_value("等了一个多小时，没有人解释。")
    assert serious_faults(page) == []
    page.get_by_role("textbox", name="号码", exact=True).fill(number)
    page.get_by_role("button", name="录入评价").click()
    expect(page.locator(SAID).first).to_contain_text("等待第二人确认")
    assert serious_faults(page) == []
    page.get_by_role("link", name=re.compile("PJ-2026-0001")).click()
    assert serious_faults(page) == []
    page.get_by_label("确认人工号").fill("8001")
    page.get_by_label("确认人密码").fill(PASSWORD)
    page.get_by_role("button", name="确认评价").click()
    expect(page.get_by_role("alert")).to_contain_text("录入人不能自己确认")
    page.get_by_label("确认人工号").fill("8002")
    page.get_by_label("确认人密码").fill(PASSWORD)
    page.get_by_role("button", name="确认评价").click()
    expect(page.locator(SAID).first).to_contain_text("评价生效")
    expect(page.get_by_text("没有等待确认的评价")).to_be_visible()
    assert width_of(page) == DESK["width"]


def test_a_file_is_looked_over_and_imported(
    open_context: OpenContext, hall: Served, tmp_path: Path
) -> None:
    number = serve(hall)
    zone = HallSection().zone
    now = days.local(days.now() + days.SECOND, zone)
    page = office(open_context, hall, "8009", "/manager/ratings/import")
    assert serious_faults(page) == []
    head = "日期,号码,评价等级,评价时间,评价渠道\n"
    wrong = tmp_path / "旧系统.csv"
    wrong.write_text(head + f"{now:%Y-%m-%d},{number},很好,昨天,电话\n", encoding="utf-8-sig")
    page.set_input_files("input[type=file]", wrong)
    page.get_by_role("button", name="检查文件").click()
    expect(page.locator("#problems tbody tr")).to_have_count(1)
    assert serious_faults(page) == []
    page.wait_for_timeout(1500)
    wrong.write_text(head + f"{now:%Y-%m-%d},{number},4,{now:%F %T},电话\n", encoding="utf-8-sig")
    page.set_input_files("input[type=file]", wrong)
    page.get_by_role("button", name="检查文件").click()
    expect(page.locator("#looked-title")).to_contain_text("检查通过")
    assert serious_faults(page) == []
    page.get_by_label("第二人工号").fill("8002")
    page.get_by_label("第二人密码").fill(PASSWORD)
    page.get_by_role("button", name="导入 1 条评价").click()
    expect(page.locator(SAID).first).to_contain_text("导入了 1 条评价")


def test_the_tags_in_use_and_their_versions_are_shown(
    open_context: OpenContext, hall: Served
) -> None:
    page = office(open_context, hall, "8009", "/manager/tags")
    expect(page.locator(".tag-levels li")).to_have_count(40)
    expect(page.locator(".tag-levels li.first")).to_have_count(15)
    assert serious_faults(page) == []
    assert width_of(page) == DESK["width"]


def test_each_windows_code_leads_a_phone_to_its_page(
    open_context: OpenContext, hall: Served, tmp_path: Path
) -> None:
    page = office(open_context, hall, "8009", "/manager/windows-qr?no=3")
    assert serious_faults(page) == []
    picture = page.locator(".sheet img")
    expect(picture).to_have_js_property("complete", True)
    picture.screenshot(path=tmp_path / "code.png")
    found = zxingcpp.read_barcodes(Image.open(tmp_path / "code.png"))
    assert [each.text for each in found] == [f"{URL}/w/3"]


# -- the keypad --------------------------------------------------------------------------------


def test_a_keypad_that_counts_the_other_way_round_is_understood(
    open_context: OpenContext, tmp_path: Path
) -> None:
    settings = ALWAYS_OPEN + '[rating]\nkeypads = ["1=54321"]\n'
    with served(tmp_path / "hall", settings=settings) as hall:
        hall.at(1, "open", clerk="1001")
        context = open_context(viewport={"width": 1024, "height": 600})
        come_in(context, hall, "evaluator", 1)
        page = context.new_page()
        page.goto(f"{hall.address}/evaluator/1")
        serve(hall)
        expect(page.locator("[data-screen=ask]")).to_be_visible()
        expect(page.locator("[data-level=very_satisfied]")).to_contain_text("按键 5")
        page.keyboard.press("1")
        expect(page.locator("[data-chosen-name]")).to_have_text("非常不满意")
