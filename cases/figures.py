"""The four rates of how bad ratings are dealt with; pure (manual of statistics).

Each is a share with numerator and denominator; a voided rating stands in none of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from hall.days import Instant
from hall.shares import rate


@dataclass(frozen=True, slots=True)
class Fact:
    """What the rates need to know of one bad rating."""

    real_name: int
    voided: int
    contacted_at: Instant | None
    contact_limit: Instant | None
    answered_at: Instant | None
    answer_limit: Instant | None
    limit_at: Instant | None
    closed_at: Instant | None
    revisited_at: Instant | None

    def contact_is_due(self, now: Instant) -> bool:
        """Return whether the rater was contacted, or should have been by now."""
        late = self.contact_limit is not None and now >= self.contact_limit
        return self.contacted_at is not None or late

    @property
    def contacted_in_time(self) -> bool:
        """Whether the rater was contacted within the limit."""
        if self.contacted_at is None or self.contact_limit is None:
            return False
        return self.contacted_at < self.contact_limit

    def answer_is_due(self, now: Instant) -> bool:
        """Return whether the case is closed, or its limit has passed."""
        if self.closed_at is not None:
            return True
        limit = self.answer_limit if self.answered_at is not None else self.limit_at
        return limit is not None and now >= limit

    @property
    def answered_in_time(self) -> bool:
        """Whether the answer came within its limit."""
        if self.answered_at is None or self.answer_limit is None:
            return False
        return self.answered_at < self.answer_limit


def figures(facts: Iterable[Fact], now: Instant) -> dict[str, Any]:
    """Return the counts and rates of a period as they stand now."""
    everything = list(facts)
    valid = [each for each in everything if not each.voided]
    named = [each for each in valid if each.real_name]
    contact_due = [each for each in named if each.contact_is_due(now)]
    due = [each for each in valid if each.answer_is_due(now)]
    closed = [each for each in named if each.closed_at is not None]
    return {
        "bad": len(valid),
        "real_name": len(named),
        "voided": len(everything) - len(valid),
        "contacted": _rate(contact_due, [each.contacted_in_time for each in contact_due]),
        "rectified": _rate(due, [each.answered_at is not None for each in due]),
        "in_time": _rate(due, [each.answered_in_time for each in due]),
        "revisited": _rate(closed, [each.revisited_at is not None for each in closed]),
    }


def _rate(of: list[Fact], yes: list[bool]) -> dict[str, Any]:
    return rate(sum(yes), len(of))
