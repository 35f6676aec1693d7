"""The hall's screen in a browser: the newest call large, each call spoken once, never stale."""

import io
import re
import time
import wave
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from json import dumps
from pathlib import Path
from typing import Any

import pytest
from cable import cable_to
from halls import SHANGHAI
from journeys import STATIC_SCRIPTS_MOST, come_in, serious_faults, width_of
from playwright.sync_api import (
    BrowserContext,
    Locator,
    Page,
    Request,
    Route,
    WebSocket,
    expect,
)
from servers import ALWAYS_OPEN, Served, served

from hall.catalogue import Catalogue, Department, Service, Window, Zone

OpenContext = Callable[..., BrowserContext]
SCREEN = {"width": 1920, "height": 1080}
CLIP_SECONDS = 0.25
# Keeps when each clip is played: [clip's turn, from, until] in seconds of the page's audio clock.
HEAR = """
window.heard = [];
window.said = [];
const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (at) {
  window.heard.push([at, at + this.buffer.duration]);
  return start.call(this, at);
};
document.addEventListener("spoken", (event) => window.said.push(event.detail));
"""


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    settings = ALWAYS_OPEN + "[queue]\nrecall_apart_seconds = 0\n"
    with served(tmp_path_factory.mktemp("hall"), settings=settings) as running:
        for window in (1, 2, 3, 4):
            assert running.at(window, "open").status == 200
        yield running


@pytest.fixture
def opened(hall: Served) -> Iterator[Served]:
    """The hall with nobody in its lines and at its windows."""
    yield hall
    for window in (1, 2, 3, 4):
        finish(hall, window)


def finish(hall: Served, window: int) -> None:
    hall.at(window, "start")
    hall.at(window, "finish", outcome="completed")


def call(hall: Served, window: int, service: str = "marriage") -> str:
    """Take a ticket, call whoever is next to a window, and return the number called."""
    finish(hall, window)
    assert hall.take(service).status == 201
    called = hall.at(window, "calls")
    assert called.status == 201, called.body
    return str(called.json["number"])


def open_screen(
    context: BrowserContext, hall: Served, zone: str = "1F", more: str = "", address: str = ""
) -> Page:
    come_in(context, hall, "display", zone=zone)
    page = context.new_page()
    page.goto(f"{address or hall.address}/display?zone={zone}{more}")
    expect(page.locator("#connection")).to_have_attribute("data-state", "live")
    expect(page.locator("#newest")).not_to_be_empty()
    return page


@pytest.fixture
def screen(open_context: OpenContext, hall: Served) -> Page:
    return open_screen(open_context(viewport=SCREEN), hall)


def newest(screen: Page) -> Locator:
    return screen.locator("#newest .number")


# -- what it shows -----------------------------------------------------------------------------


def test_a_call_is_on_every_screen_of_its_zone_and_on_no_other(
    open_context: OpenContext, opened: Served
) -> None:
    context = open_context(viewport=SCREEN)
    here, there = open_screen(context, opened), open_screen(open_context(), opened)
    upstairs = open_screen(open_context(), opened, "2F")
    number = call(opened, 2)
    expect(newest(here)).to_have_text(number, timeout=10000)
    expect(newest(there)).to_have_text(number, timeout=10000)
    expect(here.locator("#newest .window")).to_have_text("2号窗口")
    expect(upstairs.locator("body")).not_to_contain_text(f"{number}→2号窗口")


def test_the_last_six_stand_below_the_newest_one(screen: Page, opened: Served) -> None:
    numbers = [call(opened, 1 + turn % 2) for turn in range(8)]
    expect(newest(screen)).to_have_text(numbers[-1])
    shown = screen.locator("#last .number")
    expect(shown).to_have_text(numbers[-2:-8:-1])


def test_the_newest_call_is_the_largest_thing_on_the_screen(screen: Page, opened: Served) -> None:
    expect(newest(screen)).to_have_text(call(opened, 1))
    size = "element => parseFloat(getComputedStyle(element).fontSize)"
    largest = newest(screen).evaluate(size)
    for other in ("#newest .window", "#last .number", "#clock-time", ".hall-name"):
        assert largest >= 1.4 * screen.locator(other).first.evaluate(size), other


