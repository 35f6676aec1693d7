"""Which values of what is seen the rules are asked about, each with its sentence; pure."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from monitor.rules import Kind, Level, RuleSet
from monitor.sight import Place, Sight

# From so many hours on minutes alone tell nobody how long it was.
SAID_IN_HOURS = 2
DEVICE_WORDS = {"evaluator": "评价器", "kiosk": "取号机", "display": "显示屏"}
PRINTER_WORDS = {
    "near_end": "纸将用完",
    "out_of_paper": "缺纸",
    "off": "连不上",
    "trouble": "有故障",
}


@dataclass(frozen=True, slots=True)
class Sighting:
    """Something that was measured: of what kind, of whom, how much, and the sentence for it."""

    kind: Kind
    subject: str
    value: float
    said: str
    window: int | None = None
    service: str | None = None
    ticket: int | None = None
    department: str = ""

    @property
    def key(self) -> tuple[Kind, str]:
        """Return what an alarm is known by while it stands."""
        return self.kind, self.subject


def sightings(sight: Sight, rules: RuleSet) -> list[Sighting]:
    """Return all that reaches a rule, the worst kinds in the order of the rules."""
    return [
        each
        for look in LOOKS
        for each in look(sight, rules)
        if rules.of(each.kind).level(each.value)
    ]


def level_of(sighting: Sighting, rules: RuleSet) -> Level | None:
    """Return how bad something seen is by the rules."""
    return rules.of(sighting.kind).level(sighting.value)


def _waits(sight: Sight, _rules: RuleSet) -> Iterator[Sighting]:
    for line in sight.lines:
        if line.waiting:
            yield Sighting(
                Kind.WAIT,
                f"service:{line.code}",
                100 * line.longest / line.target,
                f"“{line.name}”{line.number}号已等 {line.longest} 分钟，目标 {line.target} 分钟；"
                f"共 {line.waiting} 人等候。",
                service=line.code,
                ticket=line.first,
                department=line.department,
            )


def _idles(sight: Sight, _rules: RuleSet) -> Iterator[Sighting]:
    """Yield open windows that serve nobody while somebody waits for them all that time."""
    waiting = {each.code: each for each in sight.lines if each.waiting}
    for place in sight.places:
        lines = [waiting[code] for code in place.services if code in waiting]
        if sight.is_open and place.is_idle and lines:
            longest = max(lines, key=lambda each: each.longest)
            people = sum(each.waiting for each in lines)
            yield _at(
                place,
                Kind.IDLE,
                min(place.minutes, longest.longest),
                f"{place.name}空闲 {lasted(place.minutes)}，而“{longest.name}”等有 {people} 人"
                f"在等它，最久 {longest.longest} 分钟。",
            )


def _unmanned(sight: Sight, _rules: RuleSet) -> Iterator[Sighting]:
    for place in sight.places:
        if sight.is_open and place.state == "closed" and place.staffed:
            said = f"{place.name}开放时间里无人登录已 {lasted(place.minutes)}。"
            yield _at(place, Kind.UNMANNED, place.minutes, said)


def _paused(sight: Sight, _rules: RuleSet) -> Iterator[Sighting]:
    for place in sight.places:
        if sight.is_open and place.state == "paused":
            why = f"（{place.reason}）" if place.reason else ""
            said = f"{place.name}暂停服务{why}已 {lasted(place.minutes)}。"
            yield _at(place, Kind.PAUSED, place.minutes, said)


def _overruns(sight: Sight, rules: RuleSet) -> Iterator[Sighting]:
    least = rules.of(Kind.OVERRUN).least
    for place in sight.places:
        if place.state == "serving" and place.usual and place.minutes >= least:
            said = (
                f"{place.name}办理 {place.number}号“{place.service_name}”已 {place.minutes} 分钟，"
                f"通常 {place.usual:.0f} 分钟。"
            )
            yield _at(place, Kind.OVERRUN, 100 * place.minutes / place.usual, said)


def _at(place: Place, kind: Kind, value: float, said: str) -> Sighting:
    return Sighting(
        kind,
        f"window:{place.no}",
        value,
        said,
        window=place.no,
        service=place.service,
        ticket=place.ticket,
        department=place.department,
    )


def _missed(sight: Sight, rules: RuleSet) -> Iterator[Sighting]:
    least = rules.of(Kind.MISSED).least
    lines = {each.code: each for each in sight.lines}
    for code, (missed, ended) in sight.figures.missed.items():
        if ended and ended >= least and code in lines:
            line, share = lines[code], 100 * missed / ended
            yield Sighting(
                Kind.MISSED,
                f"service:{code}",
                share,
                f"“{line.name}”一小时内呼叫 {ended} 次，过号 {missed} 次（{share:.0f}%）。",
                service=code,
                department=line.department,
            )


def _priority(sight: Sight, rules: RuleSet) -> Iterator[Sighting]:
    favoured, taken = sight.figures.priority
    if taken and taken >= rules.of(Kind.PRIORITY).least:
        share = 100 * favoured / taken
        said = f"今天取号 {taken} 张，优先 {favoured} 张（{share:.0f}%）。"
        yield Sighting(Kind.PRIORITY, "hall", share, said)


def _unrated(sight: Sight, _rules: RuleSet) -> Iterator[Sighting]:
    for place in sight.places:
        if count := sight.figures.unrated.get(place.no, 0):
            said = f"{place.name}连续办结 {count} 次没有一条评价。"
            yield Sighting(
                Kind.UNRATED,
                f"window:{place.no}",
                count,
                said,
                window=place.no,
                department=place.department,
            )


def _quick(sight: Sight, rules: RuleSet) -> Iterator[Sighting]:
    seconds = rules.of(Kind.QUICK).least
    for place in sight.places:
        newest = sight.figures.quick.get(place.no, ())
        count = next((at for at, after in enumerate(newest) if after > seconds), len(newest))
        if count:
            yield Sighting(
                Kind.QUICK,
                f"window:{place.no}",
                count,
                f"{place.name}连续 {count} 条评价在办完 {seconds} 秒内给出。",
                window=place.no,
                department=place.department,
            )


def _silent(sight: Sight, _rules: RuleSet) -> Iterator[Sighting]:
    """Yield machines nobody hears of: evaluators of windows that serve, the others while open."""
    places = {each.no: each for each in sight.places}
    for device in sight.devices:
        place = places.get(device.window or 0)
        needed = place is not None and place.state not in ("closed", "paused")
        if device.role not in DEVICE_WORDS or not sight.is_open:
            continue
        if device.role != "evaluator" or needed:
            yield Sighting(
                Kind.SILENT,
                f"device:{device.id}",
                device.silent,
                f"{DEVICE_WORDS[device.role]}“{device.name}”已 {lasted(device.silent)}没有联系。",
                window=place.no if place else None,
                department=place.department if place else "",
            )


def _printers(sight: Sight, _rules: RuleSet) -> Iterator[Sighting]:
    for device in sight.devices:
        if device.printer in PRINTER_WORDS:
            yield Sighting(
                Kind.PRINTER,
                f"device:{device.id}",
                1 if device.printer == "near_end" else 2,
                f"“{device.name}”的打印机{PRINTER_WORDS[device.printer]}。",
            )


def _spaced(name: str) -> str:
    """Return a name that a Chinese word follows: a number at its end stands apart."""
    return f"{name} " if name[-1:].isascii() and name[-1:].isalnum() else name


def _limits(sight: Sight, _rules: RuleSet) -> Iterator[Sighting]:
    for limit in sight.limits:
        yield Sighting(
            Kind.LIMIT,
            limit.subject,
            2 if limit.passed else 1,
            f"{_spaced(limit.name)}的时限{'已过' if limit.passed else '临近'}。",
            window=limit.window,
            department=limit.department,
        )


Look = Callable[[Sight, RuleSet], Iterable[Sighting]]
LOOKS: tuple[Look, ...] = (
    _waits,
    _idles,
    _unmanned,
    _paused,
    _overruns,
    _missed,
    _priority,
    _unrated,
    _quick,
    _silent,
    _printers,
    _limits,
)


def lasted(minutes: int) -> str:
    """Return minutes as people say them: 45 分钟, 3 小时 5 分钟."""
    hours, rest = divmod(minutes, 60)
    if hours < SAID_IN_HOURS:
        return f"{minutes} 分钟"
    return f"{hours} 小时 {rest} 分钟" if rest else f"{hours} 小时"
