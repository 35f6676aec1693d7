"""A real Chromium for the tests of the pages: one browser a session, fresh cookies for each test.

The hall under test is another process (tests/servers.py): Playwright's loop and gevent's patches
do not live together. A test fails when one of its pages complained, even if what it looked for was
there (tests/complaints.py).
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from page_faults import Complaints, OpenContext
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tools.setup import find_chromium

# A busy machine is no fault of a page; how fast the pages are is measured in bench/.
expect.set_options(timeout=20_000)

PICTURES = Path(__file__).resolve().parents[2] / "test-results"

FLAGS = [
    "--autoplay-policy=no-user-gesture-required",  # a hall screen speaks though nobody touched it
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--lang=zh-CN",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the system's Chromium once."""
    path = find_chromium()
    if path is None:
        pytest.fail("Chromium is missing. `make test` installs it or says how.", pytrace=False)
    as_root = sys.platform != "win32" and os.geteuid() == 0
    flags = [*FLAGS, "--no-sandbox"] if as_root else FLAGS
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=flags)
        yield chromium
        chromium.close()


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    """Hear what the test's pages complain about, and fail the test if it did not expect it."""
    complaints = Complaints()
    yield complaints
    if complaints.left():
        pytest.fail("A page complained:\n" + "\n".join(complaints.left()), pytrace=False)


@pytest.fixture
def open_context(
    browser: Browser, complaints: Complaints, request: pytest.FixtureRequest
) -> Iterator[OpenContext]:
    """Give a function that opens a fresh browser, as another device or person has it.

    It takes Playwright's options: `open_context(viewport={"width": 1080, "height": 1920})`.
    """
    contexts: list[BrowserContext] = []

    def open_one(**options: Any) -> BrowserContext:
        said = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", **options}
        context = browser.new_context(**said)
        context.set_default_timeout(30_000)
        context.set_default_navigation_timeout(60_000)  # a first page has two fonts of 2 MB to read
        complaints.listen(context)
        contexts.append(context)
        return context

    yield open_one
    if WENT_WRONG in request.node.stash:
        take_pictures(contexts, request.node.name)
    for context in contexts:
        context.close()


@pytest.fixture
def context(open_context: OpenContext) -> BrowserContext:
    """Open one fresh browser."""
    return open_context(viewport={"width": 1280, "height": 800})


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """Open one page in a fresh browser."""
    return context.new_page()


WENT_WRONG = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember on the test that it went wrong, so that its fixtures can take pictures."""
    report = yield
    if report.failed:
        item.stash[WENT_WRONG] = True
    return report


def take_pictures(contexts: list[BrowserContext], test: str) -> None:
    """Save how each page of a failed test looked, in test-results/."""
    PICTURES.mkdir(exist_ok=True)
    pages = [page for context in contexts for page in context.pages]
    for number, page in enumerate(pages, start=1):
        page.screenshot(path=PICTURES / f"{re.sub(r'[^-.A-Za-z0-9]+', '-', test)}-{number}.png")
