"""A hall with TLS: its own CA, a certificate that renews itself, and a port for old devices."""

import json
import random
import socket
import ssl
import stat
import urllib.request
import warnings
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import websocket
from flask import Flask
from halls import MovedClock
from servers import ALWAYS_OPEN, Served, ask

import server
from hall import config, days
from hall.config import BadConfig
from hall.hall_settings import ServerSection
from hall.refusals import NotAllowed, NotValid
from readiness import judging
from web import certificates
from web.access import ROLES
from web.plain_http import for_devices, is_of
from web.tls import LOOKED_EVERY, Tls

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
NAMES = ("hall.local", "127.0.0.1")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a CA and a server's certificate."""
    certificates.make_ca(tmp_path, "云溪县政务服务中心", NOW)
    certificates.make_server(tmp_path, NAMES, NOW)
    return tmp_path


# -- certificates ------------------------------------------------------------------------------


def test_a_certificate_is_for_its_names_and_no_longer_than_browsers_take(folder: Path) -> None:
    server = folder / certificates.SERVER
    assert certificates.names_in(server) == list(NAMES)
    assert timedelta(days=395) < certificates.good_until(server) - NOW <= timedelta(days=397)


def test_keys_are_read_by_their_owner_alone(folder: Path) -> None:
    for name in (certificates.CA_KEY, certificates.SERVER):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600


def test_a_ca_that_devices_trust_is_never_made_over(folder: Path) -> None:
    before = certificates.fingerprint(folder / certificates.CA)
    with pytest.raises(NotAllowed, match="已经有 CA"):
        certificates.make_ca(folder, "别的大厅", NOW)
    assert certificates.fingerprint(folder / certificates.CA) == before


@pytest.mark.parametrize("name", ["", "a b", "https://hall", "大厅", "10.20.0.5:8000", "a..b"])
def test_what_is_no_name_gets_no_certificate(folder: Path, name: str) -> None:
    with pytest.raises(NotValid):
        certificates.make_server(folder, [name], NOW)


@pytest.mark.parametrize(("days_later", "renewed"), [(0, False), (365, False), (367, True)])
def test_a_certificate_is_renewed_in_its_last_month(
    folder: Path, days_later: int, renewed: bool
) -> None:
    later = NOW + timedelta(days=days_later)
    assert certificates.renew(folder, later) is renewed
    server = folder / certificates.SERVER
    assert certificates.names_in(server) == list(NAMES)
    if renewed:
        assert certificates.good_until(server) - later > timedelta(days=390)


def test_a_server_that_runs_for_a_year_goes_on_with_the_new_certificate(
    tmp_path: Path, clock: MovedClock
) -> None:
    own = tmp_path / certificates.FOLDER
    began = datetime.fromtimestamp(clock() / days.SECOND, UTC)
    certificates.make_ca(own, "大厅", began)
    made = certificates.make_server(own, NAMES, began)
    tls = Tls(ServerSection.model_validate({"tls": "own-ca"}), tmp_path, clock)
    first = certificates.fingerprint(made)
    clock.instant += LOOKED_EVERY
    tls.tick()
    assert certificates.fingerprint(made) == first
    clock.move(hours=24 * 380)
    tls.tick()
    assert certificates.fingerprint(made) != first


def shakes_hands(context: ssl.SSLContext) -> bool:
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    both = client.wrap_bio(back, there), context.wrap_bio(there, back, server_side=True)
    for each in both * 3:
        with suppress(ssl.SSLWantReadError):
            each.do_handshake()
    return both[0].version() is not None


def test_half_a_renewal_does_not_spoil_the_certificate_that_is_served(
    folder: Path, clock: MovedClock
) -> None:
    server, key = folder / certificates.SERVER, folder / "key.pem"
    key.write_bytes(server.read_bytes())
    told = {"tls": "files", "tls_certificate": server.name, "tls_key": key.name}
    tls = Tls(ServerSection.model_validate(told), folder, clock)
    assert shakes_hands(tls.context)
    certificates.make_server(folder, NAMES, NOW)  # its key comes later
    clock.instant += LOOKED_EVERY
    tls.tick()
    assert shakes_hands(tls.context)
    server.unlink()
    clock.instant += LOOKED_EVERY
    tls.tick()
    assert shakes_hands(tls.context)


