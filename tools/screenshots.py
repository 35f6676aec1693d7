"""Take the README's pictures of a demo hall: one citizen's way from the kiosk to the month's table.

    make screenshots                  all pictures, into docs/pictures/
    make screenshots ARGS=/tmp/look   elsewhere, to look at a change

It makes a demo hall of its own, walks through the pages as people do, and ends it; a second, empty
hall shows the pages before anything has happened. The pictures are of the real pages in the
system's Chromium, so they can be looked at before a change is called done.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, Route, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

# The house is found from here, so its modules are read only now (E402).
from tools.camera import ADDRESS, Camera, address_of, command, cut_when, hall_of, key_of, links_of  # noqa: E402
from tools.setup import find_chromium  # noqa: E402

UPRIGHT: ViewportSize = {"width": 1080, "height": 1920}
SCREEN: ViewportSize = {"width": 1920, "height": 1080}
DESK: ViewportSize = {"width": 1440, "height": 900}
NOTEBOOK: ViewportSize = {"width": 1366, "height": 768}
STRIP: ViewportSize = {"width": 420, "height": 120}  # beside the approval system
HELP_DESK: ViewportSize = {"width": 1366, "height": 768}
TABLET: ViewportSize = {"width": 1280, "height": 800}
OUT_OF_PAPER = "打印机缺纸，小票没有打出。请记住屏幕上的号码，叫号照常。"


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
    camera.save(slip.body(), "slip")
    kiosk.close()
    wide = camera.open("取号机", SCREEN)
    wide.click("#language")
    wide.get_by_role("button", name="General").first.wait_for()
    camera.take(wide, "kiosk-wide-english")
    wide.close()
    return ticket


def take_when_things_go_wrong(camera: Camera) -> None:
    """Take the kiosk without paper and without a server, and a screen whose line is cut."""
    kiosk = camera.open("取号机", UPRIGHT)
    kiosk.route("**/kiosk/tickets", out_of_paper)
    kiosk.get_by_role("button", name="企业开办").first.click()
    kiosk.click("#phone-add")
    for digit in "138":
        kiosk.click(f'[data-key="{digit}"]')
    camera.take(kiosk, "kiosk-phone")
    for _ in "138":
        kiosk.click('[data-key="delete"]')
    kiosk.click("#take")
    kiosk.wait_for_selector("#reprint")
    camera.take(kiosk, "kiosk-out-of-paper")
    kiosk.click("#done")
    kiosk.route("**/kiosk/menu.json", lambda route: route.abort())
    kiosk.wait_for_selector(".message.offline")
    camera.take(kiosk, "kiosk-offline")
    kiosk.close()
    cut: list[bool] = []
    display = camera.open("大屏", SCREEN, before=lambda page: cut_when(page, cut))
    display.wait_for_selector("#newest .number")
    cut.append(True)
    display.wait_for_selector("#connection[data-state=lost]")
    camera.take(display, "display-offline")
    display.close()


def out_of_paper(route: Route) -> None:
    """Let the kiosk hear that its slip has not come out."""
    answer = route.fetch()
    said = {"paper": "failed", "paper_message": OUT_OF_PAPER}
    route.fulfill(response=answer, json={**answer.json(), **said})


def take_before_the_first_day(browser: Browser, album: Path, place: Path) -> None:
    """Take a hall without any data, and one before its first call."""
    database, config = place / "new.db", place / "config.toml"
    config.write_text('[hall]\nname = "云溪县政务服务中心"\nalways_open = true\n', encoding="utf-8")
    camera = Camera(browser, {}, album)
    with hall_of(["serve"], database, config) as said:
        address = next(found[0] for line in said if (found := ADDRESS.search(line)))
        camera.links["取号机"] = f"{address}/enter#{key_of('kiosk', database, config)}"
        kiosk = camera.open("取号机", UPRIGHT)
        kiosk.wait_for_selector(".message.empty")
        camera.take(kiosk, "kiosk-empty")
        kiosk.close()
        command("import", "demo", database=database, config=config)
        camera.links["大屏"] = f"{address}/enter#{key_of('display', database, config)}"
        display = camera.open("大屏", SCREEN)
        display.wait_for_selector(".welcome")
        camera.take(display, "display-empty")
        display.close()


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


def take_the_clerks_screen(camera: Camera) -> None:
    """Take the clerk's page as it is worked with: taken over, finishing, sending on, laid aside."""
    cut: list[bool] = []
    clerk = camera.open("号窗口", NOTEBOOK, before=lambda page: cut_when(page, cut))
    clerk.wait_for_selector("[data-taken]")  # the page that was open before holds the window
    camera.take(clerk, "window-taken-over")
    clerk.click("[data-take-over]")
    clerk.keyboard.press("Enter")
    clerk.wait_for_selector("main [data-number]")
    finish_who_is_there(clerk)
    clerk.wait_for_selector("[data-current][data-state=open]")
    camera.take(clerk, "window-free")
    for key, state in (("F2", "called"), ("F8", "serving")):
        clerk.keyboard.press(key)
        clerk.wait_for_selector(f"[data-current][data-state={state}]")
        clerk.wait_for_selector(".busy", state="detached")
        clerk.wait_for_timeout(500)
    for key, name in (("F9", "finish"), ("F6", "transfer"), ("F10", "pause")):
        clerk.keyboard.press(key)
        clerk.wait_for_selector("[role=dialog] [data-do]")
        clerk.wait_for_timeout(500)
        camera.take(clerk, f"window-{name}")
        clerk.keyboard.press("Escape")
    clerk.keyboard.press("F7")
    clerk.keyboard.press("2")
    clerk.wait_for_selector("[data-held] li")
    clerk.keyboard.press("w")
    clerk.wait_for_selector("[data-why] strong")
    camera.take(clerk, "window-held")
    cut.append(True)
    clerk.wait_for_selector(".connection[data-state=lost]")
    camera.take(clerk, "window-offline")
    cut.clear()
    clerk.goto(f"{clerk.url}?small=1")
    clerk.set_viewport_size(STRIP)
    clerk.wait_for_selector(".connection[data-state=live]", state="attached")
    clerk.keyboard.press("F2")
    clerk.wait_for_selector("[data-current][data-state=called]")
    camera.take(clerk, "window-small")
    say(clerk, "miss")
    clerk.close()


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
        "manager-dashboard": "/dashboard",
        "manager-statistics": "/statistics",
        "manager-catalogue": "/manager/catalogue",
        "manager-devices": "/manager/devices",
    }.items():
        manager.goto(address_of(manager) + path)
        camera.take(manager, name)
    hall = address_of(manager)
    manager.close()
    for number, pages in {
        "2001": {
            "monitor": "/monitor",
            "ranking": "/ranking",
            "reports": "/reports",
            "cases": "/cases",
            "public": "/public",
        },
        "9001": {"readiness": "/readiness", "privacy": "/privacy"},
        "9002": {"security": "/security"},
        "9003": {"audit": "/audit"},
    }.items():
        page = camera.sign_in(hall, number, DESK)
        for name, path in pages.items():
            page.goto(hall + path)
            camera.take(page, name)
        page.context.close()


