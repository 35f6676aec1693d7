"""Every verb, view of personal data, export and sign-in leaves a row; only the auditor reads."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from halls import SMALL_HALL, MovedClock

import server
from audit import words
from audit.chain import Row
from audit.log import AuditLog, Wanted
from commandline.main import COMMANDS, main
from hall import config
from hall.catalogue import Person
from hall.refusals import NotAllowed
from hall.store import Store
from readiness import judging
from web.access import IN_COOKIE
from web.auditing import STRANGERS_A_MINUTE
from web.passwords import hash_of
from web.same_origin import SAFE

ALL = Wanted(0, 1 << 60)
HERE = {"Sec-Fetch-Site": "same-origin"}
PASSWORD = "correct horse battery"
PEOPLE = (
    Person("8001", "吴导办", "guide"),
    Person("7101", "钱督查", "inspector", "督查"),
    Person("6001", "冯审计", "audit"),
    Person("20231234", "陈志远", "clerk", "办事员", "MZ", 2),
)


@pytest.fixture(scope="module")
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, clock: MovedClock) -> Iterator[Flask]:
    opened = config.from_dict({"hall": {"always_open": True}})
    app = server.create_app(opened, tmp_path_factory.mktemp("hall") / "hall.db", clock)
    register = app.extensions["hall"].register
    register.adopt(SMALL_HALL)
    for person in PEOPLE:
        register.save(person)
    register.set_password_hash("1001", hash_of(PASSWORD))
    yield app
    app.extensions["hall"].store.close()


def person(app: Flask, number: str, window: int | None = None) -> FlaskClient:
    """A browser in which somebody has signed in."""
    rooms = app.extensions["hall"]
    found = rooms.door.person(number, window)
    assert found is not None
    client = app.test_client()
    entry = ["person", number, rooms.door.newly(found).mark, rooms.clock(), window]
    with client.session_transaction() as session:
        session[IN_COOKIE] = [entry]
    client.environ_base.update(HTTP_SEC_FETCH_SITE="same-origin", REMOTE_ADDR="192.168.1.20")
    return client


def device(app: Flask, role: str, window: int | None = None) -> FlaskClient:
    """A program that holds a device's key."""
    _, key = app.extensions["hall"].register.mint_key(role, f"{role} here", window)
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    return client


class Told:
    """The rows that were written since this was made."""

    def __init__(self, app: Flask) -> None:
        self.log: AuditLog = app.extensions["hall"].audit
        self.before = self.log.rows.head().number

    @property
    def rows(self) -> list[Row]:
        return [each for each in self.log.find(ALL)[::-1] if each.number > self.before]

    @property
    def one(self) -> tuple[str, str, str, str]:
        """Who, verb, target and code of the only row."""
        (row,) = self.rows
        entry = row.entry
        return entry.who, entry.verb, entry.target, entry.code


# -- the tables --------------------------------------------------------------------------------


def test_every_verb_has_a_word_and_every_page_is_told_of_or_shows_nothing_personal(
    app: Flask,
) -> None:
    """A new route is named in audit/words.py first."""
    unnamed = []
    for rule in app.url_map.iter_rules():
        endpoint, methods = rule.endpoint, rule.methods or set()
        if methods - SAFE:
            split = [each for each in words.WORDS if each.startswith(f"{endpoint}:")]
            if endpoint not in words.WORDS and not split:
                unnamed.append(f"{sorted(methods - SAFE)} {rule.rule}: no word for {endpoint}")
        if "GET" in methods:
            places = (words.VIEWS, words.EXPORTS, words.NOTHING_PERSONAL)
            count = sum(endpoint in each for each in places)
            shared = endpoint in words.ONLY and count == 1
            if count != 1 and not shared:
                unnamed.append(f"GET {rule.rule}: {endpoint} stands in {count} tables")
    assert not unnamed, "\n".join(unnamed)


def test_the_tables_name_nothing_that_is_not_there(app: Flask) -> None:
    known = {rule.endpoint for rule in app.url_map.iter_rules()}
    told = {each.partition(":")[0] for each in words.ACTS} | set(words.VIEWS) | set(words.EXPORTS)
    assert told | words.NOTHING_PERSONAL | words.WITH_THE_VERB - known <= known
    assert set(words.COMMANDS) <= {*COMMANDS, "import-ratings"}
    assert {each for each in COMMANDS if each not in words.COMMANDS} <= {
        "check",
        "verify",
    }, "a command that changes something has a word"


