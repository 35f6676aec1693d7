"""Files for somebody's disk, and the page of a refusal: what a browser is really sent."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from halls import SMALL_HALL, MovedClock

import server
from hall import config
from hall.catalogue import Person
from web.files import disposition

ROOT = Path(__file__).resolve().parents[1]
PAGE = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
# Every download that needs no file made before it: who fetches it, and its name in latin letters.
DOWNLOADS = (
    (
        "9001",
        "/monitor/alarms.csv?first=2026-10-01&last=2026-10-31",
        "alarms-2026-10-01-2026-10-31",
    ),
    ("9001", "/monitor/alarms.xlsx", "alarms-2026-11-20-2026-11-20"),
    ("9003", "/audit/export.csv", "audit-2026-11-14-2026-11-20"),
    ("9001", "/complaints/export.csv?month=2026-11", "complaints-2026-11"),
    ("9001", "/manager/months/2026-11/export.csv", "month-2026-11-window"),
    ("9001", "/api/v1/months/2026-11/export.csv", "month-2026-11-window"),
    ("9001", "/manager/catalogue/workbook.xlsx", "hall-data"),
    ("9001", "/manager/tags.csv", "tags-"),
)


class Written:
    """A child process that wrote an empty file."""

    returncode = 0

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def communicate(self, *_: Any, **__: Any) -> tuple[bytes, bytes]:
        return b"", b""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """A hall with a clerk, a manager and an audit administrator; files are written empty."""
    opened = config.from_dict({"hall": {"name": "云溪县政务服务中心", "always_open": True}})
    app = server.create_app(opened, tmp_path_factory.mktemp("hall") / "hall.db", MovedClock())
    register = app.extensions["hall"].register
    register.adopt(SMALL_HALL)
    register.save(Person("9003", "审计员", "audit"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("web.aside.green.Popen", Written)
        yield app
    app.extensions["hall"].store.close()


def somebody(app: Flask, number: str, window: int | None = None) -> FlaskClient:
    """Return the browser of somebody who is signed in."""
    rooms, client = app.extensions["hall"], app.test_client()
    person = rooms.door.newly(rooms.door.person(number, window))
    with client.session_transaction() as session:
        session["here"] = [["person", number, person.mark, rooms.clock(), window]]
    return client


@pytest.mark.parametrize(("who", "address", "plain"), DOWNLOADS)
def test_a_download_has_a_name_that_a_header_can_carry(
    app: Flask, who: str, address: str, plain: str
) -> None:
    with somebody(app, who).get(address, headers=PAGE) as answer:
        assert answer.status_code == 200, answer.get_data(as_text=True)
        told = answer.headers["Content-Disposition"]
        assert told.encode("latin-1"), "gevent sends nothing else: the ledger of alarms was a 500"
        assert told.startswith(f'attachment; filename="{plain}')
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Type"].partition(";")[0] != "text/html"


def test_a_name_stands_twice_and_neither_is_an_empty_shell() -> None:
    told = disposition("云溪/县\n“通报”-2026-10（演示）.pdf", "bulletin 2026-10-演示.pdf")
    assert told.startswith('attachment; filename="bulletin-2026-10.pdf"; ')
    assert unquote(told.partition("filename*=UTF-8''")[2]) == "云溪县“通报”-2026-10（演示）.pdf"
    assert re.fullmatch(r"[\x20-\x7e]+", told)


def test_every_download_goes_out_through_one_helper() -> None:
    files = [
        path
        for path in ROOT.glob("[a-z]*/**/*.py")
        if path.relative_to(ROOT).parts[0] not in ("tests", "build", "tools", "faults")
    ]
    says = {
        str(path.relative_to(ROOT))
        for path in files
        if re.search("Content-Disposition|download_name|as_attachment", path.read_text("utf-8"))
    }
    assert says == {"web/files.py"}


# -- the page of a refusal ---------------------------------------------------------------------


def test_a_refusal_keeps_the_bar_of_the_staff_and_leads_back(app: Flask) -> None:
    manager = somebody(app, "9001")
    came = {"Referer": "http://localhost/manager/catalogue/windows?words=1"}
    page = manager.get("/manager/catalogue/windows/77", headers=PAGE | came)
    assert page.status_code == 404
    assert "<title>没有找到 · 云溪县政务服务中心</title>" in page.text
    assert 'class="topbar-nav"' in page.text
    assert "赵主任" in page.text
    assert 'href="/manager/catalogue/windows?words=1">返回上一页</a>' in page.text


@pytest.mark.parametrize(
    "came",
    [
        "http://elsewhere.example/manager",
        "http://localhost//elsewhere.example/",
        "http://localhost/nowhere",
        "",
    ],
)
def test_a_refusal_leads_back_to_no_other_house_and_not_to_itself(app: Flask, came: str) -> None:
    page = app.test_client().get("/nowhere", headers=PAGE | {"Referer": came})
    assert page.status_code == 404
    assert "返回上一页" not in page.text
    assert 'href="/">返回首页</a>' in page.text


def test_a_clerk_without_pages_of_the_staff_gets_the_plain_page(app: Flask) -> None:
    page = somebody(app, "1001", 1).get("/monitor", headers=PAGE)
    assert page.status_code == 403
    assert "<title>无权进入" in page.text
    assert "topbar" not in page.text


def test_a_failure_is_told_in_chinese_with_the_bar_and_without_it(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> Any:
        raise RuntimeError("a fault of ours")

    manager = somebody(app, "9001")
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    monkeypatch.setattr("manager.items.kinds", fails)
    page = manager.get("/manager/catalogue", headers=PAGE)
    assert page.status_code == 500
    assert "<title>系统出错 · 云溪县政务服务中心</title>" in page.text
    assert 'class="topbar-nav"' in page.text
    assert "a fault of ours" not in page.text
    monkeypatch.setattr("web.errors.frame", fails)
    page = manager.get("/manager/catalogue", headers=PAGE)
    assert page.status_code == 500
    assert "<title>系统出错" in page.text, "what fails for the same reason again fails in Chinese"
    assert "topbar" not in page.text
