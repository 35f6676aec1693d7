"""Appointments, their codes, and who may book, cancel and check in; pure (queue-rules 11)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from booking.words import day_said, slot_said
from hall import days, services
from hall.days import HOUR, MINUTE, Instant
from hall.refusals import NotAllowed, NotFound, NotValid

# No vowels, so that no code is a word; no 0 1 L, which are read as O I 1.
ALPHABET = "23456789BCDFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 8
CODES = len(ALPHABET) ** CODE_LENGTH  # 378 billion: who guesses meets nobody
DAY = 24 * HOUR
# Farther than this no calendar is asked for the working days that may be booked.
DAYS_LOOKED_AHEAD = 60
NAME_LENGTH = 40


class State(StrEnum):
    """Where an appointment stands in its life."""

    BOOKED = "booked"
    ARRIVED = "arrived"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


MAY_BECOME: dict[State, frozenset[State]] = {
    State.BOOKED: frozenset({State.ARRIVED, State.CANCELLED, State.NO_SHOW}),
    State.ARRIVED: frozenset(),
    State.CANCELLED: frozenset(),
    State.NO_SHOW: frozenset(),
}
IN_CHINESE = {
    State.BOOKED: "已预约",
    State.ARRIVED: "已签到",
    State.CANCELLED: "已取消",
    State.NO_SHOW: "已过时",
}


@dataclass(frozen=True, slots=True)
class Appointment:
    """A slot promised to a person, whose name ``holder`` is masked.

    ``person`` is a keyed hash; ``day_person`` is another, as the queue knows who waits that day.
    """

    id: int
    code: str
    service: str
    day: str
    slot_at: Instant
    slot_ends: Instant
    person: str | None
    day_person: str | None
    holder: str
    phone: str | None
    state: State
    source: str
    foreign_id: str | None
    made_at: Instant
    ended_at: Instant | None
    ticket: int | None


@dataclass(frozen=True, slots=True)
class Terms:
    """What a hall asks of those who book: the settings of ``[appointments]``."""

    first_day: int = 1
    last_day: int = 5
    cancel_hours: int = 2
    early_minutes: int = 60
    grace_minutes: int = 30
    no_shows_most: int = 3
    no_show_days: int = 90
    bar_days: int = 30


def known(appointment: Appointment | None) -> Appointment:
    """Return an appointment, or refuse a code that belongs to none."""
    if appointment is None:
        raise NotFound("unknown_appointment", "没有找到这个预约，请核对预约码，或到咨询台询问。")
    return appointment


# -- codes -------------------------------------------------------------------------------------


def code_of(number: int) -> str:
    """Return the code of a number from 0 to CODES - 1."""
    letters = []
    for _ in range(CODE_LENGTH):
        number, place = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[place])
    return "".join(letters)


def read_code(text: str) -> str | None:
    """Return the code somebody typed, in whatever case and groups; None when it is none."""
    code = "".join(text.split()).replace("-", "").upper()
    fits = len(code) == CODE_LENGTH and set(code) <= set(ALPHABET)
    return code if fits else None


# -- booking -----------------------------------------------------------------------------------


def bookable_days(today: str, terms: Terms, is_workday: Callable[[str], bool]) -> tuple[str, ...]:
    """Return the days that may be booked: so many working days ahead of today."""
    found: list[str] = []
    first = date.fromisoformat(today)
    for ahead in range(1, DAYS_LOOKED_AHEAD):
        day = (first + timedelta(days=ahead)).isoformat()
        if is_workday(day):
            found.append(day)
        if len(found) == terms.last_day:
            break
    return tuple(found[terms.first_day - 1 :])


def not_bookable(day: str, allowed: Sequence[str], terms: Terms) -> NotAllowed | None:
    """Return the refusal of a day that is too near, too far, or none of the hall's."""
    if day in allowed:
        return None
    reach = f"可以预约第 {terms.first_day} 至第 {terms.last_day} 个工作日"
    if allowed:
        reach += f"，即 {day_said(allowed[0])}至{day_said(allowed[-1])}"
    return NotAllowed("day_not_bookable", f"这一天不能预约。{reach}。")


