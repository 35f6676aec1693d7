"""The command line: ``server.py`` and what can be written behind it."""

import argparse
import csv
import gc
import getpass
import json
import os
import re
import secrets
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import upkeep
from hall import config as settings
from hall import days
from hall.catalogue import DEVICE_ROLES, Person
from hall.config import Config
from hall.refusals import NotAllowed, NotValid
from hall.register import Register
from hall.store import Store

if TYPE_CHECKING:
    from flask import Flask

    from outbox.receivers import Receivers
    from rating.entering import Entries

HOUSE = Path(__file__).resolve().parent
CreateApp = Callable[..., "Flask"]
TicksOf = Callable[["Flask"], list[Callable[[], object]]]
SCOPES = ("window", "department", "clerk", "service")
LONGEST_CODE = 40
SHOWN_MOST = 50
WITH_AN_APP = ("serve", "demo", "import-ratings")
# People sign in by name; the made-up hall says how, a real one never has this word.
DEMO_WORD = "yunxi-demo"
DEMO_PEOPLE = (
    ("3001", "差评承办", "/cases"),
    ("2004", "督查", "/cases"),
    ("2005", "分管领导", "/cases/red"),
)
WEBHOOK_VERBS = ("add", "list", "remove", "retry")
PROVINCE_VERBS = ("list", "retry", "replay")
PROVINCE_STATES = {"pending": "待上报", "failed": "将重试", "sent": "已上报", "dead": "已放弃"}


class Asked:
    """What was asked for: the settings and the file they stand for, and the words themselves."""

    def __init__(self, words: argparse.Namespace) -> None:
        self.words = words
        given: Path | None = words.config
        usual = HOUSE / "config.toml"
        self.config_file = given or (usual if usual.exists() else None)
        self.config = settings.load(self.config_file)
        base = self.config_file.absolute().parent if self.config_file else HOUSE
        self.database: Path = words.database or base / self.config.server.database

    @property
    def host(self) -> str:
        """Where to listen: as told, else as set."""
        return str(self.words.host or self.config.server.host)

    @property
    def port(self) -> int:
        """The port to listen on: as told, else as set."""
        port = self.words.port
        return int(self.config.server.port if port is None else port)

    def register(self) -> Register:
        """Open the hall's file, made if it is not there yet, and return its data."""
        if self.database.exists():
            return Register(Store(self.database), days.now)
        register = Register(Store(self.database), days.now)
        register.make_hall(self.config.hall.name, demo=False)
        return register


def say(text: str = "") -> None:
    """Tell the person at the command line."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


# -- serving -----------------------------------------------------------------------------------


def serve(asked: Asked, create_app: CreateApp, ticks_of: TicksOf) -> int:
    """Serve the hall until told to end."""
    app = create_app(asked.config, asked.database)
    return _serve(asked, app, ticks_of, lambda address: _welcome(asked, app, address))


def _serve(asked: Asked, app: "Flask", ticks_of: TicksOf, greet: Callable[[str], None]) -> int:
    from gevent import get_hub

    from kiosk.slip import open_fonts
    from web import logs, serving

    logs.configure(asked.config.server.log)
    rooms = app.extensions["hall"]
    _spare_the_collector()
    server = serving.Server(app, asked.host, asked.port)
    try:
        server.init_socket()
    except OSError as error:
        raise NotAllowed(
            "port_taken",
            f"{asked.host}:{asked.port} 不能监听（{error.strerror}）。"
            "可能已有一个服务在运行；请先停止它，或用 --port 换一个端口。",
        ) from error
    shown = "127.0.0.1" if asked.host in ("0.0.0.0", "::") else asked.host  # noqa: S104 - compared

    def ready() -> None:
        greet(f"http://{shown}:{server.port}")
        # the first slip would wait most of a second for its fonts
        get_hub().threadpool.spawn(open_fonts)

    serving.run(server, ticks_of(app), rooms.metrics.note_delay, ready)
    app.extensions["outbox"].close()
    rooms.connector.close()
    rooms.store.close()
    return 0


def _spare_the_collector() -> None:
    """Let the garbage collector pass over what stays for good: 7 % of a ticket's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _welcome(asked: Asked, app: "Flask", address: str) -> None:
    register: Register = app.extensions["hall"].register
    say(f"{register.hall().name} 已启动：{address}　（按 Ctrl+C 停止）")
    say(f"数据文件：{asked.database}")
    if not register.administrators():
        say("还没有管理员。请在另一个命令行窗口运行：")
        say(f"  {_me()} admin 姓名{_same_place(asked)}")
        say(f"然后打开 {address}/sign-in 登录，在管理页面建立部门、业务、窗口和人员；")
        say(f"或先导入整个大厅：{_me()} import 大厅.xlsx{_same_place(asked)}")