def look_at_the_help_desk(camera: Camera) -> None:
    """Take the help desk: who was missed, a ticket for somebody and a refusal, a ticket's state."""
    desk = camera.open("咨询台", HELP_DESK)
    desk.wait_for_selector(".glance-list tr")
    camera.take(desk, "helpdesk")
    desk.keyboard.press("F2")
    desk.wait_for_selector("[data-issue]")
    desk.keyboard.type("bdc")
    desk.keyboard.press("ArrowDown")
    desk.get_by_label("老年人").check()
    desk.get_by_label("办事人姓名").fill("张三")
    desk.keyboard.press("Enter")
    desk.wait_for_selector(".refusal")
    camera.take(desk, "helpdesk-issue-refused")
    desk.get_by_label("看到的凭证").fill("老年证")
    desk.keyboard.press("Enter")
    desk.wait_for_selector(".ticket")
    desk.goto(desk.url.partition("?")[0])
    camera.take(desk, "helpdesk-ticket")
    desk.close()


def main(album: Path) -> None:
    """Take all pictures."""
    album.mkdir(parents=True, exist_ok=True)
    flags = ["--disable-gpu", "--lang=zh-CN", "--autoplay-policy=no-user-gesture-required"]
    if sys.platform != "win32" and os.geteuid() == 0:
        flags.append("--no-sandbox")
    with (
        tempfile.TemporaryDirectory() as place,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=flags)
        with hall_of(["demo", "--still"], Path(place) / "demo.db") as said:
            camera = Camera(browser, links_of(said), album)
            serve(camera, take_a_ticket(camera))
            take_the_clerks_screen(camera)
            take_when_things_go_wrong(camera)
            look_at_the_help_desk(camera)
            look_at_the_month(camera)
        take_before_the_first_day(browser, album, Path(place))
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "pictures")
