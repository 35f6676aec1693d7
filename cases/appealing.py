"""The appeal: a rating was mistaken or malicious, says its unit, and others decide."""

from cases import conditions, limits, words
from cases.life import Case, State, Verb
from cases.verbs import CaseVerbs

DECISION_LENGTH = 200  # as long as the reason of a voiding may be


class Appealing(CaseVerbs):
    """Cases whose clock stands still."""

    def appeal(self, number: int, kind: str, reason: str, *, by: str, tap: str) -> Case:
        """Say that a rating was mistaken or malicious; the clock stands still until decided."""
        with self.store.transaction():
            if done := self._repeated(number, tap):
                return done
            case, now, workdays = self._may(number, Verb.APPEAL, by), self.clock(), self.workdays()
            conditions.check_appeal(case, now, workdays, self.limits)
            conditions.check_contacted(case, self.limits)
            words.check_one_of(kind, conditions.VOIDS, "申诉类别")
            why = words.check_words(reason, "申诉理由")
            self.cases.add_appeal(number, kind, why, by, now)
            assert case.limit_at is not None
            return self._step(
                *(case, Verb.APPEAL, State.APPEALED, by, tap, f"{conditions.VOIDS[kind]}：{why}"),
                appealed=1,
                came_from=case.state.value,
                paused_left=limits.days_left(case.limit_at, now, workdays),
                paused_limit=case.limit_at,
            )

    def decide_appeal(self, number: int, note: str, *, uphold: bool, by: str, tap: str) -> Case:
        """Void the rating, or let the case go on with the time it had left."""
        verb = Verb.UPHOLD if uphold else Verb.DISMISS
        with self.store.transaction():
            if done := self._repeated(number, tap):
                return done
            case, now = self._may(number, verb, by), self.clock()
            said = words.check_words(note, "复核意见", DECISION_LENGTH)
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
        limit = limits.resumed(case.paused_left, case.paused_limit, self.clock(), self.workdays())
        return self._step(
            *(case, Verb.DISMISS, State(case.came_from), by, tap, said),
            limit_at=limit,
            came_from="",
            paused_left=None,
            paused_limit=None,
        )
