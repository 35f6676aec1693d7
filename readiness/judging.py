"""When something is ready, worth a note, or in the way of opening: limits and sentences."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hall.administrators import ADMINISTRATOR, AUDIT, SECURITY, able
from hall.catalogue import Catalogue, Device
from hall.days import DAY, HOUR, MINUTE, SECOND, Instant
from readiness.clocks import Sync
from readiness.findings import Finding, Group, State

GIGABYTE = 1024**3
MEGABYTE = 1024**2
LEAST_FREE = GIGABYTE
# A disk that is full in a quarter is ordered this month, one that is full in a month today.
DAYS_NOTED, DAYS_BAD = 90, 14
# A clock that was never set stands in a year before this house was built.
FIRST_YEAR = 2026
# Slips, limits and evidence are by the minute; systems beside ours refuse signatures 5 min off.
OFFSET_NOTED, OFFSET_BAD = 2.0, 60.0
# The file's last row may be a moment newer than a clock that was just put right.
BACKWARDS_MOST = 2 * SECOND
CERTIFICATE_NOTED, CERTIFICATE_BAD = 30, 7
BACKUP_NOTED, BACKUP_BAD = 30 * HOUR, 7 * DAY
# A page that is open asks or is heard every second; a machine that restarts takes two minutes.
SILENT_MOST = 3 * MINUTE
UNSEEN = "服务没有运行，看不到是否连着"
START_FIRST = "启动服务后再检查一次"
PAIR = "在它的浏览器里打开 /pair，再在管理页面“设备”里输入它显示的配对码"
MOST_NAMED = 8
ONLY_HERE = ("127.0.0.1", "::1", "localhost")
ADMINISTRATORS: dict[str, tuple[str, State, str, str]] = {
    ADMINISTRATOR: ("系统管理员", "bad", "还没有能登录的", "运行 server.py admin 姓名 建立第一个"),
    SECURITY: (
        "安全管理员",
        "note",
        "还没有能登录的，由系统管理员兼管人员和密码",
        "运行 server.py admin 姓名 --role security",
    ),
    AUDIT: (
        "审计管理员",
        "note",
        "还没有能登录的，没有人能查看审计记录",
        "运行 server.py admin 姓名 --role audit",
    ),
}
RESTORE = "运行 server.py restore --newest 取回最新的完好备份"
IMPORT = "运行 server.py import 文件.xlsx 导入大厅资料（import demo 是随附的大厅）"


@dataclass(frozen=True, slots=True)
class Running:
    """What only the running server knows: when each device was last heard of."""

    seen: Mapping[int, Instant]


def _named(names: Sequence[str]) -> str:
    rest = f"等 {len(names)} 个" if len(names) > MOST_NAMED else ""
    return "、".join(names[:MOST_NAMED]) + rest


def _days(milliseconds: float) -> int:
    return int(milliseconds // DAY)


# -- the server --------------------------------------------------------------------------------


def disk(what: str, place: str, free: int, grows: float | None) -> Finding:
    """Judge a disk by its free bytes and by when the hall's file fills it (bytes a day)."""
    told = f"{place} 剩余 {free / GIGABYTE:.1f} GB"
    if free < LEAST_FREE:
        return Finding("bad", what, told, "清出空间，或把数据移到更大的磁盘", Group.SERVER)
    if not grows:
        return Finding("ok", what, told, group=Group.SERVER)
    full = int((free - LEAST_FREE) / grows)
    told += f"；按近 30 天每天增加 {grows / MEGABYTE:.1f} MB，"
    told += f"约 {full} 天后用完" if full < 3650 else "十年内够用"
    if full < DAYS_BAD:
        return Finding("bad", what, told, "今天就清出空间或换更大的磁盘", Group.SERVER)
    if full < DAYS_NOTED:
        return Finding("note", what, told, "安排换更大的磁盘", Group.SERVER)
    return Finding("ok", what, told, group=Group.SERVER)


