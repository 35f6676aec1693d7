"""What to do now: a sentence for each line that waits too long; pure.

A window is promised to one line only, the one in the greatest need first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import ceil

from monitor.sight import Line, Place

BUSY = ("open", "called", "serving")
SPARE = ("paused", "closed")
MOST_NAMED = 4
# Under so many minutes an idle window has only just become free.
JUST_FREE = 2
# Half as long again as the target.
URGENT = 1.5


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do and why, the service it is for, and the windows it names."""

    service: str
    act: str
    why: str
    windows: tuple[int, ...] = ()
    urgent: bool = False

    @property
    def said(self) -> str:
        """Return it as one sentence."""
        return f"{self.act}：{self.why}"


def advice(lines: Iterable[Line], places: Sequence[Place]) -> list[Advice]:
    """Return what to do, the line in the greatest need first."""
    promised: set[int] = set()
    told = []
    for line in sorted(lines, key=_need, reverse=True):
        if not line.waiting:
            continue
        at_work = [each for each in places if line.code in each.services and each.state in BUSY]
        if at_work and _minutes(line) <= line.target:
            continue
        left = [each for each in places if each.no not in promised]
        made = _idle(line, left) or _spare(line, left, len(at_work)) or _lent(line, left, at_work)
        promised.update(made.windows)
        told.append(replace(made, urgent=_need(line) > URGENT or not at_work))
    return told


def _minutes(line: Line) -> int:
    """Return how long somebody waits for a service: the longest so far, or a newcomer."""
    return max(line.longest, line.expected or 0)


def _need(line: Line) -> float:
    return _minutes(line) / line.target if line.waiting else 0


def _idle(line: Line, places: Sequence[Place]) -> Advice | None:
    """Return who has only to call."""
    idle = [
        each
        for each in places
        if line.code in each.services and each.is_idle and each.minutes >= JUST_FREE
    ]
    if not idle:
        return None
    return _advice(line, f"请{_names(idle)}呼叫“{line.name}”", f"{_why(line)}，窗口却空闲。")


def _spare(line: Line, places: Sequence[Place], at_work: int) -> Advice | None:
    """Return which windows should open or resume; who has paused is sooner back than one found."""
    spare = [each for each in places if line.code in each.services and each.state in SPARE]
    if not spare:
        return None
    spare.sort(key=lambda each: (each.state != "paused", not each.staffed, each.no))
    chosen = spare[: extra_windows(line, at_work)]
    back = [each for each in chosen if each.state == "paused"]
    fresh = [each for each in chosen if each.state == "closed"]
    acts = [f"请{_names(back)}恢复服务"] if back else []
    acts += [f"加开 {len(fresh)} 个窗口（{_names(fresh)}）"] if fresh else []
    after = minutes_with(line, at_work, len(chosen))
    why = f"{_why(line)}，之后新来的约等 {after} 分钟。"
    return _advice(line, f"为“{line.name}”{'，'.join(acts)}", why, chosen)


def _lent(line: Line, places: Sequence[Place], at_work: Sequence[Place]) -> Advice:
    """Return what is left where every window for a service is at work, or there is none."""
    others = [
        each
        for each in places
        if each.is_idle and each.minutes >= JUST_FREE and line.code not in each.services
    ]
    near = [each for each in others if each.department == line.department] or [
        each for each in others if each.zone == line.zone
    ]
    state = "办理的窗口都在忙" if at_work else "没有窗口在办理"
    why = f"{_why(line)}，{state}。"
    if not near:
        return _advice(line, f"请咨询台引导“{line.name}”的群众预约或改时", why)
    lent = [max(near, key=lambda each: each.minutes)]
    return _advice(line, f"请空闲的{_names(lent)}协助“{line.name}”", why, lent)


def _advice(line: Line, act: str, why: str, windows: Sequence[Place] = ()) -> Advice:
    return Advice(line.code, act, why, tuple(each.no for each in windows))


def extra_windows(line: Line, at_work: int) -> int:
    """Return how many more windows bring a newcomer's wait to the target; at least one."""
    return max(1, ceil(line.waiting * line.pace / line.target) - at_work)


def minutes_with(line: Line, at_work: int, more: int) -> int:
    """Return about how long a newcomer waits once so many more windows serve, at least one."""
    if at_work and line.expected is not None:
        return round(line.expected * at_work / (at_work + more))
    return round(line.waiting * line.pace / (at_work + more))


def _why(line: Line) -> str:
    told = f"{line.waiting} 人等候，最久已等 {line.longest} 分钟"
    if line.expected is None:
        return told
    return f"{told}，预计 {line.expected} 分钟（目标 {line.target} 分钟）"


def _names(places: Sequence[Place]) -> str:
    numbers = "、".join(str(each.no) for each in places[:MOST_NAMED])
    more = "等" if len(places) > MOST_NAMED else ""
    return f"{numbers}号窗口{more}"
