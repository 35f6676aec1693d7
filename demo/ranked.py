"""How the demo hall's past month was ranked: inspected, drafted, signed and published."""

from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from demo.followed import INSPECTOR, LEADER, MANAGER, Hand
from hall import days
from hall.config import Config
from hall.days import DAY, HOUR, Instant
from hall.desk import Desk
from hall.register import Register
from hall.store import Store
from ranking.rankings import Rankings
from rating.book import Book

# Every so many windows one was found wanting, for one of these; the others keep all points.
EVERY = 7
SEEN = (
    ("8", "上班时间空岗一次"),
    ("9", "未佩戴工作牌"),
    ("7.5", "迟到两次"),
    ("9.5", "台面物品摆放凌乱"),
    ("6", "工作时间接打私人电话"),
)


def rank(database: Path, config: Config, now: Instant) -> str:
    """Publish the month before ``now`` and return its name, ``YYYY-MM``."""
    store, clock = Store(database), Hand(now)
    try:
        register = Register(store, clock)
        desk = Desk(store, register, config, clock)
        book = Book(store, register, desk, config, clock)
        room = Rankings(store, register, desk, book, config, clock)
        month = days.month_before(room.this_month())
        _, past = days.month_bounds(month, room.zone)
        _inspect(room, clock, month, past)
        clock.instant = min(now, past + DAY + 9 * HOUR)
        made = room.draft(month, by=MANAGER, tap=_tap("draft"))
        clock.instant = min(now, clock.instant + 5 * HOUR)
        room.sign(made.id, by=LEADER, tap=_tap("sign"))
        clock.instant = min(now, clock.instant + HOUR)
        room.publish(made.id, by=MANAGER, tap=_tap("publish"))
    finally:
        store.close()
    return month


def _inspect(room: Rankings, clock: Hand, month: str, past: Instant) -> None:
    """Write down what an inspector saw, and which windows the complaints concern."""
    clock.instant = past - 8 * HOUR
    windows = [each for each in room.register.catalogue().windows if each.active]
    for number, window in enumerate(windows[::EVERY]):
        points, words = SEEN[number % len(SEEN)]
        room.give(month, window.no, points, words, by=INSPECTOR, tap=_tap(f"window {window.no}"))
    for concern in room.concerns(month):
        own = [each.no for each in windows if each.department == concern.unit]
        told = "调看监控属实" if own else "与窗口服务无关"
        tap = _tap(f"complaint {concern.complaint}")
        room.find(month, concern.complaint, own[0] if own else None, told, by=INSPECTOR, tap=tap)


def _tap(what: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"demo ranking {what}"))
