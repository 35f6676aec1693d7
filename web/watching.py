"""What the doors and other rooms tell the monitor and the readiness report."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import gevent

from cases.limits import Colour
from complaints.finding import Wanted
from complaints.limits import Colour as ComplaintColour
from hall import days
from monitor.rules import Kind
from monitor.sight import Device, Limit, minutes_of
from readiness import judging
from readiness.findings import Finding
from readiness.looking import Place, Running
from readiness.watch import Watch
from safety.standing import standings
from web.aside import in_thread

if TYPE_CHECKING:
    from web.current import Rooms

Sources = tuple[Callable[[], Sequence[Device]], Callable[[], Sequence[Limit]]]
NEAR = {Colour.YELLOW: False, Colour.RED: True}
COMPLAINT_NEAR = {ComplaintColour.YELLOW: False, ComplaintColour.RED: True}


def sources(rooms: "Rooms") -> Sources:
    """Return who tells of machines and who of limits; machines are silent from the start on."""
    began = rooms.clock()
    return lambda: tuple(_devices(rooms, began)), lambda: (*_cases(rooms), *_complaints(rooms))


def _devices(rooms: "Rooms", began: days.Instant) -> Iterator[Device]:
    now, known = rooms.clock(), rooms.printers.states() if rooms.printers is not None else {}
    standing = _silent_before(rooms)
    for each in rooms.register.catalogue().devices:
        # without a key nobody is there yet
        if each.id is None or not each.active or rooms.register.key_mark(each.id) is None:
            continue
        found = known.get(each.printer.strip()) if each.printer else None
        yield Device(
            id=each.id,
            role=each.role,
            name=each.name,
            silent=minutes_of(now - rooms.door.seen.get(each.id, standing.get(each.id, began))),
            window=each.window,
            printer=str(found.condition) if found else "",
        )


def _silent_before(rooms: "Rooms") -> dict[int, days.Instant]:
    """Return since when at the latest each machine is silent whose alarm stands.

    When each was heard of is in memory; by the ledger a restart ends no alarm of a machine that
    is still away. An alarm began when its machine was silent for so long as its rules said.
    """
    return {
        int(alarm.subject.partition(":")[2]): alarm.began_at
        - rooms.monitor.rules(alarm.rule_version).of(Kind.SILENT).yellow * days.MINUTE
        for alarm in rooms.monitor.alarms.standing()
        if alarm.kind is Kind.SILENT
    }


def _cases(rooms: "Rooms") -> Iterator[Limit]:
    for case in rooms.cases.open_cases():
        colour = rooms.cases.colour(case)
        if colour in NEAR:
            name = f"差评 {case.number or case.id}（{case.window}号窗口）"
            yield Limit(f"case:{case.id}", name, case.unit, NEAR[colour], case.window)


def _complaints(rooms: "Rooms") -> Iterator[Limit]:
    for told in rooms.complaints.find(Wanted(state="open")):
        about = told.complaint
        if told.colour in COMPLAINT_NEAR:
            name, passed = f"投诉 {about.number}", COMPLAINT_NEAR[told.colour]
            yield Limit(f"complaint:{about.id}", name, about.unit or "", passed)


def readiness(opened: Callable[[], "Rooms"], clock: days.Clock) -> Watch:
    """Return the running hall's own readiness report."""

    def printers(_: list[str]) -> dict[str, tuple[str, str]]:
        known = opened().printers.states()
        return {address: (str(each.condition), each.trouble) for address, each in known.items()}

    def place() -> Place:
        here = opened()
        running = Running(dict(here.door.seen))
        return Place(here.database, here.config, printers, running, reads=True)

    def kept_safe() -> list[Finding]:
        here = opened()
        told = standings(here.database, here.config, clock())
        safe = [Finding(each.state, each.what, each.told, each.todo) for each in told]
        return [*safe, judging.audit_log(here.auditing.lost, down=here.auditing.down)]

    def aside(look: Callable[[], list[Finding]]) -> list[Finding]:
        return in_thread(lambda: [*look(), *kept_safe()])

    return Watch(place, clock, aside, gevent.spawn)
