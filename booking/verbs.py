"""What all verbs of appointments share: whose one is, how it is kept, and how it ends."""

import logging
import secrets
from dataclasses import dataclass
from typing import Any

from booking import rules, words
from booking.events import AppointmentBooked, AppointmentCancelled, AppointmentEvent
from booking.rules import Appointment, State, Terms
from booking.store import Appointments
from hall import days, services
from hall.catalogue import Service
from hall.config import Config
from hall.days import Clock, Instant
from hall.desk import Desk
from hall.identity import check_id_number, masked, person_hash
from hall.refusals import NotAllowed, NotValid
from hall.register import Register
from hall.store import Store
from hall.teller import Teller

log = logging.getLogger("booking")


@dataclass(frozen=True, slots=True)
class Booking:
    """An appointment; ``fresh`` is False for a request that came again."""

    appointment: Appointment
    fresh: bool


class BookingVerbs(Teller):
    """The ground on which the verbs stand."""

    def __init__(
        self, store: Store, register: Register, desk: Desk, config: Config, clock: Clock
    ) -> None:
        super().__init__(store, log)
        self.register = register
        self.desk = desk
        self.settings, self.once = config.appointments, config.queue.once_per_service
        self.terms = Terms(**self.settings.model_dump(exclude={"keep_phone_days"}))
        self.zone = config.hall.zone
        self.clock = clock
        self.appointments = Appointments(store)
        self._key = register.secret("person")
        self._awake_since = clock()

    # -- what is known --------------------------------------------------------------------------

    def appointment(self, code: str) -> Appointment:
        """Return the appointment of a code, as somebody typed it."""
        read = rules.read_code(code)
        return rules.known(self.appointments.of_code(read) if read else None)

    def _service(self, code: str) -> Service:
        return services.known_service(self.register.catalogue().service.get(code), code)

    def _person(self, id_number: str) -> str:
        # a scope of its own: what a ticket keeps of a person for a day tells nothing here
        return person_hash(self._key, id_number, "appointment")

    def _whose(self, id_number: str, day: str) -> tuple[str, str]:
        """Return a person as appointments know them, and as the queue does that day."""
        number = _id_number(id_number)
        return self._person(number), person_hash(self._key, number, day)

    # -- the shape of every verb ----------------------------------------------------------------

    def _check_first(self, service: Service, day: str, person: str) -> None:
        if self.appointments.standing(person, day, service.code):
            raise NotAllowed(
                "already_booked",
                f"您已预约{words.day_said(day)}的“{service.name}”，每人每天同一业务只能预约一次。",
            )

    def _add(
        self,
        service: Service,
        slot_at: Instant,
        slot_ends: Instant,
        person: tuple[str, str] | None,
        name: str,
        phone: str | None,
        source: str,
        now: Instant,
        tap: str | None,
        foreign_id: str | None = None,
    ) -> Appointment:
        made = Appointment(
            id=0,
            code=self._new_code(),
            service=service.code,
            day=days.day_of(slot_at, self.zone),
            slot_at=slot_at,
            slot_ends=slot_ends,
            person=person[0] if person else None,
            day_person=person[1] if person else None,
            holder=masked(name),
            phone=phone,
            state=State.BOOKED,
            source=source,
            foreign_id=foreign_id,
            made_at=now,
            ended_at=None,
            ticket=None,
        )
        added = self.appointments.add(made, tap)
        self._note(AppointmentBooked, "appointment_booked", added, now, source)
        return added

    def _new_code(self) -> str:
        while True:
            code = rules.code_of(secrets.randbelow(rules.CODES))
            if self.appointments.of_code(code) is None:
                return code

    def _cancel(self, found: Appointment, now: Instant, by: str, reason: str = "") -> Appointment:
        cancelled = self._end(found, State.CANCELLED, now)
        more = {"reason": reason} if reason else {}
        self._note(AppointmentCancelled, "appointment_cancelled", cancelled, now, by, **more)
        return cancelled

    def _end(
        self, found: Appointment, becomes: State, now: Instant, ticket: int | None = None
    ) -> Appointment:
        changed = self.appointments.change(found.id, becomes, now, ticket)
        if changed is None:
            raise NotAllowed("changed_meanwhile", "这个预约刚刚有变化，请再看一次。")
        return changed

    def _note(
        self,
        kind: type[AppointmentEvent],
        event: str,
        about: Appointment,
        now: Instant,
        who: str,
        **detail: Any,
    ) -> None:
        told = {"appointment": about.id, "service": about.service, "slot_at": about.slot_at}
        seq = self.store.note(now, event, ticket=about.ticket, who=who, detail=told | detail)
        if self._followers:
            self.store.after_commit(lambda: self._tell(kind(seq, now, (), about)))


def _id_number(text: str) -> str:
    try:
        return check_id_number(text)
    except NotValid:
        raise NotValid(
            "bad_id_number",
            "身份证号码不正确，请核对后重新填写。没有身份证的请直接到大厅取号。",
        ) from None