def test_who_waits_is_counted_by_service(screen: Page, opened: Served) -> None:
    row = screen.locator("#waiting li", has_text="婚姻登记").locator(".people")
    before = int(row.inner_text())
    assert opened.take("marriage").status == 201
    expect(row).to_have_text(str(before + 1), timeout=10000)
    call(opened, 1)
    finish(opened, 1)
    opened.at(1, "calls")


def test_a_new_call_flashes_slowly_and_briefly(screen: Page, opened: Served) -> None:
    expect(newest(screen)).to_have_text(call(opened, 1))
    expect(screen.locator("#newest.fresh")).to_be_visible()
    duration, times = flash_of(screen)
    assert duration >= 0.5, "2 Hz at most"
    assert duration * times <= 5


def flash_of(screen: Page) -> tuple[float, float]:
    names, durations, times = screen.locator("#newest").evaluate(
        """element => { const style = getComputedStyle(element);
        return [style.animationName, style.animationDuration, style.animationIterationCount]; }"""
    )
    turn = str(names).split(", ").index("flash")
    durations, times = str(durations).split(", "), str(times).split(", ")
    return (
        float(durations[turn % len(durations)].rstrip("s")),
        float(times[turn % len(times)]),
    )


def test_nothing_moves_for_those_who_asked_for_less_motion(
    open_context: OpenContext, opened: Served
) -> None:
    screen = open_screen(open_context(viewport=SCREEN, reduced_motion="reduce"), opened)
    expect(newest(screen)).to_have_text(call(opened, 1))
    duration, times = flash_of(screen)
    assert duration * times < 0.01


LARGE = Catalogue(
    departments=(Department("MZ", "民政局"),),
    zones=(Zone("1F", "一楼大厅"),),
    services=tuple(
        Service(f"s{no}", f"不动产转移登记与交易税收综合受理{no}", "", f"A{no:c}", "MZ")
        for no in range(ord("A"), ord("A") + 20)
    ),
    windows=tuple(
        Window(no, f"不动产登记交易税收综合受理{no}号台", "1F", "MZ", ("s65", "s66"))
        for no in range(1, 77)
    ),
)


def test_76_windows_and_long_names_stay_inside_the_screen(
    open_context: OpenContext, tmp_path: Path
) -> None:
    with served(tmp_path, catalogue=LARGE) as large:
        screen = open_screen(open_context(viewport=SCREEN), large)
        numbers = []
        for window in range(70, 77):
            large.at(window, "open")
            numbers.append(call(large, window, "s65"))
        expect(newest(screen)).to_have_text(numbers[-1])
        assert numbers[-1].startswith("AA")
        for part in ("#newest .number", "#newest .place", "#last li", "#waiting li"):
            for each in screen.locator(part).all():
                box, size = (
                    each.bounding_box(),
                    each.evaluate("e => [e.scrollWidth, e.clientWidth]"),
                )
                assert box is not None
                assert box["x"] >= 0, part
                assert box["x"] + box["width"] <= SCREEN["width"], part
                assert box["y"] + box["height"] <= SCREEN["height"], part
                assert size[0] <= size[1] + 1, f"{part}: {each.inner_text()}"
        assert width_of(screen) <= SCREEN["width"]
        screen.close()


UPRIGHT = {"width": 1080, "height": 1920}
SIZES = pytest.mark.parametrize(
    "size",
    [SCREEN, UPRIGHT, {"width": 1366, "height": 768}, {"width": 1024, "height": 768}],
    ids=lambda size: f"{size['width']}x{size['height']}",
)
AT_ITS_WIDEST = """() => {
  document.getElementById("sound").hidden = false;
  const connection = document.getElementById("connection");
  connection.dataset.state = "lost";
  connection.textContent = "连接中断（自 10:05:03）";
}"""
SAY_IT_IS_LOST = """() => {
  const strip = document.getElementById("strip");
  strip.hidden = false;
  strip.textContent = "屏幕内容可能不是最新，请以窗口呼叫为准，或到咨询台询问";
}"""


