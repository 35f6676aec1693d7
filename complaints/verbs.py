"""What all verbs of complaints share: what is known, how a change is saved and told."""

import logging

from complaints import life
from complaints.events import (
    ComplaintAccepted,
    ComplaintAssigned,
    ComplaintClosed,
    ComplaintEvent,
    ComplaintExtended,
    ComplaintRegistered,
    ComplaintReplied,
    ComplaintWithdrawn,
)
from complaints.life import Complaint
from complaints.limits import Terms
from complaints.store import ComplaintTables, Step
from hall.config import Config
from hall.days import Clock, Instant
from hall.desk import Desk
from hall.refusals import NotAllowed, NotFound
from hall.register import Register
from hall.store import Store
from hall.teller import Teller
from hall.workdays import Workdays

log = logging.getLogger("complaints")
EVENTS: dict[str, type[ComplaintEvent]] = {
    "complaint_registered": ComplaintRegistered,
    "complaint_assigned": ComplaintAssigned,
    "complaint_accepted": ComplaintAccepted,
    "complaint_extended": ComplaintExtended,
    "complaint_replied": ComplaintReplied,
    "complaint_withdrawn": ComplaintWithdrawn,
    "complaint_closed": ComplaintClosed,
}


class ComplaintVerbs(Teller):
    """The ground on which the verbs stand."""

    def __init__(
        self, store: Store, register: Register, desk: Desk, config: Config, clock: Clock
    ) -> None:
        super().__init__(store, log)
        self.register = register
        self.desk = desk
        self.settings = config.complaints
        self.terms = Terms(**self.settings.model_dump(exclude={"area_code"}))
        self.zone = config.hall.zone
        self.clock = clock
        self.tables = ComplaintTables(store)

    # -- what is known --------------------------------------------------------------------------

    def workdays(self) -> Workdays:
        """Return the days that limits are counted in."""
        return Workdays.of(self.desk.calendar())

    def units(self) -> dict[str, str]:
        """Return the units that handle complaints, code to name, in the hall's order."""
        departments = self.register.catalogue().departments
        return {each.code: each.name for each in departments}

    def _active_units(self) -> list[str]:
        return [each.code for each in self.register.catalogue().departments]

    def complaint(self, number: int) -> Complaint:
        """Return a complaint by its id, or raise NotFound."""
        return life.known(self.tables.complaint(number))

    def check_sees(self, found: Complaint, by: str) -> None:
        """Refuse a handler the complaints of other units, as if there were none."""
        person = self.register.person(by)
        if person is not None and person.role == "handler" and person.department != found.unit:
            raise NotFound("unknown_complaint", "没有这件投诉。")

    def _check_own(self, found: Complaint, by: str) -> str:
        """Return the name of who handles; refuse a handler of another unit, or whom it is about."""
        person = self.register.person(by)
        if person is None:
            return by
        department = person.department if person.role == "handler" else found.unit
        if refusal := life.may_handle(found, person.name, department):
            raise refusal
        return person.name

    # -- changing -------------------------------------------------------------------------------

    def _save(
        self, found: Complaint, new: Complaint, event: str, now: Instant, by: str, told: str
    ) -> Complaint:
        changed = self.tables.change(found, new)
        if changed is None:
            raise NotAllowed("changed_meanwhile", f"{found.number} 刚刚有变化，请再看一次。")
        self._note(event, changed, now, by, told)
        return changed

    def _note(self, event: str, about: Complaint, now: Instant, by: str, told: str = "") -> None:
        self.tables.add_step(about.id, Step(now, event.removeprefix("complaint_"), by, told))
        detail = {"complaint": about.id, "unit": about.unit, "state": about.state.value}
        seq = self.store.note(now, event, who=by, detail=detail | ({"told": told} if told else {}))
        if self._followers and event in EVENTS:
            happened = EVENTS[event](seq, now, (), about)
            self.store.after_commit(lambda: self._tell(happened))
