"""The main job, end to end, with five pages open at once as on the day the hall opens.

A citizen takes a ticket at a kiosk, a clerk calls it, the hall's display shows the call, the
citizen rates at the window's evaluator, the manager's figures change – on the page and in the
files. Nobody reloads anything but the manager, who asks for a month.
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from journeys import come_in
from openpyxl import load_workbook
from playwright.sync_api import BrowserContext, Page, expect
from servers import Served, served

from rating.columns import columns_of, on_screen
from rating.levels import LEVELS

WINDOW = 2
SECOND = 1_000
COUNTED = ("called", "served", *LEVELS, "rated", "satisfaction", "rating_rate", "timed_out")
PERCENTAGES = ("satisfaction", "rating_rate")


@dataclass(frozen=True)
class Hall:
    """The five pages."""

    served: Served
    kiosk: Page
    window: Page
    display: Page
    evaluator: Page
    manager: Page

    def figures(self) -> dict[str, float | None]:
        """Return what the manager's page says of the window this month."""
        self.manager.reload()
        row = self.manager.locator("#month-table tbody tr", has_text=f"{WINDOW}号窗口")
        cells = row.locator("th, td")
        values = [cell.get_attribute("data-value") for cell in cells.all()]
        names = [column.name for column in on_screen("window")]
        shown = dict(zip(names, values, strict=True))
        return {name: float(value) if (value := shown[name]) else None for name in COUNTED}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("hall")) as running:
        yield running


@pytest.fixture
def hall(open_context: Callable[..., BrowserContext], running: Served) -> Hall:
    """Open five pages in one browser that is signed in as five devices, as in a demonstration."""
    context = open_context(has_touch=True, accept_downloads=True)
    context.set_default_timeout(30 * SECOND)
    come_in(context, running, "kiosk")
    come_in(context, running, "window", WINDOW)
    come_in(context, running, "display", zone="1F")
    come_in(context, running, "evaluator", WINDOW)
    come_in(context, running, "manager")

    def opened(path: str, width: int, height: int) -> Page:
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": height})
        page.goto(running.address + path)
        return page

    pages = Hall(
        running,
        opened("/kiosk", 1080, 1920),
        opened(f"/window/{WINDOW}", 1366, 768),
        opened("/display?zone=1F", 1920, 1080),
        opened("/evaluator", 1280, 800),
        opened("/manager", 1366, 768),
    )
    for page in (pages.window, pages.display, pages.evaluator):
        expect(page.locator(".connection")).to_have_attribute("data-state", "live")
    return pages


def take_at_the_kiosk(hall: Hall) -> str:
    """Tap twice and return the number."""
    hall.kiosk.bring_to_front()
    hall.kiosk.locator("[data-service=marriage]").first.tap()
    hall.kiosk.locator("#take").tap()
    number = hall.kiosk.locator("#number")
    expect(number).to_be_visible()
    return number.inner_text()


def call_at_the_window(hall: Hall, number: str) -> None:
    hall.window.keyboard.press("F2")
    expect(hall.window.locator("[data-number]")).to_have_text(number)


def serve_at_the_window(hall: Hall) -> None:
    hall.window.keyboard.press("F8")
    expect(hall.window.locator("[data-ticket-state]")).to_have_text("办理中")
    hall.window.keyboard.press("F9")
    expect(hall.window.locator("[data-dialog=finish]")).to_be_visible()
    hall.window.keyboard.press("F9")
    expect(hall.window.locator("[data-number]")).to_have_text("空闲")


def rate_at_the_evaluator(hall: Hall, number: str, level: str) -> None:
    expect(hall.evaluator.locator("[data-ask-facts]")).to_contain_text(number)
    hall.evaluator.locator(f"[data-level={level}]").tap()
    hall.evaluator.locator("[data-submit]").tap()
    expect(hall.evaluator.locator("[data-message-title]")).to_have_text("感谢您的评价")
    expect(hall.window.locator("[data-last]")).to_contain_text("已评价")


