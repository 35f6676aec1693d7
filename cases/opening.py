"""How cases open, with their ratings, and end with a voiding."""

from cases import limits, rights
from cases.assigning import Assigning
from cases.life import Bad, Case, State, Verb
from hall.days import Instant
from hall.events import Event
from rating.events import RatingVoided, ServiceRated


class Opening(Assigning):
    """Bad ratings, in the transaction in which they were given."""

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
            limit_at=limits.limit_of(State.RECEIVED, now, workdays, self.limits),
        )
        case = self._step(self.cases.add(case), Verb.RECEIVE, State.RECEIVED, "")
        people = self.register.catalogue().people
        if person := rights.first_handler(people, case, self.cases.busy()):
            self._give(case, person, Verb.ASSIGN, "", None, "")

    def _void(self, event: RatingVoided) -> None:
        case = self.cases.of_rating(event.rating)
        if case is None or case.state in (State.VOIDED, State.CLOSED):
            return
        case = self._step(case, Verb.VOID, State.VOIDED, "", void_kind=event.kind)
        self._step(case, Verb.CLOSE, State.CLOSED, "")
