"""What a webhook says, how it is signed and when it is tried again; pure.

After Standard Webhooks 1.0: the signature is ``v1,`` and the base64 of an HMAC-SHA256 over
``id.timestamp.body``; the secret is ``whsec_`` and the base64 of its key.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from hall import days
from hall.catalogue import Catalogue
from hall.days import Instant
from hall.events import (
    AtWindow,
    CallRepeated,
    Event,
    ServiceFinished,
    ServiceStarted,
    SlipNoted,
    TicketCalled,
    TicketEvent,
    TicketExpired,
    TicketMissed,
    TicketTaken,
)
from hall.refusals import NotValid
from hall.tickets import Ticket
from rating.events import ServiceRated
from rating.levels import Level

NEARLY = "ticket.nearly"
FINISHED = "service.finished"
BADLY = "service.rated_badly"
RED = "case.red"
COMPLAINT_RED = "complaint.red"
ALARM = "alarm.escalated"
TYPES = {
    "ticket.taken": "取号",
    "ticket.called": "呼叫",
    "service.started": "开始办理",
    FINISHED: "办理结束",
    "ticket.missed": "过号",
    "service.rated": "收到评价",
    BADLY: "收到差评",
    RED: "差评办理超期",
    COMPLAINT_RED: "投诉办理超期",
    ALARM: "告警无人确认",
    NEARLY: "快要轮到",
}
SAID_AS: dict[type[Event], tuple[str, ...]] = {
    TicketTaken: ("ticket.taken",),
    TicketCalled: ("ticket.called",),
    ServiceStarted: ("service.started",),
    ServiceFinished: (FINISHED,),
    TicketMissed: ("ticket.missed",),
    ServiceRated: ("service.rated", BADLY),
}
# A ticket that is taken stands behind all others; tickets expire all at once, nobody moves up.
MOVES_NOBODY_UP = {
    TicketTaken,
    TicketExpired,
    CallRepeated,
    ServiceStarted,
    ServiceFinished,
    SlipNoted,
}

SECRET_MARK = "whsec_"  # noqa: S105 - how every secret begins
# While a receiver takes over a new secret, the one before signs as well (Standard Webhooks 1.0).
BOTH_SIGN_FOR = days.DAY
LONGEST_URL = 2000
# The table of the specification: ten tries in some three days.
WEBHOOK_RETRIES = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
# Who is told half an hour late that their turn is near has missed it.
NOTICE_RETRIES = (5, 60, 300, 1200)
LONGEST_WAIT_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one try ended; ``error`` is empty when the receiver has it.

    ``silent``: nobody answered, so others to the same receiver wait. ``over``: never again.
    ``gone``: the receiver wants nothing any more. ``wait`` is what it asked for, in seconds.
    """

    error: str = ""
    silent: bool = False
    over: bool = False
    gone: bool = False
    wait: int = 0


def next_try(retries: Sequence[int], tries: int, now: Instant, outcome: Outcome) -> Instant | None:
    """Return when to try again after so many failed tries; None to give up."""
    if outcome.over or outcome.gone or tries > len(retries):
        return None
    wait = max(retries[tries - 1], min(outcome.wait, LONGEST_WAIT_SECONDS))
    return now + wait * days.SECOND


def outcome_of(status: int, retry_after: str) -> Outcome:
    """Return what an answer of a webhook's receiver means; only 2xx is delivered."""
    if 200 <= status < 300:
        return Outcome()
    wait = int(retry_after) if retry_after.isascii() and retry_after.isdigit() else 0
    return Outcome(f"HTTP {status}", gone=status == 410, wait=wait)


# -- signing -----------------------------------------------------------------------------------


def secret_of(key: bytes) -> str:
    """Return a key as it is handed to the receiver."""
    return SECRET_MARK + base64.b64encode(key).decode()


def sign(secret: str, message: str, timestamp: int, body: str) -> str:
    """Return the signature of a message sent at ``timestamp`` (seconds)."""
    key = base64.b64decode(secret.removeprefix(SECRET_MARK))
    signed = hmac.new(key, f"{message}.{timestamp}.{body}".encode(), hashlib.sha256)
    return f"v1,{base64.b64encode(signed.digest()).decode()}"


