"""Who comes in, by key or by password, what ends that, and what other sites cannot do."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from halls import SMALL_HALL, MovedClock

import server
from hall import config
from web.passwords import hash_of

PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    opened = config.from_dict({"hall": {"always_open": True}})
    app = server.create_app(opened, tmp_path_factory.mktemp("hall") / "hall.db", MovedClock())
    register = app.extensions["hall"].register
    register.adopt(SMALL_HALL)
    kept = hash_of(PASSWORD)
    for number in ("1001", "1002", "9000", "9001"):
        register.set_password_hash(number, kept)
    yield app
    app.extensions["hall"].store.close()


def sign_in(app: Flask, number: str, password: str = PASSWORD, **more: str) -> FlaskClient:
    client = app.test_client()
    client.post(
        "/sign-in",
        data={"staff_number": number, "password": password, **more},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    return client


def test_a_key_that_nobody_has_is_refused(app: Flask) -> None:
    wrong = {"Authorization": "Bearer made-up"}
    answer = app.test_client().get("/api/v1/services", headers=wrong)
    assert answer.status_code == 401
    assert answer.get_json()["code"] == "not_signed_in"


def test_a_key_of_one_window_does_nothing_at_another(app: Flask) -> None:
    _, key = app.extensions["hall"].register.mint_key("window", "bound", 1)
    client, headers = app.test_client(), {"Authorization": f"Bearer {key}"}
    for window, status in ((1, 409), (2, 403)):
        address = f"/api/v1/windows/{window}/calls"
        assert client.post(address, json={}, headers=headers).status_code == status


# -- devices in a browser ----------------------------------------------------------------------

HERE = {"Sec-Fetch-Site": "same-origin"}


def enter(client: FlaskClient, key: str, to: str | None = None) -> Any:
    return client.post("/enter", json={"key": key, "to": to}, headers=HERE)


def test_one_browser_holds_a_kiosk_a_window_and_a_manager(app: Flask) -> None:
    register = app.extensions["hall"].register
    client = app.test_client()
    for role, window in (("kiosk", None), ("window", 1), ("window", 2), ("manager", None)):
        _, key = register.mint_key(role, f"browser {role} {window}", window)
        assert enter(client, key).status_code == 200
    assert client.get("/kiosk/menu.json").status_code == 200
    assert client.get("/window/1/state.json").status_code == 200
    assert client.get("/window/2/state.json").status_code == 200
    assert client.get("/window/3/state.json").status_code == 403
    assert client.get("/manager").status_code == 200


def test_a_revoked_key_opens_nothing_in_any_browser(app: Flask) -> None:
    register = app.extensions["hall"].register
    device, key = register.mint_key("kiosk", "soon gone")
    client = app.test_client()
    enter(client, key)
    assert client.get("/kiosk/menu.json").status_code == 200
    register.revoke(device.id)
    assert client.get("/kiosk/menu.json").status_code == 401
    assert enter(app.test_client(), key).status_code == 401


def test_a_new_key_ends_what_the_old_one_opened(app: Flask) -> None:
    register = app.extensions["hall"].register
    device, key = register.mint_key("kiosk", "renewed")
    client = app.test_client()
    enter(client, key)
    register.new_key(device.id)
    assert client.get("/kiosk/menu.json").status_code == 401


def test_the_key_never_stands_in_an_address_or_a_cookie_in_the_clear(app: Flask) -> None:
    _, key = app.extensions["hall"].register.mint_key("kiosk", "secretive")
    answer = enter(app.test_client(), key)
    cookie = answer.headers["Set-Cookie"]
    assert key not in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize("to", ["//elsewhere", "https://elsewhere", "/\\elsewhere", "/\t/x", 7])
def test_entering_leads_to_a_page_of_this_hall_only(app: Flask, to: Any) -> None:
    _, key = app.extensions["hall"].register.mint_key("kiosk", f"led astray {to!r}")
    assert enter(app.test_client(), key, to).get_json()["to"] == "/kiosk"
    assert enter(app.test_client(), key, "/kiosk?x=1").get_json()["to"] == "/kiosk?x=1"


def test_a_cookie_that_was_tampered_with_is_no_cookie(app: Flask) -> None:
    _, key = app.extensions["hall"].register.mint_key("manager", "tampered")
    client = app.test_client()
    enter(client, key)
    name = app.config["SESSION_COOKIE_NAME"]
    cookie = client.get_cookie(name)
    assert cookie is not None
    assert client.get("/manager").status_code == 200
    client.set_cookie(name, cookie.value[:-4] + "AAAA")
    assert client.get("/manager").status_code == 401


# -- people ------------------------------------------------------------------------------------


def test_a_wrong_password_and_an_unknown_person_are_refused_alike(app: Flask) -> None:
    def told(number: str) -> tuple[int, str]:
        answer = app.test_client().post(
            "/sign-in", data={"staff_number": number, "password": "wrong"}, headers=HERE
        )
        return answer.status_code, answer.text.replace(number, "")

    assert told("9000") == told("7777")
    assert told("9000")[0] == 401


def test_a_page_leads_back_to_the_form_and_says_once_why_it_was_refused(app: Flask) -> None:
    client, page = app.test_client(), {**HERE, "Accept": "text/html"}
    typed = {"staff_number": "1001", "password": "wrong", "window": "2", "next": "/window/2?a=b"}
    refused = client.post("/sign-in", data=typed, headers=page)
    assert refused.status_code == 303
    assert refused.headers["Location"] == "/sign-in?next=%2Fwindow%2F2%3Fa%3Db"
    form = client.get(refused.headers["Location"], headers=page).text
    assert "工号或密码不对" in form
    assert 'value="1001"' in form
    assert 'value="/window/2?a=b"' in form
    assert '<option value="2" selected>' in form
    assert "wrong" not in form
    assert "工号或密码不对" not in client.get("/sign-in", headers=page).text


def test_a_clerk_works_at_the_window_chosen_at_sign_in(app: Flask) -> None:
    client = sign_in(app, "1001", window="2")
    assert client.get("/window/2/state.json").status_code == 200
    assert client.get("/window/1/state.json").status_code == 403
    assert client.get("/manager").status_code == 403


def test_a_clerk_opens_a_window_in_nobody_elses_name(app: Flask) -> None:
    client = sign_in(app, "1001", window="2")
    stolen = client.post("/api/v1/windows/2/open", json={"clerk": "1002"}, headers=HERE)
    assert stolen.status_code == 403
    own = client.post("/api/v1/windows/2/open", json={}, headers=HERE)
    assert own.get_json()["clerk"] == "张敏"


def test_who_signed_out_is_out_even_with_the_old_cookie(app: Flask) -> None:
    client = sign_in(app, "9001")
    name = app.config["SESSION_COOKIE_NAME"]
    old = client.get_cookie(name)
    assert old is not None
    assert client.get("/manager").status_code == 200
    client.post("/sign-out", headers=HERE)
    assert client.get("/manager").status_code == 401
    client.set_cookie(name, old.value)
    assert client.get("/manager").status_code == 401


def test_a_new_password_ends_all_sign_ins_with_the_old_one(app: Flask) -> None:
    register = app.extensions["hall"].register
    client = sign_in(app, "9001")
    assert client.get("/manager").status_code == 200
    register.set_password_hash("9001", hash_of("another password"))
    assert client.get("/manager").status_code == 401
    register.set_password_hash("9001", hash_of(PASSWORD))


def test_a_sign_in_lasts_a_working_day(app: Flask) -> None:
    clock = app.extensions["hall"].clock
    client = sign_in(app, "1001")
    clock.move(hours=11)
    assert client.get("/window/1/state.json").status_code == 200
    clock.move(hours=2)
    assert client.get("/window/1/state.json").status_code == 401
    clock.move(hours=-13)


# -- other sites -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://elsewhere"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 409),
        ({"Origin": "http://localhost"}, 409),
    ],
)
def test_a_page_of_another_site_does_nothing_with_our_cookie(
    app: Flask, headers: dict[str, str], status: int
) -> None:
    client = sign_in(app, "1002")
    client.post("/api/v1/windows/2/close", json={}, headers=HERE)
    answer = client.post("/api/v1/windows/2/calls", json={}, headers=headers)
    assert answer.status_code == status
    if status == 403:
        assert answer.get_json()["code"] == "not_same_origin"


def test_another_site_cannot_sign_somebody_in(app: Flask) -> None:
    answer = app.test_client().post(
        "/sign-in",
        data={"staff_number": "9000", "password": PASSWORD},
        headers={"Origin": "http://elsewhere"},
    )
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


def test_a_key_needs_no_origin(app: Flask) -> None:
    _, key = app.extensions["hall"].register.mint_key("window", "program at 2", 2)
    answer = app.test_client().post(
        "/api/v1/windows/2/close",
        json={},
        headers={"Authorization": f"Bearer {key}", "Origin": "http://elsewhere"},
    )
    assert answer.status_code == 200


def test_a_program_reads_pages_and_signs_out_with_its_key_and_gets_no_cookie(app: Flask) -> None:
    """Found by CI: a page that looks into the session failed for whoever came with a key."""
    _, key = app.extensions["hall"].register.mint_key("manager", "reader of pages")
    client = app.test_client()
    headers = {"Authorization": f"Bearer {key}", "Accept": "text/html"}
    page = client.get("/manager", headers=headers)
    assert page.status_code == 200
    assert "Set-Cookie" not in page.headers
    left = client.post("/sign-out", headers=headers)
    assert left.status_code < 500, left.text
    assert "Set-Cookie" not in left.headers


# -- what every answer says --------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/enter", "/sign-in", "/nothing", "/static/tokens.css"])
def test_every_page_says_what_it_may_load(app: Flask, path: str) -> None:
    answer = app.test_client().get(path, headers={"Accept": "text/html"})
    policy = answer.headers["Content-Security-Policy"]
    answer.close()
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_health_and_figures_are_for_this_machine_only(app: Flask) -> None:
    client = app.test_client()
    for path in ("/healthz", "/metrics"):
        assert client.get(path).status_code == 200
        far = client.get(path, environ_base={"REMOTE_ADDR": "192.0.2.7"})
        assert far.status_code == 403


def test_no_trace_reaches_a_page(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the secret inside")

    monkeypatch.setattr(app.extensions["hall"].desk, "services_now", broken)
    _, key = app.extensions["hall"].register.mint_key("program", "unlucky")
    answer = app.test_client().get("/api/v1/services", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 500
    assert answer.get_json()["code"] == "internal"
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


def test_a_demos_start_page_tells_how_to_sign_in_below_each_name(app: Flask) -> None:
    shown = app.extensions["hall"].demo_links
    shown.extend([("取号机", "/kiosk"), ("督查（工号 2004 密码 yunxi-demo）", "/cases")])
    page = app.test_client().get("/").text
    shown.clear()
    assert ">督查<small>工号 2004 密码 yunxi-demo</small></a>" in page
    assert ">取号机</a>" in page
