"""The pages of the channels over HTTP: a window's code, forms with a second person, files, tags."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from halls import SMALL_HALL, MovedClock
from werkzeug.test import TestResponse

from admission.lockout import BESIDE
from hall import config
from hall.catalogue import Person
from rating.levels import LEVELS, Level
from server import create_app
from web.access import DEVICE_ROLES
from web.current import Rooms
from web.passwords import hash_of

HTML = {"Accept": "text/html"}
HERE = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
PASSWORD = "correct horse"
KEPT = hash_of(PASSWORD)
DAY = "2026-11-20"
PROVINCE_ASKS = {"mode": "qr", "qr_url": "https://province.example.cn/r?w={window}"}
PEOPLE = {
    "clerk": "1001",
    "guide": "8001",
    "handler": "8003",
    "inspector": "8004",
    "leader": "8005",
    "manager person": "9001",
    "administrator": "9000",
}
NAMES = [each.name for each in SMALL_HALL.people]


@pytest.fixture
def app(tmp_path: Path, clock: MovedClock) -> Iterator[Flask]:
    told = config.from_dict(
        {
            "hall": {"name": "云溪县政务服务中心", "public_url": "https://hall.example.cn"},
            "rating": {"keypads": ["2=54321"]},
        }
    )
    made = create_app(told, tmp_path / "hall.db", clock)
    rooms: Rooms = made.extensions["hall"]
    rooms.register.adopt(SMALL_HALL)
    for number, role in (("8001", "guide"), ("8002", "guide"), ("8003", "handler")):
        rooms.register.save(Person(number, f"吴{number}", role, department="MZ"))
    for number, role in (("8004", "inspector"), ("8005", "leader")):
        rooms.register.save(Person(number, f"吴{number}", role))
    for number in (*PEOPLE.values(), "8002"):
        rooms.register.set_password_hash(number, KEPT)
    rooms.desk.open(1, clerk="1001")
    rooms.desk.open(2, clerk="1002")
    yield made
    rooms.store.close()


@pytest.fixture
def rooms(app: Flask) -> Rooms:
    found: Rooms = app.extensions["hall"]
    return found


@pytest.fixture
def phone(app: Flask) -> FlaskClient:
    return app.test_client()


def sign_in(app: Flask, number: str) -> FlaskClient:
    client = app.test_client()
    said = {"staff_number": number, "password": PASSWORD}
    assert client.post("/sign-in", data=said, headers=HERE).status_code == 303
    return client


def serve(rooms: Rooms, clock: MovedClock, phone: str | None = None, window: int = 1) -> str:
    """Serve somebody at a window; return the ticket's number."""
    tap = f"tap-{rooms.store.last_seq():08d}"
    ticket = rooms.desk.issue("marriage", tap, phone=phone).ticket
    assert rooms.desk.call_next(window).ticket.id == ticket.id
    rooms.desk.start(window)
    clock.move(minutes=5)
    rooms.desk.finish(window, "completed")
    return ticket.number


def ratings(rooms: Rooms) -> list[tuple[str, str]]:
    return rooms.store.rows("select channel, level from rating order by id")


# -- the code at a window ----------------------------------------------------------------------


def ask(phone: FlaskClient, window: int = 1, **form: str) -> TestResponse:
    return phone.post(f"/w/{window}", data=form, headers=HTML)


@pytest.mark.parametrize("level", LEVELS)
def test_each_level_comes_in_by_the_code_at_a_window(
    phone: FlaskClient, rooms: Rooms, clock: MovedClock, level: Level
) -> None:
    number = serve(rooms, clock, phone="13800001234")
    found = ask(phone, number=f" {number.lower()} ", tail="1234")
    assert found.status_code == 303
    form = phone.get(found.location, headers=HTML)
    assert number in form.text
    rated = phone.post(found.location, data={"level": level.value, "text": "好"}, headers=HTML)
    assert rated.status_code == 201
    assert "感谢您的评价" in rated.text
    assert ratings(rooms) == [("window_qr", level.value)]
    again = phone.post(found.location, data={"level": "satisfied"}, headers=HTML)
    assert (again.status_code, "本次服务已评价" in again.text) == (409, True)
    assert len(ratings(rooms)) == 1


