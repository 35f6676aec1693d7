"""The province on the pad – its page, its QR code – and the manager's page of what went up."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import zxingcpp
from journeys import STATIC_SCRIPTS_MOST, come_in, open_place, serious_faults, width_of
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect
from province_peer import KEYS, Province, peer
from servers import ALWAYS_OPEN, Served, served
from test_modes import QR
from test_province_fails import rate_in, settings_of

__all__ = ["peer"]  # a fixture
PADS = [(1280, 800), (1024, 600), (800, 1280)]
STAND_IN = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>省平台</title>
<style>body { font: 22px sans-serif; margin: 32px; text-align: center; background: #f4f7fb }
button { font-size: 26px; margin: 12px; padding: 20px 28px }</style>
<h1>省政务服务“好差评”</h1><p>办件编号 <b id="no"></b></p>
<p><button>非常满意</button><button>满意</button><button>基本满意</button>
<button>不满意</button><button>非常不满意</button></p><p id="said"></p>
<script>
document.getElementById("no").textContent = new URLSearchParams(location.search).get("no");
for (const each of document.querySelectorAll("button")) each.onclick = () =>
  { document.getElementById("said").textContent = "省平台已收到：" + each.textContent; };
</script></html>"""


@contextmanager
def pages() -> Iterator[str]:
    """The province's page for the length of a with block: its address."""

    class Handler(BaseHTTPRequestHandler):
        """Gives the one page, whatever is asked."""

        def do_GET(self) -> None:
            content = STAND_IN.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - the base's name
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


@pytest.fixture(scope="module")
def page_hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("page")
    (folder / "province.key").write_text(KEYS.hex())
    with pages() as address:
        lines = (
            *("[province]", 'mode = "page"', "page_seconds = 15", 'app_id = "yunxi"'),
            f'page_url = "{address}/pad?no={{project_no}}&sign={{sign}}"',
            'secret_file = "province.key"',
        )
        with served(folder, settings="\n".join([ALWAYS_OPEN, *lines, ""])) as running:
            running.at(1, "open")
            yield running


@pytest.fixture(scope="module")
def qr_hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    settings = (
        f'{ALWAYS_OPEN}\n[province]\nmode = "qr"\nqr_url = "{QR}"\n[rating]\nask_seconds = 12\n'
    )
    with served(tmp_path_factory.mktemp("qr"), settings=settings) as running:
        running.at(1, "open")
        yield running


def pad_of(context: BrowserContext, hall: Served) -> Page:
    page = open_place(context, hall, "evaluator", 1, "/evaluator/1")
    expect(page.locator(".connection")).to_have_text("已连接")
    return page


def ask(hall: Served) -> int:
    """End a service at window 1, so that its evaluator asks; return the visit."""
    hall.take()
    return int(hall.serve_next(1)["visit"])


# -- the province's page on the pad ------------------------------------------------------------


def test_the_pad_opens_the_province_s_page_for_the_visit_and_comes_back(
    context: BrowserContext, page_hall: Served
) -> None:
    pad = pad_of(context, page_hall)
    visit = ask(page_hall)
    expect(pad.locator("#ask-title")).to_have_text("请在省政务服务平台评价")
    inside = pad.frame_locator("iframe")
    expect(inside.locator("#no")).to_contain_text(f"{visit:08d}")
    inside.get_by_role("button", name="基本满意").click()
    expect(inside.locator("#said")).to_have_text("省平台已收到：基本满意")
    expect(pad.locator("[data-ask-left]")).to_contain_text("还有")
    pad.get_by_role("button", name="评完了，返回").click()
    expect(pad.locator("[data-message-title]")).to_have_text("感谢您的光临")
    expect(pad.locator("iframe")).to_have_count(0)
    expect(pad.locator("[data-greeting]")).to_be_visible()


def test_the_page_closes_when_its_time_is_over_and_the_next_citizen_gets_their_own(
    context: BrowserContext, page_hall: Served
) -> None:
    pad = pad_of(context, page_hall)
    ask(page_hall)
    expect(pad.locator("iframe")).to_have_count(1)
    second = ask(page_hall)
    expect(pad.frame_locator("iframe").locator("#no")).to_contain_text(f"{second:08d}")
    expect(pad.locator("[data-message-text]")).to_contain_text("您仍可在省政务服务平台评价")
    expect(pad.locator("iframe")).to_have_count(0)
    expect(pad.locator("[data-greeting]")).to_be_visible()


def test_a_number_key_rates_nothing_on_the_province_s_page(
    context: BrowserContext, page_hall: Served
) -> None:
    pad = pad_of(context, page_hall)
    ask(page_hall)
    expect(pad.locator("iframe")).to_have_count(1)
    pad.keyboard.press("1")
    expect(pad.locator("#reasons-title")).to_be_hidden()
    expect(pad.locator("#ask-title")).to_be_visible()
    pad.get_by_role("button", name="评完了，返回").click()


def test_a_reloaded_pad_opens_the_page_of_the_same_visit(
    context: BrowserContext, page_hall: Served
) -> None:
    pad = pad_of(context, page_hall)
    visit = ask(page_hall)
    expect(pad.locator("iframe")).to_have_count(1)
    pad.reload()
    expect(pad.frame_locator("iframe").locator("#no")).to_contain_text(f"{visit:08d}")
    pad.get_by_role("button", name="评完了，返回").click()


