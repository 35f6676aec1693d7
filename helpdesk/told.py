"""A ticket in words: where it is, what has happened to it, what may be done with it; pure."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from hall import days
from hall.catalogue import Catalogue
from hall.days import MINUTE, Instant
from hall.line import BASIS_WORDS, Basis
from hall.priorities import CLASSES
from hall.tickets import (
    IN_CHINESE,
    VISIT_IN_CHINESE,
    Hold,
    Outcome,
    State,
    Ticket,
    Visit,
)

# What the help desk may do with a ticket, by its state; the first is what is mostly wanted.
ACTS: dict[State, tuple[str, ...]] = {
    State.WAITING: ("unfavour", "priority", "pin", "line", "reprint", "cancel"),
    State.CALLED: ("reprint",),
    State.SERVING: ("reprint",),
    State.HELD: ("return", "reprint"),
    State.MISSED: ("return", "reprint"),
    State.DONE: ("reprint",),
    State.CANCELLED: (),
    State.EXPIRED: (),
}
BADGES = {
    State.WAITING: "",
    State.CALLED: "called",
    State.SERVING: "serving",
    State.HELD: "called",
    State.DONE: "serving",
    State.MISSED: "alarm",
    State.CANCELLED: "",
    State.EXPIRED: "",
}
SOURCES = {
    "kiosk": "取号机",
    "help_desk": "咨询台",
    "phone": "手机",
    "program": "其他系统",
}
STEPS = {
    "ticket_taken": "取号",
    "ticket_returned": "返回队列",
    "ticket_moved": "更换业务",
    "ticket_favoured": "优先或置顶",
    "ticket_unfavoured": "取消优先",
    "ticket_released": "窗口关闭，改由其他窗口呼叫",
    "ticket_transferred": "转办",
    "ticket_cancelled": "取消号票",
    "ticket_expired": "当日结束，号票失效",
    "service_held": "挂起",
    "service_resumed": "继续办理",
    "service_added": "加办业务",
    "step_undone": "撤销上一步",
    "slip_reprinted": "补打小票",
    "slip_failed": "小票没有打出",
}
MASK_LENGTH = 4


def acts_of(ticket: Ticket, today: str) -> tuple[str, ...]:
    """Return what may be done with a ticket; nothing with another day's."""
    acts = ACTS[ticket.state] if ticket.day == today else ()
    favoured = ticket.priority or ticket.pinned
    return tuple(each for each in acts if each != "unfavour" or favoured)


def clock(at: Instant | None, zone: ZoneInfo) -> str:
    """Return the time of day of an instant, empty for none."""
    return f"{days.local(at, zone):%H:%M}" if at is not None else ""


def phone_end(phone: str | None) -> str:
    """Return what the desk sees of a phone number: its end."""
    return phone[-MASK_LENGTH:] if phone else ""


def in_short(ticket: Ticket, catalogue: Catalogue, zone: ZoneInfo) -> dict[str, Any]:
    """Return a ticket as a line of a list."""
    return {
        "id": ticket.id,
        "number": ticket.number,
        "service": catalogue.service[ticket.service].name,
        "state": IN_CHINESE[ticket.state],
        "badge": BADGES[ticket.state],
        "taken": clock(ticket.taken_at, zone),
        "ended": clock(ticket.ended_at, zone),
        "holder": ticket.holder,
        "phone": phone_end(ticket.phone),
    }


def place(ticket: Ticket, visits: tuple[Visit, ...], catalogue: Catalogue) -> str:
    """Return where a ticket's owner is or should go, empty when that is over."""
    last = visits[-1] if visits else None
    if ticket.state is State.CALLED and last:
        return f"请到{_window(last.window, catalogue)}"
    if ticket.state is State.SERVING and last:
        return f"在{_window(last.window, catalogue)}办理"
    if ticket.state is State.HELD and last:
        kind = Hold(last.hold_kind).chinese if last.hold_kind else ""
        return f"挂起在{_window(last.window, catalogue)}（{kind}）"
    if ticket.state is State.WAITING and ticket.own_window:
        return f"等{_window(ticket.own_window, catalogue)}呼叫"
    if last and ticket.state in (State.MISSED, State.DONE):
        return f"{_window(last.window, catalogue)}，{clerk_name(last.clerk, catalogue)}".rstrip(
            "，"
        )
    return ""


