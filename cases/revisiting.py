"""The end of a case: the rater is asked again, or it is closed without."""

from cases import conditions, words
from cases.life import Case, State, Verb
from cases.verbs import CaseVerbs
from hall import days


class Revisiting(CaseVerbs):
    """Cases that were answered."""

    def revisit(
        self, number: int, outcome: str, note: str, *, publish: bool = False, by: str, tap: str
    ) -> Case:
        """Ask the rater what they think of it now: closed, put right once more, or tried again."""
        with self.store.transaction():
            if done := self._repeated(number, tap):
                return done
            case, now = self._may(number, Verb.REVISIT, by), self.clock()
            words.check_one_of(outcome, conditions.TRIES, "回访结果")
            told = f"{conditions.TRIES[outcome]}：{words.check_words(note, '回访情况')}"
            day = days.day_of(now, self.zone)
            tries = [*self.cases.tries(number, case.since), (day, outcome)]
            follows = conditions.after_try(tries, bool(case.reworked), self.limits)
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
