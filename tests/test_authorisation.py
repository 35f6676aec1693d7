"""Who may: every route and every socket event of the house, really asked as every role."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import who_may
from flask import Flask
from flask.testing import FlaskClient
from halls import SMALL_HALL, MovedClock
from werkzeug.exceptions import HTTPException
from who_may import Entry

import server
from hall import config
from hall.catalogue import DEVICE_ROLES, Person
from reports import paper
from web import passwords
from web.auditing import Auditing
from web.errors import SCREENS
from web.office import PLACES as PLACES_IN_THE_BAR

TABLE = who_may.entries()
PEOPLE = (
    Person("8001", "吴导办", "guide"),
    Person("7001", "周承办", "handler", "承办人", "MZ"),
    Person("7101", "钱督查", "inspector", "督查"),
    Person("7201", "孙领导", "leader", "分管领导"),
    Person("9002", "安全员", "security"),
    Person("9003", "审计员", "audit"),
)
FIRST_DAYS = "administrator in the first days"
# Who asks: as which person or device, at which window, and the roles they hold.
ASKERS: dict[str, tuple[str, int | None, tuple[str, ...]]] = {
    "nobody": ("", None, ()),
    "kiosk": ("kiosk", None, ("kiosk",)),
    "display": ("display", None, ("display",)),
    "window": ("window", 1, ("window",)),
    "window elsewhere": ("window", 2, ("window",)),
    "evaluator": ("evaluator", 1, ("evaluator",)),
    "evaluator elsewhere": ("evaluator", 2, ("evaluator",)),
    "manager's key": ("manager", None, ("manager",)),
    "program": ("program", None, ("program",)),
    "clerk": ("1001", 1, ("person", "clerk", "window")),
    "clerk elsewhere": ("1002", 2, ("person", "clerk", "window")),
    "guide": ("8001", None, ("person", "guide")),
    "handler": ("7001", None, ("person", "handler")),
    "inspector": ("7101", None, ("person", "inspector")),
    "leader": ("7201", None, ("person", "leader")),
    "manager": ("9001", None, ("person", "manager")),
    "administrator": ("9000", None, ("person", "administrator", "manager")),
    FIRST_DAYS: ("9000", None, ("person", "administrator", "manager", "security")),
    "security": ("9002", None, ("person", "security")),
    "audit": ("9003", None, ("person", "audit")),
}
PLACES = {
    "no": "1",
    "month": "2026-11",
    "kind": "csv",
    "key": "nobody",
    "staff_number": "nobody",
    "token": "nothing",
    "given": "nothing",
    "code": "22222222",
    "verb": "accept",
    "version": "1",
    "filename": "nothing.css",
}
HERE = {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}
REFUSED = (401, 403)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """A hall whose three administrators can sign in."""
    opened = config.from_dict({"hall": {"always_open": True}})
    app = server.create_app(opened, tmp_path_factory.mktemp("hall") / "hall.db", MovedClock())
    register = app.extensions["hall"].register
    register.adopt(SMALL_HALL)
    for person in PEOPLE:
        register.save(person)
    for number in ("9000", "9002", "9003"):
        register.set_password_hash(number, "kept")
    register.store.connection.execute("pragma synchronous = off")
    with pytest.MonkeyPatch.context() as patch:
        # browsers, workbooks, hashes and two thousand commits would take seconds; who may is
        # decided before any of them
        patch.setattr(paper, "engine", lambda: None)
        patch.setattr("web.aside.green.Popen", Written)
        patch.setattr(Auditing, "_write", lambda *_: None)
        patch.setattr(passwords, "is_right", lambda *_: False)
        yield app
    app.extensions["hall"].store.close()


class Written:
    """A child process that wrote an empty file."""

    returncode = 0

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def communicate(self, *_: Any, **__: Any) -> tuple[bytes, bytes]:
        return b"", b""


@contextmanager
def first_days(app: Flask) -> Iterator[None]:
    """Let the security administrator not be there yet."""
    register = app.extensions["hall"].register
    register.save(replace(PEOPLE[-2], active=False))
    yield
    register.save(PEOPLE[-2])


def client_of(app: Flask, asker: str) -> tuple[FlaskClient, dict[str, str]]:
    """Return somebody's browser or program, signed in: people by cookie, devices by key."""
    who, window, _ = ASKERS[asker]
    client = app.test_client()
    rooms = app.extensions["hall"]
    if who in DEVICE_ROLES:
        _, key = rooms.register.mint_key(who, f"test {asker}", window)
        return client, {"Authorization": f"Bearer {key}"}
    if who:
        person = rooms.door.newly(rooms.door.person(who, window))
        with client.session_transaction() as session:
            session["here"] = [["person", who, person.mark, rooms.clock(), window]]
    return client, HERE


def address_of(entry: Entry) -> str:
    return re.sub(r"{(\w+)}", lambda place: PLACES.get(place[1], "999999"), entry.address)


def pages() -> list[Entry]:
    """Every entry of a route; what ends who asks comes last."""
    routes = [each for each in TABLE if each.method != "SOCKET"]
    return sorted(routes, key=lambda each: ("lock" in each.address, each.address == "/sign-out"))


