"""Appointments in a browser: booked on a phone, checked in at a kiosk; the missed wait again."""

import itertools
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
import zxingcpp
from citizens import id_number
from journeys import come_in, serious_faults, stand_between, width_of
from PIL import Image
from playwright.sync_api import BrowserContext, Page, ViewportSize, expect
from servers import ALWAYS_OPEN, Served, served

from booking.bookings import Bookings
from booking.taking_over import Foreign
from hall import config, days
from hall.desk import Desk
from hall.register import Register
from hall.store import Store

OpenContext = Callable[..., BrowserContext]
PHONE: ViewportSize = {"width": 390, "height": 844}
UPRIGHT: ViewportSize = {"width": 1080, "height": 1920}
LYING: ViewportSize = {"width": 1920, "height": 1080}
SIZES = pytest.mark.parametrize("size", [UPRIGHT, LYING], ids=["upright", "lying"])
TOUCH = 60
PATIENT = ALWAYS_OPEN + "[appointments]\nearly_minutes = 600\n"
people = itertools.count(1)


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("hall"), settings=PATIENT) as running:
        bookings, store = open_bookings(running)
        for weekday in range(1, 8):
            bookings.save_plan("marriage", weekday=weekday, slot_minutes=60, quota=3)
        store.close()
        running.at(1, "open", clerk="1001")
        yield running


def open_bookings(hall: Served) -> tuple[Bookings, Store]:
    """Open the hall's file from another process than the server's."""
    store, told = Store(hall.database), config.load(hall.config)
    register = Register(store, days.now)
    desk = Desk(store, register, told, days.now)
    return Bookings(store, register, desk, told, days.now), store


def expected(hall: Served, who: int, in_minutes: int = 30, service: str = "marriage") -> str:
    """Let another system have booked somebody in for soon; return the code."""
    bookings, store = open_bookings(hall)
    at = days.now() + in_minutes * days.MINUTE
    row = Foreign(str(uuid4()), service, at, None, id_number(who), "欧阳慧敏")
    (done,) = bookings.import_from("省平台", [row])
    store.close()
    assert done.booking, done.refusal
    return done.booking.appointment.code


def standing(hall: Served, code: str) -> dict[str, Any]:
    answer = hall.get(f"/api/v1/appointments/{code}", hall.key("kiosk"))
    assert answer.status == 200
    return dict(answer.json)


# -- the phone ---------------------------------------------------------------------------------


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def phone(request: pytest.FixtureRequest, open_context: OpenContext) -> Page:
    options = {"viewport": PHONE, "is_mobile": True, "has_touch": True}
    return open_context(java_script_enabled=request.param, **options).new_page()


def book(phone: Page, hall: Served, who: int) -> str:
    """Go the way of somebody who books; return the code."""
    phone.goto(f"{hall.address}/book")
    phone.get_by_role("link", name="婚姻登记").tap()
    phone.locator("a.slot").last.tap()
    phone.get_by_label("办事人姓名").fill("欧阳慧敏")
    phone.get_by_label("身份证号码").fill(id_number(who))
    phone.get_by_label("手机号码").fill("13800001234")
    phone.get_by_role("button", name="确认预约").tap()
    phone.wait_for_selector(".promise .code")
    return phone.inner_text(".code").replace("\u2009", "").strip()


def test_a_phone_books_a_slot_and_gives_it_back(phone: Page, hall: Served) -> None:
    code = book(phone, hall, next(people))
    assert standing(hall, code)["state"] == "booked"
    phone.get_by_text("取消预约", exact=True).tap()
    phone.get_by_label("后四位").fill("9999")
    phone.get_by_role("button", name="确认取消").tap()
    expect(phone.locator(".field.wrong")).to_contain_text("不一致")
    phone.get_by_label("后四位").fill("1234")
    phone.get_by_role("button", name="确认取消").tap()
    expect(phone.locator("h1")).to_have_text("这个预约已取消")
    assert standing(hall, code)["state"] == "cancelled"


def test_the_picture_on_the_phone_says_the_code(open_context: OpenContext, hall: Served) -> None:
    phone = open_context(viewport=PHONE).new_page()
    code = book_by_mouse(phone, hall)
    picture = phone.locator(".qr").screenshot()
    found = zxingcpp.read_barcodes(Image.open(BytesIO(picture)))
    assert [each.text for each in found] == [code]


def book_by_mouse(phone: Page, hall: Served) -> str:
    """Book with a slot's address at once, as somebody who followed a link does."""
    phone.goto(f"{hall.address}/book?service=marriage")
    phone.locator("a.slot").last.click()
    phone.fill("#name", "张三")
    phone.fill("#id_number", id_number(next(people)))
    phone.fill("#phone", "13800001234")
    phone.click("button.primary")
    phone.wait_for_selector(".promise .code")
    return phone.url.rpartition("/")[2]


