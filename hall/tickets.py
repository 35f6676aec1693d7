"""A ticket, its life and its number; pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from hall.codes import Code
from hall.days import Instant
from hall.refusals import NotAllowed, NotValid


class State(StrEnum):
    """Where a ticket stands in its life."""

    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    HELD = "held"
    DONE = "done"
    MISSED = "missed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


MAY_BECOME: dict[State, frozenset[State]] = {
    State.WAITING: frozenset({State.CALLED, State.CANCELLED, State.EXPIRED}),
    # back to waiting: transferred before it began, or the call taken back
    State.CALLED: frozenset({State.SERVING, State.MISSED, State.WAITING, State.EXPIRED}),
    State.SERVING: frozenset({State.DONE, State.HELD, State.WAITING, State.EXPIRED}),
    State.HELD: frozenset({State.SERVING, State.WAITING, State.EXPIRED}),
    State.DONE: frozenset(),
    # who shows up after all waits again; a miss may be taken back at once
    State.MISSED: frozenset({State.WAITING, State.CALLED}),
    State.CANCELLED: frozenset(),
    State.EXPIRED: frozenset(),
}
ENDED = frozenset({State.DONE, State.MISSED, State.CANCELLED, State.EXPIRED})

IN_CHINESE = {
    State.WAITING: "等候中",
    State.CALLED: "已呼叫",
    State.SERVING: "办理中",
    State.HELD: "挂起中",
    State.DONE: "已办完",
    State.MISSED: "已过号",
    State.CANCELLED: "已取消",
    State.EXPIRED: "已失效",
}


class VisitState(StrEnum):
    """Where a visit stands in its life; what is not called, serving or held has ended."""

    CALLED = "called"
    SERVING = "serving"
    HELD = "held"
    DONE = "done"
    MISSED = "missed"
    TRANSFERRED = "transferred"
    RETURNED = "returned"
    UNDONE = "undone"
    EXPIRED = "expired"


VISIT_IN_CHINESE = {
    VisitState.CALLED: "已呼叫",
    VisitState.SERVING: "办理中",
    VisitState.HELD: "挂起中",
    VisitState.DONE: "已办完",
    VisitState.MISSED: "已过号",
    VisitState.TRANSFERRED: "已转办",
    VisitState.RETURNED: "已回到队列",
    VisitState.UNDONE: "已撤销",
    VisitState.EXPIRED: "已失效",
}


class Hold(Code):
    """Why a service that began waits: each kind has a limit of its own (queue-rules 8)."""

    WITH_FILE = "with_file", "留下材料"
    WITHOUT_FILE = "without_file", "取回材料"
    FOR_SOMEBODY = "for_somebody", "等他人到场"

    @classmethod
    def from_text(cls, text: str) -> "Hold":
        """Return the kind of a code or its Chinese words; NotValid for anything else."""
        if found := cls.said(text):
            return found
        raise NotValid("unknown_hold", f"挂起种类须为以下之一：{cls.all_said()}。")


class Outcome(Code):
    """How a service ended."""

    ACCEPTED = "accepted", "受理"
    COMPLETED = "completed", "办结"
    COLLECTED = "collected", "领证"
    CONSULTED = "consulted", "咨询"
    OTHER = "other", "其他"

    @classmethod
    def from_text(cls, text: str) -> "Outcome":
        """Return the outcome of a code or a Chinese word; NotValid for anything else."""
        if found := cls.said(text):
            return found
        raise NotValid("unknown_outcome", f"办理结果须为以下之一：{cls.all_said()}。")


# Tickets and visits are named tuples: ten are made for each citizen, and a frozen dataclass of 27
# fields takes 4 µs to make and 10 µs to change, five times as long.
class Ticket(NamedTuple):
    """A citizen's place in line.

    It stands where it arrived, unless it came back ``after`` another (``turn`` says in which order
    those did). ``person`` is a keyed hash for the day, ``holder`` a masked name.
    """

    id: int
    day: str
    number: str
    prefix: str
    sequence: int
    service: str
    state: State
    taken_at: Instant
    language: str
    phone: str | None
    source: str
    window: int | None
    called_at: Instant | None
    ended_at: Instant | None
    ahead_at_taking: int
    after: int | None = None
    turn: int = 0
    priority: str = ""
    pinned: str = ""
    own_window: int | None = None
    via: str = ""
    slot_at: Instant | None = None
    appointment: int | None = None
    misses: int = 0
    person: str | None = None
    holder: str = ""
    helper: str = ""


@dataclass(frozen=True, slots=True)
class Booked:
    """An appointment as the queue needs it: its id, when its slot begins, whose it is (张*)."""

    appointment: int
    slot_at: Instant
    holder: str = ""


@dataclass(frozen=True, slots=True)
class Assisted:
    """What a help desk adds to a ticket: a priority class with its basis, who acts for whom."""

    priority: str = ""
    basis: str = ""
    helper: str = ""
    holder: str = ""
    override: str = ""
    by: str = ""


class Visit(NamedTuple):
    """One service at one window, from the call on; ``held`` is how long it lay, in ms."""

    id: int
    ticket: int
    day: str
    service: str
    window: int
    clerk: str | None
    called_at: Instant
    shown_at: Instant
    recalls: int
    started_at: Instant | None
    ended_at: Instant | None
    outcome: str | None
    case_number: str | None
    state: VisitState
    basis: str = "arrival"
    why: str = ""
    held_at: Instant | None = None
    held: int = 0
    hold_kind: str | None = None


def number(prefix: str, sequence: int) -> str:
    """Return the number as printed: the service's prefix and at least three digits."""
    return f"{prefix}{sequence:03d}"


def check_may_become(ticket: Ticket, state: State) -> None:
    """Refuse a step that a ticket's life does not have."""
    if state not in MAY_BECOME[ticket.state]:
        raise NotAllowed(
            REFUSED_AS[state],
            f"{ticket.number} 号{IN_CHINESE[ticket.state]}，不能变为“{IN_CHINESE[state]}”。",
        )


REFUSED_AS = {
    State.WAITING: "not_returnable",
    State.CALLED: "not_waiting",
    State.SERVING: "not_called",
    State.HELD: "not_started",
    State.DONE: "not_started",
    State.MISSED: "not_called",
    State.CANCELLED: "not_waiting",
    State.EXPIRED: "already_ended",
}
