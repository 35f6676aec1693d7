"""The clerk's page in a browser: one large button, a key for each verb, nothing done twice."""

from collections.abc import Iterator
from typing import Any

import pytest
from argon2 import PasswordHasher
from journeys import open_place, serious_faults, stand_between, width_of
from page_faults import OpenContext
from playwright.sync_api import BrowserContext, Locator, Page, Request, Route, ViewportSize, expect
from servers import ALWAYS_OPEN, Served, served

NUMBER = "[data-number]"
MAIN = "[data-verb=main]"
TOLD = "[data-told]"
STATE = "[data-ticket-state]"
DESK: ViewportSize = {"width": 1366, "height": 768}
SMALL: ViewportSize = {"width": 420, "height": 120}
ASK_SECONDS = 10
LOCKS_AFTER = 20  # minutes


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    settings = f"{ALWAYS_OPEN}\n[rating]\nask_seconds = {ASK_SECONDS}\n"
    settings += f"[security]\nwindow_lock_minutes = {LOCKS_AFTER}\n"
    with served(tmp_path_factory.mktemp("hall"), settings=settings) as running:
        yield running


@pytest.fixture
def clerk(context: BrowserContext, hall: Served) -> Iterator[Page]:
    """Open window 1, free and without anybody in its line, in the size of a clerk's screen."""
    empty(hall, 1)
    page = open_place(context, hall, "window", 1, "/window/1")
    page.set_viewport_size(DESK)
    ready(page)
    yield page
    empty(hall, 1)


@pytest.fixture
def small(context: BrowserContext, hall: Served) -> Iterator[Page]:
    """Open the small window of window 1, as a clerk has it beside the approval system."""
    empty(hall, 1)
    page = open_place(context, hall, "window", 1, "/window/1?small=1")
    page.set_viewport_size(SMALL)
    ready(page)
    yield page
    empty(hall, 1)


def ready(page: Page) -> None:
    expect(page.locator(".connection")).to_have_text("已连接")


def empty(hall: Served, window: int) -> None:
    """End whatever goes on at a window, serve its line, and leave it open and held by no page."""
    hall.at(window, "open")
    finish_all(hall, window)
    while hall.at(window, "calls").status == 201:
        hall.at(window, "miss")
    for held in state(hall, window)["held"]:
        hall.at(window, "resume", ticket=held["ticket"])
        finish_all(hall, window)
    assert hall.at(window, "close").status == 200
    assert hall.at(window, "open").status == 200


def finish_all(hall: Served, window: int) -> None:
    for verb, body in (("miss", {}), ("start", {}), ("finish", {"outcome": "other"})):
        hall.at(window, verb, **body)


def state(hall: Served, no: int = 1) -> dict[str, Any]:
    return dict(hall.get(f"/window/{no}/state.json", hall.key("window", no)).json)


def take(hall: Served, service: str = "marriage") -> dict[str, Any]:
    taken = hall.take(service)
    assert taken.status == 201
    return dict(taken.json)


def press(clerk: Page, key: str, shows: str) -> None:
    """Press a key and wait for the state of the ticket that it leads to."""
    clerk.keyboard.press(key)
    expect(clerk.locator(STATE)).to_have_text(shows)


def call(clerk: Page, ticket: dict[str, Any]) -> None:
    clerk.keyboard.press("F2")
    expect(clerk.locator(NUMBER)).to_have_text(ticket["number"])
    settled(clerk)


def settled(clerk: Page) -> None:
    """Wait until nothing is asked: the socket may have told of an act before its own answer."""
    expect(clerk.locator("main[data-busy]")).to_have_count(0)


def serve(clerk: Page, ticket: dict[str, Any]) -> None:
    call(clerk, ticket)
    press(clerk, "F8", "办理中")
    settled(clerk)


def dialog(clerk: Page, name: str) -> Locator:
    found = clerk.locator(f"[data-dialog={name}]")
    expect(found).to_be_visible()
    return found


def no_dialog(clerk: Page) -> None:
    expect(clerk.locator("[role=dialog]")).to_have_count(0)


def state_of(hall: Served, ticket: dict[str, Any]) -> str:
    return str(hall.get(f"/api/v1/tickets/{ticket['id']}", hall.key("kiosk")).json["state"])


def acts(page: Page) -> list[str]:
    """Return the list that fills with every act this page asks the hall for."""
    asked: list[str] = []

    def hear(request: Request) -> None:
        path = request.url.rpartition("/")[2]
        if request.method == "POST" and "/window/" in request.url and path != "session":
            asked.append(path)

    page.on("request", hear)
    return asked


@pytest.fixture(autouse=True)
def expects_a_cut(complaints: Any) -> None:
    complaints.expect("ERR_FAILED|ERR_ABORTED|ERR_CONNECTION|ERR_EMPTY|WebSocket")


# -- a day by keyboard alone -------------------------------------------------------------------