@pytest.mark.parametrize("width", [320, 390, 768])
def test_the_phones_pages_fit_and_keep_nobody_out(
    open_context: OpenContext, hall: Served, width: int
) -> None:
    phone = open_context(viewport={"width": width, "height": 844}).new_page()

    def check() -> None:
        assert width_of(phone) <= width
        assert serious_faults(phone) == []
        for target in phone.locator("a:visible, button:visible, summary:visible").all():
            box = target.bounding_box()
            assert box is not None
            assert box["height"] >= TOUCH, target.inner_text()

    phone.goto(f"{hall.address}/book")
    check()
    phone.click("text=婚姻登记")
    check()
    phone.locator("a.slot").last.click()
    check()
    phone.fill("#name", "张三")
    phone.fill("#id_number", "110105198001019999")
    phone.fill("#phone", "13800001234")
    phone.click("button.primary")
    expect(phone.locator("#id_number")).to_be_focused()
    check()
    book_by_mouse(phone, hall)
    phone.click("summary")
    check()


# -- the kiosk ---------------------------------------------------------------------------------


def open_kiosk(open_context: OpenContext, hall: Served, size: ViewportSize = UPRIGHT) -> Page:
    context = open_context(viewport=size, has_touch=True)
    come_in(context, hall, "kiosk")
    page = context.new_page()
    page.goto(f"{hall.address}/kiosk")
    expect(page.locator("#main")).to_have_attribute("data-view", "home")
    return page


@pytest.fixture
def kiosk(open_context: OpenContext, hall: Served) -> Page:
    return open_kiosk(open_context, hall)


def type_on_screen(page: Page, text: str) -> None:
    for character in text:
        page.tap(f'[data-key="{character}"]')


def number_shown(page: Page) -> str:
    page.wait_for_selector("#number")
    return page.inner_text("#number")


def test_a_code_typed_on_the_screen_is_checked_in_and_becomes_the_ticket(
    kiosk: Page, hall: Served
) -> None:
    code = expected(hall, next(people))
    kiosk.tap("[data-door=appointment]")
    type_on_screen(kiosk, code)
    kiosk.tap("#enter")
    expect(kiosk.locator(f"[data-appointment='{code}']")).to_contain_text("欧*")
    kiosk.get_by_role("button", name="签到取号").tap()
    number = number_shown(kiosk)
    told = standing(hall, code)
    assert (told["state"], told["number"]) == ("arrived", number)


@pytest.mark.parametrize("what", ["code", "id number"])
def test_a_scanner_that_types_leads_from_the_home_page_to_the_ticket(
    kiosk: Page, hall: Served, what: str
) -> None:
    who = next(people)
    code = expected(hall, who)
    kiosk.keyboard.type({"code": code, "id number": id_number(who)}[what])
    kiosk.keyboard.press("Enter")
    kiosk.get_by_role("button", name="签到取号").tap()
    number_shown(kiosk)
    assert standing(hall, code)["state"] == "arrived"


def test_a_second_scan_while_the_first_is_shown_shows_the_second(kiosk: Page, hall: Served) -> None:
    for code in (expected(hall, next(people)), expected(hall, next(people))):
        kiosk.keyboard.type(code)
        kiosk.keyboard.press("Enter")
        expect(kiosk.locator(f"[data-appointment='{code}']")).to_be_visible()


def test_a_double_tap_on_check_in_gives_one_ticket(kiosk: Page, hall: Served) -> None:
    code = expected(hall, next(people))
    kiosk.keyboard.type(code)
    kiosk.keyboard.press("Enter")
    kiosk.wait_for_selector(f"[data-appointment='{code}']")
    kiosk.evaluate(
        "() => { const take = document.querySelector('.take'); take.click(); take.click(); }"
    )
    assert number_shown(kiosk) == standing(hall, code)["number"]


def test_who_has_several_appointments_chooses_and_sees_why_one_must_wait(
    kiosk: Page, hall: Served
) -> None:
    who = next(people)
    now, later = expected(hall, who), expected(hall, who, in_minutes=24 * 60, service="advice")
    kiosk.keyboard.type(id_number(who))
    kiosk.keyboard.press("Enter")
    waits = kiosk.locator(f"[data-appointment='{later}']")
    expect(waits).to_contain_text("起可以签到")
    assert waits.locator("button").count() == 0
    kiosk.locator(f"[data-appointment='{now}'] button").tap()
    number_shown(kiosk)


def test_who_has_checked_in_already_sees_the_number(kiosk: Page, hall: Served) -> None:
    code = expected(hall, next(people))
    number = hall.take("marriage", appointment=code).json["number"]
    kiosk.keyboard.type(code)
    kiosk.keyboard.press("Enter")
    expect(kiosk.locator(".found-why")).to_contain_text(number)
    kiosk.get_by_role("button", name="返回首页").tap()
    expect(kiosk.locator("#main")).to_have_attribute("data-view", "home")


