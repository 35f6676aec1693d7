"""What the journeys through pages share: coming in, what a month counted, a look for faults."""

from collections.abc import Callable
from typing import Any, cast

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, Route
from servers import Served

from rating.levels import LEVELS

SERIOUS = ("serious", "critical")
STATIC_SCRIPTS_MOST = 60 * 1024
# What a staff page says after a form, not the notices that wait hidden on every page.
SAID = "[role=status]:not([hidden], [data-alerts])"


def come_in(
    context: BrowserContext,
    hall: Served,
    role: str,
    window: int | None = None,
    zone: str | None = None,
) -> None:
    """Let a browser in with a key of a role, as the link a device is set up with does."""
    key = hall.key(role, window, zone)
    ours = {"Origin": hall.address}
    answer = context.request.post(f"{hall.address}/enter", data={"key": key}, headers=ours)
    assert answer.ok, answer.text()


def open_place(context: BrowserContext, hall: Served, role: str, window: int, path: str) -> Page:
    """Come in and open a page."""
    come_in(context, hall, role, window)
    page = context.new_page()
    page.goto(hall.address + path)
    return page


# Asked for by the page itself until the browser answers it in place of the hall.
PROBE = "/answered-by-the-test"
ASK_UNTIL_ANSWERED = f"""async () => {{
  while ((await fetch("{PROBE}").catch(() => ({{}}))).status !== 204);
}}"""


def stand_between(
    page: Page, address: str, answer: Callable[[Route], object], times: int | None = None
) -> None:
    """Let a test answer what an open page asks the hall at an address, from its next request on.

    Chromium says that it stands between before it does: a request some milliseconds later still
    went straight to the hall. Hence a request that only the test answers comes first.
    """
    page.route(f"**{PROBE}", lambda route: route.fulfill(status=204))
    page.route(address, answer, times=times)
    page.evaluate(ASK_UNTIL_ANSWERED)


def this_month(hall: Served) -> str:
    """Return the month it is in the hall, as the server's clock has it."""
    taken = hall.take("marriage").json
    return str(taken["taken_at"])[:7]


def levels_counted(hall: Served, window: int, month: str) -> dict[str, int]:
    """Return how often each level was stored for a window this month, as the manager sees it."""
    table = hall.get(f"/api/v1/months/{month}", hall.key("manager")).json
    row = next(row for row in table["rows"] if row["key"] == str(window))
    return cast(dict[str, int], row["levels"])


def only(level: str, before: dict[str, int]) -> dict[str, int]:
    """Return what the counts must be after one more rating of a level."""
    return {each.value: before[each.value] + (each.value == level) for each in LEVELS}


def serious_faults(page: Page) -> list[str]:
    """Return what axe finds serious or critical on a page, a line each."""
    found: dict[str, Any] = Axe().run(page).response
    return [
        f"{fault['id']}: {fault['help']} {node['target']}"
        for fault in found["violations"]
        if fault["impact"] in SERIOUS
        for node in fault["nodes"]
    ]


def width_of(page: Page) -> int:
    """Return how wide a page is; wider than its viewport means that it scrolls sideways."""
    return int(page.evaluate("document.documentElement.scrollWidth"))