def test_whoever_gave_no_phone_finds_the_number_in_a_list(
    phone: FlaskClient, rooms: Rooms, clock: MovedClock
) -> None:
    mine = serve(rooms, clock)
    with_phone = serve(rooms, clock, phone="13800001234")
    elsewhere = serve(rooms, clock, window=2)
    page = phone.get("/w/1", headers=HTML).text
    assert f'value="{mine}"' in page
    assert f'value="{with_phone}"' not in page
    assert f'value="{elsewhere}"' not in page
    found = ask(phone, number=mine)
    assert (
        phone.post(found.location, data={"level": "dissatisfied"}, headers=HTML).status_code == 201
    )
    assert f'value="{mine}"' not in phone.get("/w/1", headers=HTML).text  # rated once
    assert ask(phone, number=with_phone).status_code == 404
    late = serve(rooms, clock)
    clock.move(minutes=61)
    assert ask(phone, number=late).status_code == 404


def test_every_wrong_answer_is_the_same(
    phone: FlaskClient, rooms: Rooms, clock: MovedClock
) -> None:
    number = serve(rooms, clock, phone="13800001234")
    bare = serve(rooms, clock)
    waiting = rooms.desk.issue("marriage", "tap-waiting", phone="13900001234").ticket.number
    told = set()
    for window, said, tail in (
        *((1, number, "9999"), (1, "Q999", "1234"), (2, number, "1234")),
        *((1, bare, "0000"), (1, waiting, "1234")),
    ):
        answer = ask(phone, window, number=said, tail=tail)
        assert answer.status_code == 404
        told |= set(re.findall(r'role="alert">([^<]+)<', answer.text))
    assert len(told) == 1
    assert ratings(rooms) == []


def test_nobody_tries_phone_numbers_through(
    phone: FlaskClient, rooms: Rooms, clock: MovedClock
) -> None:
    number = serve(rooms, clock, phone="13800001234")
    tries = [ask(phone, number=number, tail=f"{n:04d}").status_code for n in range(6)]
    assert tries == [404] * 5 + [429]
    assert ask(phone, number=number, tail="1234").status_code == 429
    clock.move(minutes=60)
    assert ask(phone, number=number, tail="1234").status_code == 303


def test_nobody_sweeps_a_window_for_numbers(
    phone: FlaskClient, rooms: Rooms, clock: MovedClock
) -> None:
    serve(rooms, clock)
    tries = [ask(phone, number=f"A9{n:02d}", tail="0000").status_code for n in range(31)]
    assert tries == [404] * 30 + [429]


def test_a_page_at_a_window_tells_no_name_no_phone_and_no_level(
    phone: FlaskClient, rooms: Rooms, clock: MovedClock
) -> None:
    number = serve(rooms, clock, phone="13800001234")
    location = ask(phone, number=number, tail="1234").location
    before = phone.get(location, headers=HTML).text
    said = {"level": "very_dissatisfied", "contact": "13912345678"}
    after = phone.post(location, data=said, headers=HTML).text
    shown = before + after + phone.get("/w/1", headers=HTML).text
    assert [word for word in (*NAMES, "1380000", "13912345678") if word in shown] == []
    assert "very_dissatisfied" not in after
    assert "非常不满意" not in after


def test_a_pass_ends_and_belongs_to_one_window(
    phone: FlaskClient, rooms: Rooms, clock: MovedClock
) -> None:
    number = serve(rooms, clock, phone="13800001234")
    location = ask(phone, number=number, tail="1234").location
    given = location.rpartition("/")[2]
    assert phone.get(f"/w/2/{given}", headers=HTML).status_code == 404
    for made_up in (f"x{given}", "1-99999999999", "1-99999999999.abc"):
        refused = phone.post(f"/w/1/{made_up}", data={"level": "satisfied"}, headers=HTML)
        assert refused.status_code == 404
    clock.move(minutes=31)
    late = phone.post(location, data={"level": "satisfied"}, headers=HTML)
    assert (late.status_code, "重新扫描" in late.text) == (404, True)
    assert ratings(rooms) == []


def test_a_hall_may_offer_no_list(tmp_path: Path, clock: MovedClock) -> None:
    app = create_app(
        config.from_dict({"rating": {"window_list_minutes": 0}}), tmp_path / "b.db", clock
    )
    rooms: Rooms = app.extensions["hall"]
    rooms.register.adopt(SMALL_HALL)
    rooms.desk.open(1)
    number = serve(rooms, clock)
    assert f'value="{number}"' not in app.test_client().get("/w/1", headers=HTML).text
    assert ask(app.test_client(), number=number).status_code == 404
    rooms.store.close()


