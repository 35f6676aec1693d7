"""The evaluator at a window: five levels by touch and by key, each stored once and as itself."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from journeys import (
    STATIC_SCRIPTS_MOST,
    levels_counted,
    only,
    open_place,
    serious_faults,
    stand_between,
    this_month,
    width_of,
)
from playwright.sync_api import BrowserContext, Error, Page, expect
from servers import ALWAYS_OPEN, Served, served

from rating.levels import LEVELS, Level

FACES = [level.value for level in LEVELS]
PADS = [(1280, 800), (1024, 600), (800, 1280)]
MESSAGE = "[data-message-title]"
ASK_SECONDS = 12


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    settings = f"{ALWAYS_OPEN}\n[rating]\nask_seconds = {ASK_SECONDS}\n"
    with served(tmp_path_factory.mktemp("hall"), settings=settings) as running:
        running.at(1, "open")
        yield running


@pytest.fixture(scope="module")
def month(hall: Served) -> str:
    """Return the month that ratings are counted in."""
    return this_month(hall)


@pytest.fixture
def pad(context: BrowserContext, hall: Served) -> Page:
    """Open the evaluator of window 1; whom an earlier test asked has left."""
    rate_whoever_is_asked(hall)
    page = open_place(context, hall, "evaluator", 1, "/evaluator/1")
    expect(page.locator(".connection")).to_have_text("已连接")
    expect(page.locator("[data-greeting]")).to_be_visible()
    return page


def ask(hall: Served) -> int:
    """End a service at window 1, so that its evaluator asks; return the visit."""
    hall.take()
    return int(hall.serve_next(1)["visit"])


def rate_whoever_is_asked(hall: Served) -> None:
    """Rate what the evaluator of window 1 asks, as its page would."""
    asking = hall.get("/evaluator/1/state.json", hall.key("evaluator", 1)).json["ask"]
    if asking is not None:
        body = {"visit": asking["visit"], "level": "satisfied", "channel": "evaluator"}
        assert hall.post("/api/v1/ratings", body, hall.key("evaluator", 1)).status == 201


def asked(pad: Page) -> None:
    expect(pad.locator("#ask-title")).to_be_visible()


def thanked(pad: Page, seconds: float = 5) -> None:
    expect(pad.locator(MESSAGE)).to_have_text("感谢您的评价", timeout=seconds * 1000)


def test_an_idle_evaluator_shows_who_serves(pad: Page) -> None:
    expect(pad.locator("[data-greeting]")).to_have_text("欢迎光临")
    expect(pad.locator("[data-clerk-name]")).to_have_text("张敏")
    expect(pad.locator("[data-clerk-number]")).to_have_text("1001")
    expect(pad.locator("[data-clerk-post]")).to_have_text("办事员")
    expect(pad.locator(".at-window")).to_have_text("1号窗口")
    expect(pad.locator(".hall")).to_have_text("云溪县政务服务中心")


def test_an_idle_evaluator_says_that_its_window_pauses(pad: Page, hall: Served) -> None:
    hall.at(1, "pause", reason="用餐休息")
    expect(pad.locator("[data-greeting]")).to_have_text("暂停服务")
    expect(pad.locator("[data-idle-hint]")).to_have_text("用餐休息")
    hall.at(1, "close")
    expect(pad.locator("[data-greeting]")).to_have_text("未登录")
    hall.at(1, "open")
    expect(pad.locator("[data-greeting]")).to_have_text("欢迎光临")


@pytest.mark.parametrize("level", FACES)
def test_a_touched_face_is_stored_as_its_level(
    pad: Page, hall: Served, month: str, level: str
) -> None:
    before = levels_counted(hall, 1, month)
    ask(hall)
    asked(pad)
    pad.locator(".level", has_text=exactly(level)).click()
    expect(pad.locator("[data-chosen-name]")).to_have_text(Level(level).chinese)
    pad.locator("[data-submit]").click()
    thanked(pad)
    assert levels_counted(hall, 1, month) == only(level, before)


def exactly(level: str) -> re.Pattern[str]:
    """Return what finds a level's word and not the longer word that ends alike."""
    return re.compile(rf"^\s*{Level(level).chinese}\s*按键")


