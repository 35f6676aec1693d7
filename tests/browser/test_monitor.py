"""The whole hall on a manager's screen: what is written outlives a look, what is old says so."""

from collections.abc import Iterator
from typing import Any

import pytest
from journeys import serious_faults, stand_between, width_of
from page_faults import Complaints
from playwright.sync_api import Page, Route, expect
from servers import Served, served

from web.passwords import hash_of

PASSWORD = "a hall's secret"
HARM = "<img src=x onerror=alert(1)>"
LATE: dict[str, Any] = {
    "id": 7,
    "kind": "等候超时",
    "level": "red",
    "level_word": "红色",
    "said": f"{HARM}已等 50 分钟。",
    "easing": False,
    "began": "10:50",
    "minutes": 3,
    "acknowledged": False,
    "by": "",
    "words": "",
    "escalated": False,
    "camera": "https://video.example.cn/3",
}

NAME_FITS = """tile => ["欧阳慧", "李敏"].map((name) => {
  const part = (named) => tile.querySelector(`[data-part=${named}]`);
  const [clerk, wait] = [part("clerk"), part("wait")];
  const before = [clerk.textContent, wait.textContent];
  clerk.textContent = name;
  wait.textContent = name.length > 2 ? "等45分" : "等119分";
  const fits = clerk.scrollWidth <= clerk.clientWidth;
  [clerk.textContent, wait.textContent] = before;
  return fits;
})"""


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A hall with a manager and one window at work."""
    with served(tmp_path_factory.mktemp("hall")) as running:
        with running.register() as register:
            register.set_password_hash("9001", hash_of(PASSWORD))
        running.at(1, "open")
        running.take("marriage")
        assert running.at(1, "calls").status == 201
        yield running


def test_words_half_written_outlive_a_look_and_an_old_look_says_so(
    page: Page, hall: Served, complaints: Complaints
) -> None:
    complaints.expect("503")
    alarms = [LATE]

    def answer(route: Route) -> None:
        told = route.fetch().json()
        route.fulfill(json={**told, "alarms": alarms})

    page.set_viewport_size({"width": 1366, "height": 768})
    page.clock.install()
    page.route("**/monitor/board.json", answer)
    page.goto(f"{hall.address}/sign-in?next=/monitor")
    page.get_by_label("工号").fill("9001")
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    tile = page.locator(".tile", has=page.locator("b", has_text="1")).first
    expect(tile).to_contain_text("A001")
    expect(page.locator(".tile")).to_have_count(4)
    # found by a stranger: beside 等45分 a name of three characters was cut to one
    assert tile.evaluate(NAME_FITS) == [True, True]
    page.clock.fast_forward(4000)
    alarm = page.locator(".alarm-row[data-key='7']")
    expect(alarm).to_contain_text(f"{HARM}已等 50 分钟。")
    assert width_of(page) <= 1366
    assert serious_faults(page) == []
    alarm.locator("summary").click()
    words = alarm.get_by_label("怎样处置")
    words.fill("已加开")
    alarms.clear()
    page.clock.fast_forward(4000)
    expect(alarm).to_contain_text("已解除")
    expect(words).to_have_value("已加开")
    expect(words).to_be_focused()
    assert serious_faults(page) == []
    connection = page.locator("[data-connection]")
    expect(connection).to_have_attribute("data-state", "live")
    page.unroute("**/monitor/board.json")
    stand_between(page, "**/monitor/board.json", lambda route: route.fulfill(status=503))
    page.clock.fast_forward(60_000)
    expect(connection).to_have_attribute("data-state", "lost")
    expect(connection).to_contain_text("没有更新")
    page.unroute("**/monitor/board.json")
    page.clock.fast_forward(4000)
    expect(connection).to_have_attribute("data-state", "live")
