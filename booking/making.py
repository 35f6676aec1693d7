"""How an appointment is made: free slots, and one of them promised to a person."""

from booking import plans, rules
from booking.plans import Slot
from booking.rules import Appointment
from booking.verbs import Booking, BookingVerbs
from hall import days, services
from hall.catalogue import Service
from hall.days import Instant
from hall.refusals import NotValid


class Making(BookingVerbs):
    """Slots, and who books them."""

    # -- slots ----------------------------------------------------------------------------------

    def services(self) -> list[Service]:
        """Return the services that can be booked, in the hall's order."""
        planned = {each.service for each in self.appointments.plans()}
        return [
            each
            for each in self.register.catalogue().services
            if each.active and each.code in planned
        ]

    def in_use(self) -> bool:
        """Return whether anybody can have an appointment here."""
        return self.appointments.any_from(days.day_of(self.clock(), self.zone))

    def bookable_days(self) -> tuple[str, ...]:
        """Return the days that may be booked today."""
        today = days.day_of(self.clock(), self.zone)
        return rules.bookable_days(today, self.terms, self.desk.calendar().is_workday)

    def free_slots(self, service: str, day: str) -> tuple[Slot, ...]:
        """Return a day's slots with their room, the full ones too; none of a closed day.

        Raises NotFound, NotValid, or NotAllowed ``day_not_bookable`` (queue-rules 11).
        """
        wanted = self._service(service)
        plans.check_day(day)
        if refusal := rules.not_bookable(day, self.bookable_days(), self.terms):
            raise refusal
        return self._slots(wanted, day)

    def days_of(self, service: str) -> dict[str, int]:
        """Return the bookable days of a service, each with how many places are free."""
        wanted = self._service(service)
        return {
            day: sum(slot.free for slot in self._slots(wanted, day)) for day in self.bookable_days()
        }

    def _slots(self, service: Service, day: str) -> tuple[Slot, ...]:
        first = days.first_instant(day, self.zone)
        past = days.first_instant(days.next_day(day), self.zone)
        return plans.slots_of(
            self.desk.calendar().spans(day, service),
            plans.plan_for(self.appointments.plans(service.code), day),
            self.appointments.begun_between(service.code, first, past),
        )

    # -- booking --------------------------------------------------------------------------------

    def book(
        self,
        service: str,
        slot_at: Instant,
        tap: str,
        *,
        id_number: str,
        name: str,
        phone: str,
        source: str = "phone",
    ) -> Booking:
        """Promise a slot to a person; the same tap gets the same appointment.

        Raises NotFound, NotValid or NotAllowed (``day_not_bookable``, ``slot_full``,
        ``already_booked``, ``barred_from_booking``) with nothing changed.
        """
        services.check_tap(tap)
        rules.check_phone(phone)
        holder, day = rules.check_holder(name), days.day_of(slot_at, self.zone)
        person = self._whose(id_number, day)
        with self.store.transaction():
            if known := self.appointments.of_tap(tap):
                return Booking(_same(known, person[0], service), fresh=False)
            now, wanted = self.clock(), self._service(service)
            slot = self._check_may_book(wanted, day, slot_at, person[0], now)
            made = self._add(wanted, slot.at, slot.ends, person, holder, phone, source, now, tap)
        return Booking(made, fresh=True)

    def _check_may_book(
        self, service: Service, day: str, slot_at: Instant, person: str, now: Instant
    ) -> Slot:
        given_up = [
            rules.given_up_at(at, ends, self.terms)
            for at, ends in self.appointments.no_shows(person)
        ]
        refusal = rules.not_bookable(day, self.bookable_days(), self.terms) or rules.barred(
            given_up, now, self.terms, self.zone
        )
        if refusal:
            raise refusal
        self._check_first(service, day, person)
        return plans.bookable_slot(self._slots(service, day), slot_at)


def _same(known: Appointment, person: str, service: str) -> Appointment:
    """Return what a tap has made, unless it comes again for somebody or something else."""
    if (known.person, known.service) != (person, service):
        raise NotValid(
            "tap_used", "这个页面刚才已经提交过一次预约。要再预约，请核对后重新点“确认预约”。"
        )
    return known
