"""Who may open what: ``authorisation.csv`` read, and shown as ``docs/authorisation.md``."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

TABLE = Path(__file__).with_name("authorisation.csv")
OPEN, EVERYBODY = "open", "everybody"
WORDS = {
    "kiosk": "取号机",
    "display": "大屏",
    "window": "本窗口",
    "evaluator": "评价器",
    "program": "接口程序",
    "person": "任何以工号登录的人",
    "clerk": "窗口人员",
    "guide": "导办员",
    "handler": "承办人",
    "inspector": "督查",
    "leader": "领导",
    "manager": "管理人员",
    "administrator": "系统管理员",
    "security": "安全管理员",
    "audit": "审计管理员",
}
HEAD = """# 谁可以打开什么 Who may open what

由 `tests/authorisation.csv` 生成（`make docs`）。表里没有的地址或事件，测试不放行；每个地址都以
每种身份真的问过一遍（`tests/test_authorisation.py`）。

- “本窗口”是窗口终端和登录在该窗口的窗口人员；别的窗口的密钥或人员一律 403。
- “管理人员”包括管理终端和系统管理员。
- 还没有能登录的安全管理员时，系统管理员兼有“安全管理员”的权限（大厅的头几天）；有了就不再有。
- 没有登录答 401，页面则转到登录页；登录了但无权答 403。
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: a method and an address (or a socket's event), and the roles that may."""

    room: str
    method: str
    address: str
    who: frozenset[str]
    why: str

    @property
    def is_open(self) -> bool:
        """Whether nobody is asked who they are."""
        return OPEN in self.who

    def lets_in(self, roles: Sequence[str], *, at_its_window: bool) -> bool:
        """Return whether somebody with these roles may."""
        if self.is_open or (roles and EVERYBODY in self.who):
            return True
        return bool(self.who & set(roles)) and (at_its_window or "{no}" not in self.address)

    @property
    def words(self) -> str:
        """Return who may, in words."""
        if self.is_open:
            return "任何人"
        if EVERYBODY in self.who:
            return "登录了的任何身份"
        return "、".join(word for role, word in WORDS.items() if role in self.who)


def entries() -> list[Entry]:
    """Return the whole table."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [
            Entry(row["room"], row["method"], row["address"], frozenset(row["who"].split()), why)
            for row in csv.DictReader(file)
            for why in [row["why"]]
        ]


def as_markdown() -> str:
    """Return the table as people read it."""
    parts = [HEAD]
    for room, lines in groupby(entries(), lambda each: each.room):
        parts += [f"\n## {room}\n\n", "| 方法 | 地址 | 谁可以 | 说明 |\n|---|---|---|---|\n"]
        parts += [
            f"| {each.method} | `{each.address}` | {each.words} | {each.why} |\n" for each in lines
        ]
    return "".join(parts)
