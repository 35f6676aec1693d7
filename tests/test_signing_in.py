"""Signing in as people do it: failures, codes, new passwords, a locked window; on a real file."""

import re
from collections.abc import Iterator
from contextvars import Context
from pathlib import Path
from typing import Any

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from halls import SMALL_HALL, MovedClock
from werkzeug.test import TestResponse

import server
from admission import enrolling, lockout, trying, views
from hall import config
from hall.catalogue import Person
from web.current import Rooms
from web.passwords import hash_of

PASSWORD = "correct horse battery"
PEOPLE = ("1001", "1002", "9000", "9001", "9002")
NEXT = "plums and a wet umbrella"
HERE = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
PROGRAM = {"Sec-Fetch-Site": "same-origin", "Accept": "application/json"}


class House:
    """A served hall of people with passwords, and its browsers."""

    def __init__(self, folder: Path, **security: Any) -> None:
        told = config.from_dict({"hall": {"always_open": True}, "security": security})
        self.clock = MovedClock()
        self.file = folder / "hall.db"
        self.app: Flask = server.create_app(told, self.file, self.clock)
        self.rooms: Rooms = self.app.extensions["hall"]
        if not self.rooms.register.catalogue().windows:
            self.rooms.register.adopt(SMALL_HALL)
            self.rooms.register.save(Person("9002", "林安", "security"))
            kept = hash_of(PASSWORD)
            for number in PEOPLE:
                self.rooms.register.set_password_hash(number, kept)

    def browser(self, address: str = "127.0.0.1") -> FlaskClient:
        client = self.app.test_client()
        client.environ_base["REMOTE_ADDR"] = address
        return client

    def signed_in(self, number: str, **form: str) -> FlaskClient:
        client = self.browser()
        assert sign_in(client, number, **form).status_code == 303
        assert client.get("/account", headers=HERE).status_code == 200
        return client

    def code(self, number: str) -> str:
        factor = self.rooms.admission.tables.factor(number)
        assert factor is not None
        secret = self.rooms.admission.vault.open(factor.secret, number)
        return pyotp.TOTP(secret).at(self.clock() // 1000)

    def enrol(self, client: FlaskClient, number: str) -> list[str]:
        assert client.get("/account/second-factor", headers=HERE).status_code == 200
        form = {"code": self.code(number), "now": PASSWORD}
        page = client.post("/account/second-factor", data=form, headers=HERE)
        return recovery_codes(page)


def sign_in(
    client: FlaskClient, number: str, password: str = PASSWORD, **form: str
) -> TestResponse:
    typed = {"staff_number": number, "password": password, **form}
    return client.post("/sign-in", data=typed, headers=HERE)


def recovery_codes(page: TestResponse) -> list[str]:
    assert page.status_code == 200
    found = re.findall(r"<output>(\w{4}-\w{4}-\w{4})</output>", page.text)
    assert len(found) == 8
    return found


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("hall"))
    yield house
    house.rooms.store.close()


TABLES = "sign_in_count second_factor recovery_code password_known password_past window_pin"


@pytest.fixture
def house(shared: House) -> House:
    """The shared hall, with nothing left of what other tests did at its door."""
    for table in (*TABLES.split(), "sign_in_lock"):
        shared.rooms.store.connection.execute(f"delete from {table}")
    shared.rooms.admission._read_locks()
    shared.rooms.limits._tries.clear()
    kept = hash_of(PASSWORD)
    for number in PEOPLE:
        shared.rooms.register.set_password_hash(number, kept)
    return shared


def fail(client: FlaskClient, number: str, times: int) -> TestResponse:
    for _ in range(times):
        answer = client.post(
            "/sign-in", data={"staff_number": number, "password": "wrong"}, headers=PROGRAM
        )
    return answer


# -- failures ----------------------------------------------------------------------------------


