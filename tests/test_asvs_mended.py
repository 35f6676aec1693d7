"""What docs/asvs.md asked for and the hall did not do: cookies, logs, addresses, new phones."""

import io
import logging
import re
import ssl
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from halls import SMALL_HALL, MovedClock

import server
from hall import config, posting
from hall.refusals import NotValid
from manager.reading import MOST_PARTS, find
from outbox import webhooks
from rating.tables import MOST_PARTS as MOST_PARTS_OF_RATINGS
from web.logs import configure
from web.passwords import hash_of

PASSWORD = "correct horse battery"
HERE = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
TLS = "https://hall.example.gov.cn"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """A hall that phones and devices reach over TLS."""
    told = config.from_dict({"hall": {"always_open": True, "public_url": TLS}})
    app = server.create_app(told, tmp_path_factory.mktemp("hall") / "hall.db", MovedClock())
    register = app.extensions["hall"].register
    register.adopt(SMALL_HALL)
    register.set_password_hash("9001", hash_of(PASSWORD))
    yield app
    app.extensions["hall"].store.close()


def plain_name(app: Flask) -> str:
    return str(app.config["SESSION_COOKIE_NAME"])


def test_over_tls_every_cookie_belongs_to_this_host_alone(app: Flask) -> None:
    form = {"staff_number": "9001", "password": PASSWORD}
    answer = app.test_client().post("/sign-in", data=form, headers=HERE, base_url=TLS)
    cookies = answer.headers.getlist("Set-Cookie")
    assert len(cookies) == 2  # who is here, and which browser this is
    for each in cookies:
        assert each.startswith("__Host-hall_")
        assert "; Secure" in each
        assert "; HttpOnly" in each
        assert "; Path=/" in each
        assert "; SameSite=Lax" in each
        assert "Domain" not in each


def test_a_device_stays_in_when_its_hall_gets_tls_and_a_person_signs_in_anew(app: Flask) -> None:
    rooms = app.extensions["hall"]
    device, _ = rooms.register.mint_key("display", "一楼大屏")
    entries = []
    for who in (rooms.door.device(device.id), rooms.door.person("9001", None)):
        who = rooms.door.newly(who)
        number = int(who.id) if who.kind == "device" else who.id
        entries.append([who.kind, number, who.mark, rooms.clock(), who.window])
    # as Flask wrote it until 0.4: SHA-1, and the name without a prefix
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    client = app.test_client()
    client.set_cookie(plain_name(app), str(serializer.dumps({"here": entries})), domain="localhost")
    assert client.get("/manager", headers=HERE).status_code == 403  # a screen asks, no manager
    answer = client.get("/display", headers=HERE)
    assert answer.status_code in (200, 302, 303)
    assert "/sign-in" not in answer.headers.get("Location", "")


def test_who_signs_in_again_leaves_no_cookie_behind_that_opens(tmp_path: Path) -> None:
    app = server.create_app(config.from_dict({}), tmp_path / "hall.db", MovedClock())
    app.extensions["hall"].register.adopt(SMALL_HALL)
    app.extensions["hall"].register.set_password_hash("9001", hash_of(PASSWORD))
    client, form = app.test_client(), {"staff_number": "9001", "password": PASSWORD}
    client.post("/sign-in", data=form, headers=HERE)
    old = client.get_cookie(plain_name(app))
    assert old is not None
    assert client.get("/manager", headers=HERE).status_code == 200
    client.post("/sign-in", data=form, headers=HERE)
    assert client.get("/manager", headers=HERE).status_code == 200
    client.set_cookie(plain_name(app), old.value)
    assert client.get("/manager", headers=HERE).status_code == 303
    app.extensions["hall"].store.close()


def test_what_a_proxy_passes_on_never_reads_the_figures(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/metrics").status_code == 200
    for name in ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Via"):
        assert client.get("/metrics", headers={name: "192.0.2.7"}).status_code == 403


def test_an_answer_for_programs_is_no_page_and_trace_is_answered_with_nothing(app: Flask) -> None:
    client = app.test_client()
    policy = client.get("/api/openapi.json").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert client.open("/", method="TRACE").status_code == 405
    for folder in ("/static/", "/static", "/.git/config", "/static/../server.py"):
        assert client.get(folder).status_code == 404


def test_what_somebody_sends_begins_no_line_of_its_own_in_the_log(
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = logging.getLogger()
    before, level = root.handlers, root.level
    try:
        configure("text")
        logging.getLogger("web").warning("refused %s", "a\nadmin signed in\x1b[2J\u2028b")
    finally:
        root.handlers, root.level = before, level
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert re.search(r"\d\d:\d\d:\d\d\.\d+[+-]\d{4}", said), said
    assert r"a\nadmin signed in\x1b[2J\u2028b" in said


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "[fe80::1]", "0.0.0.0", "224.0.0.1", "[ff02::1]", "[::]"]
)
def test_no_webhook_goes_where_no_receiver_can_be(host: str) -> None:
    with pytest.raises(NotValid, match="本地链路"):
        webhooks.check_url(f"http://{host}/latest")


@pytest.mark.parametrize("host", ["10.20.0.5", "192.168.1.9:8080", "127.0.0.1", "[fd00::5]"])
def test_a_webhook_inside_the_halls_own_network_is_fine(host: str) -> None:
    assert webhooks.check_url(f"http://{host}/hook") == f"http://{host}/hook"


def test_a_workbook_of_very_many_parts_is_refused_before_it_is_unfolded() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as parts:
        for number in range(MOST_PARTS + 1):
            parts.writestr(f"xl/{number}.xml", "")
    with pytest.raises(NotValid, match="太大"):
        find(content.getvalue())
    assert MOST_PARTS == MOST_PARTS_OF_RATINGS


def test_a_phone_becomes_a_second_factor_with_the_password_only(app: Flask) -> None:
    client = app.test_client()
    form = {"staff_number": "9001", "password": PASSWORD}
    client.post("/sign-in", data=form, headers=HERE, base_url=TLS)
    page = client.get("/account/second-factor", headers=HERE, base_url=TLS)
    assert 'name="now"' in page.text
    wrong = {"code": "000000", "now": "whoever sits here"}
    answer = client.post("/account/second-factor", data=wrong, headers=HERE, base_url=TLS)
    assert answer.status_code == 422
    assert "现在的密码不对" in answer.text


def test_what_leaves_the_hall_over_tls_checks_who_answers() -> None:
    context = posting.HTTPSConnection("gov.example.cn")._context  # type: ignore[attr-defined]
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