def clock(shown: str, year: int, now: Instant, last: Instant | None, sync: Sync) -> Finding:
    """Judge the clock against the newest record and against whoever keeps it."""

    def said(state: State, told: str, todo: str = "") -> Finding:
        return Finding(state, "时钟", f"{shown}，{told}", todo, Group.SERVER)

    if year < FIRST_YEAR:
        return said("bad", "明显不对", "请校时，再启动服务")
    if last is not None and last - now > BACKWARDS_MOST:
        behind = (last - now) / MINUTE
        return said("bad", f"比最后一条记录早 {behind:.1f} 分钟", "时钟被拨回过，请校时")
    if sync.kept is None:
        return said("note", "不知道有没有自动校时", "装 chrony，或接入单位的时间服务器")
    if not sync.kept:
        return said("note", "没有与时间服务器同步", "检查 NTP 设置和网络")
    if sync.offset is None:
        return said("ok", f"已自动校时（{sync.by}），偏差未知")
    told = f"已自动校时（{sync.by}），偏差 {abs(sync.offset):.3f} 秒"
    if abs(sync.offset) >= OFFSET_BAD:
        return said("bad", told, "请校时")
    return said("note" if abs(sync.offset) >= OFFSET_NOTED else "ok", told)


def certificate(name: str, until: Instant | None, now: Instant) -> Finding:
    """Judge a TLS certificate by the days it is still good; None is one that cannot be read."""

    def said(state: State, told: str) -> Finding:
        todo = "" if state == "ok" else "更换证书后重启服务"
        return Finding(state, "证书", told, todo, Group.SERVER)

    if until is None:
        return said("bad", f"{name} 打不开或不是证书")
    left = _days(until - now)
    if until <= now:
        return said("bad", f"{name} 已过期 {_days(now - until)} 天")
    if left < CERTIFICATE_BAD:
        return said("bad", f"{name} 还有 {left} 天到期")
    return said("note" if left < CERTIFICATE_NOTED else "ok", f"{name} 还有 {left} 天到期")


def not_encrypted(public_url: str) -> Finding:
    """Judge a hall that other machines reach without TLS; a proxy in front may have it."""
    if public_url.startswith("https://"):
        told = "由前面的反向代理负责（public_url 是 https）"
        return Finding("ok", "加密", told, group=Group.SERVER)
    todo = '运行 server.py certificate 名称 地址，再写 [server] tls = "own-ca"（docs/tls.md）'
    return Finding("note", "加密", "没有：密码和号票在局域网里明文传送", todo, Group.SERVER)


def open_secrets(names: Sequence[str]) -> Finding:
    """Judge secrets written out in a config.toml that every account of the machine may read."""
    todo = "运行 chmod 600 config.toml；或改写成 env:变量名、file:文件"
    told = f"config.toml 人人可读，里面写着 {'、'.join(names)}"
    return Finding("note", "密钥", told, todo, Group.SERVER)


# -- the data ----------------------------------------------------------------------------------


def audit_log(lost: int, *, down: bool) -> Finding:
    """Judge the running hall's audit log by the rows it did not take since the start."""
    if down:
        told = f"写不进去，已有 {lost} 条没有记上；管理操作暂停"
        return Finding("bad", "审计日志", told, "检查磁盘空间和数据文件")
    if lost:
        told = f"启动以来有 {lost} 条没能写进去，现在已恢复"
        return Finding("note", "审计日志", told, "没有记上的在服务日志里（audit_lost），请另存")
    return Finding("ok", "审计日志", "启动以来没有漏记")


def backup(newest: Instant | None, where: str, now: Instant, shown: str) -> Finding:
    """Judge how old the newest backup is; None is none at all."""
    todo = "运行 server.py backup；大厅运行时每夜自动备份，没有做成的原因见日志"
    if newest is None:
        return Finding("note", "备份", f"{where} 里还没有备份", todo)
    old = now - newest
    hours = f"{old // HOUR} 小时" if old >= HOUR else "不到 1 小时"
    age = hours if old < 2 * DAY else f"{_days(old)} 天"
    told = f"最近一份 {shown}（{age}前），在 {where}"
    if old > BACKUP_BAD:
        return Finding("bad", "备份", told, todo)
    return (
        Finding("note", "备份", told, todo) if old > BACKUP_NOTED else Finding("ok", "备份", told)
    )