def inside(screen: Page, inner: str, outer: str) -> bool:
    """Whether all of a thing, and all it says, lies inside another."""
    return bool(
        screen.evaluate(
            """([inner, outer]) => {
            const [a, b] = [inner, outer].map((each) => document.querySelector(each));
            const [small, large] = [a.getBoundingClientRect(), b.getBoundingClientRect()];
            const isInline = a.clientWidth === 0;
            const whole = isInline || a.scrollWidth <= a.clientWidth + 1;
            return whole && small.width > 0 && small.left >= large.left
              && small.right <= large.right
              && small.top >= large.top && small.bottom <= large.bottom;
            }""",
            [inner, outer],
        )
    )


@SIZES
def test_the_zone_is_readable_whatever_else_the_header_says(
    open_context: OpenContext, hall: Served, size: dict[str, int]
) -> None:
    screen = open_screen(open_context(viewport=size), hall)
    for stands in ("usual", "at its widest"):
        if stands == "at its widest":
            screen.evaluate(AT_ITS_WIDEST)
        assert inside(screen, ".zone-name", ".hall-name"), stands
        assert inside(screen, ".hall-of-zone", ".hall-name"), f"{stands}: the hall's name is whole"
        for part in ("#connection", "#clock-time"):
            assert inside(screen, part, ".screen-header"), (stands, part)
        assert width_of(screen) <= size["width"]


@SIZES
def test_the_window_and_its_name_stay_inside_the_frame(
    open_context: OpenContext, opened: Served, size: dict[str, int]
) -> None:
    screen = open_screen(open_context(viewport=size), opened, "2F")
    expect(newest(screen)).to_have_text(call(opened, 3, "estate"))
    expect(screen.locator("#newest .window-name")).to_have_text("不动产一号")
    call(opened, 4, "estate")
    expect(screen.locator("#last li .window").first).to_have_text("3号窗口")
    width = "e => e.scrollWidth <= e.clientWidth"
    assert screen.locator("#last li").first.evaluate(width), "an earlier call runs over the next"
    screen.evaluate(SAY_IT_IS_LOST)
    for part in (".number", ".window", ".window-name"):
        assert inside(screen, f"#newest {part}", "#newest"), part


def test_a_screen_before_the_first_call_welcomes(open_context: OpenContext, tmp_path: Path) -> None:
    with served(tmp_path) as fresh:
        screen = open_screen(open_context(viewport=SCREEN), fresh)
        expect(screen.locator("#newest")).to_contain_text("欢迎光临")
        assert serious_faults(screen) == []
        screen.close()


def test_nobody_is_kept_out_by_the_way_the_screen_is_made(screen: Page, opened: Served) -> None:
    expect(newest(screen)).to_have_text(call(opened, 1))
    screen.wait_for_timeout(5500)  # the flash is over
    assert serious_faults(screen) == []


def test_the_screen_needs_little_script(open_context: OpenContext, opened: Served) -> None:
    context, sizes = open_context(), dict[str, int]()
    come_in(context, opened, "display", zone="1F")
    page = context.new_page()
    page.on(
        "response",
        lambda answer: (
            sizes.update({answer.url: len(answer.body())}) if answer.url.endswith(".js") else None
        ),
    )
    page.goto(f"{opened.address}/display?zone=1F")
    expect(page.locator("#connection")).to_have_attribute("data-state", "live")
    assert any("socket.io" in url for url in sizes)
    assert sum(sizes.values()) <= STATIC_SCRIPTS_MOST


# -- the line to the hall ----------------------------------------------------------------------


def test_a_silent_loss_is_seen_within_twelve_seconds(
    open_context: OpenContext, opened: Served
) -> None:
    with cable_to(opened.port) as cable:
        screen = open_screen(open_context(viewport=SCREEN), opened, address=cable.address)
        expect(newest(screen)).to_have_text(call(opened, 1))
        cable.silent = True
        lost = time.monotonic()
        expect(screen.locator("#connection[data-state=lost]")).to_be_visible()
        assert time.monotonic() - lost <= 20, "12 s on a machine that does nothing else"
        expect(screen.locator("#connection")).to_contain_text("连接中断（自 ")
        expect(screen.locator("#strip")).to_contain_text("以窗口呼叫为准")
        missed = call(opened, 2)
        cable.plug_in()
        expect(newest(screen)).to_have_text(missed, timeout=15000)
        expect(screen.locator("#connection")).to_have_text("已连接")
        screen.close()


