"""Ratings that look odd: who found what, in words and numbers; pure.

A finding is a question for a reviewer, never a verdict: nothing here removes a rating, and an
honest morning can look the same (rating-rules, "what went wrong elsewhere").
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType

from hall.codes import Code
from hall.days import SECOND, Instant
from rating.levels import Channel, Level

# What somebody gave at once and alone; forms and lists are typed in heaps, which is no oddity.
LIVE = frozenset({Channel.EVALUATOR, Channel.QR, Channel.SMS, Channel.WINDOW_QR})
PHONE_LENGTH = 11


class Kind(Code):
    """What looks odd."""

    QUICK = "quick", "办完即评"
    BURST = "burst", "短时连评"
    ALIKE = "alike", "全部相同"
    CONTACT = "contact", "同一联系方式"
    STAFF = "staff", "工作人员的手机"


class Verdict(Code):
    """What a reviewer writes beside a finding; it removes nothing."""

    CHECKED = "checked", "已核实"
    VOID_PROPOSED = "void_proposed", "建议作废"


@dataclass(frozen=True, slots=True)
class Given:
    """A rating as it was given; ``day`` is the hall's, ``contact`` what tells one person again."""

    id: int
    visit: int
    window: int
    clerk: str | None
    device: int | None
    channel: Channel
    level: Level
    at: Instant
    ended_at: Instant
    day: str
    contact: str = ""
    said_why: bool = False
    nth: int = 1
    voided: bool = False
    number: str = ""
    device_name: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """From when on something looks odd: the settings of ``[oddities]``."""

    quick_seconds: float = 2
    quick_in_a_row: int = 5
    burst_seconds: int = 60
    burst_ratings: int = 6
    alike_ratings: int = 30
    contact_ratings: int = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found: ``key`` stays while more of the same comes in; the reason is a sentence."""

    key: str
    kind: Kind
    day: str
    windows: tuple[int, ...]
    reason: str
    ratings: tuple[Given, ...]


def find(
    given: Iterable[Given], terms: Terms, staff: Mapping[str, str] = MappingProxyType({})
) -> list[Finding]:
    """Return all that looks odd among the ratings of a period, by day, kind and first rating.

    ``staff`` are the names of the hall's people by their telephones.
    """
    rows = sorted(given, key=lambda each: (each.at, each.id))
    found = [
        *_quick(rows, terms),
        *_bursts(rows, terms),
        *_alike(rows, terms),
        *_contacts(rows, terms),
        *_staff(rows, staff),
    ]
    order = list(Kind)
    found.sort(key=lambda each: (each.day, order.index(each.kind), each.ratings[0].id))
    return found


def _finding(kind: Kind, key: object, reason: str, rows: Sequence[Given]) -> Finding:
    windows = tuple(sorted({each.window for each in rows}))
    return Finding(f"{kind}:{key}", kind, rows[0].day, windows, reason, tuple(rows))


def _groups(
    rows: Iterable[Given], same: Callable[[Given], tuple[object, ...]]
) -> Iterator[list[Given]]:
    """Yield rows that have something in common, each group in its own order."""
    for _, group in groupby(sorted(rows, key=lambda each: repr(same(each))), key=same):
        yield list(group)


def seconds_after(each: Given) -> float:
    """Return how many seconds after the end of the service a rating came."""
    return (each.at - each.ended_at) / SECOND


def _quick(rows: Sequence[Given], terms: Terms) -> Iterator[Finding]:
    """Rated too soon after the end to have been read, one after the other at a window."""
    live = [each for each in rows if each.channel in LIVE and each.nth == 1]
    for own in _groups(live, lambda each: (each.day, each.window)):
        for quick, run in groupby(own, key=lambda each: seconds_after(each) <= terms.quick_seconds):
            found = list(run)
            if quick and len(found) >= terms.quick_in_a_row:
                reason = (
                    f"{found[0].window}号窗口连续 {len(found)} 条评价都在办完后 "
                    f"{terms.quick_seconds:g} 秒内给出，最快 "
                    f"{min(map(seconds_after, found)):.1f} 秒。"
                )
                yield _finding(Kind.QUICK, found[0].id, reason, found)


def _bursts(rows: Sequence[Given], terms: Terms) -> Iterator[Finding]:
    """Many ratings from one device, or from the phone pages of one window, within a short time."""
    live = [each for each in rows if each.channel in LIVE]
    for own in _groups(
        live, lambda each: (each.device, each.device or (each.window, each.channel))
    ):
        for found in _dense(own, terms):
            first = found[0]
            lasted = (found[-1].at - first.at) / SECOND
            where = (
                f"设备“{first.device_name or first.device}”"
                if first.device is not None
                else f"{first.window}号窗口的{first.channel.chinese}"
            )
            reason = (
                f"{where}在 {lasted:.0f} 秒里给出 {len(found)} 条评价"
                f"（{terms.burst_seconds} 秒内达到 {terms.burst_ratings} 条即列出）。"
            )
            yield _finding(Kind.BURST, first.id, reason, found)


def _dense(rows: Sequence[Given], terms: Terms) -> Iterator[list[Given]]:
    """Yield the stretches in which every rating is one of enough within the time."""
    first, found, reaches = 0, list[Given](), -1
    for last, row in enumerate(rows):
        while row.at - rows[first].at > terms.burst_seconds * SECOND:
            first += 1
        if last - first + 1 < terms.burst_ratings:
            continue
        if found and first > reaches:
            yield found
            found = []
        start = max(first, reaches + 1) if found else first
        found += rows[start : last + 1]
        reaches = last
    if found:
        yield found


def _alike(rows: Sequence[Given], terms: Terms) -> Iterator[Finding]:
    """All ratings of a window's day with one level, and no word of why."""
    for own in _groups(rows, lambda each: (each.day, each.window)):
        if len(own) < terms.alike_ratings or any(each.said_why for each in own):
            continue
        if len({each.level for each in own}) == 1:
            first = own[0]
            reason = (
                f"{first.window}号窗口当天 {len(own)} 条评价全部是“{first.level.chinese}”，"
                "没有一条选了标签或写了文字。"
            )
            yield _finding(Kind.ALIKE, f"{first.day}:{first.window}", reason, own)


