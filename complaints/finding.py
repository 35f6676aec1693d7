"""Complaints looked up and counted, and who complained, to whoever has a reason to ask."""

from dataclasses import dataclass
from typing import Any

from complaints import life, limits, words
from complaints.life import OPEN, REASON_LENGTH, Complaint
from complaints.limits import Colour, Outcome
from complaints.store import Step
from complaints.verbs import ComplaintVerbs
from hall import days
from hall.days import Instant
from hall.identity import masked_text
from hall.refusals import NotValid
from hall.workdays import Workdays

LATEST = 2**62


@dataclass(frozen=True, slots=True)
class Told:
    """A complaint with what it counts as and how near its limit is, at one instant."""

    complaint: Complaint
    outcome: Outcome
    colour: Colour
    days_over: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which complaints are asked for; None is all, an empty month any.

    ``state`` may be ``open``: whatever a unit has still to answer.
    """

    month: str = ""
    unit: str | None = None
    source: str | None = None
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Whose:
    """Who complained, in full; every look is noted with its reason."""

    name: str
    phone: str


class Finding(ComplaintVerbs):
    """Complaints, as they are shown."""

    def told(self, complaint: Complaint) -> Told:
        """Return a complaint with what it counts as now."""
        return self._told(complaint, self.clock(), self.workdays())

    def _told(self, complaint: Complaint, now: Instant, workdays: Workdays) -> Told:
        return Told(
            complaint,
            limits.outcome(complaint, now),
            limits.colour(complaint, now, workdays),
            limits.days_over(complaint, now, workdays),
        )

    def steps(self, complaint: int) -> list[Step]:
        """Return all that was done of a complaint, in its order."""
        return self.tables.steps(complaint)

    def find(self, wanted: Wanted) -> list[Told]:
        """Return the complaints that came in within a month, the newest first."""
        found = self.tables.between(*self._bounds(wanted.month), wanted.unit, wanted.source)
        now, workdays = self.clock(), self.workdays()
        return [
            self._told(each, now, workdays)
            for each in found
            if wanted.state in (None, each.state.value)
            or (wanted.state == "open" and each.state in OPEN)
        ]

    def units_table(self, month: str, unit: str | None = None) -> dict[str, Any]:
        """Return the table of the units for what came in within a month; of one unit alone too."""
        found = self.tables.between(*self._bounds(month), unit)
        units = {code: name for code, name in self.units().items() if unit in (None, code)}
        return {"month": month, **limits.units_table(found, self.clock(), units)}

    def _bounds(self, month: str) -> tuple[Instant, Instant]:
        if not month:
            return 0, LATEST
        try:
            return days.month_bounds(month, self.zone)
        except (ValueError, OverflowError):
            raise NotValid("bad_month", "月份须写作 2026-11 的样子。") from None

    # -- who complained -------------------------------------------------------------------------

    def reveal(self, number: int, reason: str, by: str = "") -> Whose:
        """Say who complained, in full; the look is kept with its reason before it is answered."""
        told = life.check_text(reason, REASON_LENGTH, "查看的原因")
        with self.store.transaction():
            found = self.complaint(number)
            self.check_sees(found, by)
            self._note("complaint_revealed", found, self.clock(), by, told)
        return Whose(found.complainant, found.phone)

    def reveal_month(self, month: str, reason: str, by: str = "") -> None:
        """Keep that the names of a month are taken out in full, and why."""
        told = life.check_text(reason, REASON_LENGTH, "导出实名的原因")
        self._bounds(month)
        with self.store.transaction():
            detail = {"month": month, "told": told}
            self.store.note(self.clock(), "complaints_revealed", who=by, detail=detail)

    def table10(
        self, month: str, unit: str | None = None, *, full: bool = False
    ) -> list[list[Any]]:
        """Return a month's complaints as GB/T 39046 table 10 has them, the oldest first."""
        found, units = self.find(Wanted(month, unit)), self.units()
        return [self._row10(each, units, full=full) for each in reversed(found)]

    def _row10(self, told: Told, units: dict[str, str], *, full: bool) -> list[Any]:
        about = told.complaint
        name = about.complainant or "匿名"
        shown = str if full else masked_text
        return [
            shown(about.title),
            name if full else words.masked_name(about.complainant),
            about.accused_unit,
            about.accused,
            shown(about.content),
            life.SOURCES[about.source],
            self._as_in_the_standard(about.at),
            about.unit or "",
            units.get(about.unit or "", ""),
            about.handler,
            self._as_in_the_standard(about.accepted_at),
            shown(about.reply),
            self._as_in_the_standard(about.replied_at),
            self._as_in_the_standard(about.due_at),
            self._as_in_the_standard(about.extended_to),
            shown(about.extension_reason),
            told.days_over,
            self.settings.area_code,
        ]

    def _as_in_the_standard(self, at: Instant | None) -> str:
        return "" if at is None else f"{days.local(at, self.zone):%Y%m%dT%H%M%S}"
