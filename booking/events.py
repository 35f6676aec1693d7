"""What has happened to appointments, in the past tense; frozen."""

from dataclasses import dataclass

from booking.rules import Appointment
from hall.events import Event


@dataclass(frozen=True, slots=True)
class AppointmentEvent(Event):
    """Something that happened to an appointment."""

    appointment: Appointment


@dataclass(frozen=True, slots=True)
class AppointmentBooked(AppointmentEvent):
    """A slot was promised to somebody."""


@dataclass(frozen=True, slots=True)
class AppointmentCancelled(AppointmentEvent):
    """A slot is free again."""


@dataclass(frozen=True, slots=True)
class AppointmentArrived(AppointmentEvent):
    """Somebody came: the appointment is a ticket now."""


@dataclass(frozen=True, slots=True)
class AppointmentGivenUp(AppointmentEvent):
    """Nobody came in time."""
