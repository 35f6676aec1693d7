"""``demo``: a made-up hall with two months behind it, served with links that sign in."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hall import days
from hall.config import Config
from hall.outside_settings import NotifySection
from hall.register import Register
from hall.store import Store

if TYPE_CHECKING:
    pass
from commandline.asked import Asked, CreateApp, TicksOf, say
from commandline.serving import serve_app
from safety.hold import Hold, held

LAST_PORT = 65_535
# People sign in by name; the made-up hall says how, a real one never has this word.
DEMO_WORD = "yunxi-demo"
DEMO_PEOPLE = (
    ("3001", "差评承办", "/cases"),
    ("2004", "督查", "/cases"),
    ("2005", "分管领导", "/cases/red"),
    ("2003", "导办员", "/helpdesk"),
    ("2001", "大厅负责人", "/manager"),
    ("9001", "系统管理员", "/manager"),
    ("9002", "安全管理员", "/manager/catalogue/people"),
    ("9003", "审计管理员", "/audit"),
)


def demo(asked: Asked, create_app: CreateApp, ticks_of: TicksOf) -> int:
    """Make the demonstration's hall if it is not there yet, and serve it; NotAllowed ``in_use``."""
    import demo as made_up

    database: Path = asked.words.database or asked.database.with_name(made_up.DEMO_DATABASE)
    with held(database) as hold:
        return _demonstrate(asked, database, create_app, ticks_of, hold)


def _demonstrate(
    asked: Asked, database: Path, create_app: CreateApp, ticks_of: TicksOf, hold: Hold
) -> int:
    import demo as made_up
    from demo import complained, expected, followed, life, ranked
    from demo.liveliness import Liveliness

    config = apart(asked.config).model_copy(
        update={
            "hall": asked.config.hall.model_copy(
                update={
                    "name": made_up.HALL_NAME,
                    "name_en": made_up.HALL_NAME_EN,
                    "always_open": True,
                }
            )
        }
    )
    if _must_be_made(database, config, asked.words.days):
        say(f"{why_made(database, asked.words.days)}：{database}")
        how_many = asked.words.days or life.DAYS
        counted = life.build(database, config, how_many_days=how_many, progress=life.Bar())
        followed.follow_up(database, config, days.now())
        complained.complain(database, config, days.now())
        ranked.rank(database, config, days.now())
        say(f"已生成 {counted.visits:,} 次办理、{counted.ratings:,} 次评价。")
    asked.config = config
    beside_a_real_hall = asked.words.database is None and asked.database.exists()
    if asked.words.port is None and beside_a_real_hall:
        asked.words.port = port_beside(config.server.port)
        say(f"这台机器上有正式大厅，演示改用 {asked.words.port} 端口。")
    app = create_app(config, database, demo=True)
    rooms = app.extensions["hall"]
    links = demo_links(rooms.register, rooms.door, database)
    links += expected.expect(rooms.bookings, days.now())
    links += _demo_people(rooms.register)
    rooms.demo_links.extend(links)
    lively = [] if asked.words.still else [Liveliness(rooms.desk, rooms.book).tick]
    ticks = [*ticks_of(app), *lively]

    def greet(address: str) -> None:
        hold.served_at(address)
        _show_demo(address, links)

    return serve_app(asked, app, lambda _: ticks, greet)


def apart(config: Config) -> Config:
    """Return settings with which nothing made up leaves: invented phones are somebody's."""
    return config.model_copy(update={"notify": NotifySection()})


def port_beside(port: int) -> int:
    """Return where a demonstration listens beside a real hall: no kiosk of the hall's finds it."""
    return port + 1 if 0 < port < LAST_PORT else port - 1 if port else 0


# -- its file ----------------------------------------------------------------------------------


def why_made(database: Path, days_asked: int | None) -> str:
    """Return in words why a demonstration is made (again)."""
    if not database.exists():
        return "正在生成演示大厅"
    if days_asked is not None:
        return f"正在按最近 {days_asked} 天重新生成演示大厅"
    return "演示数据不是今天的，正在重新生成（在演示里作过的改动不保留）"


def _must_be_made(database: Path, config: Config, days_asked: int | None) -> bool:
    """Return whether a new demonstration is due; refuse to touch a real hall's file."""
    if not database.exists():
        return True
    store = Store(database)
    try:
        Register(store, days.now).make_hall(config.hall.name, demo=True)
        return days_asked is not None or store.last_day() != days.day_of(
            days.now(), config.hall.zone
        )
    finally:
        store.close()


# -- its links ---------------------------------------------------------------------------------


def demo_links(register: Register, door: Any, database: Path) -> list[tuple[str, str]]:
    """Return a page's name and address each; the keys stay as long as the file does."""
    kept = database.with_name(f"{database.stem}.keys.json")
    keys: dict[str, str] = json.loads(kept.read_text()) if kept.exists() else {}
    links = []
    for name, role, window, zone, page in _demo_pages(register):
        # two pages of one device share its key: a new one would end the other
        place = " ".join(str(part) for part in (role, window, zone) if part)
        key = keys.get(place, "")
        if door.of_key(key) is None:
            key = keys[place] = _demo_key(register, role, window, zone)
        links.append((name, f"/enter#{key}&to={page}"))
    kept.write_text(json.dumps(keys, ensure_ascii=False))
    return links


def _demo_people(register: Register) -> list[tuple[str, str]]:
    """Return where those who follow up bad ratings sign in, and how."""
    from web.passwords import hash_of

    links = []
    for number, what, page in DEMO_PEOPLE:
        if register.person(number) is None:
            continue
        if register.password_hash(number) is None:
            register.set_password_hash(number, hash_of(DEMO_WORD), by="server.py demo")
        links.append((f"{what}（工号 {number} 密码 {DEMO_WORD}）", f"/sign-in?next={page}"))
    return links


def _demo_key(register: Register, role: str, window: int | None, zone: str | None) -> str:
    for each in register.catalogue().devices:
        if (each.role, each.window) == (role, window) and (zone is None or each.zone == zone):
            assert each.id is not None
            if role == "kiosk":  # slips stay in memory, the page shows their picture
                register.save(replace(each, printer="fake:"), by="server.py demo")
            elif role == "manager":  # the name that signs printed months
                register.save(replace(each, name="演示管理员"), by="server.py demo")
            return register.new_key(each.id)
    return register.mint_key(role, f"演示 {role}", window, zone)[1]


def _demo_pages(register: Register) -> list[tuple[str, str, int | None, str | None, str]]:
    catalogue = register.catalogue()
    shown = 3 if 3 in catalogue.window else min(catalogue.window)
    screen = "/display?zone="
    return [
        ("取号机", "kiosk", None, None, "/kiosk"),
        # %26: this & belongs to the page's address, not to what stands behind the #
        *(
            (f"大屏 {each.name}", "display", None, each.code, f"{screen}{each.code}%26voice=1")
            for each in catalogue.zones
        ),
        (f"{shown}号窗口", "window", shown, None, f"/window/{shown}"),
        (f"{shown}号窗口评价器", "evaluator", shown, None, f"/evaluator/{shown}"),
        ("咨询台", "manager", None, None, "/helpdesk"),
        ("管理", "manager", None, None, "/manager"),
    ]


def _show_demo(address: str, links: Sequence[tuple[str, str]]) -> None:
    say(f"\n演示大厅已启动：{address}　（按 Ctrl+C 停止）")
    say("打开下面的链接会自动登录，可以同时打开几个页面：")
    for name, page in links:
        say(f"  {name}：{address}{page}")
    say()