def _me() -> str:
    return f"{Path(sys.executable).name} {Path(sys.argv[0]).name}"


def _same_place(asked: Asked) -> str:
    words = asked.words
    config = f' --config "{words.config}"' if words.config else ""
    return config + (f' --database "{words.database}"' if words.database else "")


# -- demonstration -----------------------------------------------------------------------------


def demo(asked: Asked, create_app: CreateApp, ticks_of: TicksOf) -> int:
    """Make the demonstration's hall if it is not there yet, and serve it."""
    import demo as made_up
    from demo import expected, followed, life
    from demo.liveliness import Liveliness

    config = asked.config.model_copy(
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
    database: Path = asked.words.database or asked.database.with_name(made_up.DEMO_DATABASE)
    if _must_be_made(database, config, asked.words.days):
        say(f"{why_made(database, asked.words.days)}：{database}")
        how_many = asked.words.days or life.DAYS
        counted = life.build(database, config, how_many_days=how_many, progress=life.Bar())
        followed.follow_up(database, config, days.now())
        say(f"已生成 {counted.visits:,} 次办理、{counted.ratings:,} 次评价。")
    asked.config = config
    app = create_app(config, database, demo=True)
    rooms = app.extensions["hall"]
    links = _demo_links(rooms.register, rooms.door, database)
    links += expected.expect(rooms.bookings, days.now())
    links += _demo_people(rooms.register)
    rooms.demo_links.extend(links)
    lively = [] if asked.words.still else [Liveliness(rooms.desk, rooms.book).tick]
    ticks = [*ticks_of(app), *lively]
    return _serve(asked, app, lambda _: ticks, lambda address: _show_demo(address, links))


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


def _demo_links(register: Register, door: Any, database: Path) -> list[tuple[str, str]]:
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


# -- the hall's data ---------------------------------------------------------------------------


def import_hall(asked: Asked) -> int:
    """Make the hall what a workbook says."""
    if asked.words.file == "demo":
        import demo as made_up

        content = made_up.WORKBOOK.read_bytes()
    else:
        content = _read(Path(asked.words.file))
    from manager.workbook import read

    register = asked.register()
    catalogue = read(content, register.catalogue())
    before = register.administrators()
    register.adopt(catalogue, "server.py import")
    staying = [each.name for each in before if each.staff_number not in catalogue.person]
    if staying and register.administrators() == before:
        say(f"表中没有能登录的系统管理员，{'、'.join(staying)} 仍是管理员。")
    say(
        f"已导入：{len(catalogue.departments)} 个部门、{len(catalogue.services)} 项业务、"
        f"{len(catalogue.windows)} 个窗口、{len(catalogue.people)} 名人员、"
        f"{len(catalogue.devices)} 台设备。"
    )
    return 0


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NotAllowed("no_file", f"打不开 {path}（{error.strerror}）。") from error


def import_ratings(asked: Asked, create_app: CreateApp) -> int:
    """Take the ratings of another system over from a file; with ``--check`` only look it over.

    In a whole app: what follows bad ratings and what goes up hear of them as of any other.
    """
    from rating.importing import FileProblems
    from rating.tables import table_of

    file: Path = asked.words.file
    asked.register().store.close()  # made, if it is not there yet
    entries: Entries = create_app(asked.config, asked.database).extensions["hall"].entries
    looked = entries.look_over(table_of(file.name, _read(file)))
    if looked.problems:
        raise FileProblems(looked.problems)
    found = f"{len(looked.news)} 条新的评价，{looked.known} 条以前导入过。"
    if asked.words.check:
        say(f"检查通过，没有导入：{found}")
        return 0
    loaded = entries.load(looked.news, file.name, by="server.py import-ratings")
    say(f"已导入 {loaded} 条；文件里有{found}")
    return 0


def tags(asked: Asked) -> int:
    """Add a version of the reasons that citizens may give."""
    from rating.tables import table_of

    file: Path = asked.words.file
    entries = _entries(asked)
    before = entries.tag_sets()[0]["version"]
    version = entries.load_tags(table_of(file.name, _read(file)), by="server.py tags")
    same = "与现在的标签相同，没有新增版本。"
    say(same if version == before else f"已启用第 {version} 版评价标签。")
    return 0


def _entries(asked: Asked) -> "Entries":
    from hall.desk import Desk
    from rating.book import Book
    from rating.entering import Entries

    register = asked.register()
    desk = Desk(register.store, register, asked.config, days.now)
    return Entries(Book(register.store, register, desk, asked.config, days.now))


def key(asked: Asked) -> int:
    """Mint a key for a device or a program and print it, this once."""
    words = asked.words
    if words.role == "evaluator" and words.window is None:
        raise NotValid("window_missing", f"{words.role} 的密钥须写明窗口：--window 号码。")
    _, made = asked.register().mint_key(
        words.role, words.name, words.window, words.zone, words.printer, by="server.py key"
    )
    say(made)
    return 0


def rotate_links(asked: Asked) -> int:
    """Sign the links on slips with a new key from now on."""
    from hall.desk import Desk
    from rating.book import Book

    register = asked.register()
    desk = Desk(register.store, register, asked.config, days.now)
    Book(register.store, register, desk, asked.config, days.now).rotate_links()
    say("今后小票上的链接用新密钥签名；已发出的链接在评价期限内仍然有效。")
    return 0


def webhook(asked: Asked) -> int:
    """Add, list, remove or retry the addresses that hear what happens in the hall."""
    from outbox.receivers import Receivers

    receivers, by = Receivers(asked.register().store, days.now), "server.py webhook"
    verb, what = asked.words.verb, asked.words.what
    if verb == "list":
        _list_webhooks(receivers)
    elif verb == "add":
        added = receivers.add(what or "", asked.words.events, by)
        say(f"已登记 webhook {added.id}：{added.url}")
        say(f"签名密钥（只显示这一次）：{added.secret}")
    elif verb == "remove":
        receivers.remove(_webhook_id(what), by)
        say(f"已删除 webhook {what}。")
    else:
        how_many = receivers.retry(_webhook_id(what), by)
        say(f"webhook {what} 已启用，{how_many} 条消息将重新发送。")
    return 0


def _webhook_id(text: str | None) -> int:
    if text is None or not (text.isascii() and text.isdigit()):
        raise NotValid("bad_webhook", "请写明 webhook 的编号，见 server.py webhook list。")
    return int(text)


def _list_webhooks(receivers: "Receivers") -> None:
    for each in receivers.all():
        events = "、".join(each.webhook.events) or "全部事件"
        off = "" if each.webhook.active else "　已停用"
        say(f"{each.webhook.id}　{each.webhook.url}　{events}{off}")
        say(f"　　已送达 {each.sent}，待发送 {each.open}，已放弃 {each.dead}　{each.last_error}")


def province(asked: Asked) -> int:
    """Say how the ratings on their way to the province stand, or send them again."""
    from hall.desk import Desk
    from province import adapters
    from province.connector import Connector
    from rating.book import Book

    register, by = asked.register(), "server.py province"
    desk = Desk(register.store, register, asked.config, days.now)
    book = Book(register.store, register, desk, asked.config, days.now)
    adapter = adapters.adapter_of(asked.config, asked.database.absolute().parent)
    connector = Connector(book, adapter, lambda *_: None)
    words = asked.words
    if words.verb == "replay":
        how_many = connector.replay(words.first or "", words.last or words.first or "", by=by)
        say(f"{how_many} 条将重新上报；省平台已有的不会重复。")
    elif words.verb == "retry":
        say(f"{connector.send_all_again(by=by)} 条失败的将重新上报。")
    else:
        counts = connector.standing().counts
        for state, word in PROVINCE_STATES.items():
            say(f"{word}　{counts.get(state, 0)}")
    return 0


def admin(asked: Asked) -> int:
    """Make an administrator, or give one a new password."""
    from web.passwords import hash_of

    register, name = asked.register(), asked.words.name.strip()
    number = asked.words.staff_number or _staff_number(register, name)
    known = register.catalogue().person.get(number)
    if known is not None and known.role != "administrator":
        raise NotAllowed("other_role", f"工号 {number} 是 {known.name}，不是管理员。请换一个工号。")
    password, made_up = _password(asked)
    kept = hash_of(password)
    register.save(Person(number, name, "administrator"), by="server.py admin")
    register.set_password_hash(number, kept, by="server.py admin")
    say(f"管理员 {name}，工号 {number}，可以在 /sign-in 登录。")
    if made_up:
        say(f"密码（只显示这一次）：{password}")
    return 0


def _staff_number(register: Register, name: str) -> str:
    """Return the number to sign in with: the name if it can be one, else admin, admin2 …"""
    same = [
        each.staff_number
        for each in register.catalogue().people
        if each.name == name and each.role == "administrator"
    ]
    if same:
        return same[0]
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", name) and len(name) <= LONGEST_CODE:
        return name
    taken = register.catalogue().person
    return next(
        number
        for number in ("admin", *(f"admin{count}" for count in range(2, 1000)))
        if number not in taken
    )


def _password(asked: Asked) -> tuple[str, bool]:
    """Return the password and whether it was made up because nobody could be asked."""
    if asked.words.password_file:
        text = _read(asked.words.password_file).decode("utf-8-sig", "replace")
        return text.splitlines()[0].strip() if text.strip() else "", False
    if sys.stdin is None or not sys.stdin.isatty():
        return secrets.token_urlsafe(12), True
    first = getpass.getpass("新密码（输入时不显示）：")
    if first != getpass.getpass("再输入一次："):
        raise NotValid("passwords_differ", "两次输入的密码不一样，没有改动。")
    return first, False


# -- care --------------------------------------------------------------------------------------


def check(asked: Asked) -> int:
    """Say whether all is ready to open."""
    bad = 0
    for finding in upkeep.readiness(asked.database, asked.config):
        say(finding.line())
        bad += finding.state == "bad"
    say("可以开门。" if not bad else f"有 {bad} 处须先处理。")
    return 1 if bad else 0


def backup(asked: Asked) -> int:
    """Copy the hall's file while it is in use."""
    name = f"{asked.database.stem}-{upkeep.stamp(days.now(), asked.config)}.db"
    target: Path = asked.words.file or asked.database.parent / "backups" / name
    size = upkeep.back_up(asked.database, target)
    say(f"已备份到 {target}（{size / 1024**2:.1f} MB），检查完好。")
    return 0


def restore(asked: Asked) -> int:
    """Put a backup in the place of the hall's file, and verify it."""
    now = upkeep.stamp(days.now(), asked.config)
    kept = upkeep.restore(asked.words.file, asked.database, now)
    if kept is not None:
        say(f"原来的数据文件保留在 {kept}。")
    say(f"已用 {asked.words.file} 恢复 {asked.database}。")
    return verify(asked)


def verify(asked: Asked) -> int:
    """Prove that the file is whole, keeps the hall's rules, and its months add up."""
    found = upkeep.verify(asked.database, asked.config)
    for each in found:
        say(f"✗ {each}")
    say(
        "✓ 数据完好，规则无一违反，月报与记录一致。" if not found else f"发现 {len(found)} 处问题。"
    )
    return 1 if found else 0


def month(asked: Asked) -> int:
    """Print a month's table."""
    from hall.desk import Desk
    from rating import export
    from rating.book import Book

    if not asked.database.exists():
        raise NotAllowed("no_database", f"没有数据文件 {asked.database}。")
    store = Store(asked.database)
    register = Register(store, days.now)
    desk = Desk(store, register, asked.config, days.now)
    book = Book(store, register, desk, asked.config, days.now)
    table = book.month(asked.words.month, asked.words.by).to_json()
    if asked.words.csv:
        heading = export.Heading(hall=register.hall().name)
        _write_bytes(export.render("csv", table, heading))
        return 0
    say(f"{table['month']}　按 {table['by']}")
    out = csv.writer(sys.stdout, delimiter="\t", lineterminator="\n")
    out.writerow(("编号", "名称", "办件", "评价", "满意率", "评价率"))
    for row in (*table["rows"], table["totals"]):
        rates = [f"{row[name]['text']}" for name in ("satisfaction", "rating_rate")]
        out.writerow((row["key"], row["name"], row["served"], row["rated"], *rates))
    return 0


def _write_bytes(content: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


# -- words -------------------------------------------------------------------------------------


def parser() -> argparse.ArgumentParser:
    """Return how the command line is read."""
    whole = argparse.ArgumentParser(
        prog="server.py",
        description="政务大厅排队叫号与好差评。不写命令就是 serve：启动大厅。",
        epilog="每个命令都有自己的说明：server.py 命令 --help。没有配置文件时一切按默认设置。",
    )
    place = argparse.ArgumentParser(add_help=False)
    place.add_argument("--config", type=Path, metavar="FILE", help="配置文件（默认 config.toml）")
    place.add_argument("--database", type=Path, metavar="FILE", help="数据文件（默认按配置）")
    commands = whole.add_subparsers(dest="command", metavar="命令", required=True)

    def add(name: str, what: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=what, description=what, parents=[place])

    for name, what in (("serve", "启动大厅"), ("demo", "启动演示大厅（数据另存一个文件）")):
        served = add(name, what)
        served.add_argument("--host", help="监听地址，默认 127.0.0.1（只本机可用）")
        served.add_argument("--port", type=int, metavar="N", help="监听端口，默认 8000；0 为任选")
        if name == "demo":
            served.add_argument("--days", type=_count, metavar="N", help="生成最近多少天，重新生成")
            served.add_argument("--still", action="store_true", help="大厅静止：没有人来，窗口不动")
    add("import", "导入大厅资料（部门、业务、窗口、人员、设备）").add_argument(
        "file", metavar="FILE.xlsx", help="工作簿；写 demo 则导入随附的 76 窗口大厅"
    )
    ratings = add("import-ratings", "导入其他系统收到的评价，同一文件导入两次不会重复")
    ratings.add_argument("file", type=Path, metavar="FILE", help="CSV 或 XLSX，见 docs/ratings.md")
    ratings.add_argument("--check", action="store_true", help="只检查，不导入")
    add("tags", "启用新一版评价标签，旧版本保留").add_argument(
        "file", type=Path, metavar="FILE", help="CSV 或 XLSX：等级、代码、直接显示、标签"
    )
    _add_people_and_keys(add)
    add("check", "开门前的检查：磁盘、数据、时钟、打印机、窗口、语音")
    add("backup", "备份数据文件，运行中也可以").add_argument(
        "file", type=Path, nargs="?", metavar="FILE", help="备份到哪里（默认 backups 文件夹）"
    )
    add("restore", "用备份恢复数据文件，原文件保留；须先停止服务").add_argument(
        "file", type=Path, metavar="FILE", help="备份文件"
    )
    add("verify", "核对数据：文件完好、规则无违反、月报与记录一致")
    table = add("month", "显示或导出一个月的统计")
    table.add_argument("month", metavar="YYYY-MM", help="哪个月，如 2026-11")
    table.add_argument("--by", choices=SCOPES, default="window", help="按窗口、部门、人员或业务")
    table.add_argument("--csv", action="store_true", help="输出 CSV")
    return whole


def _add_people_and_keys(add: Callable[[str, str], argparse.ArgumentParser]) -> None:
    minted = add("key", "为一台设备或一个程序发密钥，只显示这一次")
    minted.add_argument("role", choices=DEVICE_ROLES, metavar="ROLE", help="、".join(DEVICE_ROLES))
    minted.add_argument("--name", required=True, metavar="TEXT", help="设备名称，如 一楼取号机")
    minted.add_argument("--window", type=int, metavar="N", help="只用于这个窗口")
    minted.add_argument("--zone", metavar="Z", help="只用于这个分区")
    minted.add_argument("--printer", default="", metavar="URL", help="如 tcp://192.168.1.50:9100")
    add("rotate-links", "更换小票评价链接的签名密钥，已发出的链接仍然有效")
    hook = add("webhook", "把大厅里发生的事告诉别的程序：登记、列出、删除网址，或重发")
    hook.add_argument("verb", choices=WEBHOOK_VERBS, metavar="VERB", help="、".join(WEBHOOK_VERBS))
    hook.add_argument("what", nargs="?", metavar="URL|ID", help="add 的网址；remove、retry 的编号")
    hook.add_argument("--events", default="", metavar="A,B", help="只要这些事件（默认全部）")
    told = add("province", "上报省平台的评价：列出、重发失败的，或重新上报某些日期的")
    told.add_argument(
        "verb", choices=PROVINCE_VERBS, metavar="VERB", help="、".join(PROVINCE_VERBS)
    )
    told.add_argument("first", nargs="?", metavar="FROM", help="replay 的第一天，如 2026-11-01")
    told.add_argument("last", nargs="?", metavar="TO", help="replay 的最后一天（默认同一天）")
    chief = add("admin", "建立管理员，或重设其密码")
    chief.add_argument("name", metavar="NAME", help="姓名")
    chief.add_argument("--staff-number", metavar="N", help="登录用的工号（默认由姓名得出或 admin）")
    chief.add_argument("--password-file", type=Path, metavar="F", help="第一行是密码的文件")


def _count(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 3660:
        raise argparse.ArgumentTypeError("须在 1 到 3660 之间")
    return number


def main(words: Sequence[str], create_app: CreateApp, ticks_of: TicksOf) -> int:
    """Do what the command line says; a refusal is a sentence on the standard error."""
    _speak_utf8()
    whole = parser()
    named = bool(words) and words[0] in {"-h", "--help", *WITH_AN_APP, *COMMANDS}
    # a word that is no option was meant as a command: argparse says which there are
    meant = named or (bool(words) and not words[0].startswith("-"))
    read = whole.parse_args(words if meant else ["serve", *words])
    try:
        asked = Asked(read)
        if read.command in ("serve", "demo"):
            run = serve if read.command == "serve" else demo
            return run(asked, create_app, ticks_of)
        if read.command == "import-ratings":
            return import_ratings(asked, create_app)
        return COMMANDS[read.command](asked)
    except settings.BadConfig as mistakes:
        _refuse(f"配置有误：\n{mistakes}")
    except NotAllowed as refusal:
        _refuse(refusal.message + _details(refusal))
    except BrokenPipeError:
        # whoever read along (a pager, head) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _details(refusal: NotAllowed) -> str:
    """Return all problems of a workbook or a catalogue, a line each."""
    found = getattr(refusal, "problems", ())
    return "".join(f"\n  {_place(each)}{each.message}" for each in list(found)[:SHOWN_MOST])


def _place(problem: Any) -> str:
    if line := getattr(problem, "line", 0):
        return f"第 {line} 行："
    cell = getattr(problem, "cell", "") or getattr(problem, "column", "")
    return f"{getattr(problem, 'sheet', '')} {cell}：".lstrip()


def _refuse(text: str) -> NoReturn:
    sys.stderr.write(f"{text}\n")
    raise SystemExit(1)


def _speak_utf8() -> None:
    """Write Chinese on consoles whose own alphabet has none, as on some Windows."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


COMMANDS: dict[str, Callable[[Asked], int]] = {
    "import": import_hall,
    "tags": tags,
    "key": key,
    "rotate-links": rotate_links,
    "webhook": webhook,
    "province": province,
    "admin": admin,
    "check": check,
    "backup": backup,
    "restore": restore,
    "verify": verify,
    "month": month,
}