def test_a_clerk_works_with_the_keyboard_alone(clerk: Page, hall: Served) -> None:
    hall.at(1, "close")
    expect(clerk.locator("[data-main-label]")).to_have_text("开启窗口")
    clerk.keyboard.press("F2")
    expect(clerk.locator("[data-clerk]")).to_contain_text("张敏")
    expect(clerk.locator("[data-main-label]")).to_have_text("呼叫下一位")
    first, second = take(hall), take(hall)
    expect(clerk.locator("[data-waiting-total]")).to_have_text("2")

    clerk.keyboard.press("Space")
    expect(clerk.locator(NUMBER)).to_have_text(first["number"])
    settled(clerk)
    clerk.keyboard.press("F3")
    expect(clerk.locator("[data-recalls]")).to_have_text("已重呼 1 / 3 次")
    settled(clerk)
    clerk.keyboard.press("F4")
    expect(clerk.locator(NUMBER)).to_have_text("空闲")
    assert state_of(hall, first) == "missed"
    expect(clerk.locator("[data-verb=undo]")).to_contain_text(f"撤销过号 {first['number']}")
    clerk.keyboard.press("Control+z")
    expect(clerk.locator(NUMBER)).to_have_text(first["number"])
    settled(clerk)
    clerk.keyboard.press("F4")
    expect(clerk.locator(NUMBER)).to_have_text("空闲")
    settled(clerk)

    call(clerk, second)
    press(clerk, "Enter", "办理中")
    settled(clerk)
    clerk.keyboard.press("F6")
    dialog(clerk, "transfer")
    expect(clerk.locator("[role=option]").first).to_be_visible()
    clerk.keyboard.type("咨询")
    expect(clerk.locator("[role=option]")).to_have_count(1)
    clerk.keyboard.press("Enter")  # on to the reason
    clerk.keyboard.press("2")
    expect(clerk.locator("[data-do]")).to_have_text("转到“业务咨询”")
    clerk.keyboard.press("Enter")
    expect(clerk.locator(NUMBER)).to_have_text("空闲")
    no_dialog(clerk)
    line = state(hall)["line"]
    assert [(each["number"], each["service"], each["basis"]) for each in line] == [
        (second["number"], "advice", "transferred")
    ]


def test_a_service_is_finished_with_its_outcome_and_case_number(clerk: Page, hall: Served) -> None:
    ticket = take(hall)
    serve(clerk, ticket)
    clerk.keyboard.press("F9")
    dialog(clerk, "finish")
    expect(clerk.locator("[name=outcome][value=completed]")).to_be_focused()
    clerk.keyboard.press("1")
    expect(clerk.locator("[name=outcome][value=accepted]")).to_be_checked()
    clerk.keyboard.press("Tab")
    clerk.keyboard.type("MZ 2026 13")
    expect(clerk.locator("[name=outcome][value=accepted]")).to_be_checked()
    with clerk.expect_request("**/finish") as asked:
        clerk.keyboard.press("Enter")
    expect(clerk.locator(NUMBER)).to_have_text("空闲")
    body = asked.value.post_data_json or {}
    assert (body["outcome"], body["case_number"]) == ("accepted", "MZ 2026 13")
    assert state_of(hall, ticket) == "done"
    expect(clerk.locator("[data-last]")).to_contain_text(ticket["number"])


def test_one_citizen_has_several_services(clerk: Page, hall: Served) -> None:
    ticket = take(hall)
    serve(clerk, ticket)
    clerk.keyboard.press("F9")
    dialog(clerk, "finish")
    clerk.keyboard.press("Tab")
    clerk.keyboard.press("Tab")
    clerk.keyboard.press("Space")
    expect(clerk.locator("[name=more]")).to_be_checked()
    clerk.keyboard.press("F9")
    expect(clerk.locator("[data-service]")).to_have_text("业务咨询")
    expect(clerk.locator(NUMBER)).to_have_text(ticket["number"])
    expect(clerk.locator(STATE)).to_have_text("办理中")
    settled(clerk)
    clerk.keyboard.press("F9")
    dialog(clerk, "finish")
    clerk.keyboard.press("F9")
    expect(clerk.locator(NUMBER)).to_have_text("空闲")
    assert state_of(hall, ticket) == "done"


def test_a_service_is_laid_aside_and_taken_up_again(clerk: Page, hall: Served) -> None:
    ticket = take(hall)
    serve(clerk, ticket)
    clerk.keyboard.press("F7")
    dialog(clerk, "hold")
    clerk.keyboard.press("2")
    expect(clerk.locator(NUMBER)).to_have_text("空闲")
    held = clerk.locator("[data-held] li")
    expect(held).to_contain_text(ticket["number"])
    expect(held).to_contain_text("取回材料")
    expect(held.locator(".waited")).to_have_text("00:02 / 120 分")  # it counts
    assert state_of(hall, ticket) == "held"
    clerk.keyboard.press("h")
    expect(held.locator("button")).to_be_focused()
    clerk.keyboard.press("Enter")
    expect(clerk.locator(NUMBER)).to_have_text(ticket["number"])
    expect(clerk.locator(STATE)).to_have_text("办理中")
    expect(held).to_have_count(0)


