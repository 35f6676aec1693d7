"""The clerk's page in a browser: one large button, a key for each verb, nothing done twice."""

from collections.abc import Iterator
from typing import Any

import pytest
from argon2 import PasswordHasher
from journeys import open_place, serious_faults, width_of
from playwright.sync_api import BrowserContext, Page, Route, expect
from servers import Served, served

NUMBER = "[data-number]"
MAIN = "[data-verb=main]"
TOLD = "[data-told]"


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("hall")) as running:
        yield running


@pytest.fixture
def clerk(context: BrowserContext, hall: Served) -> Iterator[Page]:
    """Open window 1, free and without anybody in its line, in the size of a clerk's screen."""
    empty(hall, 1)
    page = open_place(context, hall, "window", 1, "/window/1")
    page.set_viewport_size({"width": 1366, "height": 768})
    expect(page.locator(".connection")).to_have_text("已连接")
    yield page
    empty(hall, 1)


def empty(hall: Served, window: int) -> None:
    """End whatever goes on at a window, serve its line, and leave it open."""
    hall.at(window, "open")
    for verb, body in (("miss", {}), ("start", {}), ("finish", {"outcome": "other"})):
        hall.at(window, verb, **body)
    while hall.at(window, "calls").status == 201:
        hall.at(window, "miss")


def take(hall: Served, service: str = "marriage") -> dict[str, Any]:
    taken = hall.take(service)
    assert taken.status == 201
    return dict(taken.json)


def press(clerk: Page, key: str, shows: str) -> None:
    """Press a key and wait for the state of the ticket that it leads to."""
    clerk.keyboard.press(key)
    expect(clerk.locator("[data-ticket-state]")).to_have_text(shows)


def state_of(hall: Served, ticket: dict[str, Any]) -> str:
    return str(hall.get(f"/api/v1/tickets/{ticket['id']}", hall.key("kiosk")).json["state"])


def test_a_clerk_works_with_the_keyboard_alone(clerk: Page, hall: Served) -> None:
    hall.at(1, "close")
    expect(clerk.locator("[data-main-label]")).to_have_text("开启窗口")
    clerk.keyboard.press("F2")
    expect(clerk.locator("[data-clerk]")).to_contain_text("张敏")
    expect(clerk.locator("[data-main-label]")).to_have_text("呼叫下一位")
    ticket = take(hall)
    expect(clerk.locator("[data-waiting-total]")).to_have_text("1")

    clerk.keyboard.press("Space")
    expect(clerk.locator(NUMBER)).to_have_text(ticket["number"])
    expect(clerk.locator("[data-ticket-state]")).to_have_text("已呼叫")
    clerk.keyboard.press("F3")
    expect(clerk.locator("[data-recalls]")).to_have_text("已重呼 1 / 3 次")
    clerk.keyboard.press("Enter")
    expect(clerk.locator("[data-ticket-state]")).to_have_text("办理中")
    clerk.keyboard.press("1")
    expect(clerk.locator("[name=outcome][value=accepted]")).to_be_checked()
    clerk.keyboard.press("F9")
    expect(clerk.locator("[data-last]")).to_contain_text(ticket["number"])
    assert state_of(hall, ticket) == "done"


def test_a_clerk_signs_in_works_and_leaves(context: BrowserContext, hall: Served) -> None:
    empty(hall, 1)
    hall.at(1, "close")
    with hall.register() as register:
        register.set_password_hash("1002", PasswordHasher().hash("a-password-of-1002"))
    page = context.new_page()
    page.goto(f"{hall.address}/window/1")
    page.locator("[name=staff_number]").fill("1002")
    page.locator("[name=password]").fill("a-password-of-1002")
    page.locator("[name=window]").select_option("1")
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.locator(".connection")).to_have_text("已连接")
    assert page.url == f"{hall.address}/window/1"
    page.keyboard.press("F2")
    expect(page.locator("[data-clerk]")).to_have_text("李㛃　工号 1002")
    page.get_by_role("button", name="退出登录").click()
    expect(page.locator("[name=password]")).to_be_visible()
    assert context.request.get(f"{hall.address}/window/1/state.json").status == 401
    empty(hall, 1)
    hall.at(1, "close")