def test_where_the_province_asks_a_window_sends_citizens_there(
    tmp_path: Path, clock: MovedClock
) -> None:
    hall = {"public_url": "https://hall.example.cn"}
    app = create_app(
        config.from_dict({"hall": hall, "province": PROVINCE_ASKS}), tmp_path / "b.db", clock
    )
    rooms: Rooms = app.extensions["hall"]
    rooms.register.adopt(SMALL_HALL)
    rooms.desk.open(1)
    number = serve(rooms, clock)
    page = app.test_client().get("/w/1", headers=HTML).text
    assert ("省政务服务平台" in page, "<form" in page) == (True, False)
    location = ask(app.test_client(), number=number).location
    refused = app.test_client().post(location, data={"level": "satisfied"}, headers=HTML)
    assert (refused.status_code, ratings(rooms)) == (409, [])
    rooms.store.close()


def test_what_was_written_at_a_window_comes_back_with_what_is_wrong(
    phone: FlaskClient, rooms: Rooms, clock: MovedClock
) -> None:
    location = ask(phone, number=serve(rooms, clock)).location
    answer = phone.post(location, data={"text": "很好<b>"}, headers=HTML)
    assert (answer.status_code, "请先选择一个评价等级" in answer.text) == (422, True)
    assert "很好&lt;b&gt;" in answer.text
    assert phone.get("/w/9", headers=HTML).status_code == 404


def test_a_manager_prints_a_sheet_for_every_window(app: Flask, rooms: Rooms) -> None:
    manager = sign_in(app, "9001")
    page = manager.get("/manager/windows-qr", headers=HTML).text
    assert page.count('class="sheet"') == 4
    assert manager.get("/manager/windows-qr?no=3", headers=HTML).text.count('class="sheet"') == 1
    picture = manager.get("/manager/windows-qr/3.svg")
    assert (picture.status_code, picture.mimetype) == (200, "image/svg+xml")


def test_without_an_address_for_phones_there_is_no_code(tmp_path: Path, clock: MovedClock) -> None:
    app = create_app(config.from_dict({}), tmp_path / "b.db", clock)
    rooms: Rooms = app.extensions["hall"]
    rooms.register.adopt(SMALL_HALL)
    rooms.register.set_password_hash("9001", KEPT)
    manager = sign_in(app, "9001")
    assert "public_url" in manager.get("/manager/windows-qr", headers=HTML).text
    assert manager.get("/manager/windows-qr/3.svg").status_code == 409
    rooms.store.close()


def test_a_demonstration_shows_the_codes_of_its_windows(tmp_path: Path, clock: MovedClock) -> None:
    """Found by a stranger: the page was empty but for a setting that no demonstration has."""
    app = create_app(config.from_dict({}), tmp_path / "demo.db", clock, demo=True)
    rooms: Rooms = app.extensions["hall"]
    rooms.register.adopt(SMALL_HALL)
    rooms.register.set_password_hash("9001", KEPT)
    manager = sign_in(app, "9001")
    assert manager.get("/manager/windows-qr", headers=HTML).text.count('class="sheet"') == 4
    assert manager.get("/manager/windows-qr/3.svg").status_code == 200
    rooms.store.close()


# -- the link of a text message ----------------------------------------------------------------


@pytest.mark.parametrize("level", LEVELS)
def test_each_level_comes_in_by_the_link_of_a_text_message(
    phone: FlaskClient, rooms: Rooms, clock: MovedClock, level: Level
) -> None:
    serve(rooms, clock)
    link = rooms.book.link(1) + "?c=sms"
    assert f'action="{link}"' in phone.get(link, headers=HTML).text
    assert phone.post(link, data={"level": level.value}, headers=HTML).status_code == 201
    assert ratings(rooms) == [("sms", level.value)]


# -- forms -------------------------------------------------------------------------------------


def typed(number: str, **more: Any) -> dict[str, Any]:
    return {
        "tap": "tap-form-1",
        "channel": "paper",
        "number": "P-001",
        "day": DAY,
        "ticket": number,
        "level": "dissatisfied",
        "tags-dissatisfied": ["207"],
        "text": "等太久",
        **more,
    }


def second(number: str = "8002", password: str = PASSWORD) -> dict[str, str]:
    return {"staff_number": number, "password": password}


