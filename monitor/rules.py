"""What raises an alarm, and from which value on (queue-rules 14); pure.

The rules are data: a set of them has a version, and a new set never replaces the old one.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from hall.refusals import NotAllowed, NotValid

A_NUMBER = re.compile(r"[-+]?[0-9]{1,9}")
LARGEST = 100_000
LONGEST_ESCALATION = 480
NOTE_LENGTH = 100


class Kind(StrEnum):
    """What may be wrong."""

    WAIT = "wait"
    IDLE = "idle"
    UNMANNED = "unmanned"
    PAUSED = "paused"
    OVERRUN = "overrun"
    MISSED = "missed"
    PRIORITY = "priority"
    UNRATED = "unrated"
    QUICK = "quick"
    SILENT = "silent"
    PRINTER = "printer"
    LIMIT = "limit"


class Level(StrEnum):
    """How bad an alarm is; the code is that of the ledger (监察预警类型代码)."""

    YELLOW = "yellow"
    RED = "red"

    @property
    def chinese(self) -> str:
        """Return its name."""
        return {"yellow": "黄色", "red": "红色"}[self.value]

    @property
    def code(self) -> int:
        """Return its digit in the ledger."""
        return {"yellow": 1, "red": 2}[self.value]


@dataclass(frozen=True, slots=True)
class Kinds:
    """What a kind measures: its name, the unit, and what ``least`` means (nothing when empty).

    ``over``: only a value above the threshold counts (超过 15%), else reaching it is enough.
    ``steps``: the value is 1 or 2 and has no measure; its thresholds stay as they are.
    """

    name: str
    measures: str
    unit: str
    least: str = ""
    over: bool = False
    steps: bool = False


KINDS: Mapping[Kind, Kinds] = MappingProxyType(
    {
        Kind.WAIT: Kinds("等候超时", "等候最久的人已等时间，占该业务目标", "%", over=True),
        Kind.IDLE: Kinds("窗口空闲", "有人在等它，窗口却空闲", "分钟"),
        Kind.UNMANNED: Kinds("窗口无人", "开放时间里应有人的窗口未登录", "分钟"),
        Kind.PAUSED: Kinds("暂停过久", "窗口暂停服务", "分钟"),
        Kind.OVERRUN: Kinds(
            "办理超常时", "一次办理已用时间，占该业务通常用时", "%", "至少用时（分钟）", over=True
        ),
        Kind.MISSED: Kinds("过号过多", "一小时内过号率", "%", "至少呼叫（次）", over=True),
        Kind.PRIORITY: Kinds("优先过多", "当天优先号占比", "%", "至少取号（张）", over=True),
        Kind.UNRATED: Kinds("连续无评价", "一个窗口连续办结而没有评价", "次"),
        Kind.QUICK: Kinds("办完即评", "一个窗口连续在办完瞬间给出的评价", "条", "瞬间（秒）"),
        Kind.SILENT: Kinds("设备失联", "评价器、取号机、显示屏没有联系", "分钟"),
        Kind.PRINTER: Kinds("打印机", "纸将用完为黄，缺纸或故障为红", "级", steps=True),
        Kind.LIMIT: Kinds("办理时限", "差评、投诉的时限临近为黄，超期为红", "级", steps=True),
    }
)


@dataclass(frozen=True, slots=True)
class Rule:
    """From which value on a kind is yellow and red, in the kind's unit.

    ``least`` is what there must be at all, in the words of ``KINDS``; ``escalate_minutes`` after
    which a red alarm that nobody acknowledged goes to the leaders, 0 for never.
    """

    kind: Kind
    yellow: int
    red: int
    least: int = 0
    escalate_minutes: int = 10
    active: bool = True

    def level(self, value: float) -> Level | None:
        """Return how bad a value is, None while it is well."""
        if not self.active:
            return None
        for level, threshold in ((Level.RED, self.red), (Level.YELLOW, self.yellow)):
            if value > threshold or (value == threshold and not KINDS[self.kind].over):
                return level
        return None


DEFAULTS = (
    Rule(Kind.WAIT, 100, 150, 0, 10),
    Rule(Kind.IDLE, 15, 30, 0, 10),
    Rule(Kind.UNMANNED, 15, 30, 0, 15),
    Rule(Kind.PAUSED, 20, 40, 0, 15),
    Rule(Kind.OVERRUN, 200, 400, 15, 30),
    Rule(Kind.MISSED, 15, 30, 10, 30),
    Rule(Kind.PRIORITY, 20, 40, 20, 60),
    Rule(Kind.UNRATED, 50, 100, 0, 60),
    Rule(Kind.QUICK, 5, 10, 2, 30),
    Rule(Kind.SILENT, 10, 30, 0, 30),
    Rule(Kind.PRINTER, 1, 2, 0, 15),
    Rule(Kind.LIMIT, 1, 2, 0, 30),
)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules of one version: who wrote them and when (epoch ms), and why."""

    version: int
    at: int
    by: str
    note: str
    rules: tuple[Rule, ...]

    def of(self, kind: Kind) -> Rule:
        """Return the rule of a kind; a kind younger than this version has its default."""
        own = {each.kind: each for each in DEFAULTS} | {each.kind: each for each in self.rules}
        return own[kind]