@pytest.mark.parametrize(("key", "ends"), [("F4", "missed"), ("F8", "serving")])
def test_a_called_ticket_needs_one_key(clerk: Page, hall: Served, key: str, ends: str) -> None:
    ticket = take(hall)
    clerk.keyboard.press("F2")
    expect(clerk.locator(NUMBER)).to_have_text(ticket["number"])
    clerk.keyboard.press(key)
    expect(clerk.locator(NUMBER)).to_have_text(ticket["number"] if ends == "serving" else "空闲")
    assert state_of(hall, ticket) == ends


def test_a_window_pauses_with_a_reason_and_resumes(clerk: Page, hall: Served) -> None:
    clerk.keyboard.press("F10")
    expect(clerk.locator("[data-panel=pause]")).to_be_visible()
    clerk.keyboard.press("2")
    expect(clerk.locator("[data-service]")).to_have_text("用餐休息")
    assert state_of_window(hall, 1) == ("paused", "用餐休息")
    clerk.keyboard.press("F10")
    expect(clerk.locator("[data-window-state]")).to_have_text("正在办理")
    assert state_of_window(hall, 1)[0] == "open"


def test_a_pause_may_have_a_reason_of_its_own(clerk: Page, hall: Served) -> None:
    clerk.keyboard.press("F10")
    clerk.locator("[data-panel=pause] [name=reason]").fill("2 号台取档案")
    clerk.keyboard.press("Enter")
    expect(clerk.locator("[data-service]")).to_have_text("2 号台取档案")
    assert state_of_window(hall, 1) == ("paused", "2 号台取档案")


def state_of_window(hall: Served, no: int) -> tuple[str, str]:
    shown = hall.get(f"/window/{no}/state.json", hall.key("window", no)).json
    return str(shown["state"]), str(shown["pause_reason"])


def test_a_window_is_closed_after_a_question(clerk: Page, hall: Served) -> None:
    clerk.locator("[data-verb=close]").click()
    assert state_of_window(hall, 1)[0] == "open"
    clerk.keyboard.press("Escape")
    expect(clerk.locator("[data-panel=close]")).to_be_hidden()
    clerk.locator("[data-verb=close]").click()
    clerk.locator("[data-panel=close]").get_by_text("关闭窗口", exact=True).click()
    expect(clerk.locator(NUMBER)).to_have_text("未开启")
    assert state_of_window(hall, 1)[0] == "closed"


def test_keys_are_letters_while_a_clerk_types(clerk: Page, hall: Served) -> None:
    ticket = take(hall)
    clerk.keyboard.press("F2")
    expect(clerk.locator(NUMBER)).to_have_text(ticket["number"])
    clerk.keyboard.press("F8")
    field = clerk.locator("[name=case_number]")
    field.click()
    clerk.keyboard.type("MZ 2026 13")
    clerk.keyboard.press("F9")
    clerk.keyboard.press("F4")
    clerk.wait_for_timeout(300)
    assert state_of(hall, ticket) == "serving"
    expect(field).to_have_value("MZ 2026 13")
    expect(clerk.locator("[name=outcome][value=completed]")).to_be_checked()
    clerk.keyboard.press("Enter")
    expect(clerk.locator(NUMBER)).to_have_text("空闲")
    assert state_of(hall, ticket) == "done"


def test_a_double_press_calls_one_citizen(clerk: Page, hall: Served) -> None:
    first, second = take(hall), take(hall)
    expect(clerk.locator("[data-waiting-total]")).to_have_text("2")
    for _ in range(3):
        clerk.keyboard.press("F2")
    clerk.locator(MAIN).dblclick(force=True)
    expect(clerk.locator(NUMBER)).to_have_text(first["number"])
    clerk.wait_for_timeout(300)
    assert state_of(hall, first) == "called"
    assert state_of(hall, second) == "waiting"