def test_one_is_called_before_the_others_with_a_reason(clerk: Page, hall: Served) -> None:
    first, second, third = take(hall), take(hall), take(hall)
    expect(clerk.locator("[data-line] li")).to_have_count(3)
    clerk.keyboard.press("l")
    clerk.keyboard.press("ArrowDown")
    clerk.keyboard.press("End")
    clerk.keyboard.press("Enter")
    question = dialog(clerk, "callThis")
    expect(question).to_contain_text(f"会先于 {first['number']}")
    clerk.keyboard.press("Enter")
    expect(question.locator(TOLD)).to_have_text("请选一个原因，或写明原因。")
    clerk.keyboard.press("3")
    clerk.keyboard.press("Enter")
    expect(clerk.locator(NUMBER)).to_have_text(third["number"])
    expect(clerk.locator("[data-fact=why]")).to_contain_text("指定呼叫：补交材料")
    assert [state_of(hall, each) for each in (first, second)] == ["waiting", "waiting"]


def test_the_page_says_who_is_next_and_why(clerk: Page, hall: Served) -> None:
    hall.at(2, "open")
    came_first, sent = take(hall), take(hall)
    hall.at(2, "calls", ticket=sent["id"], reason="test")
    hall.at(2, "start")
    sends = {"window": 1, "reason": "test"}
    assert hall.post("/api/v1/windows/2/transfer", sends, hall.key("window", 2)).status == 200
    expect(clerk.locator("[data-waiting-total]")).to_have_text("2")
    clerk.keyboard.press("w")
    expect(clerk.locator("[data-why]")).to_contain_text(sent["number"])
    expect(clerk.locator("[data-why]")).to_contain_text(
        f"先于 {came_first['number']}，因为：回到本窗口"
    )
    call(clerk, sent)
    expect(clerk.locator("[data-fact=first-receiver]")).to_contain_text("2号窗口 李㛃（1002）")
    hall.at(2, "close")


def test_a_pause_shows_its_reason_outside(
    clerk: Page, hall: Served, open_context: OpenContext
) -> None:
    outside = open_place(open_context(), hall, "evaluator", 1, "/evaluator/1")
    clerk.keyboard.press("F10")
    dialog(clerk, "pause")
    clerk.keyboard.press("3")
    expect(clerk.locator("[data-service]")).to_have_text("内部会议")
    expect(outside.locator("[data-idle-hint]")).to_have_text("内部会议")
    board = hall.get("/api/v1/board?zone=1F", hall.key("display", zone="1F")).json
    assert board["windows"][0]["pause_reason"] == "内部会议"
    settled(clerk)
    clerk.keyboard.press("F10")
    expect(clerk.locator("[data-window-state]")).to_have_text("正在办理")
    expect(outside.locator("[data-idle-hint]")).not_to_have_text("内部会议")


def test_a_pause_may_have_a_reason_of_its_own(clerk: Page, hall: Served) -> None:
    clerk.keyboard.press("F10")
    dialog(clerk, "pause").locator("[name=own_reason]").fill("2 号台取档案")
    clerk.keyboard.press("Enter")
    expect(clerk.locator("[data-service]")).to_have_text("2 号台取档案")
    assert state(hall)["pause_reason"] == "2 号台取档案"


def test_a_window_is_closed_after_a_question(clerk: Page, hall: Served) -> None:
    clerk.locator("[data-verb=close]").click()
    dialog(clerk, "close")
    assert state(hall)["state"] == "open"
    clerk.keyboard.press("Escape")
    no_dialog(clerk)
    clerk.locator("[data-verb=close]").click()
    clerk.locator("[data-dialog=close] [data-do]").click()
    expect(clerk.locator(NUMBER)).to_have_text("未开启")
    assert state(hall)["state"] == "closed"


@pytest.mark.parametrize(("key", "ends"), [("F4", "missed"), ("F8", "serving")])
def test_a_called_ticket_needs_one_key(clerk: Page, hall: Served, key: str, ends: str) -> None:
    ticket = take(hall)
    call(clerk, ticket)
    clerk.keyboard.press(key)
    expect(clerk.locator(NUMBER)).to_have_text(ticket["number"] if ends == "serving" else "空闲")
    settled(clerk)
    assert state_of(hall, ticket) == ends


# -- undo --------------------------------------------------------------------------------------


def test_undo_counts_its_seconds_and_is_gone(clerk: Page, hall: Served) -> None:
    ticket = take(hall)
    call(clerk, ticket)
    left = clerk.locator("[data-undo-left]")
    expect(left).to_have_text("8 秒")
    expect(left).to_have_text("5 秒")
    expect(left).to_have_count(0)
    clerk.keyboard.press("Control+z")
    expect(clerk.locator(TOLD)).to_have_text("没有可撤销的操作")
    assert state_of(hall, ticket) == "called"


def test_a_wrong_call_is_taken_back_with_the_mouse(clerk: Page, hall: Served) -> None:
    ticket = take(hall)
    call(clerk, ticket)
    clerk.locator("[data-verb=undo]").click()
    expect(clerk.locator(NUMBER)).to_have_text("空闲")
    assert state_of(hall, ticket) == "waiting"


# -- who works here ----------------------------------------------------------------------------


def test_a_clerk_who_stands_in_signs_in_works_and_leaves(
    context: BrowserContext, hall: Served
) -> None:
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
    ready(page)
    assert page.url == f"{hall.address}/window/1"
    page.keyboard.press("F2")
    expect(page.locator("[data-clerk]")).to_contain_text("李㛃　工号 1002")
    expect(page.locator("[data-stands-in]")).to_have_text("代班（代 张敏）")
    page.get_by_role("button", name="退出登录").click()
    expect(page.locator("[name=password]")).to_be_visible()
    assert context.request.get(f"{hall.address}/window/1/state.json").status == 401
    empty(hall, 1)


