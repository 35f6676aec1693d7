"""What a page may load, who may act from where, and what a slow or loud client gets."""

import json
from collections.abc import Iterator
from contextlib import suppress
from html.parser import HTMLParser
from typing import Any

import gevent
import pytest
import who_may
from flask import Flask
from flask.testing import FlaskClient
from halls import SMALL_HALL, MovedClock
from test_authorisation import PLACES, address_of

import server
from hall import config
from reports import paper
from web import serving, websockets
from web.access import IN_COOKIE
from web.same_origin import comes_from_here


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    opened = config.from_dict({"hall": {"always_open": True}})
    app = server.create_app(opened, tmp_path_factory.mktemp("hall") / "hall.db", MovedClock())
    app.extensions["hall"].register.adopt(SMALL_HALL)
    yield app
    app.extensions["hall"].store.close()


def everybody(app: Flask) -> FlaskClient:
    """A browser in which an administrator, a clerk and every kind of device are signed in."""
    rooms = app.extensions["hall"]
    here = [rooms.door.person("9000", None), rooms.door.person("1001", 1)]
    for role, window in (("kiosk", None), ("display", None), ("evaluator", 1)):
        device, _ = rooms.register.mint_key(role, f"{role} here", window)
        here.append(rooms.door.device(device.id))
    client = app.test_client()
    client.environ_base.update(HTTP_SEC_FETCH_SITE="same-origin", HTTP_ACCEPT="text/html")
    with client.session_transaction() as session:
        session[IN_COOKIE] = [
            [
                each.kind,
                int(each.id) if each.kind == "device" else each.id,
                rooms.door.newly(each).mark,
                rooms.clock(),
                each.window,
            ]
            for each in here
        ]
    return client


# Addresses of files and figures: no pages, and some take long to make.
FILES = (".", "pdf", "{filename}", "{kind}", "export", "csv", "photo", "report")


class Page(HTMLParser):
    """Notes what the policy would stop: inline code and style, and loads from elsewhere."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one tag."""
        said = {name: (value or "").strip().lower() for name, value in attrs}
        if tag == "style" or "style" in said or any(name.startswith("on") for name in said):
            self.found.append(f"inline on <{tag}>")
        if tag == "script" and "src" not in said and said.get("type") != "application/json":
            self.found.append("a script without src")
        for name in ("src", "href", "action", "formaction"):
            value = said.get(name, "")
            if value.startswith("javascript:"):
                self.found.append(f"{name}=javascript:")
            loads = name == "src" or (tag == "link" and name == "href")
            if loads and value.startswith(("http:", "https:", "//")):
                self.found.append(f"{name} of <{tag}> from elsewhere")


def test_the_reader_of_pages_sees_what_it_looks_for() -> None:
    wrong = '<p style="x" onclick="y"><script>z</script><img src="//a/b"><a href="javascript:0">'
    assert len(Page(wrong).found) == 4


def test_no_page_as_it_is_served_holds_what_the_policy_stops(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper, "engine", lambda: None)
    client, seen, wrong = everybody(app), 0, []
    for entry in who_may.entries():
        last = entry.address.rpartition("/")[2]
        if entry.method != "GET" or any(each in last for each in FILES):
            continue
        address = address_of(entry).replace("999999", "1")
        answer = client.get(address)
        if answer.mimetype == "text/html" and answer.status_code < 300:
            seen += 1
            wrong += [f"{address}: {each}" for each in Page(answer.text).found]
            policy = answer.headers["Content-Security-Policy"]
            if "unsafe" in policy or "script-src 'self'" not in policy:
                wrong.append(f"{address}: {policy}")
            kept = answer.headers["Cache-Control"]
            if kept != "no-store" and not (entry.is_open and address.startswith("/public")):
                wrong.append(f"{address}: may be kept in a cache")
        answer.close()
    assert seen > 40
    assert PLACES
    assert wrong == []