# -- one row each ------------------------------------------------------------------------------


def test_a_kiosk_s_ticket_has_its_row_in_the_shared_commit(app: Flask) -> None:
    kiosk, told = device(app, "kiosk"), Told(app)
    taken = kiosk.post("/kiosk/tickets", json={"service": "marriage", "tap": "tap-audit-0001"})
    assert taken.status_code == 201
    number = taken.get_json()["number"]
    (row,) = told.rows
    assert row.entry.kind == "device"
    assert (row.entry.role, row.entry.verb) == ("kiosk", "kiosk.take_ticket")
    assert (row.entry.target, row.entry.code) == (f"{number} 号", "")
    journal = app.extensions["hall"].store
    assert journal.own_changes, "the ticket and its row were committed"


def test_a_clerk_s_call_costs_no_commit_of_its_own(app: Flask) -> None:
    device(app, "kiosk").post(
        "/kiosk/tickets", json={"service": "marriage", "tap": "tap-audit-0002"}
    )
    clerk, store = person(app, "1001", 1), app.extensions["hall"].store
    opened = clerk.post("/window/1/open", json={})
    assert opened.status_code == 200, opened.get_json()
    told, before = Told(app), store.own_changes
    called = clerk.post("/window/1/call", json={})
    assert called.status_code == 200, called.get_json()
    assert store.own_changes - before == 1
    (row,) = told.rows
    assert row.entry[1:8] == (
        *("person", "1001", "clerk", 1, "192.168.1.20"),
        *("window.window_acts.call", ""),
    )


def test_a_refused_verb_leaves_its_row_though_it_was_rolled_back(app: Flask) -> None:
    told, clerk = Told(app), person(app, "1001", 1)
    refused = clerk.post("/window/1/hold", json={"visit": 999, "ticket": 999})
    assert refused.status_code >= 400
    assert told.one == ("1001", "window.window_acts.hold", "", refused.get_json()["code"])
    told = Told(app)
    refused = device(app, "kiosk").post("/kiosk/tickets", json={"service": "none", "tap": "tap-x1"})
    assert refused.status_code >= 400
    assert [each.entry.code for each in told.rows] == [refused.get_json()["code"]]


def shown(app: Flask, path: str, number: str) -> tuple[int, list[tuple[str, str]]]:
    told = Told(app)
    status = person(app, number).get(path, headers={"Accept": "text/html"}).status_code
    return status, [(each.entry.verb, each.entry.code) for each in told.rows]


@pytest.mark.parametrize(
    ("number", "path", "status", "rows"),
    [
        ("8001", "/helpdesk?q=13812345678", 200, [("view helpdesk.home", "")]),
        ("8001", "/helpdesk", 200, []),
        ("8001", "/helpdesk/tickets/1", 200, [("view helpdesk.dossier", "")]),
        (
            "8001",
            "/helpdesk/tickets/99999",
            404,
            [("view helpdesk.dossier", "unknown_ticket")],
        ),
        ("7101", "/complaints", 200, [("view complaints.listed", "")]),
        ("7101", "/monitor/alarms", 200, []),
        ("1001", "/complaints", 403, [("view complaints.listed", "not_allowed")]),
        ("1001", "/helpdesk", 403, []),
        ("9001", "/manager/catalogue/zones", 200, []),
        ("7101", "/no-such-page", 404, []),
    ],
)
def test_a_view_of_personal_data_has_a_row_and_no_other_page_has(
    app: Flask, number: str, path: str, status: int, rows: list[tuple[str, str]]
) -> None:
    assert shown(app, path, number) == (status, rows)


def test_what_was_searched_for_is_masked(app: Flask) -> None:
    told = Told(app)
    person(app, "8001").get("/helpdesk?q=13812345678")
    (row,) = told.rows
    assert row.entry.detail == "q=****78"


def test_who_is_not_signed_in_and_led_to_the_sign_in_has_seen_nothing(app: Flask) -> None:
    told = Told(app)
    assert app.test_client().get("/complaints", headers={"Accept": "text/html"}).status_code == 303
    assert told.rows == []


