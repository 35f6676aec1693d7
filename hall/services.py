"""Whether a service gives a ticket now, and why not; pure."""

import re
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from hall.catalogue import Service
from hall.days import Hours, Instant
from hall.refusals import NotAllowed, NotFound, NotValid

PHONE = re.compile(r"\d{5,15}")
TAP = re.compile(r"[A-Za-z0-9_.:-]{8,80}")
LANGUAGES = ("zh", "en", "mn")


def hall_is_closed(hours: Hours, now: Instant, zone: ZoneInfo) -> NotAllowed | None:
    """Return the refusal of a hall that is closed, or None while it is open."""
    if hours.open_at(now, zone):
        return None
    return NotAllowed(
        "hall_closed",
        f"大厅取号时间为 {hours.opens:%H:%M} 至 {hours.closes:%H:%M}，请在开放时间内取号。",
    )


def known_service(service: Service | None, code: str) -> Service:
    """Return the service, or refuse a code that names none."""
    if service is None or not service.active:
        raise NotFound("unknown_service", f"没有业务“{code[:40]}”，请从业务列表中选择。")
    return service


def not_attended(
    service: Service, windows: Sequence[tuple[int, str, bool]], any_open: bool
) -> NotAllowed | None:
    """Return the refusal of a service that nobody attends, or None (queue-rules 1).

    Before the first window of the hall opens in the morning people may already take tickets; once
    the hall works, a service without an open or paused window gives none.
    """
    if not windows:
        return NotAllowed("no_window", f"目前没有窗口办理“{service.name}”，请到咨询台询问。")
    if any_open and all(state == "closed" for _, state, _ in windows):
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
