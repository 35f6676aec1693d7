"""class Bookings – the verbs of appointments: read, decide, save, note; after the commit, tell.

They stand in rooms of their own – ``planning``, ``making``, ``arriving``, ``taking_over`` – on one
ground, ``verbs``; here is looking up, cancelling, and what time brings.
"""

from typing import Any

from booking import rules, words
from booking.arriving import Arriving
from booking.making import Making
from booking.planning import Planning
from booking.rules import Appointment, State
from booking.taking_over import TakingOver
from hall import days
from hall.identity import check_id_number
from hall.refusals import NotAllowed, NotFound, NotValid

FOUND_MOST = 5


class Bookings(Planning, Making, Arriving, TakingOver):
    """The one place where appointments are made, kept and given up."""

    # -- looking up -----------------------------------------------------------------------------

    def find(self, text: str) -> list[Appointment]:
        """Return the appointment of a code, or those of an ID number from today on."""
        if (code := rules.read_code(text)) is not None:
            return [rules.known(self.appointments.of_code(code))]
        today = days.day_of(self.clock(), self.zone)
        found = self.appointments.from_day(
            self._person(_id_number_or_code(text)), today, FOUND_MOST
        )
        if not found:
            raise NotFound(
                "no_appointment", "没有找到今天或之后的预约。可以直接取号，或到咨询台询问。"
            )
        return found

    def told(self, appointment: Appointment) -> dict[str, Any]:
        """Return an appointment as programs and pages show it: nothing in full of its owner."""
        service = self.register.catalogue().service[appointment.service]
        ticket = self.desk.ticket(appointment.ticket) if appointment.ticket else None
        return {
            "code": appointment.code,
            "service": service.code,
            "service_name": service.name,
            "day": appointment.day,
            "slot_at": days.iso(appointment.slot_at, self.zone),
            "slot_ends": days.iso(appointment.slot_ends, self.zone),
            "state": appointment.state.value,
            "holder": appointment.holder,
            "phone": words.masked_phone(appointment.phone),
            "source": appointment.source,
            "ticket": appointment.ticket,
            "number": ticket.number if ticket else None,
        }

    def counts(self) -> dict[str, dict[str, int]]:
        """Return how many appointments stand in each state, today and on each bookable day."""
        today = days.day_of(self.clock(), self.zone)
        return {
            day: {state.value: 0 for state in State} | self.appointments.counts(day)
            for day in dict.fromkeys((today, *self.bookable_days()))
        }

    # -- cancelling -----------------------------------------------------------------------------

    def not_cancellable(self, appointment: Appointment) -> NotAllowed | None:
        """Return why an appointment cannot be cancelled now, None if it can."""
        return rules.not_cancellable(appointment, self.clock(), self.terms)

    def cancel(self, code: str, *, phone_tail: str | None = None, by: str = "phone") -> Appointment:
        """Give a slot back in time; cancelling twice is cancelling once.

        ``phone_tail``, where somebody must show whose appointment it is, is how its phone number
        ends.
        """
        with self.store.transaction():
            now, found = self.clock(), self.appointment(code)
            if phone_tail is not None:
                rules.check_phone_tail(found, phone_tail)
            if found.state is State.CANCELLED:
                return found
            if refusal := rules.not_cancellable(found, now, self.terms):
                raise refusal
            return self._cancel(found, now, by)

    # -- what time brings -----------------------------------------------------------------------

    def tick(self) -> None:
        """Give up the slots nobody came for."""
        now = self.clock()
        begun = self.appointments.begun(now)
        if late := [each for each in begun if rules.is_given_up(each, now, self.terms)]:
            with self.store.transaction():
                for each in late:
                    self._give_up(each, now)


def _id_number_or_code(text: str) -> str:
    try:
        return check_id_number(text)
    except NotValid:
        raise NotValid(
            "bad_code_or_id", "预约码是 8 位字母和数字，身份证号码是 18 位，请核对后重新输入。"
        ) from None
