"""Take the README's pictures of a demo hall: one citizen's way from the kiosk to the month's table.

    make screenshots                  all pictures, into docs/pictures/
    make screenshots ARGS=/tmp/look   elsewhere, to look at a change

It makes a demo hall of its own, walks through the pages as people do, and ends it. The pictures are
of the real pages in the system's Chromium, so they can be looked at before a change is called done.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tools.setup import find_chromium  # noqa: E402 - the house is found from here

READY = "演示大厅已启动"
LINK = re.compile(r"^\s*(\S.*?)：(http://\S+/enter#\S+)$")

UPRIGHT = {"width": 1080, "height": 1920}
SCREEN = {"width": 1920, "height": 1080}
DESK = {"width": 1440, "height": 900}
TABLET = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


@contextmanager
def demo_hall(place: Path) -> Iterator[dict[str, str]]:
    """Start a demo hall on a free port; give the address behind each name it prints."""
    with socket.create_server(("127.0.0.1", 0)) as asked:
        port = asked.getsockname()[1]
    command = [sys.executable, str(ROOT / "server.py"), "demo", "--port", str(port)]
    command += ["--database", str(place / "demo.db")]
    hall = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONUNBUFFERED": "1"},
    )
    try:
        yield links_of(hall)
    finally:
        hall.terminate()
        hall.wait(timeout=10)


def links_of(hall: subprocess.Popen[str]) -> dict[str, str]:
    """Read what the hall prints until it has named its pages."""
    assert hall.stdout
    links: dict[str, str] = {}
    ready = False
    for line in hall.stdout:
        ready = ready or READY in line
        if found := LINK.match(line):
            links[found[1]] = found[2]
        elif ready and links:
            return links
    raise SystemExit("the demo hall did not start; try `make demo`")


class Camera:
    """Opens pages and saves how they look."""

    def __init__(self, browser: Browser, links: dict[str, str], album: Path) -> None:
        self.browser = browser
        self.links = links
        self.album = album

    def open(self, name: str, size: dict[str, int]) -> Page:
        """Open the page whose name in the demo's list holds these words, signed in."""
        address = next(link for said, link in self.links.items() if name in said)
        page = self.browser.new_page(viewport=size, locale="zh-CN")  # type: ignore[arg-type]
        page.goto(address)
        page.wait_for_url(lambda url: "/enter" not in url)
        return page

    def open_phone(self, address: str) -> Page:
        """Open a slip's link as a phone shows it."""
        phone = self.browser.new_context(
            viewport=PHONE,  # type: ignore[arg-type]
            device_scale_factor=2,
            locale="zh-CN",
            is_mobile=True,
            has_touch=True,
        )
        page = phone.new_page()
        page.goto(address)
        return page

    def take(self, page: Page, name: str) -> None:
        """Save a page as a picture, once its fonts are there and nothing moves."""
        page.evaluate("document.fonts.ready")
        page.wait_for_timeout(700)
        page.screenshot(path=self.album / f"{name}.png")
        print(f"{name}.png", flush=True)


def take_a_ticket(camera: Camera) -> dict[str, str]:
    """Walk through the kiosk; return the ticket it gave."""
    kiosk = camera.open("取号机", UPRIGHT)
    common = kiosk.get_by_role("button", name="综合受理").first
    common.wait_for()
    camera.take(kiosk, "kiosk")
    common.click()
    kiosk.wait_for_selector("#take")
    with kiosk.expect_response("**/kiosk/tickets") as taken:
        kiosk.click("#take")
    ticket: dict[str, str] = taken.value.json()
    kiosk.wait_for_selector("#number")
    camera.take(kiosk, "kiosk-ticket")
    slip = kiosk.request.get(f"{address_of(kiosk)}/kiosk/tickets/{ticket['id']}/slip.png")
    (camera.album / "slip.png").write_bytes(slip.body())
    kiosk.close()
    wide = camera.open("取号机", SCREEN)
    wide.click("#language")
    wide.get_by_role("button", name="General").first.wait_for()
    camera.take(wide, "kiosk-wide-english")
    wide.close()
    return ticket


def address_of(page: Page) -> str:
    """Return scheme, host and port of a page."""
    return str(page.evaluate("location.origin"))


def serve(camera: Camera, ticket: dict[str, str]) -> None:
    """Call that ticket at window 3 and serve it, with the display, evaluator and phone watching."""
    clerk = camera.open("号窗口", DESK)
    clerk.wait_for_selector(".connection[data-state=live]")
    phone = camera.open_phone(ticket["track_url"])
    camera.take(phone, "phone")
    evaluator = camera.open("评价器", TABLET)
    camera.take(evaluator, "evaluator-idle")
    display = camera.open("大屏", SCREEN)
    finish_who_is_there(clerk)
    say(clerk, "calls", ticket=int(ticket["id"]), reason="截图")
    clerk.wait_for_selector(f"text={ticket['number']}")
    display.wait_for_selector(f"text={ticket['number']}")
    camera.take(display, "display")
    say(clerk, "start")
    camera.take(clerk, "window")
    say(clerk, "finish", outcome="completed")
    evaluator.wait_for_selector("[data-screen=ask]:not([hidden])")
    camera.take(evaluator, "evaluator")
    phone.reload()
    camera.take(phone, "phone-rate")
    evaluator.keyboard.press("2")
    evaluator.wait_for_selector("[data-screen=reasons]:not([hidden])")
    camera.take(evaluator, "evaluator-reasons")
    for page in (clerk, phone, evaluator, display):
        page.close()


def finish_who_is_there(clerk: Page) -> None:
    """End the service that the demo left at the window, so that the next can be called."""
    say(clerk, "start")
    say(clerk, "finish", outcome="completed")
    say(clerk, "open")


def say(clerk: Page, verb: str, **words: object) -> None:
    """Say a verb of window 3 to the hall; a refusal means that it was so already."""
    clerk.evaluate(
        """([verb, words]) => fetch(`/api/v1/windows/${location.pathname.split("/")[2]}/${verb}`, {
            method: "POST", headers: {"Content-Type": "application/json"},
            body: JSON.stringify(words)})""",
        [verb, words],
    )


def look_at_the_month(camera: Camera) -> None:
    """Take the manager's pages."""
    manager = camera.open("管理", DESK)
    for name, path in {
        "manager": "/manager",
        "manager-trend": "/manager/trend",
        "manager-catalogue": "/manager/catalogue",
        "manager-devices": "/manager/devices",
    }.items():
        manager.goto(address_of(manager) + path)
        camera.take(manager, name)


def main(album: Path) -> None:
    """Take all pictures."""
    album.mkdir(parents=True, exist_ok=True)
    flags = ["--disable-gpu", "--lang=zh-CN"]
    if sys.platform != "win32" and os.geteuid() == 0:
        flags.append("--no-sandbox")
    with (
        tempfile.TemporaryDirectory() as place,
        demo_hall(Path(place)) as links,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=flags)
        camera = Camera(browser, links, album)
        serve(camera, take_a_ticket(camera))
        look_at_the_month(camera)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "pictures")