def test_signing_in_failing_and_leaving_have_a_row_each_and_none_a_password(app: Flask) -> None:
    told, client = Told(app), app.test_client()
    form = {"staff_number": "1001", "password": "wrong secret", "window": "1"}
    client.post("/sign-in", data=form, headers=HERE)
    ((who, _, target, code),) = [told.one]
    assert (who, target, code) == ("", "工号 1001", "wrong_password")
    assert words.sort_of(told.rows[0].entry.verb) == "sign"
    told = Told(app)
    client.post("/sign-in", data={**form, "password": PASSWORD}, headers=HERE)
    assert told.rows
    assert {each.entry.code for each in told.rows} == {""}
    told = Told(app)
    person(app, "1001", 1).post("/sign-out")
    assert told.one == ("1001", "web.sign_out", "", "")
    told = Told(app)
    client.post("/enter", json={"key": "wrong secret key"}, headers=HERE)
    assert told.one == ("", "web.enter", "", "bad_key")
    file = Path(app.extensions["hall"].database)
    assert b"wrong secret" not in b"".join(
        each.read_bytes() for each in file.parent.glob("hall.db*")
    )


def test_strangers_who_knock_all_day_share_a_row(app: Flask, clock: MovedClock) -> None:
    clock.move(minutes=2)
    told, client = Told(app), app.test_client()
    for _ in range(STRANGERS_A_MINUTE + 5):
        client.post("/enter", json={"key": "x"}, headers=HERE)
    assert len(told.rows) == STRANGERS_A_MINUTE
    clock.move(minutes=2)
    client.post("/enter", json={"key": "x"}, headers=HERE)
    assert [each.entry.target for each in told.rows[STRANGERS_A_MINUTE:]] == ["5 次", ""]
    clock.move(minutes=2)


