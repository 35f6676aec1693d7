"""When contact, rectification, extension, appeal and revisit are as the rules want them; pure."""

from collections.abc import Sequence

from cases.life import Case, Verb
from cases.limits import Limits, longest_extension
from hall import days
from hall.days import HOUR, Instant
from hall.refusals import NotAllowed, NotValid
from hall.workdays import Workdays

REACHED, NO_ANSWER, WRONG_NUMBER = "reached", "no_answer", "wrong_number"
CONTACTS = {REACHED: "已联系上", NO_ANSWER: "无人接听", WRONG_NUMBER: "号码有误"}
WAYS = {"phone": "电话", "sms": "短信", "visit": "当面", "other": "其他"}
SATISFIED, DISSATISFIED = "satisfied", "dissatisfied"
TRIES = {SATISFIED: "对处理满意", DISSATISFIED: "仍不满意", NO_ANSWER: "无人接听"}
KINDS = {"simple": "简单问题，当即整改", "complex": "复杂问题，限期整改"}
VOIDS = {"mistaken": "误评", "malicious": "恶意评价"}


def is_contacted(outcomes: Sequence[str], limits: Limits) -> bool:
    """Return whether a rater was reached, or has been tried often enough."""
    return REACHED in outcomes or len(outcomes) >= limits.contact_tries


def check_contacted(case: Case, limits: Limits) -> None:
    """Refuse to go on with a real-name rating whose rater nobody has tried to reach."""
    if case.real_name and case.contacted_at is None:
        raise NotAllowed(
            "not_contacted",
            f"这是实名差评：须先联系评价人并记录；联系不上的，至少联系 {limits.contact_tries} 次。",
        )


def check_misrouted(case: Case, now: Instant, limits: Limits) -> None:
    """Refuse to send a case back that has lain here too long."""
    if case.assigned_at is None or now - case.assigned_at > limits.misrouted_hours * HOUR:
        raise NotAllowed("too_late", f"分派后 {limits.misrouted_hours} 小时内才能退回改派。")


def check_appeal(case: Case, now: Instant, workdays: Workdays, limits: Limits) -> None:
    """Refuse a second appeal, and one after its three working days."""
    if case.appealed:
        raise NotAllowed("appealed_before", "每件差评只能申诉一次。")
    if now >= workdays.after_days(case.received_at, limits.appeal_within_days):
        raise NotAllowed("too_late", f"收到差评后 {limits.appeal_within_days} 个工作日内才能申诉。")


def check_extension(
    case: Case, until: str, now: Instant, workdays: Workdays, limits: Limits
) -> str:
    """Return the day up to which a rectification shall last, or refuse it.

    Once, before the limit, and never more than fifteen working days in all.
    """
    if case.extended:
        raise NotAllowed("extended_before", "每件差评只能延期一次。")
    if case.limit_at is None or now >= case.limit_at:
        raise NotAllowed("too_late", "整改期限已过，不能再申请延期。")
    day = read_day(until)
    last, today = longest_extension(case, workdays, limits), workdays.end_of(day)
    if today <= case.limit_at:
        raise NotValid("bad_day", "新的期限须晚于现在的期限。")
    if day > last:
        raise NotValid(
            "too_long", f"整改连同延期最多 {limits.extended_days} 个工作日，最晚到 {last}。"
        )
    return day


def days_granted(kind: str, due: str, now: Instant, workdays: Workdays, limits: Limits) -> int:
    """Return the working days of a rectification: of a simple one, or up to the due day."""
    if kind not in KINDS:
        raise NotValid("unknown_kind", "请选择是简单问题还是复杂问题。")
    if kind == "simple":
        return limits.simple_days
    if not due:
        return limits.rectify_days
    day = read_day(due)
    if workdays.end_of(day) > workdays.after_days(now, limits.rectify_days):
        raise NotValid("bad_day", f"计划完成日期最晚在 {limits.rectify_days} 个工作日内。")
    granted = workdays.between(now, workdays.end_of(day) - 1)
    if granted < 1:
        raise NotValid("bad_day", "计划完成日期须在今天之后，并且是工作日。")
    return granted


def read_day(text: str) -> str:
    """Return a day somebody typed, or refuse what is none."""
    day = text.strip()
    try:
        days.next_day(day)
    except ValueError:
        raise NotValid("bad_day", "日期须写作 2026-11-30 的样子。") from None
    return day


def after_try(tries: Sequence[tuple[str, str]], reworked: bool, limits: Limits) -> Verb:
    """Return what follows the last of some revisits, each a day and an outcome.

    Satisfied: closed. Not: put right once more, then closed. Nobody answers: closed after three
    tries on two days.
    """
    _, outcome = tries[-1]
    if outcome == DISSATISFIED:
        return Verb.CLOSE if reworked else Verb.REWORK
    if outcome == SATISFIED:
        return Verb.CLOSE
    on_days = len({day for day, _ in tries})
    enough = len(tries) >= limits.revisit_tries and on_days >= limits.revisit_on_days
    return Verb.CLOSE if enough else Verb.REVISIT