def backlog(what: str, waiting: int, oldest: Instant | None, now: Instant) -> Finding:
    """Judge what still waits to leave the hall by the age of its oldest."""
    if not waiting or oldest is None:
        return Finding("ok", what, "没有积压", group=Group.OUTSIDE)
    old = (now - oldest) // MINUTE
    told = f"{waiting} 条待发，最早的已等 {old} 分钟"
    if old < 60:
        return Finding("ok", what, told, group=Group.OUTSIDE)
    return Finding("note", what, told, "检查外网和接收方", Group.OUTSIDE)


# -- people, windows, services -----------------------------------------------------------------


def people(catalogue: Catalogue, with_password: frozenset[str]) -> Iterator[Finding]:
    """Judge who can sign in; a hall opens without the security and audit administrators."""
    for role, (word, state, without_any, how) in ADMINISTRATORS.items():
        if chiefs := able(catalogue.people, with_password, role):
            told = _named([each.staff_number for each in chiefs])
            yield Finding("ok", word, told, group=Group.PEOPLE)
        else:
            yield Finding(state, word, without_any, how, Group.PEOPLE)
    active = [each for each in catalogue.people if each.active]
    can = [each for each in active if each.staff_number in with_password]
    clerks = sum(each.role == "clerk" for each in can)
    told, without = f"{clerks} 人可以登录", sum(each.role == "clerk" for each in active) - clerks
    if without:
        told += f"，另有 {without} 人没有密码"
    todo = "在管理页面“人员”里生成密码" if without or not clerks else ""
    yield Finding("note" if todo else "ok", "窗口人员", told, todo, Group.PEOPLE)


def second_factor(setting: str) -> Finding:
    """Judge whether those who manage the hall need more than a password."""
    if setting == "off":
        told = "没有要求，负责人和管理员只凭密码登录"
        todo = '正式大厅请在 config.toml 里写 [security] second_factor = "managers"'
        return Finding("note", "二次验证", told, todo, Group.PEOPLE)
    whom = {"administrators": "三种管理员", "managers": "负责人、领导和三种管理员"}[setting]
    return Finding("ok", "二次验证", f"{whom}登录时另用手机验证码", group=Group.PEOPLE)


def windows(catalogue: Catalogue) -> Finding:
    """Judge the windows: there are some, and each serves something."""
    active = [each for each in catalogue.windows if each.active]
    idle = [str(each.no) for each in active if not each.services]
    if not active:
        return Finding("bad", "窗口", "还没有", IMPORT, Group.PEOPLE)
    if idle:
        told = f"{len(active)} 个，其中 {_named(idle)} 号没有业务"
        return Finding("note", "窗口", told, "在管理页面“窗口”里选择业务", Group.PEOPLE)
    return Finding("ok", "窗口", f"{len(active)} 个，都有业务", group=Group.PEOPLE)


def services(catalogue: Catalogue) -> Finding:
    """Judge the services: there are some, and each has a window."""
    active = [each for each in catalogue.services if each.active]
    nowhere = [each.name for each in active if not catalogue.windows_of[each.code]]
    todo = "在管理页面“窗口”里选择业务"
    if not active:
        return Finding("bad", "业务", "还没有", IMPORT, Group.PEOPLE)
    if len(nowhere) == len(active):
        return Finding("bad", "业务", "都没有窗口办理", todo, Group.PEOPLE)
    if nowhere:
        return Finding("note", "业务", f"没有窗口办理：{_named(nowhere)}", todo, Group.PEOPLE)
    return Finding("ok", "业务", f"{len(active)} 项，都有窗口办理", group=Group.PEOPLE)


# -- machines ----------------------------------------------------------------------------------


def voice(clips: int) -> Finding:
    """Judge whether the screens can speak."""
    if not clips:
        todo = "重新安装：static/voice 里缺文件"
        return Finding("bad", "语音", "没有语音文件，大屏不会播报", todo, Group.DEVICES)
    return Finding("ok", "语音", f"{clips} 个语音文件", group=Group.DEVICES)