def test_a_double_click_asks_the_hall_once(clerk: Page, hall: Served) -> None:
    take(hall)
    asked: list[str] = []
    clerk.on("request", lambda request: asked.append(request.url))

    def slowly(route: Route) -> None:
        clerk.wait_for_timeout(200)
        route.continue_()

    clerk.route("**/calls", slowly)
    clerk.locator(MAIN).dblclick()
    expect(clerk.locator("[data-ticket-state]")).to_have_text("已呼叫")
    assert sum(url.endswith("/calls") for url in asked) == 1


def test_a_quick_hand_loses_no_step(clerk: Page, hall: Served) -> None:
    take(hall)
    expect(clerk.locator("[data-waiting-total]")).to_have_text("1")
    clerk.keyboard.press("F2")
    clerk.keyboard.press("F8")
    expect(clerk.locator("[data-ticket-state]")).to_have_text("办理中")


def test_a_refusal_is_told_as_its_sentence(clerk: Page, hall: Served) -> None:
    ticket = take(hall)
    clerk.keyboard.press("F2")
    expect(clerk.locator(NUMBER)).to_have_text(ticket["number"])
    # the screen hears of a recall before its own answer is there, and until then a key is mute
    with clerk.expect_response("**/recall"):
        clerk.keyboard.press("F3")
    expect(clerk.locator("[data-recalls]")).to_have_text("已重呼 1 / 3 次")
    expect(clerk.locator("[data-verb=recall]")).to_have_attribute("aria-disabled", "false")
    clerk.keyboard.press("F3")
    expect(clerk.locator(TOLD)).to_contain_text("秒后再次重呼")


def test_what_may_not_be_done_says_why(clerk: Page, hall: Served) -> None:
    expect(clerk.locator("[data-main-hint]")).to_have_text("现在没有人在等候")
    clerk.keyboard.press("F2")
    expect(clerk.locator(TOLD)).to_have_text("现在没有人在等候。")
    clerk.wait_for_timeout(500)  # a key is mute until the answer before it is done with
    clerk.keyboard.press("F9")
    expect(clerk.locator(TOLD)).to_have_text("还没有呼叫")
    ticket = take(hall)
    clerk.keyboard.press("F2")
    expect(clerk.locator("[data-main-hint]")).to_have_text(f"请先办完 {ticket['number']} 号")
    expect(clerk.locator("[data-verb=finish]")).to_have_attribute("title", "请先开始办理")


def test_the_line_is_live(clerk: Page, hall: Served) -> None:
    expect(clerk.locator("[data-nobody]")).to_be_visible()
    take(hall, "marriage")
    take(hall, "advice")
    expect(clerk.locator("[data-waiting-total]")).to_have_text("2")
    expect(clerk.locator("[data-counts] li")).to_have_text(["婚姻登记1 人", "业务咨询1 人"])
    expect(clerk.locator("[data-line] li")).to_have_count(2)
    assert hall.at(2, "open").status == 200
    assert hall.at(2, "calls").status == 201
    expect(clerk.locator("[data-waiting-total]")).to_have_text("1")
    hall.at(2, "miss")


def test_the_clerk_learns_that_a_service_was_rated_but_not_how(clerk: Page, hall: Served) -> None:
    take(hall)
    visit = hall.serve_next(1)["visit"]
    expect(clerk.locator("[data-last]")).to_contain_text("正在邀请评价")
    rating = {"visit": visit, "level": "very_dissatisfied", "channel": "evaluator", "text": "慢"}
    assert hall.post("/api/v1/ratings", rating, hall.key("evaluator", 1)).status == 201
    expect(clerk.locator("[data-last]")).to_contain_text("已评价")
    shown = hall.get("/window/1/state.json", hall.key("window", 1)).body.decode()
    assert "very_dissatisfied" not in shown
    assert "不满意" not in clerk.content()