def signed_in(context: BrowserContext, hall: Served) -> Page:
    """The clerk of window 1 at their page; a machine's key alone is never locked."""
    with hall.register() as register:
        register.set_password_hash("1001", PasswordHasher().hash("plums and a wet umbrella"))
    page = context.new_page()
    page.set_viewport_size(DESK)
    page.goto(f"{hall.address}/sign-in")
    page.locator("[name=staff_number]").fill("1001")
    page.locator("[name=password]").fill("plums and a wet umbrella")
    page.keyboard.press("Enter")
    ready(page)
    return page


def test_a_window_locks_by_itself_once_nobody_touched_it_for_so_long(
    context: BrowserContext, hall: Served
) -> None:
    context.clock.install()
    page, minute = signed_in(context, hall), 60_000
    answers = f"{hall.address}/window/1/state.json"
    for _ in range(2):  # whoever moves the mouse is there
        page.clock.fast_forward((LOCKS_AFTER - 1) * minute)
        page.mouse.move(200, 200)
        page.mouse.move(210, 210)
    # asked after whatever the page itself has sent
    assert page.evaluate("path => fetch(path).then((each) => each.status)", answers) == 200
    page.clock.fast_forward(LOCKS_AFTER * minute)
    expect(page.get_by_role("heading")).to_have_text("1号窗口已锁定")
    assert context.request.get(answers).status == 423
    page.keyboard.type("plums and a wet umbrella")
    page.keyboard.press("Enter")
    ready(page)


def test_a_locked_window_shows_its_number_alone_and_opens_again_by_the_keys(
    context: BrowserContext, hall: Served
) -> None:
    empty(hall, 1)
    page = signed_in(context, hall)
    page.keyboard.press("F2")
    ticket = take(hall)
    expect(page.locator("[data-waiting-total]")).to_have_text("1")
    call(page, ticket)
    press(page, "F8", "办理中")
    settled(page)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("heading")).to_have_text("1号窗口已锁定")
    assert ticket["number"] not in page.content()
    assert serious_faults(page) == []
    page.goto(f"{hall.address}/window/1?small=1")
    expect(page.locator("[name=pin]")).to_be_focused()
    page.keyboard.type("0000")
    page.keyboard.press("Enter")
    expect(page.locator("#wrong")).to_contain_text("还可以试 4 次")
    expect(page.locator("[name=pin]")).to_be_focused()  # a new page; its first keys else go astray
    assert state(hall)["active"]["state"] == "serving"
    page.keyboard.type("plums and a wet umbrella")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{hall.address}/window/1?small=1")
    expect(page.locator(NUMBER)).to_have_text(ticket["number"])
    empty(hall, 1)


def test_a_window_that_is_open_elsewhere_is_taken_over_after_a_question(
    clerk: Page, hall: Served, open_context: OpenContext
) -> None:
    ticket = take(hall)
    serve(clerk, ticket)
    other = open_place(open_context(viewport=DESK), hall, "window", 1, "/window/1")
    # found by a stranger: nothing was taken from this page, and its keys were mute
    expect(other.locator("[data-taken] h2")).to_have_text("本窗口正在另一处使用")
    expect(other.locator("[data-taken]")).to_contain_text("1 号窗口已在另一处打开（张敏）。确认")
    other.keyboard.press("F9")
    expect(other.locator(TOLD)).to_contain_text("请先点“在这里接管”")
    other.locator("[data-take-over]").click()
    dialog(other, "takeOver")
    other.keyboard.press("Escape")
    no_dialog(other)
    expect(clerk.locator(NUMBER)).to_have_text(ticket["number"])
    other.locator("[data-take-over]").click()
    dialog(other, "takeOver")
    other.keyboard.press("Enter")
    expect(other.locator(NUMBER)).to_have_text(ticket["number"])

    expect(clerk.locator("[data-taken]")).to_contain_text("本窗口已在另一处接管")
    clerk.keyboard.press("F9")
    expect(clerk.locator(TOLD)).to_contain_text("请先点“在这里接管”")
    no_dialog(clerk)
    assert state_of(hall, ticket) == "serving"
    clerk.locator("[data-take-over]").click()
    dialog(clerk, "takeOver")
    clerk.keyboard.press("Enter")
    expect(clerk.locator(NUMBER)).to_have_text(ticket["number"])
    expect(other.locator("[data-taken]")).to_be_visible()


def test_a_reload_is_the_same_page(clerk: Page, hall: Served) -> None:
    ticket = take(hall)
    call(clerk, ticket)
    clerk.reload()
    ready(clerk)
    expect(clerk.locator(NUMBER)).to_have_text(ticket["number"])
    press(clerk, "F8", "办理中")


# -- the small window --------------------------------------------------------------------------


