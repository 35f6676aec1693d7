"""By when a bad rating's case must have gone on, and how near that is; pure."""

from dataclasses import dataclass
from enum import StrEnum

from cases.life import Case, State
from hall import days
from hall.days import MINUTE, Instant
from hall.workdays import Workdays


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of the settings ``[cases]``: working days and hours, and how often."""

    assign_hours: int = 2
    misrouted_hours: int = 24
    contact_days: int = 1
    contact_tries: int = 3
    verify_days: int = 2
    simple_days: int = 1
    rectify_days: int = 5
    extended_days: int = 15
    explain_days: int = 5
    appeal_within_days: int = 3
    appeal_days: int = 5
    revisit_days: int = 5
    revisit_tries: int = 3
    revisit_on_days: int = 2
    close_days: int = 5


def working_hours(began: Instant, hours: float, workdays: Workdays) -> Instant:
    """Return when so many working hours have passed; a hall without hours has until tomorrow."""
    try:
        return workdays.after_hours(began, hours)
    except ValueError:
        return workdays.after_days(began, 1)


def limit_of(
    state: State,
    began: Instant,
    workdays: Workdays,
    limits: Limits,
    *,
    contact_limit: Instant | None = None,
    granted: int = 0,
) -> Instant | None:
    """Return by when a state must be left, None where nobody hurries.

    ``contact_limit`` is that of a real-name rater nobody has reached yet; ``granted`` are the
    working days of a rectification.
    """
    match state:
        case State.RECEIVED | State.ASSIGNED:
            return working_hours(began, limits.assign_hours, workdays)
        case State.VERIFYING:
            return contact_limit or workdays.after_days(began, limits.verify_days)
        case State.RECTIFYING:
            return workdays.after_days(began, granted or limits.rectify_days)
        case State.EXPLAINED:
            return workdays.after_days(began, limits.explain_days)
        case State.APPEALED:
            return workdays.after_days(began, limits.appeal_days)
        case State.REVISITING:
            return workdays.after_days(began, limits.revisit_days)
        case State.ANSWERED:  # an anonymous one: nobody can be asked, somebody has to close it
            return workdays.after_days(began, limits.close_days)
    return None


def days_left(limit: Instant, now: Instant, workdays: Workdays) -> int:
    """Return how many working days remain after today, -1 when the limit has passed."""
    return -1 if now >= limit else workdays.between(now, limit - 1)


def resumed(left: int, limit: Instant, now: Instant, workdays: Workdays) -> Instant:
    """Return a paused limit as it goes on: the same working days; what had passed has passed."""
    return limit if left < 0 else workdays.after_days(now, left)


def longest_extension(case: Case, workdays: Workdays, limits: Limits) -> str:
    """Return the last day to which a rectification may be extended: so many days in all."""
    assert case.limit_at is not None
    more = max(0, limits.extended_days - case.granted)
    return days.day_of(workdays.after_days(case.limit_at - 1, more) - 1, workdays.zone)


# -- as it is shown ----------------------------------------------------------------------------


class Colour(StrEnum):
    """How near a limit is."""

    NONE = "none"
    YELLOW = "yellow"
    RED = "red"


def colour_of(
    state: State,
    began: Instant,
    limit: Instant | None,
    now: Instant,
    workdays: Workdays,
    limits: Limits,
) -> Colour:
    """Return yellow one working day before a limit (after half its hours), red once it passed."""
    if limit is None or state is State.CLOSED:
        return Colour.NONE
    if now >= limit:
        return Colour.RED
    if state in (State.RECEIVED, State.ASSIGNED):
        yellow = working_hours(began, limits.assign_hours / 2, workdays)
    else:
        yellow = workdays.a_day_before(limit)
    return Colour.YELLOW if now >= yellow else Colour.NONE


def left_said(state: State, limit: Instant | None, now: Instant, workdays: Workdays) -> str:
    """Return how long there still is, in words: 还剩 3 个工作日, 今天截止, 超期 2 个工作日."""
    if limit is None or state is State.CLOSED:
        return "不计时限"
    if now >= limit:
        late = workdays.between(limit - 1, now)
        return f"超期 {late} 个工作日" if late else "已超期"
    if days.day_of(now, workdays.zone) == days.day_of(limit - 1, workdays.zone):
        minutes = -(-(limit - now) // MINUTE)
        if state not in (State.RECEIVED, State.ASSIGNED):
            return "今天截止"
        hours = f"{minutes // 60} 小时 " if minutes >= 60 else ""
        return f"还剩 {hours}{minutes % 60} 分"
    left = workdays.between(now, limit - 1)
    if state in (State.RECEIVED, State.ASSIGNED) and left <= 1:
        return "下个工作日截止"  # its two hours: a whole day would promise too much
    return f"还剩 {left} 个工作日"