def barred_until(no_shows: Iterable[Instant], terms: Terms) -> Instant | None:
    """Return until when somebody may not book; ``no_shows`` are when their slots were given up.

    As many no-shows as the hall bears, within so many days, bar booking from the last of them on.
    """
    given_up = sorted(no_shows)
    first_of_those = zip(given_up, given_up[terms.no_shows_most - 1 :], strict=False)
    bars = [
        last + terms.bar_days * DAY
        for first, last in first_of_those
        if last - first <= terms.no_show_days * DAY
    ]
    return max(bars, default=None)


def barred(
    no_shows: Iterable[Instant], now: Instant, terms: Terms, zone: ZoneInfo
) -> NotAllowed | None:
    """Return the refusal of somebody who did not come too often, or None."""
    until = barred_until(no_shows, terms)
    if until is None or now >= until:
        return None
    when = day_said(days.day_of(until, zone))
    return NotAllowed(
        "barred_from_booking",
        f"{terms.no_show_days} 天内有 {terms.no_shows_most} 次预约没有前来，"
        f"{when}以后才能再预约。现在可以直接到大厅取号。",
    )


def check_holder(name: str) -> str:
    """Return a name without spaces at its ends, or refuse what is none."""
    told = name.strip()
    if not told:
        raise NotValid("name_missing", "请填写姓名。")
    if len(told) > NAME_LENGTH:
        raise NotValid("name_too_long", f"姓名最多 {NAME_LENGTH} 个字。")
    return told


def check_phone(phone: str) -> None:
    """Refuse what is no telephone number; who books can be told of a change."""
    if not services.PHONE.fullmatch(phone):
        raise NotValid("bad_phone", "请填写手机号码，5 至 15 位数字。")


# -- cancelling --------------------------------------------------------------------------------


def not_cancellable(appointment: Appointment, now: Instant, terms: Terms) -> NotAllowed | None:
    """Return the refusal of a cancelling that comes too late, or None."""
    if appointment.state is not State.BOOKED:
        return NotAllowed("not_booked", f"这个预约{IN_CHINESE[appointment.state]}，不能取消。")
    if now > appointment.slot_at - terms.cancel_hours * HOUR:
        return NotAllowed(
            "too_late_to_cancel",
            f"离预约时段不到 {terms.cancel_hours} 小时，不能在这里取消。"
            "确实来不了，请致电大厅咨询台。",
        )
    return None


def check_phone_tail(appointment: Appointment, tail: str) -> None:
    """Refuse whoever does not know how the phone number ends."""
    if not appointment.phone or appointment.phone[-4:] != tail.strip():
        raise NotValid("wrong_phone", "手机号后四位与预约时填写的不一致，请核对。")


# -- checking in -------------------------------------------------------------------------------


def given_up_at(slot_at: Instant, slot_ends: Instant, terms: Terms) -> Instant:
    """Return until when a slot is kept: the grace, and never less than the slot itself."""
    return max(slot_at + terms.grace_minutes * MINUTE, slot_ends)


def is_given_up(appointment: Appointment, now: Instant, terms: Terms) -> bool:
    """Return whether nobody came for a slot in time."""
    until = given_up_at(appointment.slot_at, appointment.slot_ends, terms)
    return appointment.state is State.BOOKED and now > until


def not_admitted(
    appointment: Appointment, now: Instant, opens: Instant, terms: Terms, zone: ZoneInfo
) -> NotAllowed | None:
    """Return why an appointment cannot be checked in now, with where to go; None if it can.

    ``opens`` is when the hall begins to take it in.
    """
    when = slot_said(appointment.slot_at, appointment.slot_ends, zone)
    match appointment.state:
        case State.CANCELLED:
            return NotAllowed("was_cancelled", "这个预约已取消。请直接取号，或到咨询台询问。")
        case State.ARRIVED:
            return NotAllowed(
                "already_arrived", "这个预约已经签到，不用再取号。小票遗失请到咨询台补打。"
            )
        case State.NO_SHOW:
            return _too_late(when)
        case State.BOOKED if is_given_up(appointment, now, terms):
            return _too_late(when)
    if now < opens:
        at = f"{days.local(opens, zone):%H:%M}"
        return NotAllowed("too_early", f"您预约的是{when}，当天 {at} 起可以签到，请到时再来。")
    return None


def _too_late(when: str) -> NotAllowed:
    return NotAllowed("too_late", f"您预约的{when}已过，时段没有保留。请直接取号，或到咨询台询问。")
