"""What becomes of alarms: opened, turned red, escalated, acknowledged, cleared; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from hall.days import MINUTE, Instant
from hall.refusals import NotAllowed, NotFound, NotValid
from monitor.rules import Kind, Level, RuleSet
from monitor.sightings import Sighting, level_of

# A cause that is gone for so long is gone: the line that just had its longest wait called would
# otherwise open an alarm anew with the next one who has waited a minute longer.
CALM = MINUTE
WORDS_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm of the ledger; instants in epoch ms, None for what has not happened."""

    id: int
    day: str
    kind: Kind
    subject: str
    said: str
    level: Level
    began_at: Instant
    red_at: Instant | None
    rule_version: int
    window: int | None = None
    service: str | None = None
    ticket: int | None = None
    number: str = ""
    department: str = ""
    acknowledged_at: Instant | None = None
    acknowledged_by: str = ""
    words: str = ""
    escalated_at: Instant | None = None
    escalated_to: str = ""
    cleared_at: Instant | None = None

    @property
    def key(self) -> tuple[Kind, str]:
        """Return what it is known by while it stands."""
        return self.kind, self.subject


class Act(StrEnum):
    """What happens to an alarm by itself."""

    OPEN = "open"
    REDDEN = "redden"
    ESCALATE = "escalate"
    CLEAR = "clear"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens: to an alarm, or with what was seen and is none yet."""

    act: Act
    alarm: Alarm | None = None
    seen: Sighting | None = None
    level: Level = Level.YELLOW


def steps(
    standing: Sequence[Alarm],
    seen: Iterable[Sighting],
    rules: RuleSet,
    now: Instant,
    gone_since: Mapping[tuple[Kind, str], Instant],
) -> list[Step]:
    """Return what happens now: alarms open, turn red, escalate, and clear after a calm minute.

    A level only rises while the alarm stands. ``gone_since`` tells when a cause was first missed.
    """
    known = {each.key: each for each in standing}
    found = {each.key: each for each in seen}
    told: list[Step] = []
    for key, each in found.items():
        level = level_of(each, rules)
        if level is None:
            continue
        alarm = known.get(key)
        if alarm is None:
            told.append(Step(Act.OPEN, seen=each, level=level))
        elif level is Level.RED and alarm.level is Level.YELLOW:
            told.append(Step(Act.REDDEN, alarm, each, level))
    for alarm in standing:
        if alarm.key not in found:
            if now - gone_since.get(alarm.key, now) >= CALM:
                told.append(Step(Act.CLEAR, alarm))
        elif must_escalate(alarm, rules, now):
            told.append(Step(Act.ESCALATE, alarm, found[alarm.key]))
    return told


def must_escalate(alarm: Alarm, rules: RuleSet, now: Instant) -> bool:
    """Return whether a red alarm stood long enough without anybody saying that they know."""
    minutes = rules.of(alarm.kind).escalate_minutes
    if not minutes or alarm.red_at is None:
        return False
    if alarm.acknowledged_at is not None or alarm.escalated_at is not None:
        return False
    return now - alarm.red_at >= minutes * MINUTE


def still_gone(
    standing: Iterable[Alarm],
    seen: Iterable[Sighting],
    gone_since: Mapping[tuple[Kind, str], Instant],
    now: Instant,
) -> dict[tuple[Kind, str], Instant]:
    """Return since when each standing alarm has no cause any more."""
    there = {each.key for each in seen}
    return {
        each.key: min(gone_since.get(each.key, now), now)
        for each in standing
        if each.key not in there
    }


def acknowledged(alarm: Alarm | None, by: str, words: str, now: Instant) -> Alarm:
    """Return an alarm that somebody knows of, or refuse one that is none or is acknowledged."""
    if alarm is None:
        raise NotFound("unknown_alarm", "没有这条告警，请刷新后再看。")
    told = words.strip()
    if len(told) > WORDS_LENGTH:
        raise NotValid("words_too_long", f"处置说明最多 {WORDS_LENGTH} 个字。")
    if alarm.acknowledged_at is not None:
        raise NotAllowed("acknowledged_already", "这条告警已经有人确认。")
    if not told and alarm.level is Level.RED:
        raise NotValid("words_missing", "红色告警请写明怎样处置，如“已增开 5号窗口”。")
    return replace(alarm, acknowledged_at=now, acknowledged_by=by, words=told)