@pytest.mark.parametrize(("key", "level"), list(enumerate(FACES, 1)))
def test_a_number_key_is_stored_as_the_level_written_beside_it(
    pad: Page, hall: Served, month: str, key: int, level: str
) -> None:
    before = levels_counted(hall, 1, month)
    ask(hall)
    asked(pad)
    expect(pad.locator(f"[data-level={level}] .level-key")).to_have_text(f"按键 {key}")
    pad.keyboard.press(str(key))
    expect(pad.locator("[data-chosen-name]")).to_have_text(Level(level).chinese)
    pad.keyboard.press("Enter")
    thanked(pad)
    assert levels_counted(hall, 1, month) == only(level, before)


def test_one_touch_is_enough(pad: Page, hall: Served, month: str) -> None:
    before = levels_counted(hall, 1, month)
    ask(hall)
    asked(pad)
    pad.locator("[data-level=dissatisfied]").click()
    expect(pad.locator("[data-submit-left]")).to_contain_text("秒后自动提交")
    thanked(pad, 12)
    assert levels_counted(hall, 1, month) == only("dissatisfied", before)


def test_reasons_and_words_go_with_the_rating(pad: Page, hall: Served) -> None:
    ask(hall)
    asked(pad)
    pad.locator("[data-level=dissatisfied]").click()
    expect(pad.locator(".tag:visible")).to_have_count(3)
    pad.locator("[data-more]").click()
    expect(pad.locator(".tag:visible")).to_have_count(8)
    pad.get_by_text("服务态度生硬").click()
    pad.locator("[data-text]").fill("等了两个小时")
    with pad.expect_request("**/api/v1/ratings") as sent:
        pad.locator("[data-submit]").click()
    thanked(pad)
    body = sent.value.post_data_json
    assert body is not None
    assert body["tags"] == ["214"]
    assert body["text"] == "等了两个小时"


def test_a_slip_of_the_finger_can_be_mended(pad: Page, hall: Served, month: str) -> None:
    before = levels_counted(hall, 1, month)
    ask(hall)
    asked(pad)
    pad.keyboard.press("5")
    pad.locator("[data-again]").click()
    asked(pad)
    pad.keyboard.press("1")
    pad.locator("[data-submit]").click()
    thanked(pad)
    assert levels_counted(hall, 1, month) == only("very_satisfied", before)


def test_a_double_touch_is_one_rating_without_a_reason(pad: Page, hall: Served) -> None:
    ask(hall)
    asked(pad)
    place = pad.locator("[data-level=basically_satisfied]").bounding_box()
    assert place is not None
    # here the first reasons are about to be
    pad.mouse.dblclick(place["x"] + place["width"] / 2, place["y"] + 80)
    expect(pad.locator("[data-chosen-name]")).to_have_text("基本满意")
    expect(pad.locator(".tag[aria-pressed=true]")).to_have_count(0)
    pad.locator("[data-submit]").click()
    thanked(pad)


def test_nobody_answered_is_kept_as_asked_and_timed_out(
    pad: Page, hall: Served, month: str
) -> None:
    before = levels_counted(hall, 1, month)
    ask(hall)
    asked(pad)
    expect(pad.locator("[data-ask-left]")).to_contain_text("秒")
    expect(pad.locator(MESSAGE)).to_have_text("感谢您的光临", timeout=(ASK_SECONDS + 5) * 1000)
    expect(pad.locator("[data-message-text]")).to_contain_text("评价时间已到")
    expect(pad.locator("[data-greeting]")).to_be_visible()
    last = hall.get("/window/1/state.json", hall.key("window", 1)).json["last"]
    assert last["rating"] == "timed_out"
    assert levels_counted(hall, 1, month) == before