def _contacts(rows: Sequence[Given], terms: Terms) -> Iterator[Finding]:
    """One contact behind several visits: somebody's agent, or a phone of the staff."""
    told = [each for each in rows if each.contact]
    for own in _groups(told, lambda each: (each.contact,)):
        visits = {each.visit for each in own}
        if len(visits) >= terms.contact_ratings:
            reason = (
                f"同一联系方式（{masked(own[0].contact)}）出现在 {len(visits)} 次办理的评价里："
                "可能是代办人，也可能是工作人员自己的电话。"
            )
            yield _finding(Kind.CONTACT, own[0].id, reason, own)


def _staff(rows: Sequence[Given], staff: Mapping[str, str]) -> Iterator[Finding]:
    """A rating that leaves the telephone of somebody who works in the hall."""
    told = [each for each in rows if _digits(each.contact) in staff]
    for own in _groups(told, lambda each: (_digits(each.contact),)):
        name = staff[_digits(own[0].contact)]
        reason = f"评价留下的是工作人员{name}的手机：可能是本人来办事，也可能是代群众评价。"
        yield _finding(Kind.STAFF, own[0].id, reason, own)


def _digits(contact: str) -> str:
    """Return the telephone number in what somebody left, without blanks, dashes and +86."""
    return "".join(each for each in contact if each.isdigit())[-PHONE_LENGTH:]


def masked(contact: str) -> str:
    """Return how much of a contact is shown: its last four characters."""
    return f"尾号 {contact[-4:]}" if len(contact) > 4 else "尾号不足四位"
