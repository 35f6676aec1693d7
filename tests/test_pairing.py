"""A screen becomes a device by a short code, and by nothing else."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from halls import SMALL_HALL, MovedClock

import server
from hall import config
from hall.refusals import NotAllowed, NotFound
from web.access import IN_COOKIE
from web.browsers import browser_word
from web.pairing import ALPHABET, GOOD_FOR, LENGTH, MOST, MOST_OF_ONE, Pairings

HERE = {"Sec-Fetch-Site": "same-origin"}
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36"


# -- who waits ---------------------------------------------------------------------------------


def test_a_code_has_no_letter_that_is_read_as_another(clock: MovedClock) -> None:
    code = Pairings(clock).begin("10.0.0.1", "Chrome").code
    assert len(code) == LENGTH
    assert set(code) <= set(ALPHABET)
    assert not set(ALPHABET) & set("0O1I")


def test_a_code_is_found_however_it_is_typed(clock: MovedClock) -> None:
    pairings = Pairings(clock)
    waiting = pairings.begin("10.0.0.1", "Chrome")
    for typed in (waiting.code, waiting.shown, waiting.shown.lower(), f" {waiting.code} "):
        assert pairings.of_code(typed) is waiting
    with pytest.raises(NotFound):
        pairings.of_code(waiting.code + "A")


def test_a_code_is_good_for_ten_minutes_and_one_device(clock: MovedClock) -> None:
    pairings = Pairings(clock)
    waiting = pairings.begin("10.0.0.1", "Chrome")
    pairings.join(waiting, 7)
    with pytest.raises(NotAllowed):
        pairings.join(waiting, 8)
    clock.instant += GOOD_FOR - 1
    assert pairings.of_token(waiting.token) is waiting
    clock.instant += 1
    assert pairings.of_token(waiting.token) is None
    with pytest.raises(NotFound):
        pairings.of_code(waiting.code)


def test_a_stranger_who_opens_the_page_a_thousand_times_takes_nobodys_place(
    clock: MovedClock,
) -> None:
    pairings = Pairings(clock)
    kiosk = pairings.begin("10.0.0.1", "Chrome")
    for _ in range(1000):
        pairings.begin("10.0.0.66", "Chrome")
    assert len(pairings) == MOST_OF_ONE + 1
    assert pairings.of_token(kiosk.token) is kiosk
    for each in range(1000):
        pairings.begin(f"10.0.{each // 250}.{each % 250}", "Chrome")
    assert len(pairings) == MOST


@pytest.mark.parametrize(
    ("agent", "word"),
    [
        (CHROME, "Chrome 120 · Linux"),
        ("Mozilla/5.0 (Linux; Android 9; RK3288) Chrome/80.0.3987.99", "Chrome 80 · Android"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/119.0 Safari/537 Edg/119.0", "Edge 119 · Windows"),
        ("", "未知浏览器"),
        ("curl", "未知浏览器"),
    ],
)
def test_a_browser_is_named_in_words(agent: str, word: str) -> None:
    assert browser_word(agent) == word


# -- over HTTP ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    opened = config.from_dict({"hall": {"always_open": True}})
    app = server.create_app(opened, tmp_path_factory.mktemp("hall") / "hall.db", MovedClock())
    app.extensions["hall"].register.adopt(SMALL_HALL)
    yield app
    app.extensions["hall"].store.close()


@pytest.fixture
def screen(app: Flask) -> FlaskClient:
    """A browser that is nobody yet."""
    client = app.test_client()
    client.environ_base.update(
        HTTP_SEC_FETCH_SITE="same-origin", HTTP_USER_AGENT=CHROME, REMOTE_ADDR="192.168.1.31"
    )
    return client


@pytest.fixture
def manager(app: Flask) -> FlaskClient:
    """A manager's browser."""
    rooms = app.extensions["hall"]
    found = rooms.door.newly(rooms.door.person("9001", None))
    client = app.test_client()
    client.environ_base.update(HTTP_SEC_FETCH_SITE="same-origin")
    with client.session_transaction() as session:
        session[IN_COOKIE] = [["person", "9001", found.mark, rooms.clock(), None]]
    rooms.limits.__init__(rooms.clock)
    return client


def code_of(screen: FlaskClient) -> dict[str, str]:
    answer = screen.post("/pair/code", json={"screen": "1080×1920"})
    assert answer.status_code == 200
    return dict(answer.get_json())


NEW_KIOSK = {"device": "", "role": "取号机", "name": "东门取号机", "zone": "1F"}


