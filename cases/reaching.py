"""How the rater is reached: who looked at the contact, and every try."""

from dataclasses import replace
from typing import Any

from cases import conditions, rights, words
from cases.life import Case, State, Verb
from cases.verbs import CaseVerbs
from hall.refusals import NotAllowed, NotFound


class Reaching(CaseVerbs):
    """Raters who left word of themselves."""

    def look(self, number: int, reason: str, *, by: str, tap: str) -> Case:
        """Write down that somebody looks at how to reach the rater, and why; see ``contact_of``."""
        with self.store.transaction():
            if done := self._repeated(number, tap):
                return done
            case, why = self._may(number, Verb.LOOK, by), words.check_words(reason, "查看原因")
            self._check_look(case, by)
            return self._step(case, Verb.LOOK, case.state, by, tap, why)

    def contact_of(self, number: int, *, by: str) -> str:
        """Return how the rater can be reached, for whoever has just written down a look."""
        case = self.case(number)
        self._check_look(case, by)
        if by not in {each.who for each in self.history(number) if each.verb == Verb.LOOK}:
            raise NotAllowed("no_look", "查看联系方式须先写明原因。")
        return self.cases.contact(case.rating)

    def _check_look(self, case: Case, by: str) -> None:
        if not case.real_name:
            raise NotFound("no_contact", "评价人没有留下联系方式。")
        if not rights.may_look(self.actor(by), case):
            raise NotAllowed("not_yours", "联系方式只给这件差评的经办人看。")

    def contact(self, number: int, way: str, outcome: str, note: str, *, by: str, tap: str) -> Case:
        """Write down a try to reach the rater."""
        with self.store.transaction():
            if done := self._repeated(number, tap):
                return done
            case = self._may(number, Verb.CONTACT, by)
            if not case.real_name:
                raise NotAllowed("no_contact", "匿名差评没有联系方式，只能凭记录核实。")
            words.check_one_of(way, conditions.WAYS, "联系方式")
            words.check_one_of(outcome, conditions.CONTACTS, "联系结果")
            said = words.check_words(note, "联系情况")
            told = f"{conditions.WAYS[way]}，{conditions.CONTACTS[outcome]}：{said}"
            outcomes = [*self.cases.contacts(number), outcome]
            changes = self._contacted(case, outcomes)
            after = self._step(case, Verb.CONTACT, case.state, by, tap, told, **changes)
            self.cases.add_contact(after.step, number, way, outcome)
            return after

    def _contacted(self, case: Case, outcomes: list[str]) -> dict[str, Any]:
        """Return what changes once the rater was reached or tried often enough."""
        if case.contacted_at is not None or not conditions.is_contacted(outcomes, self.limits):
            return {}
        changes: dict[str, Any] = {"contacted_at": self.clock()}
        if case.state is State.VERIFYING:
            begun = replace(case, contacted_at=self.clock())
            changes["limit_at"] = self._limit(begun, State.VERIFYING, case.since)
        return changes
