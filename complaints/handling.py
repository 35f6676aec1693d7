"""What is done with complaints: assigned, accepted, answered, extended, withdrawn, closed."""

from dataclasses import replace

from complaints import life, limits, words
from complaints.life import REASON_LENGTH, REPLY_LENGTH, Complaint, State
from complaints.verbs import ComplaintVerbs
from hall import days
from hall.days import Instant
from hall.refusals import NotAllowed, NotValid

HANDLER_LENGTH = 30


class Handling(ComplaintVerbs):
    """Complaints, on their way to an answer."""

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
                told = life.check_text(reason, REASON_LENGTH, "改派的原因")
            return self._assign(found, unit, told, now, by)

    def _assign(self, found: Complaint, unit: str, reason: str, now: Instant, by: str) -> Complaint:
        life.check_may_become(found, State.ASSIGNED)
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
        life.check_may_become(found, State.ACCEPTED)
        accepted = replace(
            found, state=State.ACCEPTED, accepted_at=at, handler=handler[:HANDLER_LENGTH]
        )
        return self._save(found, accepted, "complaint_accepted", now, by, self._stated(at, now))

    def reply(self, number: int, text: str, by: str = "") -> Complaint:
        """Answer a complaint, once; one that nobody has accepted is accepted by it."""
        told = life.check_text(text, REPLY_LENGTH, "反馈信息")
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
        life.check_may_become(found, State.REPLIED)
        replied = replace(found, state=State.REPLIED, reply=text, replied_at=at)
        return self._save(found, replied, "complaint_replied", now, by, self._stated(at, now))

    def _stated(self, at: Instant, now: Instant) -> str:
        """Return the time that a list states for what is noted only now."""
        return "" if at == now else f"工单所记时间 {days.local(at, self.zone):%Y-%m-%d %H:%M}"

    def extend(self, number: int, reason: str, by: str = "") -> Complaint:
        """Move a limit, once and before it has passed; the unit itself cannot (NotAllowed)."""
        told = life.check_text(reason, REASON_LENGTH, "延期原因")
        with self.store.transaction():
            found, now = self.complaint(number), self.clock()
            person = self.register.person(by)
            if person is not None and person.role == "handler":
                raise NotAllowed("not_by_the_unit", "延期须由督查或大厅管理人员批准。")
            if found.extended_to is not None and found.extension_reason == told:
                return found
            to = limits.extended(found, now, self.terms, self.workdays())
            longer = replace(found, extended_to=to, extension_reason=told)
            said = f"延至 {words.limit_said(to, self.zone)}；{told}"
            return self._save(found, longer, "complaint_extended", now, by, said)

    def withdraw(self, number: int, reason: str, by: str = "") -> Complaint:
        """Keep that the citizen has taken a complaint back; the handler's unit cannot say so."""
        told = life.check_text(reason, REASON_LENGTH, "撤回的原因")
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
        life.check_may_become(found, becomes)
        return self._save(found, replace(found, state=becomes, ended_at=now), event, now, by, told)