@pytest.mark.timeout(240)  # five pages, two citizens and two files on a machine that does more
def test_from_the_tap_to_the_managers_figure(
    hall: Hall, open_context: Callable[..., BrowserContext], tmp_path: Path
) -> None:
    assert hall.figures() == dict.fromkeys(COUNTED, 0.0) | {
        "satisfaction": None,
        "rating_rate": None,
    }
    expect(hall.evaluator.locator("[data-greeting]")).to_have_text("未登录")
    hall.window.keyboard.press("F2")
    expect(hall.window.locator("[data-window-state]")).to_have_text("正在办理")
    expect(hall.evaluator.locator("[data-clerk-name]")).to_have_text("李㛃")

    # the ticket is taken, and the clerk sees it come
    expect(hall.kiosk.locator("[data-service=marriage]").first).to_be_enabled(timeout=20 * SECOND)
    number = take_at_the_kiosk(hall)
    link = hall.served.post(
        "/api/v1/tickets", {"service": "marriage", "tap": "second-tap"}, hall.served.key("kiosk")
    ).json["track_url"]
    expect(hall.window.locator("[data-waiting-total]")).to_have_text("2")

    # called: the display of the zone shows it within a second, and the citizen finds the window
    hall.window.keyboard.press("F2")
    expect(hall.display.locator("#newest .number")).to_have_text(number, timeout=15 * SECOND)
    expect(hall.display.locator("#newest .window")).to_have_text(f"{WINDOW}号窗口")
    expect(hall.window.locator("[data-number]")).to_have_text(number)

    # served and rated with one touch
    serve_at_the_window(hall)
    rate_at_the_evaluator(hall, number, "dissatisfied")
    expect(hall.evaluator.locator("[data-greeting]")).to_have_text("欢迎光临", timeout=20 * SECOND)
    counted = dict.fromkeys(COUNTED, 0.0) | {"called": 1, "served": 1, "rated": 1}
    assert hall.figures() == counted | {"dissatisfied": 1, "satisfaction": 0, "rating_rate": 100}

    # the next citizen follows on the phone and rates there
    phone = open_context(has_touch=True).new_page()  # nobody of the hall is signed in there
    phone.goto(link)
    call_at_the_window(hall, phone.locator("h1").inner_text().removeprefix("号票").strip())
    serve_at_the_window(hall)
    expect(phone.locator(".level")).to_have_count(5, timeout=25 * SECOND)
    phone.locator(".level").get_by_text(LEVELS[1].chinese, exact=True).tap()
    phone.get_by_role("button", name="提交评价").tap()
    expect(phone.locator("[data-ended]")).to_have_text("感谢您的评价")
    counted |= {"called": 2, "served": 2, "rated": 2, "satisfied": 1, "dissatisfied": 1}
    assert hall.figures() == counted | {"satisfaction": 50, "rating_rate": 100}
    expect(hall.evaluator.locator("[data-greeting]")).to_have_text("欢迎光临", timeout=20 * SECOND)

    # what the files say is what the page says
    shown = hall.figures()
    assert from_csv(download(hall.manager, "导出 CSV", tmp_path)) == shown
    assert from_xlsx(download(hall.manager, "导出 XLSX", tmp_path)) == shown


def download(manager: Page, link: str, folder: Path) -> Path:
    with manager.expect_download() as file:
        manager.get_by_text(link).click()
    path = folder / file.value.suggested_filename
    file.value.save_as(path)
    return path


def from_csv(path: Path) -> dict[str, float | None]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return row_of(list(csv.reader(file)))


def from_xlsx(path: Path) -> dict[str, float | None]:
    book = load_workbook(path, read_only=True)
    rows = [
        ["" if cell is None else str(cell) for cell in row] for row in book.worksheets[0].values
    ]
    book.close()
    told = row_of(rows)  # a sheet keeps a percentage as a part of one
    return told | {name: 100 * (told[name] or 0) for name in PERCENTAGES}


def row_of(rows: list[list[str]]) -> dict[str, float | None]:
    """Return the window's figures out of a file's rows, which begin with what the window is."""
    row = next(row for row in rows if f"{WINDOW}号窗口" in row)
    names = [column.name for column in columns_of("window")]
    figures = row[row.index(f"{WINDOW}号窗口") - names.index("name") :]
    told = dict(zip(names, figures, strict=False))
    return {name: _number(told[name]) for name in COUNTED}


def _number(text: str) -> float | None:
    return float(text.rstrip(" %")) if text.strip("—") else None