def test_the_fifth_failure_tells_how_long_to_wait_and_the_right_password_waits_too(
    house: House,
) -> None:
    client = house.browser()
    assert "15 秒" not in fail(client, "1001", 4).text
    fifth = fail(client, "1001", 1)
    assert fifth.status_code == 401
    assert "请 15 秒后再试" in fifth.get_json()["message"]
    house.clock.move(seconds=14)
    early = fail(client, "1001", 1)
    assert (early.status_code, early.headers["Retry-After"]) == (429, "1")
    assert sign_in(client, "1001").headers["Location"] == "/sign-in"
    assert 'data-wait="1"' in client.get("/sign-in", headers=HERE).text
    house.clock.move(seconds=1)
    assert sign_in(client, "1001").headers["Location"] == "/window/1"
    assert house.rooms.admission.slowed() == []


def test_a_number_nobody_has_waits_like_one_that_somebody_has(house: House) -> None:
    def told(number: str) -> list[tuple[int, str]]:
        client = house.browser()
        answers = []
        for _ in range(17):
            answer = fail(client, number, 1)
            answers.append((answer.status_code, answer.get_json()["message"]))
            house.clock.move(seconds=house.rooms.admission.wait_left(number, lockout.STRANGER) / 2)
        return answers

    assert told("1001") == told("7777")
    rows = house.rooms.store.rows("select account from sign_in_count order by account")
    assert rows == [("",), ("1001",)]


def test_whoever_types_a_book_for_a_number_waits_too_and_fills_no_memory(house: House) -> None:
    book = "9" * 100_000
    fail(house.browser(), book, 5)
    answer = house.browser().post(
        "/sign-in", data={"staff_number": book, "password": PASSWORD}, headers=PROGRAM
    )
    assert answer.status_code == 429
    assert max(len(each) for each in house.rooms.admission._unknown) < 100


def test_strangers_who_guess_do_not_keep_out_who_was_here_before(house: House) -> None:
    at_the_desk = house.browser()
    sign_in(at_the_desk, "1001")
    at_the_desk.post("/sign-out", headers=HERE)
    outside = house.browser("192.0.2.7")
    for _ in range(lockout.LOCKED_AT):
        fail(outside, "1001", 1)
        house.clock.move(hours=3)
    locked = fail(outside, "1001", 1)
    assert locked.get_json()["code"] == "sign_in_locked"
    assert sign_in(house.browser("192.0.2.8"), "1001").headers["Location"] == "/sign-in"
    assert sign_in(at_the_desk, "1001").headers["Location"] == "/window/1"
    assert fail(outside, "1001", 1).get_json()["code"] == "sign_in_locked"


def test_a_locked_account_stays_locked_over_a_restart_until_security_unlocks_it(
    tmp_path: Path,
) -> None:
    house = House(tmp_path)
    outside = house.browser("192.0.2.7")
    for _ in range(lockout.LOCKED_AT):
        fail(outside, "1001", 1)
        house.clock.move(hours=3)
    house.rooms.store.close()
    again = House(house.file.parent)
    again.clock.instant = house.clock.instant
    outside = again.browser("192.0.2.7")
    assert fail(outside, "1001", 1).get_json()["code"] == "sign_in_locked"
    guard = again.signed_in("9002")
    page = guard.get("/security", headers=HERE).text
    assert "已锁定" in page
    assert "192.0.2.7" in page
    for _ in range(2):  # a second click finds it done
        unlocked = guard.post("/security/people/1001/unlock", headers=HERE)
    assert unlocked.status_code == 404
    assert sign_in(outside, "1001").headers["Location"] == "/window/1"
    told = again.rooms.store.rows("select who from journal where event = 'sign_in_unlocked'")
    assert told == [("9002",)]
    again.rooms.store.close()


def test_a_locked_account_may_try_once_a_day(house: House) -> None:
    outside = house.browser("192.0.2.7")
    for _ in range(lockout.LOCKED_AT):
        fail(outside, "1001", 1)
        house.clock.move(hours=24)
    assert fail(outside, "1001", 1).status_code == 401
    assert fail(outside, "1001", 1).status_code == 429
    house.clock.move(hours=24)
    assert sign_in(outside, "1001").headers["Location"] == "/window/1"


