"""What becomes of an appointment: checked in it is a ticket, late it is given up."""

from booking import rules
from booking.events import AppointmentArrived, AppointmentGivenUp
from booking.rules import Appointment, State
from booking.verbs import BookingVerbs
from hall import days, services
from hall.days import Instant
from hall.desk import Issued
from hall.refusals import NotAllowed, NotValid
from hall.tickets import Booked


class Arriving(BookingVerbs):
    """Appointments whose time has come."""

    # -- checking in ----------------------------------------------------------------------------

    def not_admitted(self, appointment: Appointment) -> NotAllowed | None:
        """Return why an appointment cannot be checked in now, None if it can."""
        now, opens = self.clock(), self.admitted_from(appointment)
        refusal = rules.not_admitted(appointment, now, opens, self.terms, self.zone)
        if refusal is None or appointment.ticket is None:
            return refusal
        number = self.desk.ticket(appointment.ticket).number
        return NotAllowed(
            refusal.code, f"已经签到，号码是 {number}，不用再取号。小票遗失请到咨询台补打。"
        )

    def admitted_from(self, appointment: Appointment) -> Instant:
        """Return when an appointment can first be checked in: not while the hall is closed."""
        early, calendar = self.terms.early_minutes * days.MINUTE, self.desk.calendar()
        first = appointment.slot_at - early
        if calendar.open_at(first) is not None:
            return first
        return min(calendar.next_opening(first) or first, appointment.slot_at)

    def check_in(
        self,
        code: str,
        tap: str,
        *,
        language: str = "zh",
        service: str | None = None,
        source: str = "kiosk",
        device: int | None = None,
    ) -> Issued:
        """Turn an appointment into its ticket; the same tap gets the same ticket.

        ``service``, if the asker names one, must be the appointment's. Raises NotFound, NotValid or
        NotAllowed (``too_early``, ``too_late``, ``already_arrived``, ``was_cancelled`` and what the
        desk refuses); coming too late is kept as a no-show.
        """
        services.check_tap(tap)
        with self.store.transaction():
            found, now = self.appointment(code), self.clock()
            if known := self.store.ticket_from_tap(tap):
                if known.id != found.ticket:
                    raise NotValid("tap_used", "这次点按已经取过号，请重新操作。")
                return self.desk.issue(known.service, tap)
            if service not in (None, found.service):
                raise NotValid("other_service", "这个预约是另一项业务的，请核对。")
            refusal = self.not_admitted(found)
            if refusal is None:
                self._check_waits_nowhere(found)
                issued = self.desk.issue(
                    found.service,
                    tap,
                    language=language,
                    booked=Booked(found.id, found.slot_at, found.holder),
                    source=source,
                    device=device,
                )
                self._arrive(found, issued.ticket.id, source, now)
                return issued
            if rules.is_given_up(found, now, self.terms):
                self._give_up(found, now)
        raise refusal

    def _check_waits_nowhere(self, found: Appointment) -> None:
        if not (self.once and found.day_person):
            return
        if waits := self.store.waits_already("person", found.day_person, found.service):
            raise NotAllowed(
                "already_waiting", f"您已经取了 {waits} 号，正在等候同一业务，不用再签到。"
            )

    def _arrive(self, found: Appointment, ticket: int, by: str, now: Instant) -> None:
        arrived = self._end(found, State.ARRIVED, now, ticket)
        if found.day_person:
            self.appointments.say_whose(ticket, found.day_person)
        self._note(AppointmentArrived, "appointment_arrived", arrived, now, by)

    # -- given up -------------------------------------------------------------------------------

    def _give_up(self, late: Appointment, now: Instant) -> None:
        """Keep a no-show; where the hall itself could not receive anybody, only a cancelling."""
        until = rules.given_up_at(late.slot_at, late.slot_ends, self.terms)
        if until <= self._awake_since:
            self._cancel(late, now, "hall", "not_running")
        elif not self._is_open(late):
            self._cancel(late, now, "hall", "closed")
        else:
            given_up = self._end(late, State.NO_SHOW, now)
            self._note(AppointmentGivenUp, "appointment_given_up", given_up, now, "hall")

    def _is_open(self, appointment: Appointment) -> bool:
        service = self.register.catalogue().service.get(appointment.service)
        spans = self.desk.calendar().spans(appointment.day, service)
        return any(opens <= appointment.slot_at < closes for opens, closes in spans)