def _window(no: int, catalogue: Catalogue) -> str:
    window = catalogue.window.get(no)
    name = f"（{window.name}）" if window and window.name else ""
    return f"{no}号窗口{name}"


def since(ticket: Ticket, visits: tuple[Visit, ...]) -> Instant:
    """Return since when a ticket has been in its state."""
    last = visits[-1] if visits else None
    if ticket.state is State.CALLED and last:
        return last.shown_at
    if ticket.state is State.SERVING and last:
        return last.started_at or last.called_at
    if ticket.state is State.HELD and last:
        return last.held_at or last.called_at
    return ticket.ended_at or ticket.taken_at


def minutes(begins: Instant, now: Instant) -> int:
    """Return the whole minutes since an instant."""
    return max(0, now - begins) // MINUTE


def visit_row(visit: Visit, catalogue: Catalogue, zone: ZoneInfo) -> dict[str, Any]:
    """Return a visit as the desk reads it: when, where, who, how it ended, why it was called."""
    outcome = Outcome(visit.outcome).chinese if visit.outcome else ""
    state = VISIT_IN_CHINESE[visit.state]
    recalls = f"，重呼 {visit.recalls} 次" if visit.recalls else ""
    basis = BASIS_WORDS[Basis[visit.basis.upper()]] if visit.basis.upper() in BASES else ""
    return {
        "called": clock(visit.called_at, zone),
        "ended": clock(visit.ended_at, zone),
        "window": visit.window,
        "clerk": clerk_name(visit.clerk, catalogue),
        "service": catalogue.service[visit.service].name,
        "ended_how": (f"{state}（{outcome}）" if outcome else state) + recalls,
        "why": visit.why or basis,
    }


BASES = set(Basis.__members__)


def clerk_name(staff_number: str | None, catalogue: Catalogue) -> str:
    """Return a clerk's name, empty where a window worked without one."""
    if staff_number is None:
        return ""
    person = catalogue.person.get(staff_number)
    return person.name if person else staff_number


def step_row(
    event: str,
    at: Instant,
    who: str,
    detail: Mapping[str, Any],
    catalogue: Catalogue,
    zone: ZoneInfo,
) -> dict[str, str]:
    """Return a row of a ticket's journal in words."""
    return {
        "at": clock(at, zone),
        "what": STEPS[event],
        "who": who_said(who, catalogue),
        "why": "；".join(_said(detail, catalogue)),
    }


def who_said(who: str, catalogue: Catalogue) -> str:
    """Return who acted: a person by name, a device by name, a source in words."""
    kind, _, number = who.partition(":")
    if kind == "device" and number.isdecimal():
        names = {each.id: each.name for each in catalogue.devices}
        return names.get(int(number), "设备")
    return SOURCES.get(who) or clerk_name(who or None, catalogue)


def _said(detail: Mapping[str, Any], catalogue: Catalogue) -> list[str]:
    said = []
    if "from" in detail and "to" in detail:
        names = [_service_name(str(detail[end]), catalogue) for end in ("from", "to")]
        said.append(" → ".join(names) if names[0] != names[1] else names[0])
    if window := detail.get("window"):
        said.append(f"到{window}号窗口")
    if priority := detail.get("priority"):
        said.append(f"{CLASSES.get(priority, priority)}优先，凭{detail.get('basis', '')}")
    if pinned := detail.get("pinned"):
        said.append(f"置顶：{pinned}")
    if override := detail.get("override"):
        said.append(f"停止取号后仍取号：{override}")
    if kind := detail.get("kind"):
        said.append(Hold(kind).chinese)
    said += [str(detail[key]) for key in ("reason", "detail") if detail.get(key)]
    return said


def _service_name(code: str, catalogue: Catalogue) -> str:
    return catalogue.service[code].name if code in catalogue.service else code