def check(rules: Iterable[Rule], note: str) -> tuple[tuple[Rule, ...], str]:
    """Return rules of all kinds and the note as they are stored, or refuse what cannot be."""
    given = {each.kind: each for each in rules}
    checked = tuple(_checked(given[kind]) for kind in Kind if kind in given)
    if len(checked) != len(Kind):
        raise NotValid("rule_missing", "每一类告警都须有规则。")
    told = note.strip()
    if len(told) > NOTE_LENGTH:
        raise NotValid("note_too_long", f"修改说明最多 {NOTE_LENGTH} 个字。")
    return checked, told


def _checked(rule: Rule) -> Rule:
    kind = KINDS[rule.kind]
    if kind.steps and (rule.yellow, rule.red) != (1, 2):
        raise NotValid("bad_rule", f"“{kind.name}”没有可改的数值，只能启用或停用。")
    if not 0 < rule.yellow <= LARGEST:
        raise _out_of_range(rule.kind, "yellow", str(rule.yellow))
    if not rule.yellow < rule.red <= LARGEST:
        over = f"大于黄色（{rule.yellow}{kind.unit}）且不超过 {LARGEST}"
        raise NotValid("bad_rule", f"“{kind.name}”的红色须{over}，“{rule.red}”不是。")
    if rule.least and not kind.least:
        raise NotValid("bad_rule", f"“{kind.name}”不设起算数。")
    if not 0 <= rule.least <= LARGEST:
        raise _out_of_range(rule.kind, "least", str(rule.least))
    if not 0 <= rule.escalate_minutes <= LONGEST_ESCALATION:
        raise _out_of_range(rule.kind, "escalate_minutes", str(rule.escalate_minutes))
    return rule


def _out_of_range(kind: Kind, field: str, told: str) -> NotValid:
    """Say of which alarm which number is meant, and what it may be."""
    word, span = {
        "yellow": ("黄色", f"1 至 {LARGEST}"),
        "red": ("红色", f"2 至 {LARGEST}"),
        "least": (KINDS[kind].least or "起算数", f"0 至 {LARGEST}"),
        "escalate_minutes": ("上报分钟", f"0（不上报）至 {LONGEST_ESCALATION}"),
    }[field]
    return NotValid("bad_rule", f"“{KINDS[kind].name}”的{word}须为 {span} 的整数，“{told}”不是。")


def number(text: str, kind: Kind, field: str) -> int:
    """Return a number of a rule as it was typed; whether it fits is for ``check``.

    NotValid for what is no whole number of at most nine digits.
    """
    told = text.strip().replace("−", "-").replace("－", "-")
    if not A_NUMBER.fullmatch(told):
        raise _out_of_range(kind, field, text.strip()[:20])
    return int(told)


def check_changed(old: Iterable[Rule], new: Iterable[Rule]) -> None:
    """Refuse a new version that says what the old one says."""
    if tuple(old) == tuple(new):
        raise NotAllowed("nothing_changed", "规则没有改动，不用另存一版。")


def differences(old: Iterable[Rule], new: Iterable[Rule]) -> list[str]:
    """Return in sentences what a new set of rules changes."""
    before = {each.kind: each for each in old}
    told = []
    for rule in new:
        was = before.get(rule.kind)
        if was is None or was == rule:
            continue
        kind, parts = KINDS[rule.kind], []
        if was.active != rule.active:
            parts.append("启用" if rule.active else "停用")
        for word, a, b, unit in (
            ("黄色", was.yellow, rule.yellow, kind.unit),
            ("红色", was.red, rule.red, kind.unit),
            (kind.least, was.least, rule.least, ""),
            ("上报", was.escalate_minutes, rule.escalate_minutes, "分钟"),
        ):
            if a != b:
                parts.append(f"{word} {a}{unit} → {b}{unit}")
        told.append(f"{kind.name}：{'，'.join(parts)}")
    return told
