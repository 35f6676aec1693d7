"""Until when a complaint is to be answered, what it counts as, and the units' shares; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from complaints.drafting import Draft
from complaints.life import OPEN, STATES, Complaint, Kind, State
from hall.days import Instant
from hall.refusals import NotAllowed
from hall.shares import rate
from hall.workdays import Workdays

LONGEST_OVERDUE = 999  # 超期天数 n..3


class Outcome(StrEnum):
    """What a complaint counts as: replied on time, late, unanswered past its limit, not due yet."""

    ON_TIME = "on_time"
    LATE = "late"
    UNANSWERED = "unanswered"
    PENDING = "pending"
    WITHDRAWN = "withdrawn"


class Colour(StrEnum):
    """How near a limit is: yellow from one working day before it, red once it has passed."""

    NONE = "none"
    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


OUTCOMES = {
    Outcome.ON_TIME: "按时",
    Outcome.LATE: "逾期",
    Outcome.UNANSWERED: "未回复",
    Outcome.PENDING: "未到期",
    Outcome.WITHDRAWN: "已撤回",
}
COLOURS = {
    Colour.NONE: "",
    Colour.GREEN: "未临期",
    Colour.YELLOW: "即将到期",
    Colour.RED: "已超期",
}


@dataclass(frozen=True, slots=True)
class Terms:
    """How many working days there are: the settings of ``[complaints]``."""

    accept_days: int = 1
    complaint_days: int = 15
    consultation_days: int = 5
    extension_days: int = 5


def accept_due(registered_at: Instant, terms: Terms, workdays: Workdays) -> Instant:
    """Return until when a complaint is to be accepted by a unit."""
    return workdays.after_days(registered_at, terms.accept_days) - 1


def reply_due(draft: Draft, at: Instant, terms: Terms, workdays: Workdays) -> Instant:
    """Return until when a reply is in time: the order's own limit before the kind's."""
    if draft.order_due is not None:
        return draft.order_due
    how_many = terms.complaint_days if draft.kind == Kind.COMPLAINT else terms.consultation_days
    return workdays.after_days(at, how_many) - 1


def extended(complaint: Complaint, now: Instant, terms: Terms, workdays: Workdays) -> Instant:
    """Return the limit after the one extension; an extension after the limit would hide it."""
    if complaint.state not in OPEN:
        raise NotAllowed("wrong_state", f"{complaint.number} {STATES[complaint.state]}，不用延期。")
    if complaint.extended_to is not None:
        raise NotAllowed("extended_already", "已经延期过一次，不能再延。")
    if now > complaint.due_at:
        raise NotAllowed("limit_passed", "时限已过，不能再延期；请尽快回复。")
    return workdays.after_days(complaint.due_at, terms.extension_days) - 1


# -- what it counts as -------------------------------------------------------------------------


def outcome(complaint: Complaint, now: Instant) -> Outcome:
    """Return what a complaint counts as at an instant.

    One that is withdrawn after its limit stays unanswered: taking it back heals nothing.
    """
    if complaint.replied_at is not None:
        return Outcome.ON_TIME if complaint.replied_at <= complaint.limit else Outcome.LATE
    until = complaint.ended_at if complaint.state is State.WITHDRAWN else now
    if until is not None and until > complaint.limit:
        return Outcome.UNANSWERED
    return Outcome.WITHDRAWN if complaint.state is State.WITHDRAWN else Outcome.PENDING


def next_limit(complaint: Complaint) -> Instant | None:
    """Return the limit a unit has to keep next, None when nothing is to be done any more."""
    if complaint.state not in OPEN:
        return None
    if complaint.state is State.ACCEPTED:
        return complaint.limit
    return min(complaint.accept_due_at, complaint.limit)


def colour(complaint: Complaint, now: Instant, workdays: Workdays) -> Colour:
    """Return how near the next limit of a complaint is."""
    limit = next_limit(complaint)
    if limit is None:
        return Colour.NONE
    if now > limit:
        return Colour.RED
    return Colour.YELLOW if now >= workdays.a_day_before(limit + 1) else Colour.GREEN


def days_over(complaint: Complaint, now: Instant, workdays: Workdays) -> int:
    """Return 超期天数: working days past the limit, a begun one counts; 0 for one in time."""
    if outcome(complaint, now) not in (Outcome.LATE, Outcome.UNANSWERED):
        return 0
    until = complaint.replied_at or complaint.ended_at or now
    return min(LONGEST_OVERDUE, max(1, workdays.between(complaint.limit, until)))


# -- the table of the units --------------------------------------------------------------------


def units_table(
    complaints: Iterable[Complaint], now: Instant, units: Mapping[str, str]
) -> dict[str, Any]:
    """Return 件数, 按时, 逾期, 未回复, 未到期 and 按时回复率 of each unit, and of all.

    The rate is 按时 ÷ 应回复, where 应回复 is 按时 + 逾期 + 未回复. Every unit has a row, in
    the order of ``units`` (code to name); what belongs to none stands last.
    """
    counts: dict[str, dict[Outcome, int]] = {code: dict.fromkeys(Outcome, 0) for code in units}
    for each in complaints:
        own = counts.setdefault(each.unit or "", dict.fromkeys(Outcome, 0))
        own[outcome(each, now)] += 1
    rows = [
        {"unit": code, "name": units.get(code, code) if code else "尚未分派", **_counted(own)}
        for code, own in sorted(counts.items(), key=lambda each: not each[0])
    ]
    total = {each: sum(own[each] for own in counts.values()) for each in Outcome}
    return {"rows": rows, "totals": {"unit": "", "name": "合计", **_counted(total)}}


def _counted(own: Mapping[Outcome, int]) -> dict[str, Any]:
    due = own[Outcome.ON_TIME] + own[Outcome.LATE] + own[Outcome.UNANSWERED]
    return {
        "count": sum(own.values()),
        **{each.value: own[each] for each in Outcome},
        "due": due,
        "rate": rate(own[Outcome.ON_TIME], due),
    }