def fits(page: Page) -> bool:
    """Whether nothing of a page needs scrolling."""
    return bool(
        page.evaluate(
            """() => [document.documentElement,
                ...document.querySelectorAll("main, .dialog, .dialog-body")].every((each) =>
                    each.scrollHeight <= each.clientHeight + 1 &&
                    each.scrollWidth <= each.clientWidth + 1)"""
        )
    )


def test_a_small_window_that_is_held_elsewhere_fits_when_a_key_is_refused(
    clerk: Page, hall: Served, open_context: OpenContext
) -> None:
    other = open_place(open_context(viewport=SMALL), hall, "window", 1, "/window/1?small=1")
    expect(other.locator("[data-taken]")).to_be_visible()
    assert fits(other)
    other.keyboard.press("F2")
    expect(other.locator(TOLD)).to_contain_text("请先点“在这里接管”")
    assert fits(other)


def test_the_small_window_fits_and_does_the_day(small: Page, hall: Served) -> None:
    ticket, _ = take(hall), take(hall)
    expect(small.locator("[data-waiting-total]")).to_have_text("2")
    assert fits(small)
    call(small, ticket)
    expect(small.locator(STATE)).to_have_text("已呼叫")
    expect(small.locator("[data-waiting-total]")).to_have_text("1")
    assert fits(small)
    small.keyboard.press("F3")
    settled(small)
    press(small, "F8", "办理中")
    settled(small)
    for verb in ("main", "recall", "miss", "finish"):
        expect(small.locator(f"[data-verb={verb}]")).to_be_in_viewport(ratio=1)
    assert fits(small)
    small.keyboard.press("F3")
    expect(small.locator(TOLD)).to_contain_text("无需重呼")
    assert fits(small)
    for key, name in (("F7", "hold"), ("F10", "pause"), ("F9", "finish")):
        small.keyboard.press(key)
        question = dialog(small, name)
        expect(question.locator("[data-do]")).to_be_in_viewport(ratio=1)
        assert fits(small), name
        if name != "finish":
            small.keyboard.press("Escape")
            no_dialog(small)
    small.keyboard.press("4")
    small.keyboard.press("Enter")
    expect(small.locator(NUMBER)).to_have_text("空闲")
    assert state_of(hall, ticket) == "done"


def test_the_small_window_opens_as_a_popup_of_the_same_page(clerk: Page, hall: Served) -> None:
    ticket = take(hall)
    clerk.evaluate("() => { window.documentPictureInPicture = undefined; }")
    with clerk.expect_popup() as opened:
        clerk.locator("[data-open-small]").click()
    popup = opened.value
    ready(popup)
    call(popup, ticket)
    expect(clerk.locator(NUMBER)).to_have_text(ticket["number"])
    expect(popup.locator("[data-strip]")).to_be_visible()
    expect(clerk.locator("[data-taken]")).to_have_count(0)
    press(clerk, "F8", "办理中")
    expect(popup.locator(STATE)).to_have_text("办理中")


def test_the_small_window_stays_on_top_where_the_browser_can(clerk: Page, hall: Served) -> None:
    if not clerk.evaluate("() => 'documentPictureInPicture' in window"):
        pytest.skip("this Chromium has no picture-in-picture for documents")
    ticket = take(hall)
    with clerk.context.expect_page() as opened:
        clerk.locator("[data-open-small]").click()
    on_top = opened.value
    assert on_top.url == "about:blank"
    call(on_top, ticket)
    expect(clerk.locator(NUMBER)).to_have_text(ticket["number"])
    press(on_top, "F8", "办理中")
    settled(on_top)
    on_top.keyboard.press("F9")
    dialog(on_top, "finish")
    no_dialog(clerk)
    on_top.keyboard.press("F9")
    expect(clerk.locator(NUMBER)).to_have_text("空闲")
    on_top.close()
    call(clerk, take(hall))


# -- keys --------------------------------------------------------------------------------------


def change(clerk: Page, verb: str, key: str) -> None:
    clerk.locator(f"[data-change={verb}]").click()
    expect(clerk.locator(f"[data-change={verb}]")).to_have_text("请按新的键…")
    clerk.keyboard.press(key)


def test_a_clerk_chooses_the_keys(clerk: Page, hall: Served) -> None:
    clerk.locator("[data-settings]").click()
    question = dialog(clerk, "keys")
    change(clerk, "recall", "F4")
    expect(question.locator(TOLD)).to_have_text("F4 已用于“过号”，请换一个键。")
    change(clerk, "recall", "F5")
    expect(question.locator(TOLD)).to_contain_text("浏览器的“刷新”键")
    change(clerk, "recall", "5")
    expect(question.locator(TOLD)).to_contain_text("数字键用来选")
    expect(question.locator("[data-change=recall]")).to_have_text("F3")
    change(clerk, "recall", "r")
    expect(question.locator("[data-change=recall]")).to_have_text("R")
    clerk.keyboard.press("Escape")
    no_dialog(clerk)
    clerk.reload()
    ready(clerk)
    expect(clerk.locator("[data-verb=recall] kbd")).to_have_text("R")
    call(clerk, take(hall))
    clerk.keyboard.press("F3")
    clerk.keyboard.press("r")
    expect(clerk.locator("[data-recalls]")).to_have_text("已重呼 1 / 3 次")


