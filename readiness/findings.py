"""What a readiness report is made of: findings in groups, and what they add up to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

State = Literal["ok", "note", "bad"]
SIGNS: dict[State, str] = {"ok": "✓", "note": "！", "bad": "✗"}
WORDS: dict[State, str] = {"ok": "正常", "note": "留意", "bad": "须处理"}


class Group(StrEnum):
    """What a finding is about; the order is the report's."""

    SERVER = "服务器"
    DATA = "数据与备份"
    PEOPLE = "人员与业务"
    DEVICES = "设备"
    OUTSIDE = "对外"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the readiness report: what, how it is, and what to do about it."""

    state: State
    what: str
    told: str
    todo: str = ""
    group: Group = Group.DATA

    @property
    def sign(self) -> str:
        """The state as a sign."""
        return SIGNS[self.state]

    @property
    def word(self) -> str:
        """The state as a word; never told by colour alone."""
        return WORDS[self.state]

    def line(self) -> str:
        """Return the finding as a person reads it."""
        todo = f" → {self.todo}" if self.todo else ""
        return f"{self.sign} {self.what}：{self.told}{todo}"


def grouped(findings: Iterable[Finding]) -> list[tuple[Group, list[Finding]]]:
    """Return the findings by group in the report's order; groups with nothing to say are left out.

    >>> grouped([Finding("ok", "语音", "有", group=Group.DEVICES)])[0][0].value
    '设备'
    """
    kept: dict[Group, list[Finding]] = {each: [] for each in Group}
    for finding in findings:
        kept[finding.group].append(finding)
    return [(group, inside) for group, inside in kept.items() if inside]


def count(findings: Sequence[Finding]) -> dict[State, int]:
    """Return how many findings are in each state, zeros too."""
    return {state: sum(each.state == state for each in findings) for state in SIGNS}


def summary(findings: Sequence[Finding]) -> str:
    """Return the counts as a line."""
    return " · ".join(f"{WORDS[state]} {number}" for state, number in count(findings).items())


def verdict(findings: Sequence[Finding]) -> str:
    """Return whether the hall may open."""
    bad = count(findings)["bad"]
    return f"有 {bad} 处须先处理。" if bad else "可以开门。"
