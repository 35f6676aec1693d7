"""Whose a case is: assigned, handed over, accepted, sent back."""

from typing import Any

from cases import conditions, rights, words
from cases.life import As, Case, State, Verb
from cases.verbs import CaseVerbs
from hall.catalogue import Person
from hall.refusals import NotAllowed, NotValid


class Assigning(CaseVerbs):
    """Cases on their way to who deals with them."""

    def assign(self, number: int, to: str, *, by: str, tap: str) -> Case:
        """Give a case to a handler, whose unit it is from then on."""
        with self.store.transaction():
            if done := self._repeated(number, tap):
                return done
            case = self._may(number, Verb.ASSIGN, by)
            person = rights.check_handler(self.register.person(to), case)
            return self._give(case, person, Verb.ASSIGN, by, tap, "")

    def hand_over(self, number: int, to: str, reason: str, *, by: str, tap: str) -> Case:
        """Give a case to another handler, of the same unit unless a manager does it."""
        with self.store.transaction():
            if done := self._repeated(number, tap):
                return done
            case, why = self._may(number, Verb.HAND_OVER, by), words.check_words(reason, "移交原因")
            person = rights.check_handler(self.register.person(to), case)
            if person.staff_number == case.handler:
                raise NotValid("same_handler", f"这件差评已经由 {person.name} 承办。")
            in_charge = As.MANAGER in rights.capacities(self.actor(by), case)
            if person.department != case.unit and not in_charge:
                raise NotAllowed("other_unit", "只能移交给本单位的承办人；不属本单位的请退回改派。")
            return self._give(case, person, Verb.HAND_OVER, by, tap, why)

    def _give(
        self, case: Case, person: Person, verb: Verb, by: str, tap: str | None, why: str
    ) -> Case:
        to = f"承办人 {person.name}（{person.staff_number}）"
        changes: dict[str, Any] = {"handler": person.staff_number, "unit": person.department}
        becomes = State.ASSIGNED if verb is Verb.ASSIGN else case.state
        if verb is Verb.ASSIGN or person.department != case.unit:
            changes["assigned_at"] = self.clock()
        note = f"{to}：{why}" if why else to
        return self._step(case, verb, becomes, by, tap, note, **changes)

    def accept(self, number: int, *, by: str, tap: str) -> Case:
        """Take a case up: from now on it is verified, by whoever took it."""
        with self.store.transaction():
            if done := self._repeated(number, tap):
                return done
            case = self._may(number, Verb.ACCEPT, by)
            return self._step(case, Verb.ACCEPT, State.VERIFYING, by, tap, handler=by)

    def send_back(self, number: int, reason: str, *, by: str, tap: str) -> Case:
        """Send a case back that is not this unit's, to be assigned by the manager."""
        with self.store.transaction():
            if done := self._repeated(number, tap):
                return done
            case, why = self._may(number, Verb.SEND_BACK, by), words.check_words(reason, "退回原因")
            conditions.check_misrouted(case, self.clock(), self.limits)
            return self._step(case, Verb.SEND_BACK, State.RECEIVED, by, tap, why, handler=None)