def test_the_faces_go_when_the_citizen_rates_by_phone(pad: Page, hall: Served) -> None:
    visit = ask(hall)
    asked(pad)
    body = {"visit": visit, "level": "satisfied", "channel": "qr"}
    assert hall.post("/api/v1/ratings", body, hall.key("program")).status == 201
    expect(pad.locator("[data-greeting]")).to_be_visible()


def test_a_service_rated_by_phone_is_not_rated_again(pad: Page, hall: Served, month: str) -> None:
    visit = ask(hall)
    asked(pad)
    pad.keyboard.press("5")
    body = {"visit": visit, "level": "satisfied", "channel": "qr"}
    before = levels_counted(hall, 1, month)
    assert hall.post("/api/v1/ratings", body, hall.key("program")).status == 201
    pad.keyboard.press("Enter")
    expect(pad.locator("[data-message-text]")).to_contain_text("已经评价过了")
    assert levels_counted(hall, 1, month) == only("satisfied", before)


def test_a_choice_outlives_a_page_that_crashes(pad: Page, hall: Served, month: str) -> None:
    before = levels_counted(hall, 1, month)
    ask(hall)
    asked(pad)
    pad.keyboard.press("4")
    expect(pad.locator("[data-chosen-name]")).to_have_text("不满意")
    with pad.expect_event("crash"), pytest.raises(Error):
        pad.goto("chrome://crash")
    again = pad.context.new_page()
    pad.close()
    assert levels_counted(hall, 1, month) == before
    again.goto(f"{hall.address}/evaluator/1")
    expect(again.locator(".connection")).to_have_text("已连接")
    wait_for_counts(again, hall, month, only("dissatisfied", before))
    expect(again.locator("[data-kept]")).to_be_hidden()


def test_a_choice_leaves_with_a_page_that_is_closed(pad: Page, hall: Served, month: str) -> None:
    before = levels_counted(hall, 1, month)
    ask(hall)
    asked(pad)
    pad.keyboard.press("4")
    expect(pad.locator("[data-chosen-name]")).to_have_text("不满意")
    pad.goto("about:blank")
    wait_for_counts(pad, hall, month, only("dissatisfied", before))


def wait_for_counts(pad: Page, hall: Served, month: str, wanted: dict[str, int]) -> None:
    for _ in range(300):
        if levels_counted(hall, 1, month) == wanted:
            return
        pad.wait_for_timeout(100)
    assert levels_counted(hall, 1, month) == wanted


def test_a_choice_made_without_a_network_is_sent_when_it_is_back(
    pad: Page, hall: Served, month: str, complaints: Any
) -> None:
    complaints.expect("ERR_INTERNET_DISCONNECTED|ERR_FAILED|WebSocket")
    before = levels_counted(hall, 1, month)
    ask(hall)
    asked(pad)
    pad.context.set_offline(True)
    pad.keyboard.press("2")
    pad.locator("[data-submit]").click()
    expect(pad.locator(MESSAGE)).to_have_text("正在送出您的评价")
    assert levels_counted(hall, 1, month) == before
    pad.context.set_offline(False)
    wait_for_counts(pad, hall, month, only("satisfied", before))
    expect(pad.locator("[data-kept]")).to_be_hidden()


def test_a_choice_that_waits_is_not_pushed_out_by_the_next_one(
    pad: Page, hall: Served, month: str, complaints: Any
) -> None:
    complaints.expect("ERR_FAILED")
    before = levels_counted(hall, 1, month)
    stand_between(pad, "**/api/v1/ratings", lambda route: route.abort())
    for number, (key, word) in enumerate([("4", "不满意"), ("1", "非常满意")], 1):
        ask(hall)
        asked(pad)
        pad.keyboard.press(key)
        expect(pad.locator("[data-chosen-name]")).to_have_text(word)
        pad.keyboard.press("Enter")
        expect(pad.locator(MESSAGE)).to_have_text("正在送出您的评价")
        kept = pad.evaluate("JSON.parse(localStorage.getItem('rating.kept.1')).length")
        assert kept == number
    assert levels_counted(hall, 1, month) == before
    pad.unroute("**/api/v1/ratings")
    wanted = only("dissatisfied", only("very_satisfied", before))
    wait_for_counts(pad, hall, month, wanted)
    expect(pad.locator("[data-kept]")).to_be_hidden()


