"""All SQL of the ledger of alarms and of the rules, on the connection of the queue's store."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hall.days import Instant
from hall.store import Store
from monitor.course import Alarm
from monitor.migrations import migrations
from monitor.rules import Kind, Level, Rule, RuleSet
from monitor.sightings import Sighting

COLUMNS = """alarm.id, alarm.day, alarm.kind, alarm.subject, alarm.said, alarm.level,
    alarm.began_at, alarm.red_at, alarm.rule_version, alarm.window, alarm.service, alarm.ticket,
    coalesce(ticket.number, ''), alarm.department, alarm.acknowledged_at, alarm.acknowledged_by,
    alarm.words, alarm.escalated_at, alarm.escalated_to, alarm.cleared_at"""
FROM = "from alarm left join ticket on ticket.id = alarm.ticket"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which alarms are asked for: days (both included), a kind, a window; empty is all."""

    first: str
    last: str
    kind: str = ""
    window: int | None = None


class Alarms:
    """The ledger of alarms, and the versions of the rules."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.run = store.connection.execute
        store.take_steps(migrations)

    # -- alarm_rules ----------------------------------------------------------------------------

    def rules(self, version: int | None = None) -> RuleSet | None:
        """Return a version of the rules, the newest when none is named."""
        found = self.store.row(
            """
            select version, at, by, note from alarm_rules
            where version = coalesce(?, (select max(version) from alarm_rules))
            """,
            (version,),
        )
        if found is None:
            return None
        rules = self.store.rows(
            """
            select kind, yellow, red, least, escalate_minutes, active from alarm_rule
            where version = ?
            """,
            (found[0],),
        )
        known = {each.value for each in Kind}
        read = (
            Rule(Kind(kind), yellow, red, least, escalate_minutes, active=bool(active))
            for kind, yellow, red, least, escalate_minutes, active in rules
            if kind in known
        )
        order = list(Kind)
        version, at, by, note = found
        own = tuple(sorted(read, key=lambda each: order.index(each.kind)))
        return RuleSet(version, at, by, note, own)

    def versions(self) -> list[tuple[int, Instant, str, str]]:
        """Return version, time, author and note of all rule sets, the newest first."""
        return self.store.rows(
            "select version, at, by, note from alarm_rules order by version desc"
        )

    def add_rules(self, rules: Sequence[Rule], note: str, by: str, at: Instant) -> int:
        """Store a new version of the rules and return its number."""
        (version,) = self.run(
            """
            insert into alarm_rules (version, at, by, note)
            select coalesce(max(version), 0) + 1, ?, ?, ? from alarm_rules
            returning version
            """,
            (at, by, note),
        ).fetchone()
        self.store.connection.executemany(
            """
            insert into alarm_rule (version, kind, yellow, red, least, escalate_minutes, active)
            values (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                (
                    version,
                    each.kind.value,
                    each.yellow,
                    each.red,
                    each.least,
                    each.escalate_minutes,
                    each.active,
                )
                for each in rules
            ],
        )
        return int(version)

    # -- alarm ----------------------------------------------------------------------------------

    def add(self, seen: Sighting, level: Level, rules: int, day: str, at: Instant) -> Alarm:
        """Store an alarm that begins, and return it with its id."""
        (number,) = self.run(
            """
            insert into alarm (day, kind, subject, said, level, began_at, red_at, rule_version,
                window, service, ticket, department)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            returning id
            """,
            (
                *(day, seen.kind.value, seen.subject, seen.said, level.value, at),
                at if level is Level.RED else None,
                *(rules, seen.window, seen.service, seen.ticket, seen.department),
            ),
        ).fetchone()
        found = self.alarm(number)
        assert found is not None
        return found

    def redden(self, number: int, said: str, at: Instant) -> Alarm | None:
        """Turn a yellow alarm that stands red; None when it is not."""
        return self._changed(
            """
            update alarm set level = 'red', red_at = ?, said = ?
            where id = ? and level = 'yellow' and cleared_at is null
            """,
            (at, said, number),
        )

    def escalate(self, number: int, to: str, at: Instant) -> Alarm | None:
        """Note that the leaders are told; None when they were, or somebody knows already."""
        return self._changed(
            """
            update alarm set escalated_at = ?, escalated_to = ?
            where id = ? and escalated_at is null and acknowledged_at is null
            """,
            (at, to, number),
        )

    def acknowledge(self, number: int, by: str, words: str, at: Instant) -> Alarm | None:
        """Note who knows of an alarm and what they say; None when somebody did before."""
        return self._changed(
            """
            update alarm set acknowledged_at = ?, acknowledged_by = ?, words = ?
            where id = ? and acknowledged_at is null
            """,
            (at, by, words, number),
        )

    def clear(self, number: int, at: Instant) -> Alarm | None:
        """End an alarm that stands; None when it does not."""
        return self._changed(
            "update alarm set cleared_at = ? where id = ? and cleared_at is null", (at, number)
        )

    def _changed(self, sql: str, values: tuple[Any, ...]) -> Alarm | None:
        number = values[-1]
        return self.alarm(number) if self.run(sql, values).rowcount else None

    def alarm(self, number: int) -> Alarm | None:
        """Return an alarm by its id."""
        found = self.store.row(f"select {COLUMNS} {FROM} where alarm.id = ?", (number,))
        return _alarm(found) if found else None

    def standing(self) -> list[Alarm]:
        """Return the alarms whose cause is still there, the oldest first."""
        # by itself the planner walks through the whole ledger, for the sake of the order
        found = self.store.rows(
            f"""
            select {COLUMNS}
            from alarm indexed by alarm_standing left join ticket on ticket.id = alarm.ticket
            where alarm.cleared_at is null order by alarm.id
            """
        )
        return [_alarm(each) for each in found if _is_known(each)]

    def find(self, wanted: Wanted, most: int) -> list[Alarm]:
        """Return alarms of the ledger, the newest first."""
        found = self.store.rows(
            f"""
            select {COLUMNS} {FROM}
            where alarm.day >= :first and alarm.day <= :last
                and (:kind = '' or alarm.kind = :kind)
                and (:window is null or alarm.window = :window)
            order by alarm.day desc, alarm.id desc limit :most
            """,
            {
                "first": wanted.first,
                "last": wanted.last,
                "kind": wanted.kind,
                "window": wanted.window,
                "most": most,
            },
        )
        return [_alarm(each) for each in found if _is_known(each)]


def _is_known(row: Any) -> bool:
    return row[2] in {each.value for each in Kind}


def _alarm(row: Any) -> Alarm:
    number, day, kind, subject, said, level, *rest = row
    return Alarm(number, day, Kind(kind), subject, said, Level(level), *rest)
