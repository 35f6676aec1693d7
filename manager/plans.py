"""Slot plans as rows of a workbook: weekdays that are cut alike stand in one; pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from booking.plans import LARGEST_QUOTA, LONGEST_SLOT, SHORTEST_SLOT, Plan
from hall.catalogue import Catalogue, Problem

WEEKDAYS = "1234567"


@dataclass(frozen=True, slots=True)
class PlanRow:
    """How a service's weekdays (digits, 1 is Monday), or one day, are cut into slots."""

    service: str
    weekdays: str = ""
    day: str = ""
    slot_minutes: int = 0
    quota: int = 0


def rows_of(plans: Sequence[Plan]) -> tuple[PlanRow, ...]:
    """Return plans as rows, in their order."""
    alike: dict[tuple[str, str, int, int], str] = {}
    for plan in plans:
        key = (plan.service, plan.day or "", plan.slot_minutes, plan.quota)
        alike[key] = alike.get(key, "") + (str(plan.weekday) if plan.weekday else "")
    return tuple(
        PlanRow(service, weekdays, day, minutes, quota)
        for (service, day, minutes, quota), weekdays in alike.items()
    )


def plans_of(rows: Sequence[PlanRow]) -> list[Plan]:
    """Return the plans that rows stand for, without ids."""
    return [
        Plan(0, row.service, weekday, row.day or None, row.slot_minutes, row.quota)
        for row in rows
        for weekday in ([int(each) for each in row.weekdays] if not row.day else [None])
    ]


def standing(rows: Sequence[PlanRow], catalogue: Catalogue) -> tuple[PlanRow, ...]:
    """Return the rows whose services are in use."""
    used = {each.code for each in catalogue.services if each.active}
    return tuple(each for each in rows if each.service in used)


def problems(rows: Sequence[PlanRow], catalogue: Catalogue) -> Iterator[Problem]:
    """Yield everything that is wrong with the rows of a workbook."""
    taken: set[tuple[str, str]] = set()
    for at, row in enumerate(rows):
        service = catalogue.service.get(row.service)
        if service is None:
            yield Problem("plans", at, "service", f"没有业务“{row.service}”。")
        elif not service.active:
            yield Problem("plans", at, "service", f"“{service.name}”已停用，不能放号。")
        yield from _bad_days(at, row)
        if not SHORTEST_SLOT <= row.slot_minutes <= LONGEST_SLOT:
            message = f"每段须为 {SHORTEST_SLOT} 到 {LONGEST_SLOT} 分钟。"
            yield Problem("plans", at, "slot_minutes", message)
        if not 0 <= row.quota <= LARGEST_QUOTA:
            yield Problem("plans", at, "quota", f"每段人数须在 0 到 {LARGEST_QUOTA} 之间。")
        named = {(row.service, each) for each in ([row.day] if row.day else row.weekdays)}
        if twice := sorted(named & taken):
            column = "day" if row.day else "weekdays"
            message = f"同一业务的“{twice[0][1]}”在前面已有一行，请合并。"
            yield Problem("plans", at, column, message)
        taken |= named


def _bad_days(at: int, row: PlanRow) -> Iterator[Problem]:
    if bool(row.weekdays) == bool(row.day):
        message = "星期和日期写一个：每逢星期几写星期，只改一天写日期。"
        yield Problem("plans", at, "weekdays", message)
    if not set(row.weekdays) <= set(WEEKDAYS):
        yield Problem("plans", at, "weekdays", "写星期几的数字，如 135；周一是 1。")
    elif len(set(row.weekdays)) < len(row.weekdays):
        yield Problem("plans", at, "weekdays", "同一天写了两次。")
    if row.day and not _is_day(row.day):
        yield Problem("plans", at, "day", f"“{row.day}”不是日期，须写作 2026-10-01。")


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