def guarded() -> list[Entry]:
    return [each for each in pages() if not each.is_open]


def wrong_answers(app: Flask, asker: str, asked: list[Entry]) -> list[str]:
    client, headers = client_of(app, asker)
    _, window, roles = ASKERS[asker]
    refusal = 403 if roles else 401
    wrong = []
    for entry in asked:
        body: dict[str, str] | None = None if entry.method == "GET" else {}
        answer = client.open(address_of(entry), method=entry.method, headers=headers, json=body)
        answer.close()
        told = answer.status_code
        may = entry.lets_in(roles, at_its_window=window in (None, 1))
        if told in REFUSED if may else told != refusal:
            wrong.append(f"{asker}: {entry.method} {entry.address} -> {told}, may: {may}")
    return wrong


@pytest.mark.parametrize("asker", [each for each in ASKERS if each != FIRST_DAYS])
def test_every_route_lets_in_whom_the_table_names_and_nobody_else(app: Flask, asker: str) -> None:
    assert wrong_answers(app, asker, guarded()) == []


def test_in_the_first_days_an_administrator_does_the_security_administrators_work(
    app: Flask,
) -> None:
    theirs = [each for each in guarded() if "security" in each.who]
    with first_days(app):
        assert wrong_answers(app, FIRST_DAYS, theirs) == []


def test_every_route_has_an_entry_and_every_entry_a_route(app: Flask) -> None:
    places = app.url_map.bind("localhost")
    named = set()
    for entry in pages():
        try:
            rule, _ = places.match(address_of(entry), entry.method, return_rule=True)
        except HTTPException:
            pytest.fail(f"authorisation.csv names {entry.method} {entry.address}: no such route")
        named.add((entry.method, rule.rule))
    routes = {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routes - named == set(), "who may? say it in tests/authorisation.csv, then `make docs`"


def test_what_is_open_to_everybody_says_why_and_asks_nobody_who_they_are(app: Flask) -> None:
    client, headers = client_of(app, "nobody")
    for entry in pages():
        if entry.is_open:
            assert entry.why, entry
            body: dict[str, str] | None = None if entry.method == "GET" else {}
            answer = client.open(address_of(entry), method=entry.method, headers=headers, json=body)
            answer.close()
            # what is shown there – a key, a password, a link – is wrong, not who shows it
            code = (answer.get_json(silent=True) or {}).get("code")
            assert answer.status_code < 500, entry
            assert code not in ("not_signed_in", "not_allowed"), entry
    twice = [(each.method, each.address) for each in TABLE]
    assert len(twice) == len(set(twice))


def test_a_page_sends_whoever_is_not_signed_in_to_the_sign_in(app: Flask) -> None:
    client = app.test_client()
    for entry in pages():
        if entry.is_open:
            continue
        address = address_of(entry)
        answer = client.open(
            address, method=entry.method, headers={**HERE, "Accept": "text/html"}, data={}
        )
        led = (answer.status_code, answer.headers.get("Location", "").partition("?")[0])
        door = "/pair" if address.startswith(SCREENS) else "/sign-in"
        assert led == (303, door) or answer.status_code == 401, (entry.method, address, led)


@pytest.mark.parametrize("asker", [each for each in ASKERS if each != FIRST_DAYS])
def test_every_socket_event_lets_in_whom_the_table_names(app: Flask, asker: str) -> None:
    client, headers = client_of(app, asker)
    roles = ASKERS[asker][2]
    may = {each.address: each.lets_in(roles, at_its_window=True) for each in SOCKETS}
    socket = app.extensions["hall"].socketio.test_client(
        app, headers=headers, flask_test_client=client
    )
    assert socket.is_connected() == may.pop("connect")
    for event, lets_in in may.items() if socket.is_connected() else ():
        told = socket.emit(event, {}, callback=True)
        code = told.get("code", "")
        assert (code not in ("not_allowed", "not_signed_in")) == lets_in, (asker, event, told)


SOCKETS = [each for each in TABLE if each.method == "SOCKET"]


def test_every_socket_event_has_an_entry_and_every_entry_an_event(app: Flask) -> None:
    events = set(app.extensions["hall"].socketio.server.handlers["/"])
    assert events - {"disconnect"} == {each.address for each in SOCKETS}


def test_the_table_in_the_docs_is_the_tested_one() -> None:
    docs = Path(__file__).parents[1] / "docs" / "authorisation.md"
    assert docs.read_text(encoding="utf-8") == who_may.as_markdown(), "run `make docs`"


def test_the_bar_above_the_pages_leads_nobody_to_a_page_they_may_not_open() -> None:
    pages = {each.address: each for each in TABLE if each.method == "GET"}
    places = [place for group in PLACES_IN_THE_BAR.values() for place in group]
    assert {address for _, address, _, _ in places} <= set(pages)
    for _, address, _, roles in places:
        for role in roles:
            assert pages[address].lets_in((role,), at_its_window=True), (role, address)
    shown = {
        role: {word for _, _, word, roles in places if role in roles}
        for role in ("security", "audit")
    }
    assert shown["security"] <= {"人员", "登录安全", "个人信息"}
    assert shown["audit"] <= {"审计日志", "个人信息"}
