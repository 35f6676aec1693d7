"""Every figure once more, in plain Python out of the raw rows: what the tables must say.

It shares nothing with figures/ but the words: days by ``datetime``, means by ``Decimal``.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from halls import SHANGHAI, Rooms

from hall.catalogue import Catalogue
from rating.levels import Channel

SCORES = {
    "very_satisfied": 5,
    "satisfied": 4,
    "basically_satisfied": 3,
    "dissatisfied": 2,
    "very_dissatisfied": 1,
}
Row = dict[str, Any]


def day(at: int | None) -> str:
    """Return the local day of an instant, empty for none."""
    return datetime.fromtimestamp(at / 1000, SHANGHAI).date().isoformat() if at else ""


def half_up(value: Decimal, places: str) -> Decimal:
    """Return a number as people round it."""
    return value.quantize(Decimal(places), ROUND_HALF_UP)


def minutes(total: int, count: int = 1) -> float | None:
    """Return a mean of milliseconds in minutes."""
    return float(half_up(Decimal(total) / count / 60_000, "0.1")) if count else None


def rank(waits: list[int], percent: int) -> float | None:
    """Return the wait at the nearest rank in minutes."""
    ordered, needed = sorted(waits), len(waits) * percent / 100
    return next(
        (minutes(wait) for place, wait in enumerate(ordered, start=1) if place >= needed), None
    )


@dataclass
class Records:
    """The raw rows of a hall."""

    rooms: Rooms
    catalogue: Catalogue
    now: int

    def rows(self, table: str) -> list[Row]:
        """Return the rows of a table as dicts."""
        found = self.rooms.store.connection.execute(f"select * from {table}")
        names = [each[0] for each in found.description]
        return [dict(zip(names, each, strict=True)) for each in found]

    def key(self, by: str, row: Row) -> str:
        """Return to which row of a table something belongs."""
        match by:
            case "hall":
                return ""
            case "window":
                return str(row["window"])
            case "clerk":
                return row["clerk"] or ""
            case "department":
                return self.catalogue.service[row["service"]].department
            case "zone":
                return self.catalogue.window[row["window"]].zone
        return str(row["service"])

    def recount(self, by: str, first: str, last: str) -> dict[str, Row]:
        """Return the figures of all that happened from a day to a day, by key."""
        visits, ratings, tickets = (self.rows(each) for each in ("visit", "rating", "ticket"))
        in_time = [each for each in visits if first <= day(each["ended_at"]) <= last]
        rated_now = [
            each for each in ratings if first <= day(each["at"]) <= last and each["nth"] == 1
        ]
        of: dict[str, Row] = defaultdict(lambda: defaultdict(list))
        for visit in in_time:
            of[self.key(by, visit)]["visits"].append(visit)
        for rating in rated_now:
            of[self.key(by, rating)]["ratings"].append(rating)
        for ticket in tickets:
            if not first <= day(ticket["ended_at"]) <= last or not ticket["misses"]:
                continue
            its = [each for each in visits if each["ticket"] == ticket["id"]]
            misses = [each for each in its if each["state"] == "missed"]
            of[self.key(by, misses[0])]["ever_missed"].append(ticket)
            if ticket["state"] == "missed":
                of[self.key(by, misses[-1])]["missed"].append(ticket)
        if by in ("hall", "department", "service"):
            for ticket in tickets:
                if first <= day(ticket["taken_at"]) <= last:
                    of[self.key(by, ticket)]["taken"].append(ticket)
                gone = ticket["state"] in ("cancelled", "expired")
                if gone and first <= day(ticket["ended_at"]) <= last:
                    of[self.key(by, ticket)]["uncalled"].append(ticket)
        return {key: self._figures(by, found) for key, found in of.items()}

    def _figures(self, by: str, found: Row) -> Row:
        target = self.rows("tally_rule")[0]["wait_target"]
        askings = {each["visit"]: each for each in self.rows("asking")}
        rated_visits = {each["visit"] for each in self.rows("rating")}
        waits = [each["waited"] for each in found["visits"] if each["waited"] is not None]
        served = [each for each in found["visits"] if each["state"] == "done"]
        service = [each["ended_at"] - each["started_at"] - each["held"] for each in served]
        voided = [each for each in found["ratings"] if each["voided_at"]]
        defaults = [
            each for each in found["ratings"] if each["given_by_default"] and not each["voided_at"]
        ]
        valid = [each for each in found["ratings"] if each not in voided + defaults]
        levels = {name: sum(each["level"] == name for each in valid) for name in SCORES}
        good = levels["very_satisfied"] + levels["satisfied"]
        bad = levels["dissatisfied"] + levels["very_dissatisfied"]
        points = sum(SCORES[each["level"]] for each in valid)
        outcomes = [each["outcome"] for each in served]
        asked = [each for each in found["visits"] if each["id"] in askings]
        counts_tickets = by in ("hall", "department", "service")
        gone = len(found["missed"]) + len(found["uncalled"])
        return {
            "taken": len(found["taken"]) if counts_tickets else None,
            "called": len(waits),
            "served": len(served),
            "missed": len(found["missed"]),
            "uncalled": len(found["uncalled"]) if counts_tickets else None,
            "missed_rate": (len(found["ever_missed"]), len(waits)),
            "abandoned_rate": (gone, len(found["taken"])) if counts_tickets else (0, 0),
            "average_wait_minutes": minutes(sum(waits), len(waits)),
            "wait_p50": rank(waits, 50),
            "wait_p90": rank(waits, 90),
            "wait_longest": minutes(max(waits)) if waits else None,
            "wait_over_target": (sum(wait > target for wait in waits), len(waits)),
            "average_service_minutes": minutes(sum(service), len(service)),
            "on_the_spot": (
                outcomes.count("completed"),
                outcomes.count("completed") + outcomes.count("accepted"),
            ),
            "rated": len(valid),
            **levels,
            "bad": bad,
            "satisfaction": (good + levels["basically_satisfied"], len(valid)),
            "satisfaction_strict": (good, len(valid)),
            "very_satisfied_rate": (levels["very_satisfied"], len(valid)),
            "bad_rate": (bad, len(valid)),
            "score": float(half_up(Decimal(points) / len(valid), "0.01")) if valid else None,
            "score_of_ten": (
                float(half_up(Decimal(2 * points) / len(valid), "0.01")) if valid else None
            ),
            "rating_rate": (len(valid), len(served)),
            "voided": len(voided),
            "void_share": (len(voided), len(valid) + len(voided)),
            "defaults": len(defaults),
            "asked": len(asked),
            "timed_out": sum(
                askings[each["id"]]["ended_as"] == "timed_out" and each["id"] not in rated_visits
                for each in asked
            ),
            "never_asked": sum(
                each["id"] not in askings and each["id"] not in rated_visits for each in served
            ),
            **{
                f"channel_{channel.value}": (
                    sum(each["channel"] == channel.value for each in valid),
                    len(valid),
                )
                for channel in Channel
            },
        }

    def opened(self, first: str, last: str, opens: time, closes: time) -> dict[int, list[int]]:
        """Return how long (ms) each window was open on some days: at all, and in the hours."""
        found: dict[int, list[int]] = defaultdict(lambda: [0, 0])
        events = [each for each in self.rows("journal") if each["event"] in CHANGES]
        for place, each in enumerate(events):
            later = [next_ for next_ in events[place + 1 :] if next_["window"] == each["window"]]
            ends = later[0]["at"] if later else self.now
            day_at = datetime.fromisoformat(first).replace(tzinfo=SHANGHAI)
            while each["event"] == "window_open" and day_at.date().isoformat() <= last:
                tomorrow = day_at + timedelta(days=1)
                hours = [datetime.combine(day_at, at, SHANGHAI) for at in (opens, closes)]
                for which, span in enumerate(((day_at, tomorrow), hours)):
                    begins, until = (int(at.timestamp() * 1000) for at in span)
                    found[each["window"]][which] += max(
                        0, min(ends, until) - max(each["at"], begins)
                    )
                day_at = tomorrow
        return dict(found)


CHANGES = ("window_open", "window_paused", "window_closed")
