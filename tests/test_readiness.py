"""What a hall needs before it opens: when it is ready, worth a note, or in the way."""

import datetime
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask.testing import FlaskClient
from halls import SMALL_HALL, MovedClock, open_rooms

from commandline.checking import known_by
from hall import config
from hall.catalogue import Device
from hall.days import DAY, HOUR, MINUTE
from kiosk.printing import Condition
from readiness import asking, judging, looking
from readiness.clocks import UNKNOWN, Sync, of_chrony, of_timedatectl, of_w32tm
from readiness.findings import Finding, Group, grouped, summary, verdict
from readiness.judging import GIGABYTE, Running
from readiness.looking import Place, look
from readiness.store import Asked
from safety.traces import traces_of
from server import create_app
from upkeep import readiness
from web.current import Rooms
from web.passwords import hash_of

NOW = MovedClock().instant
KEPT = Sync(True, 0.001, "chrony")
MONTH_OF_300_MB = 10 * 1024**2


def test_a_report_is_in_groups_counts_its_states_and_says_whether_the_hall_opens() -> None:
    found = [
        Finding("note", "语音", "少一个", group=Group.DEVICES),
        Finding("ok", "磁盘", "够", group=Group.SERVER),
    ]
    assert [group.value for group, _ in grouped(found)] == ["服务器", "设备"]
    assert (summary(found), verdict(found)) == ("正常 1 · 留意 1 · 须处理 0", "可以开门。")
    assert verdict([*found, Finding("bad", "窗口", "没有")]) == "有 1 处须先处理。"


@pytest.mark.parametrize(
    ("free", "grows", "state", "told"),
    [
        (100 * GIGABYTE, None, "ok", "剩余 100.0 GB"),
        (100 * GIGABYTE, 1024, "ok", "十年内够用"),
        (2 * GIGABYTE, MONTH_OF_300_MB, "ok", "约 102 天后用完"),
        (int(1.5 * GIGABYTE), MONTH_OF_300_MB, "note", "约 51 天后用完"),
        (GIGABYTE + 10 * MONTH_OF_300_MB, MONTH_OF_300_MB, "bad", "约 10 天后用完"),
        (GIGABYTE - 1, None, "bad", "剩余 1.0 GB"),
    ],
)
def test_a_disk_is_judged_by_when_the_halls_file_fills_it(
    free: int, grows: float | None, state: str, told: str
) -> None:
    found = judging.disk("磁盘", "/srv", free, grows)
    assert found.state == state
    assert told in found.told
    assert bool(found.todo) == (state != "ok")


@pytest.mark.parametrize(
    ("year", "last", "sync", "state", "told"),
    [
        (2026, None, KEPT, "ok", "偏差 0.001 秒"),
        (2026, NOW, Sync(True, None, "systemd"), "ok", "偏差未知"),
        (2026, NOW + 1_000, KEPT, "ok", "自动校时"),
        (2026, NOW + 5 * MINUTE, KEPT, "bad", "早 5.0 分钟"),
        (2026, NOW, UNKNOWN, "note", "不知道"),
        (2026, NOW, Sync(False), "note", "没有与时间服务器同步"),
        (2026, NOW, Sync(True, -3.0, "chrony"), "note", "偏差 3.000 秒"),
        (2026, NOW, Sync(True, 61.0, "chrony"), "bad", "偏差 61.000 秒"),
        (1970, None, KEPT, "bad", "明显不对"),
    ],
)
def test_a_clock_is_judged_by_the_last_record_and_by_who_keeps_it(
    year: int, last: int | None, sync: Sync, state: str, told: str
) -> None:
    found = judging.clock("08:00", year, NOW, last, sync)
    assert (found.state, told in found.told) == (state, True), found


CHRONY = (
    "Reference ID : CB\nSystem time     : 0.250000000 seconds slow of NTP time\nLeap status : {}\n"
)
W32TM = "Leap 指示符: {}(未同步)\n层次: 3\n相位偏移: {}s\n"


