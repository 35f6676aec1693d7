"""The sign above a window: whom it serves now, or why it does not."""

from collections.abc import Callable
from pathlib import Path

import pytest
from journeys import come_in, serious_faults, width_of
from playwright.sync_api import BrowserContext, expect
from servers import ALWAYS_OPEN, served

OpenContext = Callable[..., BrowserContext]


@pytest.mark.parametrize(
    "size",
    [
        {"width": 1920, "height": 1080},
        {"width": 1920, "height": 540},
        {"width": 1080, "height": 1920},
    ],
    ids=["wide", "flat", "upright"],
)
def test_the_sign_shows_what_its_window_does_and_why_it_rests(
    open_context: OpenContext, tmp_path: Path, size: dict[str, int]
) -> None:
    with served(tmp_path, settings=ALWAYS_OPEN) as hall:
        context = open_context(viewport=size)
        come_in(context, hall, "display")
        page = context.new_page()
        page.goto(f"{hall.address}/display/window/3")
        expect(page.locator("#large")).to_have_text("未登录")
        hall.at(3, "open")
        expect(page.locator("#large")).to_have_text("欢迎光临")
        number = hall.take("estate").json["number"]
        hall.at(3, "calls")
        expect(page.locator("#large")).to_have_text(number)
        expect(page.locator("#word")).to_have_text("请到本窗口")
        assert width_of(page) <= size["width"]
        assert serious_faults(page) == []
        hall.at(3, "start")
        expect(page.locator("#word")).to_have_text("正在办理")
        hall.at(3, "finish", outcome="completed")
        hall.at(3, "pause", reason="午间休息")
        expect(page.locator("#large")).to_have_text("暂停服务")
        expect(page.locator("#why")).to_have_text("午间休息")
        assert page.evaluate("document.documentElement.scrollHeight") <= size["height"]
        page.close()