def test_keys_are_switched_off(clerk: Page, hall: Served) -> None:
    ticket = take(hall)
    expect(clerk.locator("[data-waiting-total]")).to_have_text("1")
    clerk.locator("[data-settings]").click()
    dialog(clerk, "keys").locator("[name=keys_on]").uncheck()
    clerk.keyboard.press("Escape")
    no_dialog(clerk)
    expect(clerk.locator(f"{MAIN} kbd")).to_have_count(0)
    asked = acts(clerk)
    for key in ("F2", "Space", "w"):
        clerk.keyboard.press(key)
    clerk.wait_for_timeout(300)
    assert asked == []
    assert state_of(hall, ticket) == "waiting"
    clerk.locator(MAIN).click()
    expect(clerk.locator(NUMBER)).to_have_text(ticket["number"])


def test_keys_hold_where_the_browser_keeps_nothing(context: BrowserContext, hall: Served) -> None:
    empty(hall, 1)
    context.add_init_script(
        """for (const name of ["localStorage", "sessionStorage"])
            Object.defineProperty(window, name, {
                get() { throw new DOMException("no", "SecurityError"); } });"""
    )
    page = open_place(context, hall, "window", 1, "/window/1")
    ready(page)
    page.locator("[data-settings]").click()
    dialog(page, "keys")
    change(page, "call", "g")
    page.keyboard.press("Escape")
    no_dialog(page)
    ticket = take(hall)
    page.keyboard.press("g")
    expect(page.locator(NUMBER)).to_have_text(ticket["number"])
    empty(hall, 1)


def test_keys_are_letters_while_a_clerk_types(clerk: Page, hall: Served) -> None:
    hall.at(1, "close")
    field = clerk.locator("[name=clerk]")
    field.click()
    asked = acts(clerk)
    clerk.keyboard.type("W L 12")
    expect(field).to_have_value("W L 12")
    expect(field).to_be_focused()
    assert asked == []
    field.fill("1002")
    clerk.keyboard.press("F2")  # a function key is no letter
    expect(clerk.locator("[data-stands-in]")).to_be_visible()
    hall.at(1, "close")


def test_a_key_that_is_held_down_is_pressed_once(clerk: Page, hall: Served) -> None:
    first, second = take(hall), take(hall)
    expect(clerk.locator("[data-waiting-total]")).to_have_text("2")
    clerk.keyboard.down("F2")
    expect(clerk.locator(NUMBER)).to_have_text(first["number"])
    settled(clerk)
    hall.at(1, "miss")
    expect(clerk.locator(NUMBER)).to_have_text("空闲")
    for _ in range(5):
        clerk.keyboard.down("F2")  # what a keyboard sends while the key stays down
    clerk.wait_for_timeout(300)
    clerk.keyboard.up("F2")
    assert state_of(hall, second) == "waiting"
    call(clerk, second)


def test_a_dialog_keeps_the_focus_and_gives_it_back(clerk: Page, hall: Served) -> None:
    serve(clerk, take(hall))
    clerk.locator("[data-verb=transfer]").focus()
    clerk.keyboard.press("Enter")
    question = dialog(clerk, "transfer")
    expect(clerk.locator("[role=option]").first).to_be_visible()
    seen = set()
    for _ in range(12):
        clerk.keyboard.press("Tab")
        inside, name = question.evaluate(
            "(box) => [box.contains(document.activeElement), document.activeElement.name]"
        )
        assert inside
        seen.add(name)
    assert {"place", "reason", "own_reason", "wrong_item"} <= seen
    clerk.keyboard.press("Shift+Tab")
    clerk.keyboard.press("F3")  # no key of the page works behind a question
    clerk.keyboard.press("Escape")
    expect(clerk.locator("[data-verb=transfer]")).to_be_focused()


# -- nothing twice, nothing lost ---------------------------------------------------------------


def test_a_double_press_calls_one_citizen(clerk: Page, hall: Served) -> None:
    first, second = take(hall), take(hall)
    expect(clerk.locator("[data-waiting-total]")).to_have_text("2")
    for _ in range(3):
        clerk.keyboard.press("F2")
    clerk.locator(MAIN).dblclick(force=True)
    expect(clerk.locator(NUMBER)).to_have_text(first["number"])
    clerk.wait_for_timeout(300)
    assert state_of(hall, second) == "waiting"


def test_a_double_click_calls_and_does_not_start(clerk: Page, hall: Served) -> None:
    ticket = take(hall)
    expect(clerk.locator("[data-waiting-total]")).to_have_text("1")
    asked = acts(clerk)
    clerk.locator(MAIN).dblclick(delay=250)
    expect(clerk.locator(STATE)).to_have_text("已呼叫")
    settled(clerk)
    assert asked == ["call"]
    assert state_of(hall, ticket) == "called"


def test_a_quick_hand_loses_no_step(clerk: Page, hall: Served) -> None:
    take(hall)
    expect(clerk.locator("[data-waiting-total]")).to_have_text("1")
    clerk.keyboard.press("F2")
    clerk.keyboard.press("F8")
    expect(clerk.locator(STATE)).to_have_text("办理中")