def test_a_hall_without_its_certificate_does_not_start(tmp_path: Path, clock: MovedClock) -> None:
    with pytest.raises(NotAllowed, match=r"server\.py certificate"):
        Tls(ServerSection.model_validate({"tls": "own-ca"}), tmp_path, clock)


# -- what may be asked in the clear ------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "may"),
    [
        ("/kiosk", True),
        ("/kiosk/tickets", True),
        ("/display", True),
        ("/evaluator/3", True),
        ("/pair/code", True),
        ("/static/live.js", True),
        ("/socket.io/", True),
        ("/sign-in", False),
        ("/manager", False),
        ("/window/1", False),
        ("/kiosks", False),
        ("/api/v1/windows/1/calls", False),
        ("/", False),
    ],
)
def test_only_machines_pages_are_given_without_tls(path: str, may: bool) -> None:
    assert for_devices(path) is may


@pytest.mark.parametrize(
    ("address", "inside"),
    [("10.20.8.7", True), ("::ffff:10.20.8.7", True), ("10.20.9.7", False), ("nonsense", False)],
)
def test_only_the_networks_of_old_devices_are_let_in(address: str, inside: bool) -> None:
    assert is_of(address, ["10.20.8.0/24"]) is inside


@pytest.mark.parametrize(
    "server",
    [
        {"tls": "files"},
        {"plain_port": 8080},
        {"tls": "own-ca", "plain_port": 8080},
        {"tls": "own-ca", "plain_port": 8080, "plain_networks": ["nonsense"]},
    ],
)
def test_settings_that_cannot_be_meant_are_refused(server: dict[str, Any]) -> None:
    with pytest.raises(BadConfig):
        config.from_dict({"server": server})


def test_a_hall_in_the_clear_is_noted_unless_a_proxy_encrypts() -> None:
    assert judging.not_encrypted("http://10.20.0.5:8000").state == "note"
    assert judging.not_encrypted("https://hall.example.gov.cn").state == "ok"


# -- a server ----------------------------------------------------------------------------------


def free_port() -> int:
    while True:
        # below the ports the system gives away by itself: nobody takes it in the meantime
        port = random.randrange(20_000, 30_000)
        with socket.socket() as line, suppress(OSError):
            line.bind(("127.0.0.1", port))
            return port


@pytest.fixture(scope="module")
def plain_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory, plain_port: int) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("hall")
    settings = (
        f'{ALWAYS_OPEN}[server]\ntls = "own-ca"\nplain_port = {plain_port}\n'
        'plain_networks = ["127.0.0.0/8"]\n'
    )
    now = datetime.now(UTC)
    certificates.make_ca(folder / certificates.FOLDER, "云溪", now)
    certificates.make_server(folder / certificates.FOLDER, NAMES, now)
    server = Served(folder, settings=settings)
    server.prepare()
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def trusting(hall: Served) -> ssl.SSLContext:
    """A client that trusts the hall's CA and nobody else."""
    return ssl.create_default_context(
        cafile=str(hall.folder / certificates.FOLDER / certificates.CA)
    )


def test_a_device_that_trusts_the_ca_is_served_with_a_cookie_for_tls_alone(
    hall: Served, trusting: ssl.SSLContext
) -> None:
    body = json.dumps({"key": hall.key("kiosk")}).encode()
    request = urllib.request.Request(
        f"https://127.0.0.1:{hall.port}/enter", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, context=trusting, timeout=20) as answer:
        cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith("__Host-hall_")
        assert "; Secure" in cookie
        assert answer.headers["Strict-Transport-Security"]


