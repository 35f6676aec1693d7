"""class Bookings – the verbs of appointments: read, decide, save, note; after the commit, tell."""

import logging
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from booking import rules
from booking.events import (
    AppointmentArrived,
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentEvent,
    AppointmentGivenUp,
)
from booking.rules import Appointment, Plan, Slot, State, Terms
from booking.store import Appointments
from hall import days, services
from hall.catalogue import Service
from hall.config import Config
from hall.days import Clock, Instant
from hall.desk import Desk, Issued
from hall.events import Event
from hall.identity import check_id_number, masked, person_hash
from hall.refusals import NotAllowed, NotFound, NotValid
from hall.register import Register
from hall.store import Store
from hall.tickets import Booked

log = logging.getLogger("booking")
UNPLANNED_SLOT = 30 * days.MINUTE  # of an imported appointment whose service has no plan here
FOUND_MOST = 5
SOURCE_LENGTH = 40
FOREIGN_ID_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Booking:
    """An appointment; ``fresh`` is False for a request that came again."""

    appointment: Appointment
    fresh: bool


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


class Bookings:
    """The one place where appointments are made, kept and given up."""

    def __init__(
        self, store: Store, register: Register, desk: Desk, config: Config, clock: Clock
    ) -> None:
        self.store = store
        self.register = register
        self.desk = desk
        self.settings, self.once = config.appointments, config.queue.once_per_service
        self.terms = Terms(**self.settings.model_dump(exclude={"keep_phone_days"}))
        self.zone = config.hall.zone
        self.clock = clock
        self.appointments = Appointments(store)
        self._key = register.secret("person")
        self._awake_since = clock()
        self._forgot_on = ""
        self._followers: list[Callable[[Event], None]] = []

    # -- who listens ----------------------------------------------------------------------------

    def follow(self, follower: Callable[[Event], None]) -> None:
        """Let ``follower`` know of events once they are safe; a failing one is logged."""
        self._followers.append(follower)

    def _tell(self, event: Event) -> None:
        for follower in self._followers:
            try:
                follower(event)
            except Exception:  # what is committed stands, whoever fails to hear of it
                log.exception("a follower failed on %s", type(event).__name__)

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
        rules.check_day(day)
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
        return rules.slots_of(
            self.desk.calendar().spans(day, service),
            rules.plan_for(self.appointments.plans(service.code), day),
            self.appointments.begun_between(service.code, first, past),
        )

    def _service(self, code: str) -> Service:
        return services.known_service(self.register.catalogue().service.get(code), code)

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
        _check_phone(phone)
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
        return rules.bookable_slot(self._slots(service, day), slot_at)

    def _check_first(self, service: Service, day: str, person: str) -> None:
        if self.appointments.standing(person, day, service.code):
            raise NotAllowed(
                "already_booked",
                f"您已预约{rules.day_said(day)}的“{service.name}”，每人每天同一业务只能预约一次。",
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

    def _person(self, id_number: str) -> str:
        # a scope of its own: what a ticket keeps of a person for a day tells nothing here
        return person_hash(self._key, id_number, "appointment")

    def _whose(self, id_number: str, day: str) -> tuple[str, str]:
        """Return a person as appointments know them, and as the queue does that day."""
        number = _id_number(id_number)
        return self._person(number), person_hash(self._key, number, day)

    # -- looking up -----------------------------------------------------------------------------

    def appointment(self, code: str) -> Appointment:
        """Return the appointment of a code, as somebody typed it."""
        read = rules.read_code(code)
        return rules.known(self.appointments.of_code(read) if read else None)

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

    def not_cancellable(self, appointment: Appointment) -> NotAllowed | None:
        """Return why an appointment cannot be cancelled now, None if it can."""
        return rules.not_cancellable(appointment, self.clock(), self.terms)

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
            "phone": rules.masked_phone(appointment.phone),
            "source": appointment.source,
            "ticket": appointment.ticket,
            "number": ticket.number if ticket else None,
        }

    # -- cancelling -----------------------------------------------------------------------------

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

    # -- checking in ----------------------------------------------------------------------------

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

    # -- what time brings -----------------------------------------------------------------------

    def tick(self) -> None:
        """Give up the slots nobody came for; once a day forget what need not be known any more."""
        now = self.clock()
        begun = self.appointments.begun(now)
        if late := [each for each in begun if rules.is_given_up(each, now, self.terms)]:
            with self.store.transaction():
                for each in late:
                    self._give_up(each, now)
        today = days.day_of(now, self.zone)
        if today != self._forgot_on:
            self._forget(today, now)
            self._forgot_on = today

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

    def _forget(self, today: str, now: Instant) -> None:
        keep = self.settings.keep_phone_days
        no_shows = max(keep, self.terms.no_show_days + self.terms.bar_days)
        with self.store.transaction():
            phones = self.appointments.forget_phones(_before(today, keep))
            people = self.appointments.forget_people(_before(today, keep), _before(today, no_shows))
            if phones or people:
                told = {"phones": phones, "people": people}
                self.store.note(now, "appointments_forgotten", who="hall", detail=told)

    # -- another booking system -----------------------------------------------------------------

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
            _check_phone(row.phone)
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
        plan = rules.plan_for(self.appointments.plans(service.code), day)
        return row.slot_at + (plan.slot_minutes * days.MINUTE if plan else UNPLANNED_SLOT)

    def _check_may_come(
        self, service: Service, slot_at: Instant, ends: Instant, now: Instant
    ) -> None:
        if now > rules.given_up_at(slot_at, ends, self.terms):
            raise NotAllowed("slot_passed", "这个时段已过。")
        spans = self.desk.calendar().spans(days.day_of(slot_at, self.zone), service)
        if not any(opens <= slot_at < closes for opens, closes in spans):
            raise NotAllowed("hall_closed_then", f"“{service.name}”在这个时段不对外服务。")

    # -- what managers see ----------------------------------------------------------------------

    def counts(self) -> dict[str, dict[str, int]]:
        """Return how many appointments stand in each state, today and on each bookable day."""
        today = days.day_of(self.clock(), self.zone)
        return {
            day: {state.value: 0 for state in State} | self.appointments.counts(day)
            for day in dict.fromkeys((today, *self.bookable_days()))
        }

    # -- plans ----------------------------------------------------------------------------------

    def plans(self, service: str | None = None) -> list[Plan]:
        """Return the plans slots are cut by."""
        return self.appointments.plans(service)

    def save_plan(
        self,
        service: str,
        *,
        weekday: int | None = None,
        day: str | None = None,
        slot_minutes: int,
        quota: int,
        by: str = "",
    ) -> Plan:
        """Say how a service's day is cut: on a weekday, or on one date in its place.

        Appointments already made stand as they are.
        """
        plan = rules.check_plan(Plan(0, service, weekday, day, slot_minutes, quota))
        with self.store.transaction():
            self._service(service)
            number = self.appointments.save_plan(plan)
            told = {"service": service, "on": day or weekday, "minutes": slot_minutes}
            self.store.note(self.clock(), "slot_plan_saved", who=by, detail=told | {"quota": quota})
        return Plan(number, service, weekday, day, slot_minutes, quota)

    def remove_plan(self, number: int, by: str = "") -> None:
        """Cut no more slots by a plan; appointments already made stand."""
        with self.store.transaction():
            if not self.appointments.remove_plan(number):
                raise NotFound("unknown_plan", "没有这个放号计划，可能已被删除。")
            self.store.note(self.clock(), "slot_plan_removed", who=by, detail={"plan": number})


def _same(known: Appointment, person: str, service: str) -> Appointment:
    """Return what a tap has made, unless it comes again for somebody or something else."""
    if (known.person, known.service) != (person, service):
        raise NotValid(
            "tap_used", "这个页面刚才已经提交过一次预约。要再预约，请核对后重新点“确认预约”。"
        )
    return known


def _check_phone(phone: str) -> None:
    if not services.PHONE.fullmatch(phone):
        raise NotValid("bad_phone", "请填写手机号码，5 至 15 位数字。")


def _id_number(text: str) -> str:
    try:
        return check_id_number(text)
    except NotValid:
        raise NotValid(
            "bad_id_number",
            "身份证号码不正确，请核对后重新填写。没有身份证的请直接到大厅取号。",
        ) from None


def _id_number_or_code(text: str) -> str:
    try:
        return check_id_number(text)
    except NotValid:
        raise NotValid(
            "bad_code_or_id", "预约码是 8 位字母和数字，身份证号码是 18 位，请核对后重新输入。"
        ) from None


def _before(today: str, how_many: int) -> str:
    return (date.fromisoformat(today) - timedelta(days=how_many)).isoformat()