def test_an_answer_lost_on_the_way_back_does_not_look_like_a_refusal(
    pad: Page, hall: Served, month: str, complaints: Any
) -> None:
    complaints.expect("ERR_FAILED")
    before = levels_counted(hall, 1, month)
    lost: list[int] = []

    def lose_the_first(route: Any) -> None:
        if lost:
            route.continue_()
        else:
            lost.append(route.fetch().status)
            route.abort()

    ask(hall)
    asked(pad)
    stand_between(pad, "**/api/v1/ratings", lose_the_first)
    pad.keyboard.press("3")
    pad.keyboard.press("Enter")
    thanked(pad, 8)
    assert lost == [201]
    assert levels_counted(hall, 1, month) == only("basically_satisfied", before)


def test_a_silent_hall_is_told(pad: Page, hall: Served, complaints: Any) -> None:
    complaints.expect("WebSocket|ERR_")
    hall.pause()
    try:
        expect(pad.locator(".connection")).to_contain_text("连接中断", timeout=14_000)
    finally:
        hall.go_on()
    expect(pad.locator(".connection")).to_have_text("已连接", timeout=15_000)


@pytest.mark.parametrize("size", PADS, ids=str)
def test_all_faces_are_equal_and_in_sight(pad: Page, hall: Served, size: tuple[int, int]) -> None:
    pad.set_viewport_size({"width": size[0], "height": size[1]})
    ask(hall)
    asked(pad)
    tiles = pad.locator(".level")
    boxes = [tiles.nth(place).bounding_box() for place in range(5)]
    assert len({(round(box["width"]), round(box["height"])) for box in boxes if box}) == 1
    colours = tiles.evaluate_all(
        "all => all.map(e => getComputedStyle(e).color + getComputedStyle(e).backgroundColor"
        " + getComputedStyle(e.querySelector('.level-name')).fontWeight)"
    )
    assert len(set(colours)) == 1
    for place in range(5):
        expect(tiles.nth(place)).to_be_in_viewport(ratio=1)
    assert width_of(pad) == size[0]
    pad.keyboard.press("5")
    pad.locator("[data-more]").click()
    expect(pad.locator("[data-submit]")).to_be_in_viewport(ratio=1)
    expect(pad.get_by_text("服务态度差效率低")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("state", ["idle", "ask", "reasons"])
def test_axe_finds_nothing_serious(pad: Page, hall: Served, state: str) -> None:
    if state != "idle":
        ask(hall)
        asked(pad)
    if state == "reasons":
        pad.keyboard.press("4")
        expect(pad.locator("[data-chosen-name]")).to_have_text("不满意")
    assert serious_faults(pad) == []


def test_the_page_needs_little_script(context: BrowserContext, hall: Served) -> None:
    scripts: list[int] = []
    context.on(
        "response",
        lambda answer: scripts.append(len(answer.body())) if answer.url.endswith(".js") else None,
    )
    page = open_place(context, hall, "evaluator", 1, "/evaluator/1")
    expect(page.locator(".connection")).to_have_text("已连接")
    assert len(scripts) == 4
    assert sum(scripts) <= STATIC_SCRIPTS_MOST


def test_another_windows_evaluator_is_not_for_this_key(
    context: BrowserContext, hall: Served
) -> None:
    page = open_place(context, hall, "evaluator", 1, "/evaluator")
    assert page.url == f"{hall.address}/evaluator/1"
    answer = context.request.get(f"{hall.address}/evaluator/2")
    assert answer.status == 403
