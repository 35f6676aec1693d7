"""class Entries – ratings that do not come from the citizen's own hand into the hall.

Paper forms, the hotline and the opinion box are typed in by one person and confirmed by a second;
files of another system are looked over first, then taken over whole. Also the versions of the tags.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hall.days import Instant
from hall.refusals import NotAllowed, NotFound, NotValid
from hall.tickets import Visit, VisitState
from rating import forms, importing, rights
from rating.book import Book
from rating.entry_store import EntryStore
from rating.forms import Entry, Form
from rating.importing import Cells, FileProblems, Known, Problem, Row
from rating.levels import Channel, Tag, tags_given
from rating.store import Rating


@dataclass(frozen=True, slots=True)
class Looked:
    """What a file of ratings holds: the rows that are news, how many are known, the problems."""

    news: list[Row]
    known: int
    problems: list[Problem]


class Entries:
    """The one place where staff bring in what citizens said elsewhere."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.store = book.store
        self.entries = EntryStore(book.store)

    # -- forms ----------------------------------------------------------------------------------

    def type_in(self, day: str, number: str, form: Form, tap: str, *, by: str) -> Entry:
        """Keep a form until a second person confirms it; the same ``tap`` is the same form.

        ``by`` is the staff number of who types. Raises NotFound, NotValid or NotAllowed
        (``number_taken``, ``form_pending``, ``already_rated``, ``not_rateable``, ``too_late``,
        ``not_a_typist``, ``own_rating``).
        """
        channel = forms.typed_channel(form.channel)
        said = forms.check_number(channel, form.number)
        text, contact = rights.check_text(
            form.text, form.contact, self.book.config.rating.text_length
        )
        tags_given(self.book.tags_ever(form.level), form.tags)
        whole = Form(channel, said, form.level, tuple(form.tags), text, contact)
        if not tap:
            raise NotValid("bad_tap", "这个表单不完整，请重新打开页面。")
        with self.store.transaction():
            if known := self.entries.of_tap(tap):
                return known
            visit = self.visit_of(day, number)
            forms.check_typist(by, self._role(by), visit.clerk)
            self._check_free(whole, visit)
            now = self.book.clock()
            entry = self.entries.add(visit.id, whole, tap, by, now)
            self._note("form_typed", entry, visit, by, now)
            if not forms.needs_second(channel, self.book.config.rating.confirm_hotline):
                self._count(entry, visit, None, now)
            return self.entry(entry.id)

    def confirm(self, number: int, *, by: str) -> Entry:
        """Let a form count as a rating, in the name of a second person; twice is once.

        Raises NotFound or NotAllowed (``same_person``, ``own_rating``, ``not_a_confirmer``,
        ``form_withdrawn``, ``already_rated``) with nothing changed.
        """
        with self.store.transaction():
            entry, now = self.entry(number), self.book.clock()
            if entry.confirmed_by == by:
                return entry
            visit = self.visit(entry.visit)
            forms.check_confirmer(by, self._role(by), entry.typed_by, visit.clerk)
            self._check_waits(entry)
            self._count(entry, visit, by, now)
            return self.entry(number)

    def withdraw(self, number: int, reason: str, *, by: str) -> Entry:
        """Send a form back that was mistyped; it stays, and its number may be typed again.

        Raises NotFound, NotValid or NotAllowed (``form_confirmed``); withdrawn already: nothing.
        """
        why = forms.check_reason(reason)
        with self.store.transaction():
            entry, now = self.entry(number), self.book.clock()
            if entry.withdrawn_at is not None:
                return entry
            visit = self.visit(entry.visit)
            forms.check_typist(by, self._role(by), visit.clerk)
            self._check_waits(entry)
            self.entries.withdraw(number, why, by, now)
            self._note("form_withdrawn", entry, visit, by, now)
            return self.entry(number)

    def entry(self, number: int) -> Entry:
        """Return a form by its id."""
        found = self.entries.entry(number)
        if found is None:
            raise NotFound("unknown_form", "没有这份录入。")
        return found

    def pending(self) -> list[Entry]:
        """Return the forms that wait for a second person, oldest first."""
        return self.entries.pending()

    def ended(self, most: int) -> list[Entry]:
        """Return the newest forms that were confirmed or sent back."""
        return self.entries.ended(most)

    def check_second(self, person: str, *, but: str) -> None:
        """Refuse a second person who may not answer for what ``but`` does."""
        forms.check_confirmer(person, self._role(person), but, None)

    def visit_of(self, day: str, number: str) -> Visit:
        """Return the finished visit of a day's ticket: the newest that nobody has rated yet."""
        ticket = self.store.ticket_of_day(day, number.strip().upper())
        if ticket is None:
            raise NotFound("unknown_ticket", "这一天没有这个号码，请核对日期和号码。")
        visits = self.store.visits_of(ticket.id)
        done = [each for each in visits if each.state is VisitState.DONE]
        if not done:
            raise NotAllowed("not_rateable", f"{ticket.number} 号没有办完，不能评价。")
        free = [each for each in done if self.book.ratings.rating_of(each.id) is None]
        return (free or done)[-1]

    def _role(self, staff_number: str) -> str:
        person = self.book.register.person(staff_number)
        return person.role if person else ""

    def visit(self, number: int) -> Visit:
        """Return a visit by its id."""
        visit = self.store.visit(number)
        if visit is None:
            raise NotFound("unknown_visit", "没有这次办理。")
        return visit

    def _check_free(self, form: Form, visit: Visit) -> None:
        """Refuse a form whose number was typed before, and a visit that cannot be rated."""
        if form.channel is Channel.PAPER and self.entries.of_number(form.number):
            raise NotAllowed("number_taken", f"评价表 {form.number} 已经录入过了。")
        if self.entries.pending_of(visit.id):
            raise NotAllowed("form_pending", "这次服务的评价已经录入，正等待第二人确认。")
        second = self.book.ratings.second_invited_at(visit.id)
        rights.check_rateable(visit, self.book.clock(), self.book.config.rating.link_days, second)
        twice = second is not None and self.book.ratings.second_of(visit.id) is None
        if self.book.ratings.rating_of(visit.id) and not twice:
            raise NotAllowed("already_rated", "这次服务已经评价过了，不能再录入。")

    def _check_waits(self, entry: Entry) -> None:
        if entry.confirmed_at is not None:
            raise NotAllowed("form_confirmed", "这份录入已经确认，不能再改。")
        if entry.withdrawn_at is not None:
            raise NotAllowed("form_withdrawn", "这份录入已经退回，请重新录入。")

    def _count(self, entry: Entry, visit: Visit, by: str | None, now: Instant) -> None:
        """Make a form's rating: said when it was typed in, counted from now."""
        form = entry.form
        rating = self.book.rate(
            entry.visit,
            form.level.value,
            form.channel.value,
            tags=form.tags,
            text=form.text,
            contact=form.contact,
            at=entry.typed_at,
        )
        self.entries.confirm(entry.id, rating.id, by, now)
        if by is not None:
            self._note("form_confirmed", entry, visit, by, now)

    def _note(self, event: str, entry: Entry, visit: Visit, by: str, now: Instant) -> None:
        self.store.note(
            now,
            event,
            visit=visit.id,
            window=visit.window,
            who=by,
            detail={"form": entry.id, "channel": entry.form.channel.value},
        )

    # -- files of another system ----------------------------------------------------------------

    def look_over(self, cells: Cells) -> Looked:
        """Return what a file of ratings would bring; FileProblems when its headings are wrong."""
        length = self.book.config.rating.text_length
        rows, problems = importing.rows_of(cells, self.book.desk.zone, length)
        news: dict[int, Row] = {}
        known_already = 0
        for row in rows:
            try:
                known = self._known(row)
                if (first := news.get(known.visit.id)) is not None:
                    raise NotValid("twice", f"与第 {first.line} 行是同一次办理。")
                if self._is_news(row, known):
                    news[known.visit.id] = row
                else:
                    known_already += 1
            except NotAllowed as refusal:
                problems.append(Problem(row.line, refusal.message))
        problems.sort(key=lambda each: each.line)
        return Looked(list(news.values()), known_already, problems)

    def _is_news(self, row: Row, known: Known) -> bool:
        return importing.check_row(row, known, self.book.clock(), self.book.config.rating.link_days)

    def load(self, rows: Sequence[Row], file: str, *, by: str) -> int:
        """Take ratings over that were looked over, all or none; return how many were new.

        What was imported meanwhile is left out. Raises FileProblems for a row that has become void.
        """
        loaded = 0
        with self.store.transaction():
            now = self.book.clock()
            for row in rows:
                try:
                    rating = self._load(row)
                except NotAllowed as refusal:
                    raise FileProblems([Problem(row.line, refusal.message)]) from refusal
                if rating is not None:
                    self.entries.came_from(rating.id, file, row.line, by, now)
                    loaded += 1
            if loaded:
                detail = {"file": file, "ratings": loaded}
                self.store.note(now, "ratings_imported", who=by, detail=detail)
        return loaded

    def _load(self, row: Row) -> Rating | None:
        known = self._known(row)
        if not self._is_news(row, known):
            return None
        return self.book.rate(
            known.visit.id,
            row.level.value,
            row.channel.value,
            text=row.text,
            at=row.at,
            by_default=row.by_default,
        )

    def _known(self, row: Row) -> Known:
        visit = self.visit(row.visit) if row.visit is not None else self._only_visit(row)
        if row.visit is not None and row.number:
            number = self.book.desk.ticket(visit.ticket).number
            if number != row.number or (row.day and row.day != visit.day):
                raise NotValid(
                    "other_ticket", f"办理编号 {visit.id} 是 {visit.day} 的 {number} 号。"
                )
        return Known(visit, self.entries.rated_as(visit.id))

    def _only_visit(self, row: Row) -> Visit:
        ticket = self.store.ticket_of_day(row.day, row.number)
        if ticket is None:
            raise NotFound("unknown_ticket", f"{row.day} 没有 {row.number} 号。")
        done = [v for v in self.store.visits_of(ticket.id) if v.state is VisitState.DONE]
        if len(done) != 1:
            why = "办理了多次，请写办理编号" if done else "没有办完，不能评价"
            raise NotValid("which_visit", f"{row.day} 的 {row.number} 号{why}。")
        return done[0]

    # -- tags -----------------------------------------------------------------------------------

    def load_tags(self, cells: Cells, *, by: str) -> int:
        """Add a version of the tags and return its number; the same as the newest adds none.

        Raises FileProblems with every mistake by its row. Older versions stay for ever.
        """
        with self.store.transaction():
            newest = self.book.ratings.tag_version()
            tags = importing.tags_of(cells, newest + 1)
            if _said(tags) == _said(self.book.tags()):
                return newest
            now = self.book.clock()
            self.entries.add_tags(tags, by, now)
            self.store.note(now, "tags_loaded", who=by, detail={"version": newest + 1})
            return newest + 1

    def tag_sets(self) -> list[dict[str, Any]]:
        """Return every version of the tags, newest first: its number, size, who and when."""
        return [
            {"version": version, "tags": count, "by": by, "at": at}
            for version, count, by, at in self.entries.tag_sets()
        ]


def _said(tags: Sequence[Tag]) -> list[tuple[str, str, bool, str]]:
    return sorted((tag.level.value, tag.code, tag.first, tag.text) for tag in tags)
