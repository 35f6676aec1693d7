"""Halls to be looked at, and a camera that opens their pages and saves how they look."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, WebSocketRoute

ROOT = Path(__file__).resolve().parents[1]
READY = "演示大厅已启动"
ADDRESS = re.compile(r"http://[\d.]+:\d+")
LINK = re.compile(r"^\s*(\S.*?)：(http://\S+/enter#\S+)$")
PHONE: ViewportSize = {"width": 390, "height": 844}
PATIENCE_MS = 120_000  # a developer's machine may be busy with tests
WORD = "yunxi-demo"  # the password of everybody in the demonstration
LARGEST = 300 * 1024  # of one picture, so that the README opens at once


@contextmanager
def hall_of(words: list[str], database: Path, config: Path | None = None) -> Iterator[IO[str]]:
    """Start a hall on a free port; give what it says."""
    with socket.create_server(("127.0.0.1", 0)) as asked:
        port = asked.getsockname()[1]
    command = [sys.executable, str(ROOT / "server.py"), *words, "--port", str(port)]
    command += ["--database", str(database)]
    command += ["--config", str(config)] if config else []
    hall = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONUNBUFFERED": "1"},
    )
    assert hall.stdout
    try:
        yield hall.stdout
    finally:
        hall.terminate()
        hall.wait(timeout=PATIENCE_MS / 1000)


def links_of(said: IO[str]) -> dict[str, str]:
    """Read what a demo hall says until it has named its pages."""
    links: dict[str, str] = {}
    ready = False
    for line in said:
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

    def open(
        self, name: str, size: ViewportSize, before: Callable[[Page], None] | None = None
    ) -> Page:
        """Open the page whose name in the demo's list holds these words, signed in."""
        address = next(link for said, link in self.links.items() if name in said)
        page = self.browser.new_page(
            viewport=size,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        page.set_default_timeout(PATIENCE_MS)
        if before:
            before(page)
        page.goto(address)
        page.wait_for_url(lambda url: "/enter" not in url)
        return page

    def sign_in(self, hall: str, number: str, size: ViewportSize) -> Page:
        """Open a page in which somebody of the demonstration has signed in."""
        context = self.browser.new_context(
            viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai"
        )
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(f"{hall}/sign-in")
        page.get_by_label("工号").fill(number)
        page.get_by_label("密码", exact=True).fill(WORD)
        page.get_by_role("button", name="登录", exact=True).click()
        page.wait_for_url(lambda url: "/sign-in" not in url)
        return page

    def open_phone(self, address: str) -> Page:
        """Open a slip's link as a phone shows it."""
        phone = self.browser.new_context(
            viewport=PHONE,
            device_scale_factor=2,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            is_mobile=True,
            has_touch=True,
        )
        page = phone.new_page()
        page.goto(address)
        return page

    def take(self, page: Page, name: str) -> None:
        """Save a page as a picture, once its fonts are there and nothing moves."""
        page.evaluate("document.fonts.ready")
        page.mouse.move(0, 0)  # no button is tinted
        page.wait_for_timeout(700)
        self.save(page.screenshot(), name)

    def save(self, picture: bytes, name: str) -> None:
        """Save a picture in 256 colours: pages have few, and the file is a third."""
        file = self.album / f"{name}.png"
        few = Image.open(BytesIO(picture)).convert("RGB").quantize(256, dither=Image.Dither.NONE)
        few.save(file, optimize=True)
        if file.stat().st_size > LARGEST:
            raise SystemExit(f"{file} is larger than {LARGEST // 1024} KB")
        print(f"{name}.png  {file.stat().st_size // 1024} KB", flush=True)


def cut_when(page: Page, cut: list[bool]) -> None:
    """Put a cable between a page and the hall that lets nothing through once ``cut`` holds True."""

    def join(socket: WebSocketRoute) -> None:
        if cut:
            socket.close()
            return
        hall = socket.connect_to_server()
        hall.on_message(lambda message: socket.close() if cut else socket.send(message))

    page.route_web_socket("**/socket.io/**", join)


def key_of(role: str, database: Path, config: Path) -> str:
    """Return a new key of a hall."""
    return command("key", role, "--name", role, database=database, config=config).strip()


def command(*words: str, database: Path, config: Path) -> str:
    """Run one of the hall's commands and return what it says."""
    whole = [sys.executable, str(ROOT / "server.py"), *words]
    whole += ["--database", str(database), "--config", str(config)]
    return subprocess.run(whole, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout


def address_of(page: Page) -> str:
    """Return scheme, host and port of a page."""
    return str(page.evaluate("location.origin"))
