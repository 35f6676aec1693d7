"""How a day is cut into slots, and which of them have room; pure (queue-rules 11)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from booking.words import IN_WEEK
from hall.days import MINUTE, Instant
from hall.refusals import NotAllowed, NotValid

SHORTEST_SLOT, LONGEST_SLOT = 5, 480
LARGEST_QUOTA = 999


@dataclass(frozen=True, slots=True)
class Plan:
    """How a service's day is cut into slots: on every such weekday (1 is Monday), or on one day."""

    id: int
    service: str
    weekday: int | None
    day: str | None
    slot_minutes: int
    quota: int


@dataclass(frozen=True, slots=True)
class Slot:
    """A part of the day: how many it takes, and how many have it already."""

    at: Instant
    ends: Instant
    quota: int
    taken: int

    @property
    def free(self) -> int:
        """How many may still book it."""
        return max(0, self.quota - self.taken)


def plan_for(plans: Iterable[Plan], day: str) -> Plan | None:
    """Return the plan of a service's day: its own before its weekday's."""
    weekday = date.fromisoformat(day).isoweekday()
    fitting = [each for each in plans if each.day == day or each.weekday == weekday]
    return min(fitting, key=lambda each: each.day is None, default=None)


def slots_of(
    spans: Sequence[tuple[Instant, Instant]], plan: Plan | None, taken: Iterable[Instant]
) -> tuple[Slot, ...]:
    """Cut the open spans of a day into slots; what is left of a span and too short is none.

    ``taken`` are the beginnings of the appointments that stand: one that was made for another plan
    counts in the slot it lies in.
    """
    if plan is None or not plan.quota:
        return ()
    length, begun = plan.slot_minutes * MINUTE, list(taken)
    return tuple(
        Slot(at, at + length, plan.quota, sum(at <= each < at + length for each in begun))
        for opens, closes in spans
        for at in range(opens, closes - length + 1, length)
    )


def bookable_slot(slots: Sequence[Slot], at: Instant) -> Slot:
    """Return the slot that begins at an instant if it has room; refuse it otherwise."""
    slot = next((each for each in slots if each.at == at), None)
    if slot is None:
        raise NotValid("no_such_slot", "没有这个时段，请从列表里重新选择。")
    if not slot.free:
        raise NotAllowed("slot_full", "这个时段刚刚约满，请选择其他时段。")
    return slot


def check_plan(plan: Plan) -> Plan:
    """Return a plan, or refuse what no day can be cut by."""
    if not SHORTEST_SLOT <= plan.slot_minutes <= LONGEST_SLOT:
        raise NotValid(
            "bad_slot_length", f"每段时长须在 {SHORTEST_SLOT} 到 {LONGEST_SLOT} 分钟之间。"
        )
    if not 0 <= plan.quota <= LARGEST_QUOTA:
        raise NotValid("bad_quota", f"每段人数须在 0 到 {LARGEST_QUOTA} 之间。")
    if (plan.weekday is None) == (plan.day is None):
        raise NotValid("bad_plan_day", "放号计划须写明星期几，或写明一个日期，两者选一。")
    if plan.weekday is not None and not 1 <= plan.weekday <= len(IN_WEEK):
        raise NotValid("bad_plan_day", "星期须为 1（周一）到 7（周日）。")
    if plan.day is not None:
        check_day(plan.day)
    return plan


def check_day(text: str) -> str:
    """Return a day, or refuse what is none."""
    try:
        day = date.fromisoformat(text).isoformat()
    except ValueError:
        raise NotValid("bad_day", "日期须写作 2026-11-23 的样子。") from None
    if day != text:
        raise NotValid("bad_day", "日期须写作 2026-11-23 的样子。")
    return day
