"""class Rankings – the verbs of a month's ranking: draft, sign, publish; and what inspectors write.

A version's figures are frozen when it is drafted, so that a leader signs what is published.
"""

import logging
from dataclasses import replace
from typing import Any

from cases.words import personal_data
from hall import days, services
from hall.config import Config
from hall.days import Clock
from hall.desk import Desk
from hall.refusals import NotAllowed, NotFound, NotValid
from hall.register import Register
from hall.store import Store
from hall.teller import Teller
from ranking import answers, counting, frozen, life, rules
from ranking.answers import Answers
from ranking.events import RankingMoved
from ranking.life import Ranking, State, Verb
from ranking.rules import Facts, Terms
from ranking.store import Concern, Given, Past, RankingStore
from rating.book import Book

log = logging.getLogger("ranking")


class Rankings(Teller):
    """The one place where windows are ranked."""

    def __init__(
        self, store: Store, register: Register, desk: Desk, book: Book, config: Config, clock: Clock
    ) -> None:
        super().__init__(store, log)
        self.register = register
        self.desk = desk
        self.book = book
        self.terms = Terms(**config.ranking.model_dump())
        self.zone = config.hall.zone
        self.clock = clock
        self.tables = RankingStore(store)

    # -- looking --------------------------------------------------------------------------------

    def this_month(self) -> str:
        """Return the month that goes on, ``YYYY-MM``."""
        return days.day_of(self.clock(), self.zone)[:7]

    def ranking(self, number: int) -> Ranking:
        """Return a ranking; NotFound."""
        return life.known(self.tables.ranking(number))

    def under_way(self, month: str) -> Ranking | None:
        """Return what is drafted or signed of a month and not published yet."""
        return self.tables.under_way(month)

    def published(self, month: str, version: int | None = None) -> Ranking:
        """Return a published version of a month, the newest when none is named; NotFound."""
        return life.known(self.tables.published(life.check_month(month), version))

    def versions(self, month: str) -> list[Ranking]:
        """Return the published versions of a month, the newest first."""
        return self.tables.versions(month)

    def newest(self, most: int) -> list[Ranking]:
        """Return the newest published version of each of so many months, the newest first."""
        return self.tables.newest(most)

    def last_returned(self, month: str) -> Ranking | None:
        """Return the newest ranking of a month if it was sent back."""
        return self.tables.last_returned(month)

    def steps(self, ranking: Ranking) -> list[Past]:
        """Return what was done with a ranking, oldest first."""
        return self.tables.steps(ranking.id)

    def points(self, month: str) -> dict[int, Given]:
        """Return what inspectors gave in a month, by window."""
        return self.tables.points(life.check_month(month))

    def concerns(self, month: str) -> list[Concern]:
        """Return a month's complaints with the window each was found to concern."""
        return self.tables.concerns(*days.month_bounds(life.check_month(month), self.zone))

    def answers(self, month: str) -> Answers:
        """Return the answers to bad ratings that were published in a month."""
        catalogue = self.register.catalogue()
        return answers.of_month(self.tables, catalogue, life.check_month(month), self.zone)

    def answer_months(self) -> list[str]:
        """Return the months with public answers, the newest first."""
        return answers.months(self.tables, self.zone)

    def today(self, month: str) -> list[Facts]:
        """Return a month as the records tell it now."""
        return counting.facts_of(self.book, life.check_month(month), self.clock())

    # -- what inspectors write ------------------------------------------------------------------

    def give(self, month: str, window: int, points: str, words: str, *, by: str, tap: str) -> None:
        """Give a window points for inspections and attendance, and say why; the last ones count."""
        services.check_tap(tap)
        with self.store.transaction():
            if self.tables.is_given(tap):
                return
            self._check_role(Verb.GIVE, by)
            life.check_begun(month, self.this_month())
            self._check_window(window)
            of, now = max(1, self.terms.inspection), self.clock()
            tenths = rules.read_points(points, of)
            told = Given(window, tenths, of, life.check_words(words, "情况"), now, by)
            self.tables.give(month, told, tap)
            detail = {"month": month, "given": tenths, "of": of}
            self.store.note(now, "ranking_points", window=window, who=by, detail=detail)

    def find(
        self, month: str, complaint: int, window: int | None, words: str, *, by: str, tap: str
    ) -> None:
        """Find which window a complaint of a month concerns, or that it counts for none."""
        services.check_tap(tap)
        with self.store.transaction():
            if self.tables.is_found(tap):
                return
            self._check_role(Verb.FIND, by)
            if complaint not in {each.complaint for each in self.concerns(month)}:
                raise NotFound("unknown_complaint", "这个月没有这件投诉。")
            if window is not None:
                self._check_window(window)
            now, told = self.clock(), life.check_words(words, "认定情况")
            self.tables.find(complaint, window, told, now, by, tap)
            detail = {"month": month, "complaint": complaint}
            self.store.note(now, "ranking_finding", window=window, who=by, detail=detail)

    def _check_window(self, no: int) -> None:
        if no not in self.register.catalogue().window:
            raise NotFound("unknown_window", f"没有 {no} 号窗口。")

    # -- a version ------------------------------------------------------------------------------

    def draft(self, month: str, reason: str = "", *, by: str, tap: str) -> Ranking:
        """Freeze a month's figures as a draft; it takes the place of an unsigned one.

        After a publication it is the next version and needs a reason.
        """
        with self.store.transaction():
            if done := self._repeated(tap):
                return done
            self._check_role(Verb.DRAFT, by)
            life.check_over(month, self.this_month())
            before, now = self.tables.published(month), self.clock()
            version = before.version + 1 if before else 1
            why = self._check_public(life.check_reason(version, reason))
            self._replace(month, by)
            facts = counting.facts_of(self.book, month, now)
            text = frozen.text_of(
                *(month, version, facts, self.terms),
                hall=self.register.hall().name,
                reason=why,
                replaces=before.seal if before else "",
            )
            seal = frozen.seal_of(text)
            made = Ranking(0, month, version, State.DRAFT, why, text, seal, by, now)
            return self._written(self.tables.add(made), Verb.DRAFT, by, why, tap)

    def _check_public(self, reason: str) -> str:
        """Refuse a reason that names somebody: everybody may read it."""
        people = self.register.catalogue().people
        names = [each.name for each in people if len(each.name) >= answers.WHOLE_NAME]
        if found := personal_data(reason, names):
            raise NotValid("personal_data", f"更正原因会公开，里面有{found}，请改去个人信息。")
        return reason

    def _replace(self, month: str, by: str) -> None:
        if (older := self.tables.under_way(month)) is None:
            return
        if older.state is State.SIGNED:
            raise NotAllowed("signed_already", f"{older.words}已签发，请先发布或退回。")
        self._becomes(older, Verb.REPLACE, by, "", None)

    def sign(self, number: int, *, by: str, tap: str) -> Ranking:
        """Sign a draft: a leader who did not draft it."""
        return self._step(number, Verb.SIGN, by, "", tap)

    def send_back(self, number: int, reason: str, *, by: str, tap: str) -> Ranking:
        """Send back what is drafted or signed, with a reason."""
        return self._step(number, Verb.RETURN, by, reason, tap)

    def publish(self, number: int, *, by: str, tap: str) -> Ranking:
        """Let everybody read a signed version."""
        return self._step(number, Verb.PUBLISH, by, "", tap)

    def _step(self, number: int, verb: Verb, by: str, note: str, tap: str) -> Ranking:
        with self.store.transaction():
            if done := self._repeated(tap):
                return done
            self._check_role(verb, by)
            ranking = self.ranking(number)
            told = life.check_words(note, "退回原因") if verb is Verb.RETURN else ""
            return self._becomes(ranking, verb, by, told, tap)

    def _becomes(
        self, ranking: Ranking, verb: Verb, by: str, note: str, tap: str | None
    ) -> Ranking:
        now, changes = self.clock(), dict[str, Any]()
        if verb is Verb.SIGN:
            changes = {"signed_by": by, "signed_at": now}
        elif verb is Verb.PUBLISH:
            changes = {"published_by": by, "published_at": now}
        after = replace(ranking, state=life.becomes(ranking, verb, by), **changes)
        if not self.tables.change(ranking, after):
            raise NotAllowed("changed_meanwhile", "这份评比刚刚有变化，请再看一次。")
        return self._written(after, verb, by, note, tap)

    def _written(
        self, ranking: Ranking, verb: Verb, by: str, note: str, tap: str | None
    ) -> Ranking:
        now = self.clock()
        self.tables.add_step(ranking.id, now, by, verb.value, note, tap)
        detail = {"ranking": ranking.id, "month": ranking.month, "version": ranking.version}
        seq = self.store.note(now, f"ranking_{verb.value}", who=by, detail=detail)
        self._emit(RankingMoved(seq, now, (), ranking, verb))
        return ranking

    def _repeated(self, tap: str) -> Ranking | None:
        services.check_tap(tap)
        return self.tables.of_tap(tap)

    # -- who ------------------------------------------------------------------------------------

    def _check_role(self, verb: Verb, by: str) -> None:
        life.check_role(verb, self._role(by))

    def _role(self, by: str) -> str:
        """Return as what somebody acts; ``device:7`` is a manager's page."""
        if by.startswith("device:"):
            return "manager"
        person = self.register.person(by)
        role = person.role if person else ""
        return "manager" if role == "administrator" else role
