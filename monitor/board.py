"""The whole hall as its page shows it, made from one look; pure. The page is always told all."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from hall import days
from hall.catalogue import Catalogue
from hall.days import Instant
from monitor.advice import advice
from monitor.camera import Camera
from monitor.course import Alarm
from monitor.rules import KINDS, Level, RuleSet
from monitor.sight import Line, Place, Sight, minutes_of
from monitor.sightings import sightings

STATES = {
    "serving": "办理",
    "called": "呼叫",
    "open": "空闲",
    "paused": "暂停",
    "closed": "未开",
}


def board(
    catalogue: Catalogue,
    sight: Sight,
    standing: Sequence[Alarm],
    rules: RuleSet,
    camera: Camera,
    zone: ZoneInfo,
) -> dict[str, Any]:
    """Return the page's content: windows by zone, lines, alarms, advice, sums."""
    lines = {each.code: each for each in sight.lines}
    worst = {each.window: each.level.value for each in sorted(standing, key=_rank, reverse=True)}
    said = {each.key: each.said for each in sightings(sight, rules)}
    states = [each.state for each in sight.places]
    return {
        "now": days.iso(sight.now, zone),
        "at": sight.now,
        "open": sight.is_open,
        "sums": {
            **{state: states.count(state) for state in STATES},
            "windows": len(states),
            "waiting": sum(each.waiting for each in sight.lines),
            "longest": max((each.longest for each in sight.lines if each.waiting), default=0),
        },
        "zones": [
            {
                "code": each.code,
                "name": each.name,
                "windows": [
                    _tile(place, lines, worst.get(place.no, ""), zone)
                    for place in sight.places
                    if place.zone == each.code
                ],
            }
            for each in catalogue.zones
            if any(place.zone == each.code for place in sight.places)
        ],
        "lines": [_line(each, sight) for each in _shown_lines(sight)],
        "alarms": [
            _alarm(each, catalogue, said.get(each.key, ""), sight.now, camera, zone)
            for each in sorted(standing, key=_rank)
        ],
        "advice": [
            {"service": each.service, "act": each.act, "why": each.why, "urgent": each.urgent}
            for each in (advice(sight.lines, sight.places) if sight.is_open else ())
        ],
    }


def _rank(alarm: Alarm) -> tuple[bool, bool, int]:
    """Put what nobody has acknowledged first, red before yellow, then the newest."""
    return alarm.acknowledged_at is not None, alarm.level is not Level.RED, -alarm.id


def _tile(place: Place, lines: dict[str, Line], alarm: str, zone: ZoneInfo) -> dict[str, Any]:
    own = [lines[code] for code in place.services if code in lines and lines[code].waiting]
    longest = max(own, key=lambda each: each.longest, default=None)
    since = days.local(place.since, zone) if place.since else None
    return {
        "no": place.no,
        "state": place.state,
        "word": STATES[place.state],
        "number": place.number,
        "service": place.service_name,
        "since": f"{since:%H:%M}" if since else "",
        "minutes": place.minutes,
        "clerk": place.clerk,
        "reason": place.reason,
        "waiting": sum(each.waiting for each in own),
        "longest": longest.longest if longest else 0,
        "late": bool(longest and longest.longest > longest.target),
        "alarm": alarm,
    }


def _shown_lines(sight: Sight) -> list[Line]:
    waiting = [each for each in sight.lines if each.waiting]
    return sorted(waiting, key=lambda each: (-each.longest / each.target, -each.waiting))


def _line(line: Line, sight: Sight) -> dict[str, Any]:
    own = [each for each in sight.places if line.code in each.services]
    return {
        "code": line.code,
        "name": line.name,
        "waiting": line.waiting,
        "longest": line.longest,
        "number": line.number,
        "expected": line.expected,
        "target": line.target,
        "open": sum(each.state in ("open", "called", "serving") for each in own),
        "windows": len(own),
        "level": _colour(line),
    }


def _colour(line: Line) -> str:
    share = line.longest / line.target
    return "red" if share > 1.5 else "yellow" if share > 1 else ""


def _alarm(
    alarm: Alarm,
    catalogue: Catalogue,
    said: str,
    now: Instant,
    camera: Camera,
    zone: ZoneInfo,
) -> dict[str, Any]:
    person = catalogue.person.get(alarm.acknowledged_by)
    return {
        "id": alarm.id,
        "kind": KINDS[alarm.kind].name,
        "level": alarm.level.value,
        "level_word": alarm.level.chinese,
        "said": said or alarm.said,
        "easing": not said,
        "began": f"{days.local(alarm.began_at, zone):%H:%M}",
        "minutes": minutes_of(now - alarm.began_at),
        "acknowledged": alarm.acknowledged_at is not None,
        "by": person.name if person else alarm.acknowledged_by,
        "words": alarm.words,
        "escalated": alarm.escalated_at is not None,
        "camera": camera.link(alarm.window, alarm.began_at, zone),
    }