def test_a_quick_hand_loses_no_step_when_the_answer_to_its_call_was_lost(
    clerk: Page, hall: Served
) -> None:
    take(hall)
    expect(clerk.locator("[data-waiting-total]")).to_have_text("1")
    lose_answers(clerk, "call", 1)
    clerk.keyboard.press("F2")
    clerk.keyboard.press("F8")
    expect(clerk.locator(STATE)).to_have_text("办理中")


def lose_answers(clerk: Page, path: str, count: int) -> list[str]:
    """Let the hall do an act whose answer never arrives, so many times."""
    lost: list[str] = []

    def answer(route: Route) -> None:
        if len(lost) < count:
            route.fetch()
            lost.append(path)
            route.abort()
        else:
            route.continue_()

    stand_between(clerk, f"**/window/1/{path}", answer)
    return lost


@pytest.mark.parametrize(
    ("path", "keys", "shows", "ends"),
    [
        ("call", ["F2"], "已呼叫", "called"),
        ("start", ["F8"], "办理中", "serving"),
        ("miss", ["F4"], "空闲", "missed"),
    ],
)
def test_a_lost_answer_is_asked_for_again(
    clerk: Page, hall: Served, path: str, keys: list[str], shows: str, ends: str
) -> None:
    ticket, other = take(hall), take(hall)
    if path != "call":
        call(clerk, ticket)
    lost = lose_answers(clerk, path, 2)
    for key in keys:
        clerk.keyboard.press(key)
    expect(clerk.locator(TOLD)).to_contain_text("正在核对这一步是否完成")
    expect(clerk.locator("[data-current]")).to_contain_text(shows)
    expect(clerk.locator(TOLD)).to_have_text("")
    assert len(lost) == 2
    assert state_of(hall, ticket) == ends
    assert state_of(hall, other) == "waiting"


def test_an_answer_that_never_comes_is_not_taken_for_done(clerk: Page, hall: Served) -> None:
    take(hall)
    stand_between(clerk, "**/window/1/call", lambda route: route.abort())
    clerk.keyboard.press("F2")
    expect(clerk.locator(TOLD)).to_contain_text("网络中断，不知道这一步是否完成")
    expect(clerk.locator(NUMBER)).to_have_text("空闲")


def test_a_question_about_somebody_who_is_gone_is_withdrawn(clerk: Page, hall: Served) -> None:
    serve(clerk, take(hall))
    clerk.keyboard.press("F9")
    dialog(clerk, "finish")
    hall.at(1, "finish", outcome="other")
    no_dialog(clerk)
    expect(clerk.locator(TOLD)).to_contain_text("已有变化")


def test_a_refusal_is_told_as_its_sentence(clerk: Page, hall: Served) -> None:
    call(clerk, take(hall))
    clerk.keyboard.press("F3")
    expect(clerk.locator("[data-recalls]")).to_have_text("已重呼 1 / 3 次")
    settled(clerk)
    clerk.keyboard.press("F3")
    expect(clerk.locator(TOLD)).to_contain_text("秒后再次重呼")


def test_a_refusal_in_a_dialog_is_told_in_the_dialog(clerk: Page, hall: Served) -> None:
    serve(clerk, take(hall))
    clerk.keyboard.press("F6")
    question = dialog(clerk, "transfer")
    expect(clerk.locator("[role=option]").first).to_be_visible()
    clerk.keyboard.type("无人窗口")
    clerk.keyboard.press("Enter")
    clerk.keyboard.press("1")
    clerk.keyboard.press("Enter")
    expect(question.locator(TOLD)).to_contain_text("窗口")
    expect(question.locator("[name=place]")).to_have_value("无人窗口")


def test_what_may_not_be_done_says_why(clerk: Page, hall: Served) -> None:
    expect(clerk.locator("[data-main-hint]")).to_have_text("现在没有人在等候")
    clerk.keyboard.press("F2")
    expect(clerk.locator(TOLD)).to_have_text("现在没有人在等候。")
    settled(clerk)
    clerk.keyboard.press("F9")
    expect(clerk.locator(TOLD)).to_have_text("还没有呼叫")
    ticket = take(hall)
    call(clerk, ticket)
    clerk.keyboard.press("F2")
    expect(clerk.locator(TOLD)).to_have_text(f"请先办完 {ticket['number']} 号")
    expect(clerk.locator("[data-verb=hold]")).to_have_attribute("title", "请先开始办理，再挂起")


# -- what it shows -----------------------------------------------------------------------------


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
    hall.at(2, "close")


def test_the_clerk_learns_that_a_service_was_rated_but_not_how(clerk: Page, hall: Served) -> None:
    take(hall)
    visit = hall.serve_next(1)["visit"]
    expect(clerk.locator("[data-unrated]")).to_contain_text("正在邀请评价")
    rating = {"visit": visit, "level": "very_dissatisfied", "channel": "evaluator", "text": "慢"}
    assert hall.post("/api/v1/ratings", rating, hall.key("evaluator", 1)).status == 201
    expect(clerk.locator("[data-last]")).to_contain_text("已评价")
    expect(clerk.locator("[data-unrated]")).to_have_count(0)
    shown = hall.get("/window/1/state.json", hall.key("window", 1)).body.decode()
    assert "very_dissatisfied" not in shown
    assert "不满意" not in clerk.content()


