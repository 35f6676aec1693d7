"""What the help desk is told of a ticket – everything, with its history – and of the day."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from hall.days import Instant
from hall.refusals import NotAllowed
from hall.taking import Taking
from hall.tickets import IN_CHINESE, State, Ticket, Visit

# What becomes of the paper changes nothing about the ticket.
PAPER = "slip_"


@dataclass(frozen=True, slots=True)
class Step:
    """A row of the journal about a ticket: what happened, when, where, who did it, and why."""

    seq: int
    at: Instant
    event: str
    window: int | None
    who: str
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Story:
    """A ticket with all that happened to it; ``seen`` tells this state from any later one."""

    ticket: Ticket
    people_ahead: int
    expected_wait: int | None
    windows: tuple[int, ...]
    visits: tuple[Visit, ...]
    steps: tuple[Step, ...]
    seen: int


class Telling(Taking):
    """What the help desk reads, and the look that comes before its acts."""

    def story(self, ticket_id: int) -> Story:
        """Return how a ticket stands and how it came to that."""
        followed = self.follow_ticket(ticket_id)
        steps = self._steps(ticket_id)
        return Story(
            ticket=followed.ticket,
            people_ahead=followed.people_ahead,
            expected_wait=followed.expected_wait,
            windows=followed.windows,
            visits=tuple(self.store.visits_of(ticket_id)),
            steps=steps,
            seen=_newest(steps),
        )

    def _steps(self, ticket_id: int) -> tuple[Step, ...]:
        return tuple(
            Step(*row[:5], json.loads(row[5]) if row[5] else {})
            for row in self.store.steps_of(ticket_id)
        )

    @contextmanager
    def unless_changed(self, ticket_id: int, seen: int) -> Iterator[Ticket]:
        """Let a verb act only on what somebody saw: one transaction holds the look and the act."""
        with self.store.transaction():
            ticket = self.ticket(ticket_id)
            if _newest(self._steps(ticket_id)) != seen:
                raise NotAllowed(
                    "changed_meanwhile",
                    f"{ticket.number} 号刚刚有变化，现在{IN_CHINESE[ticket.state]}，请再看一次。",
                )
            yield ticket

    def missed_lately(self, most: int) -> list[Ticket]:
        """Return who was missed today and has not come back, newest first."""
        return self.store.newest_in_state(self.newest_day(), State.MISSED, most)

    def newest_day(self) -> str:
        """Return the business day it is, empty before the first."""
        return self.store.last_day() or ""

    def is_day_ended(self) -> bool:
        """Return whether the business day has ended: nobody takes a ticket any more."""
        return self.store.is_day_closed(self.newest_day())


def _newest(steps: tuple[Step, ...]) -> int:
    return max((each.seq for each in steps if not each.event.startswith(PAPER)), default=0)
