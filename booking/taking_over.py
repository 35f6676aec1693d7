"""Appointments that another booking system has promised, taken over row by row."""

from collections.abc import Iterable
from dataclasses import dataclass

from booking import plans, rules
from booking.rules import State
from booking.verbs import Booking, BookingVerbs
from hall import days
from hall.catalogue import Service
from hall.days import Instant
from hall.refusals import NotAllowed, NotFound, NotValid

UNPLANNED_SLOT = 30 * days.MINUTE  # of an imported appointment whose service has no plan here
SOURCE_LENGTH = 40
FOREIGN_ID_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Foreign:
    """An appointment as another booking system tells it."""

    foreign_id: str
    service: str
    slot_at: Instant
    slot_ends: Instant | None = None
    id_number: str | None = None
    name: str = ""
    phone: str | None = None
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one row of another system: an appointment, or a refusal."""

    foreign_id: str
    booking: Booking | None
    refusal: NotAllowed | None


class TakingOver(BookingVerbs):
    """What others promised is kept."""

    def import_from(self, source: str, rows: Iterable[Foreign]) -> list[Imported]:
        """Take over appointments that another system has promised; each row by itself.

        What it promised is kept, so quotas and days do not refuse it; but nobody gets two
        appointments a day for a service. The same row again is the same appointment; a row marked
        as cancelled cancels it.
        """
        if not 0 < len(source.strip()) <= SOURCE_LENGTH:
            raise NotValid("bad_source", f"来源须为 1 到 {SOURCE_LENGTH} 个字。")
        with self.store.transaction():
            return [self._import(source.strip(), each) for each in rows]

    def _import(self, source: str, row: Foreign) -> Imported:
        try:
            with self.store.transaction():
                return Imported(row.foreign_id, self._take_over(source, row), None)
        except NotAllowed as refusal:
            return Imported(row.foreign_id, None, refusal)

    def _take_over(self, source: str, row: Foreign) -> Booking:
        if not 0 < len(row.foreign_id) <= FOREIGN_ID_LENGTH:
            raise NotValid("bad_foreign_id", f"foreign_id 须为 1 到 {FOREIGN_ID_LENGTH} 个字符。")
        now = self.clock()
        if known := self.appointments.of_foreign(source, row.foreign_id):
            if row.cancelled and known.state is State.BOOKED:
                known = self._cancel(known, now, source)
            return Booking(known, fresh=False)
        if row.cancelled:
            raise NotFound("unknown_appointment", "没有这个预约，无从取消。")
        wanted = self._service(row.service)
        ends = self._ends(wanted, row)
        self._check_may_come(wanted, row.slot_at, ends, now)
        day = days.day_of(row.slot_at, self.zone)
        person = self._whose(row.id_number, day) if row.id_number else None
        if person:
            self._check_first(wanted, day, person[0])
        if row.phone:
            rules.check_phone(row.phone)
        made = self._add(
            *(wanted, row.slot_at, ends, person, row.name, row.phone or None, source, now),
            tap=None,
            foreign_id=row.foreign_id,
        )
        return Booking(made, fresh=True)

    def _ends(self, service: Service, row: Foreign) -> Instant:
        if row.slot_ends is not None:
            if row.slot_ends <= row.slot_at:
                raise NotValid("bad_slot", "时段的结束须晚于开始。")
            return row.slot_ends
        day = days.day_of(row.slot_at, self.zone)
        plan = plans.plan_for(self.appointments.plans(service.code), day)
        return row.slot_at + (plan.slot_minutes * days.MINUTE if plan else UNPLANNED_SLOT)

    def _check_may_come(
        self, service: Service, slot_at: Instant, ends: Instant, now: Instant
    ) -> None:
        if now > rules.given_up_at(slot_at, ends, self.terms):
            raise NotAllowed("slot_passed", "这个时段已过。")
        spans = self.desk.calendar().spans(days.day_of(slot_at, self.zone), service)
        if not any(opens <= slot_at < closes for opens, closes in spans):
            raise NotAllowed("hall_closed_then", f"“{service.name}”在这个时段不对外服务。")