@pytest.mark.parametrize("size", PADS)
def test_the_province_s_page_fills_every_pad(
    open_context: Callable[..., BrowserContext], page_hall: Served, size: tuple[int, int]
) -> None:
    context = open_context(viewport={"width": size[0], "height": size[1]})
    pad = pad_of(context, page_hall)
    ask(page_hall)
    expect(pad.frame_locator("iframe").locator("h1")).to_be_visible()
    box = pad.locator("iframe").bounding_box()
    assert box is not None
    assert box["width"] > size[0] * 0.85
    assert box["height"] > size[1] * 0.4
    button = pad.get_by_role("button", name="评完了，返回").bounding_box()
    assert button is not None
    assert button["y"] + button["height"] <= size[1]
    assert width_of(pad) <= size[0]
    if size == PADS[0]:
        assert serious_faults(pad) == []
    pad.get_by_role("button", name="评完了，返回").click()


# -- the province's code -----------------------------------------------------------------------


@pytest.mark.parametrize("size", PADS)
def test_the_province_s_code_is_read_off_every_pad(
    open_context: Callable[..., BrowserContext],
    qr_hall: Served,
    size: tuple[int, int],
    tmp_path: Path,
) -> None:
    context = open_context(viewport={"width": size[0], "height": size[1]})
    pad = pad_of(context, qr_hall)
    ask(qr_hall)
    expect(pad.locator("#ask-title")).to_have_text("请评价本次服务")
    expect(pad.locator(".how")).to_have_text("请用手机扫一扫，在省政务服务平台评价本次服务")
    expect(pad.locator(".level")).to_have_count(0)
    picture = tmp_path / "pad.png"
    pad.screenshot(path=picture)
    (found,) = zxingcpp.read_barcodes(Image.open(picture).convert("L"))
    assert found.text == QR
    assert width_of(pad) <= size[0]
    if size == PADS[0]:
        assert serious_faults(pad) == []
    expect(pad.locator("[data-message-text]")).to_contain_text("您仍可在省政务服务平台评价")
    expect(pad.locator("[data-greeting]")).to_be_visible()


def test_the_pad_s_script_stays_small(context: BrowserContext, qr_hall: Served) -> None:
    scripts: list[int] = []
    context.on(
        "response",
        lambda answer: scripts.append(len(answer.body())) if answer.url.endswith(".js") else None,
    )
    pad_of(context, qr_hall)
    assert len(scripts) == 4
    assert sum(scripts) <= STATIC_SCRIPTS_MOST


# -- the manager's page ------------------------------------------------------------------------


@pytest.fixture
def reporting(tmp_path: Path, peer: Province) -> Iterator[Served]:
    folder = tmp_path / "reporting"
    folder.mkdir()
    (folder / "province.key").write_text(KEYS.hex())
    with served(folder, settings=settings_of(peer)) as running:
        yield running


def test_the_manager_sees_what_failed_and_why_sends_it_again_and_replays_a_day(
    reporting: Served, context: BrowserContext, peer: Province
) -> None:
    # the hall first, so that it ends last: a page that still loads its style would complain
    peer.mood = "refuse"
    rate_in(reporting, 0)
    come_in(context, reporting, "manager")
    page = context.new_page()
    page.goto(f"{reporting.address}/province")
    for _ in range(60):
        if page.locator(".table tbody tr").count() == 8:
            break
        page.wait_for_timeout(250)
        page.reload()
    expect(page.locator(".table tbody tr")).to_have_count(8)
    expect(page.locator(".reason").first).to_have_text("HTTP 400，400 字段有误")
    expect(page.locator(".subbar [aria-current=page]")).to_have_text("省平台")
    assert serious_faults(page) == []
    peer.mood = "well"
    page.get_by_role("button", name="重发", exact=False).last.click()
    expect(page.locator(".said")).to_have_text("已安排重新上报。")
    page.get_by_role("button", name="全部重发").click()
    expect(page.locator(".said")).to_contain_text("条已安排重新上报")
    sent = page.locator(".figures > div").last
    for _ in range(60):
        if "8 条" in sent.inner_text().replace("\n", ""):
            break
        page.wait_for_timeout(250)
        page.goto(f"{reporting.address}/province")
    expect(sent).to_contain_text("8 条")
    expect(page.locator(".notice.serving")).to_have_text("没有失败的上报。")
    page.get_by_role("button", name="重新上报").click()
    expect(page.locator(".said")).to_contain_text("的 8 条已安排重新上报")
    page.locator("#field-last").fill("2020-01-01")
    page.get_by_role("button", name="重新上报").click()
    expect(page.locator("[role=alert]")).to_contain_text("须从早到晚")
    assert len(peer.records) == 8


def test_the_page_says_when_nothing_goes_up(
    open_context: Callable[..., BrowserContext], qr_hall: Served
) -> None:
    context = open_context(viewport={"width": 1024, "height": 768})
    come_in(context, qr_hall, "manager")
    page = context.new_page()
    page.goto(f"{qr_hall.address}/province")
    expect(page.locator("h1")).to_have_text("省平台")
    expect(page.locator(".page-head + .notice")).to_contain_text("没有启用上报")
    expect(page.locator(".page-head")).to_contain_text("省平台的静态二维码")
    assert width_of(page) <= 1024
    assert serious_faults(page) == []