def test_a_form_is_typed_by_one_and_confirmed_by_another(
    app: Flask, rooms: Rooms, clock: MovedClock
) -> None:
    number = serve(rooms, clock)
    guide = sign_in(app, "8001")
    assert guide.post("/ratings/entry", data=typed(number), headers=HERE).status_code == 303
    assert ratings(rooms) == []
    page = guide.get("/ratings/entry", headers=HTML).text
    assert "P-001" in page
    assert "等待第二人确认" in page
    one = guide.get("/ratings/entry/1", headers=HTML).text
    assert "不满意" in one
    assert "等太久" in one
    done = guide.post("/ratings/entry/1/confirm", data=second(), headers=HERE)
    assert done.status_code == 303
    assert ratings(rooms) == [("paper", "dissatisfied")]
    assert "已生效" in guide.get("/ratings/entry", headers=HTML).text


@pytest.mark.parametrize(
    ("who", "password", "told", "status"),
    [
        ("8001", PASSWORD, "录入人不能自己确认", 409),
        ("8002", "wrong horse", "工号或密码不对", 422),
        ("nobody", PASSWORD, "工号或密码不对", 422),
        ("1001", PASSWORD, "窗口人员和承办人不能确认", 409),
        ("", "", "工号或密码不对", 422),
    ],
)
def test_a_form_waits_for_the_right_second_person(
    app: Flask, rooms: Rooms, clock: MovedClock, who: str, password: str, told: str, status: int
) -> None:
    number = serve(rooms, clock)
    guide = sign_in(app, "8001")
    guide.post("/ratings/entry", data=typed(number), headers=HERE)
    answer = guide.post("/ratings/entry/1/confirm", data=second(who, password), headers=HERE)
    assert (answer.status_code, told in answer.text) == (status, True)
    assert ratings(rooms) == []


def test_nobody_tries_the_second_persons_password_through(
    app: Flask, rooms: Rooms, clock: MovedClock
) -> None:
    number = serve(rooms, clock)
    guide = sign_in(app, "8001")
    guide.post("/ratings/entry", data=typed(number), headers=HERE)
    address = "/ratings/entry/1/confirm"
    tries = [
        guide.post(address, data=second(password=f"wrong {n}"), headers=HERE).status_code
        for n in range(5)
    ]
    assert tries == [422] * 5
    assert guide.post(address, data=second(), headers=HERE).status_code == 429
    assert ratings(rooms) == []
    # the wait is the sign-in's, survives a restart, and keeps nobody from signing in
    ((slowed, source),) = [
        (each.count.account, each.count.source) for each in rooms.admission.slowed()
    ]
    assert (slowed, source) == ("8002", BESIDE)
    assert sign_in(app, "8002").get("/account", headers=HTML).status_code == 200
    clock.move(seconds=15)
    assert guide.post(address, data=second(), headers=HERE).status_code == 303
    assert rooms.admission.slowed() == []


def test_a_guide_finds_the_way_from_the_help_desk(app: Flask) -> None:
    guide = sign_in(app, "8001")
    assert 'href="/ratings/entry"' in guide.get("/helpdesk", headers=HTML).text
    page = guide.get("/ratings/entry", headers=HTML)
    assert page.status_code == 200
    assert "/manager/tags" not in page.text  # a manager's


def test_a_devices_key_types_nothing(app: Flask, rooms: Rooms, clock: MovedClock) -> None:
    number = serve(rooms, clock)
    _, key = rooms.register.mint_key("manager", "管理台")
    device = {"Authorization": f"Bearer {key}", "Accept": "text/html"}
    answer = app.test_client().post("/ratings/entry", data=typed(number), headers=device)
    assert (answer.status_code, "以个人工号登录" in answer.text) == (409, True)


def test_a_wrong_form_comes_back_with_what_was_typed(app: Flask, rooms: Rooms) -> None:
    guide = sign_in(app, "8001")
    answer = guide.post("/ratings/entry", data=typed("Q999", text="慢<b>"), headers=HERE)
    assert (answer.status_code, "没有这个号码" in answer.text) == (404, True)
    assert "慢&lt;b&gt;" in answer.text
    assert 'value="207" checked' in answer.text


def test_a_form_that_does_not_match_the_paper_is_sent_back(
    app: Flask, rooms: Rooms, clock: MovedClock
) -> None:
    number = serve(rooms, clock)
    guide = sign_in(app, "8001")
    guide.post("/ratings/entry", data=typed(number), headers=HERE)
    empty = guide.post("/ratings/entry/1/withdraw", data={"reason": ""}, headers=HERE)
    assert empty.status_code == 422
    back = guide.post("/ratings/entry/1/withdraw", data={"reason": "等级录错"}, headers=HERE)
    assert back.status_code == 303
    assert "等级录错" in guide.get("/ratings/entry/1", headers=HTML).text
    again = guide.post("/ratings/entry", data=typed(number, tap="tap-form-2"), headers=HERE)
    assert again.status_code == 303