# -- from where --------------------------------------------------------------------------------

HERE = "http://hall.local:8000"


@pytest.mark.parametrize(
    ("site", "origin", "here"),
    [
        ("same-origin", None, True),
        ("same-origin", HERE, True),
        ("none", None, True),
        ("same-site", HERE, False),
        ("cross-site", HERE, False),
        ("nonsense", None, False),
        (None, HERE, True),
        (None, "http://hall.local:8001", False),
        (None, "https://elsewhere", False),
        (None, "null", False),
        (None, "", False),
        (None, "https://hall.example.gov.cn", True),
        (None, None, None),
    ],
)
def test_only_the_halls_own_page_acts_for_who_is_signed_in(
    site: str | None, origin: str | None, here: bool | None
) -> None:
    found = comes_from_here("hall.local:8000", site, origin, "https://hall.example.gov.cn")
    assert found is here


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "null"},
        {"Origin": "https://elsewhere"},
    ],
)
def test_a_form_of_another_site_is_refused(app: Flask, headers: dict[str, str]) -> None:
    client = everybody(app)
    client.environ_base.pop("HTTP_SEC_FETCH_SITE")
    answer = client.post("/manager/devices/new", data={}, headers=headers)
    assert answer.status_code == 403


# -- slow, many, large -------------------------------------------------------------------------


@pytest.fixture
def listening(monkeypatch: pytest.MonkeyPatch) -> Iterator[serving.Server]:
    """The hall's server in front of an app that says its word, with very little patience."""
    monkeypatch.setattr(websockets, "IDLE_SECONDS", 0.05)
    monkeypatch.setattr(websockets, "HEAD_SECONDS", 0.05)
    monkeypatch.setattr(serving, "HANDSHAKE_SECONDS", 0.05)

    def word(_environ: Any, start: Any) -> list[bytes]:
        start("200 OK", [("Content-Length", "4")])
        return [b"word"]

    opened = serving.Server(word, "127.0.0.1", 0)
    opened.start()
    yield opened
    opened.stop()


def said_to(listening: serving.Server, sent: bytes) -> bytes:
    """Say something and return all that is answered until the server hangs up."""
    with gevent.Timeout(20):
        line = gevent.socket.create_connection(("127.0.0.1", listening.port))
        heard = b""
        with suppress(ConnectionError):  # hung up before it was read
            line.sendall(sent)
            while more := line.recv(4096):
                heard += more
        line.close()
    return heard


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: hall\r\nX-Slow: "])
def test_a_client_that_stops_talking_is_let_go(listening: serving.Server, sent: bytes) -> None:
    heard = said_to(listening, sent)
    assert b"200 OK" not in heard
    assert listening.lines == {}


def test_a_client_that_says_all_is_answered_before_it_is_let_go(listening: serving.Server) -> None:
    assert b"word" in said_to(listening, b"GET / HTTP/1.1\r\nHost: hall\r\n\r\n")


def test_one_address_holds_so_many_lines_and_no_more(
    listening: serving.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "LOCAL", ())
    asked = b"GET / HTTP/1.1\r\nHost: hall\r\n\r\n"
    monkeypatch.setattr(serving, "LINES_OF_ONE", 1)
    assert b"word" in said_to(listening, asked)
    monkeypatch.setattr(serving, "LINES_OF_ONE", 0)
    assert said_to(listening, asked) == b""


@pytest.mark.parametrize("body", [b"[" * 60_000, b'{"a":' * 10_000, b"{", b"\xff"])
def test_a_body_that_is_deep_or_broken_is_refused_and_nothing_more(app: Flask, body: bytes) -> None:
    answer = app.test_client().post(
        "/enter",
        data=body,
        headers={"Content-Type": "application/json", "Sec-Fetch-Site": "same-origin"},
    )
    assert answer.status_code in (401, 422)
    assert json.loads(answer.data)["code"]