@pytest.mark.parametrize(
    ("read", "said", "sync"),
    [
        (of_chrony, CHRONY.format("Normal"), Sync(True, -0.25, "chrony")),
        (of_chrony, CHRONY.format("Not synchronised"), Sync(False, None, "chrony")),
        (of_chrony, "506 Cannot talk to daemon", UNKNOWN),
        (of_timedatectl, "NTP=yes\nNTPSynchronized=yes\n", Sync(True, None, "systemd")),
        (of_timedatectl, "NTP=yes\nNTPSynchronized=no\n", Sync(False, None, "systemd")),
        (of_timedatectl, "", UNKNOWN),
        (of_w32tm, W32TM.format(0, "0.0031"), Sync(True, 0.0031, "Windows")),
        (of_w32tm, W32TM.format(3, "0.0"), Sync(False, None, "Windows")),
        (
            of_w32tm,
            "Leap Indicator: 0(no warning)\nPhase Offset: -1.5s",
            Sync(True, -1.5, "Windows"),
        ),
        (of_w32tm, "The service has not been started.", UNKNOWN),
    ],
)
def test_what_the_systems_programs_answer_is_read(read: object, said: str, sync: Sync) -> None:
    assert callable(read)
    assert read(said) == sync


@pytest.mark.parametrize(
    ("days_left", "state", "told"),
    [
        (31, "ok", "还有 31 天"),
        (20, "note", "还有 20 天"),
        (3, "bad", "还有 3 天"),
        (-2, "bad", "已过期"),
    ],
)
def test_a_certificate_is_judged_by_the_days_it_is_still_good(
    tmp_path: Path, days_left: int, state: str, told: str
) -> None:
    file = tmp_path / "hall.pem"
    now = datetime.datetime.fromtimestamp(NOW / 1000, tz=datetime.UTC)
    key, name = ec.generate_private_key(ec.SECP256R1()), _named("hall")
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 7)
        .not_valid_before(now - datetime.timedelta(days=400))
        .not_valid_after(now + datetime.timedelta(days=days_left, minutes=1))
        .sign(key, hashes.SHA256())
    )
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    found = judging.certificate(file.name, asking.good_until(file), NOW)
    assert (found.state, told in found.told) == (state, True), found
    file.write_text("no certificate")
    assert judging.certificate(file.name, asking.good_until(file), NOW).state == "bad"


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


@pytest.mark.parametrize(
    ("old", "state", "told"),
    [
        (None, "note", "还没有备份"),
        (HOUR - 1, "ok", "（不到 1 小时前）"),
        (HOUR, "ok", "（1 小时前）"),
        (31 * HOUR, "note", "（31 小时前）"),
        (8 * DAY, "bad", "（8 天前）"),
    ],
)
def test_a_backup_is_judged_by_its_age(old: int | None, state: str, told: str) -> None:
    found = judging.backup(None if old is None else NOW - old, "/srv/backups", NOW, "昨天")
    assert (found.state, bool(found.todo)) == (state, state != "ok")
    assert told in found.told


SCREENS = [Device(1, "display", "东侧大屏"), Device(2, "display", "西侧大屏")]


@pytest.mark.parametrize(
    ("known", "running", "state", "told"),
    [
        ([], Running({}), "note", "还没有登记"),
        (SCREENS, None, "note", "服务没有运行"),
        (SCREENS, Running({1: NOW, 2: NOW - MINUTE}), "ok", "2 台，都连着"),
        (SCREENS, Running({1: NOW}), "note", "没有连上：西侧大屏"),
        (SCREENS, Running({1: NOW - 4 * MINUTE}), "bad", "东侧大屏、西侧大屏"),
    ],
)
def test_screens_are_judged_by_when_each_was_last_heard_of(
    known: list[Device], running: Running | None, state: str, told: str
) -> None:
    found = judging.machines("大屏", known, running, NOW)
    assert (found.state, told in found.told) == (state, True), found