def test_the_time_of_a_loss_is_the_halls_not_the_devices(
    open_context: OpenContext, opened: Served, complaints: Any
) -> None:
    complaints.expect("WebSocket|ERR_")
    with cable_to(opened.port) as cable:
        elsewhere = open_context(viewport=SCREEN, timezone_id="America/New_York")
        screen = open_screen(elsewhere, opened, address=cable.address)
        cable.pull()
        now = datetime.now(SHANGHAI)
        hours = {f"{at:%H}" for at in (now, now + timedelta(minutes=2))}
        lost = screen.locator("#connection[data-state=lost]")
        expect(lost).to_contain_text(re.compile(f"自 ({'|'.join(hours)}):"))
        screen.close()


@pytest.mark.parametrize("path", ["/display?zone=1F", "/kiosk"])
def test_a_page_shows_the_halls_time_before_the_hall_has_answered(
    open_context: OpenContext, hall: Served, path: str
) -> None:
    context = open_context(viewport=SCREEN, timezone_id="America/New_York")
    come_in(context, hall, "display", zone="1F")
    come_in(context, hall, "kiosk")
    page = context.new_page()
    page.route_web_socket("**/socket.io/**", lambda _: None)  # opens, and says nothing
    page.route("**/kiosk/menu.json", lambda _: None)
    page.goto(hall.address + path)
    now = datetime.now(SHANGHAI)
    times = "|".join(f"{now + timedelta(minutes=late):%H:%M}" for late in (-1, 0, 1))
    expect(page.locator("#clock-time")).to_have_text(re.compile(times))
    expect(page.locator("#clock-date")).to_contain_text(f"{now.month}月{now.day}日")
    page.close()


def test_a_screen_that_was_cut_off_is_right_when_it_is_back(
    open_context: OpenContext, opened: Served, complaints: Any
) -> None:
    complaints.expect("WebSocket|ERR_")
    with cable_to(opened.port) as cable:
        screen = open_screen(open_context(viewport=SCREEN), opened, address=cable.address)
        cable.pull()
        expect(screen.locator("#connection")).not_to_have_text("已连接")
        missed = [call(opened, 1 + turn % 2) for turn in range(3)]
        expect(screen.locator("#connection[data-state=lost]")).to_be_visible(timeout=20000)
        cable.plug_in()
        expect(newest(screen)).to_have_text(missed[-1], timeout=15000)
        expect(screen.locator("#last .number").first).to_have_text(missed[-2])
        screen.close()


def test_after_a_restart_every_screen_is_right_within_five_seconds(
    open_context: OpenContext, tmp_path: Path, complaints: Any
) -> None:
    complaints.expect("WebSocket|ERR_")
    with served(tmp_path) as hall:
        hall.at(1, "open")
        screens = [open_screen(open_context(viewport=SCREEN), hall, zone) for zone in ("1F", "2F")]
        number = call(hall, 1)
        expect(newest(screens[0])).to_have_text(number)
        hall.kill()
        expect(screens[0].locator("#connection")).not_to_have_text("已连接")
        hall.start()
        started = time.monotonic()
        finish(hall, 1)
        number = call(hall, 1)
        expect(newest(screens[0])).to_have_text(number, timeout=15000)
        for screen in screens:
            expect(screen.locator("#connection")).to_have_text("已连接", timeout=15000)
        assert time.monotonic() - started < 15, "5 s on a machine that does nothing else"
        for screen in screens:
            screen.close()


# Chromium puts a WebSocket off by 1–5 s once some 16 before it have failed.
TRIES_OF_A_LONG_OUTAGE = 24