def test_whoever_does_not_trust_the_ca_or_speaks_an_old_tls_hears_nothing(
    hall: Served, trusting: ssl.SSLContext
) -> None:
    stranger = ssl.create_default_context()
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    for context in (stranger, old):
        with (
            socket.create_connection(("127.0.0.1", hall.port), timeout=20) as line,
            pytest.raises((ssl.SSLError, ConnectionError)),
        ):
            context.wrap_socket(line, server_hostname="127.0.0.1").recv(1)
    with socket.create_connection(("127.0.0.1", hall.port), timeout=20) as line:
        sound = trusting.wrap_socket(line, server_hostname="127.0.0.1")
        assert sound.version() in ("TLSv1.2", "TLSv1.3")
        sound.close()


def test_a_socket_over_tls_hears_each_call(hall: Served, trusting: ssl.SSLContext) -> None:
    line = websocket.create_connection(
        f"wss://127.0.0.1:{hall.port}/socket.io/?EIO=4&transport=websocket",
        sslopt={"context": trusting},
        timeout=20,
    )
    line.recv()
    line.send("40" + json.dumps({"key": hall.key("display", zone="1F"), "role": "display"}))
    assert str(line.recv()).startswith("40{")
    line.send("42" + json.dumps(["watch", {"zone": "1F"}]))
    while not (heard := str(line.recv())).startswith('42["board"'):
        pass
    assert "rev" in heard
    line.close()


def test_an_old_device_is_served_in_the_clear_and_people_are_led_to_tls(
    hall: Served, plain_port: int
) -> None:
    plain = f"http://127.0.0.1:{plain_port}"
    entered = ask(f"{plain}/enter", "POST", {"key": hall.key("kiosk")})
    assert entered.status == 200
    assert "Secure" not in entered.headers["Set-Cookie"]
    led = ask(f"{plain}/sign-in?next=/window/1")
    assert led.status == 307
    assert led.headers["Location"] == f"https://127.0.0.1:{hall.port}/sign-in?next=/window/1"
    refused = ask(f"{plain}/sign-in", "POST", {"staff_number": "1001", "password": "x"})
    assert (refused.status, refused.code) == (403, "tls_needed")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    told = {"plain_networks": ["192.0.2.0/24"], "tls": "own-ca", "hsts_days": 365}
    opened = config.from_dict({"server": told})
    made = server.create_app(opened, tmp_path_factory.mktemp("hall") / "hall.db", MovedClock())
    yield made
    made.extensions["hall"].store.close()


def test_a_program_is_not_led_on_from_the_plain_port_but_refused(app: Flask) -> None:
    plain = {"hall.plain": 8443, "REMOTE_ADDR": "192.0.2.9"}
    refused = app.test_client().get("/api/v1/services", environ_base=plain)
    assert (refused.status_code, refused.get_json()["code"]) == (403, "tls_needed")
    for host, to in (("hall.test:8080", "hall.test"), ("[fd00::7]", "[fd00::7]")):
        led = app.test_client().get("/account", environ_base=plain, headers={"Host": host})
        assert led.headers["Location"] == f"https://{to}:8443/account"


def test_a_hall_that_stays_with_tls_may_say_so_for_a_year(app: Flask) -> None:
    over_tls = app.test_client().get("/alive", base_url="https://hall.test")
    assert over_tls.headers["Strict-Transport-Security"] == f"max-age={365 * 86400}"
    assert "Strict-Transport-Security" not in app.test_client().get("/alive").headers
    assert ServerSection().hsts_days == 30


def test_the_plain_port_serves_every_page_of_a_machine_and_none_of_a_person(app: Flask) -> None:
    machines = {"kiosk", "display", "evaluator"}
    wrong, looked = [], 0
    for rule in app.url_map.iter_rules():
        allowed: frozenset[str] = getattr(app.view_functions[rule.endpoint], "allowed", frozenset())
        if not allowed or rule.rule.startswith("/api/"):
            continue
        looked += 1
        if for_devices(rule.rule) != bool(allowed & machines) and allowed != frozenset(ROLES):
            wrong.append(rule.rule)
    assert looked > 100
    assert wrong == [], "FOR_DEVICES in web/plain_http.py does not fit the roles of these"
