"""How a rating is given, once; how it is voided, and a second one invited."""

from collections.abc import Sequence

from hall.days import Instant
from hall.refusals import NotAllowed, NotFound
from rating import rights
from rating.events import RatingVoided, SecondInvited, ServiceRated
from rating.levels import Channel, channel_of, level_of, tags_given
from rating.store import Rating
from rating.verbs import BookVerbs


class Giving(BookVerbs):
    """Ratings."""

    def rate(
        self,
        visit: int,
        level: str,
        channel: str,
        *,
        tags: Sequence[str] = (),
        text: str = "",
        contact: str = "",
        window: int | None = None,
        device: int | None = None,
        at: Instant | None = None,
        by_default: bool = False,
    ) -> Rating:
        """Store what the person served says of a finished service, once.

        ``at``: when it was said, where that was before now and whoever brings it answers for it.
        ``by_default``: another system's rule filled it in; no citizen said it.

        Raises NotFound, NotValid or NotAllowed (``not_rateable``, ``already_rated``, ``too_late``,
        ``other_window``) with nothing changed.
        """
        chosen, came_by = level_of(level), channel_of(channel)
        if at is None:  # what is brought in later was not given on the hall's own pages
            rights.check_rated_here(came_by, self.config.province.mode)
        given = tags_given(self.tags_ever(chosen), tags)
        told, reach = rights.check_text(text, contact, self.config.rating.text_length)
        with self.store.transaction():
            now = self.clock()
            said_at = now if at is None else min(at, now)
            most = self.config.rating.link_days if at is None else rights.ANY_DAYS
            found = rights.check_rateable(
                self.store.visit(visit), said_at, most, self._second(visit)
            )
            rights.check_own_window(found, window)
            nth = 2 if self._may_be_second(visit, came_by) else 1
            number = self.ratings.add_rating(
                visit, chosen, given, told, reach, came_by.value, said_at, device, nth, by_default
            )
            if number is None:
                raise NotAllowed("already_rated", "这次服务已经评价过了，感谢您的评价。")
            if not by_default:
                self.askings.end(visit, "rated", now)
            seq = self.store.note(
                now,
                "service_rated",
                ticket=found.ticket,
                visit=visit,
                window=found.window,
                who=came_by.value,
                detail={"rating": number},
            )
            if not by_default:  # nobody rated: nobody is told of a rating
                self._emit(ServiceRated(seq, now, (), found.window, visit, number, came_by.value))
        # as the row has it: never before the service ended, whatever the clock said
        stored_at = max(said_at, found.ended_at or said_at)
        texts = tuple(each.text for each in given)
        return Rating(
            number, visit, chosen, texts, told, came_by.value, stored_at, found.window, nth
        )

    def _may_be_second(self, visit: int, channel: Channel) -> bool:
        """Return whether this is the second rating; whoever stands at the window has given one."""
        if channel is Channel.EVALUATOR or self._second(visit) is None:
            return False
        return self.ratings.rating_of(visit) is not None

    # -- voiding, and the second rating ---------------------------------------------------------

    def void(self, rating: int, kind: str, reason: str, *, by: str) -> Rating:
        """Void a rating as ``mistaken`` or ``malicious`` with a reason; it stays, out of the rates.

        Void already: nothing else happens. Who may decide so is the case's question (cases).
        """
        why = rights.check_void(kind, reason)
        with self.store.transaction():
            found, now = self.rating(rating), self.clock()
            if self.ratings.void(rating, kind, why, by, now):
                visit = self.store.visit(found.visit)
                assert visit is not None
                seq = self.store.note(
                    now,
                    "rating_voided",
                    ticket=visit.ticket,
                    visit=visit.id,
                    window=visit.window,
                    who=by,
                    detail={"rating": rating, "kind": kind, "reason": why},
                )
                self._emit(RatingVoided(seq, now, (), visit.window, visit.id, rating, kind))
            return self.rating(rating)

    def invite_again(self, visit: int, *, by: str) -> None:
        """Let a service that was rated badly be rated once more, after it has been put right.

        Raises NotFound or NotAllowed (``not_rated_badly``); invited already: nothing else happens.
        """
        with self.store.transaction():
            found, now = self.store.visit(visit), self.clock()
            if found is None:
                raise NotFound("unknown_visit", "没有这次办理。")
            first = self.ratings.rating_of(visit)
            if first is None or not first.level.is_bad or first.voided_at is not None:
                raise NotAllowed("not_rated_badly", "只有差评整改后才能追评。")
            if self.ratings.invite_second(visit, by, now):
                seq = self.store.note(
                    now,
                    "second_rating_invited",
                    ticket=found.ticket,
                    visit=visit,
                    window=found.window,
                    who=by,
                )
                self._emit(SecondInvited(seq, now, (), found.window, visit))