def test_what_is_not_found_is_said_above_the_keys_and_may_be_typed_again(
    kiosk: Page, complaints: Any
) -> None:
    complaints.expect("404")
    kiosk.tap("[data-door=appointment]")
    type_on_screen(kiosk, "ZZZZZZZZ")
    kiosk.tap("#enter")
    expect(kiosk.locator("#entry-wrong")).to_contain_text("没有找到这个预约")
    kiosk.tap('[data-key="2"]')
    expect(kiosk.locator("#entry-value")).to_have_text("2")
    expect(kiosk.locator("#entry-wrong")).to_have_count(0)


def test_a_visitor_is_refused_in_english(kiosk: Page, complaints: Any) -> None:
    complaints.expect("422")
    kiosk.tap("#language")
    kiosk.get_by_role("button", name="Check in").tap()
    type_on_screen(kiosk, "123")
    kiosk.get_by_role("button", name="Look up").tap()
    expect(kiosk.locator("#entry-wrong")).to_contain_text("8 letters and digits")


def test_a_kiosk_without_its_hall_says_so_and_keeps_the_keys(kiosk: Page, complaints: Any) -> None:
    complaints.expect("ERR_FAILED")
    kiosk.tap("[data-door=appointment]")
    stand_between(kiosk, "**/kiosk/appointments", lambda route: route.abort())
    type_on_screen(kiosk, "22222222")
    kiosk.tap("#enter")
    expect(kiosk.locator("#entry-wrong")).to_contain_text("网络中断")


# -- coming back -------------------------------------------------------------------------------


def missed(hall: Served) -> dict[str, Any]:
    """Take a ticket, call it and mark it as missed."""
    ticket = dict(hall.take("advice").json)
    assert hall.at(1, "calls", ticket=ticket["id"], reason="测试").status == 201
    assert hall.at(1, "miss").status == 200
    return ticket


def state_of(hall: Served, ticket: dict[str, Any]) -> str:
    return str(hall.get(f"/api/v1/tickets/{ticket['id']}", hall.key("kiosk")).json["state"])


def test_who_missed_the_call_types_the_number_and_waits_again(kiosk: Page, hall: Served) -> None:
    ticket = missed(hall)
    kiosk.tap("[data-door=return]")
    type_on_screen(kiosk, ticket["number"])
    kiosk.tap("#enter")
    expect(kiosk.locator(".message.done h1")).to_contain_text(f"{ticket['number']} 号正在排队")
    expect(kiosk.locator(".message.done")).to_contain_text("号窗口")
    assert state_of(hall, ticket) == "waiting"
    kiosk.tap("#done")
    expect(kiosk.locator("#main")).to_have_attribute("data-view", "home")


def test_who_missed_the_call_scans_the_slip_at_the_home_page(kiosk: Page, hall: Served) -> None:
    ticket = missed(hall)
    kiosk.keyboard.type(ticket["track_url"])
    kiosk.keyboard.press("Enter")
    expect(kiosk.locator(".message.done h1")).to_contain_text(ticket["number"])
    assert state_of(hall, ticket) == "waiting"


def test_a_number_nobody_has_is_refused_with_what_to_do(kiosk: Page, complaints: Any) -> None:
    complaints.expect("404")
    kiosk.tap("[data-door=return]")
    type_on_screen(kiosk, "A999")
    kiosk.tap("#enter")
    expect(kiosk.locator("#entry-wrong")).to_contain_text("核对小票上的号码")


# -- the pages themselves ----------------------------------------------------------------------


BOXES = """() => [...document.querySelectorAll("button")]
    .filter((each) => each.checkVisibility())
    .map((each) => [each.innerText, each.getBoundingClientRect()])
    .map(([text, box]) => [text, box.width, box.height, box.bottom])"""


@SIZES
def test_every_target_is_large_enough_and_on_the_screen(
    open_context: OpenContext, hall: Served, size: ViewportSize
) -> None:
    kiosk = open_kiosk(open_context, hall, size)
    code = expected(hall, next(people))

    def check() -> None:
        assert serious_faults(kiosk) == []
        assert width_of(kiosk) <= size["width"]
        boxes = kiosk.evaluate(BOXES)  # all at once: the page may be drawn again at any moment
        assert boxes
        for text, width, height, bottom in boxes:
            assert min(width, height) >= TOUCH, text
            assert bottom <= size["height"], text

    check()
    kiosk.tap("[data-door=return]")
    check()
    kiosk.tap("#back")
    kiosk.tap("[data-door=appointment]")
    type_on_screen(kiosk, "110105198001010010"[:17])
    check()
    kiosk.keyboard.type(code)
    kiosk.keyboard.press("Enter")
    kiosk.wait_for_selector("[data-appointment]")
    check()


def test_a_hall_without_appointments_and_returns_shows_no_doors(
    open_context: OpenContext, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = tmp_path_factory.mktemp("plain")
    with served(place, settings=ALWAYS_OPEN + '[queue]\nreturns = "help_desk"\n') as hall:
        kiosk = open_kiosk(open_context, hall)
        expect(kiosk.locator(".common")).to_be_visible()
        assert kiosk.locator("[data-door]").count() == 0
        kiosk.close()