def test_an_address_fails_only_so_often_whatever_it_tries(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trying, "ADDRESS_MOST", 6)
    at_the_desk = house.browser("192.0.2.7")
    sign_in(at_the_desk, "1001")
    for number in range(6):
        assert fail(house.browser("192.0.2.7"), f"guess {number}", 1).status_code == 401
    assert fail(house.browser("192.0.2.7"), "1002", 1).get_json()["code"] == "too_often"
    assert sign_in(house.browser("192.0.2.8"), "1002").headers["Location"] == "/window/2"
    assert sign_in(at_the_desk, "1001").headers["Location"] == "/window/1"


# -- the second factor -------------------------------------------------------------------------


def test_a_manager_sets_up_the_second_factor_before_coming_in(tmp_path: Path) -> None:
    house = House(tmp_path, second_factor="managers")
    client = house.browser()
    assert sign_in(client, "9001", next="/statistics").headers["Location"] == "/sign-in/enrol"
    page = client.get("/sign-in/enrol", headers=HERE).text
    assert "data:image/svg+xml" in page
    assert client.get("/manager", headers=PROGRAM).status_code == 401
    wrong = client.post("/sign-in/enrol", data={"code": "000000"}, headers=HERE)
    assert wrong.status_code == 422
    form = {"code": house.code("9001")}
    recovery_codes(client.post("/sign-in/enrol", data=form, headers=HERE))
    assert client.get("/manager", headers=PROGRAM).status_code == 200
    assert client.post("/sign-in/enrol", data=form, headers=HERE).headers["Location"] == "/manager"
    assert sign_in(house.browser(), "1001").headers["Location"] == "/window/1"
    house.rooms.store.close()


def test_a_code_opens_once_and_its_failures_lock_like_those_of_the_password(house: House) -> None:
    house.enrol(house.signed_in("9001"), "9001")
    house.clock.move(minutes=1)
    client = house.browser()
    assert sign_in(client, "9001").headers["Location"] == "/sign-in/code"
    assert client.get("/manager", headers=PROGRAM).status_code == 401
    for _ in range(4):
        wrong = client.post("/sign-in/code", data={"code": "000000"}, headers=HERE)
        assert wrong.status_code == 401
        # knowing the password does not make the guesses at the code undone
        assert sign_in(client, "9001").headers["Location"] == "/sign-in/code"
    fifth = client.post("/sign-in/code", data={"code": "000000"}, headers=HERE)
    assert "请 15 秒后再试" in fifth.text
    house.clock.move(minutes=1)
    code = {"code": house.code("9001")}
    assert client.post("/sign-in/code", data=code, headers=HERE).headers["Location"] == "/manager"
    other = house.browser()
    sign_in(other, "9001")
    assert other.post("/sign-in/code", data=code, headers=HERE).status_code == 401


def test_a_recovery_code_opens_once(house: House) -> None:
    recovery = house.enrol(house.signed_in("9001"), "9001")
    for expected in (303, 401):
        client = house.browser()
        sign_in(client, "9001")
        answer = client.post("/sign-in/code", data={"code": recovery[3].upper()}, headers=HERE)
        assert answer.status_code == expected
    assert house.rooms.admission.recovery_codes_left("9001") == 7


