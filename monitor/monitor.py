"""class Monitor – the verbs of alarms: what time raises and clears, what people acknowledge."""

import logging
from collections.abc import Sequence
from typing import Any

from hall import days
from hall.config import Config
from hall.days import SECOND, Clock, Instant
from hall.desk import Desk
from hall.refusals import NotAllowed, NotFound
from hall.register import Register
from hall.store import Store
from hall.teller import Teller
from monitor import board, course, rules
from monitor.camera import Camera
from monitor.course import Act, Alarm, Step
from monitor.events import (
    AlarmAcknowledged,
    AlarmCleared,
    AlarmEscalated,
    AlarmEvent,
    AlarmOpened,
    AlarmReddened,
)
from monitor.export import table11
from monitor.looking import Looking
from monitor.rules import DEFAULTS, Kind, Rule, RuleSet
from monitor.sight import Sight
from monitor.sightings import sightings
from monitor.store import Alarms, Wanted

__all__ = ["Monitor", "Wanted"]

# Alarms are a matter of minutes; a look at a hall of 76 windows takes some milliseconds.
EVERY = 5 * SECOND
# A look that several pages ask for at once is taken once.
KEEP = SECOND
MOST_LISTED = 500
MOST_EXPORTED = 50_000
log = logging.getLogger("monitor")