def test_after_a_long_outage_every_screen_is_right_at_once(
    open_context: OpenContext, tmp_path: Path, complaints: Any
) -> None:
    complaints.expect("WebSocket|ERR_")
    with served(tmp_path) as hall:
        hall.at(1, "open")
        number = call(hall, 1)
        context = open_context(viewport=SCREEN)
        screens = [open_screen(context, hall) for _ in range(4)]
        asked: list[Request] = []
        opened: list[WebSocket] = []
        hall.kill()
        for screen in screens:
            screen.on("requestfailed", lambda each: asked.append(each))
            screen.on("websocket", lambda each: opened.append(each))
        while len(asked) < TRIES_OF_A_LONG_OUTAGE:
            screens[0].wait_for_event("requestfailed")
        for screen in screens:
            expect(screen.locator("#connection")).to_have_attribute("data-state", "lost")
        assert opened == [], "each would have failed, and put off the one that would not"
        hall.start()
        for screen in screens:
            expect(screen.locator("#connection")).to_have_text("已连接")
            expect(newest(screen)).to_have_text(number)
        for screen in screens:
            screen.close()


def test_a_screen_whose_key_was_revoked_says_so_and_waits_to_be_paired(
    open_context: OpenContext, tmp_path: Path
) -> None:
    with served(tmp_path) as hall:
        screen = open_screen(open_context(viewport=SCREEN), hall)
        hall.revoke("display", zone="1F")
        screen.wait_for_url("**/pair?why=revoked&next=/display*", timeout=60_000)
        expect(screen.get_by_text("已停用或换发")).to_be_visible()
        expect(screen.locator("#code")).to_have_text(re.compile(r"^\w{4}-\w{4}$"))
        screen.close()


# -- the voice ---------------------------------------------------------------------------------


def short_clip() -> bytes:
    """A quarter of a second of silence: what is tested is when clips play, not how they sound."""
    file = io.BytesIO()
    with wave.open(file, "wb") as clip:
        clip.setnchannels(1)
        clip.setsampwidth(2)
        clip.setframerate(8000)
        clip.writeframes(b"\0\0" * int(8000 * CLIP_SECONDS))
    return file.getvalue()


def open_speaking(context: BrowserContext, hall: Served, more: str = "&voice=1") -> Page:
    board = hall.get("/api/v1/board?zone=1F", hall.key("display", zone="1F")).json
    earlier = [f"{each['id']}:{each['recall']}" for each in board["calls"]]
    # What other tests called a moment ago counts as spoken; a reload keeps what the page has noted.
    context.add_init_script(
        f"""if (location.protocol === "http:" && !sessionStorage.length)
        sessionStorage.setItem("display.spoken", '{dumps(earlier)}');"""
    )
    context.add_init_script(HEAR)
    clip = short_clip()

    def answer(route: Route) -> None:
        route.fulfill(body=clip, content_type="audio/ogg")

    context.route("**/static/voice/*.ogg", answer)
    context.route(
        "**/static/voice/manifest.json",
        lambda route: route.fulfill(json={"gap_ms": 20, "before_window_ms": 170}),
    )
    return open_screen(context, hall, more=more)


def wait_until(screen: Page, holds: str, seconds: float = 15) -> None:
    """Wait for the page; Playwright's own way needs eval, which the page rightly forbids."""
    deadline = time.monotonic() + seconds
    while not screen.evaluate(holds):
        assert time.monotonic() < deadline, f"not within {seconds} s: {holds}"
        screen.wait_for_timeout(50)


def wait_for_clips(screen: Page, count: int) -> list[list[float]]:
    wait_until(screen, f"window.heard.length >= {count}")
    screen.wait_for_timeout(1200)  # what would be said too often is said by now
    heard = list(screen.evaluate("window.heard"))
    assert len(heard) == count
    return heard


def test_a_call_is_spoken_once_with_a_chime_and_twice_the_sentence(
    open_context: OpenContext, opened: Served
) -> None:
    screen = open_speaking(open_context(viewport=SCREEN), opened)
    number = call(opened, 1)
    wait_for_clips(screen, 1 + 2 * 3)
    said = screen.evaluate("window.said")
    assert [each["number"] for each in said] == [number]
    assert said[0]["say"] == ["please-A.ogg", f"number-{number[1:]}.ogg", "window-1.ogg"]


