"""What a hall still knows of its machines when its server comes back."""

from pathlib import Path

import pytest
from halls import SMALL_HALL, MovedClock

from commandline.demonstration import demo_links
from hall import config, days
from monitor.rules import Kind
from server import create_app
from web.current import Rooms

OPEN = config.from_dict({"hall": {"name": "云溪县政务服务中心", "always_open": True}})


def started(folder: Path, clock: MovedClock) -> Rooms:
    """A hall's server that has just come up."""
    rooms: Rooms = create_app(OPEN, folder / "hall.db", clock).extensions["hall"]
    if not rooms.register.catalogue().windows:
        rooms.register.adopt(SMALL_HALL)
    return rooms


def silent(rooms: Rooms) -> list[str]:
    """Look as the clock does; return whose silence stands in the ledger."""
    rooms.monitor.tick()
    return [each.subject for each in rooms.monitor.alarms.standing() if each.kind is Kind.SILENT]


@pytest.fixture
def clock() -> MovedClock:
    """A clock of this hall's own."""
    return MovedClock()


def test_a_restart_ends_no_alarm_of_a_screen_that_is_still_away(
    tmp_path: Path, clock: MovedClock
) -> None:
    rooms = started(tmp_path, clock)
    screen, _ = rooms.register.mint_key("display", "东侧大屏", zone="1F")
    clock.move(minutes=12)
    away = [f"device:{screen.id}"]
    assert silent(rooms) == away
    rooms.store.close()
    rooms = started(tmp_path, clock)
    for _ in range(3):
        assert silent(rooms) == away
        clock.move(minutes=2)
    there = rooms.door.device(screen.id or 0)
    assert there is not None
    rooms.door.here(there)
    assert silent(rooms) == away  # a calm minute first
    clock.move(minutes=2)
    assert silent(rooms) == []
    rooms.store.close()


def test_an_alarm_of_a_screen_turns_red_by_the_minutes_before_a_restart_too(
    tmp_path: Path, clock: MovedClock
) -> None:
    rooms = started(tmp_path, clock)
    rooms.register.mint_key("display", "东侧大屏", zone="1F")
    clock.move(minutes=12)
    assert silent(rooms)
    rooms.store.close()
    rooms = started(tmp_path, clock)
    clock.move(minutes=21)
    assert silent(rooms)
    (alarm,) = rooms.monitor.alarms.standing()
    assert alarm.level == "red"
    rooms.store.close()


def test_to_look_a_device_up_is_no_sign_of_life(tmp_path: Path, clock: MovedClock) -> None:
    """Bug: a demonstration that printed its links again had every device of the hall online."""
    rooms = started(tmp_path, clock)
    first = demo_links(rooms.register, rooms.door, tmp_path / "hall.db")
    assert demo_links(rooms.register, rooms.door, tmp_path / "hall.db") == first
    device, key = rooms.register.mint_key("display", "东侧大屏", zone="2F")
    assert rooms.door.of_key(key) is not None
    void = ["device", device.id, "token.of-another-key", clock(), None]
    assert rooms.door.known(void) is None
    assert rooms.door.seen == {}
    rooms.store.close()


def test_a_screen_that_only_listens_is_there_as_long_as_its_socket_is(
    tmp_path: Path, clock: MovedClock
) -> None:
    app = create_app(OPEN, tmp_path / "hall.db", clock)
    rooms: Rooms = app.extensions["hall"]
    screen, key = rooms.register.mint_key("display", "东侧大屏")
    socket = rooms.sockets.socketio.test_client(app, auth={"key": key})
    assert rooms.door.seen == {screen.id: clock()}
    clock.move(minutes=30)
    rooms.sockets.cut_void()
    assert rooms.door.seen == {screen.id: clock()}
    socket.disconnect()
    clock.move(minutes=30)
    rooms.sockets.cut_void()
    assert rooms.door.seen == {screen.id: clock() - 30 * days.MINUTE}
    rooms.store.close()


def test_a_device_that_asks_is_there_and_after_a_restart_the_page_says_since_when_it_knows(
    tmp_path: Path, clock: MovedClock
) -> None:
    app = create_app(OPEN, tmp_path / "hall.db", clock)
    rooms: Rooms = app.extensions["hall"]
    rooms.register.adopt(SMALL_HALL)
    screen, key = rooms.register.mint_key("display", "东侧大屏", zone="1F")
    _, manager = rooms.register.mint_key("manager", "演示")

    def ask(path: str, by: str) -> str:
        return app.test_client().get(path, headers={"Authorization": f"Bearer {by}"}).text

    assert "启动后尚未连接" in ask("/manager/devices", manager)
    assert screen.id not in rooms.door.seen
    assert ask("/display?zone=1F", key)
    assert rooms.door.seen[screen.id or 0] == clock()
    assert "启动后尚未连接" not in ask("/manager/devices", manager)
    assert "尚未连接" in ask("/manager/devices", manager)  # evaluators without a key
    rooms.store.close()