def headers(secrets: Sequence[str], message: str, now: Instant, body: str) -> dict[str, str]:
    """Return the headers of a message sent now, signed with each of a webhook's secrets."""
    timestamp = now // days.SECOND
    return {
        "Content-Type": "application/json",
        "User-Agent": "hallqueue",
        "webhook-id": message,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(sign(each, message, timestamp, body) for each in secrets),
    }


# -- what is said ------------------------------------------------------------------------------


def body(name: str, at: Instant, zone: ZoneInfo, data: dict[str, Any]) -> str:
    """Return a message as it is sent and signed."""
    said = {"type": name, "timestamp": days.iso(at, zone), "data": data}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def types_of(event: type[Event]) -> tuple[str, ...]:
    """Return what a kind of event is told as."""
    moves = issubclass(event, TicketEvent) and event not in MOVES_NOBODY_UP
    return SAID_AS.get(event, ()) + ((NEARLY,) if moves else ())


def kinds_of_events(kind: type[Event] = Event) -> Iterator[type[Event]]:
    """Yield every kind of event the house knows."""
    yield kind
    for each in kind.__subclasses__():
        yield from kinds_of_events(each)


def ticket_data(ticket: Ticket, catalogue: Catalogue) -> dict[str, Any]:
    """Return what receivers learn of a ticket: never a phone, a name or an identity number."""
    return {
        "ticket": ticket.id,
        "number": ticket.number,
        "day": ticket.day,
        "service": ticket.service,
        "service_name": catalogue.service[ticket.service].name,
    }


def event_data(event: TicketEvent, catalogue: Catalogue) -> dict[str, Any]:
    """Return what receivers learn of something that happened to a ticket."""
    data = ticket_data(event.ticket, catalogue)
    if isinstance(event, AtWindow):
        data |= window_data(event.window, event.visit, catalogue)
    if isinstance(event, TicketTaken):
        data["people_ahead"] = event.ticket.ahead_at_taking
    if isinstance(event, ServiceFinished):
        data["outcome"] = event.outcome
    return data


def rated_data(
    event: ServiceRated, ticket: Ticket, level: Level, catalogue: Catalogue
) -> dict[str, Any]:
    """Return what receivers learn of a rating: never its text, the contact or the clerk."""
    return {
        **ticket_data(ticket, catalogue),
        **window_data(event.window, event.visit, catalogue),
        "rating": event.rating,
        "level": level.value,
        "channel": event.channel,
    }


def window_data(window: int, visit: int, catalogue: Catalogue) -> dict[str, Any]:
    """Return where something happened."""
    known = catalogue.window.get(window)
    return {
        "window": window,
        "window_name": known.shown_name if known else str(window),
        "visit": visit,
    }


# -- who is told -------------------------------------------------------------------------------


def check_url(url: str) -> str:
    """Return a webhook's address, or refuse what is none."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise NotValid("bad_url", f"“{url[:60]}”不是网址。") from None
    if parts.scheme not in ("http", "https") or not host:
        raise NotValid("bad_url", "网址须以 http:// 或 https:// 开头，如 https://example.cn/hook。")
    if parts.username is not None or not url.isascii() or not url.isprintable() or " " in url:
        raise NotValid("bad_url", "网址里不能有用户名、空格或中文；中文须先转成 %E4 的样子。")
    if len(url) > LONGEST_URL:
        raise NotValid("bad_url", f"网址最多 {LONGEST_URL} 个字符。")
    if _is_no_receiver(host):
        raise NotValid("bad_url", "本地链路、组播和 0.0.0.0 这样的地址不能接收推送。")
    return url


def _is_no_receiver(host: str) -> bool:
    """Return whether an address is one that no receiver has; a hall's own network is fine.

    Behind link-local ones clouds keep the keys of their machines (169.254.169.254).
    """
    try:
        found = ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return found.is_link_local or found.is_multicast or found.is_unspecified


def check_types(names: Sequence[str]) -> tuple[str, ...]:
    """Return the types a webhook asks for, in order; none is all of them."""
    chosen = [name for each in names if (name := each.strip())]
    if strangers := [name for name in chosen if name not in TYPES]:
        known = "、".join(TYPES)
        raise NotValid("unknown_event", f"没有“{strangers[0][:40]}”，可以写：{known}。")
    return tuple(dict.fromkeys(chosen))
