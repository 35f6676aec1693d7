"""class Reviews – ratings that look odd, and what reviewers write beside them.

Nothing here voids, hides or removes a rating; a voiding is an act of its own.
"""

from dataclasses import dataclass

from hall import days, services
from hall.refusals import NotFound, NotValid
from rating import oddities
from rating.book import Book
from rating.oddities import Finding, Terms, Verdict
from rating.oddity_store import OddityStore, Remark

NOTE_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A finding with its remarks; ``finding`` is None for what is not found any more."""

    finding: Finding | None
    remarks: tuple[Remark, ...]


class Reviews:
    """What looks odd in a month, beside the ratings' book."""

    def __init__(self, book: Book) -> None:
        self.store, self.clock, self.register = book.store, book.clock, book.register
        self.zone = book.config.hall.zone
        self.terms = Terms(**book.config.oddities.model_dump())
        self.tables = OddityStore(book.store)

    def found(self, month: str) -> list[Finding]:
        """Return what looks odd in a month; NotValid for what is none."""
        try:
            first, past = days.month_bounds(month, self.zone)
        except (ValueError, OverflowError):
            raise NotValid("bad_month", "月份须写作 2026-11 的样子。") from None
        people = self.register.catalogue().people
        staff = {each.phone: each.name for each in people if each.phone}
        return oddities.find(self.tables.given(first, past, self.zone), self.terms, staff)

    def month(self, month: str) -> list[Reviewed]:
        """Return what looks odd with its remarks; last what was remarked and is found no more."""
        found, remarks = self.found(month), self.tables.remarks(month)
        keys = {each.key for each in found}
        told = [
            Reviewed(each, tuple(one for one in remarks if one.key == each.key)) for each in found
        ]
        gone = dict.fromkeys(one.key for one in remarks if one.key not in keys)
        return told + [
            Reviewed(None, tuple(one for one in remarks if one.key == key)) for key in gone
        ]

    def finding(self, month: str, key: str) -> Finding:
        """Return a finding of a month by its key, or raise NotFound."""
        for each in self.found(month):
            if each.key == key:
                return each
        raise NotFound("unknown_oddity", "没有这一项，可能阈值已经改变。请刷新页面。")

    def remark(
        self, month: str, finding: Finding, verdict: str, note: str, tap: str, by: str = ""
    ) -> bool:
        """Write a remark beside a finding and note it; False for a tap that came again.

        The ratings stay as they are, whatever the verdict. Raises NotValid.
        """
        services.check_tap(tap)
        if verdict not in tuple(Verdict):
            raise NotValid("unknown_verdict", "请选择“已核实”或“建议作废”。")
        told = note.strip()
        if len(told) > NOTE_LENGTH:
            raise NotValid("note_too_long", f"备注最多 {NOTE_LENGTH} 个字，现有 {len(told)} 个。")
        if verdict == Verdict.VOID_PROPOSED and not told:
            raise NotValid("note_missing", "建议作废须写明理由。")
        with self.store.transaction():
            now = self.clock()
            if not self.tables.add(month, finding, Verdict(verdict), told, by, now, tap):
                return False
            detail = {"key": finding.key, "verdict": verdict, "ratings": len(finding.ratings)}
            self.store.note(now, "oddity_remarked", who=by, detail=detail | {"note": told})
        return True
