"""What all verbs of cases share: who acts, a form that comes twice, the step that is written."""

import logging
from dataclasses import replace
from typing import Any

from cases import life, limits, rights
from cases.events import CaseMoved
from cases.history_store import Past
from cases.life import Case, State, Verb
from cases.limits import Limits
from cases.rights import Actor
from cases.store import CaseStore
from hall import services
from hall.config import Config
from hall.days import Clock, Instant
from hall.desk import Desk
from hall.refusals import NotAllowed, NotFound
from hall.register import Register
from hall.store import Store
from hall.teller import Teller
from hall.workdays import Workdays
from rating.book import Book

log = logging.getLogger("cases")


class CaseVerbs(Teller):
    """The ground on which the verbs stand."""

    def __init__(
        self, store: Store, register: Register, desk: Desk, book: Book, config: Config, clock: Clock
    ) -> None:
        super().__init__(store, log)
        self.register = register
        self.desk = desk
        self.book = book
        self.limits = Limits(**config.cases.model_dump())
        self.zone = config.hall.zone
        self.clock = clock
        self.cases = CaseStore(store)

    # -- what is known --------------------------------------------------------------------------

    def workdays(self) -> Workdays:
        """Return the days and hours by which limits are counted."""
        return Workdays.of(self.desk.calendar())

    def actor(self, by: str) -> Actor:
        """Return who acts: a person by their staff number, ``device:7`` as a manager's page."""
        if by.startswith("device:"):
            return Actor(by, "manager", person=False)
        person = self.register.person(by)
        if person is None:
            raise NotFound("unknown_person", "没有这位工作人员。")
        return Actor.of(person)

    def case(self, number: int) -> Case:
        """Return a case; NotFound."""
        return life.known(self.cases.case(number))

    def history(self, number: int) -> list[Past]:
        """Return the steps of a case, oldest first."""
        return self.cases.steps(number)

    # -- the shape of every verb ----------------------------------------------------------------

    def _repeated(self, number: int, tap: str) -> Case | None:
        """Return the case when this very form has been acted on before."""
        services.check_tap(tap)
        done = self.cases.case_of_tap(tap)
        if done is None:
            return None
        if done != number:
            raise NotAllowed("tap_used", "这张表单已经用过了，请刷新页面再试。")
        return self.case(number)

    def _may(self, number: int, verb: Verb, by: str) -> Case:
        case = self.case(number)
        rights.check_step(self.actor(by), case, verb)
        return case

    def _step(
        self,
        case: Case,
        verb: Verb,
        becomes: State,
        by: str,
        tap: str | None = None,
        note: str = "",
        **changes: Any,
    ) -> Case:
        """Write a step and what it changes; a new state begins with its own limit."""
        now = self.clock()
        step = self.cases.add_step(
            case.id, now, by, verb.value, case.state.value, becomes.value, note, tap
        )
        if becomes is not case.state:
            changes = {"since": now, "limit_at": self._limit(case, becomes, now)} | changes
        if becomes is State.CLOSED:
            changes["closed_at"] = now
        after = replace(case, state=becomes, step=step, **changes)
        if not self.cases.save(case, after):
            raise NotAllowed("changed_meanwhile", "这件差评刚刚有变化，请再看一次。")
        detail = {"case": case.id, "rating": case.rating, "state": becomes.value}
        seq = self.store.note(now, f"case_{verb.value}", window=case.window, who=by, detail=detail)
        self._emit(CaseMoved(seq, now, (), after, verb))
        return after

    def _limit(self, case: Case, state: State, began: Instant) -> Instant | None:
        return limits.limit_of(
            state,
            began,
            self.workdays(),
            self.limits,
            contact_limit=case.contact_limit if case.contacted_at is None else None,
        )