@pytest.mark.parametrize(
    ("unpaired", "running", "state", "told", "todo"),
    [
        (SCREENS[1:], Running({1: NOW}), "note", "2 台；1 台待配对：西侧大屏", "/pair"),
        (SCREENS, Running({}), "note", "2 台；2 台待配对：东侧大屏、西侧大屏", "/pair"),
        (SCREENS, None, "note", "2 台；2 台待配对：东侧大屏、西侧大屏", "/pair"),
        (SCREENS[1:], Running({}), "bad", "1 台没有连上：东侧大屏；1 台待配对：西侧大屏", "网线"),
    ],
)
def test_who_waits_to_be_paired_is_not_looked_for_at_a_plug(
    unpaired: list[Device], running: Running | None, state: str, told: str, todo: str
) -> None:
    found = judging.machines("大屏", SCREENS, running, NOW, unpaired)
    assert (found.state, told in found.told, todo in found.todo) == (state, True, True), found
    assert ("网线" in found.todo) == (todo == "网线")


def test_every_window_that_serves_has_an_evaluator_that_is_heard_of() -> None:
    devices = tuple(replace(each, id=each.window) for each in SMALL_HALL.devices)
    hall = replace(SMALL_HALL, devices=devices)
    there = Running({1: NOW, 2: NOW, 3: NOW, 4: NOW})
    assert judging.evaluators(hall, there, NOW).state == "ok"
    away = judging.evaluators(hall, Running({1: NOW, 2: NOW, 3: NOW}), NOW)
    assert (away.state, "没有连上的窗口：4号" in away.told) == ("note", True)
    without = judging.evaluators(replace(hall, devices=devices[:3]), there, NOW)
    assert (without.state, "没有评价器的窗口：4号" in without.told) == ("note", True)
    unpaired = judging.evaluators(hall, Running({1: NOW, 2: NOW, 3: NOW}), NOW, devices[3:])
    assert (unpaired.state, unpaired.told) == ("note", "4 台；待配对的窗口：4号")
    assert "都没有评价器" in judging.evaluators(replace(hall, devices=()), there, NOW).told


@pytest.mark.parametrize(
    ("condition", "state"),
    [
        *((each, "bad") for each in Condition if each not in (Condition.OK, Condition.NEAR_END)),
        (Condition.OK, "ok"),
        (Condition.NEAR_END, "note"),
    ],
)
def test_a_printer_that_gives_no_slip_is_in_the_way_of_opening(condition: str, state: str) -> None:
    found = judging.printer("一楼取号机", condition, "缺纸：请装入新纸卷。")
    assert found.state == state
    assert (found.todo == "请装入新纸卷") == (condition != "ok")


def test_the_growth_of_the_file_is_the_share_of_the_last_month(
    tmp_path: Path, clock: MovedClock
) -> None:
    rooms = open_rooms(tmp_path / "hall.db", clock)
    asked = Asked(rooms.store)
    rooms.take()
    assert asked.growth(4000, clock()) is None
    clock.move(hours=24 * 60)
    for _ in range(3):
        rooms.take()
    assert asked.growth(4000, clock()) == pytest.approx(3000 / 30)
    assert asked.last_record() == clock()
    rooms.store.close()


# -- a hall ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    folder = tmp_path_factory.mktemp("hall")
    told = config.from_dict({"hall": {"name": "云溪县政务服务中心", "always_open": True}})
    app = create_app(told, folder / "hall.db", MovedClock())
    rooms: Rooms = app.extensions["hall"]
    rooms.register.adopt(SMALL_HALL)
    rooms.register.set_password_hash("9001", hash_of("a hall's secret"))
    rooms.register.set_password_hash("1001", "kept")
    client = app.test_client()
    client.post("/sign-in", data={"staff_number": "9001", "password": "a hall's secret"})
    yield client
    rooms.store.close()


def test_the_page_says_what_to_do_and_its_report_comes_alone(client: FlaskClient) -> None:
    page = client.get("/readiness").get_data(as_text=True)
    report = client.get("/readiness/report").get_data(as_text=True)
    for text in (page, report):
        assert "有 1 处须先处理。" in text
        assert "运行 server.py admin 姓名 建立第一个" in text
        assert "没有能登录的" in text
    assert "</html>" in page
    assert "</html>" not in report


