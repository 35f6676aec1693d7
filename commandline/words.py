"""How the command line is read: every command with its words and their help."""

import argparse
import os
from collections.abc import Callable
from pathlib import Path

from commandline.auditing import AUDIT_VERBS
from commandline.outside import PROVINCE_VERBS, WEBHOOK_VERBS
from hall.administrators import ADMINISTRATOR, THREE
from hall.catalogue import DEVICE_ROLES
from hall.command import NAMED_BY, USUAL, named

SCOPES = ("window", "department", "clerk", "service")


def parser() -> argparse.ArgumentParser:
    """Return how the command line is read."""
    whole = argparse.ArgumentParser(
        prog=os.environ.get(NAMED_BY) or USUAL,
        description="政务大厅排队叫号与好差评。不写命令就是 serve：启动大厅。",
        epilog=named("各命令的说明：server.py 命令 --help。没有配置文件时一切按默认设置。"),
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
        if name == "serve":
            served.add_argument(
                "--accept", action="store_true", help="数据文件或日志不见了，仍按现状启动"
            )
        if name == "demo":
            served.add_argument("--days", type=_count, metavar="N", help="生成最近多少天，重新生成")
            served.add_argument("--still", action="store_true", help="大厅静止：没有人来，窗口不动")
    catalogue = add("import", "导入大厅资料（部门、业务、事项、窗口、人员、设备……）")
    catalogue.add_argument(
        "file", metavar="FILE.xlsx", help="工作簿；写 demo 则导入随附的 76 窗口大厅"
    )
    catalogue.add_argument(
        "--dry-run", action="store_true", help="只检查：列出每格的问题，或将有的变化，不导入"
    )
    ratings = add("import-ratings", "导入其他系统收到的评价，同一文件导入两次不会重复")
    ratings.add_argument("file", type=Path, metavar="FILE", help="CSV 或 XLSX，见 docs/ratings.md")
    ratings.add_argument("--check", action="store_true", help="只检查，不导入")
    add("tags", "启用新一版评价标签，旧版本保留").add_argument(
        "file", type=Path, metavar="FILE", help="CSV 或 XLSX：等级、代码、直接显示、标签"
    )
    _add_people_and_keys(add)
    add("check", "开门前的检查：磁盘、数据、时钟、备份、人员、打印机、大屏、评价器").add_argument(
        "--pdf", type=Path, metavar="FILE", help="另写一页 A4 检查表，供签字存档"
    )
    add("backup", "备份数据文件，运行中也可以").add_argument(
        "file", type=Path, nargs="?", metavar="FILE", help="备份到哪里（默认 backups 文件夹）"
    )
    back = add("restore", "用备份恢复数据文件，原文件保留；须先停止服务")
    back.add_argument("file", type=Path, nargs="?", metavar="FILE", help="备份文件")
    back.add_argument(
        "--newest", action="store_true", help="用最新的完好备份：第二块磁盘上的连续备份，或每夜备份"
    )
    back.add_argument(
        "--drill",
        action="store_true",
        help="演练：取回最新的备份、核对、报告，不动数据；不必停止服务",
    )
    made = add("certificate", "建立大厅自己的 CA 和服务器证书，或用同一个 CA 换一张新的")
    made.add_argument("names", nargs="*", metavar="NAME", help="设备打开大厅用的名称和 IP 地址")
    add("verify", "核对数据：文件完好、规则无违反、月报与记录一致")
    told = add("audit", "审计日志：核对全部、导出为文件，或核对导出过的文件")
    told.add_argument("verb", choices=AUDIT_VERBS, metavar="VERB", help="、".join(AUDIT_VERBS))
    told.add_argument("file", type=Path, nargs="?", metavar="FILE", help="导出到或核对的文件")
    told.add_argument("--first", metavar="DAY", help="export 的第一天（默认最早）")
    told.add_argument("--last", metavar="DAY", help="export 的最后一天（默认今天）")
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
    hook = add("webhook", "把大厅里发生的事告诉别的程序：登记、列出、删除网址，换密钥，或重发")
    hook.add_argument("verb", choices=WEBHOOK_VERBS, metavar="VERB", help="、".join(WEBHOOK_VERBS))
    hook.add_argument("what", nargs="?", metavar="URL|ID", help="add 的网址，其他的编号")
    hook.add_argument("--events", default="", metavar="A,B", help="只要这些事件（默认全部）")
    told = add("province", "上报省平台的评价：列出、重发失败的，或重新上报某些日期的")
    told.add_argument(
        "verb", choices=PROVINCE_VERBS, metavar="VERB", help="、".join(PROVINCE_VERBS)
    )
    told.add_argument("first", nargs="?", metavar="FROM", help="replay 的第一天，如 2026-11-01")
    told.add_argument("last", nargs="?", metavar="TO", help="replay 的最后一天（默认同一天）")
    chief = add("admin", "建立系统、安全或审计管理员，或重设其密码")
    chief.add_argument("name", metavar="NAME", help="姓名")
    chief.add_argument(
        "--role",
        choices=tuple(THREE),
        default=ADMINISTRATOR,
        metavar="ROLE",
        help="；".join(f"{role} {word}" for role, word in THREE.items()) + "（默认 administrator）",
    )
    chief.add_argument("--staff-number", metavar="N", help="登录用的工号（默认由姓名得出或 admin）")
    chief.add_argument("--password-file", type=Path, metavar="F", help="第一行是密码的文件")


def _count(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 3660:
        raise argparse.ArgumentTypeError("须在 1 到 3660 之间")
    return number