class Monitor(Teller):
    """The one place where alarms begin and end."""

    def __init__(
        self, store: Store, register: Register, desk: Desk, config: Config, clock: Clock
    ) -> None:
        super().__init__(store, log)
        self.register = register
        self.desk = desk
        self.zone = config.hall.zone
        self.clock = clock
        self.camera = Camera(**config.monitor.model_dump())
        self.alarms = Alarms(store)
        self.looking = Looking(store, register, desk)
        self._ticked_at = 0
        self._gone: dict[tuple[Kind, str], Instant] = {}
        self._seen: Sight | None = None
        if not store.readonly and self.alarms.rules() is None:
            with store.transaction():
                if self.alarms.rules() is None:
                    self.alarms.add_rules(DEFAULTS, "初始规则", "", clock())

    # -- looking --------------------------------------------------------------------------------

    def look(self) -> Sight:
        """Return the hall as it is now, at most a second old."""
        now = self.clock()
        if self._seen is None or not 0 <= now - self._seen.now < KEEP:
            self._seen = self.looking.look(now)
        return self._seen

    def board(self) -> dict[str, Any]:
        """Return all that the page of the whole hall shows."""
        return board.board(
            self.register.catalogue(),
            self.look(),
            self.alarms.standing(),
            self.rules(),
            self.camera,
            self.zone,
        )

    def rules(self, version: int | None = None) -> RuleSet:
        """Return the rules in force, or those of a version."""
        found = self.alarms.rules(version)
        if found is None:
            raise NotFound("unknown_rules", "没有这一版规则。")
        return found

    def versions(self) -> list[tuple[int, Instant, str, str]]:
        """Return version, time, author and note of all rule sets, the newest first."""
        return self.alarms.versions()

    def alarm(self, number: int) -> Alarm:
        """Return an alarm of the ledger."""
        found = self.alarms.alarm(number)
        if found is None:
            raise NotFound("unknown_alarm", "没有这条告警。")
        return found

    def find(self, wanted: Wanted) -> list[Alarm]:
        """Return alarms of the ledger, the newest first, at most so many as a page lists."""
        return self.alarms.find(wanted, MOST_LISTED)

    def table11(self, wanted: Wanted) -> list[list[Any]]:
        """Return the ledger as the rows of GB/T 39046 table 11 with the hall's own columns."""
        found = reversed(self.alarms.find(wanted, MOST_EXPORTED))
        hall = self.register.hall().name
        return table11(found, self.register.catalogue(), hall, self.zone)

    # -- what people do -------------------------------------------------------------------------

    def acknowledge(self, number: int, words: str, by: str) -> Alarm:
        """Say that somebody knows of an alarm and what is done; twice the same is once."""
        with self.store.transaction():
            now, was = self.clock(), self.alarms.alarm(number)
            if was and was.acknowledged_at is not None:
                if (was.acknowledged_by, was.words) == (by, words.strip()):
                    return was
                who = self._name_of(was.acknowledged_by)
                raise NotAllowed("acknowledged_already", f"这条告警已由{who}确认。")
            course.acknowledged(was, by, words, now)
            changed = self.alarms.acknowledge(number, by, words.strip(), now)
            assert changed is not None
            self._note(AlarmAcknowledged, "alarm_acknowledged", changed, now, by)
        return changed

    def _name_of(self, number: str) -> str:
        person = self.register.catalogue().person.get(number)
        return person.name if person else "他人"

    def change_rules(self, new: Sequence[Rule], note: str, based_on: int, by: str) -> RuleSet:
        """Put a new version of the rules in force; the same form twice makes one version.

        ``based_on`` is the version the form showed. Raises NotValid for rules that cannot be, and
        NotAllowed ``changed_meanwhile`` or ``nothing_changed``.
        """
        checked, told = rules.check(new, note)
        with self.store.transaction():
            current, now = self.rules(), self.clock()
            if current.version != based_on:
                if current.rules == checked and current.by == by:
                    return current
                raise NotAllowed("changed_meanwhile", "规则刚刚有人改过，请看过新的规则再改。")
            rules.check_changed(current.rules, checked)
            version = self.alarms.add_rules(checked, told, by, now)
            self.store.note(now, "alarm_rules_changed", who=by, detail={"version": version})
        return self.rules()

    # -- time alone -----------------------------------------------------------------------------

    def tick(self) -> None:
        """Open, redden, escalate and clear alarms; looks every five seconds."""
        now = self.clock()
        if abs(now - self._ticked_at) < EVERY:
            return
        self._ticked_at = now
        in_force = self.rules()
        seen = sightings(self.look(), in_force)
        standing = self.alarms.standing()
        self._gone = course.still_gone(standing, seen, self._gone, now)
        if not course.steps(standing, seen, in_force, now, self._gone):
            return
        with self.store.transaction():
            standing = self.alarms.standing()
            for step in course.steps(standing, seen, in_force, now, self._gone):
                self._take(step, in_force, now)

    def _take(self, step: Step, in_force: RuleSet, now: Instant) -> None:
        if step.act is Act.OPEN and step.seen:
            day = days.day_of(now, self.zone)
            made = self.alarms.add(step.seen, step.level, in_force.version, day, now)
            self._note(AlarmOpened, "alarm_opened", made, now)
        elif step.alarm:
            self._change(step, step.alarm, now)

    def _change(self, step: Step, alarm: Alarm, now: Instant) -> None:
        if step.act is Act.CLEAR and (cleared := self.alarms.clear(alarm.id, now)):
            self._note(AlarmCleared, "alarm_cleared", cleared, now)
        elif step.act is Act.REDDEN and step.seen:
            if red := self.alarms.redden(alarm.id, step.seen.said, now):
                self._note(AlarmReddened, "alarm_red", red, now)
        elif step.act is Act.ESCALATE and (
            told := self.alarms.escalate(alarm.id, "、".join(self._leaders()), now)
        ):
            self._note(AlarmEscalated, "alarm_escalated", told, now)

    def _leaders(self) -> list[str]:
        """Return the staff numbers of the leaders; a hall without one has its managers."""
        people = [each for each in self.register.catalogue().people if each.active]
        for role in ("leader", "manager"):
            if found := [each.staff_number for each in people if each.role == role]:
                return found
        return []

    def _note(
        self, kind: type[AlarmEvent], event: str, alarm: Alarm, now: Instant, by: str = ""
    ) -> None:
        told = {"alarm": alarm.id, "kind": alarm.kind.value, "level": alarm.level.value}
        seq = self.store.note(now, event, window=alarm.window, who=by, detail=told)
        self._emit(kind(seq, now, (), alarm))
