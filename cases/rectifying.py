"""What a unit finds and does: rectify or explain, ask for longer, answer."""

from cases import conditions, limits, words
from cases.history_store import Extension
from cases.life import Case, State, Verb
from cases.verbs import CaseVerbs
from hall.refusals import NotAllowed


class Rectifying(CaseVerbs):
    """Cases that are verified, put right and answered."""

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
            conditions.check_contacted(case, self.limits)
            granted = conditions.days_granted(kind, due, now, self.workdays(), self.limits)
            why = words.check_words(cause, "核实情况")
            what = words.check_words(plan, "整改措施") if kind == "complex" else plan.strip()
            note = f"{conditions.KINDS[kind]}。{why}" + (f"　措施：{what}" if what else "")
            limit = limits.limit_of(
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
            conditions.check_contacted(case, self.limits)
            why = words.check_words(cause, "核实情况")
            return self._step(
                case, Verb.EXPLAIN, State.EXPLAINED, by, tap, why, kind="explained", cause=why
            )

    # -- a longer limit -------------------------------------------------------------------------

    def ask_extension(self, number: int, until: str, reason: str, *, by: str, tap: str) -> Case:
        """Ask for a longer limit, which a leader or manager approves."""
        with self.store.transaction():
            if done := self._repeated(number, tap):
                return done
            case, now = self._may(number, Verb.ASK_EXTENSION, by), self.clock()
            day = conditions.check_extension(case, until, now, self.workdays(), self.limits)
            why = words.check_words(reason, "延期原因")
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
            said = note.strip() if approve else words.check_words(note, "不批准的原因")
            self.cases.decide_extension(asked.id, by, self.clock(), approved=approve)
            if not approve:
                return self._step(case, verb, case.state, by, tap, said)
            until = max(self.workdays().end_of(asked.until), case.limit_at or 0)
            told = f"延至 {asked.until}" + (f"：{said}" if said else "")
            return self._step(case, verb, case.state, by, tap, told, extended=1, limit_at=until)

    def _asked(self, number: int) -> Extension | None:
        waiting = [each for each in self.cases.extensions(number) if each.decided_at is None]
        return waiting[-1] if waiting else None

    # -- the answer -----------------------------------------------------------------------------

    def answer(self, number: int, reply: str, public: str, *, by: str, tap: str) -> Case:
        """Answer the rater, and say publicly, without personal data, what was done.

        After a rectification the citizen may rate once more.
        """
        with self.store.transaction():
            if done := self._repeated(number, tap):
                return done
            case, now = self._may(number, Verb.ANSWER, by), self.clock()
            said = words.check_words(reply, "给评价人的答复", words.ANSWER_LENGTH)
            shown = words.check_public(public, self._concerned(case))
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