def test_two_recovery_codes_sent_at_once_let_one_in_and_nothing_fails(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = house.enrol(house.signed_in("9001"), "9001")
    client = house.browser()
    assert sign_in(client, "9001").headers["Location"] == "/sign-in/code"
    slow = enrolling.opens

    def while_the_other_is_under_way(number: str, typed: str) -> bool:
        monkeypatch.setattr(enrolling, "opens", slow)
        first = Context().run(client.post, "/sign-in/code", data={"code": codes[0]}, headers=HERE)
        assert first.headers["Location"] == "/manager"
        return slow(number, typed)

    monkeypatch.setattr(enrolling, "opens", while_the_other_is_under_way)
    name = house.app.config["SESSION_COOKIE_NAME"]
    half = client.get_cookie(name)
    assert half is not None
    second = house.browser()
    second.set_cookie(name, half.value)
    answer = second.post("/sign-in/code", data={"code": codes[1]}, headers=HERE)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert client.get("/account", headers=HERE).status_code == 200


def test_security_resets_the_second_factor_of_others_and_not_ones_own(house: House) -> None:
    guard = house.signed_in("9002")
    house.enrol(guard, "9002")
    manager = house.signed_in("9001")
    house.enrol(manager, "9001")
    own = guard.post("/security/people/9002/second-factor", headers=PROGRAM)
    assert own.get_json()["code"] == "own_factor"
    assert manager.get("/manager", headers=PROGRAM).status_code == 200
    assert guard.post("/security/people/9001/second-factor", headers=HERE).status_code == 303
    assert manager.get("/manager", headers=PROGRAM).status_code == 401
    assert sign_in(house.browser(), "9001").headers["Location"] == "/manager"


def test_the_file_alone_makes_no_codes(house: House) -> None:
    house.enrol(house.signed_in("9001"), "9001")
    key = house.file.with_suffix(".key")
    assert key.exists()
    key.rename(key.with_suffix(".elsewhere"))
    client = house.browser()
    sign_in(client, "9001")
    answer = client.post("/sign-in/code", data={"code": "123456"}, headers=HERE)
    assert "恢复码" in answer.text
    assert answer.status_code == 401


def test_half_a_sign_in_is_good_for_ten_minutes(house: House) -> None:
    house.enrol(house.signed_in("9001"), "9001")
    client = house.browser()
    sign_in(client, "9001")
    assert client.get("/sign-in/code", headers=HERE).status_code == 200
    assert client.get("/sign-in/password", headers=HERE).headers["Location"] == "/sign-in/code"
    house.clock.move(minutes=11)
    assert client.get("/sign-in/code", headers=HERE).headers["Location"] == "/sign-in"
    assert "10 分钟" in client.get("/sign-in", headers=HERE).text


# -- passwords ---------------------------------------------------------------------------------


def test_a_password_that_an_administrator_made_up_is_changed_at_the_first_sign_in(
    house: House,
) -> None:
    guard = house.signed_in("9002")
    shown = guard.post("/manager/catalogue/people/1001/password", headers=HERE).text
    made = re.search(r'id="password">([^<]+)<', shown)
    assert made
    client = house.browser()
    assert sign_in(client, "1001", made[1]).headers["Location"] == "/sign-in/password"
    assert client.get("/window/1", headers=PROGRAM).status_code == 401
    for new, again, said in (
        ("short", "short", "至少 15 个"),
        (NEXT, NEXT + "x", "不一样"),
        (made[1] + "-" + "1", made[1], "不一样"),
    ):
        typed = {"new": new, "again": again}
        refused = client.post("/sign-in/password", data=typed, headers=HERE)
        assert refused.status_code == 422
        assert said in refused.text
    typed = {"new": NEXT, "again": NEXT}
    done = client.post("/sign-in/password", data=typed, headers=HERE)
    assert done.headers["Location"] == "/window/1"
    assert sign_in(house.browser(), "1001", NEXT).headers["Location"] == "/window/1"


def test_a_new_password_that_is_sent_twice_at_once_is_set_once_and_its_owner_is_in(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.rooms.admission.set_password("1001", hash_of(PASSWORD), "9002", must_change=True)
    client = house.browser()
    assert sign_in(client, "1001").headers["Location"] == "/sign-in/password"
    form = {"new": NEXT, "again": NEXT}
    name = house.app.config["SESSION_COOKIE_NAME"]
    half = client.get_cookie(name)
    assert half is not None
    slow = trying.new_hash

    def while_the_other_is_under_way(person: Person, *_: str) -> str:
        monkeypatch.setattr(views, "new_hash", slow)
        first = Context().run(client.post, "/sign-in/password", data=form, headers=HERE)
        assert first.headers["Location"] == "/window/1"
        return slow(person, "quite another umbrella", "quite another umbrella")

    monkeypatch.setattr(views, "new_hash", while_the_other_is_under_way)
    second = house.browser()
    second.set_cookie(name, half.value)
    answer = second.post("/sign-in/password", data=form, headers=HERE)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert client.get("/window/1/state.json", headers=PROGRAM).status_code == 200


def test_changing_ones_password_ends_ones_other_sign_ins_and_keeps_this_one(house: House) -> None:
    here, elsewhere = house.signed_in("9001"), house.signed_in("9001")

    def change(now: str, new: str) -> str:
        form = {"now": now, "new": new, "again": new}
        assert here.post("/account/password", data=form, headers=HERE).status_code == 303
        return here.get("/account", headers=HERE).text

    assert "现在的密码不对" in change("wrong", NEXT)
    assert "不能和现在或最近用过的相同" in change(PASSWORD, PASSWORD)
    assert elsewhere.get("/manager", headers=PROGRAM).status_code == 200
    assert "密码已更改" in change(PASSWORD, NEXT)
    assert here.get("/manager", headers=PROGRAM).status_code == 200
    assert elsewhere.get("/manager", headers=PROGRAM).status_code == 401


def test_dengbao_asks_for_another_password_every_ninety_days(tmp_path: Path) -> None:
    house = House(tmp_path, passwords="mlps")
    had = [PASSWORD]
    for days in range(6):
        client = house.browser()
        assert sign_in(client, "9001", had[-1]).headers["Location"] == "/sign-in/password"
        for old in had[-5:]:
            form = {"new": old, "again": old}
            refused = client.post("/sign-in/password", data=form, headers=HERE)
            assert refused.status_code == 422, old
        new = f"Plum-tree{days}{days}"
        form = {"new": new, "again": new}
        done = client.post("/sign-in/password", data=form, headers=HERE)
        assert done.headers["Location"] == "/manager"
        had.append(new)
        house.clock.move(hours=90 * 24)
        assert sign_in(house.browser(), "9001", new).headers["Location"] == "/manager"
        house.clock.move(hours=24)
    assert len(house.rooms.admission.tables.past_hashes("9001")) == 5
    house.rooms.store.close()


# -- one's own sign-ins ------------------------------------------------------------------------


def others_of(client: FlaskClient) -> list[str]:
    """The numbers of the sign-ins that a page offers to end."""
    page = client.get("/account", headers=HERE).text
    assert page.count("就是这里") == 1
    return [each for each in re.findall(r'name="sign_in" value="(\w+)"', page) if each.isdecimal()]


def is_in(client: FlaskClient) -> bool:
    return client.get("/account", headers=PROGRAM).status_code == 200


def test_a_person_sees_their_own_sign_ins_and_ends_one_or_all_others(house: House) -> None:
    house.rooms.register.set_password_hash("9001", hash_of(PASSWORD))  # ends those of other tests
    here, phone, elsewhere = (house.signed_in("9001") for _ in range(3))
    stranger = house.signed_in("9002")
    newest, _ = others_of(here)
    assert "填好密码后，点要结束的那一项" in here.get("/account", headers=HERE).text
    assert others_of(stranger) == []
    assert "127.0.0.1" in here.get("/account", headers=HERE).text

    def end(client: FlaskClient, sign_in: str, now: str = PASSWORD) -> str:
        form = {"now": now, "sign_in": sign_in}
        answer = client.post("/account/sign-ins", data=form, headers=HERE)
        assert answer.headers["Location"] == "/account#sign-ins"
        return client.get("/account", headers=HERE).text

    assert "没有结束" in end(here, newest, "wrong")
    end(stranger, newest)
    assert is_in(elsewhere), "another's page ends nobody's"
    assert "已结束 1 次登录" in end(here, newest)
    assert (is_in(phone), is_in(elsewhere)) == (True, False)
    assert "没有别的登录" in end(here, newest), "twice is once"
    elsewhere = house.signed_in("9001")
    assert "已结束 2 次登录" in end(here, "others")
    assert [is_in(each) for each in (phone, elsewhere)] == [False, False]
    assert [is_in(each) for each in (here, stranger)] == [True, True]
    assert others_of(here) == []


def test_enter_in_the_password_above_ones_sign_ins_ends_none(house: House) -> None:
    here, _ = house.signed_in("9001"), house.signed_in("9001")
    page = here.get("/account", headers=HERE).text
    form = page[page.index('action="/account/sign-ins"') :]
    assert "结束登录" in form
    first = re.findall(r"<button[^>]*>", form)[0]
    assert " disabled" in first, "a browser presses a form's first button, or none if it is off"


def test_a_sign_in_is_told_of_for_a_week(house: House) -> None:
    house.rooms.admission.present.came_in("old.mark", "9001", None, "192.0.2.7", "Firefox")
    house.clock.move(hours=7 * 24 + 1)
    house.signed_in("9002")
    assert "old.mark" not in [each.mark for each in house.rooms.admission.present.of("9001")]
    assert house.rooms.admission.present.of("9002")


# -- a locked window ---------------------------------------------------------------------------


def lock(client: FlaskClient) -> str:
    answer = client.post("/sign-in/lock", json={}, headers=PROGRAM)
    assert answer.status_code == 200
    return str(answer.get_json()["to"])


def test_a_locked_window_does_nothing_in_this_browser_and_goes_on_in_the_hall(
    house: House,
) -> None:
    client = house.signed_in("1001")
    form = {"now": PASSWORD, "pin": "4071", "again": "4071"}
    client.post("/account/pin", data=form, headers=HERE)
    assert client.post("/window/1/open", json={}, headers=PROGRAM).status_code == 200
    house.rooms.desk.issue("marriage", "tap-00000001")
    house.rooms.desk.call_next(1, by="1001")
    house.rooms.desk.start(1)
    before = house.rooms.desk.window_desk(1)
    to = lock(client)
    assert lock_again(client) == 423
    for method, path in (
        ("GET", "/window/1/state.json"),
        ("POST", "/window/1/finish"),
        ("POST", "/api/v1/windows/1/finish"),
        ("GET", "/account"),
    ):
        answer = client.open(path, method=method, json={}, headers=PROGRAM)
        assert (answer.status_code, answer.get_json()["code"]) == (423, "locked"), path
    assert client.get("/window/1", headers=HERE).headers["Location"] == to
    page = client.get(to, headers=HERE).text
    assert "号窗口已锁定" in page
    assert "张敏" not in page
    assert before["active"]["number"] not in page
    now = house.rooms.desk.window_desk(1)
    assert (now["state"], now["active"]) == (before["state"], before["active"])
    wrong = client.post("/sign-in/locked", data={"pin": "4072"}, headers=HERE)
    assert "还可以试 4 次" in client.get(wrong.headers["Location"], headers=HERE).text
    right = {"pin": "4071", "next": "/window/1?small=1"}
    opened = client.post("/sign-in/locked", data=right, headers=HERE)
    assert opened.headers["Location"] == "/window/1?small=1"
    assert client.get("/window/1/state.json", headers=PROGRAM).status_code == 200


def lock_again(client: FlaskClient) -> int:
    return client.post("/sign-in/lock", json={}, headers=PROGRAM).status_code


def test_a_window_stays_locked_over_a_restart_and_opens_with_the_password(house: House) -> None:
    client = house.signed_in("1001")
    lock(client)
    house.rooms.admission._locks.clear()
    assert client.get("/window/1/state.json", headers=PROGRAM).status_code == 200
    house.rooms.admission._read_locks()  # as a server that starts does
    assert client.get("/window/1/state.json", headers=PROGRAM).status_code == 423
    answer = client.post("/sign-in/locked", data={"pin": PASSWORD}, headers=HERE)
    assert answer.headers["Location"] == "/window/1"
    assert client.get("/window/1/state.json", headers=PROGRAM).status_code == 200


def test_the_fifth_wrong_pin_signs_out(house: House) -> None:
    client = house.signed_in("1001")
    lock(client)
    old = client.get_cookie(house.app.config["SESSION_COOKIE_NAME"])
    assert old is not None
    for _ in range(4):
        answer = client.post("/sign-in/locked", data={"pin": "4071"}, headers=HERE)
        assert answer.headers["Location"].startswith("/sign-in/locked")
    answer = client.post("/sign-in/locked", data={"pin": "4071"}, headers=HERE)
    assert answer.headers["Location"] == "/sign-in"
    assert "已退出登录" in client.get("/sign-in", headers=HERE).text
    client.set_cookie(house.app.config["SESSION_COOKIE_NAME"], old.value)
    assert client.get("/window/1/state.json", headers=PROGRAM).status_code == 401
    assert sign_in(client, "1001").headers["Location"] == "/window/1"


def test_a_screen_and_an_evaluator_of_the_same_browser_go_on_while_its_window_is_locked(
    house: House,
) -> None:
    client = house.signed_in("1001")
    for role in ("evaluator", "window"):
        _, key = house.rooms.register.mint_key(role, f"{role} beside", 1)
        entered = client.post("/enter", json={"key": key}, headers=PROGRAM)
        assert entered.status_code == 200
    lock(client)
    assert client.get("/evaluator/1", headers=HERE).status_code == 200
    assert client.get("/window/1/state.json", headers=PROGRAM).status_code == 423


def beside_its_machine(house: House) -> FlaskClient:
    """A browser with a window's own key, and its clerk signed in."""
    client = house.browser()
    _, key = house.rooms.register.mint_key("window", "一号窗口电脑", 1)
    assert client.post("/enter", json={"key": key}, headers=PROGRAM).status_code == 200
    assert sign_in(client, "1001").status_code == 303
    return client


def test_who_guesses_at_a_locked_window_does_not_unpair_its_machine_or_open_it(
    house: House,
) -> None:
    client = beside_its_machine(house)
    lock(client)
    for _ in range(5):
        answer = client.post("/sign-in/locked", data={"pin": "4071"}, headers=HERE)
    assert answer.headers["Location"] == "/sign-in"
    assert client.get("/window/1/state.json", headers=PROGRAM).status_code == 423
    # no person is left whose PIN could open it, so nobody is asked for one
    page = client.get("/sign-in/locked?next=/window/1", headers=HERE)
    assert page.headers["Location"] == "/sign-in?next=/window/1"
    assert sign_in(client, "1001").status_code == 303
    assert client.get("/window/1/state.json", headers=PROGRAM).status_code == 200
    client.post("/sign-out", data={"kind": "person"}, headers=HERE)
    assert client.get("/window/1/state.json", headers=PROGRAM).status_code == 200, "still paired"


def test_who_takes_over_a_locked_window_is_in_and_its_machine_is_unlocked(house: House) -> None:
    client = beside_its_machine(house)
    to = lock(client)
    form = re.findall(
        r'type="hidden" name="(\w+)" value="(\w*)"',
        client.get(to, headers=HERE).text.partition("/sign-out")[2],
    )
    assert client.post("/sign-out", data=dict(form), headers=HERE).status_code == 303
    assert client.get("/window/1/state.json", headers=PROGRAM).status_code == 423
    sign_in(client, "9001")
    assert client.get("/window/1/state.json", headers=PROGRAM).status_code == 423, "no clerk of it"
    assert sign_in(client, "1002", window="1").status_code == 303
    assert client.get("/window/1/state.json", headers=PROGRAM).status_code == 200


@pytest.mark.parametrize("told", [["window"], "window", {"window": "9" * 5000}, {"window": "²"}])
def test_whoever_signs_out_with_nonsense_is_signed_out_or_stays_and_nothing_fails(
    house: House, told: Any
) -> None:
    client = house.signed_in("9001")
    assert client.post("/sign-out", json=told, headers=PROGRAM).status_code == 303
    assert client.get("/account", headers=PROGRAM).status_code == 401


def test_a_pin_is_set_with_the_password_only(house: House) -> None:
    client = house.signed_in("1001")
    for now, pin, again, said in (
        ("wrong", "4071", "4071", "现在的密码不对"),
        (PASSWORD, "4071", "4072", "不一样"),
        (PASSWORD, "1234", "1234", "太容易猜到"),
        (PASSWORD, "4071", "4071", "PIN 已设好"),
    ):
        form = {"now": now, "pin": pin, "again": again}
        client.post("/account/pin", data=form, headers=HERE)
        assert said in client.get("/account", headers=HERE).text
