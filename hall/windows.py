"""What a window may do now; pure."""

from dataclasses import dataclass

from hall.catalogue import Catalogue, Window
from hall.days import Instant
from hall.refusals import NotAllowed, NotFound, NotValid

PAUSE_REASON_LENGTH = 40
IN_CHINESE = {"open": "正在办理", "paused": "暂停服务", "closed": "未登录"}


@dataclass(frozen=True, slots=True)
class WindowNow:
    """What a window is doing; ``since`` is when it began, ``session`` the page that holds it.

    ``stands_in_for`` is the assigned clerk whom another one replaces (AB 岗).
    """

    no: int
    state: str
    clerk: str | None
    pause_reason: str
    since: Instant
    session: str = ""
    stands_in_for: str | None = None


def known_window(catalogue: Catalogue, no: int) -> Window:
    """Return a window of the hall, or refuse a number that is none."""
    window = catalogue.window.get(no)
    if window is None or not window.active:
        raise NotFound("unknown_window", f"没有 {no} 号窗口。")
    return window


def check_may_call(now: WindowNow) -> None:
    """Refuse a call from a window that is closed or paused."""
    if now.state == "closed":
        raise NotAllowed("window_not_open", f"{now.no} 号窗口未开启，请先登录并开启窗口。")
    if now.state == "paused":
        raise NotAllowed("window_paused", f"{now.no} 号窗口已暂停，恢复服务后再呼叫。")


def check_pause_reason(reason: str) -> str:
    """Return a pause's reason as shown outside, or refuse one that is too long."""
    told = reason.strip()
    if len(told) > PAUSE_REASON_LENGTH:
        raise NotValid("reason_too_long", f"暂停原因最多 {PAUSE_REASON_LENGTH} 个字。")
    return told or "暂停服务"


def check_session(now: WindowNow, session: str) -> None:
    """Refuse a page whose window another page has taken over; without a holder all may act."""
    if now.session and now.session != session:
        raise NotAllowed(
            "window_taken_over", f"{now.no} 号窗口已在另一处接管，这里不能再操作。请重新打开本页。"
        )
