"""A ticket, its life and its number; pure."""

from dataclasses import dataclass
from enum import StrEnum

from hall.days import Instant
from hall.refusals import NotAllowed, NotValid


class State(StrEnum):
    """Where a ticket stands in its life."""

    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    DONE = "done"
    MISSED = "missed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


MAY_BECOME: dict[State, frozenset[State]] = {
    State.WAITING: frozenset({State.CALLED, State.CANCELLED, State.EXPIRED}),
    State.CALLED: frozenset({State.SERVING, State.MISSED, State.EXPIRED}),
    State.SERVING: frozenset({State.DONE, State.EXPIRED}),
    State.DONE: frozenset(),
    State.MISSED: frozenset(),
    State.CANCELLED: frozenset(),
    State.EXPIRED: frozenset(),
}

IN_CHINESE = {
    State.WAITING: "等候中",
    State.CALLED: "已呼叫",
    State.SERVING: "办理中",
    State.DONE: "已办完",
    State.MISSED: "已过号",
    State.CANCELLED: "已取消",
    State.EXPIRED: "已失效",
}


class Outcome(StrEnum):
    """How a service ended."""

    ACCEPTED = "accepted"
    COMPLETED = "completed"
    COLLECTED = "collected"
    CONSULTED = "consulted"
    OTHER = "other"

    @property
    def chinese(self) -> str:
        """Return the word clerks use."""
        return OUTCOME_WORDS[self]

    @classmethod
    def from_text(cls, text: str) -> "Outcome":
        """Return the outcome of a code or a Chinese word; NotValid for anything else."""
        for outcome in cls:
            if text in (outcome.value, outcome.chinese):
                return outcome
        words = "、".join(f"{outcome.value}（{outcome.chinese}）" for outcome in cls)
        raise NotValid("unknown_outcome", f"办理结果须为以下之一：{words}。")


OUTCOME_WORDS = {
    Outcome.ACCEPTED: "受理",
    Outcome.COMPLETED: "办结",
    Outcome.COLLECTED: "领证",
    Outcome.CONSULTED: "咨询",
    Outcome.OTHER: "其他",
}


@dataclass(frozen=True, slots=True)
class Ticket:
    """A citizen's place in line."""

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


@dataclass(frozen=True, slots=True)
class Visit:
    """One service at one window, from the call on."""

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
    state: State


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
    State.DONE: "not_started",
    State.MISSED: "not_called",
    State.CANCELLED: "not_waiting",
    State.EXPIRED: "already_ended",
}