def test_a_silent_hall_is_told_within_12_seconds_and_then_made_up_for(
    clerk: Page, hall: Served
) -> None:
    hall.pause()
    try:
        expect(clerk.locator(".connection")).to_contain_text("连接中断", timeout=14_000)
    finally:
        hall.go_on()
    take(hall)
    expect(clerk.locator(".connection")).to_have_text("已连接", timeout=15_000)
    expect(clerk.locator("[data-waiting-total]")).to_have_text("1")


def test_an_answer_that_never_came_is_not_taken_for_done(clerk: Page, hall: Served) -> None:
    take(hall)
    clerk.route("**/calls", lambda route: route.abort())
    clerk.keyboard.press("F2")
    expect(clerk.locator(TOLD)).to_contain_text("网络中断，不知道这一步是否完成")


@pytest.fixture
def expects_a_cut(complaints: Any) -> None:
    complaints.expect("ERR_FAILED|ERR_ABORTED|ERR_CONNECTION|WebSocket")


pytestmark = pytest.mark.usefixtures("expects_a_cut")


def test_beside_another_system_nothing_is_lost(clerk: Page, hall: Served) -> None:
    clerk.set_viewport_size({"width": 420, "height": 768})
    take(hall)
    press(clerk, "F2", "已呼叫")
    press(clerk, "F8", "办理中")
    expect(clerk.locator("[data-result]")).to_be_visible()
    assert width_of(clerk) == 420
    for verb in ("main", "start", "recall", "miss", "finish", "pause"):
        expect(clerk.locator(f"[data-verb={verb}]")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("size", [(1366, 768), (1366, 640)], ids=str)
def test_everything_fits_the_clerks_screen(
    clerk: Page, hall: Served, size: tuple[int, int]
) -> None:
    clerk.set_viewport_size({"width": size[0], "height": size[1]})
    take(hall)
    press(clerk, "F2", "已呼叫")
    press(clerk, "F8", "办理中")
    expect(clerk.locator("[name=case_number]")).to_be_in_viewport(ratio=1)
    for verb in ("main", "finish", "pause", "close"):
        expect(clerk.locator(f"[data-verb={verb}]")).to_be_in_viewport(ratio=1)
    box = clerk.locator("[data-current]").bounding_box()
    field = clerk.locator("[name=case_number]").bounding_box()
    assert box is not None
    assert field is not None
    assert field["y"] + field["height"] <= box["y"] + box["height"]


def test_the_focus_is_seen(clerk: Page) -> None:
    for _ in range(12):
        clerk.keyboard.press("Tab")
        ring = clerk.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        hidden = clerk.evaluate("document.activeElement === document.body")
        assert hidden or ring == "solid"


def test_a_clicked_button_leaves_the_keys_to_the_page(clerk: Page, hall: Served) -> None:
    ticket = take(hall)
    clerk.locator(MAIN).click()
    expect(clerk.locator(NUMBER)).to_have_text(ticket["number"])
    clerk.keyboard.press("Enter")
    expect(clerk.locator("[data-ticket-state]")).to_have_text("办理中")


@pytest.mark.parametrize("state", ["free", "called", "serving", "asked", "closed"])
def test_axe_finds_nothing_serious(clerk: Page, hall: Served, state: str) -> None:
    if state in ("called", "serving"):
        take(hall)
        press(clerk, "F2", "已呼叫")
    if state == "serving":
        press(clerk, "F8", "办理中")
    if state == "asked":
        clerk.keyboard.press("F10")
    if state == "closed":
        hall.at(1, "close")
        expect(clerk.locator(NUMBER)).to_have_text("未开启")
    assert serious_faults(clerk) == []