def test_a_screen_becomes_the_device_a_manager_says_it_is(
    app: Flask, screen: FlaskClient, manager: FlaskClient
) -> None:
    shown = code_of(screen)
    assert code_of(screen)["code"] == shown["code"]
    assert screen.get("/pair/state.json").get_json()["state"] == "waiting"
    assert screen.post("/pair/enter", json={}).status_code == 404
    page = manager.get(f"/manager/devices/pair?code={shown['code']}").text
    for told in (shown["check"], "192.168.1.31", "Chrome 120 · Linux", "1080×1920"):
        assert told in page
    done = manager.post("/manager/devices/pair", data={**NEW_KIOSK, "code": shown["code"]})
    assert done.status_code == 303, done.text
    assert screen.get("/pair/state.json").get_json()["state"] == "paired"
    entered = screen.post("/pair/enter", json={"next": "/manager"})
    assert entered.get_json()["to"] == "/kiosk"
    assert screen.get("/kiosk/menu.json").status_code == 200
    listed = manager.get("/manager/devices").text
    for told in ("东门取号机", "192.168.1.31", "Chrome 120 · Linux", "赵主任"):
        assert told in listed


def test_no_key_stands_in_what_the_screen_or_the_manager_is_told(
    app: Flask, screen: FlaskClient, manager: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    register = app.extensions["hall"].register
    keys: list[str] = []
    mint = register.new_key

    def seen(device: int, by: str = "") -> str:
        keys.append(mint(device, by))
        return keys[-1]

    monkeypatch.setattr(register, "new_key", seen)
    shown = code_of(screen)
    form = {**NEW_KIOSK, "name": "西门取号机", "code": shown["code"]}
    done = manager.post("/manager/devices/pair", data=form)
    entered = screen.post("/pair/enter", json={})
    assert len(keys) == 1
    for answer in (done, entered, manager.get("/manager/devices"), screen.get("/pair")):
        assert keys[0] not in answer.text + str(answer.headers)


def test_a_form_that_comes_twice_pairs_once(
    app: Flask, screen: FlaskClient, manager: FlaskClient
) -> None:
    shown = code_of(screen)
    form = {**NEW_KIOSK, "name": "南门取号机", "code": shown["code"]}
    for _ in range(2):
        assert manager.post("/manager/devices/pair", data=form).status_code == 303
    devices = app.extensions["hall"].register.catalogue().devices
    assert [each.name for each in devices].count("南门取号机") == 1


def test_a_machine_is_replaced_and_the_old_screen_is_led_back_to_pairing(
    app: Flask, screen: FlaskClient, manager: FlaskClient
) -> None:
    register = app.extensions["hall"].register
    device, key = register.mint_key("display", "一楼东屏", None, "1F")
    old = app.test_client()
    assert old.post("/enter", json={"key": key}, headers=HERE).status_code == 200
    assert old.get("/display?zone=1F").status_code == 200
    form = {"code": code_of(screen)["code"], "device": str(device.id)}
    assert manager.post("/manager/devices/pair", data=form).status_code == 303
    back = old.get("/display?zone=1F", headers={"Accept": "text/html"})
    assert back.status_code == 303
    assert back.headers["Location"].startswith("/pair?why=revoked&next=/display")
    to = screen.post("/pair/enter", json={"next": "/display?zone=1F&voice=1"}).get_json()["to"]
    assert to == "/display?zone=1F&voice=1"
    assert register.device(device.id).name == "一楼东屏"


def test_what_is_wrong_with_a_new_device_is_said_and_the_code_stays_good(
    screen: FlaskClient, manager: FlaskClient
) -> None:
    code = code_of(screen)["code"]
    form = {"code": code, "device": "", "role": "评价器", "name": "无窗口"}
    wrong = manager.post("/manager/devices/pair", data=form)
    assert wrong.status_code == 422
    assert "没有配对" in wrong.text
    right = manager.post("/manager/devices/pair", data={**form, "window": "1"})
    assert right.status_code == 303
    assert screen.post("/pair/enter", json={}).get_json()["to"] == "/evaluator/1"


def test_whoever_guesses_codes_is_stopped(manager: FlaskClient, screen: FlaskClient) -> None:
    for _ in range(10):
        assert manager.get("/manager/devices/pair?code=22222222").status_code == 404
    shown = code_of(screen)["code"]
    stopped = manager.get(f"/manager/devices/pair?code={shown}")
    assert stopped.status_code == 429
    assert "过于频繁" in stopped.text
    form = {**NEW_KIOSK, "name": "北门取号机", "code": shown}
    assert manager.post("/manager/devices/pair", data=form).status_code == 429


def test_a_revoked_device_is_told_so_where_it_is_paired_again(screen: FlaskClient) -> None:
    assert "已停用或换发" in screen.get("/pair?why=revoked").text
    assert "已停用或换发" not in screen.get("/pair").text


def test_a_screen_behind_a_proxy_on_this_machine_is_told_by_its_own_address(app: Flask) -> None:
    sent = {"Sec-Fetch-Site": "same-origin", "X-Forwarded-For": "10.1.2.3"}
    assert app.test_client().post("/pair/code", json={}, headers=sent).status_code == 200
    waiting = app.extensions["hall"].pairings._waiting.values()
    assert next(reversed(waiting)).address == "10.1.2.3"
