"""class Complaints – the verbs of complaints: read, decide, save, note; after the commit, tell."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from complaints import orders, rules
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
from complaints.rules import (
    OPEN,
    REASON_LENGTH,
    REPLY_LENGTH,
    BadComplaint,
    Colour,
    Complaint,
    Draft,
    Kind,
    Outcome,
    Source,
    State,
    Terms,
)
from complaints.store import ComplaintTables, Step
from hall import days, services
from hall.config import Config
from hall.days import Clock, Instant
from hall.desk import Desk
from hall.events import Event
from hall.refusals import NotAllowed, NotFound, NotValid
from hall.register import Register
from hall.store import Store
from hall.workdays import Workdays

log = logging.getLogger("complaints")
HANDLER_LENGTH = 30
FILE_NAME_LENGTH = 120
LATEST = 2**62
EVENTS: dict[str, type[ComplaintEvent]] = {
    "complaint_registered": ComplaintRegistered,
    "complaint_assigned": ComplaintAssigned,
    "complaint_accepted": ComplaintAccepted,
    "complaint_extended": ComplaintExtended,
    "complaint_replied": ComplaintReplied,
    "complaint_withdrawn": ComplaintWithdrawn,
    "complaint_closed": ComplaintClosed,
}


@dataclass(frozen=True, slots=True)
class Told:
    """A complaint with what it counts as and how near its limit is, at one instant."""

    complaint: Complaint
    outcome: Outcome
    colour: Colour
    days_over: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which complaints are asked for; None is all, an empty month any.

    ``state`` may be ``open``: whatever a unit has still to answer.
    """

    month: str = ""
    unit: str | None = None
    source: str | None = None
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of an order list: how many are new, how many were registered before."""

    added: int
    known: int


@dataclass(frozen=True, slots=True)
class Whose:
    """Who complained, in full; every look is noted with its reason."""

    name: str
    phone: str


class Complaints:
    """The one place where complaints are registered, handled and counted."""

    def __init__(
        self, store: Store, register: Register, desk: Desk, config: Config, clock: Clock
    ) -> None:
        self.store = store
        self.register = register
        self.desk = desk
        self.settings = config.complaints
        self.terms = Terms(**self.settings.model_dump(exclude={"area_code"}))
        self.zone = config.hall.zone
        self.clock = clock
        self.tables = ComplaintTables(store)
        self._followers: list[Callable[[Event], None]] = []

    # -- who listens ----------------------------------------------------------------------------

    def follow(self, follower: Callable[[Event], None]) -> None:
        """Let ``follower`` know of events once they are safe; a failing one is logged."""
        self._followers.append(follower)

    def _tell(self, event: Event) -> None:
        for follower in self._followers:
            try:
                follower(event)
            except Exception:  # what is committed stands, whoever fails to hear of it
                log.exception("a follower failed on %s", type(event).__name__)

    def _note(self, event: str, about: Complaint, now: Instant, by: str, told: str = "") -> None:
        self.tables.add_step(about.id, Step(now, event.removeprefix("complaint_"), by, told))
        detail = {"complaint": about.id, "unit": about.unit, "state": about.state.value}
        seq = self.store.note(now, event, who=by, detail=detail | ({"told": told} if told else {}))
        if self._followers and event in EVENTS:
            happened = EVENTS[event](seq, now, (), about)
            self.store.after_commit(lambda: self._tell(happened))

    # -- what is known --------------------------------------------------------------------------

    def workdays(self) -> Workdays:
        """Return the days that limits are counted in."""
        return Workdays.of(self.desk.calendar())

    def units(self) -> dict[str, str]:
        """Return the units that handle complaints, code to name, in the hall's order."""
        departments = self.register.catalogue().departments
        return {each.code: each.name for each in departments}

    def complaint(self, number: int) -> Complaint:
        """Return a complaint by its id, or raise NotFound."""
        return rules.known(self.tables.complaint(number))

    def told(self, complaint: Complaint) -> Told:
        """Return a complaint with what it counts as now."""
        return self._told(complaint, self.clock(), self.workdays())

    def _told(self, complaint: Complaint, now: Instant, workdays: Workdays) -> Told:
        return Told(
            complaint,
            rules.outcome(complaint, now),
            rules.colour(complaint, now, workdays),
            rules.days_over(complaint, now, workdays),
        )

    def steps(self, complaint: int) -> list[Step]:
        """Return all that was done of a complaint, in its order."""
        return self.tables.steps(complaint)

    def find(self, wanted: Wanted) -> list[Told]:
        """Return the complaints that came in within a month, the newest first."""
        found = self.tables.between(*self._bounds(wanted.month), wanted.unit, wanted.source)
        now, workdays = self.clock(), self.workdays()
        return [
            self._told(each, now, workdays)
            for each in found
            if wanted.state in (None, each.state.value)
            or (wanted.state == "open" and each.state in OPEN)
        ]

    def units_table(self, month: str, unit: str | None = None) -> dict[str, Any]:
        """Return the table of the units for what came in within a month; of one unit alone too."""
        found = self.tables.between(*self._bounds(month), unit)
        units = {code: name for code, name in self.units().items() if unit in (None, code)}
        return {"month": month, **rules.units_table(found, self.clock(), units)}

    def _bounds(self, month: str) -> tuple[Instant, Instant]:
        if not month:
            return 0, LATEST
        try:
            return days.month_bounds(month, self.zone)
        except (ValueError, OverflowError):
            raise NotValid("bad_month", "月份须写作 2026-11 的样子。") from None

    # -- registering ----------------------------------------------------------------------------

    def register_one(self, draft: Draft, tap: str, by: str = "") -> Complaint:
        """Write a complaint down, and hand it to its unit if it names one.

        The same tap gets the same complaint. Raises BadComplaint with every mistake, NotAllowed
        ``order_known`` for an order that is registered already.
        """
        services.check_tap(tap)
        with self.store.transaction():
            if found := self.tables.of_tap(tap):
                return found
            now = self.clock()
            self._check(draft, now)
            if draft.order_number and (known := self.tables.of_order(draft.order_number)):
                raise NotAllowed(
                    "order_known", f"工单 {draft.order_number} 已登记为 {known.number}。"
                )
            return self._add(draft, now, by, tap)

    def mistakes(self, draft: Draft) -> dict[str, str]:
        """Return what is wrong with a draft now, a sentence for each field."""
        return rules.mistakes(draft, self.clock(), self._active_units(), self.zone)

    def _active_units(self) -> list[str]:
        return [each.code for each in self.register.catalogue().departments]

    def _check(self, draft: Draft, now: Instant) -> None:
        if found := rules.mistakes(draft, now, self._active_units(), self.zone):
            raise BadComplaint(found)

    def _add(
        self, draft: Draft, now: Instant, by: str, tap: str | None, told: str = ""
    ) -> Complaint:
        assert draft.at is not None
        workdays = self.workdays()
        made = Complaint(
            id=0,
            source=Source(draft.source),
            kind=Kind(draft.kind),
            order_number=draft.order_number or None,
            title=draft.title.strip(),
            complainant=draft.complainant.strip(),
            phone=draft.phone,
            accused_unit=draft.accused_unit.strip(),
            accused=draft.accused.strip(),
            content=draft.content.strip(),
            at=draft.at,
            registered_at=now,
            accept_due_at=rules.accept_due(now, self.terms, workdays),
            due_at=rules.reply_due(draft, draft.at, self.terms, workdays),
            unit=None,
            handler="",
            state=State.RECEIVED,
        )
        kept = self.tables.add(made, tap)
        self._note("complaint_registered", kept, now, by, told)
        return self._assign(kept, draft.unit, "", now, by) if draft.unit else kept

    def import_orders(
        self,
        drafts: Sequence[Draft],
        file_name: str,
        by: str = "",
        between: Callable[[], object] = lambda: None,
    ) -> Imported:
        """Take over an order list, all of it or, for one mistake, nothing.

        An order that is registered already stays as it is. What the list says was done of an
        order is kept as of the time it says. It is written in small transactions, ``between``
        which others have their turn; a list that was broken off is imported again.
        """
        if len(drafts) > orders.ROWS_MOST:
            raise NotValid("too_many", f"一次最多导入 {orders.ROWS_MOST} 件。")
        now, added = self.clock(), 0
        for draft in drafts:
            self._check(draft, now)
            if not draft.order_number:
                raise BadComplaint({"order_number": "工单号不能为空。"})
        for begin in range(0, len(drafts), orders.ROWS_AT_ONCE):
            with self.store.transaction():
                for draft in drafts[begin : begin + orders.ROWS_AT_ONCE]:
                    if self.tables.of_order(draft.order_number or "") is None:
                        self._import(draft, now, by, file_name)
                        added += 1
            between()
        known = len(drafts) - added
        told = {"file": file_name[:FILE_NAME_LENGTH], "added": added, "known": known}
        with self.store.transaction():
            self.store.note(now, "complaints_imported", who=by, detail=told)
        return Imported(added, known)

    def _import(self, draft: Draft, now: Instant, by: str, file_name: str) -> None:
        kept = self._add(draft, now, by, None, f"从“{file_name[:FILE_NAME_LENGTH]}”导入")
        begun = draft.accepted_at or draft.replied_at
        if begun is not None:
            kept = self._accept(kept, begun, draft.handler, now, by)
        if draft.replied_at is not None:
            self._reply(kept, draft.reply.strip(), draft.replied_at, now, by)

    def known_orders(self, order_numbers: Sequence[str]) -> set[str]:
        """Return which of some orders are registered already."""
        return self.tables.known_orders(list(dict.fromkeys(order_numbers))[: orders.ROWS_MOST])

    # -- handling -------------------------------------------------------------------------------

    def assign(self, number: int, unit: str, reason: str = "", by: str = "") -> Complaint:
        """Hand a complaint to a unit; to another one, with a reason, when it went astray.

        Its limit stays: it counts from when the citizen came.
        """
        with self.store.transaction():
            found, now = self.complaint(number), self.clock()
            if found.unit == unit and found.state in (State.ASSIGNED, State.ACCEPTED):
                return found
            if unit not in self._active_units():
                raise NotValid("unknown_unit", "没有这个单位，请从大厅的部门里选择。")
            told = reason.strip()
            if found.unit is not None:
                told = rules.check_text(reason, REASON_LENGTH, "改派的原因")
            return self._assign(found, unit, told, now, by)

    def _assign(self, found: Complaint, unit: str, reason: str, now: Instant, by: str) -> Complaint:
        rules.check_may_become(found, State.ASSIGNED)
        given = replace(found, unit=unit, handler="", accepted_at=None, state=State.ASSIGNED)
        name = self.units().get(unit, unit)
        told = f"{name}；{reason}" if reason else name
        return self._save(found, given, "complaint_assigned", now, by, told)

    def accept(self, number: int, by: str = "") -> Complaint:
        """Begin to work on a complaint, for its unit; twice is once."""
        with self.store.transaction():
            found, now = self.complaint(number), self.clock()
            name = self._check_own(found, by)
            if found.state is State.ACCEPTED:
                return found
            return self._accept(found, now, name, now, by)

    def _accept(
        self, found: Complaint, at: Instant, handler: str, now: Instant, by: str
    ) -> Complaint:
        rules.check_may_become(found, State.ACCEPTED)
        accepted = replace(
            found, state=State.ACCEPTED, accepted_at=at, handler=handler[:HANDLER_LENGTH]
        )
        return self._save(found, accepted, "complaint_accepted", now, by, self._stated(at, now))

    def reply(self, number: int, text: str, by: str = "") -> Complaint:
        """Answer a complaint, once; one that nobody has accepted is accepted by it."""
        told = rules.check_text(text, REPLY_LENGTH, "反馈信息")
        with self.store.transaction():
            found, now = self.complaint(number), self.clock()
            name = self._check_own(found, by)
            if found.replied_at is not None:
                if found.reply == told:
                    return found
                raise NotAllowed("replied_already", f"{found.number} 已经回复过，不能改写。")
            if found.state is State.ASSIGNED:
                found = self._accept(found, now, name, now, by)
            return self._reply(found, told, now, now, by)

    def _reply(self, found: Complaint, text: str, at: Instant, now: Instant, by: str) -> Complaint:
        rules.check_may_become(found, State.REPLIED)
        replied = replace(found, state=State.REPLIED, reply=text, replied_at=at)
        return self._save(found, replied, "complaint_replied", now, by, self._stated(at, now))

    def _stated(self, at: Instant, now: Instant) -> str:
        """Return the time that a list states for what is noted only now."""
        return "" if at == now else f"工单所记时间 {days.local(at, self.zone):%Y-%m-%d %H:%M}"

    def extend(self, number: int, reason: str, by: str = "") -> Complaint:
        """Move a limit, once and before it has passed; the unit itself cannot (NotAllowed)."""
        told = rules.check_text(reason, REASON_LENGTH, "延期原因")
        with self.store.transaction():
            found, now = self.complaint(number), self.clock()
            person = self.register.person(by)
            if person is not None and person.role == "handler":
                raise NotAllowed("not_by_the_unit", "延期须由督查或大厅管理人员批准。")
            if found.extended_to is not None and found.extension_reason == told:
                return found
            to = rules.extended(found, now, self.terms, self.workdays())
            longer = replace(found, extended_to=to, extension_reason=told)
            said = f"延至 {rules.limit_said(to, self.zone)}；{told}"
            return self._save(found, longer, "complaint_extended", now, by, said)

    def withdraw(self, number: int, reason: str, by: str = "") -> Complaint:
        """Keep that the citizen has taken a complaint back; the handler's unit cannot say so."""
        told = rules.check_text(reason, REASON_LENGTH, "撤回的原因")
        with self.store.transaction():
            found, now = self.complaint(number), self.clock()
            person = self.register.person(by)
            if person is not None and person.role == "handler":
                raise NotAllowed("not_by_the_unit", "撤回须由受理投诉的窗口或督查登记。")
            return self._end(found, State.WITHDRAWN, "complaint_withdrawn", told, now, by)

    def close(self, number: int, by: str = "") -> Complaint:
        """Close a complaint that was answered; twice is once."""
        with self.store.transaction():
            found, now = self.complaint(number), self.clock()
            return self._end(found, State.CLOSED, "complaint_closed", "", now, by)

    def _end(
        self, found: Complaint, becomes: State, event: str, told: str, now: Instant, by: str
    ) -> Complaint:
        if found.state is becomes:
            return found
        rules.check_may_become(found, becomes)
        return self._save(found, replace(found, state=becomes, ended_at=now), event, now, by, told)

    def _save(
        self, found: Complaint, new: Complaint, event: str, now: Instant, by: str, told: str
    ) -> Complaint:
        changed = self.tables.change(found, new)
        if changed is None:
            raise NotAllowed("changed_meanwhile", f"{found.number} 刚刚有变化，请再看一次。")
        self._note(event, changed, now, by, told)
        return changed

    def _check_own(self, found: Complaint, by: str) -> str:
        """Return the name of who handles; refuse a handler of another unit, or whom it is about."""
        person = self.register.person(by)
        if person is None:
            return by
        department = person.department if person.role == "handler" else found.unit
        if refusal := rules.may_handle(found, person.name, department):
            raise refusal
        return person.name

    def check_sees(self, found: Complaint, by: str) -> None:
        """Refuse a handler the complaints of other units, as if there were none."""
        person = self.register.person(by)
        if person is not None and person.role == "handler" and person.department != found.unit:
            raise NotFound("unknown_complaint", "没有这件投诉。")

    # -- who complained -------------------------------------------------------------------------

    def reveal(self, number: int, reason: str, by: str = "") -> Whose:
        """Say who complained, in full; the look is kept with its reason before it is answered."""
        told = rules.check_text(reason, REASON_LENGTH, "查看的原因")
        with self.store.transaction():
            found = self.complaint(number)
            self.check_sees(found, by)
            self._note("complaint_revealed", found, self.clock(), by, told)
        return Whose(found.complainant, found.phone)

    def reveal_month(self, month: str, reason: str, by: str = "") -> None:
        """Keep that the names of a month are taken out in full, and why."""
        told = rules.check_text(reason, REASON_LENGTH, "导出实名的原因")
        self._bounds(month)
        with self.store.transaction():
            detail = {"month": month, "told": told}
            self.store.note(self.clock(), "complaints_revealed", who=by, detail=detail)

    def table10(
        self, month: str, unit: str | None = None, *, full: bool = False
    ) -> list[list[Any]]:
        """Return a month's complaints as GB/T 39046 table 10 has them, the oldest first."""
        found, units = self.find(Wanted(month, unit)), self.units()
        return [self._row10(each, units, full=full) for each in reversed(found)]

    def _row10(self, told: Told, units: dict[str, str], *, full: bool) -> list[Any]:
        about = told.complaint
        name = about.complainant or "匿名"
        return [
            about.title,
            name if full else rules.masked_name(about.complainant),
            about.accused_unit,
            about.accused,
            about.content,
            rules.SOURCES[about.source],
            self._as_in_the_standard(about.at),
            about.unit or "",
            units.get(about.unit or "", ""),
            about.handler,
            self._as_in_the_standard(about.accepted_at),
            about.reply,
            self._as_in_the_standard(about.replied_at),
            self._as_in_the_standard(about.due_at),
            self._as_in_the_standard(about.extended_to),
            about.extension_reason,
            told.days_over,
            self.settings.area_code,
        ]

    def _as_in_the_standard(self, at: Instant | None) -> str:
        return "" if at is None else f"{days.local(at, self.zone):%Y%m%dT%H%M%S}"