def test_who_left_without_rating_is_a_warning_and_is_asked_once_more(
    clerk: Page, hall: Served
) -> None:
    ticket = take(hall)
    visit = hall.serve_next(1)["visit"]
    warning = clerk.locator("[data-unrated]")
    expect(warning).to_contain_text(f"上一位 {ticket['number']} 未评价")
    expect(clerk.locator("[data-verb=askAgain]")).to_be_visible()
    pad = hall.key("evaluator", 1)
    assert hall.get("/evaluator/1/state.json", pad).json["ask"] is None
    clerk.locator("[data-verb=askAgain]").click()
    expect(warning).to_contain_text("正在邀请评价")
    assert hall.get("/evaluator/1/state.json", pad).json["ask"]["visit"] == visit
    expect(warning).to_contain_text("未评价")
    expect(clerk.locator("[data-verb=askAgain]")).to_have_count(0)


def test_a_silent_hall_is_told_within_12_seconds_and_then_made_up_for(
    clerk: Page, hall: Served
) -> None:
    hall.pause()
    try:
        expect(clerk.locator(".connection")).to_contain_text("连接中断", timeout=14_000)
        expect(clerk.locator("[data-cut]")).to_be_visible()
    finally:
        hall.go_on()
    take(hall)
    expect(clerk.locator(".connection")).to_have_text("已连接", timeout=15_000)
    expect(clerk.locator("[data-waiting-total]")).to_have_text("1")
    expect(clerk.locator("[data-cut]")).to_have_count(0)


def test_beside_another_system_nothing_is_lost(clerk: Page, hall: Served) -> None:
    clerk.set_viewport_size({"width": 420, "height": 768})
    serve(clerk, take(hall))
    assert width_of(clerk) == 420
    for verb in ("main", "recall", "miss", "transfer", "hold", "pause"):
        expect(clerk.locator(f"[data-verb={verb}]")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("size", [(1366, 768), (1366, 640)], ids=str)
def test_everything_fits_the_clerks_screen(
    clerk: Page, hall: Served, size: tuple[int, int]
) -> None:
    clerk.set_viewport_size({"width": size[0], "height": size[1]})
    serve(clerk, take(hall))
    for what in (NUMBER, "[data-service]", STATE, MAIN, "[data-verb=hold]", "[data-verb=close]"):
        expect(clerk.locator(what)).to_be_in_viewport(ratio=1)
    assert fits(clerk)
    for key, name in (("F6", "transfer"), ("F7", "hold"), ("F9", "finish")):
        clerk.keyboard.press(key)
        expect(dialog(clerk, name).locator("[data-do]")).to_be_in_viewport(ratio=1)
        clerk.keyboard.press("Escape")
        no_dialog(clerk)


def test_the_focus_is_seen(clerk: Page, hall: Served) -> None:
    take(hall)
    expect(clerk.locator("[data-line] li")).to_have_count(1)
    for _ in range(14):
        clerk.keyboard.press("Tab")
        ring = clerk.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        hidden = clerk.evaluate("document.activeElement === document.body")
        assert hidden or ring == "solid"


def test_a_clicked_button_leaves_the_keys_to_the_page(clerk: Page, hall: Served) -> None:
    ticket = take(hall)
    clerk.locator(MAIN).click()
    expect(clerk.locator(NUMBER)).to_have_text(ticket["number"])
    settled(clerk)
    clerk.keyboard.press("Enter")
    expect(clerk.locator(STATE)).to_have_text("办理中")


@pytest.mark.parametrize(
    "shown", ["free", "called", "held", "transfer", "finish", "pause", "keys", "closed", "taken"]
)
def test_axe_finds_nothing_serious(clerk: Page, hall: Served, shown: str) -> None:
    take(hall)
    if shown in ("called", "held", "transfer", "finish"):
        call(clerk, {"number": state(hall)["line"][0]["number"]})
    if shown in ("held", "finish"):
        press(clerk, "F8", "办理中")
        settled(clerk)
    if shown == "held":
        hall.at(1, "hold", kind="with_file")
        expect(clerk.locator("[data-held] li")).to_have_count(1)
    if key := {"transfer": "F6", "finish": "F9", "pause": "F10"}.get(shown):
        clerk.keyboard.press(key)
    if shown == "keys":
        clerk.locator("[data-settings]").click()
    if shown in ("transfer", "finish", "pause", "keys"):
        dialog(clerk, shown)
    if shown == "transfer":
        expect(clerk.locator("[role=option]").first).to_be_visible()
    if shown == "closed":
        hall.at(1, "close")
        expect(clerk.locator(NUMBER)).to_have_text("未开启")
    if shown == "taken":
        other = {"session": "another-page", "take_over": True}
        assert hall.post("/window/1/session", other, hall.key("window", 1)).status == 200
        expect(clerk.locator("[data-taken]")).to_be_visible()
    assert serious_faults(clerk) == []


def test_axe_finds_nothing_serious_in_the_small_window(small: Page, hall: Served) -> None:
    take(hall)
    press(small, "F2", "已呼叫")
    assert serious_faults(small) == []
    settled(small)
    press(small, "F8", "办理中")
    settled(small)
    small.keyboard.press("F9")
    dialog(small, "finish")
    assert serious_faults(small) == []
