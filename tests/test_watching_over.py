"""What watches over a running hall: its figures, its log, and what systemd is told."""

import json
import logging
import re
import socket
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from flask.testing import FlaskClient
from halls import SMALL_HALL, MovedClock

from hall import config
from server import create_app
from web import logs, notify
from web.current import Rooms
from web.logs import TurningFile, configure
from web.masking import masked
from web.metrics import COUNTERS, GAUGES

HOUSE = Path(__file__).resolve().parents[1]
KEY = "Zk3vQ9xXnB7tLmWcYdRfHs2uGjKpA4Ee"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    file = tmp_path_factory.mktemp("hall") / "hall.db"
    app = create_app(config.from_dict({"hall": {"always_open": True}}), file, MovedClock())
    rooms: Rooms = app.extensions["hall"]
    rooms.register.adopt(SMALL_HALL)
    yield app.test_client()
    rooms.store.close()


def test_every_figure_is_in_the_docs_and_every_figure_of_the_docs_is_told(
    client: FlaskClient,
) -> None:
    page = (HOUSE / "docs" / "monitoring.md").read_text("utf-8")
    documented = set(re.findall(r"^\| `(hall_\w+)` \|", page, re.MULTILINE))
    told = client.get("/metrics").get_data(as_text=True)
    exposed = set(re.findall(r"^# TYPE (hall_\w+) ", told, re.MULTILINE))
    assert documented == exposed == {*GAUGES, *(f"{each}_total" for each in COUNTERS)}
    used = set(re.findall(r"\b(hall_[a-z_]+)\b(?=[\[{ ])", page.partition("```yaml")[2]))
    assert used <= documented


def test_the_figures_follow_the_hall(client: FlaskClient) -> None:
    rooms: Rooms = client.application.extensions["hall"]
    rooms.desk.open(1)
    for tap in ("tap-00000001", "tap-00000002"):
        rooms.desk.issue("marriage", tap)
    rooms.desk.call_next(1)
    told = set(client.get("/metrics").get_data(as_text=True).splitlines())
    assert {
        "hall_tickets_total 2.0",
        "hall_calls_total 1.0",
        "hall_waiting 1.0",
        'hall_waiting_by_service{service="marriage"} 1.0',
        'hall_windows{state="open"} 1.0',
        "hall_outbox_waiting 0.0",
        "hall_province_oldest_seconds 0.0",
    } <= told
    assert any(line.startswith("hall_wal_bytes ") and not line.endswith(" 0.0") for line in told)


# -- the log -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("短信发往 13812345678 失败", "短信发往 *** 失败"),
        ("phone +86 138 1234 5678", "phone ***"),
        ("身份证 33010619900101123X 不对", "身份证 *** 不对"),
        (f"GET /enter#{KEY}", "GET /enter#***"),
        (f"/r/{KEY[:8]}.{KEY}.sig-1", f"/r/{KEY[:8]}.***"),
        (f"Authorization: Bearer {KEY}", "Authorization: *** ***"),
        ("{'password': 'correct horse', 'window': 3}", "{'password': '***', 'window': 3}"),
        ('{"token":"abc","n":1}', '{"token":"***","n":1}'),
        ("wecombot://a-short-key/x failed", "wecombot://*** failed"),
        ("printer tcp://192.168.1.50:9100: off", "printer tcp://192.168.1.50:9100: off"),
        ("ticket 4711 at 1795365600000", "ticket 4711 at 1795365600000"),
        ("tick_failed tick=ticks_of.<locals>.know", "tick_failed tick=ticks_of.<locals>.know"),
        ('File "/opt/hall/releases/0.5.0/hall/a_long_name_of_a_module_here.py"', None),
    ],
)
def test_a_line_loses_what_belongs_to_a_person_or_opens_a_door(line: str, kept: str | None) -> None:
    assert masked(line) == (line if kept is None else kept)


@pytest.fixture
def quiet_root() -> Iterator[None]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield
    for each in set(root.handlers) - set(before):
        each.close()
    root.handlers, root.level = before, level
    structlog.reset_defaults()


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_phone_and_no_key_reaches_the_file_by_whatever_way(
    quiet_root: None, tmp_path: Path, form: str
) -> None:
    file = tmp_path / "logs" / "hall.log"
    configure("json" if form == "json" else "text", file)
    structlog.get_logger("outbox").info("sent", phone="13812345678", key=KEY)
    logging.getLogger("kiosk").warning("slip for %s", "13812345678")
    try:
        int(f"bad key {KEY}")
    except ValueError:
        structlog.get_logger("web").exception("request_failed", route="/enter")
    told = file.read_text("utf-8")
    assert told.count("***") >= 4
    assert "13812345678" not in told
    assert KEY not in told
    assert "request_failed" in told
    if form == "json":
        assert json.loads(told.splitlines()[0])["event"] == "sent"


def test_a_failed_request_has_a_number_that_leads_to_its_line(
    quiet_root: None, client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure("json", tmp_path / "hall.log")
    monkeypatch.setattr("web.views.rooms", lambda: 1 / 0)
    assert client.get("/alive").status_code == 204
    answer = client.get("/", headers={"Accept": "text/html"})
    assert answer.status_code == 500
    number = re.search(r"编号 (\w{8})", answer.get_data(as_text=True))
    assert number
    lines = [json.loads(each) for each in (tmp_path / "hall.log").read_text("utf-8").splitlines()]
    assert [each["route"] for each in lines if each.get("request") == number[1]] == ["/"]


def record(text: str) -> logging.LogRecord:
    return logging.LogRecord("hall", logging.INFO, "", 0, text, None, None)


def test_a_full_log_is_set_aside_and_the_oldest_go(tmp_path: Path) -> None:
    file = tmp_path / "hall.log"
    old = file.with_name("hall.log.20200101-000000-000000")
    old.write_text("six years ago")
    handler = TurningFile(file, keep_days=30, megabytes=0.0001)
    for number in range(3):
        handler.emit(record(f"line {number} " + "x" * 80))
    handler.close()
    aside = sorted(tmp_path.glob("hall.log.*"))
    assert not old.exists()
    assert [each.read_text()[:6] for each in (*aside, file)] == ["line 0", "line 1", "line 2"]
    handler.forget(datetime.now(tz=UTC).astimezone() + timedelta(days=31))
    assert list(tmp_path.glob("hall.log.*")) == []


def test_a_log_begins_anew_each_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    handler = TurningFile(tmp_path / "hall.log", keep_days=30)
    handler.emit(record("yesterday"))
    monkeypatch.setattr(TurningFile, "_today", staticmethod(lambda: "20991231"))
    handler.emit(record("today"))
    handler.close()
    (aside,) = tmp_path.glob("hall.log.*")
    assert (aside.read_text(), handler.file.read_text()) == ("yesterday\n", "today\n")


def test_a_log_that_somebody_holds_open_loses_no_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(*_: object) -> None:
        raise PermissionError("the file is used by another process")

    handler = TurningFile(tmp_path / "hall.log", keep_days=30, megabytes=0.0001)
    monkeypatch.setattr(Path, "rename", held)
    for number in range(3):
        handler.emit(record(f"line {number} " + "x" * 80))
    handler.close()
    assert handler.file.read_text().count("line") == 3
    assert logs.KEPT_FILES > 0


# -- systemd -----------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no systemd")
def test_systemd_hears_that_the_hall_is_ready_and_alive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not notify.tell("READY=1")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        assert notify.tell("READY=1")
        notify.alive()
        assert [manager.recv(100), manager.recv(100)] == [b"READY=1", b"WATCHDOG=1"]
    assert not notify.tell("STOPPING=1")
