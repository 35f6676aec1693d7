"""A small hall for tests, a clock that tests move, and the rooms on a real SQLite file."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import schema
from hall import config, days
from hall.catalogue import Catalogue, Department, Device, Person, Service, Window, Zone
from hall.desk import Desk
from hall.register import Register
from hall.store import Store
from rating.book import Book

SHANGHAI = ZoneInfo("Asia/Shanghai")

SMALL_HALL = Catalogue(
    departments=(
        Department("MZ", "民政局", "Civil Affairs", 1),
        Department("BDC", "不动产登记中心", "Real Estate", 2),
    ),
    zones=(Zone("1F", "一楼大厅", "Ground floor", 1), Zone("2F", "二楼大厅", "Upper floor", 2)),
    services=(
        Service("marriage", "婚姻登记", "Marriage", "A", "MZ", common=True, usual_minutes=10),
        Service("estate", "不动产登记", "Real estate", "B", "BDC", common=True, usual_minutes=20),
        Service("advice", "业务咨询", "Advice", "Z", "MZ", usual_minutes=3),
        Service("nowhere", "无人窗口业务", "Served nowhere", "X", "MZ"),
    ),
    windows=(
        Window(1, "", "1F", "MZ", ("marriage", "advice")),
        Window(2, "", "1F", "MZ", ("marriage",)),
        Window(3, "不动产一号", "2F", "BDC", ("estate",)),
        Window(4, "综合窗口", "2F", "BDC", ("estate", "marriage", "advice")),
    ),
    people=(
        Person("1001", "张敏", "clerk", "办事员", "MZ", 1),
        Person("1002", "李㛃", "clerk", "办事员", "MZ", 2),
        Person("1003", "欧阳慧敏", "clerk", "办事员", "BDC", 3),
        Person("1004", "王强", "clerk", "办事员", "BDC", 4),
        Person("9001", "赵主任", "manager", "大厅主任"),
        Person("9000", "管理员", "administrator"),
    ),
    devices=tuple(Device(None, "evaluator", f"{no}号评价器", no) for no in (1, 2, 3, 4)),
)


@dataclass
class MovedClock:
    """A clock that stands still until a test moves it."""

    instant: int = int(datetime(2026, 11, 20, 10, 0, tzinfo=SHANGHAI).timestamp() * 1000)

    def __call__(self) -> int:
        return self.instant

    def move(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0) -> None:
        """Move the clock, backwards too."""
        total = seconds * days.SECOND + minutes * days.MINUTE + hours * days.HOUR
        self.instant += int(total)


@dataclass
class Rooms:
    """The rooms of a hall on one file."""

    store: Store
    register: Register
    desk: Desk
    book: Book
    clock: MovedClock
    taps: int = field(default=0)

    def take(self, service: str = "marriage", **more: Any) -> int:
        """Take a ticket with a fresh tap and return its id."""
        self.taps += 1
        return self.desk.issue(service, f"tap-{self.taps:08d}", **more).ticket.id

    def serve(self, window: int, minutes: float = 5, outcome: str = "completed") -> int:
        """Call, start and finish whoever is next, and return the visit."""
        visit = self.desk.call_next(window).visit
        self.desk.start(window)
        self.clock.move(minutes=minutes)
        self.desk.finish(window, outcome)
        return visit


def opened(path: Path) -> Store:
    """Open a hall's file; a new one has every room's tables, as a served hall's."""
    return Store(path, rooms=() if path.exists() else schema.OF_ROOMS)


def open_rooms(
    path: Path, clock: MovedClock, catalogue: Catalogue = SMALL_HALL, **settings: Any
) -> Rooms:
    """Open a file as a hall; ``settings`` are sections of config.toml."""
    # seven days a week, unless a test is about days: the clock is moved over weekends too
    every_day = {"weekdays": "1234567", "holidays": False}
    hall = {"name": "云溪县政务服务中心", **every_day, **settings.pop("hall", {})}
    told = config.from_dict({"hall": hall, **settings})
    store = opened(path)
    register = Register(store, clock)
    register.make_hall(told.hall.name, demo=False)
    if not register.catalogue().windows:
        register.adopt(catalogue)
    desk = Desk(store, register, told, clock)
    return Rooms(store, register, desk, Book(store, register, desk, told, clock), clock)