# -- files -------------------------------------------------------------------------------------


def upload(client: FlaskClient, address: str, text: str, name: str = "旧.csv") -> TestResponse:
    file = (BytesIO(text.encode("utf-8-sig")), name)
    return client.post(
        address, data={"file": file}, headers=HERE, content_type="multipart/form-data"
    )


def test_a_file_is_looked_over_then_imported_by_two(
    app: Flask, rooms: Rooms, clock: MovedClock
) -> None:
    number = serve(rooms, clock)
    clock.move(hours=1)
    manager = sign_in(app, "9001")
    text = f"日期,号码,评价等级,评价时间,评价渠道\n{DAY},{number},1,{DAY} 10:30,短信链接\n"
    looked = upload(manager, "/manager/ratings/import", text)
    assert looked.status_code == 200, looked.text
    assert ratings(rooms) == []
    token = re.findall(r'name="token" value="([^"]+)"', looked.text)[0]
    adopt = "/manager/ratings/import/adopt"
    for who, status in (("9001", 409), ("1001", 409), ("8002", 303)):
        answer = manager.post(adopt, data={"token": token, **second(who)}, headers=HERE)
        assert answer.status_code == status
        assert len(ratings(rooms)) == (status == 303)
    assert ratings(rooms) == [("sms", "very_dissatisfied")]
    assert rooms.store.row("select by from imported_rating") == ("9001+8002",)
    again = manager.post(adopt, data={"token": token, **second()}, headers=HERE)
    assert again.status_code == 303, "a double click is told what the first did"
    assert len(ratings(rooms)) == 1
    assert "没有新的评价" in upload(manager, "/manager/ratings/import", text).text


def test_every_problem_of_a_file_is_shown_by_its_row(
    app: Flask, rooms: Rooms, clock: MovedClock
) -> None:
    manager = sign_in(app, "9001")
    text = f"办理编号,评价等级,评价时间\n7,满意,{DAY} 10:30\n8,很好,{DAY} 10:30\n"
    answer = upload(manager, "/manager/ratings/import", text)
    assert answer.status_code == 422
    assert re.findall(r"<code>(\d+)</code>", answer.text) == ["2", "3"]
    for text, name in (("a,b\n", "旧.csv"), ("x", "旧.xlsx"), ("x", "旧.pdf"), ("", "旧.csv")):
        assert upload(manager, "/manager/ratings/import", text, name).status_code == 422


def test_a_manager_loads_a_version_of_the_tags(app: Flask, rooms: Rooms, clock: MovedClock) -> None:
    manager = sign_in(app, "9001")
    file = manager.get("/manager/tags.csv").get_data().decode("utf-8-sig")
    assert upload(manager, "/manager/tags", file).status_code == 303
    assert rooms.book.ratings.tag_version() == 2  # the same
    changed = file.replace("一窗受理一次办结", "一次就办好")
    assert upload(manager, "/manager/tags", changed).status_code == 303
    assert rooms.book.ratings.tag_version() == 3
    page = manager.get("/manager/tags", headers=HTML).text
    assert "一次就办好" in page
    assert "第 2 版" in page
    broken = upload(manager, "/manager/tags", file.replace("非常满意", "很好"))
    assert (broken.status_code, "评价等级" in broken.text) == (422, True)
    serve(rooms, clock)
    phone = app.test_client().get(rooms.book.link(1), headers=HTML).text
    first, _, more = phone.partition("<details>")
    assert "一次就办好" in first  # the first three at once, the others behind a touch
    assert first.count('name="tags-very_satisfied"') == 3
    assert more.partition("</details>")[0].count('name="tags-very_satisfied"') == 5


def test_the_evaluator_says_the_keys_of_its_windows_pad(app: Flask, rooms: Rooms) -> None:
    for window, keys in ((1, "12345"), (2, "54321")):
        _, key = rooms.register.mint_key("evaluator", f"评价器{window}", window)
        device = {"Authorization": f"Bearer {key}"}
        told = app.test_client().get(f"/evaluator/{window}/state.json", headers=device).json
        assert told is not None
        assert "".join(each["key"] for each in told["levels"]) == keys


