"""Whether a service gives a ticket now, and why not; pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hall import days
from hall.calendar import Calendar, Span, holiday_name
from hall.catalogue import Service
from hall.days import MINUTE, Instant
from hall.line import Attending
from hall.refusals import NotAllowed, NotFound, NotValid

PHONE = re.compile(r"\d{5,15}")
TAP = re.compile(r"[A-Za-z0-9_.:-]{8,80}")
LANGUAGES = ("zh", "en", "mn")


def hall_is_closed(calendar: Calendar, now: Instant) -> NotAllowed | None:
    """Return the refusal of a hall that is closed, or None while it is open."""
    if calendar.open_at(now):
        return None
    day = days.day_of(now, calendar.zone)
    own = calendar.special.get(day)
    holiday = holiday_name(day) if calendar.rules.holidays and not calendar.spans(day) else ""
    reason = (own.note if own else "") or holiday
    because = f"（{reason}）" if reason else ""
    return NotAllowed(
        "hall_closed", f"大厅现在不取号{because}。{_opens_again(calendar, now, None)}"
    )


def service_is_closed(calendar: Calendar, service: Service, now: Instant) -> NotAllowed | None:
    """Return the refusal of a service outside its own hours, or None (queue-rules 1)."""
    if not (service.open_weekdays or service.open_hours) or calendar.open_at(now, service):
        return None
    return NotAllowed(
        "service_closed",
        f"“{service.name}”现在不办理。{_opens_again(calendar, now, service)}",
    )


def _opens_again(calendar: Calendar, now: Instant, service: Service | None) -> str:
    opens = calendar.next_opening(now, service)
    if opens is None:
        return "开放时间请到咨询台询问。"
    return f"下次开放：{calendar.said(opens, now)}，请届时取号。"


@dataclass(frozen=True, slots=True)
class Stopping:
    """When taking stops before lunch and closing (queue-rules 4)."""

    before_minutes: int = 0
    when_too_long: bool = True
    warn_minutes: int = 30


def taking_stops(
    calendar: Calendar, service: Service, now: Instant, wait: int | None, rules: Stopping
) -> NotAllowed | None:
    """Return the refusal when it is too late for a ticket, or None."""
    span = calendar.open_at(now, service)
    if calendar.rules.always_open or span is None:
        return None
    left = (span[1] - now) // MINUTE
    if left < rules.before_minutes:
        return NotAllowed(
            "taking_stopped",
            f"临近{_what_ends(calendar, span)}，“{service.name}”已停止取号。"
            f"{_opens_again(calendar, now, service)}",
        )
    working = calendar.open_between(now, calendar.spans(span_day(calendar, span), service)[-1][1])
    if rules.when_too_long and wait is not None and wait * MINUTE > working:
        return NotAllowed(
            "wait_too_long",
            f"“{service.name}”前面的人今天已经办不完（预计等候 {wait} 分钟），已停止取号。"
            f"{_opens_again(calendar, now, service)}急办请到咨询台。",
        )
    return None


def closing_notice(calendar: Calendar, service: Service, now: Instant, rules: Stopping) -> str:
    """Return the warning that taking or serving soon ends, empty while it is early."""
    span = calendar.open_at(now, service)
    if calendar.rules.always_open or span is None:
        return ""
    left = (span[1] - now) // MINUTE
    if left >= rules.before_minutes + rules.warn_minutes:
        return ""
    ends = days.local(span[1], calendar.zone)
    return f"临近{_what_ends(calendar, span)}（{ends:%H:%M}），请留意叫号，勿离开大厅。"


def span_day(calendar: Calendar, span: Span) -> str:
    """Return the day a span lies in."""
    return days.day_of(span[0], calendar.zone)


def _what_ends(calendar: Calendar, span: Span) -> str:
    closes = calendar.last_closing(span_day(calendar, span))
    return "下班" if closes is not None and span[1] >= closes else "午休"


def quota_used(service: Service, before_noon: bool, taken: int) -> NotAllowed | None:
    """Return the refusal of a service whose tickets of the half-day are all given out (限号)."""
    quota = service.quota_morning if before_noon else service.quota_afternoon
    if not quota or taken < quota:
        return None
    half, later = ("上午", "下午或下一工作日") if before_noon else ("下午", "下一工作日")
    return NotAllowed(
        "quota_used", f"“{service.name}”{half}限 {quota} 个号，已经取完。请{later}再来或提前预约。"
    )


def known_service(service: Service | None, code: str) -> Service:
    """Return the service, or refuse a code that names none."""
    if service is None or not service.active:
        raise NotFound("unknown_service", f"没有业务“{code[:40]}”，请从业务列表中选择。")
    return service


def not_attended(
    service: Service, windows: Sequence[Attending], any_open: Callable[[], bool]
) -> NotAllowed | None:
    """Return the refusal of a service that nobody attends, or None (queue-rules 1).

    Before the first window of the hall opens in the morning people may already take tickets; once
    the hall works, a service without an open or paused window gives none.
    """
    if not windows:
        return NotAllowed("no_window", f"目前没有窗口办理“{service.name}”，请到咨询台询问。")
    if all(each.state == "closed" for each in windows) and any_open():
        return NotAllowed(
            "no_open_window", f"办理“{service.name}”的窗口现在没有开放，请到咨询台询问。"
        )
    return None


def check_tap(tap: str) -> None:
    """Refuse a tap that cannot tell one touch from another."""
    if not TAP.fullmatch(tap):
        raise NotValid("bad_tap", "tap 须为 8 至 80 位的字母、数字或 . _ : -，每次点按各不相同。")


def check_phone(phone: str | None) -> None:
    """Refuse what is no phone number."""
    if phone is not None and not PHONE.fullmatch(phone):
        raise NotValid("bad_phone", "手机号码须为 5 至 15 位数字，也可以不填。")


def check_language(language: str) -> None:
    """Refuse a language the hall does not speak."""
    if language not in LANGUAGES:
        raise NotValid("unknown_language", f"语言须为 {'、'.join(LANGUAGES)} 之一。")