def machines(
    what: str,
    known: Sequence[Device],
    running: Running | None,
    now: Instant,
    unpaired: Collection[Device] = (),
) -> Finding:
    """Judge kiosks or screens by when each was last heard of; ``unpaired`` have no key yet."""
    if not known:
        todo = f"在管理页面“设备”里登记{what}"
        return Finding("note", what, "还没有登记", todo, Group.DEVICES)
    expected = [each for each in known if each not in unpaired]
    away = [each.name for each in expected if running and _is_away(each, running, now)]
    waiting = [each.name for each in known if each in unpaired]
    parts, todos = [f"{len(known)} 台"], list[str]()
    if running is None and expected:
        parts.append(UNSEEN)
        todos.append(START_FIRST)
    if away:
        parts.append(f"{len(away)} 台没有连上：{_named(away)}")
        todos.append("查看电源、网线，在它的浏览器里打开大厅地址")
    if waiting:
        parts.append(f"{len(waiting)} 台待配对：{_named(waiting)}")
        todos.append(PAIR)
    if not todos:
        return Finding("ok", what, f"{len(known)} 台，都连着", group=Group.DEVICES)
    state: State = "bad" if away and len(away) == len(expected) else "note"
    return Finding(state, what, "；".join(parts), "；".join(todos), Group.DEVICES)


def evaluators(
    catalogue: Catalogue,
    running: Running | None,
    now: Instant,
    unpaired: Collection[Device] = (),
) -> Finding:
    """Judge the evaluators: every window that serves has one, and it is heard of."""
    asked = [each.no for each in catalogue.windows if each.active and each.services]
    known = [each for each in catalogue.devices if each.active and each.role == "evaluator"]
    there = {each.window for each in known}
    without = [f"{no}号" for no in asked if no not in there]
    if asked and len(without) == len(asked):
        told, todo = "窗口都没有评价器", "在管理页面“设备”里登记，或用窗口的评价二维码"
        return Finding("note", "评价器", told, todo, Group.DEVICES)
    parts = [f"{len(known)} 台"]
    if without:
        parts.append(f"没有评价器的窗口：{_named(without)}")
    waiting = [f"{each.window}号" for each in known if each in unpaired]
    if waiting:
        parts.append(f"待配对的窗口：{_named(waiting)}")
    expected = [each for each in known if each not in unpaired]
    if running is None and expected:
        parts.append(UNSEEN)
        return Finding("note", "评价器", "；".join(parts), START_FIRST, Group.DEVICES)
    away = [f"{each.window}号" for each in expected if running and _is_away(each, running, now)]
    if away:
        parts.append(f"没有连上的窗口：{_named(away)}")
    if waiting and not away and not without:
        return Finding("note", "评价器", "；".join(parts), PAIR, Group.DEVICES)
    if not away and not without:
        return Finding("ok", "评价器", f"{len(known)} 台，都连着", group=Group.DEVICES)
    todo = "打开评价器的浏览器，或登记缺少的评价器"
    return Finding("note", "评价器", "；".join(parts), todo, Group.DEVICES)


def without_printer(names: Sequence[str]) -> Finding:
    """Say which kiosks show their numbers on the screen alone."""
    told = f"{_named(names)}没有登记打印机，只在屏幕上显示号码"
    return Finding("note", "打印机", told, "在管理页面“设备”里写上打印机地址", Group.DEVICES)


def printer(name: str, condition: str, trouble: str) -> Finding:
    """Judge a kiosk's printer by what it answers."""
    what = f"打印机（{name}）"
    if condition == "ok":
        return Finding("ok", what, "正常，有纸", group=Group.DEVICES)
    told, _, todo = trouble.partition("：")
    state: State = "note" if condition == "near_end" else "bad"
    return Finding(state, what, told.rstrip("。"), todo.rstrip("。"), Group.DEVICES)


def _is_away(device: Device, running: Running, now: Instant) -> bool:
    at = running.seen.get(device.id or 0)
    return at is None or now - at > SILENT_MOST


# -- outside -----------------------------------------------------------------------------------


def address(public_url: str) -> Finding:
    """Judge the address that phones open."""
    if not public_url:
        told = "没有设置 [hall] public_url，小票二维码只在本机网络可用"
        todo = "在 config.toml 里写上手机能打开的地址"
        return Finding("note", "公开地址", told, todo, Group.OUTSIDE)
    return Finding("ok", "公开地址", public_url, group=Group.OUTSIDE)