# -- nobody of the hall rates ------------------------------------------------------------------

MEANT = {
    ("evaluator", "/api/v1/ratings"),
    ("program", "/api/v1/ratings"),
    ("nobody", "/r/<token>"),
    ("nobody", "/w/<int:no>/<given>"),
}
LAST = ("/sign-out", "/helpdesk/end-day", "/enter", "/sign-in", "/pair/code")


def client_of(app: Flask, rooms: Rooms, role: str) -> tuple[FlaskClient, dict[str, str]]:
    if role in DEVICE_ROLES:
        rooms.register.mint_key("display", "the first, which a manager may switch off")
        window = 1 if role in ("window", "evaluator") else None
        _, key = rooms.register.mint_key(role, f"test {role}", window)
        return app.test_client(), {"Authorization": f"Bearer {key}"}
    if role == "nobody":
        return app.test_client(), {}
    return sign_in(app, PEOPLE[role]), {"Sec-Fetch-Site": "same-origin"}


def address_of(rooms: Rooms, rule: str, visit: int) -> str:
    found = rooms.store.visit(visit)
    assert found is not None
    token = rooms.book.link(found.ticket).removeprefix("/r/")
    given = rooms.at_window.passes.made(visit, rooms.clock())
    places = {"no": 1, "token": token, "given": given, "ticket": found.ticket, "visit": visit}
    return re.sub(r"<(?:[^:<>]+:)?(\w+)>", lambda part: str(places.get(part[1], 1)), rule)


def all_at_once(rule: str, visit: int, number: str, role: str, tap: str) -> dict[str, Any]:
    """Return all that any route might want to hear of a visit, to make a rating of it."""
    if rule == "/api/v1/ratings":
        return {"visit": visit, "level": "satisfied", "channel": "evaluator"}
    said = {**typed(number, tap=tap), **second(PEOPLE.get(role, "9001")), "contact": ""}
    if rule == "/ratings/entry":
        return said | {"number": tap}
    return said | {"visit": visit, "channel": "evaluator", "number": number, "tail": "1234"}


@pytest.mark.parametrize("role", [*DEVICE_ROLES, *PEOPLE, "nobody"])
def test_no_role_of_the_hall_rates_by_any_route(
    app: Flask, rooms: Rooms, clock: MovedClock, role: str
) -> None:
    client, headers = client_of(app, rooms, role)
    rules = sorted(
        {rule.rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    )
    rules.sort(key=lambda rule: rule in LAST)
    assert {"/api/v1/ratings", "/r/<token>", "/ratings/entry"} <= set(rules)
    # once a rule lets a rating in, the next has a fresh visit to try
    numbers = [serve(rooms, clock, phone="13800001234") for _ in range(6)]
    visits = [each for (each,) in rooms.store.rows("select id from visit order by id")]
    rated, asked = set(), 0
    for rule in rules:
        before = len(ratings(rooms))
        asked += 1
        said = all_at_once(rule, visits[before], numbers[before], role, f"walk {asked:08d}")
        how: dict[str, Any] = {"json" if rule.startswith("/api/") else "data": said}
        client.post(address_of(rooms, rule, visits[before]), headers=headers, **how).close()
        if len(ratings(rooms)) != before:
            rated.add((role, rule))
    assert asked > 50
    assert rated == {each for each in MEANT if each[0] == role}


@pytest.mark.parametrize("channel", ["paper", "phone", "box", "import", "qr", "window_qr", "sms"])
def test_an_evaluator_speaks_for_nothing_but_itself(
    app: Flask, rooms: Rooms, clock: MovedClock, channel: str
) -> None:
    serve(rooms, clock)
    _, key = rooms.register.mint_key("evaluator", "评价器", 1)
    said = {"visit": 1, "level": "satisfied", "channel": channel}
    device = {"Authorization": f"Bearer {key}"}
    answer = app.test_client().post("/api/v1/ratings", json=said, headers=device)
    assert (answer.status_code, (answer.json or {})["code"]) == (409, "other_channel")
    assert ratings(rooms) == []


def test_staff_on_a_citizens_page_are_told_why_they_cannot_rate(
    app: Flask, rooms: Rooms, clock: MovedClock
) -> None:
    serve(rooms, clock)
    clerk = sign_in(app, "1001")
    answer = clerk.post(rooms.book.link(1), data={"level": "very_satisfied"}, headers=HERE)
    assert (answer.status_code, "工作人员和大厅设备不能评价" in answer.text) == (403, True)