def test_strangers_who_knocked_and_went_have_their_row_once_the_minute_is_over(
    app: Flask, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.auditing.STRANGERS_A_MINUTE", 2)
    clock.move(minutes=2)
    auditing = app.extensions["hall"].auditing
    auditing.tick()
    told, client = Told(app), app.test_client()
    for _ in range(2 + 3):
        client.post("/enter", json={"key": "x"}, headers=HERE)
    auditing.tick()
    assert len(told.rows) == 2
    clock.move(minutes=1)
    for _ in range(2):
        auditing.tick()
    (last,) = told.rows[2:]
    assert (last.entry.verb, last.entry.target) == ("system.skipped", "3 次")
    assert last.entry.address == told.rows[0].entry.address
    clock.move(minutes=2)


def test_a_stranger_with_many_addresses_fills_no_disk_with_refusals(
    app: Flask, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.auditing.STRANGERS_A_MINUTE", 2)
    clock.move(minutes=2)
    told, client = Told(app), app.test_client()
    for number in range(2 + 5):
        client.environ_base["REMOTE_ADDR"] = f"2001:db8:1:2::{number:x}"
        client.post("/enter", json={"key": "x"}, headers=HERE)
    assert len(told.rows) == 2
    monkeypatch.setattr("web.auditing.MOST_STRANGERS", 1)
    for number in range(5):  # and one with a whole country of them
        client.environ_base["REMOTE_ADDR"] = f"2001:db8:{number:x}::1"
        client.post("/enter", json={"key": "x"}, headers=HERE)
    assert len(told.rows) == 2 + 2
    clock.move(minutes=2)


def test_another_site_s_page_that_tries_has_a_row(app: Flask) -> None:
    told = Told(app)
    client = person(app, "8001")
    client.post("/helpdesk/tickets", headers={"Sec-Fetch-Site": "cross-site"})
    assert [(each.entry.verb, each.entry.code) for each in told.rows] == [
        ("helpdesk.issue", "not_same_origin")
    ]


def test_whose_staff_number_is_long_is_still_readable(app: Flask) -> None:
    told = Told(app)
    person(app, "9001").post("/manager/catalogue/people/20231234/retire")
    assert "20231234" in told.rows[0].entry.target


def test_a_proxy_on_this_machine_is_believed_about_addresses_and_nobody_else(app: Flask) -> None:
    told, client = Told(app), app.test_client()
    for near, forwarded in (("127.0.0.1", "10.1.2.3"), ("10.9.9.9", "10.1.2.3")):
        client.post(
            "/enter",
            json={"key": "x"},
            headers={**HERE, "X-Forwarded-For": forwarded},
            environ_base={"REMOTE_ADDR": near},
        )
    assert [each.entry.address for each in told.rows] == ["10.1.2.3", "10.9.9.9"]


# -- when the log cannot be written ------------------------------------------------------------


def test_without_the_log_citizens_are_served_and_administrators_are_not(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms = app.extensions["hall"]
    kiosk, manager, told = device(app, "kiosk"), person(app, "9001"), Told(app)
    lost = rooms.auditing.lost

    def broken(*_: object) -> int:
        raise sqlite3.OperationalError("database is full")

    def figure() -> float:
        page = app.test_client().get("/metrics").text
        return float(re.findall(r"^hall_audit_rows_lost_total (.+)", page, re.MULTILINE)[0])

    before = figure()
    with monkeypatch.context() as patch, structlog.testing.capture_logs() as lines:
        patch.setattr(rooms.audit, "join", broken)
        taken = kiosk.post("/kiosk/tickets", json={"service": "advice", "tap": "tap-audit-0003"})
        assert taken.status_code == 201
        plan = {"service": "advice", "kind": "weekdays"}
        refused = manager.post("/manager/slots", data=plan, headers={"Accept": "application/json"})
        assert (refused.status_code, refused.get_json()["code"]) == (409, "audit_down")
        for tap in ("tap-audit-0004", "tap-audit-0005"):
            kiosk.post("/kiosk/tickets", json={"service": "advice", "tap": tap})
    assert rooms.auditing.down
    assert told.rows == []
    missing = [each for each in lines if each["event"] == "audit_lost"]
    assert len(missing) == rooms.auditing.lost - lost == figure() - before >= 3
    assert [bool(each.get("exc_info")) for each in missing] == [True] + [False] * (len(missing) - 1)
    finding = judging.audit_log(rooms.auditing.lost, down=rooms.auditing.down)
    assert (finding.state, finding.what) == ("bad", "审计日志")
    manager.post("/manager/slots", data=plan)
    assert not rooms.auditing.down
    assert told.rows[0].entry.target == "审计日志恢复写入"
    assert judging.audit_log(rooms.auditing.lost, down=rooms.auditing.down).state == "note"
    assert judging.audit_log(0, down=False).state == "ok"


def test_methods_that_a_stranger_makes_up_are_one_line_of_the_figures(app: Flask) -> None:
    client = app.test_client()
    for method in ("HACK1", "HACK2", "HACK3"):
        client.open("/alive", method=method)
    page = client.get("/metrics").text
    assert "HACK" not in page
    assert 'hall_requests_total{method="other",route="none",status="405"} 3.0' in page


def test_an_administrator_s_shared_verb_is_undone_when_its_row_is_not_written(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms = app.extensions["hall"]
    done = []

    def verb() -> None:
        with rooms.store.transaction():
            rooms.store.note(0, "audit_test")
        done.append(rooms.store.last_seq())

    def broken(*_: object) -> int:
        raise sqlite3.OperationalError("no")

    with app.test_request_context("/manager/slots", method="POST"):
        rooms.auditing.begin()
        monkeypatch.setattr(rooms.audit, "join", broken)
        before = rooms.store.last_seq()
        with pytest.raises(NotAllowed), rooms.store.transaction():
            rooms.auditing.together(verb)
    assert done
    assert rooms.store.last_seq() == before
    rooms.auditing.down = False


# -- who reads ---------------------------------------------------------------------------------


def test_only_the_audit_administrator_reads_checks_and_exports(app: Flask) -> None:
    for number in ("1001", "8001", "7101", "9001", "9000"):
        client = person(app, number)
        assert client.get("/audit").status_code == 403, number
        assert client.get("/audit/export.csv").status_code == 403, number
        assert client.post("/audit/verify").status_code == 403, number
    assert device(app, "manager").get("/audit").status_code == 403


def test_the_page_shows_what_happened_searches_and_pages(app: Flask) -> None:
    auditor = person(app, "6001")
    page = auditor.get("/audit").get_data(as_text=True)
    assert "吴导办" in page
    assert "查找号票" in page
    assert "密码不对" in page
    found = auditor.get("/audit?who=吴导办&verb=查找").get_data(as_text=True)
    rows = re.findall(r'<th scope="row">(.*?)</th>', found)
    assert rows
    assert set(rows) == {"查找号票"}
    assert "这些天没有这样的记录" in auditor.get("/audit?words=没有的东西").get_data(as_text=True)
    before = auditor.get("/audit?before=3").get_data(as_text=True)
    assert re.findall(r'title="校验值 [0-9a-f]{64}">(\d+)<', before) == ["2", "1"]
    for odd in ("/audit?first=x&last=y&before=z&sort=?&outcome=?", "/audit?first=2026-12-31"):
        assert auditor.get(odd).status_code == 200


def test_a_refusal_is_told_in_words_with_its_code_beside_it(app: Flask) -> None:
    kiosk = device(app, "kiosk")
    kiosk.post("/kiosk/tickets", json={"service": "none", "tap": "x"})
    kiosk.post("/kiosk/tickets", json={"service": "none", "tap": "tap-audit-0009"})
    page = person(app, "6001").get("/audit").get_data(as_text=True)
    told = set(re.findall(r'badge alarm">(.*?)</span> <code class="quiet">(\w+)</code>', page))
    assert {("未准许", "bad_tap"), ("未准许", "unknown_service")} <= told


def test_the_auditor_checks_the_chain_and_takes_it_out(app: Flask, clock: MovedClock) -> None:
    auditor, told = person(app, "6001"), Told(app)
    assert auditor.post("/audit/verify").status_code == 303
    page = auditor.get("/audit").get_data(as_text=True)
    assert "全部完好" in page
    file = auditor.get("/audit/export.csv?sort=sign")
    text = file.get_data().decode("utf-8-sig")
    assert "校验行" in text
    assert "设备登录" in text
    verbs = [each.entry.verb for each in told.rows]
    assert verbs == ["audit.verify", "view audit.listed", "view audit.export"]
    assert auditor.get("/audit/export.pdf").status_code == 404
    rooms = app.extensions["hall"]
    rooms.audit.checked = rooms.audit.checked._replace(faults=("第 4 条与校验值不符",))
    page = auditor.get("/audit").get_data(as_text=True)
    assert "日志不完整" in page
    assert "第 4 条与校验值不符" in page


# -- the command line --------------------------------------------------------------------------


def run(file: Path, *told: str) -> int:
    try:
        return main([told[0], "--database", str(file), *told[1:]])
    except SystemExit as end:
        return int(end.code or 0)


def commands(file: Path) -> list[tuple[str, str, str, str]]:
    store = Store(file, readonly=True)
    try:
        rows = AuditLog(store, config.Config(), MovedClock()).find(ALL)[::-1]
    finally:
        store.close()
    return [(e.address, e.verb, e.target, e.code) for e in (row.entry for row in rows)]


def test_a_command_that_changes_something_has_a_row_with_the_machine_s_user(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "hall.db"
    assert run(file, "key", "kiosk", "--name", "一楼取号机") == 0
    key = capsys.readouterr().out.strip()
    assert run(file, "key", "evaluator", "--name", "评价器") == 1
    run(file, "webhook", "list")
    run(file, "province", "list")
    assert commands(file) == [
        ("命令行", "cli key", "kiosk 一楼取号机", ""),
        ("命令行", "cli key", "evaluator 评价器", "window_missing"),
    ]
    assert key.encode() not in file.read_bytes()
    out = tmp_path / "log.xlsx"
    assert run(file, "audit", "export", str(out)) == 0
    assert run(file, "audit", "check", str(out)) == 0
    assert run(file, "audit", "verify") == 0
    assert run(file, "audit", "export", str(out)) == 1, "nothing is overwritten"
    with sqlite3.connect(file) as opened:
        opened.execute("drop trigger audit_is_never_changed")
        opened.execute("update audit set who = 'somebody' where number = 2")
    opened.close()
    assert run(file, "audit", "verify") == 1
    assert "第 2 条与校验值不符" in capsys.readouterr().out
    assert [each[3] for each in commands(file)][-2:] == ["file_exists", "exit_1"]


def test_what_a_command_line_tells_of_a_webhook_is_its_host_alone(tmp_path: Path) -> None:
    file = tmp_path / "hall.db"
    run(file, "webhook", "add", "https://hooks.example.test/T00/secret-token")
    (row,) = commands(file)
    assert "hooks.example.test" in row[2]
    assert "secret-token" not in row[2]