def test_the_recorded_voice_plays_in_the_browser(open_context: OpenContext, tmp_path: Path) -> None:
    with served(tmp_path) as hall:
        hall.at(1, "open")
        context = open_context(viewport=SCREEN)
        context.add_init_script(HEAR)
        screen = open_screen(context, hall, more="&voice=1")
        call(hall, 1)
        heard = wait_for_clips(screen, 7)
        chime, please, number, window, *_ = [until - since for since, until in heard]
        assert chime > 1
        for seconds in (please, number, window):
            assert 0.2 < seconds < 4
        pause = heard[3][0] - heard[2][1]
        assert pause == pytest.approx(0.17, abs=0.01), "a breath before the window"
        screen.close()


def test_calls_are_never_spoken_over_one_another(open_context: OpenContext, opened: Served) -> None:
    screen = open_speaking(open_context(viewport=SCREEN), opened)
    numbers = [call(opened, 1), call(opened, 2)]
    heard = wait_for_clips(screen, 2 * (1 + 2 * 3))
    assert screen.evaluate("window.said.map(each => each.number)") == numbers
    for (_, end), (begin, _) in pairwise(heard):
        assert begin >= end - 0.001


def test_a_recall_is_spoken_though_its_number_is_not_new(
    open_context: OpenContext, opened: Served
) -> None:
    screen = open_speaking(open_context(viewport=SCREEN), opened)
    number = call(opened, 1)
    wait_for_clips(screen, 7)
    assert opened.at(1, "recall").status == 200
    wait_for_clips(screen, 14)
    said = screen.evaluate("window.said.map(each => [each.number, each.recall])")
    assert said == [[number, 0], [number, 1]]


def test_a_reload_repeats_no_call(open_context: OpenContext, opened: Served) -> None:
    screen = open_speaking(open_context(viewport=SCREEN), opened)
    call(opened, 1)
    wait_for_clips(screen, 7)
    screen.reload()
    expect(screen.locator("#connection")).to_have_text("已连接")
    screen.wait_for_timeout(1500)
    assert screen.evaluate("window.heard") == []


def test_a_stale_call_is_shown_and_not_spoken(open_context: OpenContext, tmp_path: Path) -> None:
    settings = ALWAYS_OPEN + "[display]\nspeak_within_seconds = 5\n"
    with served(tmp_path, settings=settings) as hall:
        hall.at(1, "open")
        number = call(hall, 1)
        time.sleep(5.5)
        screen = open_speaking(open_context(viewport=SCREEN), hall)
        expect(newest(screen)).to_have_text(number)
        screen.wait_for_timeout(1500)
        assert screen.evaluate("window.said") == []
        assert call(hall, 1)
        wait_until(screen, "window.said.length === 1")
        screen.close()


def test_a_screen_without_the_voice_stays_silent(open_context: OpenContext, opened: Served) -> None:
    screen = open_speaking(open_context(viewport=SCREEN), opened, more="")
    expect(newest(screen)).to_have_text(call(opened, 1))
    screen.wait_for_timeout(1500)
    assert screen.evaluate("window.heard") == []
    expect(screen.locator("#sound")).to_be_hidden()


def test_a_browser_that_blocks_sound_asks_for_one_touch(
    open_context: OpenContext, opened: Served
) -> None:
    context = open_context(viewport=SCREEN)
    # Chromium runs here with sound allowed; this page has it blocked until a hand touches it.
    context.add_init_script(
        """const resume = AudioContext.prototype.resume;
        let touched = false;
        document.addEventListener("click", () => (touched = true), true);
        Object.defineProperty(AudioContext.prototype, "state",
          { get() { return touched ? "running" : "suspended"; } });
        AudioContext.prototype.resume = function () {
          const woken = () => this.dispatchEvent(new Event("statechange"));
          return touched ? resume.call(this).then(woken) : new Promise(() => {}); };"""
    )
    screen = open_speaking(context, opened)
    button = screen.get_by_role("button", name="点此开启声音")
    expect(button).to_be_visible()
    button.click()
    expect(button).to_be_hidden()
    call(opened, 1)
    wait_for_clips(screen, 7)