def test_a_running_hall_looks_again_every_five_minutes_and_counts_what_it_found(
    client: FlaskClient,
) -> None:
    rooms: Rooms = client.application.extensions["hall"]
    clock, watch = rooms.clock, rooms.readiness
    assert isinstance(clock, MovedClock)
    watch._found = []
    rooms.readiness._spawn = lambda work: work()
    watch.tick()
    assert watch.counts() == {}
    clock.move(minutes=6)
    watch.tick()
    assert watch.counts()["bad"] == 1
    metrics = client.get("/metrics").get_data(as_text=True)
    assert 'hall_readiness_findings{state="bad"} 1.0' in metrics


def test_the_command_hears_from_the_server_of_its_own_file_alone(
    client: FlaskClient,
) -> None:
    rooms: Rooms = client.application.extensions["hall"]
    _, key = rooms.register.mint_key("display", "东侧大屏", zone="1F")
    client.get("/display?zone=1F", headers={"Authorization": f"Bearer {key}"})
    (number,) = [each.id for each in rooms.register.catalogue().devices if each.role == "display"]
    said = client.get("/metrics").get_data(as_text=True)
    known = known_by(said, rooms.database)
    assert known is not None
    assert known.seen[number or 0] == rooms.clock()
    assert known_by(said, rooms.database.with_name("other.db")) is None


def test_only_the_halls_own_backups_tell_how_old_the_newest_is(tmp_path: Path) -> None:
    database = tmp_path / "hall.db"
    folders = looking.backups_of(database, config.from_dict({"backup": {"folder": "second"}}))
    assert asking.newest(database, folders) is None
    backup = tmp_path / "backups" / "hall-20261119-020000.db"
    copy = tmp_path / "second" / "hall" / "20261119-030000-0" / "base.db"
    others = tmp_path / "second" / "hall-east-20261119-040000.db"
    for made, each in enumerate((backup, copy, others)):
        each.parent.mkdir(parents=True, exist_ok=True)
        each.write_bytes(b"")
        os.utime(each, (made, made))
    found = asking.newest(database, folders)
    assert found is not None
    assert found[1] == backup


def test_a_printer_whose_kiosk_awaits_its_pairing_is_not_asked(
    tmp_path: Path, clock: MovedClock
) -> None:
    rooms, asked = open_rooms(tmp_path / "hall.db", clock), list[str]()
    rooms.register.mint_key("kiosk", "1号取号机", zone="1F", printer="fake:one")
    rooms.register.save(Device(None, "kiosk", "2号取号机", None, "1F", "fake:two"))

    def printers(addresses: list[str]) -> dict[str, tuple[str, str]]:
        asked.extend(addresses)
        return {"fake:one": ("ok", ""), "fake:two": ("ok", "")}

    place = Place(tmp_path / "hall.db", config.Config(), printers, Running({}))
    found = {each.what: each for each in look(place, NOW, KEPT)}
    rooms.store.close()
    assert found["打印机（1号取号机）"].told == "正常，有纸"
    assert "1 台待配对：2号取号机" in found["取号机"].told
    assert ("打印机（2号取号机）" in found, asked) == (False, ["fake:one"])


def test_a_damaged_file_is_said_and_nothing_in_it_is_asked(tmp_path: Path) -> None:
    (tmp_path / "hall.db").write_bytes(b"no database")
    place = Place(
        tmp_path / "hall.db", config.Config(), lambda _: {}, wrong=lambda _: ["page 7 is lost"]
    )
    found = {each.what: each for each in look(place, NOW, KEPT)}
    assert found["数据文件"].state == "bad"
    assert "page 7 is lost" in found["数据文件"].told
    assert "restore --newest" in found["数据文件"].todo
    assert "窗口" not in found


def test_who_lost_the_halls_file_is_not_told_to_begin_anew(tmp_path: Path) -> None:
    vanished = tmp_path / "hall.db"
    traces_of(vanished).write_text("{}", encoding="utf-8")
    (found,) = [each for each in readiness(vanished, config.Config()) if each.what == "数据文件"]
    assert (found.state, "不见了" in found.told) == ("bad", True)
    assert "restore --newest" in found.todo
    assert "import" not in found.todo
