"""class Cases – the verbs of a bad rating's life: read, decide, save, note; then tell.

A case opens in the transaction of its rating. Every act is a step of a history that is only added
to; a form that comes twice (the same ``tap``) acts once.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cases import rules
from cases.events import CaseMoved, CaseRed
from cases.figures import figures
from cases.rules import Actor, As, Case, Colour, Limits, State, Verb
from cases.store import Appeal, Bad, CaseStore, Extension, Past
from hall import days, services
from hall.catalogue import Person
from hall.config import Config
from hall.days import Clock, Instant
from hall.desk import Desk
from hall.events import Event
from hall.refusals import NotAllowed, NotFound, NotValid
from hall.register import Register
from hall.store import Store
from hall.workdays import Workdays
from rating.book import Book
from rating.events import RatingVoided, ServiceRated

log = logging.getLogger("cases")
MONTH = re.compile(r"2[01][0-9]{2}-(0[1-9]|1[0-2])")
DECISION_LENGTH = 200  # as long as the reason of a voiding may be


class Cases:
    """The one place where bad ratings are followed up."""

    def __init__(
        self, store: Store, register: Register, desk: Desk, book: Book, config: Config, clock: Clock
    ) -> None:
        self.store = store
        self.register = register
        self.desk = desk
        self.book = book
        self.limits = Limits(**config.cases.model_dump())
        self.zone = config.hall.zone
        self.clock = clock
        self.cases = CaseStore(store)
        self._along: list[Callable[[Event], None]] = []
        self._followers: list[Callable[[Event], None]] = []
        book.along(self._hear)
        if not store.readonly:
            self._open_older()

    # -- who listens ----------------------------------------------------------------------------

    def along(self, follower: Callable[[Event], None]) -> None:
        """Let ``follower`` write what belongs to an event into the event's own transaction."""
        self._along.append(follower)

    def follow(self, follower: Callable[[Event], None]) -> None:
        """Let ``follower`` know of events once they are safe; a failing one is logged."""
        self._followers.append(follower)

    def _tell(self, event: Event) -> None:
        for follower in self._followers:
            try:
                follower(event)
            except Exception:  # what is committed stands, whoever fails to hear of it
                log.exception("a follower failed on %s", type(event).__name__)

    def _emit(self, event: Event) -> None:
        for follower in self._along:
            follower(event)
        if self._followers:
            self.store.after_commit(lambda: self._tell(event))

    # -- looking --------------------------------------------------------------------------------

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
        return rules.known(self.cases.case(number))

    def of_rating(self, rating: int) -> Case | None:
        """Return the case of a rating, None for one that has none."""
        return self.cases.of_rating(rating)

    def history(self, number: int) -> list[Past]:
        """Return the steps of a case, oldest first."""
        return self.cases.steps(number)

    def appeal_of(self, number: int) -> Appeal | None:
        """Return the appeal of a case."""
        return self.cases.appeal(number)

    def extensions(self, number: int | None = None) -> list[Extension]:
        """Return the extensions of a case, or all that wait for a decision."""
        return self.cases.extensions(number)

    def open_cases(self, handler: str = "", unit: str = "") -> list[Case]:
        """Return the open cases, the most urgent first."""
        return self.cases.open_of(handler, unit)

    def closed_cases(self, unit: str = "") -> list[Case]:
        """Return the closed cases, the newest first."""
        return self.cases.closed_of(unit)

    def count_closed(self, unit: str = "") -> int:
        """Return how many cases are closed."""
        return self.cases.count_closed(unit)

    def handlers(self, case: Case, unit: str = "") -> list[Person]:
        """Return who may be given a case, by department; the rated clerk never."""
        found = [
            each
            for each in self.register.catalogue().people
            if each.active
            and each.role == "handler"
            and each.department is not None
            and each.staff_number not in (case.clerk, case.handler)
            and unit in ("", each.department)
        ]
        return sorted(found, key=lambda each: (each.department != case.unit, each.staff_number))

    def colour(self, case: Case) -> Colour:
        """Return how near the limit of a case is."""
        return rules.colour_of(
            case.state, case.since, case.limit_at, self.clock(), self.workdays(), self.limits
        )

    def last_day_of_extension(self, case: Case) -> str:
        """Return the last day to which a rectification may be extended."""
        return rules.longest_extension(case, self.workdays(), self.limits)

    def figures(self, month: str, unit: str = "") -> dict[str, Any]:
        """Return the counts and rates of a month (``YYYY-MM``), of a unit where one is named."""
        if not MONTH.fullmatch(month):
            raise NotValid("bad_month", "月份须写作 2026-11 的样子。")
        first, past = days.month_bounds(month, self.zone)
        return figures(self.cases.facts(first, past, unit), self.clock())

    def alerts(self, unit: str = "") -> dict[str, Any]:
        """Return how many cases nobody has taken up, the newest of them, and how many are red."""
        fresh, newest, red = self.cases.alerts(self.clock(), unit)
        return {"fresh": fresh, "newest": newest, "red": red}

    # -- opening --------------------------------------------------------------------------------

    def _hear(self, event: Event) -> None:
        """Open a case with its rating, and end it with a voiding; in that very transaction."""
        if isinstance(event, ServiceRated):
            if bad := self.cases.bad_rating(event.rating):
                self._open(bad, event.at)
        elif isinstance(event, RatingVoided):
            self._void(event)

    def _open_older(self) -> None:
        """Open the cases of bad ratings that were given before this room was built."""
        if self.cases.without_case():
            with self.store.transaction():
                for bad in self.cases.without_case():
                    self._open(bad, self.clock())

    def _open(self, bad: Bad, now: Instant) -> None:
        workdays = self.workdays()
        case = Case(
            id=0,
            **{name: getattr(bad, name) for name in bad.__dataclass_fields__},
            received_at=now,
            contact_limit=workdays.after_days(now, self.limits.contact_days)
            if bad.real_name
            else None,
            handler=None,
            state=State.RECEIVED,
            step=0,
            since=now,
            limit_at=rules.limit_of(State.RECEIVED, now, workdays, self.limits),
        )
        case = self._step(self.cases.add(case), Verb.RECEIVE, State.RECEIVED, "")
        people = self.register.catalogue().people
        if person := rules.first_handler(people, case, self.cases.busy()):
            self._give(case, person, Verb.ASSIGN, "", None, "")

    def _void(self, event: RatingVoided) -> None:
        case = self.cases.of_rating(event.rating)
        if case is None or case.state in (State.VOIDED, State.CLOSED):
            return
        case = self._step(case, Verb.VOID, State.VOIDED, "", void_kind=event.kind)
        self._step(case, Verb.CLOSE, State.CLOSED, "")

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
        rules.check_step(self.actor(by), case, verb)
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
        return rules.limit_of(
            state,
            began,
            self.workdays(),
            self.limits,
            contact_limit=case.contact_limit if case.contacted_at is None else None,
        )

    # -- whose it is ----------------------------------------------------------------------------

    def assign(self, number: int, to: str, *, by: str, tap: str) -> Case:
        """Give a case to a handler, whose unit it is from then on."""
        with self.store.transaction():
            if done := self._repeated(number, tap):
                return done
            case = self._may(number, Verb.ASSIGN, by)
            person = rules.check_handler(self.register.person(to), case)
            return self._give(case, person, Verb.ASSIGN, by, tap, "")

    def hand_over(self, number: int, to: str, reason: str, *, by: str, tap: str) -> Case:
        """Give a case to another handler, of the same unit unless a manager does it."""
        with self.store.transaction():
            if done := self._repeated(number, tap):
                return done
            case, why = self._may(number, Verb.HAND_OVER, by), rules.check_words(reason, "移交原因")
            person = rules.check_handler(self.register.person(to), case)
            if person.staff_number == case.handler:
                raise NotValid("same_handler", f"这件差评已经由 {person.name} 承办。")
            in_charge = As.MANAGER in rules.capacities(self.actor(by), case)
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
            case, why = self._may(number, Verb.SEND_BACK, by), rules.check_words(reason, "退回原因")
            rules.check_misrouted(case, self.clock(), self.limits)
            return self._step(case, Verb.SEND_BACK, State.RECEIVED, by, tap, why, handler=None)

    # -- the rater ------------------------------------------------------------------------------

    def look(self, number: int, reason: str, *, by: str, tap: str) -> Case:
        """Write down that somebody looks at how to reach the rater, and why; see ``contact_of``."""
        with self.store.transaction():
            if done := self._repeated(number, tap):
                return done
            case, why = self._may(number, Verb.LOOK, by), rules.check_words(reason, "查看原因")
            self._check_look(case, by)
            return self._step(case, Verb.LOOK, case.state, by, tap, why)

    def contact_of(self, number: int, *, by: str) -> str:
        """Return how the rater can be reached, for whoever has just written down a look."""
        case = self.case(number)
        self._check_look(case, by)
        looks = [each for each in self.history(number) if each.verb == Verb.LOOK]
        if not looks or looks[-1].who != by:
            raise NotAllowed("no_look", "查看联系方式须先写明原因。")
        return self.cases.contact(case.rating)

    def _check_look(self, case: Case, by: str) -> None:
        if not case.real_name:
            raise NotFound("no_contact", "评价人没有留下联系方式。")
        if not rules.may_look(self.actor(by), case):
            raise NotAllowed("not_yours", "联系方式只给这件差评的经办人看。")

    def contact(self, number: int, way: str, outcome: str, note: str, *, by: str, tap: str) -> Case:
        """Write down a try to reach the rater."""
        with self.store.transaction():
            if done := self._repeated(number, tap):
                return done
            case = self._may(number, Verb.CONTACT, by)
            if not case.real_name:
                raise NotAllowed("no_contact", "匿名差评没有联系方式，只能凭记录核实。")
            rules.check_one_of(way, rules.WAYS, "联系方式")
            rules.check_one_of(outcome, rules.CONTACTS, "联系结果")
            said = rules.check_words(note, "联系情况")
            told = f"{rules.WAYS[way]}，{rules.CONTACTS[outcome]}：{said}"
            outcomes = [*self.cases.contacts(number), outcome]
            changes = self._contacted(case, outcomes)
            after = self._step(case, Verb.CONTACT, case.state, by, tap, told, **changes)
            self.cases.add_contact(after.step, number, way, outcome)
            return after

    def _contacted(self, case: Case, outcomes: list[str]) -> dict[str, Any]:
        """Return what changes once the rater was reached or tried often enough."""
        if case.contacted_at is not None or not rules.is_contacted(outcomes, self.limits):
            return {}
        changes: dict[str, Any] = {"contacted_at": self.clock()}
        if case.state is State.VERIFYING:
            begun = replace(case, contacted_at=self.clock())
            changes["limit_at"] = self._limit(begun, State.VERIFYING, case.since)
        return changes

    # -- what comes of it -----------------------------------------------------------------------

    def rectify(
        self,
        number: int,
        kind: str,
        cause: str,
        plan: str = "",
        due: str = "",
        *,
        by: str,
        tap: str,
    ) -> Case:
        """Find that something must be put right: at once, or with a plan and a due day."""
        with self.store.transaction():
            if done := self._repeated(number, tap):
                return done
            case, now = self._may(number, Verb.RECTIFY, by), self.clock()
            rules.check_contacted(case, self.limits)
            granted = rules.days_granted(kind, due, now, self.workdays(), self.limits)
            why = rules.check_words(cause, "核实情况")
            what = rules.check_words(plan, "整改措施") if kind == "complex" else plan.strip()
            note = f"{rules.KINDS[kind]}。{why}" + (f"　措施：{what}" if what else "")
            limit = rules.limit_of(
                State.RECTIFYING, now, self.workdays(), self.limits, granted=granted
            )
            return self._step(
                *(case, Verb.RECTIFY, State.RECTIFYING, by, tap, note),
                kind=kind,
                cause=why,
                plan=what,
                granted=granted,
                limit_at=limit,
            )

    def explain(self, number: int, cause: str, *, by: str, tap: str) -> Case:
        """Find that there is nothing to put right, and that this must be explained."""
        with self.store.transaction():
            if done := self._repeated(number, tap):
                return done
            case = self._may(number, Verb.EXPLAIN, by)
            rules.check_contacted(case, self.limits)
            why = rules.check_words(cause, "核实情况")
            return self._step(
                case, Verb.EXPLAIN, State.EXPLAINED, by, tap, why, kind="explained", cause=why
            )

    def ask_extension(self, number: int, until: str, reason: str, *, by: str, tap: str) -> Case:
        """Ask for a longer limit, which a leader or manager approves."""
        with self.store.transaction():
            if done := self._repeated(number, tap):
                return done
            case, now = self._may(number, Verb.ASK_EXTENSION, by), self.clock()
            day = rules.check_extension(case, until, now, self.workdays(), self.limits)
            why = rules.check_words(reason, "延期原因")
            if self._asked(number):
                raise NotAllowed("asked_before", "延期申请正在等待批准。")
            self.cases.add_extension(number, day, why, by, now)
            return self._step(case, Verb.ASK_EXTENSION, case.state, by, tap, f"延至 {day}：{why}")

    def decide_extension(
        self, number: int, note: str = "", *, approve: bool, by: str, tap: str
    ) -> Case:
        """Approve a longer limit, or not."""
        verb = Verb.EXTEND if approve else Verb.REFUSE_EXTENSION
        with self.store.transaction():
            if done := self._repeated(number, tap):
                return done
            case, asked = self._may(number, verb, by), self._asked(number)
            if asked is None:
                raise NotAllowed("nothing_asked", "没有等待批准的延期申请。")
            said = note.strip() if approve else rules.check_words(note, "不批准的原因")
            self.cases.decide_extension(asked.id, by, self.clock(), approved=approve)
            if not approve:
                return self._step(case, verb, case.state, by, tap, said)
            until = max(self.workdays().end_of(asked.until), case.limit_at or 0)
            told = f"延至 {asked.until}" + (f"：{said}" if said else "")
            return self._step(case, verb, case.state, by, tap, told, extended=1, limit_at=until)

    def _asked(self, number: int) -> Extension | None:
        waiting = [each for each in self.cases.extensions(number) if each.decided_at is None]
        return waiting[-1] if waiting else None

    def appeal(self, number: int, kind: str, reason: str, *, by: str, tap: str) -> Case:
        """Say that a rating was mistaken or malicious; the clock stands still until decided."""
        with self.store.transaction():
            if done := self._repeated(number, tap):
                return done
            case, now, workdays = self._may(number, Verb.APPEAL, by), self.clock(), self.workdays()
            rules.check_appeal(case, now, workdays, self.limits)
            rules.check_contacted(case, self.limits)
            rules.check_one_of(kind, rules.VOIDS, "申诉类别")
            why = rules.check_words(reason, "申诉理由")
            self.cases.add_appeal(number, kind, why, by, now)
            assert case.limit_at is not None
            return self._step(
                *(case, Verb.APPEAL, State.APPEALED, by, tap, f"{rules.VOIDS[kind]}：{why}"),
                appealed=1,
                came_from=case.state.value,
                paused_left=rules.days_left(case.limit_at, now, workdays),
                paused_limit=case.limit_at,
            )

    def decide_appeal(self, number: int, note: str, *, uphold: bool, by: str, tap: str) -> Case:
        """Void the rating, or let the case go on with the time it had left."""
        verb = Verb.UPHOLD if uphold else Verb.DISMISS
        with self.store.transaction():
            if done := self._repeated(number, tap):
                return done
            case, now = self._may(number, verb, by), self.clock()
            said = rules.check_words(note, "复核意见", DECISION_LENGTH)
            appeal = self.cases.appeal(number)
            assert appeal is not None
            self.cases.decide_appeal(number, by, now, upheld=uphold)
            if not uphold:
                return self._go_on(case, by, tap, said)
            case = self._step(case, verb, State.VOIDED, by, tap, said, void_kind=appeal.kind)
            self.book.void(case.rating, appeal.kind, said, by=by)
            return self._step(case, Verb.CLOSE, State.CLOSED, "")

    def _go_on(self, case: Case, by: str, tap: str, said: str) -> Case:
        assert case.paused_left is not None
        assert case.paused_limit is not None
        limit = rules.resumed(case.paused_left, case.paused_limit, self.clock(), self.workdays())
        return self._step(
            *(case, Verb.DISMISS, State(case.came_from), by, tap, said),
            limit_at=limit,
            came_from="",
            paused_left=None,
            paused_limit=None,
        )

    def answer(self, number: int, reply: str, public: str, *, by: str, tap: str) -> Case:
        """Answer the rater, and say publicly, without personal data, what was done.

        After a rectification the citizen may rate once more.
        """
        with self.store.transaction():
            if done := self._repeated(number, tap):
                return done
            case, now = self._may(number, Verb.ANSWER, by), self.clock()
            said = rules.check_words(reply, "给评价人的答复", rules.ANSWER_LENGTH)
            shown = rules.check_public(public, self._concerned(case))
            first = case.answered_at is None
            after = self._step(
                *(case, Verb.ANSWER, State.ANSWERED, by, tap, said),
                reply=said,
                public=shown,
                answered_at=now if first else case.answered_at,
                answer_limit=case.limit_at if first else case.answer_limit,
            )
            if case.state is State.RECTIFYING and self.cases.is_first(case.rating):
                self.book.invite_again(case.visit, by=by)
            if case.real_name:
                return self._step(after, Verb.BEGIN_REVISIT, State.REVISITING, "")
            return after

    def _concerned(self, case: Case) -> list[str]:
        """Return names and addresses that no public answer may hold."""
        clerk = self.register.catalogue().person.get(case.clerk or "")
        return [clerk.name if clerk else "", self.cases.contact(case.rating)]

    # -- the end --------------------------------------------------------------------------------

    def revisit(
        self, number: int, outcome: str, note: str, *, publish: bool = False, by: str, tap: str
    ) -> Case:
        """Ask the rater what they think of it now: closed, put right once more, or tried again."""
        with self.store.transaction():
            if done := self._repeated(number, tap):
                return done
            case, now = self._may(number, Verb.REVISIT, by), self.clock()
            rules.check_one_of(outcome, rules.TRIES, "回访结果")
            told = f"{rules.TRIES[outcome]}：{rules.check_words(note, '回访情况')}"
            day = days.day_of(now, self.zone)
            tries = [*self.cases.tries(number, case.since), (day, outcome)]
            follows = rules.after_try(tries, bool(case.reworked), self.limits)
            asked = {} if follows is Verb.REVISIT else {"revisited_at": now}
            after = self._step(case, Verb.REVISIT, case.state, by, tap, told, **asked)
            self.cases.add_try(after.step, number, day, outcome)
            if follows is Verb.CLOSE:
                return self._step(after, Verb.CLOSE, State.CLOSED, "", published=int(publish))
            if follows is Verb.REWORK:
                granted = self.limits.rectify_days
                return self._step(
                    after, Verb.REWORK, State.RECTIFYING, "", reworked=1, granted=granted
                )
            return after

    def close(self, number: int, *, publish: bool, by: str, tap: str) -> Case:
        """Close an answered case of somebody who cannot be asked, and say whether it is shown."""
        with self.store.transaction():
            if done := self._repeated(number, tap):
                return done
            case = self._may(number, Verb.CLOSE, by)
            said = "公开答复" if publish else "不公开答复"
            return self._step(case, Verb.CLOSE, State.CLOSED, by, tap, said, published=int(publish))

    # -- time alone -----------------------------------------------------------------------------

    def tick(self) -> None:
        """Tell, once each, of limits that have passed."""
        if not self.cases.newly_red(self.clock()):
            return
        with self.store.transaction():
            now = self.clock()
            for case in self.cases.newly_red(now):
                assert case.limit_at is not None
                self.cases.told_red(case.id, case.limit_at)
                detail = {"case": case.id, "rating": case.rating, "state": case.state.value}
                seq = self.store.note(now, "case_red", window=case.window, detail=detail)
                self._emit(CaseRed(seq, now, (), case))
